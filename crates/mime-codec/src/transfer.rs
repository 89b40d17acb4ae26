//! Content transfer encodings (RFC 2045 §6), both ways: streaming in any chunking, or a whole buffer at once.
//!
//! Decoding never fails. What breaks the rules of an encoding is decoded as trusted programs decode it, and listed as
//! [`Defect`]s with their offsets in the encoded octets. However the octets are cut into pieces, the same octets come out and
//! the same defects are listed; a decoder and an encoder keep at most some kilobytes, whatever passes through them.
//!
//! ```
//! use mime_codec::transfer::{self, Decoder, TransferEncoding};
//!
//! let decoded = transfer::decode(TransferEncoding::Base64, b"S2V0\r\nY2h1cCE=\r\n");
//! assert_eq!(decoded.octets, &b"Ketchup!"[..]);
//! assert!(decoded.defects.is_empty());
//!
//! let mut decoder = Decoder::new(TransferEncoding::QuotedPrintable);
//! let mut octets = Vec::new();
//! for piece in [&b"cr=C3="[..], b"AApe=3", b"d flour + m="] {
//!     decoder.update(piece, &mut octets);
//! }
//! decoder.finish(&mut octets);
//! assert_eq!(octets, "crêpe= flour + m".as_bytes());
//! assert_eq!(decoder.defect_count(), 2, "an escape in lower case, and a soft line break at the end");
//! ```

mod base64;
mod decoder;
mod encoder;
mod identity;
mod quoted_printable;
mod uuencode;
mod yenc;

use std::borrow::Cow;
use std::fmt;

pub use decoder::Decoder;
pub use encoder::Encoder;

use crate::Defect;

/// How many defects a decoder lists. It counts them all.
pub const MAX_LOCATED: usize = 64;

/// How a body is encoded: the value of Content-Transfer-Encoding (RFC 2045 §6.1), and two encodings that Usenet gave to mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// `7bit`: lines of ASCII. What a body without the field is (RFC 2045 §6.1).
    #[default]
    SevenBit,
    /// `8bit`: lines of any octets but NUL.
    EightBit,
    /// `binary`: any octets.
    Binary,
    /// `quoted-printable` (RFC 2045 §6.7).
    QuotedPrintable,
    /// `base64` (RFC 2045 §6.8).
    Base64,
    /// `x-uuencode`, of POSIX.
    Uuencode,
    /// `x-yenc`, of Usenet.
    Yenc,
}

impl TransferEncoding {
    /// The encoding of that name, in any case; white space around it is passed over.
    ///
    /// Besides the registered names it knows the misspellings of real mail which other programs read, such as `7-bit`,
    /// `base-64` and `quoted/printable`. `None` for all others, whose data RFC 2045 §6.4 wants to be kept as it is.
    ///
    /// ```
    /// # use mime_codec::TransferEncoding;
    /// assert_eq!(TransferEncoding::from_token(b"BASE64"), Some(TransferEncoding::Base64));
    /// assert_eq!(TransferEncoding::from_token(b"x-uue"), Some(TransferEncoding::Uuencode));
    /// assert_eq!(TransferEncoding::from_token(b"rot13"), None);
    /// ```
    pub fn from_token(token: &[u8]) -> Option<Self> {
        let token = token.trim_ascii();
        let found = NAMES.iter().find(|(name, _)| token.eq_ignore_ascii_case(name));
        found.map(|&(_, encoding)| encoding)
    }

    /// The name to write into Content-Transfer-Encoding.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::EightBit => "8bit",
            Self::Binary => "binary",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
            Self::Uuencode => "x-uuencode",
            Self::Yenc => "x-yenc",
        }
    }

    /// Whether encoded and decoded octets are the same: 7bit, 8bit and binary.
    pub const fn is_identity(self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary)
    }
}

impl fmt::Display for TransferEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A body that was decoded, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The octets; borrowed when the encoding changes none of them.
    pub octets: Cow<'a, [u8]>,
    /// The first [`MAX_LOCATED`] defects, by offset in the encoded octets.
    pub defects: Vec<Defect>,
    /// How many defects there are.
    pub defect_count: usize,
}

impl Decoded<'_> {
    /// The same without a borrow.
    pub fn into_owned(self) -> Decoded<'static> {
        Decoded {
            octets: Cow::Owned(self.octets.into_owned()),
            defects: self.defects,
            defect_count: self.defect_count,
        }
    }
}

/// Decodes a whole body and lists its defects.
///
/// ```
/// # use mime_codec::transfer::{decode, TransferEncoding};
/// let decoded = decode(TransferEncoding::QuotedPrintable, b"50=25 of =\r\nnothing");
/// assert_eq!(decoded.octets, &b"50% of nothing"[..]);
/// ```
pub fn decode(encoding: TransferEncoding, input: &[u8]) -> Decoded<'_> {
    let mut decoder = Decoder::new(encoding);
    let octets = if encoding.is_identity() {
        decoder.examine(input);
        Cow::Borrowed(input)
    } else {
        let mut octets = Vec::with_capacity(capacity(encoding, input.len()));
        decoder.update(input, &mut octets);
        decoder.finish(&mut octets);
        Cow::Owned(octets)
    };
    Decoded {
        octets,
        defects: decoder.defects().to_vec(),
        defect_count: decoder.defect_count(),
    }
}

/// Decodes a whole body, as [`decode`] does, without looking for defects where that costs time.
///
/// ```
/// # use mime_codec::transfer::{decode_octets, TransferEncoding};
/// assert_eq!(decode_octets(TransferEncoding::Base64, b"S2V0Y2h1cA"), &b"Ketchup"[..]);
/// ```
pub fn decode_octets(encoding: TransferEncoding, input: &[u8]) -> Cow<'_, [u8]> {
    let octets = match encoding {
        TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary => {
            Some(Cow::Borrowed(input))
        }
        TransferEncoding::Base64 => base64::decode_octets(input).map(Cow::Owned),
        TransferEncoding::QuotedPrintable => quoted_printable::decode_octets(input),
        TransferEncoding::Uuencode | TransferEncoding::Yenc => None,
    };
    octets.unwrap_or_else(|| decode(encoding, input).octets)
}

/// Encodes a whole body with the [`Encoder`]'s defaults: lines of at most 76 characters, every octet preserved.
///
/// ```
/// # use mime_codec::transfer::{encode, TransferEncoding};
/// assert_eq!(encode(TransferEncoding::Base64, b"Ketchup!"), b"S2V0Y2h1cCE=\r\n");
/// assert_eq!(encode(TransferEncoding::QuotedPrintable, "né.\r\n".as_bytes()), b"n=C3=A9.=0D=0A");
/// ```
pub fn encode(encoding: TransferEncoding, input: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(encoding).size(input.len() as u64);
    let mut output = Vec::with_capacity(encoded_capacity(encoding, input));
    encoder.whole(input, &mut output);
    output
}

/// Room for what is decoded. It need not be exact.
fn capacity(encoding: TransferEncoding, encoded: usize) -> usize {
    match encoding {
        TransferEncoding::Base64 | TransferEncoding::Uuencode => encoded.div_ceil(4) * 3,
        _ => encoded + SLACK,
    }
}

/// Room for what is encoded. It need not be exact, but room that is not used is memory that the system may have to clear.
pub(crate) fn encoded_capacity(encoding: TransferEncoding, input: &[u8]) -> usize {
    match encoding {
        TransferEncoding::Base64 => encodify::base64::MIME.encoded_len(input.len()),
        TransferEncoding::QuotedPrintable => quoted_printable::encoded_estimate(input),
        TransferEncoding::Uuencode => input.len() / 45 * 63 + SLACK,
        TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary => input.len(),
        TransferEncoding::Yenc => input.len() + input.len() / 32 + SLACK,
    }
}

/// `encodify` writes whole registers, behind the end as well.
const SLACK: usize = 128;

/// All the names, the registered ones first.
const NAMES: [(&[u8], TransferEncoding); 20] = [
    (b"7bit", TransferEncoding::SevenBit),
    (b"8bit", TransferEncoding::EightBit),
    (b"binary", TransferEncoding::Binary),
    (b"quoted-printable", TransferEncoding::QuotedPrintable),
    (b"base64", TransferEncoding::Base64),
    (b"x-uuencode", TransferEncoding::Uuencode),
    (b"x-uue", TransferEncoding::Uuencode),
    (b"uuencode", TransferEncoding::Uuencode),
    (b"uue", TransferEncoding::Uuencode),
    (b"x-yenc", TransferEncoding::Yenc),
    (b"yenc", TransferEncoding::Yenc),
    (b"7-bit", TransferEncoding::SevenBit),
    (b"7 bit", TransferEncoding::SevenBit),
    (b"8-bit", TransferEncoding::EightBit),
    (b"8 bit", TransferEncoding::EightBit),
    (b"base-64", TransferEncoding::Base64),
    (b"base 64", TransferEncoding::Base64),
    (b"quoted/printable", TransferEncoding::QuotedPrintable),
    (b"quotedprintable", TransferEncoding::QuotedPrintable),
    (b"quoted_printable", TransferEncoding::QuotedPrintable),
];
