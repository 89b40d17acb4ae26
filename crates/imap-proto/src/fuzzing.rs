//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics when its property does
//! not hold.

mod machines;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::{Machine, Step};

use crate::client::{self, Event as Told};
use crate::{
    Client, ClientLimits, Data, FetchItem, IntoBoundedStatic, Leniency, Literals, Numbering, Parsed, Pause, Payload,
    Reading, Response, Spelling, TaggedCommand, Until,
};

pub use machines::{client, server};

/// A command that is read is written in each spelling as one command, and read from it as the same. The lenient reader takes what the strict one
/// does, and reads it alike.
pub fn command(data: &[u8]) {
    for reading in readings() {
        let Some((command, octets)) = complete(TaggedCommand::parse(data, reading)) else {
            continue;
        };
        assert!(octets <= data.len());
        for literals in [Literals::Synchronizing, Literals::Plus, Literals::Minus] {
            let mut wire = Vec::new();
            let spelling = Spelling {
                literals,
                utf8: reading.utf8,
            };
            let pauses = command.encode(spelling, &mut wire);
            are_in_order(&pauses, wire.len());
            let read = TaggedCommand::parse(&wire, reading);
            assert!(
                complete(read.clone()).is_some_and(|(_, octets)| octets == wire.len()),
                "{}",
                text(&wire)
            );
            // Token trees are kept as they came, with the "+" of their literals or without it.
            let plus = [data, &wire]
                .iter()
                .any(|wire| wire.windows(2).any(|pair| pair == b"+}"));
            if !wire.contains(&0) && !plus {
                assert_eq!(read, whole(&command, wire.len()), "{}", text(&wire));
            }
        }
        assert_eq!(command.clone().into_static(), command);
        let _ = (
            format!("{command:?}"),
            command.command.uses_sequence_numbers(),
            command.command.kind(),
        );
    }
}

/// A response that is read is written as one response, and read from it as the same.
pub fn response(data: &[u8]) {
    for reading in readings() {
        let Some((response, octets)) = complete(Response::parse(data, reading)) else {
            continue;
        };
        assert!(octets <= data.len());
        rewritten(&response, reading);
        let _ = format!("{response:?}");
    }
}

/// What is written of a response is read as a response, and what is written of that is the same: decode, encode, decode.
pub fn round_trip(data: &[u8]) {
    for reading in readings() {
        let Some((response, _)) = complete(Response::parse(data, reading)) else {
            continue;
        };
        let wire = rewritten(&response, reading);
        let Some((again, _)) = complete(Response::parse(&wire, reading)) else {
            unreachable!("it was read before")
        };
        // The exceptions of `rewritten` apply once: what was written by us comes back.
        if !comparable(&response).contains("Loose(") {
            assert_eq!(rewritten(&again, reading), wire);
        }
        let owned = response.clone().into_static();
        assert_eq!(owned, response);
    }
}

/// FETCH responses that stream through a client come as the same items, with the same octets, as those that are read whole. The first octet is the
/// length from which literals stream.
pub fn streaming(data: &[u8]) {
    let (&threshold, data) = data.split_first().unwrap_or((&0, &[]));
    let reading = Reading::LENIENT;
    let Ok(Parsed::Complete { value, octets }) = Response::parse(data, reading) else {
        return;
    };
    let Response::Untagged(Data::Fetch(fetch)) = value else {
        return;
    };
    let mut client = Client::new(client::Config {
        security: client::Security::Plaintext,
        limits: ClientLimits {
            literal: usize::from(threshold),
            ..ClientLimits::default()
        },
        ..client::Config::default()
    });
    client.receive(b"* PREAUTH hello\r\n");
    let mut streamed = Streamed::default();
    for piece in [&b""[..], &data[..octets]] {
        let mut piece = piece;
        loop {
            let n = client.receive(piece);
            piece = &piece[n..];
            streamed.settle(&mut client);
            if piece.is_empty() {
                break;
            }
        }
    }
    // What was told of a literal that streamed past is not taken back where nonsense follows it.
    let is_good = |item: &&FetchItem<'_>| !matches!(item, FetchItem::Invalid { .. });
    let items: Vec<_> = fetch.items().iter().take_while(is_good).map(without_offset).collect();
    assert!(
        streamed.items.starts_with(&items),
        "{:?} {}",
        streamed.items,
        text(&data[..octets])
    );
    assert!(items.len() < fetch.items().len() || items.len() == streamed.items.len());
    assert_eq!(streamed.begun, Some((fetch.numbering, fetch.number)));
    assert!(streamed.ended);
}

fn readings() -> [Reading; 4] {
    let of = |utf8, leniency| Reading { utf8, leniency };
    [
        of(false, Leniency::STRICT),
        of(true, Leniency::STRICT),
        of(false, Leniency::ALL),
        of(true, Leniency::ALL),
    ]
}

fn complete<T>(parsed: Result<Parsed<T>, crate::SyntaxError>) -> Option<(T, usize)> {
    match parsed {
        Ok(Parsed::Complete { value, octets }) => Some((value, octets)),
        _ => None,
    }
}

fn whole<T: Clone>(value: &T, octets: usize) -> Result<Parsed<T>, crate::SyntaxError> {
    Ok(Parsed::Complete {
        value: value.clone(),
        octets,
    })
}

fn rewritten(response: &Response<'_>, reading: Reading) -> Vec<u8> {
    let mut wire = Vec::new();
    let spelling = Spelling {
        utf8: reading.utf8,
        ..Spelling::SERVER
    };
    let pauses = response.encode(spelling, &mut wire);
    are_in_order(&pauses, wire.len());
    let read = complete(Response::parse(&wire, reading));
    let Some((read, octets)) = read else {
        panic!("{} is no response", text(&wire));
    };
    assert_eq!(octets, wire.len(), "{}", text(&wire));
    // A literal with a NUL that it may not have is written as the literal8 that it should have been, "+" in a token tree as a server spells it.
    // A code that is none, with text behind it that no space parts from it, may look like one when the space is there.
    let (before, after) = (comparable(response), comparable(&read));
    if !wire.contains(&0) && !wire.windows(2).any(|pair| pair == b"+}") && !before.contains("Loose(") {
        assert_eq!(after, before, "{}", text(&wire));
    }
    wire
}

/// What is wrong with a bad item, and where it stands, is no part of it; nor is a space that keeps text from being read as a response code.
fn comparable(response: &Response<'_>) -> String {
    let text = format!("{response:?}").replace("text: \" [", "text: \"[");
    let (first, rest) = text.split_once(WHY).unwrap_or((&text, ""));
    let behind = |part: &str| part.split_once(" }").map_or(String::new(), |(_, behind)| behind.into());
    let all: String = core::iter::once(first.into())
        .chain(rest.split(WHY).map(behind))
        .collect();
    without_spelling(&all)
}

/// The announcements of literals in token trees as one spelling has them: `~{007+}` is `{7}`.
pub fn without_spelling(text: &str) -> String {
    let mut pieces = text.split('{');
    let mut plain = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = piece.split_at(digits);
        let unmarked = behind.strip_prefix('+').filter(|behind| behind.starts_with('}'));
        plain.truncate(plain.trim_end_matches('~').len());
        plain.push('{');
        plain.push_str(number.trim_start_matches('0'));
        plain.push_str(unmarked.unwrap_or(behind));
    }
    plain
}

const WHY: &str = "why: SyntaxError { ";

fn are_in_order(pauses: &[Pause], len: usize) {
    assert!(pauses.is_sorted_by_key(|pause| pause.offset));
    for pause in pauses {
        assert!(pause.offset < len);
        assert_eq!(pause.until, Until::GoAhead, "what was read is held");
    }
}

fn text(octets: &[u8]) -> String {
    format!("{:?}", mail_wire::Escaped(octets))
}

/// What came of a FETCH response through a client.
#[derive(Default)]
struct Streamed {
    begun: Option<(Numbering, core::num::NonZeroU32)>,
    items: Vec<String>,
    open: Option<FetchItem<'static>>,
    body: Vec<u8>,
    ended: bool,
}

impl Streamed {
    fn settle(&mut self, client: &mut Client) {
        loop {
            let step = client.poll();
            client.transmitted(usize::MAX);
            match step {
                Ok(Step::Event(Told::FetchBegan(numbering, number))) => self.begun = Some((numbering, number)),
                Ok(Step::Event(Told::FetchItem(item))) => self.items.push(without_offset(&item)),
                Ok(Step::Event(Told::FetchLiteral(item))) => self.open = Some(*item),
                Ok(Step::Event(Told::FetchEnded)) => self.ended = true,
                Ok(Step::Event(_)) => {}
                Ok(Step::Body) => {
                    self.body.extend_from_slice(client.body());
                    client.consume(usize::MAX);
                }
                Ok(Step::BodyEnd) => {
                    let Some(item) = self.open.take() else {
                        unreachable!("a literal has an item")
                    };
                    let body = core::mem::take(&mut self.body);
                    self.items.push(without_offset(&filled(item, body)));
                    client.close_body();
                }
                _ => return,
            }
        }
    }
}

/// The item with the octets that came separately.
fn filled(mut item: FetchItem<'static>, body: Vec<u8>) -> FetchItem<'static> {
    match &mut item {
        FetchItem::Rfc822(data)
        | FetchItem::Rfc822Header(data)
        | FetchItem::Rfc822Text(data)
        | FetchItem::BodySection { data, .. }
        | FetchItem::Binary { data, .. } => {
            assert_eq!(data.as_ref().map(Payload::len), Some(body.len() as u64));
            *data = Some(Payload::Held(body.into()));
        }
        other => unreachable!("{other:?} does not stream"),
    }
    item
}

fn without_offset(item: &FetchItem<'_>) -> String {
    match item {
        FetchItem::Invalid { raw, .. } => format!("{raw:?}"),
        item => format!("{item:?}"),
    }
}
