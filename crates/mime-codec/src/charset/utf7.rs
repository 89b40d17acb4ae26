//! UTF-7 (RFC 2152), read only: nothing should be written in it any more.

/// The state between two octets.
#[derive(Debug, Clone, Default)]
pub(super) struct Utf7 {
    shifted: Option<Shifted>,
}

/// Behind a `+`.
#[derive(Debug, Clone, Default)]
struct Shifted {
    is_empty: bool,
    bits: u32,
    count: u32,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Utf7 {
    /// Reads one octet. Answers how many characters were replaced by U+FFFD.
    ///
    /// Lenient: characters that RFC 2152 wants encoded are read where they stand.
    pub(super) fn octet(&mut self, octet: u8, out: &mut String) -> usize {
        let Some(shifted) = &mut self.shifted else {
            return self.direct(octet, out);
        };
        if let Some(sextet) = sextet(octet) {
            shifted.is_empty = false;
            return shifted.sextet(sextet, out);
        }
        let was_empty = shifted.is_empty;
        let replaced = self.finish(out);
        match octet {
            b'-' if was_empty => out.push('+'),
            b'-' => {}
            // A plus sign that shifts nothing was meant as itself.
            _ if was_empty => {
                out.push('+');
                return replaced + self.direct(octet, out);
            }
            _ => return replaced + self.direct(octet, out),
        }
        replaced
    }

    /// The end of the text, or of what is shifted.
    pub(super) fn finish(&mut self, out: &mut String) -> usize {
        let Some(shifted) = self.shifted.take() else {
            return 0;
        };
        // Up to five zero bits pad the last sextet.
        let is_cut = shifted.count >= 6 || shifted.bits & ((1 << shifted.count) - 1) != 0;
        let replaced = usize::from(shifted.high.is_some() || is_cut);
        if replaced > 0 {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        replaced
    }

    fn direct(&mut self, octet: u8, out: &mut String) -> usize {
        match octet {
            b'+' => {
                self.shifted = Some(Shifted {
                    is_empty: true,
                    ..Shifted::default()
                });
            }
            0x80.. => {
                out.push(char::REPLACEMENT_CHARACTER);
                return 1;
            }
            _ => out.push(char::from(octet)),
        }
        0
    }
}

impl Shifted {
    fn sextet(&mut self, sextet: u8, out: &mut String) -> usize {
        self.bits = self.bits << 6 | u32::from(sextet);
        self.count += 6;
        if self.count < 16 {
            return 0;
        }
        self.count -= 16;
        let unit = (self.bits >> self.count) as u16;
        self.bits &= (1 << self.count) - 1;
        self.unit(unit, out)
    }

    fn unit(&mut self, unit: u16, out: &mut String) -> usize {
        let pair = self.high.take().map(|high| [high, unit]);
        if let Some(Ok(character)) = pair.and_then(|pair| char::decode_utf16(pair).next()) {
            out.push(character);
            return 0;
        }
        let mut replaced = 0;
        if pair.is_some() {
            out.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => {
                let character = char::from_u32(u32::from(unit));
                out.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                replaced += usize::from(character.is_none());
            }
        }
        replaced
    }
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Utf7;

    fn decode(octets: &[u8]) -> (String, usize) {
        let (mut decoder, mut out) = (Utf7::default(), String::new());
        let mut replaced = 0;
        for &octet in octets {
            replaced += decoder.octet(octet, &mut out);
        }
        replaced += decoder.finish(&mut out);
        (out, replaced)
    }

    #[test]
    fn shifts() {
        assert_eq!(decode(b"1 +- 1 = 2"), ("1 + 1 = 2".into(), 0));
        assert_eq!(decode(b"Gr+APwA3w-e"), ("Grüße".into(), 0));
        assert_eq!(decode(b"+2D3eAA!"), ("😀!".into(), 0));
        assert_eq!(decode(b"+AGE-b+AGM"), ("abc".into(), 0));
        assert_eq!(decode(b"a + b"), ("a + b".into(), 0));
    }

    #[test]
    fn what_is_broken_is_replaced() {
        assert_eq!(decode(b"+2D0-x"), ("\u{FFFD}x".into(), 1));
        assert_eq!(decode(b"\xE9"), ("\u{FFFD}".into(), 1));
        assert_eq!(decode(b"+A"), ("\u{FFFD}".into(), 1));
        assert_eq!(decode(b"+3gBhYQ-"), ("\u{FFFD}\u{6161}".into(), 1));
    }
}
