//! All legality: which command the dialogue's state allows, and where it leads. It knows no role: a server asks it before it obeys,
//! a client before it sends.
//!
//! RFC 9051 §3 draws it:
//!
//! ```text
//!                    +----------------------+
//!                    |connection established|
//!                    +----------------------+
//!                               ||
//!             +--------------------------------------+
//!             |              GREETING                |
//!             +--------------------------------------+
//!             || OK             || PREAUTH        || BYE
//!      +-----------------+      ||                ||
//!      |NOT AUTHENTICATED|      ||                ||
//!      +-----------------+      ||                ||
//!    LOGIN, AUTHENTICATE || UNAUTHENTICATE        ||
//!             +-----------------------------+     ||
//!             |        AUTHENTICATED        |     ||
//!             +-----------------------------+     ||
//!      SELECT, EXAMINE || CLOSE, UNSELECT,        ||
//!                      || failed SELECT           ||
//!             +-----------------------------+     ||
//!             |          SELECTED           |     ||
//!             +-----------------------------+     ||
//!                    || LOGOUT, BYE               ||
//!             +--------------------------------------+
//!             |               LOGOUT                 |
//!             +--------------------------------------+
//! ```

use core::fmt;

/// A state of the dialogue (RFC 9051 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Nobody has spoken.
    Greeting,
    /// The client has yet to say who it is.
    NotAuthenticated,
    /// The client may work with mailboxes.
    Authenticated,
    /// A mailbox is selected.
    Selected,
    /// The dialogue is over.
    Logout,
}

/// Commands by where they are legal and where they lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Legal in each state: CAPABILITY, NOOP, ID, COMPRESS.
    Any,
    /// LOGOUT
    Logout,
    /// STARTTLS
    StartTls,
    /// LOGIN and AUTHENTICATE
    Authenticate,
    /// UNAUTHENTICATE (RFC 8437)
    Unauthenticate,
    /// ENABLE, which is legal before a mailbox is selected (RFC 5161 §3.1).
    Enable,
    /// SELECT and EXAMINE
    Select,
    /// Commands on mailboxes and the account.
    Account,
    /// CLOSE and UNSELECT
    Deselect,
    /// Commands on messages.
    Message,
}

/// A step of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transition {
    /// The greeting OK.
    Greeted,
    /// The greeting PREAUTH.
    PreAuthenticated,
    /// BYE, as greeting or later.
    Bye,
    /// A command that was answered with OK.
    Accepted(Kind),
    /// A command that was answered with NO, or with BAD by whoever executed it.
    Refused(Kind),
}

/// A step that the dialogue's phase does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not allowed in the {phase} state")]
pub struct OutOfSequence {
    /// The phase in which it was tried.
    pub phase: Phase,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Greeting,
        Self::NotAuthenticated,
        Self::Authenticated,
        Self::Selected,
        Self::Logout,
    ];

    /// Where `transition` leads.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`] when it is not allowed here.
    pub const fn after(self, transition: Transition) -> Result<Self, OutOfSequence> {
        use Transition::{Accepted, Bye, Greeted, PreAuthenticated, Refused};
        Ok(match (self, transition) {
            (Self::Greeting, Greeted) => Self::NotAuthenticated,
            (Self::Greeting, PreAuthenticated) => Self::Authenticated,
            (Self::Greeting | Self::NotAuthenticated | Self::Authenticated | Self::Selected, Bye) => Self::Logout,

            (
                Self::NotAuthenticated | Self::Authenticated | Self::Selected,
                Accepted(Kind::Any) | Refused(Kind::Any | Kind::Logout),
            ) => self,
            (Self::NotAuthenticated | Self::Authenticated | Self::Selected, Accepted(Kind::Logout)) => Self::Logout,

            (Self::NotAuthenticated, Accepted(Kind::StartTls) | Refused(Kind::StartTls | Kind::Authenticate)) => self,
            (Self::NotAuthenticated, Accepted(Kind::Authenticate)) => Self::Authenticated,

            (Self::Authenticated | Self::Selected, Accepted(Kind::Unauthenticate)) => Self::NotAuthenticated,
            (Self::Authenticated | Self::Selected, Refused(Kind::Unauthenticate)) => self,
            (Self::Authenticated, Accepted(Kind::Enable) | Refused(Kind::Enable)) => self,
            (Self::Authenticated | Self::Selected, Accepted(Kind::Account) | Refused(Kind::Account)) => self,
            (Self::Authenticated | Self::Selected, Accepted(Kind::Select)) => Self::Selected,
            // The mailbox that was selected is not any more (RFC 9051 §6.3.2).
            (Self::Authenticated | Self::Selected, Refused(Kind::Select)) => Self::Authenticated,

            (Self::Selected, Accepted(Kind::Message) | Refused(Kind::Message | Kind::Deselect)) => self,
            (Self::Selected, Accepted(Kind::Deselect)) => Self::Authenticated,

            _ => return Err(OutOfSequence { phase: self }),
        })
    }

    /// Whether commands of `kind` may be given here.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`] when they may not.
    pub const fn allows(self, kind: Kind) -> Result<(), OutOfSequence> {
        match self.after(Transition::Accepted(kind)) {
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the client has said who it is.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Authenticated | Self::Selected)
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Any,
        Self::Logout,
        Self::StartTls,
        Self::Authenticate,
        Self::Unauthenticate,
        Self::Enable,
        Self::Select,
        Self::Account,
        Self::Deselect,
        Self::Message,
    ];

    /// The kind of the command with this name in upper case; a command that is not known counts as one on the account.
    pub(crate) fn of(name: &[u8]) -> Self {
        match name {
            b"CAPABILITY" | b"NOOP" | b"ID" | b"COMPRESS" | b"LANGUAGE" => Self::Any,
            b"LOGOUT" => Self::Logout,
            b"STARTTLS" => Self::StartTls,
            b"LOGIN" | b"AUTHENTICATE" => Self::Authenticate,
            b"UNAUTHENTICATE" => Self::Unauthenticate,
            b"ENABLE" => Self::Enable,
            b"SELECT" | b"EXAMINE" => Self::Select,
            b"CLOSE" | b"UNSELECT" => Self::Deselect,
            b"CHECK" | b"EXPUNGE" | b"SEARCH" | b"FETCH" | b"STORE" | b"COPY" | b"MOVE" | b"UID" | b"SORT"
            | b"THREAD" | b"REPLACE" | b"CONVERT" | b"UIDBATCHES" | b"CANCELUPDATE" => Self::Message,
            _ => Self::Account,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "greeting",
            Self::NotAuthenticated => "not authenticated",
            Self::Authenticated => "authenticated",
            Self::Selected => "selected",
            Self::Logout => "logout",
        })
    }
}
