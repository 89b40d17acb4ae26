//! The message as it arrived: which field was added by whom.

use std::io::{self, Write};

use rfc5322::{DateTime, FieldName, Fields, RawField, ReceivedClauses};

use super::screen::Screen;

/// A message and the trace fields on top of it.
pub(super) struct Arrived<'a> {
    /// The trace fields, the latest first.
    pub(super) trace: Vec<RawField<'a>>,
    /// What Alice's client sent.
    pub(super) below: &'a [u8],
}

/// What there is to say about a message.
pub(super) struct Told {
    /// Who wrote what stands below the trace fields.
    pub(super) author: &'static str,
    /// Who added trace fields without a `Received`.
    pub(super) deliverer: &'static str,
    /// About a trace field that stands below so many `Received`.
    pub(super) trace: fn(&RawField<'_>, usize) -> Note,
    /// How lines begin, and what there is to say about the first that does; the empty one is the empty line.
    pub(super) lines: &'static [(&'static str, Note)],
}

/// Lines to show behind another.
pub(super) type Note = &'static [&'static str];

/// One `Received` field, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hop {
    /// Who sent, from where, to whom, how, and which name the message got.
    pub(super) text: String,
    /// When.
    pub(super) date: Option<DateTime>,
}

impl<'a> Arrived<'a> {
    /// Finds the trace fields, which all stand in front of what they were added to (RFC 5321 §4.4).
    pub(super) fn new(message: &'a [u8]) -> Self {
        let is_trace = |field: &RawField<'_>| TRACE.iter().any(|name| field.is(name));
        let trace: Vec<_> = Fields::new(message)
            .map_while(Result::ok)
            .take_while(is_trace)
            .collect();
        let length = trace.iter().map(|field| field.raw.len()).sum();
        Self {
            trace,
            below: &message[length..],
        }
    }

    /// The names of the trace fields.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.trace.iter().map(|field| field.name).collect();
        names.join(", ")
    }

    /// The value of the first trace field of this name, or nothing.
    pub(super) fn value(&self, name: &FieldName) -> String {
        let found = self.trace.iter().find(|field| field.is(name));
        found.map_or_else(String::new, |field| text(field.unfolded().trim_ascii()))
    }

    /// The hops, the latest first.
    pub(super) fn hops(&self) -> Vec<Hop> {
        let received = self.trace.iter().filter(|field| field.is(&FieldName::RECEIVED));
        received.map(|field| Hop::new(field.value)).collect()
    }

    /// Shows the message, and who wrote what.
    ///
    /// # Errors
    ///
    /// Those of the screen.
    pub(super) fn show(&self, told: &Told, screen: &mut Screen<impl Write>) -> io::Result<()> {
        let is_received = |field: &&RawField<'_>| field.is(&FieldName::RECEIVED);
        let mut writer = None;
        for (number, field) in self.trace.iter().enumerate() {
            let (above, rest) = self.trace.split_at(number);
            // Fields above a Received were added after it, by the same host.
            let by = rest.iter().find(is_received).and_then(|field| by(field.value));
            if number == 0 || writer != by {
                if number > 0 {
                    screen.text("")?;
                }
                screen.mark(&format!("added by {}", by.as_deref().unwrap_or(told.deliverer)))?;
                writer = by;
            }
            show_lines(field.raw, told, screen)?;
            screen.note((told.trace)(field, above.iter().filter(is_received).count()))?;
        }
        screen.text("")?;
        screen.mark(&format!("written by {}", told.author))?;
        show_lines(self.below, told, screen)
    }
}

impl Hop {
    fn new(value: &[u8]) -> Self {
        let clauses = ReceivedClauses::parse(value);
        let word = |clause: Option<rfc5322::Clause<'_>>| clause.map_or("?".to_owned(), |clause| text(clause.value));
        let address = clauses.client_address();
        Self {
            text: format!(
                "{} [{}] -> {}, {}, {}, {}",
                word(clauses.from),
                address.map_or_else(|| "?".to_owned(), |address| address.to_string()),
                word(clauses.by),
                word(clauses.with),
                word(clauses.id),
                word(clauses.recipient),
            ),
            // Our own hosts write dates as the RFC wants them.
            date: DateTime::parse_strict(clauses.date).ok(),
        }
    }
}

/// Shows lines as they are, with a note behind those that there is something to say about.
fn show_lines(octets: &[u8], told: &Told, screen: &mut Screen<impl Write>) -> io::Result<()> {
    let mut notes = told.lines.to_vec();
    for line in octets.split_inclusive(|&octet| octet == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = text(line.strip_suffix(b"\r").unwrap_or(line));
        screen.text(&line)?;
        let is_it = |beginning: &str| line == beginning || !beginning.is_empty() && line.starts_with(beginning);
        if let Some(found) = notes.iter().position(|(beginning, _)| is_it(beginning)) {
            screen.note(notes.remove(found).1)?;
        }
    }
    Ok(())
}

/// What there is to say about a trace field that stands below so many `Received`.
fn about(field: &RawField<'_>, received_above: usize) -> Note {
    match received_above {
        _ if field.is(&FieldName::RETURN_PATH) => &[
            "The reverse-path. The envelope ends with the journey; the host that delivers saves this",
            "part of it (RFC 5321 §4.4).",
        ],
        _ if field.is(&FieldName::DELIVERED_TO) => &[
            "The mailbox that it went into (RFC 9228). A host that finds its own here when a message",
            "comes in has found a loop.",
        ],
        0 => &[
            "Each host puts a Received on top: from whom, by whom, how, under which name, when. The",
            "story is read from below (RFC 5321 §4.4). This is the second hop, dialogue 2.",
        ],
        _ => &[
            "The first hop, dialogue 1. The S in ESMTPSA is for TLS, the A for a login (RFC 3848). Bob's",
            "host cannot know whether this is true: it came with the message, and whoever sends one can",
            "write such lines. The Received above is his host's own.",
        ],
    }
}

fn by(received: &[u8]) -> Option<String> {
    Some(text(ReceivedClauses::parse(received).by?.value))
}

/// Octets, made harmless for a terminal.
fn text(octets: &[u8]) -> String {
    mail_wire::Escaped(octets).to_string()
}

/// What a host puts on top of a message.
const TRACE: [FieldName; 3] = [FieldName::RETURN_PATH, FieldName::DELIVERED_TO, FieldName::RECEIVED];

/// Alice's message, as Bob has it.
pub(super) const LUNCH: Told = Told {
    author: "Alice's client",
    deliverer: "a host that does not say so",
    trace: about,
    lines: LINES,
};

const LINES: &[(&str, Note)] = &[
    ("Date:", &["When Alice was done writing (RFC 5322 §3.6.1)."]),
    (
        "From:",
        &[
            "From and To are for people. Nothing in SMTP makes sure that they are true, or that they",
            "agree with the envelope: chapter 8.",
        ],
    ),
    ("Message-ID:", &["A name that no other message has (RFC 5322 §3.6.4)."]),
    (
        "Content-Type: multipart",
        &["Several parts; between them stands a line of -- and the boundary (RFC 2046 §5.1)."],
    ),
    ("", &["The header ends with an empty line (RFC 5322 §2.1)."]),
    (
        "--=_mustard--",
        &[
            "The boundary with -- behind it: no more parts. To see the picture, put the three lines",
            "above through \"base64 -d > burger.png\".",
        ],
    ),
    ("--=_mustard", &["A part, with a header and an empty line of its own."]),
    ("...and", &["Three dots, as Alice wrote it."]),
    (
        "Content-Transfer-Encoding:",
        &[
            "A picture is not text: its octets take any value. Base64 writes three of them as four",
            "characters, in lines of at most 76, which any mail host passes on (RFC 2045 §6.8).",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"Return-Path: <a@one.example>\r\nDelivered-To: b@two.example\r\n\
        Received: from one.example ([192.0.2.1]) by two.example with ESMTP id 2\r\n for <b@two.example>; x\r\n\
        Received: from pc ([192.0.2.9]) by one.example; Tue, 01 Jul 2003 08:52:37 +0000\r\n\
        From: a@one.example\r\nReceived: by nobody\r\n\r\nhi\x1b\r\n";

    #[test]
    fn trace_fields_are_those_on_top() {
        let arrived = Arrived::new(MESSAGE);
        assert_eq!(arrived.names(), "Return-Path, Delivered-To, Received, Received");
        assert_eq!(arrived.value(&FieldName::DELIVERED_TO), "b@two.example");
        assert!(
            arrived
                .below
                .starts_with(b"From: a@one.example\r\nReceived: by nobody\r\n")
        );
        let hops = arrived.hops();
        let second = "one.example [192.0.2.1] -> two.example, ESMTP, 2, <b@two.example>";
        assert_eq!((hops[0].text.as_str(), hops[0].date), (second, None));
        assert_eq!(hops[1].text, "pc [192.0.2.9] -> one.example, ?, ?, ?");
        assert_eq!(hops[1].date.unwrap().unix_seconds(), 1_057_049_557);
    }

    #[test]
    fn who_added_what_is_shown_harmlessly() {
        let mut shown = Vec::new();
        Arrived::new(MESSAGE)
            .show(&LUNCH, &mut Screen::plain(&mut shown))
            .unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text} in {shown}"));
        let order = [
            "added by two.example",
            "Return-Path:",
            "Received: from one",
            "\n for <b@",
            "added by one.example",
        ];
        let order = order.map(at);
        assert!(
            order.is_sorted() && at("Received: from pc") < at("written by Alice"),
            "{shown}"
        );
        assert_eq!(shown.matches("added by").count(), 2);
        assert!(shown.contains("hi\\x1b\n"));
    }
}
