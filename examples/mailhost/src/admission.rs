//! What a host on the open net lets in: limits for peers and senders, blocklists, greylisting.
//!
//! Each part is asked at its moment, knows no clock but the time it is told, and keeps a bounded number of things in mind.
//! What it answers is a [`Refusal`] that says what a person can do about it.
//!
//! | when | who is asked |
//! |---|---|
//! | a connection is accepted | [`Peers::admit`], [`Blocklists::check`] |
//! | MAIL | [`Rates::admit`] for a message |
//! | RCPT | [`Rates::admit`] for a recipient, [`Greylist::check`] |

mod bucket;
mod dnsbl;
mod greylist;
mod greylist_file;
mod keeping;
mod peers;
mod rates;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use smtp_proto::{Refusal, ReplyText};

pub use dnsbl::{Blocklists, Listing, reversed};
pub use greylist::{Entry, Greylist, GreylistOptions};
pub use greylist_file::{FileError, GreylistFile};
pub(crate) use keeping::keep_greylist;
pub use peers::{Admitted, PeerLimits, Peers};
pub use rates::{RateLimits, Rates, Unit};

/// Who is let in. Nothing is asked that is not here; clients that may relay are let in unasked.
#[derive(Default)]
pub struct Admission {
    /// Limits on connections.
    pub peers: Option<Arc<Peers>>,
    /// Limits on what senders send, users who have logged in included.
    pub rates: Option<Rates>,
    /// Lists of those whom nobody wants mail from.
    pub blocklists: Option<Blocklists>,
    /// Strangers, and when they may come back.
    pub greylist: Option<Greylist>,
    /// Where they are written down, so that they need not come back once more when the host starts anew.
    pub greylist_file: Option<GreylistFile>,
}

/// The network that an address stands for: an IPv4 address is one of its first `four` bits, an IPv6 address of its first
/// 64, since who has one has them all.
fn network(address: IpAddr, four: u8) -> IpNet {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { four } else { 64 };
    IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
}

/// A refusal whose text is put together.
fn refusal(code: u16, enhanced: &str, text: &str) -> Refusal {
    let text = ReplyText::lossy(text);
    Refusal::new(code, enhanced, text.as_str()).unwrap_or_else(|_| Refusal::denied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let cases = [
            ("192.0.2.77", 24, "192.0.2.0/24"),
            ("192.0.2.77", 32, "192.0.2.77/32"),
            ("::ffff:192.0.2.77", 24, "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", 24, "2001:db8:1:2::/64"),
        ];
        for (address, four, expected) in cases {
            let address = address.parse().expect("an address");
            assert_eq!(network(address, four).to_string(), expected);
        }
    }
}
