//! Mailbox names: what stands on the wire, and what people read.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::InvalidValue;
use crate::mailboxes::mutf7;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// A mailbox name: `INBOX` in any case, or octets, which are modified UTF-7 (RFC 3501 §5.1.3). No NUL, CR, LF.
///
/// Where UTF-8 names were agreed (RFC 9051 §5.1), they are turned into modified UTF-7 when read and back when written, so that one
/// mailbox has one value.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub enum Mailbox<'a> {
    /// `INBOX`, the user's primary mailbox.
    Inbox,
    /// Any other.
    Other(MailboxName<'a>),
}

/// A name that is not INBOX.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct MailboxName<'a>(Cow<'a, [u8]>);

impl<'a> Mailbox<'a> {
    /// A name that people read, such as `Entwürfe`: it is written in modified UTF-7, or in UTF-8 to a peer that has enabled it.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn new(name: &str) -> Result<Mailbox<'static>, InvalidValue> {
        if let Some(offset) = name.find(['\0', '\r', '\n']) {
            return Err(InvalidValue::new(offset, NAME));
        }
        Mailbox::from_wire(mutf7::encode(name).into_bytes())
    }

    /// A name in the spelling of the wire.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn from_wire(octets: impl Into<Cow<'a, [u8]>>) -> Result<Self, InvalidValue> {
        let octets = octets.into();
        if octets.eq_ignore_ascii_case(b"INBOX") {
            return Ok(Self::Inbox);
        }
        match octets.iter().position(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            Some(offset) => Err(InvalidValue::new(offset, NAME)),
            None => Ok(Self::Other(MailboxName(octets))),
        }
    }

    /// The empty name: the server in METADATA (RFC 5464 §4.2), no reference in LIST.
    pub const fn empty() -> Mailbox<'static> {
        Mailbox::Other(MailboxName(Cow::Borrowed(b"")))
    }

    /// In the spelling of the wire.
    pub fn as_wire(&self) -> &[u8] {
        match self {
            Self::Inbox => b"INBOX",
            Self::Other(name) => &name.0,
        }
    }

    /// For people. A name that is neither canonical modified UTF-7 nor UTF-8 is shown as it stands on the wire, so that two names never
    /// look the same by decoding (U+FFFD stands for what is no text at all).
    pub fn to_text(&self) -> Cow<'_, str> {
        match mutf7::decode(self.as_wire()) {
            Ok(text) => text,
            Err(_) => String::from_utf8_lossy(self.as_wire()),
        }
    }

    /// `mailbox = "INBOX" / astring`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let octets = reader.astring()?.into_inner();
        Ok(Self::from_line(octets, reader))
    }

    /// `string`, as NAMESPACE has it (RFC 2342 §6)
    pub(crate) fn read_string(reader: &mut Reader<'a>) -> Parse<Self> {
        let octets = reader.line_string()?.into_inner();
        Ok(Self::from_line(octets, reader))
    }

    /// From what stands on the wire, which is known to have no NUL, CR and LF.
    pub(crate) fn from_line(octets: Cow<'a, [u8]>, reader: &Reader<'_>) -> Self {
        let octets = agreed_from_wire(octets, reader);
        if octets.eq_ignore_ascii_case(b"INBOX") {
            Self::Inbox
        } else {
            Self::Other(MailboxName(octets))
        }
    }

    /// In modified UTF-7; in UTF-8 where the spelling allows it and the name is canonical.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let name = agreed_to_wire(self.as_wire(), writer);
        writer.astring(&name);
    }

    /// As [`read_string`](Self::read_string) reads it.
    pub(crate) fn write_string(&self, writer: &mut Writer<'_>) {
        let name = agreed_to_wire(self.as_wire(), writer);
        writer.string(name.as_bytes());
    }
}

/// A name or pattern in modified UTF-7, from whichever of the two forms was agreed with the peer.
pub(crate) fn agreed_from_wire<'a>(octets: Cow<'a, [u8]>, reader: &Reader<'_>) -> Cow<'a, [u8]> {
    if reader.reading().utf8
        && let Ok(text) = core::str::from_utf8(&octets)
        && text.contains(|c: char| c == '&' || !c.is_ascii())
    {
        return Cow::Owned(mutf7::encode(text).into_bytes());
    }
    octets
}

/// A name or pattern, which is in modified UTF-7, in whichever of the two forms was agreed with the peer.
pub(crate) fn agreed_to_wire<'n>(wire: &'n [u8], writer: &Writer<'_>) -> crate::AString<'n> {
    let has_shift = memchr::memchr(b'&', wire).is_some();
    if writer.spelling().utf8
        && has_shift
        && let Ok(text) = mutf7::decode(wire)
        && let Ok(name) = crate::AString::new(text.into_owned().into_bytes())
    {
        return name;
    }
    crate::AString::checked(Cow::Borrowed(wire))
}

impl fmt::Debug for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(self.as_wire()))
    }
}

impl fmt::Debug for MailboxName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&self.0))
    }
}

impl fmt::Display for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.to_text().as_bytes()))
    }
}

impl TryFrom<&str> for Mailbox<'static> {
    type Error = InvalidValue;

    fn try_from(name: &str) -> Result<Self, InvalidValue> {
        Mailbox::new(name)
    }
}

const NAME: &str = "a mailbox name without NUL, CR and LF";
