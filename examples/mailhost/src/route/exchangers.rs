//! The order of mail exchangers (RFC 5321 §5.1): by preference, equals at random, nobody behind ourselves.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use super::{MOST_ADDRESSES, MOST_HOSTS, RouteError};
use crate::dns::{Failure, Mx};

/// A host to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchanger {
    pub(super) preference: u16,
    pub(super) name: String,
}

impl Exchanger {
    /// The domain itself, as if an MX record of preference 0 named it.
    pub(super) fn implicit(domain: &str) -> Self {
        Self {
            preference: 0,
            name: domain.to_owned(),
        }
    }
}

/// Those worth looking up, best first.
///
/// # Errors
///
/// [`RouteError::NullMx`], and [`RouteError::Loop`] when none is better than ourselves.
pub(super) fn ordered(records: Vec<Mx>, own_names: &HashSet<String>) -> Result<Vec<Exchanger>, RouteError> {
    // A null MX has no other records beside it (RFC 7505 §3); beside others, the root is just no host.
    if records.iter().all(|mx| mx.exchange.is_empty()) {
        return Err(RouteError::NullMx);
    }
    let mut records: Vec<Mx> = records.into_iter().filter(|mx| !mx.exchange.is_empty()).collect();
    shuffle(&mut records, &mut random_below);
    // The sort is stable, so that equals stay shuffled.
    records.sort_by_key(|mx| mx.preference);
    let mut seen = HashSet::new();
    records.retain(|mx| seen.insert(mx.exchange.clone()));
    let ourselves = records.iter().find(|mx| own_names.contains(&mx.exchange));
    if let Some(preference) = ourselves.map(|mx| mx.preference) {
        records.retain(|mx| mx.preference < preference);
        if records.is_empty() {
            return Err(RouteError::Loop);
        }
    }
    records.truncate(MOST_HOSTS);
    let exchanger = |mx: Mx| Exchanger {
        preference: mx.preference,
        name: mx.exchange,
    };
    Ok(records.into_iter().map(exchanger).collect())
}

/// IPv6 and IPv4 by turns, so that a host without one of them costs one attempt and not all.
pub(super) fn by_turns(mut addresses: Vec<IpAddr>, port: u16) -> Vec<SocketAddr> {
    shuffle(&mut addresses, &mut random_below);
    let (mut six, mut four): (Vec<IpAddr>, Vec<IpAddr>) = addresses.into_iter().partition(IpAddr::is_ipv6);
    let mut order = Vec::new();
    while order.len() < MOST_ADDRESSES && (!six.is_empty() || !four.is_empty()) {
        order.extend(six.pop());
        order.extend(four.pop());
    }
    order.truncate(MOST_ADDRESSES);
    let with_port = |address| SocketAddr::new(address, port);
    order.into_iter().map(with_port).collect()
}

/// Of two failures the one that leaves hope.
pub(super) fn worse(known: Option<Failure>, new: Failure) -> Failure {
    match known {
        Some(known) if !known.is_absence() => known,
        _ => new,
    }
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T], below: &mut impl FnMut(usize) -> usize) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last + 1));
    }
}

/// The bias of the remainder is no matter for so few hosts. Without a source of randomness, the order stays.
fn random_below(limit: usize) -> usize {
    getrandom::u32().map_or(limit - 1, |random| random as usize % limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mx(records: &[(u16, &str)]) -> Vec<Mx> {
        let record = |&(preference, exchange): &(u16, &str)| Mx {
            preference,
            exchange: exchange.to_owned(),
        };
        records.iter().map(record).collect()
    }

    fn order(records: &[(u16, &str)]) -> Result<Vec<String>, RouteError> {
        let ours = HashSet::from(["us".to_owned()]);
        let found = ordered(mx(records), &ours)?;
        Ok(found.into_iter().map(|exchanger| exchanger.name).collect())
    }

    #[test]
    fn by_preference_and_never_behind_ourselves() {
        let names = |names: &[&str]| Ok(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(order(&[(20, "b"), (10, "a"), (65535, "c")]), names(&["a", "b", "c"]));
        assert_eq!(order(&[(10, "a"), (20, "us"), (20, "b"), (30, "c")]), names(&["a"]));
        assert_eq!(order(&[(10, "us"), (10, "a"), (20, "b")]), Err(RouteError::Loop));
        assert_eq!(order(&[(0, "")]), Err(RouteError::NullMx));
        assert_eq!(order(&[(0, ""), (0, "")]), Err(RouteError::NullMx));
        assert_eq!(order(&[(0, ""), (10, "a")]), names(&["a"]));
        assert_eq!(order(&[(10, "a"), (20, "a")]), names(&["a"]));
    }

    #[test]
    fn equals_take_turns() {
        let records = [(10, "a"), (10, "b"), (10, "c"), (20, "d")];
        let firsts: HashSet<String> = (0..200)
            .map(|_| order(&records).expect("an order")[0].clone())
            .collect();
        assert_eq!(firsts.len(), 3, "{firsts:?}");
        assert!(!firsts.contains("d"));
    }

    #[test]
    fn shuffling_reaches_each_order_once() {
        // Each sequence of choices leads to another order: 4! of them.
        let mut seen = HashSet::new();
        for first in 0..4 {
            for second in 0..3 {
                for third in 0..2 {
                    let mut choices = [first, second, third].into_iter();
                    let mut items = [0, 1, 2, 3];
                    shuffle(&mut items, &mut |_| choices.next().expect("three choices"));
                    assert!(seen.insert(items));
                }
            }
        }
        assert_eq!(seen.len(), 24);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..5000).map(|number| format!("mx{number}")).collect();
        let records: Vec<(u16, &str)> = names.iter().map(|name| (1, name.as_str())).collect();
        assert_eq!(order(&records).expect("an order").len(), MOST_HOSTS);
        let addresses = (0..=255).map(|last| IpAddr::from([192, 0, 2, last])).collect();
        assert_eq!(by_turns(addresses, 25).len(), MOST_ADDRESSES);
    }

    #[test]
    fn both_kinds_of_addresses_take_turns() {
        let text = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"];
        let addresses = text.iter().map(|text| text.parse().expect("an address")).collect();
        let kinds: Vec<bool> = by_turns(addresses, 25).iter().map(SocketAddr::is_ipv6).collect();
        assert_eq!(kinds, [true, false, true, false, false]);
    }
}
