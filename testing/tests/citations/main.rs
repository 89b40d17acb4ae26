//! Each section of an RFC that the project cites exists: `RFC 5321 §4.5.2` is looked up in `docs/rfc/sections.txt`. And the tables
//! of `docs` say what is true: `features` and `requirements`.

mod features;
mod requirements;
mod tree;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn cited_sections_exist() {
    let root = tree::root();
    let known = known_sections(&root.join("docs/rfc/sections.txt"));
    let mut files = Vec::new();
    for folder in ["crates", "examples", "testing", "fuzz", "benches", "docs"] {
        collect(&root.join(folder), &mut files);
    }
    files.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    let mut citations = 0;
    let mut wrong = Vec::new();
    for file in files {
        let text = tree::read(&file);
        for (rfc, section) in citations_of(&text) {
            citations += 1;
            let exists = known.get(rfc).is_some_and(|sections| sections.contains(section));
            if !exists {
                wrong.push(format!("{}: RFC {rfc} §{section}", file.display()));
            }
        }
    }
    assert!(
        citations > 100,
        "only {citations} citations found: is the search broken?"
    );
    assert!(wrong.is_empty(), "no such section:\n{}", wrong.join("\n"));
}

#[test]
fn the_search_finds_citations() {
    let text = "see RFC 5321 §4.5.2, RFC 1939\n/// §7; (RFC 5234 §B.1). RFC 2920 has none";
    assert_eq!(citations_of(text), [("5321", "4.5.2"), ("5234", "B.1")]);
}

/// Lines of `RFC: section section …`.
pub(crate) fn known_sections(file: &Path) -> HashMap<String, HashSet<String>> {
    let text = fs::read_to_string(file).expect("the lists of sections");
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines
        .map(|(rfc, sections)| (rfc.to_owned(), sections.split(' ').map(str::to_owned).collect()))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("a folder entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && name != "corpus" {
            collect(&path, files);
        } else if name.ends_with(".rs") || name.ends_with(".md") {
            files.push(path);
        }
    }
}

/// Each `RFC n §section` of a text.
fn citations_of(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("RFC ") {
        let behind = &text[at + 4..];
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (rfc, behind) = behind.split_at(digits);
        let Some(behind) = behind.strip_prefix(" §") else {
            continue;
        };
        let end = behind
            .bytes()
            .take_while(|octet| octet.is_ascii_alphanumeric() || *octet == b'.')
            .count();
        found.push((rfc, behind[..end].trim_end_matches('.')));
    }
    found
}
