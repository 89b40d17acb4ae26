//! `docs/threats.md` rows 11 and 13: threads of any depth and width, in time that is about linear, on a small stack.

use std::time::{Duration, Instant};

use imap_mailbox::ThreadFacts;
use imap_proto::ThreadAlgorithm;

use super::{mail, thread, wire};

const MANY: usize = 100_000;
const SOON: Duration = Duration::from_secs(20);

fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

fn facts(id: usize, references: &[usize]) -> ThreadFacts {
    let mut facts = mail("", "", "", 1);
    facts.message_id = Some(id.to_string().into_bytes().into());
    facts.references = references.iter().map(|id| id.to_string().into_bytes().into()).collect();
    facts
}

/// Depth of the deepest message, and how many there are.
fn shape(messages: &[ThreadFacts]) -> (u32, usize) {
    let start = Instant::now();
    let threads = thread(&ThreadAlgorithm::References, messages);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    let deepest = threads.messages().iter().map(|message| message.depth).max().unwrap();
    let count = threads
        .messages()
        .iter()
        .filter(|message| message.number.is_some())
        .count();
    wire(threads);
    (deepest, count)
}

#[test]
fn depth_and_order_do_not_matter() {
    on_a_small_stack(|| {
        let deepest = (MANY as u32 - 1, MANY);
        let mut chain: Vec<_> = (0..MANY).map(|id| facts(id, id.checked_sub(1).as_slice())).collect();
        assert_eq!(shape(&chain), deepest);
        chain.reverse();
        assert_eq!(shape(&chain), deepest);
        // From both ends, so that long chains are put below long chains.
        let (even, odd): (Vec<_>, Vec<_>) = (0..MANY).partition(|id| id % 2 == 0);
        let mixed: Vec<_> = even
            .into_iter()
            .chain(odd)
            .map(|id| facts(id, id.checked_sub(1).as_slice()))
            .collect();
        assert_eq!(shape(&mixed), deepest);
    });
}

#[test]
fn loops_end() {
    on_a_small_stack(|| {
        let ring: Vec<_> = (0..MANY).map(|id| facts(id, &[(id + 1) % MANY])).collect();
        assert_eq!(shape(&ring), (MANY as u32 - 1, MANY));
        // Each message asks again whether the first is below it.
        let ends: Vec<_> = (0..MANY).map(|id| facts(id, &[(id + MANY - 1) % MANY, 0])).collect();
        assert_eq!(shape(&ends).1, MANY);
        let own: Vec<_> = (0..MANY).map(|id| facts(id, &[id, id])).collect();
        assert_eq!(shape(&own), (0, MANY));
    });
}

#[test]
fn dummies_and_siblings_are_many() {
    on_a_small_stack(|| {
        let dummies: Vec<usize> = (MANY..2 * MANY).collect();
        let mut messages = vec![facts(0, &dummies), facts(1, &dummies)];
        assert_eq!(shape(&messages), (1, 2));
        messages.extend((2..MANY).map(|id| facts(id, &[2 * MANY - 1])));
        assert_eq!(shape(&messages), (1, MANY));
        let same: Vec<_> = (0..MANY).map(|id| mail(&id.to_string(), "", "one", 1)).collect();
        assert_eq!(shape(&same), (1, MANY));
    });
}
