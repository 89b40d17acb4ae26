//! What no RFC that the crate knows defines: commands, and parameters of rare extensions.

use std::io;

use smtp_proto::{Command, Parameter};

use crate::output::{Refused, refused};
use crate::pen::Pen;

/// A command that nobody knows, by its words.
pub(crate) struct Unknown<'a> {
    verb: String,
    arguments: Vec<&'a [u8]>,
}

impl<'a> Unknown<'a> {
    /// `strict` takes private ones alone, which begin with X (RFC 5321 §4.1.5).
    pub(crate) fn parse(line: &'a [u8], strict: bool) -> Option<Self> {
        let mut words = line.trim_ascii_end().split(|&octet| octet == b' ');
        let word = words.next().unwrap_or_default();
        let is_char = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
        let verb = String::from_utf8_lossy(word).to_ascii_uppercase();
        let is_verb = matches!(word.len(), 1..=64) && word.iter().all(is_char);
        let printable = line.iter().all(|octet| matches!(octet, b' '..=b'~' | 128..));
        (is_verb && printable && (!strict || verb.starts_with('X'))).then(|| Self {
            verb,
            arguments: words.collect(),
        })
    }

    pub(crate) fn describe(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        pen.object(|pen| {
            pen.heading("verb", &self.verb)?;
            pen.key("known")?;
            pen.boolean(false)?;
            match &*self.arguments {
                [] => Ok(()),
                arguments => pen.texts("arguments", arguments),
            }
        })
    }
}

/// Refuses the first parameter of MAIL whose value its extension does not allow, or that comes twice: those of extensions
/// that the crate leaves to its users. `len` is that of the line.
pub(crate) fn check_parameters(command: &Command, len: usize) -> Result<(), Refused> {
    let Command::Mail(mail) = command else { return Ok(()) };
    let octets = |found: &Parameter<'_>| 1 + found.keyword.len() + found.value.map_or(0, |value| 1 + value.len());
    // They stand at the end of the line.
    let mut at = len.saturating_sub(mail.parameters().map(|found| octets(&found)).sum()) + 1;
    let mut seen: Vec<String> = Vec::new();
    for parameter in mail.parameters() {
        let keyword = parameter.keyword.to_ascii_uppercase();
        match expected(&keyword, parameter.value) {
            Some(Err(wrong)) => return Err(refused(wrong, at)),
            Some(Ok(())) if seen.contains(&keyword) => return Err(refused("each parameter once", at)),
            Some(Ok(())) => seen.push(keyword),
            None => {}
        }
        at += octets(&parameter);
    }
    Ok(())
}

/// What the extension that defines the keyword asks for; `None` for all others.
fn expected(keyword: &str, value: Option<&str>) -> Option<Result<(), &'static str>> {
    let (right, expected) = match keyword {
        // RFC 4141
        "CONPERM" => (value.is_none(), "no value"),
        // RFC 3885
        "MTRK" => (
            is_tracking(value.unwrap_or_default()),
            "MTRK= with a certifier and seconds",
        ),
        // RFC 1845
        "TRANSID" => (value.is_some(), "TRANSID= with an identifier"),
        _ => return None,
    };
    Some(right.then_some(()).ok_or(expected))
}

/// `certifier [":" 1*9DIGIT]`; what a certifier holds concerns the tracking server alone.
fn is_tracking(text: &str) -> bool {
    let (certifier, seconds) = text.split_once(':').unwrap_or((text, "0"));
    let is_digits = (1..=9).contains(&seconds.len()) && seconds.bytes().all(|octet| octet.is_ascii_digit());
    !certifier.is_empty() && is_digits
}
