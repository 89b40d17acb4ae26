//! What a mailbox holds: as somebody sees it who looks for the first time, and as a naive store would have it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use imap_proto::{Code, Data, FetchItem, Flag};

use crate::wire::Wire;

pub(crate) type Flags = BTreeSet<String>;

/// A mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) highest: u64,
    pub(crate) messages: BTreeMap<u32, Message>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) flags: Flags,
    pub(crate) mod_seq: u64,
    /// Which message it is: a copy has it, too.
    pub(crate) subject: String,
}

impl Truth {
    /// What is there, by a session that has never seen the mailbox.
    pub(crate) fn look(wire: &mut Wire, mailbox: &str) -> io::Result<Self> {
        let mut truth = Self::default();
        let mut exists = 0;
        for data in wire.ok(format!("EXAMINE {mailbox} (CONDSTORE)"))? {
            match data {
                Data::Exists(count) => exists = count as usize,
                Data::Status(status) => match status.code {
                    Some(Code::UidValidity(validity)) => truth.uid_validity = validity.get(),
                    Some(Code::UidNext(next)) => truth.uid_next = next.get(),
                    Some(Code::HighestModSeq(highest)) => truth.highest = highest.get(),
                    _ => {}
                },
                _ => {}
            }
        }
        if exists > 0 {
            let fetched = wire.ok("FETCH 1:* (UID FLAGS MODSEQ BODY.PEEK[HEADER.FIELDS (SUBJECT)])")?;
            truth.messages = fetched.iter().filter_map(message).collect();
        }
        assert_eq!(truth.messages.len(), exists, "FETCH 1:* tells of each message");
        assert!(truth.messages.keys().all(|uid| *uid < truth.uid_next), "{truth:?}");
        assert!(
            truth.messages.values().all(|message| message.mod_seq <= truth.highest),
            "{truth:?}"
        );
        wire.ok("UNSELECT")?;
        Ok(truth)
    }

    /// Checks that this is a later state of the same mailbox: no number is used again, no count goes back.
    pub(crate) fn follows(&self, before: &Self) {
        assert_eq!(self.uid_validity, before.uid_validity);
        assert!(self.uid_next >= before.uid_next, "UIDNEXT falls: {before:?}, {self:?}");
        assert!(
            self.highest >= before.highest,
            "HIGHESTMODSEQ falls: {before:?}, {self:?}"
        );
        for (uid, message) in &self.messages {
            let Some(old) = before.messages.get(uid) else {
                assert!(*uid >= before.uid_next, "UID {uid} is used again: {before:?}, {self:?}");
                assert!(
                    message.mod_seq > before.highest,
                    "a new message with an old MODSEQ: {before:?}, {self:?}"
                );
                continue;
            };
            assert_eq!(old.subject, message.subject, "UID {uid} is another message");
            let changed = old.flags != message.flags;
            assert!(
                !changed || message.mod_seq > before.highest,
                "{uid} changed silently: {before:?}, {self:?}"
            );
            assert!(
                message.mod_seq >= old.mod_seq,
                "MODSEQ of {uid} falls: {before:?}, {self:?}"
            );
        }
        let gone = before.messages.keys().any(|uid| !self.messages.contains_key(uid));
        assert!(
            !gone || self.highest > before.highest,
            "messages go without a MODSEQ: {before:?}, {self:?}"
        );
    }

    /// Checks what a naive store says, which knows no mod-sequences.
    pub(crate) fn is_as_expected(&self, expected: &Self) {
        let content = |truth: &Self| -> Vec<(u32, Flags, String)> {
            let messages = truth.messages.iter();
            messages
                .map(|(uid, message)| (*uid, message.flags.clone(), message.subject.clone()))
                .collect()
        };
        assert_eq!(
            content(self),
            content(expected),
            "there is (left) what should not be (right)"
        );
    }

    /// STORE, on those that are there.
    pub(crate) fn store(&mut self, uids: &[u32], action: Action, changed: &Flags) {
        for uid in uids {
            if let Some(message) = self.messages.get_mut(uid) {
                action.apply(&mut message.flags, changed);
            }
        }
    }
}

/// What STORE does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Remove,
    Replace,
}

impl Action {
    pub(crate) const ALL: [Self; 3] = [Self::Add, Self::Remove, Self::Replace];

    pub(crate) fn apply(self, flags: &mut Flags, changed: &Flags) {
        match self {
            Self::Add => flags.extend(changed.iter().cloned()),
            Self::Remove => flags.retain(|flag| !changed.contains(flag)),
            Self::Replace => flags.clone_from(changed),
        }
    }

    pub(crate) const fn item(self) -> &'static str {
        match self {
            Self::Add => "+FLAGS",
            Self::Remove => "-FLAGS",
            Self::Replace => "FLAGS",
        }
    }
}

/// The flags that all sessions see alike.
pub(crate) fn flags(told: &[Flag<'_>]) -> Flags {
    let shared = told.iter().filter(|flag| **flag != Flag::Recent);
    shared.map(|flag| flag.to_string().to_ascii_lowercase()).collect()
}

fn message(data: &Data<'_>) -> Option<(u32, Message)> {
    let Data::Fetch(fetch) = data else { return None };
    let mut message = Message::default();
    let mut number = 0;
    for item in fetch.items() {
        match item {
            FetchItem::Uid(uid) => number = uid.get(),
            FetchItem::ModSeq(mod_seq) => message.mod_seq = mod_seq.get(),
            FetchItem::Flags(told) => message.flags = flags(told),
            FetchItem::BodySection { .. } => message.subject = subject(item),
            _ => {}
        }
    }
    // A change of flags that was announced on the way has no subject.
    (!message.subject.is_empty()).then_some((number, message))
}

/// What stands in a message's Subject field.
pub(crate) fn subject(item: &FetchItem<'_>) -> String {
    let FetchItem::BodySection { data: Some(data), .. } = item else {
        return String::new();
    };
    let text = String::from_utf8_lossy(data.held().expect("it is in the response")).into_owned();
    text.trim().trim_start_matches("Subject: ").to_owned()
}
