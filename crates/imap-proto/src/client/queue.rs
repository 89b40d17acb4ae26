//! Commands that wait for their turn, and those in flight.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::CommandId;
use crate::phase::{Kind, Transition};
use crate::{Command, OutOfSequence, Phase, SaslResponse, Tag};

/// All commands of a session that are not answered.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) flying: VecDeque<Flying>,
}

/// A command that was not begun.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: CommandId,
    /// A tag that the caller chose.
    pub(super) tag: Option<Tag<'static>>,
    pub(super) command: Box<Command<'static>>,
}

/// A command that was begun, and whose result has not come.
#[derive(Debug)]
pub(super) struct Flying {
    /// `None`: one of the machine's own.
    pub(super) id: Option<CommandId>,
    pub(super) tag: Tag<'static>,
    pub(super) nature: Nature,
    pub(super) role: Role,
}

/// What about a command decides which others may be in flight beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    /// It speaks of message sequence numbers.
    pub(super) numbers: bool,
    /// EXPUNGE may come while it is in progress.
    pub(super) may_renumber: bool,
    /// No other command may be in progress: it changes the state, the layers or how things are spelled.
    pub(super) sole: bool,
}

/// What the machine does with the server's answers to a command.
#[derive(Debug)]
pub(super) enum Role {
    Ordinary,
    /// With the initial response that a server without SASL-IR wants to be asked for.
    Authenticate(Option<SaslResponse>),
    Idle(Idle),
}

/// Where IDLE stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// `+` has not come.
    Begun,
    /// The same, of an IDLE that was renewed.
    BegunAgain,
    /// `+` has not come, and DONE is to follow it.
    Leaving,
    /// It has.
    Idling,
    /// DONE was sent.
    Done,
    /// DONE was sent, and IDLE is to begin again.
    Renewing,
}

impl Nature {
    pub(super) fn of(command: &Command<'_>) -> Self {
        let kind = command.kind();
        let sole = matches!(
            kind,
            Kind::Logout
                | Kind::StartTls
                | Kind::Authenticate
                | Kind::Unauthenticate
                | Kind::Enable
                | Kind::Select
                | Kind::Deselect
        );
        Self {
            kind,
            name: command.name(),
            numbers: command.uses_sequence_numbers(),
            may_renumber: !command.holds_numbers(),
            sole: sole || matches!(command, Command::Idle | Command::Compress(_)),
        }
    }
}

impl Queue {
    /// Whether a command would race with one in flight (RFC 9051 §5.5).
    pub(super) fn races(&self, nature: Nature) -> bool {
        self.flying.iter().any(|flying| {
            let other = flying.nature;
            other.sole || nature.sole || (nature.numbers && other.may_renumber)
        })
    }

    /// The phase in which the next command will be given, if all goes well.
    pub(super) fn expected_phase(&self, mut phase: Phase) -> Phase {
        if phase == Phase::Greeting {
            phase = Phase::NotAuthenticated;
        }
        let flying = self.flying.iter().map(|flying| flying.nature.kind);
        let waiting = self.waiting.iter().map(|waiting| waiting.command.kind());
        flying.chain(waiting).fold(phase, |phase, kind| {
            phase.after(Transition::Accepted(kind)).unwrap_or(phase)
        })
    }

    /// # Errors
    ///
    /// [`OutOfSequence`] when `kind` will not be legal.
    pub(super) fn allows(&self, phase: Phase, kind: Kind) -> Result<(), OutOfSequence> {
        let expected = self.expected_phase(phase);
        // A greeting may be PREAUTH: what a login would allow may be allowed.
        if phase == Phase::Greeting && expected == Phase::NotAuthenticated && Phase::Authenticated.allows(kind).is_ok()
        {
            return Ok(());
        }
        expected.allows(kind)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.flying.is_empty()
    }

    /// Whether a command that is not answered has this tag.
    pub(super) fn has(&self, tag: &Tag<'_>) -> bool {
        let mut waiting = self.waiting.iter().filter_map(|waiting| waiting.tag.as_ref());
        self.flying.iter().any(|flying| flying.tag == *tag) || waiting.any(|waiting| waiting == tag)
    }

    pub(super) fn idle(&mut self) -> Option<&mut Idle> {
        self.flying.iter_mut().find_map(|flying| match &mut flying.role {
            Role::Idle(idle) => Some(idle),
            _ => None,
        })
    }

    /// Takes out the command with this tag.
    pub(super) fn take(&mut self, tag: &Tag<'_>) -> Option<Flying> {
        let at = self.flying.iter().position(|flying| flying.tag == *tag)?;
        self.flying.remove(at)
    }
}
