//! SEARCH: which messages match, in as few looks at their text as it takes (RFC 9051 §6.4.4).
//!
//! 1. [`SearchPlan::compile`] a program;
//! 2. [`judge`](SearchPlan::judge) each message by its [`MessageFacts`];
//! 3. where the verdict is open, give the message's octets to the [`TextSearch`] until it answers;
//! 4. collect what matches in [`SearchResults`], which say what the client is told.

pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod key;
pub(crate) mod plan;
pub(crate) mod ranges;
pub(crate) mod strings;
pub(crate) mod text;
pub(crate) mod tree;

#[cfg(test)]
use plan::SearchPlan;
