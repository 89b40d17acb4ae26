//! A large `BODY[]` that arrives in reads of 16 KiB: the client machine, which streams it, beside the peers, which read what is whole.
//!
//! Every read takes its octets from the same 16 KiB, which stay in the cache as those of a socket do that the system has just filled: what is
//! measured is what becomes of them, and not how fast five megabytes come from memory.
//!
//! The peers' loop spares what it can: the response is read once to learn the literal's length, for which room is made at once, and then not
//! before that is there. The buffer is used again and has its size from the second run on, though what is read borrows from it,
//! and a client can have it again only when the caller has dropped the response.

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
    let wire = Arc::new(Wire::new());
    let mut client = client();
    let (mut codec, mut peer) = (Vec::new(), Vec::new());
    let [for_ours, for_codec, for_peer] = [wire.clone(), wire.clone(), wire.clone()];
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || assert_eq!(stream(&mut client, &for_ours), LITERAL)),
        codec: Some(Box::new(move || gather(&mut codec, &for_codec, need_of_codec))),
        peer: Some(Box::new(move || gather(&mut peer, &for_peer, need_of_peer))),
    }
}

/// The response, as reads deliver it.
struct Wire {
    head: Vec<u8>,
    block: Vec<u8>,
}

impl Wire {
    const TAIL: &[u8] = b")\r\n";

    fn new() -> Self {
        let line = "This line stands for the text of a message of no particular interest.\r\n";
        Self {
            head: format!("* 7 FETCH (UID 70218 BODY[] {{{LITERAL}}}\r\n").into_bytes(),
            block: line.bytes().cycle().take(READ).collect(),
        }
    }

    fn len(&self) -> usize {
        self.head.len() + LITERAL + Self::TAIL.len()
    }

    /// What one read after the other finds.
    fn reads(&self) -> impl Iterator<Item = &[u8]> {
        let (whole, rest) = (LITERAL / READ, LITERAL % READ);
        let blocks = std::iter::repeat_n(self.block.as_slice(), whole);
        let ends = [&self.block[..rest], Self::TAIL];
        std::iter::once(self.head.as_slice()).chain(blocks).chain(ends)
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
fn stream(client: &mut Client, wire: &Wire) -> usize {
    let (mut reads, mut read) = (wire.reads(), &[][..]);
    let mut octets = 0;
    loop {
        match client.poll().expect("the session goes on") {
            Step::NeedInput | Step::NeedAnswer => {
                if read.is_empty() {
                    read = reads.next().expect("the response ends");
                }
                let space = client.space();
                let n = space.len().min(read.len());
                space[..n].copy_from_slice(&read[..n]);
                read = &read[n..];
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
fn gather(room: &mut Vec<u8>, wire: &Wire, need: fn(&[u8]) -> usize) {
    room.clear();
    let mut wanted = 1;
    for read in wire.reads() {
        room.extend_from_slice(read);
        if room.len() >= wanted {
            wanted = need(room);
            // Somewhat more than is wanted, so that what is read with it needs no larger buffer.
            room.reserve((wanted + READ).saturating_sub(room.len()));
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
