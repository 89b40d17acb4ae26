//! A message that is being taken apart: the one that streams in, or one that is decoded inside.

use crate::Limits;
use crate::entity::{Found, Walker};
use crate::transfer::Decoder;

/// The octets that a window has room for, unless one header field needs more.
const WINDOW: usize = 16 * 1024;

/// A message, the octets of it that are being looked at, and where it is.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) walker: Walker,
    /// Decodes the body that the walker is in.
    pub(super) decoder: Option<Decoder>,
    /// Where the body begins whose header section was over last.
    pub(super) body: usize,
    /// The end of a body that was decoded whole into the layer above, which is not through with it.
    pub(super) ending: Option<usize>,
    /// Octets of the message, from `base` on.
    window: Vec<u8>,
    base: usize,
    /// Octets that the window may hold.
    room: usize,
    eof: bool,
}

impl Layer {
    /// A message that lies inside `depth` entities, behind the begin of `parts` ones.
    pub(super) fn new(limits: Limits, depth: usize, parts: usize) -> Self {
        Self {
            walker: Walker::new(limits, depth, parts),
            decoder: None,
            body: 0,
            ending: None,
            window: Vec::new(),
            base: 0,
            room: WINDOW,
            eof: false,
        }
    }

    pub(super) fn push(&mut self, input: &[u8]) -> usize {
        if self.eof {
            return 0;
        }
        self.compact();
        let len = input.len().min(self.room.saturating_sub(self.window.len()));
        self.window.extend_from_slice(&input[..len]);
        len
    }

    /// Makes room and gives the window, to which octets may be appended.
    pub(super) fn fill(&mut self) -> &mut Vec<u8> {
        self.compact();
        &mut self.window
    }

    pub(super) fn finish(&mut self) {
        self.eof = true;
    }

    /// The next thing in the window.
    pub(super) fn step(&mut self) -> Found {
        let unread = &self.window[self.walker.position() - self.base..];
        let found = self.walker.step(unread, self.eof);
        if found == Found::NeedInput && self.unread() >= self.room {
            // One thing fills the window. The walker gives up on what is beyond its limits, so that this ends.
            self.room *= 2;
        }
        found
    }

    /// The octets in the window; the first one has the offset [`base`](Self::base).
    pub(super) fn window(&self) -> &[u8] {
        &self.window
    }

    /// Octets of the message in front of the window.
    pub(super) fn base(&self) -> usize {
        self.base
    }

    /// The last octets in front of the walker.
    pub(super) fn last(&self, len: usize) -> &[u8] {
        let end = self.walker.position() - self.base;
        &self.window[end - len..end]
    }

    fn unread(&self) -> usize {
        self.window.len() - (self.walker.position() - self.base)
    }

    /// Drops what was told, if it is most of the window: so each octet is moved at most once on average.
    fn compact(&mut self) {
        let told = self.walker.position() - self.base;
        if told > self.window.len() / 2 || self.window.len() >= self.room {
            self.window.drain(..told);
            self.base += told;
        }
    }
}
