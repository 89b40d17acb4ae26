//! From options to a message, in a file that has no name: attachments may be larger than memory.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom};
use std::path::Path;

use mime_codec::compose::{Composer, PartBuilder, Transport};
use rfc5322::{Host, MsgId};

use crate::address::{self, Party};
use crate::cli::Send;
use crate::context::Context;
use crate::failure::Failure;

/// What is to be sent, before a server says what it takes.
pub(crate) struct Draft {
    pub(crate) from: Party,
    pub(crate) to: Vec<Party>,
    cc: Vec<Party>,
    bcc: Vec<Party>,
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
    attachments: Vec<std::path::PathBuf>,
    in_reply_to: Option<MsgId>,
    id: MsgId,
}

/// A message, ready to be read from its beginning.
pub(crate) struct Written {
    pub(crate) file: File,
    pub(crate) len: u64,
}

impl Draft {
    /// Everything that can be wrong with the options is found here, before anybody is connected to.
    pub(crate) fn new(context: &Context, options: Send) -> Result<Self, Failure> {
        let from = author(context, options.from.as_deref())?;
        let lists = |what, lists: &[String]| -> Result<Vec<Party>, Failure> {
            let parsed: Result<Vec<_>, _> = lists.iter().map(|list| address::parse(what, list)).collect();
            Ok(parsed?.into_iter().flatten().collect())
        };
        let (to, cc, bcc) = (
            lists("--to", &options.to)?,
            lists("--cc", &options.cc)?,
            lists("--bcc", &options.bcc)?,
        );
        if to.is_empty() && cc.is_empty() && bcc.is_empty() {
            return Err(Failure::usage("nobody to send to").hint("--to ADDRESS"));
        }
        for path in &options.attach {
            File::open(path).map_err(|error| Failure::from(error).at(path.display()))?;
        }
        let (text, html) = bodies(&options)?;
        let in_reply_to = options.in_reply_to.as_deref().map(message_id).transpose()?;
        let host = from.mailbox.domain().to_string();
        let host = Host::new(&host).unwrap_or_else(|_| Host::new("localhost").expect("a name"));
        Ok(Self {
            id: mime_codec::compose::unique_id(&host),
            from,
            to,
            cc,
            bcc,
            subject: options.subject,
            text,
            html,
            attachments: options.attach,
            in_reply_to,
        })
    }

    /// Everybody who is to get it, each once.
    pub(crate) fn recipients(&self) -> Vec<&Party> {
        let mut all: Vec<&Party> = Vec::new();
        for party in self.to.iter().chain(&self.cc).chain(&self.bcc) {
            if !all.iter().any(|other| other.address == party.address) {
                all.push(party);
            }
        }
        all
    }

    /// Whether an address has other than ASCII characters, for which a server must know SMTPUTF8.
    pub(crate) fn is_international(&self) -> bool {
        let mut addresses = self.recipients().into_iter().chain([&self.from]);
        addresses.any(|party| !party.address.is_ascii())
    }

    pub(crate) const fn id(&self) -> &MsgId {
        &self.id
    }

    /// Writes the message. Blind recipients are not in it.
    pub(crate) fn write(&self) -> Result<Written, Failure> {
        let transport = Transport::SEVEN_BIT.with_utf8_header(self.is_international());
        let composed = self
            .composer()?
            .compose(transport)
            .map_err(|error| Failure::usage(error.to_string()))?;
        let mut file = tempfile::tempfile()?;
        composed.write_to(&mut file)?;
        let len = file.stream_position()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Written { file, len })
    }

    fn composer(&self) -> Result<Composer<'_>, Failure> {
        let mut composer = Composer::new().from(self.from.pair());
        composer = self
            .to
            .iter()
            .fold(composer, |composer, party| composer.to(party.pair()));
        composer = self
            .cc
            .iter()
            .fold(composer, |composer, party| composer.cc(party.pair()));
        composer = composer.date(mime_codec::compose::now()).message_id(self.id.clone());
        if let Some(parent) = &self.in_reply_to {
            composer = composer.in_reply_to(parent, []);
        }
        if let Some(subject) = &self.subject {
            composer = composer.subject(subject);
        }
        if let Some(text) = &self.text {
            composer = composer.text(text.as_str());
        }
        if let Some(html) = &self.html {
            composer = composer.html(html.as_str());
        }
        for path in &self.attachments {
            composer = composer.attach_part(attachment(path)?);
        }
        Ok(composer)
    }
}

/// The option, or the account's address and name.
fn author(context: &Context, option: Option<&str>) -> Result<Party, Failure> {
    let account = &context.account;
    if let Some(text) = option {
        return address::one("--from", text);
    }
    let Some(text) = &account.address else {
        return Err(Failure::usage("who writes this?").hint("--from ADDRESS, or `address` in the account file"));
    };
    let mut party = address::one("address =", text)?;
    if let Some(name) = &account.name {
        party.name.clone_from(name);
    }
    Ok(party)
}

/// The text and the HTML; one of them may come from standard input.
fn bodies(options: &Send) -> Result<(Option<String>, Option<String>), Failure> {
    let reads_input = |option: &Option<String>| option.as_deref() == Some("-");
    if reads_input(&options.text) && reads_input(&options.html) {
        return Err(Failure::usage("--text and --html cannot both come from standard input"));
    }
    let text = options
        .text
        .as_deref()
        .map(|option| content("--text", option))
        .transpose()?;
    let html = options
        .html
        .as_deref()
        .map(|option| content("--html", option))
        .transpose()?;
    if text.is_some() || html.is_some() || !options.attach.is_empty() {
        return Ok((text, html));
    }
    match io::stdin().is_terminal() {
        true => Err(Failure::usage("nothing to send").hint("--text TEXT, --text @FILE, or the text on standard input")),
        false => Ok((Some(content("--text", "-")?), None)),
    }
}

fn content(what: &str, option: &str) -> Result<String, Failure> {
    let read = match (option, option.strip_prefix('@')) {
        ("-", _) => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        }
        (_, Some(path)) => fs::read_to_string(path),
        (text, None) => return Ok(text.to_owned()),
    };
    read.map_err(|error| Failure::from(error).at(format_args!("{what} {option}")))
}

fn message_id(text: &str) -> Result<MsgId, Failure> {
    let bracketed = match text.starts_with('<') {
        true => text.to_owned(),
        false => format!("<{text}>"),
    };
    MsgId::parse(bracketed.as_bytes())
        .map_err(|error| Failure::usage(format!("--in-reply-to {text}: {error}")).hint("as in <17.spoon@example.org>"))
}

fn attachment(path: &Path) -> Result<PartBuilder<'static>, Failure> {
    PartBuilder::file(path).map_err(|error| Failure::from(error).at(path.display()))
}
