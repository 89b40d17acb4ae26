//! What is told of a capture, one thing at a time.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::Lookup;
use crate::message::Found;
use crate::protocol::Protocol;
use crate::sasl::Fact;

/// Which packet, and when it was captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Counted from 1.
    pub packet: u64,
    /// Since 1970.
    pub time: Duration,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who opened the connection.
    Client,
    /// Who was called.
    Server,
}

impl Side {
    /// To whom it speaks.
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// `client` or `server`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// When.
    pub stamp: Stamp,
    /// In which connection, counted from 1; 0 is none.
    pub stream: u32,
    /// Who did it, if it was one side.
    pub side: Option<Side>,
    /// What.
    pub kind: Kind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A connection was seen for the first time.
    Opened {
        /// Who opened it.
        client: SocketAddr,
        /// Who was called.
        server: SocketAddr,
        /// Its first segment was captured.
        from_the_start: bool,
    },
    /// What is spoken, and how that was found out.
    Recognised(Protocol, &'static str),
    /// A line.
    Line(Line),
    /// What a line of an AUTH exchange says.
    Decoded(Vec<Fact>),
    /// Where the dialogue stands now, as the machine says.
    Phase(&'static str),
    /// Something to know.
    Note(String),
    /// Something that breaks a rule, or that this program cannot follow.
    Warning(String),
    /// A message went over the wire.
    Message(Box<Found>),
    /// Octets that were not captured.
    Hole(u64),
    /// From here on, nobody can read along.
    Opaque(&'static str),
    /// Octets that cannot be read went over the wire.
    Unread {
        /// From the client.
        client: u64,
        /// From the server.
        server: u64,
    },
    /// A lookup in the DNS.
    Lookup(Box<Lookup>),
    /// A connection is over.
    Closed(&'static str),
}

/// A line that one side said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Without its line end, and at most [`Line::LONGEST`] octets of it.
    pub text: Vec<u8>,
    /// Octets of the whole line, with its end.
    pub octets: usize,
    /// From this octet of the text on, it is secret.
    pub secret: Option<usize>,
    /// What it is for, and where that is written.
    pub about: Option<About>,
}

/// A sentence and its citation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// What it is for.
    pub what: &'static str,
    /// `RFC 5321 §4.1.1.2`
    pub rfc: &'static str,
}

impl Line {
    /// Octets of a line that are kept.
    pub const LONGEST: usize = 2000;

    /// A line as it came.
    pub fn new(line: &[u8]) -> Self {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Self {
            text: text[..text.len().min(Self::LONGEST)].to_vec(),
            octets: line.len(),
            secret: None,
            about: None,
        }
    }

    /// With an explanation.
    #[must_use]
    pub fn about(mut self, about: Option<About>) -> Self {
        self.about = about;
        self
    }

    /// Everything from this octet on is secret.
    #[must_use]
    pub fn secret_from(mut self, at: Option<usize>) -> Self {
        self.secret = at;
        self
    }
}

/// What one connection tells, in the order of its packets.
#[derive(Debug, Default)]
pub struct Log {
    stream: u32,
    items: Vec<Item>,
}

impl Log {
    /// Of this connection.
    pub fn new(stream: u32) -> Self {
        Self {
            stream,
            items: Vec::new(),
        }
    }

    /// Says something of one side.
    pub fn say(&mut self, stamp: Stamp, side: Side, kind: Kind) {
        self.push(stamp, Some(side), kind);
    }

    /// Says something of the connection.
    pub fn tell(&mut self, stamp: Stamp, kind: Kind) {
        self.push(stamp, None, kind);
    }

    /// How much has not been taken.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether everything has been taken.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Everything, in the order of the packets: a command that had to wait for the reply to the one before it stands where
    /// it was sent.
    pub fn take(&mut self) -> Vec<Item> {
        let mut items = std::mem::take(&mut self.items);
        items.sort_by_key(|item| item.stamp.packet);
        items
    }

    fn push(&mut self, stamp: Stamp, side: Option<Side>, kind: Kind) {
        self.items.push(Item {
            stamp,
            stream: self.stream,
            side,
            kind,
        });
    }
}
