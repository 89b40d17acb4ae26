//! `date-time` (RFC 5322 §3.3), with its obsolete forms (RFC 5322 §4.3).

use core::fmt;

use mail_wire::octets::{is_alpha, is_digit};

use crate::calendar::{MONTHS, Weekday, civil_from_days, days_from_civil, days_in_month};
use crate::cursor::{Cfws, Cursor};
use crate::date_lenient::guess;
use crate::zone::zone;
use crate::{Defect, DefectKind, Expected, SyntaxError, Zone};

/// A date and time of day with its offset from UTC, as header fields carry it.
///
/// Holds civil fields, so that what was parsed is written again unchanged. Every value is a day that exists, of the
/// years 1900 to 9999 (RFC 5322 §3.3 begins there, RFC 3339 §5.6 ends there), at 00:00:00 to 23:59:60.
///
/// Two values are equal when all their fields are; for the same instant compare [`unix_seconds`](Self::unix_seconds).
///
/// ```
/// # use rfc5322::{DateTime, Zone};
/// let paris = Zone::from_minutes(120).unwrap();
/// let date = DateTime::from_unix(1_057_049_557, paris)?;
/// assert_eq!(date.to_string(), "Tue, 01 Jul 2003 10:52:37 +0200");
/// assert_eq!(date.rfc3339().to_string(), "2003-07-01T10:52:37+02:00");
/// assert_eq!(DateTime::parse(b"Tue, 1 Jul 2003 10:52:37 +0200 (CEST)"), Ok(date));
/// # Ok::<(), rfc5322::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    zone: Zone,
}

/// Why octets or numbers are no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The octets do not follow the grammar.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The year is not one of 1900 to 9999.
    #[error("the year is not one of 1900 to 9999")]
    Year,
    /// The month is not one of 1 to 12.
    #[error("there is no such month")]
    Month,
    /// The month of that year has no such day.
    #[error("the month has no such day")]
    Day,
    /// The time of day is not one of 00:00:00 to 23:59:60.
    #[error("the time of day is not one of 00:00:00 to 23:59:60")]
    TimeOfDay,
    /// The offset has more than 59 minutes, or more than 23 hours, which no place on Earth has and RFC 3339 cannot say.
    #[error("the offset from UTC is out of range")]
    Zone,
    /// The day of the week is not that of the date.
    #[error("the date is a {}", .implied.name())]
    Weekday {
        /// The day of the week that the date implies.
        implied: Weekday,
    },
}

impl DateError {
    /// Octets of the value before what is wrong; 0 where it is the date as a whole.
    pub const fn offset(&self) -> usize {
        match self {
            Self::Syntax(error) => error.offset,
            _ => 0,
        }
    }
}

/// Which grammar is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// RFC 5322 §3.3.
    Strict,
    /// And RFC 5322 §4.3.
    Obsolete,
}

impl DateTime {
    /// A date of its civil fields; `second` may be 60.
    ///
    /// # Errors
    ///
    /// Names the first field that is out of range.
    pub const fn new(
        [year, month, day]: [u16; 3],
        [hour, minute, second]: [u8; 3],
        zone: Zone,
    ) -> Result<Self, DateError> {
        if year < 1900 || year > 9999 {
            return Err(DateError::Year);
        }
        if month < 1 || month > 12 {
            return Err(DateError::Month);
        }
        if day < 1 || day > days_in_month(year as i64, month as u8) as u16 {
            return Err(DateError::Day);
        }
        if hour > 23 || minute > 59 || second > 60 {
            return Err(DateError::TimeOfDay);
        }
        let (month, day) = (month as u8, day as u8);
        Ok(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            zone,
        })
    }

    /// The date at `seconds` since 1970-01-01T00:00:00Z, seen from `zone`.
    ///
    /// # Errors
    ///
    /// [`DateError::Year`] outside the years 1900 to 9999.
    pub fn from_unix(seconds: i64, zone: Zone) -> Result<Self, DateError> {
        let east = i64::from(zone.minutes().unwrap_or(0)) * 60;
        let local = seconds.checked_add(east).ok_or(DateError::Year)?;
        let (days, second_of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let year = u16::try_from(year).map_err(|_| DateError::Year)?;
        let [hour, minute, second] = [second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60];
        Self::new(
            [year, month.into(), day.into()],
            [hour as u8, minute as u8, second as u8],
            zone,
        )
    }

    /// Reads a date as real mail has it.
    ///
    /// Takes the obsolete forms that RFC 5322 §4.3 asks receivers to accept: comments, years of two and three digits,
    /// named zones, military zones (whose meaning is unknown and which therefore are [`Zone::UNKNOWN`]). And what
    /// software got wrong: a day of the week that is not that of the date; names written out; pieces in another order,
    /// as in asctime and ISO 8601 dates; a month as a number; dashes, slashes, points, AM and PM; hours of one digit;
    /// a missing or unusable zone, as [`Zone::UNKNOWN`]; anything behind the zone. Linear.
    ///
    /// ```
    /// # use rfc5322::DateTime;
    /// let date = DateTime::parse(b"Tue, 1 Jul 2003 10:52:37 +0200")?;
    /// for form in ["Tuesday, 01-Jul-03 10:52:37 GMT+0200", "Jul 1 10:52:37 +0200 2003", "2003-07-01T10:52:37+02:00"] {
    ///     assert_eq!(DateTime::parse(form.as_bytes()), Ok(date));
    /// }
    /// # Ok::<(), rfc5322::DateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DateError`] for what cannot be understood, and for a date or time that does not exist.
    pub fn parse(input: &[u8]) -> Result<Self, DateError> {
        match date_time(input, Mode::Obsolete) {
            Ok(date) => Ok(date),
            Err(error) => guess(input).map_err(|_| error),
        }
    }

    /// Parses a `date-time` of RFC 5322 §3.3, without obsolete forms. Digits are read greedily. Linear.
    ///
    /// ```
    /// # use rfc5322::{DateError, DateTime, Weekday};
    /// let wrong_day = b"Sun, 1 Jul 2003 10:52:37 +0200";
    /// assert_eq!(DateTime::parse_strict(wrong_day), Err(DateError::Weekday { implied: Weekday::Tuesday }));
    /// assert_eq!(DateTime::parse(wrong_day)?.weekday(), Weekday::Tuesday);
    /// # Ok::<(), DateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DateError`] for what does not follow the grammar, a date or time that does not exist, and a day of the week
    /// that is not that of the date.
    pub fn parse_strict(input: &[u8]) -> Result<Self, DateError> {
        date_time(input, Mode::Strict)
    }

    /// What [`parse_strict`](Self::parse_strict) has against a value, as a defect of a message.
    pub fn defect(input: &[u8]) -> Option<Defect> {
        let error = Self::parse_strict(input).err()?;
        let kind = match error {
            DateError::Weekday { .. } => DefectKind::WrongWeekday,
            _ if date_time(input, Mode::Obsolete).is_ok() => DefectKind::ObsoleteDate,
            _ => DefectKind::MalformedDate,
        };
        let offset = error.offset();
        Some(Defect { offset, kind })
    }

    /// Seconds since 1970-01-01T00:00:00Z. A leap second counts as the second after it, as POSIX has it.
    pub const fn unix_seconds(&self) -> i64 {
        let minutes = self.hour as i64 * 60 + self.minute as i64;
        let east = match self.zone.minutes() {
            Some(minutes) => minutes as i64,
            None => 0,
        };
        self.days() * 86_400 + (minutes - east) * 60 + self.second as i64
    }

    /// The day of the week.
    pub fn weekday(&self) -> Weekday {
        Weekday::of_day(self.days())
    }

    /// The year, 1900 to 9999.
    pub const fn year(&self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(&self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub const fn day(&self) -> u8 {
        self.day
    }

    /// The hour, 0 to 23.
    pub const fn hour(&self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub const fn minute(&self) -> u8 {
        self.minute
    }

    /// The second, 0 to 60.
    pub const fn second(&self) -> u8 {
        self.second
    }

    /// The offset from UTC.
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// Shows the date as an RFC 3339 §5.6 timestamp; an unknown offset is `-00:00` (RFC 3339 §4.3), UTC is `Z`.
    pub const fn rfc3339(self) -> Rfc3339 {
        Rfc3339(self)
    }

    const fn days(&self) -> i64 {
        days_from_civil(self.year as i64, self.month, self.day)
    }
}

impl DateTime {
    /// The current form of RFC 5322 §3.3, the day always in two digits.
    pub(crate) fn text(&self) -> [u8; 31] {
        let (sign, hours, minutes) = self.zone.sign_hours_minutes();
        let mut text = *b"Thu, 01 Jan 1970 00:00:00 +0000";
        text[..3].copy_from_slice(self.weekday().name().as_bytes());
        text[8..11].copy_from_slice(MONTHS[usize::from(self.month) - 1].as_bytes());
        text[26] = sign as u8;
        let (century, year) = (self.year / 100, self.year % 100);
        let pairs = [
            (5, u16::from(self.day)),
            (12, century),
            (14, year),
            (17, u16::from(self.hour)),
            (20, u16::from(self.minute)),
            (23, u16::from(self.second)),
            (27, hours),
            (29, minutes),
        ];
        for (at, number) in pairs {
            // All of them have two digits.
            text[at] = b'0' + (number / 10 % 10) as u8;
            text[at + 1] = b'0' + (number % 10) as u8;
        }
        text
    }
}

/// Writes the current form of RFC 5322 §3.3 in 31 octets, the day always in two digits.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

/// A date shown as RFC 3339 has it; made by [`DateTime::rfc3339`].
#[derive(Debug, Clone, Copy)]
pub struct Rfc3339(DateTime);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            zone,
        } = self.0;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if zone == Zone::UTC {
            return f.write_str("Z");
        }
        let (sign, hours, minutes) = zone.sign_hours_minutes();
        write!(f, "{sign}{hours:02}:{minutes:02}")
    }
}

/// ```text
/// date-time = [ day-of-week "," ] date time [CFWS]     ; RFC 5322 §3.3
/// date      = day month year
/// time      = time-of-day zone
/// ```
fn date_time(input: &[u8], mode: Mode) -> Result<DateTime, DateError> {
    let mut cursor = Cursor::new(input);
    gap(&mut cursor, mode)?;
    let weekday = day_of_week(&mut cursor, mode)?;
    let date = date(&mut cursor, mode)?;
    let (time, before_zone) = time_of_day(&mut cursor, mode)?;
    let zone = zone(&mut cursor, before_zone, mode)?;
    cursor.skip_cfws()?;
    cursor.require_end()?;
    let date = DateTime::new(date, time, zone)?;
    let implied = date.weekday();
    match weekday {
        Some(named) if named != implied && mode == Mode::Strict => Err(DateError::Weekday { implied }),
        _ => Ok(date),
    }
}

/// What may stand between the pieces of a date: folding white space, in its obsolete form comments, too.
fn gap(cursor: &mut Cursor<'_>, mode: Mode) -> Result<Cfws, SyntaxError> {
    match mode {
        Mode::Obsolete => cursor.skip_cfws(),
        Mode::Strict if cursor.skip_fws() => Ok(Cfws::EndsInSpace),
        Mode::Strict => Ok(Cfws::Empty),
    }
}

/// What has to stand between some of them.
fn space(cursor: &mut Cursor<'_>, mode: Mode, behind: Expected) -> Result<(), SyntaxError> {
    let error = cursor.expected(behind);
    if gap(cursor, mode)? == Cfws::Empty && mode == Mode::Strict {
        return Err(error);
    }
    Ok(())
}

/// ```text
/// day-of-week     = ([FWS] day-name) / obs-day-of-week     ; RFC 5322 §3.3
/// obs-day-of-week = [CFWS] day-name [CFWS]                 ; RFC 5322 §4.3
/// ```
fn day_of_week(cursor: &mut Cursor<'_>, mode: Mode) -> Result<Option<Weekday>, SyntaxError> {
    let error = cursor.expected(Expected::Day);
    let name = cursor.take_while(is_alpha);
    if name.is_empty() {
        return Ok(None);
    }
    let named = Weekday::ALL.into_iter().find(|day| is_name(name, day.name()));
    if named.is_none() {
        return Err(error);
    }
    if mode == Mode::Obsolete {
        cursor.skip_cfws()?;
    }
    cursor.require(b',', Expected::Comma)?;
    gap(cursor, mode)?;
    Ok(named)
}

/// ```text
/// day      = ([FWS] 1*2DIGIT FWS) / obs-day        ; RFC 5322 §3.3
/// year     = (FWS 4*DIGIT FWS) / obs-year
/// obs-day  = [CFWS] 1*2DIGIT [CFWS]                ; RFC 5322 §4.3
/// obs-year = [CFWS] 2*DIGIT [CFWS]
/// ```
fn date(cursor: &mut Cursor<'_>, mode: Mode) -> Result<[u16; 3], SyntaxError> {
    let error = cursor.expected(Expected::Day);
    let day = match cursor.take_while(is_digit) {
        digits @ ([_] | [_, _]) => number(digits),
        _ => return Err(error),
    };
    space(cursor, mode, Expected::Month)?;

    let error = cursor.expected(Expected::Month);
    let name = cursor.take_while(is_alpha);
    let found = MONTHS.iter().position(|month| is_name(name, month));
    let month = found.ok_or(error)? as u16 + 1;
    space(cursor, mode, Expected::Year)?;

    let error = cursor.expected(Expected::Year);
    let digits = cursor.take_while(is_digit);
    if mode == Mode::Strict && digits.len() < 4 {
        return Err(error);
    }
    let year = year_of(number(digits), digits.len()).ok_or(error)?;
    space(cursor, mode, Expected::TwoDigits)?;
    Ok([year, month, day])
}

/// The year that digits mean (RFC 5322 §4.3).
pub(crate) fn year_of(value: u16, digits: usize) -> Option<u16> {
    match digits {
        0 | 1 => None,
        2 if value < 50 => Some(2000 + value),
        2 | 3 => Some(1900 + value),
        _ => Some(value),
    }
}

/// ```text
/// time-of-day = hour ":" minute [ ":" second ]     ; RFC 5322 §3.3
/// obs-hour    = [CFWS] 2DIGIT [CFWS]               ; RFC 5322 §4.3, likewise obs-minute and obs-second
/// ```
fn time_of_day(cursor: &mut Cursor<'_>, mode: Mode) -> Result<([u8; 3], Cfws), SyntaxError> {
    let hour = two_digits(cursor)?;
    colon(cursor, mode)?;
    let minute = two_digits(cursor)?;
    let behind = match mode {
        Mode::Obsolete => cursor.skip_cfws()?,
        Mode::Strict => Cfws::Empty,
    };
    if cursor.peek() != Some(b':') {
        let behind = if mode == Mode::Strict {
            gap(cursor, mode)?
        } else {
            behind
        };
        return Ok(([hour, minute, 0], behind));
    }
    colon(cursor, mode)?;
    let second = two_digits(cursor)?;
    Ok(([hour, minute, second], gap(cursor, mode)?))
}

fn colon(cursor: &mut Cursor<'_>, mode: Mode) -> Result<(), SyntaxError> {
    if mode == Mode::Obsolete {
        cursor.skip_cfws()?;
    }
    cursor.require(b':', Expected::Colon)?;
    if mode == Mode::Obsolete {
        cursor.skip_cfws()?;
    }
    Ok(())
}

fn two_digits(cursor: &mut Cursor<'_>) -> Result<u8, SyntaxError> {
    let error = cursor.expected(Expected::TwoDigits);
    match cursor.take_while(is_digit) {
        digits @ [_, _] => Ok(number(digits) as u8),
        _ => Err(error),
    }
}

/// Names are case-insensitive, as all literals of ABNF are (RFC 5234 §2.3).
fn is_name(written: &[u8], name: &str) -> bool {
    written.eq_ignore_ascii_case(name.as_bytes())
}

/// The value of decimal digits; what is too large is some number above 9999.
pub(crate) fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0u16, |value, digit| {
        value.saturating_mul(10).saturating_add(u16::from(digit - b'0'))
    })
}
