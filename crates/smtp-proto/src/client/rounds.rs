//! A message for more recipients than a server takes at once.

use alloc::vec::Vec;

use super::{Envelope, Outcome};

/// One transaction after the other, until each recipient has been asked for (RFC 5321 §4.5.3.1.10, RFC 9422 §4.2): those that
/// the server's announced limits left out, and those that it refused with 452, which says that they were too many, while it
/// took the message for others.
///
/// ```
/// # use smtp_proto::{Mailbox, Reply, client::{Envelope, Event, Outcome, Rounds}};
/// # fn reply(text: &[u8]) -> Reply { Reply::parse(text).unwrap() }
/// # let (alice, bob, carol): (Mailbox, Mailbox, Mailbox) =
/// #     ("alice@a.example".parse().unwrap(), "bob@b.example".parse().unwrap(), "carol@b.example".parse().unwrap());
/// let envelope = Envelope::new(alice, [bob, carol]).unwrap();
/// let mut outcome = Outcome::new(2);
/// outcome.record(&Event::Sender(reply(b"250 ok\r\n")));
/// outcome.record(&Event::Recipient(0, reply(b"250 ok\r\n")));
/// outcome.record(&Event::Recipient(1, reply(b"452 4.5.3 one at a time, please\r\n")));
/// outcome.record(&Event::Message(reply(b"250 queued\r\n")));
///
/// let mut rounds = Rounds::new(&envelope, outcome);
/// let rest = rounds.rest().expect("one more transaction");
/// assert_eq!(rest.recipients()[0].to_string(), "<carol@b.example>");
/// # let mut outcome = Outcome::new(1);
/// # outcome.record(&Event::Sender(reply(b"250 ok\r\n")));
/// # outcome.record(&Event::Recipient(0, reply(b"250 ok\r\n")));
/// # outcome.record(&Event::Message(reply(b"250 queued\r\n")));
/// rounds.record(&outcome); // what became of it
/// assert!(rounds.rest().is_none());
/// assert!(rounds.into_outcome().is_complete_success());
/// ```
#[derive(Clone, Debug)]
pub struct Rounds<'a> {
    envelope: &'a Envelope,
    outcome: Outcome,
    /// Places of the recipients who are to be asked for once more.
    rest: Vec<usize>,
}

impl<'a> Rounds<'a> {
    /// Behind the first transaction of this envelope.
    pub fn new(envelope: &'a Envelope, outcome: Outcome) -> Self {
        let mut rounds = Self {
            envelope,
            rest: Vec::new(),
            outcome,
        };
        let places = 0..envelope.recipients().len();
        rounds.rest = rounds.left_out(places);
        rounds
    }

    /// The envelope of the next transaction, if there is to be one.
    pub fn rest(&self) -> Option<Envelope> {
        self.envelope.only(&self.rest)
    }

    /// Takes in what became of the transaction with the [`rest`](Self::rest). When it brought nobody the message, there is
    /// no other one.
    pub fn record(&mut self, outcome: &Outcome) {
        let places = core::mem::take(&mut self.rest);
        for (&place, result) in places.iter().zip(outcome.results()) {
            self.outcome.settle(place, result);
        }
        self.rest = self.left_out(places.into_iter());
    }

    /// What became of the message, a result for each recipient of the whole envelope.
    pub fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Of these recipients, those for whom another transaction is worth trying.
    fn left_out(&self, places: impl Iterator<Item = usize> + Clone) -> Vec<usize> {
        let result = |place: usize| self.outcome.result_at(place);
        let is_progress = places.clone().any(|place| matches!(result(place), Some(Ok(_))));
        let is_left_out = |&place: &usize| matches!(result(place), Some(Err(failure)) if failure.is_one_too_many());
        match is_progress {
            true => places.filter(is_left_out).collect(),
            false => Vec::new(),
        }
    }
}
