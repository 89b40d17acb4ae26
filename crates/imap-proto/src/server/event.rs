//! What a server machine asks of the application, and what the application may answer.

use alloc::boxed::Box;
use alloc::vec::Vec;

use mail_wire::{Ask, Misuse};

use crate::syntax::sequence::SequenceNumber;
use crate::{
    AString, AppendExtension, Atom, Authenticate, Capability, Code, Command, Condition, Credential, DateTime, Flag, Id,
    InvalidValue, Login, Mailbox, Numbering, Text,
};

/// What a client does. The machine answers everything else by itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// LOGIN: check who it is.
    Login(Ask<LogIn>, Box<Login<'static>>),
    /// AUTHENTICATE: begin the exchange of this mechanism.
    Authenticate(Ask<Sasl>, Box<Authenticate<'static>>),
    /// The client's response to the last challenge.
    SaslResponse(Ask<Sasl>, Credential),
    /// The client has given the exchange up, and was told so.
    SaslCancelled,
    /// A command that is legal now. While the ask is open, [`Server::send`](crate::Server::send) writes untagged data.
    Command(Ask<Execute>, Box<Command<'static>>),
    /// The next part of APPEND or REPLACE. A message or text streams as a body once its ask is accepted; a refusal ends the command, and no octet
    /// of the message is read that the client does not send anyway.
    Append(Ask<Receive>, Box<Part>),
    /// All parts of APPEND or REPLACE are there: store the messages, all or none (RFC 3502 §6.3.11), then answer.
    Appended(Ask<Execute>),
    /// The rest of APPEND or REPLACE was wrong, and the client was told so: forget its messages.
    AppendAborted,
    /// These extensions were enabled just now; the machine keeps to what they change on the wire.
    Enabled(Vec<Capability<'static>>),
    /// The client is not logged in any more (RFC 8437), and was told so.
    Unauthenticated,
    /// What the client says of itself (RFC 2971); it was answered.
    Identified(Id<'static>),
    /// The client idles: [`Server::update`](crate::Server::update) reaches it at once.
    IdleBegan,
    /// The client idles no more.
    IdleEnded,
}

/// The question of [`Event::Login`]. Yes: nothing more, or a code.
#[derive(Debug)]
pub enum LogIn {}

/// The question of [`Event::Authenticate`] and [`Event::SaslResponse`]. Yes: a [`SaslStep`].
#[derive(Debug)]
pub enum Sasl {}

/// The question of [`Event::Command`] and [`Event::Appended`]. Yes: a [`Completion`].
#[derive(Debug)]
pub enum Execute {}

/// The question of [`Event::Append`]. Yes: nothing more.
#[derive(Debug)]
pub enum Receive {}

/// A part of APPEND or REPLACE.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A message begins.
    Message {
        /// Where it goes.
        destination: Destination,
        /// Its flags.
        flags: Vec<Flag<'static>>,
        /// Its internal date; none is now.
        date: Option<DateTime>,
        /// What extensions add, such as ANNOTATION (RFC 5257 §4.7).
        extensions: Vec<AppendExtension<'static>>,
        /// What comes of it.
        data: PartData,
    },
    /// CATENATE: the octets that an IMAP URL refers to (RFC 4469 §3).
    Url(AString<'static>),
    /// CATENATE: a text of so many octets, which follow as a body.
    Text(u64),
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The mailbox.
    pub mailbox: Mailbox<'static>,
    /// REPLACE: the message that goes (RFC 8508 §3).
    pub replaces: Option<(Numbering, SequenceNumber)>,
}

/// What a message consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartData {
    /// So many octets, which follow as a body; none cancels the command (RFC 3502 §6.3.11).
    Literal(u64),
    /// The same, and NULs may be among them (RFC 3516 §4.4).
    Literal8(u64),
    /// The same, with UTF-8 in the header (RFC 6855 §4).
    Utf8(u64),
    /// Parts that follow.
    Catenate,
    /// Data of another extension.
    Extension(AppendExtension<'static>),
}

/// What a mechanism does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslStep {
    /// A challenge; the response comes as [`Event::SaslResponse`].
    Challenge(Vec<u8>),
    /// The client is who it says. Data that a mechanism has for a success goes as a last challenge before it (RFC 9051 §6.2.2).
    Success,
}

/// A tagged OK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What programs read.
    pub code: Option<Code<'static>>,
    /// What people read; the machine has words of its own.
    pub text: Option<Text<'static>>,
}

impl Completion {
    /// With a code.
    pub const fn with_code(code: Code<'static>) -> Self {
        Self {
            code: Some(code),
            text: None,
        }
    }
}

/// A tagged NO or BAD.
///
/// ```
/// use imap_proto::Code;
/// use imap_proto::server::Refusal;
///
/// let full = Refusal::no("your mailbox is full")?.with_code(Code::OverQuota);
/// assert!(full.is_no());
/// assert!(Refusal::no("two\r\nlines").is_err());
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    condition: NoOrBad,
    code: Option<Code<'static>>,
    text: Text<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoOrBad {
    No,
    Bad,
}

impl Refusal {
    /// NO: the command cannot be done.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the text has NUL, CR or LF.
    pub fn no(text: &str) -> Result<Self, InvalidValue> {
        Self::new(NoOrBad::No, text)
    }

    /// BAD: the command makes no sense.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the text has NUL, CR or LF.
    pub fn bad(text: &str) -> Result<Self, InvalidValue> {
        Self::new(NoOrBad::Bad, text)
    }

    fn new(condition: NoOrBad, text: &str) -> Result<Self, InvalidValue> {
        Ok(Self {
            condition,
            code: None,
            text: Text::new(alloc::string::String::from(text))?,
        })
    }

    /// NO, with words of the program's own.
    pub const fn fixed(text: &'static str) -> Self {
        Self {
            condition: NoOrBad::No,
            code: None,
            text: Text::fixed(text),
        }
    }

    /// With a code.
    #[must_use]
    pub fn with_code(mut self, code: Code<'static>) -> Self {
        self.code = Some(code);
        self
    }

    /// `NO [CANNOT]`: this server does not do that.
    pub fn not_supported() -> Self {
        Self::fixed("not supported").with_code(Code::Cannot)
    }

    /// `NO [NONEXISTENT]`
    pub fn no_such_mailbox() -> Self {
        Self::fixed("no such mailbox").with_code(Code::NonExistent)
    }

    /// `NO [TRYCREATE]`: it could be created.
    pub fn try_create() -> Self {
        Self::fixed("no such mailbox, create it first").with_code(Code::TryCreate)
    }

    /// `NO [AUTHENTICATIONFAILED]`
    pub fn bad_credentials() -> Self {
        Self::fixed("name or password wrong").with_code(Code::AuthenticationFailed)
    }

    /// Whether it says NO, and not BAD.
    pub const fn is_no(&self) -> bool {
        matches!(self.condition, NoOrBad::No)
    }

    /// What programs read of it.
    pub const fn code(&self) -> Option<&Code<'static>> {
        self.code.as_ref()
    }

    pub(super) fn condition(&self) -> Condition {
        match self.condition {
            NoOrBad::No => Condition::No,
            NoOrBad::Bad => Condition::Bad,
        }
    }

    /// What people read of it.
    pub const fn text(&self) -> &Text<'static> {
        &self.text
    }

    pub(super) fn into_code(self) -> Option<Code<'static>> {
        self.code
    }
}

impl Event {
    /// The mechanism of [`Event::Authenticate`].
    pub const fn mechanism(&self) -> Option<&Atom<'static>> {
        match self {
            Self::Authenticate(_, authenticate) => Some(&authenticate.mechanism),
            _ => None,
        }
    }
}

/// What [`mail_wire::Answers::answer`] returns.
pub(super) type Answered = Result<(), Misuse>;
