//! SELECT, EXAMINE, UNSELECT and CLOSE (RFC 9051 §6.3.2, §6.4.1).

use core::num::NonZeroU64;

use imap_mailbox::{Since, Uids, View};
use imap_proto::server::Completion;
use imap_proto::{
    Code, Condition, Data, IntoBoundedStatic as _, ListedExtension, ListedMailbox, Mailbox, QResync, Right, Select,
    SelectParameter, Status, Text,
};

use super::ImapDialogue;
use super::access::{Cached, writes};
use super::execute::Outcome;
use super::failure::Failure;
use super::keywords::Keywords;
use super::names::delimiter;
use super::selected::{Access, Selected, changes};
use super::values::{object_id, validity};
use crate::store::{ModSeq, Roster};

impl ImapDialogue {
    pub(super) async fn select(&mut self, select: &Select<'_>, access: Access) -> Outcome {
        // Whatever comes of it, the old one is not selected any more (RFC 9051 §6.3.2).
        self.selected = None;
        let mut client = None;
        for parameter in &select.parameters {
            match parameter {
                SelectParameter::CondStore => {}
                SelectParameter::QResync(known) if self.session.machine().enabled().qresync => client = Some(known),
                // RFC 7162 §3.2.5
                SelectParameter::QResync(_) => return Err(Failure::bad("ENABLE QRESYNC first")),
                _ => return Err(Failure::bad("no such parameter")),
            }
        }
        let version = self.host.store.access_version();
        let (mailbox, rights) = self.permitted(&select.mailbox, Right::READ).await?;
        let access = match writes(rights) {
            true => access,
            false => Access::ReadOnly,
        };
        let status = self.host.store.status(&mailbox).await?;
        let recent = match access {
            // To claim is to write, so only where there is something.
            Access::ReadWrite if status.recent > 0 && !self.session.machine().enabled().rev2 => {
                self.host.store.claim_recent(&mailbox).await?
            }
            _ => Uids::new(),
        };
        let roster = self.host.store.roster(&mailbox).await?;
        let keywords = self.host.store.keywords(&mailbox).await?;
        let view = View::open(roster.uids.clone(), roster.mod_seq.0).with_recent(&recent);
        self.selected = Some(Selected {
            mailbox,
            id: status.id,
            uid_validity: roster.uid_validity,
            told: view.mod_sequence(),
            is_condstore: self.session.machine().enabled().condstore,
            view,
            access,
            keywords: Keywords::new(&keywords),
            cached: Cached { rights, version },
            is_gone: false,
            surrogates: Uids::new(),
            contexts: Default::default(),
            fresh: Default::default(),
        });
        let described = self.describe(&roster, &select.mailbox).await;
        let resynchronised = match (described, client) {
            (Ok(()), Some(client)) => self.resynchronise(client, &roster).await,
            (described, _) => described,
        };
        if let Err(failure) = resynchronised {
            self.selected = None;
            return Err(failure);
        }
        Ok(Completion::with_code(match access {
            Access::ReadOnly => Code::ReadOnly,
            Access::ReadWrite => Code::ReadWrite,
        }))
    }

    /// What SELECT tells of a mailbox. The machine leaves out what IMAP4rev2 does not know.
    async fn describe(&mut self, roster: &Roster, said: &Mailbox<'_>) -> Result<(), Failure> {
        let is_rev2 = self.session.machine().enabled().rev2;
        let selected = self.selected()?;
        let flags = selected.keywords.with_system_flags();
        let permanent = selected.permanent_flags();
        let unseen = roster.first_unseen.and_then(|uid| selected.view.sequence(uid));
        let mut data = vec![
            Data::Flags(flags),
            Data::Exists(selected.view.messages().len()),
            Data::Recent(selected.view.recent().len()),
        ];
        data.extend(unseen.map(|number| untagged(Code::Unseen(number), "the first message that is not seen")));
        data.push(permanent);
        data.push(untagged(Code::UidNext(roster.uid_next), "the next unique identifier"));
        data.push(untagged(
            Code::UidValidity(validity(roster.uid_validity)),
            "unique identifiers are valid",
        ));
        let highest = NonZeroU64::new(roster.mod_seq.0).unwrap_or(NonZeroU64::MIN);
        data.push(untagged(
            Code::HighestModSeq(highest),
            "the highest modification sequence",
        ));
        data.push(untagged(
            Code::MailboxId(object_id('F', selected.id)),
            "whatever it is called",
        ));
        if is_rev2 {
            // RFC 9051 §6.3.2: the name as LIST tells it.
            let mailbox = selected.mailbox.clone();
            let name = self.name_of(&mailbox);
            let mut listed = ListedMailbox::new(Vec::new(), delimiter(), name);
            if listed.mailbox != *said {
                listed
                    .extended
                    .push(ListedExtension::OldName(said.clone().into_static()));
            }
            data.push(Data::List(listed));
        }
        for data in data {
            self.session.send(data).await?;
        }
        Ok(())
    }

    /// What changed since the client was here last (RFC 7162 §3.2.5).
    async fn resynchronise(&mut self, client: &QResync, roster: &Roster) -> Result<(), Failure> {
        let store = self.host.store.clone();
        let selected = self.selected()?;
        if client.uid_validity != validity(selected.uid_validity) {
            return Ok(());
        }
        let since = ModSeq(client.mod_sequence.get());
        let mut delta = store.changes_since(&selected.mailbox, since).await?;
        // What changed since the roster was read comes with the next command's news: until then the client must not count on it.
        delta.messages.retain(|changed| changed.mod_seq <= roster.mod_seq);
        let news = changes(&delta, &Uids::new());
        let since = Since {
            changes: &news,
            memory: delta.memory,
            highest: roster.uid_next.get() - 1,
        };
        let told = selected.view.resynchronise(client, since);
        Ok(self.send_all(told).await?)
    }

    /// UNSELECT (RFC 9051 §6.4.2)
    pub(super) fn unselect(&mut self) -> Outcome {
        self.selected = None;
        Ok(Completion::default())
    }

    /// CLOSE: what is marked `\Deleted` goes, and nobody is told here.
    pub(super) async fn close(&mut self) -> Outcome {
        let may_expunge = self.can(Right::EXPUNGE).await?;
        let Some(selected) = self.selected.take() else {
            return Ok(Completion::default());
        };
        // Without the right, nothing goes, and that is no failure (RFC 4314 §4).
        if may_expunge && selected.access == Access::ReadWrite && !selected.is_gone {
            let store = &self.host.store;
            let expunged = store.expunge_deleted(&selected.mailbox, selected.view.messages()).await;
            expunged?;
        }
        Ok(Completion::default())
    }
}

/// An untagged OK.
pub(super) const fn untagged(code: Code<'static>, text: &'static str) -> Data<'static> {
    Data::Status(Status {
        condition: Condition::Ok,
        code: Some(code),
        text: Text::fixed(text),
    })
}
