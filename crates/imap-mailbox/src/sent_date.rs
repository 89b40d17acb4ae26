//! When a message says it was sent (RFC 5256 §2.2).

use imap_proto::Date;
use mime_codec::rfc5322::DateTime;

/// Seconds since 1970-01-01T00:00:00Z, from a Date field's value; `None` where the internal date counts.
pub(crate) fn unix_seconds(value: &[u8]) -> Option<i64> {
    parse(value).map(|date| date.unix_seconds())
}

/// The day that a Date field's value names, whatever time and zone stand behind it (RFC 9051 §6.4.4).
pub(crate) fn day(value: &[u8]) -> Option<Date> {
    let date = parse(value)?;
    Date::new(date.year(), date.month(), date.day()).ok()
}

/// A zone that is none is UTC, a time that is none is 00:00:00.
fn parse(value: &[u8]) -> Option<DateTime> {
    if let Ok(date) = DateTime::parse(value) {
        return Some(date);
    }
    let behind_weekday = value.splitn(2, |octet| *octet == b',').last()?;
    let words = behind_weekday
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let words: Vec<_> = words.take(4).collect();
    let retry = |count: usize, rest: &[u8]| {
        let mut text = words.get(..count)?.join(&b' ');
        text.extend_from_slice(rest);
        DateTime::parse(&text).ok()
    };
    retry(4, b" +0000").or_else(|| retry(3, b" 00:00:00 +0000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_behind_the_day_does_not_matter() {
        type Case = (&'static [u8], Option<(i64, u8)>);
        let cases: &[Case] = &[
            (b"Sun, 31 Dec 2000 16:01:33 -0800", Some((978_307_293, 31))),
            (b" 1 Jan 2001 00:01:33 +0000", Some((978_307_293, 1))),
            (b"1 Jan 2001 00:01:33 nowhere-at-all", Some((978_307_293, 1))),
            (b"1 Jan 2001 00:01:33", Some((978_307_293, 1))),
            (b"Mon, 1 Jan 2001 99:99:99 +0000", Some((978_307_200, 1))),
            (b"Mon, 1 Jan 2001", Some((978_307_200, 1))),
            (b"tomorrow", None),
            (b"", None),
            (b"31 Feb 2001 00:00:00 +0000", None),
        ];
        for (value, expected) in cases {
            let found = unix_seconds(value).map(|seconds| (seconds, day(value).unwrap().day()));
            assert_eq!(found, *expected, "{}", value.escape_ascii());
        }
    }
}
