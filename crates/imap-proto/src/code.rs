//! Response codes: what programs read in a status response (RFC 9051 §7.1, RFC 5530 and the extensions).

use bounded_static::ToStatic;

use crate::capability::Capability;
use crate::reader::{Parse, Reader};
use crate::writer::Writer;
use crate::{Atom, Tokens};
use alloc::vec::Vec;

/// A response code.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum Code<'a> {
    /// `ALERT`: the text must be shown to the user.
    Alert,
    /// `CAPABILITY`: what the server offers now.
    Capability(Vec<Capability<'a>>),
    /// A code that this crate does not know, or one whose arguments are not as they should be.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What follows the name.
        arguments: Tokens<'a>,
    },
}

impl<'a> Code<'a> {
    /// `"[" resp-text-code "]"`; `None` when what stands there is no code but text that begins with a bracket (servers greet
    /// with `[` and their name).
    pub(crate) fn read_bracketed(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        let start = reader.offset();
        reader.require(b'[', "\"[\"")?;
        let inside = reader.offset();
        if let Ok(code) = Self::read(reader)
            && reader.accept(b']')
        {
            return Ok(Some(code));
        }
        reader.rewind(inside);
        if let Ok(code) = Self::read_other(reader)
            && reader.accept(b']')
        {
            return Ok(Some(code));
        }
        reader.rewind(start);
        Ok(None)
    }

    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"ALERT" => Ok(Self::Alert),
            b"CAPABILITY" => {
                reader.space()?;
                reader.separated(Capability::read).map(Self::Capability)
            }
            _ => {
                reader.rewind(start);
                Self::read_other(reader)
            }
        }
    }

    fn read_other(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.atom()?;
        let arguments = match reader.accept_space() {
            true => Tokens::read_all(reader)?,
            false => Tokens::default(),
        };
        Ok(Self::Other { name, arguments })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Alert => writer.text("ALERT"),
            Self::Capability(capabilities) => {
                writer.text("CAPABILITY ");
                writer.separated(capabilities, |writer, capability| capability.write(writer));
            }
            Self::Other { name, arguments } => {
                writer.text(name.as_str());
                if !arguments.is_empty() {
                    writer.space();
                    arguments.write(writer);
                }
            }
        }
    }
}
