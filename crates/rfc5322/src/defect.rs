//! What a lenient parser says about the forms that it repaired.

/// Something that breaks the grammar, where it stands, and how it was read all the same.
///
/// A value that was parsed leniently carries its defects; a strict parser refuses what has one, with the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at offset {offset}")]
pub struct Defect {
    /// Octets before it, counted from the start of the value or message that was parsed.
    pub offset: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

/// What is wrong with a header section or a value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DefectKind {
    /// A comment without its closing parenthesis (RFC 5322 §3.2.2).
    #[error("a comment without its closing parenthesis")]
    UnclosedComment,
    /// A quoted string without its closing quote (RFC 5322 §3.2.4).
    #[error("a quoted string without its closing quote")]
    UnclosedQuote,
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnclosedComment => "unclosed-comment",
            Self::UnclosedQuote => "unclosed-quote",
        }
    }
}
