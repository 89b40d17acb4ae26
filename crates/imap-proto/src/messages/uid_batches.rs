//! UIDBATCHES: how the unique identifiers of a mailbox are cut into batches (RFC 10022).

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::searching::correlator::Correlator;
use crate::syntax::number_set::NumberRange;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, SyntaxError, Tag};

/// The command UIDBATCHES (RFC 10022 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct UidBatches {
    /// Messages in a batch. A server knows 500 and more (RFC 10022 §3.1.3).
    pub size: NonZeroU32,
    /// Which batches; all by default.
    pub batches: Option<BatchRange>,
}

/// From one batch to another that is not before it; the first is the newest (RFC 10022 §3.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct BatchRange {
    first: NonZeroU32,
    last: NonZeroU32,
}

/// The response UIDBATCHES (RFC 10022).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct UidBatchRanges<'a> {
    /// The command's tag.
    pub tag: Tag<'a>,
    /// A range for each batch, from the newest to the oldest, each from the highest unique identifier to the lowest. None of a batch that
    /// is not there.
    pub ranges: Vec<NumberRange>,
}

impl BatchRange {
    /// # Errors
    ///
    /// [`InvalidValue`] when the last is before the first.
    pub const fn new(first: NonZeroU32, last: NonZeroU32) -> Result<Self, InvalidValue> {
        if first.get() > last.get() {
            return Err(InvalidValue::new(0, BATCHES));
        }
        Ok(Self { first, last })
    }

    /// The first batch, from 1.
    pub const fn first(self) -> NonZeroU32 {
        self.first
    }

    /// The last batch.
    pub const fn last(self) -> NonZeroU32 {
        self.last
    }
}

impl UidBatches {
    /// `message-batches = "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]`
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        reader.space()?;
        let size = reader.nz_number()?;
        if !reader.accept_separator() {
            return Ok(Self { size, batches: None });
        }
        let start = reader.offset();
        let first = reader.nz_number()?;
        reader.require(b':', "\":\"")?;
        let last = reader.nz_number()?;
        let batches = BatchRange::new(first, last).map_err(|_| SyntaxError::new(start, BATCHES))?;
        Ok(Self {
            size,
            batches: Some(batches),
        })
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        writer.text("UIDBATCHES ");
        writer.number(self.size.get());
        if let Some(BatchRange { first, last }) = self.batches {
            writer.space();
            NumberRange { first, last }.write_range(writer);
        }
    }
}

impl<'a> UidBatchRanges<'a> {
    /// ```text
    /// uidbatches-response = "UIDBATCHES" search-correlator [SP uid-range *("," uid-range)]
    /// search-correlator   = SP "(" "TAG" SP tag-string ")"
    /// ```
    /// A number in place of a range is one of itself; correlators of ESEARCH other than the tag are passed over, since the data is of the
    /// selected mailbox.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let Some(tag) = Correlator::read(reader)?.tag else {
            return reader.expected("a space and (TAG …)");
        };
        let ranges = match reader.accept_separator() {
            true => NumberRange::read_many(reader)?,
            false => Vec::new(),
        };
        Ok(Self { tag, ranges })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("UIDBATCHES");
        Correlator::from(self.tag.clone()).write(writer);
        for (i, range) in self.ranges.iter().enumerate() {
            writer.text(if i == 0 { " " } else { "," });
            range.write_range(writer);
        }
    }
}

const BATCHES: &str = "batches from a lower number to a higher one";

#[cfg(test)]
mod tests {
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_data};
    use crate::{Reading, SyntaxError};

    #[test]
    fn commands_are_written_as_they_came() {
        canonical_command("UIDBATCHES 2000");
        canonical_command("UIDBATCHES 2000 10:20");
        canonical_command("UIDBATCHES 500 1:1");
        for (bad, offset) in [
            ("UIDBATCHES", 12),
            ("UIDBATCHES abc", 13),
            ("UIDBATCHES 0", 13),
            ("UIDBATCHES 2000 10", 20),
            ("UIDBATCHES 2000 20:10", 18),
            ("UIDBATCHES 2000 0:1", 18),
            ("UIDBATCHES 2000 1:*", 20),
            ("UIDBATCHES 2000 1:2,3:4", 21),
        ] {
            assert_eq!(command(bad).unwrap_err().offset, offset, "{bad:?}");
        }
    }

    #[test]
    fn responses_are_written_as_they_came() {
        canonical_data("UIDBATCHES (TAG \"A1\") 215295:99696,99695:20351,20350:1");
        canonical_data("UIDBATCHES (TAG \"A1\") 7:7");
        canonical_data("UIDBATCHES (TAG \"A1\")");
        respelled_data("uidbatches (tag A1) 9,8:1", "UIDBATCHES (TAG \"A1\") 9:9,8:1");
        respelled_data(
            "UIDBATCHES (TAG \"A1\" MAILBOX x UIDVALIDITY 4) 9:1",
            "UIDBATCHES (TAG \"A1\") 9:1",
        );
        let fault = |text| data(text, Reading::STRICT).unwrap_err();
        assert_eq!(fault("UIDBATCHES"), SyntaxError::new(12, "a space and (TAG …)"));
        assert_eq!(fault("UIDBATCHES 9:1").offset, 12);
        assert_eq!(fault("UIDBATCHES (MAILBOX x)").offset, 24);
        assert_eq!(fault("UIDBATCHES (TAG \"A1\") 9:*").offset, 26);
        assert_eq!(fault("UIDBATCHES (TAG \"A1\") ").offset, 24);
    }
}
