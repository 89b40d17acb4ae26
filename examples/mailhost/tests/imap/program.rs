//! The program as it is started, on free ports.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub(crate) struct Host {
    pub(crate) process: Child,
    pub(crate) smtp: SocketAddr,
    pub(crate) pop3: SocketAddr,
    pub(crate) lmtp: SocketAddr,
    pub(crate) imap: SocketAddr,
}

impl Host {
    /// `mailhost serve` for hamburger.edu and its bob, whose password is hungry.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        command.args(["serve", "--domain", "hamburger.edu", "--user", "bob:hungry"]);
        for door in DOORS {
            command.args([&format!("--{door}"), "127.0.0.1:0"]);
        }
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let lines: Vec<String> = lines.take(DOORS.len()).map(Result::unwrap).collect();
        let address = |door: &str| {
            let start = format!("listening {door} ");
            let address = lines.iter().find_map(|line| line.strip_prefix(&start));
            address.unwrap_or_else(|| panic!("{lines:?}")).parse().unwrap()
        };
        Self {
            smtp: address("smtp"),
            pop3: address("pop3"),
            lmtp: address("lmtp"),
            imap: address("imap"),
            process,
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const DOORS: [&str; 4] = ["smtp", "pop3", "lmtp", "imap"];
