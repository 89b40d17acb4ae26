//! Somebody who reads a page and does what it says, block by block.

use std::collections::HashMap;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use mail_testing::peers::Daemon;

use crate::dialogue::{Session, Turn, columns, turns};
use crate::page::{Block, Page};
use crate::pattern::{Names, lines_show};
use crate::shell::Shell;

/// The reader, with what the page has left behind so far.
#[derive(Debug)]
pub(crate) struct Reader {
    shell: Shell,
    /// Those that serve, with the page's ports.
    servers: Vec<(Vec<u16>, Daemon)>,
    /// Which of the page's ports a protocol is spoken at.
    doors: HashMap<String, u16>,
    /// Dialogues that go on in a later block: the protocol and a name.
    sessions: HashMap<(String, String), Session>,
    names: Names,
    /// What the last `sh` block printed, until another block comes.
    printed: Option<String>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            shell: Shell::new(),
            servers: Vec::new(),
            doors: HashMap::new(),
            sessions: HashMap::new(),
            names: Names::new(),
            printed: None,
        }
    }

    /// Does all that the page says, and panics where it is wrong.
    pub(crate) fn reads(mut self, page: &Page) {
        let readme = page.path == "README.md";
        for block in &page.blocks {
            let printed = self.printed.take();
            let done = match (block.language(), block.word(0)) {
                ("sh" | "console", Some("by-hand")) => {
                    eprintln!("SKIPPED {}:{}: for a person at a terminal", page.path, block.line);
                    Ok(())
                }
                ("sh", _) => self.script(block),
                ("console", _) => self.console(block),
                ("text", Some("output")) => show(block, printed.as_deref(), &mut self.names, str::to_owned),
                ("text", Some(protocol)) => self.dialogue(block, protocol),
                ("text", None) if block.lines[0].contains("$ telnet") => self.columns(block),
                ("text", None) if readme && printed.is_some() => {
                    show(block, printed.as_deref(), &mut self.names, alike)
                }
                ("text" | "rust" | "toml" | "json", _) => Ok(()),
                (other, _) => Err(format!("a block of {other:?}: nobody knows what to do with it")),
            };
            done.unwrap_or_else(|why| panic!("{}:{}: {why}", page.path, block.line));
        }
    }

    fn script(&mut self, block: &Block) -> Result<(), String> {
        let text = block.lines.join("\n");
        if ELSEWHERE.iter().any(|command| text.contains(command)) {
            return Ok(());
        }
        if is_server(&text) {
            return self.serve(&text);
        }
        let ran = self.shell.run(&text);
        if !ran.status.success() {
            return Err(format!("{}: {}", ran.status, all(&ran)));
        }
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        self.printed = Some(self.shell.with_own_ports(&printed));
        Ok(())
    }

    /// Starts a host on free ports, and waits until it says that it serves. One that had its ports is stopped.
    fn serve(&mut self, text: &str) -> Result<(), String> {
        let (command, doors) = on_free_ports(text);
        let ports: Vec<u16> = doors.iter().map(|(_, port)| *port).collect();
        let running = self.servers.len();
        self.servers
            .retain(|(taken, _)| !taken.iter().any(|port| ports.contains(port)));
        if self.servers.len() < running {
            self.sessions.clear();
        }
        let daemon = Daemon::spawn(self.shell.script(&format!("exec {command}")));
        let listening = daemon.wait_for(|lines| {
            let doors = lines
                .iter()
                .filter_map(|line| line.strip_prefix("listening ")?.split_once(' '));
            let doors: Vec<(String, u16)> = doors
                .filter_map(|(name, at)| Some((name.to_owned(), port(at)?)))
                .collect();
            (doors.len() == ports.len()).then_some(doors)
        });
        let listening = listening.ok_or_else(|| format!("it ended: {:#?}", daemon.lines()))?;
        for (name, free) in listening {
            let ours = doors
                .iter()
                .find(|(door, _)| *door == name)
                .ok_or("a door that nobody asked for")?
                .1;
            self.shell.ports.insert(ours, free);
            self.doors.insert(name, ours);
        }
        self.servers.push((ports, daemon));
        Ok(())
    }

    fn console(&mut self, block: &Block) -> Result<(), String> {
        let mut lines = block.lines.iter().peekable();
        while let Some(first) = lines.next() {
            let command = first.strip_prefix("$ ").ok_or_else(|| format!("no command: {first}"))?;
            let mut command = command.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                command = format!("{command}\n{}", &more[2..]);
            }
            let mut shown = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                shown.push(line.clone());
            }
            self.command(&command, &shown, block.word(0) == Some("soon"))
                .map_err(|why| format!("$ {command}\n{why}"))?;
        }
        Ok(())
    }

    /// Runs a command and compares. What a server writes on its own may come a moment later: that is tried again.
    fn command(&mut self, command: &str, shown: &[String], soon: bool) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let ran = self.shell.run(&format!("exec 2>&1\n{command}"));
            if shown.is_empty() && !ran.status.success() {
                return Err(all(&ran));
            }
            let came = self.shell.with_own_ports(&String::from_utf8_lossy(&ran.stdout));
            let lines: Vec<String> = came.trim_end().lines().map(str::to_owned).collect();
            match lines_show(shown, &lines, &mut self.names) {
                Err(_) if soon && begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(50)),
                Err(why) => return Err(format!("{why}\nall of it:\n{came}")),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Goes on with a dialogue, or begins it. One in which QUIT or LOGOUT was typed ends.
    fn dialogue(&mut self, block: &Block, protocol: &str) -> Result<(), String> {
        let key = (protocol.to_owned(), block.word(1).unwrap_or_default().to_owned());
        let mut session = match self.sessions.remove(&key) {
            Some(session) => session,
            None => {
                let door = self.doors.get(protocol).ok_or("no server has such a door")?;
                Session::open(self.shell.ports[door])
            }
        };
        let turns = turns(&block.lines);
        session.play(&turns, &mut self.names, str::to_owned)?;
        if !turns.iter().any(Turn::ends) {
            self.sessions.insert(key, session);
        }
        Ok(())
    }

    fn columns(&mut self, block: &Block) -> Result<(), String> {
        for (port, turns) in columns(&block.lines) {
            let free = self
                .shell
                .ports
                .get(&port)
                .ok_or_else(|| format!("nobody listens at {port}"))?;
            let mut session = Session::open(*free);
            session.play(&turns, &mut self.names, alike)?;
        }
        Ok(())
    }
}

fn show(block: &Block, printed: Option<&str>, names: &mut Names, alike: fn(&str) -> String) -> Result<(), String> {
    let printed = printed.ok_or("this is the output of no command")?;
    let shown: Vec<String> = block.lines.iter().map(|line| alike(line)).collect();
    let came: Vec<String> = printed.trim_end().lines().map(alike).collect();
    lines_show(&shown, &came, names).map_err(|why| format!("{why}\nall of it:\n{printed}"))
}

/// The README shows the numbers of one day: there, all words with a digit are alike, but for the first of a line.
fn alike(line: &str) -> String {
    let mut words = line.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let first = words.next().unwrap_or_default();
    words.fold(first.to_owned(), |line, word| {
        match word.find(|c: char| !c.is_ascii_alphanumeric()) {
            _ if !word.contains(|c: char| c.is_ascii_digit()) => line + word,
            Some(end) => line + "0" + &word[end..],
            None => line + "0",
        }
    })
}

fn is_server(script: &str) -> bool {
    script.contains("mailhost -- serve") || script.contains("mailhost serve")
}

/// The command with each of its doors at port 0, and what the doors were.
fn on_free_ports(text: &str) -> (String, Vec<(String, u16)>) {
    let mut command = text.replace("\\\n", " ");
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    let mut doors = Vec::new();
    for pair in words.windows(2) {
        let name = pair[0].strip_prefix("--").filter(|name| DOORS.contains(name));
        if let (Some(name), Some(port)) = (name, port(&pair[1])) {
            doors.push((name.to_owned(), port));
            command = command.replace(&format!("{} {}", pair[0], pair[1]), &format!("{} 127.0.0.1:0", pair[0]));
        }
    }
    for (name, port) in [("smtp", 2525), ("pop3", 1100)] {
        if !doors.iter().any(|(door, _)| door == name) {
            doors.push((name.to_owned(), port));
            command.push_str(&format!(" --{name} 127.0.0.1:0"));
        }
    }
    (command, doors)
}

fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}

fn all(ran: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    format!("{out}\n{err}")
}

/// Commands that are run elsewhere: by `.ci/run`, which runs this test, too.
const ELSEWHERE: [&str; 2] = ["cargo test --workspace", ".ci/run"];

const DOORS: [&str; 8] = ["smtp", "pop3", "submission", "smtps", "pop3s", "imap", "imaps", "lmtp"];

/// As long as a loaded machine may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn numbers_are_alike() {
    assert_eq!(alike("250 2.6.0 Ok: queued as 660C6"), "250 0.0.0 Ok: queued as 0");
    assert_eq!(alike("letter.eml (3389 octets)"), "letter.eml (0 octets)");
    assert_ne!(alike("250 Ok"), alike("550 Ok"));
}

#[test]
fn doors_are_found() {
    let (command, doors) = on_free_ports("mailhost serve --imap 127.0.0.1:1430 \\\n  --user bob:hungry");
    assert_eq!(
        command,
        "mailhost serve --imap 127.0.0.1:0    --user bob:hungry --smtp 127.0.0.1:0 --pop3 127.0.0.1:0"
    );
    assert_eq!(
        doors,
        [
            ("imap".to_owned(), 1430),
            ("smtp".to_owned(), 2525),
            ("pop3".to_owned(), 1100)
        ]
    );
}
