//! Mail that waits for its host to call: ETRN (RFC 1985) and ATRN (RFC 2645).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::scan;
use crate::{Domain, Expected, SyntaxError, Verb};

/// ETRN: which queue is to be worked off.
///
/// ```
/// # use smtp_proto::{Etrn, Queue};
/// let etrn: Etrn = "@hamburger.example".parse().unwrap();
/// assert_eq!((etrn.queue(), etrn.name()), (Queue::Subdomains, "hamburger.example"));
/// assert!("two words".parse::<Etrn>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etrn(Box<str>);

/// What an [`Etrn`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Mail for a host.
    Host,
    /// `@`: mail for a domain and all below it (RFC 1985 §5.3).
    Subdomains,
    /// `#`: a queue by its local name.
    Named,
}

impl Etrn {
    /// What is named.
    pub fn queue(&self) -> Queue {
        match self.0.as_bytes().first() {
            Some(b'@') => Queue::Subdomains,
            Some(b'#') => Queue::Named,
            _ => Queue::Host,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.0.strip_prefix(['@', '#']).unwrap_or(&self.0)
    }

    /// `ETRN SP [option-character] node-name CRLF` (RFC 1985 §5)
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let at = scan::octet(line, Verb::Etrn.as_str().len(), b' ', Expected::Space)?;
        Self::read(line, at)
    }

    fn read(text: &[u8], at: usize) -> Result<Self, SyntaxError> {
        let node = at + usize::from(matches!(text.get(at), Some(b'@' | b'#')));
        let end = scan::run(text, node, |octet| octet.is_ascii_graphic());
        if end == node {
            return Err(SyntaxError::new(node, Expected::Argument));
        }
        scan::end(text, end)?;
        Ok(Self(scan::ascii(&text[at..])?.into()))
    }
}

impl FromStr for Etrn {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::read(text.as_bytes(), 0)
    }
}

impl fmt::Display for Etrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ATRN: turn the dialogue around, and send what waits for these domains; none means all that the client may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Atrn {
    /// The domains.
    pub domains: Vec<Domain>,
}

impl Atrn {
    /// `ATRN [SP domain *("," domain)] CRLF` (RFC 2645 §5.2.1)
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let mut at = Verb::Atrn.as_str().len();
        let mut domains = Vec::new();
        while at < line.len() {
            let (separator, expected) = match domains.is_empty() {
                true => (b' ', Expected::Space),
                false => (b',', Expected::Octet(b',')),
            };
            let start = scan::octet(line, at, separator, expected)?;
            at = crate::domain::domain(line, start)?;
            let text = scan::ascii(&line[start..at])?;
            domains.push(text.parse::<Domain>().map_err(|error| error.shifted(start))?);
        }
        Ok(Self { domains })
    }
}

impl fmt::Display for Atrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for domain in &self.domains {
            write!(f, "{separator}{domain}")?;
            separator = ",";
        }
        Ok(())
    }
}
