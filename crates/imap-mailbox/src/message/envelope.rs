//! The envelope of a message, as the cached form has it (RFC 9051 §7.5.2 ENVELOPE).

use std::borrow::Cow;

use imap_proto::{AddressField, Envelope, Octets};
use mime_codec::rfc5322::{self, AddressList, Mailbox, RawField};

use super::facts::one_line;
use super::record::{Cursor, put_number, put_optional};

/// The fields of one header section. Of a field that comes twice the first counts, but recipients are put together.
#[derive(Debug, Default)]
pub(super) struct EnvelopeFields {
    lines: [Option<Vec<u8>>; LINES.len()],
    lists: [List; AddressField::ALL.len()],
}

/// The addresses of a field.
#[derive(Debug, Default)]
struct List {
    is_there: bool,
    is_in_group: bool,
    count: u64,
    octets: Vec<u8>,
}

const LINES: [&str; 4] = ["Date", "Subject", "In-Reply-To", "Message-ID"];

/// In the order of [`AddressField::ALL`].
const LISTS: [&str; AddressField::ALL.len()] = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"];

impl EnvelopeFields {
    /// Takes note of a field, if it is one of these.
    pub(super) fn note(&mut self, field: &RawField<'_>) {
        let is = |name: &&str| field.name.eq_ignore_ascii_case(name);
        if let Some(at) = LINES.iter().position(is) {
            self.lines[at].get_or_insert_with(|| one_line(field.value));
        } else if let Some(at) = LISTS.iter().position(is) {
            self.lists[at].note(field.value, at >= AddressField::To as usize);
        }
    }

    /// A Sender or Reply-To that is missing or empty is told as From, and written as one octet.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for line in &self.lines {
            put_optional(out, line.as_deref());
        }
        for list in &self.lists {
            put_number(out, list.count);
            out.extend_from_slice(&list.octets);
        }
    }

    /// Writes an envelope without anything in it.
    pub(super) fn write_least(out: &mut Vec<u8>) {
        out.extend_from_slice(&[0; LINES.len() + LISTS.len()]);
    }
}

impl List {
    fn note(&mut self, value: &[u8], adds: bool) {
        if self.is_there && !adds {
            return;
        }
        self.is_there = true;
        for address in AddressList::parse(value).iter() {
            match address {
                rfc5322::Address::Mailbox(mailbox) => self.mailbox(&mailbox),
                rfc5322::Address::Group(group) => {
                    self.marker(Some(&group.name().unquoted()));
                    group.members().for_each(|mailbox| self.mailbox(&mailbox));
                    self.marker(None);
                }
            }
        }
    }

    fn mailbox(&mut self, mailbox: &Mailbox<'_>) {
        let name = match mailbox.name() {
            Some(phrase) => Some(phrase.unquoted()),
            None => mailbox.name_comment().map(|comment| comment.raw.to_vec()),
        };
        let name = name.filter(|name| !name.is_empty()).map(|name| one_line(&name));
        let route = mailbox.route().map(one_line);
        let local_part = one_line(&unquoted(&mailbox.local_part()));
        let domain = one_line(&mailbox.domain());
        self.put([name.as_deref(), route.as_deref(), Some(&local_part), Some(&domain)]);
    }

    /// The begin of a group of that name, or its end.
    fn marker(&mut self, name: Option<&[u8]>) {
        let name = name.map(one_line);
        self.put([None, None, name.as_deref(), None]);
    }

    fn put(&mut self, fields: [Option<&[u8]>; 4]) {
        // The end of a group that has begun is told, though there be no room.
        let is_end = fields.iter().all(Option::is_none);
        let is_full = self.count >= MAX_ADDRESSES || self.octets.len() > MAX_OCTETS;
        if is_full && (!is_end || !self.is_in_group) {
            return;
        }
        self.is_in_group = (self.is_in_group || fields[3].is_none()) && !is_end;
        self.count += 1;
        fields.iter().for_each(|field| put_optional(&mut self.octets, *field));
    }
}

/// `quoted-string` without its quotes (RFC 3501 §9 `addr-mailbox`).
fn unquoted(local_part: &[u8]) -> Cow<'_, [u8]> {
    let Some(inside) = local_part.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return Cow::Borrowed(local_part);
    };
    let mut octets = inside.iter();
    let mut unquoted = Vec::with_capacity(inside.len());
    while let Some(&octet) = octets.next() {
        let meant = if octet == b'\\' { octets.next() } else { None };
        unquoted.push(*meant.unwrap_or(&octet));
    }
    Cow::Owned(unquoted)
}

/// Reads what [`EnvelopeFields::write`] wrote.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Option<Envelope<'a>> {
    let mut line = || cursor.optional().map(|line| line.map(Octets::from));
    let mut envelope = Envelope::default();
    envelope.date = line()?;
    envelope.subject = line()?;
    envelope.in_reply_to = line()?;
    envelope.message_id = line()?;
    for field in AddressField::ALL {
        let addresses = list(cursor)?;
        let is_from = matches!(field, AddressField::Sender | AddressField::ReplyTo);
        if addresses.is_empty() && is_from {
            let from = envelope.from().to_vec();
            envelope.set_addresses(field, from);
        } else {
            envelope.set_addresses(field, addresses);
        }
    }
    Some(envelope)
}

fn list<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<imap_proto::Address<'a>>> {
    let mut addresses = Vec::new();
    for _ in 0..cursor.number()? {
        let mut field = || cursor.optional().map(|field| field.map(Octets::from));
        addresses.push(imap_proto::Address {
            name: field()?,
            adl: field()?,
            mailbox: field()?,
            host: field()?,
        });
    }
    Some(addresses)
}

/// Addresses of one field, or of all fields of one name, that are told.
const MAX_ADDRESSES: u64 = 10_000;

/// Octets of them.
const MAX_OCTETS: usize = 256 * 1024;
