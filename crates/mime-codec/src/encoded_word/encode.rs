//! Encoded words out of text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Adds encoded words that stand for `text`, with spaces between: each at most 75 octets, the first at most `first` where
/// one character fits there, no character cut (RFC 2047 §5). UTF-8, in the shorter of both encodings.
pub(crate) fn encode(text: &str, first: usize, out: &mut String) {
    let q: usize = text.chars().map(q_length).sum();
    let b = text.len().div_ceil(3) * 4;
    let encoding = if b < q { Encoding::B } else { Encoding::Q };
    let mut rest = text;
    let mut room = first.clamp(FRAME, LONGEST) - FRAME;
    while !rest.is_empty() {
        let mut length = encoding.fits(rest, room);
        if length == 0 {
            length = encoding.fits(rest, LONGEST - FRAME);
        }
        let (word, behind) = rest.split_at(length);
        if rest.len() < text.len() {
            out.push(' ');
        }
        encoding.write(word, out);
        rest = behind;
        room = LONGEST - FRAME;
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    B,
    Q,
}

impl Encoding {
    /// How much of the text fits into so many octets.
    fn fits(self, text: &str, room: usize) -> usize {
        match self {
            Self::B => text.floor_char_boundary(room / 4 * 3),
            Self::Q => {
                let mut used = 0;
                let beyond = text.char_indices().find(|&(_, c)| {
                    used += q_length(c);
                    used > room
                });
                beyond.map_or(text.len(), |(at, _)| at)
            }
        }
    }

    fn write(self, text: &str, out: &mut String) {
        match self {
            Self::B => {
                out.push_str("=?utf-8?B?");
                STANDARD.encode_string(text, out);
            }
            Self::Q => {
                out.push_str("=?utf-8?Q?");
                text.bytes().for_each(|octet| q_encode(octet, out));
            }
        }
        out.push_str("?=");
    }
}

fn q_encode(octet: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    match octet {
        b' ' => out.push('_'),
        octet if is_safe(octet) => out.push(char::from(octet)),
        octet => {
            let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
            out.extend(['=', digit(octet >> 4), digit(octet & 15)]);
        }
    }
}

fn q_length(c: char) -> usize {
    let is_one = u8::try_from(c).is_ok_and(|octet| octet == b' ' || is_safe(octet));
    if is_one { 1 } else { 3 * c.len_utf8() }
}

/// What may stand for itself even in a phrase (RFC 2047 §5).
fn is_safe(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'!' | b'*' | b'+' | b'-' | b'/')
}

/// Octets of a word around its text.
const FRAME: usize = "=?utf-8?Q??=".len();

/// Octets of the longest word (RFC 2047 §2).
const LONGEST: usize = 75;
