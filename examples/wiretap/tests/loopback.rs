//! Dialogues of real programs over loopback, captured by tcpdump, read here and by tshark. Without the programs, or without
//! the right to capture, these tests say so and pass; with `MAIL_INTEROP=required` they fail.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use mail_testing::peers::{Daemon, DovecotImap, Folder, PATIENCE, Program, available, succeed};
use wiretap::capture::Capture;
use wiretap::item::{Kind, Side};
use wiretap::packet::{Packet, dissect};
use wiretap::protocol::Protocol;
use wiretap::tcp::{Direction, Piece};

use crate::support::{MAIL, Read, Talk, mail, pcap, read_with};

/// tcpdump at work on one port.
struct Tap {
    daemon: Daemon,
    file: PathBuf,
    port: u16,
    protocol: Protocol,
}

impl Tap {
    /// None: this user may not capture.
    fn open(folder: &Folder, server: SocketAddr, protocol: Protocol) -> Option<Self> {
        let file = folder.path().join("capture");
        let port = server.port();
        let mut command = Program::Tcpdump.command();
        command
            .args(["-i", "lo", "-U", "--immediate-mode", "-B", "32768", "-Z", "root", "-w"])
            .arg(&file)
            .arg(format!("tcp port {port}"));
        let daemon = Daemon::spawn(command);
        let listens = |lines: &[String]| lines.iter().any(|line| line.contains("listening on")).then_some(());
        if daemon.wait_for(listens).is_some() {
            return Some(Self {
                daemon,
                file,
                port,
                protocol,
            });
        }
        let required = std::env::var_os("MAIL_INTEROP").is_some_and(|value| value == "required");
        assert!(
            !required,
            "MAIL_INTEROP=required, but tcpdump may not capture: {:?}",
            daemon.lines()
        );
        let _ = io::stderr().write_all(b"SKIPPED a capture on loopback: tcpdump may not\n");
        None
    }

    /// What was captured, once so many connections are closed in it.
    fn read(mut self, connections: usize) -> Read {
        let begun = Instant::now();
        loop {
            let capture = fs::read(&self.file).unwrap_or_default();
            let read = read_with(&capture, [(self.port, self.protocol)].into());
            let closed = |item: &&wiretap::item::Item| {
                matches!(item.kind, Kind::Closed("closed by both sides" | "broken off (RST)"))
            };
            if read.items.iter().filter(closed).count() >= connections {
                self.daemon.terminate();
                return read;
            }
            assert!(begun.elapsed() < PATIENCE, "the capture lacks an end: {}", read.shown());
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The octets of both sides of the first connection, as tshark puts them together.
fn followed(file: &Path) -> [Vec<u8>; 2] {
    let mut command = Program::Tshark.command();
    command.arg("-r").arg(file).args(["-q", "-z", "follow,tcp,raw,0"]);
    let shown = String::from_utf8(succeed(command, b"")).expect("tshark writes text");
    let node = |number: u8| {
        shown
            .lines()
            .find_map(|line| line.strip_prefix(&format!("Node {number}: ")).map(str::to_owned))
    };
    assert!(node(0).is_some() && node(1).is_some(), "{shown}");
    let mut streams = [Vec::new(), Vec::new()];
    for line in shown.lines().skip_while(|line| !line.starts_with("Node 1")).skip(1) {
        let side = usize::from(line.starts_with('\t'));
        let hex = line.trim().as_bytes();
        if hex.iter().all(u8::is_ascii_hexdigit) {
            let octets = hex
                .chunks(2)
                .filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
            streams[side].extend(octets);
        }
    }
    streams
}

/// The same, as this program does.
fn put_together(file: &Path, port: u16) -> [Vec<u8>; 2] {
    let mut capture = Capture::default();
    capture.push(&fs::read(file).expect("the capture is there"));
    let mut directions = [Direction::default(), Direction::default()];
    let mut streams = [Vec::new(), Vec::new()];
    while let Ok(Some(frame)) = capture.next_frame() {
        let Packet::Tcp(segment) = dissect(&frame) else {
            continue;
        };
        let side = usize::from(segment.from.port() == port);
        let mut out = Vec::new();
        let mut sequence = segment.sequence;
        if segment.syn {
            directions[side].begin(sequence);
            sequence = sequence.wrapping_add(1);
        }
        let at = Default::default();
        directions[side].segment(at, sequence, &segment.payload, segment.missing, segment.fin, &mut out);
        for (piece, _) in out {
            match piece {
                Piece::Octets(_, octets) => streams[side].extend(octets),
                Piece::Hole(..) => panic!("a hole"),
            }
        }
    }
    streams
}

/// What tshark finds in these fields, without empty lines; fields of a packet stand between tabs.
fn fields(file: &Path, port: u16, protocol: &str, names: &[&str]) -> Vec<String> {
    let mut command = Program::Tshark.command();
    command
        .arg("-r")
        .arg(file)
        .args(["-d", &format!("tcp.port=={port},{protocol}"), "-T", "fields"]);
    for name in names {
        command.args(["-e", name]);
    }
    let shown = String::from_utf8(succeed(command, b"")).expect("tshark writes text");
    shown
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn codes(read: &Read) -> Vec<String> {
    let lines = read.lines();
    let replies = lines.iter().filter_map(|line| line.strip_prefix("S: "));
    replies
        .filter(|line| line.as_bytes().get(3) == Some(&b' '))
        .map(|line| line[..3].to_owned())
        .collect()
}

#[test]
fn smtp_on_loopback() {
    if !available(&[Program::Tcpdump, Program::Tshark, Program::Python]) {
        return;
    }
    let folder = Folder::new();
    let server = mail_blocking::smtp::Server::bind("127.0.0.1:0", smtp_config()).expect("a port is free");
    let address = server.local_addr().expect("it is bound");
    let served = thread::spawn(move || serve_smtp(server.accept().expect("a client comes").0));
    let Some(tap) = Tap::open(&folder, address, Protocol::Smtp) else {
        return;
    };
    let script = "
import smtplib, sys
s = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), local_hostname='client.example')
s.ehlo()
body = ''.join('line %d\\n.dots\\n' % n for n in range(4000))
s.sendmail('alice@client.example', ['bob@mx.example', 'nobody@mx.example'], 'Subject: Long\\n\\n' + body)
s.quit()
";
    let mut command = Program::Python.command();
    command.args(["-c", script, &address.port().to_string()]);
    succeed(command, b"");
    let received = served.join().expect("the server ends").expect("the dialogue ends well");
    let read = tap.read(1);
    let file = folder.path().join("capture");

    let messages = read.messages();
    assert_eq!(messages.len(), 1);
    assert!(
        messages[0].octets == received,
        "what was captured is what the server got"
    );
    assert_eq!(put_together(&file, address.port()), followed(&file));
    // tshark tells the verb and what stands behind it, of each packet.
    let theirs = fields(&file, address.port(), "smtp", &["smtp.req.command"]);
    let ours: Vec<String> = read
        .commands()
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ours, theirs);
    let theirs = fields(&file, address.port(), "smtp", &["smtp.response.code"]);
    assert_eq!(codes(&read), theirs);
    assert_eq!(read.holes(), []);
}

fn smtp_config() -> smtp_proto::server::Config {
    smtp_proto::server::Config::new("mx.example".parse().expect("a domain"))
}

/// Takes one message.
fn serve_smtp(mut session: mail_blocking::smtp::Session) -> Result<Vec<u8>, mail_blocking::smtp::ServerError> {
    use smtp_proto::server::Event;
    let mut message = Vec::new();
    while let Some(event) = session.next()? {
        match event {
            Event::Mail(ask, _) => session.accept(ask)?,
            Event::Recipient(ask, to) if to.forward_path().to_string().contains("nobody") => {
                session.refuse(ask, smtp_proto::Refusal::no_such_user())?;
            }
            Event::Recipient(ask, _) => session.accept(ask)?,
            Event::Data(ask) => {
                session.accept(ask)?;
                session.body().read_to_end(&mut message)?;
            }
            Event::Message(ask) => session.accept(ask)?,
            other => session.unhandled(other)?,
        }
    }
    Ok(message)
}

#[test]
fn pop3_on_loopback() {
    if !available(&[Program::Tcpdump, Program::Tshark, Program::Python, Program::Dovecot]) {
        return;
    }
    let folder = Folder::new();
    let stored: [&[u8]; 2] = [b"Subject: one\r\n\r\n.dot\r\n", b"Subject: two\r\n\r\nHello\r\n"];
    let server = mail_testing::peers::Dovecot::start(&stored);
    let address = server.address();
    let Some(tap) = Tap::open(&folder, address, Protocol::Pop3) else {
        return;
    };
    let script = "
import poplib, sys
p = poplib.POP3('127.0.0.1', int(sys.argv[1]))
p.user('bob'); p.pass_('hungry'); p.stat(); p.list(); p.uidl()
p.retr(1); p.retr(2); p.top(1, 0); p.dele(1); p.rset(); p.quit()
";
    let mut command = Program::Python.command();
    command.args(["-c", script, &address.port().to_string()]);
    succeed(command, b"");
    let read = tap.read(1);
    let file = folder.path().join("capture");

    let messages: Vec<_> = read.messages().into_iter().map(|found| found.octets).collect();
    assert_eq!(messages[..2], stored.map(<[u8]>::to_vec));
    assert_eq!(put_together(&file, address.port()), followed(&file));
    let theirs = fields(&file, address.port(), "pop", &["pop.request.command"]);
    let ours: Vec<String> = read
        .commands()
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ours, theirs);
    assert_eq!(read.warnings(), [""; 0]);
}

#[test]
fn imap_on_loopback() {
    if !available(&[Program::Tcpdump, Program::Tshark, Program::Python, Program::DovecotImap]) {
        return;
    }
    let folder = Folder::new();
    let server = DovecotImap::start();
    let address = server.address();
    let Some(tap) = Tap::open(&folder, address, Protocol::Imap) else {
        return;
    };
    let script = "
import imaplib, sys
i = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]))
i.login('bob', sys.argv[2])
i.append('INBOX', None, None, b'Subject: one\\r\\n\\r\\n' + b'x' * 70000 + b'\\r\\n')
i.append('INBOX', None, None, b'Subject: two\\r\\n\\r\\nHello\\r\\n')
i.select(); i.search(None, 'ALL'); i.fetch('1:2', '(FLAGS BODY.PEEK[] ENVELOPE)'); i.store('1', '+FLAGS', r'(\\Deleted)')
i.expunge(); i.close(); i.logout()
";
    let mut command = Program::Python.command();
    command.args(["-c", script, &address.port().to_string(), DovecotImap::PASSWORD]);
    succeed(command, b"");
    let read = tap.read(1);
    let file = folder.path().join("capture");

    let messages: Vec<_> = read
        .messages()
        .into_iter()
        .map(|found| (found.carrier, found.octets))
        .collect();
    let carriers: Vec<&str> = messages.iter().map(|(carrier, _)| carrier.as_str()).collect();
    assert_eq!(carriers, ["APPEND", "APPEND", "FETCH BODY[]", "FETCH BODY[]"]);
    assert!(
        messages[0].1 == messages[2].1 && messages[0].1.len() == 70_018,
        "what went in comes out"
    );
    assert_eq!(messages[1].1, messages[3].1);
    assert_eq!(put_together(&file, address.port()), followed(&file));
    let theirs: BTreeSet<String> = fields(&file, address.port(), "imap", &["imap.request.command"])
        .into_iter()
        .collect();
    let ours: BTreeSet<String> = read
        .commands()
        .iter()
        .filter_map(|line| line.split(' ').nth(1).map(str::to_owned))
        .collect();
    for command in [
        "LOGIN", "APPEND", "SELECT", "SEARCH", "FETCH", "STORE", "EXPUNGE", "CLOSE", "LOGOUT",
    ] {
        let is_there = |set: &BTreeSet<String>| set.iter().any(|other| other.eq_ignore_ascii_case(command));
        assert!(is_there(&ours) && is_there(&theirs), "{command}: {ours:?} {theirs:?}");
    }
    assert_eq!(read.warnings(), [""; 0]);
}

/// A connection that is broken off in the midst of a message, with octets that no protocol has.
#[test]
fn a_broken_connection_on_loopback() {
    if !available(&[Program::Tcpdump, Program::Tshark]) {
        return;
    }
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let Some(tap) = Tap::open(&folder, address, Protocol::Smtp) else {
        return;
    };
    let server = thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        stream.write_all(b"220 mx\r\n")?;
        let mut heard = Vec::new();
        let mut piece = [0; 1024];
        while !heard.ends_with(b"half") {
            let n = stream.read(&mut piece)?;
            heard.extend_from_slice(&piece[..n]);
            let answer: &[u8] = if heard.ends_with(b"DATA\r\n") {
                b"250 ok\r\n250 ok\r\n354 go\r\n"
            } else {
                b""
            };
            stream.write_all(answer)?;
        }
        Ok(())
    });
    let mut client = TcpStream::connect(address).expect("it listens");
    let mut greeting = [0; 8];
    client.read_exact(&mut greeting).expect("it greets");
    client
        .write_all(b"MAIL FROM:<a@c>\r\nRCPT TO:<b@mx>\r\nDATA\r\n")
        .expect("it listens");
    let mut replies = [0; 24];
    client.read_exact(&mut replies).expect("it answers");
    client
        .write_all(b"Subject: \xff\x00\x1b[2J\r\n\r\nhalf")
        .expect("it listens");
    server
        .join()
        .expect("the server ends")
        .expect("the dialogue goes so far");
    drop(client);
    let read = tap.read(1);
    let file = folder.path().join("capture");
    assert_eq!(put_together(&file, address.port()), followed(&file));
    let message = &read.messages()[0];
    assert_eq!(message.outcome, "cut off before its end");
    assert!(message.octets.ends_with(b"half") && !message.is_complete());
    assert!(
        read.shown().chars().all(|c| c == '\n' || !c.is_control()),
        "{}",
        read.shown()
    );
}

/// tshark puts together what was made up here, too.
#[test]
fn tshark_reads_made_up_captures_alike() {
    if !available(&[Program::Tshark]) {
        return;
    }
    let folder = Folder::new();
    let talk = mail();
    let mut forms = vec![talk.frames.clone()];
    for at in [6, 14] {
        let mut frames = talk.frames.clone();
        frames.insert(at + 2, frames[at].clone());
        frames.swap(at, at + 1);
        forms.push(frames);
    }
    forms.push(
        Talk::beginning_at(25, [u32::MAX - 40, u32::MAX - 30])
            .script(MAIL)
            .close()
            .frames,
    );
    for (number, frames) in forms.iter().enumerate() {
        let file = folder.path().join(format!("capture-{number}"));
        fs::write(&file, pcap(frames)).expect("the folder takes it");
        let [client, server] = put_together(&file, 25);
        // Which side tshark calls the first does not matter here.
        let mut theirs = followed(&file);
        theirs.sort();
        let mut ours = [client, server];
        ours.sort();
        assert_eq!(ours, theirs, "form {number}");
    }
    // Each item has a side; tshark's verbs are ours.
    let file = folder.path().join("capture-0");
    let read = read_with(&pcap(&forms[0]), Default::default());
    let theirs = fields(&file, 25, "smtp", &["smtp.req.command"]);
    let ours: Vec<String> = read
        .commands()
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ours, theirs);
    assert!(
        read.items
            .iter()
            .all(|item| !matches!(item.kind, Kind::Line(_)) || matches!(item.side, Some(Side::Client | Side::Server)))
    );
}
