//! Following a dialogue while it happens.

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::screen::Screen;
use super::script::{Matched, Script, prefix};
use crate::transcript::{Scribe, Speaker};

/// A dialogue of the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialogue {
    /// From Alice's client to her server.
    Submission,
    /// From her server to Bob's.
    Relay,
    /// From Bob's server to his client.
    Retrieval,
}

/// The lines of a dialogue, in the order in which they were said.
pub(super) struct Lines {
    dialogue: Dialogue,
    lines: UnboundedReceiver<Line>,
}

/// What one of the two said.
struct Line {
    speaker: Speaker,
    text: String,
}

/// Passes the lines of some of a host's dialogues on to [`Lines`]. They wait there until the tour comes to them.
struct Post {
    /// How the names of these dialogues begin.
    beginning: &'static str,
    lines: UnboundedSender<Line>,
}

/// What is left of a dialogue when it is over.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Reply codes, or `+OK` and `-ERR`, in order.
    pub(super) replies: Vec<String>,
    /// The message that was passed, as it was before a dot was put in front of its lines.
    pub(super) message: Vec<u8>,
    /// The name that the server gave to the message.
    pub(super) queued_as: Option<String>,
}

/// A dialogue that did not go as it should.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {dialogue} went another way\n  expected: {expected}\n  found:    {found}")]
pub(super) struct Deviation {
    dialogue: Dialogue,
    expected: String,
    found: String,
}

impl Dialogue {
    const fn script(self) -> &'static str {
        match self {
            Self::Submission => include_str!("submission.txt"),
            Self::Relay => include_str!("relay.txt"),
            Self::Retrieval => include_str!("retrieval.txt"),
        }
    }

    /// The beginning of the name by which a [`Scribe`] knows it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Relay => "relay",
            Self::Retrieval => "retrieval",
        }
    }
}

impl fmt::Display for Dialogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Lines {
    /// Someone to take a dialogue down, and the lines taken down.
    pub(super) fn of(dialogue: Dialogue) -> (Arc<dyn Scribe>, Self) {
        let (sender, lines) = unbounded_channel();
        let post = Post {
            beginning: dialogue.name(),
            lines: sender,
        };
        (Arc::new(post), Self { dialogue, lines })
    }

    /// Shows the dialogue, each line when it is said, up to the last one of its script.
    ///
    /// # Errors
    ///
    /// [`Deviation`], and those of the screen.
    pub(super) async fn follow(&mut self, screen: &mut Screen<impl Write>) -> Result<Heard, Box<dyn Error>> {
        let mut script = Script::new(self.dialogue.script());
        let mut heard = Heard::default();
        while !script.is_complete() {
            let Some(Line { speaker, text }) = self.lines.recv().await else {
                return Err(self.deviation(script.expected(), "the end of the dialogue").into());
            };
            match script.take(speaker, &text) {
                Ok(Matched::Line(note)) => {
                    screen.line(speaker, &text)?;
                    screen.note(&note)?;
                    heard.line(speaker, &text);
                }
                Ok(Matched::Content) => {
                    screen.line(speaker, &text)?;
                    heard.content(&text);
                }
                Ok(Matched::EndOfContent(about_message, about_dot)) => {
                    screen.note(&about_message)?;
                    screen.line(speaker, &text)?;
                    screen.note(&about_dot)?;
                }
                Err(expected) => {
                    screen.line(speaker, &text)?;
                    return Err(self.deviation(expected, format!("{}{text}", prefix(speaker))).into());
                }
            }
        }
        Ok(heard)
    }

    /// Makes sure that nothing was said behind the end of the script.
    ///
    /// # Errors
    ///
    /// [`Deviation`].
    pub(super) fn finish(mut self) -> Result<(), Deviation> {
        match self.lines.try_recv() {
            Ok(Line { speaker, text }) => Err(self.deviation("nothing more", format!("{}{text}", prefix(speaker)))),
            Err(_) => Ok(()),
        }
    }

    fn deviation(&self, expected: impl ToString, found: impl ToString) -> Deviation {
        Deviation {
            dialogue: self.dialogue,
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

impl Scribe for Post {
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
        if dialogue.starts_with(self.beginning) {
            let text = line.to_owned();
            // Nobody reads on behind a deviation.
            let _ = self.lines.send(Line { speaker, text });
        }
    }
}

impl Heard {
    fn line(&mut self, speaker: Speaker, text: &str) {
        if speaker == Speaker::Server {
            self.replies.extend(reply_code(text).map(str::to_owned));
            let name = text.split_once("queued as ").map(|(_, name)| name.to_owned());
            self.queued_as = name.or(self.queued_as.take());
        }
    }

    fn content(&mut self, text: &str) {
        let line = text.strip_prefix('.').unwrap_or(text);
        self.message.extend_from_slice(line.as_bytes());
        self.message.extend_from_slice(b"\r\n");
    }
}

/// The code of a reply's last line; `None` for other lines.
fn reply_code(line: &str) -> Option<&str> {
    let (code, _) = line.split_once(' ').unwrap_or((line, ""));
    let is_code = code.len() == 3 && code.bytes().all(|octet| octet.is_ascii_digit());
    (is_code || code == "+OK" || code == "-ERR").then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dialogue that follows its script, with `change` made to its lines.
    async fn hear(change: impl Fn(String) -> Option<String>) -> Result<Heard, Box<dyn Error>> {
        let (scribe, mut lines) = Lines::of(Dialogue::Submission);
        scribe.line("smtp 1", Speaker::Server, "none of this dialogue");
        for line in Dialogue::Submission.script().lines() {
            let (speaker, pattern) = match line.split_at(3) {
                ("C: ", pattern) => (Speaker::Client, pattern),
                ("S: ", pattern) => (Speaker::Server, pattern),
                _ => continue,
            };
            let text = pattern.replace("<message>", "..dot").replace('*', "X");
            if let Some(text) = change(text) {
                scribe.line("submission", speaker, &text);
            }
        }
        drop(scribe);
        lines.follow(&mut Screen::plain(Vec::new())).await
    }

    #[tokio::test]
    async fn a_dialogue_is_heard() {
        let heard = hear(Some).await.unwrap();
        assert_eq!(heard.replies.join(" "), "220 250 250 250 354 250 221");
        assert_eq!(heard.message, b".dot\r\n");
        assert_eq!(heard.queued_as.as_deref(), Some("X"));
    }

    #[tokio::test]
    async fn a_changed_reply_is_a_deviation() {
        let error = hear(|text| Some(text.replace("250 2.1.5", "550 5.1.1")))
            .await
            .unwrap_err();
        let expected = Deviation {
            dialogue: Dialogue::Submission,
            expected: "S: 250 2.1.5 *".to_owned(),
            found: "S: 550 5.1.1 X".to_owned(),
        };
        assert_eq!(error.downcast_ref(), Some(&expected));
    }

    #[tokio::test]
    async fn a_missing_line_and_one_too_many_are_deviations() {
        let error = hear(|text| Some(text).filter(|text| !text.starts_with("221"))).await;
        assert!(error.unwrap_err().to_string().contains("expected: S: 221"));
        let (scribe, lines) = Lines::of(Dialogue::Relay);
        scribe.line("relay 2", Speaker::Server, "220 again");
        assert_eq!(lines.finish().unwrap_err().found, "S: 220 again");
    }
}
