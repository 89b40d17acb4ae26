//! Modified UTF-7, the encoding of mailbox names (RFC 3501 §5.1.3).
//!
//! Printable US-ASCII stands for itself but `&`, which is `&-`. Anything else is UTF-16BE in base64 with `,` in place of `/`, between `&` and `-`.
//! Only the canonical encoding of a name is decoded: otherwise two spellings of one name could pass for two mailboxes
//! (docs/threats.md row 25).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

use crate::SyntaxError;

/// The name in modified UTF-7.
///
/// ```
/// assert_eq!(imap_proto::mutf7::encode("Entwürfe & mehr"), "Entw&APw-rfe &- mehr");
/// ```
pub fn encode(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let plain = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        wire.push_str(&rest[..plain]);
        rest = &rest[plain..];
        if let Some(behind) = rest.strip_prefix('&') {
            wire.push_str("&-");
            rest = behind;
            continue;
        }
        let shifted = rest.find(is_direct).unwrap_or(rest.len());
        if shifted > 0 {
            let utf16: Vec<u8> = rest[..shifted].encode_utf16().flat_map(u16::to_be_bytes).collect();
            wire.push('&');
            BASE64.encode_string(utf16, &mut wire);
            wire.push('-');
            rest = &rest[shifted..];
        }
    }
    wire
}

/// The name that is encoded, when the encoding is canonical. Octets above 127 are accepted where all is UTF-8, since servers that speak
/// UTF8=ACCEPT send names so.
///
/// # Errors
///
/// [`SyntaxError`] when something is not modified UTF-7 or not as [`encode`] would write it.
pub fn decode(wire: &[u8]) -> Result<Cow<'_, str>, SyntaxError> {
    let text =
        core::str::from_utf8(wire).map_err(|fault| SyntaxError::new(fault.valid_up_to(), "modified UTF-7 or UTF-8"))?;
    if let Some(offset) = text.find(|c: char| c.is_ascii_control()) {
        return Err(SyntaxError::new(offset, "a printable character"));
    }
    if !text.contains('&') {
        return Ok(Cow::Borrowed(text));
    }
    let mut name = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(shift) = text[at..].find('&') {
        name.push_str(&text[at..at + shift]);
        let start = at + shift + 1;
        let len = text[start..]
            .find('-')
            .ok_or(SyntaxError::new(start - 1, "\"-\" behind \"&\""))?;
        shifted(&text[start..start + len], start, &mut name)?;
        at = start + len + 1;
        // Two shifts in a row could have been one.
        if len > 0 && text[at..].starts_with('&') && !text[at..].starts_with("&-") {
            return Err(SyntaxError::new(at, "one shift for neighbouring characters"));
        }
    }
    name.push_str(&text[at..]);
    Ok(Cow::Owned(name))
}

/// What stands between `&` and `-`, at `offset`.
fn shifted(base64: &str, offset: usize, name: &mut String) -> Result<(), SyntaxError> {
    if base64.is_empty() {
        name.push('&');
        return Ok(());
    }
    let octets = BASE64
        .decode(base64)
        .map_err(|_| SyntaxError::new(offset, "canonical base64"))?;
    if octets.len() % 2 != 0 {
        return Err(SyntaxError::new(offset, "UTF-16 in base64"));
    }
    let units = octets
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) if !is_direct(c) => name.push(c),
            Ok(_) => return Err(SyntaxError::new(offset, "printable US-ASCII as itself")),
            Err(_) => return Err(SyntaxError::new(offset, "UTF-16 without lone surrogates")),
        }
    }
    Ok(())
}

/// What stands for itself.
const fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && c != '&'
}

/// What never stands in base64: `&` has an encoding of its own.
const fn is_direct(c: char) -> bool {
    matches!(c, ' '..='~')
}

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_canonical_encoding_is_decoded() {
        for (wire, name) in [
            ("", ""),
            ("INBOX", "INBOX"),
            ("&-", "&"),
            ("Entw&APw-rfe", "Entwürfe"),
            ("&2D3eCg-", "😊"),
            ("a&-&AOk-", "a&é"),
            ("&AOk-&-", "é&"),
        ] {
            assert_eq!(decode(wire.as_bytes()).as_deref(), Ok(name), "{wire}");
            assert_eq!(encode(name), wire);
        }
        for bad in [
            "&",
            "&AOk",
            "&AGE-",
            "&AOk-&AOk-",
            "&AO-",
            "&AOl-",
            "&2D0-",
            "&ACY-",
            "&AOk/-",
            "&AOk=-",
            "a\tb",
        ] {
            assert!(decode(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        /// docs/threats.md row 25
        #[test]
        fn decoding_undoes_encoding(name: String) {
            let wire = encode(&name);
            prop_assert!(wire.bytes().all(|octet| matches!(octet, b' '..=b'~')));
            prop_assert_eq!(decode(wire.as_bytes()).unwrap(), name);
        }

        #[test]
        fn what_is_decoded_is_canonical(wire in "[&A-Za-z0-9+,-]{0,12}") {
            if let Ok(name) = decode(wire.as_bytes()) {
                prop_assert_eq!(encode(&name), wire);
            }
        }
    }
}
