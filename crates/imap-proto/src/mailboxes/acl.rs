//! Access control lists (RFC 4314).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::rights::Rights;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Mailbox, SyntaxError};

/// Whom rights are granted to (RFC 4314 §2): a user's name, `anyone`, or with `-` in front one from whom they are taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct AclIdentifier<'a>(pub AString<'a>);

/// How SETACL changes rights (RFC 4314 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum RightsChange {
    /// The rights, and no others.
    Replace(Rights),
    /// `+`: these as well.
    Add(Rights),
    /// `-`: these no more.
    Remove(Rights),
}

/// SETACL (RFC 4314 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SetAcl<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Whose rights change.
    pub identifier: AclIdentifier<'a>,
    /// How.
    pub change: RightsChange,
}

/// The arguments of DELETEACL (RFC 4314 §3.2) and LISTRIGHTS (RFC 4314 §3.4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AclEntry<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Whose rights are meant.
    pub identifier: AclIdentifier<'a>,
}

/// The ACL response (RFC 4314 §3.6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Acl<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Who has which rights.
    pub entries: Vec<(AclIdentifier<'a>, Rights)>,
}

/// The LISTRIGHTS response (RFC 4314 §3.7).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ListRights<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Whom they can be granted to.
    pub identifier: AclIdentifier<'a>,
    /// What the identifier always has.
    pub always: Rights,
    /// What can be granted; the rights of one set are granted together.
    pub grantable: Vec<Rights>,
}

/// The MYRIGHTS response (RFC 4314 §3.8).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct MyRights<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// What the user may do.
    pub rights: Rights,
}

impl AclIdentifier<'_> {
    /// Whether rights are taken from it.
    pub fn is_negative(&self) -> bool {
        self.0.as_bytes().first() == Some(&b'-')
    }

    /// Whether it is everyone, `anyone`.
    pub fn is_anyone(&self) -> bool {
        self.0.as_bytes() == b"anyone"
    }
}

impl RightsChange {
    /// What becomes of `rights`.
    #[must_use]
    pub const fn apply(self, rights: Rights) -> Rights {
        match self {
            Self::Replace(new) => new,
            Self::Add(more) => rights.union(more),
            Self::Remove(fewer) => rights.difference(fewer),
        }
    }

    /// `mod-rights = astring ; +rights to add, -rights to remove, rights to replace`
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        let text = reader.astring()?;
        let text = core::str::from_utf8(text.as_bytes()).unwrap_or("?");
        let (change, letters): (fn(Rights) -> Self, _) = match text.split_at_checked(1) {
            Some(("+", letters)) => (Self::Add, letters),
            Some(("-", letters)) => (Self::Remove, letters),
            _ => (Self::Replace, text),
        };
        match Rights::new(letters) {
            Ok(rights) => Ok(change(rights)),
            Err(_) => Err(SyntaxError::new(
                start,
                "rights, with \"+\" or \"-\" in front or without",
            )),
        }
    }

    fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::Replace(rights) => rights.write(writer),
            Self::Add(rights) => {
                writer.text("+");
                rights.write_letters(writer);
            }
            Self::Remove(rights) => {
                writer.text("-");
                rights.write_letters(writer);
            }
        }
    }
}

impl<'a> SetAcl<'a> {
    /// `setacl = "SETACL" SP mailbox SP identifier SP mod-rights`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let AclEntry { mailbox, identifier } = AclEntry::read(reader)?;
        reader.space()?;
        let change = RightsChange::read(reader)?;
        Ok(Self {
            mailbox,
            identifier,
            change,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        write_entry("SETACL ", &self.mailbox, &self.identifier, writer);
        writer.space();
        self.change.write(writer);
    }
}

impl<'a> AclEntry<'a> {
    /// ```text
    /// deleteacl  = "DELETEACL" SP mailbox SP identifier
    /// listrights = "LISTRIGHTS" SP mailbox SP identifier
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let identifier = AclIdentifier(reader.astring()?);
        Ok(Self { mailbox, identifier })
    }

    /// `name` is the command's, with its space.
    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        write_entry(name, &self.mailbox, &self.identifier, writer);
    }
}

fn write_entry(name: &str, mailbox: &Mailbox<'_>, identifier: &AclIdentifier<'_>, writer: &mut Writer<'_>) {
    writer.text(name);
    mailbox.write(writer);
    writer.space();
    writer.astring(&identifier.0);
}

impl<'a> Acl<'a> {
    /// `acl-data = "ACL" SP mailbox *(SP identifier SP rights)`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        let mut entries = Vec::new();
        while reader.accept_separator() {
            let identifier = AclIdentifier(reader.astring()?);
            reader.space()?;
            entries.push((identifier, Rights::read(reader)?));
        }
        Ok(Self { mailbox, entries })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("ACL ");
        self.mailbox.write(writer);
        for (identifier, rights) in &self.entries {
            writer.space();
            writer.astring(&identifier.0);
            writer.space();
            rights.write(writer);
        }
    }
}

impl<'a> ListRights<'a> {
    /// `listrights-data = "LISTRIGHTS" SP mailbox SP identifier SP rights *(SP rights)`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let AclEntry { mailbox, identifier } = AclEntry::read(reader)?;
        reader.space()?;
        let always = Rights::read(reader)?;
        let mut grantable = Vec::new();
        while reader.accept_separator() {
            grantable.push(Rights::read(reader)?);
        }
        Ok(Self {
            mailbox,
            identifier,
            always,
            grantable,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        write_entry("LISTRIGHTS ", &self.mailbox, &self.identifier, writer);
        for rights in core::iter::once(&self.always).chain(&self.grantable) {
            writer.space();
            rights.write(writer);
        }
    }
}

impl<'a> MyRights<'a> {
    /// `myrights-data = "MYRIGHTS" SP mailbox SP rights`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let rights = Rights::read(reader)?;
        Ok(Self { mailbox, rights })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("MYRIGHTS ");
        self.mailbox.write(writer);
        writer.space();
        self.rights.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};
    use crate::{Command, Data, Reading, Right};
    use proptest::prelude::*;

    #[test]
    fn rights_are_granted_and_told() {
        for canonical in [
            "SETACL INBOX alice lrswi",
            "SETACL \"a b\" -bob +x",
            "SETACL x anyone -lr",
            "SETACL x \"a b\" \"\"",
            "SETACL x y +",
            "DELETEACL INBOX alice",
            "GETACL INBOX",
            "LISTRIGHTS ~/Mail/saved smith",
            "MYRIGHTS INBOX",
        ] {
            canonical_command(canonical);
        }
        respelled_command("setacl inbox {5}\r\nalice \"+wl\"", "SETACL INBOX alice +lw");
        for canonical in [
            "ACL INBOX",
            "ACL INBOX alice lrswipkxtea -bob wi \"a b\" \"\"",
            "LISTRIGHTS x smith la r s w i k x t 0 1",
            "LISTRIGHTS x anyone \"\"",
            "MYRIGHTS INBOX lrn5",
            "MYRIGHTS INBOX \"\"",
        ] {
            canonical_data(canonical);
        }
        respelled_data("acl inbox x aa", "ACL INBOX x a");
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("SETACL x y", 12),
            ("SETACL x y lR", 13),
            ("SETACL x y ++l", 13),
            ("SETACL x y \"\u{e9}\"", 13),
            ("DELETEACL x", 13),
            ("MYRIGHTS", 10),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
        for (bad, offset) in [
            ("ACL x y", 9),
            ("ACL x y +l", 10),
            ("LISTRIGHTS x y", 16),
            ("MYRIGHTS x l r", 14),
        ] {
            let error = data(bad, Reading::STRICT).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn changes_apply() {
        let rights = |letters| Rights::new(letters).unwrap();
        let have = rights("lrs");
        assert_eq!(RightsChange::Replace(rights("a")).apply(have), rights("a"));
        assert_eq!(RightsChange::Add(rights("a")).apply(have), rights("lrsa"));
        assert_eq!(RightsChange::Remove(rights("sx")).apply(have), rights("lr"));
        let identifier = |text| AclIdentifier(AString::try_from(text).unwrap());
        assert!(identifier("-a").is_negative() && !identifier("a").is_negative() && identifier("anyone").is_anyone());
    }

    fn rights() -> impl Strategy<Value = Rights> {
        "[a-z0-9]{0,5}".prop_map(|letters| letters.bytes().filter_map(|letter| Right::new(letter).ok()).collect())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(name in "\\PC{0,5}", identifier in "\\PC{0,5}", always in rights(), sets in proptest::collection::vec(rights(), 0..4)) {
            let mailbox = Mailbox::new(&name).unwrap();
            let identifier = AclIdentifier(AString::try_from(identifier).unwrap());
            for change in [RightsChange::Add(always), RightsChange::Remove(always), RightsChange::Replace(always)] {
                let (mailbox, identifier) = (mailbox.clone(), identifier.clone());
                crate::trips::command_returns(&Command::SetAcl(SetAcl { mailbox, identifier, change }))?;
            }
            let entries = sets.iter().map(|rights| (identifier.clone(), *rights)).collect();
            crate::trips::data_returns(&Data::Acl(Acl { mailbox: mailbox.clone(), entries }))?;
            crate::trips::data_returns(&Data::MyRights(MyRights { mailbox: mailbox.clone(), rights: always }))?;
            crate::trips::data_returns(&Data::ListRights(ListRights { mailbox, identifier, always, grantable: sets }))?;
        }
    }
}
