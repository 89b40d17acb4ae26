//! From an envelope to deliveries: which recipient's copy goes where, with which trace fields in front.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rfc5322::{
    AddrSpec, DateTime, HeaderEnd, HeaderScanner, LocalPartCase, LoopGuard, MailLoop, Protocol, Received, Scan, Source,
    Zone, delivered_to, return_path,
};

use crate::host::since_epoch;
use crate::store::{Addressee, ContentKind, Delivery, Envelope, Mailbox, Terms};

/// What is known about a message when its envelope is complete.
pub struct Trace {
    /// How the client called itself.
    pub client: rfc5322::Host,
    /// The name that the DNS has for where it called from.
    pub name: Option<rfc5322::Host>,
    /// Where it called from.
    pub address: IpAddr,
    /// SMTP after HELO, ESMTP after EHLO.
    pub protocol: Protocol,
    /// Who took the message: this host.
    pub by: rfc5322::Host,
    /// The name that this host gave to it.
    pub id: rfc5322::Atom,
    /// The reverse-path; `None` for the null one.
    pub reverse_path: Option<AddrSpec>,
    /// What the sender asked for. What its octets are is seen while it arrives.
    pub terms: Terms,
}

/// One accepted recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Somebody here.
    Mailbox(Local),
    /// Somebody elsewhere, for whose domain there is a route.
    Relay(Addressee),
}

/// A mailbox here, and the address by which its owner was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Where the message goes.
    pub mailbox: Mailbox,
    /// What `Delivered-To` says: the account, or the account with a tag.
    pub address: AddrSpec,
}

impl Target {
    /// The mailbox, of somebody here.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Mailbox(local) => Some(&local.mailbox),
            Self::Relay(_) => None,
        }
    }

    /// Whether two recipients are one person, who gets the message once.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mailbox(one), Self::Mailbox(other)) => one.mailbox == other.mailbox,
            (Self::Relay(one), Self::Relay(other)) => one.forward_path == other.forward_path,
            (Self::Mailbox(_), Self::Relay(_)) | (Self::Relay(_), Self::Mailbox(_)) => false,
        }
    }
}

impl From<Mailbox> for Local {
    /// Reached by the account's own address.
    fn from(mailbox: Mailbox) -> Self {
        // Accounts are made of a user's name and a domain, and both are checked when the host starts.
        let address = AddrSpec::parse(mailbox.account().as_bytes()).expect("accounts are addresses");
        Self { mailbox, address }
    }
}

/// Looks at a message while it streams in: at its header section, and at what octets it consists of.
#[derive(Default)]
pub struct HeaderWatch {
    scanner: HeaderScanner,
    guard: LoopGuard,
    kind: Kind,
}

/// What was seen of all octets.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    is_eight_bit: bool,
    is_binary: bool,
    /// Octets of the line that goes on.
    line: usize,
}

impl Kind {
    fn observe(&mut self, octets: &[u8]) {
        self.is_eight_bit |= !octets.is_ascii();
        self.is_binary |= memchr::memchr(0, octets).is_some();
        let mut rest = octets;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            self.end_line(at + 1);
            self.line = 0;
            rest = &rest[at + 1..];
        }
        self.end_line(rest.len());
        self.line += rest.len();
    }

    /// Lines of more than 998 octets and CRLF are no text (RFC 2045 §2.9).
    fn end_line(&mut self, octets: usize) {
        self.is_binary |= self.line + octets > LONGEST_LINE;
    }

    fn content(self) -> ContentKind {
        match (self.is_binary, self.is_eight_bit) {
            (true, _) => ContentKind::Binary,
            (false, true) => ContentKind::EightBit,
            (false, false) => ContentKind::SevenBit,
        }
    }
}

impl HeaderWatch {
    /// The next octets of the message.
    pub fn observe(&mut self, mut octets: &[u8]) {
        self.kind.observe(octets);
        while !octets.is_empty() {
            match self.scanner.scan(&mut octets) {
                Scan::Field(field) => self.guard.observe(&field),
                Scan::Malformed(_) => {}
                Scan::NeedInput | Scan::End(_) | Scan::OverLimit => return,
            }
        }
    }

    /// The message has ended.
    pub fn finish(mut self) -> Header {
        loop {
            match self.scanner.finish() {
                Scan::Field(field) => self.guard.observe(&field),
                Scan::Malformed(_) => {}
                Scan::NeedInput | Scan::End(_) | Scan::OverLimit => break,
            }
        }
        Header {
            guard: self.guard,
            is_missing: self.scanner.header_end() == Some(HeaderEnd::NoHeader),
            content: self.kind.content(),
        }
    }
}

/// What was seen of the header section.
pub struct Header {
    guard: LoopGuard,
    /// The message began with its body, as those do that people type into telnet.
    is_missing: bool,
    content: ContentKind,
}

/// A delivery for each recipient here, and one for each foreign domain.
///
/// # Errors
///
/// [`MailLoop`] when the message has passed too many hosts, or was delivered to one of these mailboxes before: it is then
/// refused as a whole, so that whoever sends it hears of the loop.
pub fn deliveries(trace: &Trace, targets: &[Target], header: &Header) -> Result<Vec<Delivery>, MailLoop> {
    header.guard.check_hops()?;
    let mut deliveries = Vec::new();
    let mut by_domain: BTreeMap<String, Vec<Addressee>> = BTreeMap::new();
    for target in targets {
        match target {
            Target::Mailbox(to) => deliveries.push(local(trace, to, header)?),
            Target::Relay(to) => by_domain.entry(domain(&to.forward_path)).or_default().push(to.clone()),
        }
    }
    deliveries.extend(
        by_domain
            .into_iter()
            .map(|(domain, to)| relay(trace, &domain, to, header)),
    );
    Ok(deliveries)
}

/// The domain of an address, by which the mail for it is kept together.
fn domain(address: &str) -> String {
    let (_, domain) = address.rsplit_once('@').unwrap_or_default();
    domain.to_ascii_lowercase()
}

fn local(trace: &Trace, to: &Local, header: &Header) -> Result<Delivery, MailLoop> {
    header.guard.check_delivery(&to.address, LocalPartCase::Insensitive)?;
    let mut prefix = return_path(trace.reverse_path.as_ref()).as_bytes().to_vec();
    prefix.extend_from_slice(delivered_to(&to.address).as_bytes());
    prefix.extend_from_slice(&received(trace, Some(to.address.clone()), header));
    Ok(Delivery::mailbox(to.mailbox.clone(), prefix))
}

fn relay(trace: &Trace, domain: &str, to: Vec<Addressee>, header: &Header) -> Delivery {
    // With several recipients the field names none: a copy must not tell one of the others (RFC 5321 §7.2).
    let only = match &to[..] {
        [only] => AddrSpec::parse_utf8(&only.forward_path).ok(),
        _ => None,
    };
    let envelope = Envelope {
        addressees: to,
        terms: Terms {
            content: header.content,
            ..trace.terms.clone()
        },
        ..Envelope::new(
            domain,
            &trace.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default(),
            [],
        )
    };
    Delivery::relay(envelope, received(trace, only, header))
}

/// The `Received` field (RFC 5321 §4.4), and the empty line that a message without a header section lacks.
fn received(trace: &Trace, recipient: Option<AddrSpec>, header: &Header) -> Vec<u8> {
    let source = Source::Tcp {
        helo: trace.client.clone(),
        name: trace.name.clone(),
        address: trace.address,
    };
    let mut received = Received::new(source, trace.by.clone(), now())
        .with(trace.protocol.clone())
        .id(trace.id.clone());
    if let Some(recipient) = recipient {
        received = received.recipient(recipient);
    }
    let mut octets = received.to_field().as_bytes().to_vec();
    if header.is_missing {
        octets.extend_from_slice(b"\r\n");
    }
    octets
}

/// The date and time, in UTC.
pub fn now() -> DateTime {
    let seconds = since_epoch().as_secs().min(LAST_SECOND);
    DateTime::from_unix(seconds as i64, Zone::UTC).expect("a year of four digits")
}

/// Octets of a line, CRLF included (RFC 5321 §4.5.3.1.6).
const LONGEST_LINE: usize = 1000;

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Destination;

    fn trace() -> Trace {
        Trace {
            client: rfc5322::Host::new("crepes.fr").unwrap(),
            name: None,
            address: [127, 0, 0, 1].into(),
            protocol: Protocol::Smtp,
            by: rfc5322::Host::new("hamburger.edu").unwrap(),
            id: rfc5322::Atom::new("1A").unwrap(),
            reverse_path: Some(AddrSpec::parse(b"alice@crepes.fr").unwrap()),
            terms: Terms::default(),
        }
    }

    fn header(message: &[u8]) -> Header {
        let mut watch = HeaderWatch::default();
        message.chunks(3).for_each(|chunk| watch.observe(chunk));
        watch.finish()
    }

    fn bob() -> Target {
        Target::Mailbox(Mailbox::inbox("bob@hamburger.edu").into())
    }

    fn text(delivery: &Delivery) -> String {
        String::from_utf8(delivery.prefix.clone()).unwrap()
    }

    #[test]
    fn each_recipient_has_its_own_trace() {
        let elsewhere = |address: &str| Target::Relay(Addressee::new(address));
        let targets = [
            bob(),
            elsewhere("x@one.example"),
            elsewhere("y@ONE.example"),
            elsewhere("z@two.example"),
        ];
        let deliveries = deliveries(&trace(), &targets, &header(b"Subject: hi\r\n\r\nyo\r\n")).unwrap();
        let prefix = text(&deliveries[0]);
        assert!(prefix.starts_with(
            "Return-Path: <alice@crepes.fr>\r\nDelivered-To: bob@hamburger.edu\r\nReceived: from crepes.fr ([127.0.0.1])"
        ));
        assert!(
            prefix.contains("for <bob@hamburger.edu>;") && prefix.ends_with(" +0000\r\n"),
            "{prefix}"
        );
        let Destination::Relay(one) = &deliveries[1].to else {
            panic!("a relayed copy")
        };
        let paths: Vec<&str> = one.addressees.iter().map(|to| &*to.forward_path).collect();
        assert_eq!(paths, ["x@one.example", "y@ONE.example"]);
        assert_eq!(one.terms.content, ContentKind::SevenBit);
        assert!(!text(&deliveries[1]).contains("for <") && !text(&deliveries[1]).contains("Return-Path"));
        assert!(text(&deliveries[2]).contains("for <z@two.example>"));
        assert_eq!(deliveries.len(), 3);
    }

    #[test]
    fn the_kind_of_octets_is_seen_at_every_split() {
        let line = |octets| "x".repeat(octets);
        for (message, kind) in [
            (format!("a: b\r\n\r\n{}\r\n", line(998)), ContentKind::SevenBit),
            (format!("a: b\r\n\r\n{}\r\n", line(999)), ContentKind::Binary),
            (format!("a: b\r\n\r\n{}", line(1001)), ContentKind::Binary),
            ("a: b\r\n\r\n\0\r\n".to_owned(), ContentKind::Binary),
            ("a: b\r\n\r\ncr\u{ea}pe\r\n".to_owned(), ContentKind::EightBit),
        ] {
            for size in [1, 2, 3, 7, 500, 5000] {
                let mut watch = HeaderWatch::default();
                message.as_bytes().chunks(size).for_each(|chunk| watch.observe(chunk));
                assert_eq!(watch.finish().content, kind, "{size}");
            }
        }
    }

    #[test]
    fn a_message_without_header_gets_its_empty_line() {
        let body = b"Do you like ketchup?\r\nHow about pickles?\r\n";
        let deliveries = deliveries(&trace(), &[bob()], &header(body)).unwrap();
        assert!(text(&deliveries[0]).ends_with("\r\n\r\n"));
    }

    #[test]
    fn loops_are_found() {
        let again = b"Delivered-To: BOB@hamburger.edu\r\n\r\n";
        assert!(matches!(
            deliveries(&trace(), &[bob()], &header(again)),
            Err(MailLoop::Delivered)
        ));
        let long = b"Received: from a by b; Tue, 01 Jul 2003 10:52:37 +0200\r\n".repeat(101);
        assert!(matches!(
            deliveries(&trace(), &[bob()], &header(&long)),
            Err(MailLoop::TooManyHops { .. })
        ));
    }
}
