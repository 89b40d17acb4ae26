//! What a driver needs of a socket.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A byte stream that never blocks in `read` and `write` (they say [`io::ErrorKind::WouldBlock`]) and can be waited for.
///
/// Blocking reads and writes would not do: a client that writes a long pipeline while the server waits for its replies to
/// be read deadlocks (RFC 2920 §3.1). The driver therefore waits for both directions at once.
pub trait Transport: Read + Write {
    /// Waits until one of the directions that `interest` names is ready, for at most `limit`.
    ///
    /// # Errors
    ///
    /// The system's. That time is up is no error: [`Ready`] is then empty.
    fn wait(&mut self, interest: Interest, limit: Option<Duration>) -> io::Result<Ready>;

    /// No more will be written.
    ///
    /// # Errors
    ///
    /// The system's.
    fn close(&mut self) -> io::Result<()>;
}

/// Which directions to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    /// Until octets (or the end of them) can be read.
    pub read: bool,
    /// Until octets can be written.
    pub write: bool,
}

/// Which directions are ready; neither means that the time is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// A read will not block.
    pub read: bool,
    /// A write will not block.
    pub write: bool,
}

/// A TCP connection in non-blocking mode.
#[derive(Debug)]
pub struct Tcp(TcpStream);

impl Tcp {
    /// Connects to the first of `address`'s addresses that answers within `limit`.
    ///
    /// # Errors
    ///
    /// The last address's.
    pub fn connect(address: impl ToSocketAddrs, limit: Duration) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, limit) {
                Ok(stream) => return Self::new(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Takes over a connected socket.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        // Replies and commands are gathered by the machine; holding them back helps nobody.
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Our side.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The other side.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl Read for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Tcp {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Transport for Tcp {
    fn wait(&mut self, interest: Interest, limit: Option<Duration>) -> io::Result<Ready> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, interest.read);
        flags.set(PollFlags::OUT, interest.write);
        // A limit that the system's type cannot hold is none.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            let mut sockets = [PollFd::new(&self.0, flags)];
            match poll(&mut sockets, left.as_ref()) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let found = sockets[0].revents();
            // A hang-up or an error is told by the next read or write.
            let broken = found.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
            return Ok(Ready {
                read: interest.read && (broken || found.contains(PollFlags::IN)),
                write: interest.write && (broken || found.contains(PollFlags::OUT)),
            });
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)
    }
}
