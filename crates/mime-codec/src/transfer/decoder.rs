//! The decoder of any encoding.

use super::base64::Base64Decoder;
use super::quoted_printable::QuotedPrintableDecoder;
use super::uuencode::UuDecoder;
use super::yenc::YencDecoder;
use super::{TransferEncoding, identity};
use crate::Defect;
use crate::faults::Faults;

/// Decodes a body that arrives in pieces.
///
/// It keeps less than 6 KiB, whatever arrives, and appends at most as many octets as have come; 32 times as many in uuencode, where
/// spaces that were removed at the ends of lines come back as zeros. Offsets of defects count from the first octet that the
/// decoder was given.
///
/// ```
/// # use mime_codec::transfer::{Decoder, TransferEncoding};
/// let mut decoder = Decoder::new(TransferEncoding::Base64);
/// let mut octets = Vec::new();
/// decoder.update(b"S2V0Y", &mut octets);
/// assert_eq!(octets, b"Ket");
/// decoder.update(b"2!h1cA==", &mut octets);
/// decoder.finish(&mut octets);
/// assert_eq!(octets, b"Ketchup");
/// assert_eq!(decoder.defects()[0].to_string(), "a character outside the base64 alphabet at offset 6");
/// ```
#[derive(Debug, Clone)]
pub struct Decoder {
    encoding: TransferEncoding,
    offset: usize,
    faults: Faults,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Identity,
    Base64(Base64Decoder),
    QuotedPrintable(Box<QuotedPrintableDecoder>),
    Uuencode(Box<UuDecoder>),
    Yenc(Box<YencDecoder>),
    Finished,
}

impl Decoder {
    /// A decoder at the start of a body.
    pub fn new(encoding: TransferEncoding) -> Self {
        let state = match encoding {
            TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary => State::Identity,
            TransferEncoding::Base64 => State::Base64(Base64Decoder::default()),
            TransferEncoding::QuotedPrintable => State::QuotedPrintable(Box::default()),
            TransferEncoding::Uuencode => State::Uuencode(Box::default()),
            TransferEncoding::Yenc => State::Yenc(Box::default()),
        };
        Self {
            encoding,
            offset: 0,
            faults: Faults::default(),
            state,
        }
    }

    /// The encoding that it decodes.
    pub fn encoding(&self) -> TransferEncoding {
        self.encoding
    }

    /// Takes the next piece and appends what can be decoded by now. After [`finish`](Self::finish) it does nothing.
    pub fn update(&mut self, input: &[u8], output: &mut Vec<u8>) {
        let (offset, faults) = (self.offset, &mut self.faults);
        match &mut self.state {
            State::Identity => {
                identity::examine(self.encoding, offset, input, faults);
                output.extend_from_slice(input);
            }
            State::Base64(decoder) => decoder.update(offset, input, output, faults),
            State::QuotedPrintable(decoder) => decoder.update(offset, input, output, faults),
            State::Uuencode(decoder) => decoder.update(offset, input, output, faults),
            State::Yenc(decoder) => decoder.update(offset, input, output, faults),
            State::Finished => return,
        }
        self.offset = self.offset.saturating_add(input.len());
    }

    /// Says that the body has ended, and appends what was held back. A second call does nothing.
    pub fn finish(&mut self, output: &mut Vec<u8>) {
        let (end, faults) = (self.offset, &mut self.faults);
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Identity | State::Finished => {}
            State::Base64(decoder) => decoder.finish(end, output, faults),
            State::QuotedPrintable(decoder) => decoder.finish(end, output, faults),
            State::Uuencode(decoder) => decoder.finish(end, output, faults),
            State::Yenc(decoder) => decoder.finish(end, faults),
        }
    }

    /// The first [`MAX_LOCATED`](super::MAX_LOCATED) defects, by offset in the encoded octets. Defects of the last few octets may
    /// appear only when more has arrived, or with [`finish`](Self::finish).
    pub fn defects(&self) -> &[Defect] {
        self.faults.list()
    }

    /// How many defects there are, those included that are not listed.
    pub fn defect_count(&self) -> usize {
        self.faults.count()
    }

    /// Looks at a whole body of an identity encoding without copying it.
    pub(super) fn examine(&mut self, input: &[u8]) {
        identity::examine(self.encoding, self.offset, input, &mut self.faults);
    }
}
