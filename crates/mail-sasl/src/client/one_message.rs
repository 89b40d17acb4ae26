//! Mechanisms whose client says all in one message: PLAIN, EXTERNAL, ANONYMOUS, OAUTHBEARER, XOAUTH2.

use mail_wire::Secret;

use super::{ClientError, Side};
use crate::token_error::TokenError;

pub(crate) struct OneMessage {
    message: Secret,
    refusals: Refusals,
    refused: Option<TokenError>,
}

/// What a challenge means that comes behind the message.
#[derive(Clone, Copy)]
pub(crate) enum Refusals {
    /// Nothing: there is none.
    None,
    /// A refusal in JSON, which is to be answered with these octets (RFC 7628 §3.2.3).
    Json(&'static [u8]),
}

impl OneMessage {
    pub(crate) fn new(message: Secret, refusals: Refusals) -> Self {
        Self {
            message,
            refusals,
            refused: None,
        }
    }
}

impl Side for OneMessage {
    fn initial(&self) -> Option<Secret> {
        Some(self.message.clone())
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        match (self.refusals, &self.refused) {
            (Refusals::Json(dummy), None) => {
                self.refused = Some(TokenError::parse(challenge));
                Ok(Secret::from(dummy))
            }
            _ => Err(self.refusal().unwrap_or(ClientError::UnexpectedChallenge)),
        }
    }

    fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        if data.is_some() {
            Err(ClientError::UnexpectedData)
        } else {
            Ok(())
        }
    }

    fn refusal(&self) -> Option<ClientError> {
        let refused = self.refused.clone();
        refused.map(|error| ClientError::Token(Box::new(error)))
    }
}
