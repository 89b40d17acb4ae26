//! When is what legal? All of it, for both roles.
//!
//! A dialogue is in one [`Phase`]; what happens in it is an [`Action`]; [`Phase::after`] is the only function that knows
//! which action leads where. A server asks it what a command may do, a client what the caller may. Nobody else decides
//! on order. What outlasts transactions, that TLS is on and who the client is, stands beside the phase in a [`Standing`].
//! The whole table is in `tests/phase.txt`.

use crate::Verb;

/// Where a dialogue stands (RFC 5321 §3, §4.1.4; RFC 3207 §4, RFC 4954 §4, RFC 3030 §2).
///
/// ```text
///             554                          EHLO/HELO, RSET
///   Rejected <---- Connected            +-------------------+
///       |              | 220            v                   |
///       |              v   EHLO/HELO         MAIL           |  RCPT
///       |           Greeted --------> Ready ------> Sender -+-----> Recipients <-+
///       |              |                ^ |            |            |  |         | RCPT
///       |              |                | |            |            |  +---------+
///       |              |                | |            |            | DATA 354
///       | QUIT         | QUIT    250/…  | | QUIT       | QUIT       v
///       +-----------> Closed <----------+-+------------+--------- Body
///
///   Ready ---AUTH---> Authenticating ---235, 5yz, *---> Ready
///   Ready ---STARTTLS 220---> HandingOver ---TLS is in place---> Greeted, in a dialogue that knows nothing of this one
///   Recipients ---BDAT---> Chunk ---250---> Chunks ---BDAT---> Chunk ---LAST 250, 4yz, 5yz---> Ready
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The connection is there, the greeting is not.
    Connected,
    /// The server has said 554: QUIT is all that is left (RFC 5321 §3.1).
    Rejected,
    /// The server has said 220, the client has not said who it is.
    Greeted,
    /// No transaction is open.
    Ready,
    /// MAIL was accepted.
    Sender,
    /// MAIL and at least one RCPT were accepted.
    Recipients,
    /// DATA was answered with 354: the message is on its way.
    Body,
    /// BDAT or BURL was said: its octets are on their way, or its reply is.
    Chunk,
    /// Chunks of the message were accepted, the last was not among them.
    Chunks,
    /// AUTH was said: challenges and responses go to and fro.
    Authenticating,
    /// STARTTLS was answered with 220: not one octet more goes through this dialogue.
    HandingOver,
    /// The dialogue is over.
    Closed,
}

/// What both sides have agreed on: a command that was accepted, or a message that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// The greeting, 220.
    Greet,
    /// The greeting, 554.
    Reject,
    /// EHLO, HELO or LHLO.
    Hello,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// DATA, which a server accepted though no recipient was: RFC 2920 §3.1 warns clients of it. Ours never does.
    StrayData,
    /// The message has ended and was answered: in LMTP for each recipient (RFC 2033 §4.2). A refused chunk ends it, too.
    Message,
    /// BDAT or BURL.
    Chunk,
    /// A chunk that is not the last was accepted.
    ChunkEnd,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Authenticate,
    /// AUTH was answered with 235.
    Authenticated,
    /// AUTH was refused, or given up with `*`.
    NotAuthenticated,
    /// XCLIENT: the dialogue is at its greeting again.
    XClient,
    /// ETRN, ATRN, XFORWARD: nothing changes, and no transaction may be open (RFC 1985 §5).
    Aside,
    /// RSET.
    Reset,
    /// VRFY, EXPN, HELP, NOOP: nothing changes (RFC 5321 §4.1.4).
    Inquire,
    /// QUIT.
    Quit,
    /// The connection is given up: 421, end of input, a timeout.
    Lose,
}

/// An action that a phase does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action:?} is not allowed in phase {phase:?}")]
pub struct OutOfSequence {
    /// Where the dialogue stood.
    pub phase: Phase,
    /// What was tried.
    pub action: Action,
}

impl Phase {
    /// The phase behind `action`.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`]: the phase stays as it is.
    pub const fn after(self, action: Action) -> Result<Self, OutOfSequence> {
        use Action as A;
        Ok(match (self, action) {
            (Self::Connected, A::Greet) => Self::Greeted,
            (Self::Connected, A::Reject) => Self::Rejected,
            (phase, A::Hello) if phase.takes_commands() => Self::Ready,
            (Self::Ready, A::Mail) => Self::Sender,
            (Self::Sender | Self::Recipients, A::Recipient) => Self::Recipients,
            (Self::Recipients, A::Data) => Self::Body,
            (Self::Ready | Self::Sender, A::StrayData) => Self::Body,
            (Self::Recipients | Self::Chunks, A::Chunk) => Self::Chunk,
            (Self::Chunk, A::ChunkEnd) => Self::Chunks,
            (Self::Body | Self::Chunk, A::Message) => Self::Ready,
            (Self::Ready, A::Authenticate) => Self::Authenticating,
            (Self::Authenticating, A::Authenticated | A::NotAuthenticated) => Self::Ready,
            (Self::Ready, A::StartTls) => Self::HandingOver,
            (Self::Greeted | Self::Ready, A::XClient) => Self::Greeted,
            (Self::Greeted | Self::Ready, A::Reset | A::Aside) => self,
            (phase, A::Reset) if phase.takes_commands() => Self::Ready,
            (phase, A::Inquire) if phase.takes_commands() => self,
            (Self::Rejected, A::Quit) => Self::Closed,
            (phase, A::Quit) if phase.takes_commands() => Self::Closed,
            (_, A::Lose) => Self::Closed,
            (phase, action) => return Err(OutOfSequence { phase, action }),
        })
    }

    /// Whether MAIL was accepted and the message has not ended.
    pub const fn in_transaction(self) -> bool {
        matches!(
            self,
            Self::Sender | Self::Recipients | Self::Body | Self::Chunk | Self::Chunks
        )
    }

    /// Whether the client may say commands that are not mail.
    const fn takes_commands(self) -> bool {
        matches!(
            self,
            Self::Greeted | Self::Ready | Self::Sender | Self::Recipients | Self::Chunks
        )
    }
}

/// A whole dialogue's standing: its phase, and what lasts longer than a transaction.
///
/// ```
/// # use smtp_proto::phase::{Action, Identity, Security, Standing};
/// let plain = Standing::new(Security::Plaintext);
/// let ready = plain.after(Action::Greet)?.after(Action::Hello)?;
/// let known = ready.after(Action::Authenticate)?.after(Action::Authenticated)?;
/// assert_eq!(known.identity, Identity::Authenticated);
/// assert!(known.after(Action::Authenticate).is_err(), "once only");
/// assert!(ready.after(Action::StartTls)?.upgraded().after(Action::Hello)?.after(Action::StartTls).is_err());
/// # Ok::<(), smtp_proto::phase::OutOfSequence>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Standing {
    /// The phase.
    pub phase: Phase,
    /// Whether TLS is on.
    pub security: Security,
    /// Whether AUTH has succeeded.
    pub identity: Identity,
}

/// Whether others can read a dialogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Security {
    /// They can.
    #[default]
    Plaintext,
    /// TLS is on, from the first octet or since STARTTLS.
    Secured,
}

/// Whether the client has proved who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Identity {
    /// It has not.
    #[default]
    Anonymous,
    /// It has.
    Authenticated,
}

impl Standing {
    /// Before the greeting.
    pub const fn new(security: Security) -> Self {
        Self {
            phase: Phase::Connected,
            security,
            identity: Identity::Anonymous,
        }
    }

    /// The standing of the dialogue behind STARTTLS: nothing that was known before it is known (RFC 3207 §4.2), and there
    /// is no second greeting.
    pub const fn upgraded(self) -> Self {
        Self {
            phase: Phase::Greeted,
            ..Self::new(Security::Secured)
        }
    }

    /// The standing behind `action`.
    ///
    /// # Errors
    ///
    /// [`OutOfSequence`]: where the phase does not allow it; for STARTTLS under TLS (RFC 3207 §4.2) and for AUTH behind a
    /// successful one (RFC 4954 §4), too. The standing stays as it is.
    pub const fn after(self, action: Action) -> Result<Self, OutOfSequence> {
        let phase = self.phase;
        let refused = Err(OutOfSequence { phase, action });
        let identity = match (action, self.security, self.identity) {
            (Action::StartTls, Security::Secured, _) => return refused,
            (Action::Authenticate, _, Identity::Authenticated) => return refused,
            (Action::Authenticated, _, _) => Identity::Authenticated,
            (Action::XClient, _, _) => Identity::Anonymous,
            (_, _, identity) => identity,
        };
        match phase.after(action) {
            Ok(phase) => Ok(Self {
                phase,
                identity,
                ..self
            }),
            Err(error) => Err(error),
        }
    }
}

impl From<Verb> for Action {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Helo | Verb::Ehlo | Verb::Lhlo => Self::Hello,
            Verb::Mail => Self::Mail,
            Verb::Rcpt => Self::Recipient,
            Verb::Data => Self::Data,
            Verb::Rset => Self::Reset,
            Verb::Vrfy | Verb::Expn | Verb::Help | Verb::Noop => Self::Inquire,
            Verb::Quit => Self::Quit,
            Verb::Bdat | Verb::Burl => Self::Chunk,
            Verb::StartTls => Self::StartTls,
            Verb::Auth => Self::Authenticate,
            Verb::XClient => Self::XClient,
            Verb::XForward | Verb::Etrn | Verb::Atrn => Self::Aside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    const PHASES: [Phase; 12] = [
        Phase::Connected,
        Phase::Rejected,
        Phase::Greeted,
        Phase::Ready,
        Phase::Sender,
        Phase::Recipients,
        Phase::Body,
        Phase::Chunk,
        Phase::Chunks,
        Phase::Authenticating,
        Phase::HandingOver,
        Phase::Closed,
    ];

    const ACTIONS: [Action; 20] = [
        Action::Greet,
        Action::Reject,
        Action::Hello,
        Action::Mail,
        Action::Recipient,
        Action::Data,
        Action::StrayData,
        Action::Message,
        Action::Reset,
        Action::Inquire,
        Action::Quit,
        Action::Lose,
        Action::Chunk,
        Action::ChunkEnd,
        Action::StartTls,
        Action::Authenticate,
        Action::Authenticated,
        Action::NotAuthenticated,
        Action::XClient,
        Action::Aside,
    ];

    #[test]
    fn the_whole_table_is_pinned() {
        let mut table = String::from("# phase, action: the phase behind it, or - where it is not allowed\n");
        for phase in PHASES {
            table.push('\n');
            for action in ACTIONS {
                let behind = phase
                    .after(action)
                    .map_or(String::from("-"), |behind| format!("{behind:?}"));
                table.push_str(&format!(
                    "{:<14} {:<16} {behind}\n",
                    format!("{phase:?}"),
                    format!("{action:?}")
                ));
            }
        }
        assert!(
            table == include_str!("../tests/phase.txt"),
            "the table is now:\n{table}"
        );
    }

    /// What the standing adds to the phase, for every phase.
    #[test]
    fn tls_and_identity_are_taken_once() {
        for phase in PHASES {
            for action in ACTIONS {
                for security in [Security::Plaintext, Security::Secured] {
                    for identity in [Identity::Anonymous, Identity::Authenticated] {
                        let standing = Standing {
                            phase,
                            security,
                            identity,
                        };
                        let again = match action {
                            Action::StartTls => security == Security::Secured,
                            Action::Authenticate => identity == Identity::Authenticated,
                            _ => false,
                        };
                        let behind = standing.after(action);
                        assert_eq!(
                            behind.is_ok(),
                            phase.after(action).is_ok() && !again,
                            "{standing:?} {action:?}"
                        );
                        let Ok(behind) = behind else { continue };
                        assert_eq!(behind.security, security);
                        let identity = match action {
                            Action::Authenticated => Identity::Authenticated,
                            Action::XClient => Identity::Anonymous,
                            _ => identity,
                        };
                        assert_eq!(behind.identity, identity);
                    }
                }
            }
        }
    }
}
