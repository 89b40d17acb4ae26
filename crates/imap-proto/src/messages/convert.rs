//! CONVERT and CONVERSIONS: body parts in another media type (RFC 5259).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Numbering, OneOrMore, PartPath, Partial, SequenceSet, SyntaxError};

/// CONVERT and UID CONVERT (RFC 5259 §6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Convert<'a> {
    /// What the set holds.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// The media type to convert to, such as `text/plain`; `None` leaves it to the server.
    pub media_type: Option<AString<'a>>,
    /// How to convert.
    pub params: Vec<TranscodingParameter<'a>>,
    /// What of the messages.
    pub attributes: OneOrMore<ConvertAttribute>,
}

/// `transcoding-param` (RFC 5259 §10), such as `charset utf-8`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct TranscodingParameter<'a> {
    /// Its name: a media feature tag.
    pub name: AString<'a>,
    /// Its value.
    pub value: AString<'a>,
}

/// `convert-att` (RFC 5259 §10). Where a path is optional, `None` is the message.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum ConvertAttribute {
    /// `UID`
    Uid,
    /// `BODYPARTSTRUCTURE[…]`: the structure of the converted part.
    BodyPartStructure(Option<PartPath>),
    /// `BINARY[…]`: the converted part.
    Binary {
        /// The part.
        part: Option<PartPath>,
        /// A window on it.
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[…]`: octets of the converted part.
    BinarySize(Option<PartPath>),
    /// `BODY[HEADER]` or `BODY[1.HEADER]`: the header in another charset.
    Header(Option<PartPath>),
    /// `BODY[1.MIME]`: the part's header in another charset.
    Mime(PartPath),
    /// `AVAILABLECONVERSIONS[…]`: media types to which the part can be converted.
    AvailableConversions(Option<PartPath>),
}

/// CONVERSIONS: from which media types to which can the server convert? `*` and `text/*` stand for many (RFC 5259 §5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Conversions<'a> {
    /// Source.
    pub from: AString<'a>,
    /// Target.
    pub to: AString<'a>,
}

/// CONVERSION: an answer to [`Conversions`] (RFC 5259 §5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Conversion<'a> {
    /// Source.
    pub from: AString<'a>,
    /// Target.
    pub to: AString<'a>,
    /// Names of the parameters that the server knows.
    pub params: Vec<AString<'a>>,
}

impl<'a> Convert<'a> {
    /// What follows `CONVERT`.
    ///
    /// ```text
    /// convert = "CONVERT" SP sequence-set SP convert-params SP
    ///           ( convert-att / "(" convert-att *(SP convert-att) ")" )
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let set = SequenceSet::read(reader)?;
        reader.space()?;
        let (media_type, params) = read_target(reader)?;
        reader.space()?;
        let attributes = match reader.peek() {
            Some(b'(') => OneOrMore::checked(reader.list1(ConvertAttribute::read)?),
            _ => OneOrMore::from(ConvertAttribute::read(reader)?),
        };
        Ok(Self {
            numbering,
            set,
            media_type,
            params,
            attributes,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if self.numbering == Numbering::Uid {
            writer.text("UID ");
        }
        writer.text("CONVERT ");
        self.set.write(writer);
        writer.text(" (");
        match &self.media_type {
            Some(media_type) => writer.string(media_type.as_bytes()),
            None => writer.text("NIL"),
        }
        if !self.params.is_empty() {
            writer.space();
            writer.list(&self.params, |writer, param| {
                writer.string(param.name.as_bytes());
                writer.space();
                writer.string(param.value.as_bytes());
            });
        }
        writer.text(") ");
        match &*self.attributes {
            [attribute] => attribute.write(writer),
            attributes => writer.list(attributes, |writer, attribute| attribute.write(writer)),
        }
    }
}

type Target<'a> = (Option<AString<'a>>, Vec<TranscodingParameter<'a>>);

/// ```text
/// convert-params     = "(" (quoted-to-mime-type / default-conversion) [SP "(" transcoding-params ")"] ")"
/// default-conversion = "NIL"
/// transcoding-param  = transcoding-param-name SP transcoding-param-value
/// ```
fn read_target<'a>(reader: &mut Reader<'a>) -> Parse<Target<'a>> {
    reader.open()?;
    let media_type = match reader.accept_nil() {
        true => None,
        false => Some(reader.line_string()?),
    };
    let params = match reader.accept_space() {
        true => reader.list1(|reader| {
            let name = reader.astring()?;
            reader.space()?;
            let value = reader.astring()?;
            Ok(TranscodingParameter { name, value })
        })?,
        false => Vec::new(),
    };
    reader.close()?;
    Ok((media_type, params))
}

impl ConvertAttribute {
    /// ```text
    /// convert-att = "UID" / "BODYPARTSTRUCTURE" section-convert /
    ///               "BINARY" section-convert [partial] / "BINARY.SIZE" section-convert /
    ///               "BODY[HEADER]" / "BODY[" section-part ".HEADER]" / "BODY[" section-part ".MIME]" /
    ///               "AVAILABLECONVERSIONS" section-convert
    /// ```
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        let name = reader.keyword();
        Ok(match name.as_slice() {
            b"UID" => Self::Uid,
            b"BODYPARTSTRUCTURE" => Self::BodyPartStructure(PartPath::read_binary(reader)?),
            b"BINARY" => Self::Binary {
                part: PartPath::read_binary(reader)?,
                partial: Partial::read(reader)?,
            },
            b"BINARY.SIZE" => Self::BinarySize(PartPath::read_binary(reader)?),
            b"AVAILABLECONVERSIONS" => Self::AvailableConversions(PartPath::read_binary(reader)?),
            b"BODY" => Self::read_header(reader)?,
            _ => return Err(SyntaxError::new(start, "what CONVERT can convert")),
        })
    }

    fn read_header(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        match crate::Section::read(reader)? {
            crate::Section::Header(path) => Ok(Self::Header(path)),
            crate::Section::Mime(path) => Ok(Self::Mime(path)),
            _ => Err(SyntaxError::new(start, "[HEADER] or [1.MIME]")),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Uid => writer.text("UID"),
            Self::BodyPartStructure(part) => write_part("BODYPARTSTRUCTURE", part.as_ref(), writer),
            Self::Binary { part, partial } => {
                write_part("BINARY", part.as_ref(), writer);
                if let Some(partial) = partial {
                    partial.write(writer);
                }
            }
            Self::BinarySize(part) => write_part("BINARY.SIZE", part.as_ref(), writer),
            Self::Header(path) => {
                writer.text("BODY");
                crate::Section::Header(path.clone()).write(writer);
            }
            Self::Mime(path) => {
                writer.text("BODY");
                crate::Section::Mime(path.clone()).write(writer);
            }
            Self::AvailableConversions(part) => write_part("AVAILABLECONVERSIONS", part.as_ref(), writer),
        }
    }
}

pub(crate) fn write_part(name: &str, part: Option<&PartPath>, writer: &mut Writer<'_>) {
    writer.text(name);
    PartPath::write_binary(part, writer);
}

impl<'a> Conversions<'a> {
    /// `conversions-cmd = "CONVERSIONS" SP from-mime-type-req SP to-mime-type-req`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let from = reader.astring()?;
        reader.space()?;
        let to = reader.astring()?;
        Ok(Self { from, to })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("CONVERSIONS ");
        writer.string(self.from.as_bytes());
        writer.space();
        writer.string(self.to.as_bytes());
    }
}

impl<'a> Conversion<'a> {
    /// What follows `CONVERSION`.
    ///
    /// ```text
    /// conversion-data = "CONVERSION" SP quoted-from-mime-type SP quoted-to-mime-type
    ///                   [SP "(" transcoding-param-name *(SP transcoding-param-name) ")"]
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let from = reader.line_string()?;
        reader.space()?;
        let to = reader.line_string()?;
        let params = match reader.accept_space() {
            true => reader.list1(Reader::astring)?,
            false => Vec::new(),
        };
        Ok(Self { from, to, params })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("CONVERSION ");
        writer.string(self.from.as_bytes());
        writer.space();
        writer.string(self.to.as_bytes());
        if !self.params.is_empty() {
            writer.space();
            writer.list(&self.params, |writer, name| writer.string(name.as_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Reading;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};

    #[test]
    fn conversions_are_written_as_they_came() {
        for text in [
            "CONVERT 4 (\"image/png\") BINARY[2]",
            "UID CONVERT 7:9 (NIL (\"pix-x\" \"64\" \"pix-y\" \"48\")) (UID BODYPARTSTRUCTURE[1.2] BINARY[1.2]<0.500>)",
            "CONVERT $ (NIL (\"charset\" \"utf-8\")) (BODY[HEADER] BODY[2.HEADER] BODY[2.MIME])",
            "CONVERT 1 (\"text/plain\") (BINARY.SIZE[] AVAILABLECONVERSIONS[3])",
            "CONVERSIONS \"image/*\" \"*\"",
        ] {
            canonical_command(text);
        }
        respelled_command(
            "convert 1 (nil (charset utf-8)) (binary[1])",
            "CONVERT 1 (NIL (\"charset\" \"utf-8\")) BINARY[1]",
        );
        respelled_command("conversions image/gif {3}\r\na/b", "CONVERSIONS \"image/gif\" \"a/b\"");
        canonical_data("CONVERSION \"image/gif\" \"image/png\"");
        canonical_data("CONVERSION \"image/gif\" \"image/png\" (\"pix-x\" \"pix-y\")");
        respelled_data("conversion \"a/b\" \"c/d\" (x)", "CONVERSION \"a/b\" \"c/d\" (\"x\")");
    }

    #[test]
    fn what_is_wrong_is_refused_where_it_is() {
        for (text, offset) in [
            ("CONVERT 1 BINARY[1]", 12),
            ("CONVERT 1 (text/plain) BINARY[1]", 13),
            ("CONVERT 1 (NIL ()) BINARY[1]", 18),
            ("CONVERT 1 (NIL) ()", 19),
            ("CONVERT 1 (NIL) BODY[TEXT]", 22),
            ("CONVERT 1 (NIL) FLAGS", 18),
            ("CONVERSIONS a", 15),
        ] {
            assert_eq!(command(text).unwrap_err().offset, offset, "{text}");
        }
        assert_eq!(
            data("CONVERSION \"a/b\" \"c/d\" ()", Reading::STRICT)
                .unwrap_err()
                .offset,
            26
        );
    }
}
