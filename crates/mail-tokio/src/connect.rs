//! How clients connect.

use std::io;
use std::time::Duration;

use mail_tls::{Address, Policy, SetupError, Tls, TlsError};
use mail_wire::Machine;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::observer::Observers;
use crate::{Driver, Observer};

/// What can be read as an [`Address`]: `"mail.example.org:587"`, `("mail.example.org", 587)`, a
/// [`SocketAddr`](std::net::SocketAddr).
pub trait ToAddress: TryInto<Address, Error: Into<SetupError>> {
    /// The address.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput).
    fn to_address(self) -> io::Result<Address> {
        self.try_into().map_err(|error| error.into().into())
    }
}

impl<A: TryInto<Address, Error: Into<SetupError>>> ToAddress for A {}

/// Connects to the first of the host's addresses that answers, all within `limit`.
pub(crate) async fn connect(address: &Address, limit: Duration) -> io::Result<TcpStream> {
    let connected = tokio::time::timeout(limit, TcpStream::connect(address.to_pair())).await;
    let stream = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    // Commands are gathered by the machine; holding them back helps nobody.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// How a client connects: what protects the connection, and how its machine behaves.
///
/// A [`Tls`] alone, the machine's configuration alone, and a pair of them can be used in its place. `C` is the protocol's
/// configuration; without one it is the default.
#[derive(Clone, Debug)]
pub struct Options<C> {
    pub(crate) tls: Tls,
    pub(crate) config: Option<C>,
    pub(crate) observers: Option<Observers>,
}

impl<C> Options<C> {
    /// Both. What the configuration says about the connection's protection is overridden.
    pub const fn new(tls: Tls, config: C) -> Self {
        Self {
            tls,
            config: Some(config),
            observers: None,
        }
    }

    /// Shows what each connection says and hears to an observer of its own.
    #[must_use]
    pub fn observed_by<O: Observer + 'static>(mut self, observer: impl Fn() -> O + Send + Sync + 'static) -> Self {
        self.observers = Some(Observers::new(observer));
        self
    }
}

impl<C> From<Tls> for Options<C> {
    fn from(tls: Tls) -> Self {
        Self {
            tls,
            config: None,
            observers: None,
        }
    }
}

impl<C> From<(Tls, C)> for Options<C> {
    fn from((tls, config): (Tls, C)) -> Self {
        Self::new(tls, config)
    }
}

/// A driver for a client of `address`, with TLS as `tls` says.
pub(crate) fn drive<M: Machine, T: AsyncRead + AsyncWrite + Unpin>(
    machine: M,
    transport: T,
    address: &Address,
    tls: &Tls,
    observers: Option<&Observers>,
) -> Result<Driver<M, T>, TlsError> {
    let mut driver = Driver::new(machine, transport);
    if let Some(observers) = observers {
        driver.observe(observers.observer());
    }
    match tls.endpoint(address)? {
        None => Ok(driver),
        Some(endpoint) if tls.policy() == Policy::Implicit => {
            driver.secure(&endpoint)?;
            Ok(driver)
        }
        Some(endpoint) => Ok(driver.with_tls(endpoint)),
    }
}
