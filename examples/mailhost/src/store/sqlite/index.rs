//! What is known of a mailbox's messages, in memory: rows in blocks, which one state of a mailbox shares with the next.

use std::sync::Arc;

use imap_mailbox::Uids;

use super::rows::Rows;
use crate::store::flags::Keywords;
use crate::store::millis::from_millis;
use crate::store::{Changed, Flags, MessageInfo, ModSeq, ObjectId, Uid};

/// One message, in 64 octets; messages with the same keywords share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) uid: Uid,
    pub(super) bits: u8,
    pub(super) zone: i16,
    pub(super) keywords: Keywords,
    pub(super) mod_seq: i64,
    pub(super) size: i64,
    pub(super) internal_date: i64,
    pub(super) save_date: i64,
    pub(super) email_id: i64,
    pub(super) thread_id: i64,
}

impl Message {
    pub(super) fn flags(&self) -> Flags {
        Flags::from_parts(self.bits, self.keywords.clone())
    }

    pub(super) fn changed(&self) -> Changed {
        Changed {
            uid: self.uid,
            mod_seq: ModSeq(self.mod_seq as u64),
            flags: self.flags(),
        }
    }

    pub(super) fn info(&self) -> MessageInfo {
        MessageInfo {
            uid: self.uid,
            mod_seq: ModSeq(self.mod_seq as u64),
            flags: self.flags(),
            size: self.size as u64,
            internal_date: from_millis(self.internal_date),
            zone: self.zone,
            save_date: from_millis(self.save_date),
            email_id: ObjectId(self.email_id as u64),
            thread_id: ObjectId(self.thread_id as u64),
        }
    }
}

/// All messages of a mailbox in one state. Cheap to clone; the next state costs what changed, and a pointer for each block.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Ascending by their numbers, none empty.
    blocks: Arc<Vec<Arc<Block>>>,
    len: usize,
    /// Octets that keywords take beside the messages, at most: those that are gone count, too.
    beside: usize,
}

/// The messages whose uids have this number when divided by [`SPAN`].
#[derive(Debug)]
struct Block {
    number: u32,
    /// The last change of any of them.
    newest: i64,
    /// Ascending.
    messages: Vec<Message>,
}

const SPAN: u32 = 1024;

const fn number(uid: Uid) -> u32 {
    uid.get() / SPAN
}

impl Index {
    pub(super) fn new(rows: &Rows) -> Self {
        Self::default().after(&Uids::new(), rows)
    }

    /// Octets that it takes, about.
    pub(super) const fn cost(&self) -> usize {
        self.len * size_of::<Message>() + self.beside
    }

    pub(super) fn uids(&self) -> Uids {
        let messages = self.blocks.iter().flat_map(|block| &block.messages);
        messages.map(|message| message.uid).collect()
    }

    /// Those that are there, ascending.
    pub(super) fn among<'a>(&'a self, uids: &'a Uids) -> impl Iterator<Item = &'a Message> {
        uids.ranges().flat_map(|(first, last)| self.between(first, last))
    }

    fn between(&self, first: Uid, last: Uid) -> impl Iterator<Item = &Message> {
        let begin = self.blocks.partition_point(|block| block.number < number(first));
        let blocks = self.blocks[begin..].iter();
        let blocks = blocks.take_while(move |block| block.number <= number(last));
        blocks.flat_map(move |block| {
            let from = block.messages.partition_point(|message| message.uid < first);
            let to = block.messages.partition_point(|message| message.uid <= last);
            &block.messages[from..to]
        })
    }

    /// Those that came or changed after a state, ascending.
    pub(super) fn since(&self, mod_seq: i64) -> impl Iterator<Item = &Message> {
        let blocks = self.blocks.iter().filter(move |block| block.newest > mod_seq);
        let messages = blocks.flat_map(|block| &block.messages);
        messages.filter(move |message| message.mod_seq > mod_seq)
    }

    /// The next state: without those that went, and with those that came or changed (ascending).
    pub(super) fn after(&self, went: &Uids, rows: &Rows) -> Self {
        let mut came = &rows.messages[..];
        let mut blocks = Vec::with_capacity(self.blocks.len() + 1);
        let mut gone = went.ranges().peekable();
        for block in self.blocks.iter() {
            let new = came.partition_point(|message| number(message.uid) < block.number);
            Block::cut(&came[..new], &mut blocks);
            came = &came[new..];
            let here = came.partition_point(|message| number(message.uid) == block.number);
            while gone.next_if(|(_, last)| number(*last) < block.number).is_some() {}
            let loses = gone.peek().is_some_and(|(first, _)| number(*first) <= block.number);
            match here > 0 || loses {
                true => Block::cut(&block.merged(went, &came[..here]), &mut blocks),
                false => blocks.push(Arc::clone(block)),
            }
            came = &came[here..];
        }
        Block::cut(came, &mut blocks);
        let len = blocks.iter().map(|block| block.messages.len()).sum();
        Self {
            blocks: Arc::new(blocks),
            len,
            beside: self.beside + rows.beside,
        }
    }
}

impl Block {
    /// Makes blocks of messages (ascending), behind those that are there.
    fn cut(messages: &[Message], blocks: &mut Vec<Arc<Self>>) {
        for messages in messages.chunk_by(|one, next| number(one.uid) == number(next.uid)) {
            blocks.push(Arc::new(Self {
                number: number(messages[0].uid),
                newest: messages.iter().map(|message| message.mod_seq).max().unwrap_or(0),
                messages: messages.to_vec(),
            }));
        }
    }

    /// What is left of it, with what came; of what stands in both the new one counts.
    fn merged(&self, went: &Uids, came: &[Message]) -> Vec<Message> {
        let mut merged = Vec::with_capacity(self.messages.len() + came.len());
        let mut came = came.iter().peekable();
        for old in &self.messages {
            while let Some(new) = came.next_if(|new| new.uid < old.uid) {
                merged.push(new.clone());
            }
            match came.next_if(|new| new.uid == old.uid) {
                Some(new) => merged.push(new.clone()),
                None if went.contains(old.uid) => {}
                None => merged.push(old.clone()),
            }
        }
        merged.extend(came.cloned());
        merged
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::store::mailbox::uid;

    fn message(number: u32, mod_seq: i64) -> Message {
        Message {
            uid: uid(number),
            bits: 0,
            zone: 0,
            keywords: None,
            mod_seq,
            size: 1,
            internal_date: 0,
            save_date: 0,
            email_id: i64::from(number),
            thread_id: 1,
        }
    }

    #[test]
    fn a_row_is_small() {
        assert_eq!(size_of::<Message>(), 64);
    }

    /// Numbers around the ends of blocks, and of the world.
    fn numbers() -> impl Strategy<Value = Vec<u32>> {
        let ends = prop_oneof![
            1..8u32,
            1020..1030u32,
            2040..2060u32,
            9000..9003u32,
            u32::MAX - 3..u32::MAX
        ];
        proptest::collection::vec(ends, 0..12)
    }

    proptest! {
        #[test]
        fn states_follow_each_other_as_in_a_sorted_map(steps in proptest::collection::vec((numbers(), numbers()), 1..8), asked in numbers()) {
            let mut index = Index::default();
            let mut naive = BTreeMap::new();
            for ((went, came), mod_seq) in steps.into_iter().zip(1..) {
                let came: BTreeMap<u32, Message> = came.into_iter().map(|number| (number, message(number, mod_seq))).collect();
                // What came is there.
                let went = went.into_iter().filter(|number| !came.contains_key(number));
                let went: Uids = went.map(uid).collect();
                naive.retain(|number, _| !went.contains(uid(*number)));
                naive.extend(came.clone());
                index = index.after(&went, &Rows { messages: came.into_values().collect(), beside: 1 });

                prop_assert_eq!(index.cost(), naive.len() * 64 + mod_seq as usize);
                prop_assert_eq!(index.uids(), naive.keys().copied().map(uid).collect());
                let all = Uids::between(Uid::MIN, Uid::MAX);
                prop_assert!(index.among(&all).eq(naive.values()));
                let asked: Uids = asked.iter().copied().map(uid).collect();
                prop_assert!(index.among(&asked).eq(naive.values().filter(|message| asked.contains(message.uid))));
                for since in 0..=mod_seq {
                    prop_assert!(index.since(since).eq(naive.values().filter(|message| message.mod_seq > since)));
                }
                prop_assert!(index.blocks.iter().all(|block| !block.messages.is_empty()));
            }
        }
    }
}
