//! Writing down what is said in a dialogue, line by line, as it happens.
//!
//! A [`Recorder`] looks on above TLS: what it takes down is what the two say to each other, not what the wire carries.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use mail_tokio::tls::Tls;
//! use mail_tokio::transcript::{Recorder, Scribe, Speaker};
//! use mail_tokio::{Options, smtp};
//!
//! struct Screen;
//!
//! impl Scribe for Screen {
//!     fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
//!         println!("{dialogue} {speaker:?}: {line}");
//!     }
//!
//!     fn tls(&self, dialogue: &str) {
//!         println!("{dialogue} --- TLS ---");
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let recorder = || Recorder::new(Arc::new(Screen), "1".to_owned(), Speaker::Client);
//! let options = Options::from(Tls::required()).observed_by(recorder);
//! let client = smtp::Client::connect("mail.example.org:587", options).await?;
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::Arc;

use crate::Observer;
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

/// How clients give commands, by which secrets are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commands {
    /// The verb comes first: SMTP, LMTP, POP3.
    #[default]
    VerbFirst,
    /// A tag does: IMAP.
    TagFirst,
}

/// Shows a dialogue to a [`Scribe`].
pub struct Recorder {
    scribe: Arc<dyn Scribe>,
    name: String,
    own: Speaker,
    commands: Commands,
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
            commands: Commands::default(),
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

    /// Looks for commands where this protocol has them.
    #[must_use]
    pub const fn with_commands(mut self, commands: Commands) -> Self {
        self.commands = commands;
        self
    }

    fn spoken(&mut self, speaker: Speaker, octets: &[u8]) {
        let lines = match speaker == self.own {
            true => &mut self.said,
            false => &mut self.heard,
        };
        let (scribe, name, exchange, proofs) = (&self.scribe, &self.name, &mut self.exchange, self.proofs);
        let commands = self.commands;
        lines.push(octets, |line| {
            let shown = match speaker {
                Speaker::Client => {
                    *exchange = exchange.with(line, commands, proofs);
                    exchange.shown(line, commands)
                }
                Speaker::Server => {
                    *exchange = exchange.answered(line);
                    format!("{:#}", Escaped(line))
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
    fn with(self, line: &[u8], commands: Commands, proofs: Proofs) -> Self {
        match (self, hidden(line, commands)) {
            (Self::None, Some(Hidden { from, goes_on: true })) => {
                match proofs == Proofs::Scram && is_scram(&line[..from]) {
                    true => Self::Shown,
                    false => Self::Hidden,
                }
            }
            _ => self,
        }
    }

    /// What a line of the server makes of it.
    fn answered(self, line: &[u8]) -> Self {
        let goes_on = line.starts_with(b"334") || line.starts_with(b"+ ") || line == b"+";
        match goes_on || line.starts_with(b"* ") {
            true => self,
            false => Self::None,
        }
    }

    fn shown(self, line: &[u8], commands: Commands) -> String {
        match (self, hidden(line, commands)) {
            // A line with a command in it is the first of an exchange.
            (Self::Hidden | Self::None, Some(Hidden { from, .. })) if from < line.len() => {
                format!("{:#}{REDACTED}", Escaped(&line[..from]))
            }
            (Self::Hidden, None) if line != b"*" => REDACTED.to_owned(),
            _ => format!("{:#}", Escaped(line)),
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

/// What is nobody's to read in a command.
struct Hidden {
    /// Where it begins.
    from: usize,
    /// Whether more of it may come in lines of its own.
    goes_on: bool,
}

/// What stands behind PASS and LOGIN, behind the mechanism's name in AUTH and AUTHENTICATE, and behind the user's in APOP. A LOGIN may
/// have literals.
fn hidden(line: &[u8], commands: Commands) -> Option<Hidden> {
    let behind = |start: usize| {
        let word = line[start..].iter().position(|&octet| octet == b' ');
        word.map_or(line.len(), |length| start + length + 1)
    };
    let verb = match commands {
        Commands::VerbFirst => 0,
        Commands::TagFirst => behind(0),
    };
    let is = |name: &[u8]| begins(&line[verb..], name).then_some(verb + name.len());
    let (from, goes_on) = match commands {
        Commands::VerbFirst => match (is(b"PASS "), is(b"AUTH "), is(b"APOP ")) {
            (Some(from), ..) => (from, false),
            (_, Some(mechanism), _) => (behind(mechanism), true),
            (.., user) => (behind(user?), false),
        },
        Commands::TagFirst => match (is(b"LOGIN "), is(b"AUTHENTICATE ")) {
            (Some(from), _) => (from, true),
            (_, mechanism) => (behind(mechanism?), true),
        },
    };
    Some(Hidden { from, goes_on })
}

/// Whether it is the beginning of an exchange whose messages are no passwords.
fn is_scram(line: &[u8]) -> bool {
    let mechanism = line.trim_ascii_end().rsplit(|&octet| octet == b' ').next();
    mechanism.is_some_and(|name| begins(name, b"SCRAM-"))
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

    /// docs/threats.md row 20: the same in IMAP, where a password may be a literal.
    #[test]
    fn tagged_commands_have_secrets_too() {
        let book = Arc::new(Book::default());
        let recorder = Recorder::new(book.clone(), "1".to_owned(), Speaker::Server);
        let mut recorder = recorder.with_commands(Commands::TagFirst);
        let dialogue: [(&[u8], &[u8]); 8] = [
            (b"a LOGIN bob hungry\r\n", b"* CAPABILITY IMAP4rev1\r\na OK in\r\n"),
            (b"b login {3}\r\n", b"+ go\r\n"),
            (b"bob {6}\r\n", b"+ go\r\n"),
            (b"hungry\r\n", b"b OK in\r\n"),
            (b"c AUTHENTICATE PLAIN AGJvYgBodW5ncnk=\r\n", b"c OK in\r\n"),
            (b"d authenticate plain\r\n", b"+ \r\n"),
            (b"AGJvYgBodW5ncnk=\r\n", b"d OK in\r\n"),
            (b"e LOGOUT\r\n", b"* BYE now\r\n"),
        ];
        for (said, answered) in dialogue {
            recorder.received(said);
            recorder.sent(answered);
        }
        let lines = book.0.lock().unwrap();
        let of_client: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("1 Client ")).collect();
        let expected = [
            "a LOGIN [redacted]",
            "b login [redacted]",
            "[redacted]",
            "[redacted]",
            "c AUTHENTICATE PLAIN [redacted]",
            "d authenticate plain",
            "[redacted]",
            "e LOGOUT",
        ];
        assert_eq!(of_client, expected);
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
