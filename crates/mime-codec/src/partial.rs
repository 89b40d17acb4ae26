//! Putting the pieces of a message/partial together (RFC 2046 §5.2.2).
//!
//! ```
//! use mime_codec::partial::{Fragment, reassemble};
//!
//! let first = Fragment {
//!     id: b"ABC@crepes.fr",
//!     number: 1,
//!     total: None,
//!     header: b"From: alice@crepes.fr\r\nSubject: song (1 of 2)\r\nContent-Type: message/partial\r\n\r\n",
//!     body: b"Subject: song\r\nContent-Type: text/plain\r\n\r\nLa la la\r\n",
//! };
//! let second = Fragment {
//!     number: 2,
//!     total: Some(2),
//!     header: b"From: alice@crepes.fr\r\nSubject: song (2 of 2)\r\n\r\n",
//!     body: b"la la\r\n",
//!     ..first
//! };
//! assert_eq!(
//!     String::from_utf8_lossy(&reassemble(&[second, first], 1_000_000)?),
//!     "From: alice@crepes.fr\r\nSubject: song\r\nContent-Type: text/plain\r\n\r\nLa la la\r\nla la\r\n"
//! );
//! # Ok::<(), mime_codec::partial::PartialError>(())
//! ```

use rfc5322::Fields;

/// One piece: a message of the type message/partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The parameter `id`, the same in all pieces.
    pub id: &'a [u8],
    /// The parameter `number`, from 1.
    pub number: u32,
    /// The parameter `total`, which the last piece must have (RFC 2046 §5.2.2).
    pub total: Option<u32>,
    /// The header section of the message that carries the piece; the empty line behind it may be missing.
    pub header: &'a [u8],
    /// Its body, with its transfer encoding undone.
    pub body: &'a [u8],
}

/// Why pieces do not make a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartialError {
    /// No pieces at all.
    #[error("there are no fragments")]
    Empty,
    /// Pieces of different messages.
    #[error("fragments of different messages")]
    Id,
    /// No piece says how many there are.
    #[error("no fragment says how many there are")]
    NoTotal,
    /// Pieces say different numbers of pieces.
    #[error("one fragment says that there are {one}, another {other}")]
    Total {
        /// What the first one said.
        one: u32,
        /// What another one said.
        other: u32,
    },
    /// A piece whose number is 0 or more than there are.
    #[error("there can be no fragment {number}")]
    Number {
        /// Its number.
        number: u32,
    },
    /// Two pieces with the same number.
    #[error("fragment {number} is there twice")]
    Duplicate {
        /// Their number.
        number: u32,
    },
    /// A piece is not there; its number is the lowest of those that are missing.
    #[error("fragment {number} is missing")]
    Missing {
        /// Its number.
        number: u32,
    },
    /// The pieces have more octets than the caller allows.
    #[error("the fragments have more than {limit} octets")]
    TooLarge {
        /// The limit, in octets.
        limit: usize,
    },
}

/// Makes the message of its pieces, which may come in any order. The bodies and the first header may have `limit` octets together;
/// the message has few more.
///
/// Its header has the fields of the message that carried the first piece, but for Subject, Message-ID, Encrypted, MIME-Version and
/// all that begin with `Content-`; these come from the start of the first piece itself, whose other fields are dropped
/// (RFC 2046 §5.2.2.1). A piece in the middle that does not end with a line end gets one, as messages are split at line ends only.
///
/// # Errors
///
/// [`PartialError`], when pieces are missing, doubled, of different messages, or too large together.
pub fn reassemble(fragments: &[Fragment<'_>], limit: usize) -> Result<Vec<u8>, PartialError> {
    let sorted = check(fragments)?;
    let bodies: usize = sorted.iter().map(|fragment| fragment.body.len()).sum();
    let size = bodies + sorted.first().map_or(0, |first| first.header.len());
    if size > limit {
        return Err(PartialError::TooLarge { limit });
    }
    let mut message = Vec::with_capacity(size + 2 * sorted.len());
    for (index, fragment) in sorted.iter().enumerate() {
        let body = match index {
            0 => put_header(fragment, &mut message),
            _ => fragment.body,
        };
        message.extend_from_slice(body);
        if index + 1 < sorted.len() && !message.ends_with(b"\n") {
            message.extend_from_slice(b"\r\n");
        }
    }
    Ok(message)
}

/// The pieces in order, each of them there.
fn check<'a, 'f>(fragments: &'f [Fragment<'a>]) -> Result<Vec<&'f Fragment<'a>>, PartialError> {
    let first = fragments.first().ok_or(PartialError::Empty)?;
    if fragments.iter().any(|fragment| fragment.id != first.id) {
        return Err(PartialError::Id);
    }
    let mut totals = fragments.iter().filter_map(|fragment| fragment.total);
    let total = totals.next().ok_or(PartialError::NoTotal)?;
    if let Some(other) = totals.find(|&other| other != total) {
        return Err(PartialError::Total { one: total, other });
    }
    let mut sorted: Vec<_> = fragments.iter().collect();
    sorted.sort_by_key(|fragment| fragment.number);
    let mut expected = 1;
    for fragment in &sorted {
        let number = fragment.number;
        if number == 0 || number > total {
            return Err(PartialError::Number { number });
        }
        if number < expected {
            return Err(PartialError::Duplicate { number });
        }
        if number > expected {
            return Err(PartialError::Missing { number: expected });
        }
        expected = number.saturating_add(1);
    }
    match u32::try_from(sorted.len()) {
        Ok(count) if count == total => Ok(sorted),
        _ => Err(PartialError::Missing { number: expected }),
    }
}

/// Merges the headers around and inside the first piece, and gives back the body behind the inner one.
fn put_header<'a>(fragment: &Fragment<'a>, message: &mut Vec<u8>) -> &'a [u8] {
    for (name, field) in fields(&mut Fields::new(fragment.header)) {
        if !belongs_inside(name) {
            put_field(field, message);
        }
    }
    let mut inner = Fields::new(fragment.body);
    for (name, field) in fields(&mut inner) {
        if belongs_inside(name) {
            put_field(field, message);
        }
    }
    message.extend_from_slice(b"\r\n");
    &fragment.body[inner.body()..]
}

fn fields<'a>(fields: &mut Fields<'a>) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    fields.flatten().map(|field| (field.name.as_bytes(), field.raw))
}

/// Whether the field is the message's own, not that of what carries its first piece.
fn belongs_inside(name: &[u8]) -> bool {
    let own = |known: &&[u8]| name.eq_ignore_ascii_case(known);
    name.get(..CONTENT.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(CONTENT))
        || OWN.iter().any(own)
}

/// The last field of a header without an empty line may lack its line end.
fn put_field(field: &[u8], message: &mut Vec<u8>) {
    message.extend_from_slice(field);
    if !field.ends_with(b"\n") {
        message.extend_from_slice(b"\r\n");
    }
}

const CONTENT: &[u8] = b"Content-";
const OWN: [&[u8]; 4] = [b"Subject", b"Message-ID", b"Encrypted", b"MIME-Version"];

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(number: u32, total: Option<u32>) -> Fragment<'static> {
        Fragment {
            id: b"x",
            number,
            total,
            header: b"X-One: 1\r\nsubject: outer\r\nContent-Type: message/partial\r\nMessage-ID: <o>\r\nTo: b\r\n\r\n",
            body: b"X-Two: 2\r\nSUBJECT: inner\r\nMIME-Version: 1.0\r\nEncrypted: x\r\ncontent-id: <i>\r\n\r\nBody\r\n",
        }
    }

    #[test]
    fn headers_merge() {
        let second = Fragment {
            body: b"\r\nmore",
            ..fragment(2, Some(2))
        };
        let message = reassemble(&[fragment(1, Some(2)), second], 1000).unwrap();
        assert_eq!(
            String::from_utf8(message).unwrap(),
            "X-One: 1\r\nTo: b\r\nSUBJECT: inner\r\nMIME-Version: 1.0\r\nEncrypted: x\r\ncontent-id: <i>\r\n\r\nBody\r\n\r\nmore"
        );
        let unterminated = Fragment {
            header: b"To: b",
            body: b"Subject: s\n\nno end",
            ..fragment(1, None)
        };
        let message = reassemble(&[unterminated, second], 1000).unwrap();
        assert_eq!(
            String::from_utf8(message).unwrap(),
            "To: b\r\nSubject: s\n\r\nno end\r\n\r\nmore"
        );
    }

    #[test]
    fn what_makes_no_message() {
        let (one, two) = (fragment(1, None), fragment(2, Some(2)));
        let other = Fragment { id: b"y", ..two };
        let cases: [(&[Fragment], PartialError); 9] = [
            (&[], PartialError::Empty),
            (&[one, other], PartialError::Id),
            (&[one], PartialError::NoTotal),
            (&[two, fragment(1, Some(3))], PartialError::Total { one: 2, other: 3 }),
            (&[fragment(0, None), two], PartialError::Number { number: 0 }),
            (&[one, two, fragment(3, None)], PartialError::Number { number: 3 }),
            (&[one, two, one], PartialError::Duplicate { number: 1 }),
            (&[two], PartialError::Missing { number: 1 }),
            (&[fragment(1, Some(u32::MAX))], PartialError::Missing { number: 2 }),
        ];
        for (fragments, expected) in cases {
            assert_eq!(reassemble(fragments, 1000), Err(expected));
        }
        let message = reassemble(&[one, two], 1000).unwrap();
        let limit = one.header.len() + one.body.len() + two.body.len();
        assert!(message.len() <= limit);
        assert_eq!(reassemble(&[one, two], limit), Ok(message));
        assert_eq!(
            reassemble(&[one, two], limit - 1),
            Err(PartialError::TooLarge { limit: limit - 1 })
        );
        assert_eq!(reassemble(&[one, two], 50), Err(PartialError::TooLarge { limit: 50 }));
    }
}
