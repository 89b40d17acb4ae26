//! Annotations of messages as something to search and sort by (RFC 5257).

use alloc::borrow::Cow;

use bounded_static::ToStatic;

use crate::syntax::class::is_list_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Octets};

/// The search key ANNOTATION (RFC 5257 §4.8).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AnnotationSearch<'a> {
    /// The entry's path; `*` and `%` match as in LIST.
    pub entry: AString<'a>,
    /// Which of the entry's values.
    pub attribute: AnnotationValue,
    /// What the value has in it; `None` is `NIL`.
    pub value: Option<Octets<'a>>,
}

/// The sort key ANNOTATION (RFC 5257 §4.9).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AnnotationSort<'a> {
    /// The entry's path, without wildcards.
    pub entry: AString<'a>,
    /// Whose value.
    pub scope: AnnotationScope,
}

/// `att-search` (RFC 5257 §5)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum AnnotationValue {
    /// `value`: anyone's.
    Any,
    /// `value.priv` or `value.shared`.
    Of(AnnotationScope),
}

/// Who sees an annotation (RFC 5257 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum AnnotationScope {
    /// `.priv`: the user alone.
    Private,
    /// `.shared`: who may read the mailbox.
    Shared,
}

impl<'a> AnnotationSearch<'a> {
    /// ```text
    /// search-key  =/ "ANNOTATION" SP entry-match SP att-search SP value
    /// entry-match = list-mailbox
    /// att-search  = "value" / "value.priv" / "value.shared"
    /// value       = nstring / literal8
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let entry = match reader.peek() {
            Some(octet) if is_list_char(octet) => AString::checked(Cow::Borrowed(reader.run(is_list_char))),
            _ => reader.line_string()?,
        };
        reader.space()?;
        let attribute = AnnotationValue::read(reader)?;
        reader.space()?;
        let value = reader.nstring()?.map(Octets::from);
        Ok(Self {
            entry,
            attribute,
            value,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("ANNOTATION ");
        let entry = self.entry.as_bytes();
        match !entry.is_empty() && entry.iter().all(|&octet| is_list_char(octet)) {
            true => writer.raw(entry),
            false => writer.string(entry),
        }
        writer.space();
        writer.text(self.attribute.as_str());
        writer.space();
        writer.nstring(self.value.as_ref());
    }
}

impl<'a> AnnotationSort<'a> {
    /// ```text
    /// sort-key =/ "ANNOTATION" SP entry SP att-sort
    /// att-sort = "value.priv" / "value.shared"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let entry = reader.astring()?;
        reader.space()?;
        let start = reader.offset();
        match AnnotationValue::read(reader) {
            Ok(AnnotationValue::Of(scope)) => Ok(Self { entry, scope }),
            _ => {
                reader.rewind(start);
                reader.expected("value.priv or value.shared")
            }
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("ANNOTATION ");
        writer.astring(&self.entry);
        writer.space();
        writer.text(AnnotationValue::Of(self.scope).as_str());
    }
}

impl AnnotationValue {
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"VALUE" => Ok(Self::Any),
            b"VALUE.PRIV" => Ok(Self::Of(AnnotationScope::Private)),
            b"VALUE.SHARED" => Ok(Self::Of(AnnotationScope::Shared)),
            _ => {
                reader.rewind(start);
                reader.expected("value, value.priv or value.shared")
            }
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Of(AnnotationScope::Private) => "value.priv",
            Self::Of(AnnotationScope::Shared) => "value.shared",
        }
    }
}
