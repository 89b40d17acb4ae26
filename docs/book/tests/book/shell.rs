//! Commands, in a folder of their own, with a `cargo` that starts what is built.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{page, programs};

/// A folder with all that stands in the workspace's, and whatever commands put there.
#[derive(Debug)]
pub(crate) struct Shell {
    folder: TempDir,
    /// Which port stands for which of the page's.
    pub(crate) ports: BTreeMap<u16, u16>,
}

impl Shell {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for entry in fs::read_dir(page::root()).expect("the workspace is there") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            if name != "target" && name != ".git" {
                symlink(entry.path(), folder.path().join(name)).expect("a link");
            }
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

    /// A script, ready to start; its programs are built.
    pub(crate) fn script(&self, text: &str) -> Command {
        for (package, program) in programs_of(text) {
            programs::build(&package, &program);
        }
        let mut command = Command::new("bash");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let bin = self.folder().join(BIN);
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path)));
        command
            .args(["-eu", "-c", &self.with_free_ports(text)])
            .current_dir(self.folder())
            .env("PATH", path.expect("a search path"))
            .env("PROGRAMS", programs::folder())
            .env("HOME", self.folder())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("RUST_LOG");
        command
    }

    /// Runs a script to its end.
    pub(crate) fn run(&self, text: &str) -> Output {
        self.script(text).output().expect("bash runs")
    }

    /// `127.0.0.1:2525` with the port that stands for 2525, and `127.0.0.1 2525` likewise.
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
            for (before, behind) in [("127.0.0.1:", ""), ("127.0.0.1 ", ""), ("localhost:", "")] {
                text = text.replace(&format!("{before}{from}{behind}"), &format!("{before}{to}{behind}"));
            }
        }
        text
    }
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

/// What commands may also call by its name.
const PROGRAMS: [&str; 3] = ["mailhost", "mailtool", "mail-book"];

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
