//! Every link leads somewhere, every chapter is in the table of contents, every file that is named exists.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::PAGES;
use crate::page::{Page, root};

const BOOK: &str = "docs/book/src";

#[test]
fn the_table_of_contents_has_every_chapter() {
    let summary = Page::read(&format!("{BOOK}/SUMMARY.md"));
    let named: HashSet<String> = summary.links().map(|(_, target)| format!("{BOOK}/{target}")).collect();
    let files = fs::read_dir(root().join(BOOK)).expect("the book");
    let files = files.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let files: HashSet<String> = files
        .filter(|name| name != "SUMMARY.md")
        .map(|name| format!("{BOOK}/{name}"))
        .collect();
    assert_eq!(named, files);
    let tested: HashSet<String> = PAGES.iter().map(|path| (*path).to_owned()).collect();
    assert!(
        named.is_subset(&tested),
        "pages that no test reads: {:?}",
        named.difference(&tested)
    );
}

#[test]
fn links_lead_somewhere() {
    for path in PAGES.iter().copied().chain(["docs/book/src/SUMMARY.md"]) {
        let page = Page::read(path);
        for (line, target) in page.links() {
            check(&page, target).unwrap_or_else(|why| panic!("{path}:{line}: {target}: {why}"));
        }
    }
}

#[test]
fn files_that_are_named_exist() {
    for path in PAGES {
        for (line, text) in &Page::read(path).prose {
            for name in text.split('`').skip(1).step_by(2) {
                let is_file =
                    FOLDERS.iter().any(|folder| name.starts_with(folder)) && !name.contains(['*', '{', ' ', '…']);
                assert!(
                    !is_file || root().join(name).exists(),
                    "{path}:{line}: there is no {name}"
                );
            }
        }
    }
}

fn check(page: &Page, target: &str) -> Result<(), String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let path = folder.join(file);
    if !file.is_empty() && !root().join(&path).exists() {
        return Err("no such file".to_owned());
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let there = match file {
        "" => Page::read(&page.path),
        _ => Page::read(path.to_str().ok_or("no text")?),
    };
    match there.headings().any(|heading| anchor_of(heading) == anchor) {
        true => Ok(()),
        false => Err("no such heading".to_owned()),
    }
}

/// A heading's anchor, as mdBook and GitHub make it.
fn anchor_of(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A name in code that begins so is a file's.
const FOLDERS: [&str; 5] = ["crates/", "examples/", "docs/", "testing/", "fuzz/"];

#[test]
fn anchors_are_as_others_make_them() {
    assert_eq!(anchor_of("STARTTLS, and its `injection`"), "starttls-and-its-injection");
}
