//! The layers over a transport of tokio.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use mail_tls::{Channel, Endpoint, TlsError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A transport and what lies over it. It holds what passes: a call that is dropped between two polls loses nothing.
#[derive(Debug)]
pub(crate) struct Layers<T> {
    layers: mail_tls::Layers,
    transport: T,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Layers<T> {
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

    pub(crate) fn is_flushed(&self) -> bool {
        self.layers.is_flushed()
    }

    pub(crate) fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (layers, mut transport) = self.parts(cx);
        ready(layers.handshake(&mut transport))
    }

    /// How many octets were read into `buffer`, which has room; 0 at the end of input.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let (layers, mut transport) = self.parts(cx);
        ready(layers.read(&mut transport, buffer))
    }

    /// As [`AsyncWrite::poll_write`]; the octets may wait here until [`poll_flush`](Self::poll_flush).
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let (layers, mut transport) = self.parts(cx);
        ready(layers.write(&mut transport, octets))
    }

    /// Lets go of all that was written.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (layers, mut transport) = self.parts(cx);
        ready(layers.flush(&mut transport))
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (layers, mut transport) = self.parts(cx);
        match ready(layers.close(&mut transport)) {
            Poll::Pending => Poll::Pending,
            // Without a last word of TLS, too, the transport is closed.
            Poll::Ready(_) => Pin::new(&mut self.transport).poll_shutdown(cx),
        }
    }

    fn parts<'a, 'c>(&'a mut self, cx: &'a mut Context<'c>) -> (&'a mut mail_tls::Layers, Polled<'a, 'c, T>) {
        let transport = &mut self.transport;
        (&mut self.layers, Polled { transport, cx })
    }
}

/// A transport as the layers want it: what is pending would block, and wakes the task when it would no more.
struct Polled<'a, 'c, T> {
    transport: &'a mut T,
    cx: &'a mut Context<'c>,
}

impl<T: AsyncRead + Unpin> Read for Polled<'_, '_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        let read = Pin::new(&mut *self.transport).poll_read(self.cx, &mut buffer);
        blocking(read).map(|()| buffer.filled().len())
    }
}

impl<T: AsyncWrite + Unpin> Write for Polled<'_, '_, T> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        blocking(Pin::new(&mut *self.transport).poll_write(self.cx, octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        blocking(Pin::new(&mut *self.transport).poll_flush(self.cx))
    }
}

fn blocking<R>(poll: Poll<io::Result<R>>) -> io::Result<R> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn ready<R>(result: io::Result<R>) -> Poll<io::Result<R>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}
