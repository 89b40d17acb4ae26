//! A client that uses all it has, and a server that says anything.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::{Machine, Misuse, SaslResponse, Secret, Step, Upload};

use crate::client::{Chunking, Config, Delivery, Envelope, Error, Event, Pipelining, Protocol, Security};
use crate::{Client, Command, Mailbox, Verb};

/// The first octet chooses the configuration; the rest is what the server says.
///
/// However it is cut, the client reports the same and writes the same; what it writes are commands, responses and
/// messages; its output is bounded; and where TLS is required, neither AUTH nor MAIL goes before it.
pub fn hostile_server(data: &[u8]) {
    let Some((&mode, replies)) = data.split_first() else {
        return;
    };
    let whole = converse(mode, replies, replies.len().max(1));
    for size in [1, 3, 16] {
        let mut pieces = converse(mode, replies, size);
        if whole.is_raced() || pieces.is_raced() {
            continue;
        }
        if whole.error.is_some() {
            // What was not written yet when it failed stays unwritten.
            assert!(pieces.output.starts_with(&whole.output));
            pieces.output.truncate(whole.output.len());
        }
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
}

/// What can be seen from outside.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    events: Vec<Event>,
    output: Vec<u8>,
    upgrades: usize,
    error: Option<Error>,
}

impl Seen {
    /// How much of a message is on its way when it is refused out of turn, and whether octets behind the go-ahead of
    /// STARTTLS had been read when it came, is a matter of time.
    fn is_raced(&self) -> bool {
        let out_of_turn = matches!(
            self.error,
            Some(Error::Unsolicited(_) | Error::ServiceClosing(_) | Error::Injection)
        );
        let refused = |event: &Event| matches!(event, Event::Chunk(reply) if !reply.is_positive());
        out_of_turn || self.events.iter().any(refused)
    }
}

fn converse(mode: u8, replies: &[u8], size: usize) -> Seen {
    let mut client = Client::new(config(mode));
    let mut seen = Seen::default();
    let mut script = Script { mode, next: 0 };
    let mut rest = replies;
    loop {
        assert!(client.transmit().len() <= MOST_OUTPUT, "output is bounded");
        let reusable = client.is_reusable();
        let step = client.poll();
        assert!(!reusable || step == Ok(Step::NeedAnswer), "{step:?}");
        seen.output.extend_from_slice(client.transmit());
        client.transmitted(usize::MAX);
        match step {
            Ok(Step::Event(event)) => seen.events.push(event),
            Ok(Step::NeedAnswer) if script.is_over() => break,
            Ok(Step::NeedAnswer) => script.go_on(&mut client),
            Ok(Step::NeedBody) => upload(&mut client),
            Ok(Step::NeedFlush) => {}
            Ok(Step::Upgrade(layer)) => {
                seen.upgrades += 1;
                client.upgrade(layer);
                assert!(client.is_secured() && client.capabilities().lines().is_empty());
            }
            Ok(Step::NeedInput) if rest.is_empty() => client.receive_eof(),
            Ok(Step::NeedInput) => rest = &rest[client.receive(&rest[..size.min(rest.len())])..],
            Ok(Step::Closed) => break,
            Ok(step) => unreachable!("{step:?}"),
            Err(error) => {
                assert_eq!(client.poll().as_ref().err(), Some(&error), "errors stay");
                seen.error = Some(error);
                break;
            }
        }
    }
    check_output(&seen, config(mode).security);
    seen
}

/// What the caller does, one thing at a time; what the dialogue does not allow is skipped.
struct Script {
    mode: u8,
    next: usize,
}

impl Script {
    const fn is_over(&self) -> bool {
        self.next > 12
    }

    fn go_on(&mut self, client: &mut Client) {
        self.next += 1;
        let secret = match self.mode & 0x20 {
            0 => Secret::from("\0alice\0sesame"),
            _ => Secret::from(&[b'x'; 400][..]),
        };
        let _: Result<(), Misuse> = match self.next {
            1 | 3 => client.hello(),
            2 => client.start_tls(),
            4 => client.authenticate("PLAIN".parse().expect("a name"), Some(secret)),
            5 => client.respond(&Secret::from("")),
            6 => client.cancel(),
            7 | 8 | 9 => client.transaction(envelope(self.mode)),
            10 => client.noop(),
            11 => client.reset(),
            _ => client.quit(),
        };
    }
}

fn config(mode: u8) -> Config {
    let mut config = Config::new("laptop.example".parse().expect("a name"));
    config.limits.reply = 2000;
    config.limits.reply_line = 512;
    config.limits.chunk = 5;
    config.limits.output = 256;
    config.limits.in_flight = 8;
    if mode & 1 != 0 {
        config.pipelining = Pipelining::Never;
    }
    if mode & 2 != 0 {
        config.protocol = Protocol::Lmtp;
    }
    if mode & 4 != 0 {
        config.chunking = Chunking::Always;
    }
    if mode & 8 != 0 {
        config.security = Security::StartTls;
    }
    config
}

fn envelope(mode: u8) -> Envelope {
    let mailbox = |text: &str| text.parse::<Mailbox>().expect("a mailbox");
    let recipients = ["bob@b.example", "carol@c.example", "dave@b.example"].map(mailbox);
    let envelope = Envelope::new(mailbox("alice@a.example"), recipients).expect("recipients");
    match mode & 0x10 {
        0 => envelope.with_size(MESSAGE.len() as u64),
        _ => envelope.with_delivery(Delivery::AllOrNone),
    }
}

/// All of it, as far as there is room; the machine asks again for the rest.
fn upload(client: &mut Client) {
    client.begin_body(None).expect("a body is wanted");
    let mut rest = MESSAGE;
    while !rest.is_empty() {
        match client.write_body(rest).expect("clean lines") {
            0 => {
                // A chunk at a time: the reply to the last one is missing. A shorter message will do.
                break;
            }
            n => rest = &rest[n..],
        }
    }
    client.finish_body().expect("clean lines");
}

/// Each line is a command, a response, or of the message.
fn check_output(seen: &Seen, security: Security) {
    let mut rest = &seen.output[..];
    let mut verbs = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let line = &rest[..end];
        rest = &rest[end + 2..];
        match Command::parse(line) {
            Ok(Command::Bdat(bdat)) => rest = rest.get(bdat.size as usize..).expect("whole chunks"),
            Ok(command) => verbs.push(command.verb()),
            Err(_) => assert!(is_known(line), "{:?}", String::from_utf8_lossy(line)),
        }
    }
    assert!(rest.is_empty(), "whole lines: {:?}", String::from_utf8_lossy(rest));
    if security == Security::StartTls && seen.upgrades == 0 {
        let worth = |verb: &Verb| matches!(verb, Verb::Auth | Verb::Mail | Verb::Rcpt | Verb::Data);
        assert!(!verbs.iter().any(worth), "{}", format!("{verbs:?}"));
    }
}

fn is_known(line: &[u8]) -> bool {
    let of_message = [&b"one"[..], b"..two", b"th", b"."]
        .iter()
        .any(|known| known.starts_with(line));
    of_message || SaslResponse::parse(line).is_ok()
}

const MESSAGE: &[u8] = b"one\r\n.two\r\nth";
/// The output limit, the longest command or response, and a chunk with its command.
const MOST_OUTPUT: usize = 256 + 1024;
