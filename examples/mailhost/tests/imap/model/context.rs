//! A search that goes on (RFC 5267 §4.3): what its result is, as far as its client was told.

use imap_proto::{Data, Numbering, ResultUpdate, SearchItem};

use super::searches::{Key, Order};
use super::truth::Truth;

pub(crate) struct Context {
    tag: String,
    key: Key,
    order: Order,
    found: Vec<u32>,
}

impl Context {
    pub(crate) fn new(tag: &str, key: Key, order: Order) -> Self {
        Self {
            tag: tag.to_owned(),
            key,
            order,
            found: Vec::new(),
        }
    }

    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    pub(crate) fn hear(&mut self, data: &Data<'_>) {
        let Data::Esearch(esearch) = data else { return };
        let tag = esearch.correlator.tag.as_ref();
        if tag.is_none_or(|tag| tag.as_str() != self.tag) {
            return;
        }
        assert_eq!(esearch.numbering, Numbering::Uid);
        for item in &esearch.items {
            match item {
                SearchItem::All(all) => self.found = all.numbers().map(u32::from).collect(),
                SearchItem::AddTo(updates) => updates.iter().for_each(|update| self.add(update)),
                SearchItem::RemoveFrom(updates) => updates.iter().for_each(|update| self.remove(update)),
                _ => {}
            }
        }
    }

    fn add(&mut self, update: &ResultUpdate) {
        for (behind, uid) in update.messages.numbers().map(u32::from).enumerate() {
            assert!(!self.found.contains(&uid), "{uid} is added again to {:?}", self.found);
            let at = match self.order {
                Order::Mailbox => self.found.partition_point(|other| *other < uid),
                _ => (update.position as usize).checked_sub(1).expect("a position") + behind,
            };
            assert!(at <= self.found.len(), "{uid} is added at {at} of {:?}", self.found);
            self.found.insert(at, uid);
        }
    }

    fn remove(&mut self, update: &ResultUpdate) {
        for uid in update.messages.numbers().map(u32::from) {
            let at = self.found.iter().position(|found| *found == uid);
            let at = at.unwrap_or_else(|| panic!("{uid} is removed from {:?}", self.found));
            if self.order != Order::Mailbox {
                assert_eq!(at + 1, update.position as usize, "where {uid} is in {:?}", self.found);
            }
            self.found.remove(at);
        }
    }

    /// Nothing that the client was told differs from what is the case.
    pub(crate) fn agrees(&self, truth: &Truth) {
        let expected = self.key.find(truth, self.order);
        assert_eq!(self.found, expected, "what {} finds, {:?}", self.key, self.order);
    }
}
