//! Summaries and sections.

use std::num::{NonZeroU32, NonZeroU64};

use imap_proto::{Data, Fetch, FetchItem, Numbering, OneOrMore, Parsed, Partial, Reading, Response, Section, Spelling};

use crate::message::{SectionReader, Summary, SummaryBuilder};

/// Any octets, taken for a message, have one summary, however they are cut; what it says can be read by any client; and
/// every part that it tells of is there.
pub fn message(data: &[u8]) {
    let summary = Summary::of(data);
    for piece in [1, 7, 1000] {
        let mut builder = SummaryBuilder::new();
        data.chunks(piece).for_each(|piece| builder.push(piece));
        assert_eq!(builder.finish(), summary, "in pieces of {piece}");
    }
    assert_eq!(summary.size(), data.len() as u64);
    assert!(summary.preview().chars().count() <= Summary::MAX_PREVIEW);
    assert_eq!(Summary::from_bytes(&summary.to_bytes()).as_ref(), Ok(&summary));
    told(&summary);
    sections(&summary, data);
}

/// Any octets, taken for a kept summary, are one or are none; and what is one can be told.
pub fn summary(data: &[u8]) {
    let _ = Summary::from_bytes(data);
    let Some(summary) = Summary::from_contents(data) else {
        return;
    };
    let bytes = summary.to_bytes();
    assert_eq!(&bytes[1..bytes.len() - 4], data);
    assert_eq!(Summary::from_bytes(&bytes).as_ref(), Ok(&summary));
    told(&summary);
    for (path, _) in summary.body_structure().numbered() {
        summary
            .locate(&Section::Part(path.clone()))
            .expect("a part that has a number");
        let _ = (
            summary.binary_size(Some(&path)),
            summary.section(&Section::Mime(path), None),
        );
    }
}

/// A client reads what is written of the summary, and reads the same.
fn told(summary: &Summary) {
    let items = vec![
        FetchItem::Envelope(Box::new(summary.envelope())),
        FetchItem::Body(summary.body()),
        FetchItem::BodyStructure(summary.body_structure()),
        FetchItem::Preview(Some(summary.preview().into())),
    ];
    let items = OneOrMore::new(items).expect("four items");
    let response = Response::Untagged(Data::Fetch(Fetch::new(Numbering::Sequence, NonZeroU32::MIN, items)));
    for utf8 in [false, true] {
        let mut wire = Vec::new();
        let spelling = Spelling {
            utf8,
            ..Spelling::SERVER
        };
        assert!(response.encode(spelling, &mut wire).is_empty());
        assert!(!wire.contains(&0));
        let reading = Reading {
            utf8,
            ..Reading::STRICT
        };
        let octets = wire.len();
        let value = response.clone();
        match Response::parse(&wire, reading) {
            Ok(read) => assert_eq!(read, Parsed::Complete { value, octets }),
            Err(why) => panic!("{why}: {}", String::from_utf8_lossy(&wire)),
        }
    }
}

fn sections(summary: &Summary, data: &[u8]) {
    let structure = summary.body_structure();
    for (path, node) in structure.numbered().take(50) {
        let part = Section::Part(path.clone());
        let octets = all(summary.section(&part, None), data).expect("a part that has a number");
        if !node.part().is_multipart() {
            assert_eq!(octets.len() as u64, node.part().octets);
        }
        let is_message = matches!(node.part().kind(), imap_proto::BodyKind::Message { .. });
        let text = all(summary.section(&Section::Text(Some(path.clone())), None), data);
        let header = all(summary.section(&Section::Header(Some(path.clone())), None), data);
        assert_eq!((text.is_some(), header.is_some()), (is_message, is_message));
        if let (Some(header), Some(text)) = (header, text) {
            assert_eq!([header, text].concat(), octets);
        }
        let Ok(size) = summary.binary_size(Some(&path)) else {
            assert!(summary.binary(Some(&path), None).is_err());
            continue;
        };
        let decoded = all(summary.binary(Some(&path), None).expect("it has a size"), data);
        let decoded = decoded.expect("a part that has a number");
        assert_eq!(size, Some(decoded.len() as u64));
        for partial in partials(decoded.len()) {
            let window = all(summary.binary(Some(&path), Some(partial)).expect("it has a size"), data);
            assert_eq!(window.as_deref(), Some(cut(&decoded, partial)));
        }
    }
    let whole = all(summary.section(&Section::Whole, None), data).expect("there is a message");
    let nul = |octet: &u8| if *octet == 0 { 0x80 } else { *octet };
    assert_eq!(whole, data.iter().map(nul).collect::<Vec<u8>>());
    header_fields(summary, data);
}

fn header_fields(summary: &Summary, data: &[u8]) {
    let names = |names: &[&'static str]| {
        let names = names.iter().map(|name| (*name).try_into().expect("a name"));
        OneOrMore::new(names.collect()).expect("a name")
    };
    for section in [
        Section::HeaderFields(None, names(&["subject", "FROM", "content-type"])),
        Section::HeaderFieldsNot(None, names(&["Date", "x"])),
    ] {
        let lines = all(summary.section(&section, None), data).expect("there is a header");
        for partial in partials(lines.len()) {
            let window = all(summary.section(&section, Some(partial)), data);
            assert_eq!(window.as_deref(), Some(cut(&lines, partial)));
        }
    }
}

fn all(reader: Option<SectionReader>, mut data: &[u8]) -> Option<Vec<u8>> {
    let mut reader = reader?;
    let len = reader.measure(&mut data).expect("the message is the same");
    let mut octets = Vec::new();
    reader
        .read_to_end(&mut data, &mut octets)
        .expect("the message is the same");
    assert_eq!((octets.len() as u64, reader.len()), (len, Some(len)));
    Some(octets)
}

fn partials(len: usize) -> [Partial; 4] {
    let len = len as u64;
    [(0, 1), (len / 2, 10), (len.saturating_sub(1), u64::MAX), (len + 1, 1)].map(|(offset, length)| Partial {
        offset,
        length: NonZeroU64::new(length).expect("a length"),
    })
}

fn cut(octets: &[u8], partial: Partial) -> &[u8] {
    let start = octets.len().min(partial.offset as usize);
    let end = octets.len().min(start.saturating_add(partial.length.get() as usize));
    &octets[start..end]
}
