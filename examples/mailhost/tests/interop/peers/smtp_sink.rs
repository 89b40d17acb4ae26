//! Postfix's test server, which takes everything.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{Daemon, Folder, PATIENCE, Program, is_root, on_a_free_port};

/// Writes down the transactions that it accepts.
#[derive(Debug)]
pub(crate) struct SmtpSink {
    address: SocketAddr,
    // Ends before its folder goes.
    _daemon: Daemon,
    folder: Folder,
}

impl SmtpSink {
    /// With further options of smtp-sink.
    pub(crate) fn start(options: &[&str]) -> Self {
        on_a_free_port(|address| {
            let folder = Folder::new();
            let mut command = Program::SmtpSink.command();
            command.arg("-d").arg(folder.path().join("transaction.")).args(options);
            if is_root() {
                // It wants to be told as whom it runs.
                command.args(["-u", "root"]);
            }
            command.arg(format!("inet:{address}")).arg("100");
            let mut daemon = Daemon::spawn(command);
            greets(&mut daemon, address).then_some(Self {
                address,
                _daemon: daemon,
                folder,
            })
        })
    }

    /// Where it speaks SMTP.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has accepted, in no order.
    pub(crate) fn transactions(&self) -> Vec<Transaction> {
        let files = fs::read_dir(self.folder.path()).expect("it is ours");
        let dumps = files.map(|file| fs::read(file.expect("it is readable").path()).expect("it is readable"));
        dumps.map(|dump| Transaction::from_dump(&dump)).collect()
    }
}

/// One message with its envelope; lines end in LF.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// The arguments of the commands as X-Helo-Args, X-Mail-Args, X-Rcpt-Args, and a Received field.
    pub(crate) envelope: String,
    pub(crate) message: Vec<u8>,
}

impl Transaction {
    /// smtp-sink puts its fields before the message, and an empty line behind it.
    fn from_dump(dump: &[u8]) -> Self {
        let own = |line: &&[u8]| {
            [
                &b"X-Client-"[..],
                b"X-Helo-",
                b"X-Mail-",
                b"X-Rcpt-",
                b"Received:",
                b"\t",
            ]
            .iter()
            .any(|head| line.starts_with(head))
        };
        let length: usize = dump
            .split_inclusive(|&octet| octet == b'\n')
            .take_while(own)
            .map(<[u8]>::len)
            .sum();
        let (envelope, message) = dump.split_at(length);
        Self {
            envelope: String::from_utf8_lossy(envelope).into_owned(),
            message: message.strip_suffix(b"\n").expect("the dump is complete").to_vec(),
        }
    }
}

/// Waits until it serves; `false` when it has exited. It says nothing by itself, so there is only asking again and again.
fn greets(daemon: &mut Daemon, address: SocketAddr) -> bool {
    let start = Instant::now();
    while daemon.runs() {
        assert!(
            start.elapsed() < PATIENCE,
            "smtp-sink does not come to serve: {:?}",
            daemon.lines()
        );
        let greeting = TcpStream::connect(address).and_then(|stream| {
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line)?;
            Ok(line)
        });
        if greeting.is_ok_and(|line| line.starts_with("220")) {
            // A server of another program on this port would greet as well.
            return daemon.runs();
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
