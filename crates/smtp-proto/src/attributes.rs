//! What a proxy says of the client behind it: XCLIENT and XFORWARD (Postfix's XCLIENT_README and XFORWARD_README).

use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::parameter::{self, ParameterList, Parameters};
use crate::scan;
use crate::xtext;
use crate::{Expected, SyntaxError, Verb};

/// The attributes of XCLIENT or XFORWARD in their order.
///
/// ```
/// # use smtp_proto::{AttributeValue, Attributes, Command};
/// let Ok(Command::XClient(client)) = Command::parse(b"XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.7 HELO=a+2Bb") else { panic!() };
/// assert_eq!(client.value("NAME"), Some(AttributeValue::Unavailable));
/// assert_eq!(client.address(), Some("192.0.2.7".parse().unwrap()));
/// assert_eq!(client.value("helo"), Some(AttributeValue::Known("a+b".into())));
///
/// let mut attributes = Attributes::new();
/// attributes.push_address("2001:db8::7".parse().unwrap());
/// attributes.push("LOGIN", "bob smith").unwrap();
/// assert_eq!(attributes.to_string(), "ADDR=IPV6:2001:db8::7 LOGIN=bob+20smith");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(ParameterList);

/// An attribute's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// A value, decoded.
    Known(String),
    /// `[UNAVAILABLE]`: there is none.
    Unavailable,
    /// `[TEMPUNAVAIL]`: it could not be found out just now.
    TemporarilyUnavailable,
}

impl Attributes {
    /// None.
    pub const fn new() -> Self {
        Self(ParameterList::new())
    }

    /// The value of the first attribute of this name, in any case.
    pub fn value(&self, name: &str) -> Option<AttributeValue> {
        let value = self.0.iter().value(name)?;
        Some(match value {
            _ if value.eq_ignore_ascii_case(UNAVAILABLE) => AttributeValue::Unavailable,
            _ if value.eq_ignore_ascii_case(TEMPORARILY) => AttributeValue::TemporarilyUnavailable,
            _ => AttributeValue::Known(xtext::decode_text(value).ok()?),
        })
    }

    /// `ADDR`: the client's address, when it is known and one.
    pub fn address(&self) -> Option<IpAddr> {
        let AttributeValue::Known(text) = self.value("ADDR")? else {
            return None;
        };
        match text.split_at_checked(IPV6.len()) {
            Some((tag, address)) if tag.eq_ignore_ascii_case(IPV6) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        }
    }

    /// `PORT`: the client's port.
    pub fn port(&self) -> Option<u16> {
        match self.value("PORT")? {
            AttributeValue::Known(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|attribute| attribute.keyword)
    }

    /// Names and values as they are on the wire.
    pub fn iter(&self) -> Parameters<'_> {
        self.0.iter()
    }

    /// Appends an attribute; an empty value is `[UNAVAILABLE]`.
    ///
    /// # Errors
    ///
    /// A name that is none.
    pub fn push(&mut self, name: &str, value: &str) -> Result<&mut Self, SyntaxError> {
        let encoded = match value {
            "" => String::from(UNAVAILABLE),
            _ => xtext::encode(value.as_bytes()),
        };
        self.0.push(name, Some(&encoded))?;
        Ok(self)
    }

    /// Appends `ADDR`.
    pub fn push_address(&mut self, address: IpAddr) -> &mut Self {
        let text = match address {
            IpAddr::V4(address) => alloc::format!("{address}"),
            IpAddr::V6(address) => alloc::format!("{IPV6}{address}"),
        };
        self.0.push_checked("ADDR", Some(&text));
        self
    }

    /// ```text
    /// xclient-command  = XCLIENT 1*( SP attribute-name"="attribute-value )
    /// attribute-value  = xtext
    /// ```
    /// XFORWARD has the same form. Postfix decodes what it can of a malformed xtext; here it is refused.
    pub(crate) fn parse(line: &[u8], verb: Verb) -> Result<Self, SyntaxError> {
        let start = scan::octet(line, verb.as_str().len(), b' ', Expected::Space)?;
        let mut at = start;
        loop {
            let name = parameter::esmtp_keyword(line, at)?;
            let value = scan::octet(line, name, b'=', Expected::Octet(b'='))?;
            at = scan::run(line, value, |octet| octet.is_ascii_graphic());
            let text = scan::ascii(&line[value..at])?;
            xtext::decode_text(text).map_err(|error| error.shifted(value))?;
            if text.is_empty() {
                return Err(SyntaxError::new(value, Expected::ParameterValue));
            }
            if at == line.len() {
                break;
            }
            at = scan::octet(line, at, b' ', Expected::Space)?;
        }
        Ok(Self(ParameterList::of(scan::ascii(&line[start..])?)))
    }
}

impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const UNAVAILABLE: &str = "[UNAVAILABLE]";
const TEMPORARILY: &str = "[TEMPUNAVAIL]";
const IPV6: &str = "IPV6:";
