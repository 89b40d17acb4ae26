//! Changes that the application reports, and the moment at which the client may hear of each.

use alloc::collections::VecDeque;

use crate::{Data, EventGroup, Notify, NotifyEvent, NotifyMailboxes};

/// Changes that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Updates {
    waiting: VecDeque<Data<'static>>,
    expunges: Expunges,
}

/// When the client may hear that messages are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Expunges {
    /// While a command is in progress that lets numbers change.
    #[default]
    WithCommands,
    /// Also between two commands: it asked for that with `NOTIFY SET (SELECTED (… MessageExpunge))` (RFC 5465 §6.1.1).
    AtOnce,
}

/// What may be said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Everything.
    Any,
    /// Nothing that changes sequence numbers: while FETCH, STORE, SEARCH, SORT or THREAD is answered, or while no command is in progress
    /// (RFC 9051 §7.5.1).
    NumbersStand,
    /// Nothing: a literal is being written.
    Silence,
}

impl Updates {
    pub(super) fn push(&mut self, data: Data<'static>) {
        self.waiting.push_back(data);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) const fn tell(&mut self, expunges: Expunges) {
        self.expunges = expunges;
    }

    /// What may be said while no command is in progress.
    pub(super) const fn between_commands(&self) -> Moment {
        match self.expunges {
            Expunges::WithCommands => Moment::NumbersStand,
            Expunges::AtOnce => Moment::Any,
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The next change that may be said. What stands behind a change of numbers counts with the new ones, so it waits with it.
    pub(super) fn pop(&mut self, moment: Moment) -> Option<Data<'static>> {
        let next = self.waiting.front()?;
        match moment {
            Moment::Any => {}
            Moment::NumbersStand if !renumbers(next) => {}
            Moment::NumbersStand | Moment::Silence => return None,
        }
        self.waiting.pop_front()
    }
}

impl Expunges {
    /// What a NOTIFY command asks for.
    pub(super) fn asked_by(notify: &Notify<'_>) -> Self {
        let Notify::Set(set) = notify else {
            return Self::default();
        };
        let at_once = |group: &EventGroup<'_>| {
            group.mailboxes == NotifyMailboxes::Selected && group.events.contains(&NotifyEvent::MessageExpunge)
        };
        match set.groups.iter().any(at_once) {
            true => Self::AtOnce,
            false => Self::WithCommands,
        }
    }
}

/// Whether it takes sequence numbers away.
pub(super) const fn renumbers(data: &Data<'_>) -> bool {
    matches!(data, Data::Expunge(_) | Data::Vanished(_))
}
