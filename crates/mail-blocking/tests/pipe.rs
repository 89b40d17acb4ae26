//! Driver against driver through pipes of one KiB: docs/threats.md row 24, and what a driver owes a peer that goes.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mail_blocking::smtp::Client;
use mail_blocking::{Error, Interest, Ready, Session, Transport};
use smtp_proto::client::{self, Envelope};
use smtp_proto::server::{self, Event};
use smtp_proto::{ForwardPath, ReversePath};

const CAPACITY: usize = 1024;

/// Both directions of a connection; `Pipes` and a side make an end of it.
#[derive(Default)]
struct Pipes {
    state: Mutex<[Direction; 2]>,
    changed: Condvar,
}

#[derive(Default)]
struct Direction {
    octets: VecDeque<u8>,
    closed: bool,
}

struct End {
    pipes: Arc<Pipes>,
    side: usize,
}

fn connection() -> (End, End) {
    let pipes = Arc::new(Pipes::default());
    let end = |side| End {
        pipes: pipes.clone(),
        side,
    };
    (end(0), end(1))
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.pipes.state.lock().unwrap();
        let incoming = &mut state[1 - self.side];
        if incoming.octets.is_empty() && !incoming.closed {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = incoming.octets.read(buffer)?;
        self.pipes.changed.notify_all();
        Ok(n)
    }
}

impl Write for End {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut state = self.pipes.state.lock().unwrap();
        if state[1 - self.side].closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let outgoing = &mut state[self.side];
        let n = octets.len().min(CAPACITY - outgoing.octets.len());
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        outgoing.octets.extend(&octets[..n]);
        self.pipes.changed.notify_all();
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for End {
    fn wait(&mut self, interest: Interest, limit: Option<Duration>) -> io::Result<Ready> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        let mut state = self.pipes.state.lock().unwrap();
        loop {
            let (incoming, outgoing) = (&state[1 - self.side], &state[self.side]);
            let ready = Ready {
                read: interest.read && (!incoming.octets.is_empty() || incoming.closed),
                write: interest.write && (outgoing.octets.len() < CAPACITY || incoming.closed),
            };
            let left = deadline.map_or(Duration::from_secs(60), |at| {
                at.saturating_duration_since(Instant::now())
            });
            if ready != Ready::default() || left.is_zero() {
                return Ok(ready);
            }
            state = self.pipes.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.pipes.state.lock().unwrap()[self.side].closed = true;
        self.pipes.changed.notify_all();
        Ok(())
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn server_config() -> Arc<server::Config> {
    let mut config = server::Config::new("hamburger.example".parse().unwrap());
    config.limits.recipients = u32::MAX;
    Arc::new(config)
}

fn client_config() -> client::Config {
    client::Config::new("crepes.example".parse().unwrap())
}

fn envelope(recipients: usize) -> Envelope {
    let to = |n| format!("<user{n}@hamburger.example>").parse::<ForwardPath>().unwrap();
    Envelope::new(ReversePath::null(), (0..recipients).map(to)).unwrap()
}

/// Accepts everything; returns the messages.
fn serve(end: End) -> Vec<Vec<u8>> {
    let mut session = Session::new(smtp_proto::Server::new(server_config()), end);
    let mut messages = Vec::new();
    while let Some(event) = session.next().unwrap() {
        match event {
            Event::Mail(ask, _) => session.accept(ask).unwrap(),
            Event::Recipient(ask, _) => session.accept(ask).unwrap(),
            Event::Data(ask) => {
                session.accept(ask).unwrap();
                let mut message = Vec::new();
                session.body().read_to_end(&mut message).unwrap();
                messages.push(message);
            }
            Event::Message(ask) => session.accept(ask).unwrap(),
            other => session.unhandled(other).unwrap(),
        }
    }
    messages
}

/// docs/threats.md row 24: a client that writes on while replies wait to be read would never finish.
#[test]
fn a_hundred_thousand_recipients_pass_a_small_pipe() {
    let (near, far) = connection();
    let server = thread::spawn(|| serve(far));
    let mut client = Client::greet(near, client_config()).unwrap();
    assert!(client.capabilities().pipelining());
    let message = b"Subject: all\r\n\r\n.hello\r\n".repeat(1000);
    let outcome = client.send(&envelope(100_000), &message).unwrap();
    assert_eq!(outcome.results().len(), 100_000);
    assert!(outcome.is_complete_success());
    client.quit().unwrap();
    assert_eq!(server.join().unwrap(), [message]);
}

/// What the server said before it went is heard, although the client's next write fails.
#[test]
fn an_early_421_is_not_lost_as_a_broken_pipe() {
    let (near, mut far) = connection();
    let server = thread::spawn(move || {
        let readable = Interest {
            read: true,
            write: false,
        };
        far.write_all(b"220 hamburger.example\r\n").unwrap();
        far.wait(readable, None).unwrap();
        far.write_all(b"250 hamburger.example\r\n421 4.3.2 going down\r\n")
            .unwrap();
    });
    let mut client = Client::greet(near, client_config()).unwrap();
    server.join().unwrap();
    let error = client.send(&envelope(1), b"Subject: late\r\n\r\n").unwrap_err();
    assert!(error.to_string().contains("going down"), "{error}");
}

#[test]
fn nothing_is_skipped_in_silence() {
    let (mut near, far) = connection();
    let mut session = Session::new(smtp_proto::Server::new(server_config()), far);
    near.write_all(b"EHLO a.example\r\nMAIL FROM:<>\r\n").unwrap();
    assert!(matches!(session.next(), Ok(Some(Event::Hello(_)))));
    let Ok(Some(Event::Mail(ask, _))) = session.next() else {
        panic!("MAIL is asked about")
    };
    assert!(matches!(session.next(), Err(Error::Misuse(mail_wire::Misuse::AskOpen))));
    session.accept(ask).unwrap();
    near.write_all(b"RCPT TO:<b@hamburger.example>\r\nDATA\r\n").unwrap();
    let Ok(Some(Event::Recipient(ask, _))) = session.next() else {
        panic!("RCPT is asked about")
    };
    session.accept(ask).unwrap();
    let Ok(Some(Event::Data(ask))) = session.next() else {
        panic!("DATA is asked about")
    };
    session.accept(ask).unwrap();
    near.write_all(b"half a mess").unwrap();
    assert!(matches!(
        session.next(),
        Err(Error::Misuse(mail_wire::Misuse::BodyUnread))
    ));
    drop(near);
    let error = session.body().read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "never an end of file");
    assert!(matches!(session.next(), Ok(None)));
}

/// docs/threats.md row 31: a peer that is silent, and one that drips octets, are sent away when their time is up.
#[test]
fn timers_run_whether_or_not_octets_drip() {
    for drips in [false, true] {
        let (mut near, far) = connection();
        let mut config = server::Config::new("hamburger.example".parse().unwrap());
        config.limits.timeouts.command = Duration::from_millis(150);
        let server = thread::spawn(move || {
            Session::new(smtp_proto::Server::new(Arc::new(config)), far)
                .next()
                .map(|event| event.is_none())
        });
        let mut heard = Vec::new();
        let readable = Interest {
            read: true,
            write: false,
        };
        while !heard.ends_with(b"\r\n") || !String::from_utf8_lossy(&heard).contains("421") {
            if drips {
                near.write_all(b"N").unwrap();
            }
            near.wait(readable, Some(Duration::from_millis(5))).unwrap();
            let mut piece = [0; 256];
            match near.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => heard.extend_from_slice(&piece[..n]),
                Err(_) => {}
            }
        }
        assert!(String::from_utf8_lossy(&heard).contains("\r\n421 "), "drips: {drips}");
        assert!(server.join().unwrap().unwrap_or(true));
    }
}
