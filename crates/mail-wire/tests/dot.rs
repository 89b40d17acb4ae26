//! The dot codec against a naive oracle: every short string over the octets that matter, at every split.

use mail_testing::oracle::{Unstuffed, has_bare_line_end, normalised, strings, stuff, unstuff};
use mail_testing::{Random, chunkings};
use mail_wire::{BareLineEnds, DotReader, DotWriter, Dots, bare_line_end};

const ALPHABET: &[u8] = b".\r\nx";
const LONGEST: u32 = 7;

/// docs/threats.md row 1: what ends a body, and what voids it. Also row 3, the empty body, which is the shortest string.
#[test]
fn reader_agrees_with_the_oracle_at_every_split() {
    for head in strings(ALPHABET, LONGEST) {
        for input in [head.clone(), [&head[..], b"\r\n.\r\nMAIL"].concat()] {
            let expected = unstuff(&input);
            for cut in 0..=input.len() {
                let (a, b) = input.split_at(cut);
                let found = read(&[a, b], BareLineEnds::Refuse);
                assert_eq!(found, expected, "{input:?} cut at {cut}");
            }
            let octets: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(
                read(&octets, BareLineEnds::Refuse),
                expected,
                "{input:?} octet by octet"
            );
        }
    }
}

/// With the leniency, bare line ends are octets like others: the body ends where CRLF `.` CRLF stands, nowhere else.
#[test]
fn lenient_reader_ends_at_the_same_place() {
    for head in strings(ALPHABET, LONGEST) {
        let input = [&head[..], b"\r\n.\r\nMAIL"].concat();
        let framed = [b"\r\n", &input[..]].concat();
        let end = framed
            .windows(5)
            .position(|five| five == b"\r\n.\r\n")
            .expect("it is there");
        let rest = framed[end + 5..].to_vec();
        let Unstuffed::Whole { body, rest: found } = read(&[&input], BareLineEnds::Allow) else {
            panic!("{input:?} has no end");
        };
        assert_eq!(found, rest, "{input:?}");
        if !has_bare_line_end(&input) {
            assert_eq!(unstuff(&input), Unstuffed::Whole { body, rest });
        }
    }
}

/// docs/threats.md row 2: whatever the body, what is written reads back as one body and nothing behind it.
#[test]
fn writer_agrees_with_the_oracle_at_every_split() {
    for body in strings(ALPHABET, LONGEST) {
        for cut in 0..=body.len() {
            let (a, b) = body.split_at(cut);
            let wire = write(&[a, b], BareLineEnds::Allow, 4).expect("nothing is refused");
            assert_eq!(wire, stuff(&body), "{body:?} cut at {cut}");
            let whole = Unstuffed::Whole {
                body: normalised(&body),
                rest: vec![],
            };
            assert_eq!(unstuff(&wire), whole, "{body:?}");
        }
        let strict = write(&[&body], BareLineEnds::Refuse, 4096);
        assert_eq!(strict.is_none(), has_bare_line_end(&body), "{body:?}");
        assert!(strict.is_none_or(|wire| wire == stuff(&body)), "{body:?}");
    }
}

#[test]
fn bare_line_ends_are_found() {
    for body in strings(ALPHABET, LONGEST) {
        let found = bare_line_end(&body);
        assert_eq!(found.is_some(), has_bare_line_end(&body), "{body:?}");
        if let Some(at) = found {
            assert!(
                !has_bare_line_end(&body[..at]) && b"\r\n".contains(&body[at]),
                "{body:?}: {at}"
            );
        }
    }
}

/// Blocks are judged at once: put each short string where blocks meet.
#[test]
fn block_borders_change_nothing() {
    for middle in strings(ALPHABET, 5) {
        for filler in 120..136 {
            let body = [&vec![b'y'; filler][..], &middle, &[b'z'; 300]].concat();
            assert_eq!(
                write(&[&body], BareLineEnds::Allow, 1 << 20),
                Some(stuff(&body)),
                "{middle:?} at {filler}"
            );
            let wire = [&body[..], b"\r\n.\r\n"].concat();
            assert_eq!(
                read(&[&wire], BareLineEnds::Refuse),
                unstuff(&wire),
                "{middle:?} at {filler}"
            );
        }
    }
}

#[test]
fn long_random_bodies_survive() {
    let mut random = Random::new(7);
    for _ in 0..200 {
        let len = random.below(3000);
        let body: Vec<u8> = (0..len).map(|_| b".\r\nxyz\r\n"[random.below(8)]).collect();
        let room = 4 + random.below(200);
        let pieces = random.cut(&body);
        let wire = write(&pieces, BareLineEnds::Allow, room).expect("nothing is refused");
        for pieces in chunkings(&wire) {
            let whole = Unstuffed::Whole {
                body: normalised(&body),
                rest: vec![],
            };
            assert_eq!(read(&pieces, BareLineEnds::Refuse), whole);
        }
    }
}

#[test]
fn refused_body_names_the_octet() {
    for (body, offset) in [
        (&b"ab\ncd"[..], 2),
        (b"ab\rcd", 2),
        (b"\n", 0),
        (b"a\r\n\r\n\r", 5),
        (b"\r\r\n", 0),
    ] {
        for cut in 0..=body.len() {
            let mut writer = DotWriter::new(BareLineEnds::Refuse);
            let (a, b) = body.split_at(cut);
            let mut wire = Vec::new();
            let fed = writer
                .write(a, &mut wire, 99)
                .and_then(|_| writer.write(b, &mut wire, 99));
            let error = fed.and_then(|_| writer.finish(&mut wire)).expect_err("a bare line end");
            assert_eq!(error.offset, offset, "{body:?} cut at {cut}");
        }
    }
}

/// Drives a reader as a machine does: a window of unread octets, body consumed in uneven pieces.
fn read(pieces: &[&[u8]], bare: BareLineEnds) -> Unstuffed {
    let mut reader = DotReader::new(bare);
    let (mut window, mut body) = (Vec::new(), Vec::new());
    let mut pieces = pieces.iter();
    loop {
        let used = match reader.next(&window) {
            Dots::Incomplete => match pieces.next() {
                Some(piece) => {
                    window.extend_from_slice(piece);
                    continue;
                }
                None => return Unstuffed::Open,
            },
            Dots::Body(n) => {
                let n = n.div_ceil(2);
                body.extend_from_slice(&window[..n]);
                reader.consumed(n);
                n
            }
            Dots::Drop(n) => n,
            Dots::End(n) => {
                window.drain(..n);
                window.extend(pieces.flat_map(|piece| piece.iter()));
                return Unstuffed::Whole { body, rest: window };
            }
            Dots::Bare => return Unstuffed::Bare,
        };
        window.drain(..used);
    }
}

fn write(pieces: &[&[u8]], bare: BareLineEnds, room: usize) -> Option<Vec<u8>> {
    let mut writer = DotWriter::new(bare);
    let mut wire = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let before = wire.len();
            let n = writer.write(rest, &mut wire, room).ok()?;
            assert!(wire.len() - before <= room, "keeps to its room");
            rest = &rest[n..];
        }
    }
    writer.finish(&mut wire).ok()?;
    Some(wire)
}
