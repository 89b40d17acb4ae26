//! A message as a row of a list: what ENVELOPE and its companions say, decoded.

use std::borrow::Cow;
use std::fmt;

use imap_proto::{Address, Envelope, Fetch, FetchItem, Flag, Octets};
use mime_codec::{decode_text, rfc5322};
use serde::Serialize;
use unicode_width::UnicodeWidthChar;

use crate::harmless;

/// One message of a list. Texts are decoded, not yet harmless; what is displayed is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What it is asked for by.
    pub uid: u32,
    /// As IMAP names them: `\Seen`, `$Junk`.
    pub flags: Vec<String>,
    /// Names and addresses.
    pub from: String,
    /// Names and addresses.
    pub to: String,
    /// Empty when there is none.
    pub subject: String,
    /// When it was written, as RFC 3339 has it.
    pub date: Option<String>,
    /// When it arrived.
    pub arrived: Option<String>,
    /// Octets.
    pub size: u64,
    /// With its angle brackets.
    pub message_id: Option<String>,
}

impl Summary {
    /// What is asked for to make one.
    pub(crate) const ITEMS: &str = "(UID FLAGS ENVELOPE INTERNALDATE RFC822.SIZE)";

    /// `None` for what has no UID: news of another message.
    pub(crate) fn of(fetch: &Fetch<'_>) -> Option<Self> {
        let mut summary = Self {
            uid: fetch.uid()?.get(),
            ..Self::default()
        };
        let mut is_one = false;
        for item in fetch.items() {
            match item {
                FetchItem::Flags(flags) => summary.flags = names(flags),
                FetchItem::Envelope(envelope) => {
                    is_one = true;
                    summary.learn(envelope);
                }
                FetchItem::InternalDate(date) => summary.arrived = Some(date.to_string()),
                FetchItem::Rfc822Size(size) => summary.size = *size,
                // The message is there, whatever is wrong with what is said about it.
                FetchItem::Invalid { .. } => is_one = true,
                _ => {}
            }
        }
        is_one.then_some(summary)
    }

    fn learn(&mut self, envelope: &Envelope<'_>) {
        self.subject = text(envelope.subject.as_ref());
        self.from = addresses(envelope.from());
        self.to = addresses(envelope.to());
        self.message_id = envelope.message_id.as_ref().map(|id| id.to_text().into_owned());
        let date = envelope
            .date
            .as_ref()
            .and_then(|date| rfc5322::DateTime::parse(date.as_bytes()).ok());
        self.date = date.map(|date| date.rfc3339().to_string());
    }

    /// Whether it has a flag, in any case.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own.eq_ignore_ascii_case(flag))
    }

    /// Sets a flag or takes it away.
    pub fn set(&mut self, flag: &str, on: bool) {
        self.flags.retain(|own| !own.eq_ignore_ascii_case(flag));
        if on {
            self.flags.push(flag.to_owned());
        }
    }

    /// The day and the minute at which it was written, or else arrived; empty when nobody says.
    pub fn minute(&self) -> String {
        let date = self.date.as_deref().or(self.arrived.as_deref()).unwrap_or("");
        date.get(..16).unwrap_or("").replace('T', " ")
    }

    /// Who wrote it: the name if there is one, harmless.
    pub fn writer(&self) -> String {
        let name = self.from.split(" <").next().unwrap_or(&self.from);
        harmless::line(name)
    }

    /// `N` new, `!` flagged, `r` answered, `D` to be deleted.
    pub fn marks(&self) -> String {
        let marks = [
            ("\\Seen", ' ', 'N'),
            ("\\Flagged", '!', ' '),
            ("\\Answered", 'r', ' '),
            ("\\Deleted", 'D', ' '),
        ];
        marks
            .iter()
            .map(|&(flag, on, off)| if self.has(flag) { on } else { off })
            .collect()
    }
}

/// A row for people.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = harmless::line(&self.subject);
        let writer = fitted(&self.writer(), 22);
        write!(
            f,
            "{:>6} {} {:16} {writer} {subject}",
            self.uid,
            self.marks(),
            self.minute()
        )
    }
}

/// The text in exactly so many columns of a terminal.
pub fn fitted(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    let mut left = columns;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let width = c.width().unwrap_or(0);
        // The last column shows that there is more.
        if width > left || (width == left && rest.peek().is_some()) {
            if left > 0 {
                shown.push('…');
                left -= 1;
            }
            break;
        }
        left -= width;
        shown.push(c);
    }
    shown.extend(std::iter::repeat_n(' ', left));
    shown
}

/// The names of flags.
pub(crate) fn names(flags: &[Flag<'_>]) -> Vec<String> {
    flags.iter().map(ToString::to_string).collect()
}

fn text(octets: Option<&Octets<'_>>) -> String {
    let octets = octets.map_or(&b""[..], |octets| octets.as_bytes());
    decode_text(octets).text.into_owned()
}

fn addresses(list: &[Address<'_>]) -> String {
    let shown: Vec<_> = Address::mailboxes(list).map(address).collect();
    shown.join(", ")
}

fn address(address: &Address<'_>) -> String {
    let part = |octets: &Option<Octets<'_>>| {
        octets
            .as_ref()
            .map_or(Cow::Borrowed(""), |octets| Cow::Owned(octets.to_text().into_owned()))
    };
    let (local, host) = (part(&address.mailbox), part(&address.host));
    match text(address.name.as_ref()) {
        name if name.is_empty() => format!("{local}@{host}"),
        name => format!("{name} <{local}@{host}>"),
    }
}
