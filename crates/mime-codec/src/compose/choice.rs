//! Which transfer encoding a body needs (RFC 2045 §6.2, §6.3).

use super::{BodyKind, Transport};
use crate::TransferEncoding;

/// What matters of a body for the choice.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits {
    octets: usize,
    /// Octets above 127.
    high: usize,
    /// Control characters but TAB, CR and LF.
    controls: usize,
    longest_line: usize,
    /// A CR or LF that is no CRLF.
    has_bare_line_end: bool,
    /// A line that mailbox files would change: it begins with `From `.
    has_from_line: bool,
}

impl Traits {
    pub(super) fn of(octets: &[u8]) -> Self {
        let mut traits = Self {
            octets: octets.len(),
            ..Self::default()
        };
        for line in octets.split_inclusive(|&octet| octet == b'\n') {
            traits.note(line);
        }
        traits
    }

    /// Of octets that are looked at only if it matters.
    pub(super) fn of_some(octets: &[u8], matters: bool) -> Self {
        if matters { Self::of(octets) } else { Self::default() }
    }

    fn note(&mut self, line: &[u8]) {
        let text = match line {
            [text @ .., b'\r', b'\n'] => text,
            [text @ .., b'\n'] => {
                self.has_bare_line_end = true;
                text
            }
            text => text,
        };
        self.longest_line = self.longest_line.max(text.len());
        self.has_from_line |= text.starts_with(b"From ");
        if text.iter().all(|octet| matches!(octet, b' '..=b'~')) {
            return;
        }
        self.high += text.iter().filter(|octet| !octet.is_ascii()).count();
        self.controls += text.iter().filter(|octet| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r')).count();
        self.has_bare_line_end |= text.contains(&b'\r');
    }

    /// What the octets are as they stand.
    pub(super) fn natural(&self) -> TransferEncoding {
        let has_lines = !self.has_bare_line_end && self.longest_line <= LONGEST_LINE && self.controls == 0;
        match (has_lines, self.high) {
            (false, _) => TransferEncoding::Binary,
            (true, 0) => TransferEncoding::SevenBit,
            (true, _) => TransferEncoding::EightBit,
        }
    }

    /// The encoding for text: none where the transport allows it, or the shorter of the two.
    pub(super) fn for_text(&self, transport: Transport) -> TransferEncoding {
        let natural = self.natural();
        if carries(transport, natural) && !self.has_from_line {
            return natural;
        }
        // Three characters for one octet, against four for three.
        let quoted = self.octets + 2 * (self.high + self.controls);
        if quoted <= self.octets / 3 * 4 + 4 {
            TransferEncoding::QuotedPrintable
        } else {
            TransferEncoding::Base64
        }
    }
}

/// The encoding for octets whose meaning nobody knows: none where the transport allows it.
pub(super) fn for_octets(transport: Transport) -> TransferEncoding {
    match transport.body {
        BodyKind::Binary => TransferEncoding::Binary,
        BodyKind::SevenBit | BodyKind::EightBit => TransferEncoding::Base64,
    }
}

/// Whether the transport carries a body of that kind as it stands.
pub(super) fn carries(transport: Transport, natural: TransferEncoding) -> bool {
    match natural {
        TransferEncoding::SevenBit => true,
        TransferEncoding::EightBit => transport.body >= BodyKind::EightBit,
        TransferEncoding::Binary => transport.body == BodyKind::Binary,
        _ => false,
    }
}

/// The octets of a line without its line end (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_little_as_the_transport_allows() {
        use TransferEncoding::{Base64, Binary, EightBit, QuotedPrintable, SevenBit};
        let long = "x".repeat(999);
        for (text, seven, eight, binary) in [
            ("", SevenBit, SevenBit, SevenBit),
            ("plain\r\ntext\r\n", SevenBit, SevenBit, SevenBit),
            ("cr\u{ea}pes\r\n", QuotedPrintable, EightBit, EightBit),
            ("\u{43a}\u{435}\u{442}\u{447}\u{443}\u{43f}", Base64, EightBit, EightBit),
            ("From Alice\r\n", QuotedPrintable, QuotedPrintable, QuotedPrintable),
            ("bare\nline end", QuotedPrintable, QuotedPrintable, Binary),
            ("bare\rline end", QuotedPrintable, QuotedPrintable, Binary),
            ("nul\0", QuotedPrintable, QuotedPrintable, Binary),
            (&long, QuotedPrintable, QuotedPrintable, Binary),
        ] {
            let traits = Traits::of(text.as_bytes());
            let chosen = [Transport::SEVEN_BIT, Transport::EIGHT_BIT, Transport::BINARY].map(|transport| traits.for_text(transport));
            assert_eq!(chosen, [seven, eight, binary], "{text:?}");
        }
    }
}
