//! What AUTH of SMTP and of POP3 have in common.

/// `sasl-mech = 1*20(UPPER-ALPHA / DIGIT / "-" / "_")` (RFC 4422), here in any case, as RFC 4954 and RFC 5034 compare it.
pub(crate) fn is_mechanism(name: &[u8]) -> bool {
    let is_char = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    matches!(name.len(), 1..=20) && name.iter().all(is_char)
}

/// `initial-response = base64 / "="` (RFC 4954)
pub(crate) fn is_initial_response(octets: &[u8]) -> bool {
    let is_char = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let digits = octets.strip_suffix(b"==").or_else(|| octets.strip_suffix(b"="));
    octets == b"="
        || (octets.len().is_multiple_of(4) && !octets.is_empty() && digits.unwrap_or(octets).iter().all(is_char))
}
