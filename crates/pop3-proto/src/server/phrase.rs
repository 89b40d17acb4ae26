//! What the machine says to people, and in which language (RFC 6856 §3).

use alloc::string::String;
use core::fmt::{self, Write as _};

use mail_wire::{LineFault, Outbox};

use super::Config;
use crate::{
    DropListing, Keyword, LanguageListing, LanguageRange, LanguageTag, MessageNumber, OutOfSequence, Response,
    ResponseCode, Status, SyntaxError, Text,
};

/// Words of the machine's own. `Display` is English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phrase {
    /// To USER: PASS is next.
    SendPassword,
    /// A maildrop's state: to a login, RSET and LIST.
    Maildrop(DropListing),
    /// To RETR: the message follows, of so many octets. Clients read the number if it stands first.
    Octets(u64),
    /// To TOP.
    Top,
    /// To UIDL.
    UniqueIds,
    /// To DELE.
    MarkedDeleted(MessageNumber),
    /// To CAPA.
    Capabilities,
    /// To AUTH without a mechanism.
    Mechanisms,
    /// To LANG without a language.
    Languages,
    /// To LANG, in the language that was chosen.
    LanguageChosen,
    /// To UTF8.
    Utf8Mode,
    /// To STLS.
    BeginTls,
    /// To QUIT before a login.
    Goodbye,
    /// To QUIT, with what is left in the maildrop.
    Farewell(DropListing),

    /// The server is shutting down.
    ShuttingDown,
    /// The client gave AUTH up.
    Cancelled,
    /// A line that is none.
    BadLine(LineFault),
    /// A line that does not follow the grammar.
    BadSyntax(SyntaxError),
    /// A command in the wrong place.
    Misplaced(Keyword, OutOfSequence),
    /// A command that is not offered.
    NotOffered(Keyword),
    /// A login that would show the password to whoever listens.
    NeedsTls(Keyword),
    /// STLS where TLS is on.
    AlreadySecured,
    /// STLS behind UTF8.
    TlsBehindUtf8,
    /// Octets behind STLS.
    Injection,
    /// A SASL mechanism that is not offered.
    UnknownMechanism,
    /// A language that is not spoken.
    UnknownLanguage,
    /// The message does not exist; there are so many.
    NoSuchMessage {
        /// How many messages there are, the deleted ones included.
        messages: u32,
    },
    /// The message is marked as deleted.
    AlreadyDeleted(MessageNumber),

    /// [`Refusal::bad_credentials`](super::Refusal::bad_credentials)
    BadCredentials,
    /// [`Refusal::maildrop_busy`](super::Refusal::maildrop_busy)
    MaildropBusy,
    /// [`Refusal::login_delay`](super::Refusal::login_delay)
    LoginDelay,
    /// [`Refusal::temporary`](super::Refusal::temporary)
    Temporary,
    /// [`Refusal::permanent`](super::Refusal::permanent)
    Permanent,
    /// [`Refusal::no_such_message`](super::Refusal::no_such_message)
    MessageGone,
    /// [`Refusal::not_removed`](super::Refusal::not_removed)
    NotRemoved,
    /// [`Refusal::needs_utf8`](super::Refusal::needs_utf8)
    NeedsUtf8,
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Maildrop(DropListing { messages, octets }) => {
                write!(f, "{messages} message{} ({octets} octets)", plural(*messages))
            }
            Self::Octets(octets) => write!(f, "{octets} octets"),
            Self::MarkedDeleted(number) => write!(f, "message {number} deleted"),
            Self::Farewell(DropListing { messages: 0, .. }) => f.write_str("goodbye (maildrop empty)"),
            Self::Farewell(DropListing { messages, .. }) => {
                write!(f, "goodbye ({messages} message{} left)", plural(*messages))
            }
            Self::BadLine(fault) => fault.fmt(f),
            Self::BadSyntax(error) => error.fmt(f),
            Self::Misplaced(keyword, error) => write!(f, "{keyword} is {error}"),
            Self::NotOffered(keyword) => write!(f, "{keyword} is not offered here"),
            Self::NeedsTls(keyword) => write!(f, "{keyword} is not offered without TLS"),
            Self::NoSuchMessage { messages } => write!(f, "no such message, maildrop has {messages}"),
            Self::AlreadyDeleted(number) => write!(f, "message {number} already deleted"),
            fixed => f.write_str(fixed.words()),
        }
    }
}

impl Phrase {
    /// English, where there is nothing to fill in.
    const fn words(self) -> &'static str {
        match self {
            Self::SendPassword => "send PASS",
            Self::Top => "top of message follows",
            Self::UniqueIds => "unique-id listing follows",
            Self::Capabilities => "capability list follows",
            Self::Mechanisms => "mechanisms follow",
            Self::Languages => "languages follow",
            Self::LanguageChosen => "language changed",
            Self::Utf8Mode => "UTF-8 from here on",
            Self::BeginTls => "begin TLS now",
            Self::Goodbye => "goodbye",
            Self::ShuttingDown => "this server is shutting down",
            Self::Cancelled => "authentication cancelled",
            Self::AlreadySecured => "TLS is on already",
            Self::TlsBehindUtf8 => "STLS comes before UTF8",
            Self::Injection => "octets behind STLS",
            Self::UnknownMechanism => "mechanism not offered here",
            Self::UnknownLanguage => "no such language here",
            Self::BadCredentials => "name or password wrong",
            Self::MaildropBusy => "maildrop locked by another session",
            Self::LoginDelay => "too soon after the last login",
            Self::Temporary => "temporary failure, try again later",
            Self::Permanent => "permanent failure, tell the administrator",
            Self::MessageGone => "no such message",
            Self::NotRemoved => "some deleted messages not removed",
            Self::NeedsUtf8 => "this message needs UTF-8: give UTF8 before you log in",
            _ => "",
        }
    }
}

const fn plural(messages: u32) -> &'static str {
    if messages == 1 { "" } else { "s" }
}

/// A language that a server speaks.
///
/// ```
/// # use pop3_proto::{LanguageTag, server::{Language, Phrase}};
/// fn deutsch(phrase: Phrase) -> Option<String> {
///     Some(match phrase {
///         Phrase::SendPassword => "weiter mit PASS".into(),
///         Phrase::Octets(octets) => format!("{octets} Oktette"),
///         _ => return None,
///     })
/// }
/// let language = Language {
///     tag: LanguageTag::new("de")?,
///     description: "Deutsch".try_into()?,
///     translate: deutsch,
/// };
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Language {
    /// What LANG chooses it by.
    pub tag: LanguageTag,
    /// What it is called in itself, in UTF-8.
    pub description: Text,
    /// The machine's words in this language; `None` where they stay English. NUL, CR and LF in them become `?`.
    pub translate: fn(Phrase) -> Option<String>,
}

impl Language {
    pub(super) fn listing(&self) -> LanguageListing {
        LanguageListing {
            tag: self.tag.clone(),
            description: self.description.clone(),
        }
    }

    /// The place of the language that `range` asks for: the one with this tag, else the first that begins like it. The
    /// first of all is the preferred one.
    pub(super) fn choose(languages: &[Self], range: &LanguageRange) -> Option<usize> {
        let LanguageRange::Tag(range) = range else {
            return (!languages.is_empty()).then_some(0);
        };
        let mut tags = languages.iter().map(|language| &language.tag);
        let exact = tags.clone().position(|tag| tag == range);
        exact.or_else(|| tags.position(|tag| tag.is_within(range)))
    }
}

/// Says things in the language of the session.
pub(super) struct Voice<'a> {
    pub(super) language: Option<&'a Language>,
    /// Words in place of the English ones.
    explain: Option<fn(Phrase) -> Option<String>>,
    pub(super) outbox: &'a mut Outbox,
}

impl<'a> Voice<'a> {
    /// How the session with the language at `chosen` speaks.
    pub(super) fn new(config: &'a Config, chosen: Option<usize>, outbox: &'a mut Outbox) -> Self {
        Self {
            language: chosen.and_then(|at| config.languages.get(at)),
            explain: config.explain,
            outbox,
        }
    }

    /// A response in the machine's own words.
    pub(super) fn say(&mut self, status: Status, phrase: Phrase) {
        match self.translated(phrase) {
            Some(text) => Response::new(status, text).encode(self.outbox.buffer()),
            None => self.line(format_args!("{} {phrase}", status.as_str())),
        }
    }

    /// The answer to LANG: the language's tag, then words in it.
    pub(super) fn say_language(&mut self) {
        let words = self.translated(Phrase::LanguageChosen);
        let words = words.unwrap_or_else(|| Text::fixed(Phrase::LanguageChosen.words()));
        let tag = self.language.map_or("en", |language| language.tag.as_str());
        let text = Text::part(&[tag.as_bytes(), b" ", words.as_bytes()].concat());
        Response::new(Status::Ok, text).encode(self.outbox.buffer());
    }

    /// The same with a response code.
    pub(super) fn say_coded(&mut self, status: Status, code: ResponseCode, phrase: Phrase) {
        let text = self.translated(phrase);
        let text = text.unwrap_or_else(|| Text::harmless(alloc::format!("{phrase}")));
        Response::new(status, text).with_code(code).encode(self.outbox.buffer());
    }

    /// A line as it is.
    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing into memory cannot fail.
        let _ = write!(self.outbox, "{line}\r\n");
    }

    /// `phrase` in the session's language, where that is not plain English.
    pub(super) fn translated(&self, phrase: Phrase) -> Option<Text> {
        let words = match self.language {
            Some(language) => (language.translate)(phrase),
            None => self.explain.and_then(|explain| explain(phrase)),
        };
        words.map(Text::harmless)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::sync::Arc;

    use mail_wire::{Machine, Step};

    use super::*;
    use crate::Server;
    use crate::server::{Plaintext, Security};

    fn explain(phrase: Phrase) -> Option<String> {
        match phrase {
            Phrase::Misplaced(..) | Phrase::Temporary | Phrase::Languages => {
                Some(alloc::format!("{phrase}; naïve\r\n"))
            }
            _ => None,
        }
    }

    fn said(server: &mut Server, line: &str) -> String {
        server.receive(line.as_bytes());
        while let Ok(Step::Event(event)) = server.poll() {
            server.unhandled(event).unwrap();
        }
        let said = String::from_utf8(server.transmit().to_vec()).unwrap();
        server.transmitted(said.len());
        said
    }

    /// Words of one's own take the place of English, and not of another language.
    #[test]
    fn english_can_be_explained() {
        let deutsch = Language {
            tag: LanguageTag::new("de").unwrap(),
            description: Text::fixed("Deutsch"),
            translate: |_| None,
        };
        let config = Config {
            explain: Some(explain),
            languages: alloc::vec![deutsch],
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        let mut server = Server::new(Arc::new(config), Security::Plaintext);
        said(&mut server, "");
        let misplaced = Phrase::Misplaced(
            Keyword::Retr,
            OutOfSequence {
                phase: crate::Phase::Authorization,
            },
        )
        .to_string();
        assert_eq!(
            said(&mut server, "RETR 1\r\n"),
            alloc::format!("-ERR {misplaced}; naïve??\r\n")
        );
        assert_eq!(said(&mut server, "USER bob\r\n"), "+OK send PASS\r\n");
        let failed = "-ERR [SYS/TEMP] temporary failure, try again later; naïve??\r\n";
        assert_eq!(said(&mut server, "PASS hungry\r\n"), failed);
        said(&mut server, "LANG de\r\n");
        assert_eq!(said(&mut server, "RETR 1\r\n"), alloc::format!("-ERR {misplaced}\r\n"));
    }
}
