//! From an envelope to deliveries: which recipient's copy goes where, with which trace fields in front.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rfc5322::{
    AddrSpec, DateTime, HeaderEnd, HeaderScanner, LocalPartCase, LoopGuard, MailLoop, Protocol, Received, Scan, Source,
    Zone, delivered_to, return_path,
};

use crate::host::since_epoch;
use crate::store::{Delivery, Envelope, Mailbox};

/// What is known about a message when its envelope is complete.
pub struct Trace {
    /// How the client called itself.
    pub client: rfc5322::Host,
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
}

/// One accepted recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Somebody here.
    Mailbox(Mailbox),
    /// Somebody elsewhere, for whose domain there is a route.
    Relay(AddrSpec),
}

/// Looks at the header section while the message streams in.
#[derive(Default)]
pub struct HeaderWatch {
    scanner: HeaderScanner,
    guard: LoopGuard,
}

impl HeaderWatch {
    /// The next octets of the message.
    pub fn observe(&mut self, mut octets: &[u8]) {
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
        }
    }
}

/// What was seen of the header section.
pub struct Header {
    guard: LoopGuard,
    /// The message began with its body, as those do that people type into telnet.
    is_missing: bool,
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
    let mut by_domain: BTreeMap<String, Vec<&AddrSpec>> = BTreeMap::new();
    for target in targets {
        match target {
            Target::Mailbox(mailbox) => deliveries.push(local(trace, mailbox, header)?),
            Target::Relay(to) => by_domain
                .entry(to.domain().as_str().to_ascii_lowercase())
                .or_default()
                .push(to),
        }
    }
    deliveries.extend(
        by_domain
            .into_iter()
            .map(|(domain, to)| relay(trace, domain, &to, header)),
    );
    Ok(deliveries)
}

fn local(trace: &Trace, mailbox: &Mailbox, header: &Header) -> Result<Delivery, MailLoop> {
    // Accounts are made of a user's name and a domain, and both are checked when the host starts.
    let account = AddrSpec::parse(mailbox.account().as_bytes()).expect("accounts are addresses");
    header.guard.check_delivery(&account, LocalPartCase::Insensitive)?;
    let mut prefix = return_path(trace.reverse_path.as_ref()).as_bytes().to_vec();
    prefix.extend_from_slice(delivered_to(&account).as_bytes());
    prefix.extend_from_slice(&received(trace, Some(account), header));
    Ok(Delivery::mailbox(mailbox.clone(), prefix))
}

fn relay(trace: &Trace, domain: String, to: &[&AddrSpec], header: &Header) -> Delivery {
    // With several recipients the field names none: a copy must not tell one of the others (RFC 5321 §7.2).
    let only = (to.len() == 1).then(|| to[0].clone());
    let envelope = Envelope {
        next_hop: domain,
        reverse_path: trace.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default(),
        forward_paths: to.iter().map(ToString::to_string).collect(),
    };
    Delivery::relay(envelope, received(trace, only, header))
}

/// The `Received` field (RFC 5321 §4.4), and the empty line that a message without a header section lacks.
fn received(trace: &Trace, recipient: Option<AddrSpec>, header: &Header) -> Vec<u8> {
    let source = Source::tcp(trace.client.clone(), trace.address);
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

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Destination;

    fn trace() -> Trace {
        Trace {
            client: rfc5322::Host::new("crepes.fr").unwrap(),
            address: [127, 0, 0, 1].into(),
            protocol: Protocol::Smtp,
            by: rfc5322::Host::new("hamburger.edu").unwrap(),
            id: rfc5322::Atom::new("1A").unwrap(),
            reverse_path: Some(AddrSpec::parse(b"alice@crepes.fr").unwrap()),
        }
    }

    fn header(message: &[u8]) -> Header {
        let mut watch = HeaderWatch::default();
        message.chunks(3).for_each(|chunk| watch.observe(chunk));
        watch.finish()
    }

    fn bob() -> Target {
        Target::Mailbox(Mailbox::inbox("bob@hamburger.edu"))
    }

    fn text(delivery: &Delivery) -> String {
        String::from_utf8(delivery.prefix.clone()).unwrap()
    }

    #[test]
    fn each_recipient_has_its_own_trace() {
        let elsewhere = |address: &str| Target::Relay(AddrSpec::parse(address.as_bytes()).unwrap());
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
        assert_eq!(one.forward_paths, ["x@one.example", "y@ONE.example"]);
        assert!(!text(&deliveries[1]).contains("for <") && !text(&deliveries[1]).contains("Return-Path"));
        assert!(text(&deliveries[2]).contains("for <z@two.example>"));
        assert_eq!(deliveries.len(), 3);
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
