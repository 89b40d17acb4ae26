//! `Received` fields of others, and hostile values for every reader of a field's value.

use std::thread;

use rfc5322::{AddrSpec, Clause, DateTime, LocalPartCase, LoopGuard, MailLoop, MsgId, ReceivedClauses};

/// The clauses as text, in the order from, by, via, with, id, for: `value` or `value|comment`.
fn clauses(value: &str) -> [Option<String>; 6] {
    let received = ReceivedClauses::parse(value.as_bytes());
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    let show = |clause: Clause<'_>| match clause.comment {
        Some(comment) => format!("{}|{}", text(clause.value), text(comment)),
        None => text(clause.value),
    };
    let ReceivedClauses {
        from,
        by,
        via,
        with,
        id,
        recipient,
        ..
    } = received;
    [from, by, via, with, id, recipient].map(|clause| clause.map(show))
}

fn expected(clauses: [&str; 6]) -> [Option<String>; 6] {
    clauses.map(|clause| (clause != "-").then(|| clause.to_owned()))
}

#[test]
fn clauses_are_found() {
    for (value, found) in [
        ("", ["-"; 6]),
        ("; Tue, 1 Jul 2003 10:52:37 +0200", ["-"; 6]),
        ("(kitchen 7 invoked by uid 12); 1 Jul 2003 10:52:37 -0000", ["-"; 6]),
        (
            "FROM a BY b VIA tcp WITH esmtp ID 7 FOR <c@d>; x",
            ["a", "b", "tcp", "esmtp", "7", "<c@d>"],
        ),
        (
            "by b (menu from a) with Kitchen Mail Server (v=1 by x)\n\tid 7",
            ["-", "b|menu from a", "-", "Kitchen Mail Server|v=1 by x", "7", "-"],
        ),
        ("from by by by with with", ["by", "by", "-", "with", "-", "-"]),
        ("from a from b by c", ["a", "c", "-", "-", "-", "-"]),
        ("from a (one) (two) three by b", ["a|one", "b", "-", "-", "-", "-"]),
        ("from a (x(y) \\) z) by b", ["a|x(y) \\) z", "b", "-", "-", "-", "-"]),
        ("for <\"by; (\"@c> ; x", ["-", "-", "-", "-", "-", "<\"by; (\"@c>"]),
        ("from a (never ends by b", ["a", "-", "-", "-", "-", "-"]),
        ("from", ["-"; 6]),
        ("for \"never ends", ["-", "-", "-", "-", "-", "\"never ends"]),
        ("from a\r\nby b", ["a", "b", "-", "-", "-", "-"]),
    ] {
        assert_eq!(clauses(value), expected(found), "{value:?}");
    }
}

#[test]
fn the_date_is_behind_the_last_semicolon() {
    for value in [
        "from a; 1 Jul 2003 10:52:37 +0200",
        "from a (;); 1 Jul 2003 10:52:37 +0200",
        "from a; by b; 1 Jul 2003 10:52:37 +0200 (x; y)",
        "from a (never ends; 1 Jul 2003 10:52:37 +0200",
    ] {
        let date = ReceivedClauses::parse(value.as_bytes()).date_time();
        assert_eq!(date.map(|date| date.unix_seconds()), Ok(1_057_049_557), "{value:?}");
    }
    assert!(ReceivedClauses::parse(b"from a by b").date_time().is_err());
}

#[test]
fn client_addresses() {
    for (value, address) in [
        ("from a ([192.0.2.7])", Some("192.0.2.7")),
        ("from a (b [192.0.2.7])", Some("192.0.2.7")),
        ("from a (b [IPv6:2001:db8::7])", Some("2001:db8::7")),
        ("from a (b [2001:db8::7])", Some("2001:db8::7")),
        ("from [192.0.2.7]", Some("192.0.2.7")),
        ("from [192.0.2.7] (b)", None),
        ("from a (b [300.0.2.7])", None),
        ("from a (é[é])", None),
        ("by a ([192.0.2.7])", None),
    ] {
        let found = ReceivedClauses::parse(value.as_bytes()).client_address();
        assert_eq!(found, address.map(|address| address.parse().unwrap()), "{value:?}");
    }
}

#[test]
fn hops_are_counted_to_the_limit() {
    let bob = AddrSpec::parse(b"bob@hamburger.edu").unwrap();
    let message = |received: usize| "received : x\n".repeat(received) + "\nReceived: body\n";
    let guard = LoopGuard::of(message(100).as_bytes());
    assert_eq!(guard.received(), 100);
    assert_eq!(guard.check_delivery(&bob, LocalPartCase::Sensitive), Ok(()));
    let guard = LoopGuard::of(message(101).as_bytes());
    assert_eq!(guard.check_hops(), Err(MailLoop::TooManyHops { limit: 100 }));

    let guard = LoopGuard::of("Delivered-To: a@b\n".repeat(101).as_bytes());
    assert_eq!(guard.check_hops(), Err(MailLoop::TooManyHops { limit: 100 }));
}

#[test]
fn a_mailbox_gets_a_message_once() {
    let bob = AddrSpec::parse(b"bob@hamburger.edu").unwrap();
    let check = |value: &str, case| {
        let message =
            format!("To: bob@hamburger.edu\r\nDelivered-To:{value}\r\n\r\nDelivered-To: bob@hamburger.edu\r\n");
        LoopGuard::of(message.as_bytes()).check_delivery(&bob, case)
    };
    for (value, sensitive, insensitive) in [
        (" bob@hamburger.edu", true, true),
        ("<bob@hamburger.edu>", true, true),
        ("\r\n\t<bob@hamburger.edu> (Bob)", true, true),
        (" bob@HAMBURGER.edu", true, true),
        (" \"bob\"@hamburger.edu", true, true),
        (" Bob@hamburger.edu", false, true),
        (" bob@hamburger.edu.example", false, false),
        (" rob@hamburger.edu", false, false),
        (" bob", false, false),
        (" <>", false, false),
        ("", false, false),
        (" bob@hamburger.edu, ann@hamburger.edu", false, false),
        (" <bob@hamburger.edu", false, false),
    ] {
        for (case, found) in [
            (LocalPartCase::Sensitive, sensitive),
            (LocalPartCase::Insensitive, insensitive),
        ] {
            assert_eq!(
                check(value, case),
                if found { Err(MailLoop::Delivered) } else { Ok(()) },
                "{value:?} {case:?}"
            );
        }
    }
}

/// threats: recursion, quadratic reads. A small stack, and values that make a careless reader start again and again.
#[test]
fn hostile_values_cost_linear_time_and_no_stack() {
    let n = 1_000_000;
    let values: Vec<Vec<u8>> = vec![
        b"(".repeat(n),
        [b"(".repeat(n), b")".repeat(n)].concat(),
        b"()".repeat(n),
        b"\"".repeat(n),
        b"\"\\".repeat(n),
        b"from ".repeat(n),
        b"from a ".repeat(n),
        [&b"from "[..], &b"a ".repeat(n)].concat(),
        b";".repeat(n),
        b"(;".repeat(n),
        b"[".repeat(n),
        [&b"from a ("[..], &b"[".repeat(n), b")"].concat(),
        b"\r\n ".repeat(n),
        b"\r".repeat(n),
        b"1".repeat(n),
        b"a.".repeat(n),
    ];
    let read = move || {
        for value in values {
            let clauses = ReceivedClauses::parse(&value);
            let _ = (
                clauses.client_address(),
                clauses.protocol(),
                clauses.recipient(),
                clauses.date_time(),
            );
            let _ = (DateTime::parse(&value), DateTime::parse_strict(&value));
            let _ = (MsgId::parse(&value), AddrSpec::parse(&value));
            let message = [&b"Delivered-To:"[..], &value].concat();
            assert!(LoopGuard::of(&message).check_hops().is_ok());
        }
    };
    thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(read)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn message_ids_are_strict() {
    for good in [
        "<a@b>",
        " <a.b@c.d> ",
        "(x)<a@[b]>(y)",
        "<a+b/c=d@e>",
        "\r\n <a@b>\r\n",
        "<a@[]>",
    ] {
        let id = MsgId::parse(good.as_bytes()).unwrap();
        assert_eq!(MsgId::parse(id.to_string().as_bytes()), Ok(id.clone()));
        assert_eq!(MsgId::new(id.left(), id.right()), Ok(id));
    }
    for bad in [
        "",
        "a@b",
        "<a@b",
        "<a>",
        "<@b>",
        "<a@>",
        "<a b@c>",
        "<a.@b>",
        "<a@b.>",
        "<\"a\"@b>",
        "<a@b> x",
        "<a@b@c>",
        "<a@[b>",
        "<a@b\r\nX: y>",
        "<é@b>",
    ] {
        assert!(MsgId::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(MsgId::new("a@b> <c", "d").is_err());
    assert!(MsgId::new("a", "b>\r\nBcc: <c@d").is_err());
    assert!(MsgId::new(&"a".repeat(898), "b").is_ok());
    assert!(MsgId::new(&"a".repeat(899), "b").is_err());
}
