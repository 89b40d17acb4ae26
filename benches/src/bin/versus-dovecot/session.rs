//! An IMAP client that does nothing but send and count: the same for both servers, and too little work to be what is measured.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

/// A connection.
pub(crate) struct Session {
    output: TcpStream,
    input: BufReader<TcpStream>,
    line: Vec<u8>,
    commands: u32,
}

/// What came before a command's result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Untagged responses.
    pub(crate) responses: u64,
    /// Octets in literals.
    pub(crate) literals: u64,
    /// Numbers in `* SEARCH`.
    pub(crate) found: u64,
}

impl Session {
    /// Connects and waits for the greeting.
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        stream.set_nodelay(true).expect("it is a TCP socket");
        let mut session = Self {
            output: stream.try_clone().expect("a descriptor more"),
            input: BufReader::with_capacity(64 * 1024, stream),
            line: Vec::new(),
            commands: 0,
        };
        session.response();
        assert!(session.line.starts_with(b"* OK"), "a greeting: {}", session.said());
        session
    }

    /// Connects and logs in.
    pub(crate) fn login(address: SocketAddr) -> Self {
        let mut session = Self::open(address);
        session.run(format!("LOGIN {USER} {PASSWORD}"));
        session
    }

    /// Gives one command, without its tag, and reads all that is said until its result, which must be OK.
    pub(crate) fn run(&mut self, command: impl AsRef<[u8]>) -> Heard {
        self.send(command);
        self.result()
    }

    /// Gives a command; [`result`](Self::result) is asked for once for each.
    pub(crate) fn send(&mut self, command: impl AsRef<[u8]>) {
        self.commands += 1;
        let tag = format!("t{} ", self.commands);
        let octets = [tag.as_bytes(), command.as_ref(), b"\r\n"].concat();
        self.output.write_all(&octets).expect("the server reads");
    }

    /// Reads until the result of a command.
    pub(crate) fn result(&mut self) -> Heard {
        let mut heard = Heard::default();
        loop {
            let literals = self.response();
            if !self.line.starts_with(b"* ") {
                break;
            }
            heard.responses += 1;
            heard.literals += literals;
            if self.line.starts_with(b"* SEARCH") {
                heard.found += self.line.iter().filter(|octet| **octet == b' ').count() as u64 - 1;
            }
        }
        let (_, result) = split_once(&self.line);
        assert!(result.starts_with(b"OK"), "refused: {}", self.said());
        heard
    }

    /// Begins IDLE, and is back when the server says so.
    pub(crate) fn idle(&mut self) {
        self.send("IDLE");
        while !self.line.starts_with(b"+") {
            self.response();
        }
    }

    /// Reads one response; octets of its literals. The line is what follows the last of them, but for the line's beginning.
    fn response(&mut self) -> u64 {
        self.line.clear();
        let mut literals = 0;
        loop {
            let read = self.input.read_until(b'\n', &mut self.line).expect("the server writes");
            assert!(read > 0, "the server closed; before: {}", self.said());
            let Some(octets) = literal(&self.line) else {
                return literals;
            };
            literals += octets;
            self.skip(octets);
            self.line.extend_from_slice(b"...");
        }
    }

    fn skip(&mut self, mut octets: u64) {
        while octets > 0 {
            let held = self.input.fill_buf().expect("the server writes").len() as u64;
            assert!(held > 0, "the server closed in a literal");
            self.input.consume(held.min(octets) as usize);
            octets -= held.min(octets);
        }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.line).trim_end().to_owned()
    }
}

/// The octets that a line announces at its end.
fn literal(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}\r\n")?;
    let start = line.iter().rposition(|octet| *octet == b'{')?;
    std::str::from_utf8(&line[start + 1..]).ok()?.parse().ok()
}

fn split_once(line: &[u8]) -> (&[u8], &[u8]) {
    let space = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    (&line[..space], &line[(space + 1).min(line.len())..])
}

pub(crate) const USER: &str = "bob";
pub(crate) const PASSWORD: &str = "x";
