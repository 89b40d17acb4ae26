//! Enhanced codes (RFC 2034 §4, RFC 3463 §2).

use core::fmt;
use core::str::FromStr;

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::{char, one_of};
use nom::combinator::{all_consuming, map_res};

use crate::{Class, Condition, Expected, SyntaxError};

/// `class "." subject "." detail` (RFC 2034 §4, RFC 3463 §2).
///
/// ```
/// # use smtp_proto::EnhancedCode;
/// let code: EnhancedCode = "5.1.1".parse().unwrap();
/// assert_eq!((code.subject(), code.detail()), (1, 1));
/// assert!("3.0.0".parse::<EnhancedCode>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnhancedCode {
    class: Class,
    subject: u16,
    detail: u16,
}

impl EnhancedCode {
    /// The class: never [`Class::Intermediate`].
    pub const fn class(self) -> Class {
        self.class
    }

    /// The second number: 1 address, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The third number.
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// What has happened, whatever the class.
    pub const fn condition(self) -> Condition {
        Condition {
            subject: self.subject,
            detail: self.detail,
        }
    }

    /// What the registry says of it.
    ///
    /// ```
    /// # use smtp_proto::EnhancedCode;
    /// let code: EnhancedCode = "4.2.2".parse().unwrap();
    /// assert_eq!(code.description(), Some("Mailbox full"));
    /// ```
    pub fn description(self) -> Option<&'static str> {
        self.condition().description()
    }

    pub(crate) const fn known(class: Class, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }
}

impl FromStr for EnhancedCode {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        match all_consuming(status_code).parse(text) {
            Ok((_, code)) => Ok(code),
            Err(_) => Err(SyntaxError::new(0, Expected::EnhancedCode)),
        }
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self.class {
            Class::Positive | Class::Intermediate => 2,
            Class::Transient => 4,
            Class::Permanent => 5,
        };
        write!(f, "{class}.{}.{}", self.subject, self.detail)
    }
}

/// ```text
/// status-code ::= class "." subject "." detail
/// class       ::= "2" / "4" / "5"
/// subject     ::= 1*3digit
/// detail      ::= 1*3digit                        (RFC 2034 §4)
/// ```
fn status_code(input: &str) -> IResult<&str, EnhancedCode> {
    let (rest, (class, _, subject, _, detail)) = (one_of("245"), char('.'), number, char('.'), number).parse(input)?;
    let class = match class {
        '2' => Class::Positive,
        '4' => Class::Transient,
        _ => Class::Permanent,
    };
    Ok((rest, EnhancedCode { class, subject, detail }))
}

fn number(input: &str) -> IResult<&str, u16> {
    map_res(take_while_m_n(1, 3, |c: char| c.is_ascii_digit()), str::parse).parse(input)
}
