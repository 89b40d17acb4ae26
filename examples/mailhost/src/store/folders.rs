//! Mailboxes as IMAP has them: what is in them, what changed since, and what a session does to them.

use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::{Memory, Uids};

use super::{
    Content, FlagAction, FlagMask, Flags, Keyword, Mailbox, MessageReader, ModSeq, Result, StoreError, Uid, UidValidity,
};

/// The half of a store on which IMAP stands.
///
/// A session reads a mailbox's [`roster`](Folders::roster) once and then asks, whenever a
/// [`Change`](super::Change) names the mailbox, for [what changed](Folders::changes_since) since the state it knows.
///
/// An account always has its INBOX, made when one of these methods first looks at it. Any other mailbox exists from
/// [`create`](Folders::create), or its first delivery, to [`delete`](Folders::delete); where it does not, methods give
/// [`NoMailbox`](super::StoreError::NoMailbox). No two mailboxes of an account ever have the same UIDVALIDITY. A mailbox keeps its own
/// when it is renamed, unless a mailbox that is gone, or has another name now, had a higher one: then it gets a new one, so
/// that no name's UIDVALIDITY ever falls (RFC 9051 §2.3.1.1).
///
/// Each call that changes messages gives all that it changes one mod-sequence, higher than all before it in that
/// mailbox, also across restarts, and than those that a deleted mailbox of that name had (RFC 7162 §3.1).
#[async_trait]
pub trait Folders: Send + Sync + 'static {
    /// Which messages a mailbox has. After the first time, what it costs depends on what changed since the last time
    /// and not on how many messages there are.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause; so for all methods that only read.
    async fn roster(&self, mailbox: &Mailbox) -> Result<Roster>;

    /// A mailbox's numbers, kept as they change: what it costs does not depend on how many messages there are, but for those that
    /// nobody has [claimed](Self::claim_recent), which are counted.
    async fn status(&self, mailbox: &Mailbox) -> Result<Status>;

    /// What changed after a state, as far as the store remembers.
    async fn changes_since(&self, mailbox: &Mailbox, mod_seq: ModSeq) -> Result<Delta>;

    /// What the store knows of those messages among `uids` that exist, ascending.
    async fn messages(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<MessageInfo>>;

    /// Opens a message at an octet of the whole, prefix included; at its end or behind it there is none to read. What
    /// comes first costs a chunk (256 KiB at most) however long the message is.
    /// [`size`](MessageReader::size) is still that of the whole message.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when the mailbox has no such message (any more).
    async fn open_at(&self, mailbox: &Mailbox, uid: Uid, offset: u64) -> Result<Box<dyn MessageReader>>;

    /// All octets of those messages among `uids` that exist and are small: whose content has at most [`SMALL`] octets. They are
    /// ascending. The caller, who knows sizes, sees to it that they are not too many at once.
    ///
    /// # Errors
    ///
    /// [`Damaged`](super::StoreError::Damaged) when octets of one of them are missing or wrong.
    async fn octets(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<(Uid, Bytes)>> {
        let mut found = Vec::new();
        for message in self.messages(mailbox, uids).await? {
            if message.size > SMALL {
                continue;
            }
            match self.open_at(mailbox, message.uid, 0).await {
                Ok(reader) => found.push((message.uid, read_whole(reader).await?)),
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Changes the flags of those messages among `uids` that exist, all at once.
    ///
    /// With `unchanged_since`, a message whose mod-sequence is higher is left as it is, and told of as failed
    /// (RFC 7162 §3.1.3); others are changed. A message whose flags already are what they should be keeps its
    /// mod-sequence and is neither changed nor failed, as RFC 7162 §3.1.3 lets a server do; so a session that stores
    /// what is there already wakes nobody.
    ///
    /// # Errors
    ///
    /// [`TooManyKeywords`](super::StoreError::TooManyKeywords), [`NoMailbox`](super::StoreError::NoMailbox), or a
    /// temporary cause; then nothing was changed. So, but for the first, for all methods that change something.
    async fn store_flags(&self, mailbox: &Mailbox, uids: &Uids, change: FlagChange) -> Result<Stored>;

    /// Files messages in a mailbox, in their order and as one change: all of them, or none (RFC 3502 §6.3.11).
    ///
    /// With `replaced`, that message goes in the same transaction (RFC 8508 §3). What a [`Filing`] says of mailboxes that are
    /// absent counts for deliveries only.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox); [`NotFound`](super::StoreError::NotFound) when the message to replace is
    /// not there (any more); [`Full`](super::StoreError::Full); [`Aborted`](super::StoreError::Aborted) for a content of
    /// another store; or a temporary cause.
    async fn append(
        &self,
        mailbox: &Mailbox,
        messages: Vec<(Content, Filing)>,
        replaced: Option<(Mailbox, Uid)>,
    ) -> Result<Appended>;

    /// Copies or moves those messages among the [transfer](Transfer)'s that exist into a mailbox, in their order, in one transaction.
    /// Their content is shared; their dates and [email ids](ObjectId) are kept. The save date is now.
    async fn transfer(&self, transfer: Transfer) -> Result<Copied>;

    /// Copies messages with all their flags.
    async fn copy(&self, from: &Mailbox, uids: &Uids, to: &Mailbox) -> Result<Copied> {
        self.transfer(Transfer::new(from, uids, to, Originals::Stay)).await
    }

    /// Moves messages with all their flags.
    async fn move_to(&self, from: &Mailbox, uids: &Uids, to: &Mailbox) -> Result<Copied> {
        self.transfer(Transfer::new(from, uids, to, Originals::Go)).await
    }

    /// Removes those messages among `uids` that are marked `\Deleted`, as EXPUNGE and UID EXPUNGE do
    /// (RFC 9051 §6.4.9). Returns them.
    async fn expunge_deleted(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Uids>;

    /// Gives the caller those messages that nobody was given by this method before: no other call will get them. To a
    /// session that asks when it selects, and at each of its polls, they are `\Recent` (RFC 3501 §2.3.2).
    async fn claim_recent(&self, mailbox: &Mailbox) -> Result<Uids>;

    /// The mailboxes of an account, ascending by their names.
    async fn mailboxes(&self, account: &str) -> Result<Vec<MailboxInfo>>;

    /// Makes a mailbox. Mailboxes above it are not made.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StoreError::Exists), which INBOX always does.
    async fn create(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<ObjectId>;

    /// Removes a mailbox with its messages. Mailboxes below it stay, and so does a subscription.
    ///
    /// # Errors
    ///
    /// [`InboxStays`](super::StoreError::InboxStays).
    async fn delete(&self, mailbox: &Mailbox) -> Result<()>;

    /// Renames a mailbox, and those below it (RFC 9051 §6.3.6). Subscriptions keep their names. Where only mailboxes
    /// below it exist, those are renamed.
    ///
    /// INBOX stays: a new mailbox is made, and INBOX's messages are moved there; mailboxes below INBOX stay as they are.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StoreError::Exists) when one of the new names is taken, and
    /// [`BelowItself`](super::StoreError::BelowItself).
    async fn rename(&self, mailbox: &Mailbox, to: &str) -> Result<()>;

    /// Subscribes to a name, whether or not there is such a mailbox, or ends it.
    async fn subscribe(&self, mailbox: &Mailbox, subscribed: bool) -> Result<()>;

    /// The names to which an account is subscribed, ascending.
    async fn subscriptions(&self, account: &str) -> Result<Vec<Mailbox>>;

    /// Keywords that messages of a mailbox have, each once. It need not be all of them where they come in very many combinations.
    async fn keywords(&self, mailbox: &Mailbox) -> Result<Vec<Keyword>>;

    /// What was kept beside those messages among `uids` for which something was, ascending.
    async fn summaries(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<(Uid, Bytes)>>;

    /// Keeps octets beside messages, for as long as the messages and their copies last; later ones replace earlier ones.
    /// What they mean is the caller's affair. It is a cache: those of messages that are gone, and those of more than
    /// [`LONGEST_SUMMARY`] octets, are not kept, and nothing is announced.
    async fn keep_summaries(&self, mailbox: &Mailbox, summaries: Vec<(Uid, Bytes)>) -> Result<()>;
}

async fn read_whole(mut reader: Box<dyn MessageReader>) -> Result<Bytes> {
    let Some(first) = reader.next_chunk().await? else {
        return Ok(Bytes::new());
    };
    let mut octets = bytes::BytesMut::from(first);
    while let Some(chunk) = reader.next_chunk().await? {
        octets.extend_from_slice(&chunk);
    }
    Ok(octets.freeze())
}

/// Which messages a mailbox has, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Roster {
    /// Constant for as long as the mailbox exists.
    pub uid_validity: UidValidity,
    /// The uid of the next message to come.
    pub uid_next: Uid,
    /// The state that this shows; HIGHESTMODSEQ, where it is not 0.
    pub mod_seq: ModSeq,
    /// All messages.
    pub uids: Uids,
    /// The lowest one without `\Seen` (RFC 3501 §7.1, UNSEEN).
    pub first_unseen: Option<Uid>,
}

/// What changed in a mailbox after some state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delta {
    /// Another one than the caller knows means another mailbox: then nothing else here is of use to it.
    pub uid_validity: UidValidity,
    /// The uid of the next message to come.
    pub uid_next: Uid,
    /// The state by now.
    pub mod_seq: ModSeq,
    /// Messages that came or were changed, and are still there, ascending.
    pub messages: Vec<Changed>,
    /// Messages that went.
    pub expunged: Uids,
    /// Whether that is all that went. If not, what the caller knows and the [`Roster`] has not is gone.
    pub memory: Memory,
}

/// A message's flags, and the change that made them so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which message.
    pub uid: Uid,
    /// The change.
    pub mod_seq: ModSeq,
    /// The flags since.
    pub flags: Flags,
}

/// What the store knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageInfo {
    /// Its number.
    pub uid: Uid,
    /// The change that brought it, or changed it last.
    pub mod_seq: ModSeq,
    /// Its flags.
    pub flags: Flags,
    /// Octets of the whole message, prefix included.
    pub size: u64,
    /// What the delivery said, or when it was committed (RFC 9051 §2.3.3).
    pub internal_date: SystemTime,
    /// Minutes by which clocks were ahead of UTC where it was given; 0 for what this host's clock said.
    pub zone: i16,
    /// When it came into this mailbox (RFC 8514 §2).
    pub save_date: SystemTime,
    /// Of its octets; copies share it (RFC 8474 §5.1).
    pub email_id: ObjectId,
    /// Of the conversation to which it belongs, among numbers that are no other messages' email ids but may be its own; copies
    /// share it (RFC 8474 §5.2).
    pub thread_id: ObjectId,
}

/// A number that nothing else in the store ever had (RFC 8474 §4): of a mailbox, whatever it is called, or of a message's
/// octets, wherever they are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u64);

/// How to change flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagChange {
    /// What to do with [`flags`](Self::flags).
    pub action: FlagAction,
    /// The flags.
    pub flags: Flags,
    /// Only where nothing changed after this state.
    pub unchanged_since: Option<ModSeq>,
}

impl FlagChange {
    /// Decides what becomes of messages, each given as it is. Their mod-sequences are still those before.
    pub(super) fn plan(&self, before: Vec<Changed>) -> Result<Stored> {
        let mut changed = Vec::new();
        let mut failed = Vec::new();
        for message in before {
            if self.unchanged_since.is_some_and(|since| message.mod_seq > since) {
                failed.push(message.uid);
                continue;
            }
            let after = message.flags.after(self.action, &self.flags);
            let flags = after.ok_or(StoreError::TooManyKeywords)?;
            if flags != message.flags {
                changed.push(Changed { flags, ..message });
            }
        }
        let failed = failed.into_iter().collect();
        Ok(Stored { changed, failed })
    }
}

/// What became of a change of flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// Messages that have other flags now, ascending.
    pub changed: Vec<Changed>,
    /// Messages that had changed after the state that the caller knew.
    pub failed: Uids,
}

/// What became of messages that were appended (RFC 4315 §3, APPENDUID).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Of the mailbox that has them.
    pub uid_validity: UidValidity,
    /// One for each, ascending in their order. Empty from a store that keeps nothing.
    pub uids: Uids,
}

/// What became of copies (RFC 4315 §3, COPYUID).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Of the mailbox that has them now.
    pub uid_validity: UidValidity,
    /// Each message's uid where it was and where it is, ascending in both.
    pub uids: Vec<(Uid, Uid)>,
}

/// A mailbox's numbers (RFC 9051 §6.3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Constant for as long as the mailbox exists.
    pub uid_validity: UidValidity,
    /// The uid of the next message to come.
    pub uid_next: Uid,
    /// The state that this shows.
    pub mod_seq: ModSeq,
    /// Constant for as long as the mailbox exists, whatever it is called.
    pub id: ObjectId,
    /// Messages.
    pub messages: u32,
    /// Messages without `\Seen`.
    pub unseen: u32,
    /// Messages with `\Deleted`.
    pub deleted: u32,
    /// Messages that no session has [claimed](Folders::claim_recent).
    pub recent: u32,
    /// Octets of all messages.
    pub size: u64,
}

/// A mailbox among others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailboxInfo {
    /// Its name.
    pub mailbox: Mailbox,
    /// Constant for as long as it exists, whatever it is called.
    pub id: ObjectId,
    /// What it was made for.
    pub special_use: Option<SpecialUse>,
}

/// What a mailbox was made for (RFC 6154 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecialUse {
    /// `\All`
    All = 1,
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Flagged`
    Flagged,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
}

impl SpecialUse {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::Archive,
        Self::Drafts,
        Self::Flagged,
        Self::Junk,
        Self::Sent,
        Self::Trash,
    ];

    pub(super) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|&special_use| special_use as i64 == number)
    }
}

/// Messages that are to come into another mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Where they are.
    pub from: Mailbox,
    /// Which.
    pub uids: Uids,
    /// Where they are to be.
    pub to: Mailbox,
    /// What becomes of those in [`from`](Self::from).
    pub originals: Originals,
    /// The flags that they bring with them, of those that they have.
    pub flags: FlagMask,
}

impl Transfer {
    /// Of messages with all their flags.
    pub fn new(from: &Mailbox, uids: &Uids, to: &Mailbox, originals: Originals) -> Self {
        Self {
            from: from.clone(),
            uids: uids.clone(),
            to: to.clone(),
            originals,
            flags: FlagMask::ALL,
        }
    }
}

/// What becomes of messages that were copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Originals {
    /// They stay where they are.
    Stay,
    /// They go.
    Go,
}

/// How a message is filed that IMAP's APPEND brings, which has more to say than SMTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filing {
    /// Its flags.
    pub flags: Flags,
    /// Its internal date (whole milliseconds are kept); without one, when it was committed.
    pub internal_date: Option<SystemTime>,
    /// Minutes by which the clocks are ahead of UTC that the date is from.
    pub zone: i16,
}

/// Octets of content that are read at once: 256 KiB.
pub const SMALL: u64 = super::CHUNK as u64;

/// Octets of the longest summary that is kept: 64 KiB.
pub const LONGEST_SUMMARY: usize = 64 * 1024;

/// Runs of expunged uids that a mailbox remembers at least. At twice as many, older changes than those are forgotten.
pub(super) const REMEMBERED: usize = 16 * 1024;
