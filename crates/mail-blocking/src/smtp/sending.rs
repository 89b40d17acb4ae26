//! Messages on their way out.

use std::io::Read;

use mail_wire::{Step, Upload};
use smtp_proto::client::{Envelope, Outcome, Rounds};

use super::client::Course;
use super::{Client, ClientError};
use crate::{Error, Transport};

impl<T: Transport> Client<T> {
    /// Sends a message that is in memory. What its octets need (`SIZE=`, `BODY=`, `SMTPUTF8`) is found out and added to
    /// the envelope.
    ///
    /// The outcome has a result for each recipient: refusals are not errors. Recipients beyond what the server takes at once
    /// get the message in further transactions ([`Rounds`]); when the session ends in one of these, its recipients have no
    /// reply.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Misuse::BareLineEnd`](mail_wire::Misuse::BareLineEnd) for a message with a bare CR or LF where the
    /// [configuration](smtp_proto::client::Config::bare_line_ends) refuses them, and all of
    /// [`transaction`](smtp_proto::Client::transaction) for one that the server cannot take. Otherwise what ends the session:
    /// whether the server has taken the message is then not known.
    pub fn send(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, ClientError> {
        let envelope = envelope.describing(message, self.config.bare_line_ends)?;
        let first = self.send_from(envelope.clone(), message)?;
        let mut rounds = Rounds::new(&envelope, first);
        while let Some(rest) = rounds.rest() {
            let unknown = Outcome::new(rest.recipients().len());
            match self.send_from(rest, message) {
                Ok(outcome) => rounds.record(&outcome),
                // Nothing was sent: they were not tried.
                Err(ClientError::Session(Error::Misuse(_))) => break,
                Err(_) => rounds.record(&unknown),
            }
        }
        Ok(rounds.into_outcome())
    }

    /// Sends a message that is streamed from `source`. The envelope says what is known about it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); also those of `source`: the message is then unfinished, so that the server drops it, and
    /// so must the caller drop the session. The same goes for a bare CR or LF that is found on the way.
    pub fn send_from(&mut self, envelope: Envelope, mut source: impl Read) -> Result<Outcome, ClientError> {
        let mut outcome = Outcome::new(envelope.recipients().len());
        self.machine().transaction(envelope)?;
        self.course = match self.course {
            Course::Unused => Course::First,
            _ => Course::Another,
        };
        let mut piece = Vec::new();
        let mut unsent = 0..0;
        loop {
            match self.driver.step()? {
                Step::Event(event) => outcome.record(&event),
                Step::NeedAnswer => return Ok(outcome),
                Step::NeedBody => {
                    if piece.is_empty() {
                        piece.resize(PIECE, 0);
                        self.machine().begin_body(None)?;
                        self.course = Course::Begun;
                    }
                    if unsent.is_empty() {
                        unsent = 0..source.read(&mut piece)?;
                    }
                    match unsent.len() {
                        0 => self.machine().finish_body()?,
                        _ => unsent.start += self.machine().write_body(&piece[unsent.clone()])?,
                    }
                }
                _ => return Err(Error::Closed.into()),
            }
        }
    }
}

/// Octets that are read from a source at once.
const PIECE: usize = 16 * 1024;
