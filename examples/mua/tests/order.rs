//! The order in which servers are tried (RFC 2782), from the source itself: it is no part of what the program shows.

use srv::{Srv, ordered};

#[path = "../src/discover/srv.rs"]
#[allow(dead_code, reason = "the port is of no interest here")]
mod srv;

fn record(priority: u16, weight: u16, target: &str) -> Srv {
    let (port, target) = (1, target.to_owned());
    Srv {
        priority,
        weight,
        port,
        target,
    }
}

fn names(records: &[Srv], draw: &mut impl FnMut(u32) -> u32) -> String {
    ordered(records.to_vec(), draw)
        .into_iter()
        .map(|record| record.target)
        .collect()
}

/// Whatever is drawn, priorities stand, and each record comes once.
#[test]
fn priorities_come_before_weights() {
    let records = [
        record(20, 65535, "e"),
        record(10, 0, "b"),
        record(0, 0, "a"),
        record(10, 7, "c"),
        record(10, 3, "d"),
    ];
    for first in 0..=10 {
        for second in 0..=10 {
            let mut draws = [0, first, second].into_iter();
            let order = names(&records, &mut |most| draws.next().unwrap_or(0).min(most));
            assert!(
                order.starts_with('a') && order.ends_with('e') && order.len() == 5,
                "{order}"
            );
        }
    }
    assert_eq!(names(&[], &mut |_| 0), "");
}

/// Over all numbers that can be drawn, a record is the first as often as its weight says; one of weight 0 for one
/// number alone.
#[test]
fn weights_say_how_often_one_is_first() {
    let records = [record(0, 1, "c"), record(0, 0, "b"), record(0, 9, "a")];
    let firsts: String = (0..=10)
        .map(|drawn| names(&records, &mut |most| drawn.min(most)).remove(0))
        .collect();
    assert_eq!(firsts, "bcaaaaaaaaa");
    // A generator that says more than it was asked for harms nobody.
    assert_eq!(ordered(records.to_vec(), &mut |_| u32::MAX).len(), 3);
}
