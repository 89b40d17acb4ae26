//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

/// Send and read mail from a terminal or a script; without a command, read it full-screen.
///
/// Accounts stand in ~/.config/mua/config.toml, or are given by --smtp, --imap, --pop3 and --user.
#[derive(Debug, Parser)]
#[command(name = "mua", version, after_help = EXITS)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXITS: &str = "Exit codes: 0 done, 1 failed here (a file, the terminal), 2 wrong use or account file, 3 server not reached or \
not trusted, 4 login refused, 5 the server refused, 6 no such message, part or mailbox, 7 sent to some recipients only.";

/// What all commands take.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Account")]
pub(crate) struct Shared {
    /// The account file, in place of ~/.config/mua/config.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The account of that file to use.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// One JSON object a line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show the dialogue with the server, without secrets, on standard error or in a file.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub(crate) transcript: Option<PathBuf>,
    /// The submission server.
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) smtp: Option<String>,
    /// The IMAP server.
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) imap: Option<String>,
    /// The POP3 server.
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) pop3: Option<String>,
    /// The name to log in with.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The environment variable that holds the password.
    #[arg(long, global = true, value_name = "VAR", conflicts_with = "password_command")]
    pub(crate) password_env: Option<String>,
    /// A command that prints the password.
    #[arg(long, global = true, value_name = "CMD")]
    pub(crate) password_command: Option<String>,
    /// When TLS begins. Otherwise: at ports 465, 993 and 995 at once, elsewhere by STARTTLS, which only servers on this
    /// machine may lack.
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) tls: Option<TlsMode>,
    /// Trust these certificates (PEM) in place of the system's.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The name server to ask for an account's servers.
    #[arg(long, global = true, value_name = "ADDR")]
    pub(crate) dns: Option<SocketAddr>,
}

/// When TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TlsMode {
    /// With the first octet.
    Implicit,
    /// By STARTTLS or STLS, or nothing is sent.
    Starttls,
    /// Never: all may read along.
    None,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Send a message.
    Send(Send),
    /// List messages, or mailboxes.
    List(List),
    /// Show a message.
    Read(Read),
    /// Save attachments.
    Save(Save),
    /// Set and take away flags: mua flag 3 5:7 +seen -flagged.
    Flag(Flag),
    /// Move messages to another mailbox.
    Move(Move),
    /// Delete messages.
    Delete(Delete),
    /// Find messages: prints their UIDs.
    Search(Search),
    /// Wait for new messages and print them as they arrive.
    Idle(Idle),
    /// Download messages by POP3.
    Fetch(Fetch),
    /// Look at accounts.
    #[command(subcommand)]
    Account(Account),
}

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The author: an address, perhaps with a name. Otherwise the account's.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: Option<String>,
    /// A recipient, or several with commas between.
    #[arg(long, value_name = "ADDRESSES")]
    pub(crate) to: Vec<String>,
    /// Who gets a copy.
    #[arg(long, value_name = "ADDRESSES")]
    pub(crate) cc: Vec<String>,
    /// Who gets a copy without the others knowing.
    #[arg(long, value_name = "ADDRESSES")]
    pub(crate) bcc: Vec<String>,
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// The text; @FILE reads it from a file, - from standard input, as without --text and --html.
    #[arg(long, value_name = "TEXT|@FILE|-", allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// The same in HTML.
    #[arg(long, value_name = "HTML|@FILE|-", allow_hyphen_values = true)]
    pub(crate) html: Option<String>,
    /// A file to attach.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The Message-ID of the message that this one answers.
    #[arg(long, value_name = "ID")]
    pub(crate) in_reply_to: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[arg(default_value = "INBOX")]
    pub(crate) mailbox: String,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: u32,
    /// The mailboxes in place of messages.
    #[arg(long)]
    pub(crate) mailboxes: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("form").args(["html", "headers", "raw", "structure"])))]
pub(crate) struct Read {
    pub(crate) uid: u32,
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
    /// The HTML of the message, as it was written.
    #[arg(long)]
    pub(crate) html: bool,
    /// The header fields alone, as they came.
    #[arg(long)]
    pub(crate) headers: bool,
    /// The message as it came.
    #[arg(long)]
    pub(crate) raw: bool,
    /// What the message consists of.
    #[arg(long)]
    pub(crate) structure: bool,
    /// Do not mark it as seen.
    #[arg(long)]
    pub(crate) peek: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Save {
    pub(crate) uid: u32,
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
    /// Only this attachment, by the number that `mua read` shows.
    #[arg(long, value_name = "N")]
    pub(crate) part: Option<usize>,
    /// The folder to save to.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Flag {
    /// UIDs (3, 5:7) and changes: +seen -flagged +answered +draft +deleted, or a keyword.
    #[arg(required = true, allow_hyphen_values = true, value_name = "UID|+FLAG|-FLAG")]
    pub(crate) words: Vec<String>,
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
}

#[derive(Debug, Args)]
pub(crate) struct Move {
    /// UIDs, and behind them the mailbox to move to.
    #[arg(required = true, num_args = 2.., value_name = "UID… MAILBOX")]
    pub(crate) words: Vec<String>,
    /// Where they are.
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[arg(required = true, value_name = "UID")]
    pub(crate) uids: Vec<String>,
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words that stand anywhere in the message, all of them.
    pub(crate) words: Vec<String>,
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) from: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) to: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// In the text alone.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Arrived on this day or later.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) since: Option<String>,
    /// Arrived before this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) before: Option<String>,
    /// Not read yet.
    #[arg(long)]
    pub(crate) unseen: bool,
    #[arg(long)]
    pub(crate) flagged: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Idle {
    #[arg(default_value = "INBOX")]
    pub(crate) mailbox: String,
    /// Until so many have arrived.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// Until one has arrived.
    #[arg(long, conflicts_with = "count")]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("mode").args(["keep", "delete"]).required(true)))]
pub(crate) struct Fetch {
    /// Leave the messages on the server, and remember which are here.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Remove each message from the server once it is safely on disk.
    #[arg(long)]
    pub(crate) delete: bool,
    /// Where to: a folder of .eml files, a Maildir (a folder with new, cur and tmp), or an mbox (a file).
    #[arg(long, value_name = "DIR|FILE", default_value = "mail")]
    pub(crate) to: PathBuf,
    /// What it should be when it is not there yet.
    #[arg(long, value_name = "KIND", default_value = "eml")]
    pub(crate) format: Format,
}

/// How downloaded messages are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A folder, a file a message.
    Eml,
    /// A folder with new, cur and tmp.
    Maildir,
    /// One file.
    Mbox,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Try every server of the account, and say what it offers.
    Check,
    /// Find the servers of an address, and print an account for the account file.
    Discover(Discover),
}

#[derive(Debug, Args)]
pub(crate) struct Discover {
    pub(crate) address: String,
    /// Where the DNS names no server, look for hosts with the usual names.
    #[arg(long)]
    pub(crate) guess: bool,
}
