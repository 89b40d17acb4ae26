//! The rules of a connection pool, without its I/O, its clock and its locks: who may use which connection, and who is next.
//! The pools of `mail-blocking` and `mail-tokio` are this register and a way to wait.
//!
//! What it does not do: it connects to nobody, closes nothing, wakes nobody and asks no clock: what it returns says what is to be done, and to whom.
//!
//! 1. [`Register::ask`] for a place: a connection, the right to make one, or a ticket to wait with.
//! 2. Behind the work [`Register::give_back`] the connection, or the bare place where there is none any more; it names who is to be woken
//!    with it.
//! 3. Who waits no longer says so: [`Register::leave`].
//!
//! - **Bounded.** No host ever has more than [`Limits::per_host`] places. A place is a connection, in use or idle, or the
//!   right to make one.
//! - **First come, first served.** While somebody waits, a place that comes free is theirs; nobody overtakes. So it is with a
//!   place whose owner could not connect.
//! - **The last one used is used next**, so that those that are not needed grow old.
//!
//! ```
//! use std::time::Instant;
//! use mail_pool::{Limits, Register, Turn};
//!
//! let mut register = Register::<&str, &str, &str>::new(Limits { per_host: 1, ..Limits::default() });
//! let now = Instant::now();
//! assert!(matches!(register.ask(&"hamburger.example", now, || "alice"), Turn::Connect));
//! assert!(matches!(register.ask(&"hamburger.example", now, || "bob"), Turn::Wait(_)));
//! // Alice could not connect: bob may try.
//! assert!(matches!(register.give_back(&"hamburger.example", None, now), Some(("bob", None))));
//! ```

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How many connections, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Places for each host: connections in use, idle ones, and those that are being made. At least one.
    pub per_host: usize,
    /// How long a connection may be idle. Servers close those that are idle for some minutes (RFC 5321 §4.5.3.2.7: five).
    pub idle: Duration,
    /// How old a connection may become before it is used for the last time.
    pub lifetime: Duration,
}

impl Default for Limits {
    /// Four for each host, idle for a minute, half an hour old.
    fn default() -> Self {
        Self {
            per_host: 4,
            idle: Duration::from_secs(60),
            lifetime: Duration::from_secs(30 * 60),
        }
    }
}

/// A client's connection that a pool can keep.
pub trait Pooled {
    /// Whether it can be trusted with the next work: it is open, nothing is left of the work before, and the server has not
    /// said that it closes. It looks at what has arrived, and waits for nothing.
    fn is_alive(&mut self) -> bool;
}

/// Who uses what. `K` names a host (and what else makes connections different, as a user), `C` is a connection, `W` wakes
/// somebody who waits.
#[derive(Debug)]
pub struct Register<K, C, W> {
    limits: Limits,
    hosts: HashMap<K, Host<C, W>>,
    tickets: u64,
}

#[derive(Debug)]
struct Host<C, W> {
    /// Idle connections count, too.
    places: usize,
    /// The last one used is the last. There are none while somebody waits.
    idle: VecDeque<Idle<C>>,
    /// In the order of their tickets.
    waiting: VecDeque<(Ticket, W)>,
}

#[derive(Debug)]
struct Idle<C> {
    kept: Kept<C>,
    since: Instant,
}

/// A connection, and since when there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept<C> {
    /// The connection.
    pub connection: C,
    /// When it was made.
    pub born: Instant,
}

/// Where one stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What somebody who asks may do.
#[derive(Debug)]
pub enum Turn<C> {
    /// Use this connection, if it is [alive](Pooled::is_alive); the place is theirs in any case.
    Reuse(Kept<C>),
    /// Make a connection: the place is theirs.
    Connect,
    /// Wait until a place is handed to their waker.
    Wait(Ticket),
}

impl<K: Clone + Eq + Hash, C, W> Register<K, C, W> {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            hosts: HashMap::new(),
            tickets: 0,
        }
    }

    /// Somebody wants a connection to `key`. Each place that is got must be [given back](Self::give_back) once.
    pub fn ask(&mut self, key: &K, now: Instant, waker: impl FnOnce() -> W) -> Turn<C> {
        let host = self.hosts.entry(key.clone()).or_insert_with(|| Host {
            places: 0,
            idle: VecDeque::new(),
            waiting: VecDeque::new(),
        });
        if let Some(kept) = host.take_idle(&self.limits, now) {
            return Turn::Reuse(kept);
        }
        if host.places < self.limits.per_host.max(1) {
            host.places += 1;
            return Turn::Connect;
        }
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        host.waiting.push_back((ticket, waker()));
        Turn::Wait(ticket)
    }

    /// Somebody needs the place no more; its connection comes with it if there is still one. When somebody waits, the place
    /// is theirs: what is returned must be handed over, or be given back when they are gone.
    pub fn give_back(&mut self, key: &K, kept: Option<Kept<C>>, now: Instant) -> Option<(W, Option<Kept<C>>)> {
        let host = self.hosts.get_mut(key)?;
        let kept = kept.filter(|kept| !self.limits.is_old(kept, now));
        if let Some((_, waker)) = host.waiting.pop_front() {
            return Some((waker, kept));
        }
        match kept {
            Some(kept) => host.idle.push_back(Idle { kept, since: now }),
            None => host.places = host.places.saturating_sub(1),
        }
        if host.places == 0 {
            self.hosts.remove(key);
        }
        None
    }

    /// Somebody waits no more. A place that was handed to them already is to be given back.
    pub fn leave(&mut self, key: &K, ticket: Ticket) {
        let Some(host) = self.hosts.get_mut(key) else {
            return;
        };
        if let Ok(at) = host.waiting.binary_search_by_key(&ticket, |(ticket, _)| *ticket) {
            host.waiting.remove(at);
        }
    }

    /// Idle connections whose time is over, of all hosts: theirs is no place any more.
    pub fn prune(&mut self, now: Instant) -> Vec<C> {
        let mut over = Vec::new();
        for host in self.hosts.values_mut() {
            host.prune(&self.limits, now, &mut over);
        }
        self.hosts.retain(|_, host| host.places > 0);
        over
    }

    /// How many connections (or rights to make one), how many of them idle, and how many who wait.
    pub fn usage(&self, key: &K) -> Usage {
        self.hosts.get(key).map_or_else(Usage::default, |host| Usage {
            places: host.places,
            idle: host.idle.len(),
            waiting: host.waiting.len(),
        })
    }
}

/// What a host has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Connections in use, idle, and being made.
    pub places: usize,
    /// Idle connections.
    pub idle: usize,
    /// Those who wait.
    pub waiting: usize,
}

impl<C, W> Host<C, W> {
    fn take_idle(&mut self, limits: &Limits, now: Instant) -> Option<Kept<C>> {
        let mut over = Vec::new();
        self.prune(limits, now, &mut over);
        Some(self.idle.pop_back()?.kept)
    }

    fn prune(&mut self, limits: &Limits, now: Instant, over: &mut Vec<C>) {
        let idle = std::mem::take(&mut self.idle);
        for idle in idle {
            if limits.is_old(&idle.kept, now) || now.saturating_duration_since(idle.since) >= limits.idle {
                over.push(idle.kept.connection);
                self.places -= 1;
            } else {
                self.idle.push_back(idle);
            }
        }
    }
}

impl Limits {
    fn is_old<C>(&self, kept: &Kept<C>, now: Instant) -> bool {
        now.saturating_duration_since(kept.born) >= self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Places = Register<u8, u32, u32>;

    fn limits(per_host: usize) -> Limits {
        Limits {
            per_host,
            ..Limits::default()
        }
    }

    fn kept(connection: u32, born: Instant) -> Option<Kept<u32>> {
        Some(Kept { connection, born })
    }

    #[test]
    fn the_last_one_used_is_used_next() {
        let (mut places, now) = (Places::new(limits(2)), Instant::now());
        for _ in 0..2 {
            assert!(matches!(places.ask(&0, now, || 0), Turn::Connect));
        }
        for connection in [1, 2] {
            assert!(places.give_back(&0, kept(connection, now), now).is_none());
        }
        assert!(matches!(
            places.ask(&0, now, || 0),
            Turn::Reuse(Kept { connection: 2, .. })
        ));
        assert!(matches!(
            places.ask(&0, now, || 0),
            Turn::Reuse(Kept { connection: 1, .. })
        ));
        assert!(matches!(places.ask(&0, now, || 0), Turn::Wait(_)));
    }

    #[test]
    fn hosts_do_not_share_places() {
        let (mut places, now) = (Places::new(limits(1)), Instant::now());
        assert!(matches!(places.ask(&0, now, || 0), Turn::Connect));
        assert!(matches!(places.ask(&1, now, || 0), Turn::Connect));
        assert!(matches!(places.ask(&0, now, || 0), Turn::Wait(_)));
    }

    #[test]
    fn time_ends_idle_and_old_connections() {
        let (mut places, now) = (Places::new(limits(3)), Instant::now());
        let Limits { idle, lifetime, .. } = Limits::default();
        for _ in 0..3 {
            places.ask(&0, now, || 0);
        }
        places.give_back(&0, kept(1, now), now);
        places.give_back(&0, kept(2, now), now + idle / 2);
        assert!(places.prune(now + idle / 2).is_empty());
        assert_eq!(places.prune(now + idle), [1]);
        // One that is old is not kept.
        places.give_back(&0, kept(3, now), now + lifetime);
        assert_eq!(
            places.usage(&0),
            Usage {
                places: 1,
                idle: 1,
                waiting: 0
            }
        );
        // Nor taken, though nobody has pruned.
        assert!(matches!(places.ask(&0, now + lifetime, || 0), Turn::Connect));
        places.give_back(&0, None, now);
        assert_eq!(places.usage(&0), Usage::default());
        assert!(
            places.hosts.is_empty(),
            "nothing is left of a host that nobody talks to"
        );
    }

    #[test]
    fn who_leaves_the_queue_is_not_served() {
        let (mut places, now) = (Places::new(limits(1)), Instant::now());
        places.ask(&0, now, || 0);
        let tickets: Vec<Ticket> = (1..=3)
            .map(|who| match places.ask(&0, now, || who) {
                Turn::Wait(ticket) => ticket,
                turn => panic!("{turn:?}"),
            })
            .collect();
        places.leave(&0, tickets[0]);
        assert!(matches!(places.give_back(&0, None, now), Some((2, None))));
        places.leave(&0, tickets[0]);
        places.leave(&0, tickets[1]);
        assert_eq!(places.usage(&0).waiting, 1);
    }

    proptest! {
        /// Whatever is asked, given back and left in any order: the bound holds, everybody is served in the order in which
        /// they asked, and when all are done nothing is left.
        #[test]
        fn bounded_fair_and_lossless(per_host in 1_usize..4, acts in proptest::collection::vec((0_u8..4, any::<u8>()), 0..200)) {
            let (mut places, now) = (Places::new(limits(per_host)), Instant::now());
            let (mut owners, mut queue, mut next) = (Vec::new(), VecDeque::new(), 0_u32);
            for (act, which) in acts {
                match act {
                    0 | 1 => {
                        next += 1;
                        match places.ask(&0, now, || next) {
                            Turn::Wait(ticket) => queue.push_back((next, ticket)),
                            turn => {
                                prop_assert!(queue.is_empty(), "{:?} overtakes", turn);
                                owners.push(next);
                            }
                        }
                    }
                    2 if !owners.is_empty() => {
                        let owner = owners.swap_remove(usize::from(which) % owners.len());
                        let back = if which % 2 == 0 { kept(owner, now) } else { None };
                        let served = places.give_back(&0, back, now).map(|(who, _)| who);
                        prop_assert_eq!(served, queue.pop_front().map(|(who, _)| who));
                        owners.extend(served);
                    }
                    3 if !queue.is_empty() => {
                        let (_, ticket) = queue.remove(usize::from(which) % queue.len()).expect("there");
                        places.leave(&0, ticket);
                    }
                    _ => {}
                }
                let usage = places.usage(&0);
                prop_assert!(usage.places <= per_host);
                prop_assert_eq!((usage.places - usage.idle, usage.waiting), (owners.len(), queue.len()));
            }
            while let Some(owner) = owners.pop() {
                if let Some((who, _)) = places.give_back(&0, None, now) {
                    owners.push(who);
                }
                let _ = owner;
            }
            places.prune(now + Limits::default().idle);
            prop_assert!(places.hosts.is_empty());
        }
    }
}
