//! Byte classes that RFC 5321 and RFC 5322 share, each a `const fn` under its ABNF.
//!
//! A class answers for one octet and for ASCII alone; what SMTPUTF8 and RFC 6532 add (octets of 128 and above) is asked
//! for by name with [`is_utf8_non_ascii`].

/// `ALPHA = %x41-5A / %x61-7A` (RFC 5234 §B.1)
pub const fn is_alpha(octet: u8) -> bool {
    octet.is_ascii_alphabetic()
}

/// `DIGIT = %x30-39` (RFC 5234 §B.1)
pub const fn is_digit(octet: u8) -> bool {
    octet.is_ascii_digit()
}

/// `Let-dig = ALPHA / DIGIT` (RFC 5321 §4.1.2)
pub const fn is_let_dig(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
}

/// `VCHAR = %x21-7E` (RFC 5234 §B.1)
pub const fn is_vchar(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7e)
}

/// `WSP = SP / HTAB` (RFC 5234 §B.1)
pub const fn is_wsp(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// `ftext = %d33-57 / %d59-126`, a header field's name (RFC 5322 §3.6.8)
pub const fn is_ftext(octet: u8) -> bool {
    matches!(octet, 33..=57 | 59..=126)
}

/// `atext`, printable US-ASCII without the specials (RFC 5322 §3.2.3)
///
/// ```text
/// atext = ALPHA / DIGIT / "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" /
///         "/" / "=" / "?" / "^" / "_" / "`" / "{" / "|" / "}" / "~"
/// ```
pub const fn is_atext(octet: u8) -> bool {
    ATEXT[octet as usize]
}

/// `qtextSMTP = %d32-33 / %d35-91 / %d93-126` (RFC 5321 §4.1.2); RFC 5322's `qtext` is this without the space.
pub const fn is_qtext_smtp(octet: u8) -> bool {
    matches!(octet, 32..=33 | 35..=91 | 93..=126)
}

/// What may stand behind the backslash: `quoted-pairSMTP = %d92 %d32-126` (RFC 5321 §4.1.2)
pub const fn is_quoted_pair_smtp(octet: u8) -> bool {
    matches!(octet, 32..=126)
}

/// `ctext = %d33-39 / %d42-91 / %d93-126`, the text of comments (RFC 5322 §3.2.2)
pub const fn is_ctext(octet: u8) -> bool {
    matches!(octet, 33..=39 | 42..=91 | 93..=126)
}

/// `dtext = %d33-90 / %d94-126`, the text of domain literals (RFC 5322 §3.4.1; `dcontent` in RFC 5321 §4.1.3)
pub const fn is_dtext(octet: u8) -> bool {
    matches!(octet, 33..=90 | 94..=126)
}

/// An octet of a UTF-8 sequence of two or more octets (`UTF8-non-ascii`, RFC 6532 §3.1). Whether the sequence is well
/// formed is `core::str::from_utf8`'s to say.
pub const fn is_utf8_non_ascii(octet: u8) -> bool {
    octet >= 0x80
}

/// A control character: C0 and DEL. What a terminal may act upon.
pub const fn is_control(octet: u8) -> bool {
    octet.is_ascii_control()
}

/// Looked up for each octet of each atom.
const ATEXT: [bool; 256] = {
    let mut classes = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        let is_mark = matches!(
            octet as u8,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        );
        classes[octet] = is_mark || is_let_dig(octet as u8);
        octet += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The class as the RFC's own list of code points, against the function, on all 256 values.
    fn pin(class: fn(u8) -> bool, members: impl Fn(u32) -> bool) {
        for octet in 0..=255u8 {
            assert_eq!(class(octet), members(u32::from(octet)), "{octet:#04x}");
        }
    }

    #[test]
    fn classes_are_the_rfcs_lists() {
        let upper = |d| (0x41..=0x5a).contains(&d);
        let lower = |d| (0x61..=0x7a).contains(&d);
        let digit = |d| (0x30..=0x39).contains(&d);
        pin(is_alpha, |d| upper(d) || lower(d));
        pin(is_digit, digit);
        pin(is_let_dig, |d| upper(d) || lower(d) || digit(d));
        pin(is_vchar, |d| (0x21..=0x7e).contains(&d));
        pin(is_wsp, |d| d == 0x20 || d == 0x09);
        pin(is_ftext, |d| (33..=57).contains(&d) || (59..=126).contains(&d));
        pin(is_qtext_smtp, |d| (32..=126).contains(&d) && d != 34 && d != 92);
        pin(is_quoted_pair_smtp, |d| (32..=126).contains(&d));
        pin(is_ctext, |d| (33..=126).contains(&d) && ![40, 41, 92].contains(&d));
        pin(is_dtext, |d| (33..=126).contains(&d) && ![91, 92, 93].contains(&d));
        pin(is_utf8_non_ascii, |d| d > 127);
        pin(is_control, |d| d < 32 || d == 127);
    }

    /// RFC 5322 §3.2.3 calls atext everything printable but the specials, which are listed one by one.
    #[test]
    fn atext_is_vchar_without_specials() {
        pin(is_atext, |d| {
            (0x21..=0x7e).contains(&d) && !b"()<>[]:;@\\,.\"".contains(&(d as u8))
        });
    }
}
