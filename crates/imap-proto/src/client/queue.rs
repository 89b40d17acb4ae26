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
    /// How many in flight are [sole](Nature::sole), and how many [may renumber](Nature::may_renumber): counted, since many may be in flight.
    soles: usize,
    renumbering: usize,
    /// The phase behind all of them, where it was worked out.
    expected: Option<Phase>,
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
        let alone = nature.sole && !self.flying.is_empty();
        alone || self.soles > 0 || (nature.numbers && self.renumbering > 0)
    }

    /// A command is given.
    pub(super) fn wait(&mut self, waiting: Waiting, kind: Kind) {
        self.expected = self.expected.map(|phase| led(phase, kind));
        self.waiting.push_back(waiting);
    }

    /// A command is in flight.
    pub(super) fn fly(&mut self, flying: Flying) {
        self.soles += usize::from(flying.nature.sole);
        self.renumbering += usize::from(flying.nature.may_renumber);
        self.flying.push_back(flying);
    }

    /// Something did not go as it was expected to.
    pub(super) const fn surprise(&mut self) {
        self.expected = None;
    }

    /// The phase in which the next command will be given, if all goes well.
    fn expected_phase(&mut self, mut phase: Phase) -> Phase {
        if let Some(expected) = self.expected {
            return expected;
        }
        if phase == Phase::Greeting {
            phase = Phase::NotAuthenticated;
        }
        let flying = self.flying.iter().map(|flying| flying.nature.kind);
        let waiting = self.waiting.iter().map(|waiting| waiting.command.kind());
        let expected = flying.chain(waiting).fold(phase, led);
        self.expected = Some(expected);
        expected
    }

    /// # Errors
    ///
    /// [`OutOfSequence`] when `kind` will not be legal.
    pub(super) fn allows(&mut self, phase: Phase, kind: Kind) -> Result<(), OutOfSequence> {
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

    /// IDLE, which is alone in flight.
    pub(super) fn idle(&mut self) -> Option<&mut Idle> {
        match self.flying.back_mut().map(|flying| &mut flying.role) {
            Some(Role::Idle(idle)) => Some(idle),
            _ => None,
        }
    }

    /// Takes out the command with this tag.
    pub(super) fn take(&mut self, tag: &Tag<'_>) -> Option<Flying> {
        let at = self.flying.iter().position(|flying| flying.tag == *tag)?;
        let flying = self.flying.remove(at)?;
        self.soles -= usize::from(flying.nature.sole);
        self.renumbering -= usize::from(flying.nature.may_renumber);
        Some(flying)
    }
}

/// Where a command leads that is accepted.
fn led(phase: Phase, kind: Kind) -> Phase {
    phase.after(Transition::Accepted(kind)).unwrap_or(phase)
}
