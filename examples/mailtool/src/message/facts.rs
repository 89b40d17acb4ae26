//! A message as facts.

use std::io;

use mime_codec::decode_text;
use mime_codec::rfc5322::{AddressList, RawField};
use mime_codec::{Defect, Message, Part};
use sha2::{Digest, Sha256};

use crate::header::write_addresses;
use crate::pen::Pen;

pub(crate) fn message(
    message: &Message<'_>,
    file: &str,
    defects: &[Defect],
    with_text: bool,
    pen: &mut Pen<'_>,
) -> io::Result<()> {
    pen.object(|pen| {
        pen.fact("file", file)?;
        header(message, pen)?;
        pen.key("parts")?;
        part(&message.root(), with_text, pen)?;
        pen.key("defects")?;
        pen.lines(|pen| defects.iter().try_for_each(|found| defect(found, pen)))
    })
}

fn header(message: &Message<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let header = message.header();
    pen.key("headers")?;
    pen.lines(|pen| header.fields().try_for_each(|found| field(&found, pen)))?;
    maybe(
        pen,
        "subject",
        header.field("Subject").map(|found| text(found.value)).as_deref(),
    )?;
    maybe(
        pen,
        "date",
        message.date().map(|date| date.rfc3339().to_string()).as_deref(),
    )?;
    maybe(pen, "message_id", message.message_id().as_deref())?;
    let lists = [
        ("from", "From", 1),
        ("sender", "Sender", 1),
        ("reply_to", "Reply-To", 1),
        ("to", "To", usize::MAX),
        ("cc", "Cc", usize::MAX),
        ("bcc", "Bcc", usize::MAX),
    ];
    for (key, name, most) in lists {
        // Several fields of recipients are one list (RFC 5322 §4.5.3).
        let values: Vec<_> = header.fields_named(name).take(most).map(|found| found.value).collect();
        let joined = values.join(&b',');
        pen.key(key)?;
        write_addresses(&AddressList::parse(&without_guesses(&joined)), pen)?;
    }
    Ok(())
}

/// The decoded text of a value.
fn text(value: &[u8]) -> String {
    decode_text(&without_guesses(value)).text.into_owned()
}

/// Octets that are no UTF-8 become U+FFFD, where the library would guess what they are. Those in an encoded word are of its charset.
fn without_guesses(value: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(value.len());
    for word in value.split_inclusive(u8::is_ascii_whitespace) {
        match word.windows(2).any(|pair| pair == b"=?") {
            true => octets.extend_from_slice(word),
            false => octets.extend_from_slice(String::from_utf8_lossy(word).as_bytes()),
        }
    }
    octets
}

fn field(field: &RawField<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        pen.fact("name", field.name)?;
        pen.fact("value", text(field.value).trim().as_bytes())
    })
}

fn defect(defect: &Defect, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        pen.key("offset")?;
        pen.number(defect.offset as u64)?;
        pen.fact("kind", defect.kind.name())?;
        pen.fact("detail", defect.kind.to_string())
    })
}

/// An entity and those inside, as deep as the parser's limit lets them be.
fn part(part: &Part<'_>, with_text: bool, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        kind(part, pen)?;
        extent(part, pen)?;
        if part.is_leaf() {
            leaf(part, with_text, pen)?;
        } else {
            pen.key("children")?;
            pen.lines(|pen| part.children().try_for_each(|child| self::part(&child, with_text, pen)))?;
        }
        if part.is_multipart() {
            count(pen, "preamble_len", part.preamble().len())?;
            count(pen, "epilogue_len", part.epilogue().len())?;
        }
        Ok(())
    })
}

/// What the header section says of the body.
fn kind(part: &Part<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let content_type = part.content_type();
    pen.fact("type", content_type.essence())?;
    if part.header().content_type().is_none_or(|found| found.is_implicit()) {
        flag(pen, "type_implicit")?;
    }
    pen.key("params")?;
    pen.object(|pen| {
        let mut named: Vec<_> = content_type
            .params()
            .into_iter()
            .map(|found| (found.name().to_lowercase(), found))
            .collect();
        named.reverse();
        named.sort_by(|(a, _), (b, _)| a.cmp(b));
        // Of those that come twice the first counts.
        named.dedup_by(|(a, _), (b, _)| a == b);
        named
            .iter()
            .try_for_each(|(name, found)| pen.named(name, found.value()))
    })?;
    maybe(pen, "charset", content_type.charset().as_deref())?;
    let encoding = part.header().text("Content-Transfer-Encoding");
    let encoding = part
        .transfer_encoding()
        .map(|known| known.as_str().to_owned())
        .or(encoding.map(|text| text.trim().to_lowercase()));
    maybe(pen, "encoding", encoding.as_deref())?;
    let disposition = part
        .content_disposition()
        .map(|disposition| disposition.type_().to_lowercase());
    maybe(pen, "disposition", disposition.as_deref())?;
    maybe(pen, "filename", part.file_name().as_deref())?;
    maybe(pen, "content_id", part.content_id().as_deref())
}

fn extent(part: &Part<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    if part.is_decoded() {
        flag(pen, "decoded")?;
    }
    count(pen, "offset", part.offset())?;
    count(pen, "header_len", part.raw_header().len())?;
    count(pen, "body_len_raw", part.raw_body().len())
}

fn leaf(part: &Part<'_>, with_text: bool, pen: &mut Pen<'_>) -> io::Result<()> {
    let octets = part.decode();
    count(pen, "body_len", octets.len())?;
    let digest = Sha256::digest(&octets);
    pen.fact(
        "body_sha256",
        digest.iter().map(|octet| format!("{octet:02x}")).collect::<String>(),
    )?;
    if with_text && part.content_type().is_text() {
        pen.fact("text", part.text().as_bytes())?;
    }
    Ok(())
}

fn maybe(pen: &mut Pen<'_>, key: &str, value: Option<&str>) -> io::Result<()> {
    match value {
        Some(value) => pen.fact(key, value),
        None => {
            pen.key(key)?;
            pen.none()
        }
    }
}

fn count(pen: &mut Pen<'_>, key: &str, count: usize) -> io::Result<()> {
    pen.key(key)?;
    pen.number(count as u64)
}

fn flag(pen: &mut Pen<'_>, key: &str) -> io::Result<()> {
    pen.key(key)?;
    pen.boolean(true)
}
