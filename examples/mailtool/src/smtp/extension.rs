//! Commands of extensions, by name and words.

use std::io;

use smtp_proto::Host;

use crate::output::{HIDDEN, Refused, refused};
use crate::pen::Pen;
use crate::sasl::{is_initial_response, is_mechanism};
use crate::smtp::Dialect;

/// A command that is not one of RFC 5321.
pub(crate) struct Extended<'a> {
    verb: String,
    known: bool,
    arguments: Vec<&'a [u8]>,
}

impl<'a> Extended<'a> {
    /// `None` for the commands of RFC 5321.
    pub(crate) fn parse(line: &'a [u8], strict: bool, dialect: Dialect) -> Result<Option<Self>, Refused> {
        let mut words = line.trim_ascii_end().split(|&octet| octet == b' ');
        let word = words.next().unwrap_or_default();
        let verb = String::from_utf8_lossy(word).to_ascii_uppercase();
        if BASE.contains(&verb.as_str()) {
            return match dialect {
                // RFC 2033: LHLO stands in their place.
                Dialect::Lmtp if matches!(&*verb, "HELO" | "EHLO") => Err(refused("LHLO", 0)),
                _ => Ok(None),
            };
        }
        let arguments: Vec<_> = words.collect();
        let known = match grammar(&verb, &arguments, dialect) {
            Some(Ok(())) => true,
            Some(Err(expected)) => return Err(refused(expected, word.len())),
            // Private ones begin with X (RFC 5321 §4.1.5).
            None if strict && !verb.starts_with('X') => return Err(refused("a command", 0)),
            None if is_verb(word) && line.iter().all(|octet| matches!(octet, b' '..=b'~' | 128..)) => false,
            None => return Err(refused("a command", 0)),
        };
        Ok(Some(Self { verb, known, arguments }))
    }

    /// What proves who somebody is stays hidden.
    pub(crate) fn describe(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        pen.object(|pen| {
            pen.heading("verb", &self.verb)?;
            if !self.known {
                pen.key("known")?;
                pen.boolean(false)?;
            }
            match (&*self.verb, &*self.arguments) {
                ("AUTH", [mechanism]) => pen.fact("mechanism", mechanism),
                ("AUTH", [mechanism, ..]) => {
                    pen.fact("mechanism", mechanism)?;
                    pen.fact("initial_response", HIDDEN)
                }
                ("LHLO", [client, ..]) => pen.fact("client", client),
                (_, []) => Ok(()),
                (_, arguments) => pen.texts("arguments", arguments),
            }
        })
    }
}

/// Whether the arguments are those of the extension's command; `None` for a command that nobody knows.
fn grammar(verb: &str, arguments: &[&[u8]], dialect: Dialect) -> Option<Result<(), &'static str>> {
    let is_last = |word: &[u8]| word.eq_ignore_ascii_case(b"LAST");
    let (right, expected) = match (verb, arguments) {
        ("LHLO", _) if dialect == Dialect::Smtp => return None,
        // RFC 2033, RFC 5321 §4.1.1.1
        ("LHLO", [client]) => (is_host(client), "a domain name or an address literal"),
        // RFC 3207
        ("STARTTLS", arguments) => (arguments.is_empty(), "the end of the line"),
        // AUTH mechanism [initial-response] (RFC 4954)
        ("AUTH", [mechanism]) => (is_mechanism(mechanism), "a mechanism"),
        ("AUTH", [mechanism, response]) => (
            is_mechanism(mechanism) && is_initial_response(response),
            "a mechanism and base64",
        ),
        // BDAT chunk-size [LAST] (RFC 3030)
        ("BDAT", [size]) => (is_number(size), "a size"),
        ("BDAT", [size, last]) => (is_number(size) && is_last(last), "a size and LAST"),
        // BURL absolute-URI [LAST] (RFC 4468)
        ("BURL", [uri]) => (uri.contains(&b':'), "a URI"),
        ("BURL", [uri, last]) => (uri.contains(&b':') && is_last(last), "a URI and LAST"),
        // ETRN [@/#]node (RFC 1985)
        ("ETRN", [node]) => (!node.is_empty(), "a name"),
        // ATRN [domain *("," domain)] (RFC 2645)
        ("ATRN", []) => (true, ""),
        ("ATRN", [domains]) => (domains.split(|&octet| octet == b',').all(is_host), "domain names"),
        ("LHLO" | "AUTH" | "BDAT" | "BURL" | "ETRN" | "ATRN", _) => (false, "the command's arguments"),
        _ => return None,
    };
    Some(right.then_some(()).ok_or(expected))
}

fn is_host(name: &[u8]) -> bool {
    str::from_utf8(name).is_ok_and(|name| name.parse::<Host>().is_ok())
}

fn is_number(digits: &[u8]) -> bool {
    matches!(digits.len(), 1..=20) && digits.iter().all(u8::is_ascii_digit)
}

fn is_verb(word: &[u8]) -> bool {
    let is_char = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    matches!(word.len(), 1..=64) && word.iter().all(is_char)
}

/// Those that the crate parses.
const BASE: [&str; 11] = [
    "HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT",
];
