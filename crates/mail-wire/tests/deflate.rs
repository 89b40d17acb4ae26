//! The DEFLATE layer against compressors of other kinds, at every split: docs/threats.md row 15.

use mail_wire::{Deflate, InflateFault, fuzzing};
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

/// What the three streams of `ZLIB` say.
const LINES: [&[u8]; 3] = [b"a1 NOOP\r\n", b"a2 SELECT inbox\r\n", b"a3 NOOP\r\n"];

/// zlib's `deflate()` with the window bits that RFC 4978 §4 asks for, flushed behind each line: synced, with the
/// dictionary reset, and partially (to no octet's end).
const ZLIB: [&str; 3] = [
    "4a3454f0f3f70fe0e502000000ffff4a34520876f571750e51c8cc4bcaafe0e502000000ffff4a3486ca00000000ffff",
    "4a3454f0f3f70fe0e502000000ffff4a34520876f571750e51c8cc4bcaafe0e502000000ffff4a3456f0f3f70fe0e502000000ffff",
    "4a3454f0f3f70fe0e50208a044238560571f57e71085ccbca4fc0a5e2e80004a3486ca0004",
];

/// `Z_FINISH` behind a sync: a last block without octets.
const END: &str = "0300";

fn octets(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit");
    hex.as_bytes()
        .chunks(2)
        .map(|pair| (digit(pair[0]) * 16 + digit(pair[1])) as u8)
        .collect()
}

/// Reads with slices of `slice` octets until no more comes.
fn drain(layer: &mut Deflate, slice: usize) -> (Vec<u8>, Option<InflateFault>) {
    let (mut plain, mut buffer) = (Vec::new(), vec![0; slice]);
    loop {
        match layer.read(&mut buffer) {
            Ok(0) => return (plain, None),
            Ok(n) => plain.extend_from_slice(&buffer[..n]),
            Err(fault) => return (plain, Some(fault)),
        }
    }
}

fn feed(layer: &mut Deflate, octets: &[u8]) {
    layer.space()[..octets.len()].copy_from_slice(octets);
    layer.filled(octets.len());
}

/// Half by [`Deflate::new`], half by [`Deflate::space`], cut at `at`.
fn inflate_cut(wire: &[u8], at: usize, slice: usize) -> (Vec<u8>, Option<InflateFault>) {
    let mut layer = Deflate::new(&wire[..at]);
    let (mut plain, fault) = drain(&mut layer, slice);
    if fault.is_some() {
        return (plain, fault);
    }
    feed(&mut layer, &wire[at..]);
    let (rest, fault) = drain(&mut layer, slice);
    plain.extend(rest);
    (plain, fault)
}

#[test]
fn zlibs_streams_at_every_split() {
    for wire in ZLIB.map(octets) {
        for at in 0..=wire.len() {
            for slice in [1, 5, 4096] {
                assert_eq!(inflate_cut(&wire, at, slice), (LINES.concat(), None), "{at} {slice}");
            }
        }
    }
}

/// A flush, be it a partial one, delivers each octet before it.
#[test]
fn a_flush_delivers_all_octets_so_far() {
    // Where the flushes of the three streams end.
    for (wire, ends) in ZLIB.map(octets).iter().zip([[15, 38, 48], [15, 38, 53], [11, 31, 37]]) {
        let (mut layer, mut begin) = (Deflate::new(&[]), 0);
        for (line, end) in LINES.iter().zip(ends) {
            feed(&mut layer, &wire[begin..end]);
            assert_eq!(drain(&mut layer, 4096), (line.to_vec(), None));
            assert!(!layer.is_readable());
            begin = end;
        }
    }
}

#[test]
fn an_end_of_input_leaves_what_was_complete() {
    for wire in ZLIB.map(octets) {
        let mut longest = 0;
        for end in 0..=wire.len() {
            let (plain, fault) = drain(&mut Deflate::new(&wire[..end]), 4096);
            assert_eq!(fault, None);
            assert!(LINES.concat().starts_with(&plain) && plain.len() >= longest);
            longest = plain.len();
        }
    }
}

#[test]
fn nothing_may_come_behind_the_end_of_the_stream() {
    let mut wire = octets(ZLIB[0]);
    wire.extend(octets(END));
    for at in 0..=wire.len() {
        assert_eq!(inflate_cut(&wire, at, 3), (LINES.concat(), None));
    }
    wire.extend(b"a4 LOGOUT\r\n");
    for at in 0..=wire.len() {
        let expected = (LINES.concat(), Some(InflateFault::BehindEnd));
        assert_eq!(inflate_cut(&wire, at, 3), expected, "{at}");
    }
    let mut layer = Deflate::new(&wire);
    drain(&mut layer, 4096);
    assert!(layer.is_readable(), "a fault waits for no input");
    assert_eq!(layer.read(&mut [0; 4]), Err(InflateFault::BehindEnd), "again");
}

#[test]
fn garbage_is_a_fault_behind_the_last_good_octet() {
    let mut wire = octets(ZLIB[0]);
    // Block type 3 does not exist (RFC 1951 §3.2.3).
    wire.push(0b110);
    for at in 0..=wire.len() {
        for slice in [1, 4096] {
            let expected = (LINES.concat(), Some(InflateFault::Invalid));
            assert_eq!(inflate_cut(&wire, at, slice), expected, "{at} {slice}");
        }
    }
    let mut layer = Deflate::new(&wire);
    assert_eq!(layer.read(&mut [0; 4096]), Ok(LINES.concat().len()));
    assert!(layer.is_readable(), "a fault waits for no input");
    let mut layer = Deflate::new(b"a1 NOOP\r\n");
    assert_eq!(
        drain(&mut layer, 4096).1,
        Some(InflateFault::Invalid),
        "no DEFLATE at all"
    );
    assert_eq!(layer.read(&mut [0; 4]), Err(InflateFault::Invalid), "again");
}

/// A match of which the slice took a part goes on though all input is used.
#[test]
fn octets_wait_for_no_input() {
    let mut layer = Deflate::new(&octets("4a0402"));
    assert_eq!(layer.read(&mut [0; 2]), Ok(2));
    assert!(layer.is_readable());
    assert_eq!(layer.read(&mut [0; 9]), Ok(2));
    assert!(!layer.is_readable());
}

/// What lies before the stream's first octet cannot be copied, neither at its begin nor where the dictionary is full
/// for the first time.
#[test]
fn no_distance_leads_out_of_the_stream() {
    // An `a` and a match of three octets, one and two octets back.
    let matches = ["4a040200", "4a044200"].map(octets);
    assert_eq!(drain(&mut Deflate::new(&matches[0]), 4096), (b"aaaa".to_vec(), None));
    let (plain, fault) = drain(&mut Deflate::new(&matches[1]), 4096);
    assert_eq!((&plain[..], fault), (&b"a"[..], Some(InflateFault::Invalid)));

    // A stored block, and a match of three octets as far back as DEFLATE can say: 32,768 octets.
    for (n, expected) in [(0x7fff_u16, Some(InflateFault::Invalid)), (0x8000, None)] {
        let noise: Vec<u8> = (0..u32::from(n)).map(|at| (at * at / 7 % 251) as u8).collect();
        let mut wire = vec![0];
        wire.extend(n.to_le_bytes());
        wire.extend((!n).to_le_bytes());
        wire.extend(&noise);
        wire.extend(octets("02deff0f00"));
        for slice in [1, 1000, 100_000] {
            let (plain, fault) = drain(&mut Deflate::new(&wire), slice);
            assert_eq!(fault, expected, "{n} {slice}");
            assert!(plain.starts_with(&noise));
            if fault.is_none() {
                assert_eq!(plain[noise.len()..], noise[..3]);
            }
        }
    }
}

/// docs/threats.md row 15: 8 KiB that stand for eight million octets give what is asked for, and no more input is taken
/// than that needs.
#[test]
fn a_bomb_costs_what_is_read_of_it() {
    let mut bomb = Vec::new();
    let mut core = CompressorOxide::with_format_and_level(DataFormat::Raw, CompressionLevel::BestCompression);
    compress_to_output(&mut core, &vec![0; 8 << 20], TDEFLFlush::Sync, |octets| {
        bomb.extend_from_slice(octets);
        true
    });
    assert!(bomb.len() < 10 << 10, "{}", bomb.len());
    let mut layer = Deflate::new(&bomb);
    let mut total = 0;
    for n in [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] {
        assert_eq!(layer.read(&mut vec![1; n]), Ok(n));
        total += n;
        assert!(layer.is_readable());
        let text = format!("{layer:?}");
        let unread = text.split("unread: ").nth(1).and_then(|rest| rest.split(',').next());
        let unread = unread.and_then(|n| n.parse::<usize>().ok()).expect("a number");
        // DEFLATE makes at most 1032 octets of one; a block's head and a few octets of lookahead come on top.
        assert!(bomb.len() - unread <= total / 1000 + 200, "{total} {unread}");
    }
    assert_eq!(drain(&mut layer, 4096).0.len(), (8 << 20) - total);
}

#[test]
fn a_flush_of_nothing_writes_nothing() {
    let mut layer = Deflate::new(&[]);
    layer.flush();
    assert_eq!(layer.transmit(), b"");
    layer.write(b"a1 NOOP\r\n");
    layer.flush();
    let n = layer.transmit().len();
    layer.flush();
    assert_eq!(layer.transmit().len(), n);
    assert!(layer.transmit().ends_with(&[0, 0, 0xff, 0xff]), "a sync flush");
}

/// A peer's compressor: its level, and how it flushes behind each line.
fn compress(lines: &[(Vec<u8>, Flush)], level: CompressionLevel) -> Vec<u8> {
    let mut core = CompressorOxide::with_format_and_level(DataFormat::Raw, level);
    let mut wire = Vec::new();
    for (line, flush) in lines {
        let flush = match flush {
            Flush::None => TDEFLFlush::None,
            Flush::Sync => TDEFLFlush::Sync,
            Flush::Reset => TDEFLFlush::Full,
            Flush::Partial => TDEFLFlush::Partial,
        };
        compress_to_output(&mut core, line, flush, |octets| {
            wire.extend_from_slice(octets);
            true
        });
    }
    compress_to_output(&mut core, &[], TDEFLFlush::Sync, |octets| {
        wire.extend_from_slice(octets);
        true
    });
    wire
}

#[derive(Clone, Copy, Debug)]
enum Flush {
    None,
    Sync,
    Reset,
    Partial,
}

/// Lines that repeat each other, and noise that does not compress.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(b"ab \r\n".to_vec()), 0..3000),
        prop::collection::vec(any::<u8>(), 0..3000),
        (any::<u8>(), 0..40_000_usize).prop_map(|(octet, n)| vec![octet; n]),
    ]
}

fn flush() -> impl Strategy<Value = Flush> {
    prop_oneof![
        Just(Flush::None),
        Just(Flush::Sync),
        Just(Flush::Reset),
        Just(Flush::Partial)
    ]
}

proptest! {
    #[test]
    fn any_compressor_any_cuts(
        lines in prop::collection::vec((line(), flush()), 0..8),
        level in prop::sample::select(vec![
            CompressionLevel::NoCompression,
            CompressionLevel::BestSpeed,
            CompressionLevel::DefaultLevel,
            CompressionLevel::BestCompression,
        ]),
        cuts in prop::collection::vec(1..1500_usize, 1..8),
        slices in prop::collection::vec(1..5000_usize, 1..8),
    ) {
        let wire = compress(&lines, level);
        let expected: Vec<u8> = lines.iter().flat_map(|(line, _)| line.clone()).collect();
        let (mut layer, mut rest, mut plain) = (Deflate::new(&[]), &wire[..], Vec::new());
        let (mut cuts, mut slices) = (cuts.iter().cycle(), slices.iter().cycle());
        loop {
            let mut buffer = vec![0; *slices.next().unwrap()];
            match layer.read(&mut buffer).expect("it is DEFLATE") {
                0 if rest.is_empty() => break,
                0 => {
                    let n = rest.len().min(*cuts.next().unwrap()).min(layer.space().len());
                    feed(&mut layer, &rest[..n]);
                    rest = &rest[n..];
                }
                n => plain.extend_from_slice(&buffer[..n]),
            }
        }
        assert!(plain == expected);
    }

    #[test]
    fn our_own_compressor(lines in prop::collection::vec((line(), any::<bool>()), 0..8)) {
        let (mut near, mut far, mut wire) = (Deflate::new(&[]), Deflate::new(&[]), Vec::new());
        let (mut sent, mut heard) = (Vec::new(), Vec::new());
        for (line, flushed) in &lines {
            let mut rest = &line[..];
            while !rest.is_empty() {
                rest = &rest[near.write(rest)..];
                wire.extend_from_slice(near.transmit());
                near.transmitted(usize::MAX);
            }
            sent.extend_from_slice(line);
            if *flushed {
                near.flush();
                wire.extend_from_slice(near.transmit());
                near.transmitted(usize::MAX);
            }
            let mut rest = &wire[..];
            while !rest.is_empty() {
                let n = rest.len().min(far.space().len());
                feed(&mut far, &rest[..n]);
                rest = &rest[n..];
                heard.extend(drain(&mut far, 999).0);
            }
            wire.clear();
            assert!(sent.starts_with(&heard));
            assert!(!flushed || sent == heard, "a flush delivers all octets so far");
        }
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::deflate(&data);
    }

    /// What begins well and then breaks, in all the ways that a stream can.
    #[test]
    fn damaged_streams(
        lines in prop::collection::vec((line(), flush()), 1..3),
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        let mut wire = compress(&lines, CompressionLevel::DefaultLevel);
        wire.truncate(2000);
        let at = at.index(wire.len());
        wire[at] = to;
        fuzzing::deflate(&wire);
    }
}
