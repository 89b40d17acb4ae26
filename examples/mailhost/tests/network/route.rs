//! Where mail for a domain goes.

use std::collections::HashSet;

use mail_testing::dns::{DnsServer, Fault};
use mailhost::dns::Failure;
use mailhost::route::{Origin, RouteError, Router};

use super::{ip, resolver, validating};

fn router(dns: &DnsServer) -> Router {
    Router::new(resolver(dns))
        .with_own_name("us.example")
        .with_own_address(ip("192.0.2.250"))
}

/// A domain with MX records of these preferences and hosts; host `mxN` has the address 192.0.2.N.
fn domain(dns: &DnsServer, name: &str, exchangers: &[(u16, &str)]) {
    for (preference, exchanger) in exchangers {
        dns.mx(name, *preference, exchanger);
    }
}

fn hosts(dns: &DnsServer) {
    for last in 1..=9 {
        dns.address(&format!("mx{last}.example"), [192, 0, 2, last]);
    }
    dns.address("us.example", ip("192.0.2.250"));
}

#[tokio::test]
async fn each_rule_has_its_outcome() {
    let dns = DnsServer::start();
    hosts(&dns);
    domain(&dns, "plain.example", &[(20, "mx2.example"), (10, "mx1.example")]);
    domain(&dns, "null.example", &[(0, ".")]);
    dns.address("null.example", ip("192.0.2.9"));
    dns.address("noneother.example", ip("192.0.2.8"));
    dns.txt("nothing.example", "no mail here");
    domain(
        &dns,
        "dangling.example",
        &[(10, "gone.example"), (20, "nothing.example")],
    );
    domain(&dns, "half.example", &[(10, "gone.example"), (20, "mx2.example")]);
    domain(&dns, "shaky.example", &[(10, "broken.example"), (20, "mx2.example")]);
    domain(
        &dns,
        "broken-only.example",
        &[(10, "broken.example"), (20, "gone.example")],
    );
    dns.fail("broken.example", Fault::ServerFailure);
    dns.fail("silent.example", Fault::Silent);
    domain(&dns, "ours.example", &[(10, "us.example"), (20, "mx2.example")]);
    domain(
        &dns,
        "backup.example",
        &[
            (10, "mx1.example"),
            (20, "Us.Example"),
            (20, "mx2.example"),
            (30, "mx3.example"),
        ],
    );
    dns.cname("our-alias.example", "us.example");
    domain(
        &dns,
        "hidden.example",
        &[(10, "mx1.example"), (20, "our-alias.example")],
    );
    dns.address("elsewhere-named.example", ip("192.0.2.250"));
    domain(&dns, "addressed.example", &[(10, "elsewhere-named.example")]);
    dns.cname("www.example", "plain.example");
    dns.cname("exchanger-alias.example", "mx4.example");
    domain(&dns, "aliased.example", &[(10, "exchanger-alias.example")]);
    let router = router(&dns);
    let mx = Origin::Mx { secure: false };
    let cases: [(&str, Result<(&[&str], Origin), RouteError>); 21] = [
        ("plain.example", Ok((&["mx1.example", "mx2.example"], mx))),
        ("Plain.Example", Ok((&["mx1.example", "mx2.example"], mx))),
        ("null.example", Err(RouteError::NullMx)),
        ("noneother.example", Ok((&["noneother.example"], Origin::Address))),
        ("nothing.example", Err(RouteError::NoMailService)),
        ("nowhere.example", Err(RouteError::NoSuchDomain)),
        ("dangling.example", Err(RouteError::NoExchangerFound)),
        ("half.example", Ok((&["mx2.example"], mx))),
        ("shaky.example", Ok((&["mx2.example"], mx))),
        ("broken-only.example", Err(RouteError::Dns(Failure::Server(2)))),
        ("broken.example", Err(RouteError::Dns(Failure::Server(2)))),
        ("silent.example", Err(RouteError::Dns(Failure::Timeout))),
        ("ours.example", Err(RouteError::Loop)),
        ("us.example", Err(RouteError::Loop)),
        ("backup.example", Ok((&["mx1.example"], mx))),
        ("hidden.example", Ok((&["mx1.example"], mx))),
        ("addressed.example", Err(RouteError::Loop)),
        ("www.example", Ok((&["mx1.example", "mx2.example"], mx))),
        ("aliased.example", Ok((&["exchanger-alias.example"], mx))),
        ("", Err(RouteError::NotADomain)),
        ("a b", Err(RouteError::NotADomain)),
    ];
    for (domain, expected) in cases {
        let plan = router.plan(domain).await;
        let found = plan.map(|plan| {
            let names: Vec<String> = plan.hosts.into_iter().map(|hop| hop.name).collect();
            (names, plan.origin)
        });
        let expected = expected.map(|(names, origin)| (names.iter().map(|&name| name.to_owned()).collect(), origin));
        assert_eq!(found, expected, "{domain}");
    }
}

#[tokio::test]
async fn a_host_is_tried_at_its_addresses() {
    let dns = DnsServer::start();
    domain(&dns, "many.example", &[(10, "mx.many.example")]);
    for address in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
        dns.address("mx.many.example", ip(address));
    }
    dns.cname("alias.example", "mx.many.example");
    domain(&dns, "other.example", &[(10, "alias.example")]);
    let router = router(&dns).with_port(2525);
    let plan = router.plan("many.example").await.expect("a way");
    let addresses: Vec<String> = plan.hosts[0].addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses.len(), 3);
    assert_eq!(addresses[0], "[2001:db8::1]:2525");
    let plan = router.plan("other.example").await.expect("a way");
    assert_eq!(plan.hosts[0].canonical, "mx.many.example");
}

#[tokio::test]
async fn equals_share_the_mail() {
    let dns = DnsServer::start();
    hosts(&dns);
    let exchangers = [
        (10, "mx1.example"),
        (10, "mx2.example"),
        (10, "mx3.example"),
        (20, "mx4.example"),
    ];
    domain(&dns, "even.example", &exchangers);
    let router = router(&dns);
    let mut firsts = HashSet::new();
    for _ in 0..100 {
        let plan = router.plan("even.example").await.expect("a way");
        assert_eq!(plan.hosts[3].name, "mx4.example");
        firsts.insert(plan.hosts[0].name.clone());
    }
    assert_eq!(firsts.len(), 3, "{firsts:?}");
}

#[tokio::test]
async fn many_exchangers_cost_few_questions() {
    let dns = DnsServer::start();
    for number in 0..200 {
        dns.mx("huge.example", number, &format!("mx{number}.huge.example"));
    }
    assert_eq!(
        router(&dns).plan("huge.example").await,
        Err(RouteError::NoExchangerFound)
    );
    let asked = dns.questions().iter().filter(|question| question.kind != "MX").count();
    assert_eq!(asked, 2 * mailhost::route::MOST_HOSTS);
}

#[tokio::test]
async fn operators_and_literals_go_first() {
    let dns = DnsServer::start();
    hosts(&dns);
    domain(&dns, "plain.example", &[(10, "mx1.example")]);
    let hop = |text: &str| text.parse().expect("a host and port");
    let routed = router(&dns)
        .with_route("Crêpes.example", hop("127.0.0.1:2525"))
        .and_then(|router| router.with_route("internal.example", hop("mx5.example:26")))
        .and_then(|router| router.with_route("mistyped.example", hop("gone.example:25")))
        .expect("routes");
    let first = |plan: mailhost::route::Plan| (plan.hosts[0].addresses[0].to_string(), plan.origin);
    let cases = [
        ("xn--crpes-isa.example", Ok(("127.0.0.1:2525", Origin::Configured))),
        ("internal.example", Ok(("192.0.2.5:26", Origin::Configured))),
        ("plain.example", Ok(("192.0.2.1:25", Origin::Mx { secure: false }))),
        ("[192.0.2.77]", Ok(("192.0.2.77:25", Origin::Literal))),
        ("[IPv6:2001:db8::1]", Ok(("[2001:db8::1]:25", Origin::Literal))),
        ("[192.0.2.250]", Err(RouteError::Loop)),
        ("[x]", Err(RouteError::NotADomain)),
        // An operator's slip bounces nothing.
        ("mistyped.example", Err(RouteError::Dns(Failure::NoSuchDomain))),
    ];
    for (domain, expected) in cases {
        let found = routed.plan(domain).await.map(first);
        let expected = expected.map(|(address, origin): (&str, _)| (address.to_owned(), origin));
        assert_eq!(found, expected, "{domain}");
    }
    let smart = routed.with_smarthost(hop("mx9.example:587"));
    let found = smart.plan("plain.example").await.map(first).expect("a way");
    assert_eq!(found, ("192.0.2.9:587".to_owned(), Origin::Configured));
    let found = smart.plan("internal.example").await.map(first).expect("a way");
    assert_eq!(found.0, "192.0.2.5:26");
}

#[tokio::test]
async fn what_was_signed_is_known() {
    let dns = DnsServer::start_signed();
    domain(
        &dns,
        "signed.example",
        &[(10, "mx.signed.example"), (20, "mx.plain.test")],
    );
    dns.address("mx.signed.example", ip("192.0.2.1"));
    dns.unsigned("plain.test");
    dns.address("mx.plain.test", ip("192.0.2.2"));
    let plan = Router::new(validating(&dns))
        .plan("signed.example")
        .await
        .expect("a way");
    assert_eq!(plan.origin, Origin::Mx { secure: true });
    assert_eq!(
        plan.hosts.iter().map(|hop| hop.secure).collect::<Vec<_>>(),
        [true, false]
    );
}
