//! What a search is to return: `RETURN (…)` (RFC 4731 §3.1, RFC 9051 §6.4.4 and the extensions).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::extension::Extension;
use crate::fetch_attributes::FetchAttributes;
use crate::partial_range::PartialRange;
use crate::reader::{Parse, Reader};
use crate::writer::Writer;

/// `search-return-opt` (RFC 9051 §9)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ReturnOption<'a> {
    /// MIN: the lowest number that was found, or the first in the order of a SORT.
    Min,
    /// MAX: the highest, or the last.
    Max,
    /// ALL: what was found.
    All,
    /// COUNT: how many were found.
    Count,
    /// SAVE: what was found is `$` from now on (RFC 5182, RFC 9051 §6.4.4.1).
    Save,
    /// RELEVANCY: a score for each (RFC 6203 §4).
    Relevancy,
    /// PARTIAL: a window on what was found (RFC 9394 §3.1).
    Partial(PartialRange),
    /// CONTEXT: the search will be repeated (RFC 5267 §4.2).
    Context,
    /// UPDATE: tell when the result changes (RFC 5267 §4.3), and fetch these of new messages (RFC 5465 §7).
    Update(Option<FetchAttributes<'a>>),
    /// An option that this crate does not know.
    Other(Extension<'a>),
}

impl<'a> ReturnOption<'a> {
    /// ```text
    /// search-return-opts = SP "RETURN" SP "(" [search-return-opt
    ///                      *(SP search-return-opt)] ")"
    /// ```
    /// From `RETURN` on, and the space behind it. `None` where something else stands.
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<Option<Vec<Self>>> {
        if !reader.accept_word("RETURN") {
            return Ok(None);
        }
        reader.space()?;
        let options = reader.list(Self::read)?;
        reader.space()?;
        Ok(Some(options))
    }

    /// ```text
    /// search-return-opt =  "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE" / search-ret-opt-ext
    /// search-return-opt =/ "RELEVANCY" / modifier-context / modifier-partial / modifier-update
    /// modifier-update   =  "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]
    /// ```
    /// The example of RFC 5465 §7 has a space behind `UPDATE`, and that is how it is written.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"MIN" => Self::Min,
            b"MAX" => Self::Max,
            b"ALL" => Self::All,
            b"COUNT" => Self::Count,
            b"SAVE" => Self::Save,
            b"RELEVANCY" => Self::Relevancy,
            b"CONTEXT" => Self::Context,
            b"PARTIAL" => {
                reader.space()?;
                Self::Partial(PartialRange::read(reader)?)
            }
            b"UPDATE" => Self::read_update(reader)?,
            _ => {
                reader.rewind(start);
                Self::Other(Extension::read(reader)?)
            }
        })
    }

    fn read_update(reader: &mut Reader<'a>) -> Parse<Self> {
        let behind = reader.offset();
        reader.accept_space();
        if reader.peek() == Some(b'(') {
            return FetchAttributes::read(reader).map(|attributes| Self::Update(Some(attributes)));
        }
        reader.rewind(behind);
        Ok(Self::Update(None))
    }

    /// With a space in front.
    pub(crate) fn write_list(options: Option<&[Self]>, writer: &mut Writer<'_>) {
        if let Some(options) = options {
            writer.text(" RETURN ");
            writer.list(options, |writer, option| option.write(writer));
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Min => writer.text("MIN"),
            Self::Max => writer.text("MAX"),
            Self::All => writer.text("ALL"),
            Self::Count => writer.text("COUNT"),
            Self::Save => writer.text("SAVE"),
            Self::Relevancy => writer.text("RELEVANCY"),
            Self::Context => writer.text("CONTEXT"),
            Self::Partial(range) => {
                writer.text("PARTIAL ");
                range.write(writer);
            }
            Self::Update(None) => writer.text("UPDATE"),
            Self::Update(Some(attributes)) => {
                writer.text("UPDATE ");
                attributes.write(writer);
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}
