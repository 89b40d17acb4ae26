//! A socket that makes a session of each connection.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use mail_wire::Machine;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};

use crate::Session;

/// Listens, and gives each client a fresh machine. See [`smtp::Server`](crate::smtp::Server) and
/// [`pop3::Server`](crate::pop3::Server) for how to make one.
pub struct Server<M> {
    listener: TcpListener,
    machine: Box<dyn Fn() -> M + Send + Sync>,
}

impl<M: Machine> Server<M> {
    /// Listens at `address`, where port 0 takes a free one, and gives each client what `machine` makes.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn with(
        address: impl ToSocketAddrs,
        machine: impl Fn() -> M + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            machine: Box::new(machine),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next client.
    ///
    /// # Errors
    ///
    /// The system's. Some, as the lack of file descriptors, pass.
    ///
    /// # Cancel safety
    ///
    /// No connection is lost when the future is dropped.
    pub async fn accept(&self) -> io::Result<(Session<M, TcpStream>, SocketAddr)> {
        let (stream, peer) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((Session::new((self.machine)(), stream), peer))
    }
}

impl<M> fmt::Debug for Server<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("listener", &self.listener).finish()
    }
}
