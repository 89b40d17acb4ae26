//! The names that clients use, and the store's mailboxes: who has which, by namespace (RFC 2342).
//!
//! | client's name | store's mailbox |
//! |---|---|
//! | `Work/2026` | of the user |
//! | `Users/alice/Work` | of another user, by login name |
//! | `Shared/News` | of nobody: of the account [`SHARED_ACCOUNT`] |

use imap_proto::server::Refusal;
use imap_proto::{Code, Data, Delimiter, IntoBoundedStatic as _, ListedExtension, ListedMailbox, MailboxAttribute};

use super::ImapDialogue;
use super::failure::Failure;
use crate::accounts::Accounts;
use crate::store::{Mailbox, SEPARATOR};

/// Whose the shared mailboxes are. No user can be called so.
pub(crate) const SHARED_ACCOUNT: &str = "#shared";

/// With what the names of other users' mailboxes begin.
pub(super) const USERS: &str = "Users/";

/// With what the names of shared mailboxes begin.
pub(super) const SHARED: &str = "Shared/";

impl ImapDialogue {
    /// The account that the client works in.
    pub(super) fn account(&self) -> Result<&str, Failure> {
        let user = self.user.as_ref();
        user.map(Mailbox::account).ok_or_else(|| Failure::bad("log in first"))
    }

    /// The mailbox that a client means. Whether there is one, and what the client may do with it, is another question.
    pub(super) fn mailbox(&self, name: &imap_proto::Mailbox<'_>) -> Result<Mailbox, Failure> {
        let text = name.to_text();
        if let Some(why) = fault(&text) {
            return Err(Refusal::fixed(why).with_code(Code::Cannot).into());
        }
        let account = self.account()?;
        resolve(&self.host.settings.accounts, account, &text).ok_or_else(no_such_mailbox)
    }

    /// What the client calls a mailbox.
    pub(super) fn name_of(&self, mailbox: &Mailbox) -> imap_proto::Mailbox<'static> {
        let account = self.account().unwrap_or_default();
        client_name(&self.host.settings.accounts, account, mailbox)
    }

    /// Tells a client of IMAP4rev2 that a mailbox is not called as it said, but in NFC (RFC 9051 §6.3.9.7).
    pub(super) async fn tell_normalized(
        &mut self,
        said: &imap_proto::Mailbox<'_>,
        mailbox: &Mailbox,
        attributes: Vec<MailboxAttribute<'static>>,
    ) -> Result<(), Failure> {
        let name = self.name_of(mailbox);
        if name == *said || !self.session.machine().enabled().rev2 {
            return Ok(());
        }
        let mut listed = ListedMailbox::new(attributes, delimiter(), name);
        listed
            .extended
            .push(ListedExtension::OldName(said.clone().into_static()));
        Ok(self.session.send(Data::List(listed)).await?)
    }
}

/// What there is not, and what a client must not know of.
pub(super) fn no_such_mailbox() -> Failure {
    Failure::no("no such mailbox", Code::NonExistent)
}

/// The mailbox that `account` calls so; `None` where no mailbox can be.
pub(super) fn resolve(accounts: &Accounts, account: &str, name: &str) -> Option<Mailbox> {
    if let Some(name) = name.strip_prefix(SHARED) {
        // The store has an INBOX for each account; nobody sees this one.
        return Some(Mailbox::new(SHARED_ACCOUNT, name)).filter(|mailbox| !mailbox.is_inbox());
    }
    if let Some(rest) = name.strip_prefix(USERS) {
        let (user, name) = rest.split_once(SEPARATOR)?;
        return Some(Mailbox::new(accounts.owner(user)?.account(), name));
    }
    let is_level = [USERS, SHARED]
        .iter()
        .any(|prefix| prefix.strip_suffix(SEPARATOR) == Some(name));
    (!is_level).then(|| Mailbox::new(account, name))
}

/// What `account` calls a mailbox.
pub(super) fn client_name(accounts: &Accounts, account: &str, mailbox: &Mailbox) -> imap_proto::Mailbox<'static> {
    let name = match mailbox.account() {
        owner if owner == account => mailbox.name().to_owned(),
        SHARED_ACCOUNT => format!("{SHARED}{}", mailbox.name()),
        owner => format!("{USERS}{}{SEPARATOR}{}", accounts.login_name(owner), mailbox.name()),
    };
    // A name with NUL, CR or LF does not come into the store.
    imap_proto::Mailbox::new(&name).unwrap_or(imap_proto::Mailbox::empty())
}

/// What stands between the levels of names.
pub(super) fn delimiter() -> Option<Delimiter> {
    Delimiter::new(SEPARATOR as u8).ok()
}

/// Why nothing can be called so (RFC 9051 §5.1, RFC 6855 §3).
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("a mailbox has a name")
    } else if name.len() > LONGEST {
        Some("the name is too long")
    } else if name
        .chars()
        .any(|c| c.is_control() || matches!(c, LINE_SEPARATOR | PARAGRAPH_SEPARATOR))
    {
        Some("a name has no control characters")
    } else if name.split(SEPARATOR).any(str::is_empty) {
        Some("a level of the name is empty")
    } else if name.split(SEPARATOR).count() > DEEPEST {
        Some("the name has too many levels")
    } else {
        None
    }
}

const LINE_SEPARATOR: char = '\u{2028}';
const PARAGRAPH_SEPARATOR: char = '\u{2029}';

/// Octets of the longest name.
const LONGEST: usize = 1000;

/// Levels of the deepest name.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use mail_wire::Secret;

    use super::*;

    #[test]
    fn names_lead_to_mailboxes_and_back() {
        let mut accounts = Accounts::new(["one.example".to_owned(), "two.example".to_owned()]);
        accounts.add("alice", Some("one.example"), Secret::from("a"));
        accounts.add("bob", None, Secret::from("b"));
        let (alice, bob) = ("alice@one.example", "bob@two.example");
        for (client, mailbox) in [
            ("INBOX", Mailbox::inbox(alice)),
            ("Work/x", Mailbox::new(alice, "Work/x")),
            ("Usersx", Mailbox::new(alice, "Usersx")),
            ("Users/bob/INBOX", Mailbox::inbox("bob@one.example")),
            ("Users/bob@two.example/a/b", Mailbox::new(bob, "a/b")),
            ("Shared/News", Mailbox::new(SHARED_ACCOUNT, "News")),
        ] {
            assert_eq!(resolve(&accounts, alice, client).as_ref(), Some(&mailbox), "{client}");
            let name = client_name(&accounts, alice, &mailbox);
            assert_eq!(name, imap_proto::Mailbox::new(client).unwrap());
        }
        let own = resolve(&accounts, alice, "Users/ALICE@one.example/inbox");
        assert_eq!(own, Some(Mailbox::inbox(alice)));
        for nothing in ["Users", "Shared", "Users/bob", "Users/carol/INBOX", "Shared/inbox"] {
            assert_eq!(resolve(&accounts, alice, nothing), None, "{nothing}");
        }
    }
}
