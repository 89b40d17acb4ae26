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
        Self::of_lines(octets, Counts::of(octets))
    }

    /// The encoding for text: none where the transport allows it, or the shorter of the two.
    pub(super) fn encoding_for_text(octets: &[u8], transport: Transport) -> TransferEncoding {
        let counts = Counts::of(octets);
        // Where the octets alone forbid it, lines do not matter.
        let needs_encoding = counts.high > 0 && transport.body == BodyKind::SevenBit;
        if needs_encoding {
            return Self::of_counts(octets, &counts).encoded();
        }
        Self::of_lines(octets, counts).for_text(transport)
    }

    fn of_counts(octets: &[u8], counts: &Counts) -> Self {
        Self {
            octets: octets.len(),
            high: counts.high,
            controls: counts.controls,
            ..Self::default()
        }
    }

    fn of_lines(octets: &[u8], counts: Counts) -> Self {
        let mut traits = Self::of_counts(octets, &counts);
        let (mut start, mut crlfs) = (0, 0);
        for end in memchr::memchr_iter(b'\n', octets) {
            let is_crlf = end > start && octets[end - 1] == b'\r';
            traits.note(&octets[start..end - usize::from(is_crlf)]);
            traits.has_bare_line_end |= !is_crlf;
            crlfs += usize::from(is_crlf);
            start = end + 1;
        }
        traits.note(&octets[start..]);
        traits.has_bare_line_end |= counts.crs > crlfs;
        traits
    }

    /// Of octets that are looked at only if it matters.
    pub(super) fn of_some(octets: &[u8], matters: bool) -> Self {
        if matters { Self::of(octets) } else { Self::default() }
    }

    fn note(&mut self, line: &[u8]) {
        self.longest_line = self.longest_line.max(line.len());
        self.has_from_line |= line.starts_with(b"From ");
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

    fn for_text(&self, transport: Transport) -> TransferEncoding {
        let natural = self.natural();
        if carries(transport, natural) && !self.has_from_line {
            return natural;
        }
        self.encoded()
    }

    /// The shorter of the two encodings.
    fn encoded(&self) -> TransferEncoding {
        // Three characters for one octet, against four for three.
        let quoted = self.octets + 2 * (self.high + self.controls);
        if quoted <= self.octets / 3 * 4 + 4 {
            TransferEncoding::QuotedPrintable
        } else {
            TransferEncoding::Base64
        }
    }
}

/// How many octets there are of the kinds that matter.
#[derive(Default)]
struct Counts {
    high: usize,
    /// Control characters but TAB, CR and LF.
    controls: usize,
    crs: usize,
}

impl Counts {
    /// Counts in small blocks whose counters fit into an octet, without a branch for each octet, so that the compiler can look at
    /// many at once.
    fn of(octets: &[u8]) -> Self {
        let mut counts = Self::default();
        let (blocks, rest) = octets.as_chunks::<128>();
        blocks.iter().for_each(|block| counts.add(block));
        counts.add(rest);
        counts
    }

    #[inline(always)]
    fn add(&mut self, block: &[u8]) {
        let (mut high, mut controls, mut crs) = (0u8, 0u8, 0u8);
        for &octet in block {
            let is_line = (octet == b'\t') | (octet == b'\n') | (octet == b'\r');
            high += octet >> 7;
            controls += u8::from(((octet < b' ') | (octet == 0x7f)) & !is_line);
            crs += u8::from(octet == b'\r');
        }
        self.high += usize::from(high);
        self.controls += usize::from(controls);
        self.crs += usize::from(crs);
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

    /// Line by line, octet by octet.
    fn naive(octets: &[u8]) -> Traits {
        let mut traits = Traits {
            octets: octets.len(),
            ..Traits::default()
        };
        for line in octets.split_inclusive(|&octet| octet == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text
                .strip_suffix(b"\r")
                .filter(|_| line.ends_with(b"\n"))
                .unwrap_or(text);
            traits.has_bare_line_end |= text.contains(&b'\r') || (line.ends_with(b"\n") && !line.ends_with(b"\r\n"));
            traits.longest_line = traits.longest_line.max(text.len());
            traits.has_from_line |= text.starts_with(b"From ");
            traits.high += text.iter().filter(|&&octet| octet > 127).count();
            let is_control = |octet: &&u8| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r');
            traits.controls += text.iter().filter(is_control).count();
        }
        traits
    }

    #[test]
    fn traits_are_those_of_the_lines() {
        // Every text of up to six pieces, alone and behind enough to reach into another block.
        let pieces: [&[u8]; 7] = [b"\r", b"\n", b"From ", b"x", b"\xea", b"\0", b"\t"];
        for number in 0..pieces.len().pow(6) {
            let digits = (0..6).map(|place| number / pieces.len().pow(place) % pieces.len());
            let text = digits.map(|digit| pieces[digit]).collect::<Vec<_>>().concat();
            assert_eq!(Traits::of(&text), naive(&text), "{text:?}");
            if number % 97 == 0 {
                let long = text.repeat(90);
                assert_eq!(Traits::of(&long), naive(&long), "{text:?}");
            }
        }
    }

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
            let chosen = [Transport::SEVEN_BIT, Transport::EIGHT_BIT, Transport::BINARY]
                .map(|transport| traits.for_text(transport));
            let octets = text.as_bytes();
            let at_once = [Transport::SEVEN_BIT, Transport::EIGHT_BIT, Transport::BINARY];
            assert_eq!(
                at_once.map(|transport| Traits::encoding_for_text(octets, transport)),
                chosen
            );
            assert_eq!(chosen, [seven, eight, binary], "{text:?}");
        }
    }
}
