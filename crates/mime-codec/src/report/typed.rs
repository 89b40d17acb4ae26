//! Values that say what kind of value they are: `rfc822; bob@hamburger.edu` (RFC 3464 §2.1.2).

use std::borrow::Cow;
use std::fmt;

/// A value with its type: an address, the name of a host, a diagnostic code.
///
/// ```
/// # use mime_codec::report::Typed;
/// let address = Typed::address("bob@hamburger.edu");
/// assert_eq!(address.to_string(), "rfc822; bob@hamburger.edu");
/// let address = Typed::address("françois@crepes.fr");
/// assert_eq!(address.to_string(), r"utf-8; fran\x{E7}ois@crepes.fr");
/// assert_eq!(address.decoded(), "françois@crepes.fr");
/// assert_eq!(Typed::parse("dns;crepes.fr"), Typed::new("dns", "crepes.fr"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Typed {
    /// The type, as it is written: `rfc822`, `utf-8`, `dns`, `smtp`, …. Empty if it is missing.
    pub kind: String,
    /// The value, as it is written.
    pub value: String,
}

impl Typed {
    /// A value of a type.
    pub fn new(kind: &str, value: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.to_owned(),
        }
    }

    /// An address, of the type `rfc822` if it is ASCII, or else `utf-8`, spelled in ASCII (RFC 6533 §3).
    pub fn address(address: &str) -> Self {
        if address.is_ascii() {
            return Self::new("rfc822", address);
        }
        Self::new("utf-8", &to_unitext(address))
    }

    /// The name of a mail host.
    pub fn host(name: &str) -> Self {
        Self::new("dns", name)
    }

    /// Reads a value; what stands in front of the first semicolon is the type.
    pub fn parse(text: &str) -> Self {
        match text.split_once(';') {
            Some((kind, value)) => Self::new(kind.trim(), value.trim()),
            None => Self::new("", text.trim()),
        }
    }

    /// Whether it is of that type, in any case.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    /// The value as people read it: of type `utf-8` without the spelling in ASCII (RFC 6533 §3).
    pub fn decoded(&self) -> Cow<'_, str> {
        if !self.is("utf-8") || !self.value.contains("\\x{") {
            return Cow::Borrowed(&self.value);
        }
        from_unitext(&self.value)
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.kind, self.value)
    }
}

/// ```text
/// utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)     ; RFC 6533 §3
/// QCHAR               = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e
/// EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
/// ```
fn to_unitext(address: &str) -> String {
    let mut text = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '\x21'..='\x2a' | '\x2c'..='\x3c' | '\x3e'..='\x5b' | '\x5d'..='\x7e' => text.push(c),
            c => text.push_str(&format!("\\x{{{:02X}}}", u32::from(c))),
        }
    }
    text
}

/// Octets that are no such spelling stay.
fn from_unitext(text: &str) -> Cow<'_, str> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x{") {
        let (before, spelled) = (&rest[..at], &rest[at + 3..]);
        decoded.push_str(before);
        let end = spelled.find('}').filter(|&end| (2..=6).contains(&end));
        let point = end.and_then(|end| u32::from_str_radix(&spelled[..end], 16).ok());
        match (end, point.and_then(char::from_u32).filter(|c| !c.is_control())) {
            (Some(end), Some(c)) => {
                decoded.push(c);
                rest = &spelled[end + 1..];
            }
            _ => {
                decoded.push_str("\\x{");
                rest = spelled;
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}
