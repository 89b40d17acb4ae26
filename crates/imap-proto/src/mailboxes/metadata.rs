//! METADATA: annotations of mailboxes and of the server (RFC 5464).

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use bounded_static::ToStatic;

use crate::syntax::extension::Extension;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, InvalidValue, Mailbox, Octets, OneOrMore, SyntaxError};

/// The name of an entry, such as `/shared/comment`: one line without `*` and `%` (RFC 5464 §3.2).
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct MetadataEntry<'a>(AString<'a>);

/// GETMETADATA (RFC 5464 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct GetMetadata<'a> {
    /// How much is told.
    pub options: Vec<MetadataOption<'a>>,
    /// The mailbox; the empty name is the server.
    pub mailbox: Mailbox<'a>,
    /// The entries.
    pub entries: OneOrMore<MetadataEntry<'a>>,
}

/// An option of GETMETADATA.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum MetadataOption<'a> {
    /// MAXSIZE: no values of more octets (RFC 5464 §4.2.1).
    MaxSize(u32),
    /// DEPTH: entries below the ones that are named (RFC 5464 §4.2.2).
    Depth(MetadataDepth),
    /// Another one.
    Other(Extension<'a>),
}

/// How far below an entry others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum MetadataDepth {
    /// `0`: the entry only.
    Entry,
    /// `1`: also those right below it.
    Children,
    /// `infinity`: also all below it.
    All,
}

/// SETMETADATA (RFC 5464 §4.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SetMetadata<'a> {
    /// The mailbox; the empty name is the server.
    pub mailbox: Mailbox<'a>,
    /// Entries and their new values; without one an entry goes.
    pub values: OneOrMore<MetadataValue<'a>>,
}

/// An entry with its value.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct MetadataValue<'a> {
    /// The entry.
    pub entry: MetadataEntry<'a>,
    /// Its value: any octets; none where there is no such entry.
    pub value: Option<Octets<'a>>,
}

/// The METADATA response (RFC 5464 §4.4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Metadata<'a> {
    /// The mailbox; the empty name is the server.
    pub mailbox: Mailbox<'a>,
    /// What is told.
    pub content: MetadataContent<'a>,
}

/// What a METADATA response tells.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum MetadataContent<'a> {
    /// Values that were asked for.
    Values(OneOrMore<MetadataValue<'a>>),
    /// Entries that have changed.
    Changed(OneOrMore<MetadataEntry<'a>>),
}

impl<'a> MetadataEntry<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a `*`, `%`, NUL, CR or LF.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let octets = match name.into() {
            Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
            Cow::Owned(name) => Cow::Owned(name.into_bytes()),
        };
        match memchr::memchr2(b'*', b'%', &octets) {
            Some(offset) => Err(InvalidValue::new(offset, ENTRY)),
            None => AString::new(octets).map(Self),
        }
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// As text; what is not UTF-8 becomes U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        self.0.to_text()
    }

    /// `entry = astring ; MUST NOT contain "*" or "%"`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let name = reader.astring()?;
        match memchr::memchr2(b'*', b'%', name.as_bytes()) {
            Some(_) => Err(SyntaxError::new(start, ENTRY)),
            None => Ok(Self(name)),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.astring(&self.0);
    }
}

impl<'a> GetMetadata<'a> {
    /// ```text
    /// getmetadata         = "GETMETADATA" [SP getmetadata-options]
    ///                       SP mailbox SP entries
    /// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
    /// entries             = entry / "(" entry *(SP entry) ")"
    /// ```
    /// Clients that go by the examples of RFC 5464 §4.2.1 write the options behind the mailbox, where they are taken as well.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mut options = Vec::new();
        if reader.peek() == Some(b'(') {
            options = reader.list1(MetadataOption::read)?;
            reader.space()?;
        }
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let start = reader.offset();
        if options.is_empty()
            && let Ok(behind) = reader.list1(MetadataOption::read)
            && reader.accept_space()
        {
            options = behind;
        } else {
            reader.rewind(start);
        }
        let entries = match reader.peek() {
            Some(b'(') => OneOrMore::checked(reader.list1(MetadataEntry::read)?),
            _ => MetadataEntry::read(reader)?.into(),
        };
        Ok(Self {
            options,
            mailbox,
            entries,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("GETMETADATA ");
        if !self.options.is_empty() {
            writer.list(&self.options, |writer, option| option.write(writer));
            writer.space();
        }
        self.mailbox.write(writer);
        writer.space();
        match &*self.entries {
            [entry] => entry.write(writer),
            entries => writer.list(entries, |writer, entry| entry.write(writer)),
        }
    }
}

impl<'a> MetadataOption<'a> {
    /// ```text
    /// getmetadata-option = tagged-ext-label [SP tagged-ext-val]
    /// maxsize-opt        = "MAXSIZE" SP number
    /// scope-opt          = "DEPTH" SP ("0" / "1" / "infinity")
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"MAXSIZE" => {
                reader.space()?;
                reader.number().map(Self::MaxSize)
            }
            b"DEPTH" => {
                reader.space()?;
                MetadataDepth::read(reader).map(Self::Depth)
            }
            _ => {
                reader.rewind(start);
                Extension::read(reader).map(Self::Other)
            }
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::MaxSize(octets) => {
                writer.text("MAXSIZE ");
                writer.number(*octets);
            }
            Self::Depth(depth) => {
                writer.text("DEPTH ");
                writer.text(depth.as_str());
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl MetadataDepth {
    const ALL: [Self; 3] = [Self::Entry, Self::Children, Self::All];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "0",
            Self::Children => "1",
            Self::All => "infinity",
        }
    }

    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let found = Self::ALL.into_iter().find(|depth| reader.accept_word(depth.as_str()));
        found.map_or_else(|| reader.expected("0, 1 or infinity"), Ok)
    }
}

impl<'a> SetMetadata<'a> {
    /// `setmetadata = "SETMETADATA" SP mailbox SP entry-values`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let values = OneOrMore::checked(reader.list1(MetadataValue::read)?);
        Ok(Self { mailbox, values })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("SETMETADATA ");
        self.mailbox.write(writer);
        writer.space();
        writer.list(&self.values, |writer, value| value.write(writer));
    }
}

impl<'a> MetadataValue<'a> {
    /// ```text
    /// entry-value = entry SP value
    /// value       = nstring / literal8
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let entry = MetadataEntry::read(reader)?;
        reader.space()?;
        let value = reader.nstring()?.map(Octets::from);
        Ok(Self { entry, value })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.entry.write(writer);
        writer.space();
        writer.nstring(self.value.as_ref());
    }
}

impl<'a> Metadata<'a> {
    /// ```text
    /// metadata-resp = "METADATA" SP mailbox SP (entry-values / entry-list)
    /// entry-values  = "(" entry-value *(SP entry-value) ")"
    /// entry-list    = entry *(SP entry)
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let content = match reader.peek() {
            Some(b'(') => MetadataContent::Values(OneOrMore::checked(reader.list1(MetadataValue::read)?)),
            _ => MetadataContent::Changed(OneOrMore::checked(reader.separated(MetadataEntry::read)?)),
        };
        Ok(Self { mailbox, content })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("METADATA ");
        self.mailbox.write(writer);
        writer.space();
        match &self.content {
            MetadataContent::Values(values) => writer.list(values, |writer, value| value.write(writer)),
            MetadataContent::Changed(entries) => writer.separated(entries, |writer, entry| entry.write(writer)),
        }
    }
}

impl fmt::Debug for MetadataEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MetadataEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

const ENTRY: &str = "an entry's name without \"*\" and \"%\"";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};
    use crate::{Command, Data, Reading};
    use proptest::prelude::*;

    #[test]
    fn metadata_is_read_and_set() {
        for canonical in [
            "GETMETADATA \"\" /shared/comment",
            "GETMETADATA INBOX (/shared/comment /private/comment)",
            "GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX /a",
            "GETMETADATA (DEPTH 0 X-LANG (de) X-Y) \"a b\" \"/a b\"",
            "SETMETADATA INBOX (/private/comment \"x\" /shared/comment NIL)",
            "SETMETADATA x (/a {2}\r\n\r\n /b ~{1}\r\n\0)",
            "SETMETADATA x (/private/specialuse \"\\\\Drafts\")",
        ] {
            canonical_command(canonical);
        }
        respelled_command("getmetadata \"INBOX\" (depth 1) (/a)", "GETMETADATA (DEPTH 1) INBOX /a");
        respelled_command("getmetadata x (maxsize 5) (/a /b)", "GETMETADATA (MAXSIZE 5) x (/a /b)");
        for canonical in [
            "METADATA \"\" /shared/comment",
            "METADATA INBOX /shared/comment /private/comment",
            "METADATA INBOX (/private/comment \"x\" /b NIL /c \"\")",
        ] {
            canonical_data(canonical);
        }
        respelled_data(
            "metadata INBOX (\"/a\" {1}\r\nx /b nil)",
            "METADATA INBOX (/a \"x\" /b NIL)",
        );
    }

    /// A lone list behind the mailbox holds entries.
    #[test]
    fn options_behind_the_mailbox_are_options() {
        let Command::GetMetadata(get) = respelled_command("GETMETADATA x (MAXSIZE)", "GETMETADATA x MAXSIZE") else {
            panic!()
        };
        assert!(get.options.is_empty());
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("GETMETADATA x", 15),
            ("GETMETADATA () x /a", 15),
            ("GETMETADATA (MAXSIZE x) x /a", 23),
            ("GETMETADATA (DEPTH 2) x /a", 21),
            ("GETMETADATA (DEPTH 10) x /a", 21),
            ("GETMETADATA x \"/a*\"", 16),
            ("GETMETADATA x /a /b", 18),
            ("SETMETADATA x /a \"b\"", 16),
            ("SETMETADATA x ()", 17),
            ("SETMETADATA x (/a)", 19),
            ("SETMETADATA x (/a b)", 20),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
        assert!(data("METADATA x ()", Reading::STRICT).is_err());
        assert!(data("METADATA x", Reading::STRICT).is_err());
        assert!(MetadataEntry::new("/a%").is_err() && MetadataEntry::new("/a\n").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            name in "\\PC{0,5}",
            values in proptest::collection::vec(("/[a-zé \"]{0,4}", proptest::option::of(proptest::collection::vec(any::<u8>(), 0..5))), 1..4),
            size in any::<u32>(),
        ) {
            let mailbox = Mailbox::new(&name).unwrap();
            let values = values.into_iter().map(|(entry, value)| MetadataValue {
                entry: MetadataEntry::new(entry).unwrap(),
                value: value.map(Octets::from),
            });
            let values = OneOrMore::new(values.collect::<Vec<_>>()).unwrap();
            let entries = OneOrMore::new(values.iter().map(|value| value.entry.clone()).collect()).unwrap();
            let options = alloc::vec![MetadataOption::MaxSize(size), MetadataOption::Depth(MetadataDepth::All)];
            let get = GetMetadata { options, mailbox: mailbox.clone(), entries: entries.clone() };
            crate::trips::command_returns(&Command::GetMetadata(get))?;
            crate::trips::command_returns(&Command::SetMetadata(SetMetadata { mailbox: mailbox.clone(), values: values.clone() }))?;
            for content in [MetadataContent::Values(values), MetadataContent::Changed(entries)] {
                crate::trips::data_returns(&Data::Metadata(Metadata { mailbox: mailbox.clone(), content }))?;
            }
        }
    }
}
