//! Forms of captures, and what is below TCP.

use etherparse::PacketBuilder;
use wiretap::capture::CaptureFault;
use wiretap::item::Item;
use wiretap::{Wiretap, fuzzing};

use crate::support::{CLIENT, MESSAGE, SERVER, mail, pcap, pcap_with, read};

/// What is told of a capture, without the times, which depend on the form.
fn told(capture: &[u8]) -> Vec<Item> {
    let mut items = read(capture).items;
    for item in &mut items {
        item.stamp.time = std::time::Duration::ZERO;
    }
    items
}

#[test]
fn all_forms_of_captures_tell_the_same() {
    let frames = mail().frames;
    let expected = told(&pcap(&frames));
    for nanoseconds in [false, true] {
        for big_endian in [false, true] {
            assert_eq!(told(&classic(&frames, big_endian, nanoseconds)), expected);
        }
    }
    for big_endian in [false, true] {
        assert_eq!(told(&next_generation(&frames, big_endian)), expected);
    }
}

fn octets(value: u32, big_endian: bool) -> [u8; 4] {
    match big_endian {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    }
}

fn classic(frames: &[Vec<u8>], big_endian: bool, nanoseconds: bool) -> Vec<u8> {
    let magic = if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    let version = if big_endian { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
    let mut file = octets(magic, big_endian).to_vec();
    file.extend(version);
    for value in [0, 0, 65535, 1] {
        file.extend(octets(value, big_endian));
    }
    for frame in frames {
        let length = frame.len() as u32;
        for value in [1_700_000_000, 5, length, length] {
            file.extend(octets(value, big_endian));
        }
        file.extend(frame);
    }
    file
}

fn block(kind: u32, body: &[u8], big_endian: bool) -> Vec<u8> {
    let length = octets(body.len() as u32 + 12, big_endian);
    [&octets(kind, big_endian), &length, body, &length].concat()
}

fn next_generation(frames: &[Vec<u8>], big_endian: bool) -> Vec<u8> {
    let short = |value: u16| {
        if big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let magic = octets(0x1a2b_3c4d, big_endian);
    let section = [&magic[..], &short(1), &short(0), &[0xff; 8]].concat();
    let interface = [
        &short(1)[..],
        &[0, 0],
        &octets(0, big_endian),
        &short(9),
        &short(1),
        &[9, 0, 0, 0],
        &[0; 4],
    ]
    .concat();
    let mut file = block(0x0a0d_0d0a, &section, big_endian);
    file.extend(block(1, &interface, big_endian));
    // A block that nobody knows.
    file.extend(block(0x0bad, &[0; 8], big_endian));
    for frame in frames {
        let length = octets(frame.len() as u32, big_endian);
        let mut body = [
            &octets(0, big_endian)[..],
            &octets(1, big_endian),
            &octets(7, big_endian),
            &length,
            &length,
            frame,
        ]
        .concat();
        body.resize(body.len().next_multiple_of(4), 0);
        file.extend(block(6, &body, big_endian));
    }
    file
}

#[test]
fn all_link_types_tell_the_same() {
    let frames = mail().frames;
    let expected = told(&pcap(&frames));
    let under =
        |header: &[u8]| -> Vec<Vec<u8>> { frames.iter().map(|frame| [header, &frame[14..]].concat()).collect() };
    let ethernet = &frames[0][..12];
    let vlan = [ethernet, &[0x81, 0, 0, 5, 8, 0]].concat();
    let two_vlans = [ethernet, &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat();
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18]].concat();
    let forms = [
        (1, under(&vlan)),
        (1, under(&two_vlans)),
        (113, under(&cooked)),
        (276, under(&cooked_2)),
        (101, under(&[])),
        (228, under(&[])),
        (0, under(&[2, 0, 0, 0])),
        (108, under(&[0, 0, 0, 2])),
    ];
    for (link, frames) in forms {
        assert_eq!(told(&pcap_with(&frames, link, 65535)), expected, "link type {link}");
    }
}

#[test]
fn ipv6_is_read() {
    let mut frames = Vec::new();
    for (number, line) in ["220 mx\r\n", "QUIT\r\n", "221 bye\r\n"].into_iter().enumerate() {
        let from_server = number != 1;
        let (source, destination) = if from_server { (25, 40000) } else { (40000, 25) };
        let sequence = [1, 1, 9][number];
        let builder = PacketBuilder::ipv6([1; 16], [2; 16], 64)
            .tcp(source, destination, sequence, 1000)
            .ack(1);
        let mut frame = Vec::new();
        builder.write(&mut frame, line.as_bytes()).expect("memory takes it");
        if from_server {
            // The server's address is the other one.
            let (from, to): ([u8; 16], [u8; 16]) = ([2; 16], [1; 16]);
            frame[8..24].copy_from_slice(&from);
            frame[24..40].copy_from_slice(&to);
        }
        frames.push(frame);
    }
    let read = read(&pcap_with(&frames, 229, 65535));
    assert_eq!(read.lines(), ["S: 220 mx", "C: QUIT", "S: 221 bye"]);
}

#[test]
fn fragments_and_unknown_links_are_reported() {
    let mut frames = mail().frames;
    // "More fragments" in the first.
    frames[0][20] |= 0x20;
    let warnings = read(&pcap(&frames)).warnings();
    assert!(warnings[0].contains("are not put together"), "{warnings:?}");
    let warnings = read(&pcap_with(&frames, 147, 65535)).warnings();
    assert_eq!(warnings, ["link type 147 is not known"]);
}

#[test]
fn lookups_are_told() {
    let name = b"\x02mx\x07example\x00";
    let query = [&b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0"[..], name, &[0, 15, 0, 1]].concat();
    let rest = b"\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x08\0\x0a\x03mx1\xc0\x0c";
    let answer = [&b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0"[..], name, &[0, 15, 0, 1], rest].concat();
    let datagram = |from, to, source, destination, octets: &[u8]| {
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4(from, to, 64)
            .udp(source, destination);
        let mut frame = Vec::new();
        builder.write(&mut frame, octets).expect("memory takes it");
        frame
    };
    let frames = [
        datagram(CLIENT, SERVER, 4000, 53, &query),
        datagram(SERVER, CLIENT, 53, 4000, &answer),
    ];
    let shown = read(&pcap(&frames)).shown();
    assert!(
        shown.contains("?: DNS: MX of mx.example.? (192.0.2.1:4000 asks 192.0.2.25:53)"),
        "{shown}"
    );
    assert!(shown.contains("MX 10 mx1.mx.example."), "{shown}");
    // At another port, which is told.
    let frames = [
        datagram(CLIENT, SERVER, 4000, 5300, &query),
        datagram(SERVER, CLIENT, 5300, 4000, &answer),
    ];
    assert_eq!(read(&pcap(&frames)).items, []);
    let ports = [(5300, wiretap::protocol::Protocol::Dns)].into();
    assert_eq!(crate::support::read_with(&pcap(&frames), ports).items.len(), 2);
    // The same over TCP, two messages in one segment and one in two.
    let framed = |octets: &[u8]| [&(octets.len() as u16).to_be_bytes()[..], octets].concat();
    let mut talk = crate::support::Talk::new(53);
    talk.client(&[framed(&query), framed(&query)].concat());
    let answer = framed(&answer);
    talk.server(&answer[..9]);
    talk.server(&answer[9..]);
    let shown = read(&talk.close().pcap()).shown();
    assert_eq!(shown.matches("MX of mx.example.?").count(), 2, "{shown}");
    assert!(shown.contains("MX 10 mx1.mx.example."), "{shown}");
}

#[test]
fn how_a_capture_is_cut_never_matters() {
    let capture = mail().pcap();
    for piece in [1, 2, 3, 7, 16, 100] {
        fuzzing::capture(&[&[piece][..], &capture].concat());
    }
}

#[test]
fn what_is_no_capture_is_refused() {
    let fault = |octets: &[u8]| Wiretap::default().push(octets).expect_err("not a capture");
    assert_eq!(fault(&[7; 64]), CaptureFault::Unknown);
    let mut capture = mail().pcap();
    capture[24 + 8..24 + 12].copy_from_slice(&[0xff; 4]);
    assert_eq!(fault(&capture), CaptureFault::TooLong { offset: 24 });
    let mut capture = next_generation(&mail().frames, false);
    // A length that is no multiple of four.
    let second = 28;
    capture[second + 4] = 33;
    assert_eq!(fault(&capture), CaptureFault::Damaged { offset: 28 });
}

#[test]
fn a_capture_that_ends_in_a_packet_tells_what_is_there() {
    let capture = mail().pcap();
    let read = read(&capture[..capture.len() - 10]);
    assert_eq!(read.messages()[0].octets, MESSAGE);
    assert!(
        read.warnings()
            .iter()
            .any(|warning| warning.contains("ends in the midst of a packet"))
    );
}
