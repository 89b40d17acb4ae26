//! ESEARCH: one search in many mailboxes (RFC 7377).

use std::sync::Arc;

use imap_mailbox::{LiveSearch, SearchContext, SearchPlan, SearchResults, Uids};
use imap_proto::server::Completion;
use imap_proto::{Correlator, Data, MultiSearch, Numbering, ReturnOption, SearchSource};

use super::now;
use super::scan::{Scan, Wanted};
use crate::imap::ImapDialogue;
use crate::imap::execute::Outcome;
use crate::imap::failure::Failure;
use crate::imap::scope::Scope;
use crate::imap::values::validity;
use crate::store::{Mailbox, StoreError, UidValidity};

/// Where a search looks.
enum Place {
    Selected,
    Other(Mailbox),
}

impl ImapDialogue {
    pub(in crate::imap) async fn esearch(&mut self, command: &MultiSearch<'_>) -> Outcome {
        let options = command.returning.as_deref().unwrap_or_default();
        SearchResults::check(options)?;
        let places = self.places(command).await?;
        let is_of_selected = matches!(places[..], [Place::Selected]);
        let is_update = |option: &ReturnOption<'_>| matches!(option, ReturnOption::Update(_));
        // RFC 7377 §2.2
        if options.contains(&ReturnOption::Save) && !is_of_selected {
            return Err(Failure::bad("only a search of the selected mailbox is saved"));
        }
        if options.iter().any(is_update) && self.selected.is_none() {
            return Err(Failure::bad("only a search of the selected mailbox goes on"));
        }
        let update = self.asked_update(options)?;
        let mut progress = self.progress();
        for place in places {
            let Some((scan, uid_validity)) = self.scan_place(&place, command).await? else {
                continue;
            };
            let found = self.run(&scan, &mut progress).await?;
            let mut results = SearchResults::new(Numbering::Uid).telling_mod_sequence(scan.plan.asks_mod_sequence());
            results.extend(found.iter().map(|found| found.hit));
            self.tell_place(&results, options, &scan.mailbox, uid_validity).await?;
            if let (Some((tag, attributes)), Place::Selected) = (&update, &place) {
                let hits = found.iter().map(|found| found.hit);
                let live = LiveSearch::of_search(tag.clone(), Numbering::Uid, hits);
                self.go_on(live, scan, attributes.clone()).await?;
            }
        }
        Ok(Completion::default())
    }

    /// The mailboxes to look into, each once, the selected one as such.
    async fn places(&mut self, command: &MultiSearch<'_>) -> Result<Vec<Place>, Failure> {
        let Some(sources) = &command.sources else {
            self.selected()?;
            return Ok(vec![Place::Selected]);
        };
        if !sources.options.is_empty() {
            return Err(Failure::bad("no such option"));
        }
        let mut scopes = Vec::new();
        let mut is_selected_named = false;
        for source in sources.mailboxes.iter() {
            match source {
                SearchSource::Selected => {
                    self.selected()?;
                    is_selected_named = true;
                }
                SearchSource::Mailboxes(filter) => scopes.push(Scope::of(filter)),
            }
        }
        let selected = self.selected.as_ref().map(|selected| selected.mailbox.clone());
        let mut places = Vec::new();
        for mailbox in self.mailboxes_in(&scopes).await? {
            match Some(&mailbox) == selected.as_ref() {
                true => is_selected_named = true,
                false => places.push(Place::Other(mailbox)),
            }
        }
        if is_selected_named {
            places.insert(0, Place::Selected);
        }
        Ok(places)
    }

    /// A mailbox that is gone meanwhile is passed over.
    async fn scan_place(
        &mut self,
        place: &Place,
        command: &MultiSearch<'_>,
    ) -> Result<Option<(Scan, UidValidity)>, Failure> {
        let mailbox = match place {
            Place::Selected => {
                let plan = self.plan(command.charset.as_ref(), &command.program)?;
                let scan = self.scan_selected(plan, Wanted::Nothing)?;
                return Ok(Some((scan, self.selected()?.uid_validity)));
            }
            Place::Other(mailbox) => mailbox,
        };
        let store = self.host.store.clone();
        let roster = match store.roster(mailbox).await {
            Ok(roster) => roster,
            Err(StoreError::NoMailbox) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let uids = roster.uids;
        let context = SearchContext::new(uids.len(), uids.last(), now()).with_save_dates();
        let plan = SearchPlan::compile(&command.program, command.charset.as_ref(), &context)?;
        let scan = Scan {
            store,
            mailbox: mailbox.clone(),
            plan: Arc::new(plan.pinned(|number| uids.at(number))),
            messages: uids,
            recent: Uids::new(),
            wanted: Arc::new(Wanted::Nothing),
        };
        Ok(Some((scan, roster.uid_validity)))
    }

    /// RFC 7377 §2.1: of a mailbox in which nothing is found, nothing is said.
    async fn tell_place(
        &mut self,
        results: &SearchResults,
        options: &[ReturnOption<'_>],
        mailbox: &Mailbox,
        uid_validity: UidValidity,
    ) -> Result<(), Failure> {
        if options.contains(&ReturnOption::Save) {
            self.save(results, options)?;
        }
        if results.hits().is_empty() {
            return Ok(());
        }
        let correlator = Correlator {
            tag: self.session.machine().pending_tag(),
            mailbox: Some(self.name_of(mailbox)),
            uid_validity: Some(validity(uid_validity)),
        };
        if let Some(esearch) = results.esearch(correlator, options)? {
            self.session.send(Data::Esearch(esearch)).await?;
        }
        Ok(())
    }
}
