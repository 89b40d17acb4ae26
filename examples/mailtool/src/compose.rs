//! A message made from files.

mod files;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mime_codec::compose::{self, Composer, Recipient, Transport};
use mime_codec::display_name;
use mime_codec::rfc5322::{AddressList, DateTime, Host, MsgId};

#[derive(Args)]
pub(crate) struct Options {
    /// The author: alice@crepes.fr, or "Alice <alice@crepes.fr>".
    #[arg(long)]
    from: String,
    /// Recipients, each one or several with commas between them.
    #[arg(long)]
    to: Vec<String>,
    /// Recipients of a copy.
    #[arg(long)]
    cc: Vec<String>,
    /// Where answers should go to.
    #[arg(long)]
    reply_to: Vec<String>,
    /// The subject.
    #[arg(long)]
    subject: Option<String>,
    /// A file with the text; - is standard input.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// A file with the HTML.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Files to be attached; their types are guessed from their names.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Files that the HTML shows as cid:ID; an ID is like logo@crepes.fr.
    #[arg(long, value_name = "ID=FILE")]
    inline: Vec<String>,
    /// Like "Tue, 01 Jul 2003 10:52:37 +0200"; now, if it is left out.
    #[arg(long)]
    date: Option<String>,
    /// Like 17.spoon@crepes.fr; random, if it is left out.
    #[arg(long, value_name = "ID")]
    message_id: Option<String>,
    /// What the way to the reader can carry.
    #[arg(long, default_value = "7bit")]
    transport: Way,
    /// The way carries UTF-8 in header fields, too (SMTPUTF8).
    #[arg(long)]
    utf8: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// Lines of ASCII.
    #[value(name = "7bit")]
    SevenBit,
    /// Lines of octets (8BITMIME).
    #[value(name = "8bit")]
    EightBit,
    /// Any octets (BINARYMIME).
    Binary,
}

/// Writes the message; attachments are read while it is written.
///
/// # Errors
///
/// An `io::Error` if a file cannot be read or nothing can be written; another one for options that make no message.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let transport = match options.transport {
        Way::SevenBit => Transport::SEVEN_BIT,
        Way::EightBit => Transport::EIGHT_BIT,
        Way::Binary => Transport::BINARY,
    };
    let composed = bodies(header(options)?, options)?.compose(transport.with_utf8_header(options.utf8))?;
    composed.write_to(out)?;
    Ok(out.flush()?)
}

fn header(options: &Options) -> Result<Composer<'static>, Box<dyn Error>> {
    let authors = recipients("--from", &options.from)?;
    let mut composer = Composer::new()
        .date(date(options.date.as_deref())?)
        .message_id(message_id(options.message_id.as_deref(), &options.from)?);
    composer = authors.into_iter().fold(composer, Composer::from);
    for to in &options.to {
        composer = recipients("--to", to)?.into_iter().fold(composer, Composer::to);
    }
    for cc in &options.cc {
        composer = recipients("--cc", cc)?.into_iter().fold(composer, Composer::cc);
    }
    for reply_to in &options.reply_to {
        composer = recipients("--reply-to", reply_to)?
            .into_iter()
            .fold(composer, Composer::reply_to);
    }
    Ok(match &options.subject {
        Some(subject) => composer.subject(subject),
        None => composer,
    })
}

fn bodies(mut composer: Composer<'static>, options: &Options) -> Result<Composer<'static>, Box<dyn Error>> {
    if let Some(path) = &options.text {
        composer = composer.text(files::text(path)?);
    }
    if let Some(path) = &options.html {
        composer = composer.html(files::text(path)?);
    }
    for inline in &options.inline {
        let (id, path) = inline.split_once('=').ok_or("--inline: expected ID=FILE")?;
        composer = files::inline(composer, id, path.as_ref())?;
    }
    for path in &options.attach {
        composer = files::attach(composer, path)?;
    }
    Ok(composer)
}

/// Mailboxes as people write them.
fn recipients(option: &str, text: &str) -> Result<Vec<Recipient<'static>>, String> {
    let list = AddressList::parse(text.as_bytes());
    let recipients: Vec<_> = list
        .mailboxes()
        .map(|mailbox| {
            let address = String::from_utf8_lossy(&mailbox.address()).into_owned();
            let name = display_name(&mailbox).map(|name| name.to_string());
            Recipient::from((name.unwrap_or_default(), address))
        })
        .collect();
    match list.defects().first() {
        Some(defect) => Err(format!("{option}: {}, at octet {}", defect.kind, defect.offset)),
        None if recipients.is_empty() => Err(format!("{option}: expected an address")),
        None => Ok(recipients),
    }
}

fn date(text: Option<&str>) -> Result<DateTime, Box<dyn Error>> {
    if let Some(text) = text {
        return DateTime::parse(text.as_bytes()).map_err(|error| format!("--date: {error}").into());
    }
    Ok(compose::now())
}

/// A random one at the author's domain, unless it is given.
fn message_id(text: Option<&str>, from: &str) -> Result<MsgId, Box<dyn Error>> {
    if let Some(text) = text {
        let inner = text
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'))
            .unwrap_or(text);
        return MsgId::parse(format!("<{inner}>").as_bytes()).map_err(|error| format!("--message-id: {error}").into());
    }
    let list = AddressList::parse(from.as_bytes());
    let domain = list.first().and_then(|author| Host::new(&author.domain_text()?).ok());
    Ok(compose::unique_id(&domain.unwrap_or(Host::new("localhost")?)))
}
