//! What somebody gets who listens on the wire: lines before TLS, records behind its beginning.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use mail_wire::Escaped;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::checks::Checks;
use super::dialogue::Heard;
use super::hosts::{CREPES, LAPTOP};
use super::screen::Screen;
use crate::transcript::Speaker;

/// A client's transport with somebody who listens.
#[derive(Debug)]
pub(super) struct Tapped<T> {
    inner: T,
    listener: Listener,
}

/// Keeps all octets that passed, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Listener(Arc<Mutex<Vec<Piece>>>);

/// Octets that one of the two sent.
type Piece = (Speaker, Vec<u8>);

/// What can be told from the octets.
#[derive(Debug, Default)]
pub(super) struct Capture {
    /// What was said before TLS, line by line.
    pub(super) lines: Vec<String>,
    /// What passed then.
    pub(super) records: Vec<Record>,
}

/// A TLS record (RFC 8446 §5.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    speaker: Speaker,
    /// Type, version and length.
    header: [u8; HEADER],
    fragment: Vec<u8>,
}

impl<T> Tapped<T> {
    pub(super) const fn new(inner: T, listener: Listener) -> Self {
        Self { inner, listener }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Tapped<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.listener.hear(Speaker::Server, &buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tapped<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, octets))?;
        self.listener.hear(Speaker::Client, &octets[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl Listener {
    fn hear(&self, speaker: Speaker, octets: &[u8]) {
        let mut pieces = self.0.lock().expect("no one panics with it");
        pieces.push((speaker, octets.to_vec()));
    }

    /// How many octets one of the two has sent so far.
    pub(super) fn octets(&self, by: Speaker) -> usize {
        let pieces = self.0.lock().expect("no one panics with it");
        let own = pieces.iter().filter(|(speaker, _)| *speaker == by);
        own.map(|(_, octets)| octets.len()).sum()
    }

    /// What was heard so far.
    pub(super) fn capture(&self) -> Capture {
        let mut capture = Capture::default();
        let (mut client, mut server) = (Vec::new(), Vec::new());
        for (speaker, octets) in self.0.lock().expect("no one panics with it").iter() {
            let rest = match speaker {
                Speaker::Client => &mut client,
                Speaker::Server => &mut server,
            };
            rest.extend_from_slice(octets);
            let taken = capture.take(*speaker, rest);
            rest.drain(..taken);
        }
        capture
    }
}

impl Capture {
    /// Takes whole lines and records from what one of the two sent; says how many octets they are.
    fn take(&mut self, speaker: Speaker, octets: &[u8]) -> usize {
        let mut rest = octets;
        loop {
            if let Some((record, length)) = Record::first(speaker, rest) {
                self.records.push(record);
                rest = &rest[length..];
            } else if is_record(rest) {
                break;
            } else if let Some(end) = rest.iter().position(|&octet| octet == b'\n') {
                let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
                self.lines.push(Escaped(line).to_string());
                rest = &rest[end + 1..];
            } else {
                break;
            }
        }
        octets.len() - rest.len()
    }

    /// The server's name, which the client says before anything is encrypted (RFC 6066).
    pub(super) fn server_name(&self) -> Option<String> {
        let hello = self
            .records
            .iter()
            .find(|record| record.is(Speaker::Client, HANDSHAKE))?;
        server_name(&hello.fragment)
    }

    /// Shows the records.
    ///
    /// # Errors
    ///
    /// Those of the screen.
    pub(super) fn show(&self, screen: &mut Screen<impl Write>) -> io::Result<()> {
        for (number, record) in self.records.iter().enumerate() {
            screen.line(record.speaker, &record.shown())?;
            screen.note(self.about(number))?;
        }
        Ok(())
    }

    fn about(&self, number: usize) -> &'static [&'static str] {
        let (before, rest) = self.records.split_at(number);
        let record = &rest[0];
        let is_first = |content| record.content() == content && !before.iter().any(|r| r.is(record.speaker, content));
        match record.speaker {
            Speaker::Client if is_first(HANDSHAKE) => SERVER_NAME,
            Speaker::Server if is_first(HANDSHAKE) => KEYS,
            Speaker::Server if is_first(CHANGE) => NOTHING,
            Speaker::Server if is_first(APPLICATION) => CERTIFICATE,
            Speaker::Client if record.content() == APPLICATION && Some(number) == self.hello() => HELLO,
            Speaker::Client if Some(number) == self.longest() => LONGEST,
            _ => &[],
        }
    }

    /// The second EHLO: the first record of the client's that has its length.
    fn hello(&self) -> Option<usize> {
        let has_its_length =
            |record: &Record| record.is(Speaker::Client, APPLICATION) && record.fragment.len() == hello_length();
        self.records.iter().position(has_its_length)
    }

    /// The longest record of the client's.
    fn longest(&self) -> Option<usize> {
        let clients = self
            .records
            .iter()
            .enumerate()
            .filter(|(_, record)| record.is(Speaker::Client, APPLICATION));
        clients
            .max_by_key(|(_, record)| record.fragment.len())
            .map(|(number, _)| number)
    }

    /// Checks what the lines above say, against what the two said to each other.
    pub(super) fn checks(&self, heard: &Heard, checks: &mut Checks) {
        let open = sorted(&heard.open);
        checks.same_octets(
            "what can be read of dialogue 1 on the wire is what was said before TLS",
            open.as_bytes(),
            sorted(&self.lines).as_bytes(),
        );
        let covered = heard.covered.as_deref().unwrap_or_default();
        let readable = covered.iter().filter(|line| self.holds(line)).count();
        let what = "lines behind TLS that can be found in the records";
        let of = covered.iter().filter(|line| is_telling(line)).count();
        checks.same(what, format!("0 of {of}"), format!("{readable} of {of}"));
        let name = self.server_name().unwrap_or("none".to_owned());
        checks.same("the server's name in the ClientHello", CREPES, name);
        let found = match self.hello() {
            Some(_) => format!("{} octets", hello_length()),
            None => "no such record".to_owned(),
        };
        let expected = format!("{} octets", hello_length());
        checks.same("the record with the second EHLO", expected, found);
        let longest = self.longest().map_or(0, |number| self.records[number].fragment.len());
        let octets = |number: usize| format!("{number} octets");
        let expected = octets(stuffed(&heard.message) + ".\r\n".len() + OVERHEAD);
        checks.same("the record with the message", expected, octets(longest));
    }

    /// Whether a line can be found in the records.
    fn holds(&self, line: &str) -> bool {
        let line = line.as_bytes();
        is_telling_octets(line)
            && self
                .records
                .iter()
                .any(|record| record.fragment.windows(line.len()).any(|part| part == line))
    }
}

impl Record {
    /// The record at the front, and how many octets it is, if it is whole.
    fn first(speaker: Speaker, octets: &[u8]) -> Option<(Self, usize)> {
        let (header, rest) = octets.split_first_chunk::<HEADER>()?;
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let fragment = rest.get(..length).filter(|_| is_record(octets))?.to_vec();
        let record = Self {
            speaker,
            header: *header,
            fragment,
        };
        Some((record, HEADER + length))
    }

    const fn content(&self) -> u8 {
        self.header[0]
    }

    fn is(&self, speaker: Speaker, content: u8) -> bool {
        self.speaker == speaker && self.content() == content
    }

    fn shown(&self) -> String {
        let what = match self.content() {
            CHANGE => "change_cipher_spec",
            ALERT => "alert",
            HANDSHAKE => "handshake",
            APPLICATION => "application_data",
            _ => "?",
        };
        let beginning = &self.fragment[..self.fragment.len().min(SHOWN)];
        let cut = match self.fragment.len() > SHOWN {
            true => "…",
            false => "",
        };
        let octets = format!("{}{cut}", hex(beginning));
        let length = self.fragment.len();
        format!("{}  {octets:<37} {what}, {length}", hex(&self.header))
    }
}

/// Whether TLS has begun: no line of SMTP or POP3 begins so.
fn is_record(octets: &[u8]) -> bool {
    matches!(octets, [CHANGE..=APPLICATION, 3, ..])
}

/// The host name in a ClientHello (RFC 8446 §4, RFC 6066).
fn server_name(hello: &[u8]) -> Option<String> {
    let mut rest = Reader(hello);
    rest.skip(1 + 3 + 2 + 32)?;
    // Session, ciphers, compression.
    for width in [1, 2, 1] {
        rest.counted(width)?;
    }
    let mut extensions = Reader(rest.counted(2)?);
    while let Some(kind) = extensions.number(2) {
        let mut extension = Reader(extensions.counted(2)?);
        if kind == 0 {
            let mut names = Reader(extension.counted(2)?);
            names.skip(1)?;
            return Some(Escaped(names.counted(2)?).to_string());
        }
    }
    None
}

/// Takes a ClientHello apart.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn skip(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of so many octets.
    fn number(&mut self, width: usize) -> Option<usize> {
        let octets = self.skip(width)?;
        Some(octets.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet)))
    }

    /// What stands behind its length.
    fn counted(&mut self, width: usize) -> Option<&'a [u8]> {
        let length = self.number(width)?;
        self.skip(length)
    }
}

fn hex(octets: &[u8]) -> String {
    let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    octets.join(" ")
}

/// The two speak at once: which line came first on the wire says nothing.
fn sorted(lines: &[String]) -> String {
    let mut lines: Vec<_> = lines.iter().map(String::as_str).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// Whether a line is long enough that chance does not make it.
fn is_telling(line: &str) -> bool {
    is_telling_octets(line.as_bytes())
}

const fn is_telling_octets(line: &[u8]) -> bool {
    line.len() >= 6
}

/// The line, its end, and what TLS adds.
const fn hello_length() -> usize {
    "EHLO \r\n".len() + LAPTOP.len() + OVERHEAD
}

/// How many octets a message has with a dot more in front of each line that begins with one (RFC 5321 §4.5.2).
fn stuffed(message: &[u8]) -> usize {
    let lines = message.split_inclusive(|&octet| octet == b'\n');
    message.len() + lines.filter(|line| line.starts_with(b".")).count()
}

/// What TLS adds to a record: the type inside, and 16 octets that nobody else can make (RFC 8446 §5.2).
const OVERHEAD: usize = 1 + 16;

/// Octets in front of a record.
const HEADER: usize = 5;

/// Octets of a record that are shown.
const SHOWN: usize = 12;

const CHANGE: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION: u8 = 23;

const SERVER_NAME: &[&str] = &[
    "The ClientHello (RFC 8446 §4). The two have no keys yet, so it is not encrypted: a listener",
    "reads the name of the server in it once more, crepes.fr.",
];

const KEYS: &[&str] = &[
    "The ServerHello. Both have now sent half of a key exchange; each makes the same keys of it,",
    "which nobody can make who has seen both halves.",
];

const NOTHING: &[&str] = &["It says nothing: boxes on the way expect it from older versions of TLS (RFC 8446 §5)."];

const CERTIFICATE: &[&str] = &[
    "From here on all is encrypted. Each record calls itself application_data and TLS 1.2 (03 03),",
    "whatever it is; this one is of the handshake still, with the certificate (RFC 8446 §5.2).",
];

const HELLO: &[&str] = &[
    "The second EHLO: 23 octets, 1 for the real type, and 16 by which the server sees that nobody",
    "has changed any. From here on each record is what was said at once in dialogue 1, in order.",
];

const LONGEST: &[&str] = &[
    "The message, with one dot more and the lone dot. So a listener knows that mail was sent, when,",
    "between which IP addresses, and how long it is; but not who wrote to whom, nor what, nor with",
    "which password.",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with two extensions, the second of which is the name.
    fn hello() -> Vec<u8> {
        let mut octets = [&[1, 0, 0, 0, 3, 3][..], &[7; 32]].concat();
        octets.extend([1, 9, 0, 2, 0x13, 1, 1, 0]);
        octets.extend([0, 4 + 1 + 4 + 10]);
        octets.extend([0, 43, 0, 1, 9]);
        octets.extend([0, 0, 0, 10, 0, 8, 0, 0, 5]);
        octets.extend(*b"a.fr!");
        octets
    }

    #[test]
    fn the_name_is_found_and_no_cut_panics() {
        let hello = hello();
        assert_eq!(server_name(&hello).as_deref(), Some("a.fr!"));
        for length in 0..hello.len() {
            assert_eq!(server_name(&hello[..length]), None, "{length}");
        }
    }

    #[test]
    fn lines_and_records_are_told_apart_however_they_are_cut() {
        let wire = b"STARTTLS\r\n\x16\x03\x01\x00\x02hi\x17\x03\x03\x00\x03\nyo\x17\x03\x03\x00\x09cut";
        for cut in 0..wire.len() {
            let listener = Listener::default();
            listener.hear(Speaker::Client, &wire[..cut]);
            listener.hear(Speaker::Server, b"220 go\r\n");
            listener.hear(Speaker::Client, &wire[cut..]);
            let capture = listener.capture();
            assert_eq!(sorted(&capture.lines), "220 go\nSTARTTLS", "{cut}");
            let shown: Vec<_> = capture
                .records
                .iter()
                .map(|record| record.fragment.as_slice())
                .collect();
            assert_eq!(shown, [&b"hi"[..], b"\nyo"], "{cut}");
        }
    }

    #[test]
    fn what_can_be_read_behind_tls_fails_the_checks() {
        let failures = |wire: &[u8]| {
            let listener = Listener::default();
            listener.hear(Speaker::Client, b"STARTTLS\r\n");
            let length = u16::try_from(wire.len()).unwrap().to_be_bytes();
            listener.hear(Speaker::Client, &[&[23, 3, 3][..], &length, wire].concat());
            let heard = Heard {
                open: vec!["STARTTLS".to_owned()],
                covered: Some(vec!["MAIL FROM:<a@b.c>".to_owned()]),
                ..Heard::default()
            };
            let mut checks = Checks::default();
            listener.capture().checks(&heard, &mut checks);
            let mut shown = Vec::new();
            let _ = checks.report(&mut Screen::plain(&mut shown)).unwrap();
            let shown = String::from_utf8(shown).unwrap();
            shown
                .lines()
                .filter(|line| line.starts_with("FAILED"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let readable = failures(b"..MAIL FROM:<a@b.c>\r\n");
        assert!(readable[0].contains("lines behind TLS"), "{readable:?}");
        // The others miss a ClientHello, an EHLO and a message.
        assert_eq!(failures(b"..MAIL!FROM:<a@b.c>\r\n").len(), 3);
    }
}
