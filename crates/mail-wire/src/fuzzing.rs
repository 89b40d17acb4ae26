//! Properties for the fuzz targets, which are one line each. Also called by `tests/properties.rs`.

use alloc::vec::Vec;

use crate::{BareLineEnds, DotReader, DotWriter, Dots, Framed, LineEnds, LineFramer, ProxyHeader};
#[cfg(feature = "deflate")]
use crate::{Deflate, InflateFault};

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

/// A header of the PROXY protocol that is found in a part of the input is the one of the whole, and one that is wrong there
/// stays wrong.
pub fn proxy(data: &[u8]) {
    let whole = ProxyHeader::parse(data);
    let mut decided = false;
    for end in 0..data.len() {
        match ProxyHeader::parse(&data[..end]) {
            Ok(None) => assert!(!decided, "what was decided stays so"),
            found => {
                decided = true;
                assert_eq!(found, whole);
            }
        }
    }
    if let Ok(Some((header, octets))) = whole {
        assert!(octets <= ProxyHeader::MAX_V2 && octets <= data.len());
        assert!(header.tlvs().map(|tlv| tlv.value.len() + 3).sum::<usize>() <= octets);
    }
}

/// Any octets inflate to the same octets and the same fault however input and slices are cut; and what was compressed
/// inflates to itself.
#[cfg(feature = "deflate")]
pub fn deflate(data: &[u8]) {
    /// A bomb of the fuzzer's may cost no more than this.
    const PLAIN: usize = 1 << 16;
    let whole = inflate(data, usize::MAX, 4096, PLAIN);
    for (piece, slice) in [(1, 1), (1, 4096), (3, 7), (usize::MAX, 1)] {
        assert_eq!(inflate(data, piece, slice, PLAIN), whole, "{piece} {slice}");
    }
    for piece in [1, 5, usize::MAX] {
        let wire = compress(data, piece);
        assert_eq!(inflate(&wire, 2, 100, usize::MAX), (data.to_vec(), None));
    }
}

/// What `wire` inflates to, at most `limit` octets, and the fault behind it.
#[cfg(feature = "deflate")]
fn inflate(wire: &[u8], piece: usize, slice: usize, limit: usize) -> (Vec<u8>, Option<InflateFault>) {
    let (mut layer, mut rest, mut plain) = (Deflate::new(&[]), wire, Vec::new());
    let mut buffer = alloc::vec![0; slice];
    while plain.len() < limit {
        let room = slice.min(limit - plain.len());
        match layer.read(&mut buffer[..room]) {
            Err(fault) => return (plain, Some(fault)),
            Ok(0) if rest.is_empty() => break,
            Ok(0) => {
                let space = layer.space();
                let n = space.len().min(rest.len()).min(piece);
                assert!(n > 0, "there is space when more is needed");
                space[..n].copy_from_slice(&rest[..n]);
                layer.filled(n);
                rest = &rest[n..];
            }
            Ok(n) => plain.extend_from_slice(&buffer[..n]),
        }
    }
    (plain, None)
}

/// `plain` compressed, with a flush behind each piece.
#[cfg(feature = "deflate")]
fn compress(plain: &[u8], piece: usize) -> Vec<u8> {
    let (mut layer, mut wire) = (Deflate::new(&[]), Vec::new());
    for piece in plain.chunks(piece.clamp(1, plain.len().max(1))) {
        let mut rest = piece;
        while !rest.is_empty() {
            rest = &rest[layer.write(rest)..];
            wire.extend_from_slice(layer.transmit());
            layer.transmitted(usize::MAX);
        }
        layer.flush();
        wire.extend_from_slice(layer.transmit());
        layer.transmitted(usize::MAX);
    }
    wire
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
