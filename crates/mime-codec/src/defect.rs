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
    // Structure.
    /// A line of a header section that is no field.
    #[error("a line of the header section is no field")]
    MalformedField,
    /// A field that may stand once stands twice. The first one counts.
    #[error("a field that stands more than once")]
    DuplicateField,
    /// The empty line between a header section and its body is missing (RFC 5322 §2.1, RFC 2046 §5.1).
    #[error("no empty line between header section and body")]
    MissingBlankLine,
    /// A multipart without a boundary parameter (RFC 2046 §5.1.1): none of its parts can be found.
    #[error("a multipart without a boundary")]
    MissingBoundary,
    /// A multipart without a part.
    #[error("a multipart without a part")]
    NoParts,
    /// A multipart without its closing delimiter line (RFC 2046 §5.1.1).
    #[error("a multipart without its closing delimiter line")]
    MissingEndBoundary,
    /// The boundary of a multipart is that of a multipart around it (RFC 2046 §5.1.2). Delimiter lines count for the inner one.
    #[error("a boundary that an outer multipart has, too")]
    BoundaryInUse,
    /// A line that begins with the delimiter of a multipart and goes on (RFC 2046 §5.1.1). It counts as text.
    #[error("a line that begins like a delimiter line")]
    DelimiterAlike,
    /// Entities nested deeper than the limit. The one at the limit counts as a leaf.
    #[error("limit of {0} for the depth of nesting exceeded")]
    DepthLimit(usize),
    /// More entities than the limit.
    #[error("limit of {0} parts exceeded")]
    PartLimit(usize),
    /// A header field that is longer than the limit. It is passed over.
    #[error("limit of {0} octets for a header field exceeded")]
    FieldLimit(usize),
    /// More transfer-encoded messages, one inside another, than the limit. The innermost counts as a leaf.
    #[error("limit of {0} for messages that are decoded exceeded")]
    DecodedLayerLimit(usize),
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header(kind) => kind.name(),
            Self::MalformedField => "malformed-field",
            Self::DuplicateField => "duplicate-field",
            Self::MissingBlankLine => "missing-blank-line",
            Self::MissingBoundary => "missing-boundary",
            Self::NoParts => "no-parts",
            Self::MissingEndBoundary => "missing-end-boundary",
            Self::BoundaryInUse => "boundary-in-use",
            Self::DelimiterAlike => "delimiter-alike",
            Self::DepthLimit(_) => "depth-limit",
            Self::PartLimit(_) => "part-limit",
            Self::FieldLimit(_) => "field-limit",
            Self::DecodedLayerLimit(_) => "decoded-layer-limit",
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
