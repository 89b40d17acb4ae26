//! From octets to responses: framing, literals that stream, and lists that come in pieces.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use mail_wire::Step;

use super::{Client, Course, Error, Event, InvalidResponse};
use crate::syntax::frame::{Announced, Frame};
use crate::syntax::reader::{Parse, Reader};
use crate::{Fetch, FetchItem, IntoBoundedStatic, Phase, Reading, Response, SyntaxError};

/// What is being received.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A response from its beginning.
    Unit,
    /// A challenge was told, and the caller's response is owed.
    Challenged,
    /// The rest of a FETCH response.
    Fetch(Items),
    /// A literal of one, of which so many octets are to come.
    Literal(u64),
    LiteralEnd,
    LiteralAborted,
    /// The rest of a long list of numbers, behind these words.
    Numbers(&'static str),
}

/// Where in the list of FETCH items the rest begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Items {
    /// Before the first.
    First,
    /// Behind one.
    Further,
}

/// How far a piece of a FETCH response was understood.
struct Understood {
    octets: usize,
    outcome: Outcome,
}

enum Outcome {
    /// More octets are needed for the next item.
    Partial(Items),
    /// A literal streams.
    Literal(u64),
    Ended,
}

impl Client {
    /// Takes the next response, or a part of one, out of the window. `None`: look again.
    pub(super) fn take_in(&mut self) -> Option<Step<Event>> {
        if let Incoming::Unit = self.incoming {
            self.begin_numbers();
        }
        if let Incoming::Numbers(words) = self.incoming
            && self.take_numbers(words)
        {
            return None;
        }
        let frame = self.framer.next(self.window.unread());
        let limit = self.config.limits.response();
        match frame {
            Frame::Incomplete if self.framer.known().min(self.window.unread().len()) > limit => self.too_long(limit),
            Frame::Incomplete => return self.want_input(),
            Frame::Fault { why, .. } => self.fail(Error::Line(why)),
            Frame::Literal { octets, .. } | Frame::Whole { octets } if octets > limit => self.too_long(limit),
            Frame::Literal { octets, announced } => self.literal(octets, announced, limit),
            Frame::Whole { octets } => self.whole(octets),
        }
        None
    }

    fn too_long(&mut self, limit: usize) {
        self.fail(Error::ResponseTooLong { limit });
    }

    fn want_input(&mut self) -> Option<Step<Event>> {
        if !self.window.is_closed() {
            if self.window.unread().is_empty() {
                self.window.relax();
            }
            return Some(Step::NeedInput);
        }
        match self.phase {
            Phase::Logout => self.course = Course::Closed,
            _ => self.fail(Error::Disconnected),
        }
        None
    }

    fn reading(&self) -> Reading {
        self.enabled.reading(Reading {
            utf8: false,
            leniency: self.config.leniency,
        })
    }

    fn whole(&mut self, octets: usize) {
        if self.is_fetch() {
            return self.fetch(octets, None);
        }
        let unit = &self.window.unread()[..octets];
        let is_untagged = unit.starts_with(b"* ");
        let response = Response::read(&mut Reader::new(unit, self.reading())).map(IntoBoundedStatic::into_static);
        let response = response.map_err(|why| (InvalidResponse::new(unit, why), why));
        self.window.consume(octets);
        self.framer.begin();
        match response {
            Ok(response) => self.heard(response),
            // One bad item costs one item; a result that cannot be read costs the session.
            Err((invalid, _)) if is_untagged && self.phase != Phase::Greeting => {
                self.hears();
                self.events.push_back(Event::Invalid(Box::new(invalid)));
            }
            Err((_, why)) => self.fail(Error::Syntax(why)),
        }
    }

    /// A literal is announced: it is held with its response, or streams.
    fn literal(&mut self, octets: usize, announced: Announced, limit: usize) {
        let most = self.config.limits.literal();
        let long = announced.len > most as u64;
        if (long || octets > most.max(self.patience)) && self.is_fetch() {
            self.fetch(octets, Some(announced.len).filter(|_| long));
            if !matches!(self.incoming, Incoming::Fetch(_))
                || !matches!(self.course, Course::Running | Course::ShuttingDown)
            {
                return;
            }
        }
        self.hold(announced.len, limit);
    }

    /// Makes the literal that ends the known octets a part of the response.
    fn hold(&mut self, len: u64, limit: usize) {
        let Frame::Literal { octets, .. } = self.framer.next(self.window.unread()) else {
            return;
        };
        match usize::try_from(len)
            .ok()
            .filter(|len| octets.saturating_add(*len) <= limit)
        {
            Some(len) => self.framer.hold(octets, len),
            None => self.too_long(limit),
        }
    }

    fn is_fetch(&self) -> bool {
        matches!(self.incoming, Incoming::Fetch(_))
            || Fetch::read_untagged(&mut Reader::new(self.window.unread(), Reading::LENIENT)).is_ok()
    }

    /// Reads as many items of the FETCH response as the first `octets` hold whole. `streaming` is the length of a literal behind them that streams;
    /// without it and at a line end that announces nothing, the response is complete.
    fn fetch(&mut self, octets: usize, streaming: Option<u64>) {
        let reading = self.reading();
        let unread = self.window.unread();
        let is_whole = matches!(self.framer.next(unread), Frame::Whole { .. });
        let fragment = &self.window.unread()[..octets];
        let mut reader = Reader::new(fragment, reading);
        let mut events = core::mem::take(&mut self.events);
        let items = match self.incoming {
            Incoming::Fetch(items) => Ok(items),
            _ => Fetch::read_untagged(&mut reader).map(|(numbering, number)| {
                events.push_back(Event::FetchBegan(numbering, number));
                Items::First
            }),
        };
        let understood = items.and_then(|items| {
            let extent = Extent::of(is_whole, streaming.is_some());
            read_items(&mut reader, items, extent, &mut events).or_else(|why| {
                events.push_back(Event::Invalid(Box::new(InvalidResponse::new(fragment, why))));
                events.push_back(Event::FetchEnded);
                Ok(Understood::new(octets, Outcome::Ended))
            })
        });
        self.events = events;
        match understood {
            Ok(Understood { octets, outcome }) => self.understood(octets, outcome),
            Err(why) => self.fail(Error::Syntax(why)),
        }
    }

    fn understood(&mut self, octets: usize, outcome: Outcome) {
        self.hears();
        self.window.consume(octets);
        self.patience = 0;
        self.incoming = match outcome {
            Outcome::Partial(items) => {
                self.framer.shift(octets);
                // An item of many literals is not read again for each of them (docs/threats.md row 12).
                self.patience = 2 * self.framer.known().min(self.window.unread().len());
                Incoming::Fetch(items)
            }
            Outcome::Literal(len) => {
                self.framer.stream();
                Incoming::Literal(len)
            }
            Outcome::Ended => {
                self.framer.begin();
                Incoming::Unit
            }
        };
    }

    /// A literal streams by.
    pub(super) fn stream(&mut self) -> Option<Step<Event>> {
        if !self.window.unread().is_empty() {
            return Some(Step::Body);
        }
        if self.window.is_closed() {
            self.incoming = Incoming::LiteralAborted;
            return None;
        }
        Some(Step::NeedInput)
    }

    /// Whether the response at the front is a list of numbers longer than a piece: such a list is not held whole.
    fn begin_numbers(&mut self) {
        let unread = self.window.unread();
        if unread.len() <= PIECE {
            return;
        }
        let names = ["* SEARCH ", "* SORT ", "* VANISHED (EARLIER) ", "* VANISHED "];
        let starts = |name: &&str| unread[..name.len()].eq_ignore_ascii_case(name.as_bytes());
        if let Some(name) = names.into_iter().find(starts) {
            // Longer than a piece counts from behind the words, as it does for the pieces that follow.
            let line = &unread[..PIECE];
            if memchr::memchr(b'\n', line).is_none() {
                self.window.consume(name.len());
                self.framer.shift(name.len());
                self.incoming = Incoming::Numbers(name);
            }
        }
    }

    /// Takes a piece of a list, or its end; `false`: more octets are needed.
    fn take_numbers(&mut self, words: &'static str) -> bool {
        let unread = self.window.unread();
        let front = &unread[..unread.len().min(PIECE)];
        let (piece, is_last) = match self.framer.next(front) {
            Frame::Whole { octets } => (Some(octets), true),
            Frame::Fault { .. } => return false,
            Frame::Incomplete if unread.len() <= PIECE => return false,
            Frame::Incomplete => (cut(front), false),
            Frame::Literal { .. } => (None, false),
        };
        let Some(piece) = piece else {
            self.fail(Error::Syntax(SyntaxError::new(0, "numbers")));
            return true;
        };
        let numbers = unread[..piece].trim_ascii_end();
        let numbers = numbers.strip_suffix(b",").unwrap_or(numbers);
        let space: &[u8] = if numbers.is_empty() { b"" } else { b" " };
        let unit = [words.trim_end().as_bytes(), space, numbers, b"\r\n"].concat();
        self.window.consume(piece);
        if is_last {
            self.incoming = Incoming::Unit;
            self.framer.begin();
        } else {
            self.framer.shift(piece);
        }
        match Response::read(&mut Reader::new(&unit, self.reading())) {
            Ok(response) => self.heard(response.into_static()),
            Err(why) => {
                let invalid = InvalidResponse::new(&unit, why);
                self.events.push_back(Event::Invalid(Box::new(invalid)));
            }
        }
        true
    }
}

/// Where a list is cut: in front of its last number, since `(MODSEQ 7)` may follow, which belongs to the end and stands behind a number.
fn cut(line: &[u8]) -> Option<usize> {
    let numbers = memchr::memchr(b'(', line).map_or(line, |at| &line[..at]);
    let separates = |octet: &u8| matches!(octet, b' ' | b',');
    let last = numbers.iter().rposition(separates)?;
    let before = numbers[..last].iter().rposition(separates).unwrap_or(last);
    Some(before + 1)
}

/// What is there of a FETCH response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// The rest of it.
    Whole,
    /// The rest up to a literal that is to stream, if it is a message's.
    ToLiteral,
    /// Some of it.
    Part,
}

impl Extent {
    const fn of(is_whole: bool, streams: bool) -> Self {
        match (is_whole, streams) {
            (true, _) => Self::Whole,
            (false, true) => Self::ToLiteral,
            (false, false) => Self::Part,
        }
    }
}

/// Items up to the end of the response, or of what is there.
///
/// In a part of a response, an item may only seem to be bad: it may go on behind the literal. It is believed to be when a literal follows that
/// streams, and else read once more with what comes.
fn read_items(
    reader: &mut Reader<'_>,
    mut items: Items,
    extent: Extent,
    events: &mut VecDeque<Event>,
) -> Parse<Understood> {
    let mut doubt = None;
    let mut place = Vec::new();
    loop {
        let start = reader.offset();
        if ends(reader) {
            events.push_back(Event::FetchEnded);
            return Ok(Understood::new(reader.offset(), Outcome::Ended));
        }
        reader.rewind(start);
        let read = match items {
            Items::First => FetchItem::read(&mut place, reader),
            Items::Further => reader.space().and_then(|()| FetchItem::read(&mut place, reader)),
        };
        let item = match read.map(|()| place.pop()) {
            Err(why) if extent == Extent::Whole => return Err(why),
            // What touches the end may go on behind an empty literal.
            Ok(Some(item)) if item.announced().is_none() && !reader.is_at_end() => item,
            Ok(Some(item)) if item.announced().is_some() && extent == Extent::ToLiteral && reader.is_at_end() => {
                let len = item.announced().unwrap_or_default();
                events.push_back(Event::FetchLiteral(Box::new(item.into_static())));
                return Ok(Understood::new(reader.offset(), Outcome::Literal(len)));
            }
            // The item goes on behind what is there.
            _ => {
                let (start, items, told) = doubt.unwrap_or((start, items, events.len()));
                events.truncate(told);
                return Ok(Understood::new(start, Outcome::Partial(items)));
            }
        };
        if extent != Extent::Whole && doubt.is_none() && matches!(item, FetchItem::Invalid { .. }) {
            doubt = Some((start, items, events.len()));
        }
        events.push_back(Event::FetchItem(Box::new(item.into_static())));
        items = Items::Further;
    }
}

impl Understood {
    const fn new(octets: usize, outcome: Outcome) -> Self {
        Self { octets, outcome }
    }
}

/// `")" CRLF`
fn ends(reader: &mut Reader<'_>) -> bool {
    reader.close().and_then(|()| reader.end()).is_ok()
}

/// Octets of a list of numbers that are told at once.
const PIECE: usize = 16 * 1024;
