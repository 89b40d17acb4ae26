//! `mailhost tour`.

use std::error::Error;

/// Shows the journey.
pub async fn run() -> Result<(), Box<dyn Error>> {
    Ok(())
}
