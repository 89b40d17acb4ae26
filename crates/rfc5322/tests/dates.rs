//! Dates: written and read back, and the grammar of RFC 5322 §3.3 and §4.3 from its own rules.

use proptest::prelude::*;
use rfc5322::{DateError, DateTime, DefectKind, Expected, SyntaxError, Weekday, Zone};

fn any_zone() -> impl Strategy<Value = Zone> {
    prop_oneof![
        9 => (-1439i16..=1439).prop_map(|east| Zone::from_minutes(east).unwrap()),
        1 => Just(Zone::UNKNOWN),
    ]
}

/// Dates of all years, every second of a leap second's neighbourhood included.
fn any_date() -> impl Strategy<Value = DateTime> {
    let second = prop_oneof![9 => 0u8..60, 1 => Just(60u8)];
    (
        (1900u16..=9999, 1u16..=12, 1u16..=31),
        (0u8..24, 0u8..60, second),
        any_zone(),
    )
        .prop_filter_map("no such day", |((year, month, day), (hour, minute, second), zone)| {
            DateTime::new([year, month, day], [hour, minute, second], zone).ok()
        })
}

/// CFWS that may be empty: RFC 5322 §3.2.2 and §4.2.
fn cfws() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(" "),
        Just("\t"),
        Just("\r\n "),
        Just("()"),
        Just("(a (b\r\n c) \\) Tue, é)"),
        Just(" (1) "),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

/// CFWS that ends in white space.
fn fws() -> impl Strategy<Value = String> {
    cfws().prop_map(|cfws| cfws + " ")
}

/// Upper and lower case at random.
fn in_any_case(name: &str, seed: u8) -> String {
    let change = |(index, c): (usize, char)| match seed >> (index % 8) & 1 {
        0 => c.to_ascii_lowercase(),
        _ => c.to_ascii_uppercase(),
    };
    name.chars().enumerate().map(change).collect()
}

const ZONES: [(&str, Option<i16>); 35] = [
    ("UT", Some(0)),
    ("GMT", Some(0)),
    ("EST", Some(-300)),
    ("EDT", Some(-240)),
    ("CST", Some(-360)),
    ("CDT", Some(-300)),
    ("MST", Some(-420)),
    ("MDT", Some(-360)),
    ("PST", Some(-480)),
    ("PDT", Some(-420)),
    ("A", None),
    ("B", None),
    ("C", None),
    ("D", None),
    ("E", None),
    ("F", None),
    ("G", None),
    ("H", None),
    ("I", None),
    ("K", None),
    ("L", None),
    ("M", None),
    ("N", None),
    ("O", None),
    ("P", None),
    ("Q", None),
    ("R", None),
    ("S", None),
    ("T", None),
    ("U", None),
    ("V", None),
    ("W", None),
    ("X", None),
    ("Y", None),
    ("Z", None),
];

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_date(date in any_date()) {
        let written = date.to_string();
        prop_assert_eq!(written.len(), 31);
        prop_assert_eq!(DateTime::parse_strict(written.as_bytes()), Ok(date));
        prop_assert_eq!(DateTime::parse(written.as_bytes()), Ok(date));
    }

    #[test]
    fn unix_seconds_round_trip(date in any_date()) {
        let again = DateTime::from_unix(date.unix_seconds(), date.zone());
        if date.second() < 60 {
            prop_assert_eq!(again, Ok(date));
        } else if let Ok(again) = again {
            prop_assert_eq!(again.second(), 0);
        }
    }

    #[test]
    fn any_unix_seconds_are_a_date_or_out_of_range(seconds: i64, zone in any_zone()) {
        match DateTime::from_unix(seconds, zone) {
            Ok(date) => prop_assert_eq!(date.unix_seconds(), seconds),
            Err(error) => {
                prop_assert_eq!(error, DateError::Year);
                prop_assert!(!(-2_208_902_400..253_402_214_400).contains(&seconds));
            }
        }
    }

    /// The obsolete grammar, built from its rules with white space and comments wherever they may stand.
    #[test]
    fn obsolete_forms_are_read(
        date in any_date(),
        spaces in prop::collection::vec(cfws(), 11),
        needed in fws(),
        zone in 0..ZONES.len(),
        case: u8,
        year_digits in 2..=6usize,
        shape in 0..16u8,
    ) {
        let mut s = spaces.iter();
        let mut s = || s.next().map_or("", String::as_str);
        let (name, east) = ZONES[zone];
        let zone = east.map_or(Zone::UNKNOWN, |east| Zone::from_minutes(east).unwrap());
        let year = match year_digits {
            2 if (1950..2050).contains(&date.year()) => format!("{:02}", date.year() % 100),
            3 if (2000..2900).contains(&date.year()) => format!("{:03}", date.year() - 1900),
            2..=4 => date.year().to_string(),
            digits => format!("{:0digits$}", date.year()),
        };
        let second = if shape & 1 == 0 { date.second() } else { 0 };
        let [hour, minute] = [date.hour(), date.minute()].map(|two| format!("{two:02}"));
        let expected = DateTime::new(
            [date.year(), date.month().into(), date.day().into()],
            [date.hour(), date.minute(), second],
            zone,
        );
        let month = &date.to_string()[8..11];
        let mut text = String::new();
        text += s();
        if shape & 2 == 0 {
            text += &in_any_case(date.weekday().name(), case);
            text += s();
            text += ",";
        }
        text += s();
        text += &if shape & 4 == 0 { date.day().to_string() } else { format!("{:02}", date.day()) };
        text += s();
        text += &in_any_case(month, case);
        text += s();
        text += &year;
        text += &needed;
        text += &[&hour, s(), ":", s(), &minute, s()].concat();
        if shape & 1 == 0 {
            text += &format!(":{}{second:02}{}", s(), s());
        }
        text += &in_any_case(name, case);
        text += s();
        prop_assert_eq!(DateTime::parse(text.as_bytes()), expected, "{}", text);
    }

    /// Dropping, doubling or changing one octet gives another date or an error; lenient takes whatever strict takes.
    #[test]
    fn damaged_dates_never_panic(date in any_date(), place in 0..31usize, octet: u8, kind in 0..3u8) {
        let mut text = date.to_string().into_bytes();
        match kind {
            0 => drop(text.remove(place)),
            1 => text.insert(place, octet),
            _ => text[place] = octet,
        }
        if let Ok(date) = DateTime::parse_strict(&text) {
            prop_assert_eq!(DateTime::parse(&text), Ok(date));
            prop_assert_eq!(DateTime::parse_strict(date.to_string().as_bytes()), Ok(date));
        }
    }

    #[test]
    fn any_octets_never_panic(text in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = DateTime::parse(&text);
        let _ = DateTime::parse_strict(&text);
    }
}

#[test]
fn strict_refuses_at_the_place() {
    let syntax = |offset, expected| Err(DateError::Syntax(SyntaxError { offset, expected }));
    for (text, why) in [
        ("", syntax(0, Expected::Day)),
        ("Tue 1 Jul 2003 10:52:37 +0200", syntax(3, Expected::Comma)),
        ("Tues, 1 Jul 2003 10:52:37 +0200", syntax(0, Expected::Day)),
        ("Tue, 001 Jul 2003 10:52:37 +0200", syntax(5, Expected::Day)),
        ("Tue, 1 July 2003 10:52:37 +0200", syntax(7, Expected::Month)),
        ("Tue, 1 Jul 3 10:52:37 +0200", syntax(11, Expected::Year)),
        ("Tue, 1 Jul 2003 1:52:37 +0200", syntax(16, Expected::TwoDigits)),
        ("Tue, 1 Jul 2003 10.52 +0200", syntax(18, Expected::Colon)),
        ("Tue, 1 Jul 2003 10:52:7 +0200", syntax(22, Expected::TwoDigits)),
        ("Tue, 1 Jul 2003 10:52:37", syntax(24, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37+0200", syntax(24, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 ()+0200", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 0200", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 +200", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 +02000", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 GMT", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 03 10:52:37 +0200", syntax(11, Expected::Year)),
        ("Tue, 1 Jul 2003 10: 52:37 +0200", syntax(19, Expected::TwoDigits)),
        ("Tue, 1Jul 2003 10:52:37 +0200", syntax(6, Expected::Month)),
        ("Tue, 1 Jul (x) 2003 10:52:37 +0200", syntax(11, Expected::Year)),
        ("Tue, 1 Jul 2003 10:52:37 J", syntax(25, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 +0200 x", syntax(31, Expected::End)),
        (
            "Tue, 1 Jul 2003 10:52:37 +0200 (x",
            syntax(33, Expected::ClosingParenthesis),
        ),
        ("Tue, 1 Jul 2003 10:52:37\r\n+0200", syntax(24, Expected::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 +0260", Err(DateError::Zone)),
        ("Tue, 1 Jul 2003 10:52:37 +2400", Err(DateError::Zone)),
        ("Tue, 1 Jul 2003 24:00:00 +0200", Err(DateError::TimeOfDay)),
        ("Tue, 1 Jul 2003 10:60:00 +0200", Err(DateError::TimeOfDay)),
        ("Tue, 1 Jul 2003 10:52:61 +0200", Err(DateError::TimeOfDay)),
        ("Tue, 31 Jun 2003 10:52:37 +0200", Err(DateError::Day)),
        ("Tue, 0 Jul 2003 10:52:37 +0200", Err(DateError::Day)),
        ("29 Feb 1900 10:52:37 +0200", Err(DateError::Day)),
        ("1 Jul 1899 10:52:37 +0200", Err(DateError::Year)),
        ("1 Jul 10000 10:52:37 +0200", Err(DateError::Year)),
        ("1 Jul 99999999 10:52:37 +0200", Err(DateError::Year)),
        (
            "Wed, 1 Jul 2003 10:52:37 +0200",
            Err(DateError::Weekday {
                implied: Weekday::Tuesday,
            }),
        ),
    ] {
        assert_eq!(DateTime::parse_strict(text.as_bytes()), why, "{text:?}");
    }
}

#[test]
fn lenient_understands() {
    let forms = |zone: Zone, forms: &[&str]| {
        let date = DateTime::new([2003, 7, 1], [8, 5, 0], zone).unwrap();
        for text in forms {
            assert_eq!(DateTime::parse(text.as_bytes()), Ok(date), "{text:?}");
            let kind = DateTime::defect(text.as_bytes()).unwrap().kind;
            assert!(
                matches!(kind, DefectKind::MalformedDate | DefectKind::WrongWeekday),
                "{text:?}"
            );
        }
    };
    forms(
        Zone::UNKNOWN,
        &[
            "Wed, 1 Jul 2003 08:05:00 -0000",
            "Tue 1 Jul 2003 08:05:00 -0000",
            ", 1 Jul 2003 08:05:00 -0000",
            "Tuesday, 1 July 2003 8:5:0 -0000",
            "Tue, 1 Jul 2003 08:05:00",
            "Tue, 1 Jul 2003 08:05",
            "Tue, 1 Jul 2003 08:05:00 XYZT",
            "Tue, 1 Jul 2003 08:05:00-0000 what?",
            "Tue, 1 Jul 2003 08.05 -0000",
            "Tue, 1 Jul 2003 08.05.00 -0000",
            "Tue, 1 Jul 2003 08:05:00 +2400",
            "Tue Jul  1 08:05:00 2003",
            "1-Jul-03 08:05",
            "1-7-2003 8:05",
            "1.7.2003 8:05",
            "7/1/2003 8:05:00 AM",
            "2003/07/01 08:05",
            "2003 Jul 1 08:05",
            "July 1st, 2003 at 8:05 am",
            "2003-07-01T08:05:00.123456",
            "Tue, 1 Jul 2003 08:05:00 (Tuesday",
        ],
    );
    forms(
        Zone::from_minutes(120).unwrap(),
        &[
            "Tue, 1 Jul 2003 08:05:00 0200",
            "Tue, 1 Jul 2003 08:05:00 200",
            "Tue, 1 Jul 2003 08:05:00 +2",
            "Tue, 1 Jul 2003 08:05:00 +02:00",
            "Tue, 1 Jul 2003 08:05:00 GMT+0200",
            "Tue, 1 Jul 2003 08:05:00 CEST",
            "Tue, 1 Jul 2003 08:05:00 \"GMT\" +0200",
            "Tue Jul 1 08:05:00 +0200 2003",
            "Tue Jul 1 08:05:00 CEST 2003",
            "2003-07-01T08:05:00+02:00",
            "2003-07-01T08:05+0200",
        ],
    );
    let evening = DateTime::new([2003, 7, 31], [20, 5, 0], Zone::UNKNOWN);
    assert_eq!(DateTime::parse(b"7/31/03 8:05 PM").ok(), evening.ok());
    for text in [
        "",
        "Tue",
        "1 Jul",
        "1 Jul 2003",
        "1 Jul 2003 25:00",
        "32 Jul 2003 10:00",
        "1 Foo 2003 10:00",
        "1 Jul 3 10:00",
        "31.6.2003 10:00",
        "Tue, 1 Jul 2003 08.05.00.11 -0000",
    ] {
        assert!(DateTime::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn obsolete_dates_are_named() {
    for text in [
        "Tue, 1 Jul 03 08:05 GMT",
        "1 Jul 2003 08:05 Z",
        "1 (first) Jul 2003 08:05 +0000",
    ] {
        assert!(DateTime::parse(text.as_bytes()).is_ok());
        assert_eq!(
            DateTime::defect(text.as_bytes()).unwrap().kind,
            DefectKind::ObsoleteDate
        );
    }
}

#[test]
fn two_and_three_digit_years() {
    for (written, year) in [
        ("00", 2000),
        ("49", 2049),
        ("50", 1950),
        ("99", 1999),
        ("100", 2000),
        ("999", 2899),
    ] {
        let date = DateTime::parse(format!("1 Jul {written} 00:00 UT").as_bytes()).unwrap();
        assert_eq!(date.year(), year);
    }
}

#[test]
fn rfc3339() {
    for (text, shown) in [
        ("1 Jul 2003 10:52:37 +0000", "2003-07-01T10:52:37Z"),
        ("1 Jul 2003 10:52:37 -0000", "2003-07-01T10:52:37-00:00"),
        ("1 Jul 2003 10:52:37 -0330", "2003-07-01T10:52:37-03:30"),
        ("31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:60Z"),
    ] {
        assert_eq!(DateTime::parse(text.as_bytes()).unwrap().rfc3339().to_string(), shown);
    }
}
