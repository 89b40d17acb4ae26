//! Dates that follow no grammar but that real mail has: read by what their pieces look like, in any order.

use mail_wire::octets::{is_alpha, is_digit};

use crate::calendar::{MONTHS, Weekday};
use crate::date::{number, year_of};
use crate::lexis::pass_comment;
use crate::zone::{hours_and_minutes, named_zone};
use crate::{DateError, DateTime, Expected, SyntaxError, Zone};

/// Reads a day, a month and a year, a time, and perhaps a zone.
pub(crate) fn guess(input: &[u8]) -> Result<DateTime, DateError> {
    let mut guess = Guess::new(input);
    while let Some(piece) = guess.take() {
        guess.place(piece)?;
    }
    guess.finish()
}

struct Guess<'a> {
    input: &'a [u8],
    position: usize,
    /// Numbers of the date, in order, and how many there are.
    numbers: [Number; 3],
    count: usize,
    month: Option<u16>,
    has_slashes: bool,
    has_colons: bool,
    time: Option<[u8; 3]>,
    zone: Option<Zone>,
}

#[derive(Clone, Copy, Default)]
struct Number {
    value: u16,
    digits: usize,
}

enum Piece<'a> {
    Number(Number),
    /// Letters, and where they begin.
    Word(&'a [u8], usize),
    Other(u8),
}

impl<'a> Guess<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            position: 0,
            numbers: [Number::default(); 3],
            count: 0,
            month: None,
            has_slashes: false,
            has_colons: input.contains(&b':'),
            time: None,
            zone: None,
        }
    }

    fn take_while(&mut self, class: fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.input[self.position..];
        let length = rest.iter().position(|&octet| !class(octet)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn number(&mut self) -> Option<Number> {
        let digits = self.take_while(is_digit);
        let (value, digits) = (number(digits), digits.len());
        (digits > 0).then_some(Number { value, digits })
    }

    fn eat(&mut self, octet: u8) -> bool {
        let found = self.input.get(self.position) == Some(&octet);
        self.position += usize::from(found);
        found
    }

    fn take(&mut self) -> Option<Piece<'a>> {
        loop {
            let start = self.position;
            let octet = *self.input.get(start)?;
            if octet == b'(' {
                self.position = pass_comment(self.input, start).0;
                continue;
            }
            if let Some(number) = self.number() {
                return Some(Piece::Number(number));
            }
            if is_alpha(octet) {
                return Some(Piece::Word(self.take_while(is_alpha), start));
            }
            self.position += 1;
            return Some(Piece::Other(octet));
        }
    }

    fn place(&mut self, piece: Piece<'a>) -> Result<(), DateError> {
        match piece {
            Piece::Number(number) => self.place_number(number),
            Piece::Word(word, start) => self.place_word(word, start),
            Piece::Other(sign @ (b'+' | b'-'))
                if self.time.is_some() && self.zone.is_none_or(|zone| zone == Zone::UTC) =>
            {
                if let Some(number) = self.number() {
                    self.zone = Some(self.numeric_zone(sign, number));
                }
                Ok(())
            }
            Piece::Other(octet) => {
                self.has_slashes |= octet == b'/';
                Ok(())
            }
        }
    }

    fn place_number(&mut self, number: Number) -> Result<(), DateError> {
        if self.time.is_none() && self.time_begins(number) {
            return self.place_time(number);
        }
        let enough = if self.month.is_some() { 2 } else { 3 };
        if self.count < enough {
            self.numbers[self.count] = number;
            self.count += 1;
        } else if self.time.is_some() && self.zone.is_none() {
            self.zone = Some(self.numeric_zone(b'+', number));
        }
        Ok(())
    }

    /// Whether a number that was just read is an hour: minutes follow behind a colon, or behind a point, if there is no
    /// colon anywhere.
    fn time_begins(&self, hour: Number) -> bool {
        let rest = &self.input[self.position..];
        match rest {
            [b':', digit, ..] => is_digit(*digit),
            [b'.', rest @ ..] if !self.has_colons && hour.digits <= 2 => {
                let digits = rest.iter().take_while(|&&octet| is_digit(octet)).count();
                matches!(digits, 1 | 2) && !is_year_behind(&rest[digits..])
            }
            _ => false,
        }
    }

    fn place_time(&mut self, hour: Number) -> Result<(), DateError> {
        let mut time = [hour, Number::default(), Number::default()];
        for part in &mut time[1..] {
            if !self.eat(b':') && (self.has_colons || !self.eat(b'.')) {
                break;
            }
            *part = self.number().unwrap_or_default();
        }
        // Fractions of a second.
        let fraction = self.position;
        if self.eat(b'.') && self.number().is_some() && self.has_colons {
        } else if self.position > fraction {
            return Err(DateError::TimeOfDay);
        }
        let [hour, minute, second] = time.map(|part| u8::try_from(part.value).unwrap_or(u8::MAX));
        self.time = Some([hour, minute, second]);
        Ok(())
    }

    fn place_word(&mut self, word: &[u8], start: usize) -> Result<(), DateError> {
        let names = |name: &str| word.len() >= 3 && word[..3].eq_ignore_ascii_case(name.as_bytes());
        if let Some([hour, ..]) = &mut self.time {
            let is_twelve = u8::from(*hour == 12);
            if word.eq_ignore_ascii_case(b"AM") && *hour <= 12 {
                *hour -= 12 * is_twelve;
                return Ok(());
            }
            if word.eq_ignore_ascii_case(b"PM") && *hour <= 12 {
                *hour += 12 * (1 - is_twelve);
                return Ok(());
            }
        }
        if let (None, Some(month)) = (self.month, MONTHS.iter().position(|month| names(month))) {
            self.month = Some(month as u16 + 1);
            return Ok(());
        }
        if self.time.is_some() {
            self.zone = self.zone.or(Some(named_zone(word).unwrap_or(Zone::UNKNOWN)));
            return Ok(());
        }
        let is_weekday = Weekday::ALL.iter().any(|day| names(day.name()));
        if is_weekday
            || [&b"T"[..], b"at", b"st", b"nd", b"rd", b"th"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word))
        {
            return Ok(());
        }
        Err(syntax(start, Expected::Day))
    }

    /// `+0200`, `+02:00`, `+2`; one out of range is unknown.
    fn numeric_zone(&mut self, sign: u8, number: Number) -> Zone {
        let hhmm = match number.digits {
            1 | 2 if self.eat(b':') => number.value * 100 + self.number().unwrap_or_default().value.min(99),
            1 | 2 => number.value * 100,
            3 | 4 => number.value,
            _ => return Zone::UNKNOWN,
        };
        hours_and_minutes(sign, hhmm).unwrap_or(Zone::UNKNOWN)
    }

    fn finish(self) -> Result<DateTime, DateError> {
        let end = self.input.len();
        let numbers = &self.numbers[..self.count];
        let (day, month, year) = match (self.month, numbers) {
            (Some(month), &[a, b]) if is_year(a) => (b, month, a),
            (Some(month), &[a, b]) => (a, month, b),
            (None, &[year, month, day]) if is_year(year) => (day, month.value, year),
            (None, &[month, day, year]) if is_month_first(month, day, self.has_slashes) => (day, month.value, year),
            (None, &[day, month, year]) => (day, month.value, year),
            (_, []) => return Err(syntax(end, Expected::Day)),
            (None, _) => return Err(syntax(end, Expected::Month)),
            (Some(_), _) => return Err(syntax(end, Expected::Year)),
        };
        let time = self.time.ok_or(syntax(end, Expected::TwoDigits))?;
        let year = year_of(year.value, year.digits).ok_or(syntax(end, Expected::Year))?;
        DateTime::new([year, month, day.value], time, self.zone.unwrap_or(Zone::UNKNOWN))
    }
}

/// Whether a number can be nothing but a year.
fn is_year(number: Number) -> bool {
    number.digits > 2 || number.value > 31
}

/// Dates with slashes are American, unless that makes no month; others have the day first, unless that makes no month.
fn is_month_first(first: Number, second: Number, has_slashes: bool) -> bool {
    first.value <= 12 && (has_slashes || second.value > 12)
}

/// Whether a point and more than two digits follow, as in `1.7.2003`, or a fourth number.
fn is_year_behind(rest: &[u8]) -> bool {
    let [b'.', rest @ ..] = rest else {
        return false;
    };
    rest.iter().take_while(|&&octet| is_digit(octet)).count() > 2
}

fn syntax(offset: usize, expected: Expected) -> DateError {
    DateError::Syntax(SyntaxError { offset, expected })
}
