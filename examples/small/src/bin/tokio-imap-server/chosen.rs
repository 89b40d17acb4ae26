//! Which messages a command is about.

use std::num::NonZeroU32;

use imap_proto::{Flag, Numbering, SearchKey, SequenceSet};

use crate::mailbox::{Inbox, Message, View};

/// The messages of a set that are there, with their numbers.
pub(crate) fn chosen<'v>(
    view: &'v View,
    inbox: &Inbox,
    set: &'v SequenceSet,
    numbering: Numbering,
) -> impl Iterator<Item = (NonZeroU32, Message)> + use<'v> {
    let messages = inbox.messages().clone();
    let largest = match numbering {
        Numbering::Sequence => NonZeroU32::new(view.uids.len() as u32),
        Numbering::Uid => view.uids.last().copied(),
    };
    let largest = largest.unwrap_or(NonZeroU32::MIN);
    (1..).zip(&view.uids).filter_map(move |(number, uid)| {
        let number = NonZeroU32::new(number)?;
        let is_chosen = set.contains(if numbering == Numbering::Uid { *uid } else { number }, largest);
        let at = messages.binary_search_by_key(uid, |message| message.uid).ok()?;
        is_chosen.then(|| (number, messages[at].clone()))
    })
}

/// `None`: the key is not known here.
pub(crate) fn matches(key: &SearchKey<'_>, number: NonZeroU32, message: &Message, view: &View) -> Option<bool> {
    let has = |flag: &Flag<'_>| message.flags.contains(flag);
    let largest = NonZeroU32::new(view.uids.len() as u32).unwrap_or(NonZeroU32::MIN);
    let last = view.uids.last().copied().unwrap_or(NonZeroU32::MIN);
    let holds = |text: &[u8], wanted: &[u8]| {
        let (text, wanted) = (text.to_ascii_lowercase(), wanted.to_ascii_lowercase());
        String::from_utf8_lossy(&text).contains(&*String::from_utf8_lossy(&wanted))
    };
    Some(match key {
        SearchKey::All => true,
        SearchKey::Seen => has(&Flag::Seen),
        SearchKey::Unseen => !has(&Flag::Seen),
        SearchKey::Deleted => has(&Flag::Deleted),
        SearchKey::Undeleted => !has(&Flag::Deleted),
        SearchKey::Flagged => has(&Flag::Flagged),
        SearchKey::Unflagged => !has(&Flag::Flagged),
        SearchKey::Sequence(set) => set.contains(number, largest),
        SearchKey::Uid(set) => set.contains(message.uid, last),
        SearchKey::Subject(wanted) => field(message, "Subject").is_some_and(|text| holds(text, wanted.as_bytes())),
        SearchKey::From(wanted) => field(message, "From").is_some_and(|text| holds(text, wanted.as_bytes())),
        SearchKey::Text(wanted) => holds(&message.octets, wanted.as_bytes()),
        _ => return None,
    })
}

/// The first line of a header field.
pub(crate) fn field<'m>(message: &'m Message, name: &str) -> Option<&'m [u8]> {
    let header = message
        .octets
        .split(|octet| *octet == b'\n')
        .take_while(|line| !line.trim_ascii().is_empty());
    header.map(<[u8]>::trim_ascii).find_map(|line| {
        let (own, value) = line.split_at(line.iter().position(|octet| *octet == b':')?);
        own.eq_ignore_ascii_case(name.as_bytes())
            .then(|| value[1..].trim_ascii())
    })
}
