//! TLS, as far as it shows: the hello messages of both sides, and how many octets pass (RFC 8446 §4.1).

use super::{Dialogue, Tally};
use crate::item::{Kind, Log, Side, Stamp};

/// Octets that cannot be read.
#[derive(Debug, Default)]
pub struct Tls {
    hello: [Hello; 2],
    octets: [u64; 2],
    before: Tally,
}

/// The first records of one side, up to the end of its hello.
#[derive(Debug, Default)]
struct Hello {
    octets: Vec<u8>,
    is_known: bool,
}

impl Tls {
    /// From the first octet on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Behind a dialogue in plaintext.
    pub fn behind(before: Tally) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }

    fn look(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        let hello = &mut self.hello[side as usize];
        if hello.is_known {
            return;
        }
        let room = LONGEST_HELLO.saturating_sub(hello.octets.len());
        hello.octets.extend_from_slice(&octets[..octets.len().min(room)]);
        let found = match read_records(&hello.octets) {
            Records::More if room > octets.len() => return,
            Records::More | Records::Foreign => None,
            Records::Handshake(message) => Some(message),
        };
        hello.is_known = true;
        hello.octets = Vec::new();
        match found.as_deref().and_then(|message| describe(side, message)) {
            Some(text) => log.say(stamp, side, Kind::Note(text)),
            None => log.say(stamp, side, Kind::Warning("this does not begin as TLS does".into())),
        }
    }
}

impl Dialogue for Tls {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        self.octets[side as usize] += octets.len() as u64;
        self.look(stamp, side, octets, log);
    }

    fn hole(&mut self, _: Stamp, side: Side, _: u64, _: &mut Log) {
        self.hello[side as usize].is_known = true;
    }

    fn end(&mut self, stamp: Stamp, log: &mut Log) {
        let [client, server] = self.octets;
        log.tell(stamp, Kind::Unread { client, server });
    }

    fn is_waiting(&self) -> bool {
        false
    }

    fn tally(&self) -> Tally {
        self.before
    }
}

enum Records {
    More,
    Foreign,
    Handshake(Vec<u8>),
}

/// Puts the first handshake message together from its records (RFC 8446 §5.1).
fn read_records(mut octets: &[u8]) -> Records {
    let mut message = Vec::new();
    loop {
        let Some((head, rest)) = octets.split_first_chunk::<5>() else {
            return Records::More;
        };
        let [22, 3, _, high, low] = *head else {
            return Records::Foreign;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        message.extend_from_slice(&rest[..length.min(rest.len())]);
        if let [_, a, b, c, ..] = message[..]
            && message.len() >= 4 + usize::from(a) * 65536 + usize::from(b) * 256 + usize::from(c)
        {
            return Records::Handshake(message);
        }
        if rest.len() < length || length == 0 {
            return if length == 0 { Records::Foreign } else { Records::More };
        }
        octets = &rest[length..];
    }
}

/// A hello, in words.
fn describe(side: Side, message: &[u8]) -> Option<String> {
    let mut reader = Cursor(message);
    let kind = reader.take(1)?[0];
    reader.take(3)?;
    let version = reader.number(2)?;
    reader.take(32)?;
    let session = reader.number(1)?;
    reader.take(session)?;
    match (side, kind) {
        (Side::Client, 1) => {
            let suites = reader.number(2)?;
            reader.take(suites)?;
            let methods = reader.number(1)?;
            reader.take(methods)?;
        }
        (Side::Server, 2) => {
            reader.take(3)?;
        }
        _ => return None,
    }
    let extensions = Extensions::read(&mut reader, side).unwrap_or_default();
    let version = extensions.version.unwrap_or(version);
    Some(match side {
        Side::Client => extensions.client(version),
        Side::Server => format!("the server chooses {}{}", version_name(version), extensions.alpn()),
    })
}

#[derive(Debug, Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    version: Option<usize>,
    protocols: Vec<Vec<u8>>,
}

impl Extensions {
    fn read(reader: &mut Cursor<'_>, side: Side) -> Option<Self> {
        let mut found = Self::default();
        let length = reader.number(2)?;
        let mut all = Cursor(reader.take(length.min(reader.0.len()))?);
        while let (Some(kind), Some(length)) = (all.number(2), all.number(2)) {
            let mut value = Cursor(all.take(length)?);
            match kind {
                0 => found.name = server_name(&mut value),
                16 => found.protocols = protocols(&mut value).unwrap_or_default(),
                43 => found.version = best_version(&mut value, side),
                _ => {}
            }
        }
        Some(found)
    }

    fn client(&self, version: usize) -> String {
        let name = match &self.name {
            Some(name) => format!("for {}", String::from_utf8_lossy(name)),
            None => "without a server name".into(),
        };
        format!(
            "the client offers up to {}, {name}{}",
            version_name(version),
            self.alpn()
        )
    }

    fn alpn(&self) -> String {
        let names: Vec<_> = self
            .protocols
            .iter()
            .map(|name| String::from_utf8_lossy(name))
            .collect();
        match names.is_empty() {
            true => String::new(),
            false => format!(", ALPN {}", names.join(" ")),
        }
    }
}

/// RFC 6066 §3
fn server_name(value: &mut Cursor<'_>) -> Option<Vec<u8>> {
    value.take(3)?;
    let length = value.number(2)?;
    value.take(length).map(<[u8]>::to_vec)
}

/// RFC 7301 §3.1
fn protocols(value: &mut Cursor<'_>) -> Option<Vec<Vec<u8>>> {
    value.take(2)?;
    let mut names = Vec::new();
    while let Some(length) = value.number(1) {
        names.push(value.take(length)?.to_vec());
    }
    names.truncate(8);
    Some(names)
}

/// RFC 8446 §4.2.1; values with equal halves that end in `a` are none (RFC 8701 §2).
fn best_version(value: &mut Cursor<'_>, side: Side) -> Option<usize> {
    if side == Side::Client {
        value.take(1)?;
    }
    std::iter::from_fn(|| value.number(2))
        .filter(|version| (0x0300..=0x0304).contains(version))
        .max()
}

fn version_name(version: usize) -> String {
    match version {
        0x0300 => "SSL 3.0".into(),
        0x0301..=0x0304 => format!("TLS 1.{}", version - 0x0301),
        other => format!("version {other:#06x}"),
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, octets: usize) -> Option<usize> {
        let taken = self.take(octets)?;
        Some(taken.iter().fold(0, |number, octet| number << 8 | usize::from(*octet)))
    }
}

/// Octets of the longest hello that is looked at.
const LONGEST_HELLO: usize = 32 * 1024;
