//! Random operations on mailboxes, against a naive account of what they do, and against what RFC 7162 and RFC 9051 promise
//! of uids and mod-sequences.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imap_mailbox::{Memory, Uids};
use mailhost::store::{
    Copied, Delivered, Delivery, Filing, Flag, FlagAction, FlagChange, Flags, Keyword, Mailbox, MemoryStore, ModSeq,
    SqliteStore, Store, StoreError, Uid, UidValidity,
};
use proptest::prelude::*;

use support::{commit, content, uid};

#[derive(Debug, Clone)]
enum Act {
    Deliver {
        to: usize,
    },
    /// Several at once, and perhaps in the place of another.
    Gather {
        to: usize,
        marks: Vec<u8>,
        replaced: Option<(usize, u32)>,
    },
    Copy {
        from: usize,
        to: usize,
        uids: Vec<u32>,
    },
    Move {
        from: usize,
        to: usize,
        uids: Vec<u32>,
    },
    Mark {
        mailbox: usize,
        uids: Vec<u32>,
        action: FlagAction,
        marks: u8,
    },
    Expunge {
        mailbox: usize,
        uids: Vec<u32>,
    },
    ExpungeDeleted {
        mailbox: usize,
        uids: Vec<u32>,
    },
    Recent {
        mailbox: usize,
    },
    Create {
        mailbox: usize,
    },
    Delete {
        mailbox: usize,
    },
    Rename {
        from: usize,
        to: usize,
    },
    Restart,
}

const NAMES: [&str; 5] = ["INBOX", "a", "a/b", "c", "c/b"];

fn act() -> impl Strategy<Value = Act> {
    let place = || 0..NAMES.len();
    let uids = || proptest::collection::vec(1..10u32, 0..6);
    let marks = || 0..8u8;
    let action = prop_oneof![
        Just(FlagAction::Add),
        Just(FlagAction::Remove),
        Just(FlagAction::Replace)
    ];
    prop_oneof![
        6 => place().prop_map(|to| Act::Deliver { to }),
        3 => (place(), proptest::collection::vec(marks(), 1..4), proptest::option::of((place(), 1..10u32)))
            .prop_map(|(to, marks, replaced)| Act::Gather { to, marks, replaced }),
        3 => (place(), place(), uids()).prop_map(|(from, to, uids)| Act::Copy { from, to, uids }),
        3 => (place(), place(), uids()).prop_map(|(from, to, uids)| Act::Move { from, to, uids }),
        4 => (place(), uids(), action, marks())
            .prop_map(|(mailbox, uids, action, marks)| Act::Mark { mailbox, uids, action, marks }),
        1 => (place(), uids()).prop_map(|(mailbox, uids)| Act::Expunge { mailbox, uids }),
        2 => (place(), uids()).prop_map(|(mailbox, uids)| Act::ExpungeDeleted { mailbox, uids }),
        1 => place().prop_map(|mailbox| Act::Recent { mailbox }),
        2 => place().prop_map(|mailbox| Act::Create { mailbox }),
        1 => place().prop_map(|mailbox| Act::Delete { mailbox }),
        2 => (place(), place()).prop_map(|(from, to)| Act::Rename { from, to }),
        1 => Just(Act::Restart),
    ]
}

/// Three of the flags: bits are enough for an account that is naive.
fn flags(marks: u8) -> Flags {
    let mut flags = Flags::new();
    for (bit, flag) in [(1, Flag::Seen), (2, Flag::Deleted)] {
        if marks & bit != 0 {
            flags.insert(flag);
        }
    }
    if marks & 4 != 0 {
        flags.add_keyword(Keyword::new("$Work").unwrap());
    }
    flags
}

fn mailbox(place: usize) -> Mailbox {
    Mailbox::new("bob@hamburger.edu", NAMES[place])
}

fn set(uids: &[u32]) -> Uids {
    uids.iter().copied().map(uid).collect()
}

/// What an act gives, in words that the stores and the naive account have in common.
type Outcome = Result<Vec<(u32, u32)>, StoreError>;

#[derive(Debug, Clone, Default)]
struct Naive {
    mailboxes: BTreeMap<&'static str, NaiveMailbox>,
}

#[derive(Debug, Clone, Default)]
struct NaiveMailbox {
    last_uid: u32,
    recent: BTreeSet<u32>,
    messages: BTreeMap<u32, u8>,
}

impl NaiveMailbox {
    fn add(&mut self, marks: u8) -> u32 {
        self.last_uid += 1;
        self.messages.insert(self.last_uid, marks);
        self.recent.insert(self.last_uid);
        self.last_uid
    }

    fn remove(&mut self, uids: &[u32], bits: u8) -> Vec<(u32, u32)> {
        let uids: BTreeSet<u32> = uids.iter().copied().collect();
        let goes = |uid: &u32| self.messages.get(uid).is_some_and(|marks| marks & bits == bits);
        let gone: Vec<u32> = uids.into_iter().filter(goes).collect();
        for uid in &gone {
            self.messages.remove(uid);
            self.recent.remove(uid);
        }
        gone.into_iter().map(|uid| (uid, 0)).collect()
    }
}

impl Naive {
    fn at(&mut self, place: usize) -> Result<&mut NaiveMailbox, StoreError> {
        self.mailboxes.get_mut(NAMES[place]).ok_or(StoreError::NoMailbox)
    }

    fn copy(&mut self, from: usize, to: usize, uids: &[u32]) -> Outcome {
        let source = self.at(from)?.messages.clone();
        let target = self.at(to)?;
        let uids: BTreeSet<u32> = uids.iter().copied().collect();
        let there = uids.into_iter().filter_map(|uid| Some((uid, *source.get(&uid)?)));
        Ok(there.map(|(uid, marks)| (uid, target.add(marks))).collect())
    }

    fn perform(&mut self, act: &Act) -> Outcome {
        match act {
            Act::Deliver { to } => {
                let uid = self.mailboxes.entry(NAMES[*to]).or_default().add(0);
                Ok(vec![(uid, 0)])
            }
            Act::Gather { to, marks, replaced } => {
                self.at(*to)?;
                if let Some((from, uid)) = replaced {
                    let gone = self.at(*from).map(|found| found.remove(&[*uid], 0));
                    if gone.unwrap_or_default().is_empty() {
                        return Err(StoreError::NotFound);
                    }
                }
                let target = self.at(*to)?;
                Ok(marks.iter().map(|&marks| (target.add(marks), 0)).collect())
            }
            Act::Copy { from, to, uids } => self.copy(*from, *to, uids),
            Act::Move { from, to, uids } => {
                let copied = self.copy(*from, *to, uids)?;
                let old: Vec<u32> = copied.iter().map(|pair| pair.0).collect();
                self.at(*from)?.remove(&old, 0);
                Ok(copied)
            }
            Act::Mark {
                mailbox,
                uids,
                action,
                marks,
            } => {
                let mailbox = self.at(*mailbox)?;
                let mut changed = BTreeSet::new();
                for uid in uids {
                    let Some(mark) = mailbox.messages.get_mut(uid) else {
                        continue;
                    };
                    let after = match action {
                        FlagAction::Add => *mark | marks,
                        FlagAction::Remove => *mark & !marks,
                        FlagAction::Replace => *marks,
                    };
                    if after != *mark {
                        changed.insert((*uid, u32::from(after)));
                    }
                    *mark = after;
                }
                Ok(changed.into_iter().collect())
            }
            Act::Expunge { mailbox, uids } => Ok(self.at(*mailbox).map_or(vec![], |found| found.remove(uids, 0))),
            Act::ExpungeDeleted { mailbox, uids } => Ok(self.at(*mailbox)?.remove(uids, 2)),
            Act::Recent { mailbox } => {
                let recent = std::mem::take(&mut self.at(*mailbox)?.recent);
                Ok(recent.into_iter().map(|uid| (uid, 0)).collect())
            }
            Act::Create { mailbox } if self.mailboxes.contains_key(NAMES[*mailbox]) => Err(StoreError::Exists),
            Act::Create { mailbox } => {
                self.mailboxes.insert(NAMES[*mailbox], NaiveMailbox::default());
                Ok(vec![])
            }
            Act::Delete { mailbox: 0 } => Err(StoreError::InboxStays),
            Act::Delete { mailbox } => {
                self.at(*mailbox)?;
                self.mailboxes.remove(NAMES[*mailbox]);
                Ok(vec![])
            }
            Act::Rename { from, to } => self.rename(NAMES[*from], NAMES[*to]),
            Act::Restart => Ok(vec![]),
        }
    }

    fn rename(&mut self, from: &'static str, to: &'static str) -> Outcome {
        if from == "INBOX" {
            if self.mailboxes.contains_key(to) {
                return Err(StoreError::Exists);
            }
            self.mailboxes.insert(to, NaiveMailbox::default());
            let place = |name| NAMES.iter().position(|known| *known == name).unwrap();
            let uids: Vec<u32> = self.at(0)?.messages.keys().copied().collect();
            self.copy(0, place(to), &uids)?;
            self.at(0)?.remove(&uids, 0);
            return Ok(vec![]);
        }
        if to.starts_with(&format!("{from}/")) {
            return Err(StoreError::BelowItself);
        }
        let below = format!("{from}/");
        let is_concerned = |name: &&&str| **name == from || name.starts_with(&below);
        let concerned: Vec<&str> = self.mailboxes.keys().filter(is_concerned).copied().collect();
        if concerned.is_empty() {
            return Err(StoreError::NoMailbox);
        }
        let new = |old: &str| -> &'static str { format!("{to}{}", &old[from.len()..]).leak() };
        if to == "INBOX" && concerned.contains(&from)
            || concerned.iter().any(|old| self.mailboxes.contains_key(new(old)))
        {
            return Err(StoreError::Exists);
        }
        for old in concerned {
            let mailbox = self.mailboxes.remove(old).unwrap();
            self.mailboxes.insert(new(old), mailbox);
        }
        Ok(vec![])
    }
}

async fn perform(store: &dyn Store, act: &Act) -> Outcome {
    let alone = |uids: Uids| uids.iter().map(|uid| (uid.get(), 0)).collect::<Vec<_>>();
    let pairs = |copied: Copied| {
        copied
            .uids
            .iter()
            .map(|(old, new)| (old.get(), new.get()))
            .collect::<Vec<_>>()
    };
    match act {
        Act::Deliver { to } => {
            let delivery = Delivery::mailbox(mailbox(*to), Vec::new());
            let receipt = commit(store, b"x", vec![delivery]).await?;
            let [Delivered::Mailbox(_, uid)] = receipt.deliveries[..] else {
                panic!("{receipt:?}")
            };
            Ok(vec![(uid.get(), 0)])
        }
        Act::Gather { to, marks, replaced } => {
            let mut messages = Vec::new();
            for &marks in marks {
                let filing = Filing {
                    flags: flags(marks),
                    ..Filing::default()
                };
                messages.push((content(store, b"x").await?, filing));
            }
            let replaced = replaced.map(|(place, number)| (mailbox(place), uid(number)));
            store
                .append(&mailbox(*to), messages, replaced)
                .await
                .map(|appended| alone(appended.uids))
        }
        Act::Copy { from, to, uids } => store.copy(&mailbox(*from), &set(uids), &mailbox(*to)).await.map(pairs),
        Act::Move { from, to, uids } => store
            .move_to(&mailbox(*from), &set(uids), &mailbox(*to))
            .await
            .map(pairs),
        Act::Mark {
            mailbox: place,
            uids,
            action,
            marks,
        } => {
            let change = FlagChange {
                action: *action,
                flags: flags(*marks),
                unchanged_since: None,
            };
            let stored = store.store_flags(&mailbox(*place), &set(uids), change).await?;
            assert!(stored.failed.is_empty());
            let bits = |of: &Flags| (0..8).find(|&marks| flags(marks) == *of).unwrap();
            Ok(stored
                .changed
                .iter()
                .map(|changed| (changed.uid.get(), u32::from(bits(&changed.flags))))
                .collect())
        }
        Act::Expunge { mailbox: place, uids } => {
            let uids: Vec<Uid> = uids.iter().copied().map(uid).collect();
            let gone = store.expunge(&mailbox(*place), &uids).await?;
            Ok(gone.into_iter().map(|uid| (uid.get(), 0)).collect())
        }
        Act::ExpungeDeleted { mailbox: place, uids } => {
            store.expunge_deleted(&mailbox(*place), &set(uids)).await.map(alone)
        }
        Act::Recent { mailbox: place } => store.claim_recent(&mailbox(*place)).await.map(alone),
        Act::Create { mailbox: place } => store.create(&mailbox(*place), None).await.map(|_| vec![]),
        Act::Delete { mailbox: place } => store.delete(&mailbox(*place)).await.map(|()| vec![]),
        Act::Rename { from, to } => store.rename(&mailbox(*from), NAMES[*to]).await.map(|()| vec![]),
        Act::Restart => Ok(vec![]),
    }
}

/// A mailbox as a client would keep it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    uid_validity: UidValidity,
    uid_next: Uid,
    mod_seq: ModSeq,
    messages: BTreeMap<Uid, (ModSeq, Flags)>,
}

/// All that was ever seen under each name.
type History = BTreeMap<Mailbox, Vec<Seen>>;

/// Looks at each mailbox, and checks what must be true whatever was done.
async fn look(store: &dyn Store, naive: &Naive, history: &mut History) {
    let found = store.mailboxes("bob@hamburger.edu").await.unwrap();
    let names: Vec<&str> = found.iter().map(|info| info.mailbox.name()).collect();
    assert_eq!(names, naive.mailboxes.keys().copied().collect::<Vec<_>>());
    for mailbox in found.iter().map(|info| &info.mailbox) {
        let now = see(store, mailbox).await;
        let expected = &naive.mailboxes[mailbox.name()];
        let flags_now: BTreeMap<u32, Flags> = now
            .messages
            .iter()
            .map(|(uid, (_, flags))| (uid.get(), flags.clone()))
            .collect();
        let naive_flags = expected.messages.iter().map(|(&uid, &marks)| (uid, flags(marks)));
        assert_eq!(flags_now, naive_flags.collect());
        assert_eq!(now.uid_next.get(), expected.last_uid + 1);
        let status = store.status(mailbox).await.unwrap();
        let count = |bit: u8, set: u8| expected.messages.values().filter(|&marks| marks & bit == set).count() as u32;
        assert_eq!((status.unseen, status.deleted), (count(1, 0), count(2, 2)));
        assert_eq!((status.messages, status.size), (count(0, 0), u64::from(count(0, 0))));
        assert_eq!(status.recent as usize, expected.recent.len());

        let seen = history.entry(mailbox.clone()).or_default();
        for before in seen.iter() {
            assert!(now.uid_validity >= before.uid_validity, "{mailbox:?}");
            if now.uid_validity == before.uid_validity {
                follows(store, mailbox, before, &now).await;
            }
        }
        if let Some(last) = seen.last() {
            assert!(now.mod_seq >= last.mod_seq, "{mailbox:?}");
        }
        seen.push(now);
    }
}

async fn see(store: &dyn Store, mailbox: &Mailbox) -> Seen {
    let roster = store.roster(mailbox).await.unwrap();
    assert_eq!(store.roster(mailbox).await.as_ref(), Ok(&roster), "now from memory");
    let messages = store.messages(mailbox, &Uids::between(uid(1), Uid::MAX)).await.unwrap();
    assert_eq!(
        messages.iter().map(|message| message.uid).collect::<Uids>(),
        roster.uids
    );
    let unseen = messages.iter().find(|message| !message.flags.has(Flag::Seen));
    assert_eq!(roster.first_unseen, unseen.map(|message| message.uid));
    let row = |message: mailhost::store::MessageInfo| (message.uid, (message.mod_seq, message.flags));
    Seen {
        uid_validity: roster.uid_validity,
        uid_next: roster.uid_next,
        mod_seq: roster.mod_seq,
        messages: messages.into_iter().map(row).collect(),
    }
}

/// From the one state to the other by what the store tells, and by that alone.
async fn follows(store: &dyn Store, mailbox: &Mailbox, before: &Seen, now: &Seen) {
    let delta = store.changes_since(mailbox, before.mod_seq).await.unwrap();
    assert_eq!(delta.memory, Memory::Complete);
    assert!(now.uid_next >= before.uid_next);
    assert!(
        now.messages
            .keys()
            .all(|uid| *uid < before.uid_next || !before.messages.contains_key(uid))
    );
    let mut client = before.clone();
    delta.expunged.iter().for_each(|uid| {
        client.messages.remove(&uid);
    });
    for changed in delta.messages {
        assert!(changed.mod_seq > before.mod_seq && changed.mod_seq <= delta.mod_seq);
        client.messages.insert(changed.uid, (changed.mod_seq, changed.flags));
    }
    client.mod_seq = delta.mod_seq;
    client.uid_next = delta.uid_next;
    assert_eq!(client, *now);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn stores_do_what_a_naive_account_says(acts in proptest::collection::vec(act(), 1..40)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let mut sqlite: Arc<dyn Store> = Arc::new(SqliteStore::open(dir.path()).await.unwrap());
            let mut naive = Naive::default();
            naive.mailboxes.insert("INBOX", NaiveMailbox::default());
            let mut histories = [History::new(), History::new()];
            for act in &acts {
                if matches!(act, Act::Restart) {
                    sqlite.close().await;
                    sqlite = Arc::new(SqliteStore::open(dir.path()).await.unwrap());
                }
                let expected = naive.perform(act);
                for (store, history) in [&memory, &sqlite].into_iter().zip(&mut histories) {
                    assert_eq!(perform(&**store, act).await, expected, "{act:?}");
                    look(&**store, &naive, history).await;
                }
            }
            sqlite.close().await;
        });
    }
}
