//! imap-proto beside imap-codec and the imap-proto that others publish: the same work for each, as functions to be timed.
//!
//! Responses are read as a client reads them, with all leniencies, as the peers have theirs by default; commands as a server reads
//! them, strictly. The peers are used as their documentation says. What is read is dropped in the time that is measured. imap-proto
//! writes into a buffer that is used again, which imap-codec has no way to do.

mod build;
mod literal;
mod wire;

use std::hint::black_box;

use imap_codec::decode::Decoder;
use imap_codec::encode::{Encoder, Fragment};
use imap_codec::{CommandCodec, ResponseCodec};
use imap_proto::{Parsed, Reading, Response, Spelling, TaggedCommand};

/// One kind of work.
pub struct Contest {
    /// What it is.
    pub name: &'static str,
    /// Octets on the wire that one run reads or writes.
    pub octets: usize,
    /// imap-proto of this project.
    pub ours: Run,
    /// imap-codec, where it can.
    pub codec: Option<Run>,
    /// The other imap-proto, where it can.
    pub peer: Option<Run>,
}

/// Does the work once.
pub type Run = Box<dyn FnMut()>;

/// All of them.
///
/// # Panics
///
/// When the contestants do not read and write the same.
pub fn contests() -> Vec<Contest> {
    let fetch_full = wire::fetch_full().leak().as_bytes();
    let fetch_flags = wire::fetch_flags().leak().as_bytes();
    let search = wire::search().leak().as_bytes();
    let commands = wire::COMMANDS.as_bytes();
    vec![
        read_responses("FETCH ENVELOPE BODYSTRUCTURE, parse", fetch_full),
        write_responses("FETCH ENVELOPE BODYSTRUCTURE, encode", fetch_full),
        read_responses("FETCH UID FLAGS, parse", fetch_flags),
        write_responses("FETCH UID FLAGS, encode", fetch_flags),
        read_responses("SEARCH of 100,000 numbers, parse", search),
        write_responses("SEARCH of 100,000 numbers, encode", search),
        literal::contest("5 MB literal in reads of 16 KiB"),
        read_commands("commands, parse", commands),
        write_commands("commands, encode", commands),
        build::commands("commands, build and encode"),
    ]
}

fn read_responses(name: &'static str, wire: &'static [u8]) -> Contest {
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || each(wire, our_response, |response| drop(black_box(response)))),
        codec: Some(Box::new(move || {
            each(wire, codec_response, |response| drop(black_box(response)))
        })),
        peer: Some(Box::new(move || {
            each(wire, peer_response, |response| drop(black_box(response)))
        })),
    }
}

fn write_responses(name: &'static str, wire: &'static [u8]) -> Contest {
    let (mut ours, mut codecs) = (Vec::new(), Vec::new());
    each(wire, our_response, |response| ours.push(response));
    each(wire, codec_response, |response| codecs.push(response));
    let codec = ResponseCodec::new();
    let theirs: Vec<u8> = codecs
        .iter()
        .flat_map(|response| codec.encode(response).dump())
        .collect();
    let mut read = Vec::new();
    each(theirs.leak(), our_response, |response| read.push(response));
    assert_eq!(read, ours, "{name}");
    let mut out = Vec::new();
    let mut write = move || {
        out.clear();
        for response in &ours {
            black_box(response.encode(Spelling::SERVER, &mut out));
        }
        black_box(&out).len()
    };
    assert_eq!(write(), wire.len(), "{name}");
    let codec = move || {
        codecs
            .iter()
            .map(|response| written(codec.encode(response)))
            .sum::<usize>()
    };
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || {
            black_box(write());
        }),
        codec: Some(Box::new(move || {
            black_box(codec());
        })),
        peer: None,
    }
}

fn read_commands(name: &'static str, wire: &'static [u8]) -> Contest {
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || each(wire, our_command, |command| drop(black_box(command)))),
        codec: Some(Box::new(move || {
            each(wire, codec_command, |command| drop(black_box(command)))
        })),
        peer: None,
    }
}

fn write_commands(name: &'static str, wire: &'static [u8]) -> Contest {
    let (mut ours, mut codecs) = (Vec::new(), Vec::new());
    each(wire, our_command, |command| ours.push(command));
    each(wire, codec_command, |command| codecs.push(command));
    let codec = CommandCodec::new();
    let theirs: Vec<u8> = codecs.iter().flat_map(|command| codec.encode(command).dump()).collect();
    let mut read = Vec::new();
    each(theirs.leak(), our_command, |command| read.push(command));
    assert_eq!(read, ours, "{name}");
    let mut out = Vec::new();
    let mut write = move || {
        out.clear();
        for command in &ours {
            black_box(command.encode(Spelling::CLIENT, &mut out));
        }
        black_box(&out).len()
    };
    assert_eq!(write(), wire.len(), "{name}");
    let codec = move || {
        codecs
            .iter()
            .map(|command| written(codec.encode(command)))
            .sum::<usize>()
    };
    Contest {
        name,
        octets: wire.len(),
        ours: Box::new(move || {
            black_box(write());
        }),
        codec: Some(Box::new(move || {
            black_box(codec());
        })),
        peer: None,
    }
}

/// Reads one after the other to the end.
fn each<T>(mut wire: &'static [u8], read: impl Fn(&'static [u8]) -> (T, &'static [u8]), mut take: impl FnMut(T)) {
    while !wire.is_empty() {
        let (value, rest) = read(wire);
        take(value);
        wire = rest;
    }
}

fn our_response(wire: &'static [u8]) -> (Response<'static>, &'static [u8]) {
    match Response::parse(wire, Reading::LENIENT) {
        Ok(Parsed::Complete { value, octets }) => (value, &wire[octets..]),
        other => panic!("imap-proto: {other:?}"),
    }
}

fn our_command(wire: &'static [u8]) -> (TaggedCommand<'static>, &'static [u8]) {
    match TaggedCommand::parse(wire, Reading::STRICT) {
        Ok(Parsed::Complete { value, octets }) => (value, &wire[octets..]),
        other => panic!("imap-proto: {other:?}"),
    }
}

fn codec_response(wire: &'static [u8]) -> (imap_codec::imap_types::response::Response<'static>, &'static [u8]) {
    let (rest, response) = ResponseCodec::new().decode(wire).expect("imap-codec reads it");
    (response, rest)
}

fn codec_command(wire: &'static [u8]) -> (imap_codec::imap_types::command::Command<'static>, &'static [u8]) {
    let (rest, command) = CommandCodec::new().decode(wire).expect("imap-codec reads it");
    (command, rest)
}

fn peer_response(wire: &'static [u8]) -> (peer_imap_proto::Response<'static>, &'static [u8]) {
    let (rest, response) = peer_imap_proto::Response::parse(wire).expect("the other imap-proto reads it");
    (response, rest)
}

/// Takes the fragments, as one who sends them does, and returns their octets.
fn written(encoded: imap_codec::encode::Encoded) -> usize {
    encoded
        .map(|fragment| match black_box(fragment) {
            Fragment::Line { data } | Fragment::Literal { data, .. } => data.len(),
        })
        .sum()
}
