//! LOGIN and AUTHENTICATE, both ends (docs/threats.md row 20 frames them as RFC 9051 §6.2.2 does).

use imap_proto::client::Error;
use imap_proto::server::Config;
use imap_proto::{Authenticate, Command, Credential, SaslResponse};
use mail_wire::Secret;

use crate::caller::{self, Caller, Rest};
use crate::host::{self, Host, plain};

fn greeted() -> Host {
    let mut host = Host::new(plain(&["AUTH=PLAIN", "SASL-IR"]));
    host.take_said();
    host
}

#[test]
fn a_login_tells_what_is_offered_now() {
    let (said, asked, _) = host::at_every_split(greeted, b"a LOGIN bob {3+}\r\nabc\r\nb LOGIN bob abc\r\n");
    assert_eq!(
        said,
        "a OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN SASL-IR] logged in\r\nb BAD not allowed in the authenticated state\r\n"
    );
    assert_eq!(asked, ["login bob"]);
}

/// docs/threats.md row 20: `*` cancels, `=` and the empty line are empty responses, junk is refused.
#[test]
fn an_exchange_has_its_own_lines() {
    let begin = "a AUTHENTICATE PLAIN\r\n";
    for (line, said, asked) in [
        ("AGIA\r\n", "a OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN SASL-IR] logged in\r\n", "response \\0b\\0"),
        ("\r\n", "a OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN SASL-IR] logged in\r\n", "response"),
        ("*\r\n", "a BAD authentication cancelled\r\n", "SaslCancelled"),
        ("A\r\n", "a BAD ", "SaslCancelled"),
        ("AGIA AGIA\r\n", "a BAD ", "SaslCancelled"),
        ("b NOOP\r\n", "a BAD ", "SaslCancelled"),
        ("AGIA{3}\r\n", "a BAD ", "SaslCancelled"),
        ("A\0IA\r\n", "a BAD ", "SaslCancelled"),
    ] {
        let wire = format!("{begin}{line}c NOOP\r\n");
        let (wrote, told, _) = host::at_every_split(greeted, wire.as_bytes());
        let rest = wrote.strip_prefix("+ d2hvPw==\r\n").unwrap_or_else(|| panic!("{wrote}"));
        assert!(rest.starts_with(said) && rest.ends_with("c OK NOOP completed\r\n"), "{line:?}: {rest}");
        assert_eq!(told.len(), 2, "{line:?}: {told:?}");
        assert_eq!(told[1].trim_end(), asked, "{line:?}");
    }
}

/// docs/threats.md row 20
#[test]
fn an_exchange_that_does_not_end_its_line_is_too_long() {
    let wire = format!("a AUTHENTICATE PLAIN\r\n{}", "A".repeat(9000));
    let (_, _, rest) = host::at_every_split(greeted, wire.as_bytes());
    assert_eq!(
        rest,
        host::Rest::Failed(imap_proto::server::Error::CommandTooLong { limit: 8192 })
    );
}

#[test]
fn guessing_is_bounded() {
    let wire = "a LOGIN refused x\r\n".repeat(5);
    let (said, asked, rest) = host::at_every_split(greeted, wire.as_bytes());
    assert_eq!(asked.len(), 3);
    assert!(said.ends_with("* BYE 3 failed logins\r\n"), "{said}");
    assert_eq!(rest, host::Rest::Failed(imap_proto::server::Error::FailedLogins { limit: 3 }));
}

#[test]
fn nonsense_is_bounded() {
    for line in ["x\r\n", "a NONSENSE\r\n", "a STARTTLS\r\n", "a COMPRESS DEFLATE\r\n", "a FETCH 1 FLAGS\r\n", "a NOOP x\r\n"] {
        let config = Config { ..plain(&[]) };
        let wire = line.repeat(30);
        let mut host = Host::logged_in(config);
        host.hear(&wire);
        assert_eq!(host.rest, host::Rest::Failed(imap_proto::server::Error::Errors { limit: 20 }), "{line:?}");
    }
    let mut host = Host::logged_in(plain(&[]));
    host.hear(&"a NONSENSE\r\nb NOOP\r\n".repeat(30));
    assert_eq!(host.rest, host::Rest::Input, "in a row");
}

fn authenticate(initial: Option<&str>) -> Command<'static> {
    Command::Authenticate(Authenticate {
        mechanism: imap_proto::Atom::fixed("PLAIN"),
        initial_response: initial.map(|text| Credential::sasl(Secret::from(text))),
    })
}

#[test]
fn the_initial_response_goes_where_the_server_takes_it() {
    let greeted = |offers: &str| {
        let mut caller = Caller::new(caller::plain());
        caller.hear(&format!("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN {offers}] hello\r\n"));
        caller.client.submit(authenticate(Some("\0b\0"))).expect("it is offered");
        caller
    };
    let mut caller = greeted("SASL-IR");
    assert_eq!(caller.take_sent(), "A1 AUTHENTICATE PLAIN AGIA\r\n");
    let mut caller = greeted("");
    assert_eq!(caller.take_sent(), "A1 AUTHENTICATE PLAIN\r\n");
    caller.hear("+ \r\n");
    assert_eq!(caller.take_sent(), "AGIA\r\n");
    // What follows is for the caller.
    caller.hear("+ bW9yZQ==\r\n");
    assert_eq!(caller.take_told().last().map(String::as_str), Some("challenge 1 more"));
    assert_eq!(caller.rest, Rest::Answer);
    caller.client.respond(&SaslResponse::Cancel).expect("a challenge is open");
    assert_eq!(caller.take_sent(), "*\r\n");
    assert!(caller.client.respond(&SaslResponse::Cancel).is_err(), "once");
    caller.hear("A1 BAD cancelled\r\n");
    assert_eq!(caller.take_told(), ["1 BAD cancelled"]);
}

/// docs/threats.md row 20: a challenge that is none ends the session; nothing is sent in response to it.
#[test]
fn a_challenge_that_is_none_is_an_error() {
    let make = || {
        let mut caller = Caller::new(caller::plain());
        caller.hear("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n");
        caller.client.submit(authenticate(None)).expect("it is offered");
        caller.take_sent();
        caller
    };
    let (sent, _, rest) = caller::at_every_split(make, b"+ not base64!\r\n");
    assert_eq!(sent, "");
    assert!(matches!(rest, Rest::Failed(Error::Syntax(_))), "{rest:?}");
}

/// docs/threats.md row 20: no secret in what is printed of commands, events and machines.
#[test]
fn secrets_are_not_printed() {
    let mut caller = Caller::new(caller::plain());
    caller.hear("* OK [CAPABILITY IMAP4rev1] hello\r\n");
    let login = caller::command("LOGIN bob hunter2");
    assert!(!format!("{login:?}").contains("hunter2"), "{login:?}");
    caller.client.submit(login).expect("it is legal");
    assert!(!format!("{:?}", caller.client).contains("hunter2"));
    assert!(!format!("{:?}", authenticate(Some("hunter2"))).contains("hunter2"));
    let response = SaslResponse::parse(b"aHVudGVyMg==\r\n").expect("base64");
    assert!(!format!("{response:?}").contains("hunter2"));
}
