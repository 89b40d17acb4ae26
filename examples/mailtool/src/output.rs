//! Verdicts out: one for each input.

use std::io::{self, Write};

use serde_json::json;

use crate::pen::{Form, Pen};

/// What an input is, told when it is asked for.
pub(crate) type Accepted<'a> = Box<dyn FnOnce(&mut Pen<'_>) -> io::Result<()> + 'a>;

/// An input that is not what it should be.
pub(crate) struct Refused {
    /// What was expected.
    pub(crate) error: String,
    /// Octets in front of the fault.
    pub(crate) offset: usize,
}

/// Writes a verdict, and lets whoever reads it have it at once.
pub(crate) fn write(out: &mut impl Write, form: Form, verdict: Result<Accepted<'_>, Refused>) -> io::Result<()> {
    match (form, verdict) {
        (Form::Json, Ok(accepted)) => {
            out.write_all(br#"{"ok":true,"value":"#)?;
            accepted(&mut Pen::new(out, form))?;
            out.write_all(b"}\n")?;
        }
        (Form::Json, Err(Refused { error, offset })) => {
            let error = json!(error);
            writeln!(out, r#"{{"ok":false,"error":{error},"offset":{offset}}}"#)?;
        }
        (Form::Readable, Ok(accepted)) => {
            accepted(&mut Pen::new(out, form))?;
            out.write_all(b"\n")?;
        }
        (Form::Readable, Err(Refused { error, offset })) => writeln!(out, "refused: {error}, at octet {offset}")?,
    }
    out.flush()
}

/// A command line without its CRLF. Without `strict` a bare LF does, or the end of the input.
pub(crate) fn line(octets: &[u8], strict: bool) -> Result<&[u8], Refused> {
    let content = match octets {
        [line @ .., b'\r', b'\n'] => line,
        _ if strict => return Err(refused("CRLF", octets.len())),
        [line @ .., b'\n'] => line,
        line => line,
    };
    match content.iter().position(|octet| matches!(octet, b'\r' | b'\n')) {
        Some(offset) => Err(refused("one line", offset)),
        None => Ok(content),
    }
}

/// What was expected there.
pub(crate) fn refused(expected: &str, offset: usize) -> Refused {
    Refused {
        error: format!("expected {expected}"),
        offset,
    }
}

/// In place of what proves who somebody is.
pub(crate) const HIDDEN: &str = "[redacted]";
