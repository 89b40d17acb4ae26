//! Where a host lives: its process comes and goes, its folder and its ports stay.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use mail_blocking::pop3;
use mail_blocking::tls::Tls;

use crate::network::message_id;

pub(crate) struct Place {
    pub(crate) data: PathBuf,
    pub(crate) smtp: SocketAddr,
    pop3: SocketAddr,
    arguments: Vec<String>,
    process: Mutex<Child>,
}

impl Place {
    pub(crate) fn new(data: PathBuf, who: &[&str], more: &[&str]) -> Self {
        let (smtp, pop3) = (free_port(), free_port());
        let mut arguments = vec!["serve".to_owned(), "--data".to_owned(), data.display().to_string()];
        arguments.extend(["--smtp".to_owned(), smtp.to_string()]);
        arguments.extend(["--pop3".to_owned(), pop3.to_string()]);
        arguments.extend(who.iter().chain(more).map(|&argument| argument.to_owned()));
        let process = Mutex::new(start(&arguments));
        Self {
            data,
            smtp,
            pop3,
            arguments,
            process,
        }
    }

    pub(crate) fn restart(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        *process = start(&self.arguments);
    }

    fn queue(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        let output = command
            .arg("queue")
            .args(arguments)
            .arg("--data")
            .arg(&self.data)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Does not wait for times of retries: a person would flush, too.
    pub(crate) fn wait_for_empty_queue(&self) {
        let mut before = String::new();
        let mut end = Instant::now();
        loop {
            let list = self.queue(&["list"]);
            if list == "The queue is empty.\n" {
                return;
            }
            if list != before {
                end = Instant::now() + Duration::from_secs(60);
            }
            assert!(Instant::now() < end, "nothing moves: {list}");
            before = list;
            self.queue(&["flush", "--all"]);
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// How often each message is there.
    pub(crate) fn messages(&self) -> HashMap<usize, usize> {
        let mut client = pop3::Client::connect(self.pop3, Tls::never()).unwrap();
        client.login("bob", "hungry").unwrap();
        let mut found = HashMap::new();
        for message in client.list().unwrap() {
            let mut text = String::new();
            client
                .retrieve(message.number)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            assert!(text.ends_with("says the old book.\r\n"), "it is whole");
            let id = message_id(text.as_bytes()).expect("each has one");
            *found.entry(id).or_default() += 1;
        }
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

/// Starts a host and waits until it listens.
fn start(arguments: &[String]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
    let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let doors = ["--smtp", "--pop3", "--submission"];
    for _ in arguments.iter().filter(|argument| doors.contains(&argument.as_str())) {
        let line = lines.next().expect("a line for each listener").unwrap();
        assert!(line.starts_with("listening "), "{line}");
    }
    process
}

pub(crate) fn free_port() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap()
}
