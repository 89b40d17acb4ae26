//! What lies between a machine and its transport.

use std::io::{self, Read, Write};

use mail_wire::Deflate;

use crate::{Channel, Endpoint, TlsError};

/// TLS and DEFLATE in the order that RFC 4978 §3 demands, whichever came first: octets that are written are compressed, then
/// encrypted, then go to the transport, and octets that are read come back that way.
///
/// The transport is given to each call and does not block: it says [`WouldBlock`](io::ErrorKind::WouldBlock), and the call
/// is made again when it is ready. What passes is held here or in the transport, so that nothing is lost when it is not.
#[derive(Debug, Default)]
pub struct Layers {
    deflate: Option<Box<Deflate>>,
    tls: Option<Box<Channel>>,
    flushed: Flushed,
}

/// Whether each octet written has left the layers and the transport's own buffers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flushed {
    #[default]
    Yes,
    No,
}

impl Layers {
    /// None yet: octets pass as they are.
    pub const fn new() -> Self {
        Self {
            deflate: None,
            tls: None,
            flushed: Flushed::Yes,
        }
    }

    /// From here on both directions are encrypted. The handshake runs inside the next calls.
    ///
    /// # Errors
    ///
    /// [`TlsError::Setup`], and [`TlsError::Twice`] when a layer is there already: TLS is the first.
    pub fn secure(&mut self, endpoint: &Endpoint) -> Result<(), TlsError> {
        if !self.is_plain() {
            return Err(TlsError::Twice);
        }
        self.tls = Some(Box::new(endpoint.begin()?));
        Ok(())
    }

    /// From here on both directions are compressed; `unread` was read already.
    pub fn deflate(&mut self, unread: &[u8]) {
        self.deflate = Some(Box::new(Deflate::new(unread)));
    }

    /// Whether there is no layer.
    pub const fn is_plain(&self) -> bool {
        self.tls.is_none() && self.deflate.is_none()
    }

    /// Whether octets are compressed.
    pub const fn is_deflated(&self) -> bool {
        self.deflate.is_some()
    }

    /// The TLS connection, if there is one.
    pub fn tls(&self) -> Option<&Channel> {
        self.tls.as_deref()
    }

    /// The TLS connection if its handshake is not done. [`handshake`](Self::handshake) must then be called, and both
    /// directions be waited for.
    pub fn handshaking(&self) -> Option<&Channel> {
        self.tls().filter(|tls| tls.is_handshaking())
    }

    /// Runs the handshake to its end. Reads and writes do so by themselves.
    ///
    /// # Errors
    ///
    /// The transport's, and those that carry a [`TlsError`].
    pub fn handshake(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        self.tls.as_mut().map_or(Ok(()), |tls| tls.shake(io))
    }

    /// How many octets were read into `buffer`, which has room; 0 at the end of input. It never asks the transport while
    /// octets wait here.
    ///
    /// # Errors
    ///
    /// The transport's, those that carry a [`TlsError`], and [`InvalidData`](io::ErrorKind::InvalidData) for octets that are
    /// no DEFLATE.
    pub fn read(&mut self, io: &mut (impl Read + Write), buffer: &mut [u8]) -> io::Result<usize> {
        let Some(deflate) = &mut self.deflate else {
            return read_below(&mut self.tls, io, buffer);
        };
        loop {
            match deflate.read(buffer) {
                Ok(0) => {}
                Ok(n) => return Ok(n),
                Err(fault) => return Err(io::Error::new(io::ErrorKind::InvalidData, fault)),
            }
            match read_below(&mut self.tls, io, deflate.space())? {
                0 => return Ok(0),
                n => deflate.filled(n),
            }
        }
    }

    /// Whether a read has something to say although the transport has not. It may also find out that it has not.
    pub fn is_readable(&self) -> bool {
        self.deflate.as_ref().is_some_and(|deflate| deflate.is_readable())
            || self.tls.as_ref().is_some_and(|tls| tls.is_readable())
    }

    /// As [`Write::write`]; the octets may wait here until [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// The transport's, and those that carry a [`TlsError`].
    pub fn write(&mut self, io: &mut (impl Read + Write), octets: &[u8]) -> io::Result<usize> {
        let written = match &mut self.deflate {
            None => write_below(&mut self.tls, io, octets)?,
            Some(deflate) => loop {
                match deflate.write(octets) {
                    0 if !deflate.transmit().is_empty() => drain(deflate, &mut self.tls, io)?,
                    n => break n,
                }
            },
        };
        self.flushed = Flushed::No;
        Ok(written)
    }

    /// Whether there is nothing to [flush](Self::flush). TLS may have something to say without a write.
    pub fn is_flushed(&self) -> bool {
        self.flushed == Flushed::Yes && !self.tls.as_ref().is_some_and(|tls| tls.has_output())
    }

    /// Lets go of all that was written.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn flush(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        if let Some(deflate) = &mut self.deflate {
            deflate.flush();
            while !deflate.transmit().is_empty() {
                drain(deflate, &mut self.tls, io)?;
            }
        }
        if let Some(tls) = &mut self.tls {
            tls.push(io)?;
        }
        io.flush()?;
        self.flushed = Flushed::Yes;
        Ok(())
    }

    /// Says in TLS that nothing more will be written (close_notify, RFC 8446 §6.1), so that the peer can tell this end from
    /// one that somebody has made.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn close(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.close(io).and_then(|()| io.flush()),
            None => Ok(()),
        }
    }
}

fn read_below(tls: &mut Option<Box<Channel>>, io: &mut (impl Read + Write), buffer: &mut [u8]) -> io::Result<usize> {
    match tls {
        Some(tls) => tls.read(io, buffer),
        None => io.read(buffer),
    }
}

fn write_below(tls: &mut Option<Box<Channel>>, io: &mut (impl Read + Write), octets: &[u8]) -> io::Result<usize> {
    match tls {
        Some(tls) => tls.write(io, octets),
        None => io.write(octets),
    }
}

fn drain(deflate: &mut Deflate, tls: &mut Option<Box<Channel>>, io: &mut (impl Read + Write)) -> io::Result<()> {
    match write_below(tls, io, deflate.transmit())? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        n => {
            deflate.transmitted(n);
            Ok(())
        }
    }
}
