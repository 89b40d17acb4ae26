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
    let error = cursor.expected(Expected::Zone);
    if let Some(sign @ (b'+' | b'-')) = cursor.peek() {
        cursor.bump();
        let digits = cursor.take_while(is_digit);
        if digits.len() != 4 || before != Cfws::EndsInSpace {
            return Err(error.into());
        }
        return hours_and_minutes(sign, number(digits)).ok_or(DateError::Zone);
    }
    let name = cursor.take_while(is_alpha);
    let zone = named_zone(name).filter(|_| mode == Mode::Obsolete && is_of_rfc5322(name));
    zone.ok_or(error.into())
}

/// The zone that four digits say; `None` if it is out of range.
pub(crate) fn hours_and_minutes(sign: u8, hhmm: u16) -> Option<Zone> {
    let (hours, minutes) = (hhmm / 100, hhmm % 100);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minutes = (hours * 60 + minutes) as i16;
    Some(match (sign, minutes) {
        (b'-', 0) => Zone::UNKNOWN,
        (b'-', _) => Zone(Some(-minutes)),
        _ => Zone(Some(minutes)),
    })
}

fn is_of_rfc5322(name: &[u8]) -> bool {
    let ours = &NAMED[..OF_RFC_5322];
    name.len() == 1
        || ours
            .iter()
            .any(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
}

/// The zones of RFC 5322 §4.3. Its text makes every military zone `-0000`, whatever RFC 822 said.
pub(crate) fn named_zone(name: &[u8]) -> Option<Zone> {
    if let [letter] = name {
        return (!matches!(letter, b'J' | b'j')).then_some(Zone::UNKNOWN);
    }
    let known = NAMED
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
    known.map(|(_, east)| Zone(Some(60 * east)))
}

/// How many of [`NAMED`] RFC 5322 §4.3 names.
const OF_RFC_5322: usize = 10;

/// Names and hours east of Greenwich. RFC 5322 §4.3 makes zones that it does not name unknown, unless their meaning is
/// known from elsewhere: those that stand here mean one thing wherever they are used.
const NAMED: [(&str, i16); 25] = [
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
    ("UTC", 0),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("MET", 1),
    ("MEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("MSK", 3),
    ("JST", 9),
    ("KST", 9),
    ("NZST", 12),
    ("NZDT", 13),
    ("HST", -10),
];
