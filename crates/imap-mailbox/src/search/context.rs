//! What a search is about, besides its keys.

use std::num::NonZeroU32;

use imap_proto::{NumberSet, SearchKey};

/// The mailbox and the moment in which a search is asked for: what `*`, `$` and OLDER mean.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SearchContext<'c> {
    /// How many messages this client knows of.
    pub messages: u32,
    /// The unique identifier of the last of them.
    pub highest_uid: Option<NonZeroU32>,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// The unique identifiers that `$` stands for (RFC 5182 §2.1); `None` where it is empty.
    pub saved: Option<&'c NumberSet>,
    /// Whether the mailbox keeps save dates (RFC 8514 §4.3).
    pub has_save_dates: bool,
    /// Keys that only the server can tell about, such as FILTER or X-GM-RAW, with the unique identifiers of the messages that match.
    pub answered: &'c [(SearchKey<'c>, Option<NumberSet>)],
}

impl<'c> SearchContext<'c> {
    /// A mailbox of so many messages.
    pub fn new(messages: u32, highest_uid: Option<NonZeroU32>, now: i64) -> Self {
        Self {
            messages,
            highest_uid,
            now,
            ..Self::default()
        }
    }

    /// With what `$` stands for, in unique identifiers.
    #[must_use]
    pub const fn with_saved(mut self, saved: Option<&'c NumberSet>) -> Self {
        self.saved = saved;
        self
    }

    /// Of a mailbox that keeps save dates.
    #[must_use]
    pub const fn with_save_dates(mut self) -> Self {
        self.has_save_dates = true;
        self
    }

    /// With keys that the server has looked into by itself.
    #[must_use]
    pub const fn with_answers(mut self, answered: &'c [(SearchKey<'c>, Option<NumberSet>)]) -> Self {
        self.answered = answered;
        self
    }
}
