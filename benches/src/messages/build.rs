//! Building messages.

use std::hint::black_box;

use lettre::message::header::ContentType as LettreType;
use lettre::message::{Attachment, MultiPart, SinglePart};
use mail_builder::MessageBuilder;
use mime_codec::compose::{Composer, Transport};
use mime_codec::rfc5322::{DateTime, MsgId, Zone};

use super::letters::{FRENCH, HTML};
use super::{Contest, Run};

/// The time that all write into Date.
const NOW: i64 = 1_057_049_557;

pub(super) fn contests() -> Vec<Contest> {
    vec![text(), alternative(80_000), attachment(10_000_000)]
}

fn contest(name: &str, octets: usize, ours: Run, builder: Run, lettre: Run) -> Contest {
    Contest {
        name: format!("build, {name}"),
        octets,
        runs: vec![("mime-codec", ours), ("mail-builder", builder), ("lettre", lettre)],
    }
}

fn ours<'c>() -> Composer<'c> {
    Composer::new()
        .from(("Françoise", "francoise@crepes.fr"))
        .to(("Bob the Cook", "bob@hamburger.edu"))
        .subject("Crêpes and ketchup, once more")
        .date(DateTime::from_unix(NOW, Zone::UTC).expect("a date"))
        .message_id(MsgId::new("17.spoon", "crepes.fr").expect("an identifier"))
}

fn builder<'c>() -> MessageBuilder<'c> {
    MessageBuilder::new()
        .from(("Françoise", "francoise@crepes.fr"))
        .to(("Bob the Cook", "bob@hamburger.edu"))
        .subject("Crêpes and ketchup, once more")
        .date(NOW)
        .message_id("17.spoon@crepes.fr")
}

fn lettre() -> lettre::message::MessageBuilder {
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW as u64);
    lettre::Message::builder()
        .from("Françoise <francoise@crepes.fr>".parse().expect("a mailbox"))
        .to("Bob the Cook <bob@hamburger.edu>".parse().expect("a mailbox"))
        .subject("Crêpes and ketchup, once more")
        .date(now)
        .message_id(Some("<17.spoon@crepes.fr>".to_owned()))
}

fn text() -> Contest {
    let text = FRENCH.repeat(3);
    let (a, b, c) = (text.clone(), text.clone(), text.clone());
    contest(
        "text of 1 KB",
        text.len(),
        Box::new(move || {
            black_box(ours().text(&*a).to_vec(Transport::SEVEN_BIT))
                .expect("a message")
                .len()
        }),
        Box::new(move || {
            black_box(builder().text_body(&*b).write_to_vec())
                .expect("a message")
                .len()
        }),
        Box::new(move || black_box(lettre().body(c.clone()).expect("a message").formatted()).len()),
    )
}

fn alternative(octets: usize) -> Contest {
    let text = FRENCH.repeat(octets / 4 / FRENCH.len());
    let html = HTML.repeat(octets * 3 / 4 / HTML.len());
    let (text2, html2, text3, html3) = (text.clone(), html.clone(), text.clone(), html.clone());
    contest(
        "text and HTML of 80 KB",
        text.len() + html.len(),
        Box::new(move || {
            let message = ours().text(&*text).html(&*html);
            black_box(message.to_vec(Transport::SEVEN_BIT))
                .expect("a message")
                .len()
        }),
        Box::new(move || {
            black_box(builder().text_body(&*text2).html_body(&*html2).write_to_vec())
                .expect("a message")
                .len()
        }),
        Box::new(move || {
            let body = MultiPart::alternative_plain_html(text3.clone(), html3.clone());
            black_box(lettre().multipart(body).expect("a message").formatted()).len()
        }),
    )
}

fn attachment(octets: u32) -> Contest {
    let data: Vec<u8> = (0..octets)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let (data2, data3) = (data.clone(), data.clone());
    contest(
        "attachment of 10 MB",
        data.len(),
        Box::new(move || {
            let message = ours()
                .text(FRENCH)
                .attach("film.mp4", ("video", "mp4"), &*data)
                .expect("a type");
            black_box(message.to_vec(Transport::SEVEN_BIT))
                .expect("a message")
                .len()
        }),
        Box::new(move || {
            let message = builder().text_body(FRENCH).attachment("video/mp4", "film.mp4", &*data2);
            black_box(message.write_to_vec()).expect("a message").len()
        }),
        Box::new(move || {
            let film = LettreType::parse("video/mp4").expect("a type");
            let body = MultiPart::mixed()
                .singlepart(SinglePart::plain(FRENCH.to_owned()))
                .singlepart(Attachment::new("film.mp4".to_owned()).body(data3.clone(), film));
            black_box(lettre().multipart(body).expect("a message").formatted()).len()
        }),
    )
}
