//! A message of the server in memory.

use std::num::NonZeroU32;

use imap_proto::{Access, DateTime, FetchAttribute, FetchItem, Flag, Payload, SearchKey, Section};

#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) uid: NonZeroU32,
    pub(crate) flags: Vec<Flag<'static>>,
    pub(crate) octets: Vec<u8>,
}

impl Message {
    pub(crate) fn item(&self, attribute: &FetchAttribute<'static>) -> Option<FetchItem<'static>> {
        let (header, text) = self.parts();
        let held = |octets: &[u8]| Some(Payload::Held(octets.to_vec().into()));
        Some(match attribute {
            FetchAttribute::Flags => FetchItem::Flags(self.flags.clone()),
            FetchAttribute::Uid => FetchItem::Uid(self.uid),
            FetchAttribute::InternalDate => FetchItem::InternalDate(date()),
            FetchAttribute::Rfc822Size => FetchItem::Rfc822Size(self.octets.len() as u64),
            FetchAttribute::Rfc822 => FetchItem::Rfc822(held(&self.octets)),
            FetchAttribute::Rfc822Header => FetchItem::Rfc822Header(held(header)),
            FetchAttribute::BodySection { section, .. } => FetchItem::BodySection {
                section: section.clone(),
                origin: None,
                data: match section {
                    Section::Whole => held(&self.octets),
                    Section::Header(None) => held(header),
                    Section::Text(None) => held(text),
                    _ => None,
                },
            },
            _ => return None,
        })
    }

    /// Header and text.
    fn parts(&self) -> (&[u8], &[u8]) {
        let end = self.octets.windows(4).position(|four| four == b"\r\n\r\n");
        self.octets.split_at(end.map_or(self.octets.len(), |at| at + 4))
    }

    pub(crate) fn matches(&self, key: &SearchKey<'static>, number: NonZeroU32, largest: NonZeroU32) -> bool {
        let has = |text: &str| {
            String::from_utf8_lossy(&self.octets)
                .to_lowercase()
                .contains(&text.to_lowercase())
        };
        match key {
            SearchKey::All => true,
            SearchKey::Sequence(set) => set.contains(number, largest),
            SearchKey::Seen => self.flags.contains(&Flag::Seen),
            SearchKey::Unseen => !self.flags.contains(&Flag::Seen),
            SearchKey::Subject(text) => has(&format!("subject: {}", text.to_text())),
            SearchKey::From(text) | SearchKey::Text(text) => has(&text.to_text()),
            _ => false,
        }
    }
}

pub(crate) fn marks_seen(attribute: &FetchAttribute<'_>) -> bool {
    matches!(
        attribute,
        FetchAttribute::Rfc822
            | FetchAttribute::BodySection {
                access: Access::MarkSeen,
                ..
            }
    )
}

fn date() -> DateTime {
    let day = imap_proto::Date::new(2026, 10, 5).expect("there is such a day");
    DateTime::new(day, 9, 0, 0, 120).expect("there is such an hour")
}
