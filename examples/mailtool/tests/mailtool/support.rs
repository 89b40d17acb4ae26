//! The program, run.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// `mailtool parse ARGS` with `input` on standard input.
pub(crate) fn output(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtool"));
    command.arg("parse").args(args);
    feed(command, input)
}

/// Runs it, writing while it is read.
pub(crate) fn feed(mut command: Command, input: &str) -> Output {
    let (stdin, stdout) = (Stdio::piped(), Stdio::piped());
    let mut child = command
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // Who refuses its arguments reads nothing.
        scope.spawn(move || drop(pipe.write_all(input.as_bytes())));
        child.wait_with_output().unwrap()
    })
}

/// What it writes.
pub(crate) fn run(args: &[&str], input: &str) -> String {
    let output = output(args, input);
    assert!(output.status.success(), "{args:?} {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it writes for people.
pub(crate) fn readable(args: &[&str], input: &str) -> String {
    run(args, &json!(input).to_string())
}

/// The value of one line of input: JSON, or text that is no JSON.
pub(crate) fn accepted(args: &[&str], input: &str) -> Value {
    let mut verdict = verdict(args, input);
    assert_eq!(verdict["ok"], json!(true), "{input:?}: {verdict}");
    verdict["value"].take()
}

/// The value of a line in default mode.
pub(crate) fn facts(kind: &str, line: &str) -> Value {
    accepted(&[kind], line)
}

/// What was expected, and where.
pub(crate) fn refused(args: &[&str], input: &str) -> (String, u64) {
    let verdict = verdict(args, input);
    assert_eq!(verdict["ok"], json!(false), "{input:?}: {verdict}");
    (
        verdict["error"].as_str().unwrap().to_owned(),
        verdict["offset"].as_u64().unwrap(),
    )
}

fn verdict(args: &[&str], input: &str) -> Value {
    let is_json = input.starts_with(['"', '{']);
    let line = if is_json {
        input.to_owned()
    } else {
        json!(input).to_string()
    };
    let out = run(&[args, &["--json"]].concat(), &line);
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

/// `mailtool ARGS` with `input` on standard input.
pub(crate) fn tool(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtool"));
    command.args(args);
    feed(command, input)
}

/// What `mailtool ARGS` writes.
pub(crate) fn written(args: &[&str], input: &str) -> String {
    let output = tool(args, input);
    assert!(output.status.success(), "{args:?} {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
