//! IMAP commands, responses and mailbox names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imap_proto::{
    Command, Data, Need, Parsed, Reading, Response, Spelling, Status, SyntaxError, TaggedCommand, Token, Tokens, mutf7,
};
use serde_json::{Map, Value, json};

use crate::output::Verdict;

/// One command: kind, tag and arguments as nested lists.
pub(crate) fn command(octets: &[u8], strict: bool) -> Verdict {
    let TaggedCommand { tag, command } = match whole(octets, TaggedCommand::parse(octets, reading(strict))) {
        Ok(command) => command,
        Err(verdict) => return verdict,
    };
    if let Command::Other { name, .. } = &command {
        return Verdict::refused(format!("expected a known command, not {name}"), tag.as_str().len() + 1);
    }
    let mut facts = Map::new();
    facts.insert("kind".into(), json!(command.name()));
    facts.insert("tag".into(), json!(tag.as_str()));
    // What proves who somebody is stays hidden.
    let arguments = match command {
        Command::Login(login) => json!([text(login.user.as_bytes()), "[redacted]"]),
        Command::Authenticate(authenticate) => json!([authenticate.mechanism.as_str()]),
        command => {
            let mut wire = Vec::new();
            TaggedCommand { tag, command }.encode(Spelling::SERVER, &mut wire);
            tree(words_behind(&wire, 2))
        }
    };
    facts.insert("arguments".into(), arguments);
    Verdict::Accepted(Value::Object(facts))
}

/// One response: kind, and tag, code, text or data as nested lists.
pub(crate) fn response(octets: &[u8], strict: bool) -> Verdict {
    let response = match whole(octets, Response::parse(octets, reading(strict))) {
        Ok(response) => response,
        Err(verdict) => return verdict,
    };
    let mut facts = Map::new();
    match response {
        Response::Continuation(continuation) => {
            facts.insert("kind".into(), json!("continuation"));
            facts.insert("text".into(), text(continuation.text.as_bytes()));
        }
        Response::Tagged { tag, status } => {
            describe(&mut facts, &status);
            facts.insert("tag".into(), json!(tag.as_str()));
        }
        Response::Untagged(Data::Status(status)) => describe(&mut facts, &status),
        Response::Untagged(data) => {
            let mut wire = Vec::new();
            Response::Untagged(data).encode(Spelling::SERVER, &mut wire);
            untagged(&mut facts, words_behind(&wire, 1));
        }
    }
    Verdict::Accepted(Value::Object(facts))
}

/// From modified UTF-7. Without `--strict` a name that is not canonical is kept as it stands on the wire.
pub(crate) fn decode_name(octets: &[u8], strict: bool) -> Verdict {
    match mutf7::decode(octets) {
        Ok(name) => Verdict::Accepted(json!(name)),
        Err(_) if !strict => Verdict::Accepted(json!(String::from_utf8_lossy(octets))),
        Err(error) => refused(error),
    }
}

/// To modified UTF-7.
pub(crate) fn encode_name(octets: &[u8]) -> Verdict {
    match str::from_utf8(octets) {
        Ok(name) => Verdict::Accepted(json!(mutf7::encode(name))),
        Err(fault) => Verdict::refused("expected UTF-8", fault.valid_up_to()),
    }
}

const fn reading(strict: bool) -> Reading {
    if strict { Reading::STRICT } else { Reading::LENIENT }
}

/// The value, when it is all of the input.
fn whole<T>(octets: &[u8], parsed: Result<Parsed<T>, SyntaxError>) -> Result<T, Verdict> {
    match parsed {
        Ok(Parsed::Complete { value, octets: used }) if used == octets.len() => Ok(value),
        Ok(Parsed::Complete { octets: used, .. }) => Err(Verdict::refused("expected nothing behind the end of the line", used)),
        Ok(Parsed::Incomplete(Need::Line)) => Err(Verdict::refused("expected CRLF", octets.len())),
        Ok(Parsed::Incomplete(Need::Literal { missing, .. })) => {
            Err(Verdict::refused(format!("expected {missing} more octets of a literal"), octets.len()))
        }
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: SyntaxError) -> Verdict {
    Verdict::refused(format!("expected {}", error.expected), error.offset)
}

fn describe(facts: &mut Map<String, Value>, status: &Status<'_>) {
    facts.insert("kind".into(), json!(status.condition.as_str()));
    if let Some(code) = &status.code {
        facts.insert("code".into(), json!(format!("{code:?}")));
    }
    facts.insert("text".into(), text(status.text.as_bytes()));
}

/// `23 FETCH (…)` and `LIST (…) …`
fn untagged(facts: &mut Map<String, Value>, wire: &[u8]) {
    let words = |n: usize| wire.split(|octet| *octet == b' ').nth(n).unwrap_or_default();
    let number = str::from_utf8(words(0)).ok().and_then(|word| word.parse::<u32>().ok());
    let kind = String::from_utf8_lossy(words(usize::from(number.is_some()))).into_owned();
    facts.insert("kind".into(), json!(kind));
    if let Some(number) = number {
        facts.insert("number".into(), json!(number));
    }
    facts.insert("data".into(), tree(words_behind(wire, 1 + usize::from(number.is_some()))));
}

/// What follows the first `n` words, without CRLF.
fn words_behind(wire: &[u8], n: usize) -> &[u8] {
    let line = wire.strip_suffix(b"\r\n").unwrap_or(wire);
    let mut rest = line;
    for _ in 0..n {
        let end = rest.iter().position(|octet| *octet == b' ').map_or(rest.len(), |at| at + 1);
        rest = &rest[end..];
    }
    rest
}

/// Nested lists of words and strings; built without recursion.
fn tree(wire: &[u8]) -> Value {
    let Ok(tokens) = Tokens::new(wire) else { return text(wire) };
    let mut open = vec![Vec::new()];
    for token in tokens.iter() {
        match token {
            Token::Open(_) if open.len() < DEEPEST => open.push(Vec::new()),
            Token::Close(_) if open.len() > 1 => {
                let inner = open.pop().unwrap_or_default();
                open.last_mut().expect("one is left").push(Value::Array(inner));
            }
            Token::Word(word) => open.last_mut().expect("never empty").push(text(word)),
            Token::String(string) => open.last_mut().expect("never empty").push(text(&string)),
            _ => {}
        }
    }
    Value::Array(open.swap_remove(0))
}

/// Text; with the exact octets beside it when they are no UTF-8.
fn text(octets: &[u8]) -> Value {
    match str::from_utf8(octets) {
        Ok(text) => json!(text),
        Err(_) => json!({"text": String::from_utf8_lossy(octets), "text_b64": STANDARD.encode(octets)}),
    }
}

/// Lists within lists, beyond which they are shown flat: JSON readers have limits of their own.
const DEEPEST: usize = 100;
