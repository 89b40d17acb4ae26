//! Why a command was not done.

use imap_mailbox::OutOfRange;
use imap_proto::Code;
use imap_proto::server::Refusal;
use mail_tokio::imap::ServerError;
use mail_wire::Misuse;
use tracing::warn;

use crate::store::{LONGEST_ANNOTATION, StoreError};

/// The client is told, or nobody can be told anything any more.
#[derive(Debug)]
pub(super) enum Failure {
    /// NO or BAD.
    Refused(Refusal),
    /// The connection is of no use.
    Broken(ServerError),
}

impl Failure {
    /// BAD: the command makes no sense.
    pub(super) fn bad(text: &str) -> Self {
        Self::Refused(Refusal::bad(text).unwrap_or_else(|_| Refusal::fixed("the command makes no sense")))
    }

    /// Whether it says that there is no such mailbox.
    pub(super) fn is_nonexistent(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code() == Some(&Code::NonExistent))
    }

    /// NO with a code.
    pub(super) fn no(text: &'static str, code: Code<'static>) -> Self {
        Self::Refused(Refusal::fixed(text).with_code(code))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Broken(error)
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Broken(misuse.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// RFC 9051 §9, `seq-number`
impl From<OutOfRange> for Failure {
    fn from(error: OutOfRange) -> Self {
        Self::bad(&error.to_string())
    }
}

/// The codes are those of RFC 5530 §3.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (text, code) = match &error {
            StoreError::NoMailbox => ("no such mailbox", Code::NonExistent),
            StoreError::Exists => ("there is a mailbox of this name", Code::AlreadyExists),
            StoreError::InboxStays => ("INBOX cannot be deleted", Code::Cannot),
            StoreError::BelowItself => ("a mailbox cannot come below itself", Code::Cannot),
            StoreError::TooManyKeywords => ("too many keywords on a message", Code::Limit),
            StoreError::NotFound => ("another session has expunged the message", Code::ExpungeIssued),
            StoreError::OverQuota => ("over quota", Code::OverQuota),
            StoreError::TooManyGrants => ("too many entries in the list", Code::Limit),
            StoreError::TooManyAnnotations => ("too many annotations", Code::MetadataTooMany),
            StoreError::TooLong => (
                "the value is too long",
                Code::MetadataMaxSize(LONGEST_ANNOTATION as u32),
            ),
            StoreError::Full => ("the message store is full", Code::OverQuota),
            StoreError::Damaged { .. } => ("the message is damaged", Code::Corruption),
            StoreError::Aborted | StoreError::Database { .. } => ("the message store failed", Code::ServerBug),
            _ => ("the message store is not available", Code::Unavailable),
        };
        if matches!(code, Code::Corruption | Code::ServerBug | Code::Unavailable) {
            warn!(%error, "the store failed");
        }
        Self::no(text, code)
    }
}
