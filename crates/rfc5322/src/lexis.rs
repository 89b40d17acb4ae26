//! What the tolerant parsers agree on: where a comment and a quoted string end, and what they mean.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use mail_wire::octets::is_wsp;

/// White space of folded values, line ends included.
pub(crate) const fn is_space(octet: u8) -> bool {
    is_wsp(octet) || matches!(octet, b'\r' | b'\n')
}

/// The end of the comment that opens at `start`, and whether it is closed; one that is not ends with the input.
///
/// ```text
/// comment  = "(" *([FWS] ccontent) [FWS] ")"   ; RFC 5322 §3.2.2
/// ccontent = ctext / quoted-pair / comment
/// ```
pub(crate) fn pass_comment(input: &[u8], start: usize) -> (usize, bool) {
    let mut depth = 0usize;
    let mut position = start;
    while let Some(&octet) = input.get(position) {
        position += 1;
        match octet {
            b'(' => depth += 1,
            b')' if depth == 1 => return (position, true),
            b')' => depth -= 1,
            b'\\' => position += 1,
            _ => {}
        }
    }
    (input.len(), false)
}

/// The end of the quoted string that opens at `start`, and whether it is closed; one that is not ends with the input.
///
/// ```text
/// quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]  ; RFC 5322 §3.2.4
/// qcontent      = qtext / quoted-pair
/// ```
pub(crate) fn pass_quoted(input: &[u8], start: usize) -> (usize, bool) {
    let mut position = start + 1;
    while let Some(&octet) = input.get(position) {
        position += 1;
        match octet {
            b'"' => return (position, true),
            b'\\' => position += 1,
            _ => {}
        }
    }
    (input.len(), false)
}

/// Takes away what is not part of the meaning of a quoted string or comment: the backslashes of quoted pairs and the
/// line ends of folds (RFC 5322 §3.2.1, §3.2.2).
pub(crate) fn remove_quoting(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.iter().any(|octet| matches!(octet, b'\\' | b'\n')) {
        return Cow::Borrowed(raw);
    }
    let mut meant = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = match (octet, behind) {
            (b'\\', [quoted, behind @ ..]) => {
                meant.push(*quoted);
                behind
            }
            (b'\r', [b'\n', next, ..]) if is_wsp(*next) => &behind[1..],
            (b'\n', [next, ..]) if is_wsp(*next) => behind,
            _ => {
                meant.push(octet);
                behind
            }
        };
    }
    Cow::Owned(meant)
}
