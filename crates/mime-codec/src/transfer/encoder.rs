//! The encoder of any encoding.

use super::TransferEncoding;
use super::base64::Base64Encoder;
use super::quoted_printable::QuotedPrintableEncoder;
use super::uuencode::UuEncoder;
use super::yenc::YencEncoder;

/// Encodes a body that arrives in pieces.
///
/// Lines end in CRLF, and the pieces' sizes never show. 7bit, 8bit and binary pass their octets on unchanged. The options are
/// given before the first piece.
///
/// ```
/// # use mime_codec::transfer::{Encoder, TransferEncoding};
/// let mut encoder = Encoder::new(TransferEncoding::QuotedPrintable).text();
/// let mut encoded = Vec::new();
/// encoder.update("Crêpes \r".as_bytes(), &mut encoded);
/// encoder.update(b"\nFrom Alice", &mut encoded);
/// encoder.finish(&mut encoded);
/// assert_eq!(encoded, b"Cr=C3=AApes=20\r\n=46rom Alice");
/// ```
#[derive(Debug, Clone)]
pub struct Encoder {
    encoding: TransferEncoding,
    options: Options,
    state: State,
}

/// What the encodings can be told.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) line_length: Option<usize>,
    pub(super) text: bool,
    pub(super) file_name: Vec<u8>,
    pub(super) mode: u16,
    pub(super) size: u64,
}

#[derive(Debug, Clone)]
enum State {
    /// Options may still change.
    Fresh,
    Identity,
    Base64(Base64Encoder),
    QuotedPrintable(QuotedPrintableEncoder),
    Uuencode(UuEncoder),
    Yenc(YencEncoder),
    Finished,
}

impl Encoder {
    /// The characters of a line, unless the caller says otherwise (RFC 2045 §6.7 and §6.8 allow no more): 76.
    pub const LINE_LENGTH: usize = 76;

    /// An encoder that preserves every octet.
    pub fn new(encoding: TransferEncoding) -> Self {
        let options = Options {
            line_length: None,
            text: false,
            file_name: Vec::new(),
            mode: 0o644,
            size: 0,
        };
        Self {
            encoding,
            options,
            state: State::Fresh,
        }
    }

    /// The most characters of an encoded line, in base64 and quoted-printable (4 at least, 998 at most) and in yEnc.
    #[must_use]
    pub fn line_length(mut self, characters: usize) -> Self {
        self.options.line_length = Some(characters.clamp(4, 998));
        self
    }

    /// Says that the data are text: quoted-printable then writes a CRLF as a line end. Bare CR and LF are escaped all the same.
    #[must_use]
    pub fn text(mut self) -> Self {
        self.options.text = true;
        self
    }

    /// The file's name and permissions in the first line of uuencode, and the name in yEnc. Control characters in the name become
    /// `_`; `attachment` and 644 if not given.
    #[must_use]
    pub fn file(mut self, name: &[u8], mode: u16) -> Self {
        self.options.file_name = name.to_vec();
        self.options.mode = mode & 0o777;
        self
    }

    /// How many octets will be encoded, which the first line of yEnc must tell.
    #[must_use]
    pub fn size(mut self, octets: u64) -> Self {
        self.options.size = octets;
        self
    }

    /// Takes the next piece and appends its encoding, but for the octets that do not fill a line or depend on what follows. After
    /// [`finish`](Self::finish) it does nothing.
    pub fn update(&mut self, input: &[u8], output: &mut Vec<u8>) {
        self.start(output);
        match &mut self.state {
            State::Identity => output.extend_from_slice(input),
            State::Base64(encoder) => encoder.update(input, output),
            State::QuotedPrintable(encoder) => encoder.update(input, output),
            State::Uuencode(encoder) => encoder.update(input, output),
            State::Yenc(encoder) => encoder.update(input, output),
            State::Fresh | State::Finished => {}
        }
    }

    /// Encodes all that is left at once: an update and the end.
    pub(crate) fn whole(&mut self, input: &[u8], output: &mut Vec<u8>) {
        self.start(output);
        match &mut self.state {
            State::Base64(encoder) => encoder.whole(input, output),
            State::QuotedPrintable(encoder) => encoder.whole(input, output),
            _ => {
                self.update(input, output);
                return self.finish(output);
            }
        }
        self.state = State::Finished;
    }

    /// Says that the data have ended, and appends the rest. A second call does nothing.
    pub fn finish(&mut self, output: &mut Vec<u8>) {
        self.start(output);
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Base64(mut encoder) => encoder.finish(output),
            State::QuotedPrintable(mut encoder) => encoder.finish(output),
            State::Uuencode(encoder) => encoder.finish(output),
            State::Yenc(encoder) => encoder.finish(output),
            State::Fresh | State::Identity | State::Finished => {}
        }
    }

    /// With the first piece the options are settled.
    fn start(&mut self, output: &mut Vec<u8>) {
        let State::Fresh = self.state else {
            return;
        };
        let line_length = self.options.line_length.unwrap_or(Self::LINE_LENGTH);
        self.state = match self.encoding {
            TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary => State::Identity,
            TransferEncoding::Base64 => State::Base64(Base64Encoder::new(line_length)),
            TransferEncoding::QuotedPrintable => {
                State::QuotedPrintable(QuotedPrintableEncoder::new(line_length, self.options.text))
            }
            TransferEncoding::Uuencode => State::Uuencode(UuEncoder::new(&self.options, output)),
            TransferEncoding::Yenc => State::Yenc(YencEncoder::new(&self.options, output)),
        };
    }
}

impl Options {
    /// The name, fit to stand in a line.
    pub(super) fn safe_name(&self) -> Vec<u8> {
        let safe = |octet: &u8| if octet.is_ascii_control() { b'_' } else { *octet };
        match self.file_name.trim_ascii() {
            [] => b"attachment".to_vec(),
            name => name.iter().take(255).map(safe).collect(),
        }
    }
}
