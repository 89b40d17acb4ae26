//! The commands of a client: which wait, which are sent, and which may go out now.

use alloc::collections::VecDeque;

use mail_wire::Misuse;

use super::out_of_sequence;
use crate::{Command, Keyword, MessageNumber, OutOfSequence, Phase, Transition};

/// Commands in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Command>,
    sent: VecDeque<Sent>,
    /// Where the dialogue will stand when all of these are accepted; none once there are none.
    planned: Option<Phase>,
    /// Commands at the front that were given for a connection with TLS, which the server then refused.
    orphans: usize,
    pub(super) flow: Flow,
}

/// A command that was sent and is not wholly answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) keyword: Keyword,
    pub(super) number: Option<MessageNumber>,
    pub(super) extent: Extent,
}

/// What a command asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// One thing: the answer is one line.
    One,
    /// LIST, UIDL, AUTH or LANG without an argument: the answer is a listing.
    All,
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
    Unsent(Keyword, Misuse),
}

impl Queue {
    /// Takes a command in, if it will be allowed when its turn comes and all before it are accepted.
    pub(super) fn submit(&mut self, confirmed: Phase, command: Command) -> Result<(), Misuse> {
        let keyword = command.keyword();
        let planned = self.planned.unwrap_or(start(confirmed));
        self.planned = Some(led(planned, &command).map_err(|_| out_of_sequence(keyword))?);
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
            Some(_) if self.flow == Flow::OneByOne || is_alone(keyword) => true,
            Some(sent) => is_barrier(sent.keyword),
        };
        let hopeless = self.hopeless(keyword, confirmed, shutting_down);
        if behind_barrier || (hopeless.is_some() && !self.sent.is_empty()) {
            return Turn::Wait;
        }
        self.orphans = self.orphans.saturating_sub(1);
        match (self.waiting.pop_front(), hopeless) {
            (Some(_), Some(misuse)) => {
                self.drop_password(keyword);
                Turn::Unsent(keyword, misuse)
            }
            (Some(command), None) => Turn::Send(command),
            (None, _) => Turn::Wait,
        }
    }

    /// Why the next command is not to be sent.
    fn hopeless(&self, keyword: Keyword, confirmed: Phase, shutting_down: bool) -> Option<Misuse> {
        if shutting_down {
            return Some(Misuse::Closed);
        }
        if self.orphans > 0 && keyword != Keyword::Quit {
            return Some(Misuse::NotOffered { extension: "TLS" });
        }
        confirmed.allows(keyword).is_err().then(|| out_of_sequence(keyword))
    }

    /// `command` went out.
    pub(super) fn sent(&mut self, command: &Command) {
        self.sent.push_back(Sent {
            keyword: command.keyword(),
            number: command.message(),
            extent: extent(command),
        });
    }

    /// The command that the server answers now.
    pub(super) fn front(&self) -> Option<Sent> {
        self.sent.front().copied()
    }

    /// The oldest sent command is wholly answered.
    pub(super) fn answered(&mut self) {
        self.sent.pop_front();
        if self.is_empty() {
            (self.sent, self.waiting, self.planned) = (VecDeque::new(), VecDeque::new(), None);
        }
    }

    /// What `keyword` would have led to will not be: what waits may not be allowed any more.
    pub(super) fn frustrated(&mut self, keyword: Keyword, confirmed: Phase) {
        self.drop_password(keyword);
        let planned = |phase, command| led(phase, command).unwrap_or(phase);
        self.planned = Some(self.waiting.iter().fold(confirmed, planned));
    }

    /// STLS was refused: what waits was given for a connection with TLS.
    pub(super) fn orphan(&mut self) {
        self.orphans = self.waiting.len();
    }

    /// Whether TLS will be in place when the next command is sent, if all goes well.
    pub(super) fn plans_tls(&self) -> bool {
        let waiting = self.waiting.iter().map(Command::keyword);
        let sent = self.sent.iter().map(|sent| sent.keyword);
        sent.chain(waiting).any(|keyword| keyword == Keyword::Stls)
    }

    /// Whether nothing is to be sent or answered.
    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.waiting.is_empty()
    }

    /// What waits behind STLS: all that the session behind it knows of the one in front.
    pub(super) fn behind_tls(self) -> Self {
        Self {
            waiting: self.waiting,
            planned: self.planned,
            ..Self::default()
        }
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

/// Commands are planned from where the greeting leads, or TLS.
fn start(confirmed: Phase) -> Phase {
    let greeted = confirmed.after(Transition::Greeted);
    greeted.or(confirmed.after(Transition::Secured)).unwrap_or(confirmed)
}

/// Where a command leads that is accepted; behind STLS, TLS has been put in place.
fn led(phase: Phase, command: &Command) -> Result<Phase, OutOfSequence> {
    let next = phase.after(command.accepted())?;
    Ok(next.after(Transition::Secured).unwrap_or(next))
}

const fn extent(command: &Command) -> Extent {
    match command {
        Command::List(None) | Command::Uidl(None) | Command::Auth(None) | Command::Lang(None) => Extent::All,
        _ => Extent::One,
    }
}

/// Behind which nothing is sent before the answer: what follows depends on it, and a password is not sent to a server
/// that refused USER.
const fn is_barrier(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::User | Keyword::Pass | Keyword::Apop | Keyword::Auth | Keyword::Stls | Keyword::Quit
    )
}

/// Which wait until all is answered: their answers are of another kind.
const fn is_alone(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Auth | Keyword::Stls)
}
