//! The SEARCH and SORT responses: numbers, one after the other (RFC 3501 §7.2.5, RFC 5256 §4).

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::syntax::decimal;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// SEARCH or SORT: the messages that were found, 4 octets each, as sequence numbers or unique identifiers, as the command asked.
#[derive(Clone, Debug, PartialEq, Eq, Default, ToStatic)]
pub struct Found {
    numbers: Vec<NonZeroU32>,
    highest: Option<NonZeroU64>,
}

impl Found {
    /// These messages, in this order.
    pub const fn new(numbers: Vec<NonZeroU32>) -> Self {
        Self { numbers, highest: None }
    }

    /// With the highest modification sequence among them, when a search asked for MODSEQ (RFC 7162 §3.1.6). Where nothing was found,
    /// there is none.
    #[must_use]
    pub fn with_highest_mod_sequence(mut self, highest: NonZeroU64) -> Self {
        self.highest = Some(highest).filter(|_| !self.numbers.is_empty());
        self
    }

    /// The messages.
    pub fn numbers(&self) -> &[NonZeroU32] {
        &self.numbers
    }

    /// The messages.
    pub fn into_numbers(self) -> Vec<NonZeroU32> {
        self.numbers
    }

    /// The highest modification sequence among them.
    pub const fn highest_mod_sequence(&self) -> Option<NonZeroU64> {
        self.highest
    }

    /// What follows the name.
    ///
    /// ```text
    /// obsolete-search-response = "SEARCH" *(SP nz-number)
    /// mailbox-data             =/ "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq]
    /// sort-data                = "SORT" [1*(SP nz-number) SP search-sort-mod-seq]
    /// search-sort-mod-seq      = "(" "MODSEQ" SP mod-sequence-value ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let numbers = reader.numbers()?;
        let behind = reader.offset();
        if numbers.is_empty() || !reader.accept_space() || reader.peek() != Some(b'(') {
            reader.rewind(behind);
            return Ok(Self::new(numbers));
        }
        reader.open()?;
        if !reader.accept_word("MODSEQ") {
            return reader.expected("MODSEQ");
        }
        reader.space()?;
        let highest = reader.nz_unsigned64()?;
        reader.close()?;
        Ok(Self::new(numbers).with_highest_mod_sequence(highest))
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        writer.text(name);
        decimal::write_each(&self.numbers, writer);
        if let Some(highest) = self.highest {
            writer.text(" (MODSEQ ");
            writer.number(highest.get());
            writer.text(")");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, data_returns};
    use crate::{Data, Reading};
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_they_came() {
        for text in [
            "SEARCH",
            "SEARCH 2 84 882",
            "SEARCH 4294967295 1",
            "SEARCH 2 5 6 (MODSEQ 917162500)",
            "SORT",
            "SORT 5 3 4 1 2",
            "SORT 2 3 6 (MODSEQ 18446744073709551615)",
        ] {
            canonical_data(text);
        }
        for (bad, offset) in [
            ("SEARCH 0", 9),
            ("SEARCH 1 0", 11),
            ("SEARCH 1  2", 10),
            ("SEARCH ", 8),
            ("SEARCH 1 ", 10),
            ("SEARCH 1,2", 10),
            ("SEARCH 1 *", 10),
            ("SEARCH 4294967296", 9),
            ("SEARCH 1 (MODSEQ 0)", 19),
            ("SEARCH 1 (MODSEQ)", 18),
            ("SEARCH 1 (UID 4)", 12),
            ("SEARCH (MODSEQ 4)", 8),
            ("SEARCH 1 (MODSEQ 4) 2", 21),
            ("SORT 1 (MODSEQ 4", 18),
        ] {
            let read = data(bad, Reading::STRICT).map_err(|error| error.offset);
            assert_eq!(read, Err(offset), "{bad:?}");
        }
    }

    /// Exchange puts a space at the end.
    #[test]
    fn a_space_at_the_end_is_a_leniency() {
        for (text, count) in [("SEARCH ", 0), ("SEARCH 1  2 ", 2), ("SEARCH 1 ( MODSEQ 4 ) ", 1)] {
            assert!(data(text, Reading::STRICT).is_err());
            let Ok(Data::Search(found)) = data(text, Reading::LENIENT) else {
                panic!("{text:?}")
            };
            assert_eq!(found.numbers().len(), count);
        }
    }

    proptest! {
        #[test]
        fn each_response_returns(numbers in proptest::collection::vec(1u32.., 0..200), highest in any::<u64>()) {
            let mut found = Found::new(numbers.into_iter().filter_map(NonZeroU32::new).collect());
            if let Some(highest) = NonZeroU64::new(highest) {
                found = found.with_highest_mod_sequence(highest);
            }
            data_returns(&Data::Search(found.clone()))?;
            data_returns(&Data::Sort(found))?;
        }
    }
}
