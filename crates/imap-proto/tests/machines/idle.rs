//! IDLE (RFC 2177, RFC 9051 §6.3.13), both ends.

use imap_proto::client::Error;

use crate::caller::{Caller, Now as _, Rest};
use crate::host::{self, Host, plain};

#[test]
fn done_is_sent_when_a_command_is_given() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    assert_eq!(caller.take_sent(), "A2 IDLE\r\n");
    caller.hear("+ idling\r\n* 10 EXISTS\r\n");
    assert_eq!(caller.take_told(), ["idling 2", "* 10 EXISTS"]);
    assert_eq!(caller.rest, Rest::Input);
    caller.give("FETCH 10 FLAGS");
    assert_eq!(
        caller.take_sent(),
        "DONE\r\n",
        "the command waits for the result of IDLE"
    );
    caller.hear("* 3 EXPUNGE\r\nA2 OK done\r\n");
    assert_eq!(caller.take_told(), ["* 3 EXPUNGE", "2 OK done"]);
    assert_eq!(caller.take_sent(), "A3 FETCH 10 FLAGS\r\n");
}

/// The command comes before the server has said `+`: DONE must wait for it.
#[test]
fn done_waits_for_the_go_ahead() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.give("NOOP");
    assert_eq!(caller.take_sent(), "A2 IDLE\r\n");
    caller.hear("+ idling\r\n");
    assert_eq!(caller.take_sent(), "DONE\r\n");
    caller.hear("A2 OK done\r\n");
    assert_eq!(caller.take_sent(), "A3 NOOP\r\n");
    // IDLE may be refused instead.
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.client.done();
    caller.give("NOOP");
    caller.hear("A2 NO not now\r\n");
    assert_eq!(caller.take_told(), ["2 NO not now"]);
    assert_eq!(caller.take_sent(), "A2 IDLE\r\nA3 NOOP\r\n");
}

#[test]
fn it_is_renewed_by_the_deadline_and_told_once() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.hear("+ idling\r\n");
    caller.take_sent();
    caller.take_told();
    for round in 3..6 {
        let timer = caller.client.timer_now();
        assert_eq!(timer.limit.as_secs(), 29 * 60);
        caller.client.expire_now(timer);
        assert_eq!(caller.take_sent(), "DONE\r\n");
        caller.hear(&format!("A{} OK done\r\n", round - 1));
        assert_eq!(caller.take_sent(), format!("A{round} IDLE\r\n"));
        caller.hear("+ idling\r\n");
        assert!(caller.take_told().is_empty(), "the caller has one IDLE");
    }
    caller.client.done();
    caller.hear("A5 OK done\r\n");
    assert_eq!(caller.take_told(), ["2 OK done"]);
    assert_eq!(caller.rest, Rest::Answer);
}

/// Servers count what the client says, not what they say: a busy mailbox does not put the renewal off (RFC 2177 §3).
#[test]
fn what_the_server_says_does_not_put_the_renewal_off() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.hear("+ idling\r\n");
    let timer = caller.client.timer_now();
    caller.hear("* 10 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK still here\r\n+ still here\r\n* gibberish (\r\n");
    assert_eq!(caller.client.timer_now(), timer);
}

/// A command that comes between DONE and the renewal takes IDLE's place.
#[test]
fn a_command_ends_the_renewal() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.hear("+ idling\r\n");
    let timer = caller.client.timer_now();
    caller.client.expire_now(timer);
    caller.give("NOOP");
    caller.hear("A2 OK done\r\n");
    assert_eq!(caller.take_sent(), "A2 IDLE\r\nDONE\r\nA3 NOOP\r\n");
    caller.hear("A3 OK\r\n");
    assert_eq!(caller.take_told(), ["idling 2", "2 OK done", "3 OK"]);
}

#[test]
fn a_server_that_does_not_end_idle_times_out() {
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.hear("+ idling\r\n");
    caller.client.done();
    caller.settle();
    let timer = caller.client.timer_now();
    assert_eq!(timer.what, "response");
    caller.client.expire_now(timer);
    caller.settle();
    assert_eq!(caller.failure(), Some(&Error::TimedOut { what: "response" }));
}

#[test]
fn the_server_tells_changes_at_once() {
    let mut host = Host::selected(plain(&["IDLE"]));
    host.update("3 EXPUNGE");
    host.update("8 EXISTS");
    assert_eq!(host.take_said(), "", "no command is in progress");
    assert_eq!(host.hear("a IDLE\r\n"), "* 3 EXPUNGE\r\n* 8 EXISTS\r\n+ idling\r\n");
    assert!(host.server.is_idling());
    host.update("1 EXPUNGE");
    assert_eq!(host.take_said(), "* 1 EXPUNGE\r\n");
    assert_eq!(host.hear("done\r\n"), "a OK IDLE completed\r\n");
    host.update("2 EXPUNGE");
    assert_eq!(host.take_said(), "");
    assert_eq!(host.hear("b NOOP\r\n"), "* 2 EXPUNGE\r\nb OK NOOP completed\r\n");
    assert_eq!(host.take_asked(), ["IdleBegan", "IdleEnded"]);
}

#[test]
fn done_may_come_with_the_command() {
    let (said, asked, _) = host::at_every_split(|| Host::selected(plain(&["IDLE"])), b"a IDLE\r\nDONE\r\nb NOOP\r\n");
    assert_eq!(said, "+ idling\r\na OK IDLE completed\r\nb OK NOOP completed\r\n");
    assert_eq!(asked, ["IdleBegan", "IdleEnded"]);
    // A client that forgot DONE is told so, once.
    let (said, asked, _) = host::at_every_split(|| Host::selected(plain(&["IDLE"])), b"a IDLE\r\nb NOOP\r\nc NOOP\r\n");
    assert_eq!(
        said,
        "+ idling\r\na BAD expected DONE at octet 0\r\nc OK NOOP completed\r\n"
    );
    assert_eq!(asked, ["IdleBegan", "IdleEnded"]);
}
