//! What FETCH can ask for.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::class::is_name_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AnnotationQuery, Atom, OneOrMore, PartPath, Partial, Section, SyntaxError, Tokens};

/// `fetch-att` (RFC 9051 §6.4.5)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum FetchAttribute<'a> {
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `RFC822`: as `BODY[]`, answered by that name (RFC 3501 §6.4.5).
    Rfc822,
    /// `RFC822.HEADER`: as `BODY.PEEK[HEADER]`, answered by that name (RFC 3501 §6.4.5).
    Rfc822Header,
    /// `RFC822.TEXT`: as `BODY[TEXT]`, answered by that name (RFC 3501 §6.4.5).
    Rfc822Text,
    /// `RFC822.SIZE`
    Rfc822Size,
    /// `BODY`: the structure without extension data.
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `BODY[…]` and `BODY.PEEK[…]`
    BodySection {
        /// What of the message.
        section: Section<'a>,
        /// A window on it.
        partial: Option<Partial>,
        /// Whether this marks the message as seen.
        access: Access,
    },
    /// `BINARY[…]` and `BINARY.PEEK[…]` (RFC 3516 §4.2)
    Binary {
        /// The part, or the message.
        part: Option<PartPath>,
        /// A window on it.
        partial: Option<Partial>,
        /// Whether this marks the message as seen.
        access: Access,
    },
    /// `BINARY.SIZE[…]` (RFC 3516 §4.2)
    BinarySize(Option<PartPath>),
    /// `UID`
    Uid,
    /// `MODSEQ` (RFC 7162 §3.1.4.2)
    ModSeq,
    /// `PREVIEW` with its modifiers (RFC 8970 §3.1)
    Preview(Vec<PreviewModifier<'a>>),
    /// `SAVEDATE` (RFC 8514 §4.2)
    SaveDate,
    /// `EMAILID` (RFC 8474 §5.1)
    EmailId,
    /// `THREADID` (RFC 8474 §5.2)
    ThreadId,
    /// `ANNOTATION` (RFC 5257 §4.3)
    Annotation(AnnotationQuery<'a>),
    /// `X-GM-MSGID`, of Gmail.
    GmailMessageId,
    /// `X-GM-THRID`, of Gmail.
    GmailThreadId,
    /// `X-GM-LABELS`, of Gmail.
    GmailLabels,
    /// An attribute that this crate does not know.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What touches the name, such as `[1.2]<0.10>`, or a list behind it; or nothing.
        arguments: Tokens<'a>,
    },
}

/// Whether an attribute marks the message as seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum Access {
    /// It sets `\Seen`.
    MarkSeen,
    /// It does not (`.PEEK`).
    Peek,
}

/// How hard a server should try to find a preview (RFC 8970 §4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum PreviewModifier<'a> {
    /// `LAZY`: only what takes no time.
    Lazy,
    /// A modifier that this crate does not know.
    Other(Atom<'a>),
}

impl<'a> FetchAttribute<'a> {
    /// `"(" fetch-att *(SP fetch-att) ")"`
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        // A client that shows a mailbox asks for some.
        let mut attributes = Vec::with_capacity(8);
        reader.open()?;
        reader.separated_onto(&mut attributes, |attributes, reader| {
            attributes.push(Self::read_listed(reader)?);
            Ok(())
        })?;
        reader.close()?;
        Ok(OneOrMore::checked(attributes))
    }

    pub(crate) fn write_list(attributes: &[Self], writer: &mut Writer<'_>) {
        writer.list(attributes, |writer, attribute| attribute.write(writer));
    }

    /// An attribute in a list.
    fn read_listed(reader: &mut Reader<'a>) -> Parse<Self> {
        let attribute = Self::read(reader)?;
        if !reader.rest().starts_with(b" (") {
            return Ok(attribute);
        }
        // No attribute begins with a parenthesis: the list belongs to the one before.
        match attribute {
            Self::Preview(_) => {
                reader.space()?;
                reader.list1(PreviewModifier::read).map(Self::Preview)
            }
            Self::Other { name, arguments } if arguments.is_empty() => {
                reader.space()?;
                let arguments = Tokens::read(reader)?;
                Ok(Self::Other { name, arguments })
            }
            attribute => Ok(attribute),
        }
    }

    /// An attribute without a list around it. A list behind it is that of the command's modifiers, except for `(LAZY)`.
    pub(crate) fn read_alone(reader: &mut Reader<'a>) -> Parse<Self> {
        let attribute = Self::read(reader)?;
        if matches!(attribute, Self::Preview(_)) && reader.accept_text(" (LAZY)") {
            return Ok(Self::Preview(alloc::vec![PreviewModifier::Lazy]));
        }
        Ok(attribute)
    }

    /// ```text
    /// fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
    ///             "BODY" ["STRUCTURE"] / "UID" / "BODY" section [partial] / "BODY.PEEK" section [partial] /
    ///             "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary
    /// ```
    /// and what extensions add.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let name = reader.keyword();
        Ok(match name.as_slice() {
            b"ENVELOPE" => Self::Envelope,
            b"FLAGS" => Self::Flags,
            b"INTERNALDATE" => Self::InternalDate,
            b"RFC822" => Self::Rfc822,
            b"RFC822.HEADER" => Self::Rfc822Header,
            b"RFC822.TEXT" => Self::Rfc822Text,
            b"RFC822.SIZE" => Self::Rfc822Size,
            b"BODY" if reader.peek() == Some(b'[') => Self::read_section(Access::MarkSeen, reader)?,
            b"BODY" => Self::Body,
            b"BODY.PEEK" => Self::read_section(Access::Peek, reader)?,
            b"BODYSTRUCTURE" => Self::BodyStructure,
            b"BINARY" => Self::read_binary(Access::MarkSeen, reader)?,
            b"BINARY.PEEK" => Self::read_binary(Access::Peek, reader)?,
            b"BINARY.SIZE" => Self::BinarySize(PartPath::read_binary(reader)?),
            b"UID" => Self::Uid,
            b"MODSEQ" => Self::ModSeq,
            b"PREVIEW" => Self::Preview(Vec::new()),
            b"SAVEDATE" => Self::SaveDate,
            b"EMAILID" => Self::EmailId,
            b"THREADID" => Self::ThreadId,
            b"ANNOTATION" => {
                reader.space()?;
                Self::Annotation(AnnotationQuery::read(reader)?)
            }
            b"X-GM-MSGID" => Self::GmailMessageId,
            b"X-GM-THRID" => Self::GmailThreadId,
            b"X-GM-LABELS" => Self::GmailLabels,
            // The macros stand alone.
            b"ALL" | b"FAST" | b"FULL" => return Err(SyntaxError::new(start, "a FETCH attribute")),
            _ => {
                reader.rewind(start);
                return Self::read_other(reader);
            }
        })
    }

    fn read_section(access: Access, reader: &mut Reader<'a>) -> Parse<Self> {
        Ok(Self::BodySection {
            section: Section::read(reader)?,
            partial: Partial::read(reader)?,
            access,
        })
    }

    fn read_binary(access: Access, reader: &mut Reader<'a>) -> Parse<Self> {
        Ok(Self::Binary {
            part: PartPath::read_binary(reader)?,
            partial: Partial::read(reader)?,
            access,
        })
    }

    fn read_other(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.run1(is_name_char, "a FETCH attribute")?;
        let arguments = match reader.peek() {
            Some(b'[') => Tokens::read(reader)?,
            _ => Tokens::default(),
        };
        Ok(Self::Other {
            name: Atom::checked(name),
            arguments,
        })
    }

    /// Whether a list is the last of it, which behind a command without parentheses would be taken for the modifiers.
    pub(crate) fn ends_with_list(&self) -> bool {
        match self {
            Self::Preview(modifiers) => !modifiers.is_empty(),
            Self::Other { arguments, .. } => !arguments.is_empty(),
            _ => false,
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::BodySection {
                section,
                partial,
                access,
            } => {
                writer.text(access.name("BODY", "BODY.PEEK"));
                section.write(writer);
                write_partial(*partial, writer);
            }
            Self::Binary { part, partial, access } => {
                writer.text(access.name("BINARY", "BINARY.PEEK"));
                PartPath::write_binary(part.as_ref(), writer);
                write_partial(*partial, writer);
            }
            Self::BinarySize(part) => {
                writer.text("BINARY.SIZE");
                PartPath::write_binary(part.as_ref(), writer);
            }
            Self::Preview(modifiers) if !modifiers.is_empty() => {
                writer.text("PREVIEW ");
                writer.list(modifiers, |writer, modifier| modifier.write(writer));
            }
            Self::Annotation(query) => {
                writer.text("ANNOTATION ");
                query.write(writer);
            }
            Self::Other { name, arguments } => {
                writer.raw(name.as_bytes());
                if !matches!(arguments.as_bytes(), [] | [b'[', ..]) {
                    writer.space();
                }
                arguments.write(writer);
            }
            word => writer.text(word.word()),
        }
    }

    /// The name of those that have nothing else.
    const fn word(&self) -> &'static str {
        match self {
            Self::Envelope => "ENVELOPE",
            Self::Flags => "FLAGS",
            Self::InternalDate => "INTERNALDATE",
            Self::Rfc822 => "RFC822",
            Self::Rfc822Header => "RFC822.HEADER",
            Self::Rfc822Text => "RFC822.TEXT",
            Self::Rfc822Size => "RFC822.SIZE",
            Self::Body => "BODY",
            Self::BodyStructure => "BODYSTRUCTURE",
            Self::Uid => "UID",
            Self::ModSeq => "MODSEQ",
            Self::Preview(_) => "PREVIEW",
            Self::SaveDate => "SAVEDATE",
            Self::EmailId => "EMAILID",
            Self::ThreadId => "THREADID",
            Self::GmailMessageId => "X-GM-MSGID",
            Self::GmailThreadId => "X-GM-THRID",
            Self::GmailLabels => "X-GM-LABELS",
            Self::BodySection { .. }
            | Self::Binary { .. }
            | Self::BinarySize(_)
            | Self::Annotation(_)
            | Self::Other { .. } => "",
        }
    }
}

impl Access {
    const fn name(self, mark_seen: &'static str, peek: &'static str) -> &'static str {
        match self {
            Self::MarkSeen => mark_seen,
            Self::Peek => peek,
        }
    }
}

impl<'a> PreviewModifier<'a> {
    /// `preview-mod = "LAZY"`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.accept_word("LAZY") {
            return Ok(Self::Lazy);
        }
        reader.atom().map(Self::Other)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Lazy => writer.text("LAZY"),
            Self::Other(name) => writer.raw(name.as_bytes()),
        }
    }
}

fn write_partial(partial: Option<Partial>, writer: &mut Writer<'_>) {
    if let Some(partial) = partial {
        partial.write(writer);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Reading;

    /// Attributes as they are written, for tests of what holds some.
    pub(crate) fn attributes(list: &'static str) -> OneOrMore<FetchAttribute<'static>> {
        FetchAttribute::read_list(&mut Reader::new(list.as_bytes(), Reading::STRICT)).unwrap()
    }
}
