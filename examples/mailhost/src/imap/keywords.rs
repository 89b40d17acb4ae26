//! The keywords that a client knows of: those that the mailbox has when it is selected, and what is told in front of others
//! (RFC 9051 §7.3.5).

use imap_proto::{Code, Data, Fetch, FetchItem, Flag, Right, Rights};
use mail_tokio::imap::ServerError;

use super::ImapDialogue;
use super::access::right_for;
use super::failure::Failure;
use super::values::{keyword_flags, system_flag};
use crate::store;

/// Keywords, in the order in which they were met.
#[derive(Default)]
pub(super) struct Keywords(Vec<Flag<'static>>);

impl Keywords {
    pub(super) fn new(keywords: &[store::Keyword]) -> Self {
        Self(keyword_flags(keywords))
    }

    /// The flags that the mailbox knows: FLAGS.
    pub(super) fn with_system_flags(&self) -> Vec<Flag<'static>> {
        let system = store::Flag::ALL.map(system_flag).into_iter();
        system.chain(self.0.iter().cloned()).collect()
    }

    /// Those of all flags that the rights let a client change; `\*` while it may give the mailbox another keyword.
    pub(super) fn permanent(&self, rights: Rights) -> Vec<Flag<'static>> {
        let system = store::Flag::ALL.into_iter();
        let system = system.filter(|flag| rights.contains(right_for(*flag)));
        let mut flags: Vec<_> = system.map(system_flag).collect();
        if rights.contains(Right::WRITE) {
            flags.extend_from_slice(&self.0);
            if self.has_room() {
                flags.push(Flag::AnyKeyword);
            }
        }
        flags
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether clients may give the mailbox another one.
    fn has_room(&self) -> bool {
        self.0.len() < MOST
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
        for item in fetch.items() {
            if let FetchItem::Flags(flags) = item {
                self.tell_keywords(flags).await?;
            }
        }
        self.session.send(Data::Fetch(fetch)).await
    }

    /// Tells which flags the mailbox has, if some of these are new; and when there is room for no more, that, too (RFC 9051 §7.1).
    pub(super) async fn tell_keywords(&mut self, flags: &[Flag<'_>]) -> Result<(), ServerError> {
        let Some(selected) = &mut self.selected else {
            return Ok(());
        };
        if !selected.keywords.learn(flags) {
            return Ok(());
        }
        let all = Data::Flags(selected.keywords.with_system_flags());
        let full = (!selected.keywords.has_room()).then(|| selected.permanent_flags());
        self.session.send(all).await?;
        match full {
            Some(permanent) => self.session.send(permanent).await,
            None => Ok(()),
        }
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
