//! Shows what a packet capture holds.

mod input;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use wiretap::item::{Item, Kind};
use wiretap::protocol::Protocol;
use wiretap::report::{json, summary, text};
use wiretap::save::Folder;
use wiretap::{Wiretap, stream};

use crate::input::Input;

/// What a packet capture holds: mail dialogues with notes, and the messages in them.
#[derive(Parser)]
#[command(version, about)]
struct Options {
    /// A capture, pcap or pcapng; - is standard input.
    file: PathBuf,
    /// Writes each message into this folder.
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Goes on reading as the file grows, until it is interrupted.
    #[arg(long)]
    follow: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Counts, too.
    #[arg(long)]
    stats: bool,
    /// What is spoken at a port: 2526=smtp, 4190=tls.
    #[arg(long = "port", value_name = "PORT=PROTOCOL", value_parser = port)]
    ports: Vec<(u16, Protocol)>,
    /// Only this protocol, or the connection of this number.
    #[arg(long, value_name = "PROTOCOL|STREAM", value_parser = only)]
    only: Option<Only>,
    /// With colours.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Without passwords and what could replace them.
    #[arg(long)]
    hide_secrets: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy)]
enum Only {
    Protocol(Protocol),
    Stream(u32),
}

fn port(text: &str) -> Result<(u16, Protocol), String> {
    let (port, name) = text.split_once('=').ok_or("expected PORT=PROTOCOL")?;
    let port = port.parse().map_err(|_| format!("{port} is no port"))?;
    let protocol = name.parse().map_err(|error| format!("{error}"))?;
    Ok((port, protocol))
}

fn only(text: &str) -> Result<Only, String> {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    match (number, text.parse()) {
        (Ok(number), _) => Ok(Only::Stream(number)),
        (_, Ok(protocol)) => Ok(Only::Protocol(protocol)),
        (_, Err(error)) => Err(format!("{error}; or the number of a connection")),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads has seen enough: `wiretap … | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wiretap: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the capture could be read to its end.
fn run(options: &Options) -> io::Result<bool> {
    let input = input::open(&options.file, options.follow)?;
    let mut wiretap = Wiretap::new(options.ports.iter().copied().collect::<stream::Ports>());
    let mut report = Report::new(options)?;
    let mut fault = None;
    for octets in input {
        let octets = match octets {
            Input::Octets(octets) => octets,
            Input::Interrupted | Input::End => break,
            Input::Failed(error) => return Err(error),
        };
        match wiretap.push(&octets) {
            Ok(items) => report.write(&wiretap, items)?,
            Err(why) => {
                fault = Some(why);
                break;
            }
        }
    }
    let items = wiretap.end();
    report.write(&wiretap, items)?;
    report.finish(&wiretap)?;
    if let Some(why) = fault {
        eprintln!(
            "wiretap: {}: {why}",
            mail_wire::Escaped(options.file.to_string_lossy().as_bytes())
        );
    }
    Ok(fault.is_none())
}

struct Report<'a> {
    options: &'a Options,
    style: text::Style,
    folder: Option<Folder>,
    /// The connections of the protocol that is asked for.
    wanted: std::collections::HashSet<u32>,
    /// Said of connections of which it is not known yet what they speak.
    opened: std::collections::HashMap<u32, Item>,
    out: BufWriter<io::Stdout>,
}

impl<'a> Report<'a> {
    fn new(options: &'a Options) -> io::Result<Self> {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !no_color && io::stdout().is_terminal(),
        };
        Ok(Self {
            options,
            style: text::Style {
                color,
                hide_secrets: options.hide_secrets,
            },
            folder: options.save.as_deref().map(Folder::new).transpose()?,
            wanted: Default::default(),
            opened: Default::default(),
            out: BufWriter::new(io::stdout()),
        })
    }

    fn write(&mut self, wiretap: &Wiretap, items: Vec<Item>) -> io::Result<()> {
        for item in items {
            for item in self.select(item) {
                self.one(wiretap, item)?;
            }
        }
        self.out.flush()
    }

    /// What of this is wanted, with what was held back.
    fn select(&mut self, item: Item) -> Vec<Item> {
        let wanted = match self.options.only {
            None => return vec![item],
            Some(Only::Stream(number)) => return if item.stream == number { vec![item] } else { Vec::new() },
            Some(Only::Protocol(wanted)) => wanted,
        };
        match &item.kind {
            Kind::Lookup(_) if wanted == Protocol::Dns => return vec![item],
            Kind::Opened { .. } => {
                self.opened.insert(item.stream, item);
                return Vec::new();
            }
            Kind::Recognised(protocol, _) => {
                let opened = self.opened.remove(&item.stream);
                if *protocol == wanted {
                    self.wanted.insert(item.stream);
                    return opened.into_iter().chain([item]).collect();
                }
            }
            _ => {}
        }
        if self.wanted.contains(&item.stream) {
            vec![item]
        } else {
            Vec::new()
        }
    }

    fn one(&mut self, wiretap: &Wiretap, mut item: Item) -> io::Result<()> {
        if let (Some(folder), Kind::Message(found)) = (&mut self.folder, &mut item.kind) {
            let is_complete = found.is_complete();
            found.saved = Some(folder.save(item.stream, is_complete, &found.octets)?);
        }
        match self.options.json {
            true => json::write(&item, wiretap.began(), self.options.hide_secrets, &mut self.out),
            false => text::write(&item, wiretap.began(), self.style, &mut self.out),
        }
    }

    fn finish(&mut self, wiretap: &Wiretap) -> io::Result<()> {
        match (self.options.stats, self.options.json) {
            (false, _) => {}
            (true, true) => summary::write_json(wiretap.counts(), wiretap.stats(), &mut self.out)?,
            (true, false) => summary::write(wiretap.counts(), wiretap.stats(), &mut self.out)?,
        }
        self.out.flush()
    }
}
