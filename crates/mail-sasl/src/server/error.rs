//! Why an exchange failed on the server's side, by whose fault it is.

use thiserror::Error;

use crate::scram::message::Fault;
use crate::syntax::Syntax;
use crate::{InvalidName, PrepError, limits};

/// Why a client has not authenticated. In the words of RFC 4954 §6: malformed is `501 5.5.2`, [`Self::is_temporary`]
/// `454 4.7.0`, anything else `535 5.7.8`. What the client is told should say no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Failure {
    // The client's octets.
    /// A response is malformed.
    #[error("malformed response: {0}")]
    Syntax(#[from] Syntax),
    /// A name is not one.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A name cannot be prepared (RFC 4013).
    #[error(transparent)]
    Prep(#[from] PrepError),
    /// A response needs an extension that is not known (RFC 5802 §5.1, `m=`).
    #[error("the client needs an extension that is not known")]
    Extension,

    // The client's order.
    /// The mechanism was not offered.
    #[error("the mechanism is not offered")]
    NotOffered,
    /// The mechanism begins with a challenge.
    #[error("the mechanism has no initial response")]
    UnexpectedInitialResponse,
    /// A response where the mechanism has none but an empty one.
    #[error("a response where there should be none")]
    UnexpectedResponse,

    // Limits.
    /// A response has more than [`limits::MESSAGE`] octets.
    #[error("a response has more than {} octets", limits::MESSAGE)]
    TooLong,

    // The client is not who it should be.
    /// The password, the token or the user name is wrong; which of them is not for the client to know.
    #[error("wrong user name or password")]
    InvalidCredentials,
    /// The client may not act for whom it wants to.
    #[error("not authorized to act for somebody else")]
    NotAuthorized,
    /// The nonce is not the one of this exchange.
    #[error("the nonce is not the one of this exchange")]
    WrongNonce,
    /// The client is bound to another channel than this one, or not bound where it must be: somebody may be in the middle.
    #[error("both ends do not see the same channel")]
    ChannelBinding,
    /// The client wants a type of channel binding that this channel has not.
    #[error("this type of channel binding is not known here")]
    ChannelBindingType,
    /// The client believes that no mechanism was offered that binds to the channel. One was (RFC 5802 §6).
    #[error("somebody has hidden from the client what is offered")]
    Downgrade,

    // This side.
    /// The application could not find out what it had to.
    #[error("authentication is not available now")]
    Unavailable,
    /// There was no nonce to be had.
    #[error("the operating system gave no random octets")]
    NoRandomness,
    /// The application called what there was no reason for, or gave an answer to another question.
    #[error("the exchange was not driven as it asked for")]
    Misuse,
}

impl Failure {
    /// Whether the same attempt could succeed later.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unavailable | Self::NoRandomness | Self::Misuse)
    }

    /// Whether the client sent what is not a message of the mechanism.
    pub fn is_malformed(self) -> bool {
        matches!(self, Self::Syntax(_) | Self::Name(_) | Self::Extension | Self::TooLong)
            || matches!(self, Self::UnexpectedInitialResponse | Self::UnexpectedResponse)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax(syntax) => Self::Syntax(syntax),
            Fault::Extension => Self::Extension,
        }
    }
}
