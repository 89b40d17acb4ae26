//! Response codes about annotations of messages (RFC 5257) and mailboxes (RFC 5464).

use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::Code;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// Which annotations a mailbox takes (RFC 5257 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToStatic)]
pub enum AnnotationSupport {
    /// None.
    None,
    /// Those that there are, which cannot be changed.
    ReadOnly(PrivateAnnotations),
    /// Values up to so many octets.
    UpTo(NonZeroU32, PrivateAnnotations),
}

/// Whether annotations can be private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToStatic)]
pub enum PrivateAnnotations {
    /// They can.
    Offered,
    /// `NOPRIVATE`: they cannot.
    NotOffered,
}

impl Code<'_> {
    /// ```text
    /// resp-text-code =/ "ANNOTATE" SP "TOOBIG" / "ANNOTATE" SP "TOOMANY"
    /// resp-text-code =/ "METADATA" SP "LONGENTRIES" SP number
    /// resp-text-code =/ "METADATA" SP ("MAXSIZE" SP number / "TOOMANY" / "NOPRIVATE")
    /// ```
    pub(crate) fn read_annotation_fault(name: &[u8], reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        match (name, reader.keyword().as_slice()) {
            (b"ANNOTATE", b"TOOBIG") => Ok(Self::AnnotateTooBig),
            (b"ANNOTATE", b"TOOMANY") => Ok(Self::AnnotateTooMany),
            (b"METADATA", b"TOOMANY") => Ok(Self::MetadataTooMany),
            (b"METADATA", b"NOPRIVATE") => Ok(Self::MetadataNoPrivate),
            (b"METADATA", b"LONGENTRIES") => {
                reader.space()?;
                reader.number().map(Self::MetadataLongEntries)
            }
            (b"METADATA", b"MAXSIZE") => {
                reader.space()?;
                reader.number().map(Self::MetadataMaxSize)
            }
            _ => {
                reader.rewind(start);
                reader.expected("what is wrong with the annotation")
            }
        }
    }
}

impl AnnotationSupport {
    /// ```text
    /// ann-size = "NONE" / (("READ-ONLY" / nz-number) [SP "NOPRIVATE"])
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if reader.accept_word("NONE") {
            return Ok(Self::None);
        }
        if reader.accept_word("READ-ONLY") {
            return PrivateAnnotations::read(reader).map(Self::ReadOnly);
        }
        let octets = reader.nz_number()?;
        PrivateAnnotations::read(reader).map(|private| Self::UpTo(octets, private))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        let private = match self {
            Self::None => return writer.text("NONE"),
            Self::ReadOnly(private) => {
                writer.text("READ-ONLY");
                private
            }
            Self::UpTo(octets, private) => {
                writer.number(octets.get());
                private
            }
        };
        if private == PrivateAnnotations::NotOffered {
            writer.text(" NOPRIVATE");
        }
    }
}

impl PrivateAnnotations {
    /// `[SP "NOPRIVATE"]`
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if !reader.accept_space() {
            return Ok(Self::Offered);
        }
        match reader.accept_word("NOPRIVATE") {
            true => Ok(Self::NotOffered),
            false => reader.expected("NOPRIVATE"),
        }
    }
}
