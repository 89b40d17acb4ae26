//! Sets of message numbers, as ranges that are never expanded.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{OneOrMore, Reading, SyntaxError};

/// Which of the two kinds of message numbers a command or its answer uses (RFC 9051 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum Numbering {
    /// Message sequence numbers.
    Sequence,
    /// Unique identifiers: the command has the prefix `UID`.
    Uid,
}

/// A number, or `*`, the largest in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum SequenceNumber {
    /// A number.
    Number(NonZeroU32),
    /// `*`
    Largest,
}

/// From one number to another, both included, in any order (RFC 9051 §9 `seq-range`); a single number is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct SequenceRange {
    /// One end.
    pub first: SequenceNumber,
    /// The other.
    pub last: SequenceNumber,
}

/// `sequence-set` (RFC 9051 §9): ranges in the order in which they came, or `$`, the result that the server saved (RFC 5182).
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum SequenceSet {
    /// Ranges.
    Ranges(OneOrMore<SequenceRange>),
    /// `$`
    SavedResult,
}

impl Numbering {
    /// `UID` and its space, in front of a command's name.
    pub(crate) fn write_prefix(self, writer: &mut Writer<'_>) {
        if self == Self::Uid {
            writer.text("UID ");
        }
    }
}

impl SequenceNumber {
    /// With `largest` in place of `*`.
    pub fn resolve(self, largest: NonZeroU32) -> NonZeroU32 {
        match self {
            Self::Number(number) => number,
            Self::Largest => largest,
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if reader.accept(b'*') {
            return Ok(Self::Largest);
        }
        if !matches!(reader.peek(), Some(b'0'..=b'9')) {
            return reader.expected("a number from 1 or \"*\"");
        }
        reader.nz_number().map(Self::Number)
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::Number(number) => writer.number(number.get()),
            Self::Largest => writer.text("*"),
        }
    }
}

impl SequenceRange {
    /// The lower and the upper end, with `largest` in place of `*`.
    pub fn resolve(self, largest: NonZeroU32) -> (NonZeroU32, NonZeroU32) {
        let (a, b) = (self.first.resolve(largest), self.last.resolve(largest));
        (a.min(b), a.max(b))
    }

    /// `seq-range` or `seq-number`
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let first = SequenceNumber::read(reader)?;
        let last = if reader.accept(b':') {
            SequenceNumber::read(reader)?
        } else {
            first
        };
        Ok(Self { first, last })
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        self.first.write(writer);
        if self.first != self.last {
            writer.text(":");
            self.last.write(writer);
        }
    }
}

impl From<NonZeroU32> for SequenceRange {
    fn from(number: NonZeroU32) -> Self {
        let number = SequenceNumber::Number(number);
        Self {
            first: number,
            last: number,
        }
    }
}

impl SequenceSet {
    /// Every message: `1:*`.
    pub fn all() -> Self {
        Self::Ranges(OneOrMore::from(SequenceRange {
            first: SequenceNumber::Number(NonZeroU32::MIN),
            last: SequenceNumber::Largest,
        }))
    }

    /// These numbers; neighbours that count upwards become one range. `None` when there is no number.
    pub fn from_numbers(numbers: impl IntoIterator<Item = NonZeroU32>) -> Option<Self> {
        let mut ranges = Vec::<SequenceRange>::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(SequenceRange {
                    last: SequenceNumber::Number(last),
                    ..
                }) if last.checked_add(1) == Some(number) => *last = number,
                _ => ranges.push(number.into()),
            }
        }
        OneOrMore::new(ranges).ok().map(Self::Ranges)
    }

    /// Whether `number` is in the set, when `largest` is the largest in use; what `$` stands for only the server knows.
    pub fn contains(&self, number: NonZeroU32, largest: NonZeroU32) -> bool {
        self.ranges().iter().any(|range| {
            let (low, high) = range.resolve(largest);
            low <= number && number <= high
        })
    }

    /// The ranges; none of `$`.
    pub fn ranges(&self) -> &[SequenceRange] {
        match self {
            Self::Ranges(ranges) => ranges,
            Self::SavedResult => &[],
        }
    }

    /// A set in the spelling of the wire, such as `1:3,7,9:*`.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it is none.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(text.as_bytes(), Reading::STRICT);
        let set = Self::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("\",\" or the end of the set");
        }
        Ok(set)
    }

    /// ```text
    /// sequence-set    = (seq-number / seq-range) ["," sequence-set]
    /// sequence-set    =/ seq-last-command
    /// seq-last-command = "$"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if reader.accept(b'$') {
            return Ok(Self::SavedResult);
        }
        let mut ranges = Vec::with_capacity(1);
        loop {
            ranges.push(SequenceRange::read(reader)?);
            if !reader.accept(b',') {
                return Ok(Self::Ranges(OneOrMore::checked(ranges)));
            }
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::SavedResult => writer.text("$"),
            Self::Ranges(ranges) => {
                for (i, range) in ranges.iter().enumerate() {
                    if i > 0 {
                        writer.text(",");
                    }
                    range.write(writer);
                }
            }
        }
    }
}

impl From<NonZeroU32> for SequenceSet {
    fn from(number: NonZeroU32) -> Self {
        Self::Ranges(SequenceRange::from(number).into())
    }
}

impl core::str::FromStr for SequenceSet {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for SequenceSet {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn sets_are_ranges() {
        let set = SequenceSet::parse("5,2:4,*:7").unwrap();
        assert_eq!(set.ranges().len(), 3);
        assert!(set.contains(n(9), n(9)) && set.contains(n(7), n(9)) && !set.contains(n(6), n(9)));
        assert!(set.contains(n(3), n(3)), "*:7 is 3:7 where 3 is the largest");
        assert_eq!(SequenceSet::parse("$"), Ok(SequenceSet::SavedResult));
        assert_eq!(
            SequenceSet::from_numbers([1, 2, 3, 7, 9].map(n)),
            SequenceSet::parse("1:3,7,9").ok()
        );
        for bad in [
            "",
            "0",
            "1:",
            ":1",
            "1,",
            ",1",
            "1:2:3",
            "01",
            "4294967296",
            "1 ",
            "$,1",
            "-1",
        ] {
            assert!(SequenceSet::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// docs/threats.md row 11: a range costs what it takes to write it down.
    #[test]
    fn a_wide_range_is_one_range() {
        let set = SequenceSet::parse("1:4294967295").unwrap();
        assert_eq!(set.ranges().len(), 1);
        assert!(set.contains(n(u32::MAX), n(5)));
    }
}
