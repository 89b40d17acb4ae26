//! Parameters of extensions: `strict` looks at their values, which to RFC 5321 §4.1.2 are words like any.

use smtp_proto::{Command, Parameters};

use crate::output::{Refused, refused};

/// Refuses the first parameter whose value its extension does not allow, or that comes twice. `len` is that of the line.
pub(crate) fn check(command: &Command, len: usize) -> Result<(), Refused> {
    let (of, parameters) = match command {
        Command::Mail(mail) => (Of::Mail, mail.parameters()),
        Command::Rcpt(rcpt) => (Of::Rcpt, rcpt.parameters()),
        _ => return Ok(()),
    };
    let octets = |parameters: Parameters<'_>| -> usize {
        parameters
            .map(|found| 1 + found.keyword.len() + found.value.map_or(0, |value| 1 + value.len()))
            .sum()
    };
    // They stand at the end of the line.
    let mut at = len.saturating_sub(octets(parameters)) + 1;
    let mut seen: Vec<String> = Vec::new();
    for parameter in parameters {
        let keyword = parameter.keyword.to_ascii_uppercase();
        match expected(of, &keyword, parameter.value) {
            Some(Err(wrong)) => return Err(refused(wrong, at)),
            Some(Ok(())) if seen.contains(&keyword) => return Err(refused("each parameter once", at)),
            Some(Ok(())) => seen.push(keyword),
            None => {}
        }
        at += parameter.keyword.len() + parameter.value.map_or(0, |value| 1 + value.len()) + 1;
    }
    Ok(())
}

/// Whose parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Mail,
    Rcpt,
}

/// What the extension that defines the keyword asks for; `None` for keywords that nobody knows.
fn expected(of: Of, keyword: &str, value: Option<&str>) -> Option<Result<(), &'static str>> {
    let text = value.unwrap_or_default();
    let (right, expected) = match (of, keyword) {
        // RFC 6531 §3.4; CONPERM: RFC 4141; REQUIRETLS: RFC 8689
        (Of::Mail, "SMTPUTF8" | "CONPERM" | "REQUIRETLS") => (value.is_none(), "no value"),
        // RFC 3461
        (Of::Mail, "RET") => (is_one_of(text, &["FULL", "HDRS"]), "RET= with FULL or HDRS"),
        (Of::Mail, "ENVID") => (is_xtext(text), "ENVID= with xtext"),
        (Of::Rcpt, "NOTIFY") => (
            is_notify(text),
            "NOTIFY= with NEVER, or some of SUCCESS, FAILURE, DELAY",
        ),
        (Of::Rcpt, "ORCPT") => (is_typed_address(text), "ORCPT= with a type and an address in xtext"),
        // RFC 4954
        (Of::Mail, "AUTH") => (is_xtext(text), "AUTH= with a mailbox in xtext"),
        // RFC 2852
        (Of::Mail, "BY") => (is_deliver_by(text), "BY= with seconds and N or R"),
        // RFC 4865
        (Of::Mail, "HOLDFOR") => (is_digits(text, 9), "HOLDFOR= with seconds"),
        (Of::Mail, "HOLDUNTIL") => (is_timestamp(text), "HOLDUNTIL= with a time"),
        // RFC 3885
        (Of::Mail, "MTRK") => (is_tracking(text), "MTRK= with a certifier and seconds"),
        // RFC 6710
        (Of::Mail, "MT-PRIORITY") => (is_priority(text), "MT-PRIORITY= with -9 to 9"),
        // RFC 7293
        (Of::Rcpt, "RRVS") => (is_valid_since(text), "RRVS= with a time"),
        // RFC 1845
        (Of::Mail, "TRANSID") => (value.is_some(), "TRANSID= with an identifier"),
        _ => return None,
    };
    Some(right.then_some(()).ok_or(expected))
}

/// `xtext = *( xchar / hexchar )`, `hexchar = "+" 2(DIGIT / "A"-"F")` (RFC 3461), here of at least one.
fn is_xtext(text: &str) -> bool {
    let is_hex = |octet: Option<u8>| matches!(octet, Some(b'0'..=b'9' | b'A'..=b'F'));
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        if octet == b'+' && !(is_hex(octets.next()) && is_hex(octets.next())) {
            return false;
        }
    }
    !text.is_empty()
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `"NEVER" / 1#notify-list-element`
fn is_notify(text: &str) -> bool {
    let is_element = |word: &str| is_one_of(word, &["SUCCESS", "FAILURE", "DELAY"]);
    is_one_of(text, &["NEVER"]) || text.split(',').all(is_element)
}

/// `addr-type ";" xtext`
fn is_typed_address(text: &str) -> bool {
    let is_typed = |(kind, address): (&str, &str)| !kind.is_empty() && is_xtext(address);
    text.split_once(';').is_some_and(is_typed)
}

/// `["-" / "+"] 1*9DIGIT ";" ("N" / "R") ["T"]`
fn is_deliver_by(text: &str) -> bool {
    let Some((time, mode)) = text.split_once(';') else {
        return false;
    };
    let digits = time.strip_prefix(['-', '+']).unwrap_or(time);
    is_digits(digits, 9) && is_one_of(mode, &["N", "R", "NT", "RT"])
}

/// `certifier [":" 1*9DIGIT]`; what a certifier holds concerns the tracking server alone.
fn is_tracking(text: &str) -> bool {
    let (certifier, seconds) = text.split_once(':').unwrap_or((text, "0"));
    !certifier.is_empty() && is_digits(seconds, 9)
}

fn is_priority(text: &str) -> bool {
    let digit = text.strip_prefix('-').filter(|digit| *digit != "0").unwrap_or(text);
    is_digits(digit, 1)
}

/// `date-time [";" ("C" / "R")]`
fn is_valid_since(text: &str) -> bool {
    let (time, action) = text.split_once(';').unwrap_or((text, "C"));
    is_timestamp(time) && is_one_of(action, &["C", "R"])
}

/// The shape of `date-time` (RFC 3339 §5.6).
fn is_timestamp(text: &str) -> bool {
    let Some((time, rest)) = text.split_at_checked(SECONDS.len()) else {
        return false;
    };
    let fraction = rest
        .strip_prefix('.')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let zone = fraction.map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    fits(time, SECONDS) && ["Z", "+00:00", "-00:00"].iter().any(|shape| fits(zone, shape))
}

/// A digit where the shape has 0, else what the shape has.
fn fits(text: &str, shape: &str) -> bool {
    let fits = |(octet, wanted): (u8, u8)| match wanted {
        b'0' => octet.is_ascii_digit(),
        wanted => octet.eq_ignore_ascii_case(&wanted),
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

fn is_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}

const SECONDS: &str = "0000-00-00T00:00:00";
