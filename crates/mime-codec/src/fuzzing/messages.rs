//! Messages: whatever the octets, both parsers see the same, all that can be asked for is answered, and what is composed reads back.

use super::outline::{of_message, of_stream};
use crate::compose::{Composer, Edit, Transport};
use crate::{Bodies, Limits, Message, Part, display_name};

/// Everything that can be asked of a message.
pub fn message(data: &[u8]) {
    let message = Message::parse(data);
    let parts = message.parts().count();
    assert!(parts >= 1);
    for part in message.parts() {
        ask(&part, data);
    }
    let defects = message.check();
    assert!(message.defects().len() <= defects.len());
    assert_eq!(Message::parse_strict(data).err(), defects.first().copied());
    for list in [
        message.from(),
        message.header().sender(),
        message.to(),
        message.header().cc(),
    ] {
        list.mailboxes().for_each(|mailbox| drop(display_name(&mailbox)));
    }
    let asked = (message.subject(), message.date(), message.message_id());
    drop((asked, message.text_body(), message.html_body()));
    assert!(message.attachments().count() <= parts);
    assert_eq!(Edit::of(&message).apply().as_deref(), Ok(data));
    assert_eq!(message.clone().into_owned().parts().count(), parts);
}

fn ask(part: &Part<'_>, data: &[u8]) {
    assert!(part.is_decoded() || part.offset() + part.raw().len() <= data.len());
    assert_eq!([part.raw_header(), part.raw_body()].concat(), part.raw());
    assert!(
        part.children()
            .all(|child| child.parent().is_some_and(|parent| parent.index() == part.index()))
    );
    assert_eq!(part.decode(), part.decode_checked().octets);
    let name = part.safe_file_name();
    assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "..");
    drop((
        part.text(),
        part.content_type(),
        part.content_disposition(),
        part.content_id(),
    ));
    drop((part.delivery_status(), part.disposition_notification()));
    assert!(part.preamble().len() + part.epilogue().len() <= part.raw_body().len());
}

/// Streaming against whole; the first octets choose the chunks and the limits.
pub fn streaming(data: &[u8]) {
    let [chunk, tight, message @ ..] = data else {
        return;
    };
    let limits = match tight % 2 {
        0 => Limits::default(),
        _ => Limits::default()
            .with_depth(2)
            .with_parts(4)
            .with_field(40)
            .with_decoded_layers(1),
    };
    agree(message, limits, [usize::from(*chunk) + 1]);
}

/// Both parsers, whole and in chunks of some sizes, within limits.
pub fn agree(message: &[u8], limits: Limits, chunks: impl IntoIterator<Item = usize>) {
    let whole = of_message(message, &limits);
    for size in chunks {
        for bodies in [Bodies::Raw, Bodies::Decoded] {
            let streamed = of_stream(message, limits, bodies, size);
            assert_eq!(streamed, whole.seen_as(bodies), "in chunks of {size}, {bodies:?}");
        }
    }
}

/// The lines of the data as names, texts and bodies of a message.
pub fn compose(data: &[u8]) {
    let mut lines = data.splitn(6, |&octet| octet == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (name, subject, file, content) = (text(next()), text(next()), text(next()), next());
    let (html, body) = (text(next()), text(next()));
    let transports = [Transport::SEVEN_BIT, Transport::EIGHT_BIT, Transport::BINARY];
    let transport = transports[data.len() % 3].with_utf8_header(data.len().is_multiple_of(2));
    let composer = Composer::new()
        .from((&*name, "bob@hamburger.edu"))
        .subject(&subject)
        .text(&*body)
        .html(&*html);
    let composed = composer.attach(&file, ("application", "octet-stream"), content);
    let Ok(octets) = composed.and_then(|composer| composer.to_vec(transport)) else {
        return;
    };
    let message = Message::parse(&octets);
    assert_eq!((message.parts().count(), message.check()), (5, Vec::new()));
    assert_eq!(
        message.header().fields().len(),
        4 + usize::from(message.root().transfer_encoding().is_some())
    );
    assert_eq!(
        message
            .attachments()
            .next()
            .map(|part| part.decode().into_owned())
            .as_deref(),
        Some(content)
    );
    // A byte order mark is no part of a text.
    let lines = |text: &str| {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
    };
    assert_eq!(
        message.text_body().map(|part| part.text().into_owned()),
        Some(lines(&body))
    );
    assert_eq!(
        message.html_body().map(|part| part.text().into_owned()),
        Some(lines(&html))
    );
}
