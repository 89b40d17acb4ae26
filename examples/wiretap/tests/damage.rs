//! What networks and captures do to segments.

use wiretap::item::{Kind, Side};
use wiretap::{fuzzing, tcp};

use crate::support::{MAIL, MESSAGE, Talk, frame, mail, pcap, pcap_with, read};

#[test]
fn order_and_repetition_never_matter() {
    let talk = mail();
    let expected = read(&talk.pcap());
    // The handshake and the end stay where they are.
    let range = 3..talk.frames.len() - 2;
    for at in range.clone() {
        let mut frames = talk.frames.clone();
        frames.insert(at, frames[at].clone());
        let repeated = read(&pcap(&frames));
        assert_eq!(repeated.lines(), expected.lines(), "{at} came twice");
        assert_eq!(repeated.messages()[0].octets, MESSAGE);
        assert_eq!(
            repeated.stats[0].up.retransmissions + repeated.stats[0].down.retransmissions,
            1
        );
    }
    for at in range.start..range.end - 1 {
        let mut frames = talk.frames.clone();
        frames.swap(at, at + 1);
        let swapped = read(&pcap(&frames));
        let mut lines = [swapped.lines(), expected.lines()];
        lines.iter_mut().for_each(|lines| lines.sort());
        assert_eq!(lines[0], lines[1], "{at} came behind the next");
        assert_eq!(swapped.messages()[0].octets, MESSAGE);
        assert_eq!(swapped.holes(), []);
    }
}

#[test]
fn a_lost_segment_is_a_hole_of_its_size_and_the_dialogue_goes_on() {
    let talk = mail();
    for lost in 3..talk.frames.len() - 2 {
        let mut frames = talk.frames.clone();
        let size = frames.remove(lost).len() as u64 - 54;
        let read = read(&pcap(&frames));
        let holes = read.holes();
        assert_eq!(holes.len(), 1, "without {lost}: {}", read.shown());
        assert_eq!(holes[0].1, size, "without {lost}");
        let is_quit = lost == talk.frames.len() - 4;
        assert!(
            is_quit || read.commands().last().is_some_and(|line| line == "QUIT"),
            "without {lost}: {}",
            read.shown()
        );
    }
}

#[test]
fn a_hole_in_a_message_leaves_the_rest_of_it() {
    let talk = mail();
    // "At noon?"
    let mut frames = talk.frames.clone();
    frames.remove(16);
    let read = read(&pcap(&frames));
    let message = &read.messages()[0];
    assert_eq!((message.lost, read.stats[0].said.incomplete), (10, 1));
    assert!(message.octets.starts_with(b"Subject: Lunch"));
    assert_eq!(message.outcome, "250 queued as 17", "{}", read.shown());
}

#[test]
fn a_hole_in_pop3_and_imap_leaves_what_follows() {
    let pop = Talk::new(110)
        .script("S: +OK\nC: USER b\nS: +OK\nC: PASS h\nS: +OK\nC: RETR 1\nS: +OK\\a\nS: b\nS: c\\.\nC: STAT\nS: +OK 1 2\nC: QUIT\nS: +OK")
        .close();
    for lost in 3..pop.frames.len() - 4 {
        let mut frames = pop.frames.clone();
        frames.remove(lost);
        let read = read(&pcap(&frames));
        assert_eq!(read.holes().len(), 1, "without {lost}: {}", read.shown());
        assert_eq!(
            read.commands().last().map(String::as_str),
            Some("QUIT"),
            "without {lost}: {}",
            read.shown()
        );
    }
    let imap = Talk::new(143)
        .script(
            "S: * OK\nC: a LOGIN b h\nS: a OK\nC: b SELECT INBOX\nS: b OK\nC: c FETCH 1 BODY[]\nS: * 1 FETCH (BODY[] {10}\nS: 12345678
             S: )\nS: c OK\nC: d APPEND INBOX {5}\nS: + go\nC: 123\nC: \nS: d OK\nC: e NOOP\nS: e OK\nC: f LOGOUT\nS: * BYE\\f OK",
        )
        .close();
    for lost in 3..imap.frames.len() - 4 {
        let mut frames = imap.frames.clone();
        frames.remove(lost);
        let read = read(&pcap(&frames));
        assert_eq!(read.holes().len(), 1, "without {lost}: {}", read.shown());
        assert_eq!(
            read.commands().last().map(String::as_str),
            Some("f LOGOUT"),
            "without {lost}: {}",
            read.shown()
        );
    }
}

#[test]
fn sequence_numbers_wrap_around() {
    let whole = read(&mail().pcap());
    for before in [1, 10, 30, 60, 100] {
        let first = u32::MAX - before;
        let talk = Talk::beginning_at(25, [first, first]).script(MAIL).close();
        let mut frames = talk.frames.clone();
        frames.swap(8, 10);
        for frames in [talk.frames, frames] {
            let wrapped = read(&pcap(&frames));
            assert_eq!(wrapped.messages()[0].octets, MESSAGE, "{before} before the end");
            assert_eq!(wrapped.holes(), []);
            assert_eq!(wrapped.stats[0].up.octets, whole.stats[0].up.octets);
        }
    }
}

#[test]
fn where_segments_overlap_the_first_counts_and_the_difference_is_told() {
    let mut talk = Talk::new(25).script("S: 220 mx\nC: EHLO c");
    let next = talk.next;
    // Behind what was delivered, and over what waits.
    talk.frames.push(frame(
        25,
        Side::Client,
        [next[0] - 8, next[1]],
        b"HELO c\r\nNOOP\r\n",
        |_| {},
    ));
    talk.next[0] += 6;
    talk.frames.push(frame(
        25,
        Side::Client,
        [talk.next[0] + 6, next[1]],
        b"RSET\r\n",
        |_| {},
    ));
    talk.frames
        .push(frame(25, Side::Client, talk.next, b"VRFY\r\nXXXX\r\n", |_| {}));
    talk.next[0] += 12;
    let read = read(&talk.script("S: 250 mx\\250 ok\\252 ok\\250 ok").close().pcap());
    assert_eq!(read.commands(), ["EHLO c", "NOOP", "VRFY", "RSET"]);
    let differing: Vec<_> = read
        .warnings()
        .into_iter()
        .filter(|warning| warning.contains("differ"))
        .collect();
    assert_eq!(differing.len(), 2, "{:?}", read.warnings());
    assert_eq!(read.stats[0].up.differing, 2 + 4);
}

/// Against a naive oracle: each octet belongs to the first segment that brought it. A segment begins at 0 to 5 and has 1 to
/// 4 octets; three of them.
#[test]
fn overlaps_are_put_together_as_an_oracle_does() {
    let segments: Vec<(usize, usize)> = (0..6)
        .flat_map(|start| (1..5).map(move |length| (start, length)))
        .collect();
    let stamp = wiretap::item::Stamp::default();
    for first in &segments {
        for second in &segments {
            for third in &segments {
                let mut oracle = [None; 12];
                let mut direction = tcp::Direction::default();
                direction.begin(u32::MAX - 3);
                let mut out = Vec::new();
                for (name, (start, length)) in [b'a', b'b', b'c'].into_iter().zip([first, second, third]) {
                    let octets: Vec<u8> = vec![name; *length];
                    let sequence = (u32::MAX - 2).wrapping_add(*start as u32);
                    direction.segment((stamp, 0), sequence, &octets, 0, false, &mut out);
                    for place in &mut oracle[*start..*start + *length] {
                        place.get_or_insert(name);
                    }
                }
                direction.close(stamp, &mut out);
                let end = oracle.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
                let expected: Vec<u8> = oracle[..end].iter().map(|octet| octet.unwrap_or(b'-')).collect();
                let mut found = Vec::new();
                for (piece, _) in out {
                    match piece {
                        tcp::Piece::Octets(_, octets) => found.extend(octets),
                        tcp::Piece::Hole(_, octets) => found.extend(vec![b'-'; octets as usize]),
                    }
                }
                assert_eq!(found, expected, "{first:?} {second:?} {third:?}");
            }
        }
    }
}

#[test]
fn snapped_packets_have_holes_at_their_ends() {
    let whole = mail();
    for snaplen in (54..200).step_by(7) {
        let read = read(&pcap_with(&whole.frames, 1, snaplen));
        let [up, down] = [read.stats[0].up, read.stats[0].down];
        let sent: usize = whole.frames.iter().map(|frame| frame.len() - 54).sum();
        assert_eq!(
            up.octets + up.lost + down.octets + down.lost,
            sent as u64,
            "at {snaplen}"
        );
    }
}

#[test]
fn a_dialogue_is_read_from_its_midst() {
    let talk = mail();
    for from in 3..talk.frames.len() - 4 {
        let read = read(&pcap(&talk.frames[from..]));
        assert_eq!(
            read.commands().last().map(String::as_str),
            Some("QUIT"),
            "from {from}: {}",
            read.shown()
        );
    }
    let read = read(&pcap(&talk.frames[6..]));
    assert_eq!(read.messages()[0].octets, MESSAGE);
    assert!(read.shown().contains("(from its midst)"));
}

#[test]
fn one_side_alone_is_read() {
    let talk = mail();
    let of = |side: Side| -> Vec<Vec<u8>> {
        let port = if side == Side::Client { 34..36 } else { 36..38 };
        let is_his = |frame: &&Vec<u8>| frame[port.clone()] != 25_u16.to_be_bytes();
        talk.frames.iter().filter(is_his).cloned().collect()
    };
    let client = read(&pcap(&of(Side::Client)));
    assert_eq!(
        client.commands().last().map(String::as_str),
        Some("QUIT"),
        "{}",
        client.shown()
    );
    assert_eq!(client.messages()[0].octets, MESSAGE);
    let server = read(&pcap(&of(Side::Server)));
    assert!(server.lines().contains(&"S: 354 go".to_owned()));
}

#[test]
fn a_reset_ends_a_connection_and_another_may_follow_at_the_same_ports() {
    let mut talk = Talk::new(25).script("S: 220 mx\nC: EHLO c");
    talk.segment(Side::Server, b"", |tcp| tcp.rst = true);
    let mut frames = talk.frames;
    let again = Talk::beginning_at(25, [90_000_000, 80_000_000]).script(MAIL).close();
    frames.extend(again.frames);
    let read = read(&pcap(&frames));
    let closed = read.items.iter().filter_map(|item| match item.kind {
        Kind::Closed(why) => Some((item.stream, why)),
        _ => None,
    });
    let closed = closed.collect::<Vec<_>>();
    assert_eq!(closed, [(1, "broken off (RST)"), (2, "closed by both sides")]);
    assert_eq!(read.messages().len(), 1);
}

/// docs/threats.md row 11: what waits is bounded, however much comes behind a hole.
#[test]
fn what_waits_for_a_hole_is_bounded() {
    let mut direction = tcp::Direction::default();
    direction.begin(0);
    let stamp = wiretap::item::Stamp::default();
    let (mut out, mut told) = (Vec::new(), 0);
    for number in 0..4096_u32 {
        direction.segment((stamp, 0), 11 + number * 1000, &[b'x'; 1000], 0, false, &mut out);
        told += out
            .drain(..)
            .map(|(piece, _)| match piece {
                tcp::Piece::Octets(_, octets) => octets.len(),
                tcp::Piece::Hole(_, octets) => octets as usize,
            })
            .sum::<usize>();
        let waits = (number as usize + 1) * 1000 + 10 - told;
        assert!(waits <= tcp::HELD + 2000, "{waits} octets wait");
    }
    assert!(told > 3_000_000, "the hole was given up");
}

#[test]
fn any_damage_is_survived() {
    let capture = [&[33][..], &mail().pcap()].concat();
    for at in 0..capture.len() {
        let mut damaged = capture.clone();
        damaged[at] ^= [0x01, 0x80, 0xff][at % 3];
        fuzzing::capture(&damaged);
    }
    let mut state = 1_u32;
    let mut garbage = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let noise: Vec<u8> = (0..4000).map(|_| garbage()).collect();
    let talk = mail();
    let mut frames = talk.frames.clone();
    frames.extend(noise.chunks(80).map(<[u8]>::to_vec));
    assert_eq!(read(&pcap(&frames)).messages()[0].octets, MESSAGE);
}
