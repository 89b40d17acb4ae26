//! What goes wrong on the client's side, by whose fault it is.

use thiserror::Error;

use crate::nonce::NoRandomness;
use crate::scram::message::{Fault, ScramError};
use crate::syntax::Syntax;
use crate::token_error::TokenError;
use crate::{PrepError, limits};

/// Why a mechanism cannot be used: the caller's or the system's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It needs something else than these credentials hold.
    #[error("the mechanism needs other credentials")]
    WrongCredentials,
    /// It cannot say for whom the client wants to act.
    #[error("the mechanism has no place for an authorization identity")]
    NoAuthorization,
    /// It binds to the channel, and the channel has nothing to bind to.
    #[error("the channel has nothing to bind to")]
    NoChannelBinding,
    /// The user name or the password cannot be prepared (RFC 4013).
    #[error(transparent)]
    Prep(#[from] PrepError),
    /// There was no nonce to be had.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why an exchange failed on the client's side.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    // The server's octets.
    /// A challenge is malformed.
    #[error("malformed challenge: {0}")]
    Syntax(#[from] Syntax),
    /// A challenge needs an extension that is not known (RFC 5802 §5.1, `m=`).
    #[error("the server needs an extension that is not known")]
    Extension,

    // The server's order.
    /// A challenge where the mechanism has none.
    #[error("a challenge where there should be none")]
    UnexpectedChallenge,
    /// Success before the client had said what the mechanism has to say.
    #[error("success before the exchange was complete")]
    TooEarly,
    /// Success with data where the mechanism has none.
    #[error("success came with data where there should be none")]
    UnexpectedData,

    // Limits.
    /// A challenge has more than [`limits::MESSAGE`] octets.
    #[error("a challenge has more than {} octets", limits::MESSAGE)]
    TooLong,
    /// The server wants the password iterated so seldom that it would be cheap to guess.
    #[error("the server asks for {asked} iterations, fewer than {limit}")]
    TooFewIterations {
        /// How many.
        asked: u64,
        /// [`ClientOptions::least_iterations`](crate::ClientOptions::least_iterations)
        limit: u32,
    },
    /// The server wants the password iterated so often that it takes too long.
    #[error("the server asks for {asked} iterations, more than {limit}")]
    TooManyIterations {
        /// How many.
        asked: u64,
        /// [`ClientOptions::most_iterations`](crate::ClientOptions::most_iterations)
        limit: u32,
    },

    // The server is not who it should be.
    /// The server's nonce does not begin with the client's, or adds nothing to it.
    #[error("the server's nonce does not continue the client's")]
    WrongNonce,
    /// The server's signature is wrong: it does not know the password, or somebody is in the middle.
    #[error("the server's signature is wrong: it does not know the password")]
    WrongSignature,
    /// The server said that the exchange succeeded without having shown that it knows the password.
    #[error("the server has not shown that it knows the password")]
    Unverified,

    // The server refuses.
    /// SCRAM's `e=`.
    #[error("the server refused: {0}")]
    Refused(ScramError),
    /// The token.
    #[error(transparent)]
    Token(Box<TokenError>),
}

impl From<Fault> for ClientError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax(syntax) => Self::Syntax(syntax),
            Fault::Extension => Self::Extension,
        }
    }
}
