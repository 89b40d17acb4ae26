//! What one client has been told of its mailbox, and whether it could be told so: each response is judged when it comes.

use std::collections::BTreeSet;

use imap_proto::{Code, Data, Fetch, FetchItem, Numbering, Vanished, VanishedSince};

use super::truth::{Flags, Message, Truth, flags};

/// What a client is, which decides what it may hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// IMAP4rev1 and nothing else.
    Plain,
    /// ENABLE IMAP4rev2
    Rev2,
    /// ENABLE CONDSTORE
    CondStore,
    /// ENABLE QRESYNC
    QResync,
    /// ENABLE UIDONLY
    UidOnly,
}

impl Kind {
    pub(crate) const fn enable(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Rev2 => Some("IMAP4REV2"),
            Self::CondStore => Some("CONDSTORE"),
            Self::QResync => Some("QRESYNC"),
            Self::UidOnly => Some("UIDONLY"),
        }
    }

    /// Whether FETCH tells mod-sequences unasked (RFC 7162 §3.1.4).
    pub(crate) const fn hears_mod_sequences(self) -> bool {
        matches!(self, Self::CondStore | Self::QResync)
    }

    /// Whether VANISHED stands for EXPUNGE (RFC 7162 §3.2.10, RFC 9586 §3).
    const fn hears_vanished(self) -> bool {
        matches!(self, Self::QResync | Self::UidOnly)
    }
}

/// What is going on while data comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum During {
    /// A command whose numbers must stand: FETCH, STORE, SEARCH (RFC 9051 §7.5.1).
    Numbers,
    /// SELECT: what is told is how things are, not what has changed.
    Select,
    /// Any other command, or IDLE.
    Other,
}

/// A message, as far as the client knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) uid: Option<u32>,
    pub(crate) flags: Option<Flags>,
    pub(crate) mod_seq: u64,
    /// The flags were told without their mod-sequence.
    undated: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) kind: Kind,
    /// FETCH is in progress, which tells what it is asked for (RFC 7162 §3.2.4).
    pub(crate) fetching: bool,
    pub(crate) slots: Vec<Slot>,
    pub(crate) uid_validity: u32,
    /// The state of which the client knows everything (RFC 7162 §3.2.5.1).
    pub(crate) highest: u64,
    /// The newest state that the server has spoken of.
    announced: u64,
    /// Messages that a client with QRESYNC has kept from the last time.
    pub(crate) kept: Vec<Slot>,
    /// Messages that came while SELECT was answered, of which QRESYNC says no more than that.
    pub(crate) late: usize,
    /// Those with `\Recent`.
    pub(crate) recent: BTreeSet<u32>,
}

impl View {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            fetching: false,
            slots: Vec::new(),
            uid_validity: 0,
            highest: 0,
            announced: 0,
            kept: Vec::new(),
            late: 0,
            recent: BTreeSet::new(),
        }
    }

    /// What is selected is no longer so.
    pub(crate) fn leave(&mut self) {
        self.slots.clear();
        self.recent.clear();
    }

    pub(crate) fn hear(&mut self, data: &Data<'_>, during: During) {
        match data {
            Data::Exists(count) => self.exists(*count as usize),
            Data::Recent(count) => {
                assert!(*count as usize <= self.slots.len(), "RECENT {count}");
                assert_ne!(self.kind, Kind::Rev2, "RECENT for IMAP4rev2");
            }
            Data::Expunge(number) => self.expunge(number.get() as usize, during),
            Data::Vanished(vanished) => self.vanished(vanished, during),
            Data::Fetch(fetch) => self.fetch(fetch),
            Data::Status(status) => self.code(status.code.as_ref()),
            Data::Search(_) => assert!(self.kind != Kind::Rev2, "SEARCH for IMAP4rev2"),
            _ => {}
        }
    }

    /// What a result, or an untagged OK, tells programs.
    pub(crate) fn code(&mut self, code: Option<&Code<'_>>) {
        match code {
            Some(Code::Closed) => self.leave(),
            Some(Code::UidValidity(validity)) => {
                if self.uid_validity != validity.get() {
                    (self.kept, self.highest, self.announced) = (Vec::new(), 0, 0);
                }
                self.uid_validity = validity.get();
            }
            Some(Code::HighestModSeq(highest)) => self.announced = self.announced.max(highest.get()),
            _ => {}
        }
    }

    /// After NOOP, while nobody else did anything: the client knows all that there is to know.
    pub(crate) fn is_settled(&mut self) {
        let told = self.slots.iter().map(|slot| slot.mod_seq);
        self.highest = told.fold(self.highest.max(self.announced), u64::max);
    }

    fn exists(&mut self, count: usize) {
        assert!(
            count >= self.slots.len(),
            "EXISTS {count} of {}: it shrinks",
            self.slots.len()
        );
        self.slots.resize_with(count, Slot::default);
    }

    fn expunge(&mut self, number: usize, during: During) {
        assert!(!self.kind.hears_vanished(), "EXPUNGE for {:?}", self.kind);
        assert_ne!(during, During::Numbers, "EXPUNGE {number} while numbers must stand");
        assert!(
            (1..=self.slots.len()).contains(&number),
            "EXPUNGE {number} of {}",
            self.slots.len()
        );
        self.slots.remove(number - 1);
    }

    fn vanished(&mut self, vanished: &Vanished, during: During) {
        assert!(self.kind.hears_vanished(), "VANISHED for {:?}", self.kind);
        if vanished.since == VanishedSince::Earlier {
            assert_eq!(during, During::Select, "VANISHED (EARLIER) out of place");
            self.kept
                .retain(|slot| !slot.uid.is_some_and(|uid| contains(vanished, uid)));
            return;
        }
        assert_ne!(during, During::Numbers, "VANISHED while numbers must stand");
        for uid in vanished.uids.numbers() {
            let index = self.place(uid.get());
            let index = index.unwrap_or_else(|| panic!("VANISHED {uid}, of which the client never heard"));
            self.slots.remove(index);
        }
    }

    /// Where a message is, or an unknown one that it can be.
    pub(crate) fn place(&self, uid: u32) -> Option<usize> {
        let known = self.slots.iter().position(|slot| slot.uid == Some(uid));
        known.or_else(|| {
            if self.kind == Kind::UidOnly {
                return self.slots.iter().position(|slot| slot.uid.is_none());
            }
            let before = self
                .slots
                .iter()
                .rposition(|slot| slot.uid.is_some_and(|other| other < uid));
            let first = before.map_or(0, |index| index + 1);
            self.slots.get(first).filter(|slot| slot.uid.is_none()).map(|_| first)
        })
    }

    fn fetch(&mut self, fetch: &Fetch<'_>) {
        let number = fetch.number.get();
        let index = match fetch.numbering {
            Numbering::Sequence => {
                assert_ne!(self.kind, Kind::UidOnly, "FETCH with a sequence number");
                assert!(
                    number as usize <= self.slots.len(),
                    "FETCH {number} of {}",
                    self.slots.len()
                );
                number as usize - 1
            }
            Numbering::Uid => {
                assert_eq!(self.kind, Kind::UidOnly, "UIDFETCH");
                let index = self.place(number);
                index.unwrap_or_else(|| panic!("UIDFETCH {number}, of which the client never heard"))
            }
        };
        if fetch.numbering == Numbering::Uid {
            self.identify(index, number);
        }
        for item in fetch.items() {
            if let FetchItem::Uid(uid) = item {
                self.identify(index, uid.get());
            }
        }
        let told_uid = fetch.items().iter().any(|item| matches!(item, FetchItem::Uid(_)));
        // RFC 7162 §3.2.4
        assert!(
            self.kind != Kind::QResync || told_uid || self.fetching,
            "FETCH without UID"
        );
        self.learn(index, fetch.items());
    }

    fn learn(&mut self, index: usize, items: &[FetchItem<'_>]) {
        let (kind, fetching) = (self.kind, self.fetching);
        let slot = &mut self.slots[index];
        let told_flags = items.iter().any(|item| matches!(item, FetchItem::Flags(_)));
        let told_mod_seq = items.iter().any(|item| matches!(item, FetchItem::ModSeq(_)));
        let may_lack = fetching || !kind.hears_mod_sequences();
        assert!(!told_flags || told_mod_seq || may_lack, "FLAGS without MODSEQ");
        slot.undated = !told_mod_seq && (told_flags || slot.undated);
        for item in items {
            match item {
                FetchItem::ModSeq(mod_seq) => {
                    assert!(mod_seq.get() >= slot.mod_seq, "MODSEQ {mod_seq} after {}", slot.mod_seq);
                    slot.mod_seq = mod_seq.get();
                }
                FetchItem::Flags(told) => {
                    let recent = told.contains(&imap_proto::Flag::Recent);
                    assert!(!recent || kind != Kind::Rev2, "\\Recent for IMAP4rev2");
                    if let (true, Some(uid)) = (recent, slot.uid) {
                        self.recent.insert(uid);
                    }
                    slot.flags = Some(flags(told));
                }
                FetchItem::Invalid { raw, why } => panic!("{raw:?}: {why:?}"),
                _ => {}
            }
        }
    }

    /// The message at this place has this UID: which it has always had, and which is between its neighbours'.
    fn identify(&mut self, index: usize, uid: u32) {
        let slot = &self.slots[index];
        assert!(slot.uid.is_none_or(|known| known == uid), "{:?} is now {uid}", slot.uid);
        if self.kind == Kind::UidOnly {
            // Which number it has, nobody says.
            self.slots[index].uid = Some(uid);
            return;
        }
        let lower = self.slots[..index]
            .iter()
            .filter_map(|slot| slot.uid)
            .all(|other| other < uid);
        let higher = self.slots[index + 1..]
            .iter()
            .filter_map(|slot| slot.uid)
            .all(|other| other > uid);
        assert!(
            lower && higher,
            "UID {uid} of message {} does not ascend: {:?}",
            index + 1,
            self.slots
        );
        self.slots[index].uid = Some(uid);
    }

    /// After SELECT with QRESYNC: what was kept is joined with what was told (RFC 7162 §3.2.5).
    pub(crate) fn resynchronise(&mut self) {
        let told: Vec<Slot> = self.slots.iter().filter(|slot| slot.uid.is_some()).cloned().collect();
        let mut joined = std::mem::take(&mut self.kept);
        joined.retain(|kept| told.iter().all(|slot| slot.uid != kept.uid));
        joined.extend(told);
        joined.sort_by_key(|slot| slot.uid);
        let heard_of = joined.len();
        assert!(
            heard_of <= self.slots.len(),
            "what was kept and what was told is more than EXISTS says"
        );
        // What comes while SELECT is answered is only counted.
        joined.resize_with(self.slots.len(), Slot::default);
        self.late = joined.len() - heard_of;
        for (told, joined) in self.slots.iter().zip(&joined) {
            assert!(
                told.uid.is_none_or(|uid| joined.uid == Some(uid)),
                "FETCH with a wrong number"
            );
        }
        self.slots = joined;
    }

    /// The flags of these are not known any more.
    pub(crate) fn forget_flags(&mut self, uids: &[u32]) {
        for slot in &mut self.slots {
            if slot.uid.is_some_and(|uid| uids.contains(&uid)) {
                slot.flags = None;
            }
        }
    }

    /// The client does not know which messages these are.
    pub(crate) fn unknown(&self) -> bool {
        self.slots.iter().any(|slot| slot.uid.is_none() || slot.flags.is_none())
    }

    pub(crate) fn uids(&self) -> Vec<u32> {
        let mut uids: Vec<u32> = self.slots.iter().filter_map(|slot| slot.uid).collect();
        uids.sort_unstable();
        uids
    }

    /// How what the client was told differs from what is the case.
    pub(crate) fn difference(&self, truth: &Truth) -> Option<String> {
        if self.slots.len() != truth.messages.len() {
            return Some(format!("{} messages, but {}", self.slots.len(), truth.messages.len()));
        }
        let wrong = match self.kind {
            Kind::UidOnly => self.slots.iter().find(|slot| {
                let message = slot.uid.map(|uid| (uid, truth.messages.get(&uid)));
                message.is_some_and(|(uid, message)| message.is_none_or(|message| self.differs(slot, uid, message)))
            }),
            _ => {
                let mut pairs = self.slots.iter().zip(&truth.messages);
                pairs
                    .find(|(slot, (uid, message))| self.differs(slot, **uid, message))
                    .map(|(slot, _)| slot)
            }
        };
        wrong.map(|slot| format!("{slot:?} of {:?}", self.slots))
    }

    fn differs(&self, slot: &Slot, uid: u32, message: &Message) -> bool {
        let flags = slot.flags.as_ref().is_some_and(|flags| *flags != message.flags);
        let newer = slot.mod_seq > message.mod_seq;
        let dated = self.kind.hears_mod_sequences() && slot.flags.is_some() && !slot.undated;
        let older = dated && slot.mod_seq < message.mod_seq;
        slot.uid.is_some_and(|known| known != uid) || flags || newer || older
    }
}

fn contains(vanished: &Vanished, uid: u32) -> bool {
    std::num::NonZeroU32::new(uid).is_some_and(|uid| vanished.uids.contains(uid))
}
