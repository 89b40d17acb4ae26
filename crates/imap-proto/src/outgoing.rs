//! Output that has to pause: for the peer's go-ahead, or for a literal that the caller writes.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use mail_wire::{Misuse, Outbox};

use crate::{Pause, Until};

/// What was encoded and cannot be written yet, behind its pauses. Idle when there is nothing.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// Octets behind the first pause.
    rest: Vec<u8>,
    /// Octets of the encoded unit in front of `rest`.
    written: usize,
    pauses: VecDeque<Pause>,
    body: Option<Body>,
}

/// A literal that the caller writes.
#[derive(Clone, Copy, Debug)]
struct Body {
    announced: u64,
    written: u64,
}

/// What the output waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    Nothing,
    GoAhead,
    Body,
}

impl Outgoing {
    /// Takes a unit that was encoded at the end of the outbox, beginning at `start` of its buffer: what stands behind the first pause
    /// is taken back.
    pub(crate) fn begin(&mut self, outbox: &mut Outbox, start: usize, pauses: Vec<Pause>) {
        let Some(first) = pauses.first() else { return };
        self.written = first.offset;
        self.rest = outbox.buffer().split_off(start + first.offset);
        self.pauses = pauses.into();
        self.open_body();
    }

    pub(crate) fn waits(&self) -> Waits {
        match self.pauses.front() {
            None => Waits::Nothing,
            Some(Pause {
                until: Until::GoAhead, ..
            }) => Waits::GoAhead,
            Some(Pause {
                until: Until::Body(_), ..
            }) => Waits::Body,
        }
    }

    /// The peer said `+`.
    pub(crate) fn go_ahead(&mut self, outbox: &mut Outbox) {
        if self.waits() == Waits::GoAhead {
            self.pass(outbox);
        }
    }

    /// The peer has refused the unit. A literal that it does not wait for is not sent; one that was begun is, since the peer counts its octets,
    /// and nothing behind it but the end of the line.
    pub(crate) fn cut_short(&mut self) {
        match self.waits() {
            Waits::Nothing => {}
            Waits::GoAhead => self.abandon(),
            Waits::Body => {
                self.pauses.truncate(1);
                self.rest.clear();
                self.rest.extend_from_slice(b"\r\n");
            }
        }
    }

    /// What is left will not be written.
    pub(crate) fn abandon(&mut self) {
        *self = Self::default();
    }

    /// # Errors
    ///
    /// [`Misuse`] when no body is due, or one of another length.
    pub(crate) fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        let Body { announced, written } = self.body.ok_or(Misuse::NoBodyExpected)?;
        match len {
            Some(len) if len != announced || written > 0 => Err(Misuse::BodyLength {
                announced,
                written: len,
            }),
            _ => Ok(()),
        }
    }

    /// Octets that are still to be written.
    pub(crate) fn body_left(&self) -> Option<u64> {
        self.body.map(|body| body.announced - body.written)
    }

    /// # Errors
    ///
    /// [`Misuse`] when no body is due, or the chunk is longer than what is left.
    pub(crate) fn write_body(&mut self, chunk: &[u8], room: usize, outbox: &mut Outbox) -> Result<usize, Misuse> {
        let body = self.body.as_mut().ok_or(Misuse::NoBodyExpected)?;
        let written = body.written + chunk.len() as u64;
        if written > body.announced {
            return Err(Misuse::BodyLength {
                announced: body.announced,
                written,
            });
        }
        let n = chunk.len().min(room);
        outbox.push(&chunk[..n]);
        body.written += n as u64;
        Ok(n)
    }

    /// # Errors
    ///
    /// [`Misuse`] when no body is due, or it is too short.
    pub(crate) fn finish_body(&mut self, outbox: &mut Outbox) -> Result<(), Misuse> {
        let Body { announced, written } = self.body.ok_or(Misuse::NoBodyExpected)?;
        if written != announced {
            return Err(Misuse::BodyLength { announced, written });
        }
        self.body = None;
        self.pass(outbox);
        Ok(())
    }

    /// The first pause is over: writes up to the next.
    fn pass(&mut self, outbox: &mut Outbox) {
        self.pauses.pop_front();
        let end = self
            .pauses
            .front()
            .map_or(self.rest.len(), |next| next.offset - self.written);
        outbox.push(&self.rest[..end]);
        self.rest.drain(..end);
        self.written += end;
        self.open_body();
    }

    fn open_body(&mut self) {
        if let Some(Pause {
            until: Until::Body(announced),
            ..
        }) = self.pauses.front()
        {
            self.body = Some(Body {
                announced: *announced,
                written: 0,
            });
        }
    }
}
