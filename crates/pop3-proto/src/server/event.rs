//! What a server machine asks of the application, and what the application may answer.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use mail_wire::{Ask, ProxyHeader, Secret};

use super::phrase::{Phrase, Voice};
use super::{Deletions, Maildrop};
use crate::apop::Proof;
use crate::{Authenticate, Meaning, MessageNumber, Name, Response, ResponseCode, Status, Text};

/// A question for the application. Everything else the machine answers by itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The proxy has said where the connection comes from; the greeting follows. Only
    /// [`behind_proxy`](super::Server::behind_proxy).
    Proxied(Box<ProxyHeader>),
    /// Somebody wants a maildrop: check who it is and lock it. Yes: [`Maildrop`](super::Maildrop).
    Login(Ask<Login>, Credentials),
    /// AUTH with a mechanism that is offered: begin its exchange. Yes: a [`SaslStep`].
    Authenticate(Ask<Sasl>, Box<Authenticate>),
    /// The client's response to the last challenge. Yes: a [`SaslStep`].
    SaslResponse(Ask<Sasl>, Secret),
    /// The client has given the exchange up, or sent what is no response, and was told so: forget the exchange.
    SaslCancelled,
    /// RETR of a message that exists and is not marked as deleted. After Yes, the machine says
    /// [`Step::NeedBody`](mail_wire::Step::NeedBody) until the message has been written through
    /// [`Upload`](mail_wire::Upload).
    Retrieve(Ask<Retrieve>, MessageNumber),
    /// TOP of such a message, with so many lines of its body. After Yes, the message is written as for
    /// [`Retrieve`](Self::Retrieve), from its beginning: the machine cuts it, swallows what is too much, and lets the
    /// application stop early ([`Server::wants_body`](super::Server::wants_body)).
    Top(Ask<Top>, MessageNumber, u32),
    /// QUIT in TRANSACTION: the session ends as it should. Remove these messages, which may be none, then answer. Only
    /// this removes messages: a connection that ends otherwise never gives it (RFC 1939 §6).
    Update(Ask<Update>, Deletions),
}

/// The question of [`Event::Login`].
#[derive(Debug)]
pub enum Login {}

/// The question of [`Event::Authenticate`] and [`Event::SaslResponse`].
#[derive(Debug)]
pub enum Sasl {}

/// What a mechanism does next.
#[derive(Debug)]
pub enum SaslStep {
    /// A challenge; the response comes as [`Event::SaslResponse`].
    Challenge(Vec<u8>),
    /// The client is who it says, and this is its maildrop. Data that a mechanism has for a success goes as a last challenge
    /// before it, to which the response is empty (RFC 5034 §4).
    Success(Maildrop),
}

/// The question of [`Event::Retrieve`].
#[derive(Debug)]
pub enum Retrieve {}

/// The question of [`Event::Top`].
#[derive(Debug)]
pub enum Top {}

/// The question of [`Event::Update`].
#[derive(Debug)]
pub enum Update {}

/// How somebody proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// USER and PASS.
    User {
        /// The name of a mailbox, which may not exist.
        name: Name,
        /// As it was sent.
        password: Secret,
    },
    /// APOP: ask the proof whether it was made with the mailbox's secret.
    Apop {
        /// The name of a mailbox, which may not exist.
        name: Name,
        /// [`verify`](Proof::verify) it.
        proof: Box<Proof>,
    },
}

impl Credentials {
    /// The name of a mailbox, which may not exist.
    pub const fn name(&self) -> &Name {
        match self {
            Self::User { name, .. } | Self::Apop { name, .. } => name,
        }
    }

    /// Whether they fit a mailbox whose password or shared secret is `secret`, in a time that does not tell where they
    /// differ.
    ///
    /// ```
    /// # use pop3_proto::{Name, server::Credentials};
    /// let credentials = Credentials::User { name: Name::new("bob")?, password: "hungry".into() };
    /// assert!(credentials.verify(&"hungry".into()));
    /// # Ok::<(), pop3_proto::SyntaxError>(())
    /// ```
    #[must_use = "whether the client is who it says"]
    pub fn verify(&self, secret: &Secret) -> bool {
        match self {
            Self::User { password, .. } => password == secret,
            Self::Apop { proof, .. } => proof.verify(secret),
        }
    }
}

/// A negative answer: `-ERR`, a response code where there is one for it, and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    response: Response,
    /// The machine's own words, which it can say in other languages.
    phrase: Option<Phrase>,
}

impl Refusal {
    /// `[AUTH]`: name or password are wrong; which, is not said. Counts as a failed login.
    pub fn bad_credentials() -> Self {
        Self::coded(ResponseCode::AUTH, Phrase::BadCredentials)
    }

    /// `[IN-USE]`: the credentials are good, another session has the maildrop.
    pub fn maildrop_busy() -> Self {
        Self::coded(ResponseCode::IN_USE, Phrase::MaildropBusy)
    }

    /// `[LOGIN-DELAY]`: too soon after the last login.
    pub fn login_delay() -> Self {
        Self::coded(ResponseCode::LOGIN_DELAY, Phrase::LoginDelay)
    }

    /// `[SYS/TEMP]`: it may work later.
    pub fn temporary() -> Self {
        Self::coded(ResponseCode::SYS_TEMP, Phrase::Temporary)
    }

    /// `[SYS/PERM]`: it does not work until a person has repaired it.
    pub fn permanent() -> Self {
        Self::coded(ResponseCode::SYS_PERM, Phrase::Permanent)
    }

    /// There is no such message (any more).
    pub fn no_such_message() -> Self {
        Self::worded(Phrase::MessageGone)
    }

    /// `[UTF8]`: the message needs the UTF-8 mode, which the client has not asked for (RFC 6856 §5).
    pub fn needs_utf8() -> Self {
        Self::coded(ResponseCode::UTF8, Phrase::NeedsUtf8)
    }

    /// `[SYS/TEMP]`: what [`Event::Update`] asked for was not done, or not wholly.
    pub fn not_removed() -> Self {
        Self::coded(ResponseCode::SYS_TEMP, Phrase::NotRemoved)
    }

    /// The same refusal in other words. A response code at the front of `text` takes the place of the one there was.
    #[must_use]
    pub fn with_text(self, text: Text) -> Self {
        let response = Response::err(text);
        Self {
            response: match (response.code(), self.response.code()) {
                (None, Some(code)) => response.with_code(code.clone()),
                _ => response,
            },
            phrase: None,
        }
    }

    /// The line that it becomes, in English where it has the machine's words.
    pub const fn response(&self) -> &Response {
        &self.response
    }

    /// Says it in the session's language.
    pub(super) fn say(&self, voice: Voice<'_>) {
        let translated = self.phrase.and_then(|phrase| voice.translated(phrase));
        match (translated, self.response.code()) {
            (Some(text), Some(code)) => Response::new(Status::Err, text)
                .with_code(code.clone())
                .encode(voice.outbox.buffer()),
            (Some(text), None) => Response::new(Status::Err, text).encode(voice.outbox.buffer()),
            (None, _) => self.response.encode(voice.outbox.buffer()),
        }
    }

    /// Whether somebody may have guessed at a password.
    pub(super) fn is_failed_login(&self) -> bool {
        !matches!(
            self.response.meaning(),
            Some(Meaning::InUse | Meaning::LoginDelay | Meaning::Sys | Meaning::SysTemp | Meaning::SysPerm)
        )
    }

    fn coded(code: ResponseCode, phrase: Phrase) -> Self {
        let Self { response, phrase } = Self::worded(phrase);
        Self {
            response: response.with_code(code),
            phrase,
        }
    }

    fn worded(phrase: Phrase) -> Self {
        Self {
            response: Response::err(Text::harmless(format!("{phrase}"))),
            phrase: Some(phrase),
        }
    }
}
