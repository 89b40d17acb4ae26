//! Capture files: pcap and pcapng, read as they grow.

use std::time::Duration;

use pcap_parser::nom;
use pcap_parser::pcapng::{Block, parse_block_be, parse_block_le, parse_sectionheaderblock};
use pcap_parser::{Linktype, parse_pcap_header};

/// A packet as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Since 1970, as the capturing clock had it.
    pub time: Duration,
    /// What the first header is.
    pub link: i32,
    /// What was kept of it.
    pub octets: Vec<u8>,
}

/// Why a capture is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureFault {
    /// Neither pcap nor pcapng.
    Unknown,
    /// Something that is no block or record stands at this octet of the file.
    Damaged {
        /// From the beginning of the file.
        offset: u64,
    },
    /// A record announces more octets than any packet has.
    TooLong {
        /// From the beginning of the file.
        offset: u64,
    },
    /// More interfaces in one section than anybody has.
    Interfaces,
}

impl std::fmt::Display for CaptureFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("neither pcap nor pcapng"),
            Self::Damaged { offset } => write!(f, "the capture is damaged at octet {offset}"),
            Self::TooLong { offset } => {
                write!(f, "the record at octet {offset} is longer than {LONGEST} octets")
            }
            Self::Interfaces => write!(f, "more than {MOST_INTERFACES} interfaces"),
        }
    }
}

impl std::error::Error for CaptureFault {}

/// Octets in, [`Frame`]s out. It holds what was pushed and not yet read, and at most [`MOST_INTERFACES`] interfaces.
#[derive(Debug, Default)]
pub struct Capture {
    octets: Vec<u8>,
    read: usize,
    dropped: u64,
    form: Form,
}

#[derive(Debug, Default)]
enum Form {
    #[default]
    Unknown,
    Pcap {
        big_endian: bool,
        nanoseconds: bool,
        /// The header of each record is longer by so many octets.
        more: usize,
        link: i32,
    },
    PcapNg {
        big_endian: bool,
        interfaces: Vec<Interface>,
    },
    Broken(CaptureFault),
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: i32,
    snaplen: u32,
    offset: i64,
    /// Units of time in a second.
    resolution: u64,
}

/// What was found at the front.
enum Found {
    Nothing,
    Frame(Frame),
    More,
}

impl Capture {
    /// Takes the next octets of the file in.
    pub fn push(&mut self, octets: &[u8]) {
        if self.read > self.octets.len() / 2 {
            self.octets.drain(..self.read);
            self.dropped += self.read as u64;
            self.read = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// The next packet, if it is there whole.
    ///
    /// # Errors
    ///
    /// What cannot be read. The same is said from then on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, CaptureFault> {
        loop {
            let found = match self.form {
                Form::Unknown => self.begin(),
                Form::Pcap { .. } => self.record(),
                Form::PcapNg { .. } => self.block(),
                Form::Broken(fault) => Err(fault),
            };
            match found {
                Ok(Found::Frame(frame)) => return Ok(Some(frame)),
                Ok(Found::Nothing) => {}
                Ok(Found::More) => return Ok(None),
                Err(fault) => {
                    self.form = Form::Broken(fault);
                    (self.octets, self.read) = (Vec::new(), 0);
                    return Err(fault);
                }
            }
        }
    }

    /// Octets of a record that is not there whole.
    pub fn unfinished(&self) -> usize {
        self.octets.len() - self.read
    }

    fn unread(&self) -> &[u8] {
        &self.octets[self.read..]
    }

    fn offset(&self) -> u64 {
        self.dropped + self.read as u64
    }

    fn damaged(&self) -> CaptureFault {
        CaptureFault::Damaged { offset: self.offset() }
    }

    fn begin(&mut self) -> Result<Found, CaptureFault> {
        let Some(magic) = self.unread().first_chunk::<4>() else {
            return Ok(Found::More);
        };
        if *magic == SECTION {
            self.form = Form::PcapNg {
                big_endian: false,
                interfaces: Vec::new(),
            };
            return Ok(Found::Nothing);
        }
        if self.unread().len() < 24 {
            return Ok(Found::More);
        }
        let (rest, header) = parse_pcap_header(self.unread()).map_err(|_| CaptureFault::Unknown)?;
        let form = Form::Pcap {
            big_endian: header.is_bigendian(),
            nanoseconds: header.is_nanosecond_precision(),
            more: if header.is_modified_format() { 8 } else { 0 },
            link: link_type(header.network),
        };
        self.read = self.octets.len() - rest.len();
        self.form = form;
        Ok(Found::Nothing)
    }

    fn record(&mut self) -> Result<Found, CaptureFault> {
        let Form::Pcap {
            big_endian,
            nanoseconds,
            more,
            link,
        } = self.form
        else {
            return Ok(Found::Nothing);
        };
        let unread = self.unread();
        if unread.len() < 16 + more {
            return Ok(Found::More);
        }
        let [seconds, fraction, kept] = [0, 4, 8].map(|at| number(unread, at, big_endian));
        if kept > LONGEST {
            return Err(CaptureFault::TooLong { offset: self.offset() });
        }
        let Some(octets) = unread[16 + more..].get(..kept as usize) else {
            return Ok(Found::More);
        };
        let nanos = if nanoseconds {
            fraction
        } else {
            fraction.saturating_mul(1000)
        };
        let frame = Frame {
            time: Duration::from_secs(seconds.into()).saturating_add(Duration::from_nanos(nanos.into())),
            link,
            octets: octets.to_vec(),
        };
        self.read += 16 + more + frame.octets.len();
        Ok(Found::Frame(frame))
    }

    fn block(&mut self) -> Result<Found, CaptureFault> {
        let Some(&head) = self.unread().first_chunk::<12>() else {
            return Ok(Found::More);
        };
        let is_section = head[..4] == SECTION;
        let Form::PcapNg { big_endian, interfaces } = &mut self.form else {
            return Ok(Found::Nothing);
        };
        if is_section {
            *big_endian = head[8..12] == [0x1a, 0x2b, 0x3c, 0x4d];
            interfaces.clear();
        }
        let big_endian = *big_endian;
        let length = number(&head, 4, big_endian);
        if length > LONGEST + MARGIN {
            return Err(CaptureFault::TooLong { offset: self.offset() });
        }
        let length = length as usize;
        if length < 12 || !length.is_multiple_of(4) {
            return Err(self.damaged());
        }
        if self.unread().len() < length {
            return Ok(Found::More);
        }
        let block = self.octets[self.read..self.read + length].to_vec();
        let found = self.understand(&block, is_section, big_endian)?;
        self.read += length;
        Ok(found)
    }

    fn understand(&mut self, block: &[u8], is_section: bool, big_endian: bool) -> Result<Found, CaptureFault> {
        let damaged = self.damaged();
        let Form::PcapNg { interfaces, .. } = &mut self.form else {
            return Ok(Found::Nothing);
        };
        if is_section {
            let _: (&[u8], _) = parse_sectionheaderblock(block).map_err(|_| damaged)?;
            return Ok(Found::Nothing);
        }
        let parsed: Result<(&[u8], Block<'_>), nom::Err<_>> = match big_endian {
            true => parse_block_be(block),
            false => parse_block_le(block),
        };
        let Ok((_, block)) = parsed else {
            return Err(damaged);
        };
        match block {
            Block::InterfaceDescription(_) if interfaces.len() == MOST_INTERFACES => Err(CaptureFault::Interfaces),
            Block::InterfaceDescription(block) => {
                interfaces.push(Interface {
                    link: link_type(block.linktype),
                    snaplen: block.snaplen,
                    offset: block.ts_offset(),
                    resolution: block.ts_resolution().unwrap_or(1_000_000).max(1),
                });
                Ok(Found::Nothing)
            }
            Block::EnhancedPacket(block) => {
                let interface = interfaces.get(block.if_id as usize).ok_or(damaged)?;
                let octets = block.data.get(..block.caplen as usize).unwrap_or(block.data);
                let units = u64::from(block.ts_high) << 32 | u64::from(block.ts_low);
                Ok(Found::Frame(interface.frame(units, octets)))
            }
            Block::SimplePacket(block) => {
                let interface = interfaces.first().ok_or(damaged)?;
                let most = if interface.snaplen == 0 {
                    block.origlen
                } else {
                    block.origlen.min(interface.snaplen)
                };
                let octets = block.data.get(..most as usize).unwrap_or(block.data);
                Ok(Found::Frame(interface.frame(0, octets)))
            }
            _ => Ok(Found::Nothing),
        }
    }
}

impl Interface {
    fn frame(&self, units: u64, octets: &[u8]) -> Frame {
        let seconds = (units / self.resolution).saturating_add_signed(self.offset);
        let nanos = u128::from(units % self.resolution) * 1_000_000_000 / u128::from(self.resolution);
        Frame {
            time: Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos as u64)),
            link: self.link,
            octets: octets.to_vec(),
        }
    }
}

fn link_type(link: Linktype) -> i32 {
    // What stands above the lower 16 bits says how frames end (pcap), or is unused.
    link.0 & 0xffff
}

fn number(octets: &[u8], at: usize, big_endian: bool) -> u32 {
    let four = octets
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .unwrap_or_default();
    match big_endian {
        true => u32::from_be_bytes(four),
        false => u32::from_le_bytes(four),
    }
}

/// The type of a section header block, the same in both byte orders.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Octets of the longest packet; tcpdump and Wireshark keep at most 256 KiB of each.
const LONGEST: u32 = 1 << 20;

/// Octets of a block beside its packet.
const MARGIN: u32 = 64 * 1024;

/// Interfaces of a section.
pub const MOST_INTERFACES: usize = 1024;
