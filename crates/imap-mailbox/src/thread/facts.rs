//! What messages are put into threads by.

use std::borrow::Cow;

use imap_proto::DateTime;
use mime_codec::rfc5322::{MsgIdList, RawMsgId};
use mime_codec::{base_subject, decode_text};

use crate::message::{KeptField, KeptHeader};
use crate::{Collation, CollationKey, sent_date};

/// What a message's header says of its thread. A store can keep it beside the message: it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ThreadFacts {
    /// The sent date (RFC 5256 §2.2), in seconds since 1970-01-01T00:00:00Z.
    pub sent: i64,
    /// The base subject (RFC 5256 §2.1).
    pub subject: CollationKey,
    /// Whether the subject is that of a reply or a forward.
    pub is_reply_or_forward: bool,
    /// The Message-ID without brackets and quotes, if it is valid.
    pub message_id: Option<Box<[u8]>>,
    /// What the message answers, the oldest first: the valid identifiers of References, or else the first of In-Reply-To.
    pub references: Vec<Box<[u8]>>,
}

impl ThreadFacts {
    /// From the header section of a message; what stands behind it is not looked at.
    pub fn of(header: &[u8], internal_date: DateTime) -> Self {
        Self::of_fields(KeptField::in_header(header), internal_date)
    }

    /// From the header fields that were kept of a message.
    pub fn of_kept(header: KeptHeader<'_>, internal_date: DateTime) -> Self {
        Self::of_fields(header.fields(), internal_date)
    }

    fn of_fields<'v>(fields: impl Iterator<Item = (KeptField, &'v [u8])>, internal_date: DateTime) -> Self {
        let mut facts = Self {
            sent: internal_date.unix_seconds(),
            ..Self::default()
        };
        let names = [
            KeptField::Date,
            KeptField::Subject,
            KeptField::MessageId,
            KeptField::References,
            KeptField::InReplyTo,
        ];
        let mut values = [None; 5];
        for (field, value) in fields {
            if let Some(at) = names.iter().position(|name| *name == field) {
                values[at].get_or_insert(value);
            }
        }
        let [date, subject, message_id, references, in_reply_to] = values;
        if let Some(sent) = date.and_then(sent_date::unix_seconds) {
            facts.sent = sent;
        }
        if let Some(subject) = subject {
            let base = base_subject(&decode_text(subject).text);
            facts.subject = Collation::UnicodeCasemap.key(&base.text);
            facts.is_reply_or_forward = base.is_reply_or_forward;
        }
        facts.message_id = message_id.and_then(|value| ids(value).into_iter().next());
        facts.references = references.map(ids).unwrap_or_default();
        if facts.references.is_empty() {
            facts.references = in_reply_to.map(ids).unwrap_or_default();
            facts.references.truncate(1);
        }
        facts
    }
}

/// The valid identifiers of a field.
fn ids(value: &[u8]) -> Vec<Box<[u8]>> {
    let list = MsgIdList::parse(value);
    list.iter().filter_map(|id| normal(value, id)).collect()
}

/// An identifier in the form in which it is compared: without white space and quoting. It stands in angle brackets and has an `@` with
/// something on both sides.
fn normal(value: &[u8], id: &RawMsgId<'_>) -> Option<Box<[u8]>> {
    let is_bracketed = id.offset() > 0 && value.get(id.offset() - 1) == Some(&b'<');
    let text = id.text();
    let at = text.iter().rposition(|octet| *octet == b'@')?;
    let (left, right) = (unquoted(&text[..at]), &text[at + 1..]);
    if !is_bracketed || left.is_empty() || right.is_empty() {
        return None;
    }
    Some([&*left, b"@", right].concat().into())
}

/// Without quotes, and without the backslashes between them.
fn unquoted(left: &[u8]) -> Cow<'_, [u8]> {
    if !left.contains(&b'"') {
        return Cow::Borrowed(left);
    }
    let mut octets = left.iter();
    let mut kept = Vec::with_capacity(left.len());
    while let Some(octet) = octets.next() {
        match octet {
            b'"' => {}
            b'\\' => kept.extend(octets.next()),
            octet => kept.push(*octet),
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_proto::Date;

    fn facts(header: &str) -> ThreadFacts {
        let arrival = DateTime::new(Date::new(2003, 7, 1).unwrap(), 0, 0, 0, 0).unwrap();
        ThreadFacts::of(header.replace('\n', "\r\n").as_bytes(), arrival)
    }

    fn text(ids: &[Box<[u8]>]) -> Vec<String> {
        ids.iter().map(|id| String::from_utf8(id.to_vec()).unwrap()).collect()
    }

    #[test]
    fn references_come_from_the_first_field_that_has_some() {
        let cases: &[(&str, &[&str])] = &[
            ("References: <1@a> <2@a>\nIn-Reply-To: <3@a>\n\n", &["1@a", "2@a"]),
            ("References:\nIn-Reply-To: <3@a> <4@a>\n\n", &["3@a"]),
            ("References: none\nIn-Reply-To: <3@a>\n\n", &["3@a"]),
            (
                "References: <nothing> <@> <x@>\nIn-Reply-To: your mail <3@a> of alice@b.c\n\n",
                &["3@a"],
            ),
            ("In-Reply-To: your mail <bad> <3@a>\n\n", &["3@a"]),
            ("In-Reply-To: bob@hamburger.edu\n\n", &[]),
            ("References: <\"1\"@a> <\"a\\\"b\"@a>\n\n", &["1@a", "a\"b@a"]),
            ("References: <1@a>\n <2@\n a>\n\n", &["1@a", "2@a"]),
            ("Subject: x\n\n", &[]),
        ];
        for (header, expected) in cases {
            assert_eq!(text(&facts(header).references), *expected, "{header}");
        }
    }

    #[test]
    fn identifiers_are_normal_and_valid_or_missing() {
        let id = |header: &str| facts(header).message_id.map(|id| String::from_utf8(id.into()).unwrap());
        assert_eq!(
            id("Message-ID: <\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>\n\n"),
            id("Message-ID: <01KF8JCEOCBS0045PS@xxx.yyy.com>\n\n")
        );
        assert_eq!(
            id("Message-ID: <Ab@C>\n\n").as_deref(),
            Some("Ab@C"),
            "compared with their case"
        );
        for invalid in [
            "Message-ID: <x>\n\n",
            "Message-ID: a@b\n\n",
            "Message-ID:\n\n",
            "Subject: <a@b>\n\n",
        ] {
            assert_eq!(id(invalid), None, "{invalid}");
        }
    }
}
