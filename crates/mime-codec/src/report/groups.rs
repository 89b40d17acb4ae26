//! Groups of header-like fields with empty lines between (RFC 3464 §2.1), read and written.

use rfc5322::{DateTime, Field, FieldName, FieldWriter, Fields, HeaderEnd};

use super::{ReportError, Typed};
use crate::decode_text;

/// A field that has no meaning here, and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtensionField {
    /// The name, as it is written.
    pub name: String,
    /// The value on one line.
    pub value: String,
}

/// The fields of one group, unfolded. Comes to an end with the report.
pub(super) struct Groups<'a> {
    rest: &'a [u8],
}

/// A group of fields, of which some were taken.
pub(super) struct Group {
    fields: Vec<ExtensionField>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(report: &'a [u8]) -> Self {
        Self { rest: report }
    }
}

impl Iterator for Groups<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let mut group = Group { fields: Vec::new() };
        while !self.rest.is_empty() && group.fields.is_empty() {
            let mut fields = Fields::new(self.rest);
            group
                .fields
                .extend(fields.by_ref().flatten().map(|field| ExtensionField {
                    name: field.name.to_owned(),
                    value: decode_text(field.value).text.trim().to_owned(),
                }));
            let used = match fields.end() {
                Some(HeaderEnd::EmptyLine { body } | HeaderEnd::EndOfInput { body }) => body,
                _ => memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |lf| lf + 1),
            };
            self.rest = &self.rest[used..];
        }
        (!group.fields.is_empty()).then_some(group)
    }
}

impl Group {
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Takes the first field of that name out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let index = self
            .fields
            .iter()
            .position(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(self.fields.remove(index).value)
    }

    /// Takes all fields of that name out.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<String> {
        let is_one = |field: &mut ExtensionField| field.name.eq_ignore_ascii_case(name);
        self.fields.extract_if(.., is_one).map(|field| field.value).collect()
    }

    pub(super) fn take_typed(&mut self, name: &str) -> Option<Typed> {
        Some(Typed::parse(&self.take(name)?))
    }

    pub(super) fn take_date(&mut self, name: &str) -> Option<DateTime> {
        DateTime::parse(self.take(name)?.as_bytes()).ok()
    }

    /// What was not taken.
    pub(super) fn into_rest(self) -> Vec<ExtensionField> {
        self.fields
    }
}

/// A report that is being written.
#[derive(Default)]
pub(super) struct Writer {
    octets: Vec<u8>,
    is_utf8: bool,
}

impl Writer {
    /// For a report that may hold UTF-8.
    pub(super) fn utf8(is_utf8: bool) -> Self {
        Self {
            is_utf8,
            ..Self::default()
        }
    }

    pub(super) fn end_group(&mut self) {
        self.octets.extend_from_slice(b"\r\n");
    }

    pub(super) fn text(&mut self, name: &str, value: &str) -> Result<(), ReportError> {
        let name = FieldName::new(name)?;
        let mut writer = if self.is_utf8 {
            FieldWriter::utf8(&name)
        } else {
            FieldWriter::new(&name)
        };
        writer.text(value)?;
        let field: Field = writer.finish();
        self.octets.extend_from_slice(field.as_bytes());
        Ok(())
    }

    pub(super) fn maybe<T: ToString>(&mut self, name: &str, value: Option<&T>) -> Result<(), ReportError> {
        value.map_or(Ok(()), |value| self.text(name, &value.to_string()))
    }

    pub(super) fn must<T: ToString>(&mut self, name: &'static str, value: Option<&T>) -> Result<(), ReportError> {
        let value = value.ok_or(ReportError::Missing(name))?;
        self.text(name, &value.to_string())
    }

    pub(super) fn rest(&mut self, fields: &[ExtensionField]) -> Result<(), ReportError> {
        fields.iter().try_for_each(|field| self.text(&field.name, &field.value))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.octets
    }
}
