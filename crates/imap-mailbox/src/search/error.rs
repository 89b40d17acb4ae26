//! Why a search is not done.

use imap_proto::{Charset, Code, Condition};
use thiserror::Error;

/// Why a search, a sort or a thread is refused. All of it is the client's fault, or asks for what the server did not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SearchError {
    /// Nobody knows that charset: `NO [BADCHARSET]`.
    #[error("the charset is not known")]
    BadCharset,
    /// A string has octets that mean nothing in the charset that is named.
    #[error("a string is not in the charset that is named")]
    NotInCharset,
    /// More than [`SearchPlan::MAX_STRINGS`](crate::SearchPlan::MAX_STRINGS) strings are looked for: `NO [LIMIT]`.
    #[error("too many strings are looked for")]
    TooManyStrings,
    /// A search key that only the server could tell about, and it does not.
    #[error("a search key is not supported")]
    UnsupportedKey,
    /// A sort key that cannot be computed.
    #[error("a sort key is not supported")]
    UnsupportedSort,
    /// A threading algorithm that is not known.
    #[error("the threading algorithm is not supported")]
    UnsupportedAlgorithm,
    /// A return option that is not known (RFC 9051 §6.4.4).
    #[error("a return option is not supported")]
    UnsupportedReturn,
    /// PARTIAL stands beside ALL or another PARTIAL (RFC 9394 §3.1).
    #[error("only one of PARTIAL and ALL can be returned")]
    TwoWindows,
    /// UPDATE with the tag of another search that has it (RFC 5267 §4.3).
    #[error("the tag is that of another search")]
    TagInUse,
}

impl SearchError {
    /// What the command is answered with (RFC 9051 §6.4.4, RFC 5256 §3).
    pub const fn condition(self) -> Condition {
        match self {
            Self::BadCharset | Self::NotInCharset | Self::TooManyStrings | Self::UnsupportedSort => Condition::No,
            _ => Condition::Bad,
        }
    }

    /// The code of the answer: BADCHARSET with the charsets that each server has to know.
    pub fn code(self) -> Option<Code<'static>> {
        match self {
            Self::BadCharset => Some(Code::BadCharset(vec![Charset::UTF_8, Charset::US_ASCII])),
            Self::TooManyStrings => Some(Code::Limit),
            _ => None,
        }
    }
}
