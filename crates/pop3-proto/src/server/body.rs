//! A message on its way out: the application writes it, the machine cuts, dot-stuffs and ends it.

use mail_wire::{BareLineEnds, DotWriter, Misuse, Outbox, Upload};

use super::top::TopCutter;
use super::{Server, State};

/// How much of a message is sent.
#[derive(Debug)]
pub(super) enum Extent {
    Whole,
    Top(TopCutter),
}

/// A message that is being written.
#[derive(Debug)]
pub(super) struct Body {
    writer: DotWriter,
    extent: Extent,
    /// The length that the application announced.
    announced: Option<u64>,
}

/// Messages go out dot-stuffed, and a bare CR or LF in one becomes CRLF: what lies in a maildrop came from everywhere.
impl Upload for Server {
    /// Where the whole message goes out, `len` is compared with what is written. The size that `+OK` announced is the
    /// listing's in any case.
    fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        self.state = match core::mem::replace(&mut self.state, State::Command) {
            State::BodyDue(extent) => State::Body(Body {
                writer: DotWriter::new(BareLineEnds::Allow),
                announced: len.filter(|_| matches!(extent, Extent::Whole)),
                extent,
            }),
            other => {
                self.state = other;
                return Err(Misuse::NoBodyExpected);
            }
        };
        Ok(())
    }

    fn write_body(&mut self, chunk: &[u8]) -> Result<usize, Misuse> {
        let room = self.room().saturating_sub(END);
        let State::Body(body) = &mut self.state else {
            return Err(Misuse::NoBodyExpected);
        };
        if self.outbox.is_empty() {
            self.watch.restart();
        }
        body.write(chunk, &mut self.outbox, room)
    }

    fn finish_body(&mut self) -> Result<(), Misuse> {
        let State::Body(body) = &self.state else {
            return Err(Misuse::NoBodyExpected);
        };
        body.announced.map_or(Ok(()), |announced| {
            let written = body.writer.written();
            if written == announced {
                Ok(())
            } else {
                Err(Misuse::BodyLength { announced, written })
            }
        })?;
        if let State::Body(body) = core::mem::replace(&mut self.state, State::Command) {
            body.finish(&mut self.outbox)?;
        }
        self.watch.restart();
        Ok(())
    }
}

impl Body {
    /// Whether more of the message will be sent.
    pub(super) const fn wants_more(&self) -> bool {
        match &self.extent {
            Extent::Whole => true,
            Extent::Top(cutter) => !cutter.is_done(),
        }
    }

    fn write(&mut self, chunk: &[u8], outbox: &mut Outbox, room: usize) -> Result<usize, Misuse> {
        let written = self.writer.written().saturating_add(chunk.len() as u64);
        if let Some(announced) = self.announced.filter(|&announced| written > announced) {
            return Err(Misuse::BodyLength { announced, written });
        }
        // No more than fits is looked at, so that nothing is looked at more than twice.
        let piece = &chunk[..chunk.len().min(room)];
        let wanted = match &self.extent {
            Extent::Whole => piece.len(),
            Extent::Top(cutter) => cutter.clone().walk(piece),
        };
        let taken = self
            .writer
            .write(&piece[..wanted], outbox.buffer(), room)
            .map_err(|bare| Misuse::BareLineEnd { offset: bare.offset })?;
        if let Extent::Top(cutter) = &mut self.extent {
            cutter.walk(&piece[..taken]);
            if cutter.is_done() {
                return Ok(chunk.len());
            }
        }
        Ok(taken)
    }

    fn finish(self, outbox: &mut Outbox) -> Result<(), Misuse> {
        self.writer
            .finish(outbox.buffer())
            .map_err(|bare| Misuse::BareLineEnd { offset: bare.offset })
    }
}

/// The octets that end a body at most: an open line's end, and the dot's line.
const END: usize = 7;
