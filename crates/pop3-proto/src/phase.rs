//! All legality: which command the dialogue's state allows, and where it leads. It knows no role: a server asks it before
//! it obeys, a client before it sends.
//!
//! ```text
//!             greeting      USER/PASS, APOP or AUTH          QUIT
//!  GREETING ----------> AUTHORIZATION ------> TRANSACTION ----------> UPDATE
//!                        |  ^  |                                        | done
//!                   STLS |  |  |                  QUIT                  v
//!                        v  |  +------------------------------------> CLOSED
//!                      SECURING
//! ```
//!
//! RFC 1939 §3 draws AUTHORIZATION, TRANSACTION and UPDATE. Parts of AUTHORIZATION are phases of their own here: NAMED,
//! behind a successful USER, in which alone PASS is allowed; AUTHENTICATING, between a challenge of AUTH and what comes of
//! it; SECURING, between the go-ahead of STLS and TLS.
//!
//! RFC 1939 §7 has USER follow a greeting or a failure only; a second USER in NAMED is allowed all the same, and replaces
//! the name, since people who mistype it have no other way out.

use core::fmt;

use crate::{Keyword, OutOfSequence};

/// A state of the dialogue (RFC 1939 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Nobody has spoken.
    Greeting,
    /// The client has yet to say who it is.
    Authorization,
    /// AUTHORIZATION, behind a successful USER.
    Named,
    /// AUTHORIZATION, inside the exchange that AUTH began: the client owes the response to a challenge.
    Authenticating,
    /// AUTHORIZATION, behind the go-ahead of STLS: TLS is being put in place, and nobody may speak before it is.
    Securing,
    /// The maildrop is open.
    Transaction,
    /// QUIT was given in TRANSACTION: messages marked as deleted are being removed.
    Update,
    /// The dialogue is over.
    Closed,
}

/// A step of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transition {
    /// A positive greeting.
    Greeted,
    /// A command that was answered with `+OK`.
    Accepted(Keyword),
    /// A command that was answered with `-ERR`, for another reason than its place.
    Refused(Keyword),
    /// AUTH without a mechanism was answered with those that there are.
    Listed,
    /// AUTH, or the response to a challenge of it, was answered with a challenge.
    Challenged,
    /// TLS is in place.
    Secured,
    /// The maildrop has been updated, or that has failed.
    Updated,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Greeting,
        Self::Authorization,
        Self::Named,
        Self::Authenticating,
        Self::Securing,
        Self::Transaction,
        Self::Update,
        Self::Closed,
    ];

    /// Where `transition` leads.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`] when it is not allowed here.
    pub const fn after(self, transition: Transition) -> Result<Self, OutOfSequence> {
        use Transition::{Accepted, Challenged, Greeted, Listed, Refused, Secured, Updated};
        Ok(match (self, transition) {
            (Self::Greeting, Greeted) => Self::Authorization,
            (Self::Update, Updated) => Self::Closed,

            (Self::Authorization | Self::Named, Accepted(Keyword::User)) => Self::Named,
            (Self::Authorization | Self::Named, Refused(Keyword::User)) => Self::Authorization,
            (Self::Named, Accepted(Keyword::Pass)) => Self::Transaction,
            (Self::Named, Refused(Keyword::Pass)) => Self::Authorization,
            (Self::Authorization, Accepted(Keyword::Apop)) => Self::Transaction,
            (Self::Authorization, Refused(Keyword::Apop)) => Self::Authorization,

            (Self::Authorization | Self::Named | Self::Authenticating, Challenged) => Self::Authenticating,
            (Self::Authorization | Self::Named | Self::Authenticating, Accepted(Keyword::Auth)) => Self::Transaction,
            (Self::Authorization | Self::Named | Self::Authenticating, Refused(Keyword::Auth)) => Self::Authorization,
            (Self::Authorization | Self::Named, Listed) => self,

            (Self::Authorization | Self::Named, Accepted(Keyword::Stls)) => Self::Securing,
            (Self::Authorization | Self::Named, Refused(Keyword::Stls)) => self,
            (Self::Securing, Secured) => Self::Authorization,

            (Self::Authorization | Self::Named, Accepted(Keyword::Utf8) | Refused(Keyword::Utf8)) => self,
            (
                Self::Authorization | Self::Named | Self::Transaction,
                Accepted(Keyword::Capa | Keyword::Lang) | Refused(Keyword::Capa | Keyword::Lang),
            ) => self,
            (
                Self::Transaction,
                Accepted(Keyword::Stat | Keyword::List | Keyword::Retr | Keyword::Dele | Keyword::Noop)
                | Accepted(Keyword::Rset | Keyword::Top | Keyword::Uidl)
                | Refused(Keyword::Stat | Keyword::List | Keyword::Retr | Keyword::Dele | Keyword::Noop)
                | Refused(Keyword::Rset | Keyword::Top | Keyword::Uidl),
            ) => self,

            (Self::Authorization | Self::Named, Accepted(Keyword::Quit) | Refused(Keyword::Quit)) => Self::Closed,
            (Self::Transaction, Accepted(Keyword::Quit)) => Self::Update,
            // The server has closed the maildrop whether or not it could update it (RFC 1939 §6).
            (Self::Transaction, Refused(Keyword::Quit)) => Self::Closed,

            _ => return Err(OutOfSequence { phase: self }),
        })
    }

    /// Whether `keyword` may be given here.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`] when it may not.
    pub const fn allows(self, keyword: Keyword) -> Result<(), OutOfSequence> {
        match self.after(Transition::Accepted(keyword)) {
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "GREETING",
            Self::Authorization | Self::Named | Self::Authenticating | Self::Securing => "AUTHORIZATION",
            Self::Transaction => "TRANSACTION",
            Self::Update => "UPDATE",
            Self::Closed => "CLOSED",
        })
    }
}
