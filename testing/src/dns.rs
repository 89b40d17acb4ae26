//! A DNS server on loopback that answers what a test says: records, failures, silence, truncation, and signatures.
//!
//! It speaks UDP and TCP on one port and runs on threads of its own until it is dropped, so that tests with any runtime or
//! none can use it.
//!
//! ```
//! use mail_testing::dns::{DnsServer, Fault};
//!
//! let dns = DnsServer::start();
//! dns.mx("crepes.example", 10, "mx.crepes.example");
//! dns.address("mx.crepes.example", [127, 0, 0, 1]);
//! dns.fail("broken.example", Fault::ServerFailure);
//! println!("ask {}", dns.address_of_server());
//! ```

mod serve;
mod sign;
mod zone;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use hickory_proto::dnssec::TrustAnchors;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData};

use serve::Listeners;
use zone::Zone;

/// A DNS server for one test. All names are absolute, with or without the final dot.
pub struct DnsServer {
    zone: Arc<Mutex<Zone>>,
    listeners: Listeners,
}

/// What goes wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// SERVFAIL.
    ServerFailure,
    /// REFUSED.
    Refused,
    /// No answer ever.
    Silent,
    /// UDP says that the answer does not fit; TCP gives it.
    Truncated,
    /// A signature that does not hold.
    BadSignature,
}

/// A question that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// In lower case, without the final dot.
    pub name: String,
    /// As in `MX`.
    pub kind: String,
    /// Over TCP, or else UDP.
    pub tcp: bool,
}

impl DnsServer {
    /// A server without records: every name gets NXDOMAIN. Nothing is signed.
    ///
    /// # Panics
    ///
    /// Without a free port on 127.0.0.1.
    pub fn start() -> Self {
        Self::with(Zone::default())
    }

    /// The same, whose answers are signed by one key from the root on, but for [`Self::unsigned`] domains.
    ///
    /// # Panics
    ///
    /// Without a free port on 127.0.0.1.
    pub fn start_signed() -> Self {
        Self::with(Zone::signed())
    }

    fn with(zone: Zone) -> Self {
        let zone = Arc::new(Mutex::new(zone));
        let listeners = Listeners::start(zone.clone());
        Self { zone, listeners }
    }

    /// Where it listens.
    pub fn address_of_server(&self) -> SocketAddr {
        self.listeners.address()
    }

    /// What a validating resolver must trust.
    ///
    /// # Panics
    ///
    /// When nothing is signed.
    pub fn trust_anchors(&self) -> TrustAnchors {
        self.zone().trust_anchors().expect("a signed server")
    }

    /// Adds an MX record. The null MX (RFC 7505 §3) is `mx(domain, 0, ".")`.
    pub fn mx(&self, domain: &str, preference: u16, exchange: &str) {
        self.record(domain, RData::MX(MX::new(preference, name(exchange))));
    }

    /// Adds an SRV record. The target `.` says that there is no such service (RFC 2782).
    pub fn srv(&self, owner: &str, (priority, weight): (u16, u16), target: &str, port: u16) {
        self.record(owner, RData::SRV(SRV::new(priority, weight, port, name(target))));
    }

    /// Adds an A or AAAA record.
    pub fn address(&self, host: &str, address: impl Into<IpAddr>) {
        let data = match address.into() {
            IpAddr::V4(address) => RData::A(A(address)),
            IpAddr::V6(address) => RData::AAAA(AAAA(address)),
        };
        self.record(host, data);
    }

    /// Adds a TXT record, cut into strings of 255 octets.
    pub fn txt(&self, domain: &str, text: &str) {
        let strings = text.as_bytes().chunks(255).collect();
        self.record(domain, RData::TXT(TXT::from_bytes(strings)));
    }

    /// Adds a CNAME record.
    pub fn cname(&self, alias: &str, target: &str) {
        self.record(alias, RData::CNAME(CNAME(name(target))));
    }

    /// Adds a PTR record for an address.
    pub fn ptr(&self, address: impl Into<IpAddr>, host: &str) {
        let reversed = Name::from(address.into());
        let owner = reversed.to_ascii();
        self.record(&owner, RData::PTR(PTR(name(host))));
    }

    /// Adds a TLSA record, of octets as they are on the wire.
    pub fn tlsa(&self, owner: &str, usage: u8, selector: u8, matching: u8, data: &[u8]) {
        let tlsa = TLSA::new(usage.into(), selector.into(), matching.into(), data.to_vec());
        self.record(owner, RData::TLSA(tlsa));
    }

    /// Lets every question about a name go wrong.
    pub fn fail(&self, owner: &str, fault: Fault) {
        self.zone().fail(name(owner), fault);
    }

    /// Forgets all records of a name, and its fault.
    pub fn remove(&self, owner: &str) {
        self.zone().remove(&name(owner));
    }

    /// Makes a domain and all below it a zone without signatures, as most are.
    pub fn unsigned(&self, domain: &str) {
        self.zone().unsigned(name(domain));
    }

    /// What was asked so far.
    pub fn questions(&self) -> Vec<Question> {
        self.zone().questions.clone()
    }

    fn record(&self, owner: &str, data: RData) {
        self.zone().add(name(owner), data);
    }

    fn zone(&self) -> MutexGuard<'_, Zone> {
        self.zone.lock().expect("no one panics with it")
    }
}

/// An absolute name.
fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).expect("a name in a test");
    name.set_fqdn(true);
    name.to_lowercase()
}
