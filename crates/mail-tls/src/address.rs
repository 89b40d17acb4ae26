//! Where a client connects to: a host, which the server's certificate must name, and a port.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use rustls::pki_types::ServerName;

use crate::SetupError;

/// A host and a port: `mail.example.org:587`, `192.0.2.1:25`, `[2001:db8::1]:993`.
///
/// ```
/// use mail_tls::Address;
///
/// let address: Address = "mail.example.org:587".parse()?;
/// assert_eq!(address.port(), 587);
/// assert_eq!(address.to_string(), "mail.example.org:587");
/// # Ok::<(), mail_tls::SetupError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    host: Host,
    port: u16,
}

/// The host of an [`Address`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name, in lower case.
    Name(Box<str>),
    /// An IP address.
    Ip(IpAddr),
}

impl Address {
    /// A host and a port.
    ///
    /// # Errors
    ///
    /// [`SetupError::Host`].
    pub fn new(host: &str, port: u16) -> Result<Self, SetupError> {
        let host = host.parse()?;
        Ok(Self { host, port })
    }

    /// The host.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Host {
    /// The name that the server's certificate must be for.
    pub fn server_name(&self) -> Result<ServerName<'static>, SetupError> {
        match self {
            Self::Name(name) => ServerName::try_from(name.to_string()).map_err(|_| SetupError::Host),
            Self::Ip(ip) => Ok(ServerName::IpAddress((*ip).into())),
        }
    }
}

impl FromStr for Host {
    type Err = SetupError;

    fn from_str(text: &str) -> Result<Self, SetupError> {
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Ok(ip) = inner.unwrap_or(text).parse() {
            return Ok(Self::Ip(ip));
        }
        // A root dot is no part of the name that certificates hold.
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        match ServerName::try_from(name.as_str()) {
            Ok(ServerName::DnsName(_)) if !name.ends_with('.') => Ok(Self::Name(name.into())),
            _ => Err(SetupError::Host),
        }
    }
}

impl FromStr for Address {
    type Err = SetupError;

    fn from_str(text: &str) -> Result<Self, SetupError> {
        let (host, port) = text.rsplit_once(':').ok_or(SetupError::Host)?;
        let bare_ipv6 = host.contains(':') && !host.starts_with('[');
        match port.parse() {
            Ok(port) if !bare_ipv6 && port_is_plain(text) => Self::new(host, port),
            _ => Err(SetupError::Host),
        }
    }
}

/// `+25` parses as a number, but nobody means it.
fn port_is_plain(text: &str) -> bool {
    text.ends_with(|last: char| last.is_ascii_digit()) && !text.contains('+')
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: Host::Ip(address.ip()),
            port: address.port(),
        }
    }
}

impl TryFrom<&str> for Address {
    type Error = SetupError;

    fn try_from(text: &str) -> Result<Self, SetupError> {
        text.parse()
    }
}

impl TryFrom<String> for Address {
    type Error = SetupError;

    fn try_from(text: String) -> Result<Self, SetupError> {
        text.parse()
    }
}

impl TryFrom<&String> for Address {
    type Error = SetupError;

    fn try_from(text: &String) -> Result<Self, SetupError> {
        text.parse()
    }
}

impl TryFrom<(&str, u16)> for Address {
    type Error = SetupError;

    fn try_from((host, port): (&str, u16)) -> Result<Self, SetupError> {
        Self::new(host, port)
    }
}

impl From<(IpAddr, u16)> for Address {
    fn from((ip, port): (IpAddr, u16)) -> Self {
        Self {
            host: Host::Ip(ip),
            port,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// So that [`ToSocketAddrs`](std::net::ToSocketAddrs) and its tokio twin can look it up.
impl Address {
    /// The host as `ToSocketAddrs` wants it, and the port.
    pub fn to_pair(&self) -> (String, u16) {
        let host = match &self.host {
            Host::Name(name) => name.to_string(),
            Host::Ip(ip) => ip.to_string(),
        };
        (host, self.port)
    }
}

/// Of no address at all: the conversions from `SocketAddr` cannot fail.
impl From<std::convert::Infallible> for SetupError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Resolves with the system's resolver, and blocks.
impl std::net::ToSocketAddrs for Address {
    type Iter = std::vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        self.to_pair().to_socket_addrs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in [
            "mail.example.org:587",
            "192.0.2.1:25",
            "[2001:db8::1]:993",
            "localhost:1",
        ] {
            let address: Address = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
        let upper: Address = "MAIL.Example.ORG.:25".parse().expect("a name");
        assert_eq!(upper.to_string(), "mail.example.org:25");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "mail.example.org",
            ":25",
            "mail example:25",
            "a\r\nb:25",
            "2001:db8::1:993",
            "host:+25",
            "host:65536",
            "host:",
            "[::1:25",
            "host..:25",
        ] {
            assert_eq!(text.parse::<Address>(), Err(SetupError::Host), "{text:?}");
        }
    }
}
