//! What is told to clients that know no UTF-8 in header fields: a surrogate of the message (RFC 6858 §2).
//!
//! | field | what becomes of UTF-8 in it |
//! |---|---|
//! | with addresses | names are encoded words; an address that is not ASCII is none, and its name says what it was |
//! | `Subject` | encoded words |
//! | `Content-Type`, `Content-Disposition` | parameters that have some are left out |
//! | any other | it is left out |

use imap_proto::{Address, AddressField, AddressKind, Envelope, Octets};
use mime_codec::rfc5322::{self, AddrSpec, AddressList, AddressListWriter, Field, FieldName, Fields, RawField, Text};
use mime_codec::{
    ContentDisposition, ContentType, Parameter, decode_phrase, decode_text, display_name, encode_phrase, encode_text,
};

use super::facts::{Facts, one_line};

/// Whether the client cannot read this. What is neither ASCII nor UTF-8 is mail of old, in a charset that it does not name: all clients
/// are told it as it is.
pub(super) fn is_international(octets: &[u8]) -> bool {
    !octets.is_ascii() && str::from_utf8(octets).is_ok()
}

/// A header section, with the empty line at its end.
pub(super) fn header(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut end = 0;
    for item in Fields::new(octets) {
        let raw = match &item {
            Ok(field) => field.raw,
            Err(malformed) => malformed.raw,
        };
        end += raw.len();
        if !is_international(raw) {
            out.extend_from_slice(raw);
        } else if let Some(field) = item.ok().and_then(|field| surrogate(&field)) {
            out.extend_from_slice(field.as_bytes());
        }
    }
    out.extend_from_slice(&octets[end..]);
    out
}

/// What stands in the place of a field; `None` where it is left out.
fn surrogate(field: &RawField<'_>) -> Option<Field> {
    let name = FieldName::new(field.name).ok()?;
    let is = |names: &[&str]| names.iter().any(|name| field.name.eq_ignore_ascii_case(name));
    if is(&ADDRESSES) {
        addresses(&name, field.value)
    } else if is(&["Subject"]) {
        encode_text(&name, &decode_text(field.value).text).ok()
    } else if is(&["Content-Type"]) {
        content_type(&ContentType::parse(field.value))
    } else if is(&["Content-Disposition"]) {
        content_disposition(&ContentDisposition::parse(field.value))
    } else {
        None
    }
}

fn addresses(name: &FieldName, value: &[u8]) -> Option<Field> {
    let mut writer = AddressListWriter::new(name);
    let mut is_empty = true;
    for address in AddressList::parse(value).iter() {
        let written = match address {
            rfc5322::Address::Mailbox(mailbox) => {
                let (name, address) = mailbox_of(&mailbox)?;
                writer.mailbox(phrase(&name), &address)
            }
            rfc5322::Address::Group(group) => {
                let members: Vec<_> = group.members().filter_map(|mailbox| mailbox_of(&mailbox)).collect();
                let members = members.iter().map(|(name, address)| (phrase(name), address));
                let name = encoded(&decode_phrase(&group.name()).text);
                writer.group(phrase(&name), members)
            }
        };
        is_empty &= written.is_err();
    }
    (!is_empty).then(|| writer.finish())
}

/// The name, in ASCII, and the address that a client can read.
fn mailbox_of(mailbox: &rfc5322::Mailbox<'_>) -> Option<(String, AddrSpec)> {
    let name = display_name(mailbox).unwrap_or_default();
    let address = mailbox.address();
    match mailbox.addr_spec() {
        Ok(own) if address.is_ascii() => Some((encoded(&name), own)),
        _ => {
            let own = String::from_utf8_lossy(&address);
            let none = format!("{}@{}", NOBODY.0, NOBODY.1);
            Some((encoded(&said(&name, &own)), AddrSpec::parse(none.as_bytes()).ok()?))
        }
    }
}

/// `Ann <ann@example.org>`
fn said(name: &str, address: &str) -> String {
    match name {
        "" => address.to_owned(),
        name => format!("{name} <{address}>"),
    }
}

/// ASCII stays as it is.
fn encoded(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => encode_phrase(text),
    }
}

fn phrase(encoded: &str) -> Text<'_> {
    match encoded.starts_with("=?") {
        true => Text::Encoded(encoded),
        false => Text::Plain(encoded),
    }
}

fn content_type(value: &ContentType<'_>) -> Option<Field> {
    let bare = ContentType::new(value.type_(), value.subtype()).ok()?;
    let told = told(value.params());
    let with = |value: ContentType<'static>, param: &Parameter<'_>| value.with_param(&param.name(), param.value());
    told.iter().try_fold(bare, with).ok()?.to_field().ok()
}

fn content_disposition(value: &ContentDisposition<'_>) -> Option<Field> {
    let bare = ContentDisposition::new(value.type_()).ok()?;
    let told = told(value.params());
    let with =
        |value: ContentDisposition<'static>, param: &Parameter<'_>| value.with_param(&param.name(), param.value());
    told.iter().try_fold(bare, with).ok()?.to_field().ok()
}

fn told(params: Vec<Parameter<'_>>) -> Vec<Parameter<'_>> {
    let is_told = |param: &Parameter<'_>| param.name().is_ascii() && param.value().is_ascii();
    params.into_iter().filter(is_told).collect()
}

/// ENVELOPE.
pub(super) fn envelope(mut envelope: Envelope<'_>) -> Envelope<'_> {
    let is_told = |octets: &Octets<'_>| !is_international(octets.as_bytes());
    for line in [&mut envelope.date, &mut envelope.in_reply_to, &mut envelope.message_id] {
        *line = line.take().filter(is_told);
    }
    if let Some(subject) = envelope.subject.take_if(|subject| !is_told(subject)) {
        let field = encode_text(&FieldName::SUBJECT, &decode_text(subject.as_bytes()).text).ok();
        envelope.subject = field.map(|field| one_line(field.value().as_bytes()).into());
    }
    for field in AddressField::ALL {
        if !envelope.addresses(field).iter().all(is_ascii) {
            let addresses = envelope.addresses(field).to_vec();
            envelope.set_addresses(field, addresses.into_iter().map(address));
        }
    }
    envelope
}

fn is_ascii(address: &Address<'_>) -> bool {
    let parts = [&address.name, &address.adl, &address.mailbox, &address.host];
    parts
        .into_iter()
        .flatten()
        .all(|part| !is_international(part.as_bytes()))
}

fn address(mut address: Address<'_>) -> Address<'_> {
    let octets = |part: &Option<Octets<'_>>| part.as_ref().map(|part| part.as_bytes().to_vec()).unwrap_or_default();
    address.adl = address.adl.filter(|route| !is_international(route.as_bytes()));
    let raw_name = octets(&address.name);
    let name = decode_text(&raw_name).text;
    let (mailbox, host) = (octets(&address.mailbox), octets(&address.host));
    let wide = is_international(&mailbox) || is_international(&host);
    let (mailbox, host) = (String::from_utf8_lossy(&mailbox), String::from_utf8_lossy(&host));
    match address.kind() {
        AddressKind::Mailbox if wide => {
            let name = encoded(&said(&name, &format!("{mailbox}@{host}")));
            address.name = Some(name.into_bytes().into());
            (address.mailbox, address.host) = (Some(NOBODY.0.into()), Some(NOBODY.1.into()));
        }
        AddressKind::GroupStart if wide => address.mailbox = Some(encoded(&mailbox).into_bytes().into()),
        _ if is_international(&raw_name) => address.name = Some(encoded(&name).into_bytes().into()),
        _ => {}
    }
    address
}

/// What BODYSTRUCTURE tells of a part. Names with an asterisk were ASCII in the message (RFC 2231).
pub(super) fn facts(facts: &mut Facts<'_>) {
    let is_told = |octets: &&[u8]| !is_international(octets);
    for line in [
        &mut facts.id,
        &mut facts.description,
        &mut facts.md5,
        &mut facts.location,
    ] {
        *line = line.take().filter(is_told);
    }
    let is_param_told = |(name, value): &(&[u8], &[u8])| is_told(value) || name.ends_with(b"*");
    facts.params.retain(is_param_told);
    if let Some((_, params)) = &mut facts.disposition {
        params.retain(is_param_told);
    }
    facts.language.retain(is_told);
}

/// Local part and domain of the address in the place of one that is not told. It is nobody's (RFC 6858 §2.1).
const NOBODY: (&str, &str) = ("invalid", "internationalized-address.invalid");

const ADDRESSES: [&str; 13] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-Reply-To",
    "Resent-To",
    "Resent-Cc",
    "Resent-Bcc",
    "Disposition-Notification-To",
];
