//! The service as a module of WebAssembly: octets in, octets out, and no runtime at all.
//!
//! The host of the module has the sockets. It opens a connection here for each of its own, hands in what it has read and writes
//! what comes back; it needs to know nothing of POP3. These functions are ordinary Rust: what exports them by name (the
//! attribute of a binding generator) is not part of this crate, since it needs unsafe code.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::{Next, Service};

/// The number of a connection.
pub type Handle = u32;

#[derive(Default)]
struct Connections {
    last: Handle,
    open: BTreeMap<Handle, Service>,
}

thread_local! {
    // A module has one thread.
    static CONNECTIONS: RefCell<Connections> = RefCell::default();
}

/// A client has connected: its number, and what it is told first.
pub fn open() -> (Handle, Vec<u8>) {
    CONNECTIONS.with_borrow_mut(|connections| {
        connections.last = connections.last.wrapping_add(1);
        let service = connections.open.entry(connections.last).or_default();
        let (greeting, _) = exchange(service, b"");
        (connections.last, greeting)
    })
}

/// A client has said this; what it is told, and whether the connection goes on. An unknown number is told nothing.
pub fn feed(handle: Handle, octets: &[u8]) -> (Vec<u8>, bool) {
    CONNECTIONS.with_borrow_mut(|connections| {
        let Some(service) = connections.open.get_mut(&handle) else {
            return (Vec::new(), false);
        };
        let (output, goes_on) = exchange(service, octets);
        if !goes_on {
            connections.open.remove(&handle);
        }
        (output, goes_on)
    })
}

/// A client has gone.
pub fn close(handle: Handle) {
    CONNECTIONS.with_borrow_mut(|connections| {
        connections.open.remove(&handle);
    });
}

/// The loop that the other programs have, with a slice and a vector in the place of a socket.
fn exchange(service: &mut Service, mut octets: &[u8]) -> (Vec<u8>, bool) {
    let mut output = Vec::new();
    loop {
        match service.next() {
            Next::Write => {
                output.extend_from_slice(service.output());
                service.sent(service.output().len());
            }
            Next::Read if octets.is_empty() => return (output, true),
            Next::Read => {
                let space = service.space();
                let count = space.len().min(octets.len());
                space[..count].copy_from_slice(&octets[..count]);
                service.received(count);
                octets = &octets[count..];
            }
            Next::Close => return (output, false),
        }
    }
}
