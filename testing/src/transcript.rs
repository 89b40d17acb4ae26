//! Dialogues in text files, replayed against a machine.
//!
//! ```text
//! # RFC 5321 §D.1: comments name the section that the dialogue shows
//! @ domain hamburger.edu           a setting, for the test that builds the machine
//! @ waits                          the one setting that is known here: the client may not speak before it is answered
//! S: 220 hamburger.edu ready       the server writes this, as it stands here, and CRLF
//! C: QUIT                          the client writes this and CRLF
//! C| an octet string\n             without CRLF; escapes, in such lines only: \r \n \t \0 \\ \xNN
//! ! client closes                  also: server closes, time passes, shutdown
//! ```

use std::path::Path;

use mail_wire::{Escaped, Machine};

use crate::{Application, Rest, chunkings, settle};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Lines that begin with `C`.
    Client,
    /// Lines that begin with `S`.
    Server,
}

/// A dialogue.
#[derive(Clone, Debug)]
pub struct Transcript {
    name: String,
    settings: Vec<(String, String)>,
    turns: Vec<(usize, Turn)>,
}

/// What happens next in a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// One side writes; neighbouring lines of one side are one turn.
    Says(Side, Vec<u8>),
    /// One side closes its end.
    Closes(Side),
    /// The timer that runs is up.
    TimePasses,
    /// The program beside the machine wants to stop.
    Shutdown,
}

impl Transcript {
    /// Reads all `.txt` files of a folder, sorted by name.
    ///
    /// # Panics
    ///
    /// When there is none, or one cannot be read or understood: the test fails.
    pub fn folder(path: impl AsRef<Path>) -> Vec<Self> {
        let path = path.as_ref();
        let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        assert!(!files.is_empty(), "{}: no transcripts", path.display());
        let read = |file: &std::path::PathBuf| {
            let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            Self::parse(&file.display().to_string(), &text)
        };
        files.iter().map(read).collect()
    }

    /// Reads a transcript; `name` is for messages.
    ///
    /// # Panics
    ///
    /// When a line cannot be understood.
    pub fn parse(name: &str, text: &str) -> Self {
        let mut transcript = Self {
            name: name.to_owned(),
            settings: Vec::new(),
            turns: Vec::new(),
        };
        for (number, line) in (1..).zip(text.lines()) {
            transcript.line(number, line);
        }
        transcript
    }

    /// The values of `@ key value` lines, in order.
    pub fn settings<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let of_key = self.settings.iter().filter(move |(name, _)| name == key);
        of_key.map(|(_, value)| value.as_str())
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The turns, each with the number of its first line.
    pub fn turns(&self) -> &[(usize, Turn)] {
        &self.turns
    }

    fn line(&mut self, number: usize, line: &str) {
        let side = match line.chars().next() {
            None | Some('#') => return,
            Some('@') => return self.setting(line[1..].trim()),
            Some('!') => return self.turns.push((number, self.other_turn(number, line[1..].trim()))),
            Some('C') => Side::Client,
            Some('S') => Side::Server,
            Some(_) => panic!("{}:{number}: expected #, @, !, C or S", self.name),
        };
        let text = line[2..].strip_prefix(' ').unwrap_or(&line[2..]);
        let octets = match line.as_bytes()[1] {
            b':' => [text.as_bytes(), b"\r\n"].concat(),
            b'|' => unescape(text),
            _ => panic!("{}:{number}: expected : or | behind C or S", self.name),
        };
        match self.turns.last_mut() {
            Some((_, Turn::Says(last, said))) if *last == side => said.extend(octets),
            _ => self.turns.push((number, Turn::Says(side, octets))),
        }
    }

    fn setting(&mut self, line: &str) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        self.settings.push((key.to_owned(), value.trim().to_owned()));
    }

    fn other_turn(&self, number: usize, what: &str) -> Turn {
        match what {
            "client closes" => Turn::Closes(Side::Client),
            "server closes" => Turn::Closes(Side::Server),
            "time passes" => Turn::TimePasses,
            "shutdown" => Turn::Shutdown,
            other => panic!("{}:{number}: unknown turn {other:?}", self.name),
        }
    }

    /// What `side` says, all of it, when the other turns do not matter.
    fn said(&self, side: Side) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for (_, turn) in &self.turns {
            match turn {
                Turn::Says(who, octets) if *who == side => all.extend_from_slice(octets),
                Turn::Says(..) => {}
                Turn::Closes(_) | Turn::TimePasses | Turn::Shutdown => return None,
            }
        }
        Some(all)
    }
}

/// Replays a transcript with a machine as `side`, in turns: each of the peer's turns is fed in every chunking, and what the
/// machine writes before the peer's next turn must be exactly its own turn. A server is also fed all of the client's
/// octets without waiting, in every chunking, unless the transcript `waits`.
///
/// `fresh` makes the machine and the application beside it for each round.
///
/// # Panics
///
/// When the machine says anything else.
pub fn replay<M: Machine, A: Application<M>>(transcript: &Transcript, side: Side, fresh: impl Fn() -> (M, A)) {
    for round in 0..ROUNDS {
        let mut stage = Stage::new(fresh());
        let mut expected: (usize, &[u8]) = (0, &[]);
        for (number, turn) in &transcript.turns {
            match turn {
                Turn::Says(who, octets) if *who == side => expected = (*number, octets),
                turn => {
                    stage.expect(transcript, expected);
                    expected = (*number, &[]);
                    stage.hear(turn, round);
                }
            }
        }
        stage.expect(transcript, expected);
    }
    if side == Side::Server && transcript.settings("waits").next().is_none() {
        replay_unwaited(transcript, fresh);
    }
}

fn replay_unwaited<M: Machine, A: Application<M>>(transcript: &Transcript, fresh: impl Fn() -> (M, A)) {
    let (Some(input), Some(expected)) = (transcript.said(Side::Client), transcript.said(Side::Server)) else {
        return;
    };
    for pieces in chunkings(&input) {
        let mut stage = Stage::new(fresh());
        pieces.into_iter().for_each(|piece| stage.feed(piece));
        stage.expect(transcript, (0, &expected));
    }
}

/// As many as there are chunkings of a short turn; longer turns have ten.
const ROUNDS: usize = 24;

/// A machine, its application, and what it has said since the last look.
struct Stage<M, A> {
    machine: M,
    application: A,
    said: Vec<u8>,
}

impl<M: Machine, A: Application<M>> Stage<M, A> {
    fn new((machine, application): (M, A)) -> Self {
        let said = Vec::new();
        let mut stage = Self {
            machine,
            application,
            said,
        };
        stage.settle();
        stage
    }

    /// Steps until the machine needs input, and takes down what it writes.
    fn settle(&mut self) {
        loop {
            let rest = settle(&mut self.machine, &mut self.application);
            self.said.extend_from_slice(self.machine.transmit());
            self.machine.transmitted(usize::MAX);
            if !matches!(rest, Rest::Flush) {
                return;
            }
        }
    }

    fn feed(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let n = self.machine.receive(piece);
            self.settle();
            if n == 0 && self.machine.space().is_empty() {
                return;
            }
            piece = &piece[n..];
        }
    }

    fn hear(&mut self, turn: &Turn, round: usize) {
        match turn {
            Turn::Says(_, octets) => {
                let chunkings = chunkings(octets);
                let pieces = &chunkings[round % chunkings.len()];
                pieces.iter().for_each(|piece| self.feed(piece));
            }
            Turn::Closes(_) => self.machine.receive_eof(),
            Turn::TimePasses => {
                let timer = self.machine.timer().expect("a timer runs");
                self.machine.expire(timer);
            }
            Turn::Shutdown => self.machine.shutdown(),
        }
        self.settle();
    }

    fn expect(&mut self, transcript: &Transcript, (line, expected): (usize, &[u8])) {
        let said = std::mem::take(&mut self.said);
        assert!(
            said == expected,
            "{}:{line}: the machine says other than the transcript\n--- transcript\n{}--- machine\n{}",
            transcript.name,
            shown(expected),
            shown(&said)
        );
    }
}

fn shown(octets: &[u8]) -> String {
    let lines = octets.split_inclusive(|&octet| octet == b'\n');
    lines.map(|line| format!("{}\n", Escaped(line))).collect()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'\\' {
            octets.push(octet);
            continue;
        }
        octets.push(match rest.next() {
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'0') => 0,
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let digits = [rest.next(), rest.next()].map(|digit| digit.unwrap_or(b'?') as char);
                let digits = String::from_iter(digits);
                u8::from_str_radix(&digits, 16).unwrap_or_else(|_| panic!("\\x{digits} in {text:?}"))
            }
            other => panic!("unknown escape {other:?} in {text:?}"),
        });
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_turns() {
        let text = "# a comment\n@ domain example.org\nS: hello\nC: a\nC| b\\x00\\n\n! client closes\n";
        let transcript = Transcript::parse("test", text);
        assert_eq!(transcript.settings("domain").collect::<Vec<_>>(), ["example.org"]);
        let turns: Vec<_> = transcript.turns().iter().map(|(_, turn)| turn.clone()).collect();
        let says = |side, octets: &[u8]| Turn::Says(side, octets.to_vec());
        let expected = [
            says(Side::Server, b"hello\r\n"),
            says(Side::Client, b"a\r\nb\0\n"),
            Turn::Closes(Side::Client),
        ];
        assert_eq!(turns, expected);
    }
}
