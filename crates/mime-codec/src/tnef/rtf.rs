//! Compressed RTF, as MS-OXRTFCP has it.
//!
//! ```text
//! compressed size (4), size (4), "LZFu" or "MELA", CRC (4), then:
//! control octets, each for eight items, from its lowest bit: 0 = one octet, 1 = 12 bits of place and 4 of length
//! ```

use std::borrow::Cow;

use crc32fast::Hasher;

use crate::DefectKind;
use crate::faults::Faults;
use crate::transfer::Decoded;

/// Decompresses RTF. What comes out is at most nine times as long as what goes in, and no longer than the header says.
///
/// ```
/// # use mime_codec::tnef::decompress_rtf;
/// let stored = b"\x12\0\0\0\x06\0\0\0MELA\0\0\0\0{\\rtf}";
/// assert_eq!(decompress_rtf(stored).octets, &b"{\\rtf}"[..]);
/// ```
pub fn decompress_rtf(input: &[u8]) -> Decoded<'_> {
    let mut faults = Faults::default();
    let octets = decompress(input, &mut faults);
    let (defects, defect_count) = faults.into_parts();
    Decoded {
        octets,
        defects,
        defect_count,
    }
}

fn decompress<'a>(input: &'a [u8], faults: &mut Faults) -> Cow<'a, [u8]> {
    let long = |at: usize| input.get(at..)?.first_chunk().map(|long| u32::from_le_bytes(*long));
    let (Some(compressed), Some(size), Some(magic), Some(crc)) = (long(0), long(4), long(8), long(12)) else {
        faults.record(0, DefectKind::RtfHeader);
        return Cow::Borrowed(b"");
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let end = usize::try_from(compressed).unwrap_or(usize::MAX).saturating_add(4);
    let data = &input[HEADER..input.len().min(end.max(HEADER))];
    if end > input.len() {
        faults.record(input.len(), DefectKind::RtfSize);
    }
    match magic {
        STORED => {
            if data.len() != size {
                faults.record(4, DefectKind::RtfSize);
            }
            Cow::Borrowed(&data[..data.len().min(size)])
        }
        COMPRESSED => {
            if checksum(data) != crc {
                faults.record(12, DefectKind::RtfChecksum);
            }
            let octets = unpack(data, size);
            if octets.len() != size {
                faults.record(4, DefectKind::RtfSize);
            }
            Cow::Owned(octets)
        }
        _ => {
            faults.record(8, DefectKind::RtfHeader);
            Cow::Borrowed(b"")
        }
    }
}

fn unpack(data: &[u8], size: usize) -> Vec<u8> {
    let mut window = Window::new();
    let mut output = Vec::new();
    let mut rest = data.iter().copied();
    while let Some(control) = rest.next() {
        for item in 0..8 {
            if output.len() >= size {
                return output;
            }
            let Some(first) = rest.next() else {
                return output;
            };
            if control >> item & 1 == 0 {
                window.put(first, &mut output);
                continue;
            }
            let Some(second) = rest.next() else {
                return output;
            };
            let reference = usize::from(u16::from_be_bytes([first, second]));
            let place = reference >> 4;
            if place == window.at {
                return output;
            }
            let length = (reference & 15) + 2;
            for step in 0..length.min(size - output.len()) {
                let octet = window.octets[(place + step) % WINDOW];
                window.put(octet, &mut output);
            }
        }
    }
    output
}

/// The last octets that came out, in a ring that begins with words that RTF often has.
struct Window {
    octets: [u8; WINDOW],
    at: usize,
}

impl Window {
    fn new() -> Self {
        let mut octets = [b' '; WINDOW];
        octets[..FIRST_WORDS.len()].copy_from_slice(FIRST_WORDS);
        Self {
            octets,
            at: FIRST_WORDS.len(),
        }
    }

    fn put(&mut self, octet: u8, output: &mut Vec<u8>) {
        self.octets[self.at] = octet;
        self.at = (self.at + 1) % WINDOW;
        output.push(octet);
    }
}

/// CRC-32 that begins with 0 and is not inverted.
fn checksum(data: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(u32::MAX);
    hasher.update(data);
    !hasher.finalize()
}

const HEADER: usize = 16;
const WINDOW: usize = 4096;
const COMPRESSED: u32 = u32::from_le_bytes(*b"LZFu");
const STORED: u32 = u32::from_le_bytes(*b"MELA");
const FIRST_WORDS: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\
\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const _: () = assert!(FIRST_WORDS.len() == 207);
