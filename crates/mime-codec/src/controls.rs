//! Control characters in decoded text.

use std::borrow::Cow;

/// Decoded text without CR, LF and NUL, and whether it had any: line ends become spaces, NUL becomes U+FFFD, so that
/// decoded text which is put into a header, a file name or a C string means what it shows.
pub(crate) fn harmless(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    if memchr::memchr3(b'\r', b'\n', 0, text.as_bytes()).is_none() {
        return (text, false);
    }
    let clean = |c: char| match c {
        '\r' | '\n' => ' ',
        '\0' => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    (Cow::Owned(text.chars().map(clean).collect()), true)
}
