//! The DNS and what hangs on it: routes, transport policies, blocklists; against servers of our own on loopback.

mod certificates;
mod dane;
mod dns;
mod dnsbl;
mod mta_sts;
mod relay;
mod route;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mail_testing::dns::DnsServer;
use mailhost::dns::{Options, Resolver};

/// Asks the server, and does not wait long.
fn resolver(dns: &DnsServer) -> Resolver {
    let options = Options {
        server: Some(dns.address_of_server()),
        patience: Some(Duration::from_secs(3)),
        ..Options::default()
    };
    Resolver::new(&options).expect("a resolver")
}

/// The same, and checks signatures.
fn validating(dns: &DnsServer) -> Resolver {
    let options = Options {
        server: Some(dns.address_of_server()),
        validate: true,
        trust_anchors: Some(Arc::new(dns.trust_anchors())),
        patience: Some(Duration::from_secs(5)),
    };
    Resolver::new(&options).expect("a resolver")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
