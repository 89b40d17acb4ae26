//! What an idle connection costs in memory: a bound that a buffer too many would break. `benches/src/bin/idle-connections.rs` measures
//! ten thousand. docs/threats.md row 31.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use mail_blocking::smtp::Client;
use mail_blocking::tls::{ClientTls, Host as Name, Tls};
use mail_testing::peers::Memory;

#[test]
fn idle_connections_are_small() {
    let plain = cost(&[], |_| Tls::never());
    let secured = cost(&["--tls-self-signed"], |folder| {
        let certificate = std::fs::read(folder.join("tls-cert.pem")).expect("it was made");
        let roots = ClientTls::builder().roots_pem(&certificate).build().unwrap();
        Tls::required()
            .with(roots)
            .for_host("hamburger.edu".parse::<Name>().unwrap())
    });
    println!("an idle connection: {plain} octets, with TLS {secured} octets");
    assert!(plain < 24 * 1024, "an idle connection costs {plain} octets");
    assert!(
        secured < 40 * 1024,
        "an idle connection with TLS costs {secured} octets"
    );
}

const CONNECTIONS: usize = 400;

/// Octets that the server asks for with each connection, behind greeting, STARTTLS and EHLO.
fn cost(arguments: &[&str], tls: impl Fn(&std::path::Path) -> Tls) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), arguments);
    let tls = tls(folder.path());
    let connect = |_| Client::connect(server.smtp, tls.clone()).unwrap();
    // What the first connections cost is not for them alone.
    let warm: Vec<Client> = (0..20).map(connect).collect();
    let before = Memory::of(server.process.id());
    let mut clients: Vec<Client> = (0..CONNECTIONS).map(connect).collect();
    // When it answers, all the rest is done, too.
    clients.iter_mut().for_each(|client| assert!(client.noop().is_ok()));
    let after = Memory::of(server.process.id());
    drop(warm);
    let (resident, data) = (after.resident - before.resident, after.data - before.data);
    println!("{arguments:?}: {resident} octets more in memory, {data} more asked for");
    // What is asked for may not be touched yet.
    resident.max(data) / CONNECTIONS as u64
}

struct Server {
    process: Child,
    smtp: SocketAddr,
}

impl Server {
    fn start(data: &std::path::Path, more: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mailhost"))
            .args(["serve", "--smtp", "127.0.0.1:0", "--pop3", "127.0.0.1:0"])
            .args(["--domain", "hamburger.edu", "--user", "bob:hungry", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("listening smtp ").expect("it comes first");
        let smtp = address.parse().expect("an address");
        Self { process, smtp }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
