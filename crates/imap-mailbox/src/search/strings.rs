//! The strings of a search, and finding them in text that streams by.

use std::collections::HashMap;

use memchr::memmem::Finder;

use super::key::{Place, Sought, TextKey};
use crate::Collation;

/// The keys of a search that need text, each by its index among all keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strings {
    /// Keys that are answered from fields of a name, in lower case.
    pub(crate) fields: HashMap<Box<str>, FieldKeys>,
    /// TEXT.
    pub(crate) text: Group,
    /// TEXT and BODY.
    pub(crate) body: Group,
    /// The groups that stand for the text, or the addresses, of one field.
    pub(crate) groups: Vec<Group>,
}

/// What is asked of fields of one name.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldKeys {
    pub(crate) presence: Vec<u32>,
    pub(crate) sent: Vec<u32>,
    /// Indexes of [`Strings::groups`].
    pub(crate) text: Option<usize>,
    pub(crate) addresses: Option<usize>,
}

/// Strings that are looked for in the same text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    finders: Vec<(u32, Finder<'static>)>,
    longest: usize,
    /// Whether it is one of many: then its window is small.
    is_of_field: bool,
}

impl Strings {
    pub(crate) fn push(&mut self, index: u32, key: &TextKey, collation: Collation) {
        match (&key.place, &key.sought) {
            (Place::Body, Sought::String(string)) => self.body.push(index, string, collation),
            (Place::Text, Sought::String(string)) => {
                self.body.push(index, string, collation);
                self.text.push(index, string, collation);
            }
            (Place::Field(name), Sought::Presence) => self.field(name).presence.push(index),
            (Place::Addresses(name), Sought::Presence) => self.field(name).presence.push(index),
            (Place::Field(name), Sought::Sent(..)) => self.field(name).sent.push(index),
            (Place::Field(name), Sought::String(string)) => {
                let next = self.groups.len();
                let group = *self.field(name).text.get_or_insert(next);
                self.push_in(group, index, string, collation);
            }
            (Place::Addresses(name), Sought::String(string)) => {
                let next = self.groups.len();
                let group = *self.field(name).addresses.get_or_insert(next);
                self.push_in(group, index, string, collation);
            }
            _ => {}
        }
    }

    fn field(&mut self, name: &str) -> &mut FieldKeys {
        self.fields.entry(name.into()).or_default()
    }

    fn push_in(&mut self, group: usize, index: u32, string: &str, collation: Collation) {
        if group == self.groups.len() {
            self.groups.push(Group {
                is_of_field: true,
                ..Group::default()
            });
        }
        self.groups[group].push(index, string, collation);
    }
}

impl Group {
    fn push(&mut self, index: u32, string: &str, collation: Collation) {
        let key = collation.key(string);
        self.longest = self.longest.max(key.as_bytes().len());
        self.finders.push((index, Finder::new(key.as_bytes()).into_owned()));
    }

    /// Which of its strings are in a text as it is compared, each by its key.
    pub(crate) fn look_in(&self, text: &[u8]) -> impl Iterator<Item = (u32, bool)> {
        let finders = self.finders.iter();
        finders.map(move |(index, finder)| (*index, finder.find(text).is_some()))
    }

    /// Whether one of its keys is open.
    pub(crate) fn is_open(&self, is_open: impl Fn(u32) -> bool) -> bool {
        self.finders.iter().any(|(index, _)| is_open(*index))
    }
}

/// Text that waits to be looked through, as it is compared. It holds as much as the longest string four times, or 64 KiB, of one field
/// 4 KiB; and what came last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window(Vec<u8>);

impl Window {
    /// Where to append text.
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// Looks through the text if there is much of it. The end of it is kept, for a string may begin there.
    pub(crate) fn scan(&mut self, group: &Group, is_open: impl Fn(u32) -> bool, found: impl FnMut(u32)) {
        // So often at most is an octet looked at, for each string: twice.
        let enough = if group.is_of_field { ENOUGH_OF_FIELD } else { ENOUGH };
        if self.0.len() < enough.max(group.longest.saturating_mul(4)) {
            return;
        }
        self.look(group, is_open, found);
        let kept = group.longest.saturating_sub(1).min(self.0.len());
        self.0.drain(..self.0.len() - kept);
    }

    /// Looks through the text, which ends here.
    pub(crate) fn finish(&mut self, group: &Group, is_open: impl Fn(u32) -> bool, found: impl FnMut(u32)) {
        self.look(group, is_open, found);
        self.0.clear();
    }

    fn look(&self, group: &Group, is_open: impl Fn(u32) -> bool, mut found: impl FnMut(u32)) {
        if self.0.is_empty() {
            return;
        }
        for (index, finder) in &group.finders {
            if is_open(*index) && finder.find(&self.0).is_some() {
                found(*index);
            }
        }
    }
}

const ENOUGH: usize = 64 * 1024;
const ENOUGH_OF_FIELD: usize = 4 * 1024;
