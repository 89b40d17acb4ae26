//! Properties that hold for any octets: each is one line in a fuzz target, and `tests/properties.rs` replays them.

mod hostile_server;

pub use self::hostile_server::hostile_server;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use mail_wire::{Answers, Machine, Step, Upload};

use crate::server::{self, Acceptance, Config, Mailboxes};
use crate::{Capabilities, Client, Command, Leniency, Mailbox, Refusal, Reply, Server, client};

/// A command that parses is written as one line, and that line is the same command.
pub fn command(data: &[u8]) {
    for leniency in [Leniency::default(), all_leniencies()] {
        match Command::parse_with(data, leniency) {
            Ok(command) => written_is_one_line(&command, leniency),
            Err(error) => assert!(error.offset <= data.len(), "{error:?}"),
        }
    }
}

fn written_is_one_line(command: &Command, leniency: Leniency) {
    let mut wire = Vec::new();
    command.write(&mut wire);
    let line = wire.strip_suffix(b"\r\n").expect("a line ends with CRLF");
    assert!(
        !line.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')),
        "{command}"
    );
    assert_eq!(Command::parse_with(line, leniency).as_ref(), Ok(command));
    // Canonical form: writing what was read changes nothing any more.
    match command {
        Command::Auth(auth) => {
            assert!(auth.initial_response.is_none() || format!("{command}").ends_with(" [redacted]"))
        }
        _ => assert_eq!(format!("{command}").as_bytes(), line),
    }
}

/// A reply that parses is written so that it parses to the same.
pub fn reply(data: &[u8]) {
    match Reply::parse(data) {
        Ok(reply) => {
            let mut wire = Vec::new();
            reply.write(&mut wire);
            assert_eq!(Reply::parse(&wire).as_ref(), Ok(&reply));
            assert!(!format!("{reply}").contains(char::is_control));
            let _ = (reply.enhanced(), Capabilities::from_reply(&reply).size_limit());
        }
        Err(error) => assert!(error.offset <= data.len(), "{error:?}"),
    }
}

/// Whatever a client sends, however it is cut: the server takes it in, says the same, reports the same, and says only
/// well-formed replies.
pub fn server(data: &[u8]) {
    let whole = serve(data, data.len().max(1));
    for size in [1, 2, 7] {
        assert_eq!(serve(data, size), whole, "in pieces of {size}");
    }
    let mut replies = &whole.output[..];
    while !replies.is_empty() {
        let end = end_of_reply(replies).expect("whole replies only");
        Reply::parse(&replies[..end]).expect("a well-formed reply");
        replies = &replies[end..];
    }
}

/// Whatever a server sends, however it is cut: the client reports the same and writes the same, but for what it had not
/// written yet when it failed.
pub fn client(data: &[u8]) {
    let whole = consult(data, data.len().max(1));
    for size in [1, 2, 7] {
        let mut pieces = consult(data, size);
        // How much of the message was sent before the server refused it out of turn is a matter of time.
        let raced = |trace: &Trace| {
            matches!(
                trace.error,
                Some(client::Error::Unsolicited(_) | client::Error::ServiceClosing(_))
            )
        };
        if raced(&whole) || raced(&pieces) {
            continue;
        }
        if whole.error.is_some() {
            assert!(pieces.output.starts_with(&whole.output));
            pieces.output.truncate(whole.output.len());
        }
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
}

/// What can be seen of a machine from outside.
#[derive(Debug, Default, PartialEq)]
struct Trace {
    events: Vec<String>,
    output: Vec<u8>,
    bodies: Vec<Vec<u8>>,
    error: Option<client::Error>,
}

fn serve(data: &[u8], size: usize) -> Trace {
    let mut server = Server::new(Arc::new(server_config(data)));
    let mut trace = Trace::default();
    let mut arriving = Vec::new();
    let mut rest = data;
    loop {
        match server.poll().expect("a server has no fatal errors") {
            Step::Event(event) => answer(&mut server, event, &mut trace),
            Step::Body => {
                arriving.extend_from_slice(server.body());
                server.consume(usize::MAX);
            }
            Step::BodyEnd => {
                trace.bodies.push(core::mem::take(&mut arriving));
                server.close_body();
            }
            Step::BodyAborted => {
                arriving.clear();
                trace.events.push("aborted".into());
                server.close_body();
            }
            Step::NeedInput if rest.is_empty() => server.receive_eof(),
            Step::NeedInput => {
                let taken = server.receive(&rest[..size.min(rest.len())]);
                assert!(taken > 0, "a machine that needs input takes it");
                rest = &rest[taken..];
            }
            Step::NeedFlush => write_out(&mut server, &mut trace),
            Step::Closed => {
                write_out(&mut server, &mut trace);
                return trace;
            }
            step => unreachable!("{step:?}"),
        }
        assert!(server.transmit().len() <= MAX_OUTPUT, "output is bounded");
    }
}

fn answer(server: &mut Server, event: server::Event, trace: &mut Trace) {
    trace.events.push(format!("{event:?}"));
    let answered = match event {
        server::Event::Mail(ask, _) => server.answer(ask, Ok(Acceptance::default())),
        server::Event::Recipient(ask, rcpt) => match rcpt.forward_path().mailbox() {
            Some(mailbox) if mailbox.local_part().len() % 3 == 0 => server.answer(ask, Err(Refusal::no_such_user())),
            _ => server.answer(ask, Ok(Acceptance::default())),
        },
        server::Event::Data(ask) => server.answer(ask, Ok(Acceptance::default())),
        server::Event::Message(ask) => server.answer(ask, Ok(Acceptance::default())),
        server::Event::Expand(ask, _) => server.answer(ask, Ok(Mailboxes::default())),
        other => server.unhandled(other),
    };
    answered.expect("the ask is open");
}

fn write_out(machine: &mut impl Machine, trace: &mut Trace) {
    trace.output.extend_from_slice(machine.transmit());
    machine.transmitted(usize::MAX);
}

/// Small limits, and leniencies by the first octet.
fn server_config(data: &[u8]) -> Config {
    let mut config = Config::new("mx.example".parse().expect("a name"));
    config.limits.message = 1000;
    config.limits.window = 2048;
    config.limits.output = 256;
    config.limits.recipients = 3;
    config.limits.drained = 5000;
    config.expand = true;
    if data.first().is_some_and(|octet| octet % 2 == 1) {
        config.leniency = all_leniencies();
    }
    config
}

fn all_leniencies() -> Leniency {
    Leniency {
        space_after_colon: true,
        missing_brackets: true,
        any_hello_name: true,
        long_paths: true,
        any_parameter_value: true,
        smtp_utf8: true,
        bare_lf_after_commands: true,
        bare_line_ends_in_messages: true,
    }
}

/// Behind the last line of the reply at the front.
fn end_of_reply(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let end = at + octets[at..].windows(2).position(|pair| pair == b"\r\n")? + 2;
        if octets.get(at + 3) != Some(&b'-') {
            return Some(end);
        }
        at = end;
    }
}

fn consult(data: &[u8], size: usize) -> Trace {
    let mut config = client::Config::new("laptop.example".parse().expect("a name"));
    config.limits.reply = 2000;
    config.limits.reply_line = 512;
    let mut client = Client::new(config);
    let mut trace = Trace::default();
    let mut script = vec![Client::quit, send, Client::hello];
    let mut rest = data;
    loop {
        write_out(&mut client, &mut trace);
        match client.poll() {
            Ok(Step::Event(event)) => trace.events.push(format!("{event:?}")),
            Ok(Step::NeedAnswer) => match script.pop() {
                // What the phase does not allow is skipped.
                Some(next) => drop(next(&mut client)),
                None => return trace,
            },
            Ok(Step::NeedBody) => upload(&mut client),
            Ok(Step::NeedInput) if rest.is_empty() => client.receive_eof(),
            Ok(Step::NeedInput) => {
                write_out(&mut client, &mut trace);
                rest = &rest[client.receive(&rest[..size.min(rest.len())])..];
            }
            Ok(Step::Closed) => return trace,
            Err(error) => {
                assert_eq!(client.poll().as_ref().err(), Some(&error), "errors stay");
                trace.error = Some(error);
                return trace;
            }
            Ok(step) => unreachable!("{step:?}"),
        }
    }
}

fn send(client: &mut Client) -> Result<(), mail_wire::Misuse> {
    let mailbox = |text: &str| text.parse::<Mailbox>().expect("a mailbox");
    let recipients = [mailbox("bob@b.example"), mailbox("carol@c.example")];
    let envelope = client::Envelope::new(mailbox("alice@a.example"), recipients);
    client.transaction(envelope.expect("recipients"))
}

fn upload(client: &mut Client) {
    client.begin_body(None).expect("a body is wanted");
    client.write_body(b"one\r\n.two").expect("clean lines");
    client.finish_body().expect("clean lines");
}

/// The output limit and one reply of the longest kind: HELP's, or EHLO's.
const MAX_OUTPUT: usize = 256 + 1024;
