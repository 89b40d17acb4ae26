//! FETCH responses, put together from what the machine tells of them.

use alloc::vec::Vec;

use super::Event;
use crate::{Data, Fetch, FetchItem};

/// A FETCH response under way, for a driver that hands out whole ones: feed it each event, and each body behind
/// [`Event::FetchLiteral`]. It stays as it is when the driver's caller gives up in between.
///
/// ```
/// # use imap_proto::client::{Event, Gather, Literals};
/// # use imap_proto::{FetchItem, Numbering, Payload};
/// # let number = core::num::NonZeroU32::MIN;
/// let mut gather = Gather::default();
/// gather.literals(Literals::Keep);
/// assert_eq!(gather.event(Event::FetchBegan(Numbering::Sequence, number)), None);
/// let item = FetchItem::Rfc822(Some(Payload::Announced(5)));
/// assert_eq!(gather.event(Event::FetchLiteral(item.into())), None);
/// gather.octets(b"hello");
/// gather.end();
/// assert!(gather.event(Event::FetchEnded).is_some());
/// ```
#[derive(Debug, Default)]
pub struct Gather {
    fetch: Option<Fetch<'static>>,
    literal: Option<(FetchItem<'static>, Vec<u8>)>,
    literals: Literals,
}

/// What becomes of long literals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Literals {
    /// They are dropped: nobody asked for them.
    #[default]
    Drop,
    /// They are collected.
    Keep,
}

impl Gather {
    /// What becomes of literals from here on; one that is under way is let go of when they are to be dropped.
    pub fn literals(&mut self, literals: Literals) {
        self.literals = literals;
        if let (Literals::Drop, Some((_, octets))) = (literals, &mut self.literal) {
            *octets = Vec::new();
        }
    }

    /// Whole data, when `event` makes it whole.
    pub fn event(&mut self, event: Event) -> Option<Data<'static>> {
        match event {
            Event::Data(data) => return Some(*data),
            Event::FetchBegan(numbering, number) => self.fetch = Some(Fetch::empty(numbering, number)),
            Event::FetchItem(item) => self.item(*item),
            Event::FetchLiteral(item) => self.literal = Some((*item, Vec::new())),
            Event::FetchEnded => return self.fetch.take().map(Data::Fetch),
            _ => {}
        }
        None
    }

    /// Octets of the body behind [`Event::FetchLiteral`].
    pub fn octets(&mut self, octets: &[u8]) {
        if let (Literals::Keep, Some((_, held))) = (self.literals, &mut self.literal) {
            held.extend_from_slice(octets);
        }
    }

    /// The literal is whole.
    pub fn end(&mut self) {
        match (self.literals, self.literal.take()) {
            (Literals::Keep, Some((item, octets))) => self.item(item.with_octets(octets)),
            // It stays announced.
            (Literals::Drop, Some((item, _))) => self.item(item),
            (_, None) => {}
        }
    }

    fn item(&mut self, item: FetchItem<'static>) {
        if let Some(fetch) = &mut self.fetch {
            fetch.push(item);
        }
    }
}
