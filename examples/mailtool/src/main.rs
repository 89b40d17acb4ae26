//! Looks at protocol lines and header fields with the eyes of the parsers.
//!
//! ```text
//! printf '%s\n' '"a1 SELECT Drafts\r\n"' | mailtool parse imap-command
//! printf '%s\n' '"Bob <bob@hamburger.edu>"' | mailtool parse address-list
//! printf '%s\n' '"Entw&APw-rfe"' | mailtool parse mailbox-name --json
//! ```

mod header;
mod imap;
mod input;
mod output;
mod pen;

use std::io;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::{Accepted, Refused};
use crate::pen::Form;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Parses each line of standard input: a JSON string, or {"b64": "…"} for octets that are not UTF-8.
    Parse(Parse),
}

#[derive(Args)]
struct Parse {
    /// What each line holds.
    kind: Kind,
    /// One JSON object a line in place of readable text.
    #[arg(long)]
    json: bool,
    /// Refuses malformed forms that the lenient default repairs.
    #[arg(long)]
    strict: bool,
    /// mailbox-name: from the name that people read to modified UTF-7.
    #[arg(long)]
    encode: bool,
    /// address: checks RFC 5321 Mailbox with its limits in place of RFC 5322 addr-spec.
    #[arg(long)]
    smtp: bool,
    /// Octets of the longest input.
    #[arg(long, default_value_t = 256 << 20)]
    limit: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// One address, accepted or refused, never repaired.
    Address,
    /// The value of From, To and their like.
    AddressList,
    /// The value of Date.
    Date,
    /// One IMAP command with its literals in place.
    ImapCommand,
    /// One IMAP response with its literals in place.
    ImapResponse,
    /// An IMAP mailbox name in modified UTF-7.
    MailboxName,
}

fn main() -> ExitCode {
    let Command::Parse(parse) = Cli::parse().command;
    if parse.encode && !matches!(parse.kind, Kind::MailboxName) {
        eprintln!("mailtool: --encode is for mailbox-name");
        return ExitCode::from(2);
    }
    if parse.smtp && !matches!(parse.kind, Kind::Address) {
        eprintln!("mailtool: --smtp is for address");
        return ExitCode::from(2);
    }
    match run(&parse) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mailtool: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(parse: &Parse) -> io::Result<()> {
    let form = if parse.json { Form::Json } else { Form::Readable };
    let mut out = io::BufWriter::new(io::stdout().lock());
    input::for_each_line(io::stdin().lock(), parse.limit, |line| match line {
        Ok(octets) => output::write(&mut out, form, judge(parse, &octets)),
        Err(refused) => output::write(&mut out, form, Err(refused)),
    })
}

fn judge<'a>(parse: &Parse, octets: &'a [u8]) -> Result<Accepted<'a>, Refused> {
    match parse.kind {
        Kind::Address => header::address(octets, parse.smtp),
        Kind::AddressList => header::address_list(octets, parse.strict),
        Kind::Date => header::date(octets, parse.strict),
        Kind::ImapCommand => imap::command(octets, parse.strict),
        Kind::ImapResponse => imap::response(octets, parse.strict),
        Kind::MailboxName if parse.encode => imap::encode_name(octets),
        Kind::MailboxName => imap::decode_name(octets, parse.strict),
    }
}
