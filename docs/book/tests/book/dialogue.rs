//! Dialogues as the pages show them, typed to a host that runs.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::pattern::{Names, filled, shows};

/// A line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The reader types it.
    Typed(String),
    /// The server must say it; `…` alone is any number of lines.
    Shown(String),
    /// The server says no more.
    Closed,
}

impl Turn {
    /// The dialogue is over with this.
    pub(crate) fn ends(&self) -> bool {
        let Self::Typed(text) = self else {
            return *self == Self::Closed;
        };
        let last = text.rsplit(' ').next().unwrap_or_default();
        last.eq_ignore_ascii_case("QUIT") || last.eq_ignore_ascii_case("LOGOUT")
    }
}

/// The lines of a block: `C: ` is typed, `S: ` must come; `-- ` is a remark. Lines that are typed without an answer between
/// them go in one piece.
pub(crate) fn turns(lines: &[String]) -> Vec<Turn> {
    let is_remark = |line: &str| line.is_empty() || line.starts_with("--") && line != CLOSED;
    let turns = lines.iter().filter(|line| !is_remark(line));
    turns
        .map(|line| match line.split_at_checked(2) {
            Some(("C:", text)) => Turn::Typed(text.strip_prefix(' ').unwrap_or(text).to_owned()),
            Some(("S:", text)) => Turn::Shown(text.strip_prefix(' ').unwrap_or(text).to_owned()),
            _ if line == CLOSED => Turn::Closed,
            _ => panic!("neither C: nor S: nor --: {line}"),
        })
        .collect()
}

/// Two dialogues side by side, each under the `$ telnet` that begins it: its port, and its lines. Who speaks is seen by
/// what a server's lines look like.
pub(crate) fn columns(lines: &[String]) -> Vec<(u16, Vec<Turn>)> {
    let heads: Vec<usize> = lines[0].match_indices("$ telnet ").map(|(at, _)| at).collect();
    let mut dialogues = Vec::new();
    for (index, from) in heads.iter().enumerate() {
        let width = heads.get(index + 1).map_or(usize::MAX, |to| to - from);
        let column = lines.iter().map(|line| {
            let text: String = line.chars().skip(*from).take(width).collect();
            text.trim_end().to_owned()
        });
        let mut column = column.filter(|line| !line.is_empty());
        let head = column.next().unwrap_or_default();
        let port = head.rsplit(' ').next().and_then(|port| port.parse().ok());
        dialogues.push((port.expect("telnet HOST PORT"), told_apart(column)));
    }
    dialogues
}

/// Who speaks: a reply begins with three digits or a status; behind 354 everything is typed, up to the dot; behind a POP3
/// command whose answer has many lines everything is the answer, up to the dot.
fn told_apart(lines: impl Iterator<Item = String>) -> Vec<Turn> {
    let (mut in_data, mut in_answer, mut long) = (false, false, false);
    let mut turns = Vec::new();
    for line in lines {
        let is_code = line.len() > 3 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit);
        let is_status = line.starts_with("+OK") || line.starts_with("-ERR");
        if long && line == "…" {
            // All of an answer.
            turns.extend([line, ".".to_owned()].map(Turn::Shown));
        } else if !in_data && (is_code || is_status || in_answer) {
            in_data = line.starts_with("354");
            in_answer = (in_answer || long && line.starts_with("+OK")) && line != ".";
            turns.push(Turn::Shown(line));
        } else {
            in_data = in_data && line != ".";
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let one_line = verb == line.to_ascii_uppercase();
            long = matches!(verb.as_str(), "RETR" | "TOP" | "CAPA")
                || one_line && matches!(verb.as_str(), "LIST" | "UIDL");
            turns.push(Turn::Typed(line));
        }
    }
    turns
}

/// A connection as telnet has one.
#[derive(Debug)]
pub(crate) struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    pub(crate) fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the host listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Types what is typed and compares what is shown, also that the server closes behind QUIT and LOGOUT. `alike` says what a line is to be taken as, before it is compared.
    pub(crate) fn play(&mut self, turns: &[Turn], names: &mut Names, alike: fn(&str) -> String) -> Result<(), String> {
        let (mut skipping, mut typed) = (false, String::new());
        for turn in turns {
            if let Turn::Typed(text) = turn {
                assert!(!skipping, "… must be followed by a line that the server says: {text}");
                typed += &format!("{}\r\n", filled(text, names));
                continue;
            }
            let sent = self.stream.get_mut().write_all(std::mem::take(&mut typed).as_bytes());
            sent.map_err(|error| error.to_string())?;
            match turn {
                Turn::Shown(pattern) if pattern == "…" => skipping = true,
                Turn::Shown(pattern) => {
                    self.expect(&alike(pattern), skipping, names, alike)?;
                    skipping = false;
                }
                Turn::Closed | Turn::Typed(_) => {}
            }
        }
        assert!(
            !skipping && typed.is_empty(),
            "a block ends with a line that the server says"
        );
        match turns.iter().any(Turn::ends) {
            true => self.closes(),
            false => Ok(()),
        }
    }

    fn expect(
        &mut self,
        pattern: &str,
        skipping: bool,
        names: &mut Names,
        alike: fn(&str) -> String,
    ) -> Result<(), String> {
        let mut skipped = Vec::new();
        loop {
            let line = self
                .line()
                .map_err(|error| format!("`{pattern}` is shown, {error}; came: {skipped:#?}"))?;
            if shows(pattern, &alike(&line), names) {
                return Ok(());
            }
            if !skipping {
                return Err(format!("shown: {pattern}\ncame:  {line}\nthen:  {}", self.rest()));
            }
            skipped.push(line);
        }
    }

    /// The server says no more and closes.
    fn closes(&mut self) -> Result<(), String> {
        match self.line() {
            Err(end) if end == END => Ok(()),
            other => Err(format!("the dialogue is over, and there is more: {other:?}")),
        }
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line) {
            Ok(0) => return Err(END.to_owned()),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
        let text = String::from_utf8_lossy(&line);
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// What else came, for whoever mends the page.
    fn rest(&mut self) -> String {
        let short = Duration::from_millis(200);
        self.stream.get_ref().set_read_timeout(Some(short)).expect("a time");
        let lines = std::iter::from_fn(|| self.line().ok());
        lines.map(|line| format!("\nS: {line}")).collect()
    }
}

/// As long as a loaded machine may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a page says that the server ends the dialogue by itself.
const CLOSED: &str = "-- The server closes the connection.";

const END: &str = "the server has closed";

#[test]
fn columns_are_two_dialogues() {
    let lines = [
        "$ telnet h 25   $ telnet h 110",
        "220 x           +OK x",
        "DATA            list",
        "354 y           +OK 1",
        "250 is typed    1 20",
        ".               .",
        "250 z           quit",
    ];
    let lines = lines.map(str::to_owned);
    let [(25, left), (110, right)] = &columns(&lines)[..] else {
        panic!()
    };
    let typed = |turns: &[Turn]| {
        turns
            .iter()
            .map(|turn| matches!(turn, Turn::Typed(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(typed(left), [false, true, false, true, true, false]);
    assert_eq!(typed(right), [false, true, false, false, false, true]);
}
