//! What the operator says about ways: `--route DOMAIN=HOST:PORT` and `--smarthost HOST:PORT`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::dns::a_labels;

/// `HOST:PORT`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
///
/// ```
/// use mailhost::route::NextHop;
///
/// let hop: NextHop = "smart.example.org:2525".parse().unwrap();
/// assert_eq!((hop.host(), hop.port()), ("smart.example.org", 2525));
/// let hop: NextHop = "[2001:db8::1]:25".parse().unwrap();
/// assert!(hop.address().unwrap().is_ipv6());
/// assert!("smart.example.org".parse::<NextHop>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHop {
    host: String,
    address: Option<IpAddr>,
    port: u16,
}

/// What is wrong with a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NextHopError {
    /// There is no `:PORT` at the end, or it is none.
    #[error("expected HOST:PORT")]
    Port,
    /// What stands before it is neither a name nor an address.
    #[error("not the name or address of a host")]
    Host,
    /// The domain of a route is none.
    #[error("not a domain")]
    Domain,
}

impl NextHop {
    /// Its name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its address, if that was given instead of a name.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

impl From<SocketAddr> for NextHop {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().to_string(),
            address: Some(address.ip()),
            port: address.port(),
        }
    }
}

impl FromStr for NextHop {
    type Err = NextHopError;

    fn from_str(text: &str) -> Result<Self, NextHopError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let (host, port) = text.rsplit_once(':').ok_or(NextHopError::Port)?;
        let port: u16 = port.parse().map_err(|_| NextHopError::Port)?;
        let host = a_labels(host).filter(|host| !host.contains(':'));
        Ok(Self {
            host: host.ok_or(NextHopError::Host)?,
            address: None,
            port,
        })
    }
}

#[derive(Default)]
pub(super) struct Table {
    routes: HashMap<String, NextHop>,
    pub(super) smarthost: Option<NextHop>,
}

impl Table {
    pub(super) fn add(&mut self, domain: &str, to: NextHop) -> Result<(), NextHopError> {
        let domain = a_labels(domain).ok_or(NextHopError::Domain)?;
        self.routes.insert(domain, to);
        Ok(())
    }

    pub(super) fn find(&self, domain: &str) -> Option<&NextHop> {
        self.routes.get(domain).or(self.smarthost.as_ref())
    }
}

/// The address in `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
pub(super) fn literal(domain: &str) -> Option<IpAddr> {
    let inner = domain.strip_prefix('[')?.strip_suffix(']')?;
    match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => inner[5..].parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => inner.parse().ok().filter(IpAddr::is_ipv4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        let cases = [
            ("mx.example:25", Ok(("mx.example", 25, false))),
            ("MX.Example.:2525", Ok(("mx.example", 2525, false))),
            ("192.0.2.1:25", Ok(("192.0.2.1", 25, true))),
            ("[::1]:25", Ok(("::1", 25, true))),
            ("mx.example", Err(NextHopError::Port)),
            ("mx.example:smtp", Err(NextHopError::Port)),
            ("mx.example:65536", Err(NextHopError::Port)),
            (":25", Err(NextHopError::Host)),
            ("::1:25", Err(NextHopError::Host)),
            ("a b:25", Err(NextHopError::Host)),
        ];
        for (text, expected) in cases {
            let hop = text.parse::<NextHop>();
            let found = hop
                .as_ref()
                .map(|hop| (hop.host(), hop.port(), hop.address().is_some()));
            assert_eq!(found.map_err(|error| *error), expected, "{text}");
        }
    }

    #[test]
    fn literals() {
        let cases = [
            ("[192.0.2.1]", Some("192.0.2.1")),
            ("[IPv6:2001:db8::1]", Some("2001:db8::1")),
            ("[ipv6:::1]", Some("::1")),
            ("[2001:db8::1]", None),
            ("[IPv6:192.0.2.1]", None),
            ("[192.0.2.1", None),
            ("[]", None),
            ("[é]", None),
            ("[ééé]", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|address| address.parse().expect("an address"));
            assert_eq!(literal(text), expected, "{text}");
        }
    }
}
