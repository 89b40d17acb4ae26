//! The memory that a message of any size takes while it streams through.
//!
//! 64 MiB here; as long as one likes with
//!
//! ```text
//! STREAM_OCTETS=2147483648 cargo test --release -p mime-codec --test stream_memory -- --nocapture
//! ```

#![cfg(target_os = "linux")]

use mime_codec::transfer::{TransferEncoding, encode};
use mime_codec::{Bodies, Event, StreamParser};

/// The most that may be used above what the process uses without a message.
const MOST: usize = 1 << 20;

/// Octets of a part.
const PART: usize = 8 << 20;

/// The most memory that the process has ever held, in octets.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak is told");
    let kilobytes = line
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|text| text.parse::<usize>().ok());
    kilobytes.expect("a number of kilobytes") * 1024
}

/// Parses and counts.
struct Reader {
    parser: StreamParser,
    octets: u64,
    decoded: u64,
    parts: u64,
    defects: u64,
}

impl Reader {
    fn feed(&mut self, mut octets: &[u8]) {
        self.octets += octets.len() as u64;
        while !octets.is_empty() {
            self.poll();
            let taken = self.parser.push(octets);
            octets = &octets[taken..];
        }
    }

    /// Takes events until more octets are needed. Answers whether there will be more.
    fn poll(&mut self) -> bool {
        loop {
            match self.parser.poll() {
                Event::NeedInput => return true,
                Event::End => return false,
                Event::Body(octets) => self.decoded += octets.len() as u64,
                Event::PartBegins { .. } => self.parts += 1,
                Event::Defect(_) => self.defects += 1,
                _ => {}
            }
        }
    }
}

#[test]
fn a_message_of_any_size_takes_less_than_a_mebibyte() {
    let size: u64 = std::env::var("STREAM_OCTETS").map_or(64 << 20, |text| text.parse().expect("a number of octets"));
    let lines = encode(TransferEncoding::Base64, &[b'k'; 57 * 256]);
    let inner = encode(
        TransferEncoding::Base64,
        &b"Subject: in\r\n\r\nKetchup, ketchup, ketchup, ketchup, and more ketchup.\r\n".repeat(57),
    );
    let quoted = b"Cr=C3=AApes with ketchup, and then some more cr=C3=AApes, and =\r\nketchup.\r\n".repeat(200);
    let before = peak();
    let mut reader = Reader {
        parser: StreamParser::new(Bodies::Decoded),
        octets: 0,
        decoded: 0,
        parts: 0,
        defects: 0,
    };
    reader.feed(b"Subject: endless\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    let kinds: [(&[u8], &[u8]); 3] = [
        (b"\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n", &lines),
        (
            b"\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            &inner,
        ),
        (
            b"\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            &quoted,
        ),
    ];
    for (header, piece) in kinds.iter().cycle() {
        reader.feed(header);
        for _ in 0..PART / piece.len() {
            reader.feed(piece);
        }
        if reader.octets >= size {
            break;
        }
    }
    reader.feed(b"\r\n--b--\r\n");
    reader.parser.finish();
    assert!(!reader.poll());
    let used = peak() - before;
    println!(
        "{} octets in {} parts, {} decoded: {} KiB above the process itself",
        reader.octets,
        reader.parts,
        reader.decoded,
        used / 1024
    );
    assert_eq!(reader.defects, 0);
    assert!(reader.decoded > reader.octets / 2);
    assert!(used < MOST, "{used} octets");
}
