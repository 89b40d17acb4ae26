//! What a lenient parser says about the forms that it repaired.

/// Something that breaks the grammar, where it stands, and how it was read all the same.
///
/// A value that was parsed leniently can tell its defects; a strict parser refuses what has one, with the first of them.
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
    /// A dot in a phrase that is not quoted (RFC 5322 §4.1).
    #[error("a dot in a phrase outside of quotes")]
    ObsoletePhrase,
    /// An empty element of a list: two commas in a row, or one at its beginning or end (RFC 5322 §4.4).
    #[error("an empty element of a list")]
    ObsoleteEmptyElement,
    /// A source route in front of an address (RFC 5322 §4.4).
    #[error("a source route")]
    ObsoleteRoute,
    /// A local part with white space, comments or quotes between its dots (RFC 5322 §4.4).
    #[error("a local part of several words")]
    ObsoleteLocalPart,
    /// A domain with white space or comments around its dots (RFC 5322 §4.4), or a quoted pair in a domain literal.
    #[error("a domain with white space or comments inside")]
    ObsoleteDomain,
    /// A line of a folded value that holds white space alone (RFC 5322 §4.2).
    #[error("a folded line of white space alone")]
    ObsoleteFolding,
    /// A control character other than white space (RFC 5322 §4.1), NUL included.
    #[error("a control character")]
    ObsoleteControl,
    /// A CR or LF that folds nothing.
    #[error("a line end that folds nothing")]
    BareLineEnd,
    /// Octets of 128 and above that are not UTF-8 (RFC 6532 §3.1).
    #[error("octets that are not UTF-8")]
    InvalidUtf8,
    /// An address without its closing `>`.
    #[error("an address without its closing angle bracket")]
    UnclosedAngle,
    /// A `<` or `>` too many.
    #[error("an angle bracket too many")]
    StrayAngle,
    /// A domain literal without its closing bracket.
    #[error("a domain literal without its closing bracket")]
    UnclosedLiteral,
    /// A group without its closing semicolon.
    #[error("a group without its closing semicolon")]
    UnclosedGroup,
    /// A group inside of a group; its members belong to the outer one.
    #[error("a group inside of a group")]
    NestedGroup,
    /// A semicolon that closes no group; read as a comma.
    #[error("a semicolon that closes no group")]
    StraySemicolon,
    /// Two elements of a list without a comma between them.
    #[error("two elements without a comma between")]
    MissingComma,
    /// A comma in a display name that is not quoted; read as part of the name.
    #[error("a comma in a display name outside of quotes")]
    UnquotedComma,
    /// Another octet in a phrase that would have to be quoted.
    #[error("a special character in a phrase outside of quotes")]
    UnquotedSpecial,
    /// Text between an address and the comma behind it; passed over.
    #[error("text behind an address")]
    TextBehindAddress,
    /// A display name in front of an address that stands in no angle brackets.
    #[error("an address behind a display name without angle brackets")]
    MissingAngle,
    /// A display name, or nothing, where an address should be.
    #[error("no address")]
    MissingAddress,
    /// A local part without a domain.
    #[error("an address without a domain")]
    MissingDomain,
    /// A local part that follows no grammar.
    #[error("a local part that follows no grammar")]
    MalformedLocalPart,
    /// A domain that follows no grammar.
    #[error("a domain that follows no grammar")]
    MalformedDomain,
    /// A colon without a group name in front of it.
    #[error("a group without a name")]
    MissingGroupName,
    /// A value of 4 GiB or more; what is behind is not read.
    #[error("a value of 4 GiB or more")]
    TooLong,
    /// A day of the week that is not that of the date (RFC 5322 §3.3).
    #[error("the day of the week is not that of the date")]
    WrongWeekday,
    /// A date in one of the obsolete forms of RFC 5322 §4.3.
    #[error("a date in an obsolete form")]
    ObsoleteDate,
    /// A date that follows no grammar, or does not exist.
    #[error("a date that follows no grammar")]
    MalformedDate,
    /// A comma where none belongs, between message identifiers.
    #[error("a comma where none belongs")]
    StrayComma,
    /// No message identifier.
    #[error("no message identifier")]
    MissingMsgId,
    /// A message identifier with quotes, comments or white space inside (RFC 5322 §4.5.4).
    #[error("a message identifier in an obsolete form")]
    ObsoleteMsgId,
    /// A message identifier that follows no grammar.
    #[error("a message identifier that follows no grammar")]
    MalformedMsgId,
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnclosedComment => "unclosed-comment",
            Self::UnclosedQuote => "unclosed-quote",
            Self::ObsoletePhrase => "obsolete-phrase",
            Self::ObsoleteEmptyElement => "obsolete-empty-element",
            Self::ObsoleteRoute => "obsolete-route",
            Self::ObsoleteLocalPart => "obsolete-local-part",
            Self::ObsoleteDomain => "obsolete-domain",
            Self::ObsoleteFolding => "obsolete-folding",
            Self::ObsoleteControl => "obsolete-control",
            Self::BareLineEnd => "bare-line-end",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::UnclosedAngle => "unclosed-angle",
            Self::StrayAngle => "stray-angle",
            Self::UnclosedLiteral => "unclosed-literal",
            Self::UnclosedGroup => "unclosed-group",
            Self::NestedGroup => "nested-group",
            Self::StraySemicolon => "stray-semicolon",
            Self::MissingComma => "missing-comma",
            Self::UnquotedComma => "unquoted-comma",
            Self::UnquotedSpecial => "unquoted-special",
            Self::TextBehindAddress => "text-behind-address",
            Self::MissingAngle => "missing-angle",
            Self::MissingAddress => "missing-address",
            Self::MissingDomain => "missing-domain",
            Self::MalformedLocalPart => "malformed-local-part",
            Self::MalformedDomain => "malformed-domain",
            Self::MissingGroupName => "missing-group-name",
            Self::TooLong => "too-long",
            Self::WrongWeekday => "wrong-weekday",
            Self::ObsoleteDate => "obsolete-date",
            Self::MalformedDate => "malformed-date",
            Self::StrayComma => "stray-comma",
            Self::MissingMsgId => "missing-msg-id",
            Self::ObsoleteMsgId => "obsolete-msg-id",
            Self::MalformedMsgId => "malformed-msg-id",
        }
    }
}
