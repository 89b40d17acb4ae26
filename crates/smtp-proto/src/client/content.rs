//! What a message consists of, as far as its transport must know.

use core::str;

use mail_wire::bare_line_end;

use crate::BodyType;

/// Facts about a message that decide how it may be sent: `SIZE=` (RFC 1870), `BODY=` (RFC 6152, RFC 3030), `SMTPUTF8`
/// (RFC 6531).
///
/// ```
/// # use smtp_proto::{BodyType, client::Content};
/// let content = Content::of("Subject: Grüße\r\n\r\nAt noon?\r\n".as_bytes());
/// assert_eq!(content.size(), Some(30));
/// assert_eq!(content.body(), Some(BodyType::EightBitMime));
/// assert!(content.is_international());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    size: Option<u64>,
    body: Option<BodyType>,
    header: Header,
    lines: Lines,
}

/// What is known of the header section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Header {
    #[default]
    Plain,
    /// It has UTF-8.
    International,
}

/// What is known of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lines {
    /// They end with CRLF, or shall.
    #[default]
    Text,
    /// As `Text`, and some have more than 998 octets.
    Long,
    /// What looks like a line end may be none: nothing is normalised.
    Binary,
}

impl Content {
    /// Nothing is known: the message goes as text, without `SIZE=` and `BODY=`.
    pub const fn unknown() -> Self {
        Self {
            size: None,
            body: None,
            header: Header::Plain,
            lines: Lines::Text,
        }
    }

    /// Looks at each octet of a message.
    ///
    /// The size counts each bare CR or LF as the CRLF that it becomes. NUL needs BINARYMIME, lines of more than 998 octets do
    /// too (RFC 2045 §2.8), and UTF-8 in the header section SMTPUTF8. A bare line end does not: it is a fault of a
    /// text far more often than binary data, so that binary data is called so by [`with_body`](Self::with_body).
    pub fn of(message: &[u8]) -> Self {
        let lines = match longest_line(message) > LONGEST_LINE {
            true => Lines::Long,
            false => Lines::Text,
        };
        let body = match () {
            () if message.contains(&0) => BodyType::BinaryMime,
            () if message.is_ascii() => BodyType::SevenBit,
            () => BodyType::EightBitMime,
        };
        let header = header_section(message);
        let international = !header.is_ascii() && str::from_utf8(header).is_ok();
        Self {
            size: Some(message.len() as u64 + missing_octets(message)),
            body: Some(body),
            header: if international {
                Header::International
            } else {
                Header::Plain
            },
            lines,
        }
    }

    /// The size in octets, with CRLF line ends and without stuffed dots, so far as it is known (RFC 1870 §5).
    #[must_use]
    pub const fn with_size(mut self, octets: u64) -> Self {
        self.size = Some(octets);
        self
    }

    /// What octets the body consists of. [`BodyType::BinaryMime`] promises that all of the message is meant as it is: bare
    /// line ends are neither refused nor normalised.
    #[must_use]
    pub const fn with_body(mut self, body: BodyType) -> Self {
        self.body = Some(body);
        if matches!(body, BodyType::BinaryMime) {
            self.lines = Lines::Binary;
        }
        self
    }

    /// The header section has UTF-8 (RFC 6532): SMTPUTF8 is needed.
    #[must_use]
    pub const fn with_international_header(mut self) -> Self {
        self.header = Header::International;
        self
    }

    /// Octets, if known.
    pub const fn size(&self) -> Option<u64> {
        self.size
    }

    /// The least of the body types that holds it, if known.
    pub const fn body(&self) -> Option<BodyType> {
        self.body
    }

    /// Whether the header section has UTF-8.
    pub const fn is_international(&self) -> bool {
        matches!(self.header, Header::International)
    }

    /// Whether a line has more than 998 octets, so far as that is known (RFC 5321 §4.5.3.1.6).
    pub const fn has_long_lines(&self) -> bool {
        matches!(self.lines, Lines::Long)
    }

    /// Whether the octets go as they are.
    pub(super) const fn is_binary(&self) -> bool {
        matches!(self.lines, Lines::Binary)
    }
}

fn longest_line(message: &[u8]) -> usize {
    let lines = message.split(|&octet| octet == b'\n');
    let lengths = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).len());
    lengths.max().unwrap_or_default()
}

/// Up to the first empty line.
fn header_section(message: &[u8]) -> &[u8] {
    let mut at = 0;
    for line in message.split_inclusive(|&octet| octet == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        at += line.len();
    }
    &message[..at]
}

/// How many octets are added when each bare CR or LF becomes CRLF.
fn missing_octets(message: &[u8]) -> u64 {
    let (mut rest, mut missing) = (message, 0);
    while let Some(at) = bare_line_end(rest) {
        missing += 1;
        rest = &rest[at + 1..];
    }
    missing
}

/// Octets of a line without its CRLF (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_least_body_type_that_holds_it() {
        let body = |message: &[u8]| Content::of(message).body().expect("looked at");
        assert_eq!(body(b"a: b\r\n\r\nc\r\n"), BodyType::SevenBit);
        assert_eq!(body(b"a: b\r\n\r\n\xff\r\n"), BodyType::EightBitMime);
        assert_eq!(body(b"a: b\r\n\r\n\0\r\n"), BodyType::BinaryMime);
        assert_eq!(body(b""), BodyType::SevenBit);
    }

    #[test]
    fn only_the_header_section_is_international() {
        let international = |message: &[u8]| Content::of(message).is_international();
        assert!(international("a: ü\r\n\r\nc\r\n".as_bytes()));
        assert!(international("a: b\r\nc: ü".as_bytes()));
        assert!(!international("a: b\r\n\r\nü\r\n".as_bytes()));
        assert!(!international("a: b\n\nü\n".as_bytes()));
        assert!(!international(b"a: \xff\r\n\r\n"), "no UTF-8");
    }

    #[test]
    fn long_lines_are_longer_than_998() {
        for (length, long) in [(998, false), (999, true)] {
            for end in [&b"\r\n"[..], b"\n", b""] {
                let line = [&vec![b'x'; length][..], end].concat();
                assert_eq!(Content::of(&line).has_long_lines(), long, "{length} {end:?}");
            }
        }
    }

    #[test]
    fn sizes_are_those_of_the_normalised_message() {
        for (message, size) in [
            (&b"a\r\nb\r\n"[..], 6),
            (b"a\nb\n", 6),
            (b"a\rb\r", 6),
            (b"\n\r", 4),
            (b"\r\r\n", 4),
            (b"", 0),
        ] {
            assert_eq!(Content::of(message).size(), Some(size), "{message:?}");
        }
    }
}
