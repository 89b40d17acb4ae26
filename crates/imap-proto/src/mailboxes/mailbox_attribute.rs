//! What LIST says of a mailbox, and what CREATE asks for it.

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, InvalidValue};

/// An attribute of a mailbox (RFC 9051 §7.3.1). Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum MailboxAttribute<'a> {
    /// `\NonExistent`: the name does not refer to a mailbox; it implies `\Noselect`.
    NonExistent,
    /// `\Noselect`: it cannot be selected.
    Noselect,
    /// `\Noinferiors`: it has no children and can have none.
    Noinferiors,
    /// `\HasChildren` (RFC 3348)
    HasChildren,
    /// `\HasNoChildren` (RFC 3348)
    HasNoChildren,
    /// `\Marked`: the server thinks that it has new messages.
    Marked,
    /// `\Unmarked`: it has no new ones.
    Unmarked,
    /// `\Subscribed` (RFC 5258 §4)
    Subscribed,
    /// `\Remote`: it is on another server (RFC 5258 §4).
    Remote,
    /// `\NoAccess`: the user has no access to it any more (RFC 5465 §5.9).
    NoAccess,
    /// A use that it has (RFC 6154 §2).
    SpecialUse(SpecialUse),
    /// Another one, which is named here without its backslash.
    Other(Atom<'a>),
}

/// What a mailbox is for (RFC 6154 §2, RFC 8457).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum SpecialUse {
    /// `\All`: all messages.
    All,
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Flagged`: all messages that are flagged.
    Flagged,
    /// `\Important`: all messages that are important to the user (RFC 8457 §3).
    Important,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
}

impl<'a> MailboxAttribute<'a> {
    /// An attribute by its name on the wire, such as `\Noselect`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is none.
    pub fn new(name: &'a str) -> Result<Self, InvalidValue> {
        match name.strip_prefix('\\') {
            Some(rest) => Atom::new(rest).map(Self::named),
            None => Err(InvalidValue::new(0, "an attribute that begins with a backslash")),
        }
    }

    /// What the mailbox is for, if the attribute says that; the names that XLIST has for uses count (`\AllMail`, `\Spam`, `\Starred`).
    pub fn special_use(&self) -> Option<SpecialUse> {
        match self {
            Self::SpecialUse(special) => Some(*special),
            Self::Other(name) => {
                let found = XLIST
                    .iter()
                    .find(|(xlist, _)| name.as_str().eq_ignore_ascii_case(xlist));
                found.map(|(_, special)| *special)
            }
            _ => None,
        }
    }

    /// ```text
    /// mbx-list-oflag = "\Noinferiors" / child-mbox-flag /
    ///                  "\Subscribed" / "\Remote" / flag-extension
    /// mbx-list-sflag = "\NonExistent" / "\Noselect" / "\Marked" / "\Unmarked"
    /// use-attr       = "\All" / "\Archive" / "\Drafts" / "\Flagged" /
    ///                  "\Junk" / "\Sent" / "\Trash" / use-attr-ext
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.require(b'\\', "a mailbox attribute")?;
        reader.atom().map(Self::named)
    }

    fn named(name: Atom<'a>) -> Self {
        let same = |known: &str| name.as_str().eq_ignore_ascii_case(known);
        if let Some((_, attribute)) = ATTRIBUTES.iter().find(|(known, _)| same(known)) {
            return attribute.clone();
        }
        match SpecialUse::ALL.into_iter().find(|special| same(special.as_str())) {
            Some(special) => Self::SpecialUse(special),
            None => Self::Other(name),
        }
    }

    /// The name without its backslash.
    fn name(&self) -> &str {
        match self {
            Self::SpecialUse(special) => special.as_str(),
            Self::Other(name) => name.as_str(),
            known => {
                let found = ATTRIBUTES.iter().find(|(_, attribute)| attribute == known);
                found.map_or("", |(name, _)| name)
            }
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("\\");
        writer.text(self.name());
    }
}

impl SpecialUse {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::Archive,
        Self::Drafts,
        Self::Flagged,
        Self::Important,
        Self::Junk,
        Self::Sent,
        Self::Trash,
    ];

    /// As on the wire, without the backslash.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Archive => "Archive",
            Self::Drafts => "Drafts",
            Self::Flagged => "Flagged",
            Self::Important => "Important",
            Self::Junk => "Junk",
            Self::Sent => "Sent",
            Self::Trash => "Trash",
        }
    }
}

impl core::fmt::Display for MailboxAttribute<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "\\{}", self.name())
    }
}

const ATTRIBUTES: [(&str, MailboxAttribute<'static>); 10] = [
    ("NonExistent", MailboxAttribute::NonExistent),
    ("Noselect", MailboxAttribute::Noselect),
    ("Noinferiors", MailboxAttribute::Noinferiors),
    ("HasChildren", MailboxAttribute::HasChildren),
    ("HasNoChildren", MailboxAttribute::HasNoChildren),
    ("Marked", MailboxAttribute::Marked),
    ("Unmarked", MailboxAttribute::Unmarked),
    ("Subscribed", MailboxAttribute::Subscribed),
    ("Remote", MailboxAttribute::Remote),
    ("NoAccess", MailboxAttribute::NoAccess),
];

/// Gmail's XLIST had its own names before RFC 6154.
const XLIST: [(&str, SpecialUse); 3] = [
    ("AllMail", SpecialUse::All),
    ("Spam", SpecialUse::Junk),
    ("Starred", SpecialUse::Flagged),
];

#[cfg(test)]
pub(crate) mod strategies {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn attribute() -> impl Strategy<Value = MailboxAttribute<'static>> {
        let special = proptest::sample::select(&SpecialUse::ALL[..]).prop_map(MailboxAttribute::SpecialUse);
        prop_oneof![
            proptest::sample::select(&ATTRIBUTES[..]).prop_map(|(_, attribute)| attribute),
            special,
            "X[a-z]{0,5}".prop_map(|name| MailboxAttribute::Other(Atom::new(name).unwrap())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(MailboxAttribute::new("\\NOSELECT"), Ok(MailboxAttribute::Noselect));
        let sent = MailboxAttribute::new("\\sent").unwrap();
        assert_eq!(
            (sent.special_use(), sent.to_string().as_str()),
            (Some(SpecialUse::Sent), "\\Sent")
        );
        let all = MailboxAttribute::new("\\allmail").unwrap();
        assert_eq!(
            (all.special_use(), all.to_string().as_str()),
            (Some(SpecialUse::All), "\\allmail")
        );
        for bad in ["", "Sent", "\\", "\\*", "\\a b", "\\a\r\nb", "\\\\Sent"] {
            assert!(MailboxAttribute::new(bad).is_err(), "{bad:?}");
        }
    }
}
