//! APPEND and REPLACE: their messages stream, so they are read part by part.

use alloc::collections::VecDeque;

use mail_wire::Step;

use super::commands::uid_required;
use super::reading::head;
use super::updates::Moment;
use super::{Destination, Discard, Event, Fault, Incoming, Part, PartData, Question, Refusal, Running, Server, State};
use crate::messages::append::{Append, Replace};
use crate::messages::append_state::{AppendPiece, AppendStart, AppendState, Messages};
use crate::phase::Kind;
use crate::syntax::class::is_tag_char;
use crate::syntax::frame::Announced;
use crate::syntax::reader::{Parse, Reader};
use crate::{CatenatePart, Code, IntoBoundedStatic, Numbering, Payload, Tag};

/// A command whose messages come.
#[derive(Clone, Debug)]
pub(super) struct Appending {
    tag: Tag<'static>,
    name: &'static str,
    kind: Kind,
    destination: Destination,
    state: AppendState,
    /// Parts that were read and not told.
    parts: VecDeque<Part>,
    /// The literal of the last part.
    literal: Option<Announced>,
    /// Whether there is nothing behind the parts.
    ended: bool,
}

impl Appending {
    pub(super) const fn tag(&self) -> &Tag<'static> {
        &self.tag
    }

    /// The head of the command, up to the first message.
    ///
    /// ```text
    /// append  = "APPEND" SP mailbox 1*append-message
    /// replace = "REPLACE" SP seq-number SP mailbox append-message
    /// ```
    fn read_head(reader: &mut Reader<'_>) -> Parse<Self> {
        let tag = Tag::checked(reader.run1(is_tag_char, "a tag")?).into_static();
        reader.space()?;
        let numbering = match reader.accept_text("UID ") {
            true => Numbering::Uid,
            false => Numbering::Sequence,
        };
        let name = reader.keyword();
        let (name, kind, messages) = match name.as_slice() {
            b"REPLACE" => ("REPLACE", Kind::Message, Messages::One),
            _ => ("APPEND", Kind::Account, Messages::Many),
        };
        let destination = match messages {
            Messages::Many => Destination {
                mailbox: Append::read_head(reader)?.into_static(),
                replaces: None,
            },
            Messages::One => {
                let (number, mailbox) = Replace::read_head(reader)?;
                Destination {
                    mailbox: mailbox.into_static(),
                    replaces: Some((numbering, number)),
                }
            }
        };
        Ok(Self {
            tag,
            name,
            kind,
            destination,
            state: AppendState::new(messages),
            parts: VecDeque::new(),
            literal: None,
            ended: false,
        })
    }

    /// All parts that stand whole in a fragment, which ends the command or ends with the announcement of a literal. Returns the octets of them.
    fn read_parts(&mut self, reader: &mut Reader<'_>, announced: Option<Announced>) -> usize {
        let mut understood = reader.offset();
        while !self.ended && self.literal.is_none() && self.read_part(reader).is_ok() {
            understood = reader.offset();
            self.literal = announced.filter(|_| reader.is_at_end());
        }
        understood
    }

    /// The parts of the last fragment.
    fn read_last(&mut self, reader: &mut Reader<'_>) -> Parse<()> {
        while !self.ended {
            self.read_part(reader)?;
        }
        Ok(())
    }

    fn read_part(&mut self, reader: &mut Reader<'_>) -> Parse<()> {
        match self.state.next(reader)? {
            AppendPiece::Message(message) => {
                let data = match message.data {
                    AppendStart::Literal(payload) => PartData::Literal(payload.len()),
                    AppendStart::Literal8(payload) => PartData::Literal8(payload.len()),
                    AppendStart::Utf8(payload) => PartData::Utf8(payload.len()),
                    AppendStart::Catenate => PartData::Catenate,
                    AppendStart::Extension(extension) => PartData::Extension(extension.into_static()),
                };
                self.parts.push_back(Part::Message {
                    destination: self.destination.clone(),
                    flags: message.flags.into_static(),
                    date: message.date,
                    extensions: message.extensions.into_static(),
                    data,
                });
            }
            AppendPiece::Part(part) => self.parts.push_back(told(part)),
            AppendPiece::CatenateEnd => {}
            AppendPiece::End => self.ended = true,
        }
        Ok(())
    }
}

fn told(part: CatenatePart<'_>) -> Part {
    let len = |payload: &Payload<'_>| payload.len();
    match part {
        CatenatePart::Url(url) => Part::Url(url.into_static()),
        CatenatePart::Text(payload) | CatenatePart::Utf8(payload) => Part::Text(len(&payload)),
    }
}

impl Server {
    /// Streams the literal behind the first `octets` if it is a message, or a text of CATENATE. Otherwise it is to be held, behind as many octets as
    /// are returned: what is understood of the command is taken, so that no octet is read again for each literal (docs/threats.md row 12).
    pub(super) fn stream(&mut self, octets: usize, announced: Announced) -> Option<usize> {
        let Some(mut appending) = self.appending(octets) else {
            return Some(octets);
        };
        let reading = self.enabled.reading(self.config.reading);
        let mut reader = Reader::new(&self.window.unread()[..octets], reading);
        if matches!(self.state, State::Command) && Appending::read_head(&mut reader).is_err() {
            return Some(octets);
        }
        let understood = appending.read_parts(&mut reader, Some(announced));
        if appending.literal.is_none() {
            let too_many = self.framer.held() >= LITERALS;
            if too_many && appending.parts.is_empty() {
                let refusal = Refusal::fixed("too many literals").with_code(Code::TooBig);
                self.refuse_literal(octets, announced, Ok(refusal));
                return None;
            }
            return Some(self.keep(octets, understood, appending));
        }
        if self.is_numbered(&appending) {
            self.refuse_literal(octets, announced, Ok(uid_required()));
            return None;
        }
        if announced.len > self.config.limits.message {
            let refusal = Refusal::fixed("the message is too big").with_code(Code::TooBig);
            self.refuse_literal(octets, announced, Ok(refusal));
            return None;
        }
        self.window.consume(octets);
        self.framer.stream();
        self.state = State::Appending(appending);
        None
    }

    /// Takes the parts that are whole; returns how many of `octets` are left.
    fn keep(&mut self, octets: usize, understood: usize, appending: Appending) -> usize {
        if appending.parts.is_empty() || self.is_numbered(&appending) {
            return octets;
        }
        self.window.consume(understood);
        self.framer.shift(understood);
        self.state = State::Appending(appending);
        octets - understood
    }

    /// Whether it speaks of a sequence number where there are none any more (RFC 9586 §3).
    fn is_numbered(&self, appending: &Appending) -> bool {
        let numbered = matches!(appending.destination.replaces, Some((Numbering::Sequence, _)));
        self.enabled.uid_only && numbered
    }

    /// The command at the front of the window, if its messages stream.
    fn appending(&self, octets: usize) -> Option<Appending> {
        match &self.state {
            State::Appending(appending) => Some(appending.clone()),
            State::Command => {
                let unread = &self.window.unread()[..octets];
                let (_, name) = head(unread)?;
                let is_append = super::reading::is_append(name.as_slice());
                let reading = self.enabled.reading(self.config.reading);
                is_append.then(|| Appending::read_head(&mut Reader::new(unread, reading)).ok())?
            }
            _ => None,
        }
    }

    /// The command's last fragment (perhaps its only one) is whole.
    pub(super) fn append_rest(&mut self, octets: usize) -> Option<Event> {
        let reading = self.enabled.reading(self.config.reading);
        let mut reader = Reader::new(&self.window.unread()[..octets], reading);
        let read = match &self.state {
            State::Appending(appending) => Ok(appending.clone()),
            _ => Appending::read_head(&mut reader),
        };
        let read = read.and_then(|mut appending| appending.read_last(&mut reader).map(|()| appending));
        let tag = self.tag();
        let was_begun = matches!(self.state, State::Appending(_));
        self.window.consume(octets);
        self.framer.begin();
        self.watch.restart();
        self.state = State::Command;
        match read {
            Ok(appending) if !was_begun && self.is_numbered(&appending) => {
                self.refused(&appending.tag, uid_required(), Moment::NumbersStand);
                None
            }
            Ok(appending) => match self.phase.allows(appending.kind) {
                Ok(()) => {
                    self.state = State::Appending(appending);
                    None
                }
                Err(error) => {
                    self.bad(tag.as_ref(), Fault::OutOfSequence(error));
                    None
                }
            },
            Err(error) => {
                self.bad(tag.as_ref(), Fault::Syntax(error));
                was_begun.then_some(Event::AppendAborted)
            }
        }
    }

    /// Tells the next part, or that there is none left.
    pub(super) fn next_part(&mut self) -> Option<Event> {
        let State::Appending(appending) = &mut self.state else {
            return None;
        };
        let part = appending.parts.pop_front();
        if part.is_none() && !appending.ended {
            return None;
        }
        let State::Appending(appending) = core::mem::replace(&mut self.state, State::Command) else {
            return None;
        };
        let tag = appending.tag.clone();
        self.errors = 0;
        let (event, question) = match part {
            Some(part) => (
                Event::Append(self.asking.open(), part.into()),
                Question::Receive(appending),
            ),
            None => (
                Event::Appended(self.asking.open()),
                Self::executing(appending.name, appending.kind),
            ),
        };
        self.state = State::Asked(Running { tag, question });
        Some(event)
    }

    pub(super) fn append_accepted(&mut self, mut appending: Appending) {
        let literal = if appending.parts.is_empty() {
            appending.literal.take()
        } else {
            None
        };
        self.state = match literal {
            None => State::Appending(appending),
            Some(Announced { len, synchronizing }) => {
                if synchronizing {
                    self.go_ahead(b"send it");
                }
                let incoming = if len == 0 { Incoming::End } else { Incoming::Octets(len) };
                State::Receiving(appending, incoming)
            }
        };
    }

    pub(super) fn append_refused(&mut self, appending: Appending, tag: Tag<'static>, refusal: Refusal) {
        match appending.literal {
            Some(Announced {
                len,
                synchronizing: false,
            }) => self.begin_discard(tag, refusal, len),
            // A literal that is held, and the rest of the command, are still to come.
            None if !appending.ended => {
                self.state = State::Discarding(Discard {
                    left: 0,
                    tag,
                    refusal,
                    total: 0,
                });
            }
            _ => {
                self.framer.begin();
                self.refused(&tag, refusal, Moment::Any);
                self.part_if_idle();
            }
        }
    }

    /// A message streams in.
    pub(super) fn receive_message(&mut self) -> Option<Step<Event>> {
        if !self.window.unread().is_empty() {
            return Some(Step::Body);
        }
        if self.window.is_closed() {
            if let State::Receiving(_, incoming) = &mut self.state {
                *incoming = Incoming::Aborted;
            }
            return None;
        }
        Some(Step::NeedInput)
    }

    /// The application has read the message.
    pub(super) fn end_message(&mut self) {
        match core::mem::replace(&mut self.state, State::Command) {
            State::Receiving(appending, Incoming::End) => {
                self.watch.restart();
                self.state = State::Appending(appending);
            }
            State::Receiving(_, Incoming::Aborted) => self.close(),
            other => self.state = other,
        }
    }
}

/// Literals that may be held for one message's flags, annotations and the like: each makes the machine look at all of them again.
const LITERALS: usize = 100;
