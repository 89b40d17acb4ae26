//! What a reader of the message wants: its text, its HTML, what is attached, what the HTML shows.

use std::fmt;

use super::{Message, Part};

impl<'a> Message<'a> {
    /// The best text to show: the first `text/plain` leaf that is no attachment, wherever multiparts put it. Messages inside the
    /// message are not looked into.
    pub fn text_body(&self) -> Option<Part<'_>> {
        self.body_of_type("plain")
    }

    /// The best HTML to show: the first `text/html` leaf that is no attachment.
    pub fn html_body(&self) -> Option<Part<'_>> {
        self.body_of_type("html")
    }

    /// The parts that a reader would store: those whose disposition says so, messages inside the message, and leaves that are
    /// neither text to show, nor shown by a `multipart/related`, nor there for the multipart's own sake, as a signature or a
    /// delivery status is.
    pub fn attachments(&self) -> Attachments<'_> {
        Attachments {
            next: Some(self.root()),
        }
    }

    /// The part with that `Content-ID`, which HTML names as `cid:ID` (RFC 2392 §2). Given without angle brackets.
    pub fn part_by_content_id(&self, id: &str) -> Option<Part<'_>> {
        self.parts()
            .find(|part| part.content_id().is_some_and(|found| found == id))
    }

    fn body_of_type(&self, subtype: &str) -> Option<Part<'_>> {
        let mut next = Some(self.root());
        while let Some(part) = next {
            if part.is_leaf() && part.content_type().is("text", subtype) && !part.is_attachment() {
                return Some(part);
            }
            next = part.next_outside_messages();
        }
        None
    }
}

impl<'m> Part<'m> {
    /// Whether [`Message::attachments`] lists it.
    pub fn is_attachment(&self) -> bool {
        if self.is_multipart() {
            return false;
        }
        let disposition = self.content_disposition();
        if disposition
            .as_ref()
            .is_some_and(|disposition| disposition.is("attachment"))
        {
            return true;
        }
        let parent = self.parent().map(|parent| parent.content_type());
        if parent.as_ref().is_some_and(|parent| parent.is("multipart", "related")) {
            return false;
        }
        let content_type = self.content_type();
        if content_type.is("text", "plain") || content_type.is("text", "html") {
            return disposition.is_none() && self.parent().is_some() && self.file_name().is_some();
        }
        let is_in = |subtype| parent.as_ref().is_some_and(|parent| parent.is("multipart", subtype));
        !is_in("alternative")
            && !CONTROL
                .iter()
                .any(|&(outer, major, minor)| is_in(outer) && content_type.is(major, minor))
    }

    /// The next part in the order of the octets, behind what lies inside if this is a message, but for the message itself.
    fn next_outside_messages(self) -> Option<Part<'m>> {
        let index = if self.is_message() && self.index() > 0 {
            self.end_index()
        } else {
            self.index() + 1
        };
        self.at(index)
    }
}

/// Parts that their multipart needs and no reader wants: multipart, type, subtype (RFC 1847 §2, RFC 3156 §4, RFC 6522 §3).
const CONTROL: [(&str, &str, &str); 9] = [
    ("signed", "application", "pgp-signature"),
    ("signed", "application", "pkcs7-signature"),
    ("signed", "application", "x-pkcs7-signature"),
    ("encrypted", "application", "pgp-encrypted"),
    ("report", "message", "delivery-status"),
    ("report", "message", "global-delivery-status"),
    ("report", "message", "disposition-notification"),
    ("report", "message", "global-disposition-notification"),
    ("report", "message", "feedback-report"),
];

/// The attachments of a message, in the order of their octets.
#[derive(Clone)]
pub struct Attachments<'m> {
    next: Option<Part<'m>>,
}

impl<'m> Iterator for Attachments<'m> {
    type Item = Part<'m>;

    fn next(&mut self) -> Option<Part<'m>> {
        while let Some(part) = self.next {
            self.next = part.next_outside_messages();
            if part.is_attachment() {
                return Some(part);
            }
        }
        None
    }
}

impl fmt::Debug for Attachments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2046 §4.5.3, §5.1.3, §5.2.4
    #[test]
    fn unknown_types_are_mixed_or_octets() {
        let octets = b"Content-Type: multipart/x-odd; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n\
            --b\r\nContent-Type: message/x-odd\r\n\r\nSubject: x\r\n\r\ny\r\n\
            --b\r\nContent-Type: application/x-odd\r\n\r\nz\r\n--b--\r\n";
        let message = Message::parse(octets);
        assert!(message.root().is_multipart());
        assert!(message.root().children().all(|part| part.is_leaf()));
        assert_eq!(message.text_body().expect("the first part").text(), "hi");
        let attached: Vec<_> = message.attachments().map(|part| part.decode().into_owned()).collect();
        assert_eq!(attached, [&b"Subject: x\r\n\r\ny"[..], b"z"]);
    }

    /// RFC 2045 §5.2, §6.4: what says nothing is text, and what nobody can decode comes as it is.
    #[test]
    fn what_says_nothing_and_what_says_nonsense() {
        let silent = Message::parse(b"Subject: x\r\n\r\nhi\r\n");
        let charset = silent.text_body().expect("text").charset();
        assert_eq!(charset, Some(crate::Charset::US_ASCII));
        let odd = Message::parse(b"Content-Transfer-Encoding: x-odd\r\n\r\naGk=\r\n");
        assert_eq!(*odd.root().decode(), *b"aGk=\r\n");
        assert_eq!(odd.root().transfer_encoding(), None);
    }
}
