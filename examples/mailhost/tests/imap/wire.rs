//! A connection without a client machine: commands as text, responses as they come, read by the strict grammar. What our own
//! client would tolerate shows here.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use imap_proto::{Condition, Data, IntoBoundedStatic, Parsed, Reading, Response, Status};
use mail_wire::Deflate;

pub(crate) struct Wire {
    stream: TcpStream,
    deflate: Option<Deflate>,
    held: Vec<u8>,
    read: usize,
    reading: Reading,
    commands: u32,
    name: String,
    /// The end of the dialogue, for who looks into a failure.
    said: VecDeque<String>,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Status<'static>,
    pub(crate) data: Vec<Data<'static>>,
}

impl Outcome {
    pub(crate) fn is_ok(&self) -> bool {
        self.status.condition == Condition::Ok
    }
}

impl Wire {
    /// Connects, and reads the greeting. `name` is who it is in a failure's dialogue.
    pub(crate) fn open(address: SocketAddr, name: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut wire = Self {
            stream,
            deflate: None,
            held: Vec::new(),
            read: 0,
            reading: Reading::STRICT,
            commands: 0,
            name: name.to_owned(),
            said: VecDeque::new(),
        };
        let greeting = wire.response()?;
        let Response::Untagged(Data::Status(status)) = &greeting else {
            panic!("{greeting:?}")
        };
        assert_eq!(status.condition, Condition::Ok);
        Ok(wire)
    }

    /// Connects and logs in.
    pub(crate) fn login(address: SocketAddr, name: &str) -> io::Result<Self> {
        let mut wire = Self::open(address, name)?;
        wire.ok("LOGIN bob hungry")?;
        Ok(wire)
    }

    /// Mailbox names are UTF-8 from now on.
    pub(crate) const fn utf8(&mut self) {
        self.reading.utf8 = true;
    }

    /// From now on octets are compressed (RFC 4978).
    pub(crate) fn compress(&mut self) -> io::Result<()> {
        self.ok("COMPRESS DEFLATE")?;
        self.deflate = Some(Deflate::new(&self.held[self.read..]));
        (self.held, self.read) = (Vec::new(), 0);
        Ok(())
    }

    /// Sends a command without its tag, and says which tag it got.
    pub(crate) fn send(&mut self, command: impl AsRef<[u8]>) -> io::Result<String> {
        self.commands += 1;
        let tag = format!("a{}", self.commands);
        let octets = [tag.as_bytes(), b" ", command.as_ref(), b"\r\n"].concat();
        self.octets(&octets)?;
        Ok(tag)
    }

    /// Sends these octets.
    pub(crate) fn octets(&mut self, octets: &[u8]) -> io::Result<()> {
        self.note("C", octets);
        let Some(deflate) = &mut self.deflate else {
            return self.stream.write_all(octets);
        };
        let mut rest = octets;
        while !rest.is_empty() {
            rest = &rest[deflate.write(rest)..];
            if rest.is_empty() {
                deflate.flush();
            }
            self.stream.write_all(deflate.transmit())?;
            deflate.transmitted(usize::MAX);
        }
        Ok(())
    }

    /// The next response.
    pub(crate) fn response(&mut self) -> io::Result<Response<'static>> {
        loop {
            if let Some(response) = self.take() {
                return Ok(response);
            }
            self.fill()?;
        }
    }

    /// The next response, if one comes in time.
    pub(crate) fn response_within(&mut self, limit: Duration) -> io::Result<Option<Response<'static>>> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(response) = self.take() {
                return Ok(Some(response));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left))?;
            let filled = self.fill();
            self.stream.set_read_timeout(Some(PATIENCE))?;
            match filled {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                other => other?,
            }
        }
    }

    /// Sends a command and reads all that is said until its result.
    pub(crate) fn run(&mut self, command: impl AsRef<[u8]>) -> io::Result<Outcome> {
        let tag = self.send(command)?;
        self.result(&tag)
    }

    /// The same for a command that must succeed.
    #[track_caller]
    pub(crate) fn ok(&mut self, command: impl AsRef<[u8]>) -> io::Result<Vec<Data<'static>>> {
        let outcome = self.run(command)?;
        assert!(outcome.is_ok(), "{}: {:?}", self.name, outcome.status);
        Ok(outcome.data)
    }

    /// All that is said until the result of a command.
    pub(crate) fn result(&mut self, tag: &str) -> io::Result<Outcome> {
        let mut data = Vec::new();
        loop {
            match self.response()? {
                Response::Untagged(untagged) => data.push(untagged),
                Response::Tagged { tag: theirs, status } => {
                    assert_eq!(theirs.as_str(), tag, "{}: the result of another command", self.name);
                    return Ok(Outcome { status, data });
                }
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }

    fn take(&mut self) -> Option<Response<'static>> {
        let input = &self.held[self.read..];
        if input.is_empty() {
            return None;
        }
        let parsed = Response::parse(input, self.reading);
        let parsed = parsed.unwrap_or_else(|error| panic!("{error:?}: {}", String::from_utf8_lossy(input)));
        let Parsed::Complete { value, octets } = parsed else {
            return None;
        };
        let response = value.into_static();
        let octets = self.held[self.read..self.read + octets].to_vec();
        self.note("S", &octets);
        self.read += octets.len();
        Some(response)
    }

    fn fill(&mut self) -> io::Result<()> {
        self.held.drain(..self.read);
        self.read = 0;
        let mut piece = [0; 16 * 1024];
        let octets = match &mut self.deflate {
            Some(deflate) => inflated(deflate, &mut self.stream, &mut piece)?,
            None => self.stream.read(&mut piece)?,
        };
        if octets == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.held.extend_from_slice(&piece[..octets]);
        Ok(())
    }

    fn note(&mut self, side: &str, octets: &[u8]) {
        if self.said.len() == REMEMBERED {
            self.said.pop_front();
        }
        let text = String::from_utf8_lossy(octets);
        self.said.push_back(format!("{side}: {}", text.trim_end()));
    }
}

fn inflated(deflate: &mut Deflate, stream: &mut TcpStream, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        let octets = deflate.read(piece).map_err(io::Error::other)?;
        if octets > 0 {
            return Ok(octets);
        }
        match stream.read(deflate.space())? {
            0 => return Ok(0),
            filled => deflate.filled(filled),
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if thread::panicking() {
            let said: Vec<String> = self.said.iter().cloned().collect();
            eprintln!("{}, at the end:\n{}\n", self.name, said.join("\n"));
        }
    }
}

/// How long a test waits for anything before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const REMEMBERED: usize = 60;
