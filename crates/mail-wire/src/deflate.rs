//! The DEFLATE layer of RFC 4978 without its I/O: raw DEFLATE data (RFC 1951) in both directions, no header around it.

use alloc::boxed::Box;
use core::fmt;

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_IGNORE_ADLER32, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, TINFL_LZ_DICT_SIZE, decompress_with_limit};

use crate::{Outbox, Window};

/// Compresses what a machine writes and inflates what it reads: `COMPRESS=DEFLATE` (RFC 4978) between a machine and its
/// transport.
///
/// - **Chunking never matters.** However the input is cut, the plain octets and the fault behind them are the same.
/// - **A bomb costs what is read of it.** [`read`](Self::read) inflates no octet more than its slice takes.
/// - **Bounded.** [`Deflate::MEMORY`] octets, and beyond them only what [`new`](Self::new) was given.
///
/// ```
/// use mail_wire::Deflate;
///
/// let mut alice = Deflate::new(&[]);
/// assert_eq!(alice.write(b"a1 NOOP\r\n"), 9);
/// alice.flush();
///
/// // What alice has read before the layer was in place is the layer's too; so it is for bob.
/// let mut bob = Deflate::new(alice.transmit());
/// let mut plain = [0; 64];
/// let n = bob.read(&mut plain)?;
/// assert_eq!(&plain[..n], b"a1 NOOP\r\n");
/// # Ok::<(), mail_wire::InflateFault>(())
/// ```
pub struct Deflate {
    input: Window,
    inflater: Inflater,
    deflater: Deflater,
}

impl Deflate {
    /// What one layer allocates at most, in octets: about 50 KiB to inflate, and 580 KiB to compress, of which 256 KiB
    /// are output that waits.
    pub const MEMORY: usize = 640 * 1024;

    /// Compressed octets that wait in the layer, at most; see [`space`](Self::space).
    const INPUT: usize = 8 * 1024;

    /// A layer whose input begins with `unread`: octets that were read from the transport before the layer was put in.
    pub fn new(unread: &[u8]) -> Self {
        let mut input = Window::new(unread.len().max(Self::INPUT));
        let mut rest = unread;
        while !rest.is_empty() {
            let space = input.space();
            let n = space.len().min(rest.len());
            space[..n].copy_from_slice(&rest[..n]);
            input.filled(n);
            rest = &rest[n..];
        }
        Self {
            input,
            inflater: Inflater::new(),
            deflater: Deflater::new(),
        }
    }

    /// Where the driver puts compressed octets that it read. Never empty when [`read`](Self::read) has returned 0.
    pub fn space(&mut self) -> &mut [u8] {
        self.input.space()
    }

    /// The first `n` octets of [`space`](Self::space) have been filled.
    ///
    /// # Panics
    ///
    /// When there was less space: a bug of the driver.
    pub fn filled(&mut self, n: usize) {
        self.input.filled(n);
    }

    /// Inflates into `plain` and returns how many octets that gave; 0 (for a slice with room): more input is needed, or
    /// the stream is at its end, behind which nothing may come.
    ///
    /// Each octet that the peer has flushed is given. An end of the transport's input may cut the stream anywhere; the
    /// octets before it are as good as those before the end of a plain connection, and the protocol above judges.
    ///
    /// # Errors
    ///
    /// [`InflateFault`], behind the last good octet, and at each later call.
    pub fn read(&mut self, plain: &mut [u8]) -> Result<usize, InflateFault> {
        let n = self.inflater.read(&mut self.input, plain);
        match self.inflater.state {
            _ if n > 0 || plain.is_empty() => Ok(n),
            Inflow::Broken => Err(InflateFault::Invalid),
            Inflow::Ended if !self.input.unread().is_empty() => Err(InflateFault::BehindEnd),
            _ => Ok(0),
        }
    }

    /// Whether [`read`](Self::read) may have something to say although no input is added. It may also return 0 then.
    pub fn is_readable(&self) -> bool {
        !self.input.unread().is_empty() || matches!(self.inflater.state, Inflow::More | Inflow::Broken)
    }

    /// Compresses the first octets of `plain` and returns how many; 0 when too much output waits. Nothing of it needs to
    /// be in [`transmit`](Self::transmit) before [`flush`](Self::flush).
    pub fn write(&mut self, plain: &[u8]) -> usize {
        self.deflater.write(plain)
    }

    /// Lets go of each octet written so far, so that the peer can inflate all of them (RFC 4978 §4). Without effect when
    /// nothing was written since the last time.
    pub fn flush(&mut self) {
        self.deflater.flush();
    }

    /// Compressed octets to write now, oldest first.
    pub fn transmit(&self) -> &[u8] {
        self.deflater.output.unsent()
    }

    /// The first `n` octets of [`transmit`](Self::transmit) were written. More than there are is taken as all.
    pub fn transmitted(&mut self, n: usize) {
        self.deflater.output.sent(n);
    }
}

impl fmt::Debug for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflate")
            .field("unread", &self.input.unread().len())
            .field("inflow", &self.inflater.state)
            .field("unsent", &self.deflater.output.len())
            .finish()
    }
}

/// What is wrong with the peer's compressed octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InflateFault {
    /// They are no DEFLATE data.
    #[error("the octets are no DEFLATE data")]
    Invalid,
    /// The peer ended its stream, and sent more.
    #[error("octets behind the end of the DEFLATE stream")]
    BehindEnd,
}

/// The reading half.
struct Inflater {
    core: Box<DecompressorOxide>,
    /// The last 32 KiB of plain octets, which the stream refers to.
    ring: Box<[u8]>,
    /// Where in the ring the next octet goes.
    at: usize,
    round: Round,
    state: Inflow,
}

/// Whether all of the ring is the stream's. In the first round a distance may lead to before the stream's first octet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    First,
    Later,
}

impl Round {
    const fn flags(self) -> u32 {
        const ALWAYS: u32 = TINFL_FLAG_HAS_MORE_INPUT | TINFL_FLAG_IGNORE_ADLER32;
        match self {
            Self::First => ALWAYS | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            Self::Later => ALWAYS,
        }
    }
}

/// How the reading half goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inflow {
    /// Everything that was put in has come out.
    Thirsty,
    /// The slice was full: more may come out without input.
    More,
    /// The stream's last block is complete.
    Ended,
    /// The stream was not DEFLATE.
    Broken,
}

impl Inflater {
    fn new() -> Self {
        Self {
            core: Box::default(),
            ring: alloc::vec![0; TINFL_LZ_DICT_SIZE].into_boxed_slice(),
            at: 0,
            round: Round::First,
            state: Inflow::Thirsty,
        }
    }

    fn read(&mut self, input: &mut Window, plain: &mut [u8]) -> usize {
        let mut given = 0;
        while given < plain.len() && self.goes_on(input) {
            let room = (plain.len() - given).min(self.ring.len() - self.at);
            let (status, taken, made) = decompress_with_limit(
                &mut self.core,
                input.unread(),
                &mut self.ring,
                self.at,
                room,
                self.round.flags(),
            );
            input.consume(taken);
            plain[given..given + made].copy_from_slice(&self.ring[self.at..self.at + made]);
            given += made;
            self.at += made;
            if self.at == self.ring.len() {
                (self.at, self.round) = (0, Round::Later);
            }
            self.state = match status {
                TINFLStatus::NeedsMoreInput => Inflow::Thirsty,
                TINFLStatus::HasMoreOutput => Inflow::More,
                TINFLStatus::Done => Inflow::Ended,
                _ => Inflow::Broken,
            };
        }
        given
    }

    fn goes_on(&self, input: &Window) -> bool {
        match self.state {
            Inflow::Thirsty => !input.unread().is_empty(),
            Inflow::More => true,
            Inflow::Ended | Inflow::Broken => false,
        }
    }
}

/// The writing half.
struct Deflater {
    core: Box<CompressorOxide>,
    output: Outbox,
    held: Held,
}

/// Whether the compressor holds octets back. A flush of nothing would still write a block, each time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Octets,
}

impl Deflater {
    /// Output beyond which no more is taken.
    const HIGH: usize = 16 * 1024;
    /// Plain octets that are compressed at once.
    const PIECE: usize = 16 * 1024;

    fn new() -> Self {
        // The level that costs least: RFC 4978 §4 finds it good for what a mail server says.
        let core = CompressorOxide::with_format_and_level(DataFormat::Raw, CompressionLevel::BestSpeed);
        Self {
            core: Box::new(core),
            output: Outbox::default(),
            held: Held::Nothing,
        }
    }

    fn write(&mut self, plain: &[u8]) -> usize {
        if plain.is_empty() || self.output.len() >= Self::HIGH {
            return 0;
        }
        self.held = Held::Octets;
        self.compress(&plain[..plain.len().min(Self::PIECE)], TDEFLFlush::None)
    }

    fn flush(&mut self) {
        if self.held == Held::Octets {
            self.compress(&[], TDEFLFlush::Sync);
            self.held = Held::Nothing;
        }
    }

    /// How many octets of `plain` were taken: all, because the output takes all.
    fn compress(&mut self, plain: &[u8], flush: TDEFLFlush) -> usize {
        let output = self.output.buffer();
        let (status, taken) = compress_to_output(&mut self.core, plain, flush, |octets| {
            output.extend_from_slice(octets);
            true
        });
        debug_assert_eq!((status, taken), (TDEFLStatus::Okay, plain.len()));
        taken
    }
}

#[cfg(test)]
mod tests {
    use core::mem::size_of;

    use super::*;

    /// A compressor that is never flushed and never drained stops taking octets, within the stated memory.
    #[test]
    fn output_that_nobody_takes_is_bounded() {
        let mut noise = 1u64;
        let mut layer = Deflate::new(&[]);
        let mut plain = [0; 64 * 1024];
        let stops = (0..1000).any(|round| {
            plain.fill_with(|| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (noise >> 56) as u8
            });
            layer.write(&plain[round % 7..]) == 0
        });
        assert!(stops);
        layer.flush();
        let waiting = layer.deflater.output.buffer().capacity();
        assert!(waiting <= 256 * 1024, "{waiting}");
        assert_eq!(layer.write(b"more"), 0);
    }

    #[test]
    fn the_stated_memory_holds_the_rest() {
        // What a compressor boxes: the output of a block, the dictionary and two tables over it, code tables.
        let boxed = 64 * 1024 * 13 / 10 + 33 * 1024 + 2 * 64 * 1024 + 12 * 1024;
        let compressor = size_of::<CompressorOxide>() + boxed;
        let inflater = size_of::<DecompressorOxide>() + TINFL_LZ_DICT_SIZE;
        assert!(compressor <= 324 * 1024, "{compressor}");
        assert!(inflater + Deflate::INPUT <= 52 * 1024, "{inflater}");
        assert!(compressor + inflater + Deflate::INPUT + 256 * 1024 <= Deflate::MEMORY);
    }
}
