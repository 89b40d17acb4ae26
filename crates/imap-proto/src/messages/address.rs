//! Addresses as ENVELOPE has them: the four strings of the wire, groups as markers between them.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Octets;
use crate::syntax::loose;
use crate::syntax::place::put_made;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::spelled::Spelled;
use crate::syntax::writer::Writer;

/// `address` (RFC 9051 §7.5.2): a mailbox, or the begin or end of a group. Nothing is decoded: names are encoded words as the
/// message has them.
///
/// ```
/// # use imap_proto::Address;
/// let group = [
///     Address { mailbox: Some("friends".into()), ..Address::default() },
///     Address { mailbox: Some("ann".into()), host: Some("example.org".into()), ..Address::default() },
///     Address::default(),
/// ];
/// assert_eq!(Address::mailboxes(&group).count(), 1);
/// assert_eq!(Address::groups(&group).next().unwrap().members.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct Address<'a> {
    /// The display name.
    pub name: Option<Octets<'a>>,
    /// The source route ("at-domain-list"), which is obsolete.
    pub adl: Option<Octets<'a>>,
    /// The local part; where the host is NIL, the name of the group that begins, or NIL where it ends.
    pub mailbox: Option<Octets<'a>>,
    /// The domain; NIL in the markers of groups.
    pub host: Option<Octets<'a>>,
}

/// What an [`Address`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// A mailbox.
    Mailbox,
    /// The begin of a group.
    GroupStart,
    /// The end of a group.
    GroupEnd,
}

/// Addresses that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressGroup<'s, 'a> {
    /// The group's name; `None` of mailboxes that are in no group.
    pub name: Option<&'s Octets<'a>>,
    /// Mailboxes.
    pub members: &'s [Address<'a>],
}

impl<'a> Address<'a> {
    /// What it is.
    pub const fn kind(&self) -> AddressKind {
        match (&self.host, &self.mailbox) {
            (Some(_), _) => AddressKind::Mailbox,
            (None, Some(_)) => AddressKind::GroupStart,
            (None, None) => AddressKind::GroupEnd,
        }
    }

    /// The mailboxes of a list, in groups or not.
    pub fn mailboxes(list: &[Self]) -> impl Iterator<Item = &Self> {
        list.iter().filter(|address| address.kind() == AddressKind::Mailbox)
    }

    /// A list by its groups; a run of mailboxes outside of groups counts as one. A group that is not ended ends with the list, or where
    /// the next one begins.
    pub fn groups<'s>(list: &'s [Self]) -> impl Iterator<Item = AddressGroup<'s, 'a>> {
        let mut rest = list;
        core::iter::from_fn(move || {
            // An end without a begin.
            while let [first, behind @ ..] = rest
                && first.kind() == AddressKind::GroupEnd
            {
                rest = behind;
            }
            let name = match rest {
                [] => return None,
                [first, behind @ ..] if first.kind() == AddressKind::GroupStart => {
                    rest = behind;
                    first.mailbox.as_ref()
                }
                _ => None,
            };
            let end = rest
                .iter()
                .position(|address| address.kind() != AddressKind::Mailbox)
                .unwrap_or(rest.len());
            let (members, behind) = rest.split_at(end);
            rest = behind;
            Some(AddressGroup { name, members })
        })
    }

    /// ```text
    /// address      = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    /// addr-name    = nstring
    /// addr-adl     = nstring
    /// addr-mailbox = nstring
    /// addr-host    = nstring
    /// ```
    #[inline]
    fn read(list: &mut Vec<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        reader.open()?;
        let name = loose::nstring(reader)?;
        let adl = loose::next_nstring(reader)?;
        let mailbox = loose::next_nstring(reader)?;
        let host = match reader.next_plain_quoted() {
            Some(host) => Some(host),
            None if loose::another_field(reader)? => loose::nstring(reader)?,
            None => {
                reader.close()?;
                list.push(Self::of_three([name, adl, mailbox]));
                return Ok(());
            }
        };
        reader.close()?;
        put_made(list, || Self {
            name: name.map(Octets::from),
            adl: adl.map(Octets::from),
            mailbox: mailbox.map(Octets::from),
            host: host.map(Octets::from),
        });
        Ok(())
    }

    /// Servers that leave one out leave out the route or, as its NIL shows, the host; that NIL would make a group of a mailbox.
    fn of_three(fields: [Option<Spelled<'a>>; 3]) -> Self {
        let [name, second, third] = fields.map(|field| field.map(Octets::from));
        let (mailbox, host) = match second {
            None => (third, Some(Octets::default())),
            local_part => (local_part, Some(third.unwrap_or_default())),
        };
        Self {
            name,
            adl: None,
            mailbox,
            host,
        }
    }

    /// `"(" 1*address ")" / nil`, at the end of `list`.
    pub(crate) fn read_list(reader: &mut Reader<'a>, list: &mut Vec<Self>) -> Parse<()> {
        if reader.peek() != Some(b'(') && reader.accept_nil() {
            return Ok(());
        }
        reader.open()?;
        if reader.leniency().empty_lists && reader.accept(b')') {
            return Ok(());
        }
        loop {
            if matches!(reader.rest(), [b'(', next, ..] if *next != b')') || !Self::read_none(reader) {
                Self::read(list, reader)?;
            }
            if reader.peek() == Some(b'(') {
                continue;
            }
            if reader.accept_close() {
                return Ok(());
            }
            loose::spaces(reader);
        }
    }

    /// What some servers have in the place of an address.
    #[cold]
    fn read_none(reader: &mut Reader<'a>) -> bool {
        let leniency = reader.leniency();
        if leniency.missing_fields && reader.accept_nil() {
            reader.accept(b' ');
            return true;
        }
        leniency.empty_lists && reader.accept_text("()")
    }

    pub(crate) fn write_list(list: &[Self], writer: &mut Writer<'_>) {
        if list.is_empty() {
            return writer.text("NIL");
        }
        writer.text("(");
        for address in list {
            writer.text("(");
            writer.nstring(address.name.as_ref());
            writer.space();
            writer.nstring(address.adl.as_ref());
            writer.space();
            writer.nstring(address.mailbox.as_ref());
            writer.space();
            writer.nstring(address.host.as_ref());
            writer.text(")");
        }
        writer.text(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(mailbox: Option<&'static str>, host: Option<&'static str>) -> Address<'static> {
        Address {
            mailbox: mailbox.map(Octets::from),
            host: host.map(Octets::from),
            ..Address::default()
        }
    }

    #[test]
    fn groups_are_what_stands_between_markers() {
        let end = address(None, None);
        let start = |name| address(Some(name), None);
        let one = |name| address(Some(name), Some("x"));
        let list = [
            one("a"),
            start("g"),
            one("b"),
            one("c"),
            end.clone(),
            end,
            start("h"),
            start("i"),
            one("d"),
        ];
        let groups: Vec<_> = Address::groups(&list)
            .map(|group| (group.name.map(|name| name.to_text().into_owned()), group.members.len()))
            .collect();
        let name = |name: &str| Some(alloc::string::String::from(name));
        assert_eq!(groups, [(None, 1), (name("g"), 2), (name("h"), 0), (name("i"), 1)]);
        assert_eq!(Address::mailboxes(&list).count(), 4);
        assert_eq!(Address::groups(&[]).count(), 0);
    }
}
