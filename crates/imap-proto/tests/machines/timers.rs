//! How long the machines wait, and for what.

use std::time::Duration;

use imap_proto::client::Error as ClientError;
use imap_proto::server::Error as ServerError;
use mail_wire::Machine as _;

use crate::caller::{self, Caller, Now as _};
use crate::host::{self, Host, plain};

const MINUTE: u64 = 60;

#[test]
fn a_server_waits_longer_for_those_that_it_knows() {
    let host = Host::new(plain(&[]));
    assert_eq!(host.server.timer_now().limit, Duration::from_secs(3 * MINUTE));
    let mut host = Host::logged_in(plain(&["IDLE"]));
    assert_eq!(host.server.timer_now().limit, Duration::from_secs(30 * MINUTE));
    host.hear("a IDLE\r\n");
    assert_eq!(host.server.timer_now().limit, Duration::from_secs(30 * MINUTE));
}

#[test]
fn a_server_says_bye_to_the_silent() {
    let mut host = Host::logged_in(plain(&[]));
    let timer = host.server.timer_now();
    host.server.expire_now(timer);
    host.settle();
    assert_eq!(host.take_said(), "* BYE the client was inactive: giving a command\r\n");
    assert_eq!(
        host.rest,
        host::Rest::Failed(ServerError::Inactive { what: "giving a command" })
    );
}

/// A client that drips a command, or a message, keeps no timer alive.
#[test]
fn dripping_does_not_help() {
    let mut host = Host::logged_in(plain(&[]));
    let timer = host.server.timer_now();
    for _ in 0..5000 {
        host.hear("x");
    }
    assert_eq!(host.server.timer_now(), timer);

    let mut host = Host::logged_in(plain(&[]));
    host.hear("a APPEND INBOX {5000+}\r\n");
    let timer = host.server.timer_now();
    assert_eq!(timer.what, "sending a literal");
    for _ in 0..1023 {
        host.hear("x");
    }
    assert_eq!(host.server.timer_now(), timer);
    host.hear("x");
    assert_ne!(host.server.timer_now(), timer);
    let stale = timer;
    host.server.expire_now(stale);
    host.settle();
    assert_eq!(host.rest, host::Rest::Input, "its turn has passed");
}

/// Nothing is waited for while the application works.
#[test]
fn the_application_takes_its_time() {
    let mut host = Host::selected(plain(&[]));
    host.defers = &["FETCH"];
    host.hear("a FETCH 1 FLAGS\r\n");
    assert_eq!(host.server.timer(), None);
    host.server.send(host::data("1 FETCH (FLAGS ())")).expect("a command is executed");
    assert_eq!(host.server.timer_now().what, "taking data");
}

#[test]
fn a_client_waits_for_answers_only() {
    let caller = Caller::new(caller::plain());
    assert_eq!(caller.client.timer_now().what, "greeting");
    let mut caller = Caller::selected("");
    assert_eq!(caller.client.timer(), None);
    caller.give("NOOP");
    let timer = caller.client.timer_now();
    assert_eq!((timer.what, timer.limit), ("response", Duration::from_secs(10 * MINUTE)));
    for _ in 0..1000 {
        caller.hear("x");
    }
    assert_eq!(caller.client.timer_now(), timer, "dripping does not help");
    caller.client.expire_now(timer);
    caller.settle();
    assert_eq!(caller.failure(), Some(&ClientError::TimedOut { what: "response" }));
    assert_eq!(caller.client.timer(), None);
}

#[test]
fn a_literal_must_make_progress() {
    let mut caller = Caller::selected("");
    caller.give("FETCH 1 BODY[]");
    caller.hear("* 1 FETCH (BODY[] {50000}\r\n");
    let timer = caller.client.timer_now();
    assert_eq!(timer.what, "literal");
    caller.hear(&"x".repeat(1023));
    assert_eq!(caller.client.timer_now(), timer);
    caller.hear("x");
    assert_ne!(caller.client.timer_now(), timer);
}
