//! What an idle connection costs: docs/threats.md row 31. `cargo test -p mail-tls --test memory -- --nocapture` shows it.
#![cfg(target_os = "linux")]

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use mail_testing::{Authority, Issued};
use mail_tls::{Address, ClientTls, Endpoint, Identity, Layers, ServerTls, Tls};

/// What the other side has written, and what this side writes.
struct End<'a> {
    input: &'a mut VecDeque<u8>,
    output: &'a mut VecDeque<u8>,
}

impl Read for End<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.input.is_empty() {
            true => Err(io::ErrorKind::WouldBlock.into()),
            false => self.input.read(buffer),
        }
    }
}

impl Write for End<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.output.extend(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A channel over which both have said a line.
fn used(connect: &Endpoint, serve: &Endpoint) -> (Layers, Layers) {
    let (mut near, mut far) = (VecDeque::new(), VecDeque::new());
    let (mut client, mut server) = (Layers::new(), Layers::new());
    client.secure(connect).expect("a configuration");
    server.secure(serve).expect("a configuration");
    for _ in 0..10 {
        let mut line = [0; 4096];
        let mut end = End {
            input: &mut near,
            output: &mut far,
        };
        let _ = client.write(&mut end, b"NOOP\r\n").and_then(|_| client.flush(&mut end));
        let _ = client.read(&mut end, &mut line);
        let mut end = End {
            input: &mut far,
            output: &mut near,
        };
        let _ = server
            .write(&mut end, b"250 yes\r\n")
            .and_then(|_| server.flush(&mut end));
        while server.read(&mut end, &mut line).is_ok() {}
    }
    assert!(client.handshaking().is_none() && server.handshaking().is_none());
    (client, server)
}

/// Octets of this process in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("numbers");
    pages * 4096
}

#[test]
fn an_idle_channel_is_small() {
    let authority = Authority::new("Crepes CA");
    let Issued { chain, key } = authority.server(&["mail.crepes.example"]);
    let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect("a certificate");
    let serve = ServerTls::builder()
        .identity(identity)
        .build()
        .expect("a configuration")
        .into();
    let client = ClientTls::builder()
        .roots_pem(authority.root().as_bytes())
        .build()
        .expect("roots");
    let address = Address::new("mail.crepes.example", 993).expect("a host");
    let connect = Tls::implicit()
        .with(client)
        .endpoint(&address)
        .expect("a host")
        .expect("TLS is wanted");
    // Nothing is let go of, lest what comes later reuses its place.
    let mut kept = Vec::with_capacity(3 * COUNT);
    for keep in ["servers", "clients"] {
        // What the allocator and caches take once.
        kept.extend((0..50).map(|_| used(&connect, &serve).0));
        let before = resident();
        for _ in 0..COUNT {
            let (client, server) = used(&connect, &serve);
            kept.push(if keep == "servers" { server } else { client });
        }
        let each = resident().saturating_sub(before) / COUNT;
        println!("{keep}: {each} octets for each idle TLS connection");
        assert!(each < 24 * 1024, "{keep}: {each}");
    }
}

const COUNT: usize = 500;
