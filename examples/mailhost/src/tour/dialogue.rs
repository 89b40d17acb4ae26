//! Following a dialogue while it happens.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
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
    /// From Alice's client to her server again, for nobody.
    Misaddressed,
    /// From her server to Bob's, which knows nobody of that name.
    Refusal,
    /// From a stranger to Bob's server.
    Forgery,
    /// From Bob's telephone to his server, by IMAP.
    Phone,
    /// From Bob's computer to his server, by IMAP, at the same time.
    Desk,
}

/// The lines of a dialogue, in the order in which they were said.
pub(super) struct Lines {
    dialogue: Dialogue,
    lines: UnboundedReceiver<Line>,
}

/// What happened.
enum Line {
    /// One of the two said something.
    Said(Speaker, String),
    /// TLS began.
    Tls,
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
    /// What was said before TLS, line by line.
    pub(super) open: Vec<String>,
    /// What was said behind its beginning; `None` if it did not begin.
    pub(super) covered: Option<Vec<String>>,
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
            Self::Misaddressed => include_str!("misaddressed.txt"),
            Self::Refusal => include_str!("refusal.txt"),
            Self::Forgery => include_str!("forgery.txt"),
            Self::Phone => include_str!("phone.txt"),
            Self::Desk => include_str!("desk.txt"),
        }
    }

    /// The beginning of the name by which a [`Scribe`] knows it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Relay | Self::Refusal => "relay",
            Self::Retrieval => "retrieval",
            Self::Misaddressed => "misaddressed",
            Self::Forgery => "forgery",
            Self::Phone => "phone",
            Self::Desk => "desk",
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

    /// Another dialogue comes on the same lines.
    pub(super) const fn turn_to(&mut self, dialogue: Dialogue) {
        self.dialogue = dialogue;
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
            let Some(line) = self.lines.recv().await else {
                return Err(self.deviation(script.expected(), "the end of the dialogue").into());
            };
            let taken = match &line {
                Line::Said(speaker, text) => script.take(*speaker, text),
                Line::Tls => script.take_tls(),
            };
            match taken {
                Ok(matched) => {
                    heard.take(&line, &matched);
                    show(&line, matched, screen)?;
                }
                Err(expected) => {
                    show(&line, Matched::Content, screen)?;
                    return Err(self.deviation(expected, line).into());
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
            Ok(line) => Err(self.deviation("nothing more", line)),
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
        self.pass_on(dialogue, Line::Said(speaker, line.to_owned()));
    }

    fn tls(&self, dialogue: &str) {
        self.pass_on(dialogue, Line::Tls);
    }
}

impl Post {
    fn pass_on(&self, dialogue: &str, line: Line) {
        if dialogue.starts_with(self.beginning) {
            // Nobody reads on behind a deviation.
            let _ = self.lines.send(line);
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(speaker, text) => write!(f, "{}{text}", prefix(*speaker)),
            Self::Tls => f.write_str("TLS"),
        }
    }
}

/// Shows a line, and what there is to say about it.
fn show(line: &Line, matched: Matched, screen: &mut Screen<impl Write>) -> io::Result<()> {
    if let Matched::EndOfContent(about_message, _) = &matched {
        screen.note(about_message)?;
    }
    match line {
        _ if matches!(matched, Matched::Unseen(_)) => {}
        Line::Said(speaker, text) => screen.line(*speaker, text)?,
        Line::Tls => screen.mark("TLS begins")?,
    }
    match matched {
        Matched::Line(note) | Matched::Unseen(note) | Matched::EndOfContent(_, note) => {
            note.iter().try_for_each(|note| match *note {
                "<decoded>" => show_decoded(&line.to_string(), screen),
                note => screen.note(&[note]),
            })
        }
        Matched::Content => Ok(()),
    }
}

/// Shows what the last word of a line is the base64 of: SCRAM's attributes, as many in a line as it holds.
fn show_decoded(line: &str, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let word = line.rsplit(' ').next().unwrap_or_default();
    let decoded = mail_wire::decode_sasl(word.as_bytes());
    let text = decoded.map_or("?".to_owned(), |octets| mail_wire::Escaped(octets.expose()).to_string());
    let mut row = String::new();
    for attribute in text.split_inclusive(',') {
        if !row.is_empty() && row.len() + attribute.len() > ROW {
            screen.aside(&std::mem::take(&mut row))?;
        }
        row.push_str(attribute);
    }
    screen.aside(&row)
}

impl Heard {
    fn take(&mut self, line: &Line, matched: &Matched) {
        match (line, matched) {
            (Line::Tls, _) => self.covered = Some(Vec::new()),
            (Line::Said(speaker, text), matched) => {
                self.covered.as_mut().unwrap_or(&mut self.open).push(text.clone());
                match matched {
                    Matched::Content => self.content(text),
                    Matched::Line(_) | Matched::Unseen(_) => self.line(*speaker, text),
                    Matched::EndOfContent(..) => {}
                }
            }
        }
    }

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

/// Columns of a row of attributes.
const ROW: usize = 88;

#[cfg(test)]
mod tests {
    use super::*;

    /// A dialogue that follows its script, with `change` made to its lines.
    async fn hear(change: impl Fn(String) -> Option<String>) -> Result<Heard, Box<dyn Error>> {
        let (scribe, mut lines) = Lines::of(Dialogue::Relay);
        scribe.line("smtp 1", Speaker::Server, "none of this dialogue");
        for line in Dialogue::Relay.script().lines() {
            let (speaker, pattern) = match line.split_at(3) {
                ("C: ", pattern) => (Speaker::Client, pattern),
                ("S: ", pattern) => (Speaker::Server, pattern),
                _ => continue,
            };
            let text = pattern.replace("<message>", "..dot").replace('*', "X");
            if let Some(text) = change(text) {
                scribe.line("relay 1", speaker, &text);
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
            dialogue: Dialogue::Relay,
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

    /// What is said behind TLS is told from what was said before, and SCRAM is decoded.
    #[tokio::test]
    async fn tls_parts_the_lines() {
        let (scribe, mut lines) = Lines::of(Dialogue::Misaddressed);
        for speaker in [Speaker::Client, Speaker::Server] {
            for line in Dialogue::Misaddressed.script().lines() {
                let is_tls = line.eq_ignore_ascii_case("-- TLS");
                if is_tls && speaker == Speaker::Client {
                    scribe.tls("misaddressed");
                }
                let prefix = prefix(speaker).trim_end();
                let Some((who, pattern)) = line.split_at_checked(2) else {
                    continue;
                };
                if who.eq_ignore_ascii_case(prefix) {
                    let text = pattern.trim_start().replace("<message>", "hi").replace('*', "X");
                    scribe.line("misaddressed", speaker, &text);
                }
            }
        }
        let heard = lines.follow(&mut Screen::plain(Vec::new())).await.unwrap();
        assert_eq!(heard.open, ["EHLO laptop.crepes.fr", "STARTTLS"]);
        assert!(heard.covered.unwrap().contains(&"hi".to_owned()));
    }

    #[test]
    fn attributes_are_decoded() {
        let mut shown = Vec::new();
        show_decoded("S: 334 cj1hLHM9YixpPTQwOTY=", &mut Screen::plain(&mut shown)).unwrap();
        show_decoded("C: AUTH X !", &mut Screen::plain(&mut shown)).unwrap();
        assert_eq!(String::from_utf8(shown).unwrap(), "      = r=a,s=b,i=4096\n      = ?\n");
    }
}
