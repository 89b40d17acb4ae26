//! What follows from an attempt: verdicts to record, words to the sender, and when to try again. All of it decided here,
//! without a clock or a store.

use std::time::SystemTime;

use mime_codec::report::StatusCode;

use super::Schedule;
use crate::bounce::{Occasion, wants};
use crate::store::{ByMode, Diagnosis, Next, QueueEntry, RecipientStatus, Verdict, Warned};

/// What an attempt was told about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The next hop has it, and reports from here on.
    Delivered(Diagnosis),
    /// The next hop has it, and knows nothing of reports.
    Relayed(Diagnosis),
    /// It never will have it.
    Never(Diagnosis),
    /// Not now.
    Later(Diagnosis),
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// To be recorded. Those still pending are among them, with what they were told last.
    pub(crate) verdicts: Vec<Verdict>,
    /// Recipients whose sender is to hear something, by number.
    pub(crate) words: Vec<(usize, Occasion)>,
    /// What happens to the entry.
    pub(crate) next: Next,
}

/// Decides what follows from an attempt. `told` is about all pending recipients, by number.
pub(crate) fn decide(
    entry: &QueueEntry,
    told: Vec<(usize, Told)>,
    schedule: &Schedule,
    now: SystemTime,
    jitter: f64,
) -> Decision {
    let late = Lateness::of(entry, schedule, now);
    let mut decision = Decision {
        verdicts: Vec::with_capacity(told.len()),
        words: Vec::new(),
        next: Next::Remove,
    };
    let mut last = None;
    let mut is_warnable = false;
    for (number, told) in told {
        let Some(recipient) = entry.recipients.get(number) else {
            continue;
        };
        let (status, diagnosis) = late.judge(told);
        let occasion = late.occasion(status);
        if let Some(occasion) = occasion.filter(|&occasion| wants(recipient, &entry.terms, occasion)) {
            decision.words.push((number, occasion));
        }
        if status == RecipientStatus::Pending {
            is_warnable |= wants(recipient, &entry.terms, Occasion::Delayed);
            last = Some(diagnosis.text.value.clone());
        }
        decision.verdicts.push(Verdict {
            recipient: number,
            status,
            diagnosis: Some(diagnosis),
        });
    }
    if let Some(error) = last {
        let warned = late.warned(entry.warned);
        let at = schedule.next(entry, warned, is_warnable, now, jitter);
        decision.next = Next::Retry { at, error, warned };
    }
    decision
}

/// How late an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lateness {
    /// There is time.
    InTime,
    /// The sender should hear of it.
    Late,
    /// The sender's deadline has passed, and the sender should hear of it.
    Overdue,
    /// The sender's deadline has passed, and the message returns.
    TooLate,
    /// It was tried for long enough.
    GivenUp,
}

impl Lateness {
    fn of(entry: &QueueEntry, schedule: &Schedule, now: SystemTime) -> Self {
        let missed = entry.terms.deliver_by.filter(|by| now >= by.at);
        match missed.map(|by| by.mode) {
            Some(ByMode::Return) => Self::TooLate,
            _ if now >= schedule.end(entry) => Self::GivenUp,
            Some(ByMode::Notify) if entry.warned < Warned::OfDeadline => Self::Overdue,
            _ if entry.warned == Warned::Never && now >= entry.released() + schedule.warn_after => Self::Late,
            _ => Self::InTime,
        }
    }

    fn judge(self, told: Told) -> (RecipientStatus, Diagnosis) {
        match (told, self) {
            (Told::Delivered(diagnosis), _) => (RecipientStatus::Delivered, diagnosis),
            (Told::Relayed(diagnosis), _) => (RecipientStatus::Relayed, diagnosis),
            (Told::Never(diagnosis), _) => (RecipientStatus::Failed, diagnosis),
            (Told::Later(diagnosis), Self::GivenUp) => (RecipientStatus::Expired, expired(4, diagnosis)),
            (Told::Later(diagnosis), Self::TooLate) => (RecipientStatus::Expired, expired(5, diagnosis)),
            (Told::Later(diagnosis), Self::InTime | Self::Late | Self::Overdue) => {
                (RecipientStatus::Pending, diagnosis)
            }
        }
    }

    const fn occasion(self, status: RecipientStatus) -> Option<Occasion> {
        match (status, self) {
            (RecipientStatus::Failed | RecipientStatus::Expired, _) => Some(Occasion::Failed),
            (RecipientStatus::Relayed, _) => Some(Occasion::Relayed),
            // The next hop reports.
            (RecipientStatus::Delivered, _) => None,
            (RecipientStatus::Pending, Self::Late) => Some(Occasion::Delayed),
            (RecipientStatus::Pending, Self::Overdue) => Some(Occasion::MissedDeadline),
            (RecipientStatus::Pending, _) => None,
        }
    }

    fn warned(self, before: Warned) -> Warned {
        match self {
            Self::Late => before.max(Warned::OfDelay),
            Self::Overdue => Warned::OfDeadline,
            Self::InTime | Self::TooLate | Self::GivenUp => before,
        }
    }
}

/// The diagnosis of a message that was tried for too long: what went wrong last stays, and the reason is the time
/// (RFC 3463 §3.5, X.4.7). Of class 4 where the host gave up, since another try may succeed.
fn expired(class: u8, last: Diagnosis) -> Diagnosis {
    Diagnosis {
        code: StatusCode::new(class, 4, 7).expect("delivery time expired"),
        ..last
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::relay::testing::entry;
    use crate::store::{DeliverBy, Notify};

    fn diagnosis() -> Diagnosis {
        Diagnosis::local(StatusCode::new(4, 2, 0).unwrap(), "busy")
    }

    fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3600)
    }

    /// Statuses, words, and whether another attempt follows.
    type Outcome = (Vec<RecipientStatus>, Vec<(usize, Occasion)>, Option<Warned>);

    fn outcome(entry: &QueueEntry, told: &[Told], age: Duration) -> Outcome {
        let told = told.iter().cloned().enumerate().collect();
        let decision = decide(entry, told, &Schedule::default(), entry.arrival + age, 0.0);
        let statuses = decision.verdicts.iter().map(|verdict| verdict.status).collect();
        let warned = match decision.next {
            Next::Remove => None,
            Next::Retry { warned, at, .. } => {
                assert!(at > entry.arrival + age);
                Some(warned)
            }
        };
        (statuses, decision.words, warned)
    }

    #[test]
    fn each_recipient_is_judged_alone() {
        use RecipientStatus::{Delivered, Failed, Pending, Relayed};
        let entry = entry(&["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
        let told = [
            Told::Delivered(diagnosis()),
            Told::Never(diagnosis()),
            Told::Later(diagnosis()),
            Told::Relayed(diagnosis()),
        ];
        let expected = vec![(1, Occasion::Failed)];
        assert_eq!(
            outcome(&entry, &told, hours(1)),
            (vec![Delivered, Failed, Pending, Relayed], expected, Some(Warned::Never))
        );
        assert_eq!(outcome(&entry, &told[..2], hours(1)).2, None, "nobody is left");
    }

    #[test]
    fn lateness_is_told_once_and_only_to_those_who_want_it() {
        let mut entry = entry(&["a@x.example", "b@x.example", "c@x.example"]);
        entry.recipients[1].notify = Some(Notify::FAILURE);
        entry.recipients[2].notify = Some(Notify::DELAY);
        let told = [0, 1, 2].map(|_| Told::Later(diagnosis()));
        assert_eq!(outcome(&entry, &told, hours(3)).1, []);
        let delayed = vec![(0, Occasion::Delayed), (2, Occasion::Delayed)];
        let (_, words, warned) = outcome(&entry, &told, hours(4));
        assert_eq!((words, warned), (delayed, Some(Warned::OfDelay)));
        entry.warned = Warned::OfDelay;
        let (statuses, words, warned) = outcome(&entry, &told, hours(5));
        assert_eq!((words, warned), (vec![], Some(Warned::OfDelay)));
        assert_eq!(statuses, [RecipientStatus::Pending; 3]);
    }

    #[test]
    fn the_end_comes_after_five_days() {
        let mut entry = entry(&["a@x.example", "b@x.example"]);
        entry.recipients[1].notify = Some(Notify::NEVER);
        let told = [0, 1].map(|_| Told::Later(diagnosis()));
        assert_eq!(outcome(&entry, &told, hours(119)).0, [RecipientStatus::Pending; 2]);
        let (statuses, words, warned) = outcome(&entry, &told, hours(120));
        assert_eq!(statuses, [RecipientStatus::Expired; 2]);
        assert_eq!((words, warned), (vec![(0, Occasion::Failed)], None));
        // The time counts from the release.
        entry.terms.hold_until = Some(entry.arrival + hours(24));
        assert_eq!(outcome(&entry, &told, hours(120)).0, [RecipientStatus::Pending; 2]);
        assert_eq!(outcome(&entry, &told, hours(144)).0, [RecipientStatus::Expired; 2]);
    }

    #[test]
    fn deadlines_return_or_notify() {
        let mut entry = entry(&["a@x.example"]);
        let mut by = DeliverBy {
            at: entry.arrival + hours(1),
            mode: ByMode::Return,
            trace: false,
        };
        let told = [Told::Later(diagnosis())];
        entry.terms.deliver_by = Some(by);
        assert_eq!(outcome(&entry, &told, Duration::from_secs(3599)).1, []);
        let (statuses, words, next) = outcome(&entry, &told, hours(1));
        assert_eq!((statuses, next), (vec![RecipientStatus::Expired], None));
        assert_eq!(words, [(0, Occasion::Failed)]);

        by.mode = ByMode::Notify;
        entry.terms.deliver_by = Some(by);
        let (statuses, words, next) = outcome(&entry, &told, hours(1));
        assert_eq!(
            (statuses, next),
            (vec![RecipientStatus::Pending], Some(Warned::OfDeadline))
        );
        assert_eq!(words, [(0, Occasion::MissedDeadline)]);
        entry.warned = Warned::OfDeadline;
        assert_eq!(outcome(&entry, &told, hours(5)).1, [], "it was told");
    }
}
