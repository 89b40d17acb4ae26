//! What lies between a machine and its transport.

use std::io;
use std::time::Duration;

use mail_wire::Deflate;

use crate::{Interest, Ready, Transport};

/// The layers in the order that RFC 4978 §3 demands, whichever came first: octets that are written are compressed, then
/// go to the transport, and octets that are read come back that way. A layer of encryption is the transport's place.
#[derive(Debug)]
pub(crate) struct Layers<T> {
    deflate: Option<Box<Deflate>>,
    transport: T,
    flushed: Flushed,
}

/// Whether each octet written has left the layers and the transport's own buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flushed {
    Yes,
    No,
}

impl<T: Transport> Layers<T> {
    pub(crate) const fn new(transport: T) -> Self {
        Self {
            deflate: None,
            transport,
            flushed: Flushed::Yes,
        }
    }

    pub(crate) const fn transport(&self) -> &T {
        &self.transport
    }

    pub(crate) const fn is_deflated(&self) -> bool {
        self.deflate.is_some()
    }

    /// From here on both directions are compressed; `unread` was read already.
    pub(crate) fn deflate(&mut self, unread: &[u8]) {
        self.deflate = Some(Box::new(Deflate::new(unread)));
    }

    /// As [`io::Read::read`], into a buffer that has room.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(deflate) = &mut self.deflate else {
            return self.transport.read(buffer);
        };
        loop {
            match deflate.read(buffer) {
                Ok(0) => {}
                Ok(n) => return Ok(n),
                Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }
            match self.transport.read(deflate.space())? {
                0 => return Ok(0),
                n => deflate.filled(n),
            }
        }
    }

    /// As [`io::Write::write`]; the octets may wait here until [`flush`](Self::flush).
    pub(crate) fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = match &mut self.deflate {
            None => self.transport.write(octets)?,
            Some(deflate) => loop {
                match deflate.write(octets) {
                    0 if !deflate.transmit().is_empty() => push(deflate, &mut self.transport)?,
                    n => break n,
                }
            },
        };
        self.flushed = Flushed::No;
        Ok(written)
    }

    /// Whether there is nothing to [`flush`](Self::flush).
    pub(crate) fn is_flushed(&self) -> bool {
        self.flushed == Flushed::Yes
    }

    /// Lets go of all that was written; [`io::ErrorKind::WouldBlock`] while the transport has no room for it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if let Some(deflate) = &mut self.deflate {
            deflate.flush();
            while !deflate.transmit().is_empty() {
                push(deflate, &mut self.transport)?;
            }
        }
        self.transport.flush()?;
        self.flushed = Flushed::Yes;
        Ok(())
    }

    /// As [`Transport::wait`]; inflated octets are there at once.
    pub(crate) fn wait(&mut self, interest: Interest, limit: Option<Duration>) -> io::Result<Ready> {
        match &self.deflate {
            Some(deflate) if interest.read && deflate.is_readable() => Ok(Ready {
                read: true,
                write: false,
            }),
            _ => self.transport.wait(interest, limit),
        }
    }

    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.transport.close()
    }
}

fn push(deflate: &mut Deflate, transport: &mut impl Transport) -> io::Result<()> {
    match transport.write(deflate.transmit())? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        n => {
            deflate.transmitted(n);
            Ok(())
        }
    }
}
