//! The same octets come from all of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use mail_runtimes::{MESSAGES, wasm};

const SERVERS: [&str; 4] = [
    env!("CARGO_BIN_EXE_threads"),
    env!("CARGO_BIN_EXE_tokio"),
    env!("CARGO_BIN_EXE_smol"),
    env!("CARGO_BIN_EXE_poll"),
];

/// Everything at once: commands may be pipelined.
const SAID: &[u8] = b"CAPA\r\nUSER bob\r\nPASS hungry\r\nSTAT\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\nRETR 3\r\nRETR 4\r\nDELE 1\r\nNONSENSE\r\nQUIT\r\n";

/// A server that is ended with the test, by its id.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program)
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it says where it listens");
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Self { child, address }
    }

    /// What it answers to octets that come in pieces of this size.
    fn answers(&self, said: &[u8], piece: usize) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let mut heard = Vec::new();
        let mut listening = stream.try_clone().expect("a second handle");
        let listener = thread::spawn(move || {
            let mut all = Vec::new();
            listening.read_to_end(&mut all).map(|_| all)
        });
        for piece in said.chunks(piece) {
            stream.write_all(piece).expect("it listens");
        }
        stream.shutdown(Shutdown::Write).expect("it is open");
        heard.extend(listener.join().expect("it ends").expect("it is read to its end"));
        heard
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the functions of the module answer.
fn answers_of_wasm(said: &[u8], piece: usize) -> Vec<u8> {
    let (handle, mut heard) = wasm::open();
    for piece in said.chunks(piece) {
        let (output, goes_on) = wasm::feed(handle, piece);
        heard.extend(output);
        if !goes_on {
            return heard;
        }
    }
    wasm::close(handle);
    heard
}

#[test]
fn all_say_the_same() {
    let expected = answers_of_wasm(SAID, SAID.len());
    let text = String::from_utf8(expected.clone()).expect("it is text");
    assert!(
        text.starts_with("+OK ") && text.contains(MESSAGES[0]) && text.contains("\r\n..\r\n"),
        "{text}"
    );
    assert!(
        text.contains("-ERR") && text.lines().last().is_some_and(|line| line.starts_with("+OK")),
        "{text}"
    );
    for piece in [1, 7, 64] {
        assert_eq!(answers_of_wasm(SAID, piece), expected, "wasm, {piece} octets at a time");
    }
    for program in SERVERS {
        let server = Server::start(program);
        for piece in [3, SAID.len()] {
            let heard = server.answers(SAID, piece);
            assert_eq!(
                String::from_utf8_lossy(&heard),
                text,
                "{program}, {piece} octets at a time"
            );
        }
    }
}

#[test]
fn all_serve_several_at_a_time() {
    for program in SERVERS {
        let server = Server::start(program);
        let mut streams: Vec<TcpStream> = (0..8)
            .map(|_| TcpStream::connect(&server.address).expect("it listens"))
            .collect();
        // The last is served while the others wait.
        for stream in streams.iter_mut().rev() {
            stream
                .write_all(b"USER bob\r\nPASS hungry\r\nSTAT\r\n")
                .expect("it listens");
            let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
            let status = lines.nth(3).expect("four lines").expect("they are text");
            assert!(status.starts_with("+OK 3 "), "{program}: {status}");
        }
    }
}

/// What the folder's README says.
#[test]
fn each_is_short() {
    for name in ["bin/threads", "bin/tokio", "bin/smol", "bin/poll", "wasm"] {
        let path = format!("{}/src/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let lines = fs::read_to_string(&path).expect("the source is there").lines().count();
        assert!(lines < 150, "{path} has {lines} lines");
    }
}
