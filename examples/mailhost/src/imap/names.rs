//! The names that clients use, and the store's mailboxes.

use imap_proto::server::Refusal;
use imap_proto::{Code, Delimiter};

use super::ImapDialogue;
use super::failure::Failure;
use crate::store::{Mailbox, SEPARATOR};

impl ImapDialogue {
    /// The account that the client works in.
    pub(super) fn account(&self) -> Result<&str, Failure> {
        let user = self.user.as_ref();
        user.map(Mailbox::account).ok_or_else(|| Failure::bad("log in first"))
    }

    /// The mailbox that a client means.
    pub(super) fn mailbox(&self, name: &imap_proto::Mailbox<'_>) -> Result<Mailbox, Failure> {
        let text = name.to_text();
        if let Some(why) = fault(&text) {
            return Err(Refusal::fixed(why).with_code(Code::Cannot).into());
        }
        Ok(Mailbox::new(self.account()?, &text))
    }
}

/// What the client calls a mailbox.
pub(super) fn client_name(mailbox: &Mailbox) -> imap_proto::Mailbox<'static> {
    // A name with NUL, CR or LF does not come into the store.
    imap_proto::Mailbox::new(mailbox.name()).unwrap_or(imap_proto::Mailbox::empty())
}

/// What stands between the levels of names.
pub(super) fn delimiter() -> Option<Delimiter> {
    Delimiter::new(SEPARATOR as u8).ok()
}

/// Why nothing can be called so (RFC 9051 §5.1).
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("a mailbox has a name")
    } else if name.len() > LONGEST {
        Some("the name is too long")
    } else if name.chars().any(char::is_control) {
        Some("a name has no control characters")
    } else if name.split(SEPARATOR).any(str::is_empty) {
        Some("a level of the name is empty")
    } else if name.split(SEPARATOR).count() > DEEPEST {
        Some("the name has too many levels")
    } else {
        None
    }
}

/// Octets of the longest name.
const LONGEST: usize = 1000;

/// Levels of the deepest name.
const DEEPEST: usize = 64;
