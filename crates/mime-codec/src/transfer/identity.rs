//! 7bit, 8bit and binary (RFC 2045 §2.7 to §2.9): octets that pass as they are, once looked at.

use super::TransferEncoding;
use crate::DefectKind;
use crate::faults::Faults;

/// Looks at a piece of the data, which begins `offset` octets behind its start.
pub(super) fn examine(encoding: TransferEncoding, offset: usize, input: &[u8], faults: &mut Faults) {
    match encoding {
        TransferEncoding::SevenBit => seven_bit(offset, input, faults),
        TransferEncoding::EightBit => nul(offset, input, faults),
        _ => {}
    }
}

fn seven_bit(offset: usize, input: &[u8], faults: &mut Faults) {
    if input.is_ascii() {
        return nul(offset, input, faults);
    }
    for (at, &octet) in input.iter().enumerate() {
        match octet {
            0 => faults.record(offset + at, DefectKind::NulOctet),
            128.. => faults.record(offset + at, DefectKind::EightBitOctet),
            _ => {}
        }
    }
}

fn nul(offset: usize, input: &[u8], faults: &mut Faults) {
    for at in memchr::memchr_iter(0, input) {
        faults.record(offset + at, DefectKind::NulOctet);
    }
}
