//! A window on results: PARTIAL (RFC 5267 §4.4, RFC 9394 §3.1).

use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// Which of the results: counted from 1, both ends included, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum PartialRange {
    /// `1:500`: counted from the front, the oldest message.
    First(NonZeroU32, NonZeroU32),
    /// `-1:-100`: counted from the end, the newest message (RFC 9394).
    Last(NonZeroU32, NonZeroU32),
}

impl PartialRange {
    /// Of `count` results, the indexes from 0 that it selects; beyond the last one there is nothing.
    ///
    /// ```
    /// # use imap_proto::PartialRange;
    /// # use core::num::NonZeroU32;
    /// # let n = |n| NonZeroU32::new(n).unwrap();
    /// assert_eq!(PartialRange::First(n(2), n(9)).indexes(5), 1..5);
    /// assert_eq!(PartialRange::Last(n(1), n(2)).indexes(5), 3..5);
    /// ```
    pub fn indexes(self, count: usize) -> core::ops::Range<usize> {
        let ends = |a: NonZeroU32, b: NonZeroU32| {
            let (low, high) = (a.min(b).get() as usize, a.max(b).get() as usize);
            ((low - 1).min(count), high.min(count))
        };
        match self {
            Self::First(a, b) => {
                let (start, end) = ends(a, b);
                start..end
            }
            Self::Last(a, b) => {
                let (start, end) = ends(a, b);
                count - end..count - start
            }
        }
    }

    /// The same, from its end that is nearer to where it counts from: `500:400` is `400:500` (RFC 9394 §4).
    ///
    /// ```
    /// # use imap_proto::PartialRange;
    /// # use core::num::NonZeroU32;
    /// # let n = |n| NonZeroU32::new(n).unwrap();
    /// assert_eq!(PartialRange::Last(n(100), n(1)).ascending(), PartialRange::Last(n(1), n(100)));
    /// ```
    #[must_use]
    pub fn ascending(self) -> Self {
        match self {
            Self::First(a, b) => Self::First(a.min(b), a.max(b)),
            Self::Last(a, b) => Self::Last(a.min(b), a.max(b)),
        }
    }

    /// ```text
    /// partial-range-first = nz-number ":" nz-number
    /// partial-range-last  = MINUS nz-number ":" MINUS nz-number
    /// partial-range       = partial-range-first / partial-range-last
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        if reader.accept(b'-') {
            let first = reader.nz_number()?;
            reader.require(b':', "\":\"")?;
            reader.require(b'-', "\"-\" and a number")?;
            return Ok(Self::Last(first, reader.nz_number()?));
        }
        let first = reader.nz_number()?;
        reader.require(b':', "\":\"")?;
        Ok(Self::First(first, reader.nz_number()?))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        let (sign, a, b) = match self {
            Self::First(a, b) => ("", a, b),
            Self::Last(a, b) => ("-", a, b),
        };
        writer.text(sign);
        writer.number(a.get());
        writer.text(":");
        writer.text(sign);
        writer.number(b.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against counting on fingers.
    #[test]
    fn a_window_is_what_counting_finds() {
        let n = |n| NonZeroU32::new(n).unwrap();
        for count in 0..5usize {
            for (a, b) in (1..7).flat_map(|a| (1..7).map(move |b| (a, b))) {
                let inside = |place: usize| place >= a.min(b) as usize && place <= a.max(b) as usize;
                let front: alloc::vec::Vec<_> = (0..count).filter(|i| inside(i + 1)).collect();
                let back: alloc::vec::Vec<_> = (0..count).filter(|i| inside(count - i)).collect();
                assert!(PartialRange::First(n(a), n(b)).indexes(count).eq(front));
                assert!(PartialRange::Last(n(a), n(b)).indexes(count).eq(back));
            }
        }
    }
}
