//! What one session's client has been told of its mailbox, and what it is to be told next.

mod resolve;
mod resync;

use core::num::{NonZeroU32, NonZeroU64};
use std::collections::BTreeMap;

use imap_proto::{
    Command, Data, Enabled, Fetch, FetchItem, Flag, IntoBoundedStatic, Numbering, OneOrMore, Vanished, VanishedSince,
};

pub use self::resolve::OutOfRange;
pub use self::resync::{Memory, Since};
use crate::Uids;

/// A session's view of the mailbox that is selected (RFC 9051 §7.5.1).
///
/// The store changes when it likes; what a sequence number means changes when the client is told. So a server
///
/// 1. opens a view with what the store holds at SELECT,
/// 2. when the store has changed, asks it what is new [since](Self::mod_sequence) and [folds](Self::fold) that in, which tells
///    nobody anything,
/// 3. [releases](Self::release) what the client may hear at the end of each command, and while it idles.
///
/// Numbers in commands mean what the client has been told: [`resolve`](Self::resolve), [`sequence`](Self::sequence).
///
/// ```
/// use core::num::NonZeroU32;
/// use imap_mailbox::{Changes, Release, Uids, View};
/// use imap_proto::{Data, Enabled};
///
/// let uid = |number| NonZeroU32::new(number).unwrap();
/// let mut view = View::open(Uids::between(uid(1), uid(3)), 100);
/// view.fold(Changes { mod_sequence: 101, expunged: Uids::between(uid(2), uid(2)), ..Changes::default() });
/// assert_eq!(view.sequence(uid(3)), Some(uid(3)), "it has not been told");
/// assert!(view.release(Release::NumbersStand, &Enabled::default()).is_empty());
/// assert_eq!(view.release(Release::All, &Enabled::default()), [Data::Expunge(uid(2))]);
/// assert_eq!(view.sequence(uid(3)), Some(uid(2)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What the client has been told, and so what its numbers mean.
    told: Uids,
    /// Those of them that have `\Recent` here.
    recent: Uids,
    /// The last number of recent messages that was told.
    recent_told: u32,
    /// Came, and was not told.
    arrived: Uids,
    /// Those of `arrived` that have `\Recent` here.
    arrived_recent: Uids,
    /// Went, and the client still counts it.
    gone: Uids,
    /// Has other flags than the client knows of.
    changed: BTreeMap<NonZeroU32, Change>,
    /// Changes that the client knows and that were not folded in yet: its own.
    known: BTreeMap<NonZeroU32, u64>,
    /// All changes up to this one are folded in.
    mod_sequence: u64,
    /// The result that the client saved (RFC 5182).
    saved: Uids,
}

#[derive(Clone, Debug)]
struct Change {
    mod_sequence: u64,
    flags: Vec<Flag<'static>>,
}

/// What has changed in a mailbox since a moment: in a mailbox that keeps modification sequences, all that have a higher one.
///
/// What changed more than once may come as often, or with its last state only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The mailbox's highest modification sequence by now.
    pub mod_sequence: u64,
    /// Messages that came, or whose flags changed, upwards by their unique identifiers.
    pub messages: Vec<MessageChange>,
    /// Messages that went.
    pub expunged: Uids,
}

/// A message that came or has other flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    /// Which one.
    pub uid: NonZeroU32,
    /// The change's modification sequence.
    pub mod_sequence: u64,
    /// Its flags, without `\Recent`.
    pub flags: Vec<Flag<'static>>,
    /// Whether it came, and this session is the one that has it as `\Recent` (RFC 3501 §2.3.2).
    pub recent: bool,
}

/// What a client may be told now (RFC 9051 §7.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// All but what would change sequence numbers: FETCH, STORE, SEARCH, SORT or THREAD is answered, or the client has asked
    /// to be told things between commands (RFC 5465 §5) without naming expunges.
    NumbersStand,
    /// Everything: another command is answered, or the client idles.
    All,
}

impl Release {
    /// While this command is answered.
    pub const fn during(command: &Command<'_>) -> Self {
        match command.holds_numbers() {
            true => Self::NumbersStand,
            false => Self::All,
        }
    }
}

impl View {
    /// Of a mailbox that was selected just now: its messages, and its highest modification sequence. The server has yet to tell
    /// how many they are (EXISTS).
    pub fn open(messages: Uids, mod_sequence: u64) -> Self {
        Self {
            told: messages,
            mod_sequence,
            ..Self::default()
        }
    }

    /// Those of the messages that no other session has as `\Recent` (RFC 3501 §2.3.2). The server has yet to tell how many.
    #[must_use]
    pub fn with_recent(mut self, recent: &Uids) -> Self {
        self.recent = self.told.intersection(recent);
        self.recent_told = self.recent.len();
        self
    }

    /// The messages that the client counts.
    pub const fn messages(&self) -> &Uids {
        &self.told
    }

    /// Those of them that have `\Recent` here.
    pub const fn recent(&self) -> &Uids {
        &self.recent
    }

    /// Messages that the client counts and that are there no more: commands that need them get
    /// `NO [EXPUNGEISSUED]` (RFC 5530 §3).
    pub const fn gone(&self) -> &Uids {
        &self.gone
    }

    /// What the client calls this message.
    pub fn sequence(&self, uid: NonZeroU32) -> Option<NonZeroU32> {
        self.told.sequence(uid)
    }

    /// The modification sequence up to which changes are folded in: what the store is to be asked for is what has a higher one.
    pub const fn mod_sequence(&self) -> u64 {
        self.mod_sequence
    }

    /// Keeps what a search with RETURN (SAVE) found (RFC 5182 §2.1).
    pub fn save(&mut self, result: Uids) {
        self.saved = result.intersection(&self.told);
    }

    /// What `$` stands for.
    pub const fn saved(&self) -> &Uids {
        &self.saved
    }

    /// Notes that the client knows a message's flags as of this modification sequence, since they were sent to it or it set them
    /// itself. Otherwise it would be told of its own changes when they are folded in.
    pub fn knows(&mut self, uid: NonZeroU32, mod_sequence: u64) {
        if self
            .changed
            .get(&uid)
            .is_some_and(|change| change.mod_sequence <= mod_sequence)
        {
            self.changed.remove(&uid);
        }
        if mod_sequence > self.mod_sequence {
            self.known.insert(uid, mod_sequence);
        }
    }

    /// Notes that the client changed a message's flags itself and asked not to hear of it (`.SILENT`, RFC 9051 §6.4.6), by the change
    /// with this modification sequence. It knows them then, unless others changed them since it was told of them; of the
    /// latter this view has to know, so all that is new is [folded](Self::fold) in, and best told, before the flags are changed.
    pub fn changed_silently(&mut self, uid: NonZeroU32, mod_sequence: u64) {
        let nobody_came_between = mod_sequence <= self.mod_sequence.saturating_add(1);
        if nobody_came_between && !self.changed.contains_key(&uid) {
            self.knows(uid, mod_sequence);
        }
    }

    /// Takes in what has changed in the store. The client hears of it by [`release`](Self::release).
    pub fn fold(&mut self, changes: Changes) {
        let Changes {
            mod_sequence,
            messages,
            expunged,
        } = changes;
        for message in messages {
            self.fold_message(message);
        }
        if !expunged.is_empty() {
            self.fold_expunged(&expunged);
        }
        self.mod_sequence = self.mod_sequence.max(mod_sequence);
        let folded = self.mod_sequence;
        self.known.retain(|_, known| *known > folded);
    }

    fn fold_message(&mut self, message: MessageChange) {
        let uid = message.uid;
        if self.told.contains(uid) {
            let is_known = self.known.get(&uid).is_some_and(|&known| known >= message.mod_sequence);
            if !is_known && !self.gone.contains(uid) {
                let MessageChange {
                    mod_sequence, flags, ..
                } = message;
                self.changed.insert(uid, Change { mod_sequence, flags });
            }
        // Lower ones were told of and went, or were never told of and went: identifiers only grow.
        } else if self.told.last().max(self.arrived.last()).is_none_or(|last| last < uid) {
            self.arrived.insert(uid);
            if message.recent {
                self.arrived_recent.insert(uid);
            }
        }
    }

    fn fold_expunged(&mut self, expunged: &Uids) {
        self.arrived = self.arrived.difference(expunged);
        self.arrived_recent = self.arrived_recent.difference(expunged);
        self.gone = self.gone.union(&self.told.intersection(expunged));
        let gone = &self.gone;
        self.changed.retain(|uid, _| !gone.contains(*uid));
    }

    /// What the client is to be told now, in this order: EXPUNGE or VANISHED, EXISTS, RECENT, FETCH with FLAGS. From here on it
    /// counts as told, so all of it must be sent, and before anything that is numbered by it.
    pub fn release(&mut self, release: Release, enabled: &Enabled) -> Vec<Data<'static>> {
        let mut told = Vec::new();
        if release == Release::All {
            self.release_gone(enabled, &mut told);
        }
        if !self.arrived.is_empty() {
            self.told = self.told.union(&core::mem::take(&mut self.arrived));
            self.recent = self.recent.union(&core::mem::take(&mut self.arrived_recent));
            told.push(Data::Exists(self.told.len()));
        }
        if self.recent.len() != self.recent_told {
            self.recent_told = self.recent.len();
            told.push(Data::Recent(self.recent_told));
        }
        let changed = core::mem::take(&mut self.changed);
        told.extend(
            changed
                .into_iter()
                .filter_map(|(uid, change)| self.flags(uid, change, enabled)),
        );
        told
    }

    fn release_gone(&mut self, enabled: &Enabled, told: &mut Vec<Data<'static>>) {
        let gone = core::mem::take(&mut self.gone);
        let Some(uids) = gone.to_number_set() else {
            return;
        };
        if enabled.qresync || enabled.uid_only {
            let since = VanishedSince::Now;
            told.push(Data::Vanished(Vanished { since, uids }));
        } else {
            // Downwards, so that no number depends on what was told before it.
            let numbers = gone.iter().rev().filter_map(|uid| self.told.sequence(uid));
            told.extend(numbers.map(Data::Expunge));
        }
        self.told = self.told.difference(&gone);
        self.recent = self.recent.difference(&gone);
        self.saved = self.saved.difference(&gone);
    }

    /// `* 4 FETCH (UID 9 FLAGS (\Seen) MODSEQ (17))`, each item where the client wants it.
    fn flags(&self, uid: NonZeroU32, change: Change, enabled: &Enabled) -> Option<Data<'static>> {
        let Change {
            mod_sequence,
            mut flags,
        } = change;
        if self.recent.contains(uid) {
            flags.push(Flag::Recent);
        }
        let (numbering, number) = match enabled.uid_only {
            true => (Numbering::Uid, uid),
            false => (Numbering::Sequence, self.told.sequence(uid)?),
        };
        let mut items = OneOrMore::from(FetchItem::Flags(flags));
        if enabled.tells_uids() {
            items.push(FetchItem::Uid(uid));
        }
        if let Some(mod_sequence) = NonZeroU64::new(mod_sequence).filter(|_| enabled.condstore) {
            items.push(FetchItem::ModSeq(mod_sequence));
        }
        Some(Data::Fetch(Fetch::new(numbering, number, items).into_static()))
    }
}

#[cfg(test)]
mod tests {
    use imap_proto::{SequenceSet, TaggedCommand};

    use super::*;

    fn uid(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).expect("not 0")
    }

    fn view(uids: &[u32]) -> View {
        View::open(uids.iter().copied().map(uid).collect(), 1)
    }

    fn resolve(view: &View, numbering: Numbering, set: &str) -> Result<String, OutOfRange> {
        let set = SequenceSet::parse(set).expect("a set");
        view.resolve(numbering, &set).map(|uids| format!("{uids:?}"))
    }

    /// Who says .SILENT knows what it did, and hears of what others did to the same message.
    #[test]
    fn silence_hides_nothing_that_others_did() {
        let change = |number, mod_sequence, flag: Flag<'static>| MessageChange {
            uid: uid(number),
            mod_sequence,
            flags: vec![flag],
            recent: false,
        };
        let all = |mod_sequence, messages| Changes {
            mod_sequence,
            messages,
            expunged: Uids::new(),
        };
        let mut view = view(&[3, 4, 8]);
        // Somebody else marks 4; of that the client has not heard when it changes 3 and 4.
        view.fold(all(2, vec![change(4, 2, Flag::Seen)]));
        view.changed_silently(uid(3), 3);
        view.changed_silently(uid(4), 3);
        view.fold(all(3, vec![change(3, 3, Flag::Flagged), change(4, 3, Flag::Flagged)]));
        let told = view.release(Release::All, &Enabled::default());
        assert!(
            matches!(&told[..], [Data::Fetch(fetch)] if fetch.number == uid(2)),
            "{told:?}"
        );
        // What came between the last look and the change may have been about the same message.
        view.changed_silently(uid(8), 5);
        view.fold(all(5, vec![change(8, 5, Flag::Flagged)]));
        assert_eq!(view.release(Release::All, &Enabled::default()).len(), 1);
    }

    #[test]
    fn numbers_mean_what_was_told() {
        let view = view(&[3, 4, 8, 9, 20]);
        let cases = [
            ("1", "3"),
            ("2:4", "4,8:9"),
            ("4:2,3", "4,8:9"),
            ("*", "20"),
            ("4:*", "9,20"),
            ("*:4,1", "3,9,20"),
            ("1:*", "3:4,8:9,20"),
        ];
        for (set, expected) in cases {
            assert_eq!(
                resolve(&view, Numbering::Sequence, set).as_deref(),
                Ok(expected),
                "{set}"
            );
        }
        for (set, number) in [("6", 6), ("1:6", 6), ("7:*", 7), ("1,4294967295", u32::MAX)] {
            let error = OutOfRange {
                number: uid(number),
                messages: 5,
            };
            assert_eq!(resolve(&view, Numbering::Sequence, set), Err(error), "{set}");
        }
    }

    #[test]
    fn unknown_identifiers_are_passed_over() {
        let view = view(&[3, 4, 8, 9, 20]);
        let cases = [
            ("1:3", "3"),
            ("5", ""),
            ("4:9", "4,8:9"),
            ("21:*", "20"),
            ("*", "20"),
            ("1:4294967295", "3:4,8:9,20"),
        ];
        for (set, expected) in cases {
            assert_eq!(resolve(&view, Numbering::Uid, set).as_deref(), Ok(expected), "{set}");
        }
    }

    /// RFC 9051 §9, `seq-number`: `*` too is out of range where there is no message.
    #[test]
    fn an_empty_mailbox_has_no_numbers() {
        let view = view(&[]);
        assert_eq!(resolve(&view, Numbering::Uid, "1:*").as_deref(), Ok(""));
        assert!(resolve(&view, Numbering::Sequence, "*").is_err());
        assert!(resolve(&view, Numbering::Sequence, "1:*").is_err());
    }

    #[test]
    fn a_saved_result_loses_what_goes() {
        let mut view = view(&[3, 4, 8]);
        view.save([4, 8, 99].map(uid).into_iter().collect());
        assert_eq!(resolve(&view, Numbering::Sequence, "$").as_deref(), Ok("4,8"));
        view.fold(Changes {
            mod_sequence: 2,
            expunged: Uids::between(uid(4), uid(4)),
            ..Changes::default()
        });
        view.release(Release::All, &Enabled::default());
        assert_eq!(resolve(&view, Numbering::Uid, "$").as_deref(), Ok("8"));
    }

    #[test]
    fn which_commands_let_numbers_change() {
        let cases = [
            ("FETCH 1 FLAGS", Release::NumbersStand),
            ("STORE 1 FLAGS ()", Release::NumbersStand),
            ("SEARCH ALL", Release::NumbersStand),
            ("UID FETCH 1 FLAGS", Release::All),
            ("NOOP", Release::All),
            ("COPY 1 INBOX", Release::All),
            ("EXPUNGE", Release::All),
        ];
        for (command, release) in cases {
            let line = format!("a {command}\r\n");
            let parsed = TaggedCommand::parse(line.as_bytes(), imap_proto::Reading::STRICT);
            let Ok(imap_proto::Parsed::Complete { value, .. }) = parsed else {
                panic!("{command}");
            };
            assert_eq!(Release::during(&value.command), release, "{command}");
        }
    }

    /// What was never told need not be taken back, and what the client did itself it knows.
    #[test]
    fn nothing_is_told_that_the_client_knows() {
        let mut view = view(&[1, 2]);
        let change = |number, mod_sequence| MessageChange {
            uid: uid(number),
            mod_sequence,
            flags: vec![Flag::Seen],
            recent: true,
        };
        view.knows(uid(2), 3);
        view.fold(Changes {
            mod_sequence: 5,
            messages: vec![change(1, 2), change(2, 3), change(7, 4), change(8, 5)],
            expunged: Uids::new(),
        });
        view.fold(Changes {
            mod_sequence: 7,
            messages: Vec::new(),
            expunged: [1, 7].map(uid).into_iter().collect(),
        });
        let told = view.release(Release::All, &Enabled::default());
        assert_eq!(told, [Data::Expunge(uid(1)), Data::Exists(2), Data::Recent(1)]);
        assert_eq!(format!("{:?} {:?}", view.messages(), view.recent()), "2,8 8");
    }
}
