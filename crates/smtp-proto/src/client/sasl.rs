//! AUTH, as far as it is SMTP: frames (RFC 4954 §4). What the data means is the mechanism's business.

use mail_wire::{MechanismName, Misuse, SaslResponse, Secret, decode_sasl};

use super::queue::Awaited;
use super::{Client, Event, Life};
use crate::phase::Action;
use crate::reply::Class;
use crate::{Auth, Command, Reply, Verb};

/// Where an exchange stands.
#[derive(Debug, Default)]
pub(super) enum Exchange {
    #[default]
    None,
    /// AUTH or a response is on its way.
    Running,
    /// As `Running`; the response to the first challenge was too long for AUTH's line.
    Held(Secret),
    /// The server waits for a response.
    Challenged,
}

impl Exchange {
    pub(super) const fn is_challenged(&self) -> bool {
        matches!(self, Self::Challenged)
    }
}

impl Client {
    /// AUTH. [`Event::Challenge`]s follow, then [`Event::Authenticated`], or an [`Event::Reply`] that refuses.
    ///
    /// The initial response goes with the command when both fit into 512 octets, otherwise to the server's first challenge, as RFC 4954
    /// §4 demands.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`] where the server offers no AUTH; [`Misuse::Insecure`] where TLS is required and not there;
    /// [`Misuse::OutOfSequence`] inside a transaction, or when the session is authenticated already.
    pub fn authenticate(&mut self, mechanism: MechanismName, initial: Option<Secret>) -> Result<(), Misuse> {
        if !self.capabilities.offers("AUTH") {
            return Err(Misuse::NotOffered { extension: "AUTH" });
        }
        let fits = |response: &Secret| line_length(&mechanism, response) <= LONGEST_COMMAND;
        let (initial_response, held) = match initial {
            Some(response) if !fits(&response) => (None, Some(response)),
            initial => (initial, None),
        };
        let auth = Auth {
            mechanism,
            initial_response,
        };
        self.submit(Command::Auth(auth), Awaited::Auth)?;
        self.exchange = held.map_or(Exchange::Running, Exchange::Held);
        Ok(())
    }

    /// Responds to an [`Event::Challenge`].
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] without a challenge; [`Misuse::LineTooLong`] beyond 12,288 octets in base64.
    pub fn respond(&mut self, response: &Secret) -> Result<(), Misuse> {
        if response.expose().len().div_ceil(3) * 4 + CRLF.len() > LONGEST_RESPONSE {
            let limit = LONGEST_RESPONSE;
            return Err(Misuse::LineTooLong { limit });
        }
        self.answer_challenge(&SaslResponse::Data(response.clone()))
    }

    /// Gives the exchange up, in place of a response. The server's refusal follows.
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] without a challenge.
    pub fn cancel(&mut self) -> Result<(), Misuse> {
        self.answer_challenge(&SaslResponse::Cancel)
    }

    fn answer_challenge(&mut self, response: &SaslResponse) -> Result<(), Misuse> {
        if !self.exchange.is_challenged() || !matches!(self.life, Life::Open | Life::Stopping) {
            return Err(Misuse::OutOfSequence {
                command: "a SASL response",
            });
        }
        self.write_response(response);
        Ok(())
    }

    fn write_response(&mut self, response: &SaslResponse) {
        self.exchange = Exchange::Running;
        response.write(self.outbox.buffer());
        self.outbox.push(CRLF);
        self.send(None, Awaited::Auth);
    }

    /// A reply to AUTH or to a response.
    pub(super) fn conclude_auth(&mut self, reply: Reply) -> Option<Event> {
        // Behind the first challenge it has been said already.
        self.confirm(Action::Authenticate);
        match reply.code().class() {
            Class::Intermediate => self.challenged(&reply),
            Class::Positive => {
                self.exchange = Exchange::None;
                self.confirm(Action::Authenticated);
                Some(Event::Authenticated(reply))
            }
            Class::Transient | Class::Permanent => {
                self.exchange = Exchange::None;
                self.confirm(Action::NotAuthenticated);
                let command = Verb::Auth;
                Some(Event::Reply { command, reply })
            }
        }
    }

    fn challenged(&mut self, reply: &Reply) -> Option<Event> {
        if let Exchange::Held(response) = core::mem::take(&mut self.exchange) {
            self.write_response(&SaslResponse::Data(response));
            return None;
        }
        let mut lines = reply.lines();
        let challenge = lines.next().and_then(|line| decode_sasl(line).ok());
        match (challenge, lines.next()) {
            (Some(challenge), None) => {
                self.exchange = Exchange::Challenged;
                Some(Event::Challenge(challenge))
            }
            // What cannot be decoded MUST be answered so (RFC 4954 §4).
            _ => {
                self.write_response(&SaslResponse::Cancel);
                None
            }
        }
    }
}

/// `AUTH mechanism response CRLF`; an empty response is `=`.
fn line_length(mechanism: &MechanismName, response: &Secret) -> usize {
    let base64 = response.expose().len().div_ceil(3) * 4;
    Verb::Auth.as_str().len() + 1 + mechanism.as_str().len() + 1 + base64.max(1) + CRLF.len()
}

const CRLF: &[u8] = b"\r\n";
/// RFC 5321 §4.5.3.1.4
const LONGEST_COMMAND: usize = 512;
/// RFC 4954 §4
const LONGEST_RESPONSE: usize = 12_288;
