//! Commands that wait for their turn, and those in flight.

use alloc::boxed::Box;
use alloc::collections::{BTreeSet, VecDeque};

use super::CommandId;
use crate::phase::{Kind, Transition};
use crate::{Command, OutOfSequence, Phase, SaslResponse, Tag};

/// All commands of a session that are not answered. What is asked of it for each command takes no longer the more there are.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) flying: VecDeque<Flying>,
    counts: Counts,
    /// Tags that the caller chose, of commands that are not answered.
    chosen: BTreeSet<Tag<'static>>,
    /// The phase behind all of them, where it is known.
    expected: Option<Phase>,
}

/// How many commands in flight there are.
#[derive(Debug, Default)]
struct Counts {
    /// That allow no other.
    sole: usize,
    /// During which EXPUNGE may come.
    may_renumber: usize,
    /// That the machine asks by itself.
    own: usize,
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
        let Counts { sole, may_renumber, .. } = self.counts;
        sole > 0 || (nature.sole && !self.flying.is_empty()) || (nature.numbers && may_renumber > 0)
    }

    /// Whether the machine has asked something by itself.
    pub(super) const fn asks(&self) -> bool {
        self.counts.own > 0
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
        let expected = flying.chain(waiting).fold(phase, behind);
        *self.expected.insert(expected)
    }

    /// A step was taken: where it is not the one that was expected, all that is behind it leads elsewhere.
    pub(super) fn stepped(&mut self, transition: Transition) {
        match transition {
            Transition::Accepted(_) => {}
            Transition::Refused(kind) if !kind.moves() => {}
            _ => self.expected = None,
        }
    }

    /// A command waits for its turn.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.expected = self.expected.map(|phase| behind(phase, waiting.command.kind()));
        self.chosen.extend(waiting.tag.clone());
        self.waiting.push_back(waiting);
    }

    /// A command that waited will not be sent.
    pub(super) fn forget(&mut self, waiting: &Waiting) {
        if waiting.command.kind().moves() {
            self.expected = None;
        }
        if let Some(tag) = &waiting.tag {
            self.chosen.remove(tag);
        }
    }

    /// A command is in flight.
    pub(super) fn fly(&mut self, flying: Flying) {
        self.counts.count(&flying, |count| *count += 1);
        self.flying.push_back(flying);
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

    /// Whether a command that is not answered has this tag, which the caller chose.
    pub(super) fn has_chosen(&self, tag: &Tag<'static>) -> bool {
        self.chosen.contains(tag)
    }

    /// Whether a command in flight has this tag.
    pub(super) fn has_flying(&self, tag: &Tag<'_>) -> bool {
        self.flying.iter().any(|flying| flying.tag == *tag)
    }

    /// Where IDLE stands, beside which nothing is in flight.
    pub(super) fn idle(&mut self) -> Option<&mut Idle> {
        match &mut self.flying.back_mut()?.role {
            Role::Idle(idle) => Some(idle),
            _ => None,
        }
    }

    pub(super) fn is_idling(&self) -> bool {
        let last = self.flying.back();
        last.is_some_and(|last| matches!(last.role, Role::Idle(Idle::Idling)))
    }

    /// Takes out the command with this tag.
    pub(super) fn take(&mut self, tag: &Tag<'_>) -> Option<Flying> {
        let at = self.flying.iter().position(|flying| flying.tag == *tag)?;
        let flying = self.flying.remove(at)?;
        self.counts.count(&flying, |count| *count -= 1);
        self.chosen.remove(&flying.tag);
        Some(flying)
    }
}

impl Counts {
    fn count(&mut self, flying: &Flying, change: impl Fn(&mut usize)) {
        let Nature { sole, may_renumber, .. } = flying.nature;
        let counts = [
            (sole, &mut self.sole),
            (may_renumber, &mut self.may_renumber),
            (flying.id.is_none(), &mut self.own),
        ];
        counts
            .into_iter()
            .filter(|(is_it, _)| *is_it)
            .for_each(|(_, count)| change(count));
    }
}

/// Where a command leads, if all goes well.
fn behind(phase: Phase, kind: Kind) -> Phase {
    phase.after(Transition::Accepted(kind)).unwrap_or(phase)
}
