//! What a client that comes back is told: SELECT with QRESYNC, and FETCH with VANISHED (RFC 7162 §3.2).

use core::num::NonZeroU32;

use imap_proto::{Data, Enabled, QResync, SequenceMatch, Vanished, VanishedSince};

use super::{Change, Changes, View};
use crate::Uids;

/// How far back the store knows which messages went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// As far as the client asks: `Changes::expunged` holds all.
    Complete,
    /// Not as far: of `Changes::expunged` nothing is taken, and all that the client may know and is not there has gone.
    Forgotten,
}

/// What the store says of the time since a client was here last.
#[derive(Clone, Copy, Debug)]
pub struct Since<'a> {
    /// What changed since the modification sequence that the client names.
    pub changes: &'a Changes,
    /// Whether that tells all that went.
    pub memory: Memory,
    /// The highest unique identifier that the mailbox ever gave away: UIDNEXT less one. 0 where it has had no message.
    pub highest: u32,
}

impl View {
    /// What to tell a client that selects with QRESYNC and knows the right UIDVALIDITY, behind EXISTS and the rest:
    /// `VANISHED (EARLIER)`, then FETCH with UID, FLAGS and MODSEQ (RFC 7162 §3.2.5).
    ///
    /// The view is one that was opened just now; `since` is what changed since [`QResync::mod_sequence`].
    pub fn resynchronise(&self, client: &QResync, since: Since<'_>) -> Vec<Data<'static>> {
        let mut known = match &client.known_uids {
            Some(uids) => Uids::from(uids),
            None => all_up_to(since.highest),
        };
        let changed = self.changed_since(&known, since.changes);
        if let Some(in_step) = client.sequence_match.as_ref().and_then(|pairs| self.in_step(pairs)) {
            known = known.difference(&Uids::between(NonZeroU32::MIN, in_step));
        }
        let vanished = self.vanished_since(&known, since);
        vanished.into_iter().map(Data::Vanished).chain(changed).collect()
    }

    /// Of these unique identifiers, those whose messages went since: what UID FETCH with CHANGEDSINCE and VANISHED tells first
    /// (RFC 7162 §3.2.6). None is no response.
    pub fn vanished_since(&self, asked: &Uids, since: Since<'_>) -> Option<Vanished> {
        let gone = match since.memory {
            Memory::Complete => since.changes.expunged.intersection(asked),
            Memory::Forgotten => asked.intersection(&all_up_to(since.highest)),
        };
        // What the client counts it will be told of by EXPUNGE or VANISHED without EARLIER.
        let uids = gone.difference(&self.told).to_number_set()?;
        let since = VanishedSince::Earlier;
        Some(Vanished { since, uids })
    }

    fn changed_since(&self, known: &Uids, changes: &Changes) -> Vec<Data<'static>> {
        let mut enabled = Enabled::default();
        (enabled.condstore, enabled.qresync) = (true, true);
        let messages = changes.messages.iter().filter(|message| known.contains(message.uid));
        let fetch = |message: &super::MessageChange| {
            let change = Change {
                mod_sequence: message.mod_sequence,
                flags: message.flags.clone(),
            };
            self.flags(message.uid, change, &enabled)
        };
        messages.filter_map(fetch).collect()
    }

    /// The highest unique identifier up to which the client's numbers are ours: it knows what went there
    /// (RFC 7162 §3.2.5.2).
    fn in_step(&self, pairs: &SequenceMatch) -> Option<NonZeroU32> {
        let both = pairs.numbers.numbers().zip(pairs.uids.numbers());
        let equal = both.take_while(|&(number, uid)| self.told.at(number) == Some(uid));
        equal.last().map(|(_, uid)| uid)
    }
}

fn all_up_to(highest: u32) -> Uids {
    NonZeroU32::new(highest).map_or_else(Uids::new, |highest| Uids::between(NonZeroU32::MIN, highest))
}
