//! The relay against hosts that do not do what one would like: what they are sent, and what the sender hears.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mailhost::accounts::Accounts;
use mailhost::host::{Host, Running, Settings};
use mailhost::relay::{Policy, Schedule};
use mailhost::store::{
    Addressee, ContentKind, Delivery, EntryState, Envelope, Mailbox, MemoryStore, Notify, Order, Queue, QueueEntry,
    QueueId, Returned, Spool, Store, Which,
};
use mime_codec::Message;
use mime_codec::report::{Action, DeliveryStatus};

/// One session carries all messages that come within seconds; each recipient's refusal is its own.
#[tokio::test]
async fn one_session_for_many_messages_and_a_verdict_for_each_recipient() {
    let peer = Peer::start(&["PIPELINING", "8BITMIME"], |line, times| match line {
        _ if line.contains("chef@") && times == 0 => Some("451 4.2.1 the chef is busy"),
        _ if line.contains("nobody@") => Some("550 5.1.1 no such user"),
        _ => None,
    });
    let one = Policy {
        sessions_per_hop: 1,
        ..Policy::default()
    };
    let host = Hamburger::start(&peer, one).await;
    host.queue(to(&["alice", "chef", "nobody"]), MESSAGE).await;
    for _ in 0..3 {
        host.queue(to(&["alice"]), MESSAGE).await;
    }
    let bounce = host.report().await;
    assert_eq!(recipients(&bounce), [("nobody@crepes.fr".to_owned(), Action::Failed, "5.1.1".to_owned())]);
    host.queue_becomes(1).await;
    let [entry] = &host.entries().await[..] else { panic!("the chef's") };
    let pending: Vec<&str> = entry.pending().map(|(_, to)| &*to.forward_path).collect();
    assert_eq!(pending, ["chef@crepes.fr"]);
    assert_eq!(entry.last_error.as_deref(), Some("451 4.2.1 the chef is busy"));
    host.store.administer(Order::Flush, &Which::All).await.unwrap();
    host.queue_becomes(0).await;
    let heard = peer.heard();
    assert_eq!(heard.messages, 5);
    assert_eq!(heard.sessions, 1, "{heard:?}");
    let asked = |name: &str| heard.lines.iter().filter(|line| line.contains(name)).count();
    assert_eq!((asked("chef@"), asked("nobody@"), asked("alice@")), (2, 1, 4));
    host.running.stop().await;
}

/// A peer that ends a session between two messages, with a word or without, costs no attempt.
#[tokio::test]
async fn a_session_that_ended_is_replaced() {
    for farewell in [true, false] {
        let peer = Peer::start_mortal(1, farewell);
        let host = Hamburger::start(&peer, Policy::default()).await;
        for number in 0..3 {
            host.queue(to(&["alice"]), MESSAGE).await;
            host.queue_becomes(0).await;
            assert_eq!(peer.heard().messages, number + 1);
        }
        assert_eq!(peer.heard().sessions, 3);
        host.running.stop().await;
    }
}

/// What the sender wants to hear goes to the host that can tell it; else it is told here that nobody will.
#[tokio::test]
async fn wishes_about_reports_are_honoured() {
    let mut envelope = to(&["alice", "chef"]);
    envelope.addressees[0].notify = Some(Notify::SUCCESS | Notify::FAILURE);
    envelope.addressees[0].original = Some("rfc822;Alice@crepes.fr".into());
    envelope.terms.envelope_id = Some("QQ 314".into());
    envelope.terms.returned = Some(Returned::Headers);

    let knows = Peer::start(&["DSN"], |_, _| None);
    let host = Hamburger::start(&knows, Policy::default()).await;
    host.queue(envelope.clone(), MESSAGE).await;
    host.queue_becomes(0).await;
    let heard = knows.heard();
    let said = |wanted: &str| assert!(heard.lines.iter().any(|line| line == wanted), "{wanted}: {heard:?}");
    said("MAIL FROM:<bob@hamburger.edu> RET=HDRS ENVID=QQ+20314");
    said("RCPT TO:<alice@crepes.fr> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Alice@crepes.fr");
    said("RCPT TO:<chef@crepes.fr>");
    assert_eq!(host.mail().await, [] as [Vec<u8>; 0], "the other host reports");
    host.running.stop().await;

    let does_not = Peer::start(&["8BITMIME"], |_, _| None);
    let host = Hamburger::start(&does_not, Policy::default()).await;
    host.queue(envelope, MESSAGE).await;
    let report = host.report().await;
    assert!(does_not.heard().lines.iter().all(|line| !line.contains("NOTIFY") && !line.contains("RET=")));
    assert_eq!(recipients(&report), [("alice@crepes.fr".to_owned(), Action::Relayed, "2.0.0".to_owned())]);
    let status = status(&report);
    assert_eq!(status.original_envelope_id.as_deref(), Some("QQ 314"));
    assert_eq!(status.recipients[0].original_recipient.as_ref().unwrap().value, "Alice@crepes.fr");
    let text = String::from_utf8(report).unwrap();
    assert!(text.contains("text/rfc822-headers") && !text.contains("At noon?"), "{text}");
    host.running.stop().await;
}

/// The report is what RFC 3464 and RFC 6522 want, and returns the message; about a report there is none, nor where NOTIFY
/// says NEVER.
#[tokio::test]
async fn bounces_are_reports_and_reports_do_not_bounce() {
    let peer = Peer::start(&["8BITMIME"], |line, _| line.starts_with("RCPT").then_some("550 5.7.1 not you"));
    let host = Hamburger::start(&peer, Policy::default()).await;
    let mut silent = to(&["alice"]);
    silent.addressees[0].notify = Some(Notify::NEVER);
    host.queue(silent, MESSAGE).await;
    host.queue(Envelope { reverse_path: String::new(), ..to(&["alice"]) }, MESSAGE).await;
    host.queue_becomes(0).await;
    assert_eq!(host.mail().await, [] as [Vec<u8>; 0]);

    host.queue(to(&["alice", "chef"]), MESSAGE).await;
    let report = host.report().await;
    let message = Message::parse(&report);
    let root = message.root();
    assert!(root.content_type().is("multipart", "report"));
    assert_eq!(root.content_type().param("report-type").as_deref(), Some("delivery-status"));
    let kinds: Vec<String> = root.children().map(|part| part.content_type().to_string()).collect();
    assert!(kinds[0].starts_with("text/plain") && kinds[1] == "message/delivery-status" && kinds[2] == "message/rfc822");
    assert!(report.starts_with(b"Return-Path: <>\r\n"));
    assert!(message.check().is_empty(), "{:?}", message.check());
    let status = status(&report);
    assert_eq!(status.recipients.len(), 2, "one report for both");
    assert_eq!(status.reporting_mta.unwrap().value, "hamburger.edu");
    let first = &status.recipients[0];
    assert_eq!(first.diagnostic_code.as_ref().unwrap().to_string(), "smtp; 550 5.7.1 not you");
    assert_eq!(first.remote_mta.as_ref().unwrap().value, "127.0.0.1");
    let returned = root.children().last().unwrap();
    assert_eq!(String::from_utf8_lossy(returned.raw_body()).trim_end(), String::from_utf8_lossy(MESSAGE).trim_end());
    host.running.stop().await;
}

/// Eight bits for a host of seven are encoded on the way; UTF-8 addresses cannot be.
#[tokio::test]
async fn what_a_host_cannot_take_is_converted_or_returned() {
    let peer = Peer::start(&[], |_, _| None);
    let host = Hamburger::start(&peer, Policy::default()).await;
    let mut envelope = to(&["alice"]);
    envelope.terms.content = ContentKind::EightBit;
    let message = "Subject: lunch\r\nContent-Transfer-Encoding: 8bit\r\n\r\nCr\u{ea}pes?\r\n";
    host.queue(envelope.clone(), message.as_bytes()).await;
    host.queue_becomes(0).await;
    let heard = peer.heard();
    assert!(heard.lines.iter().any(|line| line == "Cr=C3=AApes?"), "{heard:?}");
    assert_eq!(host.mail().await, [] as [Vec<u8>; 0]);

    host.queue(envelope, "Subject: Cr\u{ea}pes\r\n\r\n\r\n".as_bytes()).await;
    assert_eq!(recipients(&host.report().await)[0].2, "5.6.3");
    let mut envelope = to(&["alice"]);
    envelope.terms.smtp_utf8 = true;
    host.queue(envelope, MESSAGE).await;
    assert_eq!(recipients(&host.report().await)[0].2, "5.6.7");
    host.running.stop().await;
}

/// A host that does not answer is asked once for all that waits for it; what waits too long is reported late, then given up.
#[tokio::test]
async fn a_host_that_does_not_answer() {
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let second = Duration::from_secs(1);
    let policy = Policy {
        schedule: Schedule {
            first: second,
            longest: second,
            warn_after: second,
            patience: 3 * second,
        },
        ..Policy::default()
    };
    let host = Hamburger::start_to(dead, policy).await;
    for _ in 0..4 {
        host.queue(to(&["alice"]), MESSAGE).await;
    }
    let late = host.reports(4).await;
    assert!(late.iter().all(|report| recipients(report)[0].1 == Action::Delayed));
    let until = status(&late[0]).recipients[0].will_retry_until;
    assert!(until.is_some());
    host.queue_becomes(0).await;
    let all = host.reports(8).await;
    let failed = all.iter().filter(|report| recipients(report)[0].1 == Action::Failed);
    assert!(failed.clone().all(|report| recipients(report)[0].2 == "4.4.7"));
    assert_eq!(failed.count(), 4);
    host.running.stop().await;
}

/// What a person holds is not sent, and what a person deletes is gone without a word.
#[tokio::test]
async fn held_mail_waits() {
    let peer = Peer::start(&[], |_, _| None);
    let host = Hamburger::start(&peer, Policy::default()).await;
    let mut later = to(&["alice"]);
    later.terms.hold_until = Some(std::time::SystemTime::now() + Duration::from_secs(3600));
    host.queue(later.clone(), MESSAGE).await;
    host.queue(later, MESSAGE).await;
    let [first, second] = &host.entries().await[..] else { panic!("two entries") };
    let only = |entry: &QueueEntry| Which::Ids(vec![entry.claim.id]);
    host.store.administer(Order::Hold, &only(first)).await.unwrap();
    host.store.administer(Order::Flush, &Which::All).await.unwrap();
    host.queue_becomes(1).await;
    assert_eq!(host.entries().await[0].state, EntryState::Held);
    assert_ne!(first.claim.id, second.claim.id);
    host.store.administer(Order::Release, &Which::All).await.unwrap();
    host.queue_becomes(0).await;
    assert_eq!(peer.heard().messages, 2);
    host.running.stop().await;
}

const MESSAGE: &[u8] = b"From: bob@hamburger.edu\r\nTo: alice@crepes.fr\r\nDate: Tue, 01 Jul 2003 10:52:37 +0200\r\n\
    Message-ID: <7@hamburger.edu>\r\nSubject: lunch\r\n\r\nAt noon?\r\n";

fn to(users: &[&str]) -> Envelope {
    let mut envelope = Envelope::new("crepes.fr", "bob@hamburger.edu", []);
    envelope.addressees = users.iter().map(|user| Addressee::new(&format!("{user}@crepes.fr"))).collect();
    envelope.terms.content = ContentKind::SevenBit;
    envelope
}

fn status(report: &[u8]) -> DeliveryStatus {
    let message = Message::parse(report);
    let status = message.parts().find_map(|part| part.delivery_status());
    status.expect("a report has its status")
}

fn recipients(report: &[u8]) -> Vec<(String, Action, String)> {
    let recipients = status(report).recipients.into_iter();
    recipients
        .map(|one| (one.final_recipient.unwrap().value, one.action.unwrap(), one.status.unwrap().to_string()))
        .collect()
}

/// A host with a mailbox for bob, which knows the way to crepes.fr.
struct Hamburger {
    running: Running,
    store: Arc<MemoryStore>,
}

impl Hamburger {
    async fn start(peer: &Peer, policy: Policy) -> Self {
        Self::start_to(peer.address, policy).await
    }

    async fn start_to(peer: SocketAddr, relay: Policy) -> Self {
        let mut accounts = Accounts::new(["hamburger.edu".to_owned()]);
        accounts.add("bob", None, mail_wire::Secret::from("hungry"));
        let settings = Settings {
            hostname: rfc5322::Host::new("hamburger.edu").unwrap(),
            accounts,
            routes: HashMap::from([("crepes.fr".to_owned(), peer.to_string())]),
            relay_for: Vec::new(),
            relay,
            max_message_size: 1 << 20,
            scribe: None,
        };
        let store = Arc::new(MemoryStore::new());
        let any = "127.0.0.1:0".parse().unwrap();
        let running = Host::start(settings, store.clone(), any, any).await.unwrap();
        Self { running, store }
    }

    async fn queue(&self, envelope: Envelope, message: &[u8]) {
        let mut spool: Box<dyn Spool> = self.store.spool();
        spool.write(message).await.unwrap();
        spool.commit(vec![Delivery::relay(envelope, Vec::new())]).await.unwrap();
    }

    async fn entries(&self) -> Vec<QueueEntry> {
        self.store.queued(QueueId(0), 100).await.unwrap()
    }

    /// Waits until so many entries are left, none of them being tried.
    async fn queue_becomes(&self, count: usize) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let entries = self.entries().await;
            if entries.len() == count && entries.iter().all(|entry| entry.state != EntryState::Active) {
                return;
            }
            assert!(Instant::now() < end, "{entries:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn mail(&self) -> Vec<Vec<u8>> {
        let bob = Mailbox::inbox("bob@hamburger.edu");
        let mut all = Vec::new();
        for entry in self.store.list(&bob).await.unwrap().entries {
            let mut reader = self.store.open(&bob, entry.uid).await.unwrap();
            let mut message = Vec::new();
            while let Some(chunk) = reader.next_chunk().await.unwrap() {
                message.extend_from_slice(&chunk);
            }
            all.push(message);
        }
        all
    }

    async fn reports(&self, count: usize) -> Vec<Vec<u8>> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let mail = self.mail().await;
            if mail.len() >= count {
                return mail;
            }
            assert!(Instant::now() < end, "{} reports", mail.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The only report; takes it out of the mailbox.
    async fn report(&self) -> Vec<u8> {
        let mut reports = self.reports(1).await;
        assert_eq!(reports.len(), 1);
        let bob = Mailbox::inbox("bob@hamburger.edu");
        let uids: Vec<_> = self.store.list(&bob).await.unwrap().entries.iter().map(|entry| entry.uid).collect();
        self.store.expunge(&bob, &uids).await.unwrap();
        reports.remove(0)
    }
}

type Judge = dyn Fn(&str, usize) -> Option<&'static str> + Send + Sync;

/// A host that says what a test wants.
struct Peer {
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Debug, Clone, Default)]
struct Heard {
    sessions: usize,
    messages: usize,
    lines: Vec<String>,
}

#[derive(Clone, Copy)]
struct Life {
    /// Messages in one session.
    messages: usize,
    /// Whether it says 421 before it closes.
    farewell: bool,
}

impl Peer {
    /// `judge` is asked for a reply to each command line, with the number of times that it was heard before.
    fn start(offers: &[&str], judge: impl Fn(&str, usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        Self::with(offers, Arc::new(judge), Life { messages: usize::MAX, farewell: true })
    }

    fn start_mortal(messages: usize, farewell: bool) -> Self {
        Self::with(&["PIPELINING"], Arc::new(|_: &str, _| None), Life { messages, farewell })
    }

    fn with(offers: &[&str], judge: Arc<Judge>, life: Life) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut hello = "250-crepes.fr\r\n".to_owned();
        offers.iter().for_each(|offer| hello.push_str(&format!("250-{offer}\r\n")));
        hello.push_str("250 HELP\r\n");
        let shared = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (heard, judge, hello) = (shared.clone(), judge.clone(), hello.clone());
                heard.lock().unwrap().sessions += 1;
                std::thread::spawn(move || drop(serve(&stream.unwrap(), &heard, &*judge, &hello, life)));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(mut out: &TcpStream, heard: &Mutex<Heard>, judge: &Judge, hello: &str, life: Life) -> std::io::Result<()> {
    let mut lines = BufReader::new(out).lines();
    out.write_all(b"220 crepes.fr\r\n")?;
    let (mut is_data, mut messages, mut accepted) = (false, 0, 0);
    while let Some(line) = lines.next().transpose()? {
        let times = {
            let mut heard = heard.lock().unwrap();
            let times = heard.lines.iter().filter(|other| **other == line).count();
            heard.lines.push(line.clone());
            times
        };
        if is_data {
            if line == "." {
                is_data = false;
                messages += 1;
                heard.lock().unwrap().messages += 1;
                out.write_all(b"250 thank you\r\n")?;
                if messages == life.messages {
                    out.write_all(if life.farewell { b"421 enough\r\n" } else { b"" })?;
                    return Ok(());
                }
            }
            continue;
        }
        let verb = line.get(..4).unwrap_or_default();
        let judged = judge(&line, times);
        let reply = match (judged, verb) {
            (Some(reply), _) => format!("{reply}\r\n"),
            (None, "EHLO") => hello.to_owned(),
            (None, "DATA") if accepted == 0 => "554 no valid recipients\r\n".to_owned(),
            (None, "DATA") => "354 go\r\n".to_owned(),
            (None, "QUIT") => "221 bye\r\n".to_owned(),
            (None, _) => "250 ok\r\n".to_owned(),
        };
        match verb {
            "MAIL" | "RSET" => accepted = 0,
            "RCPT" => accepted += usize::from(judged.is_none()),
            "DATA" => is_data = reply.starts_with('3'),
            _ => {}
        }
        out.write_all(reply.as_bytes())?;
        if verb == "QUIT" {
            break;
        }
    }
    Ok(())
}
