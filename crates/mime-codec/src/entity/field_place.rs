//! Where a field stands, without a hold on its octets.

use rfc5322::{FieldSplit, RawField};

/// A field of a header section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldPlace {
    /// Octets of the message before it.
    offset: usize,
    name_len: u32,
    /// From the field's start, as what follows is.
    value: u32,
    value_end: u32,
    end: u32,
}

impl FieldPlace {
    /// The place of a field whose lines begin at `offset`. `None` if they are no field.
    pub(super) fn of(raw: &[u8], offset: usize) -> Option<Self> {
        let split = FieldSplit::of(raw)?;
        // Fields are bounded by a limit that is far below u32::MAX.
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Some(Self {
            offset,
            name_len: place(split.name_len),
            value: place(split.value_start),
            value_end: place(split.value_end),
            end: place(raw.len()),
        })
    }

    /// The name, in the lines of the field.
    pub(super) fn name_in<'r>(&self, raw: &'r [u8]) -> &'r [u8] {
        &raw[..self.name_len as usize]
    }

    /// The value, in the lines of the field.
    pub(super) fn value_in<'r>(&self, raw: &'r [u8]) -> &'r [u8] {
        &raw[self.value as usize..self.value_end as usize]
    }

    /// Whether the field has that name, in any case.
    pub(crate) fn is(&self, message: &[u8], name: &str) -> bool {
        let len = self.name_len as usize;
        len == name.len() && message[self.offset..self.offset + len].eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value, in the message that it was found in.
    pub(crate) fn value<'o>(&self, message: &'o [u8]) -> &'o [u8] {
        &message[self.offset + self.value as usize..self.offset + self.value_end as usize]
    }

    /// The field, in the message that it was found in.
    pub(crate) fn field<'o>(&self, message: &'o [u8]) -> RawField<'o> {
        self.field_in(message, 0)
    }

    /// The field, in a window that begins at the offset `base` of the message.
    pub(crate) fn field_in<'o>(&self, window: &'o [u8], base: usize) -> RawField<'o> {
        let start = self.offset - base;
        let raw = &window[start..start + self.end as usize];
        RawField {
            name: str::from_utf8(&raw[..self.name_len as usize]).unwrap_or_default(),
            value: &raw[self.value as usize..self.value_end as usize],
            raw,
            offset: self.offset,
        }
    }
}
