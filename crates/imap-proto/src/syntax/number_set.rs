//! Sets of numbers that are known: what servers answer with, where neither `*` nor `$` can stand.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::syntax::decimal;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, OneOrMore, Reading, SequenceNumber, SequenceRange, SequenceSet, SyntaxError};

/// From one number to another, both included, in any order; a single number is both (RFC 9051 §9 `uid-range`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct NumberRange {
    /// One end.
    pub first: NonZeroU32,
    /// The other.
    pub last: NonZeroU32,
}

/// `uid-set` (RFC 9051 §9), also of sequence numbers: ranges in the order in which they came. It takes 8 octets a range, however wide
/// the ranges are.
///
/// ```
/// # use imap_proto::NumberSet;
/// let set: NumberSet = "2,10:11".parse()?;
/// assert_eq!(set.numbers().map(u32::from).collect::<Vec<_>>(), [2, 10, 11]);
/// # Ok::<(), imap_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct NumberSet(Vec<NumberRange>);

impl NumberRange {
    /// The lower and the upper end.
    pub fn bounds(self) -> (NonZeroU32, NonZeroU32) {
        (self.first.min(self.last), self.first.max(self.last))
    }

    /// How many numbers are in it: 1 or more.
    pub fn count(self) -> u64 {
        let (low, high) = self.bounds();
        u64::from(high.get() - low.get()) + 1
    }

    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let first = reader.nz_number()?;
        let last = if reader.accept(b':') {
            reader.nz_number()?
        } else {
            first
        };
        Ok(Self { first, last })
    }

    /// `uid-range = (uniqueid ":" uniqueid)`, with the colon even where both are one.
    pub(crate) fn write_range(self, writer: &mut Writer<'_>) {
        writer.number(self.first.get());
        writer.text(":");
        writer.number(self.last.get());
    }
}

impl From<NonZeroU32> for NumberRange {
    fn from(number: NonZeroU32) -> Self {
        Self {
            first: number,
            last: number,
        }
    }
}

impl NumberSet {
    /// # Errors
    ///
    /// [`InvalidValue`] when there is no range.
    pub fn new(ranges: Vec<NumberRange>) -> Result<Self, InvalidValue> {
        if ranges.is_empty() {
            return Err(InvalidValue::new(0, "a set of one range or more"));
        }
        Ok(Self(ranges))
    }

    /// These numbers; neighbours that count upwards become one range. `None` when there is no number.
    pub fn from_numbers(numbers: impl IntoIterator<Item = NonZeroU32>) -> Option<Self> {
        let mut ranges = Vec::<NumberRange>::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(range) if range.first <= range.last && range.last.checked_add(1) == Some(number) => {
                    range.last = number;
                }
                _ => ranges.push(number.into()),
            }
        }
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// A set in the spelling of the wire, such as `1:3,7`.
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

    /// The ranges.
    pub fn ranges(&self) -> &[NumberRange] {
        &self.0
    }

    /// The numbers, each range upwards (RFC 5267 §3.2). A peer can write four thousand million of them in a dozen octets: take as many
    /// as you can use.
    pub fn numbers(&self) -> impl Iterator<Item = NonZeroU32> + '_ {
        self.0.iter().flat_map(|range| {
            let (low, high) = range.bounds();
            (low.get()..=high.get()).filter_map(NonZeroU32::new)
        })
    }

    /// How many numbers the ranges have; what stands in two of them counts twice.
    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |count: u64, range| count.saturating_add(range.count()))
    }

    /// Whether `number` is in the set.
    pub fn contains(&self, number: NonZeroU32) -> bool {
        self.0.iter().any(|range| {
            let (low, high) = range.bounds();
            low <= number && number <= high
        })
    }

    /// ```text
    /// uid-set = (uniqueid / uid-range) *("," uid-set)
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        NumberRange::read_many(reader).map(Self)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let mut pen = Digits::new(writer);
        for (i, range) in self.0.iter().enumerate() {
            if i > 0 {
                pen.mark(b',');
            }
            pen.number(range.first);
            if range.first != range.last {
                pen.mark(b':');
                pen.number(range.last);
            }
        }
        pen.finish();
    }
}

impl NumberRange {
    /// Ranges and single numbers, with commas between them.
    pub(crate) fn read_many(reader: &mut Reader<'_>) -> Parse<Vec<Self>> {
        let mut ranges = Vec::with_capacity(1);
        loop {
            ranges.push(Self::read(reader)?);
            if !reader.accept(b',') {
                return Ok(ranges);
            }
        }
    }
}

impl From<NonZeroU32> for NumberSet {
    fn from(number: NonZeroU32) -> Self {
        Self(alloc::vec![number.into()])
    }
}

impl From<NumberRange> for NumberSet {
    fn from(range: NumberRange) -> Self {
        Self(alloc::vec![range])
    }
}

/// For a command that takes what a response named.
impl From<&NumberSet> for SequenceSet {
    fn from(set: &NumberSet) -> Self {
        let range = |range: &NumberRange| SequenceRange {
            first: SequenceNumber::Number(range.first),
            last: SequenceNumber::Number(range.last),
        };
        Self::Ranges(OneOrMore::checked(set.0.iter().map(range).collect()))
    }
}

impl core::str::FromStr for NumberSet {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

/// Writes long lists of numbers: a call of the output for each would cost more than the digits.
pub(crate) struct Digits<'w, 'b> {
    writer: &'w mut Writer<'b>,
    buffer: [u8; DIGITS],
    len: usize,
}

impl<'w, 'b> Digits<'w, 'b> {
    pub(crate) const fn new(writer: &'w mut Writer<'b>) -> Self {
        Self {
            writer,
            buffer: [0; DIGITS],
            len: 0,
        }
    }

    #[inline]
    pub(crate) fn mark(&mut self, mark: u8) {
        self.make_room();
        self.buffer[self.len] = mark;
        self.len += 1;
    }

    #[inline]
    pub(crate) fn number(&mut self, number: NonZeroU32) {
        self.make_room();
        if let Some(room) = self.buffer[self.len..].first_chunk_mut() {
            self.len += decimal::write(number, room);
        }
    }

    #[inline]
    pub(crate) fn finish(mut self) {
        self.flush();
    }

    #[inline]
    fn make_room(&mut self) {
        if self.len + decimal::LONGEST > DIGITS {
            self.flush();
        }
    }

    #[inline]
    fn flush(&mut self) {
        self.writer.raw(&self.buffer[..self.len]);
        self.len = 0;
    }
}

/// Octets that are written at once.
const DIGITS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spelling;
    use proptest::prelude::*;

    fn n(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    fn written(set: &NumberSet) -> alloc::string::String {
        let mut out = Vec::new();
        set.write(&mut Writer::new(&mut out, Spelling::SERVER));
        alloc::string::String::from_utf8(out).unwrap()
    }

    #[test]
    fn sets_are_written_as_they_came() {
        for text in ["1", "4294967295", "12:10,3,3:4", "1:4294967295"] {
            assert_eq!(written(&NumberSet::parse(text).unwrap()), text);
        }
        for (bad, offset) in [
            ("", 0),
            ("0", 0),
            ("1,", 2),
            ("1:*", 2),
            ("$", 0),
            ("1:2:3", 3),
            ("1,,2", 2),
            ("01", 0),
        ] {
            assert_eq!(NumberSet::parse(bad).unwrap_err().offset, offset, "{bad:?}");
        }
        assert_eq!(NumberSet::parse("4294967296").unwrap_err().offset, 0);
    }

    #[test]
    fn a_wide_range_costs_nothing() {
        let set = NumberSet::parse("1:4294967295,5").unwrap();
        assert_eq!(set.count(), 4_294_967_296);
        assert_eq!(set.numbers().nth(3), Some(n(4)));
        assert_eq!(set.numbers().take(2).last(), Some(n(2)));
        assert!(set.contains(n(u32::MAX)));
        assert_eq!(SequenceSet::from(&set), SequenceSet::parse("1:4294967295,5").unwrap());
    }

    proptest! {
        #[test]
        fn numbers_make_a_set_that_has_them(numbers in proptest::collection::vec(1u32..50, 1..40)) {
            let numbers: Vec<_> = numbers.into_iter().map(n).collect();
            let set = NumberSet::from_numbers(numbers.iter().copied()).unwrap();
            prop_assert_eq!(set.numbers().collect::<Vec<_>>(), numbers);
            prop_assert_eq!(NumberSet::parse(&written(&set)), Ok(set));
        }

        #[test]
        fn long_lists_are_written_whole(ends in proptest::collection::vec((1u32.., 1u32..), 1..300)) {
            let ranges = ends.into_iter().map(|(first, last)| NumberRange { first: n(first), last: n(last) });
            let set = NumberSet::new(ranges.collect()).unwrap();
            prop_assert_eq!(NumberSet::parse(&written(&set)), Ok(set));
        }
    }
}
