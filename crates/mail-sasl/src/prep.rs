//! SASLprep (RFC 4013): the form in which user names and passwords are compared.

use std::borrow::Cow;

use mail_wire::Secret;
use stringprep::tables;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// What a string is prepared for (RFC 4013 §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be compared with what is stored: characters that Unicode 3.2 did not have are let through.
    Query,
    /// To be stored: characters that Unicode 3.2 did not have are refused, because their form could still change.
    Stored,
}

/// Why a string cannot be prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrepError {
    /// It is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Nothing is left of it.
    #[error("nothing is left of the string after its preparation")]
    Empty,
    /// It holds a character that must not be in it, as a control character (RFC 4013 §2.3).
    #[error("the string holds a character that is not allowed in it")]
    Prohibited,
    /// It mixes directions of writing (RFC 4013 §2.4).
    #[error("the string mixes directions of writing")]
    Bidirectional,
    /// It holds a character that Unicode 3.2 did not have, and is to be stored.
    #[error("the string holds a character that Unicode 3.2 did not have")]
    Unassigned,
}

/// Prepares a user name or a password by RFC 4013.
///
/// ```
/// use mail_sasl::{Purpose, saslprep};
///
/// assert_eq!(saslprep("I\u{ad}X", Purpose::Stored).unwrap(), "IX");
/// assert_eq!(saslprep("\u{2168}", Purpose::Stored).unwrap(), "IX");
/// assert!(saslprep("\u{7}", Purpose::Query).is_err());
/// ```
///
/// # Errors
///
/// When RFC 4013 §2 does not allow the string, or nothing is left of it.
pub fn saslprep(text: &str, purpose: Purpose) -> Result<Cow<'_, str>, PrepError> {
    if text.is_empty() {
        return Err(PrepError::Empty);
    }
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return Ok(Cow::Borrowed(text));
    }
    let mapped = text.chars().filter(|&c| !tables::commonly_mapped_to_nothing(c));
    let spaced = mapped.map(|c| if tables::non_ascii_space_character(c) { ' ' } else { c });
    let prepared: String = spaced.nfkc().collect();
    if prepared.is_empty() {
        return Err(PrepError::Empty);
    }
    if prepared.chars().any(prohibited) {
        return Err(PrepError::Prohibited);
    }
    if !one_direction(&prepared) {
        return Err(PrepError::Bidirectional);
    }
    if purpose == Purpose::Stored && prepared.chars().any(tables::unassigned_code_point) {
        return Err(PrepError::Unassigned);
    }
    Ok(Cow::Owned(prepared))
}

/// A password in the form that SCRAM derives keys from (RFC 5802 §2.2).
pub(crate) fn password(password: &Secret, purpose: Purpose) -> Result<Secret, PrepError> {
    let text = str::from_utf8(password.expose()).map_err(|_| PrepError::NotUtf8)?;
    saslprep(text, purpose).map(|prepared| match prepared {
        Cow::Borrowed(text) => Secret::from(text),
        Cow::Owned(text) => Secret::from(text),
    })
}

/// RFC 4013 §2.3
fn prohibited(c: char) -> bool {
    tables::non_ascii_space_character(c)
        || tables::ascii_control_character(c)
        || tables::non_ascii_control_character(c)
        || tables::private_use(c)
        || tables::non_character_code_point(c)
        || tables::surrogate_code(c)
        || tables::inappropriate_for_plain_text(c)
        || tables::inappropriate_for_canonical_representation(c)
        || tables::change_display_properties_or_deprecated(c)
        || tables::tagging_character(c)
}

/// RFC 4013 §2.4: with characters that are written from right to left, all is, from the first character to the last.
fn one_direction(text: &str) -> bool {
    if !text.contains(tables::bidi_r_or_al) {
        return true;
    }
    let ends = text.starts_with(tables::bidi_r_or_al) && text.ends_with(tables::bidi_r_or_al);
    ends && !text.contains(tables::bidi_l)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> Result<String, PrepError> {
        saslprep(text, Purpose::Stored).map(Cow::into_owned)
    }

    /// RFC 4013 §3
    #[test]
    fn examples_of_the_rfc() {
        assert_eq!(stored("I\u{ad}X").as_deref(), Ok("IX"));
        assert_eq!(stored("user").as_deref(), Ok("user"));
        assert_eq!(stored("USER").as_deref(), Ok("USER"));
        assert_eq!(stored("\u{aa}").as_deref(), Ok("a"));
        assert_eq!(stored("\u{2168}").as_deref(), Ok("IX"));
        assert_eq!(stored("\u{7}"), Err(PrepError::Prohibited));
        assert_eq!(stored("\u{627}1"), Err(PrepError::Bidirectional));
    }

    #[test]
    fn what_is_stored_is_stricter() {
        let new = "p\u{1f600}";
        assert_eq!(saslprep(new, Purpose::Query).as_deref(), Ok(new));
        assert_eq!(stored(new), Err(PrepError::Unassigned));
    }

    #[test]
    fn nothing_is_left() {
        for text in ["", "\u{ad}", "\u{200b}\u{feff}"] {
            assert_eq!(stored(text), Err(PrepError::Empty), "{text:?}");
        }
    }

    #[test]
    fn spaces_become_spaces() {
        assert_eq!(stored("a\u{a0}b\u{3000}c").as_deref(), Ok("a b c"));
    }

    #[test]
    fn directions() {
        assert!(stored("\u{627}1\u{628}").is_ok());
        assert_eq!(stored("\u{627}a\u{628}"), Err(PrepError::Bidirectional));
    }

    #[test]
    fn every_control_character_is_refused() {
        for c in ('\0'..' ').chain(['\u{7f}']).chain('\u{80}'..='\u{9f}') {
            assert_eq!(stored(&format!("a{c}")), Err(PrepError::Prohibited), "{c:?}");
        }
    }
}
