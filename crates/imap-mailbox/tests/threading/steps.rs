//! Each rule of RFC 5256 §3, one case.

use imap_mailbox::{SearchError, ThreadFacts, threads};
use imap_proto::{Atom, ThreadAlgorithm};

use super::{mail, thread, wire};

fn references(messages: &[ThreadFacts]) -> String {
    wire(thread(&ThreadAlgorithm::References, messages))
}

#[test]
fn step_1_a_links_adjacent_references() {
    // Each in its place, whatever the order of the mailbox.
    let found = references(&[mail("c", "a b", "", 3), mail("b", "a", "", 2), mail("a", "", "", 1)]);
    assert_eq!(found, "(3 2 1)");
    // Only the last says what the middle one answers.
    let found = references(&[mail("a", "", "", 1), mail("b", "", "", 2), mail("c", "a b", "", 3)]);
    assert_eq!(found, "(1 2 3)");
    let found = references(&[
        mail("b", "", "", 2),
        mail("a", "", "", 1),
        mail("c", "a x", "", 3),
        mail("d", "a x", "", 4),
    ]);
    assert_eq!(found, "(2 (3)(4))(1)", "the missing x is a dummy, once");
}

#[test]
fn step_1_a_gives_an_identifier_to_each() {
    let found = references(&[mail("", "", "", 1), mail("", "", "", 2)]);
    assert_eq!(found, "(1)(2)", "no identifier is no common one");
    // The first with an identifier has it; the second is a message of its own.
    let found = references(&[mail("a", "", "", 1), mail("a", "", "", 2), mail("b", "a", "", 3)]);
    assert_eq!(found, "(1 3)(2)");
    let found = references(&[mail("a", "r", "", 1), mail("a", "r", "", 2), mail("r", "", "", 3)]);
    assert_eq!(found, "(3 (1)(2))", "its references still count");
    let found = references(&[mail("a", "", "", 1), mail("b", "A", "", 2)]);
    assert_eq!(found, "(1)(2)", "identifiers have their case");
}

#[test]
fn step_1_a_keeps_links_that_exist() {
    // c says that b follows x; b itself has said that it follows a, and its own word counts.
    let found = references(&[mail("b", "a", "", 2), mail("a", "", "", 1), mail("c", "x b", "", 3)]);
    assert_eq!(found, "(2 1 3)");
    // Of two others' words the first counts.
    let found = references(&[
        mail("p", "x b", "", 3),
        mail("q", "y b", "", 4),
        mail("r", "x", "", 5),
        mail("s", "y", "", 6),
    ]);
    assert_eq!(found, "((1)(2)(3))(4)");
}

#[test]
fn step_1_makes_no_loops() {
    let found = references(&[mail("a", "b", "", 1), mail("b", "a", "", 2)]);
    assert_eq!(found, "(2 1)");
    let found = references(&[mail("a", "a", "", 1)]);
    assert_eq!(found, "(1)");
    let found = references(&[
        mail("a", "c b", "", 1),
        mail("b", "a c", "", 2),
        mail("c", "b a", "", 3),
    ]);
    assert_eq!(found, "(3 2 1)");
}

#[test]
fn step_1_b_replaces_a_parent_that_others_gave() {
    // c's truncated references put b below x; b's own say a.
    let found = references(&[
        mail("c", "x b", "", 3),
        mail("b", "a", "", 2),
        mail("a", "", "", 1),
        mail("x", "", "", 4),
    ]);
    assert_eq!(found, "(3 2 1)(4)");
    // And none at all where it has no references.
    let found = references(&[mail("c", "x b", "", 3), mail("b", "", "", 2), mail("x", "", "", 4)]);
    assert_eq!(found, "(2 1)(3)");
}

#[test]
fn step_3_prunes_dummies() {
    assert_eq!(
        references(&[mail("b", "a", "", 1)]),
        "(1)",
        "a dummy with one child is nobody"
    );
    assert_eq!(
        references(&[mail("b", "a", "", 1), mail("c", "a", "", 2)]),
        "((1)(2))",
        "with two it holds them"
    );
    assert_eq!(
        references(&[mail("d", "a b c", "", 1), mail("e", "a b c", "", 2)]),
        "((1)(2))",
        "however many there are"
    );
    let found = references(&[mail("a", "", "", 1), mail("c", "a b", "", 2), mail("d", "a b", "", 3)]);
    assert_eq!(found, "(1 (2)(3))", "below a message its children are promoted");
    let found = references(&[mail("c", "a b", "", 1), mail("d", "a b", "", 2), mail("e", "a", "", 3)]);
    assert_eq!(found, "((1)(2)(3))", "below a dummy, too");
}

#[test]
fn steps_4_and_6_sort_by_sent_date() {
    assert_eq!(
        references(&[mail("a", "", "", 3), mail("b", "", "", 1), mail("c", "", "", 2)]),
        "(2)(3)(1)"
    );
    assert_eq!(
        references(&[mail("a", "", "", 2), mail("b", "", "", 2), mail("c", "", "", 1)]),
        "(3)(1)(2)",
        "then by number"
    );
    let siblings = [
        mail("a", "", "", 1),
        mail("b", "a", "", 9),
        mail("c", "a", "", 8),
        mail("d", "b", "", 7),
        mail("e", "b", "", 6),
    ];
    assert_eq!(references(&siblings), "(1 (3)(2 (5)(4)))");
    // A dummy is as old as its first child.
    let found = references(&[
        mail("b", "x", "", 9),
        mail("c", "x", "", 2),
        mail("d", "", "", 5),
        mail("e", "", "", 1),
    ]);
    assert_eq!(found, "(4)((2)(1))(3)");
}

#[test]
fn step_5_gathers_threads_with_the_same_subject() {
    type Case = (&'static [(&'static str, &'static str, &'static str, u8)], &'static str);
    let cases: &[Case] = &[
        // Nothing in common, or nothing to have in common.
        (&[("a", "", "one", 1), ("b", "", "two", 2)], "(1)(2)"),
        (&[("a", "", "", 1), ("b", "", "Re:", 2)], "(1)(2)"),
        // A reply without references goes below what is no reply, whichever is older.
        (&[("a", "", "One", 1), ("b", "", "re: oNe", 2)], "(1 2)"),
        (&[("a", "", "Re: one", 1), ("b", "", "one", 2)], "(2 1)"),
        (
            &[
                ("a", "", "one", 1),
                ("b", "", "[fwd: one]", 2),
                ("c", "", "one (fwd)", 3),
            ],
            "(1 (2)(3))",
        ),
        // Two that are alike become siblings.
        (&[("a", "", "one", 1), ("b", "", "one", 2)], "((1)(2))"),
        (&[("a", "", "Re: one", 1), ("b", "", "Re: one", 2)], "((1)(2))"),
        (
            &[("a", "", "one", 1), ("b", "", "one", 2), ("c", "", "one", 3)],
            "((1)(2)(3))",
        ),
        // Below a dummy of the table goes all that follows, replies or not.
        (
            &[("a", "", "one", 1), ("b", "", "one", 2), ("c", "", "Re: one", 3)],
            "((1)(2)(3))",
        ),
        // A dummy's subject is its first child's, and it is preferred to messages.
        (
            &[("b", "x", "Re: one", 2), ("c", "x", "Re: two", 3), ("d", "", "one", 1)],
            "((3)(1)(2))",
        ),
        (
            &[("b", "x", "Re: one", 2), ("c", "x", "Re: two", 3), ("d", "", "two", 1)],
            "(3)((1)(2))",
        ),
        // Two dummies become one.
        (
            &[
                ("b", "x", "one", 1),
                ("c", "x", "q", 2),
                ("d", "y", "one", 3),
                ("e", "y", "r", 4),
            ],
            "((1)(2)(3)(4))",
        ),
        // What is below a message goes with it.
        (
            &[("a", "", "one", 1), ("b", "", "Re: one", 2), ("c", "b", "Re: one", 3)],
            "(1 2 3)",
        ),
        // Only threads are gathered, not messages inside.
        (
            &[("a", "", "one", 1), ("b", "a", "two", 2), ("c", "", "two", 3)],
            "(1 2)(3)",
        ),
    ];
    for (messages, expected) in cases {
        let messages: Vec<_> = messages
            .iter()
            .map(|(id, references, subject, day)| mail(id, references, subject, *day))
            .collect();
        assert_eq!(references(&messages), *expected, "{messages:?}");
    }
}

#[test]
fn ordered_subject_is_flat() {
    let messages = [
        mail("a", "", "two", 4),
        mail("b", "", "Re: one", 3),
        mail("c", "", "ONE", 1),
        mail("d", "", "two (fwd)", 2),
        mail("e", "", "one", 5),
    ];
    let found = wire(thread(&ThreadAlgorithm::OrderedSubject, &messages));
    assert_eq!(found, "(3 (2)(5))(4 1)");
    assert_eq!(wire(thread(&ThreadAlgorithm::OrderedSubject, &[])), "");
    assert_eq!(references(&[]), "");
}

#[test]
fn other_algorithms_are_refused() {
    let other = ThreadAlgorithm::Other(Atom::new("REFS").unwrap());
    assert_eq!(threads(&other, &[]), Err(SearchError::UnsupportedAlgorithm));
}
