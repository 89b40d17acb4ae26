//! Flags of messages.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Atom;
use crate::InvalidValue;
use crate::Octets;
use crate::SyntaxError;
use crate::syntax::place::put;
use crate::syntax::reader::{Keyword, Parse, Reader};
use crate::syntax::writer::Writer;

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
    /// What a server says is a flag and is none (see [`Leniency::odd_flags`](crate::Leniency::odd_flags)).
    Odd(OddFlag<'a>),
}

/// A word in a list of flags that is no flag: printable, without spaces, parentheses, braces and quotes, so that it can be written back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct OddFlag<'a>(Octets<'a>);

impl OddFlag<'_> {
    /// The word as it came.
    pub const fn octets(&self) -> &Octets<'_> {
        &self.0
    }
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
    pub(crate) fn read(flags: &mut Vec<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        if let Some((flag, len)) = Self::common(reader.rest()) {
            flags.push(flag);
            reader.skip(len);
            return Ok(());
        }
        if !reader.leniency().odd_flags {
            return Self::read_strict(flags, reader);
        }
        let (start, before) = (reader.offset(), flags.len());
        let read = Self::read_strict(flags, reader);
        if read.is_ok() && !reader.peek().is_some_and(is_odd_char) {
            return Ok(());
        }
        flags.truncate(before);
        reader.rewind(start);
        flags.push(Self::read_odd(reader)?);
        Ok(())
    }

    /// A flag that many messages have, spelled as nearly all servers spell it, and its length; `None` says nothing of others.
    #[inline]
    fn common(octets: &[u8]) -> Option<(Self, usize)> {
        let (flag, len) = match octets.get(1)? {
            b'S' if octets.starts_with(br"\Seen") => (Self::Seen, 5),
            b'A' if octets.starts_with(br"\Answered") => (Self::Answered, 9),
            b'F' if octets.starts_with(br"\Flagged") => (Self::Flagged, 8),
            b'D' if octets.starts_with(br"\Deleted") => (Self::Deleted, 8),
            b'D' if octets.starts_with(br"\Draft") => (Self::Draft, 6),
            b'R' if octets.starts_with(br"\Recent") => (Self::Recent, 7),
            _ => return None,
        };
        matches!(octets.get(len), Some(b' ' | b')')).then_some((flag, len))
    }

    /// A word that may be anything, or a flag in quotes.
    #[cold]
    fn read_odd(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        if reader.peek() != Some(b'"') {
            let word = reader.run1(is_odd_char, "a flag")?;
            return Ok(Self::Odd(OddFlag(word.into())));
        }
        let word = reader.quoted()?;
        let text = core::str::from_utf8(&word).ok().map(String::from);
        if let Some(flag) = text.and_then(|text| Self::new(text).ok()) {
            return Ok(flag);
        }
        match word.is_empty() || !word.iter().copied().all(is_odd_char) {
            true => Err(SyntaxError::new(start, "a flag")),
            false => Ok(Self::Odd(OddFlag(word.into()))),
        }
    }

    #[inline]
    fn read_strict(flags: &mut Vec<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        if !reader.accept(b'\\') {
            put(flags, reader.atom()?, Self::Keyword);
        } else if reader.accept(b'*') {
            put(flags, (), |()| Self::AnyKeyword);
        } else {
            put(flags, reader.atom()?, Self::system);
        }
        Ok(())
    }

    /// `flag-list = "(" [flag *(SP flag)] ")"`
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        if reader.leniency().empty_lists && reader.accept_nil() {
            return Ok(Vec::new());
        }
        reader.open()?;
        if reader.accept(b')') {
            return Ok(Vec::new());
        }
        let mut flags = Vec::with_capacity(4);
        reader.separated_onto(&mut flags, Self::read)?;
        reader.close()?;
        Ok(flags)
    }

    /// A flag by its name without the backslash.
    fn system(name: Atom<'a>) -> Self {
        match Keyword::new(name.as_bytes()).as_slice() {
            b"SEEN" => Self::Seen,
            b"ANSWERED" => Self::Answered,
            b"FLAGGED" => Self::Flagged,
            b"DELETED" => Self::Deleted,
            b"DRAFT" => Self::Draft,
            b"RECENT" => Self::Recent,
            _ => Self::Extension(name),
        }
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
            Self::Extension(_) | Self::Keyword(_) | Self::Odd(_) => "",
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Keyword(name) => writer.raw(name.as_bytes()),
            Self::Odd(OddFlag(word)) => writer.raw(word.as_bytes()),
            Self::Extension(name) => {
                writer.text("\\");
                writer.raw(name.as_bytes());
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
            Self::Odd(OddFlag(word)) => write!(f, "{}", mail_wire::Escaped(word.as_bytes())),
            Self::Extension(name) => write!(f, "\\{name}"),
            system => write!(f, "\\{}", system.system_name()),
        }
    }
}

/// What an odd flag is made of.
const fn is_odd_char(octet: u8) -> bool {
    !matches!(octet, 0..=b' ' | 0x7f | b'(' | b')' | b'{' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;
    use alloc::string::ToString;

    #[test]
    fn odd_flags_are_kept_when_asked_for() {
        let read = |text: &'static str, reading| {
            let mut reader = Reader::new(text.as_bytes(), reading);
            let flags = Flag::read_list(&mut reader)?;
            match reader.is_at_end() {
                true => Ok(flags),
                false => reader.expected("the end"),
            }
        };
        let odd = read("(\\Seen x[y]/z \"\\\\Deleted\" \\a\\b \"c]\" ü)", Reading::LENIENT).unwrap();
        let text: Vec<_> = odd.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["\\Seen", "x[y]/z", "\\Deleted", "\\\\a\\\\b", "c]", "ü"]);
        assert_eq!(odd[2], Flag::Deleted);
        let mut out = Vec::new();
        Flag::write_list(&odd, &mut Writer::new(&mut out, crate::Spelling::SERVER));
        assert_eq!(String::from_utf8(out).unwrap(), "(\\Seen x[y]/z \\Deleted \\a\\b c] ü)");
        for text in ["(x[y]/z)", "(\"\\\\Seen\")", "(\\a\\b)", "(ü)", "NIL"] {
            assert!(read(text, Reading::STRICT).is_err(), "{text}");
            assert!(read(text, Reading::LENIENT).is_ok(), "{text}");
        }
        for text in ["(\"\")", "(\"a b\")", "({1}\r\na)", "(a{1}\r\na)"] {
            assert!(read(text, Reading::LENIENT).is_err(), "{text:?}");
        }
    }

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
