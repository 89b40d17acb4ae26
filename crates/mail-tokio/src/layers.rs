//! What lies between a machine and its transport.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use mail_wire::Deflate;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The layers in the order that RFC 4978 §3 demands, whichever came first: octets that are written are compressed, then
/// go to the transport, and octets that are read come back that way. A layer of encryption is the transport's place.
///
/// It holds what passes: a call that is dropped between two polls loses nothing.
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

impl<T: AsyncRead + AsyncWrite + Unpin> Layers<T> {
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

    /// How many octets were read into `buffer`, which has room; 0 at the end of input. Never pending while inflated
    /// octets wait.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let Some(deflate) = &mut self.deflate else {
            return poll_read(&mut self.transport, cx, buffer);
        };
        loop {
            match deflate.read(buffer) {
                Ok(0) => {}
                Ok(n) => return Poll::Ready(Ok(n)),
                Err(fault) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, fault))),
            }
            match ready!(poll_read(&mut self.transport, cx, deflate.space()))? {
                0 => return Poll::Ready(Ok(0)),
                n => deflate.filled(n),
            }
        }
    }

    /// As [`AsyncWrite::poll_write`]; the octets may wait here until [`poll_flush`](Self::poll_flush).
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let written = match &mut self.deflate {
            None => ready!(Pin::new(&mut self.transport).poll_write(cx, octets))?,
            Some(deflate) => loop {
                match deflate.write(octets) {
                    0 if !deflate.transmit().is_empty() => ready!(poll_push(deflate, &mut self.transport, cx))?,
                    n => break n,
                }
            },
        };
        self.flushed = Flushed::No;
        Poll::Ready(Ok(written))
    }

    /// Whether there is nothing to [flush](Self::poll_flush).
    pub(crate) fn is_flushed(&self) -> bool {
        self.flushed == Flushed::Yes
    }

    /// Lets go of all that was written.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(deflate) = &mut self.deflate {
            deflate.flush();
            while !deflate.transmit().is_empty() {
                ready!(poll_push(deflate, &mut self.transport, cx))?;
            }
        }
        ready!(Pin::new(&mut self.transport).poll_flush(cx))?;
        self.flushed = Flushed::Yes;
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}

fn poll_read<T>(transport: &mut T, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>>
where
    T: AsyncRead + Unpin,
{
    let mut buffer = ReadBuf::new(buffer);
    ready!(Pin::new(transport).poll_read(cx, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}

fn poll_push<T>(deflate: &mut Deflate, transport: &mut T, cx: &mut Context<'_>) -> Poll<io::Result<()>>
where
    T: AsyncWrite + Unpin,
{
    match ready!(Pin::new(transport).poll_write(cx, deflate.transmit()))? {
        0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        n => {
            deflate.transmitted(n);
            Poll::Ready(Ok(()))
        }
    }
}
