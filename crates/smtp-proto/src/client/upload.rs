//! The message on its way out.

use mail_wire::{BareLineEnd, DotWriter, Misuse, Upload};

use super::queue::Awaited;
use super::{Client, Error};
use crate::phase::Action;

/// The message that is being sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    None,
    /// The server waits for it, and the caller has not begun.
    Awaited,
    Open {
        writer: DotWriter,
        announced: Option<u64>,
    },
}

impl Client {
    pub(super) fn has_room_for_body(&self) -> bool {
        !matches!(self.outgoing, Outgoing::None) && self.room() >= MIN_ROOM
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
}

impl Upload for Client {
    /// Opens the message. `len`, if given, is checked when it is finished; DATA announces nothing by itself.
    fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        let Outgoing::Awaited = self.outgoing else {
            return Err(Misuse::NoBodyExpected);
        };
        self.outgoing = Outgoing::Open {
            writer: DotWriter::new(self.config.bare_line_ends),
            announced: len,
        };
        Ok(())
    }

    fn write_body(&mut self, chunk: &[u8]) -> Result<usize, Misuse> {
        let room = self.room();
        let Outgoing::Open { writer, .. } = &mut self.outgoing else {
            return Err(Misuse::NoBodyExpected);
        };
        if self.outbox.is_empty() {
            self.stopwatch.restart();
        }
        writer
            .write(chunk, self.outbox.buffer(), room)
            .map_err(|fault| self.break_off(fault))
    }

    fn finish_body(&mut self) -> Result<(), Misuse> {
        let Outgoing::Open { writer, announced } = &self.outgoing else {
            return Err(Misuse::NoBodyExpected);
        };
        let written = writer.written();
        if let Some(announced) = announced.filter(|&announced| announced != written) {
            return Err(Misuse::BodyLength { announced, written });
        }
        let writer = writer.clone();
        self.outgoing = Outgoing::None;
        writer
            .finish(self.outbox.buffer())
            .map_err(|fault| self.break_off(fault))?;
        self.stopwatch.restart();
        self.in_flight.push_back(Awaited::Message);
        self.submitted = self.submitted.after(Action::Message).unwrap_or(self.submitted);
        Ok(())
    }
}

/// What the encoder needs to make progress.
const MIN_ROOM: usize = 16;
