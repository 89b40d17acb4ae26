//! Which messages of an account belong to one conversation (RFC 8474 §5.2).
//!
//! An account remembers of each message identifier that it has met, as a message's own or in its references, the conversation
//! that it belongs to. A message joins the one of what it answers; so neither the order in which messages come matters nor the
//! mailboxes in which they are. What a message was given once it keeps.

use imap_mailbox::ThreadFacts;
use imap_proto::{Date, DateTime};
use sha2::{Digest, Sha256};

/// The identifiers that a message names, as numbers: what it answers, the nearest first, then its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links(Vec<i64>);

/// References that count; those between the first and the last so many are passed over.
const REFERENCES: usize = 32;

impl Links {
    /// From the beginning of a message; what stands behind its header section is not looked at.
    pub(super) fn of(beginning: &[u8]) -> Self {
        // Nothing of a date is of interest here.
        let Ok(date) = Date::new(1970, 1, 1).and_then(|date| DateTime::new(date, 0, 0, 0, 0)) else {
            return Self::default();
        };
        let facts = ThreadFacts::of(beginning, date);
        let mut references: Vec<&[u8]> = facts.references.iter().map(|id| &**id).collect();
        if references.len() > REFERENCES {
            let last = references.len() + 1 - REFERENCES;
            references.drain(1..last);
        }
        let nearest_first = references.into_iter().rev();
        Self(nearest_first.chain(facts.message_id.as_deref()).map(number).collect())
    }

    pub(super) fn numbers(&self) -> &[i64] {
        &self.0
    }

    /// As JSON, for a statement that takes any number of them as one parameter.
    pub(super) fn json(&self) -> String {
        let numbers: Vec<String> = self.0.iter().map(i64::to_string).collect();
        format!("[{}]", numbers.join(","))
    }
}

/// Whoever makes two identifiers of one number has put two of their messages into one conversation.
fn number(id: &[u8]) -> i64 {
    let digest = Sha256::digest(id);
    digest
        .iter()
        .take(8)
        .fold(0, |number, octet| number << 8 | i64::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_what_a_header_names() {
        let links = |header: &str| Links::of(header.as_bytes()).0;
        let one = |id: &str| number(id.as_bytes());
        let reply = "Message-ID: <3@x>\r\nReferences: <1@x>\r\n <2@x>\r\nIn-Reply-To: <9@x>\r\n\r\n<body@x>";
        assert_eq!(links(reply), [one("2@x"), one("1@x"), one("3@x")]);
        assert_eq!(links("In-Reply-To: <9@x>\r\n\r\n"), [one("9@x")]);
        assert_eq!(links("Subject: x\r\n\r\nMessage-ID: <1@x>\r\n"), [0; 0]);
        assert_eq!(links(""), [0; 0]);
        let many: String = (0..1000).map(|number| format!("<{number}@x>\r\n ")).collect();
        let many = links(&format!("References: {many}\r\n\r\n"));
        assert_eq!((many.len(), many[0], many[31]), (REFERENCES, one("999@x"), one("0@x")));
        assert_eq!(many[30], one("969@x"));
        assert_eq!(Links(vec![-1, i64::MAX]).json(), "[-1,9223372036854775807]");
    }
}
