//! How clients connect.

use std::io;

use mail_tls::{Address, Policy, SetupError, Tls, TlsError};
use mail_wire::Machine;

use crate::{Driver, Transport};

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

/// How a client connects: what protects the connection, and how its machine behaves.
///
/// A [`Tls`] alone, the machine's configuration alone, and a pair of them can be used in its place. `C` is the protocol's
/// configuration; without one it is the default.
#[derive(Clone, Debug)]
pub struct Options<C> {
    pub(crate) tls: Tls,
    pub(crate) config: Option<C>,
}

impl<C> Options<C> {
    /// Both. What the configuration says about the connection's protection is overridden.
    pub const fn new(tls: Tls, config: C) -> Self {
        Self {
            tls,
            config: Some(config),
        }
    }
}

impl<C> From<Tls> for Options<C> {
    fn from(tls: Tls) -> Self {
        Self { tls, config: None }
    }
}

impl<C> From<(Tls, C)> for Options<C> {
    fn from((tls, config): (Tls, C)) -> Self {
        Self::new(tls, config)
    }
}

/// A driver for a client of `address`, with TLS as `tls` says.
pub(crate) fn drive<M: Machine, T: Transport>(
    machine: M,
    transport: T,
    address: &Address,
    tls: &Tls,
) -> Result<Driver<M, T>, TlsError> {
    let mut driver = Driver::new(machine, transport);
    match tls.endpoint(address)? {
        None => Ok(driver),
        Some(endpoint) if tls.policy() == Policy::Implicit => {
            driver.secure(&endpoint)?;
            Ok(driver)
        }
        Some(endpoint) => Ok(driver.with_tls(endpoint)),
    }
}
