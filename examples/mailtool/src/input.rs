//! JSON Lines in: each a string, or `{"b64": "…"}`.

use std::io::{self, BufRead, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::output::Refused;

/// What a line stands for, or why it stands for nothing.
pub(crate) type Line = Result<Vec<u8>, Refused>;

/// The two forms of a line. What else an object holds is read over, not kept.
#[derive(Deserialize)]
struct Base64 {
    b64: String,
}

/// Calls `each` for every line; holds one line at a time, of a few times `limit` octets at most.
pub(crate) fn for_each_line(
    mut source: impl BufRead,
    limit: usize,
    mut each: impl FnMut(Line) -> io::Result<()>,
) -> io::Result<()> {
    // An octet takes six at most as JSON writes it: \u0000.
    let longest = limit.saturating_mul(6).saturating_add(64);
    loop {
        let mut line = Vec::new();
        let n = source.by_ref().take(longest as u64).read_until(b'\n', &mut line)?;
        if n == 0 {
            return Ok(());
        }
        let is_cut = n == longest && line.last() != Some(&b'\n');
        if is_cut {
            source.skip_until(b'\n')?;
            each(Err(over(limit)))?;
            continue;
        }
        let octets = octets(&line);
        drop(line);
        each(match octets {
            Ok(octets) if octets.len() > limit => Err(over(limit)),
            Ok(octets) => Ok(octets),
            Err(why) => Err(Refused {
                error: why.to_owned(),
                offset: 0,
            }),
        })?;
    }
}

fn octets(line: &[u8]) -> Result<Vec<u8>, &'static str> {
    let line = line.trim_ascii();
    match line.first() {
        Some(b'"') => serde_json::from_slice::<String>(line)
            .map(String::into_bytes)
            .map_err(|_| "expected a JSON string"),
        Some(b'{') => {
            let Base64 { b64 } = serde_json::from_slice(line).map_err(|_| r#"expected {"b64": "…"}"#)?;
            STANDARD.decode(b64).map_err(|_| "expected base64")
        }
        _ => Err(r#"expected a JSON string or {"b64": "…"}"#),
    }
}

fn over(limit: usize) -> Refused {
    Refused {
        error: format!("limit of {limit} octets exceeded"),
        offset: limit,
    }
}
