//! A socket that makes a session of each connection.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use mail_tls::{Endpoint, ServerTls};
use mail_wire::Machine;

use crate::{Session, Tcp};

/// Listens, and gives each client a fresh machine. See [`smtp::Server`](crate::smtp::Server) and
/// [`pop3::Server`](crate::pop3::Server) for how to make one.
pub struct Server<M> {
    listener: TcpListener,
    machine: Box<dyn Fn() -> M + Send + Sync>,
    protection: Protection,
}

/// When TLS begins.
enum Protection {
    Never,
    /// When the machine asks for it.
    OnRequest(Endpoint),
    /// With the first octet.
    Implicit(Endpoint),
}

impl<M: Machine> Server<M> {
    /// Listens at `address`, where port 0 takes a free one, and gives each client what `machine` makes.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn with(address: impl ToSocketAddrs, machine: impl Fn() -> M + Send + Sync + 'static) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address)?,
            machine: Box::new(machine),
            protection: Protection::Never,
        })
    }

    /// Lets machines begin TLS when a client says STARTTLS or STLS. That they offer it is their configuration's to say.
    #[must_use]
    pub fn with_starttls(mut self, tls: ServerTls) -> Self {
        self.protection = Protection::OnRequest(tls.into());
        self
    }

    /// Begins TLS with the first octet (RFC 8314 §3.3: ports 465, 993, 995). The machines must be ones that know that
    /// they are secured.
    #[must_use]
    pub fn with_implicit_tls(mut self, tls: ServerTls) -> Self {
        self.protection = Protection::Implicit(tls.into());
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next client. A TLS handshake runs later, in the session: who is slow at it keeps nobody else.
    ///
    /// # Errors
    ///
    /// The system's. Some, as the lack of file descriptors, pass.
    pub fn accept(&self) -> io::Result<(Session<M, Tcp>, SocketAddr)> {
        let (stream, peer) = self.listener.accept()?;
        Ok((self.session(Tcp::new(stream)?)?, peer))
    }

    fn session(&self, stream: Tcp) -> io::Result<Session<M, Tcp>> {
        let mut session = Session::new((self.machine)(), stream);
        match &self.protection {
            Protection::Never => {}
            Protection::OnRequest(endpoint) => session = session.with_tls(endpoint.clone()),
            Protection::Implicit(endpoint) => session.secure(endpoint)?,
        }
        Ok(session)
    }
}

impl<M> fmt::Debug for Server<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("listener", &self.listener).finish()
    }
}
