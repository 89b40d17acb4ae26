//! DANE: which records count, and which certificates they let through.

use mail_testing::dns::{DnsServer, Fault};
use mailhost::dns::Failure;
use mailhost::policy::{Policies, PolicyError, TransportSecurity};
use mailhost::route::{NextHop, Plan, Router};
use sha2::{Digest, Sha256, Sha512};

use super::certificates::{Authority, Issued};
use super::{ip, resolver, validating};

const DOMAIN: &str = "signed.example";
const HOST: &str = "mx.signed.example";
const TLSA: &str = "_25._tcp.mx.signed.example";

/// A signed domain with one host.
fn signed() -> DnsServer {
    let dns = DnsServer::start_signed();
    dns.mx(DOMAIN, 10, HOST);
    dns.address(HOST, ip("192.0.2.1"));
    dns
}

async fn plan(dns: &DnsServer, domain: &str) -> Plan {
    Router::new(validating(dns)).plan(domain).await.expect("a way")
}

async fn security(dns: &DnsServer) -> Result<TransportSecurity, PolicyError> {
    let plan = plan(dns, DOMAIN).await;
    let policies = Policies::new(validating(dns)).with_dane();
    policies.of(&plan, &plan.hosts[0]).await
}

/// Whether a host with this certificate is delivered to.
async fn delivers(dns: &DnsServer, server: &Issued) -> bool {
    let plan = plan(dns, DOMAIN).await;
    let policies = Policies::new(validating(dns)).with_dane();
    let security = policies.of(&plan, &plan.hosts[0]).await.expect("a policy");
    assert!(matches!(security, TransportSecurity::Dane(_)), "{security:?}");
    assert!(security.requires_tls() && security.is_authenticated());
    let verifier = security
        .verifier(&Authority::new("unused").roots())
        .expect("a verifier");
    server.satisfies(verifier, security.server_name(&plan.hosts[0])).await
}

/// The data of a record about a certificate or key.
fn digest(matching: u8, octets: &[u8]) -> Vec<u8> {
    match matching {
        0 => octets.to_vec(),
        1 => Sha256::digest(octets).to_vec(),
        _ => Sha512::digest(octets).to_vec(),
    }
}

#[tokio::test]
async fn every_selector_and_digest_vouches_for_its_certificate_only() {
    let root = Authority::new("Root");
    let (server, other) = (root.issue(HOST), root.issue(HOST));
    for selector in [0, 1] {
        for matching in [0, 1, 2] {
            let dns = signed();
            let content = if selector == 0 {
                server.chain[0].to_vec()
            } else {
                server.public_key.clone()
            };
            dns.tlsa(TLSA, 3, selector, matching, &digest(matching, &content));
            assert!(delivers(&dns, &server).await, "3 {selector} {matching}");
            assert!(
                !delivers(&dns, &other).await,
                "3 {selector} {matching}, another certificate"
            );

            let dns = signed();
            let content = if selector == 0 {
                root.certificate().to_vec()
            } else {
                root.public_key()
            };
            dns.tlsa(TLSA, 2, selector, matching, &digest(matching, &content));
            assert!(delivers(&dns, &server).await, "2 {selector} {matching}");
            assert!(delivers(&dns, &other).await, "2 {selector} {matching}, same authority");
            let stranger = Authority::new("Root").issue(HOST);
            assert!(
                !delivers(&dns, &stranger).await,
                "2 {selector} {matching}, another authority"
            );
        }
    }
}

/// RFC 7672 §3.1.1 and §3.1.2: names and dates matter below an authority, and not for a certificate that is named itself.
#[tokio::test]
async fn names_and_dates_matter_below_an_authority() {
    let root = Authority::new("Root");
    let middle = root.intermediate("Middle");
    let by_anchor = |authority: &Authority| {
        let dns = signed();
        dns.tlsa(TLSA, 2, 1, 1, &digest(1, &authority.public_key()));
        dns
    };
    let cases = [
        (root.issue(HOST), true),
        (middle.issue(HOST), true),
        // The recipient's domain will do as well (RFC 7672 §3.2.2).
        (root.issue(DOMAIN), true),
        (root.issue("*.signed.example"), true),
        (root.issue("mx.other.example"), false),
        (root.issue_expired(HOST), false),
    ];
    for (number, (server, expected)) in cases.iter().enumerate() {
        assert_eq!(delivers(&by_anchor(&root), server).await, *expected, "case {number}");
    }
    // The record may name an authority in the midst of the chain, whatever is above it.
    assert!(delivers(&by_anchor(&middle), &middle.issue(HOST)).await);
    assert!(!delivers(&by_anchor(&middle), &root.issue(HOST)).await);
    let odd = root.issue_expired("mx.other.example");
    let dns = signed();
    dns.tlsa(TLSA, 3, 1, 1, &digest(1, &odd.public_key));
    assert!(delivers(&dns, &odd).await);
}

/// An authority that the server does not send may stand in the record whole.
#[tokio::test]
async fn an_authority_may_come_from_the_record() {
    let root = Authority::new("Root");
    let mut server = root.issue(HOST);
    server.chain.truncate(1);
    let dns = signed();
    dns.tlsa(TLSA, 2, 0, 0, root.certificate());
    assert!(delivers(&dns, &server).await);
    let dns = signed();
    dns.tlsa(TLSA, 2, 0, 1, &digest(1, root.certificate()));
    assert!(!delivers(&dns, &server).await);
}

#[tokio::test]
async fn one_of_several_records_is_enough() {
    let root = Authority::new("Root");
    let (now, next) = (root.issue(HOST), root.issue(HOST));
    let dns = signed();
    dns.tlsa(TLSA, 3, 1, 1, &digest(1, &now.public_key));
    dns.tlsa(TLSA, 3, 1, 1, &digest(1, &next.public_key));
    dns.tlsa(TLSA, 1, 1, 1, &[0; 32]);
    assert!(delivers(&dns, &now).await);
    assert!(delivers(&dns, &next).await);
    assert!(!delivers(&dns, &root.issue(HOST)).await);
}

#[tokio::test]
async fn unusable_records_ask_for_encryption_alone() {
    let dns = signed();
    dns.tlsa(TLSA, 0, 0, 1, &[1; 32]);
    dns.tlsa(TLSA, 3, 1, 1, &[1; 31]);
    let security = security(&dns).await.expect("a policy");
    assert!(matches!(security, TransportSecurity::Encrypted), "{security:?}");
    assert!(security.requires_tls() && !security.is_authenticated());
    let anyone = Authority::new("Anyone").issue_expired("elsewhere.example");
    let verifier = security.verifier(&Authority::new("Root").roots()).expect("a verifier");
    assert!(anyone.satisfies(verifier, HOST).await);
}

#[tokio::test]
async fn without_records_there_is_no_dane() {
    let dns = signed();
    assert!(matches!(security(&dns).await, Ok(TransportSecurity::Opportunistic)));
    let opportunistic = security(&dns).await.expect("a policy");
    assert!(!opportunistic.requires_tls());
}

/// RFC 7672 §2.1.2: who cannot know does not deliver.
#[tokio::test]
async fn records_that_cannot_be_had_stop_delivery() {
    for (fault, failure) in [
        (Fault::ServerFailure, Failure::Server(2)),
        (Fault::BadSignature, Failure::Bogus),
    ] {
        let dns = signed();
        dns.tlsa(TLSA, 3, 1, 1, &[1; 32]);
        dns.fail(TLSA, fault);
        let found = security(&dns).await.map(|_| ());
        assert_eq!(found, Err(PolicyError::TlsaUnknown(failure)), "{fault:?}");
    }
}

/// RFC 7672 §2.2: what was not validated is not even asked about.
#[tokio::test]
async fn unsigned_ways_have_no_dane() {
    let dns = signed();
    dns.unsigned("plain.test");
    dns.mx("plain.test", 10, HOST);
    dns.mx("mixed.example", 10, "mx.plain.test");
    dns.address("mx.plain.test", ip("192.0.2.2"));
    dns.tlsa(TLSA, 3, 1, 1, &[1; 32]);
    dns.tlsa("_25._tcp.mx.plain.test", 3, 1, 1, &[1; 32]);
    let policies = Policies::new(validating(&dns)).with_dane();
    for domain in ["plain.test", "mixed.example"] {
        let plan = plan(&dns, domain).await;
        let security = policies.of(&plan, &plan.hosts[0]).await;
        assert!(matches!(security, Ok(TransportSecurity::Opportunistic)), "{domain}");
    }
    assert!(dns.questions().iter().all(|question| question.kind != "TLSA"));
    // A resolver that does not validate finds none.
    let plan = Router::new(resolver(&dns)).plan(DOMAIN).await.expect("a way");
    let policies = Policies::new(resolver(&dns)).with_dane();
    let security = policies.of(&plan, &plan.hosts[0]).await;
    assert!(matches!(security, Ok(TransportSecurity::Opportunistic)));
}

/// RFC 7672 §2.2.2 and §2.2.3: the records stand where the addresses are, or else with the alias; also for a domain without MX
/// records and for the operator's routes, at their port.
#[tokio::test]
async fn records_are_found_at_each_kind_of_host() {
    let dns = signed();
    let server = Authority::new("Root").issue(HOST);
    let data = digest(1, &server.public_key);
    dns.cname("alias.example", HOST);
    dns.mx("aliased.example", 10, "alias.example");
    dns.tlsa("_25._tcp.alias.example", 3, 1, 1, &data);
    dns.address("bare.example", ip("192.0.2.5"));
    dns.tlsa("_25._tcp.bare.example", 3, 1, 1, &data);
    dns.tlsa("_587._tcp.mx.signed.example", 3, 1, 1, &data);
    let smart: NextHop = "mx.signed.example:587".parse().expect("a host");
    let policies = Policies::new(validating(&dns)).with_dane();
    for (domain, base) in [("aliased.example", "alias.example"), ("bare.example", "bare.example")] {
        let plan = plan(&dns, domain).await;
        let security = policies.of(&plan, &plan.hosts[0]).await.expect("a policy");
        assert_eq!(security.server_name(&plan.hosts[0]), base);
        assert!(security.is_authenticated(), "{domain}");
    }
    let smart = Router::new(validating(&dns)).with_smarthost(smart);
    let plan = smart.plan("anything.example").await.expect("a way");
    let security = policies.of(&plan, &plan.hosts[0]).await.expect("a policy");
    assert!(security.is_authenticated());
    dns.tlsa(TLSA, 3, 1, 1, &data);
    let policies = Policies::new(validating(&dns)).with_dane();
    let plan = Router::new(validating(&dns))
        .plan("aliased.example")
        .await
        .expect("a way");
    let security = policies.of(&plan, &plan.hosts[0]).await.expect("a policy");
    assert_eq!(security.server_name(&plan.hosts[0]), HOST);
}
