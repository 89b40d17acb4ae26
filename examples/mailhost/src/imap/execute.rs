//! From a command to what does it.

use core::num::NonZeroU64;

use imap_mailbox::Release;
use imap_proto::server::{Completion, Execute, Refusal};
use imap_proto::{Code, Command};
use mail_tokio::imap::ServerError;
use mail_wire::Ask;

use super::ImapDialogue;
use super::failure::Failure;
use super::select::untagged;
use super::selected::{Access, Selected};

/// What became of a command.
pub(super) type Outcome = Result<Completion, Failure>;

impl ImapDialogue {
    /// Does what a command asks, tells what is new, and answers.
    pub(super) async fn obey(&mut self, ask: Ask<Execute>, command: &Command<'_>) -> Result<(), ServerError> {
        self.begin_condstore(command).await?;
        let outcome = self.execute(command).await;
        self.own_changes(command).await?;
        match command {
            // What a client does itself it hears of, whatever it watches.
            Command::Expunge(_) | Command::Move(_) => self.all_news(Release::All).await?,
            // It has told of the mailbox as it was. A client that comes back with QRESYNC puts that together with what it kept before it
            // counts on.
            Command::Select(_) | Command::Examine(_) => {}
            _ => self.news(Release::during(command)).await?,
        }
        self.answer(ask, outcome.map(|completion| self.with_state(command, completion)))
    }

    pub(super) fn answer(&mut self, ask: Ask<Execute>, outcome: Outcome) -> Result<(), ServerError> {
        match outcome {
            Ok(completion) => Ok(self.session.accept_with(ask, completion)?),
            Err(Failure::Refused(refusal)) => Ok(self.session.refuse(ask, refusal)?),
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    /// The first command that shows a client to know of modification sequences is told the mailbox's highest (RFC 7162 §3.1).
    async fn begin_condstore(&mut self, command: &Command<'_>) -> Result<(), ServerError> {
        let is_enabled = self.session.machine().enabled().condstore;
        let selects = matches!(command, Command::Select(_) | Command::Examine(_));
        let Some(selected) = self.selected.as_mut().filter(|_| is_enabled && !selects) else {
            return Ok(());
        };
        let was_enabled = core::mem::replace(&mut selected.is_condstore, true);
        match NonZeroU64::new(selected.told).filter(|_| !was_enabled) {
            Some(highest) => {
                let highest = untagged(Code::HighestModSeq(highest), "the highest modification sequence");
                Ok(self.session.send(highest).await?)
            }
            None => Ok(()),
        }
    }

    /// With what a code can tell of the mailbox: the modification sequence that expunging led to (RFC 7162 §3.2.7), and that others
    /// have expunged what the client goes on counting (RFC 5530 §3).
    fn with_state(&self, command: &Command<'_>, completion: Completion) -> Completion {
        let Some(selected) = self.selected.as_ref().filter(|_| completion.code.is_none()) else {
            return completion;
        };
        let expunges = matches!(command, Command::Expunge(_) | Command::Move(_));
        let highest = NonZeroU64::new(selected.told).filter(|_| self.session.machine().enabled().condstore);
        match highest {
            Some(highest) if expunges => Completion::with_code(Code::HighestModSeq(highest)),
            _ if command.holds_numbers() && !selected.view.gone().is_empty() => {
                Completion::with_code(Code::ExpungeIssued)
            }
            _ => completion,
        }
    }

    async fn execute(&mut self, command: &Command<'_>) -> Outcome {
        match command {
            Command::Noop | Command::Check => Ok(Completion::default()),
            Command::Select(select) => self.select(select, Access::ReadWrite).await,
            Command::Examine(select) => self.select(select, Access::ReadOnly).await,
            Command::Unselect => self.unselect(),
            Command::Close => self.close().await,
            Command::Create(create) => self.create(create).await,
            Command::Delete(mailbox) => self.delete(mailbox).await,
            Command::Rename(rename) => self.rename(rename).await,
            Command::Subscribe(mailbox) => self.subscribe(mailbox, true).await,
            Command::Unsubscribe(mailbox) => self.subscribe(mailbox, false).await,
            Command::List(list) => self.list(list).await,
            Command::Lsub(list) => self.lsub(list).await,
            Command::Namespace => self.namespace().await,
            Command::Status(query) => self.status(query).await,
            Command::Fetch(fetch) => self.fetch(fetch).await,
            Command::Store(store) => self.store(store).await,
            Command::Expunge(set) => self.expunge(set.as_ref()).await,
            Command::Copy(transfer) => self.copy(transfer).await,
            Command::Move(transfer) => self.move_to(transfer).await,
            Command::Search(search) => self.search(search).await,
            Command::Sort(sort) => self.sort(sort).await,
            Command::Thread(thread) => self.thread(thread).await,
            Command::Esearch(search) => self.esearch(search).await,
            Command::Notify(notify) => self.notify(notify).await,
            Command::CancelUpdate(cancel) => self.cancel_update(cancel),
            Command::SetAcl(set) => self.set_acl(set).await,
            Command::DeleteAcl(entry) => self.delete_acl(entry).await,
            Command::GetAcl(mailbox) => self.get_acl(mailbox).await,
            Command::ListRights(entry) => self.list_rights(entry).await,
            Command::MyRights(mailbox) => self.my_rights(mailbox).await,
            Command::GetQuota(root) => self.get_quota(root).await,
            Command::GetQuotaRoot(mailbox) => self.get_quota_root(mailbox).await,
            Command::SetQuota(set) => self.set_quota(set).await,
            Command::GetMetadata(get) => self.get_metadata(get).await,
            Command::SetMetadata(set) => self.set_metadata(set).await,
            Command::GenUrlAuth(rumps) => self.gen_url_auth(rumps).await,
            Command::ResetKey(reset) => self.reset_key(reset.as_ref()).await,
            Command::UrlFetch(queries) => self.url_fetch(queries).await,
            _ => Err(Refusal::not_supported().into()),
        }
    }

    /// The mailbox that is selected. The machine lets no command through that needs one where there is none.
    pub(super) fn selected(&mut self) -> Result<&mut Selected, Failure> {
        self.selected
            .as_mut()
            .ok_or_else(|| Failure::bad("no mailbox is selected"))
    }
}
