//! Where a message ends: everything over a small alphabet against a naive oracle.

mod common;

use std::sync::Arc;

use common::{MailHost, UserAgent};
use mail_testing::oracle::{self, Unstuffed};
use mail_testing::{Rest, converse, settle};
use mail_wire::{BareLineEnds, Machine};
use smtp_proto::{Client, Server, client, server};

const ALPHABET: &[u8] = b".\r\nx";

fn config() -> Arc<server::Config> {
    Arc::new(server::Config::new("mx.hamburger.example".parse().expect("a name")))
}

/// A server that has said 354.
fn in_data(config: Arc<server::Config>) -> (Server, MailHost) {
    let (mut machine, mut host) = (Server::new(config), MailHost::default());
    feed(
        &mut machine,
        &mut host,
        b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<b@c.example>\r\nDATA\r\n",
    );
    machine.transmitted(usize::MAX);
    (machine, host)
}

fn feed(machine: &mut Server, host: &mut MailHost, mut octets: &[u8]) {
    loop {
        octets = &octets[machine.receive(octets)..];
        while settle(machine, host) == Rest::Flush {
            machine.transmitted(usize::MAX);
        }
        if octets.is_empty() {
            return;
        }
    }
}

/// docs/threats.md row 1: a message ends at CRLF.CRLF and nowhere else, at every split; one with a bare CR or LF is void.
#[test]
fn nothing_but_crlf_dot_crlf_ends_a_message() {
    let config = config();
    for content in oracle::strings(ALPHABET, 7) {
        let mut wire = content.clone();
        wire.extend_from_slice(b"\r\n.\r\n");
        let expected = oracle::unstuff(&wire);
        for cut in 0..=wire.len() {
            let (mut machine, mut host) = in_data(config.clone());
            feed(&mut machine, &mut host, &wire[..cut]);
            feed(&mut machine, &mut host, &wire[cut..]);
            match &expected {
                Unstuffed::Whole { body, .. } => assert_eq!(&host.messages[0], body, "{content:?} cut at {cut}"),
                other => {
                    assert_eq!(*other, Unstuffed::Bare, "{content:?}");
                    assert!(host.messages.is_empty(), "{content:?} cut at {cut}");
                    assert_eq!(
                        host.log.last().map(String::as_str),
                        Some("aborted"),
                        "{content:?} cut at {cut}"
                    );
                }
            }
        }
    }
}

/// docs/threats.md row 1: the sequences that the advisories name, with a second message behind.
#[test]
fn the_named_sequences_end_nothing() {
    let sequences: [&[u8]; 8] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\r.\r\n",
    ];
    for sequence in sequences {
        let mut wire = b"first".to_vec();
        wire.extend_from_slice(sequence);
        wire.extend_from_slice(b"MAIL FROM:<evil@evil.example>\r\nRCPT TO:<b@c.example>\r\nDATA\r\nsecond\r\n.\r\n");
        for cut in 0..=wire.len() {
            let (mut machine, mut host) = in_data(config());
            feed(&mut machine, &mut host, &wire[..cut]);
            feed(&mut machine, &mut host, &wire[cut..]);
            assert!(
                !host.log.iter().any(|line| line.contains("evil")),
                "{sequence:?} cut at {cut}"
            );
            assert!(host.messages.len() <= 1, "{sequence:?} cut at {cut}");
        }
    }
}

/// docs/threats.md row 2: whatever the caller gives, our client writes one message, and our server reads just that.
#[test]
fn our_client_smuggles_nothing_past_our_server() {
    for bare in [BareLineEnds::Allow, BareLineEnds::Refuse] {
        for content in oracle::strings(ALPHABET, 6) {
            let mut client_config = client::Config::new("crepes.example".parse().expect("a name"));
            client_config.bare_line_ends = bare;
            let mut client = Client::new(client_config);
            let mut agent = UserAgent::scripted(&["hello", "send <> to b@c.example", "quit"], &content);
            let (mut server, mut host) = (Server::new(config()), MailHost::default());
            let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 64);
            if bare == BareLineEnds::Refuse && oracle::has_bare_line_end(&content) {
                assert!(host.messages.is_empty(), "{content:?}");
                assert!(
                    matches!(dialogue.client, Rest::Failed(client::Error::BareLineEnd { .. })),
                    "{content:?}"
                );
                assert_eq!(agent.log.len(), 1, "{content:?}");
            } else {
                assert_eq!(host.messages, [oracle::normalised(&content)], "{content:?}");
                assert_eq!(dialogue.client, Rest::Closed, "{content:?}");
            }
        }
    }
}

/// docs/threats.md row 3.
#[test]
fn a_message_may_be_empty() {
    let (mut machine, mut host) = in_data(config());
    feed(&mut machine, &mut host, b".\r\n");
    assert_eq!(host.messages, [b""]);
}
