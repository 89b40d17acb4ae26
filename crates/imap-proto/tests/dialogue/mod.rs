//! A transcript as what it says: commands, lines of exchanges, and responses, in order.
#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod host;
pub(crate) mod script;
pub(crate) mod told;

use imap_proto::{
    Command, Condition, Data, IntoBoundedStatic, Need, Parsed, Reading, Response, SaslResponse, Spelling, TaggedCommand,
};
use mail_testing::{Side, Transcript, Turn};

/// Where the transcripts are.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");

/// Where a dialogue begins.
pub(crate) fn state(transcript: &Transcript) -> &str {
    transcript.settings("state").next().unwrap_or("authenticated")
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unit {
    Command(TaggedCommand<'static>),
    /// A command that the server refused before its literals came: what there is of it.
    Refused(Vec<u8>),
    Sasl(SaslResponse),
    Done,
    Response(Response<'static>),
    /// A client's line that is no command.
    Wrong(Vec<u8>),
}

/// Where in the dialogue a unit begins and ends, counted in turns.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) begins: usize,
    pub(crate) ends: usize,
    pub(crate) unit: Unit,
    /// As it stands in the file.
    pub(crate) octets: Vec<u8>,
    /// How names are spelled there.
    pub(crate) utf8: bool,
}

/// What the client's next octets are.
enum Expecting {
    Command,
    Sasl,
    Done,
}

struct Reader<'t> {
    transcript: &'t Transcript,
    expecting: Expecting,
    utf8: bool,
    client: Vec<u8>,
    began: usize,
    units: Vec<Said>,
}

/// Reads a transcript.
///
/// # Panics
///
/// When a line is neither command nor response: the test fails.
pub(crate) fn units(transcript: &Transcript) -> Vec<Said> {
    let mut reader = Reader {
        transcript,
        expecting: Expecting::Command,
        utf8: false,
        client: Vec::new(),
        began: 0,
        units: Vec::new(),
    };
    for (turn, (line, said)) in transcript.turns().iter().enumerate() {
        match said {
            Turn::Says(Side::Client, octets) => reader.client(turn, *line, octets),
            Turn::Says(Side::Server, octets) => reader.server(turn, *line, octets),
            _ => {}
        }
    }
    assert!(
        reader.client.is_empty(),
        "{}: the last command has no end",
        transcript.name()
    );
    reader.units
}

impl Reader<'_> {
    fn reading(&self) -> Reading {
        Reading {
            utf8: self.utf8,
            ..Reading::STRICT
        }
    }

    fn client(&mut self, turn: usize, line: usize, octets: &[u8]) {
        if self.client.is_empty() {
            self.began = turn;
        }
        self.client.extend_from_slice(octets);
        while !self.client.is_empty() {
            let Some((unit, used)) = self.client_unit(line) else {
                return;
            };
            let octets = self.client.drain(..used).collect();
            self.push(self.began, turn, unit, octets);
            self.began = turn;
        }
    }

    fn client_unit(&mut self, line: usize) -> Option<(Unit, usize)> {
        let name = self.transcript.name();
        let end = self.client.iter().position(|octet| *octet == b'\n').map(|at| at + 1);
        match self.expecting {
            Expecting::Sasl => {
                let end = end?;
                let response =
                    SaslResponse::parse(&self.client[..end]).unwrap_or_else(|e| panic!("{name}:{line}: {e}"));
                return Some((Unit::Sasl(response), end));
            }
            Expecting::Done => {
                let end = end?;
                assert_eq!(&self.client[..end], b"DONE\r\n", "{name}:{line}");
                self.expecting = Expecting::Command;
                return Some((Unit::Done, end));
            }
            Expecting::Command => {}
        }
        match TaggedCommand::parse(&self.client, self.reading()) {
            Ok(Parsed::Complete { value, octets }) => {
                match value.command {
                    Command::Authenticate(_) => self.expecting = Expecting::Sasl,
                    Command::Idle => self.expecting = Expecting::Done,
                    _ => {}
                }
                Some((Unit::Command(value.into_static()), octets))
            }
            Ok(Parsed::Incomplete(Need::Literal { .. } | Need::Line)) => None,
            Err(_) if self.transcript.settings("client").any(|how| how == "wrong") => {
                Some((Unit::Wrong(self.client[..end?].to_vec()), end?))
            }
            Err(error) => panic!("{name}:{line}: {error}: {:?}", String::from_utf8_lossy(&self.client)),
        }
    }

    fn server(&mut self, turn: usize, line: usize, octets: &[u8]) {
        let name = self.transcript.name();
        let mut rest = octets;
        while !rest.is_empty() {
            match Response::parse(rest, self.reading()) {
                Ok(Parsed::Complete { value, octets }) => {
                    let value = value.into_static();
                    self.heed(turn, &value);
                    self.push(turn, turn, Unit::Response(value), rest[..octets].to_vec());
                    rest = &rest[octets..];
                }
                other => panic!("{name}:{line}: {other:?}: {:?}", String::from_utf8_lossy(rest)),
            }
        }
    }

    /// What a response means for the octets that follow.
    fn heed(&mut self, turn: usize, response: &Response<'static>) {
        match response {
            Response::Tagged { tag, status } => {
                if status.condition == Condition::Ok || matches!(self.expecting, Expecting::Sasl) {
                    self.expecting = Expecting::Command;
                }
                // Refused before all of it was there: it never comes.
                if self.client.starts_with(tag.as_str().as_bytes()) {
                    let octets = std::mem::take(&mut self.client);
                    self.push(self.began, turn, Unit::Refused(octets.clone()), octets);
                }
            }
            Response::Untagged(Data::Enabled(enabled)) => {
                self.utf8 |= enabled
                    .iter()
                    .any(|capability| capability.is("UTF8=ACCEPT") || capability.is("IMAP4rev2"));
            }
            _ => {}
        }
    }

    fn push(&mut self, begins: usize, ends: usize, unit: Unit, octets: Vec<u8>) {
        let utf8 = self.utf8;
        self.units.push(Said {
            begins,
            ends,
            unit,
            octets,
            utf8,
        });
    }
}

impl Said {
    pub(crate) fn response(&self) -> Option<Response<'static>> {
        match &self.unit {
            Unit::Response(response) => Some(response.clone()),
            _ => None,
        }
    }

    pub(crate) fn reading(&self) -> Reading {
        Reading {
            utf8: self.utf8,
            ..Reading::STRICT
        }
    }

    pub(crate) fn spelling(&self) -> Spelling {
        Spelling {
            utf8: self.utf8,
            ..Spelling::SERVER
        }
    }
}
