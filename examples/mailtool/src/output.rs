//! Verdicts out: a line of JSON, or text for people.

use std::io::{self, Write};

use mail_wire::Escaped;
use serde_json::{Map, Value, json};

/// What is said of one input.
pub(crate) enum Verdict {
    /// It is what it should be.
    Accepted(Value),
    /// It is not.
    Refused {
        /// What was expected.
        error: String,
        /// Octets in front of the fault.
        offset: usize,
    },
}

/// For whom verdicts are written.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// One object a line.
    Json,
    /// One fact a line.
    Readable,
}

impl Verdict {
    pub(crate) fn refused(error: impl Into<String>, offset: usize) -> Self {
        let error = error.into();
        Self::Refused { error, offset }
    }
}

pub(crate) fn write(out: &mut impl Write, form: Form, verdict: &Verdict) -> io::Result<()> {
    match (form, verdict) {
        (Form::Json, Verdict::Accepted(value)) => writeln!(out, "{}", json!({"ok": true, "value": value})),
        (Form::Json, Verdict::Refused { error, offset }) => {
            writeln!(out, "{}", json!({"ok": false, "error": error, "offset": offset}))
        }
        (Form::Readable, Verdict::Accepted(Value::Object(facts))) => write_facts(out, facts),
        (Form::Readable, Verdict::Accepted(value)) => writeln!(out, "{}", plain(value)),
        (Form::Readable, Verdict::Refused { error, offset }) => writeln!(out, "refused: {error}, at octet {offset}"),
    }?;
    out.flush()
}

fn write_facts(out: &mut impl Write, facts: &Map<String, Value>) -> io::Result<()> {
    let kind = facts.get("kind").map(plain).unwrap_or_default();
    writeln!(out, "{kind}")?;
    for (name, value) in facts.iter().filter(|(name, _)| *name != "kind") {
        writeln!(out, "  {name}: {}", plain(value))?;
    }
    Ok(())
}

/// Lists in brackets, strings without quotes and without what a terminal would act upon.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => Escaped(text.as_bytes()).to_string(),
        Value::Array(items) => format!("({})", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}
