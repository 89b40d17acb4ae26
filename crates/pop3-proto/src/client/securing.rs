//! AUTH's exchange and the hand-over to TLS, from a client's side.

use alloc::vec::Vec;

use mail_wire::{Misuse, SaslResponse, Secret, Step};

use super::receive::Incoming;
use super::{Client, Error, Event, Security, Utf8Names};
use crate::{Command, Encoding, Keyword, Name, ServerLimits, SyntaxError, Text, Transition, Utf8};

impl Client {
    /// Whether the server offers what a command needs, as far as it has said, and the connection is private enough for it.
    pub(super) fn check(&self, command: &Command) -> Result<(), Misuse> {
        let harmless = matches!(command, Command::Capa | Command::Stls | Command::Quit);
        if self.security == Security::StartTls && !harmless {
            return Err(Misuse::NotOffered { extension: "TLS" });
        }
        let needed = match command {
            Command::Stls if self.security == Security::Secured || self.encoding == Encoding::Utf8 => {
                return Err(Misuse::OutOfSequence { command: "STLS" });
            }
            Command::Stls => "STLS",
            Command::Utf8 => "UTF8",
            Command::Lang(_) => "LANG",
            Command::User(name) | Command::Apop(name, _) => return self.check_name(name),
            Command::Pass(password) => return self.check_ascii(password.secret().expose()),
            Command::Auth(Some(auth)) => {
                let mechanisms = self.offered.iter().flat_map(|offered| offered.mechanisms());
                let mechanisms: Vec<_> = mechanisms.collect();
                let good = mechanisms.is_empty() || mechanisms.contains(&auth.mechanism);
                return good.then_some(()).ok_or(Misuse::NotOffered { extension: "SASL" });
            }
            _ => return Ok(()),
        };
        match &self.offered {
            Some(offered) if !offered.has(needed) => Err(Misuse::NotOffered { extension: needed }),
            _ => Ok(()),
        }
    }

    fn check_name(&self, name: &Name) -> Result<(), Misuse> {
        self.check_ascii(name.as_str().as_bytes())
    }

    /// RFC 6856 §2.2
    pub(super) fn check_ascii(&self, text: &[u8]) -> Result<(), Misuse> {
        let offered = self.offered.as_ref().and_then(|offered| offered.utf8());
        let taken = self.config.leniency.names == Utf8Names::Always || offered == Some(Utf8::MessagesAndNames);
        match taken || text.is_ascii() {
            true => Ok(()),
            false => Err(Misuse::NotOffered { extension: "UTF8 USER" }),
        }
    }

    /// What goes out of a command, and what the machine waits for behind it.
    pub(super) fn prepare(&mut self, command: &mut Command) {
        let Command::Auth(Some(auth)) = command else {
            return;
        };
        // A server that tells its mechanisms knows RFC 5034; one that only knows RFC 1734 has no initial responses.
        let tells = self.offered.as_ref().is_some_and(|offered| offered.has("SASL"));
        let held = match tells && auth.length() <= ServerLimits::LINE {
            true => None,
            false => auth.initial_response.take(),
        };
        self.framer.set_limit(self.config.limits.sasl());
        self.incoming = Incoming::Exchange(held);
    }

    /// A challenge has come.
    pub(super) fn challenged(&mut self, challenge: Result<Vec<u8>, SyntaxError>) -> Option<Step<Event>> {
        self.watch.restart();
        let data = match challenge {
            Ok(data) => data,
            Err(error) => {
                self.fail(Error::Syntax(error));
                return None;
            }
        };
        self.step(Transition::Challenged);
        match core::mem::replace(&mut self.incoming, Incoming::Challenged) {
            Incoming::Exchange(Some(response)) if data.is_empty() => {
                self.send_response(&SaslResponse::Data(response));
                None
            }
            _ => Some(Step::Event(Event::Challenge(data))),
        }
    }

    /// Responds to [`Event::Challenge`]; an empty response is an empty line.
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when no challenge is open.
    pub fn respond(&mut self, response: Secret) -> Result<(), Misuse> {
        self.is_challenged()?;
        self.send_response(&SaslResponse::Data(response));
        Ok(())
    }

    /// Gives the exchange up. [`Event::Refused`] follows.
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when no challenge is open.
    pub fn cancel(&mut self) -> Result<(), Misuse> {
        self.is_challenged()?;
        self.send_response(&SaslResponse::Cancel);
        Ok(())
    }

    fn is_challenged(&self) -> Result<(), Misuse> {
        match self.incoming {
            Incoming::Challenged => Ok(()),
            _ => Err(Misuse::OutOfSequence {
                command: "SASL response",
            }),
        }
    }

    pub(super) fn send_response(&mut self, response: &SaslResponse) {
        response.write(self.outbox.buffer());
        self.outbox.push(b"\r\n");
        self.incoming = Incoming::Exchange(None);
        self.watch.restart();
    }

    /// An exchange, if there was one, is over.
    pub(super) fn end_exchange(&mut self) {
        if matches!(self.incoming, Incoming::Exchange(_)) {
            self.framer.set_limit(self.config.limits.line());
            self.incoming = Incoming::Line;
        }
    }

    /// docs/threats.md row 5: what stands behind the go-ahead of STLS was sent in plaintext, by whomever.
    pub(super) fn go_ahead(&mut self, text: &Text) -> Option<Step<Event>> {
        self.queue.answered();
        if !self.window.unread().is_empty() {
            self.fail(Error::Injection);
            return None;
        }
        self.incoming = Incoming::Securing;
        Some(Step::Event(Event::Done(Keyword::Stls, text.clone())))
    }

    /// TLS is in place: nothing that was learned in plaintext is remembered.
    pub(super) fn secured(&mut self) {
        let fresh = Self::new(super::Config {
            security: Security::Secured,
            ..self.config
        });
        let old = core::mem::replace(self, fresh);
        (self.phase, self.course, self.queue) = (old.phase, old.course, old.queue.behind_tls());
        self.step(Transition::Secured);
    }
}
