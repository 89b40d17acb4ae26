//! The answers that a server machine gives from the maildrop's listing.

use super::maildrop::Maildrop;
use super::phrase::{Phrase, Voice};
use crate::{Capability, Command, MessageNumber, ScanListing, Status};

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
    pub(super) fn sizes(maildrop: &Maildrop, mut voice: Voice<'_>) -> Self {
        voice.say(Status::Ok, Phrase::Maildrop(maildrop.listing()));
        Self {
            what: What::Sizes,
            next: 0,
        }
    }

    /// Begins the answer to UIDL.
    pub(super) fn unique_ids(mut voice: Voice<'_>) -> Self {
        voice.say(Status::Ok, Phrase::UniqueIds);
        Self {
            what: What::UniqueIds,
            next: 0,
        }
    }

    /// Writes on until the outbox holds `limit` octets, or a line more, and returns whether something is left.
    pub(super) fn write(&mut self, maildrop: &Maildrop, mut voice: Voice<'_>, limit: usize) -> bool {
        while voice.outbox.len() < limit {
            let Some(number) = MessageNumber::from_index(self.next).filter(|number| number.as_u32() <= maildrop.len())
            else {
                voice.line(format_args!("."));
                return false;
            };
            self.next += 1;
            if let Some(octets) = maildrop.size(number) {
                match self.what {
                    What::Sizes => voice.line(format_args!("{}", ScanListing { number, octets })),
                    What::UniqueIds => voice.line(format_args!("{number} {}", maildrop.id(number))),
                }
            }
        }
        true
    }
}

/// The answer to CAPA.
pub(super) fn capabilities(capabilities: &[Capability], mut voice: Voice<'_>) {
    voice.say(Status::Ok, Phrase::Capabilities);
    for capability in capabilities {
        capability.encode(voice.outbox.buffer());
    }
    voice.line(format_args!("."));
}

/// Obeys what needs nobody's decision and has a one-line answer. The message it names, if any, is present.
pub(super) fn from_listing(command: &Command, maildrop: &mut Maildrop, mut voice: Voice<'_>) {
    match command {
        Command::Stat => voice.line(format_args!("+OK {}", maildrop.listing())),
        Command::List(Some(number)) => {
            let octets = maildrop.size(*number).unwrap_or_default();
            voice.line(format_args!("+OK {number} {octets}"));
        }
        Command::Uidl(Some(number)) => voice.line(format_args!("+OK {number} {}", maildrop.id(*number))),
        Command::Dele(number) => {
            maildrop.delete(*number);
            voice.say(Status::Ok, Phrase::MarkedDeleted(*number));
        }
        Command::Rset => {
            maildrop.reset();
            voice.say(Status::Ok, Phrase::Maildrop(maildrop.listing()));
        }
        _ => voice.line(format_args!("+OK")),
    }
}
