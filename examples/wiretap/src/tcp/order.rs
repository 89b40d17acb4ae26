//! Both directions of a connection, in an order in which they may have been said.
//!
//! Each segment acknowledges what its sender has heard. An answer is therefore told behind what it answers, also when the
//! capture has the question later, or has it not at all and that is found out late.

use std::collections::VecDeque;

use super::{Direction, Heard, Piece};
use crate::item::Side;

/// Pieces that wait for those of the other side: at most about 4 MiB in 4096 pieces.
#[derive(Debug, Default)]
pub struct Order {
    /// Of the client, and of the server.
    ready: [VecDeque<Heard>; 2],
    octets: [u64; 2],
}

impl Order {
    /// Takes pieces of one side in.
    pub fn push(&mut self, side: Side, pieces: Vec<Heard>) {
        for piece in pieces {
            self.octets[side as usize] += piece.0.len();
            self.ready[side as usize].push_back(piece);
        }
    }

    /// Octets that wait.
    pub fn held(&self) -> u64 {
        self.octets.iter().sum()
    }

    /// The piece that is told next, if one may be; with `all`, any that is there.
    pub fn pop(&mut self, up: &Direction, down: &Direction, all: bool) -> Option<(Side, Piece)> {
        let client = self.may_be_told(Side::Client, down);
        let server = self.may_be_told(Side::Server, up);
        let side = match (client, server) {
            (true, true) => self.earlier()?,
            (true, false) => Side::Client,
            (false, true) => Side::Server,
            (false, false) if all || self.is_full() || self.is_stuck(up, down) => self.earlier()?,
            (false, false) => return None,
        };
        let (piece, _) = self.ready[side as usize].pop_front()?;
        self.octets[side as usize] -= piece.len();
        Some((side, piece))
    }

    /// Whether the sender of the first piece of this side has heard nothing that is not told.
    fn may_be_told(&self, side: Side, other: &Direction) -> bool {
        let Some((_, heard)) = self.ready[side as usize].front() else {
            return false;
        };
        let Some(next) = other.place_of_next() else { return true };
        let told = next - self.octets[side.other() as usize];
        // A FIN counts as an octet.
        *heard <= told + 1
    }

    /// Each side's first piece claims to answer the other's: no honest connection has that.
    fn is_stuck(&self, up: &Direction, down: &Direction) -> bool {
        let has_come = |side: Side, other: &Direction| {
            let front = self.ready[side as usize].front();
            front.is_some_and(|(_, heard)| other.place_of_next().is_none_or(|next| *heard <= next + 1))
        };
        has_come(Side::Client, down) && has_come(Side::Server, up)
    }

    fn is_full(&self) -> bool {
        let [client, server] = &self.ready;
        client.len() + server.len() > MOST_PIECES || self.held() > MOST_OCTETS
    }

    fn earlier(&self) -> Option<Side> {
        let [client, server] = [Side::Client, Side::Server].map(|side| self.ready[side as usize].front());
        match (client, server) {
            (Some((client, _)), Some((server, _))) if client.stamp() <= server.stamp() => Some(Side::Client),
            (_, Some(_)) => Some(Side::Server),
            (Some(_), None) => Some(Side::Client),
            (None, None) => None,
        }
    }
}

/// Octets that wait.
const MOST_OCTETS: u64 = 4 << 20;
/// Pieces that wait.
const MOST_PIECES: usize = 4096;
