//! Searches that go on: UPDATE, ADDTO and REMOVEFROM (RFC 5267 §4.3).

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::Arc;

use imap_proto::{CancelUpdate, Correlator, Esearch, NumberSet, Numbering, OneOrMore, ResultUpdate, SearchItem, Tag};

use super::error::SearchError;
use super::facts::Hit;
use crate::{SortFacts, SortOrder};

/// The result of a SEARCH or SORT with UPDATE, as the client knows it.
///
/// Tell it of each message that arrives, changes or goes, and send what it returns: behind the EXISTS or FETCH of a message that arrived or
/// changed, in front of the EXPUNGE of one that goes, while the sequence numbers are valid.
///
/// ```
/// use imap_mailbox::{Hit, LiveChange, LiveSearch};
/// use imap_proto::{Numbering, Tag};
///
/// let hit = |number: u32| Hit { sequence: number.try_into().unwrap(), uid: number.try_into().unwrap(), mod_sequence: None };
/// let mut live = LiveSearch::of_search(Tag::new("B01")?, Numbering::Uid, [hit(3)]);
/// assert!(live.update([LiveChange::differs(hit(9))]).is_none());
///
/// let news = live.update([LiveChange::matches(hit(7)), LiveChange::matches(hit(8)), LiveChange::differs(hit(3))]).unwrap();
/// assert_eq!(news.items.len(), 2, "REMOVEFROM (0 3) ADDTO (0 7:8)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LiveSearch {
    tag: Tag<'static>,
    numbering: Numbering,
    members: Members,
}

#[derive(Debug, Clone)]
enum Members {
    /// In the order of the mailbox, which the client can keep by itself: positions are 0.
    Search(BTreeSet<NonZeroU32>),
    Sort(Sorted),
}

#[derive(Debug, Clone)]
struct Sorted {
    order: SortOrder,
    rows: Vec<(Arc<SortFacts>, NonZeroU32)>,
    facts: HashMap<NonZeroU32, Arc<SortFacts>>,
}

/// A message that may have come into a result, or left it.
#[derive(Debug, Clone)]
pub struct LiveChange {
    hit: Hit,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Differs,
    Matches(Option<Arc<SortFacts>>),
}

impl LiveChange {
    /// It matches now. Of a SORT, it is passed over without [`sorted_by`](Self::sorted_by).
    pub const fn matches(hit: Hit) -> Self {
        let state = State::Matches(None);
        Self { hit, state }
    }

    /// It does not match any more, or is expunged.
    pub const fn differs(hit: Hit) -> Self {
        let state = State::Differs;
        Self { hit, state }
    }

    /// It matches now, and this is what it is sorted by.
    pub fn sorted_by(hit: Hit, facts: SortFacts) -> Self {
        let state = State::Matches(Some(Arc::new(facts)));
        Self { hit, state }
    }
}

impl LiveSearch {
    /// The result of a SEARCH.
    pub fn of_search(tag: Tag<'static>, numbering: Numbering, found: impl IntoIterator<Item = Hit>) -> Self {
        let members = Members::Search(found.into_iter().map(|hit| hit.uid).collect());
        Self {
            tag,
            numbering,
            members,
        }
    }

    /// The result of a SORT.
    pub fn of_sort(
        tag: Tag<'static>,
        numbering: Numbering,
        order: SortOrder,
        found: impl IntoIterator<Item = (Hit, SortFacts)>,
    ) -> Self {
        let mut rows: Vec<_> = found
            .into_iter()
            .map(|(hit, facts)| (Arc::new(facts), hit.uid))
            .collect();
        rows.sort_by(|one, other| order.compare(&one.0, &other.0).then(one.1.cmp(&other.1)));
        let facts = rows.iter().map(|(facts, uid)| (*uid, facts.clone())).collect();
        let members = Members::Sort(Sorted { order, rows, facts });
        Self {
            tag,
            numbering,
            members,
        }
    }

    /// The tag of the command that asked for it.
    pub const fn tag(&self) -> &Tag<'static> {
        &self.tag
    }

    /// The unique identifiers of the result, in its order.
    pub fn uids(&self) -> Vec<NonZeroU32> {
        match &self.members {
            Members::Search(members) => members.iter().copied().collect(),
            Members::Sort(sorted) => sorted.rows.iter().map(|(_, uid)| *uid).collect(),
        }
    }

    /// What has changed in the result by these messages; `None` when nothing has. Messages that are in it and match, or are not and do not,
    /// make no news.
    pub fn update(&mut self, changes: impl IntoIterator<Item = LiveChange>) -> Option<Esearch<'static>> {
        let numbering = self.numbering;
        let items = match &mut self.members {
            Members::Search(members) => update_search(members, changes, numbering),
            Members::Sort(sorted) => sorted.update(changes, numbering),
        };
        (!items.is_empty()).then(|| Esearch {
            correlator: Correlator::from(self.tag.clone()),
            numbering,
            items,
        })
    }
}

/// REMOVEFROM and ADDTO with the position 0, each in the order of the mailbox.
fn update_search(
    members: &mut BTreeSet<NonZeroU32>,
    changes: impl IntoIterator<Item = LiveChange>,
    numbering: Numbering,
) -> Vec<SearchItem<'static>> {
    let (mut gone, mut come) = (BTreeSet::new(), BTreeSet::new());
    for LiveChange { hit, state } in changes {
        let number = hit.number(numbering);
        match state {
            State::Differs if members.remove(&hit.uid) && !come.remove(&number) => {
                gone.insert(number);
            }
            State::Matches(_) if members.insert(hit.uid) && !gone.remove(&number) => {
                come.insert(number);
            }
            _ => {}
        }
    }
    let update = |numbers: BTreeSet<NonZeroU32>| {
        let messages = NumberSet::from_numbers(numbers)?;
        Some(OneOrMore::from(ResultUpdate { position: 0, messages }))
    };
    let gone = update(gone).map(SearchItem::RemoveFrom);
    gone.into_iter().chain(update(come).map(SearchItem::AddTo)).collect()
}

impl Sorted {
    /// ADDTO and REMOVEFROM in the order in which the changes came, each at its position.
    fn update(
        &mut self,
        changes: impl IntoIterator<Item = LiveChange>,
        numbering: Numbering,
    ) -> Vec<SearchItem<'static>> {
        let mut steps = Vec::<Step>::new();
        for LiveChange { hit, state } in changes {
            let step = match state {
                State::Differs => self.remove(hit.uid).map(|at| (false, at)),
                State::Matches(Some(facts)) => self.insert(hit.uid, facts).map(|at| (true, at)),
                State::Matches(None) => None,
            };
            let Some((is_addition, at)) = step else { continue };
            let number = hit.number(numbering);
            let position = u32::try_from(at + 1).unwrap_or(u32::MAX);
            match steps.last_mut() {
                Some(last) if last.takes(is_addition, position) => last.numbers.push(number),
                _ => steps.push(Step {
                    is_addition,
                    position,
                    numbers: vec![number],
                }),
            }
        }
        Step::items(steps)
    }

    fn insert(&mut self, uid: NonZeroU32, facts: Arc<SortFacts>) -> Option<usize> {
        if self.facts.contains_key(&uid) {
            return None;
        }
        let at = self.place(&facts, uid).unwrap_or_else(|at| at);
        self.rows.insert(at, (facts.clone(), uid));
        self.facts.insert(uid, facts);
        Some(at)
    }

    fn remove(&mut self, uid: NonZeroU32) -> Option<usize> {
        let facts = self.facts.remove(&uid)?;
        let at = self.place(&facts, uid).ok()?;
        self.rows.remove(at);
        Some(at)
    }

    /// Equal messages are in the order of the mailbox, which is that of unique identifiers.
    fn place(&self, facts: &SortFacts, uid: NonZeroU32) -> Result<usize, usize> {
        let order = |row: &(Arc<SortFacts>, NonZeroU32)| self.order.compare(&row.0, facts).then(row.1.cmp(&uid));
        self.rows.binary_search_by(order)
    }
}

/// Messages that come in, or go, side by side.
struct Step {
    is_addition: bool,
    position: u32,
    numbers: Vec<NonZeroU32>,
}

impl Step {
    /// Whether one more stands right behind those that come in, or those that go.
    fn takes(&self, is_addition: bool, position: u32) -> bool {
        let added = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.is_addition == is_addition
            && match is_addition {
                true => position == self.position.saturating_add(added),
                false => position == self.position,
            }
    }

    fn items(steps: Vec<Self>) -> Vec<SearchItem<'static>> {
        let mut items = Vec::new();
        for steps in steps.chunk_by(|one, next| one.is_addition == next.is_addition) {
            let updates = steps.iter().filter_map(|step| {
                let messages = NumberSet::from_numbers(step.numbers.iter().copied())?;
                let position = step.position;
                Some(ResultUpdate { position, messages })
            });
            let Ok(updates) = OneOrMore::new(updates.collect()) else {
                continue;
            };
            items.push(match steps[0].is_addition {
                true => SearchItem::AddTo(updates),
                false => SearchItem::RemoveFrom(updates),
            });
        }
        items
    }
}

/// The searches of one session that go on, each with what the server needs to ask it again. They end when the mailbox is no longer selected.
#[derive(Debug, Clone)]
pub struct LiveSearches<T = ()>(Vec<(LiveSearch, T)>);

impl<T> Default for LiveSearches<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl LiveSearches {
    /// How many there may be: 16. One more is refused with NOUPDATE (RFC 5267 §4.3.1).
    pub const MAX: usize = 16;
}

impl<T> LiveSearches<T> {
    /// Whether a command with UPDATE may have this tag.
    ///
    /// # Errors
    ///
    /// [`SearchError::TagInUse`] when another search that goes on has it.
    pub fn check(&self, tag: &Tag<'_>) -> Result<(), SearchError> {
        match self.0.iter().any(|(live, _)| live.tag == *tag) {
            true => Err(SearchError::TagInUse),
            false => Ok(()),
        }
    }

    /// Adds a search.
    ///
    /// # Errors
    ///
    /// The search, when there are too many: `* NO [NOUPDATE "tag"]`, and the rest of the command is done.
    pub fn push(&mut self, live: LiveSearch, with: T) -> Result<(), Box<LiveSearch>> {
        if self.0.len() >= LiveSearches::MAX {
            return Err(Box::new(live));
        }
        self.0.push((live, with));
        Ok(())
    }

    /// CANCELUPDATE. Tags of none are passed over.
    pub fn cancel(&mut self, command: &CancelUpdate<'_>) {
        self.0.retain(|(live, _)| !command.searches.contains(&live.tag));
    }

    /// Each of them.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, (LiveSearch, T)> {
        self.0.iter_mut()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
