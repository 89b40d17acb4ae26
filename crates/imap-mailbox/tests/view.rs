//! Sessions on one mailbox under random commands, against a naive oracle of what each client knows: it has numbers and flags
//! as a client would that believes each line it is told.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use imap_mailbox::{Changes, Memory, MessageChange, Release, Since, Uids, View};
use imap_proto::{
    Data, Enabled, FetchItem, Flag, NumberSet, Numbering, QResync, SequenceMatch, SequenceSet, VanishedSince,
};
use proptest::prelude::*;

/// A mailbox, and what happened to each of its messages last.
#[derive(Default)]
struct Store {
    messages: BTreeMap<u32, (u64, bool)>,
    expunged: Vec<(u32, u64)>,
    uid_next: u32,
    mod_sequence: u64,
}

impl Store {
    fn step(&mut self) -> u64 {
        self.mod_sequence += 1;
        self.mod_sequence
    }

    fn append(&mut self) {
        self.uid_next += 1;
        let step = self.step();
        self.messages.insert(self.uid_next, (step, false));
    }

    fn expunge(&mut self, uid: u32) {
        if self.messages.remove(&uid).is_some() {
            let step = self.step();
            self.expunged.push((uid, step));
        }
    }

    fn flip(&mut self, uid: u32) -> Option<u64> {
        let step = self.mod_sequence + 1;
        let (mod_sequence, flagged) = self.messages.get_mut(&uid)?;
        (*mod_sequence, *flagged) = (step, !*flagged);
        self.mod_sequence = step;
        Some(step)
    }

    fn uids(&self) -> Uids {
        self.messages.keys().map(|&number| uid(number)).collect()
    }

    fn since(&self, mod_sequence: u64) -> Changes {
        let messages = self.messages.iter().filter(|(_, (changed, _))| *changed > mod_sequence);
        let message = |(&number, &(mod_sequence, flagged)): (&u32, &(u64, bool))| MessageChange {
            uid: uid(number),
            mod_sequence,
            flags: flags(flagged),
            recent: number % 2 == 0,
        };
        let expunged = self.expunged.iter().filter(|(_, when)| *when > mod_sequence);
        Changes {
            mod_sequence: self.mod_sequence,
            messages: messages.map(message).collect(),
            expunged: expunged.map(|&(number, _)| uid(number)).collect(),
        }
    }
}

/// What a client believes: its messages in their order, each with the flags it was told of last.
struct Client {
    view: View,
    enabled: Enabled,
    believes: Vec<(u32, Option<bool>)>,
    recent: u32,
}

impl Client {
    fn select(store: &Store, enabled: Enabled) -> Self {
        let flagged = |(&number, &(_, flagged)): (&u32, &(u64, bool))| (number, Some(flagged));
        Self {
            view: View::open(store.uids(), store.mod_sequence),
            enabled,
            believes: store.messages.iter().map(flagged).collect(),
            recent: 0,
        }
    }

    fn fold(&mut self, store: &Store) {
        self.view.fold(store.since(self.view.mod_sequence()));
    }

    /// Hears what it may hear; arrivals are looked up by UID afterwards, as clients do.
    fn hear(&mut self, release: Release, store: &Store) {
        for data in self.view.release(release, &self.enabled) {
            self.believe(data, release);
        }
        for (at, belief) in self.believes.iter_mut().enumerate() {
            if belief.0 == 0 {
                let number = uid(at as u32 + 1);
                belief.0 = self.view.messages().at(number).expect("it was told of").get();
                belief.1 = store.messages.get(&belief.0).map(|&(_, flagged)| flagged);
            }
        }
    }

    fn believe(&mut self, data: Data<'_>, release: Release) {
        match data {
            Data::Expunge(number) => {
                assert_eq!(release, Release::All, "numbers stand");
                self.believes.remove(number.get() as usize - 1);
            }
            Data::Vanished(vanished) => {
                assert_eq!(release, Release::All, "numbers stand");
                for number in vanished.uids.numbers() {
                    let at = self.believes.iter().position(|(known, _)| *known == number.get());
                    self.believes.remove(at.expect("only what the client knows vanishes"));
                }
            }
            Data::Exists(count) => {
                assert!(count as usize > self.believes.len(), "EXISTS never takes messages away");
                self.believes.resize(count as usize, (0, None));
            }
            Data::Recent(count) => self.recent = count,
            Data::Fetch(fetch) => {
                let at = match fetch.numbering {
                    Numbering::Sequence => fetch.number.get() as usize - 1,
                    Numbering::Uid => self.position(fetch.number.get()),
                };
                let belief = &mut self.believes[at];
                for item in fetch.into_items() {
                    match item {
                        FetchItem::Flags(flags) => belief.1 = Some(flags.contains(&Flag::Flagged)),
                        FetchItem::Uid(uid) => assert_eq!(uid.get(), belief.0),
                        FetchItem::ModSeq(_) => assert!(self.enabled.condstore),
                        other => panic!("{other:?}"),
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn position(&self, number: u32) -> usize {
        let found = self.believes.iter().position(|(known, _)| *known == number);
        found.expect("a message of the client's")
    }

    /// The client's `STORE n`, by the number that it has for a message.
    fn flip(&mut self, index: usize, store: &mut Store) {
        let Some((number, belief)) = self.believes.get_mut(index) else {
            return;
        };
        let number = *number;
        let set = SequenceSet::from_numbers([uid(index as u32 + 1)]).expect("a number");
        let resolved = self.view.resolve(Numbering::Sequence, &set).expect("it counts so many");
        assert_eq!(
            resolved.iter().collect::<Vec<_>>(),
            [uid(number)],
            "numbers mean the same to both"
        );
        match store.flip(number) {
            Some(mod_sequence) => {
                *belief = Some(store.messages[&number].1);
                self.view.knows(uid(number), mod_sequence);
            }
            None => assert!(self.view.gone().contains(uid(number)) || self.view.mod_sequence() < store.mod_sequence),
        }
    }

    /// Behind NOOP nothing differs.
    fn noop(&mut self, store: &Store) {
        self.fold(store);
        self.hear(Release::All, store);
        let is: Vec<_> = store
            .messages
            .iter()
            .map(|(&number, &(_, flagged))| (number, Some(flagged)))
            .collect();
        assert_eq!(self.believes, is);
        assert_eq!(*self.view.messages(), store.uids());
        assert_eq!(self.recent, self.view.recent().len());
        assert!(
            self.view.release(Release::All, &self.enabled).is_empty(),
            "nothing is said twice"
        );
    }
}

fn uid(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not 0")
}

fn flags(flagged: bool) -> Vec<Flag<'static>> {
    if flagged { vec![Flag::Flagged] } else { Vec::new() }
}

fn dialects() -> [Enabled; 4] {
    let mut all = [Enabled::default(); 4];
    all[1].condstore = true;
    (all[2].condstore, all[2].qresync) = (true, true);
    all[3].uid_only = true;
    all
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Append,
    Expunge(u8),
    Store(u8, u8),
    Fold(u8),
    Hear(u8, bool),
    Noop(u8),
    Reselect(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => Just(Move::Append),
        3 => any::<u8>().prop_map(Move::Expunge),
        3 => any::<(u8, u8)>().prop_map(|(who, what)| Move::Store(who, what)),
        4 => any::<u8>().prop_map(Move::Fold),
        4 => any::<(u8, bool)>().prop_map(|(who, all)| Move::Hear(who, all)),
        2 => any::<u8>().prop_map(Move::Noop),
        1 => any::<u8>().prop_map(Move::Reselect),
    ];
    prop::collection::vec(one, 0..80)
}

proptest! {
    /// After its next NOOP, no client's view differs from the store, and no line in between was a lie.
    #[test]
    fn clients_know_what_there_is(moves in moves()) {
        let mut store = Store::default();
        (0..3).for_each(|_| store.append());
        let mut clients = dialects().map(|enabled| Client::select(&store, enabled));
        for step in moves {
            let who = |who: u8| usize::from(who) % 4;
            match step {
                Move::Append => store.append(),
                Move::Expunge(which) => {
                    let number = store.messages.keys().nth(usize::from(which) % store.messages.len().max(1)).copied();
                    number.into_iter().for_each(|number| store.expunge(number));
                }
                Move::Store(client, which) => {
                    let client = &mut clients[who(client)];
                    let index = usize::from(which) % client.believes.len().max(1);
                    client.flip(index, &mut store);
                }
                Move::Fold(client) => clients[who(client)].fold(&store),
                Move::Hear(client, all) => {
                    let release = if all { Release::All } else { Release::NumbersStand };
                    clients[who(client)].hear(release, &store);
                }
                Move::Noop(client) => clients[who(client)].noop(&store),
                Move::Reselect(client) => {
                    let enabled = clients[who(client)].enabled;
                    clients[who(client)] = Client::select(&store, enabled);
                }
            }
        }
        clients.iter_mut().for_each(|client| client.noop(&store));
    }
}

/// How much a client that comes back tells of what it knows.
#[derive(Clone, Copy, Debug)]
struct Telling {
    known_uids: bool,
    sequence_match: bool,
    memory: Memory,
}

fn telling() -> impl Strategy<Value = Telling> {
    any::<(bool, bool, bool)>().prop_map(|(known_uids, sequence_match, complete)| Telling {
        known_uids,
        sequence_match,
        memory: if complete { Memory::Complete } else { Memory::Forgotten },
    })
}

/// What the client asks when it comes back; every third of its messages is a sample.
fn returning(client: &Client, mod_sequence: u64, telling: Telling) -> QResync {
    let uids = || client.believes.iter().map(|&(number, _)| uid(number));
    let sample = || client.believes.iter().enumerate().step_by(3);
    let numbers = NumberSet::from_numbers(sample().map(|(at, _)| uid(at as u32 + 1)));
    let sampled = NumberSet::from_numbers(sample().map(|(_, &(number, _))| uid(number)));
    let pairs = numbers
        .zip(sampled)
        .map(|(numbers, uids)| SequenceMatch { numbers, uids });
    QResync {
        uid_validity: uid(7),
        mod_sequence: mod_sequence.try_into().expect("something has happened"),
        known_uids: telling.known_uids.then(|| NumberSet::from_numbers(uids())).flatten(),
        sequence_match: pairs.filter(|_| telling.sequence_match),
    }
}

proptest! {
    /// A client that was away knows what there is by SELECT with QRESYNC, and then asks for what came.
    #[test]
    fn clients_come_back(away in prop::collection::vec(any::<(u8, u8)>(), 0..40), telling in telling()) {
        let mut store = Store::default();
        (0..9).for_each(|_| store.append());
        let [_, _, enabled, _] = dialects();
        let mut client = Client::select(&store, enabled);
        let (left, knew) = (store.mod_sequence, store.uid_next);
        for (what, which) in away {
            let number = store.messages.keys().nth(usize::from(which) % store.messages.len().max(1)).copied();
            match (what % 3, number) {
                (0, _) => store.append(),
                (1, Some(number)) => store.expunge(number),
                (_, Some(number)) => drop(store.flip(number)),
                _ => {}
            }
        }
        let request = returning(&client, left, telling);
        client.view = View::open(store.uids(), store.mod_sequence);
        let changes = store.since(left);
        let since = Since { changes: &changes, memory: telling.memory, highest: store.uid_next };
        for data in client.view.resynchronise(&request, since) {
            match data {
                Data::Vanished(vanished) => {
                    prop_assert_eq!(vanished.since, VanishedSince::Earlier);
                    let gone = Uids::from(&vanished.uids);
                    prop_assert!(gone.intersection(&store.uids()).is_empty());
                    client.believes.retain(|(number, _)| !gone.contains(uid(*number)));
                }
                Data::Fetch(fetch) => {
                    let number = fetch.uid().expect("RFC 7162 §3.2.5: it has its UID");
                    prop_assert_eq!(store.uids().at(fetch.number), Some(number));
                    let flagged = fetch.items().contains(&FetchItem::Flags(flags(true)));
                    if let Some(belief) = client.believes.iter_mut().find(|(known, _)| *known == number.get()) {
                        belief.1 = Some(flagged);
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        let came = store.messages.iter().filter(|(number, _)| **number > knew);
        client.believes.extend(came.map(|(&number, &(_, flagged))| (number, Some(flagged))));
        client.noop(&store);
    }
}
