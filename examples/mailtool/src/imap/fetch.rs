//! What FETCH tells of a message, as facts.

use std::io;

use imap_proto::{
    Address, AddressField, BodyKind, BodyPart, BodyStructure, Data, Envelope, Fetch, FetchItem, Numbering, Octets,
    OneOrMore, Parameter,
};

use crate::imap::response::written;
use crate::imap::wire::Wire;
use crate::pen::Pen;

/// The message, and its items with their names.
pub(crate) fn describe(fetch: Fetch<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let (numbering, number) = (fetch.numbering, fetch.number);
    pen.kind(match numbering {
        Numbering::Sequence => "FETCH",
        Numbering::Uid => "UIDFETCH",
    })?;
    pen.key("number")?;
    pen.number(number.get().into())?;
    pen.key("items")?;
    pen.entries(|pen| {
        for item in fetch.into_items() {
            let wire = |item| written(Data::Fetch(Fetch::new(numbering, number, OneOrMore::from(item))));
            self::item(item, wire, pen)?;
        }
        Ok(())
    })
}

fn item<'a>(item: FetchItem<'a>, wire: impl FnOnce(FetchItem<'a>) -> Vec<u8>, pen: &mut Pen<'_>) -> io::Result<()> {
    match item {
        FetchItem::Uid(uid) => pen.entry(b"UID", |pen| pen.number(uid.get().into())),
        FetchItem::Rfc822Size(size) => pen.entry(b"RFC822.SIZE", |pen| pen.number(size)),
        FetchItem::ModSeq(number) => pen.entry(b"MODSEQ", |pen| pen.number(number.get())),
        FetchItem::Envelope(envelope) => pen.entry(b"ENVELOPE", |pen| self::envelope(&envelope, pen)),
        FetchItem::Body(structure) => pen.entry(b"BODY", |pen| self::structure(&structure, pen)),
        FetchItem::BodyStructure(structure) => pen.entry(b"BODYSTRUCTURE", |pen| self::structure(&structure, pen)),
        FetchItem::Invalid { raw, why } => pen.entry(b"invalid", |pen| {
            pen.object(|pen| {
                pen.fact("raw", raw.as_bytes())?;
                pen.fact("error", format!("expected {}", why.expected))?;
                pen.key("offset")?;
                pen.number(why.offset as u64)
            })
        }),
        item => {
            let octets = wire(item);
            let mut wire = Wire::new(&octets);
            // 12 FETCH (
            for _ in 0..3 {
                wire.next();
            }
            pen.entry(wire.word(), |pen| wire.write_value(pen))
        }
    }
}

fn envelope(envelope: &Envelope<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        optional("date", envelope.date.as_ref(), pen)?;
        optional("subject", envelope.subject.as_ref(), pen)?;
        for field in AddressField::ALL {
            let key = match field {
                AddressField::From => "from",
                AddressField::Sender => "sender",
                AddressField::ReplyTo => "reply_to",
                AddressField::To => "to",
                AddressField::Cc => "cc",
                AddressField::Bcc => "bcc",
            };
            pen.key(key)?;
            pen.lines(|pen| addresses(envelope.addresses(field), pen))?;
        }
        optional("in_reply_to", envelope.in_reply_to.as_ref(), pen)?;
        optional("message_id", envelope.message_id.as_ref(), pen)
    })
}

/// Mailboxes, and groups with theirs. Nothing is decoded.
fn addresses(list: &[Address<'_>], pen: &mut Pen<'_>) -> io::Result<()> {
    Address::groups(list).try_for_each(|group| match group.name {
        None => group.members.iter().try_for_each(|member| address(member, pen)),
        Some(name) => pen.object(|pen| {
            pen.fact("group", name.as_bytes())?;
            pen.key("members")?;
            pen.lines(|pen| group.members.iter().try_for_each(|member| address(member, pen)))
        }),
    })
}

fn address(address: &Address<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let octets = |part: &Option<Octets<'_>>| part.as_ref().map_or(Vec::new(), |part| part.as_bytes().to_vec());
    let addr_spec = [octets(&address.mailbox), octets(&address.host)].join(&b'@');
    pen.object(|pen| {
        optional("name", address.name.as_ref(), pen)?;
        pen.fact("address", addr_spec)
    })
}

/// The parts in the order in which they begin, each with the number that sections name it by.
fn structure(structure: &BodyStructure<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let mut numbered = structure.numbered().peekable();
    pen.lines(|pen| {
        for (index, part) in structure.parts().iter().enumerate() {
            let path = numbered
                .next_if(|(_, node)| node.index() == index)
                .map(|(path, _)| path.to_string());
            pen.object(|pen| self::part(path, part, pen))?;
        }
        Ok(())
    })
}

fn part(path: Option<String>, part: &BodyPart<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    if let Some(path) = path {
        pen.fact("part", path)?;
    }
    let media_type = [part.media_type().as_bytes(), part.subtype().as_bytes()].join(&b'/');
    pen.fact("type", media_type.to_ascii_lowercase())?;
    if !part.params.is_empty() {
        params("params", &part.params, pen)?;
    }
    if !part.is_multipart() {
        pen.fact("encoding", part.encoding.as_bytes())?;
        pen.key("octets")?;
        pen.number(part.octets)?;
    }
    if let BodyKind::Text { lines } | BodyKind::Message { lines, .. } = part.kind() {
        pen.key("lines")?;
        pen.number(*lines)?;
    }
    if let BodyKind::Message { envelope, .. } = part.kind() {
        optional("subject", envelope.subject.as_ref(), pen)?;
    }
    present("id", part.id.as_ref(), pen)?;
    present("description", part.description.as_ref(), pen)?;
    let Some(extension) = &part.extension else {
        return Ok(());
    };
    if let Some(disposition) = &extension.disposition {
        pen.fact("disposition", disposition.kind.as_bytes())?;
        if !disposition.params.is_empty() {
            params("disposition_params", &disposition.params, pen)?;
        }
    }
    if !extension.language().is_empty() {
        pen.texts("language", extension.language().iter().map(Octets::as_bytes))?;
    }
    present("md5", extension.md5(), pen)?;
    present("location", extension.location(), pen)
}

fn params(key: &str, params: &[Parameter<'_>], pen: &mut Pen<'_>) -> io::Result<()> {
    pen.key(key)?;
    pen.entries(|pen| {
        params.iter().try_for_each(|param| {
            let name = param.name.as_bytes().to_ascii_lowercase();
            pen.entry(&name, |pen| pen.text(param.value.as_bytes()))
        })
    })
}

fn present(key: &str, value: Option<&Octets<'_>>, pen: &mut Pen<'_>) -> io::Result<()> {
    value.map_or(Ok(()), |value| pen.fact(key, value.as_bytes()))
}

fn optional(key: &str, value: Option<&Octets<'_>>, pen: &mut Pen<'_>) -> io::Result<()> {
    match value {
        Some(value) => pen.fact(key, value.as_bytes()),
        None => {
            pen.key(key)?;
            pen.none()
        }
    }
}
