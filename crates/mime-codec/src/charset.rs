//! Charsets: the labels that mail uses, and text out of octets.

mod decoder;
mod dos;
mod escapes;
mod label;
mod utf32;
mod utf7;

use std::borrow::Cow;

use encoding_rs::Encoding;

pub use decoder::CharsetDecoder;
use dos::DosPage;

/// A way to read octets as text.
///
/// Those of `encoding_rs`, which are the WHATWG's, and those that mail has besides: UTF-7, UTF-16 and UTF-32 with byte
/// order marks, ISO-2022-KR, HZ, and some code pages of MS-DOS.
///
/// ```
/// use mime_codec::Charset;
///
/// let charset = Charset::for_label(b"cp-1252").expect("a spelling that is known");
/// assert_eq!(charset.name(), "windows-1252");
/// assert_eq!(charset.decode(b"Cr\xEApes \x80 5").text, "Crêpes € 5");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Charset(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Standard(&'static Encoding),
    UsAscii,
    Utf7,
    Utf16,
    Utf32,
    Utf32Be,
    Utf32Le,
    Iso2022Jp,
    Iso2022Kr,
    Hz,
    Dos(DosPage),
}

/// Text that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText<'a> {
    /// The text; borrowed if the octets were its UTF-8.
    pub text: Cow<'a, str>,
    /// How many times U+FFFD stands for octets that mean nothing in the charset.
    pub replaced: usize,
}

impl Charset {
    /// UTF-8.
    pub const UTF_8: Self = Self(Kind::Standard(encoding_rs::UTF_8));
    /// US-ASCII, the default of `text/plain` (RFC 2045 §5.2). Octets beyond it are read as UTF-8.
    pub const US_ASCII: Self = Self(Kind::UsAscii);

    const WESTERN: Self = Self(Kind::Standard(encoding_rs::WINDOWS_1252));
    const UTF_7: Self = Self(Kind::Utf7);
    const UTF_16: Self = Self(Kind::Utf16);
    const UTF_32: Self = Self(Kind::Utf32);
    const UTF_32BE: Self = Self(Kind::Utf32Be);
    const UTF_32LE: Self = Self(Kind::Utf32Le);
    const ISO_2022_KR: Self = Self(Kind::Iso2022Kr);
    const HZ: Self = Self(Kind::Hz);

    fn standard(encoding: &'static Encoding) -> Self {
        if encoding == encoding_rs::ISO_2022_JP {
            return Self(Kind::Iso2022Jp);
        }
        Self(Kind::Standard(encoding))
    }

    const fn dos(page: DosPage) -> Self {
        Self(Kind::Dos(page))
    }

    /// The charset that a label names, in any case and in the spellings of real mail. Allocates nothing.
    ///
    /// ISO-8859-1 is read as windows-1252, which holds it; GB 2312 as GBK; KS C 5601 as the code page 949.
    pub fn for_label(label: &[u8]) -> Option<Self> {
        label::find(label)
    }

    /// The charset's name as `encoding_rs` or IANA spells it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Standard(encoding) => encoding.name(),
            Kind::UsAscii => "US-ASCII",
            Kind::Utf7 => "UTF-7",
            Kind::Utf16 => "UTF-16",
            Kind::Utf32 => "UTF-32",
            Kind::Utf32Be => "UTF-32BE",
            Kind::Utf32Le => "UTF-32LE",
            Kind::Iso2022Jp => "ISO-2022-JP",
            Kind::Iso2022Kr => "ISO-2022-KR",
            Kind::Hz => "HZ-GB-2312",
            Kind::Dos(page) => page.name(),
        }
    }

    /// Decodes a whole value; borrows where the octets are its UTF-8. A byte order mark of UTF-8 is dropped.
    ///
    /// The text has at most three times as many octets.
    pub fn decode(self, octets: &[u8]) -> DecodedText<'_> {
        let without_mark = match self.0 {
            Kind::Standard(encoding) if encoding == encoding_rs::UTF_8 => octets.strip_prefix(BYTE_ORDER_MARK),
            _ => None,
        };
        if let Some(text) = self.as_utf8(without_mark.unwrap_or(octets)) {
            let text = Cow::Borrowed(text);
            // That it happened to be UTF-8 does not make it ASCII.
            let replaced = usize::from(self.0 == Kind::UsAscii && !text.is_ascii());
            return DecodedText { text, replaced };
        }
        let mut text = String::new();
        let replaced = match self.0 {
            Kind::Standard(encoding) => decoder::whole(encoding, octets, &mut text),
            _ => {
                let mut decoder = self.decoder();
                decoder.decode(octets, &mut text);
                decoder.finish(&mut text);
                decoder.replaced()
            }
        };
        let text = Cow::Owned(text);
        DecodedText { text, replaced }
    }

    /// Decodes a piece of a header value, where U+FEFF is a character as any other, also in front.
    pub(crate) fn decode_piece(self, octets: &[u8]) -> DecodedText<'_> {
        let mut rest = octets;
        while self == Self::UTF_8
            && let Some(behind) = rest.strip_prefix(BYTE_ORDER_MARK)
        {
            rest = behind;
        }
        let mut decoded = self.decode(rest);
        let marks = (octets.len() - rest.len()) / BYTE_ORDER_MARK.len();
        if marks > 0 {
            decoded.text = Cow::Owned("\u{feff}".repeat(marks) + &decoded.text);
        }
        decoded
    }

    /// Decodes and stays borrowed where it can; answers how many characters were replaced.
    pub(crate) fn decode_cow(self, octets: Cow<'_, [u8]>) -> (Cow<'_, str>, usize) {
        match octets {
            Cow::Borrowed(octets) => {
                let decoded = self.decode(octets);
                (decoded.text, decoded.replaced)
            }
            Cow::Owned(octets) => {
                let decoded = self.decode(&octets);
                (Cow::Owned(decoded.text.into_owned()), decoded.replaced)
            }
        }
    }

    /// A decoder for octets that arrive piece by piece.
    pub fn decoder(self) -> CharsetDecoder {
        CharsetDecoder::new(self)
    }

    /// Whether octets below 0x80 mean ASCII, wherever they stand.
    fn is_ascii_superset(self) -> bool {
        match self.0 {
            Kind::Standard(encoding) => encoding.is_ascii_compatible(),
            Kind::UsAscii | Kind::Dos(_) => true,
            _ => false,
        }
    }

    /// The octets as they are, if that is what they mean.
    fn as_utf8(self, octets: &[u8]) -> Option<&str> {
        let reads_utf8 = match self.0 {
            Kind::Standard(encoding) => encoding == encoding_rs::UTF_8,
            Kind::UsAscii => true,
            _ => false,
        };
        if reads_utf8 {
            return simdutf8::basic::from_utf8(octets).ok();
        }
        let is_plain = self.is_ascii_superset() && octets.is_ascii();
        is_plain.then(|| simdutf8::basic::from_utf8(octets).expect("ASCII"))
    }
}

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Charset({})", self.name())
    }
}
