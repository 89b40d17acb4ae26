//! For people: one line a thing, what it means below it.

use std::io::{self, Write};
use std::time::Duration;

use mail_wire::Escaped;

use crate::dns::Lookup;
use crate::item::{Item, Kind, Line, Side};
use crate::message::Found;
use crate::sasl::Fact;

/// How it is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// Without passwords and the like.
    pub hide_secrets: bool,
}

/// Writes what happened; `began` is the time of the first packet.
///
/// # Errors
///
/// Those of the writer.
pub fn write(item: &Item, began: Duration, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut pen = Pen {
        style,
        time: item.stamp.time.saturating_sub(began),
        stream: item.stream,
        out,
    };
    pen.item(item)
}

struct Pen<'a> {
    style: Style,
    time: Duration,
    stream: u32,
    out: &'a mut dyn Write,
}

/// What is shown in which colour.
#[derive(Clone, Copy)]
enum Tone {
    Client,
    Server,
    Note,
    Phase,
    Warning,
    Good,
    Plain,
}

impl Tone {
    const fn of(side: Option<Side>) -> Self {
        match side {
            Some(Side::Client) => Self::Client,
            Some(Side::Server) => Self::Server,
            None => Self::Plain,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Client => "36",
            Self::Server => "32",
            Self::Note => "2",
            Self::Phase => "35",
            Self::Warning => "33",
            Self::Good => "1",
            Self::Plain => "0",
        }
    }
}

impl Pen<'_> {
    fn item(&mut self, item: &Item) -> io::Result<()> {
        match &item.kind {
            Kind::Opened {
                client,
                server,
                from_the_start,
            } => {
                let midst = if *from_the_start { "" } else { " (from its midst)" };
                self.line(Tone::Good, "--", &format!("{client} calls {server}{midst}"))
            }
            Kind::Recognised(protocol, how) => self.below(Tone::Note, &format!("{protocol}, recognised {how}")),
            Kind::Line(line) => self.said(item.side, line),
            Kind::Decoded(facts) => self.facts(facts),
            Kind::Phase(phase) => self.below(Tone::Phase, &format!("phase: {phase}")),
            Kind::Note(text) => self.below(Tone::Note, &escaped(text)),
            Kind::Warning(text) => self.below(Tone::Warning, &format!("! {}", escaped(text))),
            Kind::Message(found) => self.message(found),
            Kind::Hole(octets) => {
                let who = item.side.map_or("", Side::as_str);
                self.line(
                    Tone::Warning,
                    "!!",
                    &format!("{octets} octets of the {who} were not captured"),
                )
            }
            Kind::Opaque(why) => self.below(Tone::Phase, &format!("{why}: from here on, nobody can read along")),
            Kind::Unread { client, server } => {
                let text = format!("{client} octets of the client and {server} of the server cannot be read");
                self.line(Tone::Phase, "--", &text)
            }
            Kind::Lookup(lookup) => self.lookup(lookup),
            Kind::Closed(why) => self.line(Tone::Note, "--", why),
        }
    }

    fn said(&mut self, side: Option<Side>, line: &Line) -> io::Result<()> {
        let secret = line
            .secret
            .filter(|_| self.style.hide_secrets)
            .map_or(line.text.len(), |at| at.min(line.text.len()));
        let mut text: String = format!("{:#}", Escaped(&line.text[..secret]))
            .chars()
            .take(WIDEST)
            .collect();
        if secret < line.text.len() {
            text.push_str(HIDDEN);
        } else if line.octets > line.text.len() + 2 || text.chars().count() == WIDEST {
            text.push_str(&format!(" … ({} octets)", line.octets));
        }
        let who = if side == Some(Side::Client) { "C:" } else { "S:" };
        self.line(Tone::of(side), who, &text)?;
        match line.about {
            Some(about) => self.below(Tone::Note, &format!("{} ({})", about.what, about.rfc)),
            None => Ok(()),
        }
    }

    fn facts(&mut self, facts: &[Fact]) -> io::Result<()> {
        let shown = facts.iter().map(|fact| match fact.secret && self.style.hide_secrets {
            true => format!("{} {HIDDEN}", fact.name),
            false => format!("{} {:?}", fact.name, Escaped(&fact.value)),
        });
        let text: Vec<String> = shown.collect();
        if text.is_empty() {
            return Ok(());
        }
        self.below(Tone::Warning, &format!("decoded: {}", text.join(", ")))
    }

    fn message(&mut self, found: &Found) -> io::Result<()> {
        let lost = match found.lost {
            0 => String::new(),
            lost => format!(", and {lost} that were not captured"),
        };
        self.line(
            Tone::Good,
            "==",
            &format!(
                "a message by {}: {} octets{lost}; {}",
                escaped(&found.carrier),
                found.size,
                escaped(&found.outcome)
            ),
        )?;
        if let Some(sender) = &found.sender {
            let to: Vec<String> = found.recipients.iter().take(8).map(|to| escaped(to)).collect();
            let more = if found.recipients.len() > 8 { ", …" } else { "" };
            self.below(
                Tone::Plain,
                &format!("envelope: {} to {}{more}", escaped(sender), to.join(", ")),
            )?;
        }
        for (name, value) in &found.header {
            self.below(Tone::Plain, &format!("{name}: {}", escaped(value)))?;
        }
        for line in &found.structure {
            self.below(Tone::Note, line)?;
        }
        match &found.saved {
            Some(path) => self.below(Tone::Good, &format!("saved as {}", escaped(&path.to_string_lossy()))),
            None => Ok(()),
        }
    }

    fn lookup(&mut self, lookup: &Lookup) -> io::Result<()> {
        let name = escaped(&lookup.name);
        match &lookup.answer {
            None => self.line(
                Tone::Client,
                "?:",
                &format!(
                    "DNS: {} of {name}? ({} asks {})",
                    lookup.record, lookup.client, lookup.server
                ),
            ),
            Some(answer) => {
                let tone = Tone::Server;
                self.line(
                    tone,
                    "A:",
                    &format!("DNS: {} of {name}: {}", lookup.record, escaped(&answer.code)),
                )?;
                answer
                    .records
                    .iter()
                    .try_for_each(|record| self.below(Tone::Plain, &escaped(record)))
            }
        }
    }

    fn line(&mut self, tone: Tone, mark: &str, text: &str) -> io::Result<()> {
        let time = format!("{:>11.6}", self.time.as_secs_f64());
        let stream = match self.stream {
            0 => String::new(),
            number => format!("#{number}"),
        };
        let text = format!("{mark} {text}");
        writeln!(self.out, "{time} {stream:<3} {}", self.toned(tone, &text))
    }

    fn below(&mut self, tone: Tone, text: &str) -> io::Result<()> {
        writeln!(self.out, "{:19}{}", "", self.toned(tone, text))
    }

    fn toned(&self, tone: Tone, text: &str) -> String {
        match self.style.color {
            true => format!("\x1b[{}m{text}\x1b[0m", tone.code()),
            false => text.to_owned(),
        }
    }
}

fn escaped(text: &str) -> String {
    format!("{:#}", Escaped(text.as_bytes()))
}

/// Characters of a line that are shown.
const WIDEST: usize = 400;
const HIDDEN: &str = "[hidden]";
