//! When is what legal? All of it, for both roles.
//!
//! A dialogue is in one [`Phase`]; what happens in it is an [`Action`]; [`Phase::after`] is the only function that knows
//! which action leads where. A server asks it what a command may do, a client what the caller may. Nobody else decides
//! on order. The whole table is in `tests/phase.txt`.

use crate::Verb;

/// Where a dialogue stands (RFC 5321 §3, §4.1.4).
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
    /// EHLO or HELO.
    Hello,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// DATA, which a server accepted though no recipient was: RFC 2920 §3.1 warns clients of it. Ours never does.
    StrayData,
    /// The message has ended and was answered.
    Message,
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
            (Self::Greeted | Self::Ready | Self::Sender | Self::Recipients, A::Hello) => Self::Ready,
            (Self::Ready, A::Mail) => Self::Sender,
            (Self::Sender | Self::Recipients, A::Recipient) => Self::Recipients,
            (Self::Recipients, A::Data) => Self::Body,
            (Self::Ready | Self::Sender, A::StrayData) => Self::Body,
            (Self::Body, A::Message) => Self::Ready,
            (Self::Sender | Self::Recipients, A::Reset) => Self::Ready,
            (Self::Greeted | Self::Ready, A::Reset) => self,
            (Self::Greeted | Self::Ready | Self::Sender | Self::Recipients, A::Inquire) => self,
            (Self::Rejected | Self::Greeted | Self::Ready | Self::Sender | Self::Recipients, A::Quit) => Self::Closed,
            (_, A::Lose) => Self::Closed,
            (phase, action) => return Err(OutOfSequence { phase, action }),
        })
    }

    /// Whether MAIL was accepted and the message has not ended.
    pub const fn in_transaction(self) -> bool {
        matches!(self, Self::Sender | Self::Recipients | Self::Body)
    }
}

impl From<Verb> for Action {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Helo | Verb::Ehlo => Self::Hello,
            Verb::Mail => Self::Mail,
            Verb::Rcpt => Self::Recipient,
            Verb::Data => Self::Data,
            Verb::Rset => Self::Reset,
            Verb::Vrfy | Verb::Expn | Verb::Help | Verb::Noop => Self::Inquire,
            Verb::Quit => Self::Quit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    const PHASES: [Phase; 8] = [
        Phase::Connected,
        Phase::Rejected,
        Phase::Greeted,
        Phase::Ready,
        Phase::Sender,
        Phase::Recipients,
        Phase::Body,
        Phase::Closed,
    ];

    const ACTIONS: [Action; 12] = [
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
                    "{:<11} {:<10} {behind}\n",
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
}
