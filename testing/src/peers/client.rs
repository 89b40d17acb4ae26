//! Programs that do one thing and end.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use super::PATIENCE;
use super::Program;

/// Runs a program with `input` on its standard input.
///
/// # Panics
///
/// It takes longer than the tests' patience.
#[track_caller]
pub fn run(mut command: Command, input: &[u8]) -> Output {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    // A program that ends without reading its input is no error here: its exit status tells.
    thread::spawn(move || stdin.write_all(&input).ok());
    let stdout = gather(child.stdout.take().expect("it is piped"));
    let stderr = gather(child.stderr.take().expect("it is piped"));

    let Ok(stdout) = stdout.recv_timeout(PATIENCE) else {
        child.kill().ok();
        child.wait().ok();
        let complaint = stderr.recv().unwrap_or_default();
        panic!("{command:?} does not end: {}", String::from_utf8_lossy(&complaint));
    };
    Output {
        status: child.wait().expect("our own child can be waited for"),
        stdout,
        stderr: stderr.recv().unwrap_or_default(),
    }
}

/// Runs a program that must exit with status 0; what it wrote to standard output.
///
/// # Panics
///
/// It does not.
#[track_caller]
pub fn succeed(command: Command, input: &[u8]) -> Vec<u8> {
    let name = format!("{command:?}");
    let output = run(command, input);
    assert!(
        output.status.success(),
        "{name}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Runs a Python script, which checks what it sees by itself.
///
/// # Panics
///
/// It fails.
#[track_caller]
pub fn script(file: impl AsRef<Path>, arguments: &[&str]) {
    let mut command = Program::Python.command();
    // No compiled files beside the sources.
    command.arg("-B").arg(file.as_ref()).args(arguments);
    succeed(command, b"");
}

fn gather(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut octets = Vec::new();
        // What came before an error is worth showing.
        pipe.read_to_end(&mut octets).ok();
        sender.send(octets).ok();
    });
    receiver
}
