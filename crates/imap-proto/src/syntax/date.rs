//! Dates of commands and of messages' arrival. They are calendar dates that exist; no clock and no zone table is needed.

use core::fmt;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, SyntaxError};

/// A day: `date = date-text / DQUOTE date-text DQUOTE`, such as `1-Feb-1994` (RFC 9051 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToStatic)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A moment with its zone: `date-time`, such as `"17-Jul-1996 02:44:25 -0700"`, the form of INTERNALDATE (RFC 9051 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    zone: i16,
}

impl Date {
    /// # Errors
    ///
    /// [`InvalidValue`] when there is no such day in a year up to 9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidValue> {
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400) => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if day == 0 || day > days || year > 9999 {
            return Err(InvalidValue::new(0, "a day of the calendar"));
        }
        Ok(Self { year, month, day })
    }

    /// The year, 0 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// `date`
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let quoted = reader.accept(b'"');
        let day = one_or_two_digits(reader)?;
        let date = Self::read_behind_day(reader, day)?;
        if quoted {
            reader.require(b'"', "a date's closing quote")?;
        }
        Ok(date)
    }

    /// ```text
    /// date-text  = date-day "-" date-month "-" date-year
    /// date-month = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" /
    ///              "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"
    /// date-year  = 4DIGIT
    /// ```
    fn read_behind_day(reader: &mut Reader<'_>, day: u16) -> Parse<Self> {
        let start = reader.offset();
        reader.require(b'-', "\"-\" and a month")?;
        let Some(month) = month(reader.rest()) else {
            return reader.expected("a month from Jan to Dec");
        };
        reader.skip(3);
        reader.require(b'-', "\"-\" and a year")?;
        let year = digits::<4>(reader)?;
        let day = u8::try_from(day).unwrap_or(0);
        Self::new(year, month, day).map_err(|_| SyntaxError::new(start, "a day of the calendar"))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        writer.number(self.day);
        self.write_behind_day(writer);
    }

    fn write_behind_day(self, writer: &mut Writer<'_>) {
        writer.text("-");
        writer.text(MONTHS[usize::from(self.month) - 1]);
        writer.text("-");
        writer.raw(&decimal::<4>(self.year));
    }
}

impl DateTime {
    /// `zone` is in minutes east of UTC.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when a field is out of range; 60 is a second (a leap second), a zone is less than 100 hours.
    pub const fn new(date: Date, hour: u8, minute: u8, second: u8, zone: i16) -> Result<Self, InvalidValue> {
        if hour > 23 || minute > 59 || second > 60 || zone.unsigned_abs() >= 100 * 60 {
            return Err(InvalidValue::new(0, "a time of the day with a zone"));
        }
        Ok(Self {
            date,
            hour,
            minute,
            second,
            zone,
        })
    }

    /// The day, in its zone.
    pub const fn date(self) -> Date {
        self.date
    }

    /// The hour, minute and second, in its zone.
    pub const fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// Minutes east of UTC.
    pub const fn zone(self) -> i16 {
        self.zone
    }

    /// ```text
    /// date-time      = DQUOTE date-day-fixed "-" date-month "-" date-year
    ///                  SP time SP zone DQUOTE
    /// date-day-fixed = (SP DIGIT) / 2DIGIT
    /// time           = 2DIGIT ":" 2DIGIT ":" 2DIGIT
    /// zone           = ("+" / "-") 4DIGIT
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        reader.require(b'"', "a quoted date and time")?;
        let day = if reader.accept(b' ') {
            digits::<1>(reader)?
        } else if reader.leniency().extra_spaces {
            one_or_two_digits(reader)?
        } else {
            digits::<2>(reader)?
        };
        let date = Date::read_behind_day(reader, day)?;
        reader.space()?;
        let hour = digits::<2>(reader)? as u8;
        reader.require(b':', "\":\" and minutes")?;
        let minute = digits::<2>(reader)? as u8;
        reader.require(b':', "\":\" and seconds")?;
        let second = digits::<2>(reader)? as u8;
        reader.space()?;
        let east = match reader.peek() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return reader.expected("a zone such as +0100"),
        };
        reader.skip(1);
        let zone = digits::<4>(reader)? as i16;
        reader.require(b'"', "a date's closing quote")?;
        if zone % 100 > 59 {
            return Err(SyntaxError::new(start, "a zone with minutes below 60"));
        }
        let zone = east * (zone / 100 * 60 + zone % 100);
        Self::new(date, hour, minute, second, zone).map_err(|_| SyntaxError::new(start, "a time of the day"))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        writer.text("\"");
        let [tens, ones] = decimal::<2>(u16::from(self.date.day));
        writer.raw(&[if tens == b'0' { b' ' } else { tens }, ones]);
        self.date.write_behind_day(writer);
        for (mark, part) in [(" ", self.hour), (":", self.minute), (":", self.second)] {
            writer.text(mark);
            writer.raw(&decimal::<2>(u16::from(part)));
        }
        writer.text(if self.zone < 0 { " -" } else { " +" });
        let zone = self.zone.unsigned_abs();
        writer.raw(&decimal::<4>(zone / 60 * 100 + zone % 60));
        writer.text("\"");
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// As RFC 3339 has it.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, zone) = (if self.zone < 0 { '-' } else { '+' }, self.zone.unsigned_abs());
        let (hour, minute, second) = self.time();
        write!(
            f,
            "{}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}",
            self.date,
            zone / 60,
            zone % 60
        )
    }
}

/// `N` digits and no more, at most 4.
#[inline(always)]
fn digits<const N: usize>(reader: &mut Reader<'_>) -> Parse<u16> {
    match reader.rest().split_first_chunk::<N>() {
        Some((digits, behind)) if digits.iter().all(u8::is_ascii_digit) && !matches!(behind, [b'0'..=b'9', ..]) => {
            reader.skip(N);
            Ok(digits
                .iter()
                .fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
        }
        _ => reader.expected("a date's digits"),
    }
}

/// One digit or two.
fn one_or_two_digits(reader: &mut Reader<'_>) -> Parse<u16> {
    match reader.peek_at(1) {
        Some(b'0'..=b'9') => digits::<2>(reader),
        _ => digits::<1>(reader),
    }
}

/// `N` digits with leading zeros.
const fn decimal<const N: usize>(mut number: u16) -> [u8; N] {
    let mut digits = [b'0'; N];
    let mut at = N;
    while at > 0 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// The month whose name stands at the front, in any case.
fn month(octets: &[u8]) -> Option<u8> {
    Some(
        match &octets.first_chunk::<3>()?.map(|octet| octet.to_ascii_lowercase()) {
            b"jan" => 1,
            b"feb" => 2,
            b"mar" => 3,
            b"apr" => 4,
            b"may" => 5,
            b"jun" => 6,
            b"jul" => 7,
            b"aug" => 8,
            b"sep" => 9,
            b"oct" => 10,
            b"nov" => 11,
            b"dec" => 12,
            _ => return None,
        },
    )
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reading, Spelling};
    use alloc::vec::Vec;

    fn rewritten(text: &str) -> Option<Vec<u8>> {
        let mut reader = Reader::new(text.as_bytes(), Reading::STRICT);
        let date = DateTime::read(&mut reader).ok().filter(|_| reader.is_at_end())?;
        let mut out = Vec::new();
        date.write(&mut Writer::new(&mut out, Spelling::SERVER));
        Some(out)
    }

    #[test]
    fn a_date_time_is_written_as_it_came() {
        for good in [
            "\"17-Jul-1996 02:44:25 -0700\"",
            "\" 1-Jan-2024 00:00:00 +0000\"",
            "\"29-Feb-2000 23:59:60 +1345\"",
        ] {
            assert_eq!(rewritten(good).as_deref(), Some(good.as_bytes()));
        }
        for bad in [
            "\"1-Jan-2024 00:00:00 +0000\"",
            "\"30-Feb-2000 00:00:00 +0000\"",
            "\"29-Feb-1900 00:00:00 +0000\"",
            "\"01-Jan-2024 24:00:00 +0000\"",
            "\"01-Jan-2024 00:00:00 +0060\"",
            "\"01-Jan-2024 00:00:00 0000\"",
            "\"00-Jan-2024 00:00:00 +0000\"",
        ] {
            assert_eq!(rewritten(bad), None, "{bad}");
        }
    }
}
