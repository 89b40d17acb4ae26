//! Blocklists.

use std::time::{Duration, Instant};

use mail_testing::dns::{DnsServer, Fault};
use mailhost::admission::Blocklists;

use super::{ip, resolver};

#[tokio::test]
async fn listings_are_found() {
    let dns = DnsServer::start();
    dns.address("99.2.0.192.bl.example", ip("127.0.0.2"));
    dns.txt("99.2.0.192.bl.example", "see https://bl.example/192.0.2.99");
    dns.address("98.2.0.192.second.example", ip("127.0.0.10"));
    // A zone that was sold answers everything.
    dns.address("97.2.0.192.bl.example", ip("198.51.100.1"));
    dns.address("96.2.0.192.bl.example", ip("127.255.255.254"));
    let nibbles = format!("1{}.8.b.d.0.1.0.0.2.bl.example", ".0".repeat(23));
    dns.address(&nibbles, ip("127.0.0.4"));
    // Nobody is asked about these.
    dns.address("1.0.0.10.bl.example", ip("127.0.0.2"));
    dns.address("1.0.0.127.bl.example", ip("127.0.0.2"));
    dns.fail("95.2.0.192.bl.example", Fault::ServerFailure);
    dns.address("95.2.0.192.second.example", ip("127.0.0.3"));
    let lists = Blocklists::new(resolver(&dns), ["bl.example", "second.example", "not a zone"]);
    let cases = [
        (
            "192.0.2.99",
            Some(("bl.example", Some("see https://bl.example/192.0.2.99"))),
        ),
        (
            "::ffff:192.0.2.99",
            Some(("bl.example", Some("see https://bl.example/192.0.2.99"))),
        ),
        ("192.0.2.98", Some(("second.example", None))),
        ("192.0.2.97", None),
        ("192.0.2.96", None),
        ("192.0.2.95", Some(("second.example", None))),
        ("192.0.2.1", None),
        ("2001:db8::1", Some(("bl.example", None))),
        ("10.0.0.1", None),
        ("127.0.0.1", None),
        ("::1", None),
    ];
    for (client, expected) in cases {
        let listing = lists.check(ip(client)).await;
        let found = listing
            .as_ref()
            .map(|listing| (listing.zone.as_str(), listing.reason.as_deref()));
        assert_eq!(found, expected, "{client}");
    }
    let refusal = lists.check(ip("192.0.2.99")).await.expect("listed").refusal();
    let text = "550 5.7.1 Your server 192.0.2.99 is on the blocklist bl.example (see https://bl.example/192.0.2.99): \
                ask there how to leave it";
    assert_eq!(refusal.to_string(), text);
}

#[tokio::test]
async fn a_list_that_does_not_answer_lists_nobody() {
    let dns = DnsServer::start();
    dns.fail("99.2.0.192.silent.example", Fault::Silent);
    dns.address("99.2.0.192.bl.example", ip("127.0.0.2"));
    let silent = Blocklists::new(resolver(&dns), ["silent.example"]).with_patience(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(silent.check(ip("192.0.2.99")).await, None);
    assert!(start.elapsed() < Duration::from_secs(2));
    let both = Blocklists::new(resolver(&dns), ["silent.example", "bl.example"]);
    let listing = both.check(ip("192.0.2.99")).await.expect("the other list answers");
    assert_eq!(listing.zone, "bl.example");
}
