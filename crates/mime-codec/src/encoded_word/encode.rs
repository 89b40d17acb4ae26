//! Encoded words out of text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Adds encoded words that stand for `text`, with spaces between: each at most 75 octets, the first at most `first` where
/// one character fits there, no character cut (RFC 2047 §5). UTF-8, in the shorter of both encodings.
pub(crate) fn encode(text: &str, first: usize, out: &mut String) {
    let q: usize = text.bytes().map(q_length).sum();
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
                let beyond = text.bytes().position(|octet| {
                    used += q_length(octet);
                    used > room
                });
                text.floor_char_boundary(beyond.unwrap_or(text.len()))
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
                out.reserve(FRAME + 3 * text.len());
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
            out.push('=');
            out.push(digit(octet >> 4));
            out.push(digit(octet & 15));
        }
    }
}

/// Octets of the encoding of one.
fn q_length(octet: u8) -> usize {
    if octet == b' ' || is_safe(octet) { 1 } else { 3 }
}

/// What may stand for itself even in a phrase (RFC 2047 §5).
fn is_safe(octet: u8) -> bool {
    SAFE[usize::from(octet)]
}

const SAFE: [bool; 256] = {
    let mut safe = [false; 256];
    let mut octet = 0;
    while octet < 128 {
        let is_mark = matches!(octet, b'!' | b'*' | b'+' | b'-' | b'/');
        safe[octet as usize] = is_mark || octet.is_ascii_alphanumeric();
        octet += 1;
    }
    safe
};

/// Octets of a word around its text.
const FRAME: usize = "=?utf-8?Q??=".len();

/// Octets of the longest word (RFC 2047 §2).
const LONGEST: usize = 75;
