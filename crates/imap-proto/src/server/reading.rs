//! From octets to commands: framing, literals, and which of them are refused before they come.

use mail_wire::Step;

use super::commands::not_private;
use super::updates::Moment;
use super::{Discard, Error, Event, Fault, Refusal, Server, State};
use crate::phase::Kind;
use crate::syntax::class::is_tag_char;
use crate::syntax::frame::{Announced, Frame};
use crate::syntax::reader::{Keyword, Reader};
use crate::{Code, Command, SaslResponse, SyntaxError, Tag, TaggedCommand};

impl Server {
    /// Waits for octets, then obeys one command, or one line of an exchange.
    pub(super) fn serve(&mut self) -> Option<Step<Event>> {
        if let Some(event) = self.next_part() {
            return Some(Step::Event(event));
        }
        if let State::Discarding(_) = self.state {
            self.discard();
            if matches!(self.state, State::Discarding(Discard { left: 1.., .. })) {
                return self.want_input();
            }
        }
        let frame = self.framer.next(self.window.unread());
        let limit = self.config.limits.command(self.phase.is_authenticated());
        if matches!(frame, Frame::Whole { .. } | Frame::Literal { .. } | Frame::Fault { .. }) {
            self.note_command();
        }
        let known = self.framer.known().min(self.window.unread().len());
        match frame {
            Frame::Incomplete if known > limit => self.command_too_long(limit),
            Frame::Incomplete => return self.want_input(),
            Frame::Fault { octets, why } => return self.void(octets, Fault::Line(why)).map(Step::Event),
            Frame::Literal { octets, .. } | Frame::Whole { octets } if octets > limit => self.command_too_long(limit),
            Frame::Literal { octets, .. } if matches!(self.state, State::Sasl(_) | State::Idle(_)) => {
                let fault = Fault::Syntax(SyntaxError::new(0, "a line without a literal"));
                return self.void(octets, fault).map(Step::Event);
            }
            Frame::Literal { octets, announced } => {
                let was_begun = matches!(self.state, State::Appending(_));
                self.literal(octets, announced, limit);
                if was_begun && !matches!(self.state, State::Appending(_)) {
                    return Some(Step::Event(Event::AppendAborted));
                }
            }
            Frame::Whole { octets } => return self.whole(octets).map(Step::Event),
        }
        None
    }

    fn want_input(&mut self) -> Option<Step<Event>> {
        if self.window.is_closed() {
            self.close();
            return None;
        }
        self.window.relax();
        Some(Step::NeedInput)
    }

    /// The line that ends the first `octets` voids the command that it belongs to, whatever that was doing.
    fn void(&mut self, octets: usize, fault: Fault) -> Option<Event> {
        let tag = self.tag();
        self.take(octets);
        self.watch.restart();
        let event = match core::mem::replace(&mut self.state, State::Command) {
            State::Idle(_) => Some(Event::IdleEnded),
            State::Sasl(_) => Some(Event::SaslCancelled),
            State::Appending(_) => Some(Event::AppendAborted),
            _ => None,
        };
        self.bad(tag.as_ref(), fault);
        self.part_if_idle();
        event
    }

    fn command_too_long(&mut self, limit: usize) {
        self.fail(Error::CommandTooLong { limit });
    }

    /// The first `octets` are done with.
    fn take(&mut self, octets: usize) {
        self.window.consume(octets);
        self.framer.begin();
    }

    /// The tag of the command at the front of the window, when it has one, be it that nothing follows it.
    pub(super) fn tag(&self) -> Option<Tag<'static>> {
        if !matches!(self.state, State::Command) {
            return self.pending_tag();
        }
        let mut reader = Reader::new(self.window.unread(), crate::Reading::STRICT);
        let tag = reader.run1(is_tag_char, "a tag").ok()?;
        let is_whole = matches!(reader.peek(), Some(b' ' | b'\r' | b'\n'));
        is_whole.then(|| crate::IntoBoundedStatic::into_static(Tag::checked(tag)))
    }

    /// A whole command, or a whole line where an exchange goes on.
    fn whole(&mut self, octets: usize) -> Option<Event> {
        match &self.state {
            State::Sasl(_) => self.sasl_line(octets),
            State::Idle(_) => self.idle_line(octets),
            State::Appending(_) => self.append_rest(octets),
            State::Discarding(_) => {
                self.take(octets);
                if let State::Discarding(Discard { tag, refusal, .. }) =
                    core::mem::replace(&mut self.state, State::Command)
                {
                    self.refused(&tag, refusal, Moment::NumbersStand);
                    self.part_if_idle();
                }
                None
            }
            _ if self.is_append() => self.append_rest(octets),
            _ => self.command_line(octets),
        }
    }

    fn command_line(&mut self, octets: usize) -> Option<Event> {
        let reading = self.enabled.reading(self.config.reading);
        let line = &self.window.unread()[..octets];
        let result = match TaggedCommand::read(&mut Reader::new(line, reading)) {
            Ok(command) => Ok(crate::IntoBoundedStatic::into_static(command)),
            Err(error) => Err((self.tag(), error)),
        };
        self.take(octets);
        self.watch.restart();
        match result {
            Ok(command) => self.obey(command),
            Err((tag, error)) => {
                self.bad(tag.as_ref(), Fault::Syntax(error));
                None
            }
        }
    }

    /// A literal is announced: it is held, streams, or is refused.
    fn literal(&mut self, octets: usize, announced: Announced, limit: usize) {
        match &self.state {
            State::Discarding(_) => return self.discard_more(octets, announced),
            State::Command => {
                if let Some(why) = self.illegal() {
                    return self.refuse_literal(octets, announced, why);
                }
            }
            _ => {}
        }
        let Some(octets) = self.stream(octets, announced) else {
            return;
        };
        let total = (octets as u64).saturating_add(announced.len);
        if total > limit as u64 {
            let refusal = Refusal::fixed("the command is too long").with_code(Code::TooBig);
            return self.refuse_literal(octets, announced, Ok(refusal));
        }
        if announced.synchronizing {
            self.go_ahead(b"go ahead");
        }
        self.framer.hold(octets, announced.len as usize);
    }

    /// What speaks against the command at the front, before its literals are asked for.
    fn illegal(&self) -> Option<Result<Refusal, Fault>> {
        let (_, name) = head(self.window.unread())?;
        if Command::is_unknown(name.as_slice()) {
            return Some(Err(Fault::Unknown));
        }
        let kind = Kind::of(name.as_slice());
        if let Err(error) = self.phase.allows(kind) {
            return Some(Err(Fault::OutOfSequence(error)));
        }
        // A password that is not asked for is not heard by others either.
        (kind == Kind::Authenticate && self.must_be_private()).then(|| Ok(not_private()))
    }

    /// A literal that is not wanted. One that waits never comes; one that does not is read past, up to the limit.
    pub(super) fn refuse_literal(&mut self, octets: usize, announced: Announced, why: Result<Refusal, Fault>) {
        let tag = self.tag();
        self.take(octets);
        self.state = State::Command;
        if announced.synchronizing {
            match (why, tag) {
                (Ok(refusal), Some(tag)) => self.refused(&tag, refusal, Moment::NumbersStand),
                (Ok(_), None) => self.bad(None, Fault::Unknown),
                (Err(fault), tag) => self.bad(tag.as_ref(), fault),
            }
            return self.part_if_idle();
        }
        let refusal = why.or_else(|fault| Refusal::bad(&alloc::format!("{fault}")));
        let (Ok(refusal), Some(tag)) = (refusal, tag) else {
            return self.fail(Error::LiteralTooLong { limit: 0 });
        };
        self.begin_discard(tag, refusal, announced.len);
    }

    /// Reads past `len` octets and the rest of the command, then refuses it.
    pub(super) fn begin_discard(&mut self, tag: Tag<'static>, refusal: Refusal, len: u64) {
        let limit = self.config.limits.message;
        if len > limit {
            return self.fail(Error::LiteralTooLong { limit });
        }
        self.framer.stream();
        self.state = State::Discarding(Discard {
            left: len,
            tag,
            refusal,
            total: len,
        });
    }

    fn discard(&mut self) {
        let State::Discarding(discard) = &mut self.state else {
            return;
        };
        let n = self
            .window
            .unread()
            .len()
            .min(usize::try_from(discard.left).unwrap_or(usize::MAX));
        discard.left -= n as u64;
        self.window.consume(n);
        self.watch.progress(n, self.config.timeouts.progress);
    }

    /// Another literal in a command that is refused already.
    fn discard_more(&mut self, octets: usize, announced: Announced) {
        self.take(octets);
        let State::Discarding(Discard {
            tag, refusal, total, ..
        }) = core::mem::replace(&mut self.state, State::Command)
        else {
            return;
        };
        if announced.synchronizing {
            return self.refused(&tag, refusal, Moment::NumbersStand);
        }
        let limit = self.config.limits.message;
        let total = total.saturating_add(announced.len);
        if total > limit {
            return self.fail(Error::LiteralTooLong { limit });
        }
        self.framer.stream();
        self.state = State::Discarding(Discard {
            left: announced.len,
            tag,
            refusal,
            total,
        });
    }

    fn sasl_line(&mut self, octets: usize) -> Option<Event> {
        let response = SaslResponse::parse(&self.window.unread()[..octets]);
        self.take(octets);
        self.watch.restart();
        let State::Sasl(tag) = core::mem::replace(&mut self.state, State::Command) else {
            return None;
        };
        match response {
            Ok(SaslResponse::Data(data)) => Some(Event::SaslResponse(self.ask_sasl(tag), data)),
            Ok(SaslResponse::Cancel) => {
                let refusal = Refusal::bad("authentication cancelled").ok()?;
                self.refused(&tag, refusal, Moment::NumbersStand);
                self.part_if_idle();
                Some(Event::SaslCancelled)
            }
            Err(error) => {
                self.bad(Some(&tag), Fault::Syntax(error));
                Some(Event::SaslCancelled)
            }
        }
    }

    /// `DONE`, or a client that forgot it.
    fn idle_line(&mut self, octets: usize) -> Option<Event> {
        let is_done = self.window.unread()[..octets].eq_ignore_ascii_case(b"DONE\r\n");
        self.take(octets);
        self.watch.restart();
        let State::Idle(tag) = core::mem::replace(&mut self.state, State::Command) else {
            return None;
        };
        match is_done {
            true => {
                self.errors = 0;
                self.ok(&tag, None, "IDLE completed", Moment::Any);
            }
            false => self.bad(Some(&tag), Fault::Syntax(SyntaxError::new(0, "DONE"))),
        }
        self.part_if_idle();
        Some(Event::IdleEnded)
    }

    /// Whether the command at the front is one whose messages stream.
    fn is_append(&self) -> bool {
        matches!(self.state, State::Command)
            && head(self.window.unread()).is_some_and(|(_, name)| is_append(name.as_slice()))
    }
}

/// The tag and the name of a command; of a `UID` command, the name behind it.
pub(super) fn head(unread: &[u8]) -> Option<(Tag<'_>, Keyword)> {
    let mut reader = Reader::new(unread, crate::Reading::STRICT);
    let tag = Tag::checked(reader.run1(is_tag_char, "a tag").ok()?);
    reader.space().ok()?;
    let name = reader.keyword();
    if name.as_slice() == b"UID" && reader.accept(b' ') {
        return Some((tag, reader.keyword()));
    }
    Some((tag, name))
}

pub(super) fn is_append(name: &[u8]) -> bool {
    matches!(name, b"APPEND" | b"REPLACE")
}
