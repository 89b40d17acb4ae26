//! What FETCH tells of a message, one item at a time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::messages::section::{read_origin, write_origin};
use crate::syntax::class::is_name_char;
use crate::syntax::loose;
use crate::syntax::place::put;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{
    Annotations, Atom, BodyStructure, DateTime, Envelope, Flag, GmailLabel, ObjectId, Octets, PartPath, Payload,
    Section, SyntaxError, Tokens,
};

/// An item of a FETCH response (RFC 9051 §7.5.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum FetchItem<'a> {
    /// `FLAGS`
    Flags(Vec<Flag<'a>>),
    /// `ENVELOPE`
    Envelope(Box<Envelope<'a>>),
    /// `INTERNALDATE`
    InternalDate(DateTime),
    /// `RFC822`: as `BODY[]` (RFC 3501 §7.4.2).
    Rfc822(Option<Payload<'a>>),
    /// `RFC822.HEADER`: as `BODY[HEADER]` (RFC 3501 §7.4.2).
    Rfc822Header(Option<Payload<'a>>),
    /// `RFC822.TEXT`: as `BODY[TEXT]` (RFC 3501 §7.4.2).
    Rfc822Text(Option<Payload<'a>>),
    /// `RFC822.SIZE`: octets of the message, up to 2^63-1.
    Rfc822Size(u64),
    /// `BODY`: the structure without extension data.
    Body(BodyStructure<'a>),
    /// `BODYSTRUCTURE`
    BodyStructure(BodyStructure<'a>),
    /// `BODY[…]`: octets of the message as they are.
    BodySection {
        /// What of the message.
        section: Section<'a>,
        /// The offset of the window that was asked for; `None` when all was asked for.
        origin: Option<u64>,
        /// The octets; `None` where there is no such part.
        data: Option<Payload<'a>>,
    },
    /// `BINARY[…]`: octets of a part, its transfer encoding undone (RFC 3516 §4.3).
    Binary {
        /// The part, or the message.
        part: Option<PartPath>,
        /// The offset of the window that was asked for; `None` when all was asked for.
        origin: Option<u64>,
        /// The octets; `None` where there is no such part.
        data: Option<Payload<'a>>,
    },
    /// `BINARY.SIZE[…]`: octets of a part, its transfer encoding undone (RFC 3516 §4.3).
    BinarySize {
        /// The part, or the message.
        part: Option<PartPath>,
        /// Octets, up to 2^63-1.
        size: u64,
    },
    /// `UID`
    Uid(NonZeroU32),
    /// `MODSEQ` (RFC 7162 §3.1.4)
    ModSeq(NonZeroU64),
    /// `PREVIEW`: a few words of text; `None` where it takes time to find them (RFC 8970 §3.2).
    Preview(Option<Octets<'a>>),
    /// `SAVEDATE`; `None` where the mailbox has none (RFC 8514 §4.2).
    SaveDate(Option<DateTime>),
    /// `EMAILID` (RFC 8474 §5.1)
    EmailId(ObjectId<'a>),
    /// `THREADID`; `None` where the server knows no threads (RFC 8474 §5.2).
    ThreadId(Option<ObjectId<'a>>),
    /// `ANNOTATION` (RFC 5257 §4.4)
    Annotation(Annotations<'a>),
    /// `X-GM-MSGID`, of Gmail.
    GmailMessageId(u64),
    /// `X-GM-THRID`, of Gmail.
    GmailThreadId(u64),
    /// `X-GM-LABELS`, of Gmail: all labels but the one that is selected.
    GmailLabels(Vec<GmailLabel<'a>>),
    /// An item that this crate does not know.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What touches the name, such as `[1.2]<0>`; it begins with a bracket, or is empty.
        section: Tokens<'a>,
        /// Its value: one word, string or list.
        value: Tokens<'a>,
    },
    /// An item that cannot be read.
    Invalid {
        /// It, as it came.
        raw: Tokens<'a>,
        /// Why; the offset counts from the begin of the response.
        why: SyntaxError,
    },
}

impl<'a> FetchItem<'a> {
    /// The octets of a literal that comes, or goes, separately: [`Payload::Announced`].
    pub const fn announced(&self) -> Option<u64> {
        match self.data() {
            Some(Payload::Announced(len)) => Some(*len),
            _ => None,
        }
    }

    /// The same item with these octets in the place of those that came separately.
    #[must_use]
    pub fn with_octets(mut self, octets: Vec<u8>) -> Self {
        if let Self::Rfc822(data)
        | Self::Rfc822Header(data)
        | Self::Rfc822Text(data)
        | Self::BodySection { data, .. }
        | Self::Binary { data, .. } = &mut self
        {
            *data = Some(Payload::Held(octets.into()));
        }
        self
    }

    /// The octets of the message that it has.
    pub const fn data(&self) -> Option<&Payload<'a>> {
        match self {
            Self::Rfc822(data)
            | Self::Rfc822Header(data)
            | Self::Rfc822Text(data)
            | Self::BodySection { data, .. }
            | Self::Binary { data, .. } => data.as_ref(),
            _ => None,
        }
    }

    /// One item, which is made where it stays, at the end of `items`. What is wrong inside of it costs only itself: an error means that
    /// its end was not found.
    ///
    /// In a fragment that ends with a literal's announcement, the last item has a [`Payload::Announced`].
    pub(crate) fn read(items: &mut Vec<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        let (start, before) = (reader.offset(), items.len());
        let why = match Self::read_valid(items, reader) {
            Ok(()) if matches!(reader.rest(), [] | [b' ' | b')', ..]) => return Ok(()),
            Ok(()) => SyntaxError::new(reader.offset(), "a space or \")\""),
            Err(why) => why,
        };
        items.truncate(before);
        reader.rewind(start);
        let raw = loose::whole_item(reader)?;
        items.push(Self::Invalid { raw, why });
        Ok(())
    }

    /// ```text
    /// msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
    /// msg-att-static  = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time /
    ///                   "RFC822.SIZE" SP number64 / "BODY" ["STRUCTURE"] SP body / …
    ///                   "UID" SP uniqueid
    /// ```
    fn read_valid(items: &mut Vec<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        let start = reader.offset();
        let name = reader.keyword();
        if reader.space().is_err() {
            let item = match (name.as_slice(), reader.peek()) {
                (b"BODY", Some(b'[')) => Self::read_body_section(reader),
                (b"BINARY" | b"BINARY.SIZE", Some(b'[')) => Self::read_binary(name.as_slice(), reader),
                _ => {
                    reader.rewind(start);
                    Self::read_other(reader)
                }
            };
            items.push(item?);
            return Ok(());
        }
        match name.as_slice() {
            b"FLAGS" => put(items, Flag::read_list(reader)?, Self::Flags),
            b"UID" => put(items, reader.nz_number()?, Self::Uid),
            b"ENVELOPE" => put(items, Envelope::read(reader)?, Self::Envelope),
            b"INTERNALDATE" => put(items, DateTime::read(reader)?, Self::InternalDate),
            b"RFC822.SIZE" => put(items, loose::number(reader)?, Self::Rfc822Size),
            b"BODY" => put(items, BodyStructure::read(reader)?, Self::Body),
            b"BODYSTRUCTURE" => put(items, BodyStructure::read(reader)?, Self::BodyStructure),
            b"RFC822" => put(items, payload(reader)?, Self::Rfc822),
            b"RFC822.HEADER" => put(items, payload(reader)?, Self::Rfc822Header),
            b"RFC822.TEXT" => put(items, payload(reader)?, Self::Rfc822Text),
            name => items.push(Self::read_extension(name, start, reader)?),
        }
        Ok(())
    }

    /// ```text
    /// fetch-mod-resp      = "MODSEQ" SP "(" permsg-modsequence ")"
    /// msg-att-dynamic     =/ "PREVIEW" SP nstring
    /// msg-att-static      =/ "SAVEDATE" SP (date-time / nil)
    /// fetch-emailid-resp  = "EMAILID" SP "(" objectid ")"
    /// fetch-threadid-resp = "THREADID" SP ( "(" objectid ")" / nil )
    /// ```
    fn read_extension(name: &[u8], start: usize, reader: &mut Reader<'a>) -> Parse<Self> {
        Ok(match name {
            b"MODSEQ" => Self::ModSeq(in_parentheses(reader, mod_sequence)?),
            b"PREVIEW" => Self::Preview(loose::nstring(reader)?.map(Octets::from)),
            b"SAVEDATE" if reader.accept_nil() => Self::SaveDate(None),
            b"SAVEDATE" => Self::SaveDate(Some(DateTime::read(reader)?)),
            b"EMAILID" => Self::EmailId(in_parentheses(reader, ObjectId::read)?),
            b"THREADID" if reader.accept_nil() => Self::ThreadId(None),
            b"THREADID" => Self::ThreadId(Some(in_parentheses(reader, ObjectId::read)?)),
            b"ANNOTATION" => Self::Annotation(Annotations::read(reader)?),
            b"X-GM-MSGID" => Self::GmailMessageId(gmail_number(reader)?),
            b"X-GM-THRID" => Self::GmailThreadId(gmail_number(reader)?),
            b"X-GM-LABELS" => Self::GmailLabels(GmailLabel::read_list(reader)?),
            b"BINARY" | b"BINARY.SIZE" => return reader.expected("\"[\""),
            _ => {
                reader.rewind(start);
                Self::read_other(reader)?
            }
        })
    }

    /// `"BODY" section ["<" number ">"] SP nstring`
    fn read_body_section(reader: &mut Reader<'a>) -> Parse<Self> {
        let section = Section::read(reader)?;
        let origin = read_origin(reader)?;
        reader.space()?;
        let data = payload(reader)?;
        Ok(Self::BodySection { section, origin, data })
    }

    /// ```text
    /// "BINARY" section-binary SP (nstring / literal8) /
    /// "BINARY.SIZE" section-binary SP number
    /// ```
    /// The offset is in RFC 3516 §4.3 and not in its grammar. The size is read as number64, as other sizes are.
    fn read_binary(name: &[u8], reader: &mut Reader<'a>) -> Parse<Self> {
        let part = PartPath::read_binary(reader)?;
        if name == b"BINARY.SIZE" {
            reader.space()?;
            let size = loose::number(reader)?;
            return Ok(Self::BinarySize { part, size });
        }
        let origin = read_origin(reader)?;
        reader.space()?;
        let data = payload(reader)?;
        Ok(Self::Binary { part, origin, data })
    }

    fn read_other(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.run1(is_name_char, "a FETCH item")?;
        let section = match reader.peek() {
            Some(b'[') => Tokens::read(reader)?,
            _ => Tokens::default(),
        };
        reader.space()?;
        Ok(Self::Other {
            name: Atom::checked(name),
            section,
            value: Tokens::read(reader)?,
        })
    }

    /// Name and value.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Flags(flags) => {
                writer.text("FLAGS ");
                Flag::write_list(flags, writer);
            }
            Self::Uid(uid) => {
                writer.text("UID ");
                writer.number(uid.get());
            }
            Self::Envelope(envelope) => {
                writer.text("ENVELOPE ");
                envelope.write(writer);
            }
            Self::InternalDate(date) => {
                writer.text("INTERNALDATE ");
                date.write(writer);
            }
            Self::Rfc822Size(size) => {
                writer.text("RFC822.SIZE ");
                writer.number64(*size);
            }
            Self::Body(structure) => {
                writer.text("BODY ");
                structure.write(writer);
            }
            Self::BodyStructure(structure) => {
                writer.text("BODYSTRUCTURE ");
                structure.write(writer);
            }
            Self::Rfc822(data) => write_payload("RFC822 ", data.as_ref(), writer),
            Self::Rfc822Header(data) => write_payload("RFC822.HEADER ", data.as_ref(), writer),
            Self::Rfc822Text(data) => write_payload("RFC822.TEXT ", data.as_ref(), writer),
            Self::BodySection { section, origin, data } => {
                writer.text("BODY");
                section.write(writer);
                write_origin(*origin, writer);
                write_payload(" ", data.as_ref(), writer);
            }
            Self::Binary { part, origin, data } => {
                writer.text("BINARY");
                PartPath::write_binary(part.as_ref(), writer);
                write_origin(*origin, writer);
                match data {
                    // A string where there is no NUL, so that clients know (RFC 3516 §4.3).
                    Some(Payload::Held(octets)) if !octets.contains(&0) => write_payload(" ", data.as_ref(), writer),
                    _ => write_binary(data.as_ref(), writer),
                }
            }
            Self::BinarySize { part, size } => {
                writer.text("BINARY.SIZE");
                PartPath::write_binary(part.as_ref(), writer);
                writer.space();
                writer.number64(*size);
            }
            _ => self.write_extension(writer),
        }
    }

    fn write_extension(&self, writer: &mut Writer<'_>) {
        match self {
            Self::ModSeq(number) => {
                writer.text("MODSEQ (");
                writer.number64(number.get());
                writer.text(")");
            }
            Self::Preview(preview) => {
                writer.text("PREVIEW ");
                writer.nstring(preview.as_ref());
            }
            Self::SaveDate(None) => writer.text("SAVEDATE NIL"),
            Self::SaveDate(Some(date)) => {
                writer.text("SAVEDATE ");
                date.write(writer);
            }
            Self::EmailId(id) => write_id("EMAILID (", id, writer),
            Self::ThreadId(None) => writer.text("THREADID NIL"),
            Self::ThreadId(Some(id)) => write_id("THREADID (", id, writer),
            Self::Annotation(annotations) => {
                writer.text("ANNOTATION ");
                annotations.write(writer);
            }
            Self::GmailMessageId(id) => {
                writer.text("X-GM-MSGID ");
                writer.number(*id);
            }
            Self::GmailThreadId(id) => {
                writer.text("X-GM-THRID ");
                writer.number(*id);
            }
            Self::GmailLabels(labels) => {
                writer.text("X-GM-LABELS ");
                writer.list(labels, |writer, label| label.write(writer));
            }
            Self::Other { name, section, value } => {
                writer.raw(name.as_bytes());
                if section.as_bytes().first() == Some(&b'[') {
                    section.write(writer);
                }
                writer.space();
                value.write_one(writer);
            }
            Self::Invalid { raw, .. } if raw.is_empty() => writer.text("NIL NIL"),
            Self::Invalid { raw, .. } => raw.write(writer),
            _ => {}
        }
    }
}

/// `nstring`, which may stream.
fn payload<'a>(reader: &mut Reader<'a>) -> Parse<Option<Payload<'a>>> {
    if reader.accept_nil() {
        return Ok(None);
    }
    reader.payload_string().map(Some)
}

fn write_payload(name: &str, data: Option<&Payload<'_>>, writer: &mut Writer<'_>) {
    writer.text(name);
    match data {
        Some(data) => writer.payload(data),
        None => writer.text("NIL"),
    }
}

/// A space and literal8 or NIL.
pub(crate) fn write_binary(data: Option<&Payload<'_>>, writer: &mut Writer<'_>) {
    writer.space();
    match data {
        Some(data) => writer.payload8(data),
        None => writer.text("NIL"),
    }
}

pub(crate) fn read_payload<'a>(reader: &mut Reader<'a>) -> Parse<Option<Payload<'a>>> {
    payload(reader)
}

fn write_id(name: &str, id: &ObjectId<'_>, writer: &mut Writer<'_>) {
    writer.text(name);
    id.write(writer);
    writer.text(")");
}

fn in_parentheses<'a, T>(reader: &mut Reader<'a>, read: impl FnOnce(&mut Reader<'a>) -> Parse<T>) -> Parse<T> {
    reader.open()?;
    let value = read(reader)?;
    reader.close()?;
    Ok(value)
}

/// `mod-sequence-value = 1*DIGIT ; Positive unsigned 63-bit integer` (RFC 7162 §7)
pub(crate) fn mod_sequence(reader: &mut Reader<'_>) -> Parse<NonZeroU64> {
    let start = reader.offset();
    let number = reader.number64()?;
    NonZeroU64::new(number).ok_or(SyntaxError::new(start, "a mod-sequence from 1"))
}

/// All 64 bits, which number64 does not have.
fn gmail_number(reader: &mut Reader<'_>) -> Parse<u64> {
    let start = reader.offset();
    let digits = reader.run1(|octet| octet.is_ascii_digit(), "a number")?;
    let number = core::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    number.ok_or(SyntaxError::new(start, "a number below 18446744073709551616"))
}
