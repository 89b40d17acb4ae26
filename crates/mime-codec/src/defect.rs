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
}

impl DefectKind {
    /// The defect's name for programs: words in lower case with hyphens between, never changed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header(kind) => kind.name(),
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
