//! What clients are told of messages with UTF-8 in their headers that know none (RFC 6858).

use imap_mailbox::message::{Audience, ItemReader, Rendered, SectionStep, Summary};
use imap_proto::{FetchAttribute, FetchItem, FetchSelection};
use proptest::prelude::*;

const MESSAGE: &str = "Received: from grå.example\r\n\
    From: =?utf-8?Q?Fran=C3=A7ois?= <françois@crêpes.example>,\r\n Ann <ann@example.org>\r\n\
    To: Zoë <zoe@example.org>, ü@example.org, Köche: 用户@例子.example, bob@example.org;\r\n\
    Subject: Crêpes for\r\n two\r\n\
    Message-ID: <é@example.org>\r\n\
    X-Plain: yes\r\n\
    X-Wide: où\r\n\
    Content-Type: multipart/mixed; boundary=x; title=\"é\"\r\n\
    \r\n\
    --x\r\n\
    Content-Type: text/plain; charset=utf-8; name=\"crêpe.txt\"\r\n\
    Content-Disposition: attachment; filename=\"crêpe.txt\"; size=3\r\n\
    Content-Description: où\r\n\
    \r\n\
    Où?\r\n\
    --x\r\n\
    Content-Type: message/rfc822\r\n\
    \r\n\
    Subject: inner ê\r\n\
    \r\n\
    ê\r\n\
    --x--\r\n";

fn attribute(text: &str) -> FetchAttribute<'_> {
    match FetchSelection::parse(text.as_bytes()).unwrap() {
        FetchSelection::Attributes(attributes) => attributes.into_vec().remove(0),
        other => panic!("{other:?}"),
    }
}

/// The octets of an item, the message given in pieces.
fn octets(message: &[u8], summary: &Summary, audience: Audience, text: &str, piece: usize) -> String {
    let attribute = attribute(text);
    let reader = match summary.render_for(audience, &attribute).unwrap() {
        Some(Rendered::Octets(reader)) => ItemReader::into_reader(reader),
        Some(Rendered::Item(item)) => panic!("{item:?}"),
        None => panic!("{text} is of the message"),
    };
    let (mut reader, mut read) = (reader, Vec::new());
    loop {
        match reader.step() {
            SectionStep::Read(range) => {
                let end = (range.end as usize).min(range.start as usize + piece);
                reader.supply(&message[range.start as usize..end]).unwrap();
            }
            SectionStep::Output => {
                read.extend_from_slice(reader.output());
                reader.consume(reader.output().len());
            }
            SectionStep::Done => break,
        }
    }
    assert_eq!(reader.len(), Some(read.len() as u64), "{text}");
    String::from_utf8(read).unwrap()
}

fn told(text: &str) -> String {
    let summary = Summary::of(MESSAGE.as_bytes());
    let kept = Summary::from_bytes(&summary.to_bytes()).unwrap();
    assert_eq!(kept, summary);
    octets(MESSAGE.as_bytes(), &kept, Audience::Conventional, text, 7)
}

#[test]
fn headers_are_ascii() {
    let header = told("BODY[HEADER]");
    assert!(header.is_ascii(), "{header}");
    for field in [
        "<invalid@internationalized-address.invalid>, Ann <ann@example.org>",
        "To: =?utf-8?",
        "<zoe@example.org>",
        "bob@example.org;",
        "Subject: =?utf-8?Q?Cr=C3=AApes?= for two\r\n",
        "X-Plain: yes\r\n",
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
    ] {
        assert!(header.contains(field), "{field:?} in {header}");
    }
    for gone in ["X-Wide", "Message-ID", "Received", "title"] {
        assert!(!header.contains(gone), "{gone} in {header}");
    }
    assert_eq!(told("RFC822.HEADER"), header);
    assert_eq!(told("BODY[HEADER.FIELDS (X-WIDE X-PLAIN)]"), "X-Plain: yes\r\n\r\n");
    assert_eq!(
        told("BODY[HEADER.FIELDS.NOT (TO SUBJECT X-PLAIN CONTENT-TYPE)]")
            .split("\r\n\r\n")
            .count(),
        2
    );
    assert_eq!(
        told("BODY[1.MIME]"),
        "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; size=3\r\n\r\n"
    );
    assert_eq!(told("BODY[2.HEADER]"), "Subject: inner =?utf-8?B?w6o=?=\r\n\r\n");
    assert_eq!(told("BODY[1]"), "Où?");
}

/// What stands in a part is what stands in the whole; each window shows what it should.
#[test]
fn the_whole_is_its_parts() {
    let whole = told("BODY[]");
    let (header, text) = (told("BODY[HEADER]"), told("BODY[TEXT]"));
    assert_eq!(whole, header + &text);
    assert!(text.contains(&(told("BODY[1.MIME]") + "Où?\r\n--x\r\n")), "{text}");
    assert!(
        text.contains(&told("BODY[2]")) && told("BODY[2]").ends_with("\r\n\r\nê"),
        "{text}"
    );
    assert_eq!(told("RFC822"), whole);
    assert_eq!(told("BINARY[]"), whole);
    assert_eq!(told("BINARY[2]"), told("BODY[2]"));
    let window = |from: usize, len: usize| &whole.as_bytes()[from.min(whole.len())..(from + len).min(whole.len())];
    for from in (0..whole.len() + 20).step_by(13) {
        for len in [1, 10, 300, 10_000] {
            let shown = window(from, len);
            if let Ok(shown) = str::from_utf8(shown) {
                assert_eq!(told(&format!("BODY[]<{from}.{len}>")), shown, "{from} {len}");
            }
        }
    }
}

#[test]
fn structures_are_ascii() {
    let summary = Summary::of(MESSAGE.as_bytes());
    let item = |text: &'static str| match summary.render_for(Audience::Conventional, &attribute(text)).unwrap() {
        Some(Rendered::Item(item)) => item,
        other => panic!("{other:?}"),
    };
    let FetchItem::Envelope(envelope) = item("ENVELOPE") else {
        panic!()
    };
    assert_eq!(envelope.message_id, None);
    assert_eq!(envelope.subject, Some("=?utf-8?Q?Cr=C3=AApes?= for two".into()));
    let from = &envelope.from()[0];
    assert_eq!(from.host, Some("internationalized-address.invalid".into()));
    let name = mime_codec::decode_text(from.name.as_ref().unwrap().as_bytes());
    assert_eq!(name.text, "François <françois@crêpes.example>");
    assert_eq!(envelope.from()[1].mailbox, Some("ann".into()));
    for item in [item("ENVELOPE"), item("BODY"), item("BODYSTRUCTURE")] {
        let shown = format!("{item:?}");
        assert!(shown.is_ascii() && !shown.contains("\\xc3"), "{shown}");
    }
    let FetchItem::BodyStructure(structure) = item("BODYSTRUCTURE") else {
        panic!()
    };
    let first = structure.find(&"1".parse().unwrap()).unwrap().part();
    assert_eq!(
        (first.params.len(), first.description.is_none(), first.octets),
        (1, true, 4)
    );
    assert_eq!(summary.size(), MESSAGE.len() as u64);
}

/// Mail without UTF-8 is told as it is, to everybody.
#[test]
fn other_mail_is_no_surrogate() {
    for message in [
        &b"Subject: caf\xe9\r\nX: \xff\r\n\r\n\xe9\r\n"[..],
        "Subject: a\r\n\r\nê\r\n".as_bytes(),
    ] {
        let summary = Summary::of(message);
        assert!(!summary.has_surrogate(Audience::Conventional));
        let attribute = attribute("BODY[]");
        let Some(Rendered::Octets(reader)) = summary.render_for(Audience::Conventional, &attribute).unwrap() else {
            panic!()
        };
        let item = reader.held(&mut &message[..]).unwrap();
        assert_eq!(item.data().unwrap().held(), Some(message));
    }
    assert!(!Summary::of(MESSAGE.as_bytes()).has_surrogate(Audience::International));
}

#[test]
fn a_header_without_end_is_cut_between_fields() {
    let message = format!("Subject: é\r\n{}\r\nbody\r\n", "X: 0123456789\r\n".repeat(100_000));
    let summary = Summary::of(message.as_bytes());
    let told = octets(message.as_bytes(), &summary, Audience::Conventional, "BODY[]", 60_000);
    assert!(told.starts_with("Subject: =?utf-8?B?w6k=?=\r\nX: 0"), "{}", &told[..40]);
    assert!(
        told.ends_with("9\r\n\r\nbody\r\n") && told.len() < 1_100_000,
        "{}",
        told.len()
    );
}

proptest! {
    /// Whatever stands in a header, its surrogate is ASCII, or in a charset of old, and ends where a header ends.
    #[test]
    fn no_field_brings_utf8(
        fields in proptest::collection::vec(("(From|To|Subject|Content-Type|Content-Disposition|X)", "[a-zé<>@\\\\\"(),:; =?/*']{0,24}"), 0..6),
        piece in 1_usize..40,
    ) {
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let message = format!("{fields}\r\nbody");
        let summary = Summary::of(message.as_bytes());
        let told = octets(message.as_bytes(), &summary, Audience::Conventional, "BODY[HEADER]", piece);
        prop_assert!(told.is_ascii(), "{told}");
        prop_assert!(told.ends_with("\r\n"), "{told}");
        let whole = octets(message.as_bytes(), &summary, Audience::Conventional, "BODY[]", piece);
        prop_assert_eq!(whole, told + "body");
    }
}
