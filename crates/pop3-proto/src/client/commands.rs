//! The commands of a client.

use mail_wire::{MechanismName, Misuse, Secret};

use super::{Client, out_of_sequence};
use crate::{Authenticate, Command, Keyword, LanguageRange, MessageNumber, Name, Password, Phase};

/// Commands. Each is queued, and its result comes as events.
impl Client {
    /// STLS: TLS on this connection. [`Event::Done`], then [`Step::Upgrade`], behind which the session begins anew: ask for
    /// [`capabilities`](Self::capabilities) again. Commands that are queued behind it go out over TLS only: when it is
    /// refused, they are [`Event::Unsent`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] over TLS, behind a login or UTF8, or when the server is known not to offer it.
    pub fn stls(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Stls)
    }

    /// AUTH: a login by a SASL mechanism. [`Event::Challenge`]s, then [`Event::LoggedIn`] or [`Event::Refused`].
    ///
    /// The initial response goes out with the command where the server has told its mechanisms (RFC 5034) and the line has
    /// at most 255 octets; else it is the response to the empty challenge, which then is not told.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when a login is behind or under way, when TLS is required and not there, or when the server is known not
    /// to offer the mechanism.
    pub fn authenticate(&mut self, mechanism: MechanismName, initial_response: Option<Secret>) -> Result<(), Misuse> {
        self.submit(Command::Auth(Some(Authenticate {
            mechanism,
            initial_response,
        })))
    }

    /// AUTH without a mechanism: which ones there are, from servers without CAPA. [`Event::MechanismItem`]s, then
    /// [`Event::MechanismEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind a login.
    pub fn mechanisms(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Auth(None))
    }

    /// UTF8: messages and responses may hold UTF-8. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind a login, or when the server is known not to offer it.
    pub fn utf8(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Utf8)
    }

    /// LANG: which languages the server speaks. [`Event::LanguageItem`]s, then [`Event::LanguageEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind QUIT, or when the server is known not to offer it.
    pub fn languages(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Lang(None))
    }

    /// LANG with a language: what responses are worded in. [`Event::Language`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind QUIT, or when the server is known not to offer it.
    pub fn language(&mut self, range: LanguageRange) -> Result<(), Misuse> {
        self.submit(Command::Lang(Some(range)))
    }

    /// CAPA: what the server offers. [`Event::Capabilities`], or [`Event::Refused`] from a server without CAPA.
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind QUIT.
    pub fn capabilities(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Capa)
    }

    /// USER and PASS. [`Event::LoggedIn`] or [`Event::Refused`]. The password goes out as it is, once USER is accepted.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when a login is behind or under way, when TLS is required and not there, or for UTF-8 when the server is
    /// not known to take it (RFC 6856 §2.2).
    pub fn login(&mut self, name: Name, password: Password) -> Result<(), Misuse> {
        if self.is_settled() {
            self.check_ascii(password.secret().expose())?;
        }
        self.submit(Command::User(name))?;
        self.submit(Command::Pass(password))
    }

    /// APOP: a proof that the client knows `secret`. [`Event::LoggedIn`] or [`Event::Refused`].
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`] when the configuration does not allow it or the greeting had no timestamp that is a message
    /// id of ASCII characters; other [`Misuse`] before the greeting, or when a login is behind or under way.
    pub fn apop(&mut self, name: Name, secret: &Secret) -> Result<(), Misuse> {
        if self.phase == Phase::Greeting {
            return Err(out_of_sequence(Keyword::Apop));
        }
        let timestamp = self
            .timestamp
            .as_ref()
            .ok_or(Misuse::NotOffered { extension: "APOP" })?;
        self.submit(Command::Apop(name, timestamp.digest(secret)))
    }

    /// STAT: how many messages and octets. [`Event::Status`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn stat(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Stat)
    }

    /// LIST: the size of one message or of all. [`Event::ListItem`]s, then [`Event::ListEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn list(&mut self, number: Option<MessageNumber>) -> Result<(), Misuse> {
        self.submit(Command::List(number))
    }

    /// UIDL: the unique-id of one message or of all. [`Event::UniqueIdItem`]s, then [`Event::UniqueIdEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn uidl(&mut self, number: Option<MessageNumber>) -> Result<(), Misuse> {
        self.submit(Command::Uidl(number))
    }

    /// RETR: a message. [`Event::Message`] and a body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn retrieve(&mut self, number: MessageNumber) -> Result<(), Misuse> {
        self.submit(Command::Retr(number))
    }

    /// TOP: a message's header and so many lines of its body. [`Event::Message`] and a body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn top(&mut self, number: MessageNumber, lines: u32) -> Result<(), Misuse> {
        self.submit(Command::Top(number, lines))
    }

    /// DELE: marks a message, which [`quit`](Self::quit) will remove. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn delete(&mut self, number: MessageNumber) -> Result<(), Misuse> {
        self.submit(Command::Dele(number))
    }

    /// NOOP: nothing, which keeps the session alive. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn noop(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Noop)
    }

    /// RSET: takes all marks away. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn reset(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Rset)
    }

    /// QUIT: the server removes the messages that are marked. [`Event::Done`], then [`Step::Closed`]; behind
    /// [`Event::Refused`] some messages may still be there.
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind another QUIT.
    pub fn quit(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Quit)
    }
}
