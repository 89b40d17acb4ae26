//! What LIST, LSUB and XLIST answer: one line for each mailbox.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::list_pattern::Delimiter;
use crate::mailboxes::mailbox_attribute::MailboxAttribute;
use crate::syntax::extension_value::ExtensionValue;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Mailbox, OneOrMore};

/// A mailbox in a list (RFC 9051 §7.3.1).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ListedMailbox<'a> {
    /// What it is like.
    pub attributes: Vec<MailboxAttribute<'a>>,
    /// What stands between the levels of its name; none where names are flat.
    pub delimiter: Option<Delimiter>,
    /// Its name.
    pub mailbox: Mailbox<'a>,
    /// What extensions add.
    pub extended: Vec<ListedExtension<'a>>,
}

/// Extended data of a mailbox (RFC 5258 §3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ListedExtension<'a> {
    /// CHILDINFO: children that are not listed themselves meet these selection options, such as `SUBSCRIBED`
    /// (RFC 9051 §6.3.9.6).
    ChildInfo(OneOrMore<AString<'a>>),
    /// OLDNAME: the name under which the client knows it, or asked for it (RFC 9051 §6.3.9.7).
    OldName(Mailbox<'a>),
    /// Data that this crate does not know, or cannot read.
    Other {
        /// Its name.
        name: AString<'a>,
        /// Its value.
        value: ExtensionValue<'a>,
    },
}

impl<'a> ListedMailbox<'a> {
    /// A mailbox without extended data.
    pub const fn new(
        attributes: Vec<MailboxAttribute<'a>>,
        delimiter: Option<Delimiter>,
        mailbox: Mailbox<'a>,
    ) -> Self {
        Self {
            attributes,
            delimiter,
            mailbox,
            extended: Vec::new(),
        }
    }

    /// Whether it has `attribute`.
    pub fn has(&self, attribute: &MailboxAttribute<'_>) -> bool {
        self.attributes.iter().any(|own| own == attribute)
    }

    /// The name under which the client knows it.
    pub fn old_name(&self) -> Option<&Mailbox<'a>> {
        self.extended.iter().find_map(|extension| match extension {
            ListedExtension::OldName(mailbox) => Some(mailbox),
            _ => None,
        })
    }

    /// ```text
    /// mailbox-list       = "(" [mbx-list-flags] ")" SP
    ///                      (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
    ///                      [SP mbox-list-extended]
    /// mbx-list-flags     = *(mbx-list-oflag SP) mbx-list-sflag
    ///                      *(SP mbx-list-oflag) /
    ///                      mbx-list-oflag *(SP mbx-list-oflag)
    /// mbox-list-extended = "(" [mbox-list-extended-item
    ///                      *(SP mbox-list-extended-item)] ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let attributes = reader.list(MailboxAttribute::read)?;
        reader.space()?;
        let delimiter = Delimiter::read(reader)?;
        reader.space()?;
        let start = reader.offset();
        match Self::read_name(reader) {
            Ok((mailbox, extended)) => Ok(Self {
                attributes,
                delimiter,
                mailbox,
                extended,
            }),
            Err(_) if reader.leniency().unquoted_names => {
                reader.rewind(start);
                let name = reader.line();
                let mailbox = Mailbox::from_line(name.into(), reader);
                Ok(Self::new(attributes, delimiter, mailbox))
            }
            Err(error) => Err(error),
        }
    }

    /// The name and what follows it, up to CRLF.
    fn read_name(reader: &mut Reader<'a>) -> Parse<(Mailbox<'a>, Vec<ListedExtension<'a>>)> {
        let mailbox = Mailbox::read(reader)?;
        let behind = reader.offset();
        let mut extended = Vec::new();
        if reader.accept_space() && reader.peek() == Some(b'(') {
            extended = reader.list(ListedExtension::read)?;
        } else {
            reader.rewind(behind);
        }
        if reader.leniency().unquoted_names {
            reader.clone().end()?;
        }
        Ok((mailbox, extended))
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        writer.text(name);
        writer.space();
        writer.list(&self.attributes, |writer, attribute| attribute.write(writer));
        writer.space();
        Delimiter::write(self.delimiter, writer);
        writer.space();
        self.mailbox.write(writer);
        if !self.extended.is_empty() {
            writer.space();
            writer.list(&self.extended, |writer, extension| extension.write(writer));
        }
    }
}

impl<'a> ListedExtension<'a> {
    /// ```text
    /// mbox-list-extended-item     = mbox-list-extended-item-tag SP tagged-ext-val
    /// mbox-list-extended-item-tag = astring
    /// childinfo-extended-item     = "CHILDINFO" SP "("
    ///                               list-select-base-opt-quoted
    ///                               *(SP list-select-base-opt-quoted) ")"
    /// oldname-extended-item       = "OLDNAME" SP "(" mailbox ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.astring()?;
        reader.space()?;
        let start = reader.offset();
        if let Some(Ok(known)) = Self::read_known(&name, reader) {
            return Ok(known);
        }
        reader.rewind(start);
        let value = ExtensionValue::read(reader)?;
        Ok(Self::Other { name, value })
    }

    fn read_known(name: &AString<'_>, reader: &mut Reader<'a>) -> Option<Parse<Self>> {
        if name.as_bytes().eq_ignore_ascii_case(b"CHILDINFO") {
            let options = reader.list1(Reader::line_string);
            return Some(options.map(OneOrMore::checked).map(Self::ChildInfo));
        }
        if name.as_bytes().eq_ignore_ascii_case(b"OLDNAME") {
            return Some(Self::read_old_name(reader));
        }
        None
    }

    fn read_old_name(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let mailbox = Mailbox::read(reader)?;
        reader.close()?;
        Ok(Self::OldName(mailbox))
    }

    /// Names in quotes, as servers write them.
    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::ChildInfo(options) => {
                writer.text("\"CHILDINFO\" ");
                writer.list(options, |writer, option| writer.string(option.as_bytes()));
            }
            Self::OldName(mailbox) => {
                writer.text("\"OLDNAME\" (");
                mailbox.write(writer);
                writer.text(")");
            }
            Self::Other { name, value } => {
                writer.astring(name);
                writer.space();
                value.write(writer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailboxes::mailbox_attribute::SpecialUse;
    use crate::trips::{canonical_data, data, respelled_data};
    use crate::{Data, Leniency, Reading};
    use proptest::prelude::*;

    #[test]
    fn lists_as_servers_send_them() {
        for canonical in [
            "LIST () NIL \"\"",
            "LIST (\\Noselect) \"/\" \"\"",
            "LIST (\\HasNoChildren \\Sent) \".\" INBOX.Sent",
            "LIST (\\Marked \\Noinferiors) \"\\\\\" \"a b\"",
            "LIST (\\NonExistent \\Subscribed \\Remote) \"\\\"\" x",
            "LIST () \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\" \"X-FOO\"))",
            "LIST () \"/\" foo (\"OLDNAME\" (\"a b\") \"CHILDINFO\" (\"SUBSCRIBED\"))",
            "LIST (\\NoAccess \\X-New) \"/\" foo (X-A 5 X-B (a (\"b\") NIL) \"X C\" 1:*)",
            "LSUB () \".\" #news.comp",
            "XLIST (\\HasNoChildren \\AllMail) \"/\" \"[Gmail]/All Mail\"",
        ] {
            canonical_data(canonical);
        }
        respelled_data(
            "list (\\hasnochildren) nil Inbox ()",
            "LIST (\\HasNoChildren) NIL INBOX",
        );
        respelled_data(
            "LIST () \"/\" a (CHILDINFO (\"SUBSCRIBED\"))",
            "LIST () \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\"))",
        );
        respelled_data("LIST () \"/\" {5}\r\na\\b\"c", "LIST () \"/\" \"a\\\\b\\\"c\"");
    }

    #[test]
    fn one_bad_item_costs_one_item() {
        let Data::List(listed) = canonical_data("LIST () \"/\" a (OLDNAME (x y) CHILDINFO 3 \"OLDNAME\" (b))") else {
            panic!()
        };
        assert_eq!(listed.extended.len(), 3);
        assert_eq!(listed.old_name(), Some(&Mailbox::new("b").unwrap()));
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("LIST", 6),
            ("LIST \\Sent \"/\" a", 7),
            ("LIST (Sent) \"/\" a", 8),
            ("LIST (\\) \"/\" a", 9),
            ("LIST () / a", 10),
            ("LIST () \"\" a", 10),
            ("LIST () \"//\" a", 10),
            ("LIST () NILL a", 10),
            ("LIST () \"/\"", 13),
            ("LIST () \"/\" a b", 15),
            ("LIST () \"/\" a (b)", 18),
            ("LIST () \"/\" a (b (c)", 22),
        ] {
            let error = data(bad, Reading::STRICT).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn unquoted_names_run_to_the_line_end() {
        let lenient = Reading {
            leniency: Leniency {
                unquoted_names: true,
                ..Leniency::STRICT
            },
            ..Reading::STRICT
        };
        for name in ["INBOX/Da\tOggetto\t", "Sent Items", "a (b", "a(b) c", "x (y)", "\"a"] {
            let text = alloc::format!("LIST (\\HasNoChildren) \"/\" {name}");
            let Ok(Data::List(listed)) = data(&text, lenient) else {
                panic!("{text}")
            };
            assert_eq!(listed.mailbox.as_wire(), name.as_bytes());
            assert!(data(&text, Reading::STRICT).is_err(), "{text}");
        }
        let Ok(Data::List(listed)) = data("LIST () \"/\" \"a b\" (OLDNAME (c))", lenient) else {
            panic!()
        };
        assert_eq!(
            (listed.mailbox.as_wire(), listed.extended.len()),
            (b"a b".as_slice(), 1)
        );
    }

    #[test]
    fn attributes_are_found() {
        let Data::List(listed) = canonical_data("LIST (\\Junk) \"/\" x") else {
            panic!()
        };
        assert!(listed.has(&MailboxAttribute::SpecialUse(SpecialUse::Junk)));
        assert!(!listed.has(&MailboxAttribute::Noselect));
    }

    fn listed() -> impl Strategy<Value = ListedMailbox<'static>> {
        let extension = prop_oneof![
            "[a-z é\"]{0,4}".prop_map(|option| ListedExtension::ChildInfo(AString::try_from(option).unwrap().into())),
            "[a-z é&]{0,4}".prop_map(|name| ListedExtension::OldName(Mailbox::new(&name).unwrap())),
            ("X[a-z \"]{0,4}", crate::syntax::extension_value::strategies::value()).prop_map(|(name, value)| {
                ListedExtension::Other {
                    name: AString::try_from(name).unwrap(),
                    value,
                }
            }),
        ];
        (
            proptest::collection::vec(crate::mailboxes::mailbox_attribute::strategies::attribute(), 0..4),
            proptest::option::of(1u8..128),
            "\\PC{0,6}",
            proptest::collection::vec(extension, 0..3),
        )
            .prop_map(|(attributes, delimiter, name, extended)| ListedMailbox {
                attributes,
                delimiter: delimiter.and_then(|octet| Delimiter::new(octet).ok()),
                mailbox: Mailbox::new(&name).unwrap(),
                extended,
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(listed in listed()) {
            crate::trips::data_returns(&Data::List(listed.clone()))?;
            crate::trips::data_returns(&Data::Lsub(listed.clone()))?;
            crate::trips::data_returns(&Data::XList(listed))?;
        }
    }
}
