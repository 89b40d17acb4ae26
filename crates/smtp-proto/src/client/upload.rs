//! The message on its way out.

use alloc::vec::Vec;

use mail_wire::{BareLineEnd, DotWriter, Misuse, Upload};

use super::lines::{Form, LineWriter};
use super::queue::{Awaited, Request};
use super::{Client, Error, Protocol};
use crate::phase::Action;
use crate::{Bdat, Command};

/// The message that is being sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    None,
    /// The server has said 354, and the caller has not begun.
    Dots,
    /// The recipients are answered, and the caller has not begun.
    Chunks(Form),
    Open {
        writer: Writer,
        announced: Option<u64>,
    },
    /// The caller has finished, and the last chunk waits for its turn.
    Ending(Vec<u8>),
    /// The server has refused a chunk: whatever the caller still writes goes nowhere.
    Dropped,
}

#[derive(Debug)]
pub(super) enum Writer {
    Dots(DotWriter),
    /// Octets gather until a chunk is full: its length goes in front of it.
    Chunks {
        lines: LineWriter,
        chunk: Vec<u8>,
    },
}

impl Writer {
    const fn written(&self) -> u64 {
        match self {
            Self::Dots(dots) => dots.written(),
            Self::Chunks { lines, .. } => lines.written(),
        }
    }
}

impl Outgoing {
    /// Whether something of a message is still to be sent.
    pub(super) const fn is_open(&self) -> bool {
        !matches!(self, Self::None | Self::Dropped)
    }
}

impl Client {
    pub(super) fn has_room_for_body(&self) -> bool {
        match &self.outgoing {
            Outgoing::None | Outgoing::Ending(_) | Outgoing::Dropped => false,
            Outgoing::Dots
            | Outgoing::Open {
                writer: Writer::Dots(_),
                ..
            } => self.room() >= MIN_ROOM,
            Outgoing::Chunks(_) | Outgoing::Open { .. } => self.may_send_chunk(),
        }
    }

    /// Whether there is room for a chunk, and it may go now. In LMTP each waits for the reply to the one before: how many
    /// replies a last chunk has behind a refused one, no RFC says.
    fn may_send_chunk(&self) -> bool {
        let pipelined = self.may_pipeline() && self.config.protocol == Protocol::Smtp;
        let allowed = self.in_flight.is_empty() || (pipelined && self.in_flight.len() < self.config.limits.in_flight);
        allowed && self.outbox.len() < self.config.limits.output
    }

    fn room(&self) -> usize {
        self.config
            .limits
            .output
            .max(MIN_ROOM)
            .saturating_sub(self.outbox.len())
    }

    /// The message cannot be sent as it is: what was written of it must not look like a whole one.
    fn break_off(&mut self, fault: BareLineEnd) -> Misuse {
        let offset = fault.offset;
        self.fail(Error::BareLineEnd { offset });
        Misuse::BareLineEnd { offset }
    }

    /// Takes as much as there may be chunks for.
    fn write_chunks(&mut self, input: &[u8]) -> Result<usize, Misuse> {
        let limit = self.config.limits.chunk.max(1);
        let mut taken = 0;
        while taken < input.len() && self.may_send_chunk() {
            let Outgoing::Open {
                writer: Writer::Chunks { lines, chunk },
                ..
            } = &mut self.outgoing
            else {
                break;
            };
            let n = limit.saturating_sub(chunk.len()).clamp(1, input.len() - taken);
            if let Err(fault) = lines.write(&input[taken..taken + n], chunk) {
                return Err(self.break_off(fault));
            }
            taken += n;
            if chunk.len() >= limit {
                let mut full = core::mem::take(chunk);
                self.send_chunk(&full, Awaited::Chunk);
                full.clear();
                self.keep_buffer(full);
            }
        }
        Ok(taken)
    }

    fn send_chunk(&mut self, octets: &[u8], awaited: Awaited) {
        let bdat = Bdat {
            size: octets.len() as u64,
            last: awaited == Awaited::LastChunk,
        };
        self.send(Some(&Command::Bdat(bdat)), awaited);
        self.outbox.push(octets);
    }

    /// What held a chunk holds the next.
    fn keep_buffer(&mut self, buffer: Vec<u8>) {
        if let Outgoing::Open {
            writer: Writer::Chunks { chunk, .. },
            ..
        } = &mut self.outgoing
        {
            *chunk = buffer;
        }
    }

    /// The last chunk, when its turn has come.
    pub(super) fn write_last_chunk(&mut self) {
        if let Outgoing::Ending(octets) = &mut self.outgoing {
            let octets = core::mem::take(octets);
            if self.may_send_chunk() {
                self.outgoing = Outgoing::None;
                self.send_chunk(&octets, Awaited::LastChunk);
            } else {
                self.outgoing = Outgoing::Ending(octets);
            }
        }
    }

    /// A chunk was refused: no more are sent, and RSET clears what the server has of the message (RFC 3030 §2).
    pub(super) fn drop_message(&mut self) {
        if !matches!(self.outgoing, Outgoing::Dropped) {
            self.outgoing = Outgoing::Dropped;
            self.queue.push_front(Request::Line(Command::Rset, Awaited::Clearing));
        }
    }

    /// The message's last octets: the end of its last line, and its end.
    fn write_end(&mut self) -> Result<(), BareLineEnd> {
        match &mut self.outgoing {
            Outgoing::Open {
                writer: Writer::Dots(dots),
                ..
            } => {
                dots.clone().finish(self.outbox.buffer())?;
                self.outgoing = Outgoing::None;
                self.await_message();
            }
            Outgoing::Open {
                writer: Writer::Chunks { lines, chunk },
                ..
            } => {
                lines.finish(chunk)?;
                self.outgoing = Outgoing::Ending(core::mem::take(chunk));
                self.write_last_chunk();
            }
            _ => {}
        }
        Ok(())
    }

    /// The replies to a message's end: one, or in LMTP one for each recipient that was accepted (RFC 2033 §4.2).
    pub(super) fn await_message(&mut self) {
        self.stopwatch.restart();
        match self.config.protocol {
            Protocol::Smtp => self.in_flight.push_back(Awaited::Message),
            Protocol::Lmtp => self.in_flight.extend(self.accepted.drain(..).map(Awaited::Delivery)),
        }
    }
}

impl Upload for Client {
    /// Opens the message. `len`, if given, is checked when it is finished; neither DATA nor BDAT announces it.
    fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        let writer = match self.outgoing {
            Outgoing::Dots => Writer::Dots(DotWriter::new(self.config.bare_line_ends)),
            Outgoing::Chunks(form) => Writer::Chunks {
                lines: LineWriter::new(form),
                chunk: Vec::new(),
            },
            _ => return Err(Misuse::NoBodyExpected),
        };
        let announced = len;
        self.outgoing = Outgoing::Open { writer, announced };
        Ok(())
    }

    /// A message of which the server has refused a chunk is taken, and goes nowhere.
    fn write_body(&mut self, chunk: &[u8]) -> Result<usize, Misuse> {
        let room = self.room();
        if self.outbox.is_empty() && self.in_flight.is_empty() {
            self.stopwatch.restart();
        }
        match &mut self.outgoing {
            Outgoing::Open {
                writer: Writer::Chunks { .. },
                ..
            } => self.write_chunks(chunk),
            Outgoing::Open {
                writer: Writer::Dots(dots),
                ..
            } => dots
                .write(chunk, self.outbox.buffer(), room)
                .map_err(|fault| self.break_off(fault)),
            Outgoing::Dropped => Ok(chunk.len()),
            _ => Err(Misuse::NoBodyExpected),
        }
    }

    fn finish_body(&mut self) -> Result<(), Misuse> {
        let (writer, announced) = match &self.outgoing {
            Outgoing::Open { writer, announced } => (writer, announced),
            Outgoing::Dropped => return Ok(()),
            _ => return Err(Misuse::NoBodyExpected),
        };
        let written = writer.written();
        if let Some(announced) = announced.filter(|&announced| announced != written) {
            return Err(Misuse::BodyLength { announced, written });
        }
        self.write_end().map_err(|fault| self.break_off(fault))?;
        self.submitted = self.submitted.after(Action::Message).unwrap_or(self.submitted);
        Ok(())
    }
}

/// What the encoder needs to make progress.
const MIN_ROOM: usize = 16;
