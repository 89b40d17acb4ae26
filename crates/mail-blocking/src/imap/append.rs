//! APPEND, and other commands whose literal is streamed.

use std::io::{self, Read};
use std::num::NonZeroU32;
use std::ops::Range;

use imap_proto::{
    Append, AppendData, AppendMessage, Code, Command, DateTime, Flag, Mailbox, NumberSet, Payload, SaslResponse,
};
use mail_wire::Upload;

use super::client::{Reply, Said};
use super::{Client, ClientError};
use crate::Transport;

/// Where messages went (RFC 4315 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// UIDVALIDITY of the mailbox.
    pub uid_validity: NonZeroU32,
    /// The UIDs of the messages, in their order.
    pub uids: NumberSet,
}

impl<T: Transport> Client<T> {
    /// APPEND: adds a message of `len` octets, streamed from `message`, whose lines end with CRLF. Returns where it
    /// went, if the server says so. Without a date it is now.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`]. When `message` fails or is shorter than `len`, the session is over; what it has
    /// beyond `len` is not read.
    pub fn append(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        flags: impl Into<Vec<Flag<'static>>>,
        date: Option<DateTime>,
        len: u64,
        message: impl Read,
    ) -> Result<Option<Appended>, ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let data = AppendData::Literal(Payload::Announced(len));
        let announced = AppendMessage {
            flags: flags.into(),
            date,
            ..AppendMessage::new(data)
        };
        let command = Command::Append(Append::new(mailbox, announced));
        let reply = self.run_with(command, message)?;
        Ok(self.appended(reply))
    }

    fn appended(&mut self, reply: Reply) -> Option<Appended> {
        let code = reply.status.code.clone();
        self.sift(reply, Err::<(), _>);
        match code {
            Some(Code::AppendUid { validity, uids }) => Some(Appended {
                uid_validity: validity,
                uids,
            }),
            _ => None,
        }
    }

    /// Gives any command that has announced literals, as REPLACE or an APPEND of several messages: their octets are
    /// read from `source`, one literal behind the other.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    pub fn run_with(&mut self, command: Command<'static>, mut source: impl Read) -> Result<Reply, ClientError> {
        self.submit(command)?;
        let mut piece = Piece::default();
        let mut result = None;
        loop {
            match self.said()? {
                Said::Literal => self.write_some(&mut source, &mut piece)?,
                Said::Data(data) => self.hear(data),
                Said::Invalid(invalid) => self.unreadable(*invalid),
                Said::Done(status) => result = Some(status),
                Said::Challenge(_) | Said::Challenged => {
                    self.driver.machine_mut().respond(&SaslResponse::Cancel)?;
                }
                Said::Idling => {}
            }
            // A literal that was begun is finished although the command was refused: the server counts its octets.
            if self.machine().body_left().is_none()
                && let Some(status) = result.take()
            {
                return self.finish(status);
            }
        }
    }

    /// Writes a piece of the literal that is due, or ends it.
    fn write_some(&mut self, source: &mut impl Read, piece: &mut Piece) -> Result<(), ClientError> {
        let left = self.machine().body_left().unwrap_or(0);
        if left == 0 {
            return Ok(self.driver.machine_mut().finish_body()?);
        }
        if piece.unwritten.is_empty() {
            let read = piece.fill(source, left);
            if let Err(error) = read {
                self.driver.machine_mut().break_off();
                return Err(error.into());
            }
        }
        let octets = &piece.octets[piece.unwritten.clone()];
        piece.unwritten.start += self.driver.machine_mut().write_body(octets)?;
        Ok(())
    }
}

/// Octets of the source on their way.
#[derive(Default)]
struct Piece {
    octets: Vec<u8>,
    unwritten: Range<usize>,
}

impl Piece {
    /// Reads no more than `left` octets.
    fn fill(&mut self, source: &mut impl Read, left: u64) -> io::Result<()> {
        self.octets.resize(PIECE, 0);
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        self.unwritten = 0..source.read(&mut self.octets[..most])?;
        match self.unwritten.is_empty() {
            true => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "less than was announced")),
            false => Ok(()),
        }
    }
}

/// Octets that are read from a source at once.
const PIECE: usize = 16 * 1024;
