//! JSON Lines in: each a string, or `{"b64": "…"}`.

use std::io::{self, BufRead, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::output::Verdict;

/// A line of input.
pub(crate) enum Line {
    /// What it stands for.
    Octets(Vec<u8>),
    /// It cannot be read, or is too long.
    Fault(Verdict),
}

/// Calls `each` for every line; holds one line at a time, of a few times `limit` octets at most.
pub(crate) fn for_each_line(mut source: impl BufRead, limit: usize, mut each: impl FnMut(Line) -> io::Result<()>) -> io::Result<()> {
    // An octet takes six at most as JSON writes it: \u0000.
    let longest = limit.saturating_mul(6).saturating_add(64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = source.by_ref().take(longest as u64).read_until(b'\n', &mut line)?;
        if n == 0 {
            return Ok(());
        }
        if n == longest && line.last() != Some(&b'\n') {
            source.skip_until(b'\n')?;
            each(Line::Fault(over(limit)))?;
            continue;
        }
        each(match octets(&line) {
            Ok(octets) if octets.len() > limit => Line::Fault(over(limit)),
            Ok(octets) => Line::Octets(octets),
            Err(why) => Line::Fault(Verdict::refused(why, 0)),
        })?;
    }
}

fn octets(line: &[u8]) -> Result<Vec<u8>, &'static str> {
    match serde_json::from_slice(line) {
        Ok(Value::String(text)) => Ok(text.into_bytes()),
        Ok(Value::Object(object)) => {
            let base64 = object.get("b64").and_then(Value::as_str).ok_or("expected {\"b64\": \"…\"}")?;
            STANDARD.decode(base64).map_err(|_| "expected base64")
        }
        _ => Err("expected a JSON string or {\"b64\": \"…\"}"),
    }
}

fn over(limit: usize) -> Verdict {
    Verdict::refused(format!("limit of {limit} octets exceeded"), limit)
}
