//! Looks at messages and protocol lines with the eyes of the parsers.
//!
//! ```text
//! mailtool message letter.eml
//! mailtool extract letter.eml attachments
//! mailtool compose --from alice@crepes.fr --to bob@hamburger.edu --subject Hi --text hi.txt --attach menu.pdf > letter.eml
//! printf '%s\n' '"a1 SELECT Drafts\r\n"' | mailtool parse imap-command
//! printf '%s\n' '"Bob <bob@hamburger.edu>"' | mailtool parse address-list
//! printf '%s\n' '"Entw&APw-rfe"' | mailtool parse mailbox-name --json
//! ```

mod compose;
mod extract;
mod header;
mod imap;
mod input;
mod message;
mod output;
mod pen;
mod pop3;
mod smtp;
mod text;

use std::io;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::{Accepted, Refused};
use crate::pen::Form;
use crate::smtp::Dialect;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows each message: header, tree of parts, defects.
    Message(message::Options),
    /// Writes what is attached to a message into files, under harmless names.
    Extract(extract::Options),
    /// Makes a message from files and writes it to standard output.
    Compose(Box<compose::Options>),
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
    /// One SMTP command line.
    SmtpCommand,
    /// One LMTP command line.
    LmtpCommand,
    /// One SMTP reply, all its lines.
    SmtpReply,
    /// One POP3 command line.
    Pop3Command,
    /// The line that answers a POP3 command.
    Pop3Response,
    /// The value of an unstructured field, possibly folded.
    Text,
    /// A phrase, such as a display name.
    Phrase,
    /// The value of a Content-Type field.
    ContentType,
    /// The value of a Content-Disposition field.
    ContentDisposition,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Parse(parse) if parse.encode && !matches!(parse.kind, Kind::MailboxName) => {
            eprintln!("mailtool: --encode is for mailbox-name");
            return ExitCode::from(2);
        }
        Command::Parse(parse) if parse.smtp && !matches!(parse.kind, Kind::Address) => {
            eprintln!("mailtool: --smtp is for address");
            return ExitCode::from(2);
        }
        Command::Parse(parse) => run(&parse).map(|()| ExitCode::SUCCESS),
        Command::Message(options) => messages(&options),
        Command::Extract(options) => extract::run(&options, &mut io::stdout().lock()).map(|()| ExitCode::SUCCESS),
        Command::Compose(options) => composed(&options),
    };
    match done {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mailtool: {error}");
            ExitCode::FAILURE
        }
    }
}

fn messages(options: &message::Options) -> io::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let unreadable = message::run(options, &mut out)?;
    for message::Unreadable { file, error } in &unreadable {
        eprintln!("mailtool: {file}: {error}");
    }
    Ok(if unreadable.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn composed(options: &compose::Options) -> io::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match compose::run(options, &mut out) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.downcast::<io::Error>() {
            Ok(error) => Err(*error),
            Err(error) => {
                eprintln!("mailtool: {error}");
                Ok(ExitCode::from(2))
            }
        },
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
        Kind::SmtpCommand => smtp::command(octets, parse.strict, Dialect::Smtp),
        Kind::LmtpCommand => smtp::command(octets, parse.strict, Dialect::Lmtp),
        Kind::SmtpReply => smtp::reply(octets),
        Kind::Pop3Command => pop3::command(octets, parse.strict),
        Kind::Pop3Response => pop3::response(octets, parse.strict),
        Kind::Text => text::unstructured(octets, parse.strict),
        Kind::Phrase => text::phrase(octets, parse.strict),
        Kind::ContentType => text::content_type(octets, parse.strict),
        Kind::ContentDisposition => text::content_disposition(octets, parse.strict),
    }
}
