//! What other sessions do, and when the client hears of it.

use core::num::NonZeroU64;

use imap_mailbox::{Release, Uids};
use imap_proto::{Code, Data, FetchAttribute, OneOrMore};
use mail_tokio::imap::ServerError;
use tokio::sync::broadcast::error::RecvError;
use tracing::warn;

use super::ImapDialogue;
use super::failure::Failure;
use super::search::context::ContextNews;
use super::select::untagged;
use super::selected::{Access, Selected};
use super::values::keyword_flags;
use crate::store::{Change, Delta, Keyword, Mailbox, StoreError, Uid};

impl ImapDialogue {
    /// Asks the store what is new in the selected mailbox, and tells the client what it may hear. What the store cannot say
    /// now is asked again the next time.
    pub(super) async fn news(&mut self, release: Release) -> Result<(), ServerError> {
        match self.is_deaf() {
            true => Ok(()),
            false => self.all_news(release).await,
        }
    }

    /// The same, also to a client that has asked to hear nothing.
    pub(super) async fn all_news(&mut self, release: Release) -> Result<(), ServerError> {
        if let Err(error) = self.look().await {
            warn!(%error, "the store failed");
        }
        let fresh = self
            .selected
            .as_mut()
            .map(|selected| core::mem::take(&mut selected.fresh));
        let fresh = fresh.unwrap_or_default();
        self.tell_keywords(&keyword_flags(&fresh.keywords)).await?;
        let last = self
            .selected
            .as_ref()
            .and_then(|selected| selected.view.messages().last());
        if self.has_contexts() {
            for data in self.contexts_without(&fresh.gone) {
                self.session.send(data).await?;
            }
        }
        self.tell(release).await?;
        self.tell_new(&fresh, last).await
    }

    fn has_contexts(&self) -> bool {
        let selected = self.selected.as_ref();
        selected.is_some_and(|selected| !selected.contexts.is_empty())
    }

    /// What changed in searches that go on, by messages that came behind the `last` one, and others that were changed; and what is
    /// to be told of new messages.
    async fn tell_new(&mut self, fresh: &Fresh, last: Option<Uid>) -> Result<(), ServerError> {
        let changed = &fresh.changed;
        let watched = self.watch.as_ref().and_then(|watch| watch.selected.as_ref());
        let always = watched.map(|selected| selected.attributes.clone()).unwrap_or_default();
        if changed.is_empty() || always.is_empty() && !self.has_contexts() {
            return Ok(());
        }
        let new: Uids = changed.iter().filter(|&uid| Some(uid) > last).collect();
        let news = match self.contexts_with(changed, &new).await {
            Ok(news) => news,
            Err(Failure::Broken(error)) => return Err(error),
            Err(Failure::Refused(_)) => ContextNews::default(),
        };
        // RFC 5465 §7 wants FETCH in front of ADDTO, where the search has asked for it; §5.2 behind it.
        let is_asked_by_search = !news.fetch.is_empty();
        let fetches = fetches(&new, &fresh.own, &always, &news.fetch);
        if !is_asked_by_search {
            self.send_all(news.data.clone()).await?;
        }
        for (uids, attributes) in fetches {
            self.fetch_new(&uids, attributes).await?;
        }
        match is_asked_by_search {
            true => self.send_all(news.data).await,
            false => Ok(()),
        }
    }

    /// Messages that the client itself has put somewhere: where that is its mailbox, it need not be told what is in them.
    pub(super) fn note_own_messages(&mut self, mailbox: &Mailbox, uids: impl IntoIterator<Item = Uid>) {
        if let Some(selected) = self.selected.as_mut().filter(|selected| selected.mailbox == *mailbox) {
            selected.fresh.own = selected.fresh.own.union(&uids.into_iter().collect());
        }
    }

    pub(super) async fn send_all(&mut self, all: Vec<Data<'static>>) -> Result<(), ServerError> {
        for data in all {
            match data {
                Data::Fetch(fetch) => self.send_fetch(fetch).await?,
                other => self.session.send(other).await?,
            }
        }
        Ok(())
    }

    /// Tells what is known and may be told.
    pub(super) async fn tell(&mut self, release: Release) -> Result<(), ServerError> {
        let enabled = self.session.machine().enabled();
        let Some(selected) = &mut self.selected else {
            return Ok(());
        };
        let mut news = selected.view.release(release, &enabled);
        if selected.view.gone().is_empty() {
            selected.told = selected.view.mod_sequence();
        } else if enabled.qresync {
            // The client must not think that it knows of what is held back (RFC 7162 §3.2).
            news.extend(
                NonZeroU64::new(selected.told).map(|told| untagged(Code::HighestModSeq(told), "news are held back")),
            );
        }
        let news = self.as_watched(news);
        self.send_all(news).await
    }

    /// Folds in what is new, and keeps what searches that go on are to be asked about.
    pub(super) async fn look(&mut self) -> Result<(), StoreError> {
        let Some(selected) = self.selected.as_mut().filter(|selected| !selected.is_gone) else {
            return Ok(());
        };
        let store = &self.host.store;
        let delta = match store.changes_since(&selected.mailbox, selected.mod_seq()).await {
            Ok(delta) if delta.uid_validity == selected.uid_validity => delta,
            Ok(_) | Err(StoreError::NoMailbox) => match self.follow().await? {
                Some(delta) => delta,
                None => {
                    if let Some(selected) = &mut self.selected {
                        selected.fresh.gone = selected.view.gone().clone();
                    }
                    return Ok(());
                }
            },
            Err(error) => return Err(error),
        };
        self.fold(&delta).await?;
        if let Some(Selected { fresh, .. }) = &mut self.selected {
            for changed in &delta.messages {
                fresh.note_keywords(changed.flags.keywords());
            }
            let changed = delta.messages.iter().map(|changed| changed.uid).collect();
            fresh.changed = fresh.changed.union(&changed);
            fresh.gone = fresh.gone.union(&delta.expunged);
        }
        Ok(())
    }

    async fn fold(&mut self, delta: &Delta) -> Result<(), StoreError> {
        let is_rev2 = self.session.machine().enabled().rev2;
        let Some(selected) = &mut self.selected else {
            return Ok(());
        };
        let last = selected.view.messages().last();
        let brings_messages = delta.messages.last().is_some_and(|changed| Some(changed.uid) > last);
        // IMAP4rev2 knows no \Recent: another session may have them.
        let claims = brings_messages && !is_rev2 && selected.access == Access::ReadWrite;
        let recent = match claims {
            true => self.host.store.claim_recent(&selected.mailbox).await?,
            false => Uids::new(),
        };
        selected.fold(delta, &recent);
        Ok(())
    }

    /// Finds the mailbox under another name; without one, it is no more.
    async fn follow(&mut self) -> Result<Option<Delta>, StoreError> {
        let Some(selected) = &mut self.selected else {
            return Ok(None);
        };
        let store = &self.host.store;
        let mailboxes = store.mailboxes(selected.mailbox.account()).await?;
        if let Some(info) = mailboxes.into_iter().find(|info| info.id == selected.id) {
            let delta = store.changes_since(&info.mailbox, selected.mod_seq()).await?;
            if delta.uid_validity == selected.uid_validity {
                selected.mailbox = info.mailbox;
                return Ok(Some(delta));
            }
        }
        selected.vanish();
        Ok(None)
    }

    /// From now on the client hears of changes at once.
    pub(super) async fn begin_listening(&mut self) -> Result<(), ServerError> {
        // First listen, then look: nothing falls in between.
        self.changes.get_or_insert_with(|| self.host.store.changes());
        self.news(Release::All).await?;
        Ok(self.session.flush().await?)
    }

    /// Something changed in the store.
    pub(super) async fn hear(&mut self, change: Result<Change, RecvError>) -> Result<(), ServerError> {
        let concerns = |selected: &Selected, change: &Change| match change {
            Change::Mailbox(mailbox, mod_seq) => *mailbox == selected.mailbox && *mod_seq > selected.mod_seq(),
            Change::Deleted(mailbox) => *mailbox == selected.mailbox,
            Change::Renamed { from, .. } => *from == selected.mailbox,
            _ => false,
        };
        let matters = match (&change, &self.selected) {
            (Ok(change), Some(selected)) => concerns(selected, change),
            (Err(RecvError::Lagged(_)), Some(_)) => true,
            (Err(RecvError::Closed), _) => {
                self.changes = None;
                false
            }
            (_, None) => false,
        };
        // Who only hears of annotations hears of its mailbox with its commands.
        let hears_between = self.watch.is_some() || self.session.machine().is_idling();
        if matters && hears_between {
            self.news(self.release_between_commands()).await?;
            self.session.flush().await?;
        }
        match change {
            Ok(change) => {
                self.tell_annotated(&change).await?;
                self.watch_others(&change).await
            }
            Err(RecvError::Lagged(_)) => self.overflow().await,
            Err(RecvError::Closed) => Ok(()),
        }
    }
}

/// What is fetched of new messages: what is `always` told but of those that the client has made itself, and what searches ask of those that come into their results. Each
/// message is told of once (RFC 5465 §5.2).
fn fetches(
    new: &Uids,
    own: &Uids,
    always: &[FetchAttribute<'static>],
    asked: &[(Uids, OneOrMore<FetchAttribute<'static>>)],
) -> Vec<(Uids, OneOrMore<FetchAttribute<'static>>)> {
    let mut fetches: Vec<(Uids, OneOrMore<FetchAttribute<'static>>)> = Vec::new();
    for uid in new.iter() {
        let mut attributes = match own.contains(uid) {
            true => Vec::new(),
            false => always.to_vec(),
        };
        for (_, more) in asked.iter().filter(|(uids, _)| uids.contains(uid)) {
            let missing: Vec<_> = more.iter().filter(|one| !attributes.contains(one)).cloned().collect();
            attributes.extend(missing);
        }
        match (fetches.last_mut(), OneOrMore::new(attributes)) {
            (Some((uids, same)), Ok(attributes)) if *same == attributes => uids.insert(uid),
            (_, Ok(attributes)) => fetches.push((Uids::between(uid, uid), attributes)),
            (_, Err(_)) => {}
        }
    }
    fetches
}

/// What was folded in, and searches that go on are still to be asked about.
#[derive(Default)]
pub(super) struct Fresh {
    /// Messages that this client has made (RFC 5465 §5.2).
    own: Uids,
    /// Messages that came, or have other flags.
    changed: Uids,
    gone: Uids,
    /// Keywords of those that changed, each once.
    keywords: Vec<Keyword>,
}

impl Fresh {
    fn note_keywords(&mut self, keywords: &[Keyword]) {
        for keyword in keywords {
            if !self.keywords.contains(keyword) {
                self.keywords.push(keyword.clone());
            }
        }
    }
}
