//! The client by itself: what it refuses to send, what it makes of replies, and what a hostile server can do to it.

use mail_wire::{Layer, Machine, Misuse, ProxyOrigin, ProxyVersion, Secret, Step, Upload};
use proptest::prelude::*;
use smtp_proto::client::{
    Chunking, Config, Content, Delivery, Envelope, Error, Event, Failure, NotTried, Outcome, Protocol, Recipient,
    Security, Stage, Unoffered,
};
use smtp_proto::{BodyType, Client, Mailbox, ParameterList, Verb, fuzzing};

/// A client whose server is the test.
struct Talk {
    client: Client,
    events: Vec<Event>,
    heard: Vec<u8>,
}

impl Talk {
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("crepes.example".parse().expect("a name"));
        change(&mut config);
        Self {
            client: Client::new(config),
            events: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// One that has said EHLO to a server that offers this.
    fn greeted(offered: &[&str], change: impl FnOnce(&mut Config)) -> Self {
        let mut talk = Self::new(change);
        talk.hear("220 mx.hamburger.example ready\r\n").expect("a greeting");
        talk.client.hello().expect("greeted");
        let lines: String = offered.iter().map(|line| format!("250-{line}\r\n")).collect();
        talk.hear(&format!("250-mx.hamburger.example\r\n{lines}250 HELP\r\n"))
            .expect("an offer");
        talk.heard.clear();
        talk.events.clear();
        talk
    }

    /// Feeds and steps until the machine needs something; returns what it needs.
    fn hear(&mut self, octets: &str) -> Result<Step<Event>, Error> {
        self.client.receive(octets.as_bytes());
        loop {
            match self.client.poll() {
                Ok(Step::Event(event)) => self.events.push(event),
                rest => {
                    self.heard.extend_from_slice(self.client.transmit());
                    self.client.transmitted(usize::MAX);
                    if !matches!(rest, Ok(Step::NeedFlush)) {
                        return rest;
                    }
                }
            }
        }
    }

    fn results(&self, recipients: usize) -> Vec<Result<String, Failure>> {
        let mut outcome = Outcome::new(recipients);
        self.events.iter().for_each(|event| outcome.record(event));
        outcome
            .results()
            .map(|result| result.map(|reply| reply.to_string()))
            .collect()
    }
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().expect("a mailbox")
}

fn envelope(recipients: &[&str]) -> Envelope {
    let recipients = recipients.iter().map(|text| mailbox(text));
    Envelope::new(mailbox("alice@crepes.example"), recipients).expect("recipients")
}

fn parameter(keyword: &str, value: Option<&str>) -> ParameterList {
    let mut list = ParameterList::new();
    list.push(keyword, value).expect("a parameter");
    list
}

const NOT_OFFERED: fn(&'static str) -> Result<(), Misuse> = |extension| Err(Misuse::NotOffered { extension });

/// What the server cannot take is an error before anything is written, and the session goes on.
#[test]
fn what_the_server_cannot_take_is_not_begun() {
    let to_bob = || envelope(&["bob@hamburger.example"]);
    let mut talk = Talk::greeted(&["SIZE 1000", "PIPELINING"], |_| {});
    let refused: [(Envelope, Result<(), Misuse>); 9] = [
        (to_bob().with_body(BodyType::EightBitMime), NOT_OFFERED("8BITMIME")),
        (to_bob().with_body(BodyType::BinaryMime), NOT_OFFERED("BINARYMIME")),
        (
            to_bob().with_content(Content::of(b"a: b\r\n\r\n\0\r\n")),
            NOT_OFFERED("BINARYMIME"),
        ),
        (
            to_bob().with_content(Content::of(&[b'x'; 999])),
            NOT_OFFERED("BINARYMIME"),
        ),
        (
            to_bob().with_content(Content::unknown().with_international_header()),
            NOT_OFFERED("SMTPUTF8"),
        ),
        (
            to_bob().with_size(1001),
            Err(Misuse::TooLarge {
                size: 1001,
                limit: 1000,
            }),
        ),
        (
            to_bob().with_parameters(parameter("RET", Some("FULL"))),
            NOT_OFFERED("DSN"),
        ),
        (
            to_bob()
                .with_unoffered(Unoffered::Drop)
                .with_parameters(parameter("HOLDFOR", Some("60"))),
            NOT_OFFERED("FUTURERELEASE"),
        ),
        (
            to_bob()
                .with_unoffered(Unoffered::Drop)
                .with_parameters(parameter("BY", Some("60;R"))),
            NOT_OFFERED("DELIVERBY"),
        ),
    ];
    for (envelope, why) in refused {
        assert_eq!(talk.client.transaction(envelope.clone()), why, "{envelope:?}");
    }
    assert_eq!(talk.hear(""), Ok(Step::NeedAnswer));
    assert!(talk.heard.is_empty());
    assert_eq!(talk.client.transaction(to_bob().with_size(1000)), Ok(()));
}

/// Long lines go as text to a server without BINARYMIME when the caller says so.
#[test]
fn long_lines_have_a_leniency() {
    let mut talk = Talk::greeted(&[], |config| config.long_lines = true);
    let long = envelope(&["bob@hamburger.example"]).with_content(Content::of(&[b'x'; 2000]));
    assert_eq!(talk.client.transaction(long), Ok(()));
    talk.hear("").unwrap();
    assert_eq!(talk.heard, b"MAIL FROM:<alice@crepes.example>\r\n");
}

/// RFC 8689 §4.2: REQUIRETLS is for secured sessions, whatever the server offers.
#[test]
fn requiretls_needs_tls() {
    let asking = || envelope(&["bob@hamburger.example"]).with_parameters(parameter("REQUIRETLS", None));
    let mut plain = Talk::greeted(&["REQUIRETLS"], |_| {});
    let insecure = Err(Misuse::Insecure { command: "REQUIRETLS" });
    assert_eq!(plain.client.transaction(asking()), insecure);
    let mut secured = Talk::greeted(&["REQUIRETLS"], |config| config.security = Security::Secured);
    assert_eq!(secured.client.transaction(asking()), Ok(()));
    secured.hear("").unwrap();
    assert_eq!(secured.heard, b"MAIL FROM:<alice@crepes.example> REQUIRETLS\r\n");
}

/// RFC 6531 §3.4: without SMTPUTF8 a mailbox in UTF-8 is not tried, and the others are.
#[test]
fn mailboxes_in_utf8_need_smtputf8() {
    let to = || {
        [
            Mailbox::parse_utf8("jürgen@bücher.example").unwrap(),
            mailbox("bob@x.example"),
        ]
    };
    let envelope = || Envelope::new(mailbox("alice@crepes.example"), to()).unwrap();
    let mut talk = Talk::greeted(&["PIPELINING"], |_| {});
    talk.client.transaction(envelope()).unwrap();
    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n").unwrap();
    assert_eq!(
        String::from_utf8_lossy(&talk.heard),
        "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<bob@x.example>\r\nDATA\r\n"
    );
    let failure = talk.results(2).remove(0).unwrap_err();
    assert_eq!(failure.stage, Stage::NotTried(NotTried::NotOffered("SMTPUTF8")));
    assert!(!failure.is_transient());
    let alone = Envelope::new(mailbox("alice@crepes.example"), [to()[0].clone()]).unwrap();
    let mut talk = Talk::greeted(&[], |_| {});
    assert_eq!(
        talk.client.transaction(alone),
        NOT_OFFERED("SMTPUTF8"),
        "nobody is left"
    );
    let mut talk = Talk::greeted(&["PIPELINING", "8BITMIME", "SMTPUTF8"], |_| {});
    talk.client.transaction(envelope()).unwrap();
    talk.hear("").unwrap();
    assert!(
        talk.heard
            .starts_with("MAIL FROM:<alice@crepes.example> SMTPUTF8\r\nRCPT TO:<jürgen@bücher.example>\r\n".as_bytes())
    );
}

/// A proxy's header is the first that is said, and said once.
#[test]
fn a_proxy_header_goes_first() {
    let origin = ProxyOrigin::Inet {
        source: "192.0.2.7:51234".parse().unwrap(),
        destination: "198.51.100.1:25".parse().unwrap(),
    };
    let mut talk = Talk::new(|config| config.proxy = Some((ProxyVersion::Text, origin)));
    assert_eq!(
        talk.client.transmit(),
        b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\n"
    );
    talk.hear("220 a\r\n").unwrap();
    talk.client.hello().unwrap();
    talk.hear("250-a\r\n250 STARTTLS\r\n").unwrap();
    talk.client.start_tls().unwrap();
    talk.hear("220 go\r\n").unwrap();
    talk.client.upgrade(Layer::Tls);
    assert!(talk.client.transmit().is_empty());
}

#[test]
fn one_recipient_may_fail_alone() {
    let mut talk = Talk::greeted(&["PIPELINING", "LIMITS RCPTMAX=2"], |_| {});
    let to = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"];
    let mut recipients: Vec<Recipient> = to.iter().map(|&to| mailbox(to).into()).collect();
    recipients[1] = recipients[1]
        .clone()
        .with_parameters(parameter("NOTIFY", Some("NEVER")));
    let envelope = Envelope::new(mailbox("alice@crepes.example"), recipients).unwrap();
    talk.client.transaction(envelope).unwrap();
    talk.hear("250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n").unwrap();
    assert_eq!(
        String::from_utf8_lossy(&talk.heard),
        "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n"
    );
    talk.client.begin_body(None).unwrap();
    talk.client.finish_body().unwrap();
    talk.hear("250 queued\r\n").unwrap();
    let results = talk.results(4);
    assert_eq!(results[0].as_deref(), Ok("250 queued"));
    let stages: Vec<Stage> = results[1..].iter().map(|r| r.as_ref().unwrap_err().stage).collect();
    let limit = Stage::NotTried(NotTried::RecipientLimit(2));
    assert_eq!(
        stages,
        [Stage::NotTried(NotTried::NotOffered("DSN")), Stage::Recipient, limit]
    );
    let failure = results[3].as_ref().unwrap_err();
    assert!(failure.is_transient());
    assert_eq!(failure.to_string(), "not tried: the server takes 2 recipients at once");
    assert_eq!(
        results[2].as_ref().unwrap_err().enhanced().unwrap().to_string(),
        "5.1.1"
    );
}

#[test]
fn all_or_none_is_all_or_none() {
    let mut talk = Talk::greeted(&["PIPELINING", "LIMITS RCPTMAX=2"], |_| {});
    let all = |to: &[&str]| envelope(to).with_delivery(Delivery::AllOrNone);
    let limit = Err(Misuse::PeerLimit {
        what: "RCPTMAX",
        limit: 2,
    });
    assert_eq!(
        talk.client
            .transaction(all(&["a@x.example", "b@x.example", "c@x.example"])),
        limit
    );
    talk.client.transaction(all(&["a@x.example", "b@x.example"])).unwrap();
    talk.hear("250 ok\r\n250 ok\r\n450 busy\r\n").unwrap();
    assert_eq!(talk.hear("250 reset\r\n"), Ok(Step::NeedAnswer));
    let stages: Vec<Stage> = talk.results(2).into_iter().map(|r| r.unwrap_err().stage).collect();
    assert_eq!(stages, [Stage::NotTried(NotTried::Withdrawn), Stage::Recipient]);
    assert!(!talk.heard.windows(4).any(|word| word == b"DATA"));
    assert!(talk.client.is_reusable());
}

#[test]
fn lmtp_has_a_result_for_each() {
    let mut talk = Talk::greeted(&["PIPELINING"], |config| config.protocol = Protocol::Lmtp);
    talk.client
        .transaction(envelope(&["a@x.example", "b@x.example", "c@x.example"]))
        .unwrap();
    talk.hear("250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n").unwrap();
    talk.client.begin_body(None).unwrap();
    talk.client.finish_body().unwrap();
    assert_eq!(talk.hear("250 a has it\r\n"), Ok(Step::NeedInput));
    assert_eq!(talk.hear("452 c is full\r\n"), Ok(Step::NeedAnswer));
    let results = talk.results(3);
    assert_eq!(results[0].as_deref(), Ok("250 a has it"));
    assert_eq!(results[1].as_ref().unwrap_err().stage, Stage::Recipient);
    let full = results[2].as_ref().unwrap_err();
    assert_eq!((full.stage, full.is_transient()), (Stage::Message, true));
    assert!(talk.client.is_reusable());
}

/// The first refused chunk is the result; what the caller still writes goes nowhere.
#[test]
fn a_refused_chunk_ends_the_message() {
    let mut talk = Talk::greeted(&["PIPELINING", "CHUNKING"], |config| {
        config.chunking = Chunking::Always;
        config.limits.chunk = 4;
    });
    talk.client.transaction(envelope(&["a@x.example"])).unwrap();
    assert_eq!(talk.hear("250 ok\r\n250 ok\r\n"), Ok(Step::NeedBody));
    talk.client.begin_body(None).unwrap();
    assert_eq!(talk.client.write_body(b"eight oc"), Ok(8));
    talk.hear("552 5.3.4 too large\r\n").unwrap();
    assert_eq!(talk.client.write_body(b"tets and more"), Ok(13));
    assert_eq!(talk.client.finish_body(), Ok(()));
    talk.hear("503 what?\r\n").unwrap();
    assert_eq!(talk.hear("250 reset\r\n"), Ok(Step::NeedAnswer));
    assert!(talk.heard.ends_with(b"BDAT 4\r\neighBDAT 4\r\nt ocRSET\r\n"));
    let failure = talk.results(1).remove(0).unwrap_err();
    assert_eq!(failure.to_string(), "refused at the message's end: 552 5.3.4 too large");
    assert!(talk.client.is_reusable());
    assert_eq!(talk.client.begin_body(None), Err(Misuse::NoBodyExpected));
}

/// docs/threats.md row 31: a chunk's reply has its time, and the caller's turn has none.
#[test]
fn chunks_have_timers() {
    let mut talk = Talk::greeted(&["CHUNKING"], |config| {
        config.chunking = Chunking::Always;
        config.limits.chunk = 4;
    });
    talk.client.transaction(envelope(&["a@x.example"])).unwrap();
    talk.hear("250 ok\r\n").unwrap();
    talk.hear("250 ok\r\n").unwrap();
    let timer = |talk: &Talk| talk.client.timer().map(|timer| (timer.what, timer.limit.as_secs()));
    assert_eq!(timer(&talk), None);
    talk.client.begin_body(None).unwrap();
    assert_eq!(talk.client.write_body(b"eight"), Ok(4), "one chunk at a time");
    assert_eq!(timer(&talk), Some(("the server to take in the message", 180)));
    assert_eq!(talk.hear(""), Ok(Step::NeedInput));
    assert_eq!(timer(&talk), Some(("the reply to a chunk", 180)));
    assert_eq!(talk.hear("250 ok\r\n"), Ok(Step::NeedBody));
    assert_eq!(timer(&talk), None);
    talk.client.finish_body().unwrap();
    talk.hear("").unwrap();
    assert_eq!(timer(&talk), Some(("the reply to the message", 600)));
}

/// 421 while nothing is asked, a silent close, and the server's own limit are seen before another message is sent.
#[test]
fn reuse_is_not_taken_for_granted() {
    assert!(!Talk::new(|_| {}).client.is_reusable(), "nobody has said hello");
    let fresh = || Talk::greeted(&["LIMITS MAILMAX=1", "PIPELINING"], |_| {});
    assert!(fresh().client.is_reusable());
    let mut talk = fresh();
    talk.client.receive(b"421 4.3.2 restarting\r\n");
    assert!(!talk.client.is_reusable());
    talk.client.transaction(envelope(&["a@x.example"])).unwrap();
    assert!(matches!(talk.hear(""), Err(Error::ServiceClosing(_))));
    assert!(!talk.client.is_reusable());
    let mut talk = fresh();
    talk.client.receive_eof();
    assert!(!talk.client.is_reusable());
    let mut talk = fresh();
    talk.client.transaction(envelope(&["a@x.example"])).unwrap();
    let limit = Misuse::PeerLimit {
        what: "MAILMAX",
        limit: 1,
    };
    assert_eq!(talk.client.transaction(envelope(&["a@x.example"])), Err(limit));
    assert!(!talk.client.is_reusable(), "a message is open");
    talk.hear("550 no\r\n550 no\r\n554 no\r\n").unwrap();
    assert!(!talk.client.is_reusable(), "the one message was this");
    assert_eq!(
        talk.client.mail(&mailbox("a@b.example").into(), &ParameterList::new()),
        Err(limit)
    );
}

/// RFC 6531 §3.7.4.2: UTF-8 in VRFY and its reply, for servers that offer it.
#[test]
fn a_name_in_utf8_needs_the_servers_offer() {
    let names = ["J\u{fc}rgen", "Juergen SMTPUTF8", "J\u{fc}rgen SMTPUTF8"];
    let mut without = Talk::greeted(&[], |_| {});
    let mut with = Talk::greeted(&["SMTPUTF8"], |_| {});
    for name in names {
        assert_eq!(without.client.verify(name.parse().unwrap()), NOT_OFFERED("SMTPUTF8"));
        assert_eq!(without.client.expand(name.parse().unwrap()), NOT_OFFERED("SMTPUTF8"));
        with.client.verify(name.parse().unwrap()).unwrap();
        with.hear("250 J\u{fc}rgen <j\u{fc}rgen@hamburger.example>\r\n")
            .unwrap();
        assert_eq!(with.heard, format!("VRFY {name}\r\n").as_bytes());
        with.heard.clear();
    }
}

/// docs/threats.md row 6: where TLS is required, neither credentials nor mail go before it, whatever the server offers.
#[test]
fn nothing_of_worth_goes_before_required_tls() {
    for offered in [&["AUTH PLAIN", "STARTTLS"][..], &["AUTH PLAIN"]] {
        let mut talk = Talk::greeted(offered, |config| config.security = Security::StartTls);
        let insecure = |command| Err(Misuse::Insecure { command });
        let plain = || "PLAIN".parse().unwrap();
        assert_eq!(
            talk.client.authenticate(plain(), Some(Secret::from("secret"))),
            insecure("AUTH")
        );
        assert_eq!(talk.client.transaction(envelope(&["a@x.example"])), insecure("MAIL"));
        assert_eq!(
            talk.client.mail(&mailbox("a@b.example").into(), &ParameterList::new()),
            insecure("MAIL")
        );
        assert_eq!(talk.client.verify("bob".parse().unwrap()), insecure("VRFY"));
        talk.hear("").unwrap();
        assert!(talk.heard.is_empty());
        if offered.len() == 1 {
            assert_eq!(talk.client.start_tls(), NOT_OFFERED("STARTTLS"));
            continue;
        }
        talk.client.start_tls().unwrap();
        talk.hear("454 not now\r\n").unwrap();
        assert_eq!(
            talk.client.authenticate(plain(), None),
            insecure("AUTH"),
            "refused is not secured"
        );
    }
}

/// docs/threats.md row 5: octets behind the go-ahead are an error; what comes later is never read in plaintext.
#[test]
fn nothing_is_injected_behind_starttls() {
    let go = b"220 go\r\n";
    let injected = b"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n";
    for cut in go.len()..=injected.len() {
        let mut talk = Talk::greeted(&["STARTTLS"], |_| {});
        talk.client.start_tls().unwrap();
        let answer = talk.hear(core::str::from_utf8(&injected[..cut]).unwrap());
        if cut > go.len() {
            assert_eq!(answer, Err(Error::Injection), "cut at {cut}");
            continue;
        }
        assert_eq!(answer, Ok(Step::Upgrade(Layer::Tls)));
        assert!(talk.client.space().is_empty(), "the door is shut");
        assert_eq!(talk.client.receive(&injected[cut..]), 0);
        assert_eq!(talk.client.timer(), None);
    }
}

/// docs/threats.md row 5: nothing that was known in plaintext is known behind TLS.
#[test]
fn tls_begins_a_new_dialogue() {
    let mut talk = Talk::greeted(&["STARTTLS", "AUTH PLAIN", "PIPELINING", "SIZE 10"], |config| {
        config.security = Security::StartTls;
    });
    assert!(!talk.client.is_secured());
    talk.client.start_tls().unwrap();
    assert_eq!(
        talk.client.noop(),
        Err(Misuse::OutOfSequence { command: "NOOP" }),
        "row 23"
    );
    assert_eq!(talk.hear("220 go\r\n"), Ok(Step::Upgrade(Layer::Tls)));
    assert!(matches!(
        &talk.events[..],
        [Event::Reply {
            command: Verb::StartTls,
            ..
        }]
    ));
    talk.client.upgrade(Layer::Tls);
    assert!(talk.client.is_secured() && !talk.client.is_reusable());
    assert!(talk.client.capabilities().lines().is_empty());
    assert_eq!(
        talk.client.authenticate("PLAIN".parse().unwrap(), None),
        NOT_OFFERED("AUTH")
    );
    assert_eq!(talk.hear(""), Ok(Step::NeedAnswer));
    talk.client.hello().unwrap();
    assert_eq!(talk.hear("250-mx\r\n250 STARTTLS\r\n"), Ok(Step::NeedAnswer));
    let twice = Err(Misuse::OutOfSequence { command: "STARTTLS" });
    assert_eq!(talk.client.start_tls(), twice, "RFC 3207 §4.2");
    assert_eq!(talk.client.transaction(envelope(&["a@x.example"])), Ok(()));
}

#[test]
fn upgrades_that_nobody_asked_for_change_nothing() {
    let mut talk = Talk::greeted(&["AUTH PLAIN"], |_| {});
    talk.client.upgrade(Layer::Tls);
    assert!(!talk.client.is_secured() && talk.client.capabilities().offers("AUTH"));
}

/// docs/threats.md rows 20 and 23: an exchange is one dialogue of its own, once.
#[test]
fn an_exchange_comes_first_and_once() {
    let mut talk = Talk::greeted(&["AUTH X", "PIPELINING"], |_| {});
    let x = || "X".parse().unwrap();
    let stray = Err(Misuse::OutOfSequence {
        command: "a SASL response",
    });
    assert_eq!(talk.client.respond(&Secret::from("a")), stray);
    talk.client.authenticate(x(), None).unwrap();
    assert_eq!(talk.client.noop(), Err(Misuse::OutOfSequence { command: "NOOP" }));
    assert_eq!(talk.client.respond(&Secret::from("a")), stray);
    assert_eq!(talk.hear("334 AAAA\r\n"), Ok(Step::NeedAnswer));
    assert_eq!(talk.events, [Event::Challenge(Secret::from(&b"\0\0\0"[..]))]);
    assert_eq!(talk.client.quit(), Err(Misuse::OutOfSequence { command: "QUIT" }));
    let endless = Secret::from(&[0; 9216][..]);
    assert_eq!(
        talk.client.respond(&endless),
        Err(Misuse::LineTooLong { limit: 12_288 })
    );
    talk.client.unhandled(talk.events[0].clone()).unwrap();
    assert_eq!(talk.client.cancel(), stray);
    talk.hear("501 ok\r\n").unwrap();
    talk.client.authenticate(x(), Some(Secret::from("a"))).unwrap();
    talk.hear("235 in\r\n").unwrap();
    assert!(talk.client.is_authenticated());
    let twice = Err(Misuse::OutOfSequence { command: "AUTH" });
    assert_eq!(talk.client.authenticate(x(), None), twice);
    assert_eq!(talk.heard, b"AUTH X\r\n*\r\nAUTH X YQ==\r\n");
}

/// RFC 4954 §4: an initial response that does not fit into the command's line waits for the first challenge.
#[test]
fn a_long_initial_response_waits() {
    for (octets, at_once) in [(375, true), (376, false)] {
        let mut talk = Talk::greeted(&["AUTH X"], |_| {});
        let secret = vec![0; octets];
        talk.client
            .authenticate("X".parse().unwrap(), Some(Secret::from(&secret[..])))
            .unwrap();
        talk.hear("").unwrap();
        assert_eq!(talk.heard.len() > 8, at_once, "{octets}");
        assert!(talk.heard.len() <= 512);
        if !at_once {
            assert_eq!(talk.hear("334 \r\n"), Ok(Step::NeedInput));
            assert_eq!(talk.heard.len(), 8 + 504 + 2);
        }
        talk.hear("235 in\r\n").unwrap();
        assert!(talk.client.is_authenticated());
    }
}

/// docs/threats.md row 20: no secret is shown.
#[test]
fn secrets_are_not_shown() {
    let mut talk = Talk::greeted(&["AUTH PLAIN"], |_| {});
    talk.client
        .authenticate("PLAIN".parse().unwrap(), Some(Secret::from("hungry")))
        .unwrap();
    let queued = format!("{:?}", talk.client);
    while let Ok(Step::Event(_)) = talk.client.poll() {}
    let written = format!("{:?}", talk.client);
    talk.client.receive(b"334 aHVuZ3J5\r\n");
    let step = talk.client.poll();
    let challenge = format!("{:?} {step:?}", talk.client);
    for shown in [queued, written, challenge] {
        assert!(!shown.contains("hungry") && !shown.contains("aHVuZ3J5"), "{shown}");
        assert!(!shown.contains("104, 117"), "{shown}");
    }
}

/// docs/threats.md rows 27 and 28: cut off, or of the wrong class, inside an exchange or between chunks.
#[test]
fn broken_exchanges_are_errors() {
    let exchange = |octets| {
        let mut talk = Talk::greeted(&["AUTH X"], |_| {});
        talk.client.authenticate("X".parse().unwrap(), None).unwrap();
        talk.hear("").unwrap();
        talk.client.receive_eof();
        talk.hear(octets)
    };
    assert_eq!(exchange(""), Err(Error::EndOfInput));
    let mut talk = Talk::greeted(&["AUTH X"], |_| {});
    talk.client.authenticate("X".parse().unwrap(), None).unwrap();
    assert!(matches!(
        talk.hear("421 4.7.0 too many\r\n"),
        Err(Error::ServiceClosing(_))
    ));
    let mut talk = Talk::greeted(&["CHUNKING"], |config| config.chunking = Chunking::Always);
    talk.client.transaction(envelope(&["a@x.example"])).unwrap();
    assert!(talk.hear("250 ok\r\n250 ok\r\n").is_ok());
    talk.client.begin_body(None).unwrap();
    talk.client.finish_body().unwrap();
    assert!(matches!(talk.hear("354 go\r\n"), Err(Error::WrongClass { .. })));
}

/// Pieces that a server's side is made of, so that random input gets deep.
const REPLIES: &[&str] = &[
    "220 a\r\n",
    "250 ok\r\n",
    "250 ok\r\n250 ok\r\n250 ok\r\n",
    "250-a\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 LIMITS RCPTMAX=2\r\n",
    "250-a\r\n250-CHUNKING\r\n250 LIMITS RCPTDOMAINMAX=1 MAILMAX=2\r\n",
    "334 \r\n",
    "334 AAAA\r\n",
    "334 ?\r\n",
    "235 in\r\n",
    "354 go\r\n",
    "421 bye\r\n",
    "450 no\r\n",
    "501 no\r\n",
    "550 no\r\n",
    "503 no\r\n503 no\r\n",
    "2",
    "\r\n",
    "250-",
];

/// Inputs that take every turn once.
#[test]
fn the_corpus_of_hostile_servers_holds() {
    let ehlo = "250-a\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE 9\r\n";
    for mode in 0..64 {
        for rest in [
            "220 go\r\n",
            "454 no\r\n235 in\r\n250 ok\r\n250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n250 ok\r\n",
            "454 no\r\n334 \r\n334 AAAA\r\n535 no\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n452 no\r\n503 no\r\n250 ok\r\n",
            "454 no\r\n334 !\r\n501 no\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n",
        ] {
            let input = format!("220 a\r\n{ehlo}{rest}");
            fuzzing::hostile_server(&[&[mode], input.as_bytes()].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// docs/threats.md rows 6, 12, 27 and 28.
    #[test]
    fn servers_may_say_anything(mode in 0u8..64, greeted in any::<bool>(), pieces in prop::collection::vec(prop::sample::select(REPLIES), 0..24)) {
        let mut input = vec![mode];
        if greeted {
            input.extend_from_slice(REPLIES[0].as_bytes());
            input.extend_from_slice(REPLIES[3].as_bytes());
        }
        input.extend_from_slice(pieces.concat().as_bytes());
        fuzzing::hostile_server(&input);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// docs/threats.md row 7: whatever a mechanism says, it is one line.
    #[test]
    fn responses_are_one_line(initial in prop::collection::vec(any::<u8>(), 0..600), response in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut talk = Talk::greeted(&["AUTH X"], |_| {});
        talk.client.authenticate("X".parse().unwrap(), Some(Secret::from(&initial[..]))).unwrap();
        talk.hear("334 \r\n").unwrap();
        if initial.len() <= 375 {
            talk.client.respond(&Secret::from(&response[..])).unwrap();
        }
        talk.hear("").unwrap();
        let lines: Vec<&[u8]> = talk.heard.split_inclusive(|&octet| octet == b'\n').collect();
        prop_assert_eq!(lines.len(), 2);
        for line in lines {
            let line = line.strip_suffix(b"\r\n").expect("CRLF");
            prop_assert!(line.iter().all(|&octet| octet == b' ' || octet.is_ascii_graphic()));
        }
    }
}
