//! TLS between a machine and its transport, over pipes that cut anywhere and over TCP.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mail_blocking::tls::{Address, ClientTls, Ending, Endpoint, Identity, ServerTls, Tls, TlsError};
use mail_blocking::{Driver, Error, Interest, Ready, Tcp, Transport};
use mail_testing::{Authority, Caller, Echo, Issued};
use mail_wire::{Layer, Machine, Step};

/// Both directions of a connection; a side makes an end of it.
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

/// Moves at most `cut` octets at once, of at most `capacity` on the way.
struct End {
    pipes: Arc<Pipes>,
    side: usize,
    cut: usize,
    capacity: usize,
}

fn pair(cut: usize, capacity: usize) -> (End, End) {
    let pipes = Arc::new(Pipes::default());
    let end = |side| End {
        pipes: pipes.clone(),
        side,
        cut,
        capacity,
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
        let most = buffer.len().min(self.cut);
        let n = incoming.octets.read(&mut buffer[..most])?;
        self.pipes.changed.notify_all();
        Ok(n)
    }
}

impl Write for End {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut state = self.pipes.state.lock().unwrap();
        let outgoing = &mut state[self.side];
        let n = octets.len().min(self.cut).min(self.capacity - outgoing.octets.len());
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
            let ready = Ready {
                read: interest.read && (!state[1 - self.side].octets.is_empty() || state[1 - self.side].closed),
                write: interest.write && state[self.side].octets.len() < self.capacity,
            };
            let left = deadline.map_or(Duration::from_secs(60), |deadline| {
                deadline.saturating_duration_since(Instant::now())
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

const HOST: &str = "mail.crepes.example";
const LIMIT: Duration = Duration::from_secs(2);

struct Certificates {
    connect: Endpoint,
    serve: Endpoint,
}

fn certificates() -> Certificates {
    let authority = Authority::new("Crepes CA");
    let Issued { chain, key } = authority.server(&[HOST]);
    let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect("a certificate");
    let serve = ServerTls::builder().identity(identity).handshake_limit(LIMIT).build();
    let connect = ClientTls::builder()
        .roots_pem(authority.root().as_bytes())
        .handshake_limit(LIMIT);
    let tls = Tls::required().with(connect.build().expect("roots"));
    let address = Address::new(HOST, 25).expect("a host");
    Certificates {
        connect: tls.endpoint(&address).expect("a host").expect("TLS is wanted"),
        serve: serve.expect("a configuration").into(),
    }
}

type Heard = (Vec<String>, Result<(), Error<&'static str>>);

fn hear<M, T: Transport>(driver: &mut Driver<M, T>) -> Heard
where
    M: Machine<Event = String, Error = &'static str>,
{
    let mut lines = Vec::new();
    loop {
        match driver.step() {
            Ok(Step::Event(line)) => lines.push(line),
            Ok(Step::Closed) => return (lines, Ok(())),
            Ok(step) => panic!("{step:?}"),
            Err(error) => return (lines, Err(error)),
        }
    }
}

/// Serves in another thread.
fn talk<T, U>(client: &mut Driver<Caller, T>, mut server: Driver<Echo, U>) -> (Heard, Heard)
where
    T: Transport,
    U: Transport + Send + 'static,
{
    let serve = thread::spawn(move || hear(&mut server));
    let echoed = hear(client);
    (serve.join().expect("no panic"), echoed)
}

fn lines(text: &str) -> Vec<String> {
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn a_dialogue_goes_on_in_tls_at_every_cut() {
    let certificates = certificates();
    let text = "one\r\nTLS\r\ntwo\r\nCOMPRESS\r\nthree\r\nQUIT\r\n";
    for (cut, capacity) in [
        (1, 64),
        (2, 30),
        (5, 1000),
        (100, 100),
        (usize::MAX, 64),
        (usize::MAX, 1 << 20),
    ] {
        let (near, far) = pair(cut, capacity);
        let mut client = Driver::new(Caller::new(text), near).with_tls(certificates.connect.clone());
        let server = Driver::new(Echo::new(), far).with_tls(certificates.serve.clone());
        let (heard, echoed) = talk(&mut client, server);
        heard.1.expect("an end in order");
        echoed.1.expect("an end in order");
        assert_eq!((heard.0, echoed.0), (lines(text), lines(text)), "{cut} {capacity}");
        assert!(client.tls().expect("TLS").exporter().is_some());
    }
}

#[test]
fn tls_begins_with_the_first_octet_if_asked_to() {
    let certificates = certificates();
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("one\r\nQUIT\r\n"), near);
    let mut server = Driver::new(Echo::new(), far);
    client.secure(&certificates.connect).expect("a configuration");
    server.secure(&certificates.serve).expect("a configuration");
    let serve = thread::spawn(move || {
        server.handshake().expect("trust");
        let (exporter, end_point) = (
            server.tls().unwrap().exporter(),
            server.tls().unwrap().server_end_point(),
        );
        (hear(&mut server).0, exporter, end_point)
    });
    client.handshake().expect("trust");
    let channel = client.tls().expect("TLS");
    let (exporter, end_point) = (channel.exporter(), channel.server_end_point());
    assert!(exporter.is_some() && end_point.is_some());
    hear(&mut client).1.expect("an end in order");
    assert_eq!(serve.join().unwrap(), (lines("one\r\nQUIT\r\n"), exporter, end_point));
}

#[test]
fn tls_needs_its_configuration_and_comes_first() {
    let certificates = certificates();
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("TLS\r\n"), near).with_tls(certificates.connect.clone());
    let (heard, _) = talk(&mut client, Driver::new(Echo::new(), far));
    assert!(matches!(heard.1, Err(Error::Layer(Layer::Tls))));
    for text in ["TLS\r\nTLS\r\n", "COMPRESS\r\nTLS\r\n"] {
        let (near, far) = pair(usize::MAX, 1000);
        let mut client = Driver::new(Caller::new(text), near).with_tls(certificates.connect.clone());
        let server = Driver::new(Echo::new(), far).with_tls(certificates.serve.clone());
        let (heard, _) = talk(&mut client, server);
        assert!(matches!(heard.1, Err(Error::Layer(Layer::Tls))), "{text}");
    }
}

/// docs/threats.md row 31: a peer that drips its handshake, or sends none, has the handshake's time and no more.
#[test]
fn a_handshake_has_its_time() {
    let certificates = certificates();
    for drips in [false, true] {
        let (mut near, far) = pair(usize::MAX, 1000);
        let mut server = Driver::new(Echo::new(), far);
        server.secure(&certificates.serve).expect("a configuration");
        let began = Instant::now();
        let serve = thread::spawn(move || hear(&mut server).1);
        near.write_all(&[22, 3, 1, 64, 0]).expect("room");
        while !serve.is_finished() {
            if drips {
                near.write_all(&[1]).expect("room");
            }
            thread::sleep(Duration::from_millis(100));
        }
        let served = serve.join().unwrap();
        assert!(matches!(served, Err(Error::Tls(TlsError::Timeout))), "{served:?}");
        assert!(
            began.elapsed() >= LIMIT && began.elapsed() < 3 * LIMIT,
            "{:?}",
            began.elapsed()
        );
    }
}

#[test]
fn nobody_talks_to_a_server_that_is_not_trusted() {
    let (certificates, other) = (certificates(), certificates());
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("one\r\nTLS\r\nthe password\r\n"), near).with_tls(certificates.connect);
    let (heard, echoed) = talk(&mut client, Driver::new(Echo::new(), far).with_tls(other.serve));
    assert!(
        matches!(echoed.1, Err(Error::Tls(TlsError::Certificate(_)))),
        "{:?}",
        echoed.1
    );
    assert!(
        matches!(heard.1, Err(Error::Tls(TlsError::Refused(_)))),
        "{:?}",
        heard.1
    );
    assert_eq!(heard.0, ["one", "TLS"]);
}

fn tcp() -> (Tcp, Tcp) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("an address")).expect("a server");
    let far = listener.accept().expect("a client").0;
    (Tcp::new(near).expect("a socket"), Tcp::new(far).expect("a socket"))
}

/// docs/threats.md row 24: both sides write much, and neither waits for the other to read.
#[test]
fn a_long_pipeline_passes() {
    let certificates = certificates();
    let text = format!("TLS\r\n{}QUIT\r\n", "one line of many\r\n".repeat(20_000));
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new(&text), near).with_tls(certificates.connect.clone());
    let (heard, echoed) = talk(
        &mut client,
        Driver::new(Echo::new(), far).with_tls(certificates.serve.clone()),
    );
    echoed.1.expect("an end in order");
    assert!(heard.0.len() == 20_002 && echoed.0.len() == 20_002);

    // More than the system's buffers hold.
    let text = format!("TLS\r\n{}QUIT\r\n", format!("{}\r\n", "x".repeat(1000)).repeat(20_000));
    let (near, far) = tcp();
    let mut client = Driver::new(Caller::new(&text), near).with_tls(certificates.connect);
    let (heard, echoed) = talk(&mut client, Driver::new(Echo::new(), far).with_tls(certificates.serve));
    echoed.1.expect("an end in order");
    assert!(heard.0.len() == 20_002 && echoed.0.len() == 20_002);
}

/// A record holds many lines; those that wait in the layer are not waited for in the socket.
#[test]
fn what_is_decrypted_is_not_waited_for() {
    let certificates = certificates();
    let text = format!("TLS\r\n{}QUIT\r\n", "0123456789\r\n".repeat(1000));
    let (near, far) = tcp();
    let mut client = Driver::new(Caller::new(&text), near).with_tls(certificates.connect);
    let began = Instant::now();
    let (heard, echoed) = talk(&mut client, Driver::new(Echo::new(), far).with_tls(certificates.serve));
    echoed.1.expect("an end in order");
    assert_eq!(heard.0.len(), 1002);
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_cut_connection_is_told_from_an_end() {
    for (cut, ending) in [(true, Ending::Truncated), (false, Ending::Clean)] {
        let certificates = certificates();
        let (near, far) = tcp();
        let mut client = Driver::new(Caller::new("one\r\n"), near);
        let mut server = Driver::new(Echo::new(), far);
        client.secure(&certificates.connect).expect("a configuration");
        server.secure(&certificates.serve).expect("a configuration");
        let serve = thread::spawn(move || (hear(&mut server), server.tls().unwrap().ending()));
        assert!(matches!(client.step(), Ok(Step::Event(line)) if line == "one"));
        if !cut {
            client.machine_mut().shutdown();
            assert!(matches!(client.step(), Ok(Step::Closed)));
        }
        drop(client);
        let (heard, found) = serve.join().unwrap();
        heard.1.expect("the machine judges");
        assert_eq!((heard.0, found), (vec!["one".to_owned()], ending));
    }
}
