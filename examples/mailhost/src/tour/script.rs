//! How a dialogue should go, and what to say about each of its lines.
//!
//! A script is a text file beside this one:
//!
//! ```text
//! S: 250 2.1.5 *
//!    What this line is for, shown behind it.
//! ```
//!
//! `*` at the end stands for any text, `<message>` for all lines up to the lone dot. `c: ` and `s: ` begin lines that come
//! and are not shown, `-- TLS` is where TLS begins. A note `<decoded>` becomes what the end of the line is the base64 of.

use std::collections::VecDeque;
use std::fmt;

use crate::transcript::Speaker;

/// The lines that are still to come. Those of each speaker have an order; how the two interleave is not prescribed, since
/// a client that pipelines speaks again before it is answered.
#[derive(Debug)]
pub(super) struct Script {
    client: VecDeque<Step>,
    server: VecDeque<Step>,
}

/// A line, or a message, that should come.
#[derive(Debug)]
pub(super) struct Step {
    expected: Expected,
    is_shown: bool,
    note: Vec<&'static str>,
}

/// What a line should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// This.
    Line(Speaker, &'static str),
    /// Anything that begins so.
    Beginning(Speaker, &'static str),
    /// The lines of a message.
    Message(Speaker),
    /// The beginning of TLS, which the client makes.
    Tls,
    /// None: the dialogue has ended.
    Nothing,
}

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Matched {
    /// What should come, and what there is to say about it.
    Line(Vec<&'static str>),
    /// The same of a line that is not shown.
    Unseen(Vec<&'static str>),
    /// Part of a message.
    Content,
    /// The lone dot behind a message: what there is to say about the message, and about the dot.
    EndOfContent(Vec<&'static str>, Vec<&'static str>),
}

impl Script {
    /// Reads a script.
    pub(super) fn new(text: &'static str) -> Self {
        let mut script = Self {
            client: VecDeque::new(),
            server: VecDeque::new(),
        };
        let mut last = Speaker::Server;
        for line in text.lines() {
            let Some((speaker, is_shown, expected)) = spoken(line) else {
                let about = script.steps(last).back_mut();
                about.into_iter().for_each(|step| step.note.push(line.trim()));
                continue;
            };
            script.steps(speaker).push_back(Step {
                expected,
                is_shown,
                note: Vec::new(),
            });
            last = speaker;
        }
        script
    }

    /// Whether all that should come has come.
    pub(super) fn is_complete(&self) -> bool {
        self.client.is_empty() && self.server.is_empty()
    }

    /// What the server should say next, or else the client.
    pub(super) fn expected(&self) -> Expected {
        let next = self.server.front().or(self.client.front());
        next.map_or(Expected::Nothing, |step| step.expected)
    }

    /// Takes the next line.
    ///
    /// # Errors
    ///
    /// What should have come in its place.
    pub(super) fn take(&mut self, speaker: Speaker, line: &str) -> Result<Matched, Expected> {
        let steps = self.steps(speaker);
        let step = steps.pop_front().ok_or(Expected::Nothing)?;
        match step.expected {
            Expected::Message(_) if line == "." => match self.take(speaker, line)? {
                Matched::Line(about_dot) => Ok(Matched::EndOfContent(step.note, about_dot)),
                _ => Err(step.expected),
            },
            Expected::Message(_) => {
                steps.push_front(step);
                Ok(Matched::Content)
            }
            expected if !expected.is(line) => Err(expected),
            _ if step.is_shown => Ok(Matched::Line(step.note)),
            _ => Ok(Matched::Unseen(step.note)),
        }
    }

    /// Takes the beginning of TLS.
    ///
    /// # Errors
    ///
    /// What should have come in its place.
    pub(super) fn take_tls(&mut self) -> Result<Matched, Expected> {
        let step = self.client.pop_front().ok_or(Expected::Nothing)?;
        match step.expected {
            Expected::Tls if step.is_shown => Ok(Matched::Line(step.note)),
            Expected::Tls => Ok(Matched::Unseen(step.note)),
            expected => Err(expected),
        }
    }

    const fn steps(&mut self, speaker: Speaker) -> &mut VecDeque<Step> {
        match speaker {
            Speaker::Client => &mut self.client,
            Speaker::Server => &mut self.server,
        }
    }
}

impl Expected {
    fn new(speaker: Speaker, pattern: &'static str) -> Self {
        match pattern.strip_suffix('*') {
            _ if pattern == "<message>" => Self::Message(speaker),
            Some(beginning) => Self::Beginning(speaker, beginning),
            None => Self::Line(speaker, pattern),
        }
    }

    fn is(self, line: &str) -> bool {
        match self {
            Self::Line(_, expected) => line == expected,
            Self::Beginning(_, beginning) => line.starts_with(beginning),
            Self::Message(_) | Self::Tls | Self::Nothing => false,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(speaker, line) => write!(f, "{}{line}", prefix(*speaker)),
            Self::Beginning(speaker, beginning) => write!(f, "{}{beginning}*", prefix(*speaker)),
            Self::Message(speaker) => write!(f, "{}a message", prefix(*speaker)),
            Self::Tls => f.write_str("TLS"),
            Self::Nothing => f.write_str("nothing more"),
        }
    }
}

/// Who speaks, whether it is shown, and what is said; `None` for a note.
fn spoken(line: &'static str) -> Option<(Speaker, bool, Expected)> {
    match line {
        "-- TLS" => return Some((Speaker::Client, true, Expected::Tls)),
        "-- tls" => return Some((Speaker::Client, false, Expected::Tls)),
        _ => {}
    }
    let (who, pattern) = line.split_at_checked(2)?;
    let (speaker, is_shown) = match who {
        "C:" => (Speaker::Client, true),
        "S:" => (Speaker::Server, true),
        "c:" => (Speaker::Client, false),
        "s:" => (Speaker::Server, false),
        _ => return None,
    };
    let pattern = pattern.strip_prefix(' ').unwrap_or(pattern);
    Some((speaker, is_shown, Expected::new(speaker, pattern)))
}

/// What stands in front of a speaker's lines.
pub(super) const fn prefix(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Client => "C: ",
        Speaker::Server => "S: ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "S: 354 *\n   Go on,\n   they say.\nC: <message>\n   A message.\nC: .\n   A dot.\nS: 250 Ok\n";

    #[test]
    fn lines_are_matched_for_each_speaker() {
        let mut script = Script::new(SCRIPT);
        assert_eq!(script.take(Speaker::Client, "hi"), Ok(Matched::Content));
        let note = vec!["Go on,", "they say."];
        assert_eq!(script.take(Speaker::Server, "354 go"), Ok(Matched::Line(note)));
        assert_eq!(script.take(Speaker::Client, ".."), Ok(Matched::Content));
        let end = Matched::EndOfContent(vec!["A message."], vec!["A dot."]);
        assert_eq!(script.take(Speaker::Client, "."), Ok(end));
        assert!(!script.is_complete());
        assert_eq!(script.take(Speaker::Server, "250 Ok"), Ok(Matched::Line(vec![])));
        assert!(script.is_complete());
        assert_eq!(script.take(Speaker::Server, "250 Ok"), Err(Expected::Nothing));
    }

    #[test]
    fn lines_can_be_unseen_and_tls_has_its_place() {
        let mut script = Script::new("s: 220 *\n   Hidden.\nC: STARTTLS\n-- TLS\n   Dark.\nC:\n");
        assert_eq!(
            script.take(Speaker::Server, "220 hi"),
            Ok(Matched::Unseen(vec!["Hidden."]))
        );
        assert_eq!(script.take(Speaker::Client, "STARTTLS"), Ok(Matched::Line(vec![])));
        assert_eq!(script.take_tls(), Ok(Matched::Line(vec!["Dark."])));
        assert_eq!(script.take_tls(), Err(Expected::Line(Speaker::Client, "")));
        let early = Script::new("C: EHLO\n").take_tls();
        assert_eq!(early, Err(Expected::Line(Speaker::Client, "EHLO")));
        let late = Script::new("-- TLS\n").take(Speaker::Client, "EHLO");
        assert_eq!(late, Err(Expected::Tls));
    }

    #[test]
    fn another_line_is_told_from_the_expected_one() {
        let wrong = Script::new(SCRIPT).take(Speaker::Server, "554 no");
        assert_eq!(wrong, Err(Expected::Beginning(Speaker::Server, "354 ")));
        let mut script = Script::new("S: 250 Ok\n");
        let wrong = script.take(Speaker::Server, "250 Okay").unwrap_err();
        assert_eq!(wrong.to_string(), "S: 250 Ok");
    }
}
