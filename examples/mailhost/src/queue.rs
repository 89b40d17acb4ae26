//! `mailhost queue`: what waits to go to other hosts, for people to look at and to order about.
//!
//! It works on the data folder, beside a server that runs there or without one: each order is one short transaction of the
//! database, and the server looks once a second whether somebody else has written. A message that is just being sent is
//! told from the others by a `*` behind its number: what is ordered about it holds from the end of that attempt on, and
//! what is deleted may have gone out.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use mail_wire::Escaped;
use rfc5322::{DateTime, Zone};
use serde_json::{Value, json};

use crate::store::{
    ByMode, ContentKind, EntryState, Order, QueueEntry, QueueId, QueueTool, Recipient, RecipientStatus, Returned,
    StoreError, Warned, Which,
};

/// Options of `mailhost queue`.
#[derive(Debug, Args)]
pub struct Queue {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The folder that keeps the mail.
    #[arg(long, value_name = "DIR", default_value = "mailhost-data", global = true)]
    pub data: PathBuf,
    /// Print JSON, one object a line.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show all that waits.
    List,
    /// Show one message: all that is known of it, and its header section.
    Show {
        /// The message's number.
        id: u64,
    },
    /// Try messages now.
    Flush(Selection),
    /// Keep messages back until they are released.
    Hold(Selection),
    /// Let messages go that were held.
    Release(Selection),
    /// Delete messages. Their senders do not hear of it.
    Delete(Selection),
}

/// Which messages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Selection {
    /// Their numbers.
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    /// All of them.
    #[arg(long)]
    pub all: bool,
    /// Those that go to this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
}

impl Selection {
    fn which(&self) -> Which {
        match &self.domain {
            Some(domain) => Which::NextHop(domain.to_ascii_lowercase()),
            None if self.all => Which::All,
            None => Which::Ids(self.ids.iter().copied().map(QueueId).collect()),
        }
    }
}

/// Does what the command line says.
///
/// # Errors
///
/// A folder without a store, a store that cannot be read, a number that no message has.
pub async fn run(options: Queue) -> Result<(), Box<dyn Error>> {
    let opened = QueueTool::open(&options.data).await;
    let mut tool = opened.map_err(|error| match error {
        StoreError::NotFound => format!("{}: no mail store here; say --data DIR", options.data.display()).into(),
        error => Box::<dyn Error>::from(error),
    })?;
    let mut out = io::stdout().lock();
    match &options.command {
        Command::List => list(&mut tool, options.json, &mut out).await?,
        Command::Show { id } => show(&mut tool, QueueId(*id), options.json, &mut out).await?,
        Command::Flush(selection) => order(&mut tool, Order::Flush, selection, options.json, &mut out).await?,
        Command::Hold(selection) => order(&mut tool, Order::Hold, selection, options.json, &mut out).await?,
        Command::Release(selection) => order(&mut tool, Order::Release, selection, options.json, &mut out).await?,
        Command::Delete(selection) => order(&mut tool, Order::Delete, selection, options.json, &mut out).await?,
    }
    out.flush()?;
    tool.close().await;
    Ok(())
}

async fn list(tool: &mut QueueTool, is_json: bool, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let now = SystemTime::now();
    let (mut count, mut octets, mut held, mut last) = (0u64, 0, 0u64, QueueId(0));
    loop {
        let page = tool.queued(last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = end.claim.id;
        if count == 0 && !is_json {
            writeln!(out, "{HEADING}")?;
        }
        for entry in &page {
            count += 1;
            octets += entry.size;
            held += u64::from(entry.state == EntryState::Held);
            match is_json {
                true => writeln!(out, "{}", object(entry))?,
                false => out.write_all(lines(entry, now).as_bytes())?,
            }
        }
    }
    if !is_json {
        let held = if held > 0 { format!(", {held} held") } else { String::new() };
        match count {
            0 => writeln!(out, "The queue is empty.")?,
            1 => writeln!(out, "1 message, {}{held}.", size(octets))?,
            count => writeln!(out, "{count} messages, {}{held}.", size(octets))?,
        }
    }
    Ok(())
}

/// What `lines` writes below.
const HEADING: &str = "Number     Size  Arrived           Tries  Next         Sender and recipients";

/// One entry: a line for the sender, one for what went wrong last, and one for each recipient that waits.
fn lines(entry: &QueueEntry, now: SystemTime) -> String {
    let mark = match entry.state {
        EntryState::Active => "*",
        EntryState::Held => "!",
        EntryState::Waiting => "",
    };
    let number = format!("{}{mark}", entry.claim.id.0);
    let sender = match &*entry.reverse_path {
        "" => "<> (a report)".to_owned(),
        sender => Escaped(sender.as_bytes()).to_string(),
    };
    let mut text = format!(
        "{number:<7} {:>7}  {}  {:>5}  {:<11}  {sender}\n",
        size(entry.size),
        minute(entry.arrival),
        entry.claim.attempt,
        next(entry, now),
    );
    let indent = " ".repeat(56);
    // Writing to a String does not fail.
    for (_, recipient) in entry.pending() {
        let _ = writeln!(text, "{indent}-> {}", Escaped(recipient.forward_path.as_bytes()));
    }
    if let Some(error) = &entry.last_error {
        let _ = writeln!(text, "{indent}   ({})", Escaped(error.as_bytes()));
    }
    text
}

fn next(entry: &QueueEntry, now: SystemTime) -> String {
    match entry.state {
        EntryState::Active => "being sent".to_owned(),
        EntryState::Held => "held".to_owned(),
        EntryState::Waiting => match entry.due.duration_since(now) {
            Ok(wait) if wait > Duration::from_secs(1) => format!("in {}", span(wait)),
            _ => "now".to_owned(),
        },
    }
}

async fn show(
    tool: &mut QueueTool,
    id: QueueId,
    is_json: bool,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let page = tool.queued(QueueId(id.0.saturating_sub(1)), 1).await?;
    let entry = page.first().filter(|entry| entry.claim.id == id);
    let entry = entry.ok_or_else(|| format!("there is no message {} in the queue", id.0))?;
    if is_json {
        writeln!(out, "{}", object(entry))?;
        return Ok(());
    }
    out.write_all(details(entry, SystemTime::now()).as_bytes())?;
    let mut message = tool.open_queued(id).await?;
    let mut header = Vec::new();
    while let Some(chunk) = message.next_chunk().await? {
        header.extend_from_slice(&chunk);
        if header.windows(4).any(|four| four == b"\r\n\r\n") || header.len() > MOST_SHOWN {
            break;
        }
    }
    let end = header.windows(4).position(|four| four == b"\r\n\r\n").map_or(header.len(), |at| at + 2);
    for line in header[..end.min(MOST_SHOWN)].split_inclusive(|&octet| octet == b'\n') {
        writeln!(out, "{}", Escaped(line.trim_ascii_end()))?;
    }
    Ok(())
}

fn details(entry: &QueueEntry, now: SystemTime) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    let terms = &entry.terms;
    line("Number", entry.claim.id.0.to_string());
    line("From", format!("<{}>", Escaped(entry.reverse_path.as_bytes())));
    line("Next hop", Escaped(entry.next_hop.as_bytes()).to_string());
    line("Size", format!("{} octets", entry.size));
    line("Arrived", minute(entry.arrival));
    line("Attempts", entry.claim.attempt.to_string());
    line("Next", next(entry, now));
    if let Some(error) = &entry.last_error {
        line("Last error", Escaped(error.as_bytes()).to_string());
    }
    let word = match entry.warned {
        Warned::Never => None,
        Warned::OfDelay => Some("knows that it is late"),
        Warned::OfDeadline => Some("knows that the deadline was missed"),
    };
    word.into_iter().for_each(|word| line("The sender", word.to_owned()));
    if let Some(id) = &terms.envelope_id {
        line("ENVID", Escaped(id.as_bytes()).to_string());
    }
    if terms.priority != 0 {
        line("Priority", terms.priority.to_string());
    }
    if let Some(by) = terms.deliver_by {
        let mode = if by.mode == ByMode::Return { "or return" } else { "or tell" };
        line("Deliver by", format!("{} {mode}", minute(by.at)));
    }
    if terms.require_tls {
        line("TLS", "required".to_owned());
    }
    for recipient in &entry.recipients {
        line("To", format!("<{}>", Escaped(recipient.forward_path.as_bytes())));
        line("", state(recipient));
    }
    text.push('\n');
    text
}

fn state(recipient: &Recipient) -> String {
    let mut text = word(recipient.status).to_owned();
    if let Some(notify) = recipient.notify {
        let _ = write!(text, ", NOTIFY={notify}");
    }
    if let Some(diagnosis) = &recipient.diagnosis {
        let why = Escaped(diagnosis.text.value.as_bytes());
        let _ = write!(text, ", {}: {why}", diagnosis.code);
    }
    text
}

const fn word(status: RecipientStatus) -> &'static str {
    match status {
        RecipientStatus::Pending => "pending",
        RecipientStatus::Delivered => "delivered",
        RecipientStatus::Relayed => "relayed",
        RecipientStatus::Failed => "failed",
        RecipientStatus::Expired => "expired",
    }
}

async fn order(
    tool: &mut QueueTool,
    order: Order,
    selection: &Selection,
    is_json: bool,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let count = tool.administer(order, &selection.which()).await?;
    let done = match order {
        Order::Flush => "will be tried now",
        Order::Hold => "held",
        Order::Release => "released",
        Order::Delete => "deleted",
    };
    match (is_json, count) {
        (true, count) => writeln!(out, "{}", json!({ "messages": count }))?,
        (false, 1) => writeln!(out, "1 message {done}.")?,
        (false, count) => writeln!(out, "{count} messages {done}.")?,
    }
    Ok(())
}

fn object(entry: &QueueEntry) -> Value {
    let terms = &entry.terms;
    let recipient = |recipient: &Recipient| {
        json!({
            "address": recipient.forward_path,
            "original": recipient.original,
            "notify": recipient.notify.map(|notify| notify.to_string()),
            "status": word(recipient.status),
            "code": recipient.diagnosis.as_ref().map(|diagnosis| diagnosis.code.to_string()),
            "diagnosis": recipient.diagnosis.as_ref().map(|diagnosis| diagnosis.text.value.clone()),
            "host": recipient.diagnosis.as_ref().and_then(|diagnosis| diagnosis.remote.clone()),
        })
    };
    json!({
        "id": entry.claim.id.0,
        "state": match entry.state {
            EntryState::Waiting => "waiting",
            EntryState::Active => "active",
            EntryState::Held => "held",
        },
        "sender": entry.reverse_path,
        "next_hop": entry.next_hop,
        "size": entry.size,
        "arrival": timestamp(entry.arrival),
        "due": timestamp(entry.due),
        "attempts": entry.claim.attempt,
        "last_error": entry.last_error,
        "envelope_id": terms.envelope_id,
        "returned": terms.returned.map(|returned| match returned {
            Returned::Full => "full",
            Returned::Headers => "headers",
        }),
        "priority": terms.priority,
        "hold_until": terms.hold_until.map(timestamp),
        "deliver_by": terms.deliver_by.map(|by| timestamp(by.at)),
        "require_tls": terms.require_tls,
        "content": match terms.content {
            ContentKind::SevenBit => "7bit",
            ContentKind::EightBit => "8bit",
            ContentKind::Binary => "binary",
        },
        "smtp_utf8": terms.smtp_utf8,
        "recipients": entry.recipients.iter().map(recipient).collect::<Vec<_>>(),
    })
}

/// As RFC 3339 writes it, in UTC.
fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_unix(seconds, Zone::UTC).map_or_else(|_| String::new(), |date| date.rfc3339().to_string())
}

/// `2003-07-01 08:52`, in UTC.
fn minute(time: SystemTime) -> String {
    timestamp(time).chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// Octets, as people say it.
fn size(octets: u64) -> String {
    match octets {
        0..1_000 => format!("{octets} B"),
        1_000..1_000_000 => format!("{:.1} kB", octets as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", octets as f64 / 1e6),
        _ => format!("{:.1} GB", octets as f64 / 1e9),
    }
}

/// A wait, as people say it.
fn span(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Entries that are read at once.
const PAGE: usize = 500;

/// Octets of a header section that are shown at most.
const MOST_SHOWN: usize = 64 * 1024;
