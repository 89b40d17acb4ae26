//! The full-screen reader.
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn run(_context: &Context) -> Result<(), Failure> {
    Err(Failure::usage("not yet"))
}
