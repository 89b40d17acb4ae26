//! One TLS connection under a machine, and what was agreed upon in it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConnection, Connection, ProtocolVersion, SupportedCipherSuite};

use crate::server::Loaded;
use crate::{ClientTls, ServerTls, TlsError, binding};

/// What one end of a connection needs for TLS to begin.
#[derive(Clone, Debug)]
pub struct Endpoint {
    role: Role,
}

#[derive(Clone, Debug)]
enum Role {
    Client { tls: ClientTls, name: ServerName<'static> },
    Server(ServerTls),
}

impl Endpoint {
    /// A client's end; the server's certificate must be for `name`.
    pub const fn client(tls: ClientTls, name: ServerName<'static>) -> Self {
        Self {
            role: Role::Client { tls, name },
        }
    }

    /// A server's end.
    pub const fn server(tls: ServerTls) -> Self {
        Self {
            role: Role::Server(tls),
        }
    }

    pub(crate) fn begin(&self) -> Result<Channel, TlsError> {
        match &self.role {
            Role::Client { tls, name } => {
                let connection = ClientConnection::new(tls.config(), name.clone())?;
                Ok(Channel::new(
                    connection.into(),
                    tls.handshake(),
                    Own::Client { name: name.clone() },
                ))
            }
            Role::Server(tls) => {
                let loaded = tls.loaded();
                let connection = loaded.connection()?;
                Ok(Channel::new(connection.into(), tls.handshake(), Own::Server(loaded)))
            }
        }
    }
}

impl From<ServerTls> for Endpoint {
    fn from(tls: ServerTls) -> Self {
        Self::server(tls)
    }
}

/// One TLS connection: what was agreed upon, and who the peer is.
///
/// # Memory
///
/// Idle, about 10 KiB; a record (16 KiB) more in each direction that moves.
pub struct Channel {
    connection: Connection,
    own: Own,
    handshake: Duration,
    /// Plain octets that wait in the connection.
    waiting: usize,
    ending: Ending,
    /// Why it can be used no more.
    failure: Option<TlsError>,
}

/// What a connection does not keep itself.
enum Own {
    Client {
        name: ServerName<'static>,
    },
    /// The certificates of the time when it began.
    Server(Arc<Loaded>),
}

/// Whether the peer has ended its side, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It has not.
    Open,
    /// It has said so: each octet that it wrote has come.
    Clean,
    /// The connection ended without a word of TLS: somebody between may have cut it, and octets may be missing. To a machine
    /// it is an end of input like any other; a body whose end has not come is then void.
    Truncated,
}

impl Channel {
    fn new(connection: Connection, handshake: Duration, own: Own) -> Self {
        Self {
            connection,
            own,
            handshake,
            waiting: 0,
            ending: Ending::Open,
            failure: None,
        }
    }

    /// Whether the handshake is not done: what is said below is then not settled.
    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// How long the handshake may take.
    pub const fn handshake_limit(&self) -> Duration {
        self.handshake
    }

    /// TLS 1.2 or 1.3.
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.connection.protocol_version()
    }

    /// The cipher suite.
    pub fn cipher_suite(&self) -> Option<SupportedCipherSuite> {
        self.connection.negotiated_cipher_suite()
    }

    /// The name that the client asked for (SNI); `None` for an IP address.
    pub fn server_name(&self) -> Option<&str> {
        match (&self.connection, &self.own) {
            (Connection::Server(server), _) => server.server_name(),
            (
                _,
                Own::Client {
                    name: ServerName::DnsName(name),
                },
            ) => Some(name.as_ref()),
            _ => None,
        }
    }

    /// The peer's certificates, its own first. A server sees some only if it asks for them.
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.connection.peer_certificates()
    }

    /// Whether the peer has ended its side.
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    /// The channel binding `tls-exporter` (RFC 9266 §2), the same at both ends; `None` before TLS 1.3 and in the handshake.
    pub fn exporter(&self) -> Option<[u8; 32]> {
        binding::exporter(&self.connection)
    }

    /// The channel binding `tls-server-end-point` (RFC 5929 §4.1), the same at both ends; `None` in the handshake, and for a
    /// certificate whose signature has no single hash function.
    pub fn server_end_point(&self) -> Option<Vec<u8>> {
        if self.is_handshaking() {
            return None;
        }
        let chain = match &self.own {
            Own::Client { .. } => self.peer_certificates()?,
            Own::Server(loaded) => loaded.chain(self.server_name()),
        };
        binding::end_point(chain.first()?)
    }

    /// Runs the handshake as far as the transport lets it.
    pub(crate) fn shake(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        while self.is_handshaking() {
            match self.push(io) {
                Err(error) if !is_transient(&error) => {
                    // The peer may have said why it is gone.
                    return Err(self
                        .pull(io)
                        .err()
                        .filter(|error| !is_transient(error))
                        .unwrap_or(error));
                }
                _ => {}
            }
            if self.is_handshaking() && self.pull(io)? == 0 {
                return Err(TlsError::Closed.into());
            }
        }
        Ok(())
    }

    /// As [`Read::read`], into a buffer that has room.
    pub(crate) fn read(&mut self, io: &mut (impl Read + Write), plain: &mut [u8]) -> io::Result<usize> {
        self.shake(io)?;
        loop {
            match self.connection.reader().read(plain) {
                Ok(0) => {
                    self.ending = Ending::Clean;
                    return Ok(0);
                }
                Ok(n) => {
                    self.waiting = self.waiting.saturating_sub(n);
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.ending = Ending::Truncated;
                    return Ok(0);
                }
                Err(error) if is_transient(&error) => drop(self.pull(io)?),
                Err(error) => return Err(error),
            }
        }
    }

    /// As [`Write::write`]; up to a record may wait here until [`push`](Self::push).
    pub(crate) fn write(&mut self, io: &mut (impl Read + Write), plain: &[u8]) -> io::Result<usize> {
        self.shake(io)?;
        self.push(io)?;
        let n = self.connection.writer().write(&plain[..plain.len().min(RECORD)])?;
        match self.push(io) {
            Err(error) if !is_transient(&error) => Err(error),
            _ => Ok(n),
        }
    }

    /// Whether octets wait to be [pushed](Self::push).
    pub(crate) fn has_output(&self) -> bool {
        self.connection.wants_write()
    }

    /// Whether a read has something to say although the transport has not.
    pub(crate) fn is_readable(&self) -> bool {
        self.waiting > 0
    }

    /// Writes all that waits.
    pub(crate) fn push(&mut self, io: &mut impl Write) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(io) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Says that nothing more will be written.
    pub(crate) fn close(&mut self, io: &mut impl Write) -> io::Result<()> {
        self.connection.send_close_notify();
        self.push(io)
    }

    /// Reads some records.
    fn pull(&mut self, io: &mut (impl Read + Write)) -> io::Result<usize> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone().into());
        }
        let n = self.connection.read_tls(io)?;
        match self.connection.process_new_packets() {
            Ok(state) => {
                self.waiting = state.plaintext_bytes_to_read() + usize::from(state.peer_has_closed());
                Ok(n)
            }
            Err(error) => {
                // The alert tells the peer why, if there is room for it now.
                let _ = self.push(io);
                Err(self.failure.insert(error.into()).clone().into())
            }
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("handshaking", &self.is_handshaking())
            .field("version", &self.protocol_version())
            .field("server_name", &self.server_name())
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

pub(crate) fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Plain octets in a record (RFC 8446 §5.1).
const RECORD: usize = 16 * 1024;
