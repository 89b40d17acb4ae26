//! What the pages of `docs` refer to, in back quotes: a file (`smtp-proto/src/path.rs`), or a function in it
//! (`smtp-proto/tests/pair.rs#misuse_is_refused`). Paths are those below `crates`, `examples` or the project.

use std::fs;
use std::path::{Path, PathBuf};

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A function that is a test, or a dialogue that tests replay.
    Test,
    /// Another file or function.
    Code,
    /// Nothing.
    Nothing,
}

/// The references of a text: what stands in back quotes and looks like a path.
pub(crate) fn references(text: &str) -> impl Iterator<Item = &str> {
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| {
        let path = span.split_once('#').map_or(*span, |(path, _)| path);
        path.contains('/') && [".rs", ".txt", ".md"].iter().any(|ending| path.ends_with(ending))
    })
}

/// Whether a reference leads anywhere.
pub(crate) fn look_up(reference: &str) -> Target {
    let (path, name) = match reference.split_once('#') {
        Some((path, name)) => (path, Some(name)),
        None => (reference, None),
    };
    let folders = ["crates", "examples", ""].map(|folder| root().join(folder).join(path));
    let Some(file) = folders.iter().find(|file| file.is_file()) else {
        return Target::Nothing;
    };
    match name {
        Some(name) => function(&read(file), name),
        None if path.contains("/tests/") && path.ends_with(".txt") => Target::Test,
        None => Target::Code,
    }
}

/// Whether a file has this function, and whether it is a test: an attribute above it then ends in `test` or begins with a runtime's.
fn function(text: &str, name: &str) -> Target {
    let is_it = |line: &&str| {
        let behind = line.split_once("fn ").map_or("", |(_, behind)| behind);
        behind
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(at) = lines.iter().position(is_it) else {
        return Target::Nothing;
    };
    let above = lines[..at].iter().rev();
    let mut attributes = above.take_while(|line| line.starts_with(['#', '/']));
    let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    match attributes.any(is_test) {
        true => Target::Test,
        false => Target::Code,
    }
}

/// The cells of each row of a page's tables, with the title above it: headings of columns and the line below them are left out.
pub(crate) fn rows(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut title = "";
    let mut is_in_table = false;
    for line in page.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            title = text;
        }
        let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) else {
            is_in_table = line.starts_with("|-");
            continue;
        };
        if is_in_table {
            found.push((title, row.split(" | ").map(str::trim).collect()));
        }
    }
    found
}

#[test]
fn references_are_told_apart() {
    let text = "in `testing/src/lib.rs`, by `testing/tests/citations/tree.rs#references_are_told_apart`, not `a/b` nor `lib.rs`";
    let found: Vec<&str> = references(text).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(look_up(found[0]), Target::Code);
    assert_eq!(look_up(found[1]), Target::Test);
    assert_eq!(look_up("testing/tests/citations/tree.rs#look_up"), Target::Code);
    assert_eq!(
        look_up("testing/tests/citations/tree.rs#references_are"),
        Target::Nothing
    );
    assert_eq!(look_up("testing/src/no_such_file.rs"), Target::Nothing);
}

#[test]
fn tables_have_rows() {
    let page = "## A\n| a | b |\n|---|---|\n| 1 | `x/y.rs` |\n\n## B\n| c |\n|---|\n| 3 |\n";
    assert_eq!(rows(page), [("A", vec!["1", "`x/y.rs`"]), ("B", vec!["3"])]);
}
