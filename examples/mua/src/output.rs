//! Rows for people and rows for scripts.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::failure::Failure;
use crate::harmless;

/// Standard output. What is displayed is made harmless by who displays it; JSON is made harmless here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// One row: a line of JSON, or what is displayed and a line end.
    pub(crate) fn row<R: Serialize + Display>(self, row: &R) -> Result<(), Failure> {
        let text = match self.json {
            true => harmless::json(&serde_json::to_string(row).map_err(io::Error::other)?),
            false => row.to_string(),
        };
        write_line(text.as_bytes())
    }

    /// What only people want to know.
    pub(crate) fn remark(self, text: impl Display) -> Result<(), Failure> {
        match self.json {
            true => Ok(()),
            false => write_line(text.to_string().as_bytes()),
        }
    }

    /// Octets of a message as they are, or, to a terminal, as harmless lines.
    pub(crate) fn octets(self, octets: &[u8]) -> Result<(), Failure> {
        if !io::stdout().is_terminal() {
            let mut out = io::stdout().lock();
            out.write_all(octets)?;
            return Ok(out.flush()?);
        }
        let text = String::from_utf8_lossy(octets);
        harmless::lines(&text)
            .iter()
            .try_for_each(|line| write_line(line.as_bytes()))
    }
}

fn write_line(line: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(line)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
