//! Ends that are meant: SIGTERM on either side, LOGOUT, BYE.

use mail_wire::{Layer, Machine as _, Misuse};

use crate::caller::{self, Caller};
use crate::host::{self, Host, plain};

const BYE: &str = "* BYE server is shutting down\r\n";

#[test]
fn a_server_finishes_the_command_that_runs() {
    let mut host = Host::selected(plain(&["IDLE"]));
    host.defers = &["FETCH"];
    host.hear("a FETCH 1 FLAGS\r\nb NOOP\r\n");
    host.server.shutdown();
    host.settle();
    assert_eq!(host.take_said(), "");
    assert_eq!(host.complete(), format!("a OK FETCH completed\r\n{BYE}"));
    assert_eq!(host.rest, host::Rest::Closed);
    assert_eq!(host.server.update(host::data("1 EXISTS")), Err(Misuse::Closed));
}

#[test]
fn a_server_that_waits_says_bye_at_once() {
    for wire in ["", "a NO", "a IDLE\r\n", "a CREATE {3}\r\n"] {
        let mut host = Host::selected(plain(&["IDLE"]));
        host.hear(wire);
        host.server.shutdown();
        host.settle();
        assert_eq!(host.take_said(), BYE, "{wire:?}");
        assert_eq!(host.rest, host::Rest::Closed);
    }
}

/// A message that is under way is stored, and acknowledged.
#[test]
fn a_server_takes_the_message_that_is_under_way() {
    let mut host = Host::logged_in(plain(&[]));
    host.hear("a APPEND INBOX {5}\r\nhel");
    host.server.shutdown();
    assert_eq!(host.hear("lo\r\nb NOOP\r\n"), format!("a OK APPEND completed\r\n{BYE}"));
    assert_eq!(host.rest, host::Rest::Closed);
}

#[test]
fn a_server_says_bye_behind_the_layer() {
    let mut config = plain(&[]);
    config.starttls = imap_proto::server::StartTls::Offered;
    config.compress = imap_proto::server::Compress::Offered;
    for (command, layer) in [("a STARTTLS\r\n", Layer::Tls), ("a COMPRESS DEFLATE\r\n", Layer::Deflate)] {
        let mut host = Host::new(config.clone());
        host.take_said();
        host.keeps_layers = true;
        if layer == Layer::Deflate {
            host.hear("l LOGIN bob x\r\n");
        }
        host.hear(command);
        assert_eq!(host.rest, host::Rest::Upgrade(layer));
        host.server.shutdown();
        host.settle();
        assert_eq!(host.rest, host::Rest::Upgrade(layer));
        host.server.upgrade(layer);
        host.settle();
        assert_eq!(host.take_said(), BYE);
        assert_eq!(host.rest, host::Rest::Closed);
    }
}

#[test]
fn a_client_waits_for_what_is_in_flight() {
    let mut caller = Caller::selected("IDLE");
    caller.give("NOOP");
    caller.give("FETCH 1 FLAGS");
    caller.client.shutdown();
    caller.settle();
    assert_eq!(caller.rest, caller::Rest::Input);
    caller.hear("* 3 EXISTS\r\nA2 OK\r\n");
    assert_eq!(caller.take_told(), ["* 3 EXISTS", "2 OK"]);
    assert_eq!(caller.rest, caller::Rest::Closed);
    assert_eq!(caller.take_sent(), "A2 NOOP\r\n", "what waited is not sent");
    assert_eq!(caller.try_give("NOOP"), Err(Misuse::Closed));
    let mut caller = Caller::selected("IDLE");
    caller.give("IDLE");
    caller.hear("+ go\r\n");
    caller.client.shutdown();
    assert_eq!(caller.take_sent(), "A2 IDLE\r\nDONE\r\n");
    caller.hear("A2 OK\r\n");
    assert_eq!(caller.rest, caller::Rest::Closed);
}

#[test]
fn a_client_that_waits_for_a_layer_closes() {
    let mut caller = Caller::selected("COMPRESS=DEFLATE");
    caller.keeps_layers = true;
    caller.give("COMPRESS DEFLATE");
    caller.hear("A2 OK\r\n");
    assert_eq!(caller.rest, caller::Rest::Upgrade(Layer::Deflate));
    caller.client.shutdown();
    caller.settle();
    assert_eq!(caller.rest, caller::Rest::Closed);
}

#[test]
fn logout_ends_both() {
    let (said, _, rest) = host::at_every_split(|| Host::selected(plain(&[])), b"a LOGOUT\r\nb NOOP\r\n");
    assert_eq!(said, "* BYE goodbye\r\na OK LOGOUT completed\r\n");
    assert_eq!(rest, host::Rest::Closed);
    let make = || {
        let mut caller = Caller::selected("");
        caller.give("LOGOUT");
        caller
    };
    let (_, told, rest) = caller::at_every_split(make, b"* BYE so long\r\nA2 OK done\r\njunk");
    assert_eq!(told, ["* BYE so long", "2 OK done"]);
    assert_eq!(rest, caller::Rest::Closed);
}
