//! One connection: its two directions, put in order, and what reads along.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::dialogue::compressed::Compressed;
use crate::dialogue::dns::Dns;
use crate::dialogue::imap::Imap;
use crate::dialogue::pop3::Pop3;
use crate::dialogue::smtp::Smtp;
use crate::dialogue::tls::Tls;
use crate::dialogue::{self, Dialogue};
use mail_wire::Layer;

use crate::item::{Item, Kind, Log, Side, Stamp};
use crate::packet::Segment;
use crate::protocol::{Guess, Protocol, guess};
use crate::stats::StreamStats;
use crate::tcp::{Direction, Order, Piece};

/// Which protocol is spoken at which port, where the usual does not hold.
pub type Ports = HashMap<u16, Protocol>;

/// A connection.
#[derive(Debug)]
pub struct Stream {
    number: u32,
    client: SocketAddr,
    server: SocketAddr,
    opened: Stamp,
    last: Duration,
    from_the_start: bool,
    up: Direction,
    down: Direction,
    order: Order,
    reader: Reader,
    protocol: Option<Protocol>,
    log: Log,
    turns: Turns,
    is_over: bool,
}

/// What becomes of the octets.
enum Reader {
    /// Kept, until it is known what they are.
    Unknown(Vec<(Side, Piece)>),
    Known(Box<dyn Dialogue>),
    /// Nothing that this program reads.
    Foreign,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown(_) => "Unknown",
            Self::Known(_) => "Known",
            Self::Foreign => "Foreign",
        })
    }
}

/// Who waited for whom, and how long.
#[derive(Debug, Default)]
struct Turns {
    asked: Option<Duration>,
    first: Option<Duration>,
    count: u64,
    waited: Duration,
    longest: Duration,
}

impl Stream {
    /// A connection that this segment is the first of.
    pub fn new(number: u32, stamp: Stamp, segment: &Segment, ports: &Ports) -> Self {
        let port = |end: SocketAddr| ports.get(&end.port()).copied().or(Protocol::of_port(end.port()));
        let from_client = match (segment.syn, segment.acknowledged) {
            (true, None) => true,
            (true, Some(_)) => false,
            _ => {
                port(segment.to).is_some() || (port(segment.from).is_none() && segment.to.port() < segment.from.port())
            }
        };
        let (client, server) = match from_client {
            true => (segment.from, segment.to),
            false => (segment.to, segment.from),
        };
        let mut stream = Self {
            number,
            client,
            server,
            opened: stamp,
            last: stamp.time,
            from_the_start: segment.syn,
            up: Direction::default(),
            down: Direction::default(),
            order: Order::default(),
            reader: Reader::Unknown(Vec::new()),
            protocol: None,
            log: Log::new(number),
            turns: Turns::default(),
            is_over: false,
        };
        if let Some(protocol) = port(server) {
            stream.recognise(stamp, protocol, "by its port");
        }
        stream
    }

    /// Counted from 1.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// When something last happened.
    pub const fn last(&self) -> Duration {
        self.last
    }

    /// Octets that are kept.
    pub fn held(&self) -> usize {
        let read = match &self.reader {
            Reader::Known(dialogue) => dialogue.held(),
            _ => 0,
        };
        read + self.up.held() + self.down.held() + self.order.held() as usize
    }

    /// Both sides have said that nothing more will come.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the segment begins another connection between the same ends.
    pub fn is_another(&self, segment: &Segment) -> bool {
        if !segment.syn {
            return false;
        }
        let direction = if segment.from == self.client {
            &self.up
        } else {
            &self.down
        };
        direction.is_another(segment.sequence) || (self.is_over && segment.acknowledged.is_none())
    }

    /// A segment of this connection.
    pub fn segment(&mut self, stamp: Stamp, segment: &Segment) {
        self.last = stamp.time;
        if self.is_over {
            return;
        }
        let side = if segment.from == self.client {
            Side::Client
        } else {
            Side::Server
        };
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        let (from, to) = match side {
            Side::Client => (&mut self.up, &mut self.down),
            Side::Server => (&mut self.down, &mut self.up),
        };
        let differed = from.tally.differing;
        let mut sequence = segment.sequence;
        if segment.syn {
            from.begin(sequence);
            sequence = sequence.wrapping_add(1);
        }
        // What the other side has received comes before what this one says to it.
        if let Some(number) = segment.acknowledged {
            to.acknowledge(stamp, number, &mut theirs);
        }
        let at = (stamp, to.acknowledged());
        from.segment(at, sequence, &segment.payload, segment.missing, segment.fin, &mut mine);
        let differing = from.tally.differing - differed;
        if differing > 0 {
            let warning =
                format!("{differing} octets were sent once more, and differ: the first count (RFC 9293 §3.10.7.4)");
            self.log.say(stamp, side, Kind::Warning(warning));
        }
        self.order.push(side.other(), theirs);
        self.order.push(side, mine);
        self.read(false);
        let is_finished = self.up.is_finished() && self.down.is_finished();
        if segment.rst || is_finished {
            let why = if segment.rst {
                "broken off (RST)"
            } else {
                "closed by both sides"
            };
            self.close(stamp, why);
        }
    }

    /// Nothing more will come.
    pub fn close(&mut self, stamp: Stamp, why: &'static str) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        let (mut up, mut down) = (Vec::new(), Vec::new());
        self.up.close(stamp, &mut up);
        self.down.close(stamp, &mut down);
        self.order.push(Side::Client, up);
        self.order.push(Side::Server, down);
        self.read(true);
        if let Reader::Known(dialogue) = &mut self.reader {
            dialogue.end(stamp, &mut self.log);
        }
        self.log.tell(stamp, Kind::Closed(why));
    }

    /// Hands out what was found, unless something older may still come; of a connection that nothing was recognised in,
    /// nothing is told.
    pub fn flush(&mut self, all: bool, out: &mut Vec<Item>) {
        let waits = matches!(&self.reader, Reader::Known(dialogue) if dialogue.is_waiting());
        match self.reader {
            Reader::Unknown(_) | Reader::Foreign => {}
            Reader::Known(_) if waits && !all && !self.is_over && self.log.len() < MOST_ITEMS => {}
            Reader::Known(_) => out.append(&mut self.log.take()),
        }
    }

    /// What was counted.
    pub fn stats(&self) -> StreamStats {
        let said = match &self.reader {
            Reader::Known(dialogue) => dialogue.tally(),
            _ => dialogue::Tally::default(),
        };
        StreamStats {
            number: self.number,
            client: self.client,
            server: self.server,
            protocol: self.protocol,
            up: self.up.tally,
            down: self.down.tally,
            said,
            first_reply: self.turns.first,
            turns: self.turns.count,
            waited: self.turns.waited,
            longest_wait: self.turns.longest,
        }
    }

    /// Reads what may be read; with `all`, what there is.
    fn read(&mut self, all: bool) {
        while let Some((side, piece)) = self.order.pop(&self.up, &self.down, all) {
            self.turns.take(self.opened, side, &piece);
            match &mut self.reader {
                Reader::Foreign => {}
                Reader::Known(_) => self.tell(side, &piece),
                Reader::Unknown(kept) => {
                    kept.push((side, piece));
                    self.guess();
                }
            }
        }
    }

    fn tell(&mut self, side: Side, piece: &Piece) {
        let Reader::Known(dialogue) = &mut self.reader else {
            return;
        };
        match piece {
            Piece::Octets(stamp, octets) => dialogue.octets(*stamp, side, octets, &mut self.log),
            Piece::Hole(stamp, octets) => {
                self.log.say(*stamp, side, Kind::Hole(*octets));
                dialogue.hole(*stamp, side, *octets, &mut self.log);
            }
        }
        match dialogue.layer() {
            None => {}
            Some(Layer::Tls) => self.reader = Reader::Known(Box::new(Tls::behind(dialogue.tally()))),
            Some(_) => self.decompress(),
        }
    }

    /// What follows is compressed; the dialogue goes on behind that.
    fn decompress(&mut self) {
        if let Reader::Known(dialogue) = std::mem::replace(&mut self.reader, Reader::Foreign) {
            self.reader = Reader::Known(Box::new(Compressed::new(dialogue)));
        }
    }

    fn guess(&mut self) {
        let Reader::Unknown(kept) = &self.reader else { return };
        let first = |wanted: Side| {
            let octets = kept.iter().filter(move |(side, _)| *side == wanted);
            octets.filter_map(|(_, piece)| match piece {
                Piece::Octets(_, octets) => Some(octets.as_slice()),
                Piece::Hole(..) => None,
            })
        };
        let gather = |side| -> Vec<u8> { first(side).flatten().copied().take(ENOUGH).collect() };
        match guess(&gather(Side::Client), &gather(Side::Server)) {
            Guess::NotYet if kept.len() < MOST_KEPT => {}
            Guess::NotYet | Guess::None => self.reader = Reader::Foreign,
            Guess::Is(protocol, how) => {
                let kept = match std::mem::replace(&mut self.reader, Reader::Foreign) {
                    Reader::Unknown(kept) => kept,
                    _ => Vec::new(),
                };
                self.recognise(self.opened, protocol, how);
                for (side, piece) in kept {
                    self.tell(side, &piece);
                }
            }
        }
    }

    fn recognise(&mut self, stamp: Stamp, protocol: Protocol, how: &'static str) {
        self.protocol = Some(protocol);
        let from_the_start = self.from_the_start;
        let opened = Kind::Opened {
            client: self.client,
            server: self.server,
            from_the_start,
        };
        self.log.tell(stamp, opened);
        self.log.tell(stamp, Kind::Recognised(protocol, how));
        self.reader = Reader::Known(match protocol {
            Protocol::Smtp | Protocol::Submission => Box::new(Smtp::new(false, from_the_start)),
            Protocol::Lmtp => Box::new(Smtp::new(true, from_the_start)),
            Protocol::Pop3 => Box::new(Pop3::new(from_the_start)),
            Protocol::Imap => Box::new(Imap::new(from_the_start)),
            Protocol::Tls => Box::new(Tls::new()),
            Protocol::Dns => Box::new(Dns::new(self.client, self.server)),
        });
    }
}

/// What reads along, chosen by an octet.
pub(crate) fn read_along(octet: u8) -> Box<dyn Dialogue> {
    let from_the_start = octet & 1 == 0;
    match octet >> 1 {
        0 | 1 => Box::new(Smtp::new(false, from_the_start)),
        2 => Box::new(Smtp::new(true, from_the_start)),
        3 | 4 => Box::new(Pop3::new(from_the_start)),
        5 => Box::new(Tls::new()),
        6 => Box::new(Compressed::new(Box::new(Imap::new(from_the_start)))),
        _ => Box::new(Imap::new(from_the_start)),
    }
}

impl Turns {
    fn take(&mut self, opened: Stamp, side: Side, piece: &Piece) {
        let Piece::Octets(stamp, _) = piece else { return };
        match side {
            Side::Client => {
                self.asked.get_or_insert(stamp.time);
            }
            Side::Server => {
                self.first.get_or_insert(stamp.time.saturating_sub(opened.time));
                let Some(asked) = self.asked.take() else { return };
                let waited = stamp.time.saturating_sub(asked);
                self.count += 1;
                self.waited = self.waited.saturating_add(waited);
                self.longest = self.longest.max(waited);
            }
        }
    }
}

/// Octets of each side that a protocol is recognised by.
const ENOUGH: usize = 64;
/// Pieces that are kept until then.
const MOST_KEPT: usize = 16;
/// Items that wait for older ones.
const MOST_ITEMS: usize = 10_000;
