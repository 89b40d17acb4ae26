//! The answers that a server machine gives from the maildrop's listing.

use core::fmt::{self, Write as _};

use mail_wire::Outbox;

use super::maildrop::Maildrop;
use crate::{Capability, Command, DropListing, MessageNumber, ScanListing};

/// A listing of all messages that is being written.
#[derive(Debug)]
pub(super) struct Listing {
    what: What,
    /// The index of the next message.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Sizes,
    UniqueIds,
}

impl Listing {
    /// Begins the answer to LIST.
    pub(super) fn sizes(maildrop: &Maildrop, outbox: &mut Outbox) -> Self {
        summary(maildrop, outbox);
        Self {
            what: What::Sizes,
            next: 0,
        }
    }

    /// Begins the answer to UIDL.
    pub(super) fn unique_ids(outbox: &mut Outbox) -> Self {
        line(outbox, format_args!("+OK unique-id listing follows"));
        Self {
            what: What::UniqueIds,
            next: 0,
        }
    }

    /// Writes on until the outbox holds `limit` octets, or a line more, and returns whether something is left.
    pub(super) fn write(&mut self, maildrop: &Maildrop, outbox: &mut Outbox, limit: usize) -> bool {
        while outbox.len() < limit {
            let Some(number) = MessageNumber::from_index(self.next).filter(|number| number.as_u32() <= maildrop.len())
            else {
                line(outbox, format_args!("."));
                return false;
            };
            self.next += 1;
            if let Some(octets) = maildrop.size(number) {
                match self.what {
                    What::Sizes => line(outbox, format_args!("{}", ScanListing { number, octets })),
                    What::UniqueIds => line(outbox, format_args!("{number} {}", maildrop.id(number))),
                }
            }
        }
        true
    }
}

/// Appends a line of our own making.
pub(super) fn line(outbox: &mut Outbox, line: fmt::Arguments<'_>) {
    // Writing into memory cannot fail.
    let _ = write!(outbox, "{line}\r\n");
}

/// What LIST begins with, and RSET and a login are answered with.
pub(super) fn summary(maildrop: &Maildrop, outbox: &mut Outbox) {
    let DropListing { messages, octets } = maildrop.listing();
    let s = plural(messages);
    line(outbox, format_args!("+OK {messages} message{s} ({octets} octets)"));
}

const fn plural(messages: u32) -> &'static str {
    if messages == 1 { "" } else { "s" }
}

/// The last word after an update.
pub(super) fn farewell(maildrop: &Maildrop, outbox: &mut Outbox) {
    match maildrop.listing().messages {
        0 => line(outbox, format_args!("+OK goodbye (maildrop empty)")),
        left => line(
            outbox,
            format_args!("+OK goodbye ({left} message{} left)", plural(left)),
        ),
    }
}

/// The answer to CAPA.
pub(super) fn capabilities(capabilities: &[Capability], outbox: &mut Outbox) {
    line(outbox, format_args!("+OK capability list follows"));
    for capability in capabilities {
        capability.encode(outbox.buffer());
    }
    line(outbox, format_args!("."));
}

/// Obeys what needs nobody's decision and has a one-line answer. The message it names, if any, is present.
pub(super) fn from_listing(command: &Command, maildrop: &mut Maildrop, outbox: &mut Outbox) {
    match command {
        Command::Stat => line(outbox, format_args!("+OK {}", maildrop.listing())),
        Command::List(Some(number)) => {
            let octets = maildrop.size(*number).unwrap_or_default();
            line(outbox, format_args!("+OK {number} {octets}"));
        }
        Command::Uidl(Some(number)) => line(outbox, format_args!("+OK {number} {}", maildrop.id(*number))),
        Command::Dele(number) => {
            maildrop.delete(*number);
            line(outbox, format_args!("+OK message {number} deleted"));
        }
        Command::Rset => {
            maildrop.reset();
            summary(maildrop, outbox);
        }
        _ => line(outbox, format_args!("+OK")),
    }
}
