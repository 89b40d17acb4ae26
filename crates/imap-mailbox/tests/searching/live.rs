//! ADDTO and REMOVEFROM: a client that does what they say has the result.

use imap_mailbox::{Hit, LiveChange, LiveSearch, LiveSearches, SearchError, SortFacts, SortOrder};
use imap_proto::{CancelUpdate, Esearch, Numbering, OneOrMore, SearchItem, SortKey, Tag};
use proptest::prelude::*;

use super::{date, number};

fn hit(uid: u32) -> Hit {
    Hit {
        sequence: number(uid),
        uid: number(uid),
        mod_sequence: None,
    }
}

fn tag(text: &'static str) -> Tag<'static> {
    Tag::new(text).unwrap()
}

/// What a client does (RFC 5267 §4.3.3, §4.3.4).
fn apply(list: &mut Vec<u32>, news: &Esearch<'_>) {
    for item in &news.items {
        match item {
            SearchItem::AddTo(updates) => {
                for update in updates {
                    let added: Vec<u32> = update.messages.numbers().map(u32::from).collect();
                    if update.position == 0 {
                        list.extend(added);
                        list.sort_unstable();
                    } else {
                        let at = update.position as usize - 1;
                        list.splice(at..at, added);
                    }
                }
            }
            SearchItem::RemoveFrom(updates) => {
                for update in updates {
                    let gone: Vec<u32> = update.messages.numbers().map(u32::from).collect();
                    if update.position == 0 {
                        list.retain(|uid| !gone.contains(uid));
                    } else {
                        let at = update.position as usize - 1;
                        let removed: Vec<u32> = list.splice(at..at + gone.len(), []).collect();
                        assert_eq!(removed, gone);
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

fn sort_facts(size: u64) -> SortFacts {
    SortFacts::without_header(date(2003, 7, 1), size)
}

proptest! {
    #[test]
    fn a_client_has_the_result_of_a_search(
        start in prop::collection::btree_set(1u32..20, 0..8),
        batches in prop::collection::vec(prop::collection::vec((1u32..20, any::<bool>()), 1..6), 0..12),
    ) {
        let mut live = LiveSearch::of_search(tag("B01"), Numbering::Uid, start.iter().map(|&uid| hit(uid)));
        let (mut truth, mut client) = (start.clone(), start.into_iter().collect::<Vec<_>>());
        for batch in batches {
            let before = truth.clone();
            let changes = batch.into_iter().map(|(uid, is_match)| {
                if is_match { truth.insert(uid); } else { truth.remove(&uid); }
                if is_match { LiveChange::matches(hit(uid)) } else { LiveChange::differs(hit(uid)) }
            });
            let news = live.update(changes.collect::<Vec<_>>());
            prop_assert_eq!(news.is_some(), before != truth);
            if let Some(news) = news { apply(&mut client, &news); }
            prop_assert!(client.iter().copied().eq(truth.iter().copied()));
        }
    }

    #[test]
    fn a_client_has_the_result_of_a_sort(
        sizes in prop::collection::vec(0u64..5, 20),
        start in prop::collection::btree_set(1u32..20, 0..8),
        batches in prop::collection::vec(prop::collection::vec((1u32..20, any::<bool>()), 1..6), 0..12),
    ) {
        let order = SortOrder::new(&[SortKey::Size.reverse()]).unwrap();
        let facts = |uid: u32| sort_facts(sizes[uid as usize]);
        let found: Vec<_> = start.iter().map(|&uid| (hit(uid), facts(uid))).collect();
        let mut live = LiveSearch::of_sort(tag("B02"), Numbering::Uid, order, found);
        let mut truth = start;
        let sorted = |truth: &std::collections::BTreeSet<u32>| {
            let mut uids: Vec<u32> = truth.iter().copied().collect();
            uids.sort_by_key(|&uid| std::cmp::Reverse(sizes[uid as usize]));
            uids
        };
        let mut client = sorted(&truth);
        for batch in batches {
            let changes: Vec<_> = batch.into_iter().map(|(uid, is_match)| {
                if is_match { truth.insert(uid); } else { truth.remove(&uid); }
                if is_match { LiveChange::sorted_by(hit(uid), facts(uid)) } else { LiveChange::differs(hit(uid)) }
            }).collect();
            if let Some(news) = live.update(changes) { apply(&mut client, &news); }
            prop_assert_eq!(&client, &sorted(&truth));
            prop_assert_eq!(live.uids().into_iter().map(u32::from).collect::<Vec<_>>(), sorted(&truth));
        }
    }
}

#[test]
fn tags_are_used_once_and_cancelled() {
    let mut searches = LiveSearches::default();
    let live = |name| LiveSearch::of_search(tag(name), Numbering::Uid, []);
    searches.push(live("B01"), ()).unwrap();
    assert_eq!(searches.check(&tag("B01")), Err(SearchError::TagInUse));
    assert_eq!(searches.check(&tag("B02")), Ok(()));
    for _ in 1..LiveSearches::MAX {
        searches.push(live("B03"), ()).unwrap();
    }
    assert_eq!(*searches.push(live("B04"), ()).unwrap_err().tag(), tag("B04"));
    let cancel = CancelUpdate {
        searches: OneOrMore::try_from([tag("B03"), tag("never")]).unwrap(),
    };
    searches.cancel(&cancel);
    assert_eq!(searches.iter_mut().count(), 1);
}
