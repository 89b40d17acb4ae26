//! What is wrong with a message, and where.

/// Something in a message that breaks the rules, where it stands, and how it was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at offset {offset}")]
pub struct Defect {
    /// Octets before it, counted from the start of the value or message that was parsed.
    pub offset: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DefectKind {
    /// A header field that breaks the grammar of RFC 5322.
    #[error(transparent)]
    Header(rfc5322::DefectKind),

    // Text: content types, parameters, charsets, encoded words.
    /// A Content-Type without `type/subtype`; read as `text/plain` (RFC 2045 §5.2).
    #[error("a content type without type and subtype")]
    InvalidContentType,
    /// A Content-Disposition that does not begin with its type (RFC 2183 §2).
    #[error("a content disposition without its type")]
    MissingDisposition,
    /// A parameter without a semicolon in front of it (RFC 2045 §5.1).
    #[error("a parameter without a semicolon in front of it")]
    MissingSemicolon,
    /// A semicolon with no parameter behind it (RFC 2045 §5.1).
    #[error("a semicolon with no parameter behind it")]
    EmptyParameter,
    /// A parameter without `=` and value; its value is read as empty.
    #[error("a parameter without a value")]
    MissingEquals,
    /// Nothing behind the `=` of a parameter (RFC 2045 §5.1).
    #[error("nothing behind the equals sign of a parameter")]
    EmptyParameterValue,
    /// The name of a parameter is no token, or its asterisks are not where RFC 2231 §7 has them.
    #[error("a malformed parameter name")]
    InvalidParameterName,
    /// A value that needs quotes and has none (RFC 2045 §5.1).
    #[error("a parameter value that needs quotes and has none")]
    UnquotedParameterValue,
    /// Something between a value and the next semicolon; not read.
    #[error("something that is no parameter behind a value")]
    JunkAfterValue,
    /// A parameter, or a section of one, that came before; the first one counts.
    #[error("a duplicate parameter")]
    DuplicateParameter,
    /// A parameter in several of the forms of RFC 2231: plain, extended, in sections.
    #[error("a parameter in several forms")]
    AmbiguousParameter,
    /// A parameter in sections whose numbers have a gap; what is there is joined (RFC 2231 §3).
    #[error("a parameter with a section missing")]
    MissingParameterSection,
    /// An extended value in quotes (RFC 2231 §7).
    #[error("an extended parameter value in quotes")]
    QuotedExtendedValue,
    /// An extended value without `charset'language'` (RFC 2231 §4).
    #[error("an extended parameter value without charset and language")]
    MissingParameterCharset,
    /// A percent sign without two hexadecimal digits; it stands for itself (RFC 2231 §7).
    #[error("a percent sign without two hexadecimal digits")]
    InvalidPercentEncoding,
    /// A boundary that is empty, longer than 70 octets, or holds what RFC 2046 §5.1.1 does not allow.
    #[error("a malformed boundary")]
    InvalidBoundary,
    /// Octets beyond ASCII that are no UTF-8, without a charset; read as windows-1252.
    #[error("octets beyond ASCII without a charset")]
    RawEightBit,
    /// A charset that is not known; valid UTF-8 is read so, other octets as windows-1252.
    #[error("an unknown charset")]
    UnknownCharset,
    /// Octets that mean nothing in their charset; U+FFFD stands for them.
    #[error("octets that mean nothing in their charset")]
    UndecodableOctets,
    /// Encoded CR, LF or NUL: read as a space, or as U+FFFD for NUL.
    #[error("an encoded CR, LF or NUL")]
    ControlInText,
    /// An encoded word in a parameter value, where RFC 2047 §5 forbids it; decoded.
    #[error("an encoded word in a parameter value")]
    EncodedWordInParameter,
    /// An encoded word in a quoted string, where RFC 2047 §5 forbids it; decoded.
    #[error("an encoded word in a quoted string")]
    EncodedWordInQuotedString,
    /// An encoded word without white space around it (RFC 2047 §5); decoded.
    #[error("an encoded word without white space around it")]
    EncodedWordGlued,
    /// White space inside an encoded word (RFC 2047 §2); decoded.
    #[error("white space inside an encoded word")]
    EncodedWordSpace,
    /// An encoded word of more than 75 octets (RFC 2047 §2).
    #[error("an encoded word of more than 75 octets")]
    EncodedWordOverlong,
    /// An encoded word without its `?=`; decoded up to the white space behind it.
    #[error("an encoded word without its end")]
    EncodedWordUnclosed,
    /// Malformed base64 in an encoded word; what can be read is.
    #[error("malformed base64 in an encoded word")]
    EncodedWordBase64,
    /// A malformed escape in an encoded word; it stands for itself.
    #[error("a malformed escape in an encoded word")]
    EncodedWordQ,
    /// A path of Windows in quotes whose backslashes are not doubled (RFC 5322 §3.2.4); they are kept.
    #[error("a path whose backslashes are not doubled")]
    UnescapedBackslash,
    /// A character that is split between two encoded words (RFC 2047 §5); put together.
    #[error("a character that is split between encoded words")]
    EncodedWordSplitCharacter,
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header(kind) => kind.name(),
            Self::InvalidContentType => "invalid-content-type",
            Self::MissingDisposition => "missing-disposition",
            Self::MissingSemicolon => "missing-semicolon",
            Self::EmptyParameter => "empty-parameter",
            Self::MissingEquals => "missing-equals",
            Self::EmptyParameterValue => "empty-parameter-value",
            Self::InvalidParameterName => "invalid-parameter-name",
            Self::UnquotedParameterValue => "unquoted-parameter-value",
            Self::JunkAfterValue => "junk-after-value",
            Self::DuplicateParameter => "duplicate-parameter",
            Self::AmbiguousParameter => "ambiguous-parameter",
            Self::MissingParameterSection => "missing-parameter-section",
            Self::QuotedExtendedValue => "quoted-extended-value",
            Self::MissingParameterCharset => "missing-parameter-charset",
            Self::InvalidPercentEncoding => "invalid-percent-encoding",
            Self::InvalidBoundary => "invalid-boundary",
            Self::RawEightBit => "raw-eight-bit",
            Self::UnknownCharset => "unknown-charset",
            Self::UndecodableOctets => "undecodable-octets",
            Self::ControlInText => "control-in-text",
            Self::EncodedWordInParameter => "encoded-word-in-parameter",
            Self::EncodedWordInQuotedString => "encoded-word-in-quoted-string",
            Self::EncodedWordGlued => "encoded-word-glued",
            Self::EncodedWordSpace => "encoded-word-space",
            Self::EncodedWordOverlong => "encoded-word-overlong",
            Self::EncodedWordUnclosed => "encoded-word-unclosed",
            Self::EncodedWordBase64 => "encoded-word-base64",
            Self::EncodedWordQ => "encoded-word-q",
            Self::UnescapedBackslash => "unescaped-backslash",
            Self::EncodedWordSplitCharacter => "encoded-word-split-character",
        }
    }
}

impl From<rfc5322::Defect> for Defect {
    fn from(defect: rfc5322::Defect) -> Self {
        Self {
            offset: defect.offset,
            kind: DefectKind::Header(defect.kind),
        }
    }
}
