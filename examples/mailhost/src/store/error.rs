//! What can go wrong with a store, sorted by cause.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No room: the disk is full, a quota is used up, or a mailbox has used up its uids.
    #[error("the message store is full")]
    Full,
    /// Others had the store for themselves for longer than one waits.
    #[error("the message store is busy")]
    Busy,
    /// The store was closed; the server is shutting down.
    #[error("the message store is closed")]
    Closed,
    /// There is no such message or queue entry, or it was removed, or a claim is no longer held.
    #[error("no such message")]
    NotFound,
    /// There is no such mailbox (any more).
    #[error("no such mailbox")]
    NoMailbox,
    /// There already is a mailbox of this name.
    #[error("there is a mailbox of this name")]
    Exists,
    /// INBOX cannot be deleted.
    #[error("INBOX cannot be deleted")]
    InboxStays,
    /// A mailbox cannot be renamed to a name below its own.
    #[error("a mailbox cannot come below itself")]
    BelowItself,
    /// A message would have more keywords than [`Flags::KEYWORDS`](super::Flags::KEYWORDS).
    #[error("too many keywords on a message")]
    TooManyKeywords,
    /// The account would have more than it [may](super::Quotas).
    #[error("over quota")]
    OverQuota,
    /// A mailbox's list of rights has no room for [more](super::Acl::ENTRIES).
    #[error("too many entries in a list of rights")]
    TooManyGrants,
    /// There would be more than [`ANNOTATIONS`](super::ANNOTATIONS).
    #[error("too many annotations")]
    TooManyAnnotations,
    /// A value of more octets than [`LONGEST_ANNOTATION`](super::LONGEST_ANNOTATION).
    #[error("an annotation is too long")]
    TooLong,
    /// An earlier write of this message failed or was broken off; only dropping the spool is left.
    #[error("an earlier write of this message failed")]
    Aborted,
    /// Another process has the store open.
    #[error("{}: another mailhost is using this store", .path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// The store was written by a newer version of this program. It is left as it is.
    #[error("{}: a newer mailhost made this store (its version is {found}, this program knows {known})", .path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The highest version that this program can read.
        known: i64,
    },
    /// The store was written by an older version of this program, and no server has opened it since.
    #[error("{}: an older mailhost made this store; start mailhost once to bring it up to date", .path.display())]
    Older {
        /// The store's file.
        path: PathBuf,
    },
    /// The store's file is not as this program left it. It is left as it is, for a person to look at.
    #[error("{}: {damage}", .path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What is wrong, and what was lost by it.
        damage: Damage,
    },
    /// The operating system refused.
    #[error("{}: {kind}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        kind: io::ErrorKind,
    },
    /// The database refused, for a reason that has no name here.
    #[error("{}: {message}", .path.display())]
    Database {
        /// The store's file.
        path: PathBuf,
        /// The database's own words.
        message: Box<str>,
    },
}

/// What is wrong with a store's file, and what was lost by it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file has no octets.
    #[error("the file is empty: all mail that was in it is lost")]
    Empty,
    /// The file is gone, but the log of its last changes is there.
    #[error("the file is missing, while the log of its last changes is still there: all older mail is lost")]
    Missing,
    /// The file does not begin as an SQLite database does.
    #[error("the file is not a database: its beginning was overwritten, or it is another kind of file")]
    NotADatabase,
    /// The file is a database of another program.
    #[error("the file is a database, but no mail store")]
    NotAStore,
    /// Pages of the database contradict each other, or are not there.
    #[error(
        "the database is damaged ({0}): mail on those pages is lost, the rest can be recovered with SQLite's tools"
    )]
    Pages(Box<str>),
    /// Octets of one message are missing or are not those that were stored. Others are not concerned.
    #[error("octets {from} to {to} of a message are lost (content {content})")]
    Octets {
        /// The content's number in the database.
        content: i64,
        /// Position of the first octet concerned, behind the prefix.
        from: u64,
        /// Position after the last one.
        to: u64,
    },
}

impl StoreError {
    /// Whether the same request may succeed later without a person's help.
    ///
    /// For an arriving message the answer is a 4yz reply in either case, since the sender is not to blame.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Full | Self::Busy | Self::Closed | Self::InUse { .. } | Self::Io { .. }
        )
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            kind => Self::Io {
                path: path.to_owned(),
                kind,
            },
        }
    }
}
