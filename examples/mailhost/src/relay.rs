//! Mail for other hosts: takes it from the queue, offers it to the next hop, and tries again.
//!
//! ```text
//!   store ──claim_due──▶ dispatcher ──▶ lane: crepes.fr ──▶ workers ──▶ sessions
//!     ▲                      │
//!     │                      └────────▶ lane: …
//!     └── settle ◀── decide ◀── told ◀──┘
//! ```
//!
//! * The dispatcher claims what is due, the highest priority first, and gives each entry to the *lane* of its next hop.
//! * A lane has a few workers. Each asks the `router` for the hosts to try, has a `connector` open a session with the
//!   first that answers, and sends one message after another over it (`transaction`), if it `fit`s what the server offers.
//! * `settle` decides what follows from what the server said, `schedule` when there is another attempt, and
//!   [`bounce`] tells the sender.
//!
//! A host that does not answer speaks for all entries of its lane, so that one attempt is made, not one for each.

mod connector;
mod fit;
mod lane;
mod router;
mod schedule;
mod settle;
#[cfg(test)]
pub(crate) mod testing;
mod transaction;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

pub(crate) use self::connector::{Connector, Link, Plain, broken};
pub(crate) use self::settle::Decision;
use self::lane::Lane;
pub use self::router::{Hop, NoRoute, Plan, RouteTable, Router};
pub use self::schedule::Schedule;
use self::settle::{Told, decide};
use self::transaction::{Trouble, transact};
use crate::bounce;
use crate::host::{Host, Stop};
use crate::store::{Change, Claim, Diagnosis, QueueEntry, Result, StoreError};

/// How the relay goes about its work.
#[derive(Debug, Clone)]
pub struct Policy {
    /// When a message is tried again, and when it is given up.
    pub schedule: Schedule,
    /// How long a session without work is kept for the next message to the same host.
    pub idle: Duration,
    /// Sessions at a time.
    pub sessions: usize,
    /// Sessions with one next hop at a time.
    pub sessions_per_hop: usize,
    /// Messages over one session.
    pub messages_per_session: usize,
}

impl Default for Policy {
    /// 2 seconds; 100 sessions, 5 with one next hop; 1000 messages.
    fn default() -> Self {
        Self {
            schedule: Schedule::default(),
            idle: Duration::from_secs(2),
            sessions: 100,
            sessions_per_hop: 5,
            messages_per_session: 1000,
        }
    }
}

/// Works until the program stops: messages in hand are finished, others wait for the next start.
pub(crate) async fn run(host: Arc<Host>, stop: Stop) {
    let mut stopping = stop.clone();
    let mut changes = host.store.changes();
    let mut relay = Relay {
        places: Arc::new(Semaphore::new(host.settings.relay.sessions)),
        shared: Arc::new(Shared {
            host,
            stop,
            hungry: Notify::new(),
            crowded: Notify::new(),
        }),
        lanes: HashMap::new(),
        workers: JoinSet::new(),
    };
    loop {
        let wait = match relay.dispatch().await {
            Ok(wait) => wait,
            Err(StoreError::Closed) => break,
            Err(error) => {
                warn!(%error, "cannot read the queue");
                AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = stopping.requested() => break,
            () = tokio::time::sleep(wait) => {}
            Some(_) = relay.workers.join_next() => {}
            () = relay.shared.hungry.notified() => {}
            () = queue_changed(&mut changes) => {}
        }
    }
    while relay.workers.join_next().await.is_some() {}
}

async fn queue_changed(changes: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Queue) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// The dispatcher.
struct Relay {
    shared: Arc<Shared>,
    lanes: HashMap<String, Arc<Lane>>,
    workers: JoinSet<()>,
    places: Arc<Semaphore>,
}

/// What workers share with it.
struct Shared {
    host: Arc<Host>,
    stop: Stop,
    /// A lane has room again.
    hungry: Notify,
    /// There is work for which there is no place: idle sessions should end.
    crowded: Notify,
}

impl Relay {
    /// Claims what is due, as far as there is room for it, and sends workers out. Says how long there is nothing to do.
    async fn dispatch(&mut self) -> Result<Duration> {
        while self.workers.try_join_next().is_some() {}
        self.lanes.retain(|_, lane| !lane.is_over());
        let waiting: usize = self.lanes.values().map(|lane| lane.len()).sum();
        let full: Vec<String> = self.full_lanes();
        let room = MOST_CLAIMED.saturating_sub(waiting).min(CLAIMED_AT_ONCE);
        let now = SystemTime::now();
        let store = &self.shared.host.store;
        let entries = match room {
            0 => Vec::new(),
            room => store.claim_due(now, now + LEASE, room, &full).await?,
        };
        let is_more_due = entries.len() == room;
        for entry in entries {
            let lane = self.lanes.entry(entry.next_hop.clone()).or_default();
            lane.add(entry);
        }
        self.send_workers();
        if is_more_due || !full.is_empty() {
            // What is due has to wait until a lane is hungry.
            return Ok(CROWDED);
        }
        let due = self.shared.host.store.next_due().await?;
        let wait = due.map_or(LONGEST_SLEEP, |due| {
            due.duration_since(SystemTime::now()).unwrap_or_default()
        });
        Ok(wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
    }

    fn full_lanes(&self) -> Vec<String> {
        let full = self.lanes.iter().filter(|(_, lane)| lane.len() >= LANE);
        full.map(|(next_hop, _)| next_hop.clone()).collect()
    }

    fn send_workers(&mut self) {
        let most = self.shared.host.settings.relay.sessions_per_hop.max(1);
        for (next_hop, lane) in &self.lanes {
            loop {
                let Ok(place) = self.places.clone().try_acquire_owned() else {
                    self.shared.crowded.notify_waiters();
                    return;
                };
                if !lane.enter(most) {
                    break;
                }
                let worker = Worker {
                    shared: self.shared.clone(),
                    lane: lane.clone(),
                    next_hop: next_hop.clone(),
                    link: None,
                    sent: 0,
                    settling: JoinSet::new(),
                };
                self.workers.spawn(worker.run(place));
            }
        }
    }
}

/// One session at a time with the hosts of one next hop.
struct Worker {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    next_hop: String,
    link: Option<Link>,
    /// Messages over this session.
    sent: usize,
    /// Attempts that are being recorded while the next message is on its way.
    settling: JoinSet<()>,
}

impl Worker {
    async fn run(mut self, place: OwnedSemaphorePermit) {
        while let Some(entry) = self.next().await {
            if self.lane.len() == LANE / 2 {
                self.shared.hungry.notify_one();
            }
            self.attempt(entry).await;
            while self.settling.len() >= UNSETTLED {
                self.settling.join_next().await;
            }
        }
        self.leave_session().await;
        while self.settling.join_next().await.is_some() {}
        drop(place);
    }

    /// The next entry; waits for one as long as a session is worth keeping.
    async fn next(&mut self) -> Option<QueueEntry> {
        let mut stop = self.shared.stop.clone();
        let idle = self.shared.host.settings.relay.idle;
        let mut may_wait = self.link.is_some() && !idle.is_zero();
        loop {
            if stop.is_requested() {
                self.lane.drain();
                may_wait = false;
            }
            if let Some(entry) = self.lane.take(may_wait) {
                return Some(entry);
            }
            if !may_wait {
                return None;
            }
            let (crowded, mut is_over) = (self.shared.crowded.notified(), false);
            let patience = async {
                tokio::select! {
                    () = tokio::time::sleep(idle) => {}
                    () = crowded => {}
                    () = stop.requested() => {}
                }
                is_over = true;
            };
            self.lane.arrival(patience).await;
            may_wait = !is_over;
        }
    }

    /// One attempt at one entry. What it comes to is recorded in the background.
    async fn attempt(&mut self, entry: QueueEntry) {
        let (shared, claim) = (self.shared.clone(), entry.claim);
        // The lease is renewed while a slow host takes its time.
        let told = tokio::select! {
            told = self.tell(&entry) => told,
            lost = keep_lease(&shared.host, claim) => Err(lost),
        };
        match told {
            Ok(told) => {
                self.settling.spawn(settle(shared, entry, told));
            }
            Err(StoreError::NotFound) => debug!(id = claim.id.0, "deleted while it was in hand"),
            // The lease ends, and the entry is tried again.
            Err(error) => warn!(id = claim.id.0, %error, "a queued message cannot be read"),
        }
    }

    /// Offers an entry to its next hop. A session that turns out to be over is replaced once: the message was not its fault.
    async fn tell(&mut self, entry: &QueueEntry) -> Result<Vec<(usize, Told)>> {
        loop {
            let is_fresh = self.link.is_none();
            let mut link = match self.link.take().and_then(Link::if_reusable) {
                Some(link) => link,
                None => match self.connect(entry).await {
                    Ok(link) => link,
                    Err(told) => return Ok(told.about(entry)),
                },
            };
            let host = self.shared.host.clone();
            match transact(&host, &mut link, entry).await {
                Ok(told) => {
                    self.sent += 1;
                    self.link = Some(link);
                    if self.sent >= self.shared.host.settings.relay.messages_per_session {
                        self.leave_session().await;
                    }
                    return Ok(told);
                }
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Smtp(error)) if is_fresh => {
                    info!(next_hop = self.next_hop, %error, "the session broke");
                    return Ok(Unreached::NotNow(broken(&link.host, &error)).about(entry));
                }
                Err(Trouble::Smtp(_)) => {}
            }
        }
    }

    /// Opens a session with the first host that answers. If none does, the lane's other entries are put off with this one.
    async fn connect(&mut self, entry: &QueueEntry) -> Result<Link, Unreached> {
        self.sent = 0;
        let host = &self.shared.host;
        let plan = match host.router.plan(&self.next_hop).await {
            Ok(plan) => plan,
            Err(NoRoute::Never(diagnosis)) => return Err(Unreached::Never(diagnosis)),
            Err(NoRoute::NotNow(diagnosis)) => return Err(self.put_off(entry, diagnosis).await),
        };
        let mut last = Diagnosis::local(code(4, 4, 4), "there is no host to try");
        for hop in &plan.hops {
            let dialogue = format!("relay {}", entry.claim.id.0);
            match host.connector.open(host, hop, dialogue).await {
                Ok(link) => return Ok(link),
                Err(diagnosis) => last = diagnosis,
            }
        }
        Err(self.put_off(entry, last).await)
    }

    async fn put_off(&self, entry: &QueueEntry, diagnosis: Diagnosis) -> Unreached {
        let error = diagnosis.text.value.clone();
        info!(next_hop = self.next_hop, error, "the next hop was not reached");
        let unreached = Unreached::NotNow(diagnosis);
        for other in self.lane.drain() {
            let told = unreached.clone().about(&other);
            settle(self.shared.clone(), other, told).await;
        }
        let wait = self.shared.host.settings.relay.schedule.wait(entry.claim.attempt, schedule::jitter());
        let at = SystemTime::now() + wait;
        if let Err(error) = self.shared.host.store.put_off(&self.next_hop, at, &error).await {
            warn!(%error, "cannot put mail off");
        }
        unreached
    }

    async fn leave_session(&mut self) {
        if let Some(link) = self.link.take() {
            // The verdicts are in: whether the farewell works does not matter.
            let _ = tokio::time::timeout(FAREWELL, link.client.quit()).await;
        }
        self.sent = 0;
    }
}

/// Why there is no session.
#[derive(Debug, Clone)]
enum Unreached {
    Never(Diagnosis),
    NotNow(Diagnosis),
}

impl Unreached {
    /// The same for each recipient that still wants the message.
    fn about(self, entry: &QueueEntry) -> Vec<(usize, Told)> {
        let told = match self {
            Self::Never(diagnosis) => Told::Never(diagnosis),
            Self::NotNow(diagnosis) => Told::Later(diagnosis),
        };
        entry.pending().map(|(number, _)| (number, told.clone())).collect()
    }
}

async fn keep_lease(host: &Host, claim: Claim) -> StoreError {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Err(error) = host.store.renew(claim, SystemTime::now() + LEASE).await {
            return error;
        }
    }
}

/// Records what an attempt came to. Who is to hear of it is told first: a crash in between tells twice rather than never.
async fn settle(shared: Arc<Shared>, entry: QueueEntry, told: Vec<(usize, Told)>) {
    let host = &shared.host;
    let schedule = &host.settings.relay.schedule;
    let decision = decide(&entry, told, schedule, SystemTime::now(), schedule::jitter());
    match record(host, &entry, decision).await {
        Ok(()) => {}
        Err(StoreError::NotFound) => debug!(id = entry.claim.id.0, "deleted while it was in hand"),
        // The lease ends, and the entry is tried again.
        Err(error) => warn!(id = entry.claim.id.0, %error, "cannot record what became of a message"),
    }
}

async fn record(host: &Host, entry: &QueueEntry, decision: Decision) -> Result<()> {
    if !decision.words.is_empty() {
        bounce::report(host, entry, &decision).await?;
    }
    host.store.settle(entry.claim, &decision.verdicts, decision.next).await
}

/// A status code of the registry (RFC 3463 §3).
pub(crate) fn code(class: u8, subject: u16, detail: u16) -> mime_codec::report::StatusCode {
    mime_codec::report::StatusCode::new(class, subject, detail).expect("a code of the registry")
}

/// Entries that wait in one lane before no more are claimed for it.
const LANE: usize = 200;

/// Entries that wait in all lanes.
const MOST_CLAIMED: usize = 2000;

/// Entries of one claim: so many that a flush to disk is shared, so few that nobody waits for it.
const CLAIMED_AT_ONCE: usize = 100;

/// Attempts of one worker that are not recorded yet.
const UNSETTLED: usize = 4;

/// How long an entry is ours before it must be renewed: time to work through a lane.
const LEASE: Duration = Duration::from_secs(3600);

/// How long a host may take to answer QUIT.
const FAREWELL: Duration = Duration::from_secs(5);

const AFTER_TROUBLE: Duration = Duration::from_secs(10);
const CROWDED: Duration = Duration::from_millis(250);
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
