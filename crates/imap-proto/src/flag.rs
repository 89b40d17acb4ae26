//! Flags of messages.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Atom;
use crate::InvalidValue;
use crate::reader::{Parse, Reader};
use crate::writer::Writer;

/// A flag or keyword (RFC 9051 §2.3.2). Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum Flag<'a> {
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Seen`
    Seen,
    /// `\Draft`
    Draft,
    /// `\Recent`, which servers of IMAP4rev1 set and no client may (RFC 3501 §2.3.2).
    Recent,
    /// `\*` in PERMANENTFLAGS: the client may make keywords of its own (RFC 9051 §7.1).
    AnyKeyword,
    /// Another flag with a backslash, which is named here without it.
    Extension(Atom<'a>),
    /// A keyword such as `$Forwarded` (RFC 5788).
    Keyword(Atom<'a>),
}

impl<'a> Flag<'a> {
    /// A flag by its name on the wire, such as `\Seen` or `$Junk`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is none.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let name = name.into();
        if name == "\\*" {
            return Ok(Self::AnyKeyword);
        }
        let atom = match name {
            Cow::Borrowed(name) => name.strip_prefix('\\').map(|rest| Atom::new(Cow::Borrowed(rest))),
            Cow::Owned(ref name) => name.strip_prefix('\\').map(|rest| Atom::new(String::from(rest))),
        };
        match atom {
            Some(atom) => atom.map(Self::system),
            None => Atom::new(name).map(Self::Keyword),
        }
    }

    /// `flag`, `flag-fetch` and `flag-perm`, which differ in what may stand where; which of them is legal is the commands' and
    /// responses' matter.
    ///
    /// ```text
    /// flag           = "\Answered" / "\Flagged" / "\Deleted" /
    ///                  "\Seen" / "\Draft" / flag-keyword / flag-extension
    /// flag-extension = "\" atom
    /// flag-keyword   = "$MDNSent" / "$Forwarded" / … / atom
    /// flag-fetch     = flag / obsolete-flag-recent
    /// flag-perm      = flag / "\*"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if !reader.accept(b'\\') {
            return Ok(Self::Keyword(reader.atom()?));
        }
        if reader.accept(b'*') {
            return Ok(Self::AnyKeyword);
        }
        reader.atom().map(Self::system)
    }

    /// `flag-list = "(" [flag *(SP flag)] ")"`
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        reader.list(Self::read)
    }

    fn system(name: Atom<'a>) -> Self {
        let known = [
            Self::Answered,
            Self::Flagged,
            Self::Deleted,
            Self::Seen,
            Self::Draft,
            Self::Recent,
        ];
        let found = known
            .into_iter()
            .find(|flag| name.as_str().eq_ignore_ascii_case(flag.system_name()));
        found.unwrap_or(Self::Extension(name))
    }

    const fn system_name(&self) -> &'static str {
        match self {
            Self::Answered => "Answered",
            Self::Flagged => "Flagged",
            Self::Deleted => "Deleted",
            Self::Seen => "Seen",
            Self::Draft => "Draft",
            Self::Recent => "Recent",
            Self::AnyKeyword => "*",
            Self::Extension(_) | Self::Keyword(_) => "",
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Keyword(name) => writer.text(name.as_str()),
            Self::Extension(name) => {
                writer.text("\\");
                writer.text(name.as_str());
            }
            system => {
                writer.text("\\");
                writer.text(system.system_name());
            }
        }
    }

    pub(crate) fn write_list(flags: &[Self], writer: &mut Writer<'_>) {
        writer.list(flags, |writer, flag| flag.write(writer));
    }
}

impl core::fmt::Display for Flag<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Keyword(name) => write!(f, "{name}"),
            Self::Extension(name) => write!(f, "\\{name}"),
            system => write!(f, "\\{}", system.system_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(Flag::new("\\SEEN"), Ok(Flag::Seen));
        assert_eq!(Flag::new("$junk"), Flag::new("$Junk"));
        assert_eq!(Flag::new("\\X").unwrap().to_string(), "\\X");
        assert_eq!(Flag::new("\\*"), Ok(Flag::AnyKeyword));
        for bad in ["", "\\", "a b", "a\r\nb", "\\\\a", "(", "\\**"] {
            assert!(Flag::new(bad).is_err(), "{bad:?}");
        }
    }
}
