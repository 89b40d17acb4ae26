//! For scripts: one object a line.

use std::io::{self, Write};
use std::time::Duration;

use mail_wire::Escaped;
use serde_json::{Map, Value, json};

use crate::item::{Item, Kind, Line};
use crate::message::Found;

/// Writes what happened as one object: `stream`, `packet`, `time` (seconds since the first packet), `from`, `kind`, and what
/// belongs to the kind. Octets of the wire are escaped text.
///
/// # Errors
///
/// Those of the writer.
pub fn write(item: &Item, began: Duration, hide_secrets: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("stream".into(), json!(item.stream));
    object.insert("packet".into(), json!(item.stamp.packet));
    object.insert(
        "time".into(),
        json!(item.stamp.time.saturating_sub(began).as_secs_f64()),
    );
    if let Some(side) = item.side {
        object.insert("from".into(), json!(side.as_str()));
    }
    let (kind, more) = kind(item, hide_secrets);
    object.insert("kind".into(), json!(kind));
    if let Value::Object(more) = more {
        object.extend(more);
    }
    writeln!(out, "{}", Value::Object(object))
}

fn kind(item: &Item, hide_secrets: bool) -> (&'static str, Value) {
    match &item.kind {
        Kind::Opened {
            client,
            server,
            from_the_start,
        } => (
            "opened",
            json!({"client": client.to_string(), "server": server.to_string(), "from_the_start": from_the_start}),
        ),
        Kind::Recognised(protocol, how) => ("recognised", json!({"protocol": protocol.as_str(), "how": how})),
        Kind::Line(line) => ("line", self::line(line, hide_secrets)),
        Kind::Decoded(facts) => {
            let mut decoded = Map::new();
            for fact in facts {
                let value = match fact.secret && hide_secrets {
                    true => "[hidden]".to_owned(),
                    false => Escaped(&fact.value).to_string(),
                };
                decoded.insert(fact.name.into(), json!(value));
            }
            ("decoded", json!({"decoded": decoded}))
        }
        Kind::Phase(phase) => ("phase", json!({"phase": phase})),
        Kind::Note(text) => ("note", json!({"text": text})),
        Kind::Warning(text) => ("warning", json!({"text": text})),
        Kind::Message(found) => ("message", message(found)),
        Kind::Hole(octets) => ("hole", json!({"octets": octets})),
        Kind::Opaque(why) => ("opaque", json!({"why": why})),
        Kind::Unread { client, server } => ("unread", json!({"client_octets": client, "server_octets": server})),
        Kind::Lookup(lookup) => {
            let answer = lookup
                .answer
                .as_ref()
                .map(|answer| json!({"code": answer.code, "records": answer.records}));
            let (client, server) = (lookup.client.to_string(), lookup.server.to_string());
            let (name, record) = (&lookup.name, &lookup.record);
            (
                "lookup",
                json!({"client": client, "server": server, "id": lookup.id, "record": record, "name": name, "answer": answer}),
            )
        }
        Kind::Closed(why) => ("closed", json!({"why": why})),
    }
}

fn line(line: &Line, hide_secrets: bool) -> Value {
    let shown = line
        .secret
        .filter(|_| hide_secrets)
        .map_or(line.text.len(), |at| at.min(line.text.len()));
    let hidden = if shown < line.text.len() { "[hidden]" } else { "" };
    json!({
        "text": format!("{}{hidden}", Escaped(&line.text[..shown])),
        "octets": line.octets,
        "about": line.about.map(|about| about.what),
        "rfc": line.about.map(|about| about.rfc),
    })
}

fn message(found: &Found) -> Value {
    let header: Map<String, Value> = found
        .header
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    json!({
        "carrier": found.carrier,
        "sender": found.sender,
        "recipients": found.recipients,
        "octets": found.size,
        "lost": found.lost,
        "complete": found.is_complete(),
        "outcome": found.outcome,
        "header": header,
        "structure": found.structure,
        "saved": found.saved.as_ref().map(|path| path.to_string_lossy()),
    })
}
