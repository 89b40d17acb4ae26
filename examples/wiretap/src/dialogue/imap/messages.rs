//! Messages in IMAP: what APPEND brings, and what FETCH brings whole.

use imap_proto::{FetchItem, Section};
use imap_proto::server::{Part, PartData};

use super::Imap;
use crate::message::Gathering;

impl Imap {
    /// A message comes.
    pub(super) fn begin_upload(&mut self, part: &Part) {
        let Part::Message { data, .. } = part else { return };
        if matches!(data, PartData::Literal(_) | PartData::Literal8(_) | PartData::Utf8(_)) {
            self.upload = Some(Gathering::new("APPEND".into()));
        }
    }

    /// What is left of a literal whose rest was not understood.
    pub(super) fn skip_client(&mut self, octets: u64) {
        self.client.skip_octets(octets);
    }
}

/// What brings a whole message, if this item does.
pub(super) fn carrier(item: &FetchItem<'_>) -> Option<String> {
    match item {
        FetchItem::Rfc822(_) => Some("FETCH RFC822".into()),
        FetchItem::BodySection { section, origin: None, .. } if *section == Section::Whole => Some("FETCH BODY[]".into()),
        FetchItem::Binary { part: None, origin: None, .. } => Some("FETCH BINARY[]".into()),
        _ => None,
    }
}

/// The name of an item that brings a part of a message.
pub(super) fn part(item: &FetchItem<'_>) -> Option<&'static str> {
    match item {
        _ if carrier(item).is_some() => None,
        FetchItem::Rfc822Header(_) => Some("RFC822.HEADER"),
        FetchItem::Rfc822Text(_) => Some("RFC822.TEXT"),
        FetchItem::BodySection { .. } => Some("a section of the message"),
        FetchItem::Binary { .. } => Some("a part of the message, decoded"),
        _ => None,
    }
}
