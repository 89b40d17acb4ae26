//! The commands of a client: which wait, which are sent, and which may go out now.

use alloc::collections::VecDeque;

use mail_wire::Misuse;

use super::out_of_sequence;
use crate::{Command, Keyword, MessageNumber, Phase, Transition};

/// Commands in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Command>,
    sent: VecDeque<Sent>,
    /// Where the dialogue will stand when all of these are accepted; none once there are none.
    planned: Option<Phase>,
    pub(super) flow: Flow,
}

/// A command that was sent and is not wholly answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) keyword: Keyword,
    pub(super) number: Option<MessageNumber>,
}

/// How many commands may be unanswered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    #[default]
    OneByOne,
    Pipelined,
}

/// What to do with the next command.
pub(super) enum Turn {
    Wait,
    Send(Command),
    /// Drop it: it is not allowed any more.
    Unsent(Keyword),
}

impl Queue {
    /// Takes a command in, if it will be allowed when its turn comes and all before it are accepted.
    pub(super) fn submit(&mut self, confirmed: Phase, command: Command) -> Result<(), Misuse> {
        let keyword = command.keyword();
        let planned = self.planned.unwrap_or(start(confirmed));
        let next = planned.after(Transition::Accepted(keyword));
        self.planned = Some(next.map_err(|_| out_of_sequence(keyword))?);
        self.waiting.push_back(command);
        Ok(())
    }

    /// The next command, and what to do with it.
    pub(super) fn turn(&mut self, confirmed: Phase, shutting_down: bool) -> Turn {
        let Some(keyword) = self.waiting.front().map(Command::keyword) else {
            return Turn::Wait;
        };
        let behind_barrier = match self.sent.back() {
            None => false,
            Some(_) if self.flow == Flow::OneByOne => true,
            Some(sent) => is_barrier(sent.keyword),
        };
        let hopeless = shutting_down || confirmed.allows(keyword).is_err();
        if behind_barrier || (hopeless && !self.sent.is_empty()) {
            return Turn::Wait;
        }
        match self.waiting.pop_front() {
            Some(_) if hopeless => {
                self.drop_password(keyword);
                Turn::Unsent(keyword)
            }
            Some(command) => Turn::Send(command),
            None => Turn::Wait,
        }
    }

    /// `command` went out.
    pub(super) fn sent(&mut self, command: &Command) {
        self.sent.push_back(Sent {
            keyword: command.keyword(),
            number: command.message(),
        });
    }

    /// The command that the server answers now.
    pub(super) fn front(&self) -> Option<Sent> {
        self.sent.front().copied()
    }

    /// The oldest sent command is wholly answered.
    pub(super) fn answered(&mut self) {
        self.sent.pop_front();
        if self.sent.is_empty() && self.waiting.is_empty() {
            (self.sent, self.waiting, self.planned) = (VecDeque::new(), VecDeque::new(), None);
        }
    }

    /// The login `keyword` was refused: what waits may not be allowed any more.
    pub(super) fn login_refused(&mut self, keyword: Keyword, confirmed: Phase) {
        self.drop_password(keyword);
        let waiting = self.waiting.iter().map(Command::keyword);
        let planned = waiting.fold(confirmed, |phase, keyword| {
            phase.after(Transition::Accepted(keyword)).unwrap_or(phase)
        });
        self.planned = Some(planned);
    }

    /// Whether no answer is due.
    pub(super) fn is_idle(&self) -> bool {
        self.sent.is_empty()
    }

    /// Whether something waits to be sent.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// PASS goes where its USER went.
    fn drop_password(&mut self, keyword: Keyword) {
        if keyword == Keyword::User && matches!(self.waiting.front(), Some(Command::Pass(_))) {
            self.waiting.pop_front();
        }
    }
}

/// Commands are planned from where the greeting leads.
fn start(confirmed: Phase) -> Phase {
    confirmed.after(Transition::Greeted).unwrap_or(confirmed)
}

/// Behind which nothing is sent before the answer: what follows depends on it, and a password is not sent to a server
/// that refused USER.
const fn is_barrier(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::User | Keyword::Pass | Keyword::Apop | Keyword::Quit)
}
