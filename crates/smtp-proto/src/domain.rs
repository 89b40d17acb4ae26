//! Domains and address literals (RFC 5321 §4.1.2, §4.1.3).

use alloc::boxed::Box;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use mail_wire::octets::{is_digit, is_dtext, is_let_dig, is_utf8_non_ascii};

use crate::scan::{self, Charset, Scanned};
use crate::{Expected, SyntaxError};

/// A domain name: labels of letters, digits and inner hyphens, at most 255 octets (RFC 5321 §4.5.3.1.2), each label at
/// most 63. Compared without regard to case; kept as it was written.
///
/// ```
/// # use smtp_proto::Domain;
/// let domain: Domain = "Example.ORG".parse().unwrap();
/// assert_eq!(domain, "example.org".parse().unwrap());
/// assert!("under_score.example".parse::<Domain>().is_err());
/// ```
#[derive(Clone)]
pub struct Domain(Box<str>);

impl Domain {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name with U-labels, from a mailbox that came under SMTPUTF8.
    pub(crate) fn scanned(text: &str) -> Self {
        Self(text.into())
    }
}

impl FromStr for Domain {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        scan::end(text.as_bytes(), domain(text.as_bytes(), 0)?)?;
        Ok(Self(text.into()))
    }
}

impl PartialEq for Domain {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Domain {}

impl core::hash::Hash for Domain {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        hash_ignoring_case(&self.0, state);
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// An address in brackets, for hosts that have no name (RFC 5321 §4.1.3).
///
/// ```
/// # use smtp_proto::AddressLiteral;
/// let literal: AddressLiteral = "[IPv6:2001:db8::1]".parse().unwrap();
/// assert_eq!(literal, AddressLiteral::Ipv6("2001:db8::1".parse().unwrap()));
/// assert_eq!(literal.to_string(), "[IPv6:2001:db8::1]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressLiteral {
    /// `[192.0.2.1]`
    Ipv4(Ipv4Addr),
    /// `[IPv6:2001:db8::1]`
    Ipv6(Ipv6Addr),
    /// Any other `[tag:content]`; no tag but `IPv6` is registered today.
    General(GeneralLiteral),
}

/// The tag and content of an address literal of a kind that this crate does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GeneralLiteral {
    text: Box<str>,
    colon: u8,
}

impl GeneralLiteral {
    /// What stands in front of the colon.
    pub fn tag(&self) -> &str {
        &self.text[..usize::from(self.colon)]
    }

    /// What stands behind the colon.
    pub fn content(&self) -> &str {
        &self.text[usize::from(self.colon) + 1..]
    }
}

impl FromStr for AddressLiteral {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        scan::end(text.as_bytes(), address_literal(text.as_bytes(), 0)?)?;
        let inner = &text[1..text.len() - 1];
        let expected = Expected::AddressLiteral;
        parse_literal(inner).ok_or(SyntaxError { offset: 1, expected })
    }
}

impl fmt::Display for AddressLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(address) => write!(f, "[{address}]"),
            Self::Ipv6(address) => write!(f, "[IPv6:{}]", Wire(address)),
            Self::General(general) => write!(f, "[{}]", general.text),
        }
    }
}

/// The IPv6 address as RFC 5321 §4.1.3 wants it: there `::` stands for at least two groups, in `core`'s text for two at
/// least as well, but `core` writes mapped addresses in a mixed form that has a group too many.
struct Wire<'a>(&'a Ipv6Addr);

impl fmt::Display for Wire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.to_ipv4_mapped().is_none() {
            return write!(f, "{}", self.0);
        }
        let [a, b, c, d, e, g, h, i] = self.0.segments();
        write!(f, "{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{g:x}:{h:x}:{i:x}")
    }
}

/// `Domain / address-literal`: how a host names itself, and what stands behind the `@` of a mailbox.
///
/// ```
/// # use smtp_proto::Host;
/// assert_eq!("[192.0.2.1]".parse::<Host>().unwrap(), Host::from(std::net::Ipv4Addr::new(192, 0, 2, 1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name.
    Domain(Domain),
    /// An address.
    Literal(AddressLiteral),
}

impl FromStr for Host {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        if text.starts_with('[') {
            return text.parse().map(Self::Literal);
        }
        text.parse().map(Self::Domain)
    }
}

impl From<Domain> for Host {
    fn from(domain: Domain) -> Self {
        Self::Domain(domain)
    }
}

impl From<Ipv4Addr> for Host {
    fn from(address: Ipv4Addr) -> Self {
        Self::Literal(AddressLiteral::Ipv4(address))
    }
}

impl From<Ipv6Addr> for Host {
    fn from(address: Ipv6Addr) -> Self {
        Self::Literal(AddressLiteral::Ipv6(address))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => domain.fmt(f),
            Self::Literal(literal) => literal.fmt(f),
        }
    }
}

/// ```text
/// Domain     = sub-domain *("." sub-domain)
/// sub-domain = Let-dig [Ldh-str]
/// Let-dig    = ALPHA / DIGIT
/// Ldh-str    = *( ALPHA / DIGIT / "-" ) Let-dig      (RFC 5321 §4.1.2)
/// ```
pub(crate) fn domain(line: &[u8], start: usize) -> Scanned {
    domain_in(line, start, Charset::Ascii)
}

/// `sub-domain =/ U-label` (RFC 6531 §3.3), by its octets alone: what IDNA allows is the resolver's to say.
pub(crate) fn domain_in(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let mut at = sub_domain(line, start, charset)?;
    while line.get(at) == Some(&b'.') {
        at = sub_domain(line, at + 1, charset)?;
    }
    if at - start > MAX_DOMAIN {
        return Err(SyntaxError::too_long(start, MAX_DOMAIN));
    }
    Ok(at)
}

fn sub_domain(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let international = charset == Charset::Utf8;
    let end = scan::run(line, start, |octet| {
        is_let_dig(octet) || octet == b'-' || (international && is_utf8_non_ascii(octet))
    });
    let error = |offset, expected| Err(SyntaxError { offset, expected });
    match line.get(start..end) {
        Some([] | [b'-', ..]) | None => error(start, Expected::Domain),
        Some([.., b'-']) => error(end - 1, Expected::Domain),
        // A U-label's length counts in its A-label form (RFC 5890).
        Some(label) if label.len() > MAX_LABEL && label.is_ascii() => Err(SyntaxError::too_long(start, MAX_LABEL)),
        Some(_) => Ok(end),
    }
}

/// ```text
/// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
/// ```
pub(crate) fn address_literal(line: &[u8], start: usize) -> Scanned {
    let inner = scan::octet(line, start, b'[', Expected::AddressLiteral)?;
    let end = scan::run(line, inner, is_dtext);
    let text = scan::ascii(&line[inner..end])?;
    if parse_literal(text).is_none() {
        let expected = Expected::AddressLiteral;
        return Err(SyntaxError {
            offset: inner,
            expected,
        });
    }
    let behind = scan::octet(line, end, b']', Expected::Octet(b']'))?;
    if behind - start > MAX_DOMAIN {
        return Err(SyntaxError::too_long(start, MAX_DOMAIN));
    }
    Ok(behind)
}

/// `Domain / address-literal`
pub(crate) fn host(line: &[u8], at: usize) -> Scanned {
    host_in(line, at, Charset::Ascii)
}

pub(crate) fn host_in(line: &[u8], at: usize, charset: Charset) -> Scanned {
    match line.get(at) {
        Some(b'[') => address_literal(line, at),
        _ => domain_in(line, at, charset),
    }
}

/// ```text
/// IPv6-address-literal    = "IPv6:" IPv6-addr
/// General-address-literal = Standardized-tag ":" 1*dcontent
/// Standardized-tag        = Ldh-str
/// ```
fn parse_literal(inner: &str) -> Option<AddressLiteral> {
    let Some((tag, content)) = inner.split_once(':') else {
        return ipv4(inner).map(AddressLiteral::Ipv4);
    };
    if tag.eq_ignore_ascii_case("IPv6") {
        return ipv6(content).map(AddressLiteral::Ipv6);
    }
    let ldh = tag.bytes().all(|octet| is_let_dig(octet) || octet == b'-') && !tag.is_empty() && !tag.ends_with('-');
    let colon = u8::try_from(tag.len()).ok().filter(|_| ldh)?;
    let content = !content.is_empty() && content.bytes().all(is_dtext);
    content.then(|| {
        AddressLiteral::General(GeneralLiteral {
            text: inner.into(),
            colon,
        })
    })
}

/// ```text
/// IPv4-address-literal = Snum 3("."  Snum)
/// Snum                 = 1*3DIGIT     ; 0 through 255
/// ```
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut numbers = text.split('.');
    for octet in &mut octets {
        let number = numbers.next()?;
        let well_formed = matches!(number.len(), 1..=3) && number.bytes().all(is_digit);
        *octet = number.parse().ok().filter(|_| well_formed)?;
    }
    numbers.next().is_none().then(|| octets.into())
}

/// ```text
/// IPv6-addr   = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
/// IPv6-hex    = 1*4HEXDIG
/// IPv6-full   = IPv6-hex 7(":" IPv6-hex)
/// IPv6-comp   = [IPv6-hex *5(":" IPv6-hex)] "::" [IPv6-hex *5(":" IPv6-hex)]
///               ; no more than 6 groups in addition to the "::"
/// IPv6v4-full = IPv6-hex 5(":" IPv6-hex) ":" IPv4-address-literal
/// IPv6v4-comp = [IPv6-hex *3(":" IPv6-hex)] "::" [IPv6-hex *3(":" IPv6-hex) ":"] IPv4-address-literal
///               ; no more than 4 groups in addition to the "::" and the IPv4-address-literal
/// ```
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let mut groups = [0; 8];
    let Some((left, right)) = text.split_once("::") else {
        let count = hex_groups(text, &mut groups, Tail::MayBeIpv4)?;
        return (count == 8).then(|| groups.into());
    };
    let before = hex_groups(left, &mut groups, Tail::IsHex)?;
    let mut behind = [0; 8];
    let count = hex_groups(right, &mut behind, Tail::MayBeIpv4)?;
    if before + count > 6 {
        return None;
    }
    groups[8 - count..].copy_from_slice(&behind[..count]);
    Some(groups.into())
}

/// Whether a run of groups may end with an IPv4 address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    IsHex,
    MayBeIpv4,
}

/// Fills `groups` from `IPv6-hex *(":" IPv6-hex)` and returns how many there were.
fn hex_groups(text: &str, groups: &mut [u16; 8], tail: Tail) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    let mut count = 0;
    let mut words = text.split(':').peekable();
    while let Some(word) = words.next() {
        if tail == Tail::MayBeIpv4 && words.peek().is_none() && word.contains('.') {
            let [a, b, c, d] = ipv4(word)?.octets();
            let pair = groups.get_mut(count..count + 2)?;
            pair.copy_from_slice(&[u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            return Some(count + 2);
        }
        let well_formed = matches!(word.len(), 1..=4) && word.bytes().all(|octet| octet.is_ascii_hexdigit());
        let group = u16::from_str_radix(word, 16).ok().filter(|_| well_formed)?;
        *groups.get_mut(count)? = group;
        count += 1;
    }
    Some(count)
}

/// Hashes what `eq_ignore_ascii_case` calls equal to the same value.
pub(crate) fn hash_ignoring_case<H: core::hash::Hasher>(text: &str, state: &mut H) {
    text.bytes()
        .for_each(|octet| state.write_u8(octet.to_ascii_lowercase()));
    state.write_u8(0xff);
}

/// RFC 5321 §4.5.3.1.2
const MAX_DOMAIN: usize = 255;
/// RFC 1035 §2.3.4, which RFC 5321 §2.3.5 refers to.
const MAX_LABEL: usize = 63;
