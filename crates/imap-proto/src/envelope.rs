//! ENVELOPE: the header fields that lists of messages show.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::reader::{Parse, Reader};
use crate::writer::Writer;
use crate::{Address, Octets, Tokens, loose};

/// ENVELOPE (RFC 9051 §7.5.2): header fields as the server has them, nothing decoded.
///
/// ```
/// # use imap_proto::{Address, AddressField, Envelope};
/// let ann = Address { mailbox: Some("ann".into()), host: Some("example.org".into()), ..Address::default() };
/// let mut envelope = Envelope { subject: Some("Lunch?".into()), ..Envelope::default() };
/// envelope.set_addresses(AddressField::From, [ann]);
/// assert_eq!(envelope.from()[0].host, Some("example.org".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default, ToStatic)]
pub struct Envelope<'a> {
    /// Date
    pub date: Option<Octets<'a>>,
    /// Subject
    pub subject: Option<Octets<'a>>,
    /// In-Reply-To
    pub in_reply_to: Option<Octets<'a>>,
    /// Message-ID
    pub message_id: Option<Octets<'a>>,
    /// All lists one behind the other, in the order of [`AddressField`]: one allocation in place of six.
    addresses: Vec<Address<'a>>,
    /// Where each list ends.
    ends: [usize; AddressField::COUNT],
}

/// A header field with addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum AddressField {
    /// From
    From,
    /// Sender; servers repeat From where there is none.
    Sender,
    /// Reply-To; servers repeat From where there is none.
    ReplyTo,
    /// To
    To,
    /// Cc
    Cc,
    /// Bcc
    Bcc,
}

impl AddressField {
    /// All of them, in the order of the wire.
    pub const ALL: [Self; Self::COUNT] = [Self::From, Self::Sender, Self::ReplyTo, Self::To, Self::Cc, Self::Bcc];

    const COUNT: usize = 6;
}

impl<'a> Envelope<'a> {
    /// The addresses of a field; none of NIL.
    pub fn addresses(&self, field: AddressField) -> &[Address<'a>] {
        &self.addresses[self.range(field)]
    }

    /// Replaces the addresses of a field.
    pub fn set_addresses(&mut self, field: AddressField, addresses: impl IntoIterator<Item = Address<'a>>) {
        let range = self.range(field);
        let (before, old) = (self.addresses.len(), range.len());
        self.addresses.splice(range, addresses);
        let new = old + self.addresses.len() - before;
        for end in &mut self.ends[field as usize..] {
            *end = *end - old + new;
        }
    }

    fn range(&self, field: AddressField) -> core::ops::Range<usize> {
        let start = match field as usize {
            0 => 0,
            field => self.ends[field - 1],
        };
        start..self.ends[field as usize]
    }

    /// From
    pub fn from(&self) -> &[Address<'a>] {
        self.addresses(AddressField::From)
    }

    /// Sender
    pub fn sender(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Sender)
    }

    /// Reply-To
    pub fn reply_to(&self) -> &[Address<'a>] {
        self.addresses(AddressField::ReplyTo)
    }

    /// To
    pub fn to(&self) -> &[Address<'a>] {
        self.addresses(AddressField::To)
    }

    /// Cc
    pub fn cc(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Cc)
    }

    /// Bcc
    pub fn bcc(&self) -> &[Address<'a>] {
        self.addresses(AddressField::Bcc)
    }

    /// ```text
    /// envelope        = "(" env-date SP env-subject SP env-from SP
    ///                   env-sender SP env-reply-to SP env-to SP env-cc SP
    ///                   env-bcc SP env-in-reply-to SP env-message-id ")"
    /// env-date        = nstring
    /// env-from        = "(" 1*address ")" / nil
    /// ```
    /// and so on.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let mut envelope = Self {
            date: loose::nstring(reader)?,
            ..Self::default()
        };
        envelope.subject = field(reader)?;
        for at in 0..AddressField::COUNT {
            if loose::another_field(reader)? {
                Address::read_list(reader, &mut envelope.addresses)?;
            }
            envelope.ends[at] = envelope.addresses.len();
        }
        envelope.in_reply_to = field(reader)?;
        if loose::another_field(reader)? {
            envelope.message_id = loose::nstring(reader)?;
        } else {
            // One field is missing, and every message has an identifier while few are replies.
            envelope.message_id = envelope.in_reply_to.take();
        }
        if reader.leniency().missing_fields && reader.accept_space() {
            Tokens::read_all(reader)?;
        }
        reader.close()?;
        Ok(envelope)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        writer.nstring(self.date.as_ref());
        writer.space();
        writer.nstring(self.subject.as_ref());
        for field in AddressField::ALL {
            writer.space();
            Address::write_list(self.addresses(field), writer);
        }
        writer.space();
        writer.nstring(self.in_reply_to.as_ref());
        writer.space();
        writer.nstring(self.message_id.as_ref());
        writer.text(")");
    }
}

fn field<'a>(reader: &mut Reader<'a>) -> Parse<Option<Octets<'a>>> {
    match loose::another_field(reader)? {
        true => loose::nstring(reader),
        false => Ok(None),
    }
}
