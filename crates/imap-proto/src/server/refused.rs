//! Refusals that explain themselves.

use alloc::string::String;

use mail_wire::LineFault;

use super::{Error, Refusal, Server, State};
use crate::{OutOfSequence, Phase, SyntaxError, Text};

/// An answer that refuses something, for a server that teaches: see [`Config::explain`](super::Config::explain).
///
/// ```
/// use imap_proto::server::{Cause, Config, Fault, Refused};
///
/// fn explain(refused: &Refused<'_>) -> Option<String> {
///     match refused.cause {
///         Cause::Fault(Fault::Unknown) => Some("RFC 9051 section 6 has the commands".to_owned()),
///         _ => None,
///     }
/// }
/// let config = Config {
///     explain: Some(explain),
///     ..Config::default()
/// };
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refused<'a> {
    /// The command in hand, in upper case and without `UID`; empty where its name could not be read. Of its arguments nothing is
    /// told: they may be secrets.
    pub command: &'a str,
    /// Who refuses, and why.
    pub cause: Cause<'a>,
    /// Where the dialogue stands.
    pub phase: Phase,
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause<'a> {
    /// The machine cannot carry the command out: BAD.
    Fault(Fault),
    /// NO or BAD, mostly the application's.
    Refusal(&'a Refusal),
    /// The session is over: BYE.
    Ended(Error),
}

/// What is wrong with a command that the machine refuses by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The line is no line.
    #[error("{0}")]
    Line(LineFault),
    /// The command does not follow the grammar.
    #[error("{0}")]
    Syntax(SyntaxError),
    /// The command is not allowed now.
    #[error("{0}")]
    OutOfSequence(OutOfSequence),
    /// There is no such command.
    #[error("unknown command")]
    Unknown,
    /// The command belongs to an extension that is not offered, or not now.
    #[error("not offered here")]
    NotOffered,
}

impl<'a> Refused<'a> {
    /// What a machine in `phase` says of `command`.
    pub const fn new(command: &'a str, cause: Cause<'a>, phase: Phase) -> Self {
        Self { command, cause, phase }
    }
}

impl Server {
    /// Remembers the name of the command at the front, where somebody explains refusals.
    pub(super) fn note_command(&mut self) {
        if self.config.explain.is_some() && matches!(self.state, State::Command) {
            self.command = super::reading::head(self.window.unread()).map(|(_, name)| name);
        }
    }

    /// A refusal's text, and behind a colon what explains it.
    pub(super) fn explained(&self, text: Text<'static>, cause: Cause<'_>) -> Text<'static> {
        let name = self.command.as_ref().map_or(&[][..], |name| name.as_slice());
        let command = core::str::from_utf8(name).unwrap_or_default();
        let refused = Refused::new(command, cause, self.phase);
        let Some(words) = self.config.explain.and_then(|explain| explain(&refused)) else {
            return text;
        };
        let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
        let words: String = words.chars().map(plain).collect();
        Text::new(alloc::format!("{text}: {words}")).unwrap_or(text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use mail_wire::{Machine, Step};

    use super::super::{Config, Plaintext, Security};
    use super::*;

    fn explain(refused: &Refused<'_>) -> Option<String> {
        let cause = match refused.cause {
            Cause::Fault(Fault::NotOffered) => return None,
            Cause::Fault(_) => "fault",
            Cause::Refusal(_) => "refusal",
            Cause::Ended(_) => "naïve\r\nend",
        };
        Some(alloc::format!("{} {cause} in {:?}", refused.command, refused.phase))
    }

    /// What is answered to a line; what the application is asked it refuses.
    fn said(server: &mut Server, line: &str) -> String {
        server.receive(line.as_bytes());
        while let Ok(Step::Event(event)) = server.poll() {
            server.unhandled(event).unwrap();
        }
        let said = String::from_utf8(server.transmit().to_vec()).unwrap();
        server.transmitted(said.len());
        said
    }

    #[test]
    fn words_follow_the_refusal() {
        let mut config = Config {
            explain: Some(explain),
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        config.limits.errors = 4;
        let mut server = Server::new(Arc::new(config), Security::Plaintext);
        said(&mut server, "");
        let dialogue = [
            (
                "a uid fetch 1 flags\r\n",
                "a BAD not allowed in the not authenticated state: FETCH fault in NotAuthenticated\r\n",
            ),
            (
                "b LOGIN bob\r\n",
                "b BAD expected a space at octet 11: LOGIN fault in NotAuthenticated\r\n",
            ),
            ("c STARTTLS\r\n", "c BAD not offered here\r\n"),
            ("d LOGIN bob {6}\r\n", "+ go ahead\r\n"),
            (
                "hungry\r\n",
                "d NO [AUTHENTICATIONFAILED] name or password wrong: LOGIN refusal in NotAuthenticated\r\n",
            ),
        ];
        for (line, answer) in dialogue {
            assert_eq!(said(&mut server, line), answer);
        }
        let many = said(&mut server, "\r\n\r\n\r\n\r\n");
        assert!(
            many.starts_with("* BAD expected a tag at octet 0:  fault in NotAuthenticated\r\n"),
            "{many}"
        );
        assert!(
            many.ends_with("* BYE 4 commands in error:  na?ve??end in NotAuthenticated\r\n"),
            "{many}"
        );
    }
}
