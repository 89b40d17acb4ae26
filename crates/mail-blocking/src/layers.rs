//! The layers over a transport that can be waited for.

use std::io;
use std::time::Duration;

use mail_tls::{Channel, Endpoint, TlsError};

use crate::{Interest, Ready, Transport};

/// A transport and what lies over it.
#[derive(Debug)]
pub(crate) struct Layers<T> {
    layers: mail_tls::Layers,
    transport: T,
}

impl<T: Transport> Layers<T> {
    pub(crate) const fn new(transport: T) -> Self {
        Self {
            layers: mail_tls::Layers::new(),
            transport,
        }
    }

    pub(crate) const fn transport(&self) -> &T {
        &self.transport
    }

    pub(crate) const fn is_plain(&self) -> bool {
        self.layers.is_plain()
    }

    pub(crate) const fn is_deflated(&self) -> bool {
        self.layers.is_deflated()
    }

    pub(crate) fn tls(&self) -> Option<&Channel> {
        self.layers.tls()
    }

    /// The channel, if its handshake must be run first.
    pub(crate) fn handshaking(&self) -> Option<&Channel> {
        self.layers.handshaking()
    }

    pub(crate) fn secure(&mut self, endpoint: &Endpoint) -> Result<(), TlsError> {
        self.layers.secure(endpoint)
    }

    pub(crate) fn deflate(&mut self, unread: &[u8]) {
        self.layers.deflate(unread);
    }

    /// Runs the handshake to its end; [`io::ErrorKind::WouldBlock`] while the transport is not ready.
    pub(crate) fn handshake(&mut self) -> io::Result<()> {
        self.layers.handshake(&mut self.transport)
    }

    /// As [`io::Read::read`], into a buffer that has room.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.layers.read(&mut self.transport, buffer)
    }

    /// As [`io::Write::write`]; the octets may wait here until [`flush`](Self::flush).
    pub(crate) fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.layers.write(&mut self.transport, octets)
    }

    /// Whether there is nothing to [`flush`](Self::flush).
    pub(crate) fn is_flushed(&self) -> bool {
        self.layers.is_flushed()
    }

    /// Lets go of all that was written; [`io::ErrorKind::WouldBlock`] while the transport has no room for it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.layers.flush(&mut self.transport)
    }

    /// As [`Transport::wait`]; octets that wait in a layer are there at once.
    pub(crate) fn wait(&mut self, interest: Interest, limit: Option<Duration>) -> io::Result<Ready> {
        if interest.read && self.layers.is_readable() {
            return Ok(Ready {
                read: true,
                write: false,
            });
        }
        self.transport.wait(interest, limit)
    }

    /// Says in TLS that no more will be written; [`io::ErrorKind::WouldBlock`] while the transport has no room for it.
    pub(crate) fn say_end(&mut self) -> io::Result<()> {
        self.layers.close(&mut self.transport)
    }

    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.transport.close()
    }
}
