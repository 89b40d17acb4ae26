//! Whatever changes a mailbox, clients that idle hear of it. How long that takes is printed, and nothing here depends on it.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use imap_proto::{Data, Response};

use crate::program::Host;
use crate::wire::{PATIENCE, Wire};

#[test]
fn idle_clients_hear_of_each_change() {
    let host = Host::start(&["--store", "memory"]);
    let mut listeners: Vec<Wire> = ["CONDSTORE", "QRESYNC", "IMAP4REV2"]
        .into_iter()
        .map(|extension| listener(host.imap, extension).unwrap())
        .collect();
    let mut other = Wire::login(host.imap, "another session").unwrap();
    other.ok("SELECT INBOX").unwrap();

    let mut reach = |what: &str, heard: fn(&Data<'_>) -> bool, change: &mut dyn FnMut() -> io::Result<()>| {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            change().unwrap();
            let changed = Instant::now();
            for listener in &mut listeners {
                wait_for(listener, heard).unwrap();
            }
            took.push(changed.elapsed());
        }
        took.sort();
        println!(
            "{what:22} {:7.2?} (median), {:7.2?} (worst)",
            took[ROUNDS / 2],
            took[ROUNDS - 1]
        );
    };
    let came: fn(&Data<'_>) -> bool = |data| matches!(data, Data::Exists(_));
    let changed: fn(&Data<'_>) -> bool = |data| matches!(data, Data::Fetch(_));
    let went: fn(&Data<'_>) -> bool = |data| matches!(data, Data::Expunge(_) | Data::Vanished(_));

    reach("delivery by SMTP", came, &mut || deliver(host.smtp, "EHLO"));
    reach("delivery by LMTP", came, &mut || deliver(host.lmtp, "LHLO"));
    reach("APPEND", came, &mut || {
        other.ok("APPEND INBOX {8+}\r\nA: b\r\n\r\n").map(drop)
    });
    let mut flag = 0;
    reach("STORE", changed, &mut || {
        flag += 1;
        other.ok(format!("STORE 1 +FLAGS.SILENT (k{flag})")).map(drop)
    });
    reach("COPY", came, &mut || other.ok("COPY 1 INBOX").map(drop));
    reach("EXPUNGE", went, &mut || {
        other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")?;
        other.ok("EXPUNGE").map(drop)
    });
    reach("deletion by POP3", went, &mut || delete(host.pop3));
}

const ROUNDS: usize = 5;

fn listener(imap: SocketAddr, extension: &str) -> io::Result<Wire> {
    let mut wire = Wire::login(imap, extension)?;
    wire.ok(format!("ENABLE {extension}"))?;
    wire.ok("SELECT INBOX")?;
    wire.send("IDLE")?;
    while !matches!(wire.response()?, Response::Continuation(_)) {}
    Ok(wire)
}

fn wait_for(listener: &mut Wire, heard: fn(&Data<'_>) -> bool) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let response = listener.response_within(Duration::from_secs(1))?;
        if let Some(Response::Untagged(data)) = response
            && heard(&data)
        {
            return Ok(());
        }
    }
    panic!("nothing is heard")
}

/// A message for bob, by SMTP or LMTP.
fn deliver(address: SocketAddr, hello: &str) -> io::Result<()> {
    let mut dialogue = Dialogue::open(address)?;
    dialogue.say(&format!("{hello} crepes.fr"), "250")?;
    dialogue.say("MAIL FROM:<alice@crepes.fr>", "250")?;
    dialogue.say("RCPT TO:<bob@hamburger.edu>", "250")?;
    dialogue.say("DATA", "354")?;
    dialogue.say("Subject: lunch\r\n\r\nAt noon?\r\n.", "250")
}

/// The first message.
fn delete(address: SocketAddr) -> io::Result<()> {
    let mut dialogue = Dialogue::open(address)?;
    for command in ["USER bob", "PASS hungry", "DELE 1", "QUIT"] {
        dialogue.say(command, "+OK")?;
    }
    Ok(())
}

/// Lines and their answers.
struct Dialogue(BufReader<TcpStream>);

impl Dialogue {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut dialogue = Self(BufReader::new(stream));
        dialogue.answer()?;
        Ok(dialogue)
    }

    fn say(&mut self, line: &str, expected: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        let answer = self.answer()?;
        assert!(answer.starts_with(expected), "{line:?}: {answer}");
        Ok(())
    }

    /// The last line of an answer.
    fn answer(&mut self) -> io::Result<String> {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }
}
