//! What a parser of this crate says about octets that it refuses.

/// Octets that do not follow the grammar: where, and what the grammar wanted there.
///
/// ```
/// # use rfc5322::{Expected, MsgId};
/// let error = MsgId::parse(b"<2.july bistro.example>").unwrap_err();
/// assert_eq!((error.offset, error.expected), (7, Expected::At));
/// assert_eq!(error.to_string(), "expected \"@\" at offset 7");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at offset {offset}")]
pub struct SyntaxError {
    /// Octets from the start of the parsed input to the place where it stops following the grammar.
    pub offset: usize,
    /// What may stand there.
    pub expected: Expected,
}

/// What the grammar wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Expected {
    /// `atom` (RFC 5322 §3.2.3).
    #[error("an atom")]
    Atom,
    /// `dot-atom-text` (RFC 5322 §3.2.3).
    #[error("a dot-atom-text")]
    DotAtomText,
    /// `local-part` (RFC 5322 §3.4.1).
    #[error("a local part")]
    LocalPart,
    /// The closing quote of a `quoted-string` (RFC 5322 §3.2.4).
    #[error("a closing quote")]
    ClosingQuote,
    /// `Domain` (RFC 5321 §4.1.2).
    #[error("a domain")]
    Domain,
    /// The closing bracket of a literal (RFC 5322 §3.4.1).
    #[error("\"]\"")]
    ClosingBracket,
    /// The closing parenthesis of a comment (RFC 5322 §3.2.2).
    #[error("a closing parenthesis")]
    ClosingParenthesis,
    /// `@`
    #[error("\"@\"")]
    At,
    /// `<`
    #[error("\"<\"")]
    LessThan,
    /// `>`
    #[error("\">\"")]
    GreaterThan,
    /// `,`
    #[error("\",\"")]
    Comma,
    /// `:`
    #[error("\":\"")]
    Colon,
    /// `day-name` or the day of the month (RFC 5322 §3.3).
    #[error("a day")]
    Day,
    /// `month` (RFC 5322 §3.3).
    #[error("a month")]
    Month,
    /// `year` (RFC 5322 §3.3).
    #[error("a year")]
    Year,
    /// `hour`, `minute` or `second` (RFC 5322 §3.3).
    #[error("two digits")]
    TwoDigits,
    /// `zone` (RFC 5322 §3.3).
    #[error("a zone")]
    Zone,
    /// The end of the input.
    #[error("the end")]
    End,
    /// Fewer octets: at most this many.
    #[error("at most {0} octets")]
    AtMost(usize),
}
