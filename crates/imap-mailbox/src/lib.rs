//! What every IMAP server must compute, on [`imap_proto`]'s types: no I/O, no clock, no threads.
//!
//! What it does not do: it keeps no messages, flags or mailboxes, speaks no protocol and knows no users. A server's store says
//! what there is; this crate says what the client is to be told of it.
//!
//! - [`message`] is what FETCH tells of a message: a [`Summary`](message::Summary) that is kept beside it, and its sections.
//! - [`View`] knows what a client has been told of its mailbox and what it is to be told next; [`Uids`] are what sequence
//!   numbers are made of.
//! - [`Hierarchy`] answers LIST and LSUB.
//! - [`SearchPlan`] says which messages match a SEARCH: by their [`MessageFacts`] as far as it can, and then by a [`TextSearch`] in their
//!   octets; [`SearchResults`] are what the client is told, and [`LiveSearch`] tells when they change.
//! - [`SortOrder`] and [`SortFacts`] answer SORT, [`threads()`] and [`ThreadFacts`] THREAD.
//!
//! What a server does when a message arrives, and when FETCH asks for its structure:
//!
//! ```
//! use imap_mailbox::message::SummaryBuilder;
//!
//! let mut builder = SummaryBuilder::new();
//! for piece in b"From: alice@crepes.fr\r\nSubject: lunch\r\n\r\nAt noon?\r\n".chunks(7) {
//!     builder.push(piece); // as it comes from the network
//! }
//! let summary = builder.finish();
//! let kept = summary.to_bytes(); // stored beside the message: it is not read again
//! assert_eq!(imap_mailbox::message::Summary::from_bytes(&kept)?, summary);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod collation;
#[doc(hidden)]
pub mod fuzzing;
mod list;
pub mod message;
mod search;
mod sent_date;
mod sort;
mod thread;
mod uids;
mod view;

pub use collation::{Collation, CollationKey};
pub use list::{Hierarchy, MailboxEntry};
pub use search::context::SearchContext;
pub use search::error::SearchError;
pub use search::facts::{Hit, MessageFacts};
pub use search::live::{LiveChange, LiveSearch, LiveSearches};
pub use search::plan::{SearchPlan, Verdict};
pub use search::results::SearchResults;
pub use search::text::{TextNeed, TextSearch};
pub use sort::{SortFacts, SortOrder};
pub use thread::{ThreadFacts, threads};
pub use uids::Uids;
pub use view::{Changes, Memory, MessageChange, OutOfRange, Release, Since, View};
