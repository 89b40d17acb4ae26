//! NAMESPACE: where a user's mailboxes are.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::list_pattern::Delimiter;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Mailbox, OneOrMore};

/// The NAMESPACE response (RFC 9051 §7.3.2, RFC 2342). A kind without namespaces is `NIL` on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToStatic)]
pub struct Namespaces<'a> {
    /// The user's own.
    pub personal: Vec<Namespace<'a>>,
    /// Those of other users.
    pub other_users: Vec<Namespace<'a>>,
    /// Those that users share.
    pub shared: Vec<Namespace<'a>>,
}

/// One namespace.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Namespace<'a> {
    /// What the names of its mailboxes begin with, the delimiter included; it may be empty.
    pub prefix: Mailbox<'a>,
    /// What stands between the levels of names; none where names are flat.
    pub delimiter: Option<Delimiter>,
    /// What extensions add.
    pub extensions: Vec<NamespaceExtension<'a>>,
}

/// What an extension says of a namespace (RFC 2342 §5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct NamespaceExtension<'a> {
    /// Its name.
    pub name: AString<'a>,
    /// Its values.
    pub values: OneOrMore<AString<'a>>,
}

impl<'a> Namespaces<'a> {
    /// `namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let personal = Namespace::read_kind(reader)?;
        reader.space()?;
        let other_users = Namespace::read_kind(reader)?;
        reader.space()?;
        let shared = Namespace::read_kind(reader)?;
        Ok(Self {
            personal,
            other_users,
            shared,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("NAMESPACE");
        for kind in [&self.personal, &self.other_users, &self.shared] {
            writer.space();
            if kind.is_empty() {
                writer.text("NIL");
                continue;
            }
            writer.text("(");
            kind.iter().for_each(|namespace| namespace.write(writer));
            writer.text(")");
        }
    }
}

impl<'a> Namespace<'a> {
    /// A namespace of which no extension says anything.
    pub const fn new(prefix: Mailbox<'a>, delimiter: Option<Delimiter>) -> Self {
        Self {
            prefix,
            delimiter,
            extensions: Vec::new(),
        }
    }

    /// What people call it, in the language that was agreed (RFC 5255 §3.4), in modified UTF-7: see [`mutf7`](crate::mailboxes::mutf7).
    pub fn translation(&self) -> Option<&AString<'a>> {
        let is_translation = |extension: &&NamespaceExtension<'_>| {
            let name = extension.name.as_bytes();
            name.eq_ignore_ascii_case(b"TRANSLATION")
        };
        let found = self.extensions.iter().find(is_translation)?;
        found.values.first()
    }

    /// `namespace = nil / "(" 1*namespace-descr ")"`
    ///
    /// Servers put spaces between the descriptions as well; with `extra_spaces` they may.
    fn read_kind(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        if reader.accept_nil() {
            return Ok(Vec::new());
        }
        reader.require(b'(', "a list of namespaces or NIL")?;
        let mut namespaces = Vec::new();
        loop {
            namespaces.push(Self::read(reader)?);
            if reader.leniency().extra_spaces {
                reader.accept_space();
            }
            if reader.accept(b')') {
                return Ok(namespaces);
            }
        }
    }

    /// ```text
    /// namespace-descr              = "(" string SP
    ///                                (DQUOTE QUOTED-CHAR DQUOTE / nil)
    ///                                [namespace-response-extensions] ")"
    /// namespace-response-extension = SP string SP "(" string *(SP string) ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let prefix = Mailbox::read_string(reader)?;
        reader.space()?;
        let delimiter = Delimiter::read(reader)?;
        let mut extensions = Vec::new();
        while reader.peek() == Some(b' ') && reader.peek_at(1) != Some(b')') {
            reader.space()?;
            let name = reader.line_string()?;
            reader.space()?;
            let values = OneOrMore::checked(reader.list1(Reader::line_string)?);
            extensions.push(NamespaceExtension { name, values });
        }
        reader.close()?;
        Ok(Self {
            prefix,
            delimiter,
            extensions,
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        self.prefix.write_string(writer);
        writer.space();
        Delimiter::write(self.delimiter, writer);
        for NamespaceExtension { name, values } in &self.extensions {
            writer.space();
            writer.string(name.as_bytes());
            writer.space();
            writer.list(values, |writer, value| writer.string(value.as_bytes()));
        }
        writer.text(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, respelled_data};
    use crate::{Data, Leniency, Reading};
    use proptest::prelude::*;

    #[test]
    fn namespaces_as_servers_send_them() {
        for canonical in [
            "NAMESPACE NIL NIL NIL",
            "NAMESPACE ((\"\" \"/\")) NIL NIL",
            "NAMESPACE ((\"INBOX.\" \".\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) ((\"~\" NIL)) ((\"#news.\" \".\"))",
            "NAMESPACE NIL ((\"Other Users/\" \"/\" \"TRANSLATION\" (\"Andere Ben&APw-tzer/\"))) NIL",
        ] {
            canonical_data(canonical);
        }
        let canonical = "NAMESPACE ((\"a\" NIL \"X\" (\"y\"))) NIL NIL";
        respelled_data("namespace (({1}\r\na nil {1}\r\nX (\"y\"))) nil NIL", canonical);
    }

    #[test]
    fn a_translation_is_found() {
        let Data::Namespace(namespaces) =
            canonical_data("NAMESPACE NIL NIL ((\"s/\" \"/\" \"X\" (\"1\") \"TRANSLATION\" (\"t/\")))")
        else {
            panic!()
        };
        let translation = namespaces.shared[0].translation().map(AString::as_bytes);
        assert_eq!(translation, Some(b"t/".as_slice()));
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("NAMESPACE", 11),
            ("NAMESPACE NIL NIL", 19),
            ("NAMESPACE () NIL NIL", 13),
            ("NAMESPACE (\"\" \"/\") NIL NIL", 13),
            ("NAMESPACE ((\"\" \"/\") (\"b\" \"/\")) NIL NIL", 21),
            ("NAMESPACE ((a \"/\")) NIL NIL", 14),
            ("NAMESPACE ((\"a\")) NIL NIL", 17),
            ("NAMESPACE ((\"a\" \"/\" \"X\" ())) NIL NIL", 27),
            ("NAMESPACE ((\"a\" \"/\" \"X\")) NIL NIL", 25),
            ("NAMESPACE NIL NIL NIL NIL", 23),
        ] {
            let error = data(bad, Reading::STRICT).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn spaces_between_descriptions_are_a_leniency() {
        let lenient = Reading {
            leniency: Leniency {
                extra_spaces: true,
                ..Leniency::STRICT
            },
            ..Reading::STRICT
        };
        let text = "NAMESPACE ((\"a\" \"/\") (\"b\" \"/\" ) ) NIL NIL ";
        let Ok(Data::Namespace(read)) = data(text, lenient) else {
            panic!()
        };
        assert_eq!(read.personal.len(), 2);
    }

    fn namespace() -> impl Strategy<Value = Namespace<'static>> {
        let line = || "[a-z \"é]{0,4}".prop_map(|text| AString::try_from(text).unwrap());
        let extension =
            (line(), proptest::collection::vec(line(), 1..3)).prop_map(|(name, values)| NamespaceExtension {
                name,
                values: OneOrMore::new(values).unwrap(),
            });
        let extensions = proptest::collection::vec(extension, 0..3);
        ("\\PC{0,5}", proptest::option::of(1u8..128), extensions).prop_map(|(prefix, delimiter, extensions)| {
            Namespace {
                prefix: Mailbox::new(&prefix).unwrap(),
                delimiter: delimiter.and_then(|octet| Delimiter::new(octet).ok()),
                extensions,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(kinds in proptest::collection::vec(proptest::collection::vec(namespace(), 0..3), 3)) {
            let [personal, other_users, shared] = <[_; 3]>::try_from(kinds).unwrap();
            crate::trips::data_returns(&Data::Namespace(Namespaces { personal, other_users, shared }))?;
        }
    }
}
