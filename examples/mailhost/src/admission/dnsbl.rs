//! DNS blocklists (RFC 5782).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use smtp_proto::Refusal;
use tracing::debug;

use super::refusal;
use crate::dns::{Resolver, a_labels};

/// Asks several lists about a client, all at once. A list that does not answer lists nobody.
pub struct Blocklists {
    resolver: Resolver,
    zones: Vec<String>,
    patience: Duration,
}

/// That a list has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The client.
    pub address: IpAddr,
    /// The zone of the list, as in `bl.example.org`.
    pub zone: String,
    /// What the list says about it, from its TXT record, often with the address of a page.
    pub reason: Option<String>,
}

impl Blocklists {
    /// Lists by their zones. What is no domain name is passed over.
    pub fn new<'a>(resolver: Resolver, zones: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            resolver,
            zones: zones.into_iter().filter_map(a_labels).collect(),
            patience: PATIENCE,
        }
    }

    /// Another limit than five seconds for the whole check.
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The first listing that is found. Addresses that are nobody's on the open net (private, loopback) are not asked
    /// about: no list knows them, and every list would learn them.
    pub async fn check(&self, client: IpAddr) -> Option<Listing> {
        let client = client.to_canonical();
        if is_internal(client) {
            return None;
        }
        let mut answers: FuturesUnordered<_> = self.zones.iter().map(|zone| self.ask(zone, client)).collect();
        let first = async {
            while let Some(answer) = answers.next().await {
                if answer.is_some() {
                    return answer;
                }
            }
            None
        };
        let first = tokio::time::timeout(self.patience, first).await;
        first
            .inspect_err(|_| debug!(%client, "a blocklist does not answer"))
            .ok()?
    }

    async fn ask(&self, zone: &str, address: IpAddr) -> Option<Listing> {
        let name = reversed(address, zone);
        let answer = self.resolver.ipv4(&name).await.ok()?;
        if !answer.records.into_iter().any(is_listing) {
            return None;
        }
        // The reason is worth less than an answer in time.
        let texts = tokio::time::timeout(self.patience / 2, self.resolver.txt(&name)).await;
        let reason = texts
            .ok()
            .and_then(Result::ok)
            .and_then(|answer| answer.records.into_iter().next());
        Some(Listing {
            address,
            zone: zone.to_owned(),
            reason: reason.map(|text| text[..text.floor_char_boundary(LONGEST_REASON)].to_owned()),
        })
    }
}

impl Listing {
    /// `550 5.7.1`, with the list to turn to.
    pub fn refusal(&self) -> Refusal {
        let Self { address, zone, reason } = self;
        let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let text = format!("Your server {address} is on the blocklist {zone}{reason}: ask there how to leave it");
        refusal(550, "5.7.1", &text)
    }
}

/// The name to ask a list for: the octets of an IPv4 address backwards (RFC 5782 §2.1), or the nibbles of an IPv6 address
/// (RFC 5782 §2.4).
///
/// ```
/// use mailhost::admission::reversed;
///
/// let name = reversed("192.0.2.99".parse().unwrap(), "bl.example.org");
/// assert_eq!(name, "99.2.0.192.bl.example.org");
/// ```
pub fn reversed(address: IpAddr, zone: &str) -> String {
    let mut name = String::with_capacity(64 + zone.len());
    match address.to_canonical() {
        IpAddr::V4(address) => {
            for octet in address.octets().iter().rev() {
                name.push_str(&format!("{octet}."));
            }
        }
        IpAddr::V6(address) => {
            for octet in address.octets().iter().rev() {
                name.push_str(&format!("{:x}.{:x}.", octet & 15, octet >> 4));
            }
        }
    }
    name + zone
}

/// RFC 5782 §2.1: listed is what has an address in 127.0.0.0/8; other addresses come from zones that were sold or from resolvers
/// that make names up. By custom, lists say with 127.255.255.0/24 that they do not answer this resolver.
fn is_listing(answer: Ipv4Addr) -> bool {
    let octets = answer.octets();
    octets[0] == 127 && octets[..3] != [127, 255, 255]
}

fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(5);

/// Octets of a reason that a client is told.
const LONGEST_REASON: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_to_ask_for() {
        let cases = [
            ("192.0.2.99", "99.2.0.192.z"),
            ("::ffff:192.0.2.99", "99.2.0.192.z"),
            (
                "2001:db8:1:2:3:4:567:89ab",
                "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.z",
            ),
        ];
        for (address, expected) in cases {
            assert_eq!(reversed(address.parse().expect("an address"), "z"), expected);
        }
    }

    #[test]
    fn answers_that_list() {
        for (answer, expected) in [
            ([127, 0, 0, 2], true),
            ([127, 0, 0, 1], true),
            ([127, 9, 8, 7], true),
            ([127, 255, 255, 254], false),
            ([126, 255, 255, 255], false),
            ([128, 0, 0, 2], false),
            ([192, 0, 2, 1], false),
        ] {
            assert_eq!(is_listing(answer.into()), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_reason_cannot_break_the_reply() {
        let listing = Listing {
            address: [192, 0, 2, 99].into(),
            zone: "bl.example".to_owned(),
            reason: Some("see\r\n250 Ok\0 https://bl.example".to_owned()),
        };
        let text = listing.refusal().to_string();
        assert!(
            text.starts_with("550 5.7.1 Your server 192.0.2.99 is on the blocklist bl.example"),
            "{text}"
        );
        assert!(!text.contains(['\r', '\n', '\0']), "{text}");
    }
}
