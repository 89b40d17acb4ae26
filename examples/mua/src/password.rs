//! Where a password comes from: the environment, a command, or the person at the terminal. Never a file of ours, never
//! an option.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use mail_wire::Secret;
use ratatui::crossterm::terminal;

use crate::failure::{Exit, Failure};

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PasswordSource {
    /// An environment variable.
    Variable(String),
    /// The first line that a command prints; `sh -c` runs it.
    Command(String),
    /// The person at the terminal.
    Person,
}

impl PasswordSource {
    /// Gets it; `whose` is shown to a person who is asked.
    pub(crate) fn password(&self, whose: &str) -> Result<Secret, Failure> {
        match self {
            Self::Variable(name) => match env::var(name) {
                Ok(password) if !password.is_empty() => Ok(Secret::from(password)),
                _ => Err(
                    Failure::usage(format!("the variable {name} is not set, where the password should be"))
                        .hint(format!("export {name}=…, or use a password command")),
                ),
            },
            Self::Command(command) => from_command(command),
            Self::Person if io::stdin().is_terminal() => ask(whose),
            Self::Person => Err(Failure::usage(format!("there is no password for {whose}"))
                .hint("--password-env VAR or --password-command CMD, or the same in the account file")),
        }
    }
}

fn from_command(command: &str) -> Result<Secret, Failure> {
    let failed = |why: String| Failure::new(Exit::Usage, format!("the password command `{command}` {why}"));
    let output = Command::new("sh")
        .args(["-c", command])
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .output();
    let mut output = output.map_err(|error| failed(format!("cannot be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("failed: {}", output.status)));
    }
    let end = output
        .stdout
        .iter()
        .position(|&octet| octet == b'\n')
        .unwrap_or(output.stdout.len());
    output.stdout.truncate(end);
    if output.stdout.last() == Some(&b'\r') {
        output.stdout.pop();
    }
    match output.stdout.is_empty() {
        true => Err(failed("printed nothing".to_owned())),
        false => Ok(Secret::from(output.stdout)),
    }
}

/// Asks without an echo: in raw mode the terminal shows nothing by itself. It is on before the question is, since
/// people type fast.
fn ask(whose: &str) -> Result<Secret, Failure> {
    terminal::enable_raw_mode()?;
    eprint!("Password for {}: ", crate::harmless::line(whose));
    let typed = io::stderr().flush().map_err(Failure::from).and_then(|()| read_line());
    terminal::disable_raw_mode()?;
    eprintln!();
    typed
}

fn read_line() -> Result<Secret, Failure> {
    let mut typed = Vec::new();
    let mut input = io::stdin().lock();
    loop {
        let octet = match input.fill_buf()?.first() {
            Some(octet) => *octet,
            None => b'\r',
        };
        input.consume(1);
        match octet {
            b'\r' | b'\n' => return Ok(Secret::from(typed)),
            // Ctrl-C and Ctrl-D do not arrive as signals here.
            3 | 4 => return Err(Failure::new(Exit::Failed, "no password was given")),
            8 | 127 => drop(typed.pop()),
            octet => typed.push(octet),
        }
    }
}
