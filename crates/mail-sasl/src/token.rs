//! Bearer tokens.

use thiserror::Error;

use mail_wire::Secret;

/// Not what stands behind `Bearer` in HTTP: letters, digits and `-._~+/`, then equals signs (RFC 7628 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a bearer token")]
pub struct InvalidToken;

/// ```abnf
/// b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
/// ```
pub(crate) fn check(token: &[u8]) -> Result<(), InvalidToken> {
    let end = token.iter().rposition(|&octet| octet != b'=').ok_or(InvalidToken)?;
    let legal = token[..=end].iter().all(|&octet| is_token(octet));
    if legal { Ok(()) } else { Err(InvalidToken) }
}

/// The token of an `Authorization` header field: `Bearer`, in any case, a space, a token.
pub(crate) fn of_authorization(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let bearer = scheme.eq_ignore_ascii_case("Bearer") && check(token.as_bytes()).is_ok();
    bearer.then(|| Secret::from(token))
}

const fn is_token(octet: u8) -> bool {
    matches!(octet, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet() {
        for octet in 0..=255u8 {
            let expected = octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet);
            assert_eq!(check(&[octet]).is_ok(), expected, "{octet}");
            assert_eq!(check(&[b'a', octet]).is_ok(), expected || octet == b'=', "{octet}");
        }
        assert!(check(b"").is_err() && check(b"==").is_err() && check(b"a=b").is_err() && check(b"a==").is_ok());
    }
}
