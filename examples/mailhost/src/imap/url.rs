//! IMAP URLs that refer to messages (RFC 5092): what CATENATE puts together.

use core::num::{NonZeroU32, NonZeroU64};

use imap_mailbox::message::{SectionReader, Summary};
use imap_proto::{FetchAttribute, FetchSelection, Partial, Right, Section};

use super::ImapDialogue;
use super::failure::Failure;
use super::fetch_reader::StoredMessage;
use super::values::validity;
use crate::store::{Mailbox, StoreError, Uid};

/// A message, or a part of it.
///
/// ```text
/// [imap://iserver]/mailbox[;UIDVALIDITY=nz-number]/;UID=nz-number[/;SECTION=section][/;PARTIAL=number[.nz-number]]
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MessageUrl {
    /// `user@host`, where the URL is absolute.
    pub(super) server: Option<String>,
    /// The mailbox as the client calls it; none is the one that is selected.
    pub(super) mailbox: Option<String>,
    pub(super) uid_validity: Option<NonZeroU32>,
    pub(super) uid: Uid,
    pub(super) section: Section<'static>,
    pub(super) partial: Option<Partial>,
}

impl MessageUrl {
    /// `None` where it refers to no message.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (server, path) = match url.split_at_checked(7) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("imap://") => {
                let (server, path) = rest.split_at(rest.find('/')?);
                (Some(server.to_owned()), path)
            }
            _ => (None, url),
        };
        let (mailbox, message) = mailbox_of(path)?;
        let (mailbox, uid_validity) = match mailbox.map(|mailbox| split_parameter(mailbox, ";UIDVALIDITY=")) {
            None => (None, None),
            Some((name, None)) => (Some(decode(name)?), None),
            Some((name, Some(validity))) => (Some(decode(name)?), Some(validity.parse().ok()?)),
        };
        let mut levels = message.split("/;");
        let uid = levels.next()?.parse().ok()?;
        let (mut section, mut partial) = (String::new(), None);
        for level in levels {
            let (name, value) = level.split_once('=')?;
            match name.to_ascii_uppercase().as_str() {
                "SECTION" if partial.is_none() => section = decode(value)?,
                "PARTIAL" if partial.is_none() => partial = Some(range(value)?),
                _ => return None,
            }
        }
        Some(Self {
            server,
            mailbox,
            uid_validity,
            uid,
            section: section_of(&section)?,
            partial,
        })
    }
}

/// The mailbox, and what follows `;UID=`.
fn mailbox_of(path: &str) -> Option<(Option<&str>, &str)> {
    if let (none, Some(message)) = split_parameter(path, ";UID=") {
        return none.is_empty().then_some((None, message)).or_else(|| {
            let mailbox = none.strip_suffix('/')?;
            let mailbox = mailbox.strip_prefix('/').unwrap_or(mailbox);
            Some((Some(mailbox).filter(|mailbox| !mailbox.is_empty()), message))
        });
    }
    None
}

/// What stands in front of a parameter, and its value up to the end.
fn split_parameter<'u>(text: &'u str, name: &str) -> (&'u str, Option<&'u str>) {
    let is_here = |at: &usize| {
        let found = text.get(*at..*at + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    match text.match_indices(';').map(|(at, _)| at).find(is_here) {
        Some(at) => (&text[..at], Some(&text[at + name.len()..])),
        None => (text, None),
    }
}

/// `%2F` and the like. Names in URLs are UTF-8 (RFC 5092 §4).
pub(super) fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            other => other,
        });
    }
    String::from_utf8(octets).ok()
}

/// `offset` or `offset.length`
fn range(value: &str) -> Option<Partial> {
    let (offset, length) = match value.split_once('.') {
        Some((offset, length)) => (offset, length.parse().ok()?),
        None => (value, NonZeroU64::MAX),
    };
    Some(Partial {
        offset: offset.parse().ok()?,
        length,
    })
}

/// A section is spelled as FETCH has it.
fn section_of(section: &str) -> Option<Section<'static>> {
    use imap_proto::IntoBoundedStatic as _;
    let wire = format!("BODY.PEEK[{section}]");
    let FetchSelection::Attributes(attributes) = FetchSelection::parse(wire.as_bytes()).ok()? else {
        return None;
    };
    match attributes.into_vec().pop()? {
        FetchAttribute::BodySection { section, .. } => Some(section.into_static()),
        _ => None,
    }
}

impl ImapDialogue {
    /// What a URL refers to, if the user has it here.
    pub(super) async fn open_url(&mut self, url: &str) -> Result<Option<(StoredMessage, SectionReader)>, Failure> {
        match MessageUrl::parse(url) {
            // Other servers, and other users' rights there, are none of ours.
            Some(url) if url.server.is_none() => self.open_message(&url).await,
            _ => Ok(None),
        }
    }

    async fn open_message(&mut self, url: &MessageUrl) -> Result<Option<(StoredMessage, SectionReader)>, Failure> {
        let mailbox = match (&url.mailbox, &self.selected) {
            (Some(name), _) => {
                let Ok(name) = imap_proto::Mailbox::new(name) else {
                    return Ok(None);
                };
                match self.permitted(&name, Right::READ).await {
                    Ok((mailbox, _)) => mailbox,
                    Err(Failure::Refused(_)) => return Ok(None),
                    Err(broken) => return Err(broken),
                }
            }
            (None, Some(selected)) => selected.mailbox.clone(),
            (None, None) => return Ok(None),
        };
        let opened = self.open_in(mailbox, url).await?;
        Ok(opened.and_then(|(source, summary)| {
            let reader = summary.section(&url.section, url.partial)?;
            Some((source, reader))
        }))
    }

    /// The message to which a URL refers, in a mailbox that may be read.
    pub(super) async fn open_in(
        &mut self,
        mailbox: Mailbox,
        url: &MessageUrl,
    ) -> Result<Option<(StoredMessage, Summary)>, Failure> {
        let store = self.host.store.clone();
        let status = match store.status(&mailbox).await {
            Ok(status) => status,
            Err(StoreError::NoMailbox) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if url
            .uid_validity
            .is_some_and(|asked| asked != validity(status.uid_validity))
        {
            return Ok(None);
        }
        let uids = imap_mailbox::Uids::between(url.uid, url.uid);
        let Some(message) = store.messages(&mailbox, &uids).await?.pop() else {
            return Ok(None);
        };
        let kept = store.summaries(&mailbox, &uids).await?.pop();
        let mut source = StoredMessage::new(store, mailbox, url.uid, message.size);
        let summary = match kept.and_then(|(_, octets)| Summary::from_bytes(&octets).ok()) {
            Some(summary) => summary,
            None => source.summarize().await?,
        };
        Ok(Some((source, summary)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(number: u32) -> Uid {
        Uid::new(number).unwrap()
    }

    #[test]
    fn messages_and_their_parts() {
        let url = MessageUrl::parse("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME").unwrap();
        assert_eq!((url.mailbox.as_deref(), url.uid), (Some("Drafts"), uid(20)));
        assert_eq!(url.uid_validity, NonZeroU32::new(385_759_045));
        assert!(matches!(url.section, Section::Mime(_)) && url.partial.is_none());

        let url = MessageUrl::parse("imap://bob@example.org/Entw%C3%BCrfe%2F2026/;UID=7/;PARTIAL=10.20").unwrap();
        assert_eq!(url.server.as_deref(), Some("bob@example.org"));
        assert_eq!(url.mailbox.as_deref(), Some("Entwürfe/2026"));
        assert_eq!(
            url.partial.map(|partial| (partial.offset, partial.length.get())),
            Some((10, 20))
        );

        let url = MessageUrl::parse(";UID=3/;SECTION=HEADER.FIELDS%20(Subject)").unwrap();
        assert!(url.mailbox.is_none() && matches!(url.section, Section::HeaderFields(None, _)));
    }

    #[test]
    fn what_refers_to_no_message() {
        for url in [
            "",
            "/",
            "/INBOX",
            "/INBOX/;UID=",
            "/INBOX/;UID=0",
            "/INBOX/;UID=1/;SECTION=x",
            "/INBOX/;UID=1/;PARTIAL=1.0",
            "/INBOX/;UID=1/;PARTIAL=a",
            "/IN%",
            "/IN%2/;UID=1",
            "/IN%ff/;UID=1",
            "/a;UIDVALIDITY=0/;UID=1",
            "imap://x",
            "/INBOX;UID=1",
            "/INBOX/;UID=1/;SECTION=1/;UID=2",
            "/INBOX/;UID=1;x=y",
        ] {
            assert_eq!(MessageUrl::parse(url), None, "{url}");
        }
    }
}
