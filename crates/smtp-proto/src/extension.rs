//! What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::{all_consuming, opt, recognize};
use nom::multi::many0_count;
use nom::sequence::preceded;

use crate::{Expected, SyntaxError};

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
        self.0.split([' ', '=']).next().unwrap_or_default()
    }

    /// The parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let behind = self.0.get(self.keyword().len() + 1..);
        behind.into_iter().flat_map(|rest| rest.split(' '))
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
///
/// Before AUTH was standardised, and for the clients of that time, servers wrote `AUTH=LOGIN PLAIN`, and Exchange still
/// writes `X-EXPS=LOGIN`: one `=` may stand for the first space.
fn ehlo_line(input: &str) -> IResult<&str, &str> {
    let ehlo_param = || take_while1(|c| matches!(c, '!'..='~'));
    let old_form = opt(preceded(char('='), ehlo_param()));
    recognize((ehlo_keyword, old_form, many0_count(preceded(char(' '), ehlo_param())))).parse(input)
}

fn ehlo_keyword(input: &str) -> IResult<&str, &str> {
    let first = satisfy(|c| c.is_ascii_alphanumeric());
    recognize((first, take_while(|c: char| c.is_ascii_alphanumeric() || c == '-'))).parse(input)
}

/// What RFC 5321 §4.5.3.1.5 leaves of 512 octets beside code and CRLF.
const MAX_LINE: usize = 500;
