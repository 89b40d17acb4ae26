//! Does what the book and the README say: runs each command, types each dialogue, follows each link, answers each exercise.
//!
//! How the pages must be written for that is said in the book's preface and in CONTRIBUTING.md.

mod dialogue;
mod exercises;
mod links;
mod page;
mod pattern;
mod programs;
mod reader;
mod shell;

use page::Page;
use reader::Reader;

/// Makes a test of each page, so that they run side by side.
macro_rules! pages {
    ($($name:ident: $path:literal),* $(,)?) => {
        $(#[test]
        fn $name() {
            Reader::new().reads(&Page::read($path));
        })*

        /// Every page that tests read.
        const PAGES: &[&str] = &[$($path),*];
    };
}

pages! {
    readme: "README.md",
    preface: "docs/book/src/preface.md",
    architecture: "docs/book/src/architecture.md",
    smtp: "docs/book/src/smtp.md",
    pop3: "docs/book/src/pop3.md",
    imap: "docs/book/src/imap.md",
    messages: "docs/book/src/messages.md",
    identity: "docs/book/src/identity.md",
    secrets: "docs/book/src/secrets.md",
    machines: "docs/book/src/machines.md",
    recipes: "docs/book/src/recipes.md",
}
