//! NOTIFY (RFC 5465): what happens in mailboxes that are not selected, and between commands.

use std::sync::Arc;

use imap_mailbox::Release;
use imap_proto::server::{Completion, Refusal};
use imap_proto::{
    Atom, Code, Command, Data, InitialStatus, ListedExtension, ListedMailbox, MailboxAttribute, Metadata,
    MetadataContent, MetadataEntry, Notify, NotifySet, OneOrMore, Right, SetMetadata, StatusItem,
};
use mail_tokio::imap::ServerError;
use tokio::sync::broadcast::error::TryRecvError;

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::names::delimiter;
use super::select::untagged;
use super::watch::{EVENTS, Expunges, Flags, Kind, Watch, is_made_by};
use crate::store::{Annotated, Change, EntryName, Mailbox, Status};

impl ImapDialogue {
    pub(super) async fn notify(&mut self, command: &Notify<'_>) -> Outcome {
        if let Some(fault) = command.fault() {
            return Err(Failure::bad(&fault.to_string()));
        }
        let mut watch = Watch::nothing(self.account()?);
        if let Notify::Set(set) = command {
            if !set.groups.iter().all(|group| watch.add(group)) {
                let events = EVENTS.map(Atom::new).into_iter().filter_map(Result::ok).collect();
                let refusal = Refusal::fixed("no such event");
                return Err(match OneOrMore::new(events) {
                    Ok(events) => refusal.with_code(Code::BadEvent(events)).into(),
                    Err(_) => refusal.into(),
                });
            }
            self.check_attributes(&watch)?;
            // First listen, then look: nothing falls in between.
            let listened = self.hears_annotations || self.watch.as_ref().is_some_and(Watch::is_wide);
            match listened {
                true => self.changes.get_or_insert_with(|| self.host.store.changes()),
                // Nor is told what happened while nobody watched.
                false => self.changes.insert(self.host.store.changes()),
            };
            self.begin_watching(set, &mut watch).await?;
        }
        // News of before are told as they were asked for now, behind this command.
        self.watch = Some(watch);
        Ok(Completion::default())
    }

    fn check_attributes(&self, watch: &Watch) -> Result<(), Failure> {
        let attributes = watch.selected.as_ref().map(|selected| selected.attributes.clone());
        super::fetch::known(attributes.unwrap_or_default())
    }

    /// How mailboxes stand (RFC 5465 §3.1).
    async fn begin_watching(&mut self, set: &NotifySet<'_>, watch: &mut Watch) -> Result<(), Failure> {
        if !watch.is_wide() {
            return Ok(());
        }
        watch.subscribed = self.subscribed().await?;
        let selected = self.selected.as_ref().map(|selected| selected.mailbox.clone());
        for visible in self.visible_mailboxes().await? {
            let (mailbox, name) = (visible.info.mailbox, visible.name);
            watch.known.insert(mailbox.clone(), None);
            let text = name.to_text();
            let is_readable = visible.rights.contains(Right::READ);
            if !is_readable && watch.names(&text) {
                let listed = ListedMailbox::new(vec![MailboxAttribute::NoAccess], delimiter(), name);
                self.session.send(Data::List(listed)).await?;
                continue;
            }
            let hears_flags = watch.hears(Kind::Flags, &mailbox, &text);
            let hears = hears_flags || watch.hears(Kind::Messages, &mailbox, &text);
            if !hears || !is_readable || Some(&mailbox) == selected.as_ref() || set.initial == InitialStatus::Omit {
                continue;
            }
            let mut items = vec![StatusItem::Messages, StatusItem::UidNext, StatusItem::UidValidity];
            if hears_flags {
                items.push(StatusItem::HighestModSeq);
            }
            let status = self.host.store.status(&mailbox).await?;
            self.tell_status(&mailbox, &items).await?;
            watch.known.insert(mailbox, Some(status));
        }
        Ok(())
    }

    async fn tell_status(&mut self, mailbox: &Mailbox, items: &[StatusItem<'_>]) -> Result<(), Failure> {
        let status = self.status_of(mailbox, &self.name_of(mailbox), items).await?;
        Ok(self.session.send(Data::MailboxStatus(status)).await?)
    }

    /// What the client may hear of its mailbox while no command is answered.
    pub(super) fn release_between_commands(&self) -> Release {
        let watched = self.watch.as_ref().and_then(|watch| watch.selected.as_ref());
        match watched {
            Some(selected) if selected.expunges == Expunges::Delayed && !self.session.machine().is_idling() => {
                Release::NumbersStand
            }
            _ => Release::All,
        }
    }

    /// Whether the client wants to hear nothing of its mailbox (RFC 5465 §3.1).
    pub(super) fn is_deaf(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.selected.is_none())
    }

    /// News of the selected mailbox as the client wants them: without flags, or with unique identifiers (RFC 5465 §5.1).
    pub(super) fn as_watched(&self, mut news: Vec<Data<'static>>) -> Vec<Data<'static>> {
        let watched = self.watch.as_ref().and_then(|watch| watch.selected.as_ref());
        match watched.map(|selected| selected.flags) {
            None => {}
            Some(Flags::Untold) => news.retain(|data| !matches!(data, Data::Fetch(_))),
            Some(Flags::Told) => {
                for data in &mut news {
                    self.add_uid(data);
                }
            }
        }
        news
    }

    fn add_uid(&self, data: &mut Data<'static>) {
        use imap_proto::{FetchItem, Numbering};
        let (Data::Fetch(fetch), Some(selected)) = (data, &self.selected) else {
            return;
        };
        if fetch.numbering == Numbering::Sequence
            && fetch.uid().is_none()
            && let Some(uid) = selected.view.messages().at(fetch.number)
        {
            fetch.push(FetchItem::Uid(uid));
        }
    }

    /// More happened than could be listened to (RFC 5465 §5.8).
    pub(super) async fn overflow(&mut self) -> Result<(), ServerError> {
        if self.watch.as_ref().is_some_and(Watch::is_wide) {
            self.watch = Some(Watch::nothing(self.account().unwrap_or_default()));
            let status = untagged(Code::NotificationOverflow, "too much happened: ask again");
            self.session.send(status).await?;
            self.session.flush().await?;
        }
        Ok(())
    }

    /// Tells what happened in a mailbox that is not selected.
    pub(super) async fn watch_others(&mut self, change: &Change) -> Result<(), ServerError> {
        let Some(mut watch) = self.watch.take_if(|watch| watch.is_wide()) else {
            return Ok(());
        };
        let told = self.tell_change(&mut watch, change).await;
        self.watch = Some(watch);
        match told {
            Err(Failure::Broken(error)) => Err(error),
            // It is gone meanwhile, or the store cannot say now.
            Ok(()) | Err(Failure::Refused(_)) => Ok(self.session.flush().await?),
        }
    }

    async fn tell_change(&mut self, watch: &mut Watch, change: &Change) -> Result<(), Failure> {
        match change {
            Change::Mailbox(mailbox, _) => self.tell_messages(watch, mailbox).await,
            Change::Created(mailbox) => self.tell_created(watch, mailbox).await,
            Change::Deleted(mailbox) => self.tell_deleted(watch, mailbox).await,
            Change::Renamed { from, to } => self.tell_renamed(watch, from, to).await,
            Change::Subscription(mailbox) => self.tell_subscription(watch, mailbox).await,
            Change::Acl(mailbox) => {
                let is_known = watch.known.contains_key(mailbox);
                match (is_known, self.may_look_up(mailbox).await?) {
                    (false, true) => self.tell_created(watch, mailbox).await,
                    (true, false) => self.tell_deleted(watch, mailbox).await,
                    _ => Ok(()),
                }
            }
            Change::Annotated { of, account, entries } => self.tell_metadata(Some(watch), of, account, entries).await,
            _ => Ok(()),
        }
    }

    async fn may_look_up(&mut self, mailbox: &Mailbox) -> Result<bool, Failure> {
        match self.rights(mailbox).await {
            Ok(rights) => Ok(rights.contains(Right::LOOKUP)),
            Err(failure) if failure.is_nonexistent() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Messages came, went or have other flags (RFC 5465 §5.1 to §5.3).
    async fn tell_messages(&mut self, watch: &mut Watch, mailbox: &Mailbox) -> Result<(), Failure> {
        if self
            .selected
            .as_ref()
            .is_some_and(|selected| selected.mailbox == *mailbox)
        {
            // What was known of it is old by the time that another one is selected.
            watch.known.insert(mailbox.clone(), None);
            return Ok(());
        }
        let name = self.name_of(mailbox);
        let (hears_messages, hears_flags) = {
            let text = name.to_text();
            let hears = |kind| watch.hears(kind, mailbox, &text);
            (hears(Kind::Messages), hears(Kind::Flags))
        };
        if !hears_messages || !self.rights(mailbox).await?.contains(Right::READ) {
            return Ok(());
        }
        let status = self.host.store.status(mailbox).await?;
        let before = watch.known.insert(mailbox.clone(), Some(status)).flatten();
        let enabled = self.session.machine().enabled();
        let items = news_of(before.as_ref(), &status, hears_flags, enabled.condstore);
        match items.is_empty() {
            true => Ok(()),
            false => self.tell_status(mailbox, &items).await,
        }
    }

    /// A mailbox is new, and the one above it has another one below it (RFC 5465 §5.4).
    async fn tell_created(&mut self, watch: &mut Watch, mailbox: &Mailbox) -> Result<(), Failure> {
        if !self.may_look_up(mailbox).await? {
            return Ok(());
        }
        watch.known.entry(mailbox.clone()).or_default();
        self.tell_name(watch, mailbox, None).await?;
        self.tell_parent(watch, mailbox).await
    }

    async fn tell_deleted(&mut self, watch: &mut Watch, mailbox: &Mailbox) -> Result<(), Failure> {
        if watch.known.remove(mailbox).is_none() {
            return Ok(());
        }
        self.tell_name(watch, mailbox, None).await?;
        self.tell_parent(watch, mailbox).await
    }

    async fn tell_parent(&mut self, watch: &Watch, mailbox: &Mailbox) -> Result<(), Failure> {
        let Some((above, _)) = mailbox.name().rsplit_once(crate::store::SEPARATOR) else {
            return Ok(());
        };
        self.tell_name(watch, &Mailbox::new(mailbox.account(), above), None)
            .await
    }

    async fn tell_renamed(&mut self, watch: &mut Watch, from: &Mailbox, to: &Mailbox) -> Result<(), Failure> {
        let was_known = watch.known.remove(from).is_some();
        let with_parent = watch.is_renamed_with_parent(from, to);
        if self.may_look_up(to).await? {
            watch.known.entry(to.clone()).or_default();
            let old = was_known.then(|| self.name_of(from));
            return match with_parent {
                true => Ok(()),
                false => self.tell_name(watch, to, old).await,
            };
        }
        match (was_known, with_parent) {
            (true, false) => self.tell_name(watch, from, None).await,
            // The client takes it for renamed, and has yet to hear that it is gone.
            (true, true) => {
                watch.known.entry(to.clone()).or_default();
                Ok(())
            }
            (false, _) => Ok(()),
        }
    }

    /// LIST, with the attributes that the name has now.
    async fn tell_name(
        &mut self,
        watch: &Watch,
        mailbox: &Mailbox,
        old: Option<imap_proto::Mailbox<'static>>,
    ) -> Result<(), Failure> {
        let name = self.name_of(mailbox);
        let hears = |name: &imap_proto::Mailbox<'_>| watch.hears(Kind::Names, mailbox, &name.to_text());
        if !hears(&name) && !old.as_ref().is_some_and(hears) {
            return Ok(());
        }
        let mut listed = self.hierarchy().await?.listed(&name);
        listed.extended.extend(old.map(ListedExtension::OldName));
        Ok(self.session.send(Data::List(listed)).await?)
    }

    /// RFC 5465 §5.5
    async fn tell_subscription(&mut self, watch: &mut Watch, mailbox: &Mailbox) -> Result<(), Failure> {
        if mailbox.account() != self.account()? {
            return Ok(());
        }
        watch.subscribed = self.subscribed().await?;
        // Subscriptions are kept under the client's own names.
        let name = imap_proto::Mailbox::new(mailbox.name()).unwrap_or(imap_proto::Mailbox::empty());
        let meant = self.mailbox(&name).unwrap_or_else(|_| mailbox.clone());
        if !watch.hears(Kind::Subscriptions, &meant, &name.to_text()) {
            return Ok(());
        }
        let listed = self.hierarchy().await?.listed(&name);
        Ok(self.session.send(Data::List(listed)).await?)
    }

    /// An annotation that somebody else has changed, to a client that has enabled METADATA and not asked for more by NOTIFY.
    pub(super) async fn tell_annotated(&mut self, change: &Change) -> Result<(), ServerError> {
        let Change::Annotated { of, account, entries } = change else {
            return Ok(());
        };
        if !self.hears_annotations || self.watch.is_some() {
            return Ok(());
        }
        match self.tell_metadata(None, of, account, entries).await {
            Err(Failure::Broken(error)) => Err(error),
            Ok(()) | Err(Failure::Refused(_)) => Ok(self.session.flush().await?),
        }
    }

    /// What the client has just annotated it knows.
    async fn own_annotations(&mut self, set: &SetMetadata<'_>) -> Result<(), ServerError> {
        let own = match set.mailbox.to_text().is_empty() {
            true => Some(Annotated::Server),
            false => self.mailbox(&set.mailbox).ok().map(Annotated::Mailbox),
        };
        let user = self.account().unwrap_or_default().to_owned();
        // What else changed is told with the command, or was told.
        while let Some(change) = self.changes.as_mut().and_then(|changes| changes.try_recv().ok()) {
            let is_own = matches!(&change, Change::Annotated { of, account, .. } if Some(of) == own.as_ref() && **account == *user);
            if !is_own {
                self.tell_annotated(&change).await?;
            }
        }
        Ok(())
    }

    /// RFC 5464 §4.4.2; of what a watch asks for, RFC 5465 §5.6, §5.7
    async fn tell_metadata(
        &mut self,
        watch: Option<&Watch>,
        of: &Annotated,
        account: &Arc<str>,
        entries: &[EntryName],
    ) -> Result<(), Failure> {
        let is_own = **account == *self.account()?;
        let name = match of {
            Annotated::Server if watch.is_none_or(|watch| watch.hears_any(Kind::ServerMetadata)) => {
                imap_proto::Mailbox::empty()
            }
            Annotated::Mailbox(mailbox) => {
                let name = self.name_of(mailbox);
                let hears = watch.is_none_or(|watch| watch.hears(Kind::MailboxMetadata, mailbox, &name.to_text()));
                if !hears || !self.rights(mailbox).await?.contains(Right::READ) {
                    return Ok(());
                }
                name
            }
            Annotated::Server => return Ok(()),
        };
        let heard = entries.iter().filter(|entry| is_own || !entry.is_private());
        let heard = heard.filter_map(|entry| MetadataEntry::new(entry.as_str().to_owned()).ok());
        if let Ok(entries) = OneOrMore::new(heard.collect()) {
            let content = MetadataContent::Changed(entries);
            let metadata = Metadata { mailbox: name, content };
            self.session.send(Data::Metadata(metadata)).await?;
        }
        Ok(())
    }

    /// Takes note of what a command of the client itself has changed, without telling it.
    pub(super) async fn own_changes(&mut self, command: &Command<'_>) -> Result<(), ServerError> {
        if let (Command::SetMetadata(set), None, true) = (command, &self.watch, self.hears_annotations) {
            return self.own_annotations(set).await;
        }
        if !self.watch.as_ref().is_some_and(Watch::is_wide) {
            return Ok(());
        }
        let targets = self.targets(command);
        if targets.is_empty() {
            return Ok(());
        }
        while let Some(changes) = &mut self.changes {
            match changes.try_recv() {
                Ok(change) if is_made_by(&change, &targets) => self.note_own(&change).await,
                Ok(change) => self.watch_others(&change).await?,
                Err(TryRecvError::Lagged(_)) => self.overflow().await?,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Ok(())
    }

    /// The mailboxes whose names, or subscriptions, a command changes.
    fn targets(&self, command: &Command<'_>) -> Vec<Mailbox> {
        let found = |name: &imap_proto::Mailbox<'_>| self.mailbox(name).ok();
        match command {
            Command::Create(create) => {
                let name = create.mailbox.to_text();
                let name = imap_proto::Mailbox::new(name.trim_end_matches(crate::store::SEPARATOR)).ok();
                name.as_ref().and_then(found).into_iter().collect()
            }
            Command::Delete(name) => found(name).into_iter().collect(),
            Command::Rename(rename) => [&rename.from, &rename.to].into_iter().filter_map(found).collect(),
            Command::Subscribe(name) | Command::Unsubscribe(name) => {
                let account = self.account().unwrap_or_default();
                vec![Mailbox::new(account, &name.to_text())]
            }
            _ => Vec::new(),
        }
    }

    async fn note_own(&mut self, change: &Change) {
        let subscribed = match change {
            Change::Subscription(_) => self.subscribed().await.ok(),
            _ => None,
        };
        let Some(watch) = &mut self.watch else { return };
        match change {
            Change::Created(mailbox) => {
                watch.known.entry(mailbox.clone()).or_default();
            }
            Change::Deleted(mailbox) => {
                watch.known.remove(mailbox);
            }
            Change::Renamed { from, to } => {
                watch.known.remove(from);
                watch.known.entry(to.clone()).or_default();
            }
            _ => {}
        }
        if let Some(subscribed) = subscribed {
            watch.subscribed = subscribed;
        }
    }
}

/// What STATUS tells of messages that came, went or have other flags since.
fn news_of(before: Option<&Status>, now: &Status, hears_flags: bool, condstore: bool) -> Vec<StatusItem<'static>> {
    let is_same = |of: fn(&Status) -> u32| before.is_some_and(|before| of(before) == of(now));
    let mut items = Vec::new();
    if !is_same(|status| status.messages) || !is_same(|status| status.uid_next.get()) {
        items.extend([StatusItem::Messages, StatusItem::UidNext]);
    }
    if hears_flags && !is_same(|status| status.unseen) {
        items.push(StatusItem::Unseen);
    }
    if condstore && (hears_flags || !items.is_empty()) {
        items.push(StatusItem::HighestModSeq);
    }
    if !items.is_empty() {
        items.push(StatusItem::UidValidity);
    }
    items
}
