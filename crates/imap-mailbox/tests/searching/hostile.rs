//! `docs/threats.md` rows 11, 12, 13: what clients and messages can do to a search.

use std::fmt::Write;
use std::time::{Duration, Instant};

use imap_mailbox::{SearchContext, SearchError, SearchPlan, Verdict};
use imap_proto::{SearchKey, SearchProgram};

use super::{facts, matches, number, plan};

/// Far more than is taken, and far less than anything quadratic would.
const SOON: Duration = Duration::from_secs(20);

fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn depth_costs_no_stack() {
    on_a_small_stack(|| {
        let mut wire = "NOT ".repeat(200_001) + &"(".repeat(100_000) + "SEEN" + &")".repeat(100_000);
        let plan = compile(&wire);
        assert_eq!(plan.judge(&facts(1, 1)).known(), Some(true));
        wire = "OR SEEN (FUZZY NOT ".repeat(100_000) + "BODY x" + &")".repeat(100_000);
        let plan = compile(&wire);
        assert!(matches!(plan.judge(&facts(1, 1)), Verdict::Open(_)));
        assert!(matches(&plan, b"\r\nx"));
        assert!(!matches(&plan, b"\r\ny"));
    });
}

fn compile(wire: &str) -> SearchPlan {
    let program = SearchProgram::parse(wire.as_bytes()).unwrap();
    SearchPlan::compile(&program, None, &SearchContext::new(5, Some(number(50)), 0)).unwrap()
}

#[test]
fn a_hundred_thousand_keys_are_one_pass() {
    let start = Instant::now();
    let plan = SearchProgram::any((0..100_000).map(|_| SearchKey::Flagged)).unwrap();
    let plan = SearchPlan::compile(&plan, None, &SearchContext::default()).unwrap();
    for uid in 1..100 {
        assert_eq!(plan.judge(&facts(1, uid)).known(), Some(false));
    }
    let same = "OR TEXT abc ".repeat(100_000) + "SEEN";
    assert!(
        !matches(&compile(&same), &b"Subject: ab\r\n".repeat(10_000)),
        "one string, however often it is asked for"
    );
    assert!(start.elapsed() < SOON);
}

/// `1,3,5,…` against each message of a mailbox.
#[test]
fn a_hundred_thousand_ranges_are_looked_up() {
    let start = Instant::now();
    let mut wire = String::from("UID 1");
    for uid in 1..100_000 {
        write!(wire, ",{}", 2 * uid + 1).unwrap();
    }
    let program = SearchProgram::parse(wire.as_bytes()).unwrap();
    let plan = SearchPlan::compile(&program, None, &SearchContext::new(1, Some(number(200_000)), 0)).unwrap();
    let found = (1..200_000)
        .filter(|&uid| plan.judge(&facts(1, uid)).known() == Some(true))
        .count();
    assert_eq!(found, 100_000);
    assert!(start.elapsed() < SOON);
}

#[test]
fn strings_are_limited_in_number() {
    let keys = |count: usize| {
        let keys = (0..count).map(|i| SearchKey::Body(format!("string {i}").try_into().unwrap()));
        SearchPlan::compile(&SearchProgram::any(keys).unwrap(), None, &SearchContext::default()).map(|_| ())
    };
    assert_eq!(keys(SearchPlan::MAX_STRINGS), Ok(()));
    assert_eq!(keys(SearchPlan::MAX_STRINGS + 1), Err(SearchError::TooManyStrings));
}

#[test]
fn a_long_string_is_sought_in_linear_time() {
    let start = Instant::now();
    let string = "a".repeat(200_000) + "b";
    let plan = plan(&format!("BODY \"{string}\""));
    let Verdict::Open(mut text) = plan.judge(&facts(1, 1)) else {
        panic!()
    };
    assert_eq!(text.push(b"\r\n"), None);
    for _ in 0..20_000 {
        assert_eq!(text.push(&[b'a'; 1_000]), None);
    }
    assert!(text.push(b"b").is_some() || text.finish());
    assert!(start.elapsed() < SOON);
}

#[test]
fn messages_of_many_pieces_are_linear() {
    let start = Instant::now();
    let plan = plan("OR TEXT nowhere OR FROM nowhere OR HEADER x nowhere OR SUBJECT nowhere BODY nowhere");
    let fields = "From: a@b\r\nX: y\r\n".repeat(250_000) + "\r\n";
    assert!(!matches(&plan, fields.as_bytes()));
    let mut parts = String::from("Content-Type: multipart/mixed; boundary=M\r\n\r\n");
    for part in 0..10_000 {
        write!(
            parts,
            "--M\r\nContent-Type: text/plain; charset=utf-8\r\n\r\npart {part}\r\n"
        )
        .unwrap();
    }
    assert!(!matches(&plan, parts.as_bytes()));
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
    assert!(!matches(&plan, nested.as_bytes()));
    let addresses = format!("From: {}\r\n\r\n", "(".repeat(100_000));
    assert!(!matches(&plan, addresses.as_bytes()));
    assert!(start.elapsed() < SOON);
}

/// Octet by octet; each is looked at a bounded number of times.
#[test]
fn a_drip_is_linear() {
    let start = Instant::now();
    let plan = plan("BODY nowhere");
    let Verdict::Open(mut text) = plan.judge(&facts(1, 1)) else {
        panic!()
    };
    for octet in b"\r\n".iter().chain(std::iter::repeat_n(&b'x', 3_000_000)) {
        assert_eq!(text.push(std::slice::from_ref(octet)), None);
    }
    assert!(!text.finish());
    assert!(start.elapsed() < SOON);
}
