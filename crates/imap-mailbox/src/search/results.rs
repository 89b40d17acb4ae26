//! What was found, and what the client is told of it (RFC 3501 §7.2.5, RFC 4731, RFC 9394).

use std::num::NonZeroU64;

use imap_proto::{Correlator, Esearch, Found, NumberSet, Numbering, PartialRange, ReturnOption, Score, SearchItem};

use super::error::SearchError;
use super::facts::Hit;

/// The messages that a search found, in the order of the mailbox, or of the SORT.
///
/// ```
/// use imap_mailbox::{Hit, SearchResults};
/// use imap_proto::{Numbering, ReturnOption, Tag};
///
/// let hit = |sequence: u32, uid: u32| Some(Hit {
///     sequence: sequence.try_into().ok()?,
///     uid: uid.try_into().ok()?,
///     mod_sequence: None,
/// });
/// let mut results = SearchResults::new(Numbering::Uid);
/// results.extend([hit(2, 17), hit(3, 18), hit(9, 40)].into_iter().flatten());
///
/// let options = [ReturnOption::Max, ReturnOption::Count, ReturnOption::Save];
/// let esearch = results.esearch(Tag::new("A1")?, &options)?.expect("COUNT is told");
/// assert_eq!(esearch.items.len(), 2);
/// assert_eq!(results.saved(&options).unwrap().count(), 3, "COUNT saves all of them (RFC 5182 §2.4)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResults {
    numbering: Numbering,
    tells_mod_sequence: bool,
    hits: Vec<Hit>,
}

impl SearchResults {
    /// Nothing yet.
    pub const fn new(numbering: Numbering) -> Self {
        Self {
            numbering,
            tells_mod_sequence: false,
            hits: Vec::new(),
        }
    }

    /// With the highest modification sequence in the answer, as a search by MODSEQ asks for
    /// ([`SearchPlan::asks_mod_sequence`](crate::SearchPlan::asks_mod_sequence)).
    #[must_use]
    pub const fn telling_mod_sequence(mut self, tells: bool) -> Self {
        self.tells_mod_sequence = tells;
        self
    }

    /// Adds a message.
    pub fn push(&mut self, hit: Hit) {
        self.hits.push(hit);
    }

    /// The messages.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// The answer without return options: the SEARCH response of IMAP4rev1, and the SORT response.
    pub fn found(&self) -> Found {
        let found = Found::new(self.hits.iter().map(|hit| hit.number(self.numbering)).collect());
        match self.highest(&self.hits) {
            Some(highest) => found.with_highest_mod_sequence(highest),
            None => found,
        }
    }

    /// The answer to return options; an empty list asks for ALL, as IMAP4rev2 does without a list (RFC 9051 §6.4.4). `None` where they ask
    /// for nothing but to be saved (RFC 5182 §2.1). CONTEXT is a hint, and UPDATE adds nothing to the answer (RFC 5267 §4.3).
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn esearch<'a>(
        &self,
        correlator: impl Into<Correlator<'a>>,
        options: &[ReturnOption<'_>],
    ) -> Result<Option<Esearch<'a>>, SearchError> {
        Self::check(options)?;
        let asked = Asked::of(options);
        if asked.is_only_save {
            return Ok(None);
        }
        let set = |hits: &[Hit]| NumberSet::from_numbers(hits.iter().map(|hit| hit.number(self.numbering)));
        let mut items = Vec::new();
        if let Some(first) = self.hits.first().filter(|_| asked.min) {
            items.push(SearchItem::Min(first.number(self.numbering)));
        }
        if let Some(last) = self.hits.last().filter(|_| asked.max) {
            items.push(SearchItem::Max(last.number(self.numbering)));
        }
        if asked.all {
            items.extend(set(&self.hits).map(SearchItem::All));
        }
        if asked.count {
            items.push(SearchItem::Count(u32::try_from(self.hits.len()).unwrap_or(u32::MAX)));
        }
        if let Some(range) = asked.partial {
            let results = set(&self.hits[range.indexes(self.hits.len())]);
            let range = range.ascending();
            items.push(SearchItem::Partial { range, results });
        }
        if asked.relevancy && !self.hits.is_empty() {
            items.push(SearchItem::Relevancy(vec![EXACT; self.hits.len()]));
        }
        items.extend(self.highest(&self.returned(&asked)).map(SearchItem::ModSequence));
        Ok(Some(Esearch {
            correlator: correlator.into(),
            numbering: self.numbering,
            items,
        }))
    }

    /// What `$` stands for after a search with SAVE, in unique identifiers; `None` is the empty set (RFC 5182 §2.4, RFC 9394 §3.2). Without
    /// SAVE it stays what it was.
    pub fn saved(&self, options: &[ReturnOption<'_>]) -> Option<NumberSet> {
        let mut uids: Vec<_> = self.returned(&Asked::of(options)).iter().map(|hit| hit.uid).collect();
        uids.sort_unstable();
        uids.dedup();
        NumberSet::from_numbers(uids)
    }

    /// Whether return options can be answered.
    ///
    /// # Errors
    ///
    /// [`SearchError`] for an option that is not known, and for PARTIAL beside ALL or another PARTIAL.
    pub fn check(options: &[ReturnOption<'_>]) -> Result<(), SearchError> {
        let is_window = |option: &&ReturnOption<'_>| matches!(option, ReturnOption::Partial(_) | ReturnOption::All);
        let windows = options.iter().filter(is_window).count();
        if windows > 1 && options.iter().any(|option| matches!(option, ReturnOption::Partial(_))) {
            return Err(SearchError::TwoWindows);
        }
        match options.iter().all(is_known) {
            true => Ok(()),
            false => Err(SearchError::UnsupportedReturn),
        }
    }

    /// The messages that are told, by which MODSEQ and `$` go.
    fn returned(&self, asked: &Asked) -> Vec<Hit> {
        let tells_some = asked.min || asked.max || asked.partial.is_some();
        if asked.all || asked.count || !tells_some {
            return self.hits.clone();
        }
        let mut returned = Vec::new();
        returned.extend(self.hits.first().filter(|_| asked.min));
        returned.extend(self.hits.last().filter(|_| asked.max));
        if let Some(range) = asked.partial {
            returned.extend_from_slice(&self.hits[range.indexes(self.hits.len())]);
        }
        returned
    }

    fn highest(&self, hits: &[Hit]) -> Option<NonZeroU64> {
        let highest = hits.iter().filter_map(|hit| hit.mod_sequence).max();
        highest.filter(|_| self.tells_mod_sequence)
    }
}

impl Extend<Hit> for SearchResults {
    fn extend<I: IntoIterator<Item = Hit>>(&mut self, hits: I) {
        self.hits.extend(hits);
    }
}

/// What return options ask for.
#[derive(Default)]
struct Asked {
    min: bool,
    max: bool,
    all: bool,
    count: bool,
    relevancy: bool,
    partial: Option<PartialRange>,
    is_only_save: bool,
}

impl Asked {
    fn of(options: &[ReturnOption<'_>]) -> Self {
        let mut asked = Self::default();
        let mut others = options
            .iter()
            .filter(|option| **option != ReturnOption::Context)
            .peekable();
        asked.all = others.peek().is_none();
        asked.is_only_save = !asked.all;
        for option in others {
            asked.is_only_save &= *option == ReturnOption::Save;
            match option {
                ReturnOption::Min => asked.min = true,
                ReturnOption::Max => asked.max = true,
                ReturnOption::All => asked.all = true,
                ReturnOption::Count => asked.count = true,
                ReturnOption::Relevancy => asked.relevancy = true,
                ReturnOption::Partial(range) => asked.partial = Some(*range),
                _ => {}
            }
        }
        asked
    }
}

fn is_known(option: &ReturnOption<'_>) -> bool {
    matches!(
        option,
        ReturnOption::Min
            | ReturnOption::Max
            | ReturnOption::All
            | ReturnOption::Count
            | ReturnOption::Save
            | ReturnOption::Relevancy
            | ReturnOption::Partial(_)
            | ReturnOption::Context
            | ReturnOption::Update(_)
    )
}

/// The score of a message that matches as the search says, which each does (RFC 6203 §4).
const EXACT: Score = match Score::new(100) {
    Ok(score) => score,
    Err(_) => panic!("a score of 100 is one"),
};
