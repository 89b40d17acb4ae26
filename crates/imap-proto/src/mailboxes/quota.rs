//! Quotas: how much of what a user may have.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, Mailbox};

/// What is counted (RFC 9208 §5). Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum QuotaResource<'a> {
    /// STORAGE: messages, in units of 1024 octets.
    Storage,
    /// MESSAGE: how many messages there are.
    Message,
    /// MAILBOX: how many mailboxes there are.
    Mailbox,
    /// ANNOTATION-STORAGE: annotations, in units of 1024 octets.
    AnnotationStorage,
    /// Another one.
    Other(Atom<'a>),
}

/// The QUOTA response (RFC 9208 §4.2.1).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Quota<'a> {
    /// The quota root.
    pub root: AString<'a>,
    /// What is counted; nothing where nothing is limited.
    pub resources: Vec<QuotaUsage<'a>>,
}

/// How much there is, and may be, of a resource.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct QuotaUsage<'a> {
    /// The resource.
    pub resource: QuotaResource<'a>,
    /// How much there is; more than 2^63-1 is written as that.
    pub usage: u64,
    /// How much may be; more than 2^63-1 is written as that.
    pub limit: u64,
}

/// SETQUOTA (RFC 9208 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SetQuota<'a> {
    /// The quota root.
    pub root: AString<'a>,
    /// The new limits, of which more than 2^63-1 is written as that; what is not named has none.
    pub limits: Vec<(QuotaResource<'a>, u64)>,
}

/// The QUOTAROOT response (RFC 9208 §4.2.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct QuotaRoots<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// The quota roots that it counts for.
    pub roots: Vec<AString<'a>>,
}

impl<'a> QuotaResource<'a> {
    /// A resource by its name.
    pub fn named(name: Atom<'a>) -> Self {
        let known = [Self::Storage, Self::Message, Self::Mailbox, Self::AnnotationStorage];
        let found = known
            .into_iter()
            .find(|resource| resource.as_str().eq_ignore_ascii_case(name.as_str()));
        found.unwrap_or(Self::Other(name))
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Storage => "STORAGE",
            Self::Message => "MESSAGE",
            Self::Mailbox => "MAILBOX",
            Self::AnnotationStorage => "ANNOTATION-STORAGE",
            Self::Other(name) => name.as_str(),
        }
    }

    /// ```text
    /// resource-name     = "STORAGE" / "MESSAGE" / "MAILBOX" /
    ///                     "ANNOTATION-STORAGE" / resource-name-ext
    /// resource-name-ext = atom
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.atom().map(Self::named)
    }
}

impl<'a> Quota<'a> {
    /// The usage of `resource`.
    pub fn usage(&self, resource: &QuotaResource<'_>) -> Option<&QuotaUsage<'a>> {
        self.resources.iter().find(|usage| usage.resource == *resource)
    }

    /// ```text
    /// quota-response = "QUOTA" SP quota-root-name SP quota-list
    /// quota-list     = "(" quota-resource *(SP quota-resource) ")"
    /// quota-resource = resource-name SP resource-usage SP resource-limit
    /// ```
    /// The list may be empty, as RFC 2087 §6 has it.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let root = reader.astring()?;
        reader.space()?;
        let resources = reader.list(|reader| {
            let resource = QuotaResource::read(reader)?;
            reader.space()?;
            let usage = reader.number64()?;
            reader.space()?;
            let limit = reader.number64()?;
            Ok(QuotaUsage { resource, usage, limit })
        })?;
        Ok(Self { root, resources })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("QUOTA ");
        writer.astring(&self.root);
        writer.space();
        writer.list(&self.resources, |writer, usage| {
            writer.text(usage.resource.as_str());
            writer.space();
            writer.number64(usage.usage);
            writer.space();
            writer.number64(usage.limit);
        });
    }
}

impl<'a> SetQuota<'a> {
    /// ```text
    /// setquota          = "SETQUOTA" SP quota-root-name SP setquota-list
    /// setquota-list     = "(" [setquota-resource *(SP setquota-resource)] ")"
    /// setquota-resource = resource-name SP resource-limit
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let root = reader.astring()?;
        reader.space()?;
        let limits = reader.list(|reader| {
            let resource = QuotaResource::read(reader)?;
            reader.space()?;
            Ok((resource, reader.number64()?))
        })?;
        Ok(Self { root, limits })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("SETQUOTA ");
        writer.astring(&self.root);
        writer.space();
        writer.list(&self.limits, |writer, (resource, limit)| {
            writer.text(resource.as_str());
            writer.space();
            writer.number64(*limit);
        });
    }
}

impl<'a> QuotaRoots<'a> {
    /// `quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        let mut roots = Vec::new();
        while reader.accept_separator() {
            roots.push(reader.astring()?);
        }
        Ok(Self { mailbox, roots })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("QUOTAROOT ");
        self.mailbox.write(writer);
        for root in &self.roots {
            writer.space();
            writer.astring(root);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_data};
    use crate::{Command, Data, Reading};
    use proptest::prelude::*;

    #[test]
    fn quotas_are_asked_and_told() {
        for canonical in [
            "GETQUOTA \"\"",
            "GETQUOTA !partition/sda4",
            "GETQUOTAROOT INBOX",
            "SETQUOTA \"\" (STORAGE 512 X-LINES 0)",
            "SETQUOTA #user/alice ()",
        ] {
            canonical_command(canonical);
        }
        for canonical in [
            "QUOTA \"\" (STORAGE 10 512)",
            "QUOTA #user/alice (MESSAGE 42 1000 MAILBOX 1 9223372036854775807 ANNOTATION-STORAGE 0 0 X-LINES 5 6)",
            "QUOTA \"a b\" ()",
            "QUOTAROOT INBOX \"\"",
            "QUOTAROOT comp.mail.mime",
            "QUOTAROOT \"a b\" #user/alice !partition/sda4",
        ] {
            canonical_data(canonical);
        }
        respelled_data("quota \"x\" (storage 1 2)", "QUOTA x (STORAGE 1 2)");
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("QUOTA x", 9),
            ("QUOTA x STORAGE", 10),
            ("QUOTA x (STORAGE 1)", 20),
            ("QUOTA x (STORAGE -1 2)", 19),
            ("QUOTA x (STORAGE 1 9223372036854775808)", 21),
            ("QUOTA (STORAGE 1 2)", 8),
            ("QUOTAROOT", 11),
            ("QUOTAROOT x ", 14),
        ] {
            let error = data(bad, Reading::STRICT).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
        for (bad, offset) in [("SETQUOTA x", 12), ("SETQUOTA x (STORAGE)", 21), ("GETQUOTA x y", 12)] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(root in "\\PC{0,5}", name in "[A-Z]{1,4}", numbers in proptest::collection::vec(0..1u64 << 63, 0..4)) {
            let root = AString::try_from(root).unwrap();
            let resource = QuotaResource::named(Atom::new(name).unwrap());
            let limits = numbers.iter().map(|limit| (resource.clone(), *limit)).collect();
            crate::trips::command_returns(&Command::SetQuota(SetQuota { root: root.clone(), limits }))?;
            crate::trips::command_returns(&Command::GetQuota(root.clone()))?;
            let mailbox = Mailbox::new(&root.to_text()).unwrap();
            let roots = numbers.iter().map(|_| root.clone()).collect();
            crate::trips::data_returns(&Data::QuotaRoot(QuotaRoots { mailbox, roots }))?;
            let usage = |limit: &u64| QuotaUsage { resource: resource.clone(), usage: limit / 2, limit: *limit };
            crate::trips::data_returns(&Data::Quota(Quota { root, resources: numbers.iter().map(usage).collect() }))?;
        }
    }
}
