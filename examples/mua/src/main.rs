//! The program; everything is in the library, so that tests can draw its screens.

use std::process::ExitCode;

fn main() -> ExitCode {
    mua::run()
}
