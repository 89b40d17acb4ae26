//! Finding the MTA-STS policy of a domain, and keeping it (RFC 8461 §3.3 and §5.1).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::https::Fetcher;
use super::mta_sts::{Policy, policy_id};
use crate::dns::Resolver;

/// Finds policies and keeps them for as long as they say, in memory: at most 10,000 of them.
pub struct Discovery {
    fetcher: Box<dyn Fetcher>,
    now: Box<dyn Fn() -> Instant + Send + Sync>,
    kept: Mutex<HashMap<String, Kept>>,
}

/// What is known of a domain's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It has one that holds.
    Policy(Arc<Policy>),
    /// It has none, or none could be had.
    Nothing,
}

#[derive(Clone, Default)]
struct Kept {
    /// With the end of its life, and the moment when a fresh one is worth fetching although nothing changed.
    policy: Option<(Arc<Policy>, Lifetime)>,
    id: String,
    /// When the last attempt to fetch failed.
    failed: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Lifetime {
    stale: Instant,
    end: Instant,
}

impl Discovery {
    /// With a way to fetch policies.
    pub fn new(fetcher: impl Fetcher + 'static) -> Self {
        Self::with_clock(fetcher, Instant::now)
    }

    /// With a clock of one's own.
    pub fn with_clock(fetcher: impl Fetcher + 'static, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self {
            fetcher: Box::new(fetcher),
            now: Box::new(now),
            kept: Mutex::default(),
        }
    }

    /// The policy of a domain, in A-labels and lower case.
    ///
    /// The DNS is asked each time (which keeps its answers itself); the policy is fetched when its `id` is new or half of
    /// its life is over. What cannot be fetched is not tried again for five minutes, and until its end the policy that is
    /// known holds, whoever hides the new one.
    pub async fn policy(&self, resolver: &Resolver, domain: &str) -> Found {
        let texts = resolver.txt(&format!("_mta-sts.{domain}")).await;
        let texts = texts.map(|answer| answer.records).unwrap_or_default();
        let id = policy_id(texts.iter().map(String::as_str));
        let kept = self.living(domain);
        let Some(id) = id.filter(|id| self.must_fetch(&kept, id)) else {
            return found(&kept);
        };
        match self.fetch(domain).await {
            Some(policy) => self.keep(domain, id, policy),
            None => {
                self.note_failure(domain, id, kept.clone());
                found(&kept)
            }
        }
    }

    async fn fetch(&self, domain: &str) -> Option<Policy> {
        let fetched = self.fetcher.fetch(&format!("mta-sts.{domain}")).await;
        let octets = fetched
            .inspect_err(|error| info!(domain, %error, "no MTA-STS policy"))
            .ok()?;
        Policy::parse(&octets)
            .inspect_err(|error| warn!(domain, %error, "no valid MTA-STS policy"))
            .ok()
    }

    /// What is kept of a domain, without a policy whose end has come.
    fn living(&self, domain: &str) -> Kept {
        let now = (self.now)();
        let mut kept = self.lock().get(domain).cloned().unwrap_or_default();
        kept.policy = kept.policy.filter(|(_, lifetime)| now < lifetime.end);
        kept
    }

    fn must_fetch(&self, kept: &Kept, id: &str) -> bool {
        let now = (self.now)();
        let failed = kept.failed.is_some_and(|failed| now.duration_since(failed) < RETRY);
        let is_fresh = kept.policy.as_ref().is_some_and(|(_, lifetime)| now < lifetime.stale);
        match id == kept.id {
            true => !is_fresh && !failed,
            false => true,
        }
    }

    fn keep(&self, domain: &str, id: &str, policy: Policy) -> Found {
        let now = (self.now)();
        let policy = Arc::new(policy);
        let lifetime = Lifetime {
            stale: now + policy.max_age() / 2,
            end: now + policy.max_age(),
        };
        let kept = Kept {
            policy: Some((policy.clone(), lifetime)),
            id: id.to_owned(),
            failed: None,
        };
        self.insert(domain, kept);
        Found::Policy(policy)
    }

    fn note_failure(&self, domain: &str, id: &str, kept: Kept) {
        let failed = Some((self.now)());
        let id = id.to_owned();
        self.insert(domain, Kept { id, failed, ..kept });
    }

    fn insert(&self, domain: &str, entry: Kept) {
        let now = (self.now)();
        let mut kept = self.lock();
        if kept.len() >= MOST_DOMAINS && !kept.contains_key(domain) {
            let is_alive = |_: &String, entry: &mut Kept| matches!(&entry.policy, Some((_, life)) if now < life.end);
            kept.retain(is_alive);
            // All alive: the one that ends soonest is the one that is fetched again soonest anyway.
            if kept.len() >= MOST_DOMAINS {
                let end = |entry: &Kept| entry.policy.as_ref().map(|(_, life)| life.end);
                let first = kept
                    .iter()
                    .min_by_key(|(_, entry)| end(entry))
                    .map(|(name, _)| name.clone());
                first.and_then(|first| kept.remove(&first));
            }
        }
        kept.insert(domain.to_owned(), entry);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().expect("no one panics with it")
    }
}

fn found(kept: &Kept) -> Found {
    match &kept.policy {
        Some((policy, _)) => Found::Policy(policy.clone()),
        None => Found::Nothing,
    }
}

/// RFC 8461 §3.3: no more often than that after a failure.
const RETRY: Duration = Duration::from_secs(300);

/// Domains whose policies are kept, each of some hundred octets.
const MOST_DOMAINS: usize = 10_000;
