//! Mailbox names: what stands on the wire, and what people read.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::reader::{Parse, Reader};
use crate::writer::Writer;
use crate::{InvalidValue, mutf7};

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
        let mut octets = reader.astring()?.into_inner();
        if reader.reading().utf8
            && let Ok(text) = core::str::from_utf8(&octets)
            && text.contains(|c: char| c == '&' || !c.is_ascii())
        {
            octets = Cow::Owned(mutf7::encode(text).into_bytes());
        }
        Ok(if octets.eq_ignore_ascii_case(b"INBOX") {
            Self::Inbox
        } else {
            Self::Other(MailboxName(octets))
        })
    }

    /// In modified UTF-7; in UTF-8 where the spelling allows it and the name is canonical.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let wire = self.as_wire();
        let has_shift = memchr::memchr(b'&', wire).is_some();
        if writer.spelling().utf8
            && has_shift
            && let Ok(text) = mutf7::decode(wire)
            && let Ok(name) = crate::AString::new(text.into_owned().into_bytes())
        {
            return writer.astring(&name);
        }
        writer.astring(&crate::AString::checked(Cow::Borrowed(wire)));
    }
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
