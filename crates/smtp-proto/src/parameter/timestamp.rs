//! Points in time, as parameters have them (RFC 3339 §5.6).

use alloc::boxed::Box;
use alloc::format;
use core::fmt;
use core::str::FromStr;

use crate::{Expected, SyntaxError};

/// A date and time with its distance from UTC, kept as it was written.
///
/// ```
/// # use smtp_proto::Timestamp;
/// let time: Timestamp = "2014-04-03T23:01:00+02:00".parse().unwrap();
/// assert_eq!(time.unix(), 1_396_558_860);
/// assert_eq!(Timestamp::from_unix(1_396_558_860).unwrap().to_string(), "2014-04-03T21:01:00Z");
/// assert!("2014-02-29T00:00:00Z".parse::<Timestamp>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp {
    text: Box<str>,
    unix: i64,
}

impl Timestamp {
    /// From seconds since 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    pub fn from_unix(unix: i64) -> Option<Self> {
        let (year, month, day) = civil(unix.div_euclid(DAY))?;
        let second = unix.rem_euclid(DAY);
        let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
        let text = format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z");
        Some(Self {
            text: text.into(),
            unix,
        })
    }

    /// Seconds since 1970-01-01T00:00:00Z; fractions are cut off, and a leap second is the one behind it.
    pub const fn unix(&self) -> i64 {
        self.unix
    }

    /// Whether it was written in UTC.
    pub fn is_utc(&self) -> bool {
        let zone = &self.text[SECONDS..];
        zone.ends_with(['Z', 'z']) || zone.ends_with("+00:00") || zone.ends_with("-00:00")
    }
}

impl FromStr for Timestamp {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let unix = read(text.as_bytes()).ok_or(SyntaxError::new(0, Expected::Timestamp))?;
        Ok(Self {
            text: text.into(),
            unix,
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// ```text
/// full-date    = date-fullyear "-" date-month "-" date-mday
/// partial-time = time-hour ":" time-minute ":" time-second [time-secfrac]
/// time-secfrac = "." 1*DIGIT
/// time-offset  = "Z" / ("+" / "-") time-hour ":" time-minute
/// date-time    = full-date "T" partial-time time-offset          (RFC 3339 §5.6)
/// ```
fn read(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_at_checked(SECONDS)?;
    let [year, month, day, hour, minute, second] = fields(head)?;
    let fraction = rest.strip_prefix(b".").map(|rest| {
        let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        (digits, &rest[digits..])
    });
    let zone = match fraction {
        Some((0, _)) => return None,
        Some((_, zone)) => zone,
        None => rest,
    };
    let valid = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    Some(local - offset(zone)?)
}

/// The six numbers of `0000-00-00T00:00:00`.
fn fields(text: &[u8]) -> Option<[i64; 6]> {
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let separated = separators
        .iter()
        .all(|&(at, octet)| text[at].to_ascii_uppercase() == octet);
    let number = |from: usize, to: usize| digits(&text[from..to]);
    let fields = [
        number(0, 4)?,
        number(5, 7)?,
        number(8, 10)?,
        number(11, 13)?,
        number(14, 16)?,
        number(17, 19)?,
    ];
    separated.then_some(fields)
}

fn digits(octets: &[u8]) -> Option<i64> {
    let mut number = 0;
    for octet in octets {
        number = number * 10 + i64::from(octet.is_ascii_digit().then(|| octet - b'0')?);
    }
    Some(number)
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        &[sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let (hours, minutes) = (digits(&[a, b])?, digits(&[c, d])?);
            let seconds = hours * 3600 + minutes * 60;
            let seconds = if sign == b'-' { -seconds } else { seconds };
            (hours < 24 && minutes < 60).then_some(seconds)
        }
        _ => None,
    }
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that leap days are the last of theirs.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month > 2 { year } else { year - 1 };
    let march = (month + 9) % 12;
    let leaps = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    shifted * 365 + leaps + (march * 153 + 2) / 5 + day - 1 - DAYS_TO_1970
}

/// The date of a day, in the years 0 to 9999.
fn civil(day: i64) -> Option<(i64, i64, i64)> {
    let within = (days(0, 1, 1)..=days(9999, 12, 31)).contains(&day);
    // Never too late a year, and at most twenty too early.
    let longest = if day < 0 { 365 } else { 366 };
    let mut year = within.then(|| 1970 + day.div_euclid(longest))?;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|&month| days(year, month, 1) <= day)?;
    Some((year, month, day - days(year, month, 1) + 1))
}

const DAY: i64 = 86_400;
/// From March 1 of the year 0.
const DAYS_TO_1970: i64 = 719_468;
/// Octets of `0000-00-00T00:00:00`.
const SECONDS: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// Day after day against a calendar that only counts.
    #[test]
    fn the_calendar_counts_every_day() {
        let (mut year, mut month, mut day) = (0, 1, 1);
        for number in days(0, 1, 1)..=days(9999, 12, 31) {
            assert_eq!(days(year, month, day), number);
            if number % 97 == 0 {
                assert_eq!(civil(number), Some((year, month, day)));
            }
            day += 1;
            if day > days_of(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!(days(1970, 1, 1), 0);
    }

    #[test]
    fn writes_what_it_reads() {
        for unix in [-62_167_219_200, -1, 0, 951_782_400, 1_709_164_800, 253_402_300_799] {
            let time = Timestamp::from_unix(unix).expect("within the years");
            assert_eq!(time.to_string().parse(), Ok(time.clone()));
            assert!(time.is_utc());
        }
        assert_eq!(Timestamp::from_unix(i64::MAX), None);
        assert_eq!(Timestamp::from_unix(i64::MIN), None);
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2014-04-03",
            "2014-04-03T23:01:00",
            "2014-04-03T23:01:00.Z",
            "2014-04-03T24:01:00Z",
            "2014-13-03T23:01:00Z",
            "2014-04-31T23:01:00Z",
            "2014-04-03 23:01:00Z",
            "2014-04-03T23:01:00+2:00",
            "2014-04-03T23:01:00+24:00",
            "2014-04-03T23:01:61Z",
            "éééééééééééééé",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!("1985-04-12t23:20:50.52z".parse::<Timestamp>().is_ok());
    }
}
