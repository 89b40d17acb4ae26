//! Annotations of messages (RFC 5257).

use bounded_static::ToStatic;

use crate::syntax::class::is_list_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Octets, OneOrMore};

/// An entry with attributes and their values (RFC 5257 §5 `entry-att`), such as `/comment ("value.priv" "to read")`.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Annotation<'a> {
    /// The entry's path, such as `/comment`.
    pub entry: AString<'a>,
    /// Attributes, such as `value.shared`.
    pub attributes: OneOrMore<AnnotationAttribute<'a>>,
}

/// An attribute of an [`Annotation`] (RFC 5257 §5 `att-value`).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AnnotationAttribute<'a> {
    /// Its name, such as `value.priv`.
    pub name: AString<'a>,
    /// Its value; `None` where there is none, and in STORE to remove it.
    pub value: Option<Octets<'a>>,
}

/// What FETCH asks for (RFC 5257 §4.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AnnotationQuery<'a> {
    /// Paths; `*` and `%` stand for others as in LIST.
    pub entries: OneOrMore<AString<'a>>,
    /// Names of attributes; `value` stands for the private and the shared one.
    pub attributes: OneOrMore<AString<'a>>,
}

/// What a FETCH response tells (RFC 5257 §4.4).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum Annotations<'a> {
    /// Entries with values.
    Values(OneOrMore<Annotation<'a>>),
    /// Entries that have changed, without values.
    Entries(OneOrMore<AString<'a>>),
}

impl<'a> Annotation<'a> {
    /// ```text
    /// entry-att = entry SP "(" att-value *(SP att-value) ")"
    /// att-value = attrib SP value
    /// value     = nstring / literal8
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let entry = reader.astring()?;
        reader.space()?;
        Self::read_behind(entry, reader)
    }

    fn read_behind(entry: AString<'a>, reader: &mut Reader<'a>) -> Parse<Self> {
        let attributes = reader.list1(|reader| {
            let name = reader.astring()?;
            reader.space()?;
            let value = reader.nstring()?.map(Octets::from);
            Ok(AnnotationAttribute { name, value })
        })?;
        Ok(Self {
            entry,
            attributes: OneOrMore::checked(attributes),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.astring(&self.entry);
        writer.space();
        writer.list(&self.attributes, |writer, attribute| {
            writer.astring(&attribute.name);
            writer.space();
            writer.nstring(attribute.value.as_ref());
        });
    }

    /// `"(" entry-att *(SP entry-att) ")"`: what follows the name and the space of `att-annotate`.
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<OneOrMore<Self>> {
        reader.list1(Self::read).map(OneOrMore::checked)
    }

    pub(crate) fn write_list(annotations: &[Self], writer: &mut Writer<'_>) {
        writer.list(annotations, |writer, annotation| annotation.write(writer));
    }
}

impl<'a> AnnotationQuery<'a> {
    /// ```text
    /// fetch-att   =/ "ANNOTATION" SP "(" entries SP attribs ")"
    /// entries     = entry-match / "(" entry-match *(SP entry-match) ")"
    /// attribs     = attrib / "(" attrib *(SP attrib) ")"
    /// entry-match = list-mailbox
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let entries = one_or_list(reader, entry_match)?;
        reader.space()?;
        let attributes = one_or_list(reader, Reader::astring)?;
        reader.close()?;
        Ok(Self { entries, attributes })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        write_one_or_list(&self.entries, writer);
        writer.space();
        write_one_or_list(&self.attributes, writer);
        writer.text(")");
    }
}

impl<'a> Annotations<'a> {
    /// ```text
    /// msg-att-dynamic =/ "ANNOTATION" SP ( "(" entry-att *(SP entry-att) ")" /
    ///                                      "(" entry *(SP entry) ")" )
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let first = reader.astring()?;
        if reader.rest().starts_with(b" (") {
            reader.space()?;
            let mut annotations = alloc::vec![Annotation::read_behind(first, reader)?];
            while !crate::syntax::loose::ends(reader) {
                reader.space()?;
                annotations.push(Annotation::read(reader)?);
            }
            reader.close()?;
            return Ok(Self::Values(OneOrMore::checked(annotations)));
        }
        let mut entries = alloc::vec![first];
        while !crate::syntax::loose::ends(reader) {
            reader.space()?;
            entries.push(reader.astring()?);
        }
        reader.close()?;
        Ok(Self::Entries(OneOrMore::checked(entries)))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Values(annotations) => Annotation::write_list(annotations, writer),
            Self::Entries(entries) => writer.list(entries, Writer::astring),
        }
    }
}

/// `list-mailbox = 1*list-char / string`
fn entry_match<'a>(reader: &mut Reader<'a>) -> Parse<AString<'a>> {
    if reader.peek().is_some_and(is_list_char) {
        let pattern = reader.run(is_list_char);
        return Ok(AString::checked(alloc::borrow::Cow::Borrowed(pattern)));
    }
    reader.astring()
}

fn one_or_list<'a>(
    reader: &mut Reader<'a>,
    mut item: impl FnMut(&mut Reader<'a>) -> Parse<AString<'a>>,
) -> Parse<OneOrMore<AString<'a>>> {
    match reader.peek() {
        Some(b'(') => reader.list1(item).map(OneOrMore::checked),
        _ => item(reader).map(OneOrMore::from),
    }
}

fn write_one_or_list(items: &[AString<'_>], writer: &mut Writer<'_>) {
    match items {
        [item] => writer.astring(item),
        items => writer.list(items, Writer::astring),
    }
}

#[cfg(test)]
mod tests {
    use crate::trips::respelled_data;

    /// A lenient reader lets spaces stand in front of brackets.
    #[test]
    fn names_that_begin_with_a_bracket_are_quoted() {
        respelled_data(
            "1 FETCH (ANNOTATION (/x (a {1}\r\ny {2}\r\n]b \"z\")))",
            "1 FETCH (ANNOTATION (/x (a \"y\" \"]b\" \"z\")))",
        );
    }
}
