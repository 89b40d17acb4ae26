//! Puts a body structure together, part by part, as a walk through a message meets them.

use alloc::vec::Vec;

use crate::{BodyKind, BodyPart, BodyStructure, InvalidValue};

/// Builds a [`BodyStructure`]: parts in the order in which they begin, with a [`close`](Self::close) where a multipart or message ends.
#[derive(Clone, Debug)]
pub struct BodyStructureBuilder<'a> {
    parts: Vec<BodyPart<'a>>,
    /// Places of the multiparts and messages that were not closed.
    open: Vec<usize>,
}

impl<'a> BodyStructureBuilder<'a> {
    /// Begins with the message's body. If it is a multipart or a message, the next parts are inside of it.
    pub fn new(root: BodyPart<'a>) -> Self {
        let mut builder = Self {
            parts: Vec::new(),
            open: Vec::new(),
        };
        builder.add(root);
        builder
    }

    /// Adds a part inside of the one that was begun last and not closed. If it is a multipart or a message, the next parts are inside of
    /// it.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when no multipart or message is open, the message has its body already, the part is a `message/rfc822` of which a
    /// server told no envelope, or parts are nested deeper than [`BodyStructure::MAX_DEPTH`].
    pub fn push(&mut self, part: BodyPart<'a>) -> Result<(), InvalidValue> {
        let Some(&outer) = self.open.last() else {
            return Err(InvalidValue::new(0, "a part inside of an open one"));
        };
        if !self.parts[outer].is_multipart() && self.parts.len() > outer + 1 {
            return Err(InvalidValue::new(0, "the only body of a message"));
        }
        if self.open.len() == BodyStructure::MAX_DEPTH && begins(&part) {
            return Err(InvalidValue::new(0, "nested less deeply"));
        }
        if part.is_message() && *part.kind() == BodyKind::Basic {
            return Err(InvalidValue::new(0, "a message with its envelope"));
        }
        self.add(part);
        Ok(())
    }

    fn add(&mut self, mut part: BodyPart<'a>) {
        if part.is_multipart() {
            part = part.into_multipart();
        }
        part.descendants = 0;
        if begins(&part) {
            self.open.push(self.parts.len());
        }
        self.parts.push(part);
    }

    /// Ends the multipart or message that was begun last.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when none is open, or nothing is inside of it, which the grammar cannot say.
    pub fn close(&mut self) -> Result<(), InvalidValue> {
        let Some(&at) = self.open.last() else {
            return Err(InvalidValue::new(0, "a part that is open"));
        };
        let descendants = self.parts.len() - at - 1;
        if descendants == 0 {
            return Err(InvalidValue::new(0, "a part with one inside of it"));
        }
        self.parts[at].descendants = descendants;
        self.open.pop();
        Ok(())
    }

    /// Ends all that is open.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when nothing is inside of one of them, or the body is a `message/rfc822` without an envelope.
    pub fn finish(mut self) -> Result<BodyStructure<'a>, InvalidValue> {
        while !self.open.is_empty() {
            self.close()?;
        }
        if self.parts[0].is_message() && *self.parts[0].kind() == BodyKind::Basic {
            return Err(InvalidValue::new(0, "a message with its envelope"));
        }
        Ok(BodyStructure::checked(self.parts))
    }
}

/// Whether parts go inside of it.
const fn begins(part: &BodyPart<'_>) -> bool {
    matches!(part.kind(), BodyKind::Multipart | BodyKind::Message { .. })
}
