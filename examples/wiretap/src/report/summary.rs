//! The statistics.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use crate::stats::StreamStats;
use crate::{Counts, tcp};

/// Writes a table of the connections and one of the protocols.
///
/// # Errors
///
/// Those of the writer.
pub fn write(counts: Counts, streams: &[StreamStats], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} packets: {} of TCP, {} of the DNS, {} fragments, {} others",
        counts.packets,
        counts.tcp,
        counts.lookups,
        counts.fragments,
        counts.others + counts.unknown_link
    )?;
    let mut protocols: BTreeMap<&str, Vec<StreamStats>> = BTreeMap::new();
    for stream in streams {
        protocols.entry(name(stream)).or_default().push(*stream);
        self::stream(stream, out)?;
    }
    for (name, streams) in protocols {
        let sum = |of: fn(&StreamStats) -> u64| streams.iter().map(of).sum::<u64>();
        writeln!(
            out,
            "{name}: {} connections, {} octets up, {} down, {} commands, {} replies, {} messages, {} retransmissions, {} holes",
            streams.len(),
            sum(|stream| stream.up.octets),
            sum(|stream| stream.down.octets),
            sum(|stream| stream.said.commands),
            sum(|stream| stream.said.replies),
            sum(|stream| stream.said.messages),
            sum(|stream| stream.up.retransmissions + stream.down.retransmissions),
            sum(|stream| stream.up.holes + stream.down.holes),
        )?;
    }
    Ok(())
}

fn stream(stream: &StreamStats, out: &mut dyn Write) -> io::Result<()> {
    let StreamStats {
        number, client, server, ..
    } = stream;
    writeln!(out, "#{number} {} {client} -> {server}", name(stream))?;
    direction("client", &stream.up, out)?;
    direction("server", &stream.down, out)?;
    writeln!(
        out,
        "   {} commands, {} replies, {} messages ({} incomplete)",
        stream.said.commands, stream.said.replies, stream.said.messages, stream.said.incomplete
    )?;
    let first = stream.first_reply.map_or("never".into(), milliseconds);
    writeln!(
        out,
        "   first reply after {first}; replies take {} on average, {} at worst",
        milliseconds(mean(stream)),
        milliseconds(stream.longest_wait)
    )
}

fn direction(who: &str, tally: &tcp::Tally, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "   {who}: {} packets, {} octets, {} retransmissions ({} octets differ), {} out of order, {} holes ({} octets)",
        tally.packets, tally.octets, tally.retransmissions, tally.differing, tally.early, tally.holes, tally.lost
    )
}

/// Writes one object for each connection.
///
/// # Errors
///
/// Those of the writer.
pub fn write_json(counts: Counts, streams: &[StreamStats], out: &mut dyn Write) -> io::Result<()> {
    for stream in streams {
        let side = |tally: &tcp::Tally| {
            json!({
                "packets": tally.packets, "octets": tally.octets, "retransmissions": tally.retransmissions,
                "differing": tally.differing, "out_of_order": tally.early, "holes": tally.holes, "lost": tally.lost,
            })
        };
        let object = json!({
            "kind": "stream_stats", "stream": stream.number, "protocol": name(stream),
            "client": stream.client.to_string(), "server": stream.server.to_string(),
            "up": side(&stream.up), "down": side(&stream.down),
            "commands": stream.said.commands, "replies": stream.said.replies, "messages": stream.said.messages,
            "incomplete": stream.said.incomplete,
            "first_reply": stream.first_reply.map(|time| time.as_secs_f64()),
            "mean_reply": mean(stream).as_secs_f64(), "longest_reply": stream.longest_wait.as_secs_f64(),
        });
        writeln!(out, "{object}")?;
    }
    let object = json!({
        "kind": "stats", "packets": counts.packets, "tcp": counts.tcp, "lookups": counts.lookups,
        "fragments": counts.fragments, "unknown_link": counts.unknown_link, "others": counts.others,
    });
    writeln!(out, "{object}")
}

fn name(stream: &StreamStats) -> &'static str {
    stream.protocol.map_or("other", |protocol| protocol.as_str())
}

fn mean(stream: &StreamStats) -> Duration {
    let turns = u32::try_from(stream.turns).unwrap_or(u32::MAX).max(1);
    stream.waited / turns
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}
