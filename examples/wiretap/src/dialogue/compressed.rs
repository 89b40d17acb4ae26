//! A dialogue inside COMPRESS (RFC 4978): both sides are inflated, and the dialogue goes on.

use mail_wire::{Deflate, Layer};

use super::{Dialogue, Tally};
use crate::item::{Kind, Log, Side, Stamp};

/// A dialogue whose octets are compressed.
pub struct Compressed {
    inside: Box<dyn Dialogue>,
    /// Of each side, until something is missing: what follows then cannot be read.
    layers: [Option<Deflate>; 2],
}

impl Compressed {
    /// The rest of this dialogue.
    pub fn new(inside: Box<dyn Dialogue>) -> Self {
        Self {
            inside,
            layers: [Some(Deflate::new(&[])), Some(Deflate::new(&[]))],
        }
    }

    /// What these octets are; none if they are none of the layer.
    fn inflate(&mut self, side: Side, mut octets: &[u8]) -> Option<Vec<u8>> {
        let layer = self.layers[side as usize].as_mut()?;
        let mut plain = Vec::new();
        let mut piece = vec![0; 16 * 1024];
        loop {
            let space = layer.space();
            let count = space.len().min(octets.len());
            space[..count].copy_from_slice(&octets[..count]);
            layer.filled(count);
            octets = &octets[count..];
            let read = layer.read(&mut piece).ok()?;
            plain.extend_from_slice(&piece[..read]);
            // A few octets may be a great many when they are inflated.
            if plain.len() > MOST_AT_ONCE {
                return None;
            }
            if read == 0 && octets.is_empty() {
                return Some(plain);
            }
            if read == 0 && count == 0 {
                return None;
            }
        }
    }
}

impl Dialogue for Compressed {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        if self.layers[side as usize].is_none() {
            return;
        }
        match self.inflate(side, octets) {
            Some(plain) => self.inside.continue_in(stamp, side, &plain, log),
            None => {
                self.layers[side as usize] = None;
                log.say(
                    stamp,
                    side,
                    Kind::Warning("these octets are not compressed as they should be".into()),
                );
            }
        }
    }

    fn hole(&mut self, stamp: Stamp, side: Side, _: u64, log: &mut Log) {
        self.layers[side as usize] = None;
        log.say(
            stamp,
            side,
            Kind::Warning("what follows cannot be inflated without it".into()),
        );
    }

    fn end(&mut self, stamp: Stamp, log: &mut Log) {
        self.inside.end(stamp, log);
    }

    fn is_waiting(&self) -> bool {
        self.inside.is_waiting()
    }

    fn held(&self) -> usize {
        self.inside.held() + self.layers.iter().flatten().count() * Deflate::MEMORY
    }

    fn tally(&self) -> Tally {
        self.inside.tally()
    }

    fn layer(&self) -> Option<Layer> {
        self.inside.layer().filter(|layer| *layer == Layer::Tls)
    }
}

/// Octets that a packet is inflated to.
const MOST_AT_ONCE: usize = 64 << 20;
