//! xtext: any text inside a parameter's value (RFC 3461 §4).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::{Expected, SyntaxError};

/// Decodes `xtext`; errors count from the value's start.
///
/// ```text
/// xtext   = *( xchar / hexchar )
/// xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
/// hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits     (RFC 3461 §4)
/// ```
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, SyntaxError> {
    let octets = text.as_bytes();
    let mut decoded = Vec::with_capacity(octets.len());
    let mut at = 0;
    while let Some(&octet) = octets.get(at) {
        match octet {
            b'+' => {
                let pair = octets.get(at + 1..at + 3).and_then(|pair| hex(pair[0], pair[1]));
                decoded.push(pair.ok_or(SyntaxError::new(at, Expected::Xtext))?);
                at += 3;
            }
            _ if is_xchar(octet) => {
                decoded.push(octet);
                at += 1;
            }
            _ => return Err(SyntaxError::new(at, Expected::Xtext)),
        }
    }
    Ok(decoded)
}

/// Decodes `xtext` that is to be text.
pub(crate) fn decode_text(text: &str) -> Result<String, SyntaxError> {
    String::from_utf8(decode(text)?).map_err(|_| SyntaxError::new(0, Expected::Xtext))
}

/// Encodes any octets.
pub(crate) fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        match is_xchar(octet) {
            true => text.push(char::from(octet)),
            // Writing to a String does not fail.
            false => drop(write!(text, "+{octet:02X}")),
        }
    }
    text
}

const fn is_xchar(octet: u8) -> bool {
    matches!(octet, b'!'..=b'~') && !matches!(octet, b'+' | b'=')
}

const fn hex(high: u8, low: u8) -> Option<u8> {
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => Some(high << 4 | low),
        _ => None,
    }
}

const fn digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_returns() {
        let all: Vec<u8> = (0..=255).collect();
        let text = encode(&all);
        assert!(text.bytes().all(|octet| is_xchar(octet) || octet == b'+'));
        assert_eq!(decode(&text), Ok(all));
    }

    #[test]
    fn what_is_no_xtext() {
        for (text, offset) in [
            ("a=b", 1),
            ("a+4", 1),
            ("+4g", 0),
            ("+4a", 0),
            ("a b", 1),
            ("é", 0),
            ("+", 0),
        ] {
            assert_eq!(decode(text), Err(SyntaxError::new(offset, Expected::Xtext)), "{text}");
        }
    }
}
