//! `docs/rfc/NNNN.md` says of each section of the core RFCs what it asks for and what became of it: what it names exists, and no
//! section is left out. `docs/rfc/requirements.txt` lists the sections that ask for something.

use std::collections::HashSet;

use crate::tree::{Target, look_up, read, references, root, rows};

#[test]
fn each_section_that_asks_for_something_has_a_row() {
    let known = crate::known_sections(&root().join("docs/rfc/sections.txt"));
    let asking = crate::known_sections(&root().join("docs/rfc/requirements.txt"));
    assert_eq!(asking.len(), 9, "the core RFCs");
    let mut wrong = Vec::new();
    for (rfc, sections) in &asking {
        let page = read(&root().join(format!("docs/rfc/{rfc}.md")));
        let faults = faults_of(&page, sections, &known[rfc]);
        wrong.extend(faults.into_iter().map(|fault| format!("docs/rfc/{rfc}.md: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The check itself can fail.
#[test]
fn wrong_pages_are_found() {
    let sections = |list: &[&str]| {
        list.iter()
            .map(|section| (*section).to_owned())
            .collect::<HashSet<String>>()
    };
    let (asking, known) = (sections(&["2"]), sections(&["1", "2", "2.1"]));
    let faults = |row: &str| {
        let page = format!("| § | asked for | done | shown by |\n|---|---|---|---|\n| {row} |\n");
        faults_of(&page, &asking, &known).len()
    };
    let test = "`testing/tests/citations/requirements.rs#wrong_pages_are_found`";
    let code = "`testing/src/lib.rs`";
    assert_eq!(faults(&format!("2 | it | {code} | {test}")), 0);
    assert_eq!(faults("2, 2.1 | it | **not met**: so it is | –"), 0);
    assert_eq!(faults(&format!("2.1 | it | {code} | {test}")), 1, "§2 is missing");
    assert_eq!(faults(&format!("2, 3 | it | {code} | {test}")), 1, "there is no §3");
    assert_eq!(faults(&format!("2 | it | everywhere | {test}")), 1, "done nowhere");
    assert_eq!(faults(&format!("2 | it | {code} | –")), 1, "no test");
    assert_eq!(faults(&format!("2 | it | {code} | {code}")), 1, "no test, but a file");
    assert_eq!(faults(&format!("2 | it | `testing/src/no.rs` | {test}")), 1);
    assert_eq!(
        faults(&format!("2 | it | {code} | `testing/src/lib.rs#no_such_test`")),
        1
    );
    assert_eq!(faults("2 | it"), 2, "two cells, and §2 is missing");
}

fn faults_of(page: &str, asking: &HashSet<String>, known: &HashSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut shown = HashSet::new();
    for (_, row) in rows(page) {
        let [sections, asked, done, shown_by] = row[..] else {
            faults.push(format!("{row:?}: four cells are expected"));
            continue;
        };
        for section in sections.split(", ") {
            if !known.contains(section) {
                faults.push(format!("there is no §{section}"));
            }
            shown.insert(section.to_owned());
        }
        faults.extend(row_fault(done, shown_by).map(|fault| format!("§{sections}, {asked}: {fault}")));
    }
    let mut missing: Vec<&String> = asking.difference(&shown).collect();
    missing.sort();
    faults.extend(missing.into_iter().map(|section| format!("§{section} has no row")));
    faults
}

/// What is wrong with what a row says of code and tests.
fn row_fault(done: &str, shown_by: &str) -> Option<String> {
    let mut named = references(done).chain(references(shown_by));
    if let Some(gone) = named.find(|name| look_up(name) == Target::Nothing) {
        return Some(format!("no such file or function: {gone}"));
    }
    if let Some(code) = references(shown_by).find(|name| look_up(name) != Target::Test) {
        return Some(format!("no test: {code}"));
    }
    let is_open = ["outside:", "**not met**"].iter().any(|word| done.starts_with(word));
    if !is_open && references(done).next().is_none() {
        return Some("done nowhere".to_owned());
    }
    let has_test = references(shown_by).next().is_some() || shown_by == "no test of its own";
    (!is_open && !has_test).then(|| "shown by nothing".to_owned())
}
