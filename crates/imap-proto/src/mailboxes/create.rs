//! CREATE and RENAME with their parameters.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Mailbox;
use crate::mailboxes::mailbox_attribute::MailboxAttribute;
use crate::syntax::extension::Extension;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// CREATE (RFC 9051 §6.3.4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Create<'a> {
    /// The new mailbox.
    pub mailbox: Mailbox<'a>,
    /// What it is to be like (RFC 4466 §2.2).
    pub parameters: Vec<CreateParameter<'a>>,
}

/// A parameter of CREATE.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum CreateParameter<'a> {
    /// USE: what it is for (RFC 6154 §3).
    Use(Vec<MailboxAttribute<'a>>),
    /// Another one.
    Other(Extension<'a>),
}

/// RENAME (RFC 9051 §6.3.6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Rename<'a> {
    /// What the mailbox is called.
    pub from: Mailbox<'a>,
    /// What it is to be called.
    pub to: Mailbox<'a>,
    /// Parameters of extensions (RFC 4466 §2.3).
    pub parameters: Vec<Extension<'a>>,
}

impl<'a> Create<'a> {
    /// ```text
    /// create        = "CREATE" SP mailbox [create-params]
    /// create-params = SP "(" create-param *( SP create-param) ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        let parameters = parameters(reader, CreateParameter::read)?;
        Ok(Self { mailbox, parameters })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("CREATE ");
        self.mailbox.write(writer);
        if !self.parameters.is_empty() {
            writer.space();
            writer.list(&self.parameters, |writer, parameter| parameter.write(writer));
        }
    }
}

impl<'a> CreateParameter<'a> {
    /// ```text
    /// create-param =  create-param-name [SP create-param-value]
    /// create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        if reader.keyword().as_slice() == b"USE" {
            reader.space()?;
            return reader.list(MailboxAttribute::read).map(Self::Use);
        }
        reader.rewind(start);
        Extension::read(reader).map(Self::Other)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Use(attributes) => {
                writer.text("USE ");
                writer.list(attributes, |writer, attribute| attribute.write(writer));
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl<'a> Rename<'a> {
    /// ```text
    /// rename        = "RENAME" SP mailbox SP mailbox [rename-params]
    /// rename-params = SP "(" rename-param *( SP rename-param) ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let from = Mailbox::read(reader)?;
        reader.space()?;
        let to = Mailbox::read(reader)?;
        let parameters = parameters(reader, Extension::read)?;
        Ok(Self { from, to, parameters })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("RENAME ");
        self.from.write(writer);
        writer.space();
        self.to.write(writer);
        if !self.parameters.is_empty() {
            writer.space();
            writer.list(&self.parameters, |writer, parameter| parameter.write(writer));
        }
    }
}

/// `[SP "(" param *(SP param) ")"]`
fn parameters<'a, T>(reader: &mut Reader<'a>, read: impl FnMut(&mut Reader<'a>) -> Parse<T>) -> Parse<Vec<T>> {
    let behind = reader.offset();
    if reader.accept_space() && reader.peek() == Some(b'(') {
        return reader.list1(read);
    }
    reader.rewind(behind);
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use crate::trips::{canonical_command, command, respelled_command};
    use proptest::prelude::*;

    #[test]
    fn mailboxes_are_made_and_renamed() {
        for canonical in [
            "CREATE owatagusiam/",
            "CREATE \"a b\" (USE (\\Drafts \\Sent))",
            "CREATE x (USE () X-COLOUR (red) X-FLAT X-SIZE 5)",
            "CREATE x (USE (\\X-New))",
            "RENAME INBOX old-mail",
            "RENAME \"a b\" c (X-FORCE X-DEPTH 3)",
            "DELETE foo",
            "SUBSCRIBE #news.comp.mail.mime",
            "UNSUBSCRIBE \"NIL\"",
            "NAMESPACE",
            "CHECK",
            "CLOSE",
            "UNSELECT",
            "UNAUTHENTICATE",
            "COMPRESS DEFLATE",
            "GETJMAPACCESS",
        ] {
            canonical_command(canonical);
        }
        respelled_command("create {1}\r\nx (use (\\sent))", "CREATE x (USE (\\Sent))");
        respelled_command("rename inbox \"x\"", "RENAME INBOX x");
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("CREATE", 8),
            ("CREATE x ()", 12),
            ("CREATE x USE", 10),
            ("CREATE x (USE)", 15),
            ("CREATE x (USE (Sent))", 17),
            ("CREATE x (5)", 12),
            ("RENAME x", 10),
            ("RENAME x y z", 12),
            ("DELETE", 8),
            ("DELETE x y", 10),
            ("SUBSCRIBE ", 12),
            ("CHECK x", 7),
            ("COMPRESS", 10),
            ("COMPRESS (", 11),
            ("NAMESPACE \"\"", 11),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            name in "\\PC{0,6}",
            attributes in proptest::collection::vec(crate::mailboxes::mailbox_attribute::strategies::attribute(), 0..3),
            extensions in proptest::collection::vec(crate::syntax::extension_value::strategies::extension(), 0..3),
        ) {
            let mailbox = Mailbox::new(&name).unwrap();
            let mut parameters: Vec<_> = extensions.iter().cloned().map(CreateParameter::Other).collect();
            parameters.push(CreateParameter::Use(attributes));
            crate::trips::command_returns(&Command::Create(Create { mailbox: mailbox.clone(), parameters }))?;
            let rename = Rename { from: mailbox.clone(), to: mailbox.clone(), parameters: extensions };
            crate::trips::command_returns(&Command::Rename(rename))?;
            crate::trips::command_returns(&Command::Subscribe(mailbox))?;
        }
    }
}
