//! Decimal numbers, eight digits at a time: a mailbox's list of numbers has a hundred thousand of them, and is read and written at one
//! go.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::syntax::writer::Writer;

/// The `nz-number` at the front, and its length. `None` where there is none, and where fewer than eight octets are left: who reads digit
/// by digit will tell.
#[inline]
pub(crate) fn leading(octets: &[u8]) -> Option<(NonZeroU32, usize)> {
    let (first, rest) = octets.split_first_chunk::<8>()?;
    let values = values(*first);
    number(values, Run::at_front(others(values)).len, rest)
}

/// `*(SP nz-number)`, as far as [`leading`] can read; returns the octets that were read.
///
/// A mailbox's numbers mostly have as many digits as the one before, and a processor that may rely on it need not wait for one number's
/// end before it begins with the next.
pub(crate) fn read_each(octets: &[u8], numbers: &mut Vec<NonZeroU32>) -> usize {
    let mut at = 0;
    let mut run = Run::of(1);
    while let Some((b' ', octets)) = octets[at..].split_first()
        && let Some((first, rest)) = octets.split_first_chunk::<8>()
    {
        let values = values(*first);
        let others = others(values);
        if others & run.mask != run.end {
            run = Run::at_front(others);
        }
        let Some((number, len)) = number(values, run.len, rest) else {
            break;
        };
        numbers.push(number);
        at += 1 + len;
    }
    at
}

/// A number of digits in front of something else, within eight octets.
#[derive(Clone, Copy)]
struct Run {
    len: u32,
    /// The digits and what follows.
    mask: u64,
    /// What [`others`] says of these.
    end: u64,
}

impl Run {
    const fn of(len: u32) -> Self {
        match len {
            0..8 => Self {
                len,
                mask: u64::MAX >> (56 - 8 * len),
                end: 0x80 << (8 * len),
            },
            _ => Self {
                len: 8,
                mask: u64::MAX,
                end: 0,
            },
        }
    }

    const fn at_front(others: u64) -> Self {
        Self::of(others.trailing_zeros() / 8)
    }
}

/// Digits' values; 10 and more of what is no digit.
const fn values(octets: [u8; 8]) -> u64 {
    u64::from_le_bytes(octets) ^ (EACH * 0x30)
}

/// The uppermost bit of the first octet that is no digit. Of what is behind it, nothing is said.
const fn others(values: u64) -> u64 {
    (values.wrapping_add(EACH * 0x76) | values) & (EACH * 0x80)
}

/// Of the `len` digits at the front of eight octets, and when these are all digits, of those in `rest`.
#[inline]
fn number(values: u64, len: u32, rest: &[u8]) -> Option<(NonZeroU32, usize)> {
    if len == 0 || values & 0xff == 0 {
        return None;
    }
    // What is no digit is pushed out, and zeros come in front.
    let mut number = u64::from(value(values << (64 - 8 * len)));
    let mut len = len as usize;
    if len == 8 {
        // Eleven digits are too many, however the number goes on.
        for digit in rest.iter().take(3).take_while(|octet| octet.is_ascii_digit()) {
            number = number * 10 + u64::from(digit - b'0');
            len += 1;
        }
    }
    let number = u32::try_from(number).ok()?;
    Some((NonZeroU32::new(number)?, len))
}

/// Writes `number` to the front of `out` and returns its length.
#[inline]
pub(crate) fn write(number: NonZeroU32, out: &mut [u8; LONGEST]) -> usize {
    let number = number.get();
    if number < 100_000_000 {
        let digits = digits(number);
        let zeros = digits.trailing_zeros() / 8;
        let text = (digits >> (8 * zeros)) | (EACH * 0x30);
        out[..8].copy_from_slice(&text.to_le_bytes());
        return 8 - zeros as usize;
    }
    let (high, low) = (number / 100_000_000, number % 100_000_000);
    let mut len = 0;
    if high >= 10 {
        out[0] = b'0' + (high / 10) as u8;
        len = 1;
    }
    out[len] = b'0' + (high % 10) as u8;
    out[len + 1..len + 9].copy_from_slice(&(digits(low) | (EACH * 0x30)).to_le_bytes());
    len + 9
}

/// Writes numbers, each with a space in front.
pub(crate) fn write_each(numbers: &[NonZeroU32], writer: &mut Writer<'_>) {
    const AT_ONCE: usize = 64;
    let mut buffer = [b' '; AT_ONCE * (LONGEST + 1)];
    for numbers in numbers.chunks(AT_ONCE) {
        let mut len = 0;
        for number in numbers {
            buffer[len] = b' ';
            if let Some(room) = buffer[len + 1..].first_chunk_mut() {
                len += 1 + write(*number, room);
            }
        }
        writer.raw(&buffer[..len]);
    }
}

/// Octets of the longest number of 32 bits.
pub(crate) const LONGEST: usize = 10;

/// Of eight digits, the first in the lowest octet.
const fn value(digits: u64) -> u32 {
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000 << 32 | 1) >> 32) as u32
}

/// The eight digits of a number that has no more, the first in the lowest octet.
const fn digits(number: u32) -> u64 {
    let fours = (number / 10_000) as u64 | ((number % 10_000) as u64) << 32;
    // A hundredth by multiplication: 10486 / 2^20 is near enough for numbers below 10000.
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | (fours - 100 * hundreds) << 16;
    // And a tenth: 103 / 2^10, for numbers below 100.
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (pairs - 10 * tens) << 8
}

/// One in each octet.
const EACH: u64 = 0x0101_0101_0101_0101;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn check(number: u32) {
        let Some(number) = NonZeroU32::new(number) else { return };
        let text = number.to_string();
        let mut out = [0; LONGEST];
        let len = write(number, &mut out);
        assert_eq!(&out[..len], text.as_bytes());
        for behind in [" 7654321", "\r\n012345", ":::::::::", ",\u{ff}1234567"] {
            let octets = format!("{text}{behind}");
            assert_eq!(leading(octets.as_bytes()), Some((number, text.len())), "{octets:?}");
        }
    }

    #[test]
    fn each_number_of_few_digits() {
        (0..200_000).for_each(check);
    }

    #[test]
    fn numbers_around_each_power_of_ten() {
        for power in 0..10 {
            let number = 10u32.pow(power);
            (number.saturating_sub(300)..=number.saturating_add(300)).for_each(check);
        }
        (u32::MAX - 300..=u32::MAX).for_each(check);
    }

    #[test]
    fn what_is_no_number_is_left_to_others() {
        for bad in [
            "",
            "1",
            "1234567",
            " 1234567",
            "0123456789",
            "4294967296 ",
            "42949672950",
            "x1234567",
            "-1234567",
            "/1234567",
            ":1234567",
        ] {
            assert_eq!(leading(bad.as_bytes()), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn each_number(number in any::<u32>()) {
            check(number);
        }

        /// Lists in which the lengths change, and which end in anything.
        #[test]
        fn lists_are_read_as_far_as_they_are_lists(
            list in proptest::collection::vec((1u32.., 0u32..31), 0..30),
            tail in prop_oneof![Just("\r\n"), Just("  1234567"), Just(" 0123456789"), Just(" 42949672960"), Just(" (MODSEQ 1)")],
        ) {
            let list: Vec<_> = list.into_iter().filter_map(|(number, shift)| NonZeroU32::new(number >> shift)).collect();
            let text: alloc::string::String = list.iter().map(|number| format!(" {number}")).collect();
            let mut numbers = Vec::new();
            let len = read_each(format!("{text}{tail}").as_bytes(), &mut numbers);
            prop_assert!(list.starts_with(&numbers));
            let read: alloc::string::String = numbers.iter().map(|number| format!(" {number}")).collect();
            prop_assert_eq!(&text[..len], read);
            // What is left is too near to the end for eight octets at a time.
            prop_assert!(text.len() - len < 18, "{} of {}", len, text.len());
            prop_assert!(tail.len() < 9 || numbers == list);
        }

        /// Digit by digit.
        #[test]
        fn any_octets(octets in proptest::collection::vec(prop_oneof![b'0'..=b'9', any::<u8>()], 8..14)) {
            let len = octets.iter().take_while(|octet| octet.is_ascii_digit()).count();
            let number = octets[..len].iter().fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0'));
            let number = u32::try_from(number).ok().and_then(NonZeroU32::new).filter(|_| octets[0] != b'0');
            prop_assert_eq!(leading(&octets), number.map(|number| (number, len)));
        }
    }
}
