//! How a message is to be handled: `MT-PRIORITY=` (RFC 6710), `RRVS=` (RFC 7293), `SOLICIT=` (RFC 3865), `AUTH=`
//! (RFC 4954 §5).

use alloc::boxed::Box;
use alloc::format;
use core::fmt;
use core::str::FromStr;

use super::Timestamp;
use crate::xtext;
use crate::{Expected, Mailbox, SyntaxError};

/// `MT-PRIORITY=`: from -9, which can wait, to 9, which cannot (RFC 6710 §5.1).
///
/// ```
/// # use smtp_proto::Priority;
/// assert_eq!("-6".parse(), Ok(Priority::new(-6).unwrap()));
/// assert!(Priority::new(10).is_none() && "-0".parse::<Priority>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(i8);

impl Priority {
    /// `None` outside -9 to 9.
    pub const fn new(value: i8) -> Option<Self> {
        match value {
            -9..=9 => Some(Self(value)),
            _ => None,
        }
    }

    /// The number; 0 is the priority of mail that says none.
    pub const fn value(self) -> i8 {
        self.0
    }
}

impl FromStr for Priority {
    type Err = SyntaxError;

    /// `priority-value = (["-"] NZDIGIT) / "0"`
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        match *text.as_bytes() {
            [digit @ b'0'..=b'9'] => Ok(Self((digit - b'0') as i8)),
            [b'-', digit @ b'1'..=b'9'] => Ok(Self(-((digit - b'0') as i8))),
            _ => Err(SyntaxError::new(0, Expected::Priority)),
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `RRVS=`: only if the recipient's mailbox has belonged to the same person since then (RFC 7293 §3.1).
///
/// ```
/// # use smtp_proto::{ValidSince, WhenUnsupported};
/// let since: ValidSince = "2014-04-03T23:01:00Z;R".parse().unwrap();
/// assert_eq!((since.time.unix(), since.otherwise), (1_396_566_060, WhenUnsupported::Reject));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValidSince {
    /// Since when.
    pub time: Timestamp,
    /// What a relay does whose next hop cannot tell.
    pub otherwise: WhenUnsupported,
}

/// What a relay does with `RRVS=` whose next hop does not know it (RFC 7293 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenUnsupported {
    /// `C`, or nothing: it goes on, and puts the wish into a header field.
    #[default]
    Continue,
    /// `R`: it refuses.
    Reject,
}

impl FromStr for ValidSince {
    type Err = SyntaxError;

    /// `rrvs-param = "RRVS=" date-time [ ";" ( "C" / "R" ) ]` (RFC 7293 §3.1)
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let (time, action) = text.split_once(';').unwrap_or((text, "C"));
        let otherwise = match action {
            "C" | "c" => WhenUnsupported::Continue,
            "R" | "r" => WhenUnsupported::Reject,
            _ => return Err(SyntaxError::new(0, Expected::Timestamp)),
        };
        let time = time.parse()?;
        Ok(Self { time, otherwise })
    }
}

impl fmt::Display for ValidSince {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.otherwise {
            WhenUnsupported::Continue => self.time.fmt(f),
            WhenUnsupported::Reject => write!(f, "{};R", self.time),
        }
    }
}

/// `SOLICIT=`: the classes of solicitation that the message belongs to (RFC 3865 §2.2, §2.3).
///
/// ```
/// # use smtp_proto::Solicitation;
/// let classes: Solicitation = "org.example:ADV,org.example:NEWS".parse().unwrap();
/// assert_eq!(classes.keywords().count(), 2);
/// assert!(",".parse::<Solicitation>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Solicitation(Box<str>);

impl Solicitation {
    /// The keywords in their order.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.0.split(',')
    }
}

impl FromStr for Solicitation {
    type Err = SyntaxError;

    /// ```text
    /// Solicitation-keywords = word 0*("," word)
    /// word                  = ALPHA 0*(wordchar)
    /// wordchar              = ("." / "-" / "_" / ":" / ALPHA / DIGIT)
    /// ```
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let is_wordchar = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_' | b':');
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_alphabetic())
                && word.bytes().all(is_wordchar)
                && word.len() < MAX_WORDS
        };
        if text.len() > MAX_WORDS {
            return Err(SyntaxError::too_long(0, MAX_WORDS));
        }
        match text.split(',').all(is_word) {
            true => Ok(Self(text.into())),
            false => Err(SyntaxError::new(0, Expected::Solicitation)),
        }
    }
}

impl fmt::Display for Solicitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `AUTH=` of MAIL: who submitted the message first, as far as the client knows and vouches for it (RFC 4954 §5).
///
/// ```
/// # use smtp_proto::Submitter;
/// let submitter: Submitter = "e+3Dmc2@example.com".parse().unwrap();
/// assert_eq!(submitter.to_string(), "e+3Dmc2@example.com");
/// assert!(matches!(submitter, Submitter::Mailbox(mailbox) if mailbox.local_part() == "e=mc2"));
/// assert_eq!("<>".parse(), Ok(Submitter::Unknown));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Submitter {
    /// `<>`: unknown, or not vouched for.
    Unknown,
    /// A mailbox.
    Mailbox(Mailbox),
}

impl FromStr for Submitter {
    type Err = SyntaxError;

    /// The `Mailbox` or `<>` in xtext.
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let decoded = xtext::decode_text(text)?;
        match &*decoded {
            "<>" => Ok(Self::Unknown),
            // Many write the path, brackets and all, and the RFC's own first edition had it so.
            mailbox => mailbox
                .strip_prefix('<')
                .and_then(|rest| rest.strip_suffix('>'))
                .unwrap_or(mailbox)
                .parse()
                .map(Self::Mailbox)
                .map_err(|error: SyntaxError| SyntaxError::new(0, error.expected)),
        }
    }
}

impl fmt::Display for Submitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("<>"),
            Self::Mailbox(mailbox) => f.write_str(&xtext::encode(format!("{mailbox}").as_bytes())),
        }
    }
}

/// RFC 3865 §2.2
const MAX_WORDS: usize = 1000;
