//! Writing parameters: as a token, in quotes, or as RFC 2231 has it.

use rfc5322::{FieldError, FieldWriter};

use super::Parameters;
use crate::encoded_word::may_hold_word;
use crate::lexer::is_token;

/// Why something cannot be part of a Content-Type or a Content-Disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A type, a subtype or the name of a parameter is no token of at most 127 octets (RFC 2045 §5.1); a name holds an
    /// asterisk, an apostrophe or a percent sign, which RFC 2231 §7 keeps for itself.
    #[error("not a token of at most 127 octets")]
    Token,
    /// A value holds CR, LF or NUL.
    #[error("the value holds CR, LF or NUL at offset {offset}")]
    Control {
        /// Octets before it.
        offset: usize,
    },
    /// The same parameter twice.
    #[error("the parameter is there already")]
    Duplicate,
    /// The field cannot be written.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// Whether a type or a name can be written.
pub(crate) fn is_valid_token(text: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(is_token)
}

/// Whether a parameter's name can be written.
pub(crate) fn is_valid_name(name: &str) -> bool {
    is_valid_token(name) && !name.contains(['*', '\'', '%'])
}

/// Adds a parameter to a value that has none of that name.
pub(crate) fn append(parameters: &mut Parameters<'_>, name: &str, value: &str) -> Result<(), ParameterError> {
    if !is_valid_name(name) {
        return Err(ParameterError::Token);
    }
    if let Some(offset) = memchr::memchr3(b'\r', b'\n', 0, value.as_bytes()) {
        return Err(ParameterError::Control { offset });
    }
    if parameters.octets(name).is_some() {
        return Err(ParameterError::Duplicate);
    }
    let raw = parameters.raw_mut();
    for piece in pieces(name, value) {
        raw.extend_from_slice(b"; ");
        raw.extend_from_slice(piece.as_bytes());
    }
    Ok(())
}

/// Writes the type and all parameters, each decoded and encoded anew, folded between them.
pub(crate) fn write(field: &mut FieldWriter, head: String, parameters: &Parameters<'_>) -> Result<(), ParameterError> {
    let mut last = head;
    if let Some((name, value)) = lone_token(parameters) {
        last.push(';');
        field.group(&last)?;
        return Ok(field.group(&[name, "=", value].concat())?);
    }
    for parameter in parameters.list() {
        let name = parameter.name();
        if !is_valid_name(&name) {
            continue;
        }
        for piece in pieces(&name, parameter.value()) {
            last.push(';');
            field.group(&last)?;
            last = piece;
        }
    }
    Ok(field.group(&last)?)
}

/// The name and the value of a parameter that is the only one and needs nothing to be written: what most values have.
fn lone_token<'p>(parameters: &'p Parameters<'_>) -> Option<(&'p str, &'p str)> {
    let segment = parameters.only_plain()?;
    let (name, value) = (str::from_utf8(segment.name).ok()?, segment.value.octets);
    let is_fit = is_valid_name(name) && !segment.value.is_quoted && name.len() + 1 + value.len() <= GOAL;
    let value = str::from_utf8(value).ok().filter(|value| is_valid_token(value))?;
    is_fit.then_some((name, value))
}

/// `name=value`, or its sections.
fn pieces(name: &str, value: &str) -> Vec<String> {
    let is_printable = |octet: u8| octet.is_ascii_graphic() || octet == b' ';
    // A reader would decode what looks like an encoded word.
    if !value.bytes().all(is_printable) || may_hold_word(value.as_bytes()) {
        return extended(name, value);
    }
    if !value.is_empty() && value.bytes().all(is_token) && name.len() + 1 + value.len() <= GOAL {
        return vec![[name, "=", value].concat()];
    }
    let quoted = quoted(value);
    if name.len() + 1 + quoted.len() <= GOAL {
        return vec![[name, "=", &quoted].concat()];
    }
    // RFC 2046 §5.1.1 allows a boundary of 70 octets; readers that know no sections should find it.
    if name.eq_ignore_ascii_case("boundary") && value.len() <= 70 {
        return vec![[name, "=", &quoted].concat()];
    }
    let room = room(name, 2);
    let mut sections = Vec::new();
    let mut section = String::new();
    for c in value.chars() {
        let is_escaped = matches!(c, '"' | '\\');
        if section.len() + usize::from(is_escaped) + 1 > room {
            sections.push(std::mem::take(&mut section));
        }
        if is_escaped {
            section.push('\\');
        }
        section.push(c);
    }
    sections.push(section);
    let numbered = sections.iter().enumerate();
    numbered
        .map(|(number, section)| format!("{name}*{number}=\"{section}\""))
        .collect()
}

/// In UTF-8 with percent signs (RFC 2231 §4), in sections where it is long. No character is cut.
fn extended(name: &str, value: &str) -> Vec<String> {
    let whole: String = value.chars().map(percent).collect();
    if name.len() + 2 + CHARSET.len() + whole.len() <= GOAL {
        return vec![format!("{name}*={CHARSET}{whole}")];
    }
    let room = room(name, 1);
    let mut sections = Vec::new();
    let mut section = CHARSET.to_owned();
    for c in value.chars() {
        let octets = percent(c);
        if section.len() + octets.len() > room {
            sections.push(std::mem::take(&mut section));
        }
        section.push_str(&octets);
    }
    sections.push(section);
    let numbered = sections.iter().enumerate();
    numbered
        .map(|(number, section)| format!("{name}*{number}*={section}"))
        .collect()
}

/// Octets that a section's text may have beside its name, number and `frame` octets. At least those of one character.
fn room(name: &str, frame: usize) -> usize {
    GOAL.saturating_sub(name.len() + "*12345=".len() + frame).max(24)
}

fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// ```text
/// attribute-char := <any (US-ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or tspecials>     ; RFC 2231 §7
/// ```
fn percent(c: char) -> String {
    let is_plain = u8::try_from(c).is_ok_and(|octet| is_token(octet) && !matches!(octet, b'*' | b'\'' | b'%'));
    if is_plain {
        return c.to_string();
    }
    let mut buffer = [0; 4];
    let octets = c.encode_utf8(&mut buffer).bytes();
    octets.map(|octet| format!("%{octet:02X}")).collect()
}

/// The charset of what is written, and no language.
const CHARSET: &str = "utf-8''";

/// Octets of a piece, so that it fits on a line of 78 with the space in front and the semicolon behind.
const GOAL: usize = 76;

/// Octets of the longest token (RFC 6838).
const LONGEST_TOKEN: usize = 127;
