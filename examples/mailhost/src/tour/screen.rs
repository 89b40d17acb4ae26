//! What the tour looks like.

use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};

use super::script::prefix;
use crate::transcript::Speaker;

/// Where the tour is shown. Each method shows its text at once.
pub(super) struct Screen<W> {
    out: W,
    colours: Colours,
}

/// How the kinds of lines are told apart, beside their prefixes and indentation.
#[derive(Default)]
struct Colours {
    heading: Style,
    client: Style,
    server: Style,
    note: Style,
    mark: Style,
    good: Style,
    bad: Style,
}

impl Screen<io::Stdout> {
    /// Standard output: in colour on a terminal whose user has not set `NO_COLOR`.
    pub(super) fn stdout() -> Self {
        let out = io::stdout();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = match out.is_terminal() && !plain {
            true => Colours::of_a_terminal(),
            false => Colours::default(),
        };
        Self { out, colours }
    }
}

impl<W: Write> Screen<W> {
    /// Text without colours.
    #[cfg(test)]
    pub(super) fn plain(out: W) -> Self {
        Self {
            out,
            colours: Colours::default(),
        }
    }

    /// The title of a step.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        let style = self.colours.heading;
        let rule = "─".repeat(WIDTH.saturating_sub(text.chars().count() + 4));
        writeln!(self.out, "\n{style}── {text} {rule}{style:#}\n")
    }

    /// Text as it is.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A line of a dialogue; of one that is too long for the screen its beginning.
    pub(super) fn line(&mut self, speaker: Speaker, line: &str) -> io::Result<()> {
        let style = match speaker {
            Speaker::Client => self.colours.client,
            Speaker::Server => self.colours.server,
        };
        let most = WIDTH - 3;
        match line.char_indices().nth(most) {
            None => writeln!(self.out, "{style}{}{line}{style:#}", prefix(speaker)),
            Some(_) => {
                let beginning: String = line.chars().take(most - 1).collect();
                writeln!(self.out, "{style}{}{beginning}…{style:#}", prefix(speaker))
            }
        }
    }

    /// What the line above is, in other words.
    pub(super) fn aside(&mut self, text: &str) -> io::Result<()> {
        let style = self.colours.mark;
        writeln!(self.out, "{INDENT}{style}= {text}{style:#}")
    }

    /// What the line above is for.
    pub(super) fn note(&mut self, lines: &[&str]) -> io::Result<()> {
        let style = self.colours.note;
        lines
            .iter()
            .try_for_each(|line| writeln!(self.out, "{INDENT}{style}{line}{style:#}"))
    }

    /// Who wrote the lines below.
    pub(super) fn mark(&mut self, text: &str) -> io::Result<()> {
        let style = self.colours.mark;
        writeln!(self.out, "{style}>> {text}{style:#}")
    }

    /// Something that was checked, and is so.
    pub(super) fn good(&mut self, what: &str, found: &str) -> io::Result<()> {
        let style = self.colours.good;
        let between = match what.len() + found.len() < WIDTH - 10 {
            true => " ",
            false => "\n        ",
        };
        writeln!(self.out, "{style}ok{style:#}      {what}:{between}{found}")
    }

    /// Something that was checked, and is not so.
    pub(super) fn bad(&mut self, what: &str, expected: &str, found: &str) -> io::Result<()> {
        let style = self.colours.bad;
        writeln!(self.out, "{style}FAILED{style:#}  {what}")?;
        writeln!(self.out, "        expected: {expected}\n        found:    {found}")
    }
}

impl Colours {
    fn of_a_terminal() -> Self {
        Self {
            heading: Style::new().bold(),
            client: AnsiColor::Cyan.on_default(),
            server: AnsiColor::Yellow.on_default(),
            note: Style::new().dimmed(),
            mark: AnsiColor::Magenta.on_default(),
            good: AnsiColor::Green.on_default(),
            bad: AnsiColor::Red.on_default().bold(),
        }
    }
}

/// Columns.
const WIDTH: usize = 96;

/// In front of notes, so that they stand clear of the dialogue.
const INDENT: &str = "      ";
