//! From a frame to what TCP or UDP carries.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

use crate::capture::Frame;

/// What a frame is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A segment of TCP.
    Tcp(Segment),
    /// A datagram of UDP.
    Udp(Datagram),
    /// A part of an IP packet, between these two; not put together.
    Fragment(IpAddr, IpAddr),
    /// Something else, or what cannot be read.
    Other,
    /// A link type that is not known.
    UnknownLink(i32),
}

/// A segment of TCP (RFC 9293 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// The number of its first octet.
    pub sequence: u32,
    /// The number that the sender waits for.
    pub acknowledged: Option<u32>,
    /// The first segment.
    pub syn: bool,
    /// The last.
    pub fin: bool,
    /// The connection was broken off.
    pub rst: bool,
    /// What was captured of its octets.
    pub payload: Vec<u8>,
    /// Octets behind them that it had and that were not captured.
    pub missing: u32,
}

/// A datagram of UDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// Its octets.
    pub payload: Vec<u8>,
}

/// Looks into a frame.
pub fn dissect(frame: &Frame) -> Packet {
    let octets = frame.octets.as_slice();
    let sliced = match frame.link {
        0 | 108 => octets.get(4..).map(from_ip),
        1 => Some(LaxSlicedPacket::from_ethernet(octets).ok()),
        12 | 14 | 101 | 228 | 229 => Some(from_ip(octets)),
        113 => behind_type(octets, 14, 16),
        276 => behind_type(octets, 0, 20),
        link => return Packet::UnknownLink(link),
    };
    sliced.flatten().map_or(Packet::Other, |sliced| transport(&sliced))
}

fn from_ip(octets: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(octets).ok()
}

/// Linux' cooked headers: a protocol as in Ethernet, at this place.
fn behind_type(octets: &[u8], protocol: usize, header: usize) -> Option<Option<LaxSlicedPacket<'_>>> {
    let number = octets.get(protocol..protocol + 2)?.try_into().ok()?;
    let ether_type = EtherType(u16::from_be_bytes(number));
    Some(Some(LaxSlicedPacket::from_ether_type(
        ether_type,
        octets.get(header..)?,
    )))
}

fn transport(sliced: &LaxSlicedPacket<'_>) -> Packet {
    let Some((from, to, missing)) = sliced.net.as_ref().and_then(addresses) else {
        return Packet::Other;
    };
    if sliced
        .net
        .as_ref()
        .and_then(LaxNetSlice::ip_payload_ref)
        .is_some_and(|payload| payload.fragmented)
    {
        return Packet::Fragment(from, to);
    }
    match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => Packet::Tcp(Segment {
            from: (from, tcp.source_port()).into(),
            to: (to, tcp.destination_port()).into(),
            sequence: tcp.sequence_number(),
            acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
            syn: tcp.syn(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            payload: tcp.payload().to_vec(),
            missing,
        }),
        Some(TransportSlice::Udp(udp)) => Packet::Udp(Datagram {
            from: (from, udp.source_port()).into(),
            to: (to, udp.destination_port()).into(),
            payload: udp.payload().to_vec(),
        }),
        _ => Packet::Other,
    }
}

/// Who to whom, and how many octets of the IP packet were not captured.
fn addresses(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr, u32)> {
    let (from, to, announced): (IpAddr, IpAddr, usize) = match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let announced = usize::from(header.total_len()).saturating_sub(header.slice().len());
            (header.source_addr().into(), header.destination_addr().into(), announced)
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let announced = usize::from(header.payload_length()).saturating_sub(ip.extensions().slice().len());
            (header.source_addr().into(), header.destination_addr().into(), announced)
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let payload = net.ip_payload_ref()?;
    let missing = match payload.incomplete {
        true => announced.saturating_sub(payload.payload.len()),
        false => 0,
    };
    Some((from, to, u32::try_from(missing).unwrap_or(0)))
}
