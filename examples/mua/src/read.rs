//! `mua read`.

use std::fmt;
use std::io::{self, IsTerminal};
use std::num::NonZeroU32;

use imap_proto::{Flag, StoreAction};
use mail_tokio::imap::Client;
use serde::Serialize;

use crate::attachments::{self, Attachment};
use crate::cli::Read;
use crate::context::Context;
use crate::failure::Failure;
use crate::harmless;
use crate::stored::{self, Loaded};
use crate::summary::Summary;

/// A message to read.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    pub(crate) summary: Summary,
    pub(crate) cc: String,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

impl Shown {
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let message = loaded.message();
        Self {
            summary: loaded.summary.clone(),
            cc: message.header().text("Cc").unwrap_or_default().into_owned(),
            text: attachments::text(&message),
            attachments: attachments::parts(&message).map(|(attachment, _)| attachment).collect(),
        }
    }

    /// The fields that people read: names and values, harmless.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let date = self.summary.date.clone().unwrap_or_default();
        let fields = [
            ("From", &self.summary.from),
            ("To", &self.summary.to),
            ("Cc", &self.cc),
            ("Date", &date),
            ("Subject", &self.summary.subject),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        fields.map(|(name, value)| (name, harmless::line(value))).collect()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields()
            .iter()
            .try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))?;
        for line in harmless::lines(&self.text) {
            write!(f, "\n{line}")?;
        }
        if !self.attachments.is_empty() {
            writeln!(f)?;
        }
        self.attachments
            .iter()
            .try_for_each(|attachment| write!(f, "\n{attachment}"))
    }
}

/// What `--headers`, `--html`, `--raw` and `--structure` say for scripts.
#[derive(Serialize)]
struct Source {
    uid: u32,
    source: String,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

pub(crate) async fn run(context: &Context, options: &Read) -> Result<(), Failure> {
    let mut imap = context.imap().await?;
    stored::select(&mut imap, &options.mailbox).await?;
    if options.raw && !context.output.json && !io::stdout().is_terminal() {
        return stream(&mut imap, options.uid).await;
    }
    let section = if options.headers { "HEADER" } else { "" };
    let loaded = stored::load(&mut imap, options.uid, section).await?;
    show(context, options, &loaded)?;
    if !options.peek && !loaded.summary.has("\\Seen") {
        let uid = stored::uids([options.uid.to_string().as_str()])?;
        // A mailbox that is there to be read only has no flags to set.
        let _ = imap.uid_store(uid, StoreAction::Add, [Flag::Seen]).await;
    }
    let _ = imap.logout().await;
    Ok(())
}

fn show(context: &Context, options: &Read, loaded: &Loaded) -> Result<(), Failure> {
    let message = loaded.message();
    let source = match (options.structure, options.html) {
        (true, _) => message.outline().to_string(),
        (_, true) => message
            .html_body()
            .map(|part| part.text().into_owned())
            .ok_or_else(|| {
                Failure::new(
                    crate::failure::Exit::NotFound,
                    format!("message {} has no HTML", options.uid),
                )
            })?,
        _ if options.raw || options.headers => String::from_utf8_lossy(&loaded.octets).into_owned(),
        _ => return context.output.row(&Shown::of(loaded)),
    };
    if context.output.json {
        return context.output.row(&Source {
            uid: options.uid,
            source,
        });
    }
    if options.structure {
        return context.output.row(&Source {
            uid: options.uid,
            source: source.trim_end().to_owned(),
        });
    }
    match options.html {
        true => context.output.octets(source.as_bytes()),
        false => context.output.octets(&loaded.octets),
    }
}

/// A message of any size, as it is.
async fn stream(imap: &mut Client, uid: u32) -> Result<(), Failure> {
    let uid = NonZeroU32::new(uid).ok_or_else(stored::not_found)?;
    let set = imap_proto::SequenceSet::from_numbers([uid]).ok_or_else(stored::not_found)?;
    let mut fetches = imap.uid_fetch(set, "(BODY.PEEK[])").await?;
    let mut out = StandardOutput;
    let mut found = None;
    while let Some(mut piece) = fetches.next().await? {
        found = piece.copy_to(&mut out).await?.or(found);
    }
    found.map(drop).ok_or_else(stored::not_found)
}

/// Blocking writes are as good as any where nothing else is to be done.
struct StandardOutput;

impl tokio::io::AsyncWrite for StandardOutput {
    fn poll_write(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        octets: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        std::task::Poll::Ready(io::Write::write(&mut io::stdout(), octets))
    }

    fn poll_flush(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(io::Write::flush(&mut io::stdout()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}
