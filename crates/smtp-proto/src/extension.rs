//! What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::{all_consuming, recognize};
use nom::multi::many0_count;
use nom::sequence::preceded;

use crate::parameter::SIZE;
use crate::{Expected, Reply, SyntaxError};

/// One line of the answer to EHLO: a keyword and its parameters.
///
/// ```
/// # use smtp_proto::EhloLine;
/// let line: EhloLine = "SIZE 1000000".parse().unwrap();
/// assert_eq!(line.keyword(), "SIZE");
/// assert_eq!(line.parameters().collect::<Vec<_>>(), ["1000000"]);
/// assert!("SIZE\r\n250 X".parse::<EhloLine>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EhloLine(Box<str>);

impl EhloLine {
    /// The keyword as it was written; compare without regard to case.
    pub fn keyword(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// The parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').skip(1)
    }
}

impl FromStr for EhloLine {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        match all_consuming(ehlo_line).parse(text) {
            Ok(_) if text.len() <= MAX_LINE => Ok(Self(text.into())),
            Ok(_) => Err(SyntaxError::too_long(0, MAX_LINE)),
            Err(nom::Err::Error(e) | nom::Err::Failure(e)) => {
                Err(SyntaxError::new(text.len() - e.input.len(), Expected::Keyword))
            }
            Err(nom::Err::Incomplete(_)) => Err(SyntaxError::new(text.len(), Expected::Keyword)),
        }
    }
}

impl fmt::Display for EhloLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EhloLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// ```text
/// ehlo-line    = ehlo-keyword *( SP ehlo-param )
/// ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
/// ehlo-param   = 1*(%d33-126)
/// ```
fn ehlo_line(input: &str) -> IResult<&str, &str> {
    let ehlo_param = take_while1(|c| matches!(c, '!'..='~'));
    recognize((ehlo_keyword, many0_count(preceded(char(' '), ehlo_param)))).parse(input)
}

fn ehlo_keyword(input: &str) -> IResult<&str, &str> {
    let first = satisfy(|c| c.is_ascii_alphanumeric());
    recognize((first, take_while(|c: char| c.is_ascii_alphanumeric() || c == '-'))).parse(input)
}

/// What a server offers. Empty when it only understood HELO.
///
/// ```
/// # use smtp_proto::{Capabilities, Reply};
/// let reply = Reply::parse(b"250-mx.hamburger.example greets you\r\n250-SIZE 1000\r\n250 PIPELINING\r\n").unwrap();
/// let offered = Capabilities::from_reply(&reply);
/// assert!(offered.pipelining() && offered.size() && !offered.eight_bit_mime());
/// assert_eq!(offered.size_limit(), Some(1000));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    lines: Vec<EhloLine>,
}

impl Capabilities {
    /// From the positive answer to EHLO. Lines that the grammar does not allow are left out; the reply keeps them.
    pub fn from_reply(reply: &Reply) -> Self {
        let lines = reply.lines().skip(1);
        let parsed = lines.filter_map(|line| core::str::from_utf8(line).ok()?.trim_end().parse().ok());
        Self {
            lines: parsed.collect(),
        }
    }

    /// The lines in their order.
    pub fn lines(&self) -> &[EhloLine] {
        &self.lines
    }

    /// The line of an extension.
    pub fn line(&self, keyword: &str) -> Option<&EhloLine> {
        let mut lines = self.lines.iter();
        lines.find(|line| line.keyword().eq_ignore_ascii_case(keyword))
    }

    /// Whether an extension is offered.
    pub fn offers(&self, keyword: &str) -> bool {
        self.line(keyword).is_some()
    }

    /// PIPELINING (RFC 2920).
    pub fn pipelining(&self) -> bool {
        self.offers(PIPELINING)
    }

    /// 8BITMIME (RFC 6152).
    pub fn eight_bit_mime(&self) -> bool {
        self.offers(EIGHT_BIT_MIME)
    }

    /// SIZE (RFC 1870).
    pub fn size(&self) -> bool {
        self.offers(SIZE)
    }

    /// The largest message that the server takes, in octets, if it says so (RFC 1870 §3).
    pub fn size_limit(&self) -> Option<u64> {
        let limit = self.line(SIZE)?.parameters().next()?.parse().ok()?;
        (limit > 0).then_some(limit)
    }

    /// ENHANCEDSTATUSCODES (RFC 2034).
    pub fn enhanced_status_codes(&self) -> bool {
        self.offers(ENHANCED_STATUS_CODES)
    }
}

pub(crate) const PIPELINING: &str = "PIPELINING";
pub(crate) const EIGHT_BIT_MIME: &str = "8BITMIME";
pub(crate) const ENHANCED_STATUS_CODES: &str = "ENHANCEDSTATUSCODES";

/// What RFC 5321 §4.5.3.1.5 leaves of 512 octets beside code and CRLF.
const MAX_LINE: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lines: &str) -> Capabilities {
        let wire = alloc::format!("250-mx.example\r\n{lines}");
        Capabilities::from_reply(&Reply::parse(wire.as_bytes()).expect("a reply"))
    }

    #[test]
    fn a_size_of_zero_or_of_nothing_is_no_limit() {
        assert_eq!(offered("250 SIZE 0\r\n").size_limit(), None);
        assert_eq!(offered("250 SIZE\r\n").size_limit(), None);
        assert_eq!(offered("250 size 7\r\n").size_limit(), Some(7));
        assert!(offered("250 SIZE\r\n").size() && !offered("250 HELP\r\n").size());
    }

    /// One bad line costs one line.
    #[test]
    fn bad_lines_are_left_out() {
        let offered = offered("250-_ODD\r\n250-\r\n250-8bitmime \r\n250-A  B\r\n250 PIPELINING\r\n");
        let keywords: Vec<&str> = offered.lines().iter().map(EhloLine::keyword).collect();
        assert_eq!(keywords, ["8bitmime", "PIPELINING"]);
        assert!(offered.eight_bit_mime() && !offered.enhanced_status_codes());
    }
}
