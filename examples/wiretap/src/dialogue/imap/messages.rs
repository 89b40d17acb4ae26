//! Messages in IMAP: what APPEND brings, and what FETCH brings whole.

use imap_proto::server::{Part, PartData};
use imap_proto::{FetchItem, Section};

use super::Imap;
use crate::dialogue::imap_about;
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
        self.client.resume_behind(octets, is_command);
    }
}

/// Whether a command seems to begin here.
fn is_command(octets: &[u8]) -> bool {
    let mut words = octets.splitn(3, |octet| octet.is_ascii_whitespace());
    let _tag = words.next();
    let name = words.next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"UID") || imap_about::command(name).is_some()
}

/// What brings a whole message, if this item does.
pub(super) fn carrier(item: &FetchItem<'_>) -> Option<String> {
    match item {
        FetchItem::Rfc822(_) => Some("FETCH RFC822".into()),
        FetchItem::BodySection {
            section, origin: None, ..
        } if *section == Section::Whole => Some("FETCH BODY[]".into()),
        FetchItem::Binary {
            part: None,
            origin: None,
            ..
        } => Some("FETCH BINARY[]".into()),
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
