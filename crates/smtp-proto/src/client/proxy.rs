//! What a proxy says in front of a dialogue: whom it speaks for (the PROXY protocol, versions 1 and 2).

use alloc::format;
use alloc::vec::Vec;
use core::net::SocketAddr;

/// The header of a proxied connection: who connected to the proxy, and to which of its addresses.
///
/// ```
/// # use smtp_proto::client::{ProxyHeader, ProxyVersion};
/// let header = ProxyHeader {
///     version: ProxyVersion::Text,
///     source: "192.0.2.7:51234".parse().unwrap(),
///     destination: "198.51.100.1:25".parse().unwrap(),
/// };
/// let mut octets = Vec::new();
/// header.write(&mut octets);
/// assert_eq!(octets, b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\n");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProxyHeader {
    /// Its form.
    pub version: ProxyVersion,
    /// The client behind the proxy.
    pub source: SocketAddr,
    /// Where it connected to.
    pub destination: SocketAddr,
}

/// The form of a [`ProxyHeader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyVersion {
    /// Version 1, a line.
    Text,
    /// Version 2, octets.
    Binary,
}

impl ProxyHeader {
    /// Appends the header. Where one address is IPv4 and the other is not, both are written as IPv6.
    pub fn write(&self, out: &mut Vec<u8>) {
        let (source, destination) = self.of_one_family();
        match self.version {
            ProxyVersion::Text => write_text(source, destination, out),
            ProxyVersion::Binary => write_binary(source, destination, out),
        }
    }

    fn of_one_family(&self) -> (SocketAddr, SocketAddr) {
        let mapped = |address: SocketAddr| match address {
            SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
            v6 => v6,
        };
        match self.source.is_ipv4() == self.destination.is_ipv4() {
            true => (self.source, self.destination),
            false => (mapped(self.source), mapped(self.destination)),
        }
    }
}

/// `PROXY TCP4 source destination source-port destination-port CRLF`: at most 107 octets.
fn write_text(source: SocketAddr, destination: SocketAddr, out: &mut Vec<u8>) {
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from, to) = (source.ip(), destination.ip());
    let (from_port, to_port) = (source.port(), destination.port());
    out.extend_from_slice(format!("PROXY {family} {from} {to} {from_port} {to_port}\r\n").as_bytes());
}

/// Signature, version and command, family and protocol, length, addresses, ports.
fn write_binary(source: SocketAddr, destination: SocketAddr, out: &mut Vec<u8>) {
    let mut addresses = Vec::new();
    for address in [source, destination] {
        match address {
            SocketAddr::V4(v4) => addresses.extend_from_slice(&v4.ip().octets()),
            SocketAddr::V6(v6) => addresses.extend_from_slice(&v6.ip().octets()),
        }
    }
    for port in [source.port(), destination.port()] {
        addresses.extend_from_slice(&port.to_be_bytes());
    }
    out.extend_from_slice(SIGNATURE);
    out.push(VERSION_2_PROXY);
    out.push(if source.is_ipv4() { TCP_OVER_IPV4 } else { TCP_OVER_IPV6 });
    // 12 or 36 octets.
    out.extend_from_slice(&(addresses.len() as u16).to_be_bytes());
    out.extend_from_slice(&addresses);
}

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const VERSION_2_PROXY: u8 = 0x21;
const TCP_OVER_IPV4: u8 = 0x11;
const TCP_OVER_IPV6: u8 = 0x21;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn written(version: ProxyVersion, source: &str, destination: &str) -> Vec<u8> {
        let mut out = vec![];
        let header = ProxyHeader {
            version,
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
        };
        header.write(&mut out);
        out
    }

    #[test]
    fn lines() {
        let line = written(ProxyVersion::Text, "[2001:db8::7]:1", "[2001:db8::1]:25");
        assert_eq!(line, b"PROXY TCP6 2001:db8::7 2001:db8::1 1 25\r\n");
        let mixed = written(ProxyVersion::Text, "192.0.2.7:1", "[2001:db8::1]:25");
        assert_eq!(mixed, b"PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 1 25\r\n");
        let longest = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
        assert!(written(ProxyVersion::Text, longest, longest).len() <= 107);
    }

    #[test]
    fn octets() {
        let octets = written(ProxyVersion::Binary, "192.0.2.7:258", "198.51.100.1:25");
        let tail = [0x21, 0x11, 0, 12, 192, 0, 2, 7, 198, 51, 100, 1, 1, 2, 0, 25];
        assert_eq!(octets, [&SIGNATURE[..], &tail].concat());
        let octets = written(ProxyVersion::Binary, "[2001:db8::7]:1", "[2001:db8::1]:25");
        assert_eq!(octets.len(), 16 + 36);
        assert_eq!(octets[12..16], [0x21, 0x21, 0, 36]);
    }
}
