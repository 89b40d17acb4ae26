//! A client machine and a server machine that talk through two small pipes.

use std::collections::VecDeque;

use mail_wire::Machine;

use crate::{Application, Random, Rest, Side, settle};

/// What was said and how it ended.
#[derive(Clone, Debug)]
pub struct Dialogue<C, S> {
    /// Who wrote what, in the order in which it was written.
    pub wire: Vec<(Side, Vec<u8>)>,
    /// Where the client stopped.
    pub client: Rest<C>,
    /// Where the server stopped.
    pub server: Rest<S>,
}

impl<C, S> Dialogue<C, S> {
    /// All octets that one side wrote.
    pub fn said(&self, side: Side) -> Vec<u8> {
        let said = self.wire.iter().filter(|(who, _)| *who == side);
        said.flat_map(|(_, octets)| octets.iter().copied()).collect()
    }
}

/// Lets both sides talk until both are over, or until neither has anything to say any more.
///
/// Each pipe holds at most `capacity` octets, and octets move in random pieces of at most that size: both sides read while
/// they write, as RFC 2920 §3.1 demands. One that is over has closed its side.
///
/// # Panics
///
/// When nothing moves although one side still has octets to write or waits to flush: a deadlock.
pub fn converse<C: Machine, S: Machine>(
    client: (&mut C, &mut impl Application<C>),
    server: (&mut S, &mut impl Application<S>),
    capacity: usize,
) -> Dialogue<C::Error, S::Error> {
    let ((client, client_app), (server, server_app)) = (client, server);
    let mut random = Random::new(capacity as u64);
    let (mut to_server, mut to_client) = (Pipe::new(capacity), Pipe::new(capacity));
    let mut wire = Vec::new();
    loop {
        let client_rest = settle(client, client_app);
        let mut moved = to_server.write(client, client_rest.is_over(), Side::Client, &mut wire);
        moved |= to_server.read(server, &mut random);
        let server_rest = settle(server, server_app);
        moved |= to_client.write(server, server_rest.is_over(), Side::Server, &mut wire);
        moved |= to_client.read(client, &mut random);
        if !moved {
            let stuck = !client_rest.is_over() && !client.transmit().is_empty()
                || !server_rest.is_over() && !server.transmit().is_empty();
            assert!(!stuck, "deadlock: neither side reads");
            let (client, server) = (settle(client, client_app), settle(server, server_app));
            return Dialogue { wire, client, server };
        }
    }
}

struct Pipe {
    octets: VecDeque<u8>,
    capacity: usize,
    closed: bool,
    told: bool,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        Self {
            octets: VecDeque::new(),
            capacity,
            closed: false,
            told: false,
        }
    }

    /// Takes what `machine` has to say. Returns whether anything happened.
    fn write<M: Machine>(&mut self, machine: &mut M, over: bool, side: Side, wire: &mut Vec<(Side, Vec<u8>)>) -> bool {
        let n = machine.transmit().len().min(self.capacity - self.octets.len());
        if n > 0 {
            let said = machine.transmit()[..n].to_vec();
            machine.transmitted(n);
            self.octets.extend(&said);
            wire.push((side, said));
        }
        let closes = over && machine.transmit().is_empty() && !self.closed;
        self.closed |= closes;
        n > 0 || closes
    }

    /// Hands some octets to `machine`. Returns whether anything happened.
    fn read<M: Machine>(&mut self, machine: &mut M, random: &mut Random) -> bool {
        if self.octets.is_empty() {
            let tell = self.closed && !self.told;
            if tell {
                machine.receive_eof();
                self.told = true;
            }
            return tell;
        }
        let most = (1 + random.below(self.capacity)).min(self.octets.len());
        let piece: Vec<u8> = self.octets.iter().take(most).copied().collect();
        let taken = machine.receive(&piece);
        self.octets.drain(..taken);
        taken > 0
    }
}
