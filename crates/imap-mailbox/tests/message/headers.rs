//! HEADER.FIELDS and HEADER.FIELDS.NOT against a reader that holds the whole header, and headers that nobody holds.

use imap_mailbox::message::{SectionReader, SectionStep, Summary};
use imap_proto::{AString, OneOrMore, Section};
use mime_codec::rfc5322::Fields;
use proptest::prelude::{prop, proptest};

fn sections(names: &[&'static str]) -> [Section<'static>; 2] {
    let names: Vec<AString<'static>> = names.iter().map(|name| AString::try_from(*name).unwrap()).collect();
    let names = OneOrMore::new(names).unwrap();
    [
        Section::HeaderFields(None, names.clone()),
        Section::HeaderFieldsNot(None, names),
    ]
}

/// Reads a section in pieces of some octets.
fn read(mut reader: SectionReader, message: &[u8], piece: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    loop {
        match reader.step() {
            SectionStep::Done => break,
            SectionStep::Read(range) => {
                let start = range.start as usize;
                reader
                    .supply(&message[start..(range.end as usize).min(start + piece)])
                    .unwrap();
            }
            SectionStep::Output => {
                assert!(reader.output().len() < 128 * 1024);
                octets.push(reader.output()[0]);
                reader.consume(1);
                octets.extend_from_slice(reader.output());
                reader.consume(reader.output().len());
            }
        }
    }
    assert_eq!(reader.len(), Some(octets.len() as u64));
    octets
}

/// All fields whose name is in the list, or is not, by a reader that was written for something else.
fn naive(header: &[u8], names: &[&str], others: bool) -> Vec<u8> {
    let is_named = |name: &str| names.iter().any(|other| name.eq_ignore_ascii_case(other));
    let fields = Fields::new(header)
        .flatten()
        .filter(|field| is_named(field.name) != others);
    fields.flat_map(|field| field.raw.to_vec()).chain(*b"\r\n").collect()
}

proptest! {
    #[test]
    fn lines_are_those_of_the_fields(
        lines in prop::collection::vec("(A|b|Ab|to|TO ?): [a-z]{0,4}\r\n|[ \t][a-z:]{0,4}\r\n|[a-z]: \r\n|: x\r\n|a b: c\r\n", 0..8),
        piece in 1_usize..20,
    ) {
        let header = format!("First: 1\r\n{}", lines.concat());
        let message = format!("{header}\r\nbody");
        let summary = Summary::of(message.as_bytes());
        let names = ["a", "TO", "x"];
        for (section, others) in sections(&names).into_iter().zip([false, true]) {
            let found = read(summary.section(&section, None).unwrap(), message.as_bytes(), piece);
            let expected = naive(header.as_bytes(), &names, others);
            assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected), "{header:?}");
        }
    }
}

/// Where there is more than is held, the header is read again.
#[test]
fn a_header_of_megabytes() {
    let field = |i: usize| format!("X-{i}: {}\r\n", "y".repeat(i % 70));
    let fields: String = (0..50_000).map(field).collect();
    let message = format!("Subject: first\r\n{fields}Subject: last\r\n\r\nbody");
    let summary = Summary::of(message.as_bytes());
    let [only, others] = sections(&["SUBJECT"]);
    let found = read(summary.section(&only, None).unwrap(), message.as_bytes(), 4096);
    assert_eq!(found, b"Subject: first\r\nSubject: last\r\n\r\n");
    let found = read(summary.section(&others, None).unwrap(), message.as_bytes(), 4096);
    assert!(found == format!("{fields}\r\n").into_bytes());
    let partial = "FETCH 1 BODY[HEADER.FIELDS.NOT (SUBJECT)]<1000000.70000>";
    let imap_proto::FetchAttribute::BodySection { partial, .. } = crate::told::attribute(&partial[8..]) else {
        panic!()
    };
    let window = read(summary.section(&others, partial).unwrap(), message.as_bytes(), 4096);
    assert!(window == fields.as_bytes()[1_000_000..1_070_000]);
}
