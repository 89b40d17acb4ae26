//! Encoded words (RFC 2047): text beyond ASCII in header fields.

mod decode;
mod encode;

use crate::lexer::is_space;

pub(crate) use decode::WordDecoder;
pub(crate) use encode::encode;

/// An encoded word as it stands there.
///
/// ```text
/// encoded-word = "=?" charset "?" encoding "?" encoded-text "?="     ; RFC 2047 §2
/// charset      = charset ["*" language]                              ; RFC 2231 §5
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EncodedWord<'a> {
    /// The charset's label, without the language.
    charset: &'a [u8],
    encoding: Encoding,
    text: &'a [u8],
    /// Octets of the whole.
    length: usize,
    has_space: bool,
    is_closed: bool,
}

/// Whether an encoded word may begin somewhere.
pub(crate) fn may_hold_word(octets: &[u8]) -> bool {
    memchr::memchr_iter(b'=', octets).any(|at| octets.get(at + 1) == Some(&b'?'))
}

/// How the text is encoded (RFC 2047 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// base64
    B,
    /// Nearly quoted-printable.
    Q,
}

impl<'a> EncodedWord<'a> {
    /// Reads the word that `input` begins with.
    ///
    /// Lenient: white space inside; no `?=`, which ends it at white space. Looks no further than the next `=?`, so that
    /// looking for all words of an input is linear.
    fn parse(input: &'a [u8]) -> Option<Self> {
        let behind = input.strip_prefix(b"=?")?;
        let label = behind.iter().take(LONGEST_LABEL).position(|&octet| octet == b'?')?;
        let label = &behind[..label];
        if label.iter().any(|octet| !octet.is_ascii_graphic()) {
            return None;
        }
        let charset = label
            .split(|&octet| octet == b'*')
            .next()
            .filter(|charset| !charset.is_empty())?;
        let encoding = match behind.get(label.len() + 1..label.len() + 3)? {
            b"B?" | b"b?" => Encoding::B,
            b"Q?" | b"q?" => Encoding::Q,
            _ => return None,
        };
        let start = "=?".len() + label.len() + "?Q?".len();
        let (text, is_closed) = text(&input[start..])?;
        let end = start + text.len() + if is_closed { "?=".len() } else { 0 };
        Some(Self {
            charset,
            encoding,
            text: if is_closed {
                text
            } else {
                text.strip_suffix(b"?").unwrap_or(text)
            },
            length: end,
            has_space: text.iter().copied().any(is_space),
            is_closed,
        })
    }
}

/// The encoded text, and whether `?=` follows.
fn text(input: &[u8]) -> Option<(&[u8], bool)> {
    let mut at = 0;
    while let Some(step) = memchr::memchr2(b'?', b'=', &input[at..]) {
        at += step;
        match input[at..] {
            [b'?', b'=', ..] => return Some((&input[..at], true)),
            // An equals sign that ends the text, as base64 does.
            [b'=', b'?', b'=', ..] => {}
            // The next word begins.
            [b'=', b'?', ..] => return unclosed(&input[..at]),
            _ => {}
        }
        at += 1;
    }
    unclosed(input)
}

/// A text without `?=`, which ends at white space.
fn unclosed(input: &[u8]) -> Option<(&[u8], bool)> {
    let end = input.iter().position(|&octet| is_space(octet)).unwrap_or(input.len());
    let text = &input[..end];
    text.iter().any(u8::is_ascii_alphanumeric).then_some((text, false))
}

/// Octets of the longest label, with its language.
const LONGEST_LABEL: usize = 80;
