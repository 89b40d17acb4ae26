//! How clients connect.

use std::io;
use std::time::Duration;

use tokio::net::{TcpStream, ToSocketAddrs};

/// Connects to the first of `address`'s addresses that answers, all within `limit`.
pub(crate) async fn connect(address: impl ToSocketAddrs, limit: Duration) -> io::Result<TcpStream> {
    let connected = tokio::time::timeout(limit, TcpStream::connect(address)).await;
    let stream = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    // Commands are gathered by the machine; holding them back helps nobody.
    stream.set_nodelay(true)?;
    Ok(stream)
}
