//! DEFLATE between a machine and its transport (RFC 4978), in all cuts: docs/threats.md row 15.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use mail_blocking::{Driver, Error, Interest, Ready, Tcp, Transport};
use mail_testing::{Echo, compress, inflate};
use mail_wire::{Layer, Step};

/// Gives `cut` octets a read and takes up to seven of them a write, and blocks before each. Who waits for what never comes
/// is told that the time is up.
struct Script {
    input: VecDeque<u8>,
    output: Vec<u8>,
    cut: usize,
    end: End,
    may_read: bool,
    may_write: bool,
}

/// What the peer does when it has written its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Stay,
}

impl Script {
    fn new(input: &[u8], cut: usize, end: End) -> Self {
        Self {
            input: input.iter().copied().collect(),
            output: Vec::new(),
            cut,
            end,
            may_read: false,
            may_write: false,
        }
    }
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.may_read || (self.input.is_empty() && self.end == End::Stay) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.may_read = false;
        let n = buffer.len().min(self.cut);
        self.input.read(&mut buffer[..n])
    }
}

impl Write for Script {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if !self.may_write {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.may_write = false;
        let n = octets.len().min(self.cut).min(7);
        self.output.extend_from_slice(&octets[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Script {
    fn wait(&mut self, interest: Interest, _: Option<Duration>) -> io::Result<Ready> {
        self.may_read = !self.input.is_empty() || self.end == End::Close;
        self.may_write = true;
        let ready = Ready {
            read: interest.read && self.may_read,
            write: interest.write,
        };
        if ready == Ready::default() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(ready)
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines heard, and how it ended.
type Heard = (Vec<String>, Result<(), Error<&'static str>>);

fn hear<T: Transport>(driver: &mut Driver<Echo, T>) -> Heard {
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

const PLAIN: &str = "one\r\nCOMPRESS\r\n";
const PACKED: &str = "two\r\nthree three three three three\r\n\r\nQUIT\r\n";

fn wire(packed: &[u8]) -> Vec<u8> {
    [PLAIN.as_bytes(), packed].concat()
}

fn lines(text: &str) -> Vec<String> {
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn octets_behind_the_line_belong_to_the_layer_at_every_cut() {
    let wire = wire(&compress(PACKED));
    for cut in 1..=wire.len() {
        for end in [End::Stay, End::Close] {
            let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, end));
            let (heard, result) = hear(&mut driver);
            assert_eq!(heard, lines(&[PLAIN, PACKED].concat()), "{cut} {end:?}");
            result.expect("an end in order");
            let output = driver.transport().output.strip_prefix(PLAIN.as_bytes());
            assert_eq!(inflate(output.expect("plain so far")), PACKED, "{cut} {end:?}");
        }
    }
}

/// Far more than the machine's window comes of few octets; the transport, which has no more to give, is not waited for.
#[test]
fn inflated_octets_are_not_waited_for() {
    let packed = "the same again\r\n".repeat(20_000) + "QUIT\r\n";
    let mut peer = mail_wire::Deflate::new(&[]);
    let (mut rest, mut octets) = (packed.as_bytes(), Vec::new());
    while !rest.is_empty() {
        rest = &rest[peer.write(rest)..];
    }
    peer.flush();
    octets.extend_from_slice(peer.transmit());
    assert!(octets.len() < packed.len() / 50);
    for cut in [512, usize::MAX] {
        let mut driver = Driver::new(Echo::new(), Script::new(&wire(&octets), cut, End::Stay));
        let (heard, result) = hear(&mut driver);
        result.expect("an end in order");
        assert_eq!(heard.len(), 20_003);
        let output = &driver.transport().output[PLAIN.len()..];
        assert!(inflate(output) == packed);
    }
}

#[test]
fn what_is_no_deflate_is_invalid_data_behind_the_good_lines() {
    let good = compress("two\r\n");
    // An unknown block type; a last block and an octet behind it.
    for bad in [&[6][..], &[3, 0, 0]] {
        let wire = wire(&[&good, bad].concat());
        for cut in 1..=wire.len() {
            let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, End::Stay));
            let (heard, result) = hear(&mut driver);
            assert_eq!(heard, ["one", "COMPRESS", "two"], "{cut}");
            let Err(Error::Io(error)) = result else {
                panic!("an error of the transport")
            };
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }
}

/// The machine hears of the end, and judges: here it ends the dialogue.
#[test]
fn an_end_of_input_anywhere_reaches_the_machine() {
    let wire = wire(&compress(PACKED));
    let whole = lines(&[PLAIN, PACKED].concat());
    for end in 0..wire.len() {
        for cut in [1, 7, usize::MAX] {
            let mut driver = Driver::new(Echo::new(), Script::new(&wire[..end], cut, End::Close));
            let (heard, result) = hear(&mut driver);
            result.expect("an end in order");
            assert!(whole.starts_with(&heard), "{end} {cut}");
        }
    }
}

#[test]
fn a_layer_that_cannot_be_put_in_is_an_error() {
    let twice = wire(&compress("COMPRESS\r\n"));
    let mut driver = Driver::new(Echo::new(), Script::new(&twice, 100, End::Stay));
    assert!(matches!(hear(&mut driver).1, Err(Error::Layer(Layer::Deflate))));
    let mut driver = Driver::new(Echo::new(), Script::new(b"TLS\r\n", 100, End::Stay));
    assert!(matches!(hear(&mut driver).1, Err(Error::Layer(Layer::Tls))));
}

/// A flush leaves nothing in the layer, though the transport takes an octet at a time.
#[test]
fn a_flush_pushes_what_the_layer_holds() {
    let mut driver = Driver::new(Echo::new(), Script::new(&wire(&compress("two\r\n")), 1, End::Stay));
    for line in ["one", "COMPRESS", "two"] {
        assert!(matches!(driver.step(), Ok(Step::Event(heard)) if heard == line));
    }
    driver.flush().expect("room");
    assert_eq!(inflate(&driver.transport().output[PLAIN.len()..]), "two\r\n");
}

/// A driver that waits for the peer holds nothing back: the peer may be waiting for just that.
#[test]
fn who_waits_has_written_everything() {
    let packed = "two\r\nthree\r\n";
    let wire = wire(&compress(packed));
    for cut in 1..=wire.len() {
        let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, End::Stay));
        let (heard, result) = hear(&mut driver);
        assert_eq!(heard, lines(&[PLAIN, packed].concat()), "{cut}");
        assert!(matches!(result, Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut));
        assert_eq!(inflate(&driver.transport().output[PLAIN.len()..]), packed, "{cut}");
    }
}

/// A real socket, waited for with poll(2), and a peer that speaks when it has heard.
#[test]
fn line_by_line_over_a_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let peer = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
        stream.write_all(PLAIN.as_bytes()).expect("it reads");
        let mut heard = vec![0; PLAIN.len()];
        stream.read_exact(&mut heard).expect("it answers");
        let mut layer = mail_wire::Deflate::new(&[]);
        let mut plain = [0; 100];
        for n in 0..100 {
            let line = format!("line {n}\r\n");
            layer.write(line.as_bytes());
            layer.flush();
            stream.write_all(layer.transmit()).expect("it reads");
            layer.transmitted(usize::MAX);
            let mut heard = 0;
            while heard < line.len() {
                match layer.read(&mut plain[heard..]).expect("it is DEFLATE") {
                    0 => {
                        let n = stream.read(layer.space()).expect("it answers");
                        assert_ne!(n, 0, "it stays");
                        layer.filled(n);
                    }
                    n => heard += n,
                }
            }
            assert_eq!(&plain[..heard], line.as_bytes());
        }
    });
    let (stream, _) = listener.accept().expect("a peer");
    let (heard, result) = hear(&mut Driver::new(Echo::new(), Tcp::new(stream).expect("a socket")));
    peer.join().expect("it heard all");
    result.expect("an end in order");
    assert_eq!(heard.len(), 102);
}
