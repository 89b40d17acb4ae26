//! Who the client is: LOGIN and AUTHENTICATE.

use imap_proto::server::{LogIn, Refusal, Sasl, SaslStep};
use imap_proto::{Authenticate, Code, Credential, Login};
use mail_sasl::Failure;
use mail_tokio::imap::ServerError;
use mail_tokio::sasl_channel;
use mail_wire::{Ask, MechanismName};

use super::ImapDialogue;
use crate::authentication::{Exchange, GUESS_DELAY, Progress};

impl ImapDialogue {
    pub(super) async fn login(&mut self, ask: Ask<LogIn>, login: &Login<'_>) -> Result<(), ServerError> {
        let name = login.user.to_text();
        match self.host.settings.accounts.login(&name, login.password.secret()) {
            Some(mailbox) => {
                self.user = Some(mailbox);
                Ok(self.session.accept(ask)?)
            }
            None => {
                tokio::time::sleep(GUESS_DELAY).await;
                Ok(self.session.refuse(ask, Refusal::bad_credentials())?)
            }
        }
    }

    pub(super) async fn authenticate(&mut self, ask: Ask<Sasl>, asked: Authenticate<'_>) -> Result<(), ServerError> {
        let Ok(mechanism) = asked.mechanism.as_str().to_ascii_uppercase().parse::<MechanismName>() else {
            return Ok(self.session.refuse(ask, Refusal::not_supported())?);
        };
        let channel = sasl_channel(self.session.tls());
        let initial = asked.initial_response.map(|response| response.secret().clone());
        let progress = Exchange::begin(&self.host, &mechanism, &channel, initial).await;
        self.advance(ask, progress)
    }

    pub(super) async fn sasl_response(&mut self, ask: Ask<Sasl>, response: Credential) -> Result<(), ServerError> {
        match self.exchange.take() {
            Some(exchange) => {
                let progress = exchange.step(&self.host, response.secret().clone()).await;
                self.advance(ask, progress)
            }
            None => Ok(self.session.refuse(ask, unavailable())?),
        }
    }

    fn advance(&mut self, ask: Ask<Sasl>, progress: Progress) -> Result<(), ServerError> {
        match progress {
            Progress::Challenge(exchange, challenge) => {
                self.exchange = Some(exchange);
                self.session.accept_with(ask, SaslStep::Challenge(challenge))?;
            }
            Progress::Done(mailbox) => {
                self.user = Some(mailbox);
                self.session.accept_with(ask, SaslStep::Success)?;
            }
            Progress::Failed(failure) if failure.is_temporary() => self.session.refuse(ask, unavailable())?,
            Progress::Failed(Failure::UnexpectedInitialResponse) => self.session.refuse(ask, out_of_place())?,
            Progress::Failed(_) => self.session.refuse(ask, Refusal::bad_credentials())?,
        }
        Ok(())
    }
}

/// RFC 9051 §6.2.2: BAD.
fn out_of_place() -> Refusal {
    Refusal::bad("the mechanism has no initial response").unwrap_or_else(|_| Refusal::bad_credentials())
}

fn unavailable() -> Refusal {
    Refusal::fixed("not available now").with_code(Code::Unavailable)
}
