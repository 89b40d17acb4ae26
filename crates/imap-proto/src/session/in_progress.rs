//! How far a command that takes long has come (RFC 9585).

use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::Tag;
use crate::syntax::class::is_tag_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// The arguments of the INPROGRESS response code (RFC 9585 §4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct InProgress<'a> {
    tag: Option<Tag<'a>>,
    progress: Progress,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToStatic)]
pub enum Progress {
    /// The server does not know.
    Unknown,
    /// So many, of it is not known how many.
    Done(u32),
    /// So many, of how many there are. A peer may say that it has done more than there is.
    DoneOf(u32, NonZeroU32),
}

impl<'a> InProgress<'a> {
    /// `tag` is the command's; one with `]` cannot be sent and is left out.
    pub fn new(tag: Option<Tag<'a>>, progress: Progress) -> Self {
        let tag = tag.filter(|tag| !tag.as_str().contains(']'));
        Self { tag, progress }
    }

    /// Which command; any when there is no tag.
    pub const fn tag(&self) -> Option<&Tag<'a>> {
        self.tag.as_ref()
    }

    /// How far it is.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// ```text
    /// inprogress-tag              = quoted / nil
    /// inprogress-state-unknown    = nil SP nil
    /// inprogress-state-counting   = number SP nil
    /// inprogress-state-known-goal = number SP nz-number
    /// ```
    /// In the brackets that follow `INPROGRESS SP`.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let tag = match reader.accept_nil() {
            true => None,
            false => Some(read_quoted_tag(reader)?),
        };
        reader.space()?;
        let progress = Progress::read(reader)?;
        reader.close()?;
        Ok(Self::new(tag, progress))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        match &self.tag {
            Some(tag) => writer.quoted(tag.as_str().as_bytes()),
            None => writer.text("NIL"),
        }
        match self.progress {
            Progress::Unknown => writer.text(" NIL NIL"),
            Progress::Done(done) => {
                writer.space();
                writer.number(done);
                writer.text(" NIL");
            }
            Progress::DoneOf(done, goal) => {
                writer.space();
                writer.number(done);
                writer.space();
                writer.number(goal.get());
            }
        }
        writer.text(")");
    }
}

impl Progress {
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if reader.accept_nil() {
            reader.space()?;
            return match reader.accept_nil() {
                true => Ok(Self::Unknown),
                false => reader.expected("NIL"),
            };
        }
        let done = reader.number()?;
        reader.space()?;
        match reader.accept_nil() {
            true => Ok(Self::Done(done)),
            false => Ok(Self::DoneOf(done, reader.nz_number()?)),
        }
    }
}

/// A tag in quotes, as INPROGRESS and NOUPDATE have it (RFC 5267 §4.3.1).
pub(crate) fn read_quoted_tag<'a>(reader: &mut Reader<'a>) -> Parse<Tag<'a>> {
    reader.require(b'"', "a quoted tag")?;
    let tag = Tag::checked(reader.run1(is_tag_char, "a tag")?);
    reader.require(b'"', "a tag's closing quote")?;
    Ok(tag)
}
