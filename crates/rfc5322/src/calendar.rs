//! The proleptic Gregorian calendar: days since 1970-01-01 from a civil date, and back.

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weekday {
    /// Monday
    Monday,
    /// Tuesday
    Tuesday,
    /// Wednesday
    Wednesday,
    /// Thursday
    Thursday,
    /// Friday
    Friday,
    /// Saturday
    Saturday,
    /// Sunday
    Sunday,
}

impl Weekday {
    /// The week in order, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The `day-name` of RFC 5322 §3.3: three letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "Mon",
            Self::Tuesday => "Tue",
            Self::Wednesday => "Wed",
            Self::Thursday => "Thu",
            Self::Friday => "Fri",
            Self::Saturday => "Sat",
            Self::Sunday => "Sun",
        }
    }

    /// 1970-01-01 was a Thursday.
    pub(crate) fn of_day(days: i64) -> Self {
        let index = (days + 3).rem_euclid(7);
        Self::ALL[index as usize]
    }
}

/// The `month` names of RFC 5322 §3.3, January first.
pub(crate) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

pub(crate) const fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date. The year is counted from March, so that the leap day is its last day and the lengths
/// of the months before any date do not depend on the year.
pub(crate) const fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let month = month as i64;
    let (year, months) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    // Five months from March on, and again from August on, have 153 days.
    let day_of_year = (153 * months + 2) / 5 + day as i64 - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - EPOCH
}

/// The date that lies `days` days after 1970-01-01, as year, month and day.
pub(crate) const fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + EPOCH;
    let (cycle, day) = (days.div_euclid(DAYS_IN_400_YEARS), days.rem_euclid(DAYS_IN_400_YEARS));
    // Dropping the leap days before `day` makes all years 365 days long. A cycle's last day is a leap day too.
    let leap_days = day / 1460 - day / 36_524 + day / 146_096;
    let year = (day - leap_days) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let months = (5 * day_of_year + 2) / 153;
    let day_of_month = (day_of_year - (153 * months + 2) / 5 + 1) as u8;
    let year = 400 * cycle + year;
    if months < 10 {
        (year, months as u8 + 3, day_of_month)
    } else {
        (year + 1, months as u8 - 9, day_of_month)
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const DAYS_IN_400_YEARS: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts day by day, knowing nothing but the lengths of the months.
    #[test]
    fn every_day_of_nine_centuries_agrees_with_counting() {
        let month_days = |year: i64| {
            let leap = (year % 4 == 0) ^ (year % 100 == 0) ^ (year % 400 == 0);
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        // 1600-01-01, a Saturday, is 135,140 days before 1970-01-01: 370 years of 365 days and 90 leap days.
        let mut days = -(370 * 365 + 90);
        let mut weekday = 5;
        for year in 1600..=2400 {
            for (month, length) in (1..).zip(month_days(year)) {
                for day in 1..=length {
                    assert_eq!(days_from_civil(year, month, day), days);
                    assert_eq!(civil_from_days(days), (year, month, day));
                    assert_eq!(Weekday::of_day(days), Weekday::ALL[weekday]);
                    days += 1;
                    weekday = (weekday + 1) % 7;
                }
                assert_eq!(days_in_month(year, month), length);
            }
        }
        assert_eq!(days_from_civil(1970, 1, 1), 0);
    }

    #[test]
    fn far_days_round_trip() {
        for days in (-4_000_000_000i64..4_000_000_000).step_by(9_999_991) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }
}
