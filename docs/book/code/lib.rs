//! The code of the book, in a form that tests can get at.
//!
//! - [`exercises`] are the book's exercises with their checks; `cargo run -qp mail-book` asks for answers.
//! - The Rust code that the chapters show is compiled and run as documentation tests of this crate.
//! - `tests/book` runs every command and types every dialogue that the book and the README show.

pub mod exercises;
/// The chapters' code, which `cargo test` compiles and runs.
#[cfg(doctest)]
mod chapters {
    #[doc = include_str!("../src/machines.md")]
    mod machines {}
    #[doc = include_str!("../src/recipes.md")]
    mod recipes {}
}
