//! How many connections a peer may have, and how many it may open a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use smtp_proto::Refusal;

use super::bucket::{Bucket, Rate};
use super::{network, refusal};

/// Limits for one peer, which is an IPv4 address or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerLimits {
    /// Open connections.
    pub concurrent: u32,
    /// New connections a minute.
    pub per_minute: u32,
}

impl Default for PeerLimits {
    fn default() -> Self {
        Self {
            concurrent: 20,
            per_minute: 60,
        }
    }
}

/// Counts connections.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Instant;
/// use mailhost::admission::{PeerLimits, Peers};
///
/// let peers = Arc::new(Peers::new(PeerLimits { concurrent: 1, per_minute: 60 }));
/// let client = "192.0.2.1".parse().unwrap();
/// let first = peers.admit(client, Instant::now()).unwrap();
/// assert!(peers.admit(client, Instant::now()).is_err());
/// drop(first);
/// assert!(peers.admit(client, Instant::now()).is_ok());
/// ```
pub struct Peers {
    limits: PeerLimits,
    known: Mutex<HashMap<IpNet, Peer>>,
}

struct Peer {
    open: u32,
    opened: Bucket,
}

/// The right to one connection; it ends when this is dropped.
#[must_use = "the connection counts for as long as this lives"]
pub struct Admitted {
    peers: Arc<Peers>,
    peer: IpNet,
}

impl Peers {
    /// With these limits for every peer.
    pub fn new(limits: PeerLimits) -> Self {
        Self {
            limits,
            known: Mutex::default(),
        }
    }

    /// Lets a connection in.
    ///
    /// # Errors
    ///
    /// `421 4.7.0` to greet the client with, instead of letting it speak.
    pub fn admit(self: &Arc<Self>, client: IpAddr, now: Instant) -> Result<Admitted, Refusal> {
        let peer = network(client, 32);
        let mut known = self.lock();
        make_room(&mut known, now);
        let entry = known.entry(peer).or_insert_with(|| Peer {
            open: 0,
            opened: Bucket::new(now),
        });
        if entry.open >= self.limits.concurrent {
            return Err(too_many(&format!(
                "more than {} at a time: close some, then try again",
                self.limits.concurrent
            )));
        }
        let rate = Rate {
            most: self.limits.per_minute,
            period: Duration::from_secs(60),
        };
        entry.opened.admit(rate, now).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            too_many(&format!(
                "more than {} a minute: try again in {seconds} seconds",
                rate.most
            ))
        })?;
        entry.open += 1;
        drop(known);
        Ok(Admitted {
            peers: self.clone(),
            peer,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpNet, Peer>> {
        self.known.lock().expect("no one panics with it")
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut known = self.peers.lock();
        if let Some(peer) = known.get_mut(&self.peer) {
            peer.open = peer.open.saturating_sub(1);
        }
    }
}

/// Forgets peers without connections when there are too many: first those that have not come lately, then all of them,
/// which forgives some their haste. Peers with connections are as many as there are sessions at most.
fn make_room(known: &mut HashMap<IpNet, Peer>, now: Instant) {
    if known.len() < MOST_PEERS {
        return;
    }
    known.retain(|_, peer| peer.open > 0 || !peer.opened.is_idle(now));
    if known.len() > MOST_PEERS / 2 {
        known.retain(|_, peer| peer.open > 0);
    }
}

fn too_many(what: &str) -> Refusal {
    refusal(421, "4.7.0", &format!("Too many connections from your address, {what}"))
}

/// Peers kept in mind, each some 64 octets.
const MOST_PEERS: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(concurrent: u32, per_minute: u32) -> Arc<Peers> {
        Arc::new(Peers::new(PeerLimits { concurrent, per_minute }))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn each_peer_has_its_own_limit() {
        let (peers, now) = (peers(2, 60), Instant::now());
        let admitted: Vec<Admitted> = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]
            .iter()
            .map(|client| peers.admit(ip(client), now).expect(client))
            .collect();
        for client in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::3"] {
            let refusal = peers.admit(ip(client), now).err().expect(client);
            assert!(refusal.to_string().starts_with("421 4.7.0 Too many"), "{refusal}");
            assert!(refusal.to_string().contains("at a time"), "{refusal}");
        }
        assert!(peers.admit(ip("2001:db8:0:1::3"), now).is_ok());
        drop(admitted);
        assert!(peers.admit(ip("192.0.2.1"), now).is_ok());
    }

    #[test]
    fn haste_is_refused_and_forgiven() {
        let (peers, now) = (peers(20, 3), Instant::now());
        for _ in 0..3 {
            drop(peers.admit(ip("192.0.2.1"), now).expect("one of three"));
        }
        let refusal = peers.admit(ip("192.0.2.1"), now).err().expect("the fourth");
        assert!(refusal.to_string().contains("try again in 21 seconds"), "{refusal}");
        let later = now + Duration::from_secs(21);
        assert!(peers.admit(ip("192.0.2.1"), later).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let (peers, now) = (peers(1, 60), Instant::now());
        let kept = peers.admit(ip("203.0.113.1"), now).expect("room");
        for number in 0..3 * MOST_PEERS as u32 {
            drop(peers.admit(IpAddr::from(number.to_be_bytes()), now).expect("room"));
            assert!(peers.lock().len() <= MOST_PEERS);
        }
        assert!(
            peers.admit(ip("203.0.113.1"), now).is_err(),
            "an open connection is not forgotten"
        );
        drop(kept);
    }
}
