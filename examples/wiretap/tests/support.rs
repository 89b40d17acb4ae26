//! Builds captures, and shows what is read of them.

use std::time::Duration;

use etherparse::PacketBuilder;
use wiretap::item::{Item, Kind, Side};
use wiretap::message::Found;
use wiretap::report::text;
use wiretap::stream::Ports;
use wiretap::{StreamStats, Wiretap};

/// A connection that is being made up: Ethernet frames of IPv4.
#[derive(Clone)]
pub(crate) struct Talk {
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) port: u16,
    /// The next sequence number of each side.
    pub(crate) next: [u32; 2],
}

pub(crate) const CLIENT: [u8; 4] = [192, 0, 2, 1];
pub(crate) const SERVER: [u8; 4] = [192, 0, 2, 25];

impl Talk {
    /// With SYN both ways.
    pub(crate) fn new(port: u16) -> Self {
        Self::beginning_at(port, [1000, 5000])
    }

    pub(crate) fn beginning_at(port: u16, first: [u32; 2]) -> Self {
        let mut talk = Self {
            frames: Vec::new(),
            port,
            next: first,
        };
        talk.segment(Side::Client, b"", |tcp| tcp.syn = true);
        talk.next[0] = talk.next[0].wrapping_add(1);
        talk.segment(Side::Server, b"", |tcp| tcp.syn = true);
        talk.next[1] = talk.next[1].wrapping_add(1);
        talk.segment(Side::Client, b"", |_| {});
        talk
    }

    /// `C: ` and `S: ` lines, each a segment; `\` is CRLF inside one.
    pub(crate) fn script(mut self, lines: &str) -> Self {
        for line in lines.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            let (side, text) = line.split_at(3);
            let octets = format!("{}\r\n", text.replace('\\', "\r\n")).into_bytes();
            match side {
                "C: " => self.client(&octets),
                _ => self.server(&octets),
            }
        }
        self
    }

    pub(crate) fn client(&mut self, octets: &[u8]) {
        self.say(Side::Client, octets);
    }

    pub(crate) fn server(&mut self, octets: &[u8]) {
        self.say(Side::Server, octets);
    }

    /// Octets, in one segment.
    pub(crate) fn say(&mut self, side: Side, octets: &[u8]) {
        self.segment(side, octets, |_| {});
        let next = &mut self.next[side as usize];
        *next = next.wrapping_add(octets.len() as u32);
    }

    /// FIN both ways.
    pub(crate) fn close(mut self) -> Self {
        self.segment(Side::Client, b"", |tcp| tcp.fin = true);
        self.segment(Side::Server, b"", |tcp| tcp.fin = true);
        self
    }

    pub(crate) fn segment(&mut self, side: Side, octets: &[u8], change: impl Fn(&mut etherparse::TcpHeader)) {
        let frame = frame(self.port, side, self.next, octets, change);
        self.frames.push(frame);
    }

    pub(crate) fn pcap(&self) -> Vec<u8> {
        pcap(&self.frames)
    }
}

pub(crate) fn frame(
    port: u16,
    side: Side,
    next: [u32; 2],
    octets: &[u8],
    change: impl Fn(&mut etherparse::TcpHeader),
) -> Vec<u8> {
    let (from, to, source, destination) = match side {
        Side::Client => (CLIENT, SERVER, 40000, port),
        Side::Server => (SERVER, CLIENT, port, 40000),
    };
    let [mine, theirs] = match side {
        Side::Client => next,
        Side::Server => [next[1], next[0]],
    };
    let mut tcp = etherparse::TcpHeader::new(source, destination, mine, 65535);
    (tcp.ack, tcp.acknowledgment_number, tcp.psh) = (true, theirs, !octets.is_empty());
    change(&mut tcp);
    if tcp.syn && side == Side::Client {
        tcp.ack = false;
    }
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4(from, to, 64)
        .tcp_header(tcp);
    let mut frame = Vec::new();
    builder.write(&mut frame, octets).expect("memory takes it");
    frame
}

/// A capture of Ethernet frames, a millisecond apart.
pub(crate) fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    pcap_with(frames, 1, 65535)
}

/// The same of any link type, cut to `snaplen` octets each.
pub(crate) fn pcap_with(frames: &[Vec<u8>], link: u32, snaplen: usize) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend_from_slice(&0xa1b2_c3d4_u32.to_le_bytes());
    file.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend_from_slice(&65535_u32.to_le_bytes());
    file.extend_from_slice(&link.to_le_bytes());
    for (number, frame) in frames.iter().enumerate() {
        let kept = &frame[..frame.len().min(snaplen)];
        for value in [
            1_700_000_000,
            number as u32 * 1000,
            kept.len() as u32,
            frame.len() as u32,
        ] {
            file.extend_from_slice(&value.to_le_bytes());
        }
        file.extend_from_slice(kept);
    }
    file
}

/// All that a capture tells.
pub(crate) struct Read {
    pub(crate) items: Vec<Item>,
    pub(crate) stats: Vec<StreamStats>,
}

pub(crate) fn read(capture: &[u8]) -> Read {
    read_with(capture, Ports::default())
}

pub(crate) fn read_with(capture: &[u8], ports: Ports) -> Read {
    let mut wiretap = Wiretap::new(ports);
    let mut items = wiretap.push(capture).expect("a capture that can be read");
    items.extend(wiretap.end());
    Read {
        items,
        stats: wiretap.stats().to_vec(),
    }
}

impl Read {
    /// Lines of both sides, as `C: …` and `S: …`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.items.iter().filter_map(|item| match (&item.kind, item.side) {
            (Kind::Line(line), Some(Side::Client)) => Some(format!("C: {}", String::from_utf8_lossy(&line.text))),
            (Kind::Line(line), _) => Some(format!("S: {}", String::from_utf8_lossy(&line.text))),
            _ => None,
        });
        lines.collect()
    }

    /// Those of the client, without `C: `.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.lines()
            .iter()
            .filter_map(|line| line.strip_prefix("C: ").map(str::to_owned))
            .collect()
    }

    pub(crate) fn messages(&self) -> Vec<Found> {
        let messages = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Message(found) => Some((**found).clone()),
            _ => None,
        });
        messages.collect()
    }

    pub(crate) fn holes(&self) -> Vec<(Option<Side>, u64)> {
        let holes = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Hole(octets) => Some((item.side, *octets)),
            _ => None,
        });
        holes.collect()
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Warning(text) => Some(text.clone()),
            _ => None,
        });
        warnings.collect()
    }

    /// Each secret or other thing that was decoded: `user=alice`.
    pub(crate) fn decoded(&self) -> Vec<String> {
        let facts = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Decoded(facts) => Some(facts),
            _ => None,
        });
        facts
            .flatten()
            .map(|fact| format!("{}={}", fact.name, String::from_utf8_lossy(&fact.value)))
            .collect()
    }

    pub(crate) fn shown(&self) -> String {
        let mut shown = Vec::new();
        for item in &self.items {
            text::write(item, Duration::ZERO, text::Style::default(), &mut shown).expect("memory takes it");
        }
        String::from_utf8(shown).expect("what is shown is text")
    }
}

/// A dialogue with a message of two lines, of which one is stuffed.
pub(crate) fn mail() -> Talk {
    Talk::new(25).script(MAIL).close()
}

pub(crate) const MAIL: &str = "
    S: 220 mx.example ESMTP
    C: EHLO client.example
    S: 250-mx.example\\250 SIZE 1000
    C: MAIL FROM:<alice@client.example>
    S: 250 ok
    C: RCPT TO:<bob@mx.example>
    S: 250 ok
    C: RCPT TO:<eve@mx.example>
    S: 550 5.1.1 no such user
    C: DATA
    S: 354 go
    C: Subject: Lunch\\From: alice@client.example\\
    C: At noon?
    C: ..dot\\.
    S: 250 queued as 17
    C: QUIT
    S: 221 bye
";

pub(crate) const MESSAGE: &[u8] = b"Subject: Lunch\r\nFrom: alice@client.example\r\n\r\nAt noon?\r\n.dot\r\n";
