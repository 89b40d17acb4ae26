//! What an exchange asks the application, and what it ends with.

use mail_wire::Secret;

use crate::anonymous::Trace;
use crate::{Account, Mechanism, UserName};

/// What only the application can find out. User names are prepared by RFC 4013.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// Is this the user's password? [`Answer::Found`] lets the exchange compare, [`Answer::Yes`] and [`Answer::No`] say
    /// what something else found, as PAM.
    Verify {
        /// Whose password.
        user: UserName,
        /// As the client sent it.
        password: Secret,
    },
    /// What is stored of this user? [`Answer::Found`] or [`Answer::Unknown`].
    Stored {
        /// Of whom.
        user: UserName,
        /// Its [`hash`](Mechanism::hash) says which keys are wanted; without one, the password itself.
        mechanism: Mechanism,
    },
    /// Whose token is this? [`Answer::Owner`], or [`Answer::Yes`] when it is the user's that the client names.
    Token {
        /// Whom the client names.
        user: Option<UserName>,
        /// The token.
        token: Secret,
        /// The host that the client believes to talk to; it must be this one, if there is one (RFC 7628 §3.2).
        host: Option<UserName>,
    },
    /// May the one act for the other? [`Answer::Yes`] or [`Answer::No`].
    Authorize {
        /// Who has authenticated.
        authcid: UserName,
        /// Whom it wants to act for.
        authzid: UserName,
    },
}

/// The application's answer to a [`Lookup`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is such a user, of whom this is stored.
    Found(Account),
    /// There is no such user. The exchange goes on with keys that no password has, so that the client cannot tell.
    Unknown,
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The token belongs to this user.
    Owner(UserName),
    /// It cannot be found out now.
    Unavailable,
}

/// As whom a client has authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// A user.
    User {
        /// Who it is.
        authcid: UserName,
        /// Whom it acts for, if for somebody else, with the application's permission.
        authzid: Option<UserName>,
    },
    /// Anybody.
    Anonymous(Trace),
}

impl Identity {
    /// Whose mailbox to open: the one it acts for, or else itself; nobody's for an anonymous client.
    pub fn user(&self) -> Option<&UserName> {
        match self {
            Self::User { authcid, authzid } => Some(authzid.as_ref().unwrap_or(authcid)),
            Self::Anonymous(_) => None,
        }
    }
}
