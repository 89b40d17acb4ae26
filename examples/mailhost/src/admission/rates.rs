//! How much a sender may send an hour.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use smtp_proto::Refusal;

use super::bucket::{Bucket, Rate};
use super::refusal;

/// Limits for one sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Messages an hour.
    pub messages: u32,
    /// Recipients an hour, over all messages.
    pub recipients: u32,
}

impl Default for RateLimits {
    /// What a person or a small list sends: 300 messages and 3000 recipients an hour.
    fn default() -> Self {
        Self {
            messages: 300,
            recipients: 3000,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A MAIL command.
    Message,
    /// A RCPT command.
    Recipient,
}

/// Counts what senders send. Who a sender is, the caller says: best the account that authenticated, else the client's
/// address, for a reverse-path is whatever a spammer likes.
pub struct Rates {
    limits: RateLimits,
    known: Mutex<HashMap<Box<str>, Sender>>,
}

struct Sender {
    messages: Bucket,
    recipients: Bucket,
}

impl Rates {
    /// With these limits for every sender.
    pub fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            known: Mutex::default(),
        }
    }

    /// Lets one more in.
    ///
    /// # Errors
    ///
    /// `450 4.7.1`, with the time to wait.
    pub fn admit(&self, sender: &str, unit: Unit, now: Instant) -> Result<(), Refusal> {
        let mut known = self.lock();
        make_room(&mut known, now);
        let key = &sender[..sender.floor_char_boundary(LONGEST_SENDER)];
        if !known.contains_key(key) {
            let fresh = Sender {
                messages: Bucket::new(now),
                recipients: Bucket::new(now),
            };
            known.insert(key.into(), fresh);
        }
        let sender = known.get_mut(key).expect("just made sure");
        let (bucket, most, what) = match unit {
            Unit::Message => (&mut sender.messages, self.limits.messages, "messages"),
            Unit::Recipient => (&mut sender.recipients, self.limits.recipients, "recipients"),
        };
        let rate = Rate { most, period: HOUR };
        bucket.admit(rate, now).map_err(|wait| {
            let minutes = wait.as_secs() / 60 + 1;
            let text = format!("Too many {what}, at most {most} an hour: send the rest in {minutes} minutes");
            refusal(450, "4.7.1", &text)
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Sender>> {
        self.known.lock().expect("no one panics with it")
    }
}

/// Forgets senders when there are too many: first those that have not sent lately; if that is not enough, all.
fn make_room(known: &mut HashMap<Box<str>, Sender>, now: Instant) {
    if known.len() < MOST_SENDERS {
        return;
    }
    known.retain(|_, sender| !sender.messages.is_idle(now) || !sender.recipients.is_idle(now));
    if known.len() > MOST_SENDERS / 2 {
        known.clear();
    }
}

const HOUR: Duration = Duration::from_secs(3600);

/// Octets of a sender's name that tell it from others.
const LONGEST_SENDER: usize = 256;

/// Senders kept in mind.
const MOST_SENDERS: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_recipients_are_counted_apart() {
        let rates = Rates::new(RateLimits {
            messages: 2,
            recipients: 3,
        });
        let now = Instant::now();
        let admit = |sender, unit, now| rates.admit(sender, unit, now);
        for _ in 0..2 {
            assert_eq!(admit("alice", Unit::Message, now), Ok(()));
        }
        for _ in 0..3 {
            assert_eq!(admit("alice", Unit::Recipient, now), Ok(()));
        }
        let refusal = admit("alice", Unit::Message, now).expect_err("the third message");
        let text = "450 4.7.1 Too many messages, at most 2 an hour: send the rest in 31 minutes";
        assert_eq!(refusal.to_string(), text);
        assert!(admit("alice", Unit::Recipient, now).is_err());
        assert_eq!(admit("bob", Unit::Message, now), Ok(()));
        let later = now + Duration::from_secs(1800);
        assert_eq!(admit("alice", Unit::Message, later), Ok(()));
        assert!(admit("alice", Unit::Message, later).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let (rates, now) = (Rates::new(RateLimits::default()), Instant::now());
        for number in 0..2 * MOST_SENDERS + 5 {
            let sender = format!("{number} {}", "é".repeat(300));
            rates
                .admit(&sender, Unit::Message, now)
                .expect("the first of its sender");
        }
        let known = rates.lock();
        assert!(known.len() <= MOST_SENDERS);
        assert!(known.keys().all(|sender| sender.len() <= LONGEST_SENDER));
    }
}
