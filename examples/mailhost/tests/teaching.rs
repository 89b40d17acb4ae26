//! The teaching mode: `serve --explain` and `telnet-guide`, as a student at telnet meets them.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// The program, killed when it is dropped.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailhost"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let texts = out.lines().map_while(Result::ok);
            texts
                .map(|line| line.trim_end().to_owned())
                .try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// The next line; `None` at the end. A program that falls silent is a failure.
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(Duration::from_secs(30)) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it says nothing any more"),
        }
    }

    /// The address behind `listening NAME `.
    fn listening(&mut self, name: &str) -> String {
        let line = self.line().expect("it listens");
        let address = line.strip_prefix(&format!("listening {name} "));
        address.unwrap_or_else(|| panic!("{line}")).to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection, as telnet has it.
struct Telnet {
    stream: TcpStream,
    input: BufReader<TcpStream>,
}

impl Telnet {
    fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the door is open");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
        let input = BufReader::new(stream.try_clone().expect("a second handle"));
        Self { stream, input }
    }

    fn say(&mut self, line: &str) {
        self.stream
            .write_all(format!("{line}\r\n").as_bytes())
            .expect("it is taken");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.input.read_line(&mut line).expect("an answer");
        line.trim_end().to_owned()
    }

    /// The lines of an SMTP reply.
    fn reply(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }
}

fn serve(explain: &[&str]) -> (Program, [String; 4]) {
    let zero = "127.0.0.1:0";
    let mut arguments = vec![
        "serve",
        "--store",
        "memory",
        "--user",
        "bob:hungry",
        "--relay-for",
        "192.0.2.0/24",
    ];
    arguments.extend(["--smtp", zero, "--pop3", zero, "--submission", zero, "--imap", zero]);
    arguments.extend(explain);
    let mut program = Program::start(&arguments);
    let addresses = ["smtp", "pop3", "submission", "imap"].map(|name| program.listening(name));
    (program, addresses)
}

/// What is said to SMTP, and what the answer has: its code, and words of the lesson.
const SMTP: [(&str, &str, &str); 14] = [
    (
        "MAIL FROM:<alice@crepes.fr>",
        "503",
        "a client says who it is before it sends mail: EHLO client.example.org",
    ),
    ("HELO", "501", "HELO takes the full name of the client's host"),
    (
        " EHLO crepes.fr",
        "500",
        "no blank stands in front of it (RFC 5321 section 4.1.1)",
    ),
    ("HELLO crepes.fr", "500", "a line begins with a command"),
    ("RCPT TO:<bob@example.org>", "503", "a client says who it is before"),
    ("EHLO crepes.fr", "250", ""),
    (
        "RCPT TO:<bob@example.org>",
        "503",
        "say MAIL FROM:<alice@example.org> first (RFC 5321 section 3.3)",
    ),
    (
        "MAIL FROM: <alice@crepes.fr>",
        "501",
        "MAIL FROM takes a path in angle brackets, and no blank",
    ),
    (
        "MAIL FROM:alice@crepes.fr",
        "501",
        "MAIL FROM:<alice@example.org> (RFC 5321 section 3.3)",
    ),
    (
        "MAIL FROM:<alice@crepes.fr> FOO=1",
        "555",
        "only parameters of extensions that the answer to EHLO lists",
    ),
    ("MAIL FROM:<alice@crepes.fr>", "250", ""),
    ("RCPT TO:<nobody@example.org>", "550", "nobody here is called so"),
    (
        "RCPT TO:<carol@elsewhere.example>",
        "550",
        "an open relay serves senders of spam (RFC 5321 section 7.9)",
    ),
    ("DATA", "554", "a message needs somebody to go to"),
];

#[test]
fn smtp_says_what_would_have_been_right() {
    let (_program, [smtp, _, submission, _]) = serve(&["--explain"]);
    let mut telnet = Telnet::to(&smtp);
    telnet.reply();
    for (say, code, lesson) in SMTP {
        telnet.say(say);
        let reply = telnet.reply();
        assert!(
            reply.iter().all(|line| line.starts_with(code) && line.len() < 510),
            "{say}: {reply:#?}"
        );
        // In lines that a terminal shows whole, behind the code and the enhanced code.
        let words: Vec<&str> = reply.iter().map(|line| line.get(10..).unwrap_or_default()).collect();
        assert!(words.join(" ").contains(lesson), "{say}: {reply:#?}");
        assert!(
            code == "250" || reply.iter().all(|line| line.len() <= 80),
            "{say}: {reply:#?}"
        );
    }
    let mut telnet = Telnet::to(&submission);
    telnet.reply();
    telnet.say("EHLO client");
    telnet.reply();
    telnet.say("MAIL FROM:<bob@example.org>");
    assert!(
        telnet
            .reply()
            .join(" ")
            .contains("users who send mail say who they are first")
    );
    telnet.say("AUTH PLAIN AGJvYgB3cm9uZw==");
    let reply = telnet.reply().join(" ");
    assert!(
        reply.starts_with("535-5.7.8 ") && reply.contains("which of them is not said"),
        "{reply}"
    );
    assert!(!reply.contains("bob"), "{reply}");
}

/// Without `--explain` the replies are those of programs, and blanks that people type are let pass.
#[test]
fn others_are_told_as_much_as_before() {
    let (_program, [smtp, pop3, _, imap]) = serve(&[]);
    let mut telnet = Telnet::to(&smtp);
    telnet.reply();
    telnet.say("RCPT TO:<bob@example.org>");
    assert_eq!(telnet.reply(), ["503 5.5.1 Bad sequence of commands"]);
    telnet.say("HELO crepes.fr");
    telnet.reply();
    telnet.say("MAIL FROM: <alice@crepes.fr>");
    assert_eq!(telnet.reply(), ["250 2.1.0 Sender ok"]);
    let mut telnet = Telnet::to(&pop3);
    telnet.line();
    telnet.say("RETR 1");
    assert_eq!(telnet.line(), "-ERR RETR is not allowed in the AUTHORIZATION state");
    let mut telnet = Telnet::to(&imap);
    telnet.line();
    telnet.say("a1 SELECT INBOX");
    assert_eq!(telnet.line(), "a1 BAD not allowed in the not authenticated state");
}

const POP3: [(&str, &str); 9] = [
    (
        "RETR 1",
        "-ERR RETR is not allowed in the AUTHORIZATION state; the session begins in the AUTHORIZATION state: say USER and PASS first (RFC 1939 section 4)",
    ),
    ("LOGIN bob", "a line begins with a command of three or four letters"),
    ("USER", "takes an argument behind exactly one blank: USER bob"),
    ("PASS hungry", "PASS comes right behind USER"),
    ("USER bob", "+OK"),
    (
        "PASS wrong",
        "-ERR [AUTH] name or password wrong; USER gives the name and PASS the password; which of them is wrong is not said",
    ),
    ("USER bob", "+OK"),
    ("PASS hungry", "+OK"),
    ("RETR 7", "messages are numbered from 1"),
];

#[test]
fn pop3_says_what_would_have_been_right() {
    let (_program, [_, pop3, ..]) = serve(&["--explain"]);
    let mut telnet = Telnet::to(&pop3);
    telnet.line();
    for (say, lesson) in POP3 {
        telnet.say(say);
        let line = telnet.line();
        assert!(line.contains(lesson) && line.len() <= 510, "{say}: {line}");
    }
}

const IMAP: [(&str, &str); 13] = [
    (
        "LOGIN bob hungry",
        "there is no such command: the first word of a line is a tag of the client's choice",
    ),
    (
        "NOOP",
        "each command begins with a tag of the client's choice and a blank",
    ),
    (
        "a1 SELECT INBOX",
        "say a1 LOGIN name password first (RFC 9051 section 6.2)",
    ),
    (
        "a2 LOGIN bob",
        "a2 BAD expected a space at octet 12: LOGIN takes a name and a password",
    ),
    (
        "a3 LOGIN bob wrong",
        "a3 NO [AUTHENTICATIONFAILED] name or password wrong: name or password is wrong; which of them is not said",
    ),
    ("a4 LOGIN bob hungry", "a4 OK"),
    ("a5 FETCH 1 FLAGS", "say a1 SELECT INBOX first (RFC 9051 section 6.4)"),
    (
        "a6 SELECT Nowhere",
        "a6 NO [NONEXISTENT] no such mailbox: there is no mailbox of this name that you may see",
    ),
    ("a7 FOO", "there is no such command"),
    ("a8 COPY 1 Work", "SELECT INBOX first"),
    (
        "a9 STATUS INBOX",
        "STATUS takes a mailbox and what to tell of it: a1 STATUS INBOX (MESSAGES UNSEEN) (RFC 9051 section 6.3.11)",
    ),
    ("b1 CREATE inbox", "b1 NO [ALREADYEXISTS]"),
    ("b2 LIST", "in which * stands for anything and % for one level"),
];

#[test]
fn imap_says_what_would_have_been_right() {
    let (_program, [.., imap]) = serve(&["--explain"]);
    let mut telnet = Telnet::to(&imap);
    telnet.line();
    for (say, lesson) in IMAP {
        telnet.say(say);
        let line = telnet.line();
        assert!(line.contains(lesson), "{say}: {line}");
    }
}

/// A student who types what the guide says, and before each line something else, if `errs`.
fn study(arguments: &[&str], errs: bool) -> (Vec<String>, usize) {
    let zero = "127.0.0.1:0";
    let mut all = vec!["telnet-guide", "--smtp", zero, "--pop3", zero, "--imap", zero];
    all.extend(arguments);
    let mut guide = Program::start(&all);
    for name in ["smtp", "pop3", "imap"] {
        guide.listening(name);
    }
    let (mut told, mut telnet, mut hints) = (Vec::new(), None::<Telnet>, 0);
    let mut erred = false;
    while let Some(line) = guide.line() {
        let typed = line.strip_prefix("  type      ");
        if let Some(address) = typed.and_then(|typed| typed.strip_prefix("telnet ")) {
            telnet = Some(Telnet::to(&address.replace(' ', ":")));
        } else if let Some(typed) = typed {
            let telnet = telnet.as_mut().expect("a connection");
            if errs && !erred && !typed.starts_with("From:") {
                // DONE is the one answer that IDLE lets pass, so that junk would end it.
                erred = typed != "DONE";
                if erred {
                    telnet.say("zz JUNK");
                    told.push(line);
                    continue;
                }
            }
            erred = false;
            telnet.say(typed);
        } else if let Some(more) = line.strip_prefix("            ").filter(|_| is_message(&told)) {
            telnet.as_mut().expect("a connection").say(more);
        } else if line.is_empty() && is_message(&told) {
            telnet.as_mut().expect("a connection").say("");
        }
        hints += usize::from(line.starts_with('✗'));
        assert!(hints < 100, "{told:#?}");
        told.push(line);
    }
    (told, hints)
}

/// Whether the lines of a message are being told, of which the dot is not yet.
fn is_message(told: &[String]) -> bool {
    let begun = told.iter().rposition(|line| line.starts_with("  type      From:"));
    begun.is_some_and(|at| !told[at..].iter().any(|line| line.trim() == "."))
}

#[test]
fn a_student_goes_through_the_whole_course() {
    let (told, hints) = study(&[], false);
    assert_eq!(
        (told.last().map(String::as_str), hints),
        (Some("All 44 steps are done."), 0),
        "{told:#?}"
    );
    let ticks = told.iter().filter(|line| line.starts_with('✓')).count();
    assert_eq!(ticks, 44);
    assert!(told.iter().any(|line| line.starts_with("✓ HELO: The server now knows")));
    assert!(told.iter().all(|line| !line.contains('\u{1b}')), "no colours in a pipe");
}

#[test]
fn a_student_who_errs_is_told_and_gets_there() {
    let (told, hints) = study(&["--lesson", "pop3"], true);
    assert_eq!(
        told.last().map(String::as_str),
        Some("All 10 steps are done."),
        "{told:#?}"
    );
    assert_eq!(hints, 9, "{told:#?}");
    assert!(
        told.iter()
            .any(|line| line == "✗ you typed zz JUNK; this step is USER bob"),
        "{told:#?}"
    );
}

#[test]
fn the_guide_can_be_printed() {
    let mut guide = Program::start(&["telnet-guide", "--print", "--lesson", "mime"]);
    let mut lines = Vec::new();
    while let Some(line) = guide.line() {
        lines.push(line);
    }
    assert!(
        lines.iter().any(|line| line == "  type      telnet 127.0.0.1 2525"),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line == "            S2V0Y2h1cCE="),
        "{lines:#?}"
    );
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("POP3:") || line.starts_with("listening"))
    );
}
