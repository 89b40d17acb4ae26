//! THREAD: which messages are answers to which (RFC 5256 §3).

mod facts;
mod forest;
mod ordered_subject;
mod references;

use std::num::NonZeroU32;

use imap_proto::{ThreadAlgorithm, ThreadMessage, Threads};

use crate::SearchError;
pub use facts::ThreadFacts;

/// Puts messages into threads. They are given in the order of the mailbox, each with the number that the answer is to name it by.
///
/// Takes time in proportion to messages and references, but for a logarithm; no depth of replies costs stack.
///
/// ```
/// use imap_mailbox::{ThreadFacts, threads};
/// use imap_proto::{Date, DateTime, ThreadAlgorithm};
///
/// let arrival = DateTime::new(Date::new(2003, 7, 1)?, 10, 52, 37, 120)?;
/// let question = ThreadFacts::of(b"Message-ID: <1@crepes.fr>\r\nSubject: ketchup?\r\n\r\n", arrival);
/// let answer = ThreadFacts::of(b"References: <1@crepes.fr>\r\nSubject: Re: ketchup?\r\n\r\n", arrival);
/// let messages = [(1.try_into()?, &answer), (2.try_into()?, &question)];
/// let found = threads(&ThreadAlgorithm::References, &messages)?;
/// let depths: Vec<_> = found.messages().iter().map(|message| (message.number.unwrap().get(), message.depth)).collect();
/// assert_eq!(depths, [(2, 0), (1, 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SearchError::UnsupportedAlgorithm`] for an algorithm that is neither ORDEREDSUBJECT nor REFERENCES.
pub fn threads(
    algorithm: &ThreadAlgorithm<'_>,
    messages: &[(NonZeroU32, &ThreadFacts)],
) -> Result<Threads, SearchError> {
    let facts: Vec<&ThreadFacts> = messages.iter().map(|(_, facts)| *facts).collect();
    let placed = match algorithm {
        ThreadAlgorithm::OrderedSubject => ordered_subject::thread(&facts),
        ThreadAlgorithm::References => references::thread(&facts),
        _ => return Err(SearchError::UnsupportedAlgorithm),
    };
    let placed = placed.into_iter().map(|Placed { depth, index }| ThreadMessage {
        depth,
        number: index.map(|index| messages[index].0),
    });
    Ok(Threads::new(placed.collect()).expect("places without a message have two messages or more below"))
}

/// A message in its thread, behind the one that it answers.
struct Placed {
    depth: u32,
    /// Which of the messages; `None` holds siblings together.
    index: Option<usize>,
}
