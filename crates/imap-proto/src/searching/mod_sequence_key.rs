//! Modification sequences as something to search by (RFC 7162 §3.1.5).

use alloc::borrow::Cow;
use alloc::string::String;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Flag, InvalidValue, SyntaxError};

/// The search key MODSEQ: messages that changed at this sequence or later.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ModSequenceSearch<'a> {
    /// Only changes of one flag.
    pub entry: Option<ModSequenceEntry<'a>>,
    /// From this sequence.
    pub since: u64,
}

/// A flag whose changes are looked for, and whose.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ModSequenceEntry<'a> {
    flag: Flag<'a>,
    scope: EntryScope,
}

/// `entry-type-req` (RFC 7162 §7)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum EntryScope {
    /// `priv`: the user's own flag.
    Private,
    /// `shared`: the flag that all users share.
    Shared,
    /// `all`: both.
    All,
}

impl<'a> ModSequenceEntry<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] for `\Recent` and `\*`, which no message keeps.
    pub fn new(flag: Flag<'a>, scope: EntryScope) -> Result<Self, InvalidValue> {
        match flag {
            Flag::Recent | Flag::AnyKeyword => Err(InvalidValue::new(0, FLAG)),
            flag => Ok(Self { flag, scope }),
        }
    }

    /// The flag.
    pub const fn flag(&self) -> &Flag<'a> {
        &self.flag
    }

    /// Whose.
    pub const fn scope(&self) -> EntryScope {
        self.scope
    }

    /// ```text
    /// search-modseq-ext = SP entry-name SP entry-type-req
    /// entry-flag-name   = DQUOTE "/flags/" attr-flag DQUOTE
    /// entry-type-req    = "priv" / "shared" / "all"
    /// attr-flag         = "\\Answered" / … / attr-flag-keyword / attr-flag-extension
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let flag = flag(reader.quoted()?).ok_or(SyntaxError::new(start, FLAG))?;
        reader.space()?;
        let scope = EntryScope::read(reader)?;
        Self::new(flag, scope).map_err(|_| SyntaxError::new(start, FLAG))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("\"/flags/");
        // A system flag's backslash is escaped; nothing else in a flag needs it.
        match &self.flag {
            Flag::Keyword(_) => {}
            _ => writer.text("\\"),
        }
        self.flag.write(writer);
        writer.text("\" ");
        writer.text(self.scope.as_str());
    }
}

/// The flag of an entry's name.
fn flag(entry: Cow<'_, [u8]>) -> Option<Flag<'_>> {
    let prefix = entry.get(..PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let name = match entry {
        Cow::Borrowed(entry) => Cow::Borrowed(core::str::from_utf8(&entry[PREFIX.len()..]).ok()?),
        Cow::Owned(mut entry) => Cow::Owned(String::from_utf8(entry.split_off(PREFIX.len())).ok()?),
    };
    Flag::new(name).ok()
}

impl<'a> ModSequenceSearch<'a> {
    /// ```text
    /// search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
    /// ```
    /// All 64 bits are read: RFC 4551 §4 had them, RFC 7162 §7 has 63.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let entry = match reader.peek() {
            Some(b'"') => {
                let entry = ModSequenceEntry::read(reader)?;
                reader.space()?;
                Some(entry)
            }
            _ => None,
        };
        let since = reader.unsigned64()?;
        Ok(Self { entry, since })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("MODSEQ ");
        if let Some(entry) = &self.entry {
            entry.write(writer);
            writer.space();
        }
        writer.number(self.since);
    }
}

impl EntryScope {
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"PRIV" => Ok(Self::Private),
            b"SHARED" => Ok(Self::Shared),
            b"ALL" => Ok(Self::All),
            _ => {
                reader.rewind(start);
                reader.expected("priv, shared or all")
            }
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "priv",
            Self::Shared => "shared",
            Self::All => "all",
        }
    }
}

const PREFIX: &[u8] = b"/flags/";
const FLAG: &str = "\"/flags/\" and a flag that messages keep";
