//! Addresses as facts.

use std::io;

use mime_codec::decode_phrase;
use mime_codec::rfc5322::{Address, AddressList, Mailbox, Phrase};

use crate::pen::Pen;

/// Mailboxes and groups.
pub(crate) fn describe(list: &AddressList<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.lines(|pen| {
        list.iter().try_for_each(|address| match address {
            Address::Mailbox(mailbox) => describe_mailbox(&mailbox, pen),
            Address::Group(group) => pen.object(|pen| {
                pen.fact("group", decoded_name(&group.name()))?;
                pen.key("members")?;
                pen.lines(|pen| group.members().try_for_each(|member| describe_mailbox(&member, pen)))
            }),
        })
    })
}

fn describe_mailbox(mailbox: &Mailbox<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        match mailbox.name() {
            Some(name) => pen.fact("name", decoded_name(&name))?,
            None => {
                pen.key("name")?;
                pen.none()?;
            }
        }
        pen.fact("address", mailbox.address())
    })
}

/// A name as people read it.
fn decoded_name(name: &Phrase<'_>) -> String {
    decode_phrase(name).text.into_owned()
}
