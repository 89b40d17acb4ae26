//! `mailhost serve`, driven as a person at telnet drives it.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use mailhost::admission::GreylistFile;

/// The dialogue of the textbooks: their commands, and the codes they print, in their order.
#[test]
fn the_textbook_dialogue() {
    let host = Host::start(&["--store", "memory"]);
    let mut smtp = host.smtp();
    assert_eq!(smtp.greeting, "220 hamburger.edu ESMTP service ready");
    let dialogue = [
        ("HELO crepes.fr", "250 "),
        ("MAIL FROM: <alice@crepes.fr>", "250 "),
        ("RCPT TO: <bob@hamburger.edu>", "250 "),
        ("DATA", "354 "),
        ("Do you like ketchup?\r\nHow about pickles?\r\n.", "250 "),
        ("QUIT", "221 "),
    ];
    dialogue.iter().for_each(|(say, code)| smtp.expect(say, code));

    let mut pop3 = host.pop3();
    assert!(pop3.greeting.starts_with("+OK "));
    pop3.expect("user bob", "+OK");
    pop3.expect("pass hungry", "+OK");
    pop3.expect("list", "+OK");
    let listed = pop3.rest();
    pop3.expect("retr 1", "+OK");
    let message = pop3.rest();
    let octets: usize = message.iter().map(|line| line.len() + 2).sum();
    assert_eq!(listed, [format!("1 {octets}")]);
    let (header, body) = message.split_at(message.iter().position(String::is_empty).expect("the header's end"));
    assert_eq!(body, ["", "Do you like ketchup?", "How about pickles?"]);
    let fields: Vec<_> = header
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(fields, ["Return-Path", "Delivered-To", "Received"]);
    pop3.expect("dele 1", "+OK");
    pop3.expect("quit", "+OK");

    let mut pop3 = host.login("bob");
    pop3.expect("stat", "+OK 0 0");
}

#[test]
fn strangers_are_told_why_not() {
    let host = Host::start(&[
        "--store",
        "memory",
        "--relay-for",
        "192.0.2.0/24",
        "--route",
        "crepes.fr=127.0.0.1:9",
    ]);
    let mut smtp = host.smtp();
    let dialogue = [
        ("HELO crepes.fr\n", "500 5.5.2 Line refused: bare LF"),
        ("RCPT TO:<bob@hamburger.edu>", "503 5.5.1"),
        ("EHLO crepes.fr", "250"),
        ("MAIL FROM:<>", "250"),
        ("RCPT TO:<carol@hamburger.edu>", "550 5.1.1"),
        ("RCPT TO:<carol@elsewhere.example>", "550 5.7.1"),
        ("RCPT TO:<alice@crepes.fr>", "550 5.7.1"),
        ("RCPT TO:<Postmaster>", "250"),
        ("RCPT TO:<\"bob\"@HAMBURGER.edu>", "250"),
        ("FOO", "500 5.5.1"),
        ("DATA", "354"),
        ("one\ntwo\r\n.", "550 5.6.0"),
    ];
    dialogue.iter().for_each(|(say, code)| smtp.expect(say, code));
    let mut pop3 = host.login("bob@hamburger.edu");
    pop3.expect("stat", "+OK 0 0");
}

/// One message for each mailbox, however often and under whichever name it was addressed.
#[test]
fn a_recipient_named_twice_gets_one_message() {
    let host = Host::start(&["--store", "memory"]);
    let mut smtp = host.smtp();
    smtp.expect("EHLO crepes.fr", "250");
    smtp.expect("MAIL FROM:<alice@crepes.fr>", "250");
    for name in ["bob", "BOB", "postmaster"] {
        smtp.expect(&format!("RCPT TO:<{name}@hamburger.edu>"), "250");
    }
    smtp.expect("DATA", "354");
    smtp.expect("\r\nhi\r\n.", "250");
    host.login("bob").expect("stat", "+OK 1 ");
}

/// A message that comes back to the mailbox that it was delivered to is refused.
#[test]
fn mail_loops_end() {
    let host = Host::start(&["--store", "memory"]);
    for (field, code) in [
        ("Delivered-To: bob@hamburger.edu\r\n", "554 5.4.6"),
        ("Delivered-To: x@y.example\r\n", "250"),
    ] {
        let mut smtp = host.smtp();
        smtp.expect("EHLO crepes.fr", "250");
        smtp.expect("MAIL FROM:<alice@crepes.fr>", "250");
        smtp.expect("RCPT TO:<bob@hamburger.edu>", "250");
        smtp.expect("DATA", "354");
        smtp.expect(&format!("{field}\r\nhi\r\n."), code);
    }
}

/// SIGTERM finishes the message in hand, sends the others away, and exits with 0; what was accepted is there at the next
/// start.
#[test]
fn sigterm_finishes_what_is_in_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = ["--data", folder.path().to_str().expect("a plain name")];
    let mut host = Host::start(&data);
    let (mut busy, mut idle) = (host.smtp(), host.smtp());
    busy.expect("EHLO crepes.fr", "250");
    busy.expect("MAIL FROM:<alice@crepes.fr>", "250");
    busy.expect("RCPT TO:<bob@hamburger.edu>", "250");
    busy.expect("DATA", "354");
    host.terminate();
    assert!(idle.line().starts_with("421 "));
    busy.expect("\r\nlast words\r\n.", "250 ");
    assert!(busy.line().starts_with("421 "));
    assert!(host.wait().success());

    let host = Host::start(&data);
    host.login("bob").expect("stat", "+OK 1 ");
    let second = Host::command(&data).stderr(Stdio::piped()).output().expect("it runs");
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        !second.status.success() && error.contains("another mailhost"),
        "{error}"
    );
}

/// Whoever came once before a restart is no stranger when it comes back.
#[test]
fn the_greylist_outlives_the_host() {
    let folder = tempfile::tempdir().expect("a folder");
    // Clients on this machine are no strangers, unless others are the ones to relay for.
    let strangers = ["--greylist", "--relay-for", "192.0.2.0/24"];
    let data = [
        &strangers[..],
        &["--data", folder.path().to_str().expect("a plain name")],
    ]
    .concat();
    let visit = |recipients: &[&str]| {
        let mut host = Host::start(&data);
        let mut smtp = host.smtp();
        smtp.expect("HELO crepes.fr", "250");
        smtp.expect("MAIL FROM:<alice@crepes.fr>", "250");
        for recipient in recipients {
            smtp.expect(&format!("RCPT TO:<{recipient}@hamburger.edu>"), "451 4.7.1");
        }
        host.terminate();
        assert!(host.wait().success());
        GreylistFile::new(folder.path().join("greylist"))
            .load()
            .expect("a greylist")
    };
    let first = visit(&["bob"]);
    assert_eq!(first.len(), 1);
    let second = visit(&["bob", "postmaster"]);
    assert_eq!(second.len(), 2);
    assert!(
        second.contains(&first[0]),
        "its time has not begun anew: {first:?} {second:?}"
    );
    std::fs::write(folder.path().join("greylist"), "torn").expect("written");
    assert_eq!(visit(&["bob"]).len(), 1);
}

/// A next hop that is down at first gets its mail when it is up.
#[test]
fn relayed_mail_is_tried_again() {
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port");
    let route = format!("hamburger.edu={free}");
    let mut crepes = Host::spawn(
        Command::new(env!("CARGO_BIN_EXE_mailhost"))
            .env("RUST_LOG", "mailhost=info")
            .stderr(Stdio::piped())
            .args([
                "serve",
                "--smtp",
                "127.0.0.1:0",
                "--pop3",
                "127.0.0.1:0",
                "--store",
                "memory",
            ])
            .args([
                "--domain",
                "crepes.fr",
                "--user",
                "alice:sweet",
                "--route",
                &route,
                "--transcript",
                "-",
                "--retry-after",
                "1",
            ]),
    );
    let mut smtp = crepes.smtp();
    smtp.expect("EHLO laptop", "250");
    smtp.expect("MAIL FROM:<alice@crepes.fr>", "250");
    smtp.expect("RCPT TO:<bob@hamburger.edu>", "250");
    smtp.expect("RCPT TO:<nobody@hamburger.edu>", "250");
    smtp.expect("DATA", "354");
    smtp.expect("Subject: late\r\n\r\nhi\r\n.", "250");
    let mut log = BufReader::new(crepes.process.stderr.take().expect("it is piped"));
    wait_for_line(&mut log, |line| line.contains("the next hop was not reached"));
    let address = free.to_string();
    let hamburger = Host::start(&["--store", "memory", "--smtp", &address]);
    // The next attempt comes within seconds.
    wait_for_line(&mut crepes.out, |line| {
        line.starts_with("relay ") && line.contains("C: QUIT")
    });
    hamburger.login("bob").expect("stat", "+OK 1 ");
    // Alice hears about the recipient that does not exist. The report was made before the entry left the queue, which
    // nothing announces.
    let mut report = crepes.login_as("alice", "sweet");
    for _ in 0..100 {
        report.say("stat");
        if report.line() != "+OK 0 0" {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        report.expect("quit", "+OK");
        report = crepes.login_as("alice", "sweet");
    }
    report.expect("retr 1", "+OK");
    let report = report.rest().join("\n");
    assert!(
        report.contains("nobody@hamburger.edu") && report.contains("5.1.1"),
        "{report}"
    );
    assert!(
        report.starts_with("Return-Path: <>\n") && !report.contains("bob@"),
        "{report}"
    );
}

/// Aliases, a catch-all and sub-addresses find their mailboxes; the tag stays in `Delivered-To`.
#[test]
fn addresses_stand_for_others() {
    let host = Host::start(&[
        "--store",
        "memory",
        "--alias",
        "info=bob",
        "--alias",
        "@hamburger.edu=bob",
    ]);
    let mut smtp = host.smtp();
    smtp.expect("EHLO crepes.fr", "250");
    for name in ["info", "whoever", "bob+news"] {
        smtp.expect("MAIL FROM:<alice@crepes.fr>", "250");
        smtp.expect(&format!("RCPT TO:<{name}@hamburger.edu>"), "250");
        smtp.expect("DATA", "354");
        smtp.expect("Subject: hi\r\n\r\nhi\r\n.", "250");
    }
    let mut pop3 = host.login("bob");
    pop3.expect("stat", "+OK 3 ");
    pop3.expect("top 3 0", "+OK");
    let header = pop3.rest();
    assert!(
        header.contains(&"Delivered-To: bob+news@hamburger.edu".to_owned()),
        "{header:?}"
    );
}

/// `mailhost queue` beside a running server: what a person sees, and what a program does.
#[test]
fn the_queue_is_looked_at_and_ordered_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a plain name");
    let queue = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        let output = command
            .args(["queue", "--data", data])
            .args(arguments)
            .output()
            .expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).expect("text"))
    };
    assert!(queue(&["list"]).1.contains("no mail store here"));
    // Nobody listens on the discard port.
    let host = Host::start(&["--data", data, "--route", "crepes.fr=127.0.0.1:9"]);
    assert_eq!(queue(&["list"]), (true, "The queue is empty.\n".to_owned()));
    let mut smtp = host.smtp();
    smtp.expect("EHLO laptop", "250");
    smtp.expect("MAIL FROM:<bob@hamburger.edu>", "250");
    smtp.expect("RCPT TO:<alice@crepes.fr>", "250");
    smtp.expect("DATA", "354");
    smtp.expect("Subject: late\r\n\r\nhi\r\n.", "250");
    let mut list = queue(&["list"]).1;
    for _ in 0..100 {
        if list.contains("Connection refused") {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        list = queue(&["list"]).1;
    }
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("Number") && lines[1].starts_with("1 "), "{list}");
    assert!(
        lines[1].contains(" min ") && lines[1].ends_with("bob@hamburger.edu"),
        "{list}"
    );
    assert_eq!(lines[2].trim(), "-> alice@crepes.fr");
    assert!(
        lines[3].contains("Connection refused") && lines[4].starts_with("1 message, "),
        "{list}"
    );
    let (_, shown) = queue(&["show", "1"]);
    assert!(
        shown.contains("\nSubject: late\n") && shown.contains("pending, 4.4.1: "),
        "{shown}"
    );
    assert_eq!(
        queue(&["show", "2"]).1,
        "mailhost: there is no message 2 in the queue\n"
    );

    assert_eq!(queue(&["hold", "1"]).1, "1 message held.\n");
    let (_, json) = queue(&["list", "--json"]);
    let entry: serde_json::Value = serde_json::from_str(&json).expect("one line of JSON");
    assert_eq!((&entry["state"], &entry["id"]), (&"held".into(), &1.into()));
    assert_eq!(entry["recipients"][0]["address"], "alice@crepes.fr");
    assert!(!queue(&["flush"]).0, "which?");
    assert_eq!(queue(&["release", "--domain", "crepes.FR"]).1, "1 message released.\n");
    assert_eq!(queue(&["delete", "--all", "--json"]).1, "{\"messages\":1}\n");
    assert_eq!(queue(&["list"]).1, "The queue is empty.\n");
}

#[test]
fn a_wrong_command_line_is_explained() {
    for (arguments, word) in [
        (&["--user", "bob"][..], "NAME[@DOMAIN]:PASSWORD"),
        (&["--user", "bob@elsewhere.example:x"], "elsewhere.example"),
        (&["--domain", "not a name"], "not a name"),
        (&["--smtp", "nowhere"], "--smtp"),
        (&["--store", "memory", "--data", "x"], "--data"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_mailhost"))
            .arg("serve")
            .args(arguments)
            .output()
            .expect("it runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(word),
            "{arguments:?}: {error}"
        );
    }
}

/// A running mailhost for hamburger.edu, where bob's password is hungry.
struct Host {
    process: Child,
    out: BufReader<ChildStdout>,
    smtp: SocketAddr,
    pop3: SocketAddr,
}

impl Host {
    fn start(arguments: &[&str]) -> Self {
        Self::spawn(&mut Self::command(arguments))
    }

    fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        command.args([
            "serve",
            "--domain",
            "hamburger.edu",
            "--user",
            "bob:hungry",
            "--pop3",
            "127.0.0.1:0",
        ]);
        if !arguments.contains(&"--smtp") {
            command.args(["--smtp", "127.0.0.1:0"]);
        }
        command.args(arguments);
        command
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut listening = |protocol: &str| {
            let mut line = String::new();
            out.read_line(&mut line).expect("a line for each listener");
            let address = line.trim_end().strip_prefix(&format!("listening {protocol} "));
            address
                .unwrap_or_else(|| panic!("{line:?}"))
                .parse()
                .expect("an address")
        };
        let (smtp, pop3) = (listening("smtp"), listening("pop3"));
        Self {
            process,
            out,
            smtp,
            pop3,
        }
    }

    fn smtp(&self) -> Talk {
        Talk::with(self.smtp)
    }

    fn pop3(&self) -> Talk {
        Talk::with(self.pop3)
    }

    fn login(&self, name: &str) -> Talk {
        self.login_as(name, "hungry")
    }

    fn login_as(&self, name: &str, password: &str) -> Talk {
        let mut pop3 = self.pop3();
        pop3.expect(&format!("USER {name}"), "+OK");
        pop3.expect(&format!("PASS {password}"), "+OK");
        pop3
    }

    fn terminate(&self) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status();
        assert!(kill.expect("kill runs").success());
    }

    fn wait(&mut self) -> ExitStatus {
        self.process.wait().expect("it ends")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn wait_for_line(text: &mut impl BufRead, wanted: impl Fn(&str) -> bool) {
    let mut line = String::new();
    while !wanted(&line) {
        line.clear();
        let n = text.read_line(&mut line).expect("text");
        assert!(n > 0, "the text has ended");
    }
}

/// A connection, typed into.
struct Talk {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
    greeting: String,
}

impl Talk {
    fn with(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let lines = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut talk = Self {
            stream,
            lines,
            greeting: String::new(),
        };
        talk.greeting = talk.line();
        talk
    }

    /// What is said ends with CRLF, unless it brings a line end of its own.
    fn say(&mut self, what: &str) {
        let end = if what.ends_with('\n') { "" } else { "\r\n" };
        self.stream
            .write_all(format!("{what}{end}").as_bytes())
            .expect("it listens");
    }

    fn expect(&mut self, say: &str, code: &str) {
        self.say(say);
        let mut reply = self.line();
        while reply.as_bytes().get(3) == Some(&b'-') && !reply.starts_with('-') {
            reply = self.line();
        }
        assert!(reply.starts_with(code), "{say:?} was answered {reply:?}, not {code}");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("an answer in time");
        line.strip_suffix("\r\n")
            .unwrap_or_else(|| panic!("{line:?} is no line"))
            .to_owned()
    }

    /// The lines of a multi-line response, without the last.
    fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.line() {
                end if end == "." => return lines,
                line => lines.push(line.strip_prefix('.').map(str::to_owned).unwrap_or(line)),
            }
        }
    }
}
