//! Mailboxes other than the selected one, by what they are to the user (RFC 5465 §6, RFC 7377 §2.2).

use bounded_static::ToStatic;

use crate::Mailbox;
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// `filter-mailboxes-other` (RFC 5465 §8, RFC 7377 §4)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum MailboxFilter<'a> {
    /// `inboxes`: where mail is delivered.
    Inboxes,
    /// `personal`: all in the user's own namespaces.
    Personal,
    /// `subscribed`
    Subscribed,
    /// `subtree`: these and all below them.
    Subtree(OneOrMore<Mailbox<'a>>),
    /// `subtree-one`: these and those one level below them (RFC 7377 §2.2).
    SubtreeOne(OneOrMore<Mailbox<'a>>),
    /// `mailboxes`: these. Wildcards are characters like others.
    Mailboxes(OneOrMore<Mailbox<'a>>),
}

impl<'a> MailboxFilter<'a> {
    /// What begins with `keyword`, behind which the position is; `None` when that is none.
    ///
    /// ```text
    /// filter-mailboxes-other = "inboxes" / "personal" / "subscribed" /
    ///                          ( "subtree" SP one-or-more-mailbox ) /
    ///                          ( "mailboxes" SP one-or-more-mailbox )
    /// filter-mailboxes-other =/ ("subtree-one" SP one-or-more-mailbox)
    /// ```
    pub(crate) fn read_behind(keyword: &[u8], reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        let make: fn(OneOrMore<Mailbox<'a>>) -> Self = match keyword {
            b"INBOXES" => return Ok(Some(Self::Inboxes)),
            b"PERSONAL" => return Ok(Some(Self::Personal)),
            b"SUBSCRIBED" => return Ok(Some(Self::Subscribed)),
            b"SUBTREE" => Self::Subtree,
            b"SUBTREE-ONE" => Self::SubtreeOne,
            b"MAILBOXES" => Self::Mailboxes,
            _ => return Ok(None),
        };
        reader.space()?;
        read_mailboxes(reader).map(make).map(Some)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let (name, mailboxes) = match self {
            Self::Inboxes => return writer.text("INBOXES"),
            Self::Personal => return writer.text("PERSONAL"),
            Self::Subscribed => return writer.text("SUBSCRIBED"),
            Self::Subtree(mailboxes) => ("SUBTREE ", mailboxes),
            Self::SubtreeOne(mailboxes) => ("SUBTREE-ONE ", mailboxes),
            Self::Mailboxes(mailboxes) => ("MAILBOXES ", mailboxes),
        };
        writer.text(name);
        match &**mailboxes {
            [mailbox] => mailbox.write(writer),
            mailboxes => writer.list(mailboxes, |writer, mailbox| mailbox.write(writer)),
        }
    }
}

/// ```text
/// one-or-more-mailbox = mailbox / many-mailboxes
/// many-mailboxes      = "(" mailbox *(SP mailbox) ")"
/// ```
fn read_mailboxes<'a>(reader: &mut Reader<'a>) -> Parse<OneOrMore<Mailbox<'a>>> {
    if reader.peek() == Some(b'(') {
        return reader.list1(Mailbox::read).map(OneOrMore::checked);
    }
    Mailbox::read(reader).map(OneOrMore::from)
}
