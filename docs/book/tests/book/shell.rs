//! Commands, in a folder of their own, with a `cargo` that starts what is built.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{page, programs};

/// A folder with what commands read of the workspace's, and whatever they put there.
#[derive(Debug)]
pub(crate) struct Shell {
    folder: TempDir,
    /// Which port stands for which of the page's.
    pub(crate) ports: BTreeMap<u16, u16>,
}

impl Shell {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in WORKSPACE {
            symlink(page::root().join(name), folder.path().join(name)).expect("a link");
        }
        let bin = folder.path().join(BIN);
        fs::create_dir(&bin).expect("a folder");
        fs::write(bin.join("cargo"), CARGO).expect("a script");
        fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).expect("it may run");
        for program in PROGRAMS {
            symlink(programs::folder().join(program), bin.join(program)).expect("a link");
        }
        Self {
            folder,
            ports: BTreeMap::new(),
        }
    }

    /// Where commands run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A script that goes on until it is stopped, ready to start; its programs are built.
    pub(crate) fn script(&self, text: &str) -> Command {
        self.command(Command::new("bash"), text)
    }

    /// Runs a script to its end. One that waits for somebody is ended.
    pub(crate) fn run(&self, text: &str) -> Output {
        let mut limited = Command::new("timeout");
        limited.args([PATIENCE, "bash"]);
        self.command(limited, text).output().expect("timeout runs")
    }

    fn command(&self, mut command: Command, text: &str) -> Command {
        for (package, program) in programs_of(text) {
            programs::build(&package, &program);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let bin = self.folder().join(BIN);
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path)));
        command
            .args(["-eu", "-c", &format!("{KEEPING}{}", self.with_free_ports(text))])
            .current_dir(self.folder())
            .env("PATH", path.expect("a search path"))
            .env("PROGRAMS", programs::folder())
            .env("HOME", self.folder())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("RUST_LOG");
        command
    }

    /// `127.0.0.1:2525` with the port that stands for 2525, and `127.0.0.1 2525` and `port = 2525` likewise.
    pub(crate) fn with_free_ports(&self, text: &str) -> String {
        self.exchange(text, self.ports.iter().map(|(ours, free)| (*ours, *free)))
    }

    /// What a program printed, with the page's ports.
    pub(crate) fn with_own_ports(&self, text: &str) -> String {
        self.exchange(text, self.ports.iter().map(|(ours, free)| (*free, *ours)))
    }

    fn exchange(&self, text: &str, ports: impl Iterator<Item = (u16, u16)>) -> String {
        let mut text = text.to_owned();
        for (from, to) in ports {
            for before in ["127.0.0.1:", "127.0.0.1 ", "localhost:", "port = "] {
                text = replaced(&text, &format!("{before}{from}"), &format!("{before}{to}"));
            }
        }
        text
    }
}

/// `port` wherever it stands and no digit behind it.
fn replaced(text: &str, port: &str, other: &str) -> String {
    let mut pieces = text.split(port);
    let mut exchanged = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let longer = piece.starts_with(|c: char| c.is_ascii_digit());
        exchanged.push_str(if longer { port } else { other });
        exchanged.push_str(piece);
    }
    exchanged
}

#[test]
fn ports_are_exchanged_whole() {
    assert_eq!(replaced("h:25 h:2525, h:25", "h:25", "h:4"), "h:4 h:2525, h:4");
}

/// The package and the program of each `cargo run` in a script.
fn programs_of(text: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for (at, _) in words
        .iter()
        .enumerate()
        .filter(|(_, word)| matches!(**word, "-p" | "-qp"))
    {
        let package = words.get(at + 1).copied().unwrap_or_default();
        let program = match words.get(at + 2..at + 4) {
            Some(["--bin", program]) => program,
            _ => package,
        };
        found.push((package.to_owned(), program.to_owned()));
    }
    found
}

const BIN: &str = ".bin";

/// Seconds; more than a loaded machine takes.
const PATIENCE: &str = "300";

/// What of the workspace commands may read. Not all that is there: somebody who followed the book has left files.
const WORKSPACE: [&str; 4] = ["README.md", "CONTRIBUTING.md", "docs", "examples"];

/// What commands may also call by its name.
const PROGRAMS: [&str; 5] = ["mailhost", "mailtool", "mail-book", "mua", "wiretap"];

/// What a script exports, the next one has, as in one terminal.
const KEEPING: &str = "[ ! -e .bin/exported ] || . .bin/exported; trap 'export -p > .bin/exported' EXIT\n";

/// `cargo run -p PACKAGE [--bin PROGRAM] -- ARGUMENTS`, without building anything.
const CARGO: &str = r#"#!/bin/bash
set -eu
[ "${1-}" = run ] || { echo "tests cannot do: cargo $*" >&2; exit 97; }
shift
program=
while [ $# -gt 0 ]; do
    case "$1" in
        -p | -qp | --bin) program=$2; shift 2 ;;
        -q | --release) shift ;;
        --) shift; break ;;
        *) echo "tests do not know: $1" >&2; exit 97 ;;
    esac
done
exec "$PROGRAMS/$program" "$@"
"#;
