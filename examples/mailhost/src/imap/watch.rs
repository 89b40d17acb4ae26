//! Of which events a client wants to hear (RFC 5465 §5, §6).

use std::collections::{BTreeMap, BTreeSet};

use imap_proto::{EventGroup, FetchAttribute, IntoBoundedStatic as _, NotifyEvent, NotifyMailboxes};

use super::scope::Scope;
use crate::store::{Change, Mailbox, Status};

/// What a NOTIFY command has asked for.
#[derive(Default)]
pub(super) struct Watch {
    /// Of the selected mailbox; `None` is nothing, not even while commands are answered.
    pub(super) selected: Option<WatchSelected>,
    groups: Vec<Group>,
    /// The account that watches.
    account: String,
    /// The names to which it is subscribed.
    pub(super) subscribed: BTreeSet<String>,
    /// The mailboxes that the client may see, with what it was told of their messages.
    pub(super) known: BTreeMap<Mailbox, Option<Status>>,
    /// The last mailbox that was renamed: those below it are renamed with it.
    renamed: Option<(Mailbox, Mailbox)>,
}

/// What is told of the selected mailbox.
pub(super) struct WatchSelected {
    pub(super) expunges: Expunges,
    /// What is fetched of new messages.
    pub(super) attributes: Vec<FetchAttribute<'static>>,
    /// Whether flags are told.
    pub(super) flags: Flags,
}

/// When the client hears of messages that are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expunges {
    AtOnce,
    /// With commands that allow it (RFC 5465 §6.1.2).
    Delayed,
}

/// Whether the client hears of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flags {
    Told,
    Untold,
}

/// What a client can hear of mailboxes that are not selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Messages came, or went.
    Messages,
    Flags,
    Names,
    Subscriptions,
    MailboxMetadata,
    ServerMetadata,
}

struct Group {
    scope: Scope,
    kinds: Vec<Kind>,
}

impl Watch {
    /// Nothing, of an account.
    pub(super) fn nothing(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..Self::default()
        }
    }

    /// Adds what a group asks for; `false` where it names an event that is not known here.
    pub(super) fn add(&mut self, group: &EventGroup<'_>) -> bool {
        let kinds = group.events.iter().map(kind);
        let Some(kinds) = kinds.collect::<Option<Vec<Kind>>>() else {
            return false;
        };
        let expunges = match &group.mailboxes {
            NotifyMailboxes::Selected => Expunges::AtOnce,
            NotifyMailboxes::SelectedDelayed => Expunges::Delayed,
            NotifyMailboxes::Other(filter) => {
                let scope = Scope::of(filter);
                self.groups.push(Group { scope, kinds });
                return true;
            }
        };
        let attributes = group.events.iter().filter_map(|event| match event {
            NotifyEvent::MessageNew(attributes) => attributes.as_ref(),
            _ => None,
        });
        self.selected = kinds.contains(&Kind::Messages).then(|| WatchSelected {
            expunges,
            attributes: attributes
                .flat_map(|list| list.iter().cloned())
                .map(FetchAttribute::into_static)
                .collect(),
            flags: match kinds.contains(&Kind::Flags) {
                true => Flags::Told,
                false => Flags::Untold,
            },
        });
        true
    }

    /// Whether the client wants to hear of that.
    pub(super) fn hears(&self, kind: Kind, mailbox: &Mailbox, name: &str) -> bool {
        let is_own = mailbox.account() == self.account;
        let mut groups = self.groups.iter().filter(|group| group.kinds.contains(&kind));
        groups.any(|group| group.scope.contains(name, is_own, &self.subscribed))
    }

    /// Whether it wants to hear of that anywhere.
    pub(super) fn hears_any(&self, kind: Kind) -> bool {
        self.groups.iter().any(|group| group.kinds.contains(&kind))
    }

    /// Whether it has named a mailbox.
    pub(super) fn names(&self, name: &str) -> bool {
        self.groups.iter().any(|group| match &group.scope {
            Scope::Mailboxes(names) => !group.kinds.is_empty() && names.iter().any(|named| named == name),
            _ => false,
        })
    }

    /// Whether anything but the selected mailbox is watched.
    pub(super) fn is_wide(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether a mailbox is renamed because one above it was, of which the client has heard (RFC 5465 §5.4).
    pub(super) fn is_renamed_with_parent(&mut self, from: &Mailbox, to: &Mailbox) -> bool {
        let with_parent = self
            .renamed
            .as_ref()
            .is_some_and(|(above, below)| from.is_below(above) && to.is_below(below));
        if !with_parent {
            self.renamed = Some((from.clone(), to.clone()));
        }
        with_parent
    }
}

/// `None` for what is not known here.
const fn kind(event: &NotifyEvent<'_>) -> Option<Kind> {
    Some(match event {
        NotifyEvent::MessageNew(_) | NotifyEvent::MessageExpunge => Kind::Messages,
        NotifyEvent::FlagChange => Kind::Flags,
        NotifyEvent::MailboxName => Kind::Names,
        NotifyEvent::SubscriptionChange => Kind::Subscriptions,
        NotifyEvent::MailboxMetadataChange => Kind::MailboxMetadata,
        NotifyEvent::ServerMetadataChange => Kind::ServerMetadata,
        _ => return None,
    })
}

/// The events that are known here, as the code BADEVENT lists them.
pub(super) const EVENTS: [&str; 7] = [
    "MessageNew",
    "MessageExpunge",
    "FlagChange",
    "MailboxName",
    "SubscriptionChange",
    "MailboxMetadataChange",
    "ServerMetadataChange",
];

/// Whether a command of the client itself has made a change: it knows (RFC 5465 §5).
pub(super) fn is_made_by(change: &Change, targets: &[Mailbox]) -> bool {
    let is_target = |mailbox: &Mailbox| targets.iter().any(|target| target == mailbox);
    match change {
        Change::Created(mailbox) => targets
            .iter()
            .any(|target| target == mailbox || target.is_below(mailbox)),
        Change::Deleted(mailbox) | Change::Subscription(mailbox) => is_target(mailbox),
        Change::Renamed { from, .. } => targets.iter().any(|target| target == from || from.is_below(target)),
        _ => false,
    }
}
