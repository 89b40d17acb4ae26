//! The PROXY protocol, versions 1 and 2 (haproxy's `proxy-protocol.txt`): what a proxy says of the connection that it
//! forwards, in front of the first octet of any protocol.
//!
//! Whoever sends this header says where mail comes from: take it from proxies that are known by their address, and from
//! nobody else.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A header of the PROXY protocol.
///
/// ```
/// # use mail_wire::{ProxyHeader, ProxyOrigin};
/// let input = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\nEHLO client.example\r\n";
/// let (header, octets) = ProxyHeader::parse(input)?.expect("all of it is there");
/// assert_eq!(header.source(), Some("192.0.2.7:56324".parse().unwrap()));
/// assert!(input[octets..].starts_with(b"EHLO"));
/// assert_eq!(ProxyHeader::parse(b"PROXY TC"), Ok(None));
/// # Ok::<(), mail_wire::ProxyFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyHeader {
    origin: ProxyOrigin,
    tlvs: Box<[u8]>,
}

/// Where a forwarded connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyOrigin {
    /// The proxy itself: a check whether the server lives.
    Local,
    /// The proxy cannot say.
    Unknown,
    /// A client of this address, which connected to that one.
    Inet {
        /// The client's end.
        source: SocketAddr,
        /// The proxy's end.
        destination: SocketAddr,
    },
    /// A socket in the file system.
    Unix,
}

/// The form of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyVersion {
    /// Version 1, a line.
    Text,
    /// Version 2, octets.
    Binary,
}

/// An addition of version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyTlv<'a> {
    /// What it is, such as 0x02: the host name that the client asked for.
    pub kind: u8,
    /// Its value.
    pub value: &'a [u8],
}

/// Octets that are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyFault {
    /// Neither version begins so.
    #[error("no PROXY header")]
    Missing,
    /// A line that version 1 does not have.
    #[error("malformed PROXY line")]
    Line,
    /// A version, command or family of addresses that version 2 does not have, or too few octets for the addresses.
    #[error("malformed PROXY header")]
    Header,
    /// The additions do not fill the header.
    #[error("malformed additions of a PROXY header")]
    Tlv,
    /// Too long.
    #[error("PROXY header longer than {limit} octets")]
    TooLong {
        /// The limit in octets.
        limit: usize,
    },
}

impl ProxyHeader {
    /// Octets of a line of version 1 with its CRLF at most.
    pub const MAX_V1: usize = 107;
    /// Octets of a header of version 2 at most: 16, addresses, and some room for additions. The protocol would allow
    /// 65,551.
    pub const MAX_V2: usize = 4096;

    /// Parses the header at the front of `input`, and says how many octets it has; `None` while they are not all there. A
    /// wrong octet is found as soon as it is, a length over the limit as soon as it is announced.
    ///
    /// # Errors
    ///
    /// [`ProxyFault`]. The connection is then to be closed: nothing says where its protocol begins.
    pub fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, ProxyFault> {
        if begins_as(input, SIGNATURE) {
            return version_2(input);
        }
        match begins_as(input, PREFIX) {
            true => version_1(input),
            false => Err(ProxyFault::Missing),
        }
    }

    /// Where the connection comes from.
    pub const fn origin(&self) -> &ProxyOrigin {
        &self.origin
    }

    /// The client's address and port, if the proxy has said them.
    pub const fn source(&self) -> Option<SocketAddr> {
        match self.origin {
            ProxyOrigin::Inet { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The additions of version 2 in their order, as they came.
    pub fn tlvs(&self) -> impl Iterator<Item = ProxyTlv<'_>> {
        let mut rest = &*self.tlvs;
        core::iter::from_fn(move || {
            let (tlv, behind) = tlv(rest)?;
            rest = behind;
            Some(tlv)
        })
    }
}

impl ProxyOrigin {
    /// Appends a header that says so, without additions. Where one address is IPv4 and the other is not, both are written as
    /// IPv6. What a version has no words for is unknown: the proxy itself in version 1, a socket in the file system in both.
    ///
    /// ```
    /// # use mail_wire::{ProxyOrigin, ProxyVersion};
    /// let origin = ProxyOrigin::Inet {
    ///     source: "192.0.2.7:51234".parse().unwrap(),
    ///     destination: "198.51.100.1:25".parse().unwrap(),
    /// };
    /// let mut octets = Vec::new();
    /// origin.write(ProxyVersion::Text, &mut octets);
    /// assert_eq!(octets, b"PROXY TCP4 192.0.2.7 198.51.100.1 51234 25\r\n");
    /// ```
    pub fn write(&self, version: ProxyVersion, out: &mut Vec<u8>) {
        let ends = match *self {
            Self::Inet { source, destination } => Some(of_one_family(source, destination)),
            Self::Local | Self::Unknown | Self::Unix => None,
        };
        match version {
            ProxyVersion::Text => write_line(ends, out),
            ProxyVersion::Binary => {
                let command = if *self == Self::Local { 0x20 } else { 0x21 };
                write_octets(command, ends, out);
            }
        }
    }
}

fn of_one_family(source: SocketAddr, destination: SocketAddr) -> (SocketAddr, SocketAddr) {
    let mapped = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        v6 => v6,
    };
    match source.is_ipv4() == destination.is_ipv4() {
        true => (source, destination),
        false => (mapped(source), mapped(destination)),
    }
}

fn write_line(ends: Option<(SocketAddr, SocketAddr)>, out: &mut Vec<u8>) {
    let Some((from, to)) = ends else {
        return out.extend_from_slice(b"PROXY UNKNOWN\r\n");
    };
    let family = if from.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from_port, to_port) = (from.port(), to.port());
    let (from, to) = (from.ip(), to.ip());
    out.extend_from_slice(format!("PROXY {family} {from} {to} {from_port} {to_port}\r\n").as_bytes());
}

/// Signature, version and command, family and protocol, length, addresses, ports.
fn write_octets(command: u8, ends: Option<(SocketAddr, SocketAddr)>, out: &mut Vec<u8>) {
    let mut block = Vec::new();
    let ends = ends.map(|(from, to)| [from, to]);
    for address in ends.iter().flatten() {
        match address {
            SocketAddr::V4(v4) => block.extend_from_slice(&v4.ip().octets()),
            SocketAddr::V6(v6) => block.extend_from_slice(&v6.ip().octets()),
        }
    }
    for address in ends.iter().flatten() {
        block.extend_from_slice(&address.port().to_be_bytes());
    }
    let family = match ends {
        None => 0x00,
        Some([SocketAddr::V4(_), _]) => 0x11,
        Some(_) => 0x21,
    };
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&[command, family]);
    // 0, 12 or 36 octets.
    out.extend_from_slice(&(block.len() as u16).to_be_bytes());
    out.extend_from_slice(&block);
}

/// Whether `input` begins with `front`, or is a beginning of it.
fn begins_as(input: &[u8], front: &[u8]) -> bool {
    let n = input.len().min(front.len());
    input[..n] == front[..n]
}

/// ```text
/// "PROXY" SP ( "TCP4" / "TCP6" ) SP source SP destination SP port SP port CRLF
/// "PROXY" SP "UNKNOWN" *OCTET CRLF
/// ```
fn version_1(input: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyFault> {
    let limit = ProxyHeader::MAX_V1;
    let Some(end) = input.iter().take(limit).position(|&octet| octet == b'\n') else {
        return match input.len() < limit {
            true => Ok(None),
            false => Err(ProxyFault::TooLong { limit }),
        };
    };
    let line = input[..end]
        .strip_suffix(b"\r")
        .and_then(|line| core::str::from_utf8(line).ok());
    let origin = line.and_then(origin_of_line).ok_or(ProxyFault::Line)?;
    let tlvs = Box::default();
    Ok(Some((ProxyHeader { origin, tlvs }, end + 1)))
}

fn origin_of_line(line: &str) -> Option<ProxyOrigin> {
    let mut words = line.split(' ').skip(1);
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(ProxyOrigin::Unknown);
    }
    let (source, destination) = (words.next()?, words.next()?);
    let (from, to) = (port(words.next()?)?, port(words.next()?)?);
    let address = |text: &str| -> Option<IpAddr> {
        match family {
            "TCP4" => text.parse().ok().map(IpAddr::V4),
            "TCP6" => text.parse().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let origin = ProxyOrigin::Inet {
        source: SocketAddr::new(address(source)?, from),
        destination: SocketAddr::new(address(destination)?, to),
    };
    words.next().is_none().then_some(origin)
}

/// A decimal number without leading zeros.
fn port(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|octet| octet.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
}

fn version_2(input: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyFault> {
    let Some(&[version, family, high, low]) = input.get(SIGNATURE.len()..FIXED) else {
        let command = input.get(SIGNATURE.len());
        return match command {
            Some(octet) if !matches!(octet, 0x20 | 0x21) => Err(ProxyFault::Header),
            _ => Ok(None),
        };
    };
    let local = match version {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyFault::Header),
    };
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > ProxyHeader::MAX_V2 {
        let limit = ProxyHeader::MAX_V2;
        return Err(ProxyFault::TooLong { limit });
    }
    let Some(rest) = input.get(FIXED..length) else {
        return Ok(None);
    };
    let (origin, tlvs) = match local {
        // Its addresses are to be skipped, whatever they are.
        true => (ProxyOrigin::Local, &[][..]),
        false => addresses(family, rest).ok_or(ProxyFault::Header)?,
    };
    let mut behind = tlvs;
    while !behind.is_empty() {
        behind = tlv(behind).ok_or(ProxyFault::Tlv)?.1;
    }
    let tlvs = tlvs.into();
    Ok(Some((ProxyHeader { origin, tlvs }, length)))
}

/// The addresses of a family, and what stands behind them. Of an unspecified family nothing is known, not even where its
/// additions would begin: "the receiver should ignore the addresses".
fn addresses(family: u8, rest: &[u8]) -> Option<(ProxyOrigin, &[u8])> {
    let (source, destination, behind) = match family {
        0x00 => return Some((ProxyOrigin::Unknown, &[])),
        0x11 | 0x12 => {
            let (block, behind) = rest.split_first_chunk::<12>()?;
            let [a, b, c, d, e, f, g, h, ports @ ..] = *block;
            (
                socket(Ipv4Addr::new(a, b, c, d).into(), [ports[0], ports[1]]),
                socket(Ipv4Addr::new(e, f, g, h).into(), [ports[2], ports[3]]),
                behind,
            )
        }
        0x21 | 0x22 => {
            let (source, rest) = rest.split_first_chunk::<16>()?;
            let (destination, rest) = rest.split_first_chunk::<16>()?;
            let (&[a, b, c, d], behind) = rest.split_first_chunk::<4>()?;
            (
                socket(Ipv6Addr::from(*source).into(), [a, b]),
                socket(Ipv6Addr::from(*destination).into(), [c, d]),
                behind,
            )
        }
        0x31 | 0x32 => return Some((ProxyOrigin::Unix, rest.get(216..)?)),
        _ => return None,
    };
    Some((ProxyOrigin::Inet { source, destination }, behind))
}

fn socket(address: IpAddr, port: [u8; 2]) -> SocketAddr {
    SocketAddr::new(address, u16::from_be_bytes(port))
}

/// The addition at the front, and what stands behind it.
fn tlv(rest: &[u8]) -> Option<(ProxyTlv<'_>, &[u8])> {
    let (&[kind, high, low], rest) = rest.split_first_chunk::<3>()?;
    let (value, behind) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
    Some((ProxyTlv { kind, value }, behind))
}

const PREFIX: &[u8] = b"PROXY ";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Octets of signature, version, family and length.
const FIXED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut octets = SIGNATURE.to_vec();
        octets.extend_from_slice(&[command, family]);
        octets.extend_from_slice(&(rest.len() as u16).to_be_bytes());
        octets.extend_from_slice(rest);
        octets
    }

    /// Every beginning of a header asks for more, and what follows it is not looked at.
    fn whole(octets: &[u8]) -> ProxyHeader {
        for end in 0..octets.len() {
            assert_eq!(ProxyHeader::parse(&octets[..end]), Ok(None), "{end}");
        }
        let (header, n) = ProxyHeader::parse(octets).expect("valid").expect("whole");
        assert_eq!(n, octets.len());
        let behind = [octets, b"\r\n\0x".as_slice()].concat();
        assert_eq!(ProxyHeader::parse(&behind), Ok(Some((header.clone(), n))));
        header
    }

    #[test]
    fn what_is_written_is_read() {
        let longest = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
        let pairs = [
            ("192.0.2.7:258", "198.51.100.1:25", "192.0.2.7:258"),
            ("[2001:db8::7]:1", "[2001:db8::1]:25", "[2001:db8::7]:1"),
            ("192.0.2.7:1", "[2001:db8::1]:25", "[::ffff:192.0.2.7]:1"),
            (longest, longest, longest),
        ];
        let mut octets = Vec::new();
        for version in [ProxyVersion::Text, ProxyVersion::Binary] {
            for (source, destination, read) in pairs {
                octets.clear();
                let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
                ProxyOrigin::Inet { source, destination }.write(version, &mut octets);
                assert_eq!(whole(&octets).source(), Some(read.parse().unwrap()));
            }
            for (origin, read) in [
                (ProxyOrigin::Unknown, ProxyOrigin::Unknown),
                (ProxyOrigin::Unix, ProxyOrigin::Unknown),
            ] {
                octets.clear();
                origin.write(version, &mut octets);
                assert_eq!(whole(&octets).origin(), &read);
            }
        }
        octets.clear();
        ProxyOrigin::Local.write(ProxyVersion::Binary, &mut octets);
        assert_eq!(whole(&octets).origin(), &ProxyOrigin::Local);
    }

    #[test]
    fn lines_of_version_1() {
        let header = whole(b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
        assert_eq!(header.source(), Some("[2001:db8::1]:1".parse().expect("an address")));
        assert_eq!(whole(b"PROXY UNKNOWN\r\n").origin(), &ProxyOrigin::Unknown);
        assert_eq!(whole(b"PROXY UNKNOWN ffff:f::1 x 1 2\r\n").source(), None);
        for line in [
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
            "PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n",
            "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
            "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
            "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
        ] {
            assert_eq!(ProxyHeader::parse(line.as_bytes()), Err(ProxyFault::Line), "{line:?}");
        }
    }

    #[test]
    fn headers_of_version_2() {
        let block = [192, 0, 2, 7, 198, 51, 100, 1, 0xdc, 4, 0, 25];
        let tlvs = [2, 0, 2, b'm', b'x', 0x20, 0, 0];
        let header = whole(&v2(0x21, 0x11, &[&block[..], &tlvs].concat()));
        assert_eq!(header.source(), Some("192.0.2.7:56324".parse().expect("an address")));
        let found: Vec<_> = header.tlvs().collect();
        let value = b"mx".as_slice();
        assert_eq!(
            found,
            [ProxyTlv { kind: 2, value }, ProxyTlv { kind: 0x20, value: b"" }]
        );
        assert_eq!(whole(&v2(0x20, 0x00, b"")).origin(), &ProxyOrigin::Local);
        assert_eq!(whole(&v2(0x21, 0x00, b"anything")).origin(), &ProxyOrigin::Unknown);
        assert_eq!(whole(&v2(0x21, 0x31, &[0; 216])).origin(), &ProxyOrigin::Unix);
        assert!(whole(&v2(0x21, 0x21, &[0; 36])).source().is_some());
        for (octets, fault) in [
            (v2(0x22, 0x11, &block), ProxyFault::Header),
            (v2(0x11, 0x11, &block), ProxyFault::Header),
            (v2(0x21, 0x41, &block), ProxyFault::Header),
            (v2(0x21, 0x11, &block[..11]), ProxyFault::Header),
            (v2(0x21, 0x21, &block), ProxyFault::Header),
            (v2(0x21, 0x11, &[&block[..], &tlvs[..7]].concat()), ProxyFault::Tlv),
        ] {
            assert_eq!(ProxyHeader::parse(&octets), Err(fault));
        }
    }

    /// docs/threats.md row 29, and row 10: what is announced allocates nothing.
    #[test]
    fn limits() {
        let line = [b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200]].concat();
        let limit = ProxyHeader::MAX_V1;
        assert_eq!(ProxyHeader::parse(&line[..limit - 1]), Ok(None));
        assert_eq!(ProxyHeader::parse(&line), Err(ProxyFault::TooLong { limit }));
        let limit = ProxyHeader::MAX_V2;
        let announced = v2(0x21, 0x00, &[0; 5000]);
        assert_eq!(
            ProxyHeader::parse(&announced[..FIXED]),
            Err(ProxyFault::TooLong { limit })
        );
        for input in [&b"EHLO x\r\n"[..], b"proxy ", b"\r\n\r\n\0\r\nQUIX", b"PROXY\t"] {
            assert_eq!(ProxyHeader::parse(input), Err(ProxyFault::Missing));
        }
    }
}
