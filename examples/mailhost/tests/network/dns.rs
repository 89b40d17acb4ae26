//! The resolver.

use std::sync::Arc;
use std::time::Duration;

use mail_testing::dns::{DnsServer, Fault};
use mailhost::dns::{Failure, Mx, Options, Resolver, Tlsa};

use super::{ip, resolver, validating};

#[tokio::test]
async fn each_kind_of_record_is_read() {
    let dns = DnsServer::start();
    dns.mx("crepes.example", 20, "MX2.crepes.example");
    dns.mx("crepes.example", 10, "mx1.crepes.example");
    dns.address("mx1.crepes.example", ip("192.0.2.1"));
    dns.address("mx1.crepes.example", ip("2001:db8::1"));
    dns.txt("_mta-sts.crepes.example", &"long ".repeat(80));
    dns.tlsa("_25._tcp.mx1.crepes.example", 3, 1, 1, &[7; 32]);
    let resolver = resolver(&dns);
    let mx = resolver.mx("Crepes.Example.").await.expect("an answer");
    let named = |preference, exchange: &str| Mx {
        preference,
        exchange: exchange.to_owned(),
    };
    assert_eq!(
        mx.records,
        [named(20, "mx2.crepes.example"), named(10, "mx1.crepes.example")]
    );
    assert!(!mx.secure, "nothing is signed");
    let addresses = resolver.addresses("mx1.crepes.example").await.expect("an answer");
    assert_eq!(addresses.records, [ip("2001:db8::1"), ip("192.0.2.1")]);
    let txt = resolver.txt("_mta-sts.crepes.example").await.expect("an answer");
    assert_eq!(txt.records, ["long ".repeat(80)]);
    let tlsa = resolver.tlsa("_25._tcp.mx1.crepes.example").await.expect("an answer");
    let expected = Tlsa {
        usage: 3,
        selector: 1,
        matching: 1,
        data: vec![7; 32],
    };
    assert_eq!(tlsa.records, [expected]);
}

#[tokio::test]
async fn failures_are_told_apart() {
    let dns = DnsServer::start();
    dns.address("only.a.example", ip("192.0.2.1"));
    dns.fail("servfail.example", Fault::ServerFailure);
    dns.fail("refused.example", Fault::Refused);
    dns.fail("silent.example", Fault::Silent);
    let resolver = resolver(&dns);
    let cases = [
        ("nowhere.example", Failure::NoSuchDomain, true),
        ("only.a.example", Failure::NoRecords, true),
        ("a.example", Failure::NoRecords, true),
        ("servfail.example", Failure::Server(2), false),
        ("refused.example", Failure::Server(5), false),
        ("silent.example", Failure::Timeout, false),
        ("", Failure::NotAName, true),
        ("a..b", Failure::NotAName, true),
        ("a b.example", Failure::NotAName, true),
        ("a\\.b.example", Failure::NotAName, true),
        (&"x".repeat(64), Failure::NotAName, true),
        (&"x.".repeat(130), Failure::NotAName, true),
    ];
    for (name, expected, absence) in cases {
        let found = resolver.mx(name).await.expect_err(name);
        assert_eq!((found, found.is_absence()), (expected, absence), "{name}");
    }
    // One kind of address is enough.
    assert!(resolver.addresses("only.a.example").await.is_ok());
    let absent = resolver.addresses("nowhere.example").await;
    assert_eq!(absent, Err(Failure::NoSuchDomain));
}

#[tokio::test]
async fn what_does_not_fit_comes_over_tcp() {
    let dns = DnsServer::start();
    dns.mx("many.example", 10, "mx.many.example");
    dns.fail("many.example", Fault::Truncated);
    let answer = resolver(&dns).mx("many.example").await.expect("an answer");
    assert_eq!(answer.records.len(), 1);
    assert!(dns.questions().iter().any(|question| question.tcp));
}

#[tokio::test]
async fn international_names_are_asked_for_in_a_labels() {
    let dns = DnsServer::start();
    dns.mx("xn--crpes-isa.example", 1, "mx.example");
    let answer = resolver(&dns).mx("Crêpes.example").await.expect("an answer");
    assert_eq!(answer.owner, "xn--crpes-isa.example");
}

#[tokio::test]
async fn aliases_are_followed_and_circles_end() {
    let dns = DnsServer::start();
    dns.cname("alias.example", "real.example");
    dns.mx("real.example", 1, "mx.example");
    dns.cname("a.example", "b.example");
    dns.cname("b.example", "a.example");
    let resolver = resolver(&dns);
    let answer = resolver.mx("alias.example").await.expect("an answer");
    assert_eq!(answer.owner, "real.example");
    assert!(resolver.mx("a.example").await.is_err());
}

#[tokio::test]
async fn the_name_of_an_address_must_lead_back() {
    let dns = DnsServer::start();
    dns.ptr(ip("192.0.2.1"), "mx.example");
    dns.address("mx.example", ip("192.0.2.1"));
    dns.ptr(ip("192.0.2.2"), "bank.example");
    dns.address("bank.example", ip("198.51.100.1"));
    dns.ptr(ip("2001:db8::1"), "six.example");
    dns.address("six.example", ip("2001:db8::1"));
    dns.ptr(ip("192.0.2.3"), "broken.example");
    dns.fail("broken.example", Fault::ServerFailure);
    let resolver = resolver(&dns);
    let cases = [
        ("192.0.2.1", Ok("mx.example".to_owned())),
        ("::ffff:192.0.2.1", Ok("mx.example".to_owned())),
        ("192.0.2.2", Err(Failure::NoRecords)),
        ("2001:db8::1", Ok("six.example".to_owned())),
        ("192.0.2.3", Err(Failure::Server(2))),
        ("192.0.2.4", Err(Failure::NoSuchDomain)),
    ];
    for (address, expected) in cases {
        assert_eq!(resolver.name_of(ip(address)).await, expected, "{address}");
    }
}

#[tokio::test]
async fn signed_answers_are_known_to_be() {
    let dns = DnsServer::start_signed();
    dns.mx("signed.example", 10, "mx.signed.example");
    dns.address("mx.signed.example", ip("192.0.2.1"));
    dns.cname("alias.example", "signed.example");
    dns.unsigned("plain.test");
    dns.mx("plain.test", 10, "mx.plain.test");
    dns.cname("half.example", "plain.test");
    dns.mx("spoilt.example", 10, "mx.signed.example");
    dns.fail("spoilt.example", Fault::BadSignature);
    let resolver = validating(&dns);
    for (name, secure) in [
        ("signed.example", true),
        ("alias.example", true),
        ("plain.test", false),
        ("half.example", false),
    ] {
        let answer = resolver.mx(name).await.expect(name);
        assert_eq!(answer.secure, secure, "{name}");
    }
    let cases = [
        ("spoilt.example", Failure::Bogus),
        ("nowhere.example", Failure::NoSuchDomain),
        ("mx.signed.example", Failure::NoRecords),
        ("nowhere.plain.test", Failure::NoSuchDomain),
    ];
    for (name, expected) in cases {
        assert_eq!(resolver.mx(name).await, Err(expected), "{name}");
    }
    let addresses = resolver.addresses("mx.signed.example").await.expect("an answer");
    assert!(addresses.secure);
}

#[tokio::test]
async fn without_signatures_nothing_is_believed_by_who_wants_them() {
    let unsigned = DnsServer::start();
    unsigned.mx("crepes.example", 10, "mx.crepes.example");
    let anchors = DnsServer::start_signed().trust_anchors();
    let options = Options {
        server: Some(unsigned.address_of_server()),
        validate: true,
        trust_anchors: Some(Arc::new(anchors)),
        patience: Some(Duration::from_secs(3)),
    };
    let resolver = Resolver::new(&options).expect("a resolver");
    assert_eq!(resolver.mx("crepes.example").await, Err(Failure::Bogus));
}
