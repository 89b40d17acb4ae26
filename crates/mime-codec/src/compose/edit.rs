//! Changing a message that exists.

use std::ops::Range;

use rfc5322::{Field, FieldName, RawField};

use super::assembly::lay_out;
use super::{ComposeError, Composed, PartBuilder, Transport};
use crate::{Message, Part};

/// Changes to a message. Every octet that is not touched stays: other fields with their folds, other parts with their encodings,
/// preambles, line ends, even what is wrong.
///
/// ```
/// use mime_codec::Message;
/// use mime_codec::compose::Edit;
/// use mime_codec::rfc5322::{Field, FieldName};
///
/// let message = Message::parse(b"Received: by hamburger.edu\n  (odd folds)\nSubject: hi\nX-Spam: no\n\nHello\n");
/// let mut edit = Edit::of(&message);
/// edit.set_field(&message.root(), Field::new(&FieldName::SUBJECT, "[cooks] hi")?)?;
/// edit.remove_fields(&message.root(), &FieldName::new("X-Spam")?)?;
/// assert_eq!(
///     String::from_utf8(edit.apply()?)?,
///     "Received: by hamburger.edu\n  (odd folds)\nSubject: [cooks] hi\n\nHello\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Edit<'m> {
    message: &'m Message<'m>,
    splices: Vec<Splice>,
}

#[derive(Debug)]
struct Splice {
    range: Range<usize>,
    octets: Vec<u8>,
}

/// Why a message cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The part lies in a message that came transfer-encoded: none of its octets are among those of the message.
    #[error("the part lies inside of a transfer-encoded message")]
    Encoded,
    /// Two changes of the same octets, at this offset.
    #[error("two changes of the same octets at offset {0}")]
    Overlap(usize),
    /// The part is the message itself, or all that its multipart or message has.
    #[error("what is around the part cannot be without it")]
    OnlyPart,
    /// The new part holds a delimiter line of a multipart around it.
    #[error("the new part holds a delimiter line of a multipart around it")]
    Boundary,
    /// The new part cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

impl<'m> Edit<'m> {
    /// No change yet.
    pub fn of(message: &'m Message<'_>) -> Self {
        Self {
            message,
            splices: Vec::new(),
        }
    }

    /// Puts a field in front of all others of a part, as trace fields are (RFC 5321 §4.4).
    ///
    /// # Errors
    ///
    /// [`EditError::Encoded`].
    pub fn prepend_field(&mut self, part: &Part<'_>, field: Field) -> Result<(), EditError> {
        let start = place(part)?.start;
        let mut octets = Vec::from(field);
        if part.raw_header().is_empty() && !part.raw_body().is_empty() {
            // There is no header section, and no empty line behind it.
            octets.extend_from_slice(b"\r\n");
        }
        self.splice(start..start, octets)
    }

    /// Puts a field behind all others of a part.
    ///
    /// # Errors
    ///
    /// [`EditError::Encoded`].
    pub fn append_field(&mut self, part: &Part<'_>, field: Field) -> Result<(), EditError> {
        let Some(last) = part.header().fields().last() else {
            return self.prepend_field(part, field);
        };
        place(part)?;
        let end = last.offset + last.raw.len();
        let mut octets = Vec::from(field);
        if !last.raw.ends_with(b"\n") {
            octets = [b"\r\n", &octets[..]].concat();
        }
        self.splice(end..end, octets)
    }

    /// Puts a field in the place of the first one of its name, and removes the others of that name; without one, puts it
    /// behind all others.
    ///
    /// # Errors
    ///
    /// [`EditError::Encoded`], [`EditError::Overlap`].
    pub fn set_field(&mut self, part: &Part<'_>, field: Field) -> Result<(), EditError> {
        place(part)?;
        let header = part.header();
        let mut places: Vec<_> = header.fields_named(field.name()).map(|found| extent(&found)).collect();
        if places.is_empty() {
            return self.append_field(part, field);
        }
        self.splice(places.remove(0), field.into())?;
        places.into_iter().try_for_each(|place| self.splice(place, Vec::new()))
    }

    /// Removes all fields of a name.
    ///
    /// # Errors
    ///
    /// [`EditError::Encoded`], [`EditError::Overlap`].
    pub fn remove_fields(&mut self, part: &Part<'_>, name: &FieldName) -> Result<(), EditError> {
        place(part)?;
        for field in part.header().fields_named(name.as_str()) {
            self.splice(extent(&field), Vec::new())?;
        }
        Ok(())
    }

    /// Puts a new part in the place of one.
    ///
    /// # Errors
    ///
    /// [`EditError`], all of its cases.
    pub fn replace_part(
        &mut self,
        part: &Part<'_>,
        new: PartBuilder<'_>,
        transport: Transport,
    ) -> Result<(), EditError> {
        let range = place(part)?;
        if part.parent().is_none() {
            return Err(EditError::OnlyPart);
        }
        let composed = Composed::new(lay_out(None, new, transport)?);
        let octets = composed.into_vec().map_err(|error| ComposeError::Read(error.kind()))?;
        let mut outer = part.parent();
        while let Some(multipart) = outer {
            if multipart
                .content_type()
                .boundary()
                .is_some_and(|boundary| holds_delimiter(&octets, &boundary))
            {
                return Err(EditError::Boundary);
            }
            outer = multipart.parent();
        }
        self.splice(range, octets)
    }

    /// Removes a part of a multipart, with its delimiter line.
    ///
    /// # Errors
    ///
    /// [`EditError::Encoded`], [`EditError::Overlap`], [`EditError::OnlyPart`].
    pub fn remove_part(&mut self, part: &Part<'_>) -> Result<(), EditError> {
        let range = place(part)?;
        let parent = part
            .parent()
            .filter(|parent| parent.is_multipart())
            .ok_or(EditError::OnlyPart)?;
        if parent.children().count() == 1 {
            return Err(EditError::OnlyPart);
        }
        let before = parent
            .children()
            .take_while(|sibling| sibling.index() < part.index())
            .last();
        let start = match before {
            Some(sibling) => place(&sibling)?.end,
            None => place(&parent)?.start + parent.raw_header().len() + parent.preamble().len(),
        };
        self.splice(start..range.end, Vec::new())
    }

    /// The message with all changes.
    ///
    /// # Errors
    ///
    /// [`EditError::Overlap`] for octets that two changes touch.
    pub fn apply(mut self) -> Result<Vec<u8>, EditError> {
        let octets = self.message.octets();
        let mut changed =
            Vec::with_capacity(octets.len() + self.splices.iter().map(|splice| splice.octets.len()).sum::<usize>());
        // Stable: what is put in one place stays in the order of the calls.
        self.splices.sort_by_key(|splice| splice.range.start);
        let mut kept = 0;
        for splice in &self.splices {
            if splice.range.start < kept {
                return Err(EditError::Overlap(splice.range.start));
            }
            changed.extend_from_slice(&octets[kept..splice.range.start]);
            changed.extend_from_slice(&splice.octets);
            kept = splice.range.end;
        }
        changed.extend_from_slice(&octets[kept..]);
        Ok(changed)
    }

    /// Notes a change; its lines end as those of the message do.
    fn splice(&mut self, range: Range<usize>, octets: Vec<u8>) -> Result<(), EditError> {
        let octets = if self.has_bare_line_ends() {
            without_cr(&octets)
        } else {
            octets
        };
        self.splices.push(Splice { range, octets });
        Ok(())
    }

    fn has_bare_line_ends(&self) -> bool {
        let octets = self.message.octets();
        memchr::memchr(b'\n', octets).is_some_and(|lf| lf == 0 || octets[lf - 1] != b'\r')
    }
}

/// Where a part stands in the message.
fn place(part: &Part<'_>) -> Result<Range<usize>, EditError> {
    if part.is_decoded() {
        return Err(EditError::Encoded);
    }
    Ok(part.offset()..part.offset() + part.raw().len())
}

fn extent(field: &RawField<'_>) -> Range<usize> {
    field.offset..field.offset + field.raw.len()
}

fn holds_delimiter(octets: &[u8], boundary: &[u8]) -> bool {
    let line = [b"--", boundary].concat();
    let finder = memchr::memmem::Finder::new(&line);
    finder.find_iter(octets).any(|at| at == 0 || octets[at - 1] == b'\n')
}

fn without_cr(octets: &[u8]) -> Vec<u8> {
    let is_kept = |(at, octet): &(usize, &u8)| **octet != b'\r' || octets.get(at + 1) != Some(&b'\n');
    octets
        .iter()
        .enumerate()
        .filter(is_kept)
        .map(|(_, octet)| *octet)
        .collect()
}
