//! `address-list` (RFC 5322 §3.4): the value of `From`, `To`, `Cc` and their like.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::address_judge::{judge, octet_defects};
use crate::address_parser::Parser;
use crate::{Address, Defect, DefectKind, Group, Mailbox};

/// The mailboxes and groups in a field's value, and what is wrong with them.
///
/// Borrows the value and holds a table of 44 octets for each mailbox and group; nothing is copied or decoded until it is
/// asked for. Parsing is linear and iterative.
///
/// ```text
/// address-list = (address *("," address)) / obs-addr-list     ; RFC 5322 §3.4
/// mailbox-list = (mailbox *("," mailbox)) / obs-mbox-list
/// ```
///
/// ```
/// # use rfc5322::{Address, AddressList, DefectKind};
/// let list = AddressList::parse(b" Bob <bob@hamburger.edu>, Doe, John <john@example.org>, Cooks: alice@crepes.fr;");
/// let addresses: Vec<String> = list.mailboxes().map(|mailbox| mailbox.to_string()).collect();
/// assert_eq!(addresses, ["bob@hamburger.edu", "john@example.org", "alice@crepes.fr"]);
///
/// let Some(Address::Group(cooks)) = list.iter().nth(2) else { unreachable!() };
/// assert_eq!(cooks.name().unquoted(), b"Cooks");
/// assert_eq!(cooks.members().count(), 1);
///
/// let [defect] = list.defects()[..] else { unreachable!() };
/// assert_eq!((defect.offset, defect.kind), (29, DefectKind::UnquotedComma));
/// ```
#[derive(Clone)]
pub struct AddressList<'a> {
    value: Cow<'a, [u8]>,
    entries: Vec<Entry>,
    /// Those that parsing met. The others are looked for when somebody asks.
    met: Vec<Defect>,
}

/// What the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A mailbox.
    Mailbox(Spans),
    /// A group, and how many of the entries behind it are its members.
    Group(Spans, u32),
}

/// Where the parts of a mailbox or group stand in the value. A part that is missing is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spans {
    pub(crate) raw: Span,
    pub(crate) name: Span,
    pub(crate) route: Span,
    pub(crate) local: Span,
    pub(crate) domain: Span,
}

/// Part of a value, shorter than 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// The parser reads no value beyond [`AddressList::MAX`].
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) const fn of(self, value: &[u8]) -> &[u8] {
        let (behind, _) = value.split_at(self.end as usize);
        behind.split_at(self.start as usize).1
    }
}

impl<'a> AddressList<'a> {
    /// The most octets that are read of a value: one less than 4 GiB.
    pub const MAX: usize = u32::MAX as usize;

    /// Reads a value as real mail has it, whatever it holds, and can tell what is wrong with it, the
    /// [`defects`](Self::defects): obsolete syntax; commas and semicolons that are missing, doubled or exchanged; names
    /// that lack their quotes; addresses that lack a bracket or a domain; groups that are open or nested.
    ///
    /// The value is the field's, as it is folded.
    pub fn parse(value: &'a [u8]) -> Self {
        let (entries, met) = Parser::new(&value[..value.len().min(Self::MAX)]).parse();
        Self {
            value: Cow::Borrowed(value),
            entries,
            met,
        }
    }

    /// Reads a value that follows the grammar without its obsolete forms.
    ///
    /// # Errors
    ///
    /// The first of the [`defects`](Self::defects) that [`parse`](Self::parse) finds. An empty list is one, too; it
    /// may stand in `Bcc` alone (RFC 5322 §3.6.3).
    pub fn parse_strict(value: &'a [u8]) -> Result<Self, Defect> {
        let list = Self::parse(value);
        match list.defects().first() {
            Some(defect) => Err(*defect),
            None => Ok(list),
        }
    }

    /// Mailboxes and groups, in order.
    pub fn iter(&self) -> Addresses<'_> {
        Addresses {
            value: &self.value,
            entries: &self.entries,
        }
    }

    /// All mailboxes, in order, the members of groups among them.
    pub fn mailboxes(&self) -> Mailboxes<'_> {
        Mailboxes::new(&self.value, &self.entries)
    }

    /// The first mailbox, member of a group or not.
    pub fn first(&self) -> Option<Mailbox<'_>> {
        self.mailboxes().next()
    }

    /// Whether there is neither a mailbox nor a group.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is wrong with the value, by offset; looked for when this is called. Linear, but for sorting.
    pub fn defects(&self) -> Vec<Defect> {
        let input = &self.value[..self.value.len().min(Self::MAX)];
        let mut defects = self.met.clone();
        for entry in &self.entries {
            if let Entry::Mailbox(spans) = entry {
                judge(input, spans, &mut defects);
            }
        }
        let mut defect = |offset, kind| defects.push(Defect { offset, kind });
        if self.entries.is_empty() {
            defect(0, DefectKind::MissingAddress);
        }
        if input.len() < self.value.len() {
            defect(input.len(), DefectKind::TooLong);
        }
        octet_defects(input, &mut defects);
        defects.sort_by_key(|defect| defect.offset);
        defects.dedup();
        defects
    }

    /// The value that was parsed.
    pub fn raw(&self) -> &[u8] {
        &self.value
    }

    /// Copies the value, so that the list can be kept.
    pub fn into_owned(self) -> AddressList<'static> {
        AddressList {
            value: Cow::Owned(self.value.into_owned()),
            entries: self.entries,
            met: self.met,
        }
    }
}

impl fmt::Debug for AddressList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressList")
            .field("addresses", &self.iter())
            .field("defects", &self.defects())
            .finish()
    }
}

impl<'a> IntoIterator for &'a AddressList<'_> {
    type Item = Address<'a>;
    type IntoIter = Addresses<'a>;

    fn into_iter(self) -> Addresses<'a> {
        self.iter()
    }
}

/// The mailboxes and groups of a list; made by [`AddressList::iter`].
#[derive(Clone)]
pub struct Addresses<'a> {
    value: &'a [u8],
    entries: &'a [Entry],
}

impl<'a> Iterator for Addresses<'a> {
    type Item = Address<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (entry, rest) = self.entries.split_first()?;
        match *entry {
            Entry::Mailbox(spans) => {
                self.entries = rest;
                Some(Address::Mailbox(Mailbox::new(self.value, spans)))
            }
            Entry::Group(spans, members) => {
                let (members, rest) = rest.split_at(rest.len().min(members as usize));
                self.entries = rest;
                Some(Address::Group(Group::new(self.value, spans, members)))
            }
        }
    }
}

impl fmt::Debug for Addresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Mailboxes; made by [`AddressList::mailboxes`] and [`Group::members`].
#[derive(Clone)]
pub struct Mailboxes<'a> {
    value: &'a [u8],
    entries: &'a [Entry],
}

impl<'a> Mailboxes<'a> {
    pub(crate) const fn new(value: &'a [u8], entries: &'a [Entry]) -> Self {
        Self { value, entries }
    }
}

impl<'a> Iterator for Mailboxes<'a> {
    type Item = Mailbox<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (entry, rest) = self.entries.split_first()?;
            self.entries = rest;
            if let Entry::Mailbox(spans) = *entry {
                return Some(Mailbox::new(self.value, spans));
            }
        }
    }
}

impl fmt::Debug for Mailboxes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
