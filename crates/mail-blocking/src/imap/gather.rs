//! FETCH responses, put together from what the machine tells of them.

use imap_proto::client::Event;
use imap_proto::{Data, Fetch, FetchItem};

/// A FETCH response under way. A call that is dropped leaves it as it is; the next call goes on.
#[derive(Debug, Default)]
pub(super) struct Gather {
    fetch: Option<Fetch<'static>>,
    literal: Option<(FetchItem<'static>, Vec<u8>)>,
    literals: Literals,
}

/// What becomes of long literals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Literals {
    /// They are dropped: nobody asked for them.
    #[default]
    Drop,
    /// They are collected.
    Keep,
}

impl Gather {
    pub(super) fn literals(&mut self, literals: Literals) {
        self.literals = literals;
        if let (Literals::Drop, Some((_, octets))) = (literals, &mut self.literal) {
            *octets = Vec::new();
        }
    }

    /// Whole data, when `event` makes it whole.
    pub(super) fn event(&mut self, event: Event) -> Option<Data<'static>> {
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

    pub(super) fn octets(&mut self, octets: &[u8]) {
        if let (Literals::Keep, Some((_, held))) = (self.literals, &mut self.literal) {
            held.extend_from_slice(octets);
        }
    }

    /// The literal is whole.
    pub(super) fn end(&mut self) {
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
