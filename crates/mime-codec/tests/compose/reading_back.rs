//! Compose, then parse.

use mime_codec::compose::{ComposeError, Composer, PartBuilder, Transport};
use mime_codec::rfc5322::{Field, FieldName};
use mime_codec::{Message, TransferEncoding};
use proptest::prelude::*;
use std::io::Read;

const TRANSPORTS: [Transport; 4] = [
    Transport::SEVEN_BIT,
    Transport::EIGHT_BIT,
    Transport::BINARY,
    Transport::EIGHT_BIT.with_utf8_header(true),
];

fn from_bob<'c>() -> Composer<'c> {
    Composer::new().from("bob@hamburger.edu")
}

/// The line ends that text arrives with.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// What any transport asks for: no NUL, no bare CR or LF, short lines; ASCII where it has no more.
fn assert_fit(octets: &[u8], transport: Transport) {
    if transport == Transport::BINARY {
        return;
    }
    for line in octets.split_inclusive(|&octet| octet == b'\n') {
        let text = line.strip_suffix(b"\r\n").expect("each line ends in CRLF");
        assert!(text.len() <= 998 && !text.contains(&b'\r') && !text.contains(&0));
        assert!(transport != Transport::SEVEN_BIT || text.is_ascii());
    }
}

#[test]
fn the_smallest_message() -> Result<(), ComposeError> {
    let octets = from_bob().text("Hi!").to_vec(Transport::SEVEN_BIT)?;
    let expected =
        "From: bob@hamburger.edu\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHi!\r\n";
    assert_eq!(String::from_utf8_lossy(&octets), expected);
    Ok(())
}

#[test]
fn every_multipart_at_once() -> Result<(), Box<dyn std::error::Error>> {
    let octets = from_bob()
        .text("t")
        .html("<img src=cid:i@crepes.fr>")
        .inline("i@crepes.fr", ("image", "png"), &b"i"[..])?
        .attach("a.bin", ("application", "octet-stream"), &b"a\0"[..])?
        .attach_part(PartBuilder::message(&b"Subject: in\n\nin\n"[..]))
        .to_vec(Transport::SEVEN_BIT)?;
    let message = Message::parse(&octets);
    let types: Vec<_> = message.parts().map(|part| part.content_type().essence()).collect();
    assert_eq!(
        types,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png",
            "application/octet-stream",
            "message/rfc822",
            "text/plain"
        ]
    );
    assert_eq!(message.part_by_content_id("i@crepes.fr").unwrap().index(), 5);
    assert_eq!(
        message.attachments().map(|part| part.index()).collect::<Vec<_>>(),
        [6, 7]
    );
    assert_eq!(message.part(7).unwrap().raw_body(), b"Subject: in\r\n\r\nin\r\n");
    assert_eq!(message.check(), []);
    Ok(())
}

#[test]
fn inline_parts_without_html_are_not_lost() -> Result<(), ComposeError> {
    let octets = from_bob()
        .text("t")
        .inline("i@crepes.fr", ("image", "png"), &b"i"[..])?
        .to_vec(Transport::SEVEN_BIT)?;
    assert_eq!(Message::parse(&octets).parts().count(), 3);
    Ok(())
}

/// A boundary occurs in no part, not even in one that was made with this library.
#[test]
fn a_message_in_a_message_in_a_message() -> Result<(), ComposeError> {
    let mut octets = from_bob().text("0").html("0").to_vec(Transport::SEVEN_BIT)?;
    for depth in 1..8 {
        octets = from_bob()
            .text(depth.to_string())
            .attach_part(PartBuilder::message(octets))
            .to_vec(Transport::SEVEN_BIT)?;
        let message = Message::parse(&octets);
        assert_eq!(message.parts().count(), 3 + 3 * depth);
        assert_eq!(message.check(), []);
    }
    Ok(())
}

#[test]
fn a_multipart_is_as_wide_as_its_parts() -> Result<(), ComposeError> {
    let compose = |transport| {
        from_bob()
            .text("cr\u{ea}pes")
            .attach("x", ("application", "pdf"), &b"\0"[..])?
            .to_vec(transport)
    };
    let encodings = |octets: &[u8]| {
        Message::parse(octets)
            .parts()
            .map(|part| part.transfer_encoding())
            .collect::<Vec<_>>()
    };
    let (base64, quoted) = (Some(TransferEncoding::Base64), Some(TransferEncoding::QuotedPrintable));
    let (eight, binary) = (Some(TransferEncoding::EightBit), Some(TransferEncoding::Binary));
    assert_eq!(encodings(&compose(Transport::SEVEN_BIT)?), [None, quoted, base64]);
    assert_eq!(encodings(&compose(Transport::EIGHT_BIT)?), [eight, eight, base64]);
    assert_eq!(encodings(&compose(Transport::BINARY)?), [binary, eight, binary]);
    Ok(())
}

#[test]
fn what_cannot_be_composed() {
    let message = |composer: Composer<'_>| composer.to_vec(Transport::SEVEN_BIT).unwrap_err();
    assert_eq!(message(Composer::new()), ComposeError::MissingFrom);
    assert!(matches!(message(Composer::new().from("bob")), ComposeError::Address(_)));
    assert!(matches!(
        message(from_bob().to("b@x>\r\nBcc: <c@x")),
        ComposeError::Address(_)
    ));
    let wide = PartBuilder::message("Subject: cr\u{ea}pes\r\n\r\n".as_bytes());
    assert_eq!(
        message(from_bob().attach_part(wide)),
        ComposeError::MessageNeedsTransport
    );
    let empty = PartBuilder::multipart("mixed", []).unwrap();
    assert_eq!(message(from_bob().body(empty)), ComposeError::EmptyMultipart);
    assert!(PartBuilder::octets("text/html", "x", &b""[..]).is_err());
}

/// RFC 5322 §3.6.2
#[test]
fn authors_need_one_sender() {
    let octets = |composer: Composer<'_>| composer.to_vec(Transport::SEVEN_BIT);
    let both = || from_bob().from("alice@crepes.fr");
    assert_eq!(octets(both()), Err(ComposeError::OneSender));
    assert_eq!(
        octets(both().sender("alice@crepes.fr").sender("bob@hamburger.edu")),
        Err(ComposeError::OneSender)
    );
    let message = octets(both().sender("alice@crepes.fr")).expect("one of them sends");
    assert_eq!(
        Message::parse(&message)
            .header()
            .text("sender")
            .as_deref()
            .map(str::trim),
        Some("alice@crepes.fr")
    );
    assert!(octets(from_bob().sender("alice@crepes.fr")).is_ok());
}

/// The same octets, written at once or read a few at a time, from a reader that gives a few at a time.
#[test]
fn streamed_attachments() -> Result<(), Box<dyn std::error::Error>> {
    struct Drip(Vec<u8>);
    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.len().min(7).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0.drain(..n);
            Ok(n)
        }
    }
    let data: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    let compose = |drip| {
        from_bob()
            .text("t")
            .attach_reader("data", ("application", "octet-stream"), Drip(drip))
    };
    let whole = compose(data.clone())?.to_vec(Transport::SEVEN_BIT)?;
    let mut streamed = Vec::new();
    compose(data.clone())?
        .compose(Transport::SEVEN_BIT)?
        .write_to(&mut streamed)?;
    assert_eq!(streamed, whole);
    let mut composed = compose(data.clone())?.compose(Transport::SEVEN_BIT)?;
    let (mut read, mut buffer) = (Vec::new(), [0; 11]);
    loop {
        match composed.read(&mut buffer)? {
            0 => break,
            n => read.extend_from_slice(&buffer[..n]),
        }
    }
    assert_eq!(read, whole);
    assert_eq!(*Message::parse(&whole).attachments().next().unwrap().decode(), *data);
    Ok(())
}

proptest! {
    #[test]
    fn texts_arrive(text: String, html: String, subject in "\\PC*", which in 0usize..4) {
        let transport = TRANSPORTS[which];
        let octets = from_bob().subject(&subject).text(&*text).html(&*html).to_vec(transport).unwrap();
        assert_fit(&octets, transport);
        let message = Message::parse(&octets);
        prop_assert_eq!(message.check(), []);
        prop_assert_eq!(message.parts().count(), 3);
        prop_assert_eq!(message.text_body().unwrap().text(), lines(&text));
        prop_assert_eq!(message.html_body().unwrap().text(), lines(&html));
        let found = message.subject().unwrap();
        prop_assert_eq!(found.trim(), subject.trim());
    }

    #[test]
    fn octets_and_names_arrive(octets: Vec<u8>, name in "\\PC{1,40}", which in 0usize..4) {
        let transport = TRANSPORTS[which];
        let composed = from_bob().attach(&name, ("application", "x-menu"), &*octets).unwrap().to_vec(transport).unwrap();
        assert_fit(&composed, transport);
        let message = Message::parse(&composed);
        let attachment = message.attachments().next().unwrap();
        prop_assert_eq!(&*attachment.decode(), &*octets);
        let found = attachment.file_name().unwrap();
        prop_assert_eq!(found.trim(), name.trim());
    }

    /// Threats row 8: whatever is given, the fields and parts are those that were asked for.
    #[test]
    fn nothing_is_injected(
        name in any::<String>(),
        subject in any::<String>(),
        value in any::<String>(),
        file in any::<String>(),
        which in 0usize..4,
    ) {
        let transport = TRANSPORTS[which];
        let composer = Composer::new()
            .from((&*name, "bob@hamburger.edu"))
            .subject(&subject)
            .text_field(&FieldName::new("X-Menu").unwrap(), &value)
            .text("t")
            .attach(&file, ("application", "pdf"), &b"%PDF"[..]);
        let Ok(octets) = composer.and_then(|composer| composer.to_vec(transport)) else {
            return Ok(());
        };
        let message = Message::parse(&octets);
        let names: Vec<_> = message.header().fields().map(|field| field.name.to_owned()).collect();
        let wide = if transport == Transport::BINARY { &["Content-Transfer-Encoding"][..] } else { &[] };
        prop_assert_eq!(names, [&["From", "Subject", "X-Menu", "MIME-Version", "Content-Type"], wide].concat());
        prop_assert_eq!(message.parts().count(), 3);
        let fields: Vec<_> = message.part(2).unwrap().header().fields().map(|field| field.name.to_owned()).collect();
        let known = ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"];
        prop_assert_eq!(fields, known);
        prop_assert_eq!(message.from().mailboxes().count(), 1);
        prop_assert_eq!(message.from().first().unwrap().to_string(), "bob@hamburger.edu");
    }
}

/// RFC 6532: addresses and names in UTF-8, where the transport has it, and only there.
#[test]
fn addresses_in_utf8() -> Result<(), ComposeError> {
    let composer = || {
        Composer::new()
            .from(("Fran\u{e7}oise", "fran\u{e7}oise@cr\u{ea}pes.fr"))
            .text("Hi")
    };
    let octets = composer().to_vec(Transport::EIGHT_BIT.with_utf8_header(true))?;
    assert!(octets.starts_with("From: Fran\u{e7}oise <fran\u{e7}oise@cr\u{ea}pes.fr>\r\n".as_bytes()));
    assert_eq!(Message::parse(&octets).check(), []);
    assert!(matches!(
        composer().to_vec(Transport::EIGHT_BIT),
        Err(ComposeError::Address(_))
    ));
    Ok(())
}

#[test]
fn fields_of_ones_own() -> Result<(), Box<dyn std::error::Error>> {
    let field = Field::new(&FieldName::new("Content-Language")?, "fr")?;
    let octets = from_bob()
        .body(PartBuilder::text("Oui").with_field(field))
        .to_vec(Transport::SEVEN_BIT)?;
    assert_eq!(
        Message::parse(&octets)
            .header()
            .text("content-language")
            .as_deref()
            .map(str::trim),
        Some("fr")
    );
    Ok(())
}
