//! What people are called in address lists.

use std::borrow::Cow;

use rfc5322::Mailbox;

use crate::{decode_phrase, decode_text};

/// The decoded display name of a mailbox. An address without angle brackets has none; it is called what the comment behind it
/// says, decoded, as it was done before there were display names. What stands in the address itself is never decoded.
///
/// ```
/// use mime_codec::{display_name, rfc5322::AddressList};
///
/// let list = AddressList::parse(b"=?utf-8?Q?Fran=C3=A7oise?= <f@crepes.fr>, bob@hamburger.edu (Bob), eve@example.net");
/// let names: Vec<_> = list.mailboxes().map(|mailbox| display_name(&mailbox)).collect();
/// assert_eq!(names, [Some("Françoise".into()), Some("Bob".into()), None]);
/// ```
pub fn display_name<'a>(mailbox: &Mailbox<'a>) -> Option<Cow<'a, str>> {
    if let Some(name) = mailbox.name() {
        return Some(decode_phrase(&name).text);
    }
    mailbox.name_comment().map(|comment| decode_text(comment.raw).text)
}
