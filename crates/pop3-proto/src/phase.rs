//! All legality: which command the dialogue's state allows, and where it leads. It knows no role: a server asks it before
//! it obeys, a client before it sends.
//!
//! ```text
//!             greeting          USER/PASS or APOP            QUIT
//!  GREETING ----------> AUTHORIZATION ------> TRANSACTION ----------> UPDATE
//!                            |                                          | done
//!                            |                    QUIT                  v
//!                            +--------------------------------------> CLOSED
//! ```
//!
//! RFC 1939 §3 draws AUTHORIZATION, TRANSACTION and UPDATE. Here NAMED is the part of AUTHORIZATION behind a successful
//! USER, in which alone PASS is allowed. RFC 1939 §7 has USER follow a greeting or a failure only; a second USER in NAMED
//! is allowed all the same, and replaces the name, since people who mistype it have no other way out.

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
    /// The maildrop has been updated, or that has failed.
    Updated,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Greeting,
        Self::Authorization,
        Self::Named,
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
        use Transition::{Accepted, Greeted, Refused, Updated};
        Ok(match (self, transition) {
            (Self::Greeting, Greeted) => Self::Authorization,
            (Self::Update, Updated) => Self::Closed,

            (Self::Authorization | Self::Named, Accepted(Keyword::User)) => Self::Named,
            (Self::Authorization | Self::Named, Refused(Keyword::User)) => Self::Authorization,
            (Self::Named, Accepted(Keyword::Pass)) => Self::Transaction,
            (Self::Named, Refused(Keyword::Pass)) => Self::Authorization,
            (Self::Authorization, Accepted(Keyword::Apop)) => Self::Transaction,
            (Self::Authorization, Refused(Keyword::Apop)) => Self::Authorization,

            (
                Self::Authorization | Self::Named | Self::Transaction,
                Accepted(Keyword::Capa) | Refused(Keyword::Capa),
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
            Self::Authorization | Self::Named => "AUTHORIZATION",
            Self::Transaction => "TRANSACTION",
            Self::Update => "UPDATE",
            Self::Closed => "CLOSED",
        })
    }
}
