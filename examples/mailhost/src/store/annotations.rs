//! What is noted of mailboxes and of the server (RFC 5464).

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Mailbox, Result, SpecialUse};

/// Annotations: values with names, of a mailbox or of the server, of everybody or of one user.
///
/// They follow a mailbox when it is renamed, and go with it. When INBOX is renamed, those of its own stay and come to the new
/// mailbox as well (RFC 5464 §4.1).
#[async_trait]
pub trait Annotations: Send + Sync + 'static {
    /// The shared annotations and those of one account, as far as they are asked for, ascending by their names.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn annotations(
        &self,
        of: &Annotated,
        account: &str,
        entries: &[EntryName],
        depth: Depth,
    ) -> Result<Vec<(EntryName, Bytes)>>;

    /// Sets annotations, removes those that have no value any more; all of them, or none. Private ones are the account's.
    ///
    /// # Errors
    ///
    /// [`TooManyAnnotations`](super::StoreError::TooManyAnnotations), [`TooLong`](super::StoreError::TooLong),
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn annotate(&self, of: &Annotated, account: &str, values: Vec<(EntryName, Option<Bytes>)>) -> Result<()>;

    /// Gives a mailbox another use (RFC 6154 §4).
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn designate(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<()>;
}

/// Octets of the longest annotation: 32 KiB, which is about what fits into a command.
pub const LONGEST_ANNOTATION: usize = 32 * 1024;

/// Annotations of a mailbox, or of the server, at most: shared ones, and of each user as many.
pub const ANNOTATIONS: usize = 100;

/// What an annotation is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Annotated {
    /// The server.
    Server,
    /// A mailbox.
    Mailbox(Mailbox),
}

/// The name of an annotation, such as `/shared/comment`, in lower case: names know no case (RFC 5464 §3.2).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryName(Box<str>);

/// How far below an entry others are told (RFC 5464 §4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The entry only.
    Entry,
    /// Also those right below it.
    Children,
    /// Also all below it.
    All,
}

impl EntryName {
    /// A name: `/private` or `/shared`, and at least one further component; below `vendor` at least two. `None` for what is
    /// none (RFC 5464 §3.2).
    pub fn new(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let legal = |octet: u8| matches!(octet, 0x20..=0x7e) && !matches!(octet, b'*' | b'%');
        if name.len() > LONGEST_NAME || !name.bytes().all(legal) {
            return None;
        }
        let (scope, rest) = name.strip_prefix('/')?.split_once('/')?;
        let mut components = rest.split('/');
        let below_vendor = rest == VENDOR || rest.starts_with("vendor/") && rest.split('/').count() < 3;
        let is_name = matches!(scope, PRIVATE | SHARED) && !below_vendor && components.all(|part| !part.is_empty());
        is_name.then(|| Self(name.into()))
    }

    /// A name below which others are asked for, which may be as short as `/private`.
    pub fn ancestor(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let is_short = matches!(&*name, "/private" | "/shared" | "/private/vendor" | "/shared/vendor")
            || (name.starts_with("/private/vendor/") || name.starts_with("/shared/vendor/"));
        match Self::new(&name) {
            None if is_short && Self::new(&format!("{name}/x/x")).is_some() => Some(Self(name.into())),
            other => other,
        }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether each user has a value of its own.
    pub fn is_private(&self) -> bool {
        self.0.strip_prefix('/').is_some_and(|rest| rest.starts_with(PRIVATE))
    }

    /// Whether it is this entry, or below it as far as `depth` goes.
    pub fn is_within(&self, entry: &Self, depth: Depth) -> bool {
        let Some(rest) = self.0.strip_prefix(&*entry.0) else {
            return false;
        };
        match (rest.strip_prefix('/'), depth) {
            (None, _) => rest.is_empty(),
            (Some(_), Depth::Entry) => false,
            (Some(below), Depth::Children) => !below.contains('/'),
            (Some(_), Depth::All) => true,
        }
    }

    /// Whose it is in the tables: everybody's, or the account's.
    pub(super) fn whose<'a>(&self, account: &'a str) -> &'a str {
        match self.is_private() {
            true => account,
            false => "",
        }
    }

    pub(super) fn from_stored(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Debug for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const PRIVATE: &str = "private";
const SHARED: &str = "shared";
const VENDOR: &str = "vendor";

/// Octets of a name.
const LONGEST_NAME: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_the_rfc_says() {
        for good in [
            "/shared/comment",
            "/PRIVATE/Comment",
            "/private/filters/values/x",
            "/shared/vendor/acme/x",
            "/private/specialuse",
        ] {
            assert_eq!(EntryName::new(good).unwrap().as_str(), good.to_ascii_lowercase());
        }
        let long = format!("/shared/{}", "x".repeat(300));
        for bad in [
            "",
            "/",
            "comment",
            "/comment",
            "/shared",
            "/shared/",
            "/shared//x",
            "/shared/x/",
            "/public/x",
            "shared/x",
            "/shared/*",
            "/shared/%",
            "/shared/\u{e9}",
            "/shared/\u{1f}",
            "/shared/vendor",
            "/shared/vendor/acme",
            &long,
        ] {
            assert_eq!(EntryName::new(bad), None, "{bad:?}");
        }
        for short in ["/private", "/shared/vendor", "/shared/vendor/acme", "/shared/x"] {
            assert!(EntryName::ancestor(short).is_some(), "{short:?}");
        }
        for bad in ["/", "/privat", "/shared/vendor/", "/private/", "/sharedx"] {
            assert_eq!(EntryName::ancestor(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn depth_is_counted_in_components() {
        let within = |name: &str, entry: &str| {
            let name = EntryName::new(name).unwrap();
            let entry = EntryName::ancestor(entry).unwrap();
            [Depth::Entry, Depth::Children, Depth::All].map(|depth| name.is_within(&entry, depth))
        };
        assert_eq!(within("/shared/a", "/shared/a"), [true, true, true]);
        assert_eq!(within("/shared/a", "/shared"), [false, true, true]);
        assert_eq!(within("/shared/a/b", "/shared/a"), [false, true, true]);
        assert_eq!(within("/shared/a/b/c", "/shared/a"), [false, false, true]);
        assert_eq!(within("/shared/ab", "/shared/a"), [false, false, false]);
        assert_eq!(within("/shared/a", "/private"), [false, false, false]);
    }
}
