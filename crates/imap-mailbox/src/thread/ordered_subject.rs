//! ORDEREDSUBJECT: messages with the same base subject are one thread, the first of them above the others (RFC 5256 §3).

use super::{Placed, ThreadFacts};

pub(super) fn thread(messages: &[&ThreadFacts]) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..messages.len()).collect();
    order.sort_by_key(|&index| (&messages[index].subject, messages[index].sent, index));
    let mut threads: Vec<&[usize]> = order
        .chunk_by(|&one, &next| messages[one].subject == messages[next].subject)
        .collect();
    threads.sort_by_key(|thread| (messages[thread[0]].sent, thread[0]));
    let place = |(position, &index): (usize, &usize)| Placed {
        depth: u32::from(position > 0),
        index: Some(index),
    };
    threads
        .into_iter()
        .flat_map(|thread| thread.iter().enumerate().map(place))
        .collect()
}
