//! What must hold for any octets: called by the fuzz target, and by `cargo test` with its seeds.

use std::io;
use std::time::Duration;

use crate::Wiretap;
use crate::item::{Item, Log, Side, Stamp};
use crate::report::{json, summary, text};
use crate::stream::read_along;

/// A capture: the first octet says in which pieces it is read. Nothing panics, what is told is the same however the capture is
/// cut, and nothing that a terminal would obey comes out.
pub fn capture(data: &[u8]) {
    let Some((cut, octets)) = data.split_first() else {
        return;
    };
    let whole = read(octets, octets.len().max(1));
    let cut = read(octets, usize::from(*cut).max(1));
    assert_eq!(whole, cut, "what is told depends on how the capture is cut");
    show(&whole);
}

/// The octets of a dialogue: each piece has a side, a length, and perhaps a hole before it; the first octet names the protocol.
pub fn dialogue(data: &[u8]) {
    let Some((protocol, mut rest)) = data.split_first() else {
        return;
    };
    let mut dialogue = read_along(*protocol);
    let mut log = Log::new(1);
    let mut stamp = Stamp::default();
    let mut items = Vec::new();
    while let Some(([head, length], behind)) = rest.split_first_chunk::<2>() {
        let side = if head & 1 == 0 { Side::Client } else { Side::Server };
        let (piece, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = behind;
        stamp.packet += 1;
        if head & 6 == 6 {
            dialogue.hole(stamp, side, u64::from(head >> 3) + 1, &mut log);
        }
        dialogue.octets(stamp, side, piece, &mut log);
        items.append(&mut log.take());
        if dialogue.layer().is_some() {
            break;
        }
    }
    dialogue.end(stamp, &mut log);
    items.append(&mut log.take());
    show(&items);
}

fn read(octets: &[u8], piece: usize) -> Vec<Item> {
    let mut wiretap = Wiretap::default();
    let mut items = Vec::new();
    for piece in octets.chunks(piece) {
        match wiretap.push(piece) {
            Ok(more) => items.extend(more),
            Err(_) => break,
        }
    }
    items.extend(wiretap.end());
    let mut counted = Vec::new();
    let written = summary::write(wiretap.counts(), wiretap.stats(), &mut counted);
    written
        .and_then(|()| summary::write_json(wiretap.counts(), wiretap.stats(), &mut io::sink()))
        .expect("memory takes it");
    assert_harmless(&counted);
    items
}

fn show(items: &[Item]) {
    let mut shown = Vec::new();
    for item in items {
        text::write(item, Duration::ZERO, text::Style::default(), &mut shown).expect("memory takes it");
        json::write(item, Duration::ZERO, true, &mut shown).expect("memory takes it");
    }
    assert_harmless(&shown);
}

fn assert_harmless(shown: &[u8]) {
    let shown = std::str::from_utf8(shown).expect("what is shown is text");
    let control = shown.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None, "a terminal would obey");
}
