//! What the guide looks like.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;

use clap::builder::styling::{AnsiColor, Style};

use super::course::Course;
use super::lessons::{Lesson, Step};
use crate::service::Service;

/// Where the host listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doors {
    pub(super) smtp: SocketAddr,
    pub(super) pop3: SocketAddr,
    pub(super) imap: SocketAddr,
}

impl Doors {
    const fn of(&self, service: Service) -> SocketAddr {
        match service {
            Service::Pop3 => self.pop3,
            Service::Imap => self.imap,
            _ => self.smtp,
        }
    }
}

/// Where the guide is shown.
pub(super) struct Page<W> {
    pub(super) out: W,
    pub(super) doors: Doors,
    colours: Colours,
}

#[derive(Default)]
struct Colours {
    heading: Style,
    typed: Style,
    good: Style,
    hint: Style,
}

impl Page<io::Stdout> {
    /// Standard output: in colour on a terminal whose user has not set `NO_COLOR`.
    pub(super) fn stdout(doors: Doors) -> Self {
        let out = io::stdout();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = match out.is_terminal() && !plain {
            true => Colours {
                heading: Style::new().bold(),
                typed: AnsiColor::Cyan.on_default(),
                good: AnsiColor::Green.on_default(),
                hint: AnsiColor::Yellow.on_default(),
            },
            false => Colours::default(),
        };
        Self { out, doors, colours }
    }
}

impl<W: Write> Page<W> {
    /// The guide from beginning to end.
    pub(super) fn whole(&mut self, lessons: &[&'static Lesson]) -> io::Result<()> {
        self.paragraph("", "", PRINTED)?;
        for lesson in lessons {
            self.lesson(lesson)?;
            for (at, step) in lesson.steps.iter().enumerate() {
                self.step(lesson, at)?;
                self.paragraph("  ", "  ", step.why)?;
            }
        }
        Ok(())
    }

    /// How to go about it, and the first step.
    pub(super) fn beginning(&mut self, course: &Course) -> io::Result<()> {
        for (name, address) in [
            ("smtp", self.doors.smtp),
            ("pop3", self.doors.pop3),
            ("imap", self.doors.imap),
        ] {
            writeln!(self.out, "listening {name} {address}")?;
        }
        writeln!(self.out)?;
        self.paragraph("", "", INTRODUCTION)?;
        self.next(course)
    }

    /// The step that is to be done.
    pub(super) fn next(&mut self, course: &Course) -> io::Result<()> {
        if let Some((lesson, at)) = course.current() {
            if at == 0 {
                self.lesson(lesson)?;
            }
            self.step(lesson, at)?;
        }
        self.out.flush()
    }

    fn lesson(&mut self, lesson: &Lesson) -> io::Result<()> {
        let style = self.colours.heading;
        writeln!(self.out, "\n{style}── {}{style:#}\n", lesson.title)?;
        self.paragraph("", "", lesson.about)
    }

    fn step(&mut self, lesson: &Lesson, at: usize) -> io::Result<()> {
        let step = &lesson.steps[at];
        writeln!(self.out, "\n{} of {}", at + 1, lesson.steps.len())?;
        self.typed(step)?;
        self.paragraph("  answer    ", "            ", step.looks)
    }

    fn typed(&mut self, step: &Step) -> io::Result<()> {
        let style = self.colours.typed;
        if step.typed.is_empty() {
            let address = self.doors.of(step.service);
            return writeln!(
                self.out,
                "  type      {style}telnet {} {}{style:#}",
                address.ip(),
                address.port()
            );
        }
        for (at, line) in step.typed.iter().enumerate() {
            let front = if at == 0 { "type" } else { "" };
            writeln!(self.out, "  {front:10}{style}{line}{style:#}")?;
        }
        Ok(())
    }

    /// A step is done.
    pub(super) fn done(&mut self, what: &str) -> io::Result<()> {
        let style = self.colours.good;
        self.paragraph(&format!("{style}✓{style:#} "), "  ", what)
    }

    /// Something else was done.
    pub(super) fn hint(&mut self, what: &str, course: &Course) -> io::Result<()> {
        let style = self.colours.hint;
        self.paragraph(&format!("{style}✗{style:#} "), "  ", what)?;
        if let Some((lesson, at)) = course.current() {
            self.typed(&lesson.steps[at])?;
        }
        self.out.flush()
    }

    /// That was the last one.
    pub(super) fn finished(&mut self, course: &Course) -> io::Result<()> {
        let style = self.colours.heading;
        writeln!(self.out, "\n{style}All {} steps are done.{style:#}", course.steps())?;
        self.out.flush()
    }

    /// Words in lines of at most 80 columns. What stands in front of the first is as wide as what stands in front of the others.
    fn paragraph(&mut self, first: &str, others: &str, text: &str) -> io::Result<()> {
        let mut front = first;
        let mut line = String::new();
        for word in text.split(' ') {
            let columns = others.len() + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && columns > WIDTH {
                writeln!(self.out, "{front}{line}")?;
                front = others;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        writeln!(self.out, "{front}{line}")
    }
}

const INTRODUCTION: &str = "Open another window and type there what stands behind \"type\"; end each line with the Enter key. Without telnet, \"nc -C\" does the same, with the same arguments. This window says what came of it. Bob's password is hungry. Control-C ends the course.";

const PRINTED: &str = "Start \"mailhost telnet-guide\", open another window, and type there what stands behind \"type\". Without telnet, \"nc -C\" does the same, with the same arguments. The guide looks on and ticks off each step. Bob's password is hungry.";

const WIDTH: usize = 80;

#[cfg(test)]
mod tests {
    use super::super::lessons::LESSONS;
    use super::*;

    fn printed() -> String {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let mut page = Page {
            out: Vec::new(),
            doors: Doors {
                smtp: at(2525),
                pop3: at(1100),
                imap: at(1143),
            },
            colours: Colours::default(),
        };
        page.whole(&LESSONS.iter().collect::<Vec<_>>()).unwrap();
        String::from_utf8(page.out).unwrap()
    }

    #[test]
    fn it_fits_a_terminal_of_80_columns() {
        let printed = printed();
        for line in printed.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert!(printed.contains("  type      telnet 127.0.0.1 1143\n") && !printed.contains('\u{1b}'));
    }
}
