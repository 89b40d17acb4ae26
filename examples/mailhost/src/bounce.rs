//! Word to the sender about recipients that do not get a message (RFC 5321 §6.1).

use std::fmt::Write;

use mail_wire::Escaped;
use rfc5322::{AddrSpec, Field, FieldError, FieldName, delivered_to, return_path};
use tracing::warn;

use crate::accounts::Resolved;
use crate::delivery::now;
use crate::host::Host;
use crate::store::{Delivery, Envelope, Mailbox, QueueEntry, Recipient, RecipientStatus, Result};

/// Makes a report durable, on its way to the sender. A message without a sender, which is a report itself, gets none
/// (RFC 5321 §4.5.5); neither does a sender whom this host cannot reach. Both are logged.
///
/// # Errors
///
/// Those of the store: nothing was reported.
pub(crate) async fn report(host: &Host, entry: &QueueEntry, failed: &[Recipient]) -> Result<()> {
    let to = AddrSpec::parse(entry.reverse_path.as_bytes()).ok();
    let Some((to, delivery)) = to.and_then(|to| Some((to.clone(), delivery(host, to)?))) else {
        warn!(
            id = entry.claim.id.0,
            ?failed,
            "undeliverable, and there is nobody to tell"
        );
        return Ok(());
    };
    let text = text(host, &to, failed).unwrap_or_else(|_| "Subject: undeliverable\r\n\r\n".to_owned());
    let mut spool = host.store.spool();
    spool.write(text.as_bytes()).await?;
    spool.commit(vec![delivery]).await?;
    Ok(())
}

/// Reports go out with the null reverse-path, so that no report is made about them.
fn delivery(host: &Host, to: AddrSpec) -> Option<Delivery> {
    let domain = to.domain().as_str().to_ascii_lowercase();
    match host.settings.accounts.resolve(to.local_part(), &domain) {
        Resolved::Mailbox(mailbox) => Some(Delivery::mailbox(mailbox.clone(), prefix(&mailbox))),
        Resolved::Elsewhere if host.settings.routes.contains_key(&domain) => {
            let envelope = Envelope {
                next_hop: domain,
                reverse_path: String::new(),
                forward_paths: vec![to.to_string()],
            };
            Some(Delivery::relay(envelope, Vec::new()))
        }
        Resolved::NoSuchUser | Resolved::Elsewhere => None,
    }
}

fn prefix(mailbox: &Mailbox) -> Vec<u8> {
    let account = AddrSpec::parse(mailbox.account().as_bytes()).expect("accounts are addresses");
    [return_path(None).as_bytes(), delivered_to(&account).as_bytes()].concat()
}

fn text(host: &Host, to: &AddrSpec, failed: &[Recipient]) -> Result<String, FieldError> {
    let hostname = &host.settings.hostname;
    let name = host.message_name();
    let fields = [
        ("Date", now().to_string()),
        ("From", format!("Mail delivery <MAILER-DAEMON@{hostname}>")),
        ("To", to.to_string()),
        ("Subject", "Undelivered mail".to_owned()),
        ("Message-ID", format!("<{name}.report@{hostname}>")),
        ("Auto-Submitted", "auto-replied".to_owned()),
    ];
    let mut text = String::new();
    for (name, value) in fields {
        text.push_str(Field::new(&FieldName::new(name)?, &value)?.as_str());
    }
    text.push_str("\r\nYour message could not be delivered to everybody. This is what happened:\r\n");
    for recipient in failed {
        let why = match &recipient.status {
            RecipientStatus::Failed(why) => Escaped(why.as_bytes()).to_string(),
            RecipientStatus::Pending | RecipientStatus::Delivered => continue,
        };
        // Writing to a String does not fail.
        let _ = write!(text, "\r\n  {}\r\n", recipient.forward_path);
        for line in why.as_bytes().chunks(LINE) {
            let _ = write!(text, "    {}\r\n", String::from_utf8_lossy(line));
        }
    }
    Ok(text)
}

/// Octets of a line of explanation.
const LINE: usize = 500;
