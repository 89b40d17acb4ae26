//! FETCH: what this server can tell of a message. Parts of MIME messages are not among it.

use imap_proto::server::Refusal;
use imap_proto::{
    Access, Address, AddressField, Envelope, Fetch, FetchAttribute, FetchCommand, FetchItem, FetchSelection, Flag,
    IntoBoundedStatic, Numbering, Partial, Payload, Section, StoreAction,
};
use mail_tokio::imap::{ServerError, Session};

use crate::answer::change;
use crate::chosen::{chosen, field};
use crate::mailbox::{Inbox, Message, View};

pub(crate) async fn fetch(
    session: &mut Session,
    view: &View,
    inbox: &Inbox,
    asked: &FetchCommand<'_>,
) -> Result<Result<(), Refusal>, ServerError> {
    let attributes = match &asked.selection {
        FetchSelection::Attributes(attributes) => attributes.to_vec(),
        _ => vec![
            FetchAttribute::Flags,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Envelope,
        ],
    };
    let marks = !view.is_read_only && attributes.iter().any(marks_seen);
    // Copies of a few pointers, so that no lock is held while the client takes its time.
    let chosen: Vec<_> = chosen(view, inbox, &asked.set, asked.numbering).collect();
    for (number, mut message) in chosen {
        let mut answer = Fetch::empty(Numbering::Sequence, number);
        if asked.numbering == Numbering::Uid && !attributes.contains(&FetchAttribute::Uid) {
            answer.push(FetchItem::Uid(message.uid));
        }
        if marks && let Some(flags) = change(inbox, message.uid, StoreAction::Add, &[Flag::Seen]) {
            message.flags = flags;
        }
        for attribute in &attributes {
            match item(attribute, &message) {
                Some(item) => answer.push(item),
                None => return Ok(Err(Refusal::not_supported())),
            }
        }
        if marks && !attributes.contains(&FetchAttribute::Flags) {
            answer.push(FetchItem::Flags(message.flags.clone()));
        }
        session.send(imap_proto::Data::Fetch(answer)).await?;
    }
    Ok(Ok(()))
}

fn marks_seen(attribute: &FetchAttribute<'_>) -> bool {
    match attribute {
        FetchAttribute::BodySection { access, .. } => *access == Access::MarkSeen,
        FetchAttribute::Rfc822 | FetchAttribute::Rfc822Text => true,
        _ => false,
    }
}

/// `None`: it is not known here.
fn item<'m>(attribute: &FetchAttribute<'_>, message: &'m Message) -> Option<FetchItem<'m>> {
    let (header, text) = message.octets.split_at(text_start(&message.octets));
    let whole = |octets: &'m [u8]| Some(Payload::Held(octets.into()));
    Some(match attribute {
        FetchAttribute::Flags => FetchItem::Flags(message.flags.clone()),
        FetchAttribute::Uid => FetchItem::Uid(message.uid),
        FetchAttribute::Rfc822Size => FetchItem::Rfc822Size(message.octets.len() as u64),
        FetchAttribute::Rfc822 => FetchItem::Rfc822(whole(&message.octets)),
        FetchAttribute::Rfc822Header => FetchItem::Rfc822Header(whole(header)),
        FetchAttribute::Rfc822Text => FetchItem::Rfc822Text(whole(text)),
        FetchAttribute::Envelope => FetchItem::Envelope(Box::new(envelope(message))),
        FetchAttribute::BodySection { section, partial, .. } => {
            let octets = match section {
                Section::Whole => &message.octets,
                Section::Header(None) => header,
                Section::Text(None) => text,
                _ => return None,
            };
            FetchItem::BodySection {
                section: section.clone().into_static(),
                origin: partial.map(|partial| partial.offset),
                data: whole(partial.map_or(octets, |partial| window(octets, partial))),
            }
        }
        _ => return None,
    })
}

/// The octets of a message behind its first empty line.
fn text_start(octets: &[u8]) -> usize {
    let empty = octets.windows(4).position(|four| four == b"\r\n\r\n");
    empty.map_or(octets.len(), |at| at + 4)
}

fn window(octets: &[u8], Partial { offset, length }: Partial) -> &[u8] {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(octets.len());
    let length = usize::try_from(length.get()).unwrap_or(usize::MAX);
    &octets[start..start.saturating_add(length).min(octets.len())]
}

fn envelope(message: &Message) -> Envelope<'_> {
    let mut envelope = Envelope::default();
    envelope.date = field(message, "Date").map(Into::into);
    envelope.subject = field(message, "Subject").map(Into::into);
    envelope.message_id = field(message, "Message-ID").map(Into::into);
    for (name, of) in [
        ("From", AddressField::From),
        ("Sender", AddressField::Sender),
        ("Reply-To", AddressField::ReplyTo),
        ("To", AddressField::To),
    ] {
        // Without these, it is who wrote it (RFC 9051 §7.5.2).
        let is_author = matches!(of, AddressField::Sender | AddressField::ReplyTo);
        let value = field(message, name).or_else(|| field(message, "From").filter(|_| is_author));
        envelope.set_addresses(of, value.and_then(address));
    }
    envelope
}

/// The first address of a field that is as simple as `Ann <ann@example.org>` or `ann@example.org`.
fn address(value: &[u8]) -> Option<Address<'_>> {
    let (name, rest) = match value.iter().position(|octet| *octet == b'<') {
        Some(at) => (value[..at].trim_ascii(), &value[at + 1..]),
        None => (&b""[..], value),
    };
    let end = rest
        .iter()
        .position(|octet| matches!(octet, b'>' | b','))
        .unwrap_or(rest.len());
    let at = rest[..end].iter().rposition(|octet| *octet == b'@')?;
    Some(Address {
        name: (!name.is_empty()).then(|| name.into()),
        mailbox: Some(rest[..at].into()),
        host: Some(rest[at + 1..end].into()),
        ..Address::default()
    })
}
