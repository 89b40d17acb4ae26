//! Numbers.

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use super::{Parse, Reader};
use crate::SyntaxError;
use crate::syntax::decimal;

impl Reader<'_> {
    /// A number as most are: from 1, of 32 bits, without zeros in front, and not near the input's end. `None` says nothing of other
    /// numbers.
    #[inline]
    pub(crate) fn ordinary_number(&mut self) -> Option<NonZeroU32> {
        let (number, len) = decimal::leading(self.rest())?;
        self.skip(len);
        Some(number)
    }

    /// `number = 1*DIGIT ; Unsigned 32-bit integer`
    pub(crate) fn number(&mut self) -> Parse<u32> {
        if let Some(number) = self.ordinary_number() {
            return Ok(number.get());
        }
        let start = self.offset();
        let number = self.digits()?;
        u32::try_from(number).map_err(|_| SyntaxError::new(start, "a number below 4294967296"))
    }

    /// `nz-number = digit-nz *DIGIT`
    #[inline]
    pub(crate) fn nz_number(&mut self) -> Parse<NonZeroU32> {
        if let Some(number) = self.ordinary_number() {
            return Ok(number);
        }
        let start = self.offset();
        // `0` may not lead either.
        if self.peek() == Some(b'0') {
            return self.expected("a number from 1");
        }
        let number = self.number()?;
        NonZeroU32::new(number).ok_or(SyntaxError::new(start, "a number from 1"))
    }

    /// `number64 = 1*DIGIT ; Unsigned 63-bit integer`
    pub(crate) fn number64(&mut self) -> Parse<u64> {
        if let Some(number) = self.ordinary_number() {
            return Ok(number.get().into());
        }
        let start = self.offset();
        let number = self.digits()?;
        if number > i64::MAX as u64 {
            return Err(SyntaxError::new(start, "a number below 9223372036854775808"));
        }
        Ok(number)
    }

    /// A number of all 64 bits: mod-sequences were such once (RFC 4551 §4), and Gmail's identifiers are.
    pub(crate) fn unsigned64(&mut self) -> Parse<u64> {
        let start = self.offset();
        let digits = self.run(|octet| octet.is_ascii_digit());
        if digits.is_empty() {
            return self.expected("a number");
        }
        let number = digits.iter().try_fold(0u64, |number, digit| {
            number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        });
        number.ok_or(SyntaxError::new(start, "a number below 18446744073709551616"))
    }

    /// The same, from 1: `mod-sequence-value = 1*DIGIT` (RFC 7162 §7)
    pub(crate) fn nz_unsigned64(&mut self) -> Parse<NonZeroU64> {
        let start = self.offset();
        let number = self.unsigned64()?;
        NonZeroU64::new(number).ok_or(SyntaxError::new(start, "a number from 1"))
    }

    /// `*(SP nz-number)`: a long list of numbers, of which a mailbox may have a hundred thousand.
    pub(crate) fn numbers(&mut self) -> Parse<Vec<NonZeroU32>> {
        let rest = self.rest;
        // Each has at least two octets: this is no more than twice of what is there.
        let mut numbers = Vec::with_capacity(memchr::memchr_iter(b' ', rest).count());
        self.skip(decimal::read_each(rest, &mut numbers));
        loop {
            let behind = self.rest;
            if !self.accept_separator() || !self.peek().is_some_and(|octet| octet.is_ascii_digit()) {
                self.rest = behind;
                return Ok(numbers);
            }
            numbers.push(self.nz_number()?);
        }
    }

    pub(super) fn digits(&mut self) -> Parse<u64> {
        let start = self.offset();
        let mut number = 0u64;
        while let [digit @ b'0'..=b'9', behind @ ..] = self.rest {
            number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
            self.rest = behind;
        }
        if self.offset() == start {
            return self.expected("a number");
        }
        Ok(number)
    }
}
