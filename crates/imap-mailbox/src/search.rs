//! SEARCH: which messages match, in as few looks at their text as it takes (RFC 9051 §6.4.4).
//!
//! 1. [`SearchPlan::compile`](crate::SearchPlan::compile) a program;
//! 2. [`judge`](crate::SearchPlan::judge) each message by its [`MessageFacts`](crate::MessageFacts);
//! 3. where the verdict is open, give the message's octets to the [`TextSearch`](crate::TextSearch) until it answers;
//! 4. collect what matches in [`SearchResults`](crate::SearchResults), which say what the client is told.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod facts;
mod fields;
mod header;
pub(crate) mod key;
pub(crate) mod live;
pub(crate) mod plan;
pub(crate) mod ranges;
pub(crate) mod results;
pub(crate) mod strings;
pub(crate) mod text;
pub(crate) mod tree;
