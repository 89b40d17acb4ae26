//! Who may do what with a mailbox: access control lists (RFC 4314).

use std::sync::Arc;

use async_trait::async_trait;
use imap_proto::{Right, Rights, RightsChange};

use super::{Mailbox, MailboxInfo, Result, StoreError};

/// Access control lists of mailboxes. They follow a mailbox when it is renamed and go with it; a mailbox that is made begins with
/// the list of the nearest one above it (RFC 4314 §4).
#[async_trait]
pub trait Access: Send + Sync + 'static {
    /// The list of a mailbox. One that nobody changed is empty: then all rights are its owner's.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](StoreError::NoMailbox), or a temporary cause.
    async fn acl(&self, mailbox: &Mailbox) -> Result<Acl>;

    /// Changes what a list says of one identifier, which is told as `name` from then on.
    ///
    /// # Errors
    ///
    /// [`TooManyGrants`](StoreError::TooManyGrants), [`NoMailbox`](StoreError::NoMailbox), or a temporary cause.
    async fn grant(&self, mailbox: &Mailbox, identifier: &Identifier, name: &str, change: RightsChange) -> Result<()>;

    /// Takes an identifier out of a list; it need not be there.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](StoreError::NoMailbox), or a temporary cause.
    async fn ungrant(&self, mailbox: &Mailbox, identifier: &Identifier) -> Result<()>;

    /// The lists of an account's own mailboxes, of those that have one, ascending by names.
    ///
    /// # Errors
    ///
    /// A temporary cause.
    async fn acls(&self, account: &str) -> Result<Vec<(Mailbox, Acl)>>;

    /// The mailboxes of others whose lists name this account, or anyone, with their lists; ascending by accounts and names.
    ///
    /// # Errors
    ///
    /// A temporary cause.
    async fn granted(&self, account: &str) -> Result<Vec<(MailboxInfo, Acl)>>;

    /// A number that is another one after each change that may change anybody's rights: to a list, or of a mailbox's name.
    /// Rights that were looked up behind reading it hold for as long as it stays the same.
    fn access_version(&self) -> u64;
}

/// Whom an entry of a list is about (RFC 4314 §2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier {
    /// Who it is.
    pub who: Who,
    /// Whether the rights are taken away (`-alice`), whatever else grants them.
    pub negative: bool,
}

/// Somebody, or everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// `anyone`
    Anyone,
    /// The user with this account.
    Account(Arc<str>),
}

/// An access control list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acl {
    /// Ascending by identifiers, each once.
    entries: Vec<AclEntry>,
}

/// What a list says of an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclEntry {
    /// Whom it is about.
    pub identifier: Identifier,
    /// How that was spelled.
    pub name: String,
    /// The rights.
    pub rights: Rights,
}

impl Identifier {
    /// A user, by account.
    pub fn user(account: &str) -> Self {
        Self {
            who: Who::Account(account.to_ascii_lowercase().into()),
            negative: false,
        }
    }

    /// Everybody.
    pub const ANYONE: Self = Self {
        who: Who::Anyone,
        negative: false,
    };

    /// The same one, whose rights are taken away.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negative = true;
        self
    }

    /// Whether it is this account's own entry.
    fn is_owner(&self, owner: &str) -> bool {
        !self.negative && matches!(&self.who, Who::Account(account) if **account == *owner)
    }

    fn concerns(&self, account: &str) -> bool {
        match &self.who {
            Who::Anyone => true,
            Who::Account(named) => **named == *account,
        }
    }

    /// As tables have it: an account, or nothing for everybody.
    pub(super) fn account(&self) -> &str {
        match &self.who {
            Who::Anyone => "",
            Who::Account(account) => account,
        }
    }

    pub(super) fn from_stored(account: &str, negative: bool) -> Self {
        let who = match account {
            "" => Who::Anyone,
            account => Who::Account(account.into()),
        };
        Self { who, negative }
    }
}

impl Acl {
    /// Entries of one list at most.
    pub const ENTRIES: usize = 256;

    /// What there is to grant (RFC 4314 §2.1).
    pub fn all_rights() -> Rights {
        ALL.into_iter().collect()
    }

    /// What no list takes from the owner: to see the mailbox, and to change the list.
    pub fn owners_rights() -> Rights {
        Rights::NONE.with(Right::LOOKUP).with(Right::ADMINISTER)
    }

    /// The entries, ascending by identifiers.
    pub fn entries(&self) -> &[AclEntry] {
        &self.entries
    }

    /// What `account` may do with a mailbox of `owner`: what is granted to it and to anyone, but for what is taken from either.
    /// The owner has all rights unless an entry says otherwise, and some in any case.
    pub fn rights(&self, owner: &str, account: &str) -> Rights {
        let is_owner = owner == account;
        let mut granted = match is_owner && self.find_owner(owner).is_none() {
            true => Self::all_rights(),
            false => Rights::NONE,
        };
        let mut taken = Rights::NONE;
        for entry in self.entries.iter().filter(|entry| entry.identifier.concerns(account)) {
            match entry.identifier.negative {
                true => taken = taken.union(entry.rights),
                false => granted = granted.union(entry.rights),
            }
        }
        let rights = granted.difference(taken);
        match is_owner {
            true => rights.union(Self::owners_rights()),
            false => rights,
        }
    }

    fn find_owner(&self, owner: &str) -> Option<&AclEntry> {
        self.entries.iter().find(|entry| entry.identifier.is_owner(owner))
    }

    /// Puts in an entry as it was stored.
    pub(super) fn put(&mut self, entry: AclEntry) {
        match self.position(&entry.identifier) {
            Ok(at) => self.entries[at] = entry,
            Err(at) => self.entries.insert(at, entry),
        }
    }

    fn position(&self, identifier: &Identifier) -> std::result::Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.identifier.cmp(identifier))
    }

    /// Changes the rights of an identifier on a mailbox of `owner`. Returns the entry that there is to keep. One without rights
    /// says nothing and goes, but for the owner's.
    pub(super) fn change(
        &mut self,
        owner: &str,
        identifier: &Identifier,
        name: &str,
        change: RightsChange,
    ) -> Result<Option<AclEntry>> {
        let is_owner = identifier.is_owner(owner);
        let found = self.position(identifier);
        let before = match found {
            Ok(at) => self.entries[at].rights,
            Err(_) if is_owner => Self::all_rights(),
            Err(_) => Rights::NONE,
        };
        let rights = change.apply(before);
        if rights.is_empty() && !is_owner {
            self.remove(owner, identifier);
            return Ok(None);
        }
        if found.is_err() && self.entries.len() >= Self::ENTRIES {
            return Err(StoreError::TooManyGrants);
        }
        let entry = AclEntry {
            identifier: identifier.clone(),
            name: name.to_owned(),
            rights,
        };
        self.put(entry.clone());
        Ok(Some(entry))
    }

    /// Takes an identifier out. Of the owner, who would have all rights without an entry, one without rights is kept.
    pub(super) fn remove(&mut self, owner: &str, identifier: &Identifier) -> Option<AclEntry> {
        let kept = identifier.is_owner(owner).then(|| AclEntry {
            identifier: identifier.clone(),
            name: owner.to_owned(),
            rights: Rights::NONE,
        });
        if let Ok(at) = self.position(identifier) {
            self.entries.remove(at);
        }
        kept.clone().into_iter().for_each(|entry| self.put(entry));
        kept
    }
}

const ALL: [Right; 11] = [
    Right::LOOKUP,
    Right::READ,
    Right::SEEN,
    Right::WRITE,
    Right::INSERT,
    Right::POST,
    Right::CREATE,
    Right::DELETE_MAILBOX,
    Right::DELETE_MESSAGES,
    Right::EXPUNGE,
    Right::ADMINISTER,
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "alice@crepes.fr";
    const BOB: &str = "bob@crepes.fr";

    fn rights(letters: &str) -> Rights {
        Rights::new(letters).unwrap()
    }

    /// Each list of up to six entries with two rights each, against the sentences of RFC 4314 §2.
    #[test]
    fn rights_are_what_is_granted_but_for_what_is_taken() {
        let sets = [None, Some(""), Some("l"), Some("r"), Some("lr")];
        let identifiers = [
            Identifier::ANYONE,
            Identifier::ANYONE.negated(),
            Identifier::user(ALICE),
            Identifier::user(ALICE).negated(),
            Identifier::user(BOB),
            Identifier::user(BOB).negated(),
        ];
        for number in 0..5usize.pow(6) {
            let given = |at: usize| sets[number / 5usize.pow(at as u32) % 5];
            let mut acl = Acl::default();
            for (at, identifier) in identifiers.iter().enumerate() {
                let Some(letters) = given(at) else { continue };
                acl.put(AclEntry {
                    identifier: identifier.clone(),
                    name: String::new(),
                    rights: rights(letters),
                });
            }
            let has = |at: usize, right: char| given(at).is_some_and(|letters| letters.contains(right));
            for right in ['l', 'r'] {
                let letter = rights(&right.to_string());
                let bob = (has(0, right) || has(4, right)) && !has(1, right) && !has(5, right);
                assert_eq!(acl.rights(ALICE, BOB).contains_all(letter), bob, "{acl:?}");
                let own = given(2).is_none() || has(0, right) || has(2, right);
                let alice = right == 'l' || own && !has(1, right) && !has(3, right);
                assert_eq!(acl.rights(ALICE, ALICE).contains_all(letter), alice, "{acl:?}");
            }
        }
    }

    #[test]
    fn lists_change() {
        let mut acl = Acl::default();
        let mut set = |identifier: &Identifier, change| {
            acl.change(ALICE, identifier, "x", change).unwrap();
            (acl.rights(ALICE, ALICE).to_string(), acl.rights(ALICE, BOB).to_string())
        };
        let all = "lrswipkxtea";
        let bob = Identifier::user(BOB);
        let told = |alice: &str, bob: &str| (alice.to_owned(), bob.to_owned());
        assert_eq!(set(&bob, RightsChange::Add(rights("lr"))), told(all, "lr"));
        assert_eq!(set(&bob, RightsChange::Remove(rights("rw"))), told(all, "l"));
        let minus = bob.clone().negated();
        assert_eq!(set(&minus, RightsChange::Replace(rights("l"))), told(all, ""));
        assert_eq!(set(&minus, RightsChange::Replace(rights(""))), told(all, "l"));
        let alice = Identifier::user(ALICE);
        assert_eq!(set(&alice, RightsChange::Remove(rights("ax"))), told("lrswipktea", "l"));
        assert_eq!(set(&alice, RightsChange::Replace(rights(""))), told("la", "l"));
        acl.remove(ALICE, &bob);
        acl.remove(ALICE, &alice);
        assert_eq!(
            (acl.rights(ALICE, ALICE).to_string(), acl.entries().len()),
            ("la".into(), 1)
        );
        for number in 1..Acl::ENTRIES {
            let identifier = Identifier::user(&number.to_string());
            let added = acl.change(ALICE, &identifier, "x", RightsChange::Add(rights("l")));
            assert!(added.is_ok());
        }
        let over = acl.change(ALICE, &bob, "x", RightsChange::Add(rights("l")));
        assert_eq!(over, Err(StoreError::TooManyGrants));
    }
}
