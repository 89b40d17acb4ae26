//! Greylisting (RFC 6647): a stranger is asked to come back later, which mail servers do and much spam does not.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use smtp_proto::Refusal;

use super::{network, refusal};

/// How long is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GreylistOptions {
    /// Before a stranger may come back; RFC 6647 §5 wants a minute at least.
    pub delay: Duration,
    /// Within which a stranger must come back.
    pub window: Duration,
    /// For which one who came back is known, after each visit.
    pub lifetime: Duration,
    /// Strangers of one network who come back until the network is known as a whole.
    pub trusted_after: u32,
}

impl Default for GreylistOptions {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(5 * 60),
            window: Duration::from_secs(2 * 24 * 3600),
            lifetime: Duration::from_secs(36 * 24 * 3600),
            trusted_after: 5,
        }
    }
}

/// Knows who came back: by network (24 bits of IPv4, 64 of IPv6, since big senders retry from a neighbour), reverse-path
/// and recipient. At most [`Greylist::MOST`] entries, each some 100 octets.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mailhost::admission::{Greylist, GreylistOptions};
///
/// let greylist = Greylist::new(GreylistOptions::default());
/// let (client, now) = ("192.0.2.1".parse().unwrap(), SystemTime::now());
/// let refusal = greylist.check(client, "bob@example.org", "alice@example.com", now).unwrap_err();
/// assert!(refusal.is_transient());
/// let later = now + Duration::from_secs(600);
/// assert!(greylist.check(client, "bob@example.org", "alice@example.com", later).is_ok());
/// ```
pub struct Greylist {
    options: GreylistOptions,
    known: Mutex<HashMap<[u8; 16], State>>,
}

/// What is remembered of one triplet or network, for keeping it over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The front half of a digest: whoever reads the file learns no addresses.
    pub key: [u8; 16],
    /// Seconds since 1970, of the first visit.
    pub first: u64,
    /// Seconds since 1970, of the last visit that counted.
    pub last: u64,
    /// Times that it came back; for a network, its triplets that did. 0 is a stranger.
    pub passed: u32,
}

/// Times in seconds since 1970.
#[derive(Clone, Copy)]
struct State {
    first: u64,
    last: u64,
    passed: u32,
}

impl Greylist {
    /// Entries at most.
    pub const MOST: usize = 100_000;

    /// A list that knows nobody.
    pub fn new(options: GreylistOptions) -> Self {
        Self {
            options,
            known: Mutex::default(),
        }
    }

    /// A list that goes on where another one ended.
    pub fn restore(options: GreylistOptions, entries: impl IntoIterator<Item = Entry>) -> Self {
        let state = |entry: Entry| {
            let state = State {
                first: entry.first,
                last: entry.last,
                passed: entry.passed,
            };
            (entry.key, state)
        };
        Self {
            options,
            known: Mutex::new(entries.into_iter().take(Self::MOST).map(state).collect()),
        }
    }

    /// What to keep for [`Self::restore`].
    pub fn entries(&self) -> Vec<Entry> {
        let known = self.lock();
        let entry = |(key, state): (&[u8; 16], &State)| Entry {
            key: *key,
            first: state.first,
            last: state.last,
            passed: state.passed,
        };
        known.iter().map(entry).collect()
    }

    /// Whether a recipient may be named now. Not for clients that authenticated, nor for those that are relayed for.
    ///
    /// # Errors
    ///
    /// `451 4.7.1`: come back later.
    pub fn check(&self, client: IpAddr, sender: &str, recipient: &str, now: SystemTime) -> Result<(), Refusal> {
        let now = seconds(now);
        let network = network(client, 24).to_string();
        let whole = key(&[&network]);
        let triplet = key(&[&network, sender, recipient]);
        let mut known = self.lock();
        if known.len() >= Self::MOST - 1 {
            self.make_room(&mut known, now);
        }
        if let Some(state) = known.get_mut(&whole).filter(|state| self.is_alive(state, now))
            && state.passed >= self.options.trusted_after
        {
            state.last = now;
            return Ok(());
        }
        let stranger = State {
            first: now,
            last: now,
            passed: 0,
        };
        let state = known.entry(triplet).or_insert(stranger);
        if !self.is_alive(state, now) {
            *state = stranger;
        }
        // A clock that was set back must not lock anyone out for long.
        state.first = state.first.min(now);
        let ready = state.first.saturating_add(self.options.delay.as_secs());
        if now < ready {
            return Err(come_back(ready - now));
        }
        let came_back = state.passed == 0;
        state.passed = state.passed.saturating_add(1);
        state.last = now;
        if came_back {
            self.vouch(&mut known, whole, now);
        }
        Ok(())
    }

    /// One more triplet of a network came back.
    fn vouch(&self, known: &mut HashMap<[u8; 16], State>, network: [u8; 16], now: u64) {
        let fresh = State {
            first: now,
            last: now,
            passed: 0,
        };
        let state = known.entry(network).or_insert(fresh);
        if !self.is_alive(state, now) {
            *state = fresh;
        }
        state.passed = state.passed.saturating_add(1);
        state.last = now;
    }

    fn is_alive(&self, state: &State, now: u64) -> bool {
        let life = match state.passed {
            0 => self.options.window,
            _ => self.options.lifetime,
        };
        now <= state.last.saturating_add(life.as_secs())
    }

    /// Forgets whoever's time is over; if that is not enough, strangers first and then those not seen for the longest
    /// time, until a tenth is free.
    fn make_room(&self, known: &mut HashMap<[u8; 16], State>, now: u64) {
        known.retain(|_, state| self.is_alive(state, now));
        let keep = Self::MOST - Self::MOST / 10;
        if known.len() <= keep {
            return;
        }
        let mut by_worth: Vec<(bool, u64, [u8; 16])> = known
            .iter()
            .map(|(key, state)| (state.passed > 0, state.last, *key))
            .collect();
        by_worth.sort_unstable();
        for (_, _, key) in by_worth.iter().take(known.len() - keep) {
            known.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 16], State>> {
        self.known.lock().expect("no one panics with it")
    }
}

fn come_back(wait: u64) -> Refusal {
    let text = format!("Greylisted: your server need only try again in {wait} seconds or later, as it will by itself");
    refusal(451, "4.7.1", &text)
}

/// Case does not tell addresses apart here: it is enough that strangers differ.
fn key(parts: &[&str]) -> [u8; 16] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.to_ascii_lowercase());
    }
    let mut key = [0; 16];
    key.copy_from_slice(&digest.finalize()[..16]);
    key
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Story {
        greylist: Greylist,
        start: SystemTime,
    }

    impl Story {
        fn new() -> Self {
            Self {
                greylist: Greylist::new(GreylistOptions::default()),
                start: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
            }
        }

        fn visit(&self, minutes: u64, client: &str, sender: &str, recipient: &str) -> bool {
            let now = self.start + Duration::from_secs(minutes * 60);
            let client = client.parse().expect("an address");
            self.greylist.check(client, sender, recipient, now).is_ok()
        }
    }

    const DAY: u64 = 24 * 60;

    #[test]
    fn a_stranger_comes_back() {
        let story = Story::new();
        let visit = |minutes, client| story.visit(minutes, client, "bob@example.org", "alice@example.com");
        assert!(!visit(0, "192.0.2.1"));
        assert!(!visit(4, "192.0.2.1"), "too early");
        assert!(visit(5, "192.0.2.200"), "a neighbour may");
        assert!(visit(6, "192.0.2.1"));
        assert!(!visit(6, "192.0.3.1"), "another network may not");
        assert!(visit(36 * DAY, "192.0.2.1"), "known for long");
        assert!(visit(70 * DAY, "192.0.2.1"), "each visit counts anew");
        assert!(!visit(107 * DAY, "192.0.2.1"), "and forgotten");
    }

    #[test]
    fn the_window_closes() {
        let story = Story::new();
        assert!(!story.visit(0, "2001:db8::1", "", "alice@example.com"));
        assert!(!story.visit(2 * DAY + 1, "2001:db8::2", "", "alice@example.com"));
        assert!(story.visit(2 * DAY + 6, "2001:db8::3", "", "Alice@Example.com"));
        assert!(!story.visit(2 * DAY + 6, "2001:db8:0:1::1", "", "alice@example.com"));
    }

    #[test]
    fn each_part_of_a_triplet_counts() {
        let story = Story::new();
        assert!(!story.visit(0, "192.0.2.1", "ab", "c"));
        assert!(story.visit(10, "192.0.2.1", "ab", "c"));
        assert!(!story.visit(10, "192.0.2.1", "a", "bc"), "parts do not run together");
        assert!(!story.visit(10, "192.0.2.1", "ab", "d"));
        assert!(!story.visit(10, "192.0.2.1", "x", "c"));
    }

    #[test]
    fn a_network_becomes_known() {
        let story = Story::new();
        for number in 0..5 {
            let sender = format!("sender{number}@example.org");
            assert!(!story.visit(0, "192.0.2.1", &sender, "alice@example.com"));
            assert!(story.visit(10, "192.0.2.1", &sender, "alice@example.com"));
            // Coming again and again is not coming back.
            assert!(story.visit(11, "192.0.2.1", &sender, "alice@example.com"));
            let trusted = story.visit(
                12,
                "192.0.2.9",
                &format!("new{number}@example.org"),
                "alice@example.com",
            );
            assert_eq!(trusted, number == 4, "{number}");
        }
        assert!(!story.visit(12, "192.0.3.1", "new@example.org", "alice@example.com"));
        assert!(!story.visit(50 * DAY, "192.0.2.1", "new@example.org", "alice@example.com"));
    }

    #[test]
    fn it_goes_on_after_a_restart() {
        let story = Story::new();
        assert!(!story.visit(0, "192.0.2.1", "a", "b"));
        let entries = story.greylist.entries();
        let restored = Story {
            greylist: Greylist::restore(GreylistOptions::default(), entries.clone()),
            ..story
        };
        assert_eq!(restored.greylist.entries(), entries);
        assert!(restored.visit(5, "192.0.2.1", "a", "b"));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let story = Story::new();
        assert!(!story.visit(DAY, "192.0.2.1", "a", "b"));
        assert!(!story.visit(0, "192.0.2.1", "a", "b"));
        assert!(story.visit(5, "192.0.2.1", "a", "b"));
    }

    #[test]
    fn memory_is_bounded_and_strangers_go_first() {
        let story = Story::new();
        assert!(!story.visit(0, "192.0.2.1", "friend", "alice"));
        assert!(story.visit(5, "192.0.2.1", "friend", "alice"));
        for number in 0..Greylist::MOST as u64 * 2 {
            story.visit(6, "198.51.100.1", &number.to_string(), "alice");
        }
        assert!(story.greylist.entries().len() <= Greylist::MOST);
        assert!(story.visit(7, "192.0.2.1", "friend", "alice"), "still known");
    }

    #[test]
    fn the_refusal_says_what_to_do() {
        let text = come_back(300).to_string();
        assert!(
            text.starts_with("451 4.7.1 Greylisted: your server need only try again in 300 seconds"),
            "{text}"
        );
    }
}
