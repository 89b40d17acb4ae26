//! mbox files, read and written at every split.

use mime_codec::DefectKind;
use mime_codec::mbox::{Event, FromLine, Reader, Variant, Writer};
use proptest::prelude::{Just, Strategy, prop, prop_assert_eq, prop_oneof, proptest};
use rfc5322::{DateTime, Zone};

/// What a file holds, octets joined.
#[derive(Debug, Default, PartialEq, Clone)]
struct Contents {
    messages: Vec<(Vec<u8>, Vec<u8>)>,
    defects: Vec<(usize, DefectKind)>,
    ends: usize,
}

fn read<'a>(variant: Variant, pieces: impl IntoIterator<Item = &'a [u8]>) -> Contents {
    let mut contents = Contents::default();
    let mut reader = Reader::new(variant);
    let mut collect = |event: Event| match event {
        Event::Start(line) => contents.messages.push((line.to_vec(), vec![])),
        Event::Octets(octets) => contents.messages.last_mut().unwrap().1.extend_from_slice(octets),
        Event::End => contents.ends += 1,
        Event::Defect(defect) => contents.defects.push((defect.offset, defect.kind)),
        _ => unreachable!("no other event"),
    };
    pieces.into_iter().for_each(|piece| reader.update(piece, &mut collect));
    reader.finish(&mut collect);
    assert_eq!(contents.ends, contents.messages.len());
    contents
}

fn at_every_split(variant: Variant, file: &[u8]) -> Contents {
    let whole = read(variant, [file]);
    assert_eq!(
        read(variant, file.chunks(1)),
        whole,
        "{:?}",
        String::from_utf8_lossy(file)
    );
    for cut in 0..=file.len() {
        let (first, second) = file.split_at(cut);
        assert_eq!(
            read(variant, [first, second]),
            whole,
            "{:?} cut at {cut}",
            String::from_utf8_lossy(file)
        );
    }
    whole
}

fn messages(contents: &Contents) -> Vec<String> {
    let text = |(_, message): &(Vec<u8>, Vec<u8>)| String::from_utf8_lossy(message).into_owned();
    contents.messages.iter().map(text).collect()
}

fn date() -> DateTime {
    DateTime::from_unix(1_057_049_557, Zone::UTC).unwrap()
}

#[test]
fn files_are_read() {
    let file = b"From a\nS: 1\n\n>From me\n>>From you\n\n\nFrom b\r\nS: 2\r\n\r\nx\r\n\r\nFrom c\n";
    let rd = at_every_split(Variant::Mboxrd, file);
    assert_eq!(
        messages(&rd),
        ["S: 1\n\nFrom me\n>From you\n\n", "S: 2\r\n\r\nx\r\n", ""]
    );
    assert_eq!(rd.messages[1].0, b"From b");
    assert!(rd.defects.is_empty());
    let mboxo = at_every_split(Variant::Mboxo, file);
    assert_eq!(messages(&mboxo)[0], "S: 1\n\n>From me\n>>From you\n\n");
}

#[test]
fn what_is_wrong_and_where() {
    use DefectKind::*;
    type Case<'a> = (Variant, &'a str, &'a [&'a str], &'a [(usize, DefectKind)]);
    let cases: [Case; 9] = [
        (Variant::Mboxrd, "", &[], &[]),
        (Variant::Mboxrd, "\n\nFrom a\n", &[""], &[]),
        (Variant::Mboxrd, "x\n\nFrom a\ny", &["x\n", "y"], &[(0, MboxFromLine)]),
        (
            Variant::Mboxo,
            "From a\nx\nFrom b\ny",
            &["x\n", "y"],
            &[(9, MboxMissingBlankLine)],
        ),
        (
            Variant::Mboxcl2,
            "From a\nContent-Length: 7\n\nFrom x\n\nFrom b\ncontent-length:0\n\n",
            &["Content-Length: 7\n\nFrom x\n", "content-length:0\n\n"],
            &[],
        ),
        (
            Variant::Mboxcl2,
            "From a\nContent-Length: 1\n\nxyz\n\nFrom b\nContent-Length: 0\n\n",
            &["Content-Length: 1\n\nxyz\n", "Content-Length: 0\n\n"],
            &[(27, MboxContentLength)],
        ),
        (
            Variant::Mboxcl2,
            "From a\nContent-Length: 9\n\nxyz\n\n",
            &["Content-Length: 9\n\nxyz\n\n"],
            &[(31, MboxContentLength)],
        ),
        (
            Variant::Mboxcl2,
            "From a\nS: 1\n\nx\n\nFrom b\nContent-Length: 0\n\n",
            &["S: 1\n\nx\n", "Content-Length: 0\n\n"],
            &[(12, MboxContentLength)],
        ),
        (Variant::Mboxrd, "From a\n>>>>Fro\n>\nFro", &[">>>>Fro\n>\nFro"], &[]),
    ];
    for (variant, file, expected, wrong) in cases {
        let contents = at_every_split(variant, file.as_bytes());
        assert_eq!(messages(&contents), expected, "{file:?}");
        assert_eq!(contents.defects, wrong, "{file:?}");
    }
}

/// Files of a small alphabet never depend on how they are cut.
#[test]
fn small_files_at_every_split() {
    let words: [&[u8]; 7] = [b"From ", b">", b"\n", b"\r\n", b"x", b"F", b"Content-Length: 2\n"];
    for index in 0..words.len().pow(5) {
        let mut file = Vec::new();
        let mut rest = index;
        for _ in 0..5 {
            file.extend_from_slice(words[rest % words.len()]);
            rest /= words.len();
        }
        for variant in [Variant::Mboxo, Variant::Mboxrd, Variant::Mboxcl2] {
            let whole = read(variant, [file.as_slice()]);
            assert_eq!(read(variant, file.chunks(1)), whole);
            assert_eq!(read(variant, file.chunks(3)), whole);
        }
    }
}

#[test]
fn lines_in_front_of_messages() {
    let cases: [(&str, &str, Option<i64>); 9] = [
        (
            "From alice@crepes.fr Tue Jul  1 08:52:37 2003",
            "alice@crepes.fr",
            Some(0),
        ),
        (
            "From alice@crepes.fr Tue Jul 1 10:52:37 2003 +0200\r\n",
            "alice@crepes.fr",
            Some(0),
        ),
        ("From alice Tue Jul  1 08:52:37 GMT 2003", "alice", Some(0)),
        ("From alice Tue Jul  1 08:52 2003", "alice", Some(-37)),
        ("From Alice B <a@b> tue jul 01 08:52:37 2003", "Alice B <a@b>", Some(0)),
        (
            "From alice Tue Feb 30 08:52:37 2003",
            "alice Tue Feb 30 08:52:37 2003",
            None,
        ),
        ("From alice", "alice", None),
        ("From ", "", None),
        ("From Tue Jul  1 08:52:37 2003", "", Some(0)),
    ];
    for (line, sender, late) in cases {
        let parsed = FromLine::parse(line.as_bytes()).unwrap();
        assert_eq!(String::from_utf8_lossy(&parsed.sender), sender, "{line:?}");
        let seconds = parsed.date.map(|date| date.unix_seconds() - date_seconds());
        assert_eq!(seconds, late, "{line:?}");
    }
    assert_eq!(FromLine::parse(b"from a"), None);
    let mut line = Vec::new();
    FromLine::new(b"a\nFrom b", date()).write(&mut line);
    assert_eq!(line, b"From a_From_b Tue Jul  1 08:52:37 2003");
}

fn date_seconds() -> i64 {
    date().unix_seconds()
}

/// A line without an end, or of nothing but `>`, is held within bounds (docs/threats.md rows 11 and 12).
#[test]
fn endless_lines() {
    let quotes = [b"From a\n".to_vec(), b">".repeat(1_000_000), b"From x\n".to_vec()].concat();
    assert_eq!(read(Variant::Mboxrd, quotes.chunks(10)).messages[0].1.len(), 1_000_006);
    let line = [b"From ".to_vec(), b"x".repeat(1_000_000)].concat();
    assert_eq!(read(Variant::Mboxrd, line.chunks(10)).messages[0].0.len(), 1024);
}

fn texts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let words = prop_oneof![
        Just("From "),
        Just(">"),
        Just("\n"),
        Just("\r\n"),
        Just("x"),
        Just("Fro"),
        Just("\n\nFrom b\n"),
        Just("\r"),
        Just("\0"),
    ];
    let text = prop::collection::vec(words, 0..12).prop_map(|words| words.concat().into_bytes());
    prop::collection::vec(text, 0..5)
}

proptest! {
    #[test]
    fn what_was_written_is_read(texts in texts(), cut in 1usize..9) {
        for variant in [Variant::Mboxrd, Variant::Mboxcl2, Variant::Mboxo] {
            let mut file = Vec::new();
            let mut writer = Writer::new(variant);
            let mut expected = Vec::new();
            for text in &texts {
                let mut message = b"S: x\n\n".to_vec();
                message.extend_from_slice(text);
                match variant {
                    Variant::Mboxcl2 => writer.start_counted(&FromLine::new(b"a", date()), text.len() as u64, &mut file),
                    _ => writer.start(&FromLine::new(b"a", date()), &mut file),
                }
                message.chunks(cut).for_each(|piece| writer.write(piece, &mut file));
                writer.end(&mut file);
                if variant == Variant::Mboxcl2 {
                    message = [format!("Content-Length: {}\n", text.len()).into_bytes(), message].concat();
                } else if !message.ends_with(b"\n") {
                    message.push(b'\n');
                }
                expected.push(message);
            }
            let contents = read(variant, file.chunks(cut));
            let read: Vec<_> = contents.messages.into_iter().map(|(_, message)| message).collect();
            match variant {
                Variant::Mboxo => prop_assert_eq!(read.len(), expected.len()),
                _ => prop_assert_eq!(read, expected),
            }
        }
    }
}
