//! BODY and BODYSTRUCTURE: the parts of a message, as a flat table.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::messages::body_parser;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{BodyKind, BodyPart, PartPath};

/// The structure of a message (RFC 9051 §7.5.2): all its parts in the order in which they begin.
///
/// ```
/// # use imap_proto::{BodyPart, BodyStructureBuilder};
/// let mut builder = BodyStructureBuilder::new(BodyPart::multipart("MIXED"));
/// builder.push(BodyPart::text("PLAIN", 3))?;
/// builder.push(BodyPart::basic("IMAGE", "PNG")?)?;
/// builder.close()?;
/// let structure = builder.finish()?;
/// let image = structure.find(&"2".parse()?).unwrap();
/// assert!(image.part().is("image", "png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct BodyStructure<'a> {
    /// At least one.
    parts: Vec<BodyPart<'a>>,
}

/// A part in its structure.
#[derive(Clone, Copy, Debug)]
pub struct BodyNode<'s, 'a> {
    parts: &'s [BodyPart<'a>],
    index: usize,
}

impl<'a> BodyStructure<'a> {
    /// Multiparts and messages that may stand inside of one another; where there are more, the FETCH item is not read.
    pub const MAX_DEPTH: usize = 256;

    /// All parts, in the order in which they begin.
    pub fn parts(&self) -> &[BodyPart<'a>] {
        &self.parts
    }

    /// The message's body.
    pub fn root(&self) -> BodyNode<'_, 'a> {
        BodyNode {
            parts: &self.parts,
            index: 0,
        }
    }

    /// The part that a section's number names (RFC 9051 §6.4.5.1): part 1 of a message that is no multipart is its body. A multipart
    /// that is the body of an attached message has no number.
    pub fn find(&self, path: &PartPath) -> Option<BodyNode<'_, 'a>> {
        let mut inside = Inside::Body(self.root());
        let mut found = None;
        for number in path.numbers() {
            let node = inside.nth(*number)?;
            inside = node.inside();
            found = Some(node);
        }
        found
    }

    /// All parts that have a number, with it, in order.
    ///
    /// ```
    /// # use imap_proto::{BodyPart, BodyStructureBuilder};
    /// let structure = BodyStructureBuilder::new(BodyPart::text("PLAIN", 3)).finish()?;
    /// let (path, node) = structure.numbered().next().unwrap();
    /// assert_eq!((path.to_string().as_str(), node.index()), ("1", 0));
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    pub fn numbered(&self) -> impl Iterator<Item = (PartPath, BodyNode<'_, 'a>)> {
        let mut walk = Walk::new();
        (0..self.parts.len()).filter_map(move |index| {
            let node = BodyNode {
                parts: &self.parts,
                index,
            };
            walk.path(node).map(|path| (path, node))
        })
    }

    /// As BODY has it: without extension data, and without the parameters of multiparts, which belong to them.
    #[must_use]
    pub fn without_extension(mut self) -> Self {
        for part in &mut self.parts {
            part.extension = None;
            if part.is_multipart() {
                part.params = Vec::new();
            }
        }
        self
    }

    /// The same where the first part's content is told without its transfer encoding (RFC 5524 §3.2): the encoding that it has then, and its
    /// octets. Nobody has counted its lines.
    #[must_use]
    pub fn decoded(mut self, encoding: &'static str, octets: u64) -> Self {
        if let [part, ..] = &mut *self.parts
            && !part.is_multipart()
        {
            (part.encoding, part.octets) = (encoding.into(), octets);
            part.forget_lines();
        }
        self
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        body_parser::read(reader).map(|parts| Self { parts })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        // Parts that have begun and not ended, and the index behind their descendants.
        let mut open = Vec::<(&BodyPart<'a>, usize)>::new();
        for (index, part) in self.parts.iter().enumerate() {
            part.write_begin(writer);
            if part.descendants > 0 {
                open.push((part, index + 1 + part.descendants));
                continue;
            }
            part.write_end(writer);
            while let Some((outer, end)) = open.last()
                && *end == index + 1
            {
                outer.write_end(writer);
                open.pop();
            }
        }
    }

    /// For the builder, which has counted.
    pub(crate) const fn checked(parts: Vec<BodyPart<'a>>) -> Self {
        Self { parts }
    }
}

impl<'s, 'a> BodyNode<'s, 'a> {
    /// The part.
    pub const fn part(self) -> &'s BodyPart<'a> {
        &self.parts[self.index]
    }

    /// The structure of the part alone, with what is inside of it.
    pub fn to_structure(self) -> BodyStructure<'a> {
        let parts = &self.parts[self.index..=self.index + self.part().descendants];
        BodyStructure { parts: parts.to_vec() }
    }

    /// Where it stands in [`BodyStructure::parts`].
    pub const fn index(self) -> usize {
        self.index
    }

    /// The parts of a multipart, or the body of a message.
    pub fn children(self) -> impl Iterator<Item = BodyNode<'s, 'a>> {
        let end = self.index + 1 + self.part().descendants;
        let mut next = self.index + 1;
        core::iter::from_fn(move || {
            let child = BodyNode {
                parts: self.parts,
                index: next,
            };
            (next < end).then(|| {
                next += 1 + child.part().descendants;
                child
            })
        })
    }

    /// What numbers count here.
    fn inside(self) -> Inside<'s, 'a> {
        match self.part().kind() {
            BodyKind::Multipart => Inside::Multipart(self),
            BodyKind::Message { .. } => self.children().next().map_or(Inside::Nothing, Inside::Body),
            _ => Inside::Nothing,
        }
    }
}

/// What a part number counts.
enum Inside<'s, 'a> {
    /// The children of a multipart.
    Multipart(BodyNode<'s, 'a>),
    /// The body of a message: its children when it is a multipart, else itself as number 1.
    Body(BodyNode<'s, 'a>),
    Nothing,
}

impl<'s, 'a> Inside<'s, 'a> {
    fn nth(&self, number: NonZeroU32) -> Option<BodyNode<'s, 'a>> {
        let index = number.get() as usize - 1;
        match self {
            Self::Body(node) if !node.part().is_multipart() => (index == 0).then_some(*node),
            Self::Body(node) | Self::Multipart(node) => node.children().nth(index),
            Self::Nothing => None,
        }
    }
}

/// Counts part numbers along the table.
struct Walk {
    frames: Vec<Frame>,
    numbers: Vec<NonZeroU32>,
}

/// A part that has begun and not ended.
struct Frame {
    /// The index behind its descendants.
    end: usize,
    /// How many numbers name it.
    depth: usize,
    /// The number of the last child of a multipart; `None` in a message, whose body shares its number or is number 1.
    last: Option<u32>,
}

impl Walk {
    fn new() -> Self {
        let message = Frame {
            end: usize::MAX,
            depth: 0,
            last: None,
        };
        Self {
            frames: alloc::vec![message],
            numbers: Vec::new(),
        }
    }

    fn path(&mut self, node: BodyNode<'_, '_>) -> Option<PartPath> {
        while self.frames.len() > 1 && self.frames.last().is_some_and(|frame| frame.end <= node.index) {
            self.frames.pop();
        }
        let frame = self.frames.last_mut()?;
        self.numbers.truncate(frame.depth);
        let number = match &mut frame.last {
            Some(last) => {
                *last = last.saturating_add(1);
                NonZeroU32::new(*last)
            }
            None if node.part().is_multipart() => None,
            None => Some(NonZeroU32::MIN),
        };
        self.numbers.extend(number);
        let frame = |last| Frame {
            end: node.index + 1 + node.part().descendants,
            depth: self.numbers.len(),
            last,
        };
        match node.part().kind() {
            BodyKind::Multipart => self.frames.push(frame(Some(0))),
            BodyKind::Message { .. } => self.frames.push(frame(None)),
            _ => {}
        }
        number.map(|_| PartPath::checked(self.numbers.clone()))
    }
}
