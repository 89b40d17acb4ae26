//! The offset from UTC of a date: `zone` (RFC 5322 §3.3), with its obsolete names (RFC 5322 §4.3).

use mail_wire::octets::{is_alpha, is_digit};

use crate::cursor::{Cfws, Cursor};
use crate::date::{Mode, number};
use crate::{DateError, Expected};

/// An offset from UTC of less than a day, or the word that none is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(Option<i16>);

impl Zone {
    /// `+0000`: the time is UTC and so is the clock of the place.
    pub const UTC: Self = Self(Some(0));

    /// `-0000`: the time is UTC, the place's own offset is unknown (RFC 5322 §3.3).
    pub const UNKNOWN: Self = Self(None);

    /// An offset in minutes, positive east of Greenwich; `None` from 24 hours on.
    pub const fn from_minutes(east: i16) -> Option<Self> {
        if east.unsigned_abs() < 24 * 60 {
            Some(Self(Some(east)))
        } else {
            None
        }
    }

    /// The offset in minutes, positive east of Greenwich; `None` for [`UNKNOWN`](Self::UNKNOWN).
    pub const fn minutes(self) -> Option<i16> {
        self.0
    }

    /// Sign, hours and minutes as both RFCs write them: an unknown offset is a negative zero.
    pub(crate) fn sign_hours_minutes(self) -> (char, u16, u16) {
        let minutes = self.0.map_or(0, i16::unsigned_abs);
        let sign = if self.0.is_some_and(|east| east >= 0) { '+' } else { '-' };
        (sign, minutes / 60, minutes % 60)
    }
}

/// ```text
/// zone     = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone     ; RFC 5322 §3.3
/// obs-zone = "UT" / "GMT" / "EST" / "EDT" / "CST" / "CDT" / "MST" / "MDT" / "PST" / "PDT" /
///            %d65-73 / %d75-90 / %d97-105 / %d107-122  ; RFC 5322 §4.3
/// ```
pub(crate) fn zone(cursor: &mut Cursor<'_>, before: Cfws, mode: Mode) -> Result<Zone, DateError> {
    let lenient = mode == Mode::Lenient;
    let error = cursor.expected(Expected::Zone);
    let zone = match cursor.peek() {
        Some(sign @ (b'+' | b'-')) if before == Cfws::EndsInSpace || lenient => {
            cursor.bump();
            numeric_zone(sign, cursor.take_while(is_digit), mode)
        }
        Some(octet) if is_digit(octet) && lenient => numeric_zone(b'+', cursor.take_while(is_digit), mode),
        _ => named_zone(cursor.take_while(is_alpha)).ok_or(None),
    };
    match zone {
        Err(_) if lenient => Ok(Zone::UNKNOWN),
        Err(out_of_range) => Err(out_of_range.unwrap_or(error.into())),
        Ok(zone) => Ok(zone),
    }
}

/// Hours and minutes; the error is `None` where the digits do not follow the grammar.
fn numeric_zone(sign: u8, digits: &[u8], mode: Mode) -> Result<Zone, Option<DateError>> {
    let hours_and_minutes = match digits.len() {
        4 => number(digits),
        3 if mode == Mode::Lenient => number(digits),
        _ => return Err(None),
    };
    let (hours, minutes) = (hours_and_minutes / 100, hours_and_minutes % 100);
    if hours > 23 || minutes > 59 {
        return Err(Some(DateError::Zone));
    }
    let minutes = (hours * 60 + minutes) as i16;
    Ok(match (sign, minutes) {
        (b'-', 0) => Zone::UNKNOWN,
        (b'-', _) => Zone(Some(-minutes)),
        _ => Zone(Some(minutes)),
    })
}

/// The zones of RFC 5322 §4.3. Its text makes every military zone `-0000`, whatever RFC 822 said.
fn named_zone(name: &[u8]) -> Option<Zone> {
    if let [letter] = name {
        return (!matches!(letter, b'J' | b'j')).then_some(Zone::UNKNOWN);
    }
    let known = NAMED
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
    known.map(|(_, east)| Zone(Some(60 * east)))
}

/// Names and hours east of Greenwich.
const NAMED: [(&str, i16); 10] = [
    ("UT", 0),
    ("GMT", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];
