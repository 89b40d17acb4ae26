//! What idle SMTP connections cost `mailhost serve` in memory.
//!
//! `cargo run --release --bin idle-connections -- [N] [--tls] [--mailhost PATH]`: opens N connections (10,000 if nothing is said), each
//! through greeting and EHLO, with `--tls` through STARTTLS and EHLO once more, and leaves them idle. Linux only.
//!
//! Clients are in this process and the server in another, since each needs a file descriptor for every connection. Both raise
//! their soft limit to the hard one; where that does not suffice, `ulimit -Hn` must be raised first.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use mail_benches::servers::Server;
use mail_blocking::smtp::Client;
use mail_blocking::tls::{ClientTls, Host, Tls};
use mail_testing::peers::Memory;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn main() {
    let options = Options::read();
    raise_file_limit(options.connections as u64 + SPARE);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sessions = (options.connections + WARM).to_string();
    let data = folder.path().display().to_string();
    let mut arguments = vec!["--sessions", &sessions, "--data", &data];
    if options.tls {
        arguments.push("--tls-self-signed");
    }
    let server = Server::mailhost(&options.mailhost, &arguments);
    let tls = options.tls.then(|| trust(folder.path()));

    // What the first connections cost is not for them alone.
    let mut clients = open(server.address, tls.as_ref(), WARM);
    let before = settled(server.id());
    clients.extend(open(server.address, tls.as_ref(), options.connections));
    let after = settled(server.id());
    for client in &mut clients {
        client.noop().expect("each is still served");
    }
    let each = after.resident.saturating_sub(before.resident) / options.connections as u64;
    println!(
        "{} idle connections{}: mailhost holds {:.1} MiB, {:.1} MiB before them: {each} octets a connection",
        options.connections,
        if options.tls { " with TLS" } else { "" },
        mebibytes(after.resident),
        mebibytes(before.resident),
    );
}

/// Connections that come first.
const WARM: usize = 20;

/// Files that both processes have besides.
const SPARE: u64 = 200;

struct Options {
    connections: usize,
    tls: bool,
    mailhost: String,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            connections: 10_000,
            tls: false,
            mailhost: "../target/release/mailhost".to_owned(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--tls" => options.tls = true,
                "--mailhost" => options.mailhost = arguments.next().expect("--mailhost PATH"),
                number => options.connections = number.parse().expect("[N] [--tls] [--mailhost PATH]"),
            }
        }
        options
    }
}

/// Raises the soft limit on open files to the hard one, for this process and those that it starts.
fn raise_file_limit(needed: u64) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).expect("a process may raise its soft limit to the hard one");
    if let Some(hard) = maximum.filter(|hard| *hard < needed) {
        eprintln!(
            "{needed} open files are needed in each process, and the hard limit is {hard}: as root, `ulimit -Hn {needed}`"
        );
        std::process::exit(1);
    }
}

fn trust(folder: &Path) -> Tls {
    let certificate = std::fs::read(folder.join("tls-cert.pem")).expect("it was made");
    let roots = ClientTls::builder().roots_pem(&certificate).build();
    Tls::required()
        .with(roots.expect("a certificate"))
        .for_host("localhost".parse::<Host>().expect("a name"))
}

fn open(address: SocketAddr, tls: Option<&Tls>, count: usize) -> Vec<Client> {
    let tls = tls.cloned().unwrap_or_else(Tls::never);
    let connect = |number| match Client::connect(address, tls.clone()) {
        Ok(client) => client,
        Err(error) => panic!("connection {number}: {error}"),
    };
    (0..count).map(connect).collect()
}

/// The server's memory, once it has nothing more to do.
fn settled(process: u32) -> Memory {
    thread::sleep(Duration::from_secs(1));
    Memory::of(process)
}

fn mebibytes(octets: u64) -> f64 {
    octets as f64 / f64::from(1 << 20)
}
