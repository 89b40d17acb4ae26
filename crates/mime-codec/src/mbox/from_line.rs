//! The line in front of a message (RFC 4155 §A).
//!
//! ```text
//! "From " sender SP day SP month SP day-of-month SP time SP year
//! ```

use std::borrow::Cow;
use std::io::Write as _;

use rfc5322::{DateTime, Zone};

/// Who sent a message and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FromLine<'a> {
    /// The envelope's sender, as it stands there: mostly an address without brackets.
    pub sender: Cow<'a, [u8]>,
    /// When the message was delivered, if it can be read.
    pub date: Option<DateTime>,
}

impl<'a> FromLine<'a> {
    /// A line for this sender; `MAILER-DAEMON` when it is empty.
    pub fn new(sender: &'a [u8], date: DateTime) -> Self {
        Self {
            sender: Cow::Borrowed(sender),
            date: Some(date),
        }
    }

    /// Reads a line, with or without its end; `None` when it does not begin with `From `.
    ///
    /// The date is looked for from the end, as senders may hold spaces. Seconds may be missing; a zone may stand on either side
    /// of the year, of which the numeric ones are understood. Without one the time is in UTC (RFC 4155 §A).
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"From ")?;
        let mut start = rest.len();
        // The longest date has seven words; `asctime` puts two spaces in front of a single digit.
        for _ in 0..MOST_WORDS {
            let Some(word) = word_before(rest, start) else {
                break;
            };
            start = word;
            if let Some(date) = date(&rest[start..]) {
                let sender = Cow::Borrowed(rest[..start].trim_ascii());
                return Some(Self {
                    sender,
                    date: Some(date),
                });
            }
        }
        let sender = Cow::Borrowed(rest.trim_ascii());
        Some(Self { sender, date: None })
    }

    /// The same without a borrow.
    pub fn into_owned(self) -> FromLine<'static> {
        FromLine {
            sender: Cow::Owned(self.sender.into_owned()),
            date: self.date,
        }
    }

    /// Appends the line without its end, in UTC. White space and control characters of the sender become `_`; without a date it
    /// is the start of 1970.
    pub fn write(&self, output: &mut Vec<u8>) {
        output.extend_from_slice(b"From ");
        let safe = |octet: &u8| if matches!(octet, 0..=b' ' | 127) { b'_' } else { *octet };
        match self.sender.trim_ascii() {
            [] => output.extend_from_slice(b"MAILER-DAEMON"),
            sender => output.extend(sender.iter().map(safe)),
        }
        let seconds = self.date.map_or(0, |date| date.unix_seconds());
        let utc = DateTime::from_unix(seconds, Zone::UTC).ok().or(self.date);
        let Some(utc) = utc else {
            return output.extend_from_slice(b" Thu Jan  1 00:00:00 1970");
        };
        let month = MONTHS[usize::from(utc.month() - 1) % MONTHS.len()];
        let (day, hour, minute, second) = (utc.day(), utc.hour(), utc.minute(), utc.second());
        let weekday = utc.weekday().name();
        // Writing to a Vec cannot fail.
        let _ = write!(
            output,
            " {weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} {}",
            utc.year()
        );
    }
}

/// Where the last word in front of `end` begins.
fn word_before(text: &[u8], end: usize) -> Option<usize> {
    let last = text[..end].iter().rposition(|octet| !octet.is_ascii_whitespace())?;
    let space = text[..last].iter().rposition(u8::is_ascii_whitespace);
    Some(space.map_or(0, |space| space + 1))
}

/// `Tue Jul  1 08:52[:37] [zone] 2003 [zone]`
fn date(text: &[u8]) -> Option<DateTime> {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let weekday = words.next()?;
    if !WEEKDAYS.iter().any(|name| weekday.eq_ignore_ascii_case(name)) {
        return None;
    }
    let month = words.next()?;
    let month = MONTHS
        .iter()
        .position(|name| month.eq_ignore_ascii_case(name.as_bytes()))?
        + 1;
    let day = number(words.next()?)?;
    let mut time = words.next()?.split(|&octet| octet == b':');
    let (hour, minute) = (number(time.next()?)?, number(time.next()?)?);
    let second = time.next().map_or(Some(0), number)?;
    let mut zone = Zone::UTC;
    let mut year = None;
    for word in words {
        match number(word) {
            Some(value) if word.len() == 4 && year.is_none() => year = Some(value),
            _ => zone = numeric_zone(word).unwrap_or(zone),
        }
    }
    let small = |value: u16| u8::try_from(value).ok();
    let civil = [small(hour)?, small(minute)?, small(second)?];
    DateTime::new([year?, u16::try_from(month).ok()?, day], civil, zone).ok()
}

fn number(word: &[u8]) -> Option<u16> {
    if word.is_empty() || !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn numeric_zone(word: &[u8]) -> Option<Zone> {
    let (&sign, digits) = word.split_first()?;
    let value = i16::try_from(number(digits)?).ok()?;
    if digits.len() != 4 || !matches!(sign, b'+' | b'-') {
        return None;
    }
    let minutes = value / 100 * 60 + value % 100;
    Zone::from_minutes(if sign == b'-' { -minutes } else { minutes })
}

const MOST_WORDS: usize = 7;
const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
