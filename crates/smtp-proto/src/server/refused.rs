//! Refusals that explain themselves.

use alloc::string::String;

use crate::phase::Phase;
use crate::{CommandError, Refusal, ReplyText, Verb};

use super::Server;

/// A reply that refuses something, for a server that teaches: see [`Config::explain`](super::Config::explain).
///
/// ```
/// use smtp_proto::server::{Config, Refused};
///
/// fn explain(refused: &Refused<'_>) -> Option<String> {
///     refused.fault.map(|fault| format!("What went wrong: {fault}"))
/// }
/// let mut config = Config::new("mx.hamburger.example".parse().unwrap());
/// config.explain = Some(explain);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refused<'a> {
    /// What is said.
    pub refusal: &'a Refusal,
    /// The command in hand, where its name could be read. Of its arguments nothing is told: they may be secrets.
    pub verb: Option<Verb>,
    /// What the machine found wrong; `None` where the application refuses.
    pub fault: Option<CommandError>,
    /// Where the dialogue stands.
    pub phase: Phase,
}

impl<'a> Refused<'a> {
    /// Of a command that the machine refuses (`Some` fault) or the application.
    pub const fn new(refusal: &'a Refusal, verb: Option<Verb>, fault: Option<CommandError>, phase: Phase) -> Self {
        Self {
            refusal,
            verb,
            fault,
            phase,
        }
    }
}

impl Server {
    /// A refusal's text, and behind it what explains it, line by line.
    pub(super) fn explained(&self, refusal: &Refusal, fault: Option<CommandError>) -> Option<String> {
        let refused = Refused::new(refusal, self.verb, fault, self.standing.phase);
        let words = (self.config.explain?)(&refused)?;
        let mut text = String::from(refusal.text.as_str());
        for line in words.lines() {
            text.push('\n');
            text.push_str(ReplyText::lossy(line).as_str());
        }
        Some(text)
    }
}
