//! Long lists of numbers come in pieces that do not depend on how the octets came.

use imap_proto::client::Error;

use crate::caller::{Caller, Rest};

/// Tells what a client tells of `wire`, fed whole and in pieces of several sizes.
fn told(wire: &[u8]) -> (Vec<String>, Rest) {
    let mut seen = None;
    for size in [wire.len(), 1, 1000, 16 * 1024, 16 * 1024 + 1] {
        let mut caller = Caller::selected("");
        caller.give("UID SEARCH ALL");
        for piece in wire.chunks(size) {
            caller.hear_octets(piece);
        }
        let this = (caller.take_told(), caller.rest.clone());
        match &seen {
            None => seen = Some(this),
            Some(seen) => assert!(*seen == this, "in pieces of {size}: {this:?}"),
        }
    }
    seen.expect("there is a size")
}

fn numbers(told: &[String], words: &str, separator: char) -> Vec<u32> {
    let rests = told.iter().filter_map(|told| told.strip_prefix(words));
    let words = rests.flat_map(|rest| rest.split(separator));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// docs/threats.md row 11: a hundred thousand numbers pass through, 16 KiB at a time.
#[test]
fn a_hundred_thousand_numbers_come_in_pieces() {
    for words in ["* SEARCH ", "* SORT "] {
        let list: Vec<u32> = (900_000..1_000_000).collect();
        let text: Vec<_> = list.iter().map(u32::to_string).collect();
        let wire = format!("{words}{}\r\nA2 OK\r\n", text.join(" "));
        let (told, _) = told(wire.as_bytes());
        assert_eq!(told.last().map(String::as_str), Some("2 OK"));
        assert!(told.len() > 40 && told.iter().all(|told| told.len() <= 16 * 1024 + 10), "{}", told.len());
        assert_eq!(numbers(&told, words, ' '), list);
    }
}

#[test]
fn vanished_comes_in_pieces() {
    for words in ["* VANISHED ", "* VANISHED (EARLIER) "] {
        let list: Vec<u32> = (1..20_000).map(|n| n * 2).collect();
        let text: Vec<_> = list.iter().map(u32::to_string).collect();
        let wire = format!("{words}{}\r\nA2 OK\r\n", text.join(","));
        let (told, _) = told(wire.as_bytes());
        assert!(told.len() > 5, "{}", told.len());
        assert_eq!(numbers(&told, words, ','), list);
    }
}

/// `(MODSEQ n)` ends the list, wherever the pieces are cut (RFC 7162 §3.1.5).
#[test]
fn the_modification_sequence_is_not_cut() {
    for extra in 0..40 {
        let list = "1 ".repeat((16 * 1024) / 2 - extra);
        let wire = format!("* SEARCH {list}(MODSEQ 917162500)\r\nA2 OK\r\n");
        let (told, _) = told(wire.as_bytes());
        assert!(told[told.len() - 2].ends_with("(MODSEQ 917162500)"), "{extra}: {:?}", &told[told.len() - 2..]);
        assert_eq!(told.last().map(String::as_str), Some("2 OK"));
    }
}

/// Lists of each length around the size of a piece.
#[test]
fn no_number_is_lost_where_pieces_are_cut() {
    for len in (16 * 1024 - 15)..(16 * 1024 + 15) {
        let list = "7 ".repeat(len / 2);
        let wire = format!("* SEARCH {}{}\r\nA2 OK\r\n", list.trim_end(), if len % 2 == 1 { "7" } else { "" });
        let (told, _) = told(wire.as_bytes());
        let digits: usize = told.iter().map(|told| told.matches('7').count()).sum();
        assert_eq!(digits, wire.matches('7').count(), "{len}");
    }
}

#[test]
fn lists_that_are_none_end_alike() {
    let long = "7 ".repeat(10_000);
    for (ends, error) in [
        ("\n", Some(Error::Line(mail_wire::LineFault::BareLf))),
        ("{3}\r\nabc\r\n", None),
        ("{99999}\r\n", None),
    ] {
        for list in [long.as_str(), &long[..8190], &long[..16_380], "7 "] {
            let wire = format!("* SEARCH {list}{ends}{}", "* 3 EXISTS\r\n".repeat(3000));
            let (_, rest) = told(wire.as_bytes());
            if let Some(error) = &error {
                assert_eq!(rest, Rest::Failed(error.clone()));
            }
        }
    }
    let (_, rest) = told(format!("* SEARCH {}", "7".repeat(40_000)).as_bytes());
    assert!(matches!(rest, Rest::Failed(Error::Syntax(_))), "{rest:?}");
}
