//! Writing down what is said in a dialogue, line by line, as it happens.
//!
//! A [`Recorder`] looks on above TLS: what it takes down is what the two say to each other, not what the wire carries.

use std::fmt;
use std::sync::Arc;

use mail_tokio::Observer;
use mail_wire::{Escaped, Layer};

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The one who connected.
    Client,
    /// The one who was connected to.
    Server,
}

/// Where lines go. Called from the task that talks, in the order in which lines end.
pub trait Scribe: Send + Sync {
    /// One line, without its line end, made harmless for a terminal, with secrets blotted out.
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str);

    /// TLS begins: who listens on the way reads none of the lines that follow.
    fn tls(&self, dialogue: &str);
}

/// What is taken down of what a client says to prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proofs {
    /// Nothing.
    #[default]
    Hidden,
    /// That of SCRAM, which is not the password. Whoever has it can try out passwords, so this is for lessons only.
    Scram,
}

/// Shows a dialogue to a [`Scribe`].
pub struct Recorder {
    scribe: Arc<dyn Scribe>,
    name: String,
    own: Speaker,
    proofs: Proofs,
    said: Lines,
    heard: Lines,
    exchange: Exchange,
}

/// Whether a client proves who it is: what it says until the server says more than "go on" is nobody's to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exchange {
    None,
    Hidden,
    Shown,
}

impl Recorder {
    /// Shows all lines of the dialogue called `name`; `own` is the role of our side.
    pub fn new(scribe: Arc<dyn Scribe>, name: String, own: Speaker) -> Self {
        Self {
            scribe,
            name,
            own,
            proofs: Proofs::default(),
            said: Lines::default(),
            heard: Lines::default(),
            exchange: Exchange::None,
        }
    }

    /// Takes down more, or less, of what a client says to prove who it is.
    #[must_use]
    pub const fn with_proofs(mut self, proofs: Proofs) -> Self {
        self.proofs = proofs;
        self
    }

    fn spoken(&mut self, speaker: Speaker, octets: &[u8]) {
        let lines = match speaker == self.own {
            true => &mut self.said,
            false => &mut self.heard,
        };
        let (scribe, name, exchange, proofs) = (&self.scribe, &self.name, &mut self.exchange, self.proofs);
        lines.push(octets, |line| {
            let shown = match speaker {
                Speaker::Client => {
                    *exchange = exchange.with(line, proofs);
                    exchange.shown(line)
                }
                Speaker::Server => {
                    *exchange = exchange.answered(line);
                    Escaped(line).to_string()
                }
            };
            scribe.line(name, speaker, &shown);
        });
    }
}

impl Observer for Recorder {
    fn received(&mut self, octets: &[u8]) {
        let other = match self.own {
            Speaker::Client => Speaker::Server,
            Speaker::Server => Speaker::Client,
        };
        self.spoken(other, octets);
    }

    fn sent(&mut self, octets: &[u8]) {
        self.spoken(self.own, octets);
    }

    fn upgraded(&mut self, layer: Layer) {
        if layer == Layer::Tls {
            // Nothing that was begun goes on behind it.
            (self.said, self.heard, self.exchange) = (Lines::default(), Lines::default(), Exchange::None);
            self.scribe.tls(&self.name);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorder({})", self.name)
    }
}

impl Exchange {
    /// What a line of the client makes of it.
    fn with(self, line: &[u8], proofs: Proofs) -> Self {
        match (self, proofs) {
            (Self::None, Proofs::Scram) if begins(line, b"AUTH SCRAM-") => Self::Shown,
            (Self::None, _) if begins(line, b"AUTH ") => Self::Hidden,
            _ => self,
        }
    }

    /// What a line of the server makes of it.
    fn answered(self, line: &[u8]) -> Self {
        match line.starts_with(b"334") || line.starts_with(b"+ ") || line == b"+" {
            true => self,
            false => Self::None,
        }
    }

    fn shown(self, line: &[u8]) -> String {
        match self {
            Self::Shown => Escaped(line).to_string(),
            // A line with a command in it is the first of an exchange.
            Self::Hidden if line != b"*" && !begins(line, b"AUTH ") => REDACTED.to_owned(),
            Self::Hidden | Self::None => blotted(line),
        }
    }
}

/// Gathers octets to lines; of a longer one than [`LONGEST`] only the beginning is shown.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
}

impl Lines {
    fn push(&mut self, octets: &[u8], mut show: impl FnMut(&[u8])) {
        for piece in octets.split_inclusive(|&octet| octet == b'\n') {
            let room = LONGEST.saturating_sub(self.open.len());
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = self.open.strip_suffix(b"\n").unwrap_or(&self.open);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                show(line);
                self.open.clear();
            }
        }
    }
}

/// The line as text. What stands behind PASS, behind the mechanism's name in AUTH, and behind the user's in APOP, is nobody's
/// to read.
fn blotted(line: &[u8]) -> String {
    let shown = if begins(line, b"PASS ") {
        5
    } else if begins(line, b"AUTH ") || begins(line, b"APOP ") {
        let name = line[5..].iter().position(|&octet| octet == b' ');
        name.map_or(line.len(), |length| 5 + length + 1)
    } else {
        line.len()
    };
    match shown < line.len() {
        true => format!("{}{REDACTED}", Escaped(&line[..shown])),
        false => Escaped(line).to_string(),
    }
}

fn begins(line: &[u8], verb: &[u8]) -> bool {
    line.get(..verb.len())
        .is_some_and(|word| word.eq_ignore_ascii_case(verb))
}

const REDACTED: &str = "[redacted]";

const LONGEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Book(Mutex<Vec<String>>);

    impl Scribe for Book {
        fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
            self.0.lock().unwrap().push(format!("{dialogue} {speaker:?} {line}"));
        }

        fn tls(&self, dialogue: &str) {
            self.0.lock().unwrap().push(format!("{dialogue} TLS"));
        }
    }

    /// docs/threats.md rows 20 and 30: no secret and no control character in transcripts.
    #[test]
    fn lines_are_shown_whole_harmless_and_without_secrets() {
        let book = Arc::new(Book::default());
        let mut recorder = Recorder::new(book.clone(), "pop3 1".to_owned(), Speaker::Server);
        recorder.sent(b"+OK rea");
        recorder.sent(b"dy\r\n+OK");
        for piece in [
            &b"us"[..],
            b"er bob\r\npa",
            b"ss hungry\r\napop bob c4c9\r\n\x1b[2J\r\nQUIT",
        ] {
            recorder.received(piece);
        }
        let expected = [
            "pop3 1 Server +OK ready",
            "pop3 1 Client user bob",
            "pop3 1 Client pass [redacted]",
            "pop3 1 Client apop bob [redacted]",
            "pop3 1 Client \\x1b[2J",
        ];
        assert_eq!(*book.0.lock().unwrap(), expected);
    }

    fn taken_down(proofs: Proofs, dialogue: &[(&[u8], &[u8])]) -> Vec<String> {
        let book = Arc::new(Book::default());
        let mut recorder = Recorder::new(book.clone(), "1".to_owned(), Speaker::Server).with_proofs(proofs);
        for (said, answered) in dialogue {
            recorder.received(said);
            recorder.sent(answered);
            if answered.starts_with(b"220") {
                recorder.upgraded(Layer::Tls);
            }
        }
        let lines = book.0.lock().unwrap();
        lines.clone()
    }

    /// docs/threats.md row 20: neither an initial response nor a later one is taken down, before TLS and under it.
    #[test]
    fn exchanges_are_not_shown() {
        let exchanges: [(&[u8], &[u8]); 6] = [
            (b"AUTH PLAIN AGJvYgBodW5ncnk=\r\n", b"535 no\r\n"),
            (b"auth login\r\n", b"334 VXNlcm5hbWU6\r\n"),
            (b"Ym9i\r\n", b"334 UGFzc3dvcmQ6\r\n"),
            (b"aHVuZ3J5\r\n", b"235 yes\r\n"),
            (b"AUTH SCRAM-SHA-256 bixh\r\n", b"+\r\n"),
            (b"*\r\n", b"501 well\r\n"),
        ];
        let shown = [
            "1 Client AUTH PLAIN [redacted]",
            "1 Server 535 no",
            "1 Client auth login",
            "1 Server 334 VXNlcm5hbWU6",
            "1 Client [redacted]",
            "1 Server 334 UGFzc3dvcmQ6",
            "1 Client [redacted]",
            "1 Server 235 yes",
            "1 Client AUTH SCRAM-SHA-256 [redacted]",
            "1 Server +",
            "1 Client *",
            "1 Server 501 well",
        ];
        let tls: (&[u8], &[u8]) = (b"STARTTLS\r\n", b"220 go\r\n");
        let dialogue = [&exchanges[..], &[tls], &exchanges[..]].concat();
        let between = ["1 Client STARTTLS", "1 Server 220 go", "1 TLS"];
        let expected = [&shown[..], &between[..], &shown[..]].concat();
        assert_eq!(taken_down(Proofs::Hidden, &dialogue), expected);
    }

    /// A lesson shows SCRAM and nothing else.
    #[test]
    fn only_scram_can_be_shown() {
        let dialogue: [(&[u8], &[u8]); 4] = [
            (b"AUTH PLAIN AGJvYgBodW5ncnk=\r\n", b"535 no\r\n"),
            (b"AUTH SCRAM-SHA-256 bixh\r\n", b"334 cj0=\r\n"),
            (b"Yz1iaXdz\r\n", b"535 no\r\n"),
            (b"PASS hungry\r\n", b"500 what\r\n"),
        ];
        let shown = taken_down(Proofs::Scram, &dialogue);
        let of_client: Vec<_> = shown.iter().filter_map(|line| line.strip_prefix("1 Client ")).collect();
        let expected = [
            "AUTH PLAIN [redacted]",
            "AUTH SCRAM-SHA-256 bixh",
            "Yz1iaXdz",
            "PASS [redacted]",
        ];
        assert_eq!(of_client, expected);
    }
}
