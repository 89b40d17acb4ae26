//! Messages without bounds.

use imap_mailbox::message::{MessageChanged, ReadError, Source, Summary, SummaryBuilder};
use imap_proto::{BodyKind, PartPath, Section};

fn nested(depth: usize, level: impl Fn(usize) -> String) -> Vec<u8> {
    let text: String = (0..depth).map(level).collect();
    format!("{text}\r\nHi!\r\n").into_bytes()
}

fn multiparts(depth: usize) -> Vec<u8> {
    nested(depth, |level| {
        format!("Content-Type: multipart/mixed; boundary=b{level}x\r\n\r\n--b{level}x\r\n")
    })
}

fn messages(depth: usize) -> Vec<u8> {
    nested(depth, |level| {
        format!("Content-Type: message/rfc822\r\nSubject: {level}\r\n\r\n")
    })
}

/// docs/threats.md row 14
#[test]
fn fifty_levels_are_told() {
    for message in [multiparts(50), messages(50)] {
        let summary = Summary::of(&message);
        let structure = summary.body_structure();
        assert_eq!(structure.parts().len(), 51);
        assert!(structure.parts()[50].is("text", "plain"));
        imap_mailbox::fuzzing::message(&message);
    }
}

/// docs/threats.md row 13
#[test]
fn what_is_nested_too_deeply_is_octets() {
    for message in [multiparts(20_000), messages(20_000)] {
        let run = move || {
            let summary = Summary::of(&message);
            let structure = summary.body_structure();
            let last = structure.parts().last().unwrap();
            assert!(last.is("application", "octet-stream"));
            assert!(
                structure.parts().len() <= Summary::MAX_DEPTH + 2,
                "{}",
                structure.parts().len()
            );
            let (path, _) = structure.numbered().last().unwrap();
            let range = summary.locate(&Section::Part(path)).unwrap();
            assert_eq!(range.end, message.len() as u64);
            assert_eq!(Summary::from_bytes(&summary.to_bytes()), Ok(summary.clone()));
        };
        let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap();
        thread.join().unwrap();
    }
}

/// docs/threats.md row 11
#[test]
fn half_a_million_of_everything() {
    let parts = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\nx\r\n".repeat(500_000)
    );
    let summary = Summary::of(parts.as_bytes());
    assert_eq!(summary.body_structure().parts().len(), Summary::MAX_PARTS);
    let last: PartPath = (Summary::MAX_PARTS - 1).to_string().parse().unwrap();
    assert_eq!(summary.locate(&Section::Part(last)).unwrap().end, parts.len() as u64);

    let addresses = format!("To: {}\r\n", "a@b,".repeat(60_000)).repeat(9);
    let summary = Summary::of(addresses.as_bytes());
    assert_eq!(summary.envelope().to().len(), 10_000);

    let parameters = format!("Content-Type: text/plain{}\r\n\r\n", ";a=b".repeat(60_000));
    assert_eq!(
        Summary::of(parameters.as_bytes()).body_structure().parts()[0]
            .params
            .len(),
        2
    );
    let parameters: String = (0..20_000).map(|i| format!(";a{i}=b")).collect();
    let parameters = format!("Content-Type: text/plain{parameters}\r\n\r\n");
    assert_eq!(
        Summary::of(parameters.as_bytes()).body_structure().parts()[0]
            .params
            .len(),
        101
    );

    let fields = "Subject: x\r\n".repeat(500_000);
    assert_eq!(Summary::of(fields.as_bytes()).envelope().subject, Some("x".into()));
}

/// What is kept of a message does not grow with it.
#[test]
fn a_summary_is_bounded() {
    let part = format!("--b\r\nContent-Description: {}\r\n\r\n\r\n", "x".repeat(10_000));
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        part.repeat(5_000)
    );
    let summary = Summary::of(message.as_bytes());
    assert!(summary.to_bytes().len() < 2 * Summary::MAX_TEXT);
    let structure = summary.body_structure();
    assert_eq!(structure.parts().len(), 5_001);
    assert_eq!(
        structure.parts()[1].description.as_ref().unwrap().as_bytes().len(),
        10_000
    );
    assert_eq!(structure.parts()[5_000].description, None);
    assert!(structure.parts()[5_000].is("text", "plain"));
    let inside = format!(
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: {}\r\n\r\n",
        "x".repeat(10_000)
    );
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        inside.repeat(1_000)
    );
    let summary = Summary::of(message.as_bytes());
    let structure = summary.body_structure();
    let is_empty =
        |kind: &BodyKind<'_>| matches!(kind, BodyKind::Message { envelope, .. } if envelope.subject.is_none());
    assert!(is_empty(structure.parts()[1_999].kind()) && !is_empty(structure.parts()[1].kind()));
    assert!(Summary::from_bytes(&summary.to_bytes()).is_ok());
}

/// An ordinary message costs a few hundred octets, and its header fields once more.
#[test]
fn a_summary_is_small() {
    let message = b"Return-Path: <ann@example.org>\r\nReceived: from a by b; Mon, 7 Feb 1994 21:52:25 -0800\r\n\
        Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nFrom: Ann Example <ann@example.org>\r\nTo: Bob Example <bob@example.net>\r\n\
        Subject: Lunch on Thursday?\r\nMessage-ID: <0123456789abcdef@example.org>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=\"0123456789abcdef\"\r\n\r\n--0123456789abcdef\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nToday at noon?\r\n\
        --0123456789abcdef\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Today at noon?\r\n--0123456789abcdef--\r\n";
    let octets = Summary::of(message).to_bytes().len();
    assert!(octets < 600, "{octets}");
}

/// A message of which each octet is made when it is asked for: 3 GB would not fit here.
struct Endless;

const LINE: &[u8; 64] = b"All work and no play makes Jack a dull boy, and so does waiting\n";

impl Source for Endless {
    type Error = std::convert::Infallible;

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, Self::Error> {
        assert!(into.len() <= 64 * 1024);
        let start = (offset % 64) as usize;
        into.iter_mut()
            .zip(LINE.iter().cycle().skip(start))
            .for_each(|(octet, made)| *octet = *made);
        Ok(into.len())
    }
}

#[test]
fn a_window_far_behind() {
    let head = b"Subject: long\r\n\r\n";
    let mut builder = SummaryBuilder::new();
    builder.push(head);
    for _ in 0..4 * 1024 {
        builder.push(&LINE.repeat(16));
    }
    let summary = builder.finish();
    assert_eq!(
        summary.body_structure().parts()[0].kind(),
        &BodyKind::Text { lines: 64 * 1024 }
    );
    let imap_proto::FetchAttribute::BodySection { section, partial, .. } =
        crate::told::attribute("BODY[1]<4000000.100000>")
    else {
        panic!()
    };
    let mut reader = summary.section(&section, partial).unwrap();
    let mut octets = Vec::new();
    reader.read_to_end(&mut Endless, &mut octets).unwrap();
    assert_eq!(octets.len(), 100_000);
}

/// docs/threats.md row 27: the message was exchanged for another: that is told, and no literal is filled with anything else.
#[test]
fn messages_that_are_not_the_same() {
    let message = b"A: b\r\n\r\nlong enough\r\n";
    let summary = Summary::of(message);
    for section in [Section::Whole, Section::Text(None), Section::Header(None)] {
        let mut reader = summary.section(&section, None).unwrap();
        let result = reader.read_to_end(&mut &message[..4], &mut Vec::new());
        assert_eq!(result, Err(ReadError::Changed(MessageChanged)), "{section:?}");
    }
    let encoded = b"Content-Transfer-Encoding: base64\r\n\r\nS2V0Y2h1cCE=";
    let other = b"Content-Transfer-Encoding: base64\r\n\r\n!!!!!!!!!!!!";
    let path: PartPath = "1".parse().unwrap();
    let mut reader = Summary::of(encoded).binary(Some(&path), None).unwrap().unwrap();
    let result = reader.read_to_end(&mut &other[..], &mut Vec::new());
    assert_eq!(result, Err(ReadError::Changed(MessageChanged)));
}
