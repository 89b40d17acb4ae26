//! Both ends of a channel over pipes in memory that cut anywhere.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::rc::Rc;

use mail_testing::{Authority, Issued};
use mail_tls::rustls::CertificateError;
use mail_tls::{
    Address, ClientCertificates, ClientTls, Ending, Endpoint, Identity, Layers, ServerTls, SetupError, Tls, TlsError,
};

#[derive(Default)]
struct Pipe {
    octets: VecDeque<u8>,
    /// How many there ever were.
    passed: usize,
    closed: bool,
}

/// One end of two pipes: it takes and gives at most `cut` octets at once, and holds at most `capacity`.
struct End {
    input: Rc<RefCell<Pipe>>,
    output: Rc<RefCell<Pipe>>,
    cut: usize,
    capacity: usize,
}

fn pipes(cut: usize, capacity: usize) -> (End, End) {
    let (one, two) = <(Rc<RefCell<Pipe>>, Rc<RefCell<Pipe>>)>::default();
    let end = |input: &Rc<_>, output: &Rc<_>| End {
        input: Rc::clone(input),
        output: Rc::clone(output),
        cut,
        capacity,
    };
    (end(&one, &two), end(&two, &one))
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut pipe = self.input.borrow_mut();
        if pipe.octets.is_empty() && !pipe.closed {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = buffer.len().min(self.cut);
        pipe.octets.read(&mut buffer[..n])
    }
}

impl Write for End {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut pipe = self.output.borrow_mut();
        let n = octets.len().min(self.cut).min(self.capacity - pipe.octets.len());
        if pipe.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.octets.extend(&octets[..n]);
        pipe.passed += n;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A program at one end: it says `unsaid`, and hears.
struct Program {
    layers: Layers,
    end: End,
    unsaid: Vec<u8>,
    heard: Vec<u8>,
    result: Result<(), TlsError>,
}

impl Program {
    fn new(endpoint: &Endpoint, end: End, unsaid: &[u8]) -> Self {
        let mut layers = Layers::new();
        layers.secure(endpoint).expect("a configuration");
        Self {
            layers,
            end,
            unsaid: unsaid.to_vec(),
            heard: Vec::new(),
            result: Ok(()),
        }
    }

    /// Goes on until it would block; whether anything moved.
    fn go(&mut self) -> bool {
        let mut moved = false;
        loop {
            let said = self.say();
            let heard = self.hear();
            let progress = matches!(said, Ok(1..)) || matches!(heard, Ok(1..));
            moved |= progress;
            let mut errors = [said.err(), heard.err()].into_iter().flatten();
            if let Some(error) = errors.find(|error| error.kind() != io::ErrorKind::WouldBlock) {
                self.result = Err(TlsError::from_io(error).expect("an error of TLS"));
                self.end.output.borrow_mut().closed = true;
                return moved;
            }
            if !progress {
                return moved;
            }
        }
    }

    fn say(&mut self) -> io::Result<usize> {
        let n = match self.unsaid.is_empty() {
            true => 0,
            false => self.layers.write(&mut self.end, &self.unsaid)?,
        };
        self.unsaid.drain(..n);
        match self.layers.flush(&mut self.end) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(n),
        }
    }

    fn hear(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 1000];
        let n = self.layers.read(&mut self.end, &mut buffer)?;
        self.heard.extend_from_slice(&buffer[..n]);
        Ok(n)
    }

    fn ending(&self) -> Ending {
        self.layers.tls().map_or(Ending::Open, |tls| tls.ending())
    }
}

/// Lets both go on until neither moves an octet.
fn converse(client: &mut Program, server: &mut Program) {
    let passed = |program: &Program| program.end.output.borrow().passed;
    loop {
        let before = passed(client) + passed(server);
        let moved = (client.result.is_ok() && client.go()) | (server.result.is_ok() && server.go());
        if !moved && before == passed(client) + passed(server) {
            return;
        }
    }
}

fn identity(issued: &Issued) -> Identity {
    Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate")
}

fn server(issued: &Issued) -> ServerTls {
    ServerTls::builder()
        .identity(identity(issued))
        .build()
        .expect("a configuration")
}

fn client(authority: &Authority) -> ClientTls {
    ClientTls::builder()
        .roots_pem(authority.root().as_bytes())
        .build()
        .expect("roots")
}

fn endpoint(client: ClientTls, host: &str) -> Endpoint {
    let address = Address::new(host, 993).expect("a host");
    let endpoint = Tls::implicit().with(client).endpoint(&address);
    endpoint.expect("a configuration").expect("TLS is wanted")
}

/// A handshake, and a word from either side.
fn talk(client: &Endpoint, server: &ServerTls) -> (Program, Program) {
    let (near, far) = pipes(usize::MAX, 4096);
    let mut client = Program::new(client, near, b"hello");
    let mut server = Program::new(&server.clone().into(), far, b"welcome");
    converse(&mut client, &mut server);
    (client, server)
}

#[test]
fn every_cut_gives_the_same() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let connect = endpoint(client(&authority), "mail.crepes.example");
    let (question, answer) = (vec![b'q'; 40_000], vec![b'a'; 70_000]);
    for (cut, capacity) in [
        (1, 1),
        (1, 100),
        (2, 3),
        (3, 64),
        (7, 1000),
        (500, 499),
        (5000, 20_000),
        (usize::MAX, 1),
    ] {
        let (near, far) = pipes(cut, capacity);
        let mut client = Program::new(&connect, near, &question);
        let mut server = Program::new(&tls.clone().into(), far, &answer);
        converse(&mut client, &mut server);
        assert_eq!((client.result, server.result), (Ok(()), Ok(())), "{cut} {capacity}");
        assert!(client.heard == answer && server.heard == question, "{cut} {capacity}");
        assert!(
            client.layers.is_flushed() && server.layers.is_flushed(),
            "{cut} {capacity}"
        );
    }
}

#[test]
fn both_ends_know_the_same_of_the_channel() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let (client, server) = talk(&endpoint(client(&authority), "mail.crepes.example"), &tls);
    assert_eq!((client.heard, server.heard), (b"welcome".to_vec(), b"hello".to_vec()));
    let (client, server) = (client.layers.tls().unwrap(), server.layers.tls().unwrap());
    assert!(client.exporter().is_some() && client.server_end_point().is_some());
    assert_eq!(client.exporter(), server.exporter());
    assert_eq!(client.server_end_point(), server.server_end_point());
    assert_eq!(client.protocol_version(), server.protocol_version());
    assert_eq!(
        (client.server_name(), server.server_name()),
        (Some("mail.crepes.example"), Some("mail.crepes.example"))
    );
    assert!(client.peer_certificates().is_some() && server.peer_certificates().is_none());
}

#[test]
fn two_channels_have_two_exporters() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let connect = endpoint(client(&authority), "mail.crepes.example");
    let exporter = |(program, _): &(Program, Program)| program.layers.tls().unwrap().exporter();
    assert_ne!(exporter(&talk(&connect, &tls)), exporter(&talk(&connect, &tls)));
}

#[test]
fn nothing_is_known_before_the_handshake_is_done() {
    let authority = Authority::new("Crepes CA");
    let mut layers = Layers::new();
    layers
        .secure(&endpoint(client(&authority), "mail.crepes.example"))
        .expect("a configuration");
    let channel = layers.handshaking().expect("not done");
    assert_eq!((channel.exporter(), channel.server_end_point()), (None, None));
}

#[test]
fn compressed_octets_are_encrypted() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let text = "the same again\r\n".repeat(10_000);
    for cut in [1, 1000, usize::MAX] {
        let (near, far) = pipes(cut, 700);
        let mut client = Program::new(
            &endpoint(client(&authority), "mail.crepes.example"),
            near,
            text.as_bytes(),
        );
        let mut server = Program::new(&tls.clone().into(), far, text.as_bytes());
        client.layers.deflate(&[]);
        server.layers.deflate(&[]);
        converse(&mut client, &mut server);
        assert!(
            client.heard == text.as_bytes() && server.heard == text.as_bytes(),
            "{cut}"
        );
    }
}

/// Nobody is told secrets whose certificate is not trusted, for one reason or another.
#[test]
fn a_certificate_that_is_not_trusted_ends_it() {
    let (authority, other) = (Authority::new("Crepes CA"), Authority::new("Other CA"));
    let named = authority.server(&["mail.crepes.example"]);
    let cases = [
        (authority.server(&["mail.other.example"]), "another name"),
        (authority.server(&["127.0.0.1"]), "an address"),
        (authority.expired(&["mail.crepes.example"]), "expired"),
        (other.server(&["mail.crepes.example"]), "unknown"),
        (authority.client("mail.crepes.example"), "for clients"),
    ];
    for (issued, why) in &cases {
        let (client, server) = talk(&endpoint(client(&authority), "mail.crepes.example"), &server(issued));
        let Err(TlsError::Certificate(error)) = client.result else {
            panic!("{why}: {:?}", client.result)
        };
        let as_expected = match *why {
            "another name" | "an address" => matches!(error, CertificateError::NotValidForNameContext { .. }),
            "expired" => matches!(error, CertificateError::ExpiredContext { .. }),
            "unknown" => matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature),
            _ => matches!(error, CertificateError::InvalidPurposeContext { .. }),
        };
        assert!(as_expected, "{why}: {error:?}");
        assert_eq!(client.unsaid, b"hello", "{why}");
        assert!(
            matches!(server.result, Err(TlsError::Refused(_))),
            "{why}: {:?}",
            server.result
        );
        assert_eq!(server.heard, b"", "{why}");
    }
    let (client, _) = talk(&endpoint(client(&authority), "mail.crepes.example"), &server(&named));
    assert_eq!(client.result, Ok(()));
}

#[test]
fn an_address_is_checked_too() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example", "192.0.2.7"]));
    for (host, good) in [("192.0.2.7", true), ("192.0.2.8", false)] {
        let (client, server) = talk(&endpoint(client(&authority), host), &tls);
        assert_eq!(client.result.is_ok(), good, "{host}");
        assert_eq!(server.layers.tls().unwrap().server_name(), None, "{host}");
    }
}

#[test]
fn a_relay_may_take_anybody() {
    let other = Authority::new("Other CA");
    let relay = ClientTls::builder()
        .danger_accept_any_certificate()
        .build()
        .expect("a configuration");
    for issued in [
        other.server(&["elsewhere.example"]),
        other.expired(&["mail.crepes.example"]),
    ] {
        let (client, server) = talk(&endpoint(relay.clone(), "mail.crepes.example"), &server(&issued));
        assert_eq!((client.result, server.result), (Ok(()), Ok(())));
        assert_eq!(server.heard, b"hello");
    }
}

#[test]
fn a_server_sees_a_client_certificate_if_it_asks() {
    let (authority, other) = (Authority::new("Crepes CA"), Authority::new("Other CA"));
    let issued = authority.server(&["mail.crepes.example"]);
    let roots = authority.root().into_bytes();
    let asking = |wanted| {
        let builder = ServerTls::builder()
            .identity(identity(&issued))
            .client_certificates(wanted);
        builder.build().expect("a configuration")
    };
    let with = |issued: Option<Issued>| {
        let mut builder = ClientTls::builder().roots_pem(&roots);
        if let Some(issued) = issued {
            builder = builder.identity(identity(&issued));
        }
        endpoint(builder.build().expect("roots"), "mail.crepes.example")
    };
    let known = authority.client("alice");
    for (wanted, shown, let_in, seen) in [
        (ClientCertificates::Ignored, Some(known.clone()), true, false),
        (ClientCertificates::Optional(roots.clone()), None, true, false),
        (
            ClientCertificates::Optional(roots.clone()),
            Some(known.clone()),
            true,
            true,
        ),
        (
            ClientCertificates::Optional(roots.clone()),
            Some(other.client("alice")),
            false,
            false,
        ),
        (ClientCertificates::Required(roots.clone()), None, false, false),
        (
            ClientCertificates::Required(roots.clone()),
            Some(known.clone()),
            true,
            true,
        ),
    ] {
        let (client, server) = talk(&with(shown), &asking(wanted.clone()));
        assert_eq!(server.result.is_ok(), let_in, "{wanted:?}: {:?}", server.result);
        assert_eq!(client.result.is_ok(), let_in, "{wanted:?}: {:?}", client.result);
        assert_eq!(
            server.layers.tls().unwrap().peer_certificates().is_some(),
            seen,
            "{wanted:?}"
        );
    }
}

#[test]
fn the_name_that_is_asked_for_decides() {
    let authority = Authority::new("Crepes CA");
    let issued = [
        authority.server(&["mail.crepes.example"]),
        authority.server(&["mail.hamburger.example", "imap.hamburger.example"]),
        authority.server(&["*.wild.example"]),
    ];
    let builder = issued.iter().fold(ServerTls::builder(), |builder, issued| {
        builder.identity(identity(issued))
    });
    let tls = builder.build().expect("a configuration");
    let relay = ClientTls::builder()
        .danger_accept_any_certificate()
        .build()
        .expect("a configuration");
    for (host, expected) in [
        ("mail.crepes.example", 0),
        ("IMAP.Hamburger.example", 1),
        ("any.wild.example", 2),
        ("two.labels.wild.example", 0),
        ("wild.example", 0),
        ("unknown.example", 0),
        ("192.0.2.1", 0),
    ] {
        let (client, server) = talk(&endpoint(relay.clone(), host), &tls);
        let (client, server) = (client.layers.tls().unwrap(), server.layers.tls().unwrap());
        let shown = &client.peer_certificates().unwrap()[0];
        assert_eq!(shown, &identity(&issued[expected]).chain()[0], "{host}");
        assert_eq!(client.server_end_point(), server.server_end_point(), "{host}");
    }
}

#[test]
fn a_renewed_certificate_is_shown_after_a_reload() {
    let authority = Authority::new("Crepes CA");
    let folder = std::env::temp_dir().join(format!("mail-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    let write = |issued: &Issued| {
        std::fs::write(&chain, &issued.chain).expect("room");
        std::fs::write(&key, &issued.key).expect("room");
    };
    let (old, new) = (
        authority.server(&["mail.crepes.example"]),
        authority.server(&["mail.crepes.example"]),
    );
    write(&old);
    let tls = ServerTls::from_files(&chain, &key).expect("a configuration");
    let connect = endpoint(client(&authority), "mail.crepes.example");
    let shown = || {
        talk(&connect, &tls)
            .0
            .layers
            .tls()
            .unwrap()
            .peer_certificates()
            .unwrap()[0]
            .clone()
    };
    assert_eq!(shown(), identity(&old).chain()[0]);
    // A pair that does not fit is refused, and the old one stays.
    std::fs::write(&chain, &new.chain).expect("room");
    assert_eq!(tls.reload(), Err(SetupError::KeyMismatch));
    assert_eq!(shown(), identity(&old).chain()[0]);
    // A connection that began before the reload knows what it has shown.
    let before = talk(&connect, &tls).1;
    write(&new);
    tls.clone().reload().expect("a configuration");
    assert_eq!(shown(), identity(&new).chain()[0]);
    let after = talk(&connect, &tls).1;
    let point = |program: &Program| program.layers.tls().unwrap().server_end_point().expect("SHA-256");
    assert_ne!(point(&before), point(&after));
    std::fs::remove_dir_all(&folder).expect("a folder");
    assert!(matches!(tls.reload(), Err(SetupError::File { path, .. }) if path == chain));
}

#[test]
fn bad_files_are_told_apart() {
    let authority = Authority::new("Crepes CA");
    let (one, two) = (authority.server(&["a.example"]), authority.server(&["a.example"]));
    let fails = |chain: &str, key: &str| Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect_err("bad");
    assert_eq!(fails("", &one.key), SetupError::NoCertificate);
    assert_eq!(fails(&one.key, &one.key), SetupError::NoCertificate);
    assert_eq!(fails(&one.chain, ""), SetupError::NoKey);
    assert_eq!(fails(&one.chain, &two.key), SetupError::KeyMismatch);
    assert_eq!(fails(&one.chain[..one.chain.len() / 2], &one.key), SetupError::Pem);
    assert_eq!(ServerTls::builder().build().expect_err("bad"), SetupError::NoIdentity);
    assert!(!format!("{:?}", identity(&one)).contains("PRIVATE"));
}

/// The three ways in which a peer goes: docs/threats.md row 27.
#[test]
fn a_cut_connection_is_told_from_an_end() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let connect = endpoint(client(&authority), "mail.crepes.example");

    let (mut client, mut server) = talk(&connect, &tls);
    client.layers.close(&mut client.end).expect("room");
    converse(&mut client, &mut server);
    assert_eq!(
        (server.ending(), server.heard.as_slice()),
        (Ending::Clean, &b"hello"[..])
    );

    let (mut client, mut server) = talk(&connect, &tls);
    client.end.output.borrow_mut().closed = true;
    converse(&mut client, &mut server);
    assert_eq!(
        (server.ending(), server.heard.as_slice()),
        (Ending::Truncated, &b"hello"[..])
    );

    let (near, far) = pipes(usize::MAX, 4096);
    near.output.borrow_mut().closed = true;
    drop(near);
    let mut server = Program::new(&tls.into(), far, b"welcome");
    server.go();
    assert_eq!(server.result, Err(TlsError::Closed));
}

/// What comes behind the last word of TLS is never heard: somebody else has put it there (docs/threats.md row 22).
#[test]
fn nothing_is_heard_behind_the_end() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let (mut client, mut server) = talk(&endpoint(client(&authority), "mail.crepes.example"), &tls);
    client.layers.close(&mut client.end).expect("room");
    client.end.write_all(b"QUIT\r\n").expect("room");
    converse(&mut client, &mut server);
    assert_eq!(
        (server.ending(), server.heard.as_slice()),
        (Ending::Clean, &b"hello"[..])
    );
}

/// Octets that were changed on the way, or are no TLS at all, end the channel, and it stays ended.
#[test]
fn what_is_no_tls_ends_it() {
    let authority = Authority::new("Crepes CA");
    let tls = server(&authority.server(&["mail.crepes.example"]));
    let (near, far) = pipes(usize::MAX, 4096);
    near.output.borrow_mut().octets.extend(b"EHLO crepes.example\r\n");
    let mut server = Program::new(&tls.clone().into(), far, b"welcome");
    server.go();
    assert!(
        matches!(server.result, Err(TlsError::Protocol(_))),
        "{:?}",
        server.result
    );
    let again = server.hear().map_err(|error| TlsError::from_io(error).unwrap());
    assert_eq!(again.map(drop), server.result);

    let (mut client, mut server) = talk(&endpoint(client(&authority), "mail.crepes.example"), &tls);
    client.unsaid = b"more".to_vec();
    client.go();
    *client.end.output.borrow_mut().octets.back_mut().unwrap() ^= 1;
    converse(&mut client, &mut server);
    assert!(
        matches!(server.result, Err(TlsError::Protocol(_))),
        "{:?}",
        server.result
    );
    assert_eq!(server.heard, b"hello");
}
