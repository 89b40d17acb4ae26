//! What SEARCH, SORT and THREAD find, beside what a naive search finds.

use std::fmt;
use std::io;

use imap_proto::{Data, Esearch, Numbering, SearchItem};

use super::Model;
use super::context::Context;
use super::truth::{Message, Truth};
use super::view::{During, Kind};
use crate::wire::Outcome;

/// What is looked for: messages with a flag, or without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    flag: &'static str,
    name: &'static str,
    negated: bool,
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Mailbox,
    Subject,
    ReverseSubject,
}

impl Key {
    fn matches(&self, message: &Message) -> bool {
        message.flags.contains(self.flag) != self.negated
    }

    /// The UIDs of what is found, in order.
    pub(crate) fn find(&self, truth: &Truth, order: Order) -> Vec<u32> {
        let mut found: Vec<_> = truth
            .messages
            .iter()
            .filter(|(_, message)| self.matches(message))
            .collect();
        match order {
            Order::Mailbox => {}
            Order::Subject => found.sort_by(|(_, one), (_, other)| one.subject.cmp(&other.subject)),
            Order::ReverseSubject => found.sort_by(|(_, one), (_, other)| other.subject.cmp(&one.subject)),
        }
        found.into_iter().map(|(uid, _)| *uid).collect()
    }

    /// The UIDs of what is found: copies of one message together, the oldest message first.
    fn find_threads(&self, truth: &Truth) -> Vec<Vec<u32>> {
        let age = |uid: &u32| -> u32 {
            let number = truth.messages[uid].subject.rsplit(' ').next();
            number.and_then(|number| number.parse().ok()).expect("a number")
        };
        let mut found = self.find(truth, Order::Mailbox);
        found.sort_by_key(age);
        found
            .chunk_by(|one, other| age(one) == age(other))
            .map(<[u32]>::to_vec)
            .collect()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.negated { "NOT " } else { "" }, self.name)
    }
}

impl Order {
    /// The command, with what it is to return.
    pub(crate) fn command(self, options: &str, key: &Key) -> String {
        match self {
            Self::Mailbox => format!("UID SEARCH RETURN ({options}) {key}"),
            Self::Subject => format!("UID SORT RETURN ({options}) (SUBJECT) UTF-8 {key}"),
            Self::ReverseSubject => format!("UID SORT RETURN ({options}) (REVERSE SUBJECT) UTF-8 {key}"),
        }
    }
}

impl Model {
    pub(super) fn search(&mut self, who: usize) -> io::Result<()> {
        let kind = self.clients[who].view.kind;
        let by_uid = kind == Kind::UidOnly || self.random.below(2) == 0;
        let key = self.any_key();
        let asks = self.random.below(2) == 0;
        let command = format!(
            "{}SEARCH {}{key}",
            if by_uid { "UID " } else { "" },
            if asks { "RETURN (ALL) " } else { "" },
        );
        let during = if by_uid { During::Other } else { During::Numbers };
        let outcome = self.clients[who].command(command, during)?;
        assert!(outcome.is_ok());
        let found = found(&outcome, by_uid, asks || kind == Kind::Rev2);

        let messages = &self.truths[self.selected(who)].messages;
        let slots = &self.clients[who].view.slots;
        for (index, slot) in slots.iter().enumerate() {
            let Some(uid) = slot.uid else { continue };
            let Some(message) = messages.get(&uid) else { continue };
            let matches = key.matches(message);
            let number = if by_uid { uid } else { index as u32 + 1 };
            assert_eq!(found.contains(&number), matches, "{number} ({slot:?}) in {found:?}");
        }
        assert!(
            by_uid || found.iter().all(|number| *number as usize <= slots.len()),
            "{found:?}"
        );
        Ok(())
    }

    /// A search by somebody who knows all that there is, so that it is known what must be found.
    pub(super) fn search_exactly(&mut self, who: usize) -> io::Result<()> {
        self.settle_one(who)?;
        let key = self.any_key();
        let order = [Order::Mailbox, Order::Subject, Order::ReverseSubject][self.random.below(3)];
        match self.random.below(4) {
            0 => self.sort(who, key, order),
            1 => self.thread(who, key),
            2 => self.search_partly(who, key, order),
            _ => self.go_on(who, key, order),
        }
    }

    fn sort(&mut self, who: usize, key: Key, order: Order) -> io::Result<()> {
        let criteria = match order {
            Order::Mailbox => return self.search(who),
            Order::Subject => "SUBJECT",
            Order::ReverseSubject => "REVERSE SUBJECT",
        };
        let outcome = self.clients[who].command(format!("UID SORT ({criteria}) UTF-8 {key}"), During::Other)?;
        let found = outcome.data.iter().find_map(|data| match data {
            Data::Sort(found) => Some(found.numbers().iter().copied().map(u32::from).collect()),
            _ => None,
        });
        let expected = key.find(&self.truths[self.selected(who)], order);
        assert_eq!(found, Some(expected), "{criteria} of {key}");
        Ok(())
    }

    fn thread(&mut self, who: usize, key: Key) -> io::Result<()> {
        let algorithm = ["ORDEREDSUBJECT", "REFERENCES"][self.random.below(2)];
        let outcome = self.clients[who].command(format!("UID THREAD {algorithm} UTF-8 {key}"), During::Other)?;
        let found = outcome.data.iter().find_map(|data| match data {
            Data::Thread(threads) => Some(threads),
            _ => None,
        });
        let numbers = |thread: &[imap_proto::ThreadMessage]| -> Vec<u32> {
            thread
                .iter()
                .filter_map(|message| message.number)
                .map(u32::from)
                .collect()
        };
        let found: Vec<Vec<u32>> = found.expect("THREAD").iter().map(numbers).collect();
        let expected = key.find_threads(&self.truths[self.selected(who)]);
        assert_eq!(found, expected, "{algorithm} of {key}");
        Ok(())
    }

    /// A window on what is found, from either end (RFC 9394 §3.1).
    fn search_partly(&mut self, who: usize, key: Key, order: Order) -> io::Result<()> {
        let mut expected = key.find(&self.truths[self.selected(who)], order);
        let (first, last) = (1 + self.random.below(6), 1 + self.random.below(12));
        let (first, last) = (first.min(last), first.max(last));
        let from_end = self.random.below(2) == 0;
        let sign = if from_end { "-" } else { "" };
        let command = order.command(&format!("PARTIAL {sign}{first}:{sign}{last} COUNT"), &key);
        let outcome = self.clients[who].command(command, During::Other)?;
        let items = esearch(&outcome);
        assert!(items.contains(&SearchItem::Count(expected.len() as u32)), "{items:?}");
        let window = items.iter().find_map(|item| match item {
            SearchItem::Partial { results, .. } => Some(results.as_ref()),
            _ => None,
        });
        let window: Vec<u32> = match window.expect("PARTIAL") {
            Some(results) => results.numbers().map(u32::from).collect(),
            None => Vec::new(),
        };
        if from_end {
            expected.reverse();
        }
        let mut expected: Vec<u32> = expected.into_iter().skip(first - 1).take(last - first + 1).collect();
        if from_end {
            expected.reverse();
        }
        assert_eq!(
            window, expected,
            "{first}:{last} of {key}, {order:?}, from the end: {from_end}"
        );
        Ok(())
    }

    /// A search that goes on, in the place of another (RFC 5267 §4.3).
    fn go_on(&mut self, who: usize, key: Key, order: Order) -> io::Result<()> {
        let client = &mut self.clients[who];
        if let Some(context) = client.context.take() {
            let cancel = format!("CANCELUPDATE \"{}\"", context.tag());
            assert!(client.command(cancel, During::Other)?.is_ok());
        }
        let tag = client.send(order.command("UPDATE ALL", &key))?;
        client.context = Some(Context::new(&tag, key, order));
        assert!(client.result(&tag, During::Other)?.is_ok());
        self.settle_one(who)
    }

    fn any_key(&mut self) -> Key {
        let (flag, name) =
            [("\\seen", "SEEN"), ("\\deleted", "DELETED"), ("$work", "KEYWORD $work")][self.random.below(3)];
        Key {
            flag,
            name,
            negated: self.random.below(2) == 0,
        }
    }
}

/// What the one ESEARCH response tells that answers.
fn esearch(outcome: &Outcome) -> &[SearchItem<'static>] {
    let found = outcome.data.iter().find_map(|data| match data {
        Data::Esearch(esearch) if esearch.items.iter().any(|item| matches!(item, SearchItem::Count(_))) => {
            Some(&esearch.items)
        }
        _ => None,
    });
    found.expect("ESEARCH")
}

/// Whether it tells how the result of another search has changed.
fn is_update(esearch: &Esearch<'_>) -> bool {
    let mut items = esearch.items.iter();
    items.any(|item| matches!(item, SearchItem::AddTo(_) | SearchItem::RemoveFrom(_)))
}

/// The numbers that were found; told once, in the form that is asked for.
fn found(outcome: &Outcome, by_uid: bool, extended: bool) -> Vec<u32> {
    let mut results = outcome.data.iter().filter_map(|data| match data {
        Data::Search(found) => {
            assert!(!extended, "SEARCH where ESEARCH is due");
            Some(found.numbers().iter().copied().map(u32::from).collect())
        }
        Data::Esearch(esearch) if !is_update(esearch) => {
            assert!(extended, "ESEARCH where SEARCH is due");
            assert_eq!(esearch.numbering == Numbering::Uid, by_uid);
            let all = esearch.items.iter().find_map(|item| match item {
                SearchItem::All(all) => Some(all.numbers().map(u32::from).collect()),
                _ => None,
            });
            Some(all.unwrap_or_default())
        }
        _ => None,
    });
    let first: Vec<u32> = results.next().expect("a result, even if nothing was found");
    assert!(results.next().is_none(), "one result");
    first
}
