//! Searches that go on (RFC 5267 §4.3): the client is told when messages come into their results, or leave them.

use std::sync::Arc;

use imap_mailbox::{Hit, LiveChange, LiveSearches, SearchPlan, Uids};
use imap_proto::server::Completion;
use imap_proto::{CancelUpdate, Data, FetchAttribute, OneOrMore};
use std::collections::HashMap;

use super::scan::{Facts, Found, Scan, Wanted};
use crate::imap::ImapDialogue;
use crate::imap::execute::Outcome;
use crate::imap::failure::Failure;
use crate::store::Uid;

/// The searches of a mailbox that is selected.
pub(in crate::imap) type Contexts = LiveSearches<Kept>;

/// What it takes to ask a search again.
#[derive(Clone, Debug)]
pub(in crate::imap) struct Kept {
    pub(super) plan: Arc<SearchPlan>,
    pub(super) wanted: Arc<Wanted>,
    /// What is fetched of a new message that comes into the result (RFC 5465 §7).
    pub(super) attributes: Vec<FetchAttribute<'static>>,
}

/// What is new in the results, and what is to be fetched.
#[derive(Default)]
pub(in crate::imap) struct ContextNews {
    pub(in crate::imap) data: Vec<Data<'static>>,
    /// New messages that came into results, with what is asked of them.
    pub(in crate::imap) fetch: Vec<(Uids, OneOrMore<FetchAttribute<'static>>)>,
}

impl ImapDialogue {
    pub(in crate::imap) fn cancel_update(&mut self, command: &CancelUpdate<'_>) -> Outcome {
        self.selected()?.contexts.cancel(command);
        Ok(Completion::default())
    }

    /// REMOVEFROM of messages that are gone, while their numbers are valid.
    pub(in crate::imap) fn contexts_without(&mut self, gone: &Uids) -> Vec<Data<'static>> {
        let Some(selected) = &mut self.selected else {
            return Vec::new();
        };
        let (view, contexts) = (&selected.view, &mut selected.contexts);
        let changes: Vec<_> = gone
            .iter()
            .filter_map(|uid| hit(view, uid))
            .map(LiveChange::differs)
            .collect();
        let news = contexts.iter_mut().filter_map(|(live, _)| live.update(changes.clone()));
        news.map(Data::Esearch).collect()
    }

    /// ADDTO and REMOVEFROM by messages that came or were changed. `new` are those that came.
    pub(in crate::imap) async fn contexts_with(&mut self, touched: &Uids, new: &Uids) -> Result<ContextNews, Failure> {
        let mut news = ContextNews::default();
        let Some(mut contexts) = self
            .selected
            .as_mut()
            .map(|selected| std::mem::take(&mut selected.contexts))
        else {
            return Ok(news);
        };
        let mut outcome = Ok(());
        for (live, kept) in contexts.iter_mut() {
            let found = match self.ask_again(kept, touched).await {
                Ok(found) => found,
                Err(failure) => {
                    outcome = Err(failure);
                    break;
                }
            };
            let come: Uids = found.keys().filter(|uid| new.contains(**uid)).copied().collect();
            let Some(selected) = &self.selected else { break };
            let changes = changes(&selected.view, touched, found);
            news.data.extend(live.update(changes).map(Data::Esearch));
            if let (false, Ok(attributes)) = (come.is_empty(), OneOrMore::new(kept.attributes.clone())) {
                news.fetch.push((come, attributes));
            }
        }
        if let Some(selected) = &mut self.selected {
            selected.contexts = contexts;
        }
        outcome.map(|()| news)
    }

    /// Which of some messages match now.
    async fn ask_again(&mut self, kept: &Kept, touched: &Uids) -> Result<HashMap<Uid, Found>, Failure> {
        let mut plan = SearchPlan::clone(&kept.plan);
        plan.set_now(super::now());
        let scan = Scan {
            wanted: kept.wanted.clone(),
            ..self.scan_selected(Arc::new(plan), Wanted::Nothing)?
        };
        let found = scan.look(&touched.intersection(&scan.messages)).await?;
        Ok(found.into_iter().map(|found| (found.hit.uid, found)).collect())
    }
}

fn changes(view: &imap_mailbox::View, touched: &Uids, mut found: HashMap<Uid, Found>) -> Vec<LiveChange> {
    let change = |uid: Uid| match found.remove(&uid) {
        Some(Found {
            hit,
            facts: Facts::Sort(facts),
        }) => Some(LiveChange::sorted_by(hit, facts)),
        Some(found) => Some(LiveChange::matches(found.hit)),
        None => hit(view, uid).map(LiveChange::differs),
    };
    touched.iter().filter_map(change).collect()
}

fn hit(view: &imap_mailbox::View, uid: Uid) -> Option<Hit> {
    Some(Hit {
        sequence: view.sequence(uid)?,
        uid,
        mod_sequence: None,
    })
}
