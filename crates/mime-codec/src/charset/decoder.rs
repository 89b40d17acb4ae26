//! Text out of octets in any chunking.

use encoding_rs::{Decoder as Standard, DecoderResult};

use super::dos::DosPage;
use super::escapes::Escapes;
use super::utf7::Utf7;
use super::utf32::{ByteOrder, Utf32};
use super::{Charset, Kind};

/// Decodes octets that arrive piece by piece; where they are cut changes nothing.
///
/// Keeps at most a few octets between two pieces. The text has at most three times as many octets.
///
/// ```
/// use mime_codec::Charset;
///
/// let mut decoder = Charset::for_label(b"euc-kr").expect("a known label").decoder();
/// let mut text = String::new();
/// decoder.decode(b"\xB1", &mut text);
/// decoder.decode(b"\xE8", &mut text);
/// decoder.finish(&mut text);
/// assert_eq!((text.as_str(), decoder.replaced()), ("김", 0));
/// ```
pub struct CharsetDecoder {
    state: State,
    replaced: usize,
}

enum State {
    Standard(Box<Standard>),
    Escapes(Escapes, Box<Standard>),
    Utf7(Utf7),
    /// UTF-16 whose byte order is not known yet, with its first octet.
    Utf16(Option<u8>),
    Utf32(Utf32),
    Dos(DosPage),
}

impl State {
    fn utf8() -> Self {
        Self::Standard(Box::new(encoding_rs::UTF_8.new_decoder_without_bom_handling()))
    }

    fn escapes(escapes: Escapes, encoding: &'static encoding_rs::Encoding) -> Self {
        Self::Escapes(escapes, Box::new(encoding.new_decoder_without_bom_handling()))
    }
}

impl CharsetDecoder {
    pub(super) fn new(charset: Charset) -> Self {
        let state = match charset.0 {
            Kind::Standard(encoding) => State::Standard(Box::new(encoding.new_decoder_with_bom_removal())),
            Kind::Iso2022Jp => State::escapes(Escapes::JAPANESE, encoding_rs::ISO_2022_JP),
            Kind::Iso2022Kr => State::escapes(Escapes::KOREAN, encoding_rs::EUC_KR),
            Kind::Hz => State::escapes(Escapes::HZ, encoding_rs::GBK),
            Kind::UsAscii => State::utf8(),
            Kind::Utf7 => State::Utf7(Utf7::default()),
            Kind::Utf16 => State::Utf16(None),
            Kind::Utf32 => State::Utf32(Utf32::new(ByteOrder::Unknown)),
            Kind::Utf32Be => State::Utf32(Utf32::new(ByteOrder::Big)),
            Kind::Utf32Le => State::Utf32(Utf32::new(ByteOrder::Little)),
            Kind::Dos(page) => State::Dos(page),
        };
        Self { state, replaced: 0 }
    }

    /// Decodes the next octets and adds their text to `out`.
    pub fn decode(&mut self, octets: &[u8], out: &mut String) {
        self.replaced += match &mut self.state {
            State::Standard(decoder) => standard(decoder, octets, out, false),
            State::Escapes(escapes, decoder) => standard(decoder, &escapes.turn(octets), out, false),
            State::Utf7(utf7) => octets.iter().map(|&octet| utf7.octet(octet, out)).sum(),
            State::Utf32(utf32) => octets.iter().map(|&octet| utf32.octet(octet, out)).sum(),
            State::Dos(page) => {
                out.extend(octets.iter().map(|&octet| page.char(octet)));
                0
            }
            State::Utf16(_) => return self.utf16(octets, out),
        };
    }

    /// Decodes what is left when no more octets come.
    pub fn finish(&mut self, out: &mut String) {
        self.replaced += match &mut self.state {
            State::Standard(decoder) => standard(decoder, b"", out, true),
            State::Escapes(escapes, decoder) => standard(decoder, &escapes.finish(), out, true),
            State::Utf7(utf7) => utf7.finish(out),
            State::Utf32(utf32) => utf32.finish(out),
            State::Dos(_) | State::Utf16(None) => 0,
            State::Utf16(Some(_)) => {
                out.push(char::REPLACEMENT_CHARACTER);
                1
            }
        };
        // encoding_rs panics on a decoder that is used after its end.
        self.state = State::utf8();
    }

    /// How many times U+FFFD was written for octets that mean nothing.
    pub fn replaced(&self) -> usize {
        self.replaced
    }

    /// The first two octets tell the byte order; without a mark it is big-endian (RFC 2781).
    fn utf16(&mut self, octets: &[u8], out: &mut String) {
        let State::Utf16(held) = &mut self.state else { return };
        let (first, rest) = match (*held, octets) {
            (_, []) => return,
            (None, [first]) => {
                *held = Some(*first);
                return;
            }
            (None, [first, rest @ ..]) => (*first, rest),
            (Some(first), rest) => (first, rest),
        };
        let (encoding, is_mark) = match (first, rest[0]) {
            (0xFF, 0xFE) => (encoding_rs::UTF_16LE, true),
            (0xFE, 0xFF) => (encoding_rs::UTF_16BE, true),
            _ => (encoding_rs::UTF_16BE, false),
        };
        *self = Self {
            state: State::Standard(Box::new(encoding.new_decoder_with_bom_removal())),
            replaced: self.replaced,
        };
        if is_mark {
            self.decode(&rest[1..], out);
        } else {
            self.decode(&[first], out);
            self.decode(rest, out);
        }
    }
}

impl std::fmt::Debug for CharsetDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CharsetDecoder")
            .field("replaced", &self.replaced)
            .finish_non_exhaustive()
    }
}

/// Runs a decoder of `encoding_rs` in steps of a bounded buffer.
fn standard(decoder: &mut Standard, octets: &[u8], out: &mut String, last: bool) -> usize {
    let mut rest = octets;
    let mut replaced = 0;
    let mut scratch = String::new();
    loop {
        // Whatever is held back inside fits besides.
        let room = decoder
            .max_utf8_buffer_length_without_replacement(rest.len().min(STEP))
            .unwrap_or(STEP);
        out.reserve(room);
        let step = rest.len().min(STEP);
        let is_last = last && step == rest.len();
        let (result, read) = if out.capacity() - out.len() <= ROOMY {
            decoder.decode_to_string_without_replacement(&rest[..step], out, is_last)
        } else {
            by_way_of(&mut scratch, room, decoder, &rest[..step], out, is_last)
        };
        rest = &rest[read..];
        match result {
            DecoderResult::Malformed(..) => {
                out.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
            DecoderResult::OutputFull => {}
            DecoderResult::InputEmpty if rest.is_empty() => return replaced,
            DecoderResult::InputEmpty => {}
        }
    }
}

/// A step whose cost does not depend on how much room there is: `encoding_rs` touches each page of the string's spare capacity in
/// every call, and octets that mean nothing take a call each.
fn by_way_of(
    scratch: &mut String,
    room: usize,
    decoder: &mut Standard,
    octets: &[u8],
    out: &mut String,
    last: bool,
) -> (DecoderResult, usize) {
    while scratch.len() < room {
        scratch.push('\0');
    }
    let (result, read, written) = decoder.decode_to_str_without_replacement(octets, scratch.as_mut_str(), last);
    out.push_str(&scratch[..written]);
    (result, read)
}

/// Whole values at once, when they are at hand.
pub(super) fn whole(encoding: &'static encoding_rs::Encoding, octets: &[u8], out: &mut String) -> usize {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    out.reserve(
        decoder
            .max_utf8_buffer_length(octets.len())
            .unwrap_or(octets.len())
            .min(octets.len() * 2 + 16),
    );
    standard(&mut decoder, octets, out, true)
}

/// Octets that one call of `encoding_rs` gets.
const STEP: usize = 4096;

/// Octets of spare room beyond which decoding goes by way of a buffer.
const ROOMY: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use crate::Charset;

    /// `docs/threats.md` row 11. Were time to grow with the square of the size, this would take minutes.
    #[test]
    fn nonsense_takes_linear_time() {
        for label in ["utf-8", "shift_jis", "iso-2022-jp"] {
            let charset = Charset::for_label(label.as_bytes()).unwrap();
            let decoded = charset.decode(&[0xFF; 6 << 20]);
            assert_eq!(decoded.replaced, 6 << 20, "{label}");
            assert_eq!(decoded.text.len(), 3 * (6 << 20), "{label}");
        }
    }

    /// Text that is long enough to go by way of the buffer is the same.
    #[test]
    fn long_text_is_as_short_text() {
        for (label, piece, text) in [
            ("iso-8859-1", &b"Cr\xeapes, "[..], "Crêpes, "),
            ("shift_jis", b"\x83\x4e\x83\x8c a\xff", "クレ a\u{fffd}"),
            ("utf-8", b"Cr\xc3\xaapes\xff, ", "Crêpes\u{fffd}, "),
            ("euc-kr", b"\xb1\xe8 b", "김 b"),
        ] {
            let charset = Charset::for_label(label.as_bytes()).unwrap();
            let decoded = charset.decode(&piece.repeat(30_000)).text.into_owned();
            assert!(decoded == text.repeat(30_000), "{label}");
        }
    }
}
