//! docs/threats.md, as far as its rows are about dialogues and stand in no other file of this folder.

use imap_proto::server::{Compress, StartTls};
use mail_testing::{Application, Rest as Settled, converse};
use mail_wire::{Answers as _, Layer, LineFault, Machine, Upload as _};

use crate::caller::{self, Caller, plain as plain_client};
use crate::host::{self, Host, plain};

fn starttls() -> imap_proto::server::Config {
    imap_proto::server::Config {
        starttls: StartTls::Offered,
        ..plain(&[])
    }
}

/// docs/threats.md row 4: what stands behind STARTTLS is an error, and never a command, before TLS or behind it.
#[test]
fn octets_behind_starttls_are_an_injection() {
    for behind in ["b LOGIN eve x\r\n", "\r\n", " ", "b"] {
        let mut host = Host::new(starttls());
        host.take_said();
        host.hear(&format!("a STARTTLS\r\n{behind}"));
        assert_eq!(host.rest, host::Rest::Failed(imap_proto::server::Error::Injection), "{behind:?}");
        assert!(host.take_asked().is_empty());
        assert!(host.server.space().is_empty());
    }
    // Octets that come later are not read at all: the TLS layer has them.
    let mut host = Host::new(starttls());
    host.keeps_layers = true;
    host.take_said();
    assert_eq!(host.hear("a STARTTLS\r\n"), "a OK begin TLS negotiation\r\n");
    assert_eq!(host.server.receive(b"b LOGIN eve x\r\n"), 0);
    assert!(host.server.body().is_empty());
    host.server.upgrade(Layer::Tls);
    host.settle();
    assert_eq!(host.hear("c CAPABILITY\r\n"), "* CAPABILITY IMAP4rev1 LITERAL+\r\nc OK CAPABILITY completed\r\n");
    assert_eq!(host.hear("d STARTTLS\r\n"), "d BAD not offered here\r\n", "once");
    assert!(host.take_asked().is_empty());
}

/// docs/threats.md row 5: what stands behind the go-ahead is an error, and never an answer of the secured session.
#[test]
fn octets_behind_the_go_ahead_are_an_injection() {
    for behind in ["* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n", "* PREAUTH\r\n", "\r\n", "x"] {
        let mut caller = caller_at_starttls();
        caller.hear(&format!("A1 OK go ahead\r\n{behind}"));
        assert_eq!(caller.failure(), Some(&imap_proto::client::Error::Injection), "{behind:?}");
        assert!(!caller.take_told().iter().any(|told| told.contains("LOGINDISABLED")));
    }
}

fn caller_at_starttls() -> Caller {
    let mut caller = Caller::new(imap_proto::client::Config::default());
    caller.keeps_layers = true;
    caller.hear("* OK [CAPABILITY IMAP4rev1 STARTTLS IDLE AUTH=EVIL] hello\r\n");
    caller.give("STARTTLS");
    assert_eq!(caller.take_sent(), "A1 STARTTLS\r\n");
    caller
}

/// docs/threats.md row 5: nothing that was learned in plaintext is known behind TLS; the greeting is not said again.
#[test]
fn nothing_learned_in_plaintext_is_known_behind_tls() {
    let mut caller = caller_at_starttls();
    caller.hear("* ENABLED UTF8=ACCEPT QRESYNC\r\nA1 OK [CAPABILITY IMAP4rev1 AUTH=EVIL IDLE] go ahead\r\n");
    assert_eq!(caller.rest, caller::Rest::Upgrade(Layer::Tls));
    assert!(caller.client.space().is_empty());
    caller.client.upgrade(Layer::Tls);
    caller.settle();
    assert_eq!(caller.client.capabilities(), None);
    assert_eq!(caller.client.enabled(), imap_proto::Enabled::default());
    assert_eq!(caller.client.phase(), imap_proto::Phase::NotAuthenticated);
    caller.give("LOGIN bob abc");
    assert_eq!(caller.take_sent(), "A2 CAPABILITY\r\n");
    caller.hear("* CAPABILITY IMAP4rev1\r\nA2 OK\r\n");
    assert_eq!(caller.take_sent(), "A3 LOGIN bob abc\r\n");
}

/// docs/threats.md row 4 and 5: the server forgets what it knew, too.
#[test]
fn the_server_forgets_what_was_said_in_plaintext() {
    let mut host = Host::new(imap_proto::server::Config {
        plaintext: imap_proto::server::Plaintext::Refused,
        ..starttls()
    });
    let greeting = host.take_said();
    assert!(greeting.contains(" STARTTLS LOGINDISABLED]"), "{greeting}");
    host.hear("a NONSENSE\r\nb STARTTLS\r\n");
    assert_eq!(host.hear("c LOGIN bob x\r\n"), "c OK [CAPABILITY IMAP4rev1 LITERAL+] logged in\r\n");
}

/// docs/threats.md row 12: a FETCH item, or an APPEND, of very many literals is not read again for each of them. Quadratic time would be
/// minutes.
#[test]
fn many_literals_cost_linear_time() {
    let mut wire = b"* 1 FETCH (ENVELOPE (NIL NIL (".to_vec();
    for _ in 0..20_000 {
        wire.extend(b"(NIL NIL {1}\r\na {1}\r\nb)");
    }
    wire.extend(b") NIL NIL NIL NIL NIL NIL NIL))\r\n* 3 EXISTS\r\n");
    let mut caller = Caller::selected("");
    caller.hear_octets(&wire);
    let told = caller.take_told();
    assert_eq!(told.len(), 4);
    assert_eq!(told[3], "* 3 EXISTS");

    let mut wire = b"a APPEND INBOX CATENATE (URL x".to_vec();
    for _ in 0..20_000 {
        wire.extend(b" URL {1+}\r\ny");
    }
    wire.extend(b")\r\n");
    let mut host = Host::logged_in(plain(&["CATENATE"]));
    for piece in wire.chunks(1000) {
        host.hear_octets(piece);
    }
    assert_eq!(host.take_said(), "a OK APPEND completed\r\n");
    assert_eq!(host.take_asked().len(), 20_003);

    let mut wire = b"a APPEND INBOX ANNOTATION (/x (value".to_vec();
    for _ in 0..5_000 {
        wire.extend(b" {1+}\r\ny");
    }
    let mut host = Host::logged_in(plain(&["ANNOTATE-EXPERIMENT-1"]));
    host.hear_octets(&wire);
    host.hear(")) {3+}\r\nabc\r\n");
    assert!(host.take_asked().is_empty());
}

/// A part that is refused while a literal of the command is under way takes the rest of the command with it.
#[test]
fn the_rest_of_a_refused_command_is_no_command() {
    let wire = b"a APPEND INBOX CATENATE (URL refused URL {17+}\r\nb LOGOUT 567890\r\n URL x TEXT {13+}\r\nb LOGOUT 90\r\n)\r\nc NOOP\r\n";
    let (said, asked, _) = host::at_every_split(|| Host::logged_in(plain(&["CATENATE"])), wire);
    assert_eq!(said, "a NO [TRYCREATE] no such mailbox, create it first\r\nc OK NOOP completed\r\n");
    assert_eq!(asked, ["message Catenate", "Url(\"refused\")"]);
}

/// docs/threats.md row 11: half a million search keys, sequence ranges or flags fit no command; ranges are not expanded.
#[test]
fn many_small_things_hit_the_limit() {
    for (start, item) in [("a SEARCH", " SEEN"), ("a SEARCH", " NOT"), ("a FETCH 1", ",2"), ("a STORE 1 FLAGS (", "\\Seen ")] {
        let wire = format!("{start}{}\r\n", item.repeat(500_000));
        let mut host = Host::selected(plain(&[]));
        host.hear(&wire);
        assert_eq!(
            host.rest,
            host::Rest::Failed(imap_proto::server::Error::CommandTooLong { limit: 65_536 }),
            "{start}"
        );
    }
    let mut host = Host::selected(plain(&[]));
    assert_eq!(host.hear("a FETCH 1:4294967295,4294967295:1 FLAGS\r\n"), "a OK FETCH completed\r\n");
}

/// docs/threats.md row 15: DEFLATE once; what a layer is told stays the session's.
#[test]
fn compress_is_refused_twice() {
    let config = imap_proto::server::Config {
        compress: Compress::Offered,
        ..plain(&[])
    };
    let mut host = Host::logged_in(config);
    let offered = host.hear("a CAPABILITY\r\n");
    assert!(offered.contains("COMPRESS=DEFLATE"), "{offered}");
    assert_eq!(host.hear("b COMPRESS DEFLATE\r\n"), "b OK DEFLATE active\r\n");
    assert_eq!(
        host.hear("c COMPRESS DEFLATE\r\n"),
        "c NO [COMPRESSIONACTIVE] DEFLATE is active already\r\n"
    );
    let offered = host.hear("d CAPABILITY\r\n");
    assert!(!offered.contains("COMPRESS=DEFLATE"), "{offered}");
}

/// docs/threats.md row 15: octets behind COMPRESS are the layer's, on both sides.
#[test]
fn octets_behind_compress_are_the_layers() {
    let config = imap_proto::server::Config {
        compress: Compress::Offered,
        ..plain(&[])
    };
    let mut host = Host::logged_in(config);
    host.keeps_layers = true;
    host.hear("b COMPRESS DEFLATE\r\ndeflated");
    assert_eq!(host.server.body(), b"deflated");
    host.server.consume(usize::MAX);
    host.server.upgrade(Layer::Deflate);
    host.settle();
    assert_eq!(host.hear("c NOOP\r\n"), "c OK NOOP completed\r\n");

    let mut caller = Caller::selected("COMPRESS=DEFLATE");
    caller.keeps_layers = true;
    caller.give("COMPRESS DEFLATE");
    caller.give("NOOP");
    caller.hear("A2 OK\r\ndeflated");
    assert_eq!(caller.client.body(), b"deflated");
    caller.client.consume(usize::MAX);
    assert_eq!(caller.take_sent(), "A2 COMPRESS DEFLATE\r\n");
    caller.client.upgrade(Layer::Deflate);
    assert_eq!(caller.take_sent(), "A3 NOOP\r\n");
}

/// docs/threats.md row 21: NUL in a command is an error, in a literal that is no literal8, too; it cuts nothing off.
#[test]
fn nul_is_an_error_in_commands() {
    for command in ["a CREATE x\0y\r\n", "a CREATE \"x\0y\"\r\n", "a CREATE {3+}\r\nx\0y\r\n", "a\0 NOOP\r\n", "a NOOP\0\r\n"] {
        let (said, asked, _) = host::at_every_split(|| Host::logged_in(plain(&[])), format!("{command}b NOOP\r\n").as_bytes());
        assert!(said.contains(" BAD ") && said.ends_with("b OK NOOP completed\r\n"), "{command:?}: {said}");
        assert!(asked.is_empty(), "{asked:?}");
    }
}

/// docs/threats.md row 21: a message with NULs is delivered whole, counted by its announcement.
#[test]
fn nul_does_not_cut_a_message_off() {
    for threshold in [1, 16 * 1024] {
        let config = imap_proto::client::Config {
            limits: imap_proto::ClientLimits {
                literal: threshold,
                ..imap_proto::ClientLimits::default()
            },
            ..plain_client()
        };
        let make = || {
            let mut caller = Caller::selected_with(config, "");
            caller.give("FETCH 1 BODY[]");
            caller
        };
        let (_, told, _) = caller::at_every_split(make, b"* 1 FETCH (BODY[] {5}\r\na\0b\0c)\r\nA2 OK\r\n");
        assert!(told.iter().any(|told| told.contains("a\\0b\\0c")), "{told:?}");
        assert_eq!(told.last().map(String::as_str), Some("2 OK"));
    }
}

struct Commands {
    left: usize,
    done: usize,
}

impl Application<imap_proto::Client> for Commands {
    fn event(&mut self, _: &mut imap_proto::Client, event: imap_proto::client::Event) {
        if let imap_proto::client::Event::Done(_, status) = event {
            assert_eq!(status.condition, imap_proto::Condition::Ok);
            self.done += 1;
        }
    }

    fn need_answer(&mut self, client: &mut imap_proto::Client) -> bool {
        if self.left == 0 {
            return false;
        }
        for _ in 0..std::mem::take(&mut self.left) {
            client.submit(caller::command("UID FETCH 1:* (UID FLAGS)")).expect("it is legal");
        }
        client.submit(imap_proto::Command::Logout).expect("it is legal");
        true
    }
}

struct Messages;

impl Application<imap_proto::Server> for Messages {
    fn event(&mut self, server: &mut imap_proto::Server, event: imap_proto::server::Event) {
        let imap_proto::server::Event::Command(ask, _) = event else { return };
        server.send(host::data("1 FETCH (UID 7 FLAGS (\\Seen))")).expect("a command is executed");
        let done = imap_proto::server::Completion::default();
        server.answer(ask, Ok(done)).expect("it is open");
    }
}

/// docs/threats.md row 24: a hundred thousand commands in flight over pipes of 1 KiB.
#[test]
fn pipelining_does_not_deadlock() {
    let mut caller = Caller::selected("");
    let mut host = Host::selected(plain(&[]));
    let mut commands = Commands {
        left: 100_000,
        done: 0,
    };
    let dialogue = converse(
        (&mut caller.client, &mut commands),
        (&mut host.server, &mut Messages),
        1024,
    );
    assert_eq!(commands.done, 100_001);
    assert_eq!(dialogue.client, Settled::Closed);
    assert_eq!(dialogue.server, Settled::Closed);
}

/// docs/threats.md row 25: a name that is no canonical modified UTF-7 is kept as it came.
#[test]
fn names_that_are_not_canonical_are_kept_raw() {
    for name in ["&AGE-", "&Jjo", "&&", "&AOQ-&AOQ-", "a&-b", "&", "&AO\u{301}-"] {
        let wire = format!("* LIST () \"/\" \"{name}\"\r\n");
        let mut caller = Caller::selected("");
        caller.hear(&wire);
        let told = caller.take_told();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(name) || told[0].starts_with("invalid"), "{told:?}");
    }
}

/// docs/threats.md row 27: whatever is cut off, the command is never told as done.
#[test]
fn an_early_end_is_an_error() {
    for wire in ["", "A2", "A2 OK don", "A2 OK done\r", "* 3 EXISTS\r\n", "* LIST () \"/\" {5}\r\nabc"] {
        let mut caller = Caller::selected("");
        caller.give("NOOP");
        caller.hear(wire);
        caller.hear_end();
        assert_eq!(caller.failure(), Some(&imap_proto::client::Error::Disconnected), "{wire:?}");
        assert!(!caller.take_told().iter().any(|told| told.starts_with("2 ")));
    }
}

/// docs/threats.md row 28: responses without an end hit a named limit; a result for what was never asked, and lines that end as no lines do, are
/// errors.
#[test]
fn endless_and_inconsistent_responses_are_errors() {
    use imap_proto::client::Error;
    let make = || {
        let mut caller = Caller::selected("");
        caller.give("NOOP");
        caller
    };
    let failure = |wire: &[u8]| {
        let mut caller = make();
        caller.hear_octets(wire);
        caller.failure().cloned()
    };
    let limit = 1024 * 1024;
    let too_long = Some(Error::ResponseTooLong { limit });
    assert_eq!(failure(&[b"* CAPABILITY ".as_slice(), &b"X ".repeat(limit)].concat()), too_long);
    assert_eq!(failure(&[b"* 1 FETCH (FLAGS (".as_slice(), &b"x ".repeat(limit)].concat()), too_long);
    assert_eq!(failure(&b"x".repeat(2 * limit)), too_long);
    assert_eq!(failure(&[b"* LIST () {0}\r\n".as_slice(), &b" {0}\r\n".repeat(limit)].concat()), too_long);
    for (wire, error) in [
        ("A1 OK\r\n", Error::UnknownTag(imap_proto::Tag::new("A1").expect("a tag"))),
        ("A2 OK done\n", Error::Line(LineFault::BareLf)),
        ("A2 OK\rdone\r\n", Error::Line(LineFault::BareCr)),
    ] {
        let (_, _, rest) = caller::at_every_split(make, wire.as_bytes());
        assert_eq!(rest, caller::Rest::Failed(error), "{wire:?}");
    }
    let (_, _, rest) = caller::at_every_split(make, b"A2 MAYBE\r\n");
    assert!(matches!(rest, caller::Rest::Failed(Error::Syntax(_))), "{rest:?}");
    let (_, told, rest) = caller::at_every_split(make, b"* 1 NONSENSE (\r\n* LIST\r\nA2 OK\r\n");
    assert!(told[0].starts_with("invalid") && told[1].starts_with("invalid"), "{told:?}");
    assert_eq!(rest, caller::Rest::Answer, "the session goes on behind data that is none");
}

/// The literal of a message that the server sends passes through its outbox, however long it is.
#[test]
fn a_long_literal_is_sent_with_backpressure() {
    use imap_proto::{Fetch, FetchItem, Numbering, Payload};
    let mut host = Host::selected(plain(&[]));
    host.defers = &["FETCH"];
    host.hear("a FETCH 1 RFC822\r\n");
    let len = 10_000_000u64;
    let item = FetchItem::Rfc822(Some(Payload::Announced(len)));
    let fetch = Fetch::new(Numbering::Sequence, std::num::NonZeroU32::MIN, item.into());
    host.server.send(imap_proto::Data::Fetch(fetch)).expect("a command is executed");
    assert!(host.server.send(host::data("1 EXISTS")).is_err(), "inside a literal");
    let (mut left, mut sent) = (len, 0);
    while left > 0 {
        let chunk = vec![b'x'; left.min(100_000) as usize];
        let n = host.server.write_body(&chunk).expect("a body is due");
        left -= n as u64;
        assert!(host.server.transmit().len() <= 16 * 1024 + 100);
        sent += host.server.transmit().len();
        host.server.transmitted(usize::MAX);
    }
    host.server.finish_body().expect("it is whole");
    assert_eq!(sent, "* 1 FETCH (RFC822 {10000000}\r\n".len() + len as usize);
    assert_eq!(host.complete(), ")\r\na OK FETCH completed\r\n");
}
