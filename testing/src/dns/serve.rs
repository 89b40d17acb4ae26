//! The sockets and threads.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::zone::Zone;

pub(super) struct Listeners {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Listeners {
    pub(super) fn start(zone: Arc<Mutex<Zone>>) -> Self {
        let (udp, tcp) = bind();
        let address = udp.local_addr().expect("a bound socket");
        let stop = Arc::new(AtomicBool::new(false));
        let threads = vec![
            thread::spawn({
                let (zone, stop) = (zone.clone(), stop.clone());
                move || serve_udp(&udp, &zone, &stop)
            }),
            thread::spawn({
                let stop = stop.clone();
                move || serve_tcp(&tcp, &zone, &stop)
            }),
        ];
        Self { address, stop, threads }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Both threads wait in a call that only something from outside ends.
        let woken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.send_to(&[], self.address));
        let connected = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if woken.is_ok() && connected.is_ok() {
            self.threads.drain(..).for_each(|thread| drop(thread.join()));
        }
    }
}

/// One port for both.
fn bind() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = udp.local_addr().expect("a bound socket");
        if let Ok(tcp) = TcpListener::bind(address) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for UDP and TCP");
}

fn serve_udp(socket: &UdpSocket, zone: &Mutex<Zone>, stop: &AtomicBool) {
    let mut octets = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut octets) {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let response = respond(zone, &octets[..length], false);
        if let Some(response) = response {
            // A client that has gone asks again.
            let _ = socket.send_to(&response, peer);
        }
    }
}

fn serve_tcp(listener: &TcpListener, zone: &Arc<Mutex<Zone>>, stop: &AtomicBool) {
    while let Ok((stream, _)) = listener.accept() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let zone = zone.clone();
        // It ends with its client.
        thread::spawn(move || converse(stream, &zone));
    }
}

fn converse(mut stream: TcpStream, zone: &Mutex<Zone>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut octets)?;
        let Some(response) = respond(zone, &octets, true) else {
            continue;
        };
        let length = u16::try_from(response.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream.write_all(&[&length, &response[..]].concat())?;
    }
}

fn respond(zone: &Mutex<Zone>, octets: &[u8], tcp: bool) -> Option<Vec<u8>> {
    zone.lock().expect("no one panics with it").respond(octets, tcp)
}
