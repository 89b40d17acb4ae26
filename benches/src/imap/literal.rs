//! A large `BODY[]` that arrives in reads of 16 KiB: the client machine, which streams it, beside the peers, which read what is whole.
//!
//! The peers' loop spares what it can: the buffer is used again and so has its size from the second run on, the response is read once to
//! learn the literal's length, and then not before that is there.

use std::hint::black_box;
use std::sync::Arc;

use imap_codec::ResponseCodec;
use imap_codec::decode::{Decoder, ResponseDecodeError};
use imap_proto::Client;
use imap_proto::client::{Config, Event, Security};
use mail_wire::{Machine, Step};
use peer_imap_proto::Response as PeerResponse;

use super::Contest;

const READ: usize = 16 * 1024;
const LITERAL: usize = 5_000_000;

pub(super) fn contest(name: &'static str) -> Contest {
    let line = "This line stands for the text of a message of no particular interest.\r\n";
    let body: Vec<u8> = line.bytes().cycle().take(LITERAL).collect();
    let head = format!("* 7 FETCH (UID 70218 BODY[] {{{LITERAL}}}\r\n");
    let wire: Arc<[u8]> = [head.as_bytes(), &body, b")\r\n"].concat().into();
    let mut client = client();
    let (mut codec, mut peer) = (Vec::new(), Vec::new());
    let wires = [wire.clone(), wire.clone(), wire.clone()];
    let [for_ours, for_codec, for_peer] = wires;
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || assert_eq!(stream(&mut client, &for_ours), LITERAL)),
        codec: Some(Box::new(move || buffer(&mut codec, &for_codec, need_of_codec))),
        peer: Some(Box::new(move || buffer(&mut peer, &for_peer, need_of_peer))),
    }
}

fn client() -> Client {
    let mut client = Client::new(Config {
        security: Security::Secured,
        ..Config::default()
    });
    client.receive(b"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n");
    client
}

/// Returns the octets of the literal.
fn stream(client: &mut Client, mut wire: &[u8]) -> usize {
    let mut octets = 0;
    loop {
        match client.poll().expect("the session goes on") {
            Step::NeedInput | Step::NeedAnswer => {
                let space = client.space();
                let n = space.len().min(wire.len()).min(READ);
                space[..n].copy_from_slice(&wire[..n]);
                wire = &wire[n..];
                client.filled(n);
                client.transmitted(usize::MAX);
            }
            Step::NeedFlush => client.transmitted(usize::MAX),
            Step::Body => {
                let n = black_box(client.body()).len();
                octets += n;
                client.consume(n);
            }
            Step::BodyEnd => client.close_body(),
            Step::Event(Event::FetchEnded) => return octets,
            Step::Event(event) => drop(black_box(event)),
            step => panic!("unexpected {step:?}"),
        }
    }
}

/// Gathers reads until there are as many octets as `need` wants of what is there; 0 when it has read the response.
fn buffer(buffer: &mut Vec<u8>, wire: &[u8], need: fn(&[u8]) -> usize) {
    buffer.clear();
    let mut wanted = 1;
    for read in wire.chunks(READ) {
        buffer.extend_from_slice(read);
        if buffer.len() >= wanted {
            wanted = need(buffer);
            buffer.reserve(wanted.saturating_sub(buffer.len()));
        }
    }
    assert_eq!(wanted, 0, "all of it was read");
}

fn need_of_codec(buffer: &[u8]) -> usize {
    match ResponseCodec::new().decode(buffer) {
        Ok((_, response)) => {
            drop(black_box(response));
            0
        }
        Err(ResponseDecodeError::LiteralFound { length }) => {
            let line = buffer.iter().position(|&octet| octet == b'\n').unwrap_or(0);
            line + length as usize + ")\r\n".len()
        }
        Err(ResponseDecodeError::Incomplete) => buffer.len() + 1,
        Err(error) => panic!("imap-codec: {error:?}"),
    }
}

fn need_of_peer(buffer: &[u8]) -> usize {
    match PeerResponse::parse(buffer) {
        Ok((_, response)) => {
            drop(black_box(response));
            0
        }
        Err(nom::Err::Incomplete(nom::Needed::Size(missing))) => buffer.len() + missing.get(),
        Err(error) => panic!("the other imap-proto: {error:?}"),
    }
}
