//! The keywords that a client knows of: those that the mailbox has when it is selected, and what is told in front of others
//! (RFC 9051 §7.3.5).

use imap_proto::{Code, Data, Fetch, FetchItem, Flag};
use mail_tokio::imap::ServerError;

use super::ImapDialogue;
use super::failure::Failure;
use super::values::system_flag;
use crate::store;

/// Keywords, in the order in which they were met.
#[derive(Default)]
pub(super) struct Keywords(Vec<Flag<'static>>);

impl Keywords {
    pub(super) fn new(keywords: &[store::Keyword]) -> Self {
        let flags = keywords.iter().map(|keyword| Flag::new(keyword.as_str().to_owned()));
        Self(flags.filter_map(Result::ok).collect())
    }

    /// The flags that the mailbox knows: FLAGS.
    pub(super) fn with_system_flags(&self) -> Vec<Flag<'static>> {
        let system = store::Flag::ALL.map(system_flag).into_iter();
        system.chain(self.0.iter().cloned()).collect()
    }

    /// Whether clients may give the mailbox another one.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() < MOST
    }

    pub(super) fn as_slice(&self) -> &[Flag<'static>] {
        &self.0
    }

    /// Takes keywords in; returns whether one of them is new.
    fn learn(&mut self, flags: &[Flag<'_>]) -> bool {
        let before = self.0.len();
        for flag in flags {
            let Flag::Keyword(name) = flag else { continue };
            let is_it = |known: &Flag<'_>| matches!(known, Flag::Keyword(known) if known.as_str().eq_ignore_ascii_case(name.as_str()));
            if !self.0.iter().any(is_it) && self.0.len() < MOST {
                self.0.extend(Flag::new(name.as_str().to_owned()).ok());
            }
        }
        self.0.len() > before
    }
}

impl ImapDialogue {
    /// Whether the mailbox has these keywords, or room for them.
    pub(super) async fn has_keyword_room(
        &mut self,
        mailbox: &store::Mailbox,
        new: &[store::Keyword],
    ) -> Result<(), Failure> {
        if new.is_empty() {
            return Ok(());
        }
        let mut all = self.host.store.keywords(mailbox).await?;
        let before = all.len();
        for keyword in new {
            if !all.contains(keyword) {
                all.push(keyword.clone());
            }
        }
        match all.len() == before || all.len() <= MOST {
            true => Ok(()),
            false => Err(Failure::no("the mailbox has too many keywords", Code::Limit)),
        }
    }

    /// Tells a message's items, and before it uses a keyword for the first time, that there is one.
    pub(super) async fn send_fetch(&mut self, fetch: Fetch<'_>) -> Result<(), ServerError> {
        if let Some(selected) = &mut self.selected {
            let mut is_new = false;
            for item in fetch.items() {
                if let FetchItem::Flags(flags) = item {
                    is_new |= selected.keywords.learn(flags);
                }
            }
            if is_new {
                let flags = selected.keywords.with_system_flags();
                self.session.send(Data::Flags(flags)).await?;
            }
        }
        self.session.send(Data::Fetch(fetch)).await
    }
}

/// Keywords that a mailbox has. Beyond it, clients can give it no new ones, and where two of them were at it together, it has some more
/// that are not told of.
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_new_once() {
        let mut keywords = Keywords::new(&[store::Keyword::new("$Work").unwrap()]);
        let flag = |name: &str| Flag::new(name.to_owned()).unwrap();
        assert!(!keywords.learn(&[Flag::Seen, flag("$WORK")]));
        assert!(keywords.learn(&[flag("$Play"), Flag::Seen]));
        assert!(!keywords.learn(&[flag("$play"), Flag::Recent]));
        let names: Vec<_> = keywords.with_system_flags().iter().map(Flag::to_string).collect();
        assert_eq!(names[5..], ["$Work", "$Play"]);
    }
}
