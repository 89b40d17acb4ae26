//! SORT (RFC 5256 §3) and SORT=DISPLAY (RFC 5957).

use std::cmp::Ordering;

use imap_mailbox::{SearchError, SortFacts, SortOrder};
use imap_proto::{Date, DateTime, SortCriterion, SortKey};

fn facts(header: &str, day: u8, size: u64) -> SortFacts {
    let arrival = DateTime::new(Date::new(2003, 7, day).unwrap(), 12, 0, 0, 0).unwrap();
    SortFacts::of(header.replace('\n', "\r\n").as_bytes(), arrival, size)
}

fn sorted(criteria: &[SortCriterion<'_>], messages: &[SortFacts]) -> Vec<usize> {
    let order = SortOrder::new(criteria).unwrap();
    let mut numbered: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(index, facts)| (index + 1, facts.clone()))
        .collect();
    order.sort(&mut numbered, |(_, facts)| facts);
    numbered.into_iter().map(|(number, _)| number).collect()
}

fn by(key: SortKey<'_>, headers: &[&str]) -> Vec<usize> {
    let messages: Vec<_> = headers
        .iter()
        .map(|header| facts(&format!("{header}\n\n"), 1, 1))
        .collect();
    sorted(&[key.ascending()], &messages)
}

#[test]
fn keys_sort_by_what_they_name() {
    let messages = [facts("\n", 3, 10), facts("\n", 1, 30), facts("\n", 2, 20)];
    assert_eq!(sorted(&[SortKey::Arrival.ascending()], &messages), [2, 3, 1]);
    assert_eq!(sorted(&[SortKey::Size.reverse()], &messages), [2, 3, 1]);
    assert_eq!(
        sorted(&[SortKey::Date.ascending()], &messages),
        [2, 3, 1],
        "without Date the internal date counts"
    );
    assert_eq!(
        by(
            SortKey::Subject,
            &[
                "Subject: Re: b",
                "Subject: [x] a",
                "Subject: fwd: B",
                "X: y",
                "Subject: (fwd)"
            ]
        ),
        [4, 5, 2, 1, 3]
    );
    assert_eq!(
        by(
            SortKey::From,
            &["From: Alice <z@a>", "From: Zoe <A@z>", "From: (b) b@c", "X: y"]
        ),
        [4, 2, 3, 1]
    );
    assert_eq!(
        by(
            SortKey::To,
            &["To: c@a, a@a", "To: b@a", "To: Cooks: x@y;", "To: \"a.b\"@x"]
        ),
        [4, 2, 1, 3]
    );
    assert_eq!(
        by(SortKey::To, &["To:\nTo: z@a", "To: y@a\nTo: a@a"]),
        [2, 1],
        "the first field that has an address"
    );
    assert_eq!(by(SortKey::Cc, &["Cc: b@a", "To: z@a", "Cc: a@a"]), [2, 3, 1]);
}

/// RFC 5256 §2.2.
#[test]
fn sent_dates_are_in_utc() {
    let headers = [
        "Date: 31 Dec 2000 16:01:33 -0800",
        "Date: 1 Jan 2001 00:01:32 +0000",
        "Date: 1 Jan 2001 00:01:33 +0000",
        "Date: 1 Jan 2001 01:01:32 +0100",
        "Date: unknown",
    ];
    assert_eq!(
        by(SortKey::Date, &headers),
        [2, 4, 1, 3, 5],
        "the last by its internal date, of 2003"
    );
}

#[test]
fn reverse_keeps_the_order_of_the_mailbox() {
    let messages = [
        facts("Subject: b\n\n", 1, 1),
        facts("Subject: a\n\n", 1, 1),
        facts("Subject: B\n\n", 1, 2),
    ];
    assert_eq!(sorted(&[SortKey::Subject.reverse()], &messages), [1, 3, 2]);
    assert_eq!(
        sorted(&[SortKey::Subject.reverse(), SortKey::Size.reverse()], &messages),
        [3, 1, 2]
    );
    let many: Vec<_> = std::iter::repeat_n(SortKey::Subject.reverse(), 100_000)
        .chain([SortKey::Size.reverse()])
        .collect();
    assert_eq!(sorted(&many, &messages), [3, 1, 2]);
}

/// RFC 5957 §3: the decoded name, else the address, else the mailbox, else nothing.
#[test]
fn display_names_come_first() {
    let headers = [
        "From: =?utf-8?Q?=C3=89mile?= <a@z>",
        "From: \"Dora\" <z@z>",
        "From: f@a",
        "From: \"\" <c@a>",
        "From: Group: x@y;",
        "X: y",
    ];
    assert_eq!(by(SortKey::DisplayFrom, &headers), [6, 4, 2, 1, 3, 5]);
    let to: Vec<_> = headers.iter().map(|header| header.replace("From:", "To:")).collect();
    assert_eq!(
        by(SortKey::DisplayTo, &to.iter().map(String::as_str).collect::<Vec<_>>()),
        [6, 4, 2, 1, 3, 5]
    );
}

#[test]
fn what_cannot_be_computed_is_refused() {
    assert_eq!(
        SortOrder::new(&[SortKey::Relevancy.ascending()]),
        Err(SearchError::UnsupportedSort)
    );
    let order = SortOrder::new(&[SortKey::Arrival.ascending(), SortKey::Size.reverse()]).unwrap();
    assert!(!order.needs_header());
    assert!(SortOrder::new(&[SortKey::Cc.ascending()]).unwrap().needs_header());
    let one = SortFacts::default();
    assert_eq!(order.compare(&one, &one), Ordering::Equal);
}
