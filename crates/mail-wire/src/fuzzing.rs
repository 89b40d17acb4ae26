//! Properties for the fuzz targets, which are one line each. Also called by `tests/properties.rs`.

use alloc::vec::Vec;

use crate::{BareLineEnds, DotReader, DotWriter, Dots, Framed, LineEnds, LineFramer};

/// What was encoded decodes to itself, and how it is cut never matters.
pub fn dots(data: &[u8]) {
    let wire = encode(data, data.len());
    assert_eq!(encode(data, 1), wire);
    let (body, end) = decode(&wire, wire.len(), BareLineEnds::Refuse);
    assert_eq!(end, Some(wire.len()), "the body ends at its last octets only");
    assert_eq!(encode(&body, 7), wire);
    for bare in [BareLineEnds::Refuse, BareLineEnds::Allow] {
        assert_eq!(decode(data, data.len(), bare), decode(data, 1, bare));
    }
}

/// Lines do not depend on how the input is cut, and nothing beyond the limit is kept.
pub fn lines(data: &[u8]) {
    for ends in [LineEnds::Crlf, LineEnds::CrlfOrLf] {
        assert_eq!(frame(data, data.len(), ends), frame(data, 1, ends));
    }
}

fn encode(body: &[u8], piece: usize) -> Vec<u8> {
    let (mut writer, mut wire) = (DotWriter::new(BareLineEnds::Allow), Vec::new());
    for piece in body.chunks(piece.max(1)) {
        let mut rest = piece;
        while !rest.is_empty() {
            let n = writer.write(rest, &mut wire, 64).expect("nothing is refused");
            rest = &rest[n..];
        }
    }
    writer.finish(&mut wire).expect("nothing is refused");
    wire
}

/// The body, and where it ended if it did.
fn decode(wire: &[u8], piece: usize, bare: BareLineEnds) -> (Vec<u8>, Option<usize>) {
    let mut reader = DotReader::new(bare);
    let (mut body, mut at, mut seen) = (Vec::new(), 0, 0);
    loop {
        match reader.next(&wire[at..seen]) {
            Dots::Body(n) => {
                body.extend_from_slice(&wire[at..at + n]);
                reader.consumed(n);
                at += n;
            }
            Dots::Drop(n) => at += n,
            Dots::End(n) => return (body, Some(at + n)),
            Dots::Bare => return (body, None),
            Dots::Incomplete if seen == wire.len() => return (body, None),
            Dots::Incomplete => seen = (seen + piece).min(wire.len()),
        }
    }
}

fn frame(data: &[u8], piece: usize, ends: LineEnds) -> Vec<Framed> {
    const LIMIT: usize = 16;
    let mut framer = LineFramer::new(LIMIT, ends);
    let (mut found, mut at, mut seen) = (Vec::new(), 0, 0);
    loop {
        match framer.next(&data[at..seen]) {
            Framed::Incomplete if seen == data.len() => return found,
            Framed::Incomplete => {
                assert!(seen - at <= LIMIT + 1, "keeps no more than its limit");
                seen = (seen + piece).min(data.len());
            }
            Framed::Drop { octets } => at += octets,
            Framed::Line { content, octets } => {
                found.push(Framed::Line { content, octets });
                at += octets;
            }
            Framed::Refused { octets, why } => {
                // How much of it was dropped before depends on the cuts; that and why it was refused does not.
                found.push(Framed::Refused { octets: 0, why });
                at += octets;
            }
        }
    }
}
