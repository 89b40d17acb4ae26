//! `addr-spec` (RFC 5322 §3.4.1) and `Mailbox` (RFC 5321 §4.1.2), accepted or refused, never repaired.

use alloc::borrow::Cow;
use core::net::Ipv6Addr;

use mail_wire::octets::{is_alpha, is_atext, is_ctext, is_digit, is_dtext, is_let_dig, is_wsp};

use crate::addr_spec::quoted_string;
use crate::address::{domain_meant, local_part};
use crate::cursor::Cursor;
use crate::{Expected, SyntaxError};

/// An address that follows one of the two grammars to the letter: what a form that takes addresses should ask for.
///
/// ```
/// # use rfc5322::CheckedAddress;
/// let address = CheckedAddress::parse(b"bob (the cook) @ hamburger . edu")?;
/// assert_eq!((&*address.local_part(), &*address.domain()), (&b"bob"[..], &b"hamburger.edu"[..]));
///
/// let error = CheckedAddress::parse_smtp(b"bob @hamburger.edu").unwrap_err();
/// assert_eq!(error.to_string(), "expected \"@\" at offset 3");
/// assert!(CheckedAddress::parse_smtp(b"bob@[IPv6:2001:db8::7]").is_ok());
/// assert!(CheckedAddress::parse_smtp(b"bob@[192.0.2.300]").is_err());
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedAddress<'a> {
    local_part: &'a [u8],
    domain: &'a [u8],
}

impl<'a> CheckedAddress<'a> {
    /// The most octets of a local part in SMTP, quotes included (RFC 5321 §4.5.3.1.1): 64.
    pub const MAX_LOCAL_PART: usize = 64;

    /// The most octets of a domain in SMTP (RFC 5321 §4.5.3.1.2): 255.
    pub const MAX_DOMAIN: usize = 255;

    /// The most octets of a whole address in SMTP: 254, what a path of 256 octets (RFC 5321 §4.5.3.1.3) holds between its
    /// angle brackets.
    pub const MAX: usize = 254;

    /// Parses an `addr-spec` with the comments, the white space and the obsolete forms that RFC 5322 lets it have, and
    /// the UTF-8 of RFC 6532. Labels neither begin nor end with a hyphen, since RFC 5322 §3.4.1 makes them those of
    /// Internet domain names. No limit of length. Linear.
    ///
    /// ```text
    /// addr-spec      = local-part "@" domain                            ; RFC 5322 §3.4.1
    /// local-part     = dot-atom / quoted-string / obs-local-part
    /// domain         = dot-atom / domain-literal / obs-domain
    /// obs-local-part = word *("." word)                                 ; RFC 5322 §4.4
    /// obs-domain     = atom *("." atom)
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there.
    pub fn parse(input: &'a [u8]) -> Result<Self, SyntaxError> {
        if let Err(error) = core::str::from_utf8(input) {
            return Err(SyntaxError {
                offset: error.valid_up_to(),
                expected: Expected::Atom,
            });
        }
        let mut cursor = Cursor::new(input);
        loop {
            cfws(&mut cursor)?;
            match cursor.peek() {
                Some(b'"') => obsolete_quoted_string(&mut cursor)?,
                _ => atom(&mut cursor, Expected::LocalPart)?,
            }
            cfws(&mut cursor)?;
            if !cursor.eat(b'.') {
                break;
            }
        }
        let local_part = cursor.since(0);
        cursor.require(b'@', Expected::At)?;
        let at = cursor.position();
        cfws(&mut cursor)?;
        let start = cursor.position();
        if cursor.peek() == Some(b'[') {
            obsolete_literal(&mut cursor)?;
        } else {
            obsolete_domain(&mut cursor)?;
        }
        let domain = cursor.since(start.max(at));
        cfws(&mut cursor)?;
        cursor.require_end()?;
        Ok(Self { local_part, domain })
    }

    /// Parses a `Mailbox` as RFC 5321 has it: ASCII, without comments and white space, within its limits of length, with
    /// an address literal that is an address. Linear.
    ///
    /// ```text
    /// Mailbox    = Local-part "@" ( Domain / address-literal )     ; RFC 5321 §4.1.2
    /// Local-part = Dot-string / Quoted-string
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there, or where what is too long begins.
    pub fn parse_smtp(input: &'a [u8]) -> Result<Self, SyntaxError> {
        let mut cursor = Cursor::new(input);
        if cursor.peek() == Some(b'"') {
            quoted_string(&mut cursor)?;
        } else {
            cursor.dot_atom_text(Expected::LocalPart)?;
        }
        let local_part = cursor.since(0);
        at_most(local_part, 0, Self::MAX_LOCAL_PART)?;
        cursor.require(b'@', Expected::At)?;
        let start = cursor.position();
        if cursor.peek() == Some(b'[') {
            address_literal(&mut cursor)?;
        } else {
            sub_domains(&mut cursor)?;
        }
        cursor.require_end()?;
        let domain = cursor.since(start);
        at_most(domain, start, Self::MAX_DOMAIN)?;
        at_most(input, 0, Self::MAX)?;
        Ok(Self { local_part, domain })
    }

    /// The part before the `@`, without comments, white space and needless quotes.
    pub fn local_part(&self) -> Cow<'a, [u8]> {
        local_part(self.local_part)
    }

    /// The part behind the `@`, without comments and white space; a literal in its brackets.
    pub fn domain(&self) -> Cow<'a, [u8]> {
        domain_meant(self.domain)
    }
}

fn at_most(part: &[u8], offset: usize, limit: usize) -> Result<(), SyntaxError> {
    if part.len() <= limit {
        return Ok(());
    }
    let expected = Expected::AtMost(limit);
    Err(SyntaxError { offset, expected })
}

/// ```text
/// FWS     = ([*WSP CRLF] 1*WSP) / obs-FWS      ; RFC 5322 §3.2.2
/// obs-FWS = 1*([CRLF] WSP)                     ; RFC 5322 §4.2, erratum 1908
/// ```
fn fws(cursor: &mut Cursor<'_>) {
    loop {
        cursor.take_while(is_wsp);
        match cursor.rest() {
            [b'\r', b'\n', next, ..] if is_wsp(*next) => {
                cursor.bump();
                cursor.bump();
            }
            _ => return,
        }
    }
}

/// ```text
/// comment   = "(" *([FWS] ccontent) [FWS] ")"         ; RFC 5322 §3.2.2
/// obs-ctext = obs-NO-WS-CTL                           ; RFC 5322 §4.1
/// ```
fn cfws(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    let mut depth = 0usize;
    loop {
        fws(cursor);
        match cursor.peek() {
            Some(b'(') => depth += 1,
            _ if depth == 0 => return Ok(()),
            Some(b')') => depth -= 1,
            Some(b'\\') => {
                quoted_pair(cursor, Expected::ClosingParenthesis)?;
                continue;
            }
            Some(octet) if is_ctext(octet) || octet >= 0x80 || is_obsolete_control(octet) => {}
            _ => return Err(cursor.expected(Expected::ClosingParenthesis)),
        }
        cursor.bump();
    }
}

/// ```text
/// quoted-pair = ("\" (VCHAR / WSP)) / obs-qp                         ; RFC 5322 §3.2.1
/// obs-qp      = "\" (%d0 / obs-NO-WS-CTL / LF / CR)                  ; RFC 5322 §4.1
/// ```
fn quoted_pair(cursor: &mut Cursor<'_>, expected: Expected) -> Result<(), SyntaxError> {
    cursor.bump();
    if cursor.peek().is_none() {
        return Err(cursor.expected(expected));
    }
    cursor.bump();
    Ok(())
}

/// `obs-NO-WS-CTL = %d1-8 / %d11 / %d12 / %d14-31 / %d127` (RFC 5322 §4.1)
const fn is_obsolete_control(octet: u8) -> bool {
    matches!(octet, 1..=8 | 11 | 12 | 14..=31 | 127)
}

fn atom(cursor: &mut Cursor<'_>, expected: Expected) -> Result<(), SyntaxError> {
    let atom = cursor.take_while(|octet| is_atext(octet) || octet >= 0x80);
    if atom.is_empty() {
        return Err(cursor.expected(expected));
    }
    Ok(())
}

/// ```text
/// qtext     = %d33 / %d35-91 / %d93-126 / obs-qtext    ; RFC 5322 §3.2.4
/// obs-qtext = obs-NO-WS-CTL                            ; RFC 5322 §4.1
/// ```
fn obsolete_quoted_string(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    cursor.bump();
    loop {
        fws(cursor);
        match cursor.peek() {
            Some(b'"') => {
                cursor.bump();
                return Ok(());
            }
            Some(b'\\') => quoted_pair(cursor, Expected::ClosingQuote)?,
            Some(octet) if octet > b' ' || is_obsolete_control(octet) => cursor.bump(),
            _ => return Err(cursor.expected(Expected::ClosingQuote)),
        }
    }
}

fn obsolete_domain(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    loop {
        cfws(cursor)?;
        let start = cursor.position();
        atom(cursor, Expected::Domain)?;
        check_hyphens(cursor.since(start), start)?;
        let end = cursor.clone();
        cfws(cursor)?;
        if !cursor.eat(b'.') {
            *cursor = end;
            return Ok(());
        }
    }
}

fn check_hyphens(label: &[u8], start: usize) -> Result<(), SyntaxError> {
    let offset = match label {
        [b'-', ..] => start,
        [.., b'-'] => start + label.len() - 1,
        _ => return Ok(()),
    };
    let expected = Expected::Domain;
    Err(SyntaxError { offset, expected })
}

/// ```text
/// domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]     ; RFC 5322 §3.4.1
/// obs-dtext      = obs-NO-WS-CTL / quoted-pair                    ; RFC 5322 §4.4
/// ```
fn obsolete_literal(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    cursor.bump();
    loop {
        fws(cursor);
        match cursor.peek() {
            Some(b'\\') => quoted_pair(cursor, Expected::ClosingBracket)?,
            Some(octet) if is_dtext(octet) || octet >= 0x80 || is_obsolete_control(octet) => cursor.bump(),
            _ => return cursor.require(b']', Expected::ClosingBracket),
        }
    }
}

/// ```text
/// Domain     = sub-domain *("." sub-domain)     ; RFC 5321 §4.1.2
/// sub-domain = Let-dig [Ldh-str]
/// Ldh-str    = *( ALPHA / DIGIT / "-" ) Let-dig
/// ```
///
/// A label has at most 63 octets (RFC 1035 §2.3.4).
fn sub_domains(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    loop {
        let start = cursor.position();
        let label = cursor.take_while(|octet| is_let_dig(octet) || octet == b'-');
        if label.is_empty() {
            return Err(cursor.expected(Expected::Domain));
        }
        check_hyphens(label, start)?;
        at_most(label, start, 63)?;
        if !cursor.eat(b'.') {
            return Ok(());
        }
    }
}

/// ```text
/// address-literal         = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
/// IPv6-address-literal    = "IPv6:" IPv6-addr                   ; RFC 5321 §4.1.3
/// General-address-literal = Standardized-tag ":" 1*dcontent
/// Standardized-tag        = Ldh-str
/// ```
fn address_literal(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    cursor.bump();
    let error = cursor.expected(Expected::Domain);
    let text = cursor.take_while(is_dtext);
    cursor.require(b']', Expected::ClosingBracket)?;
    let is_address = match text.iter().position(|&octet| octet == b':') {
        None => is_ipv4_address(text),
        Some(colon) => match (&text[..colon], &text[colon + 1..]) {
            (tag, address) if tag.eq_ignore_ascii_case(b"IPv6") => is_ipv6_address(address),
            (tag, content) => is_ldh_str(tag) && !content.is_empty(),
        },
    };
    if is_address { Ok(()) } else { Err(error) }
}

/// ```text
/// IPv4-address-literal = Snum 3("."  Snum)      ; RFC 5321 §4.1.3
/// Snum                 = 1*3DIGIT               ; 0 to 255
/// ```
fn is_ipv4_address(text: &[u8]) -> bool {
    let is_snum = |digits: &[u8]| {
        matches!(digits.len(), 1..=3)
            && digits.iter().copied().all(is_digit)
            && digits
                .iter()
                .fold(0, |value, digit| value * 10 + u16::from(digit - b'0'))
                < 256
    };
    text.split(|&octet| octet == b'.').count() == 4 && text.split(|&octet| octet == b'.').all(is_snum)
}

/// RFC 5321 §4.1.3 leaves the format to RFC 4291, whose `::` may stand for a single group.
fn is_ipv6_address(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn is_ldh_str(text: &[u8]) -> bool {
    let is_ldh = |octet: &u8| is_alpha(*octet) || is_digit(*octet) || *octet == b'-';
    text.iter().all(is_ldh) && text.last().copied().is_some_and(is_let_dig)
}
