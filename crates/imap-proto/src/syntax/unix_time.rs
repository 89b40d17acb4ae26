//! Dates and times as seconds since 1970, in the Gregorian calendar. Years begin in March here, so that the leap day is the last.

use crate::{Date, DateTime, InvalidValue};

impl DateTime {
    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// ```
    /// use imap_proto::{Date, DateTime};
    ///
    /// let date = DateTime::new(Date::new(2003, 7, 1)?, 10, 52, 37, 120)?;
    /// assert_eq!(date.unix_seconds(), 1_057_049_557);
    /// assert_eq!(DateTime::from_unix_seconds(1_057_049_557)?.to_string(), "2003-07-01T08:52:37+00:00");
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    pub fn unix_seconds(self) -> i64 {
        let day = self.date();
        let (month, year) = match i64::from(day.month()) {
            month @ 3.. => (month - 3, i64::from(day.year())),
            month => (month + 9, i64::from(day.year()) - 1),
        };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * month + 2) / 5 + i64::from(day.day()) - 1;
        let days = era * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_BEFORE_1970;
        let (hour, minute, second) = self.time();
        let time = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        days * SECONDS_OF_DAY + time - i64::from(self.zone()) * 60
    }

    /// A moment in UTC.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] before the year 0 and after 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidValue> {
        let (days, second) = (seconds.div_euclid(SECONDS_OF_DAY), seconds.rem_euclid(SECONDS_OF_DAY));
        let days = days.saturating_add(DAYS_BEFORE_1970);
        let (era, of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = u16::try_from(year + era * 400 + i64::from(month <= 2));
        let year = year.map_err(|_| InvalidValue::new(0, "a year of four digits"))?;
        let date = Date::new(year, month as u8, day as u8)?;
        let (hour, minute) = ((second / 3600) as u8, (second / 60 % 60) as u8);
        Self::new(date, hour, minute, (second % 60) as u8, 0)
    }

    /// The same moment, as clocks show it in a zone so many minutes east of UTC.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where that is before the year 0 or after 9999, and for a zone of 100 hours.
    ///
    /// ```
    /// use imap_proto::DateTime;
    ///
    /// let there = DateTime::from_unix_seconds(1_057_049_557)?.in_zone(-9 * 60)?;
    /// assert_eq!(there.to_string(), "2003-06-30T23:52:37-09:00");
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    pub fn in_zone(self, zone: i16) -> Result<Self, InvalidValue> {
        let there = Self::from_unix_seconds(self.unix_seconds() + i64::from(zone) * 60)?;
        let (hour, minute, second) = there.time();
        Self::new(there.date(), hour, minute, second, zone)
    }
}

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// In 400 years.
const DAYS_OF_ERA: i64 = 146_097;

/// From March 1st of the year 0.
const DAYS_BEFORE_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let last = 253_402_300_799;
        for seconds in (-60_000_000_000..=last)
            .step_by(86_399 * 977)
            .chain([last, 951_782_400, -1, 0])
        {
            let date = DateTime::from_unix_seconds(seconds).unwrap();
            assert_eq!(date.unix_seconds(), seconds, "{date}");
            for zone in [-720, -1, 0, 345, 840] {
                let there = date.in_zone(zone).map_or(seconds, DateTime::unix_seconds);
                assert_eq!(there, seconds, "{date} {zone}");
            }
        }
        for seconds in [last + 1, i64::MAX, i64::MIN] {
            assert!(DateTime::from_unix_seconds(seconds).is_err());
        }
        let leap = DateTime::from_unix_seconds(951_782_400).unwrap();
        assert_eq!(alloc::string::ToString::to_string(&leap), "2000-02-29T00:00:00+00:00");
    }
}
