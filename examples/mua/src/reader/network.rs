//! The connection behind the screen: does what is wished for, and idles in between, so that news comes by itself.

use std::num::NonZeroU32;
use std::path::Path;

use imap_proto::{Data, Flag, SequenceSet, StoreAction};
use mail_tokio::imap::Client;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::state::{Folder, Opened, Told, Wish};
use crate::attachments;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::idle::Watch;
use crate::read::Shown;
use crate::{files, flag, harmless, list, search, stored};

/// One connection, renewed when it is lost.
pub(super) struct Connection<'c> {
    context: &'c Context,
    imap: Client,
    watch: Watch,
    mailbox: String,
}

/// Why waiting is over.
enum Woken {
    Wish(Option<Wish>),
    News(Data<'static>),
}

impl<'c> Connection<'c> {
    /// Logs in and opens INBOX.
    pub(super) async fn open(context: &'c Context) -> Result<Self, Failure> {
        let mut imap = context.imap().await?;
        let mailbox = "INBOX".to_owned();
        let selected = stored::select(&mut imap, &mailbox).await?;
        let watch = Watch::new(&mut imap, selected.exists, selected.uid_next.map(NonZeroU32::get)).await?;
        Ok(Self {
            context,
            imap,
            watch,
            mailbox,
        })
    }

    /// Until the other side has gone. What fails is told of; what ends the connection makes the next wish begin another.
    pub(super) async fn serve(&mut self, wishes: &mut UnboundedReceiver<Wish>, tell: &UnboundedSender<Told>) {
        let mut failed = self.first(tell).await.err();
        loop {
            let wish = match &failed {
                Some(failure) => {
                    let lost = failure.exit() == Exit::Unreachable;
                    let more = if lost { " – any command connects again" } else { "" };
                    let _ = tell.send(Told::Remark(format!("{}{more}", failure.line())));
                    match (lost, wishes.recv().await) {
                        (_, None) => return,
                        (false, wish) => wish,
                        (true, Some(wish)) => {
                            failed = self.again(tell).await.err();
                            if failed.is_some() {
                                continue;
                            }
                            Some(wish)
                        }
                    }
                }
                None => match self.wait(wishes, tell).await {
                    Ok(wish) => wish,
                    Err(failure) => {
                        failed = Some(failure);
                        continue;
                    }
                },
            };
            let Some(wish) = wish else {
                return;
            };
            failed = self.grant(wish, tell).await.err();
        }
    }

    async fn first(&mut self, tell: &UnboundedSender<Told>) -> Result<(), Failure> {
        let mailboxes = list::mailboxes(&mut self.imap).await?;
        let folders = mailboxes.into_iter().map(|mailbox| Folder {
            name: mailbox.mailbox,
            selectable: mailbox.selectable,
            unseen: mailbox.unseen.unwrap_or(0),
        });
        let _ = tell.send(Told::Folders(folders.collect(), self.context.account.trash.is_some()));
        let messages = list::newest(&mut self.imap, self.watch.exists, SHOWN).await?;
        let _ = tell.send(Told::Opened(self.mailbox.clone(), messages));
        Ok(())
    }

    async fn again(&mut self, tell: &UnboundedSender<Told>) -> Result<(), Failure> {
        let mailbox = self.mailbox.clone();
        *self = Self::open(self.context).await?;
        self.first(tell).await?;
        self.show(&mailbox, tell).await
    }

    /// Idles until there is a wish.
    async fn wait(
        &mut self,
        wishes: &mut UnboundedReceiver<Wish>,
        tell: &UnboundedSender<Told>,
    ) -> Result<Option<Wish>, Failure> {
        loop {
            match self.woken(wishes).await? {
                Woken::Wish(wish) => return Ok(wish),
                Woken::News(data) => self.news(&data, tell).await?,
            }
        }
    }

    async fn woken(&mut self, wishes: &mut UnboundedReceiver<Wish>) -> Result<Woken, Failure> {
        if let Some(data) = self.imap.news().take() {
            return Ok(Woken::News(data));
        }
        if !self
            .imap
            .capabilities()
            .await?
            .iter()
            .any(|offer| offer.is("IDLE") || offer.is("IMAP4rev2"))
        {
            return self.doze(wishes).await;
        }
        let mut idle = self.imap.idle().await?;
        let woken = tokio::select! {
            wish = wishes.recv() => Woken::Wish(wish),
            data = idle.next() => match data? {
                Some(data) => Woken::News(data),
                // The server has had enough of IDLE; the next round begins it anew.
                None => Woken::News(Data::Flags(Vec::new())),
            },
        };
        idle.done().await?;
        Ok(woken)
    }

    /// For servers without IDLE.
    async fn doze(&mut self, wishes: &mut UnboundedReceiver<Wish>) -> Result<Woken, Failure> {
        tokio::select! {
            wish = wishes.recv() => Ok(Woken::Wish(wish)),
            () = tokio::time::sleep(POLL) => {
                self.imap.noop().await?;
                Ok(Woken::News(Data::Flags(Vec::new())))
            }
        }
    }

    async fn news(&mut self, data: &Data<'_>, tell: &UnboundedSender<Told>) -> Result<(), Failure> {
        let grows = self.watch.hears(data);
        match data {
            _ if grows => {
                let new = self.watch.arrived(&mut self.imap).await?;
                let _ = tell.send(Told::Arrived(new));
            }
            // Numbers have moved, or flags have changed: what is shown is asked for anew.
            Data::Expunge(_) | Data::Vanished(_) | Data::Fetch(_) => {
                let messages = list::newest(&mut self.imap, self.watch.exists, SHOWN).await?;
                let _ = tell.send(Told::Refreshed(messages));
            }
            _ => {}
        }
        Ok(())
    }

    async fn grant(&mut self, wish: Wish, tell: &UnboundedSender<Told>) -> Result<(), Failure> {
        let told = match wish {
            Wish::Open(mailbox) => return self.show(&mailbox, tell).await,
            Wish::Read(uid) => self.read(uid).await?,
            Wish::Flag(uid, name, on) => {
                self.store(uid, name, on).await?;
                Told::Flagged(uid, name, on)
            }
            Wish::Delete(uid) => self.delete(uid).await?,
            Wish::Search(words) => self.search(words).await?,
            Wish::Save(uid, part) => self.save(uid, part).await?,
            Wish::Quit => return Ok(()),
        };
        let gone = matches!(told, Told::Gone(_));
        let _ = tell.send(told);
        if gone {
            let _ = tell.send(Told::Remark("deleted".to_owned()));
        }
        Ok(())
    }

    async fn show(&mut self, mailbox: &str, tell: &UnboundedSender<Told>) -> Result<(), Failure> {
        let selected = stored::select(&mut self.imap, mailbox).await?;
        self.watch = Watch::new(&mut self.imap, selected.exists, selected.uid_next.map(NonZeroU32::get)).await?;
        mailbox.clone_into(&mut self.mailbox);
        let messages = list::newest(&mut self.imap, selected.exists, SHOWN).await?;
        let _ = tell.send(Told::Opened(self.mailbox.clone(), messages));
        Ok(())
    }

    async fn read(&mut self, uid: u32) -> Result<Told, Failure> {
        let loaded = stored::load(&mut self.imap, uid, "").await?;
        let shown = Shown::of(&loaded);
        if !loaded.summary.has("\\Seen") {
            self.store(uid, "\\Seen", true).await?;
        }
        Ok(Told::Message(Box::new(Opened {
            uid,
            fields: shown.fields(),
            lines: harmless::lines(&shown.text),
            attachments: shown.attachments,
            scroll: 0,
        })))
    }

    async fn store(&mut self, uid: u32, name: &str, on: bool) -> Result<(), Failure> {
        let (set, flag) = (
            one(uid)?,
            Flag::new(name.to_owned()).map_err(|error| Failure::usage(error.to_string()))?,
        );
        let action = if on { StoreAction::Add } else { StoreAction::Remove };
        self.imap.uid_store(set, action, [flag]).await?;
        Ok(())
    }

    async fn delete(&mut self, uid: u32) -> Result<Told, Failure> {
        let number = NonZeroU32::new(uid).ok_or_else(stored::not_found)?;
        match self
            .context
            .account
            .trash
            .as_deref()
            .filter(|trash| *trash != self.mailbox)
        {
            Some(trash) => flag::transfer(&mut self.imap, &[number], trash).await?,
            None => flag::remove(&mut self.imap, &[number]).await?,
        }
        Ok(Told::Gone(uid))
    }

    async fn search(&mut self, words: String) -> Result<Told, Failure> {
        let program = search::words(&words).ok_or_else(|| Failure::usage("no words to look for"))?;
        let found = self.imap.uid_search(program).await?;
        let newest = found
            .iter()
            .flat_map(|set| set.ranges().iter().rev())
            .flat_map(|range| {
                let (from, to) = range.bounds();
                (from.get()..=to.get()).rev().filter_map(NonZeroU32::new)
            });
        let uids: Vec<NonZeroU32> = newest.take(SHOWN as usize).collect();
        let Some(set) = SequenceSet::from_numbers(uids) else {
            return Ok(Told::Found(words, Vec::new()));
        };
        let fetched = self.imap.uid_fetch_all(set, crate::summary::Summary::ITEMS).await?;
        let mut messages: Vec<_> = fetched.iter().filter_map(crate::summary::Summary::of).collect();
        messages.sort_by_key(|summary| std::cmp::Reverse(summary.uid));
        Ok(Told::Found(words, messages))
    }

    async fn save(&mut self, uid: u32, part: Option<usize>) -> Result<Told, Failure> {
        let loaded = stored::load(&mut self.imap, uid, "").await?;
        let message = loaded.message();
        let mut saved = Vec::new();
        for (attachment, octets) in attachments::parts(&message) {
            if part.is_none_or(|part| part == attachment.part) {
                let path = files::write_new(Path::new("."), &attachment.name, &octets.decode())
                    .map_err(|error| Failure::from(error).at(&attachment.name))?;
                saved.push(path.strip_prefix(".").unwrap_or(&path).to_string_lossy().into_owned());
            }
        }
        Ok(Told::Remark(format!("saved {}", saved.join(", "))))
    }
}

fn one(uid: u32) -> Result<SequenceSet, Failure> {
    NonZeroU32::new(uid)
        .and_then(|uid| SequenceSet::from_numbers([uid]))
        .ok_or_else(stored::not_found)
}

/// Messages in a list, the newest.
const SHOWN: u32 = 500;

const POLL: std::time::Duration = std::time::Duration::from_secs(30);
