//! What a client machine tells, in the order of the commands.

use alloc::boxed::Box;
use alloc::vec::Vec;

use mail_wire::{MechanismName, Misuse};

use crate::{
    Capabilities, DropListing, Greeting, Keyword, LanguageListing, MessageNumber, Response, ScanListing, SyntaxError,
    Text, UniqueIdListing,
};

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The first line. Comes once.
    Greeting(Box<Greeting>),
    /// The answer to [`capabilities`](super::Client::capabilities).
    Capabilities(Capabilities),
    /// A challenge of [`authenticate`](super::Client::authenticate), decoded: [`respond`](super::Client::respond) to it, or
    /// [`cancel`](super::Client::cancel).
    Challenge(Vec<u8>),
    /// The maildrop is open: the answer to [`login`](super::Client::login), [`apop`](super::Client::apop) or
    /// [`authenticate`](super::Client::authenticate). A mechanism that proves the server's identity has still to be asked
    /// whether it did.
    LoggedIn(Text),
    /// The answer to [`stat`](super::Client::stat).
    Status(DropListing),
    /// One message of the answer to [`list`](super::Client::list).
    ListItem(ScanListing),
    /// The end of that answer, also where it was about one message only.
    ListEnd,
    /// One message of the answer to [`uidl`](super::Client::uidl).
    UniqueIdItem(UniqueIdListing),
    /// The end of that answer, also where it was about one message only.
    UniqueIdEnd,
    /// One mechanism of the answer to [`mechanisms`](super::Client::mechanisms).
    MechanismItem(MechanismName),
    /// The end of that answer.
    MechanismEnd,
    /// One language of the answer to [`languages`](super::Client::languages).
    LanguageItem(LanguageListing),
    /// The end of that answer.
    LanguageEnd,
    /// The answer to [`language`](super::Client::language): what the server speaks from here on, and its words.
    Language(LanguageListing),
    /// A line in the place of a [`Status`](Self::Status), an item or a capability that could not be read. Its neighbours
    /// are not harmed.
    Invalid(Box<Invalid>),
    /// The answer to [`retrieve`](super::Client::retrieve) or [`top`](super::Client::top): the message follows as the
    /// machine's [`body`](mail_wire::Machine::body), up to [`Step::BodyEnd`](mail_wire::Step::BodyEnd).
    Message {
        /// Which one was asked for.
        number: MessageNumber,
        /// The octets that the server announced, if it did. Servers are known to err: nothing to rely upon.
        size_hint: Option<u64>,
    },
    /// `+OK` to a command that has no other event.
    Done(Keyword, Text),
    /// `-ERR`. A refused [`login`](super::Client::login) comes with the keyword of its refused half; the password is not
    /// tried again by itself.
    Refused(Keyword, Box<Response>),
    /// The command was not sent: a login or STLS in front of it was refused, the server turned out not to offer what it
    /// needs, or the client is shutting down.
    Unsent(Keyword, Misuse),
}

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// In the answer to which command.
    pub keyword: Keyword,
    /// The line, with NUL and stray line ends replaced; empty when it was too long to be kept.
    pub raw: Text,
    /// What is wrong with it.
    pub why: InvalidLine,
}

/// Why a line could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLine {
    /// It does not follow the grammar.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It is too long, or holds a bare CR.
    #[error(transparent)]
    Line(#[from] mail_wire::LineFault),
}
