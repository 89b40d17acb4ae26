//! CONVERTED: what CONVERT made of the parts of one message (RFC 5259 §6).

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::messages::convert::write_part;
use crate::messages::fetch_item::{read_payload, write_binary};
use crate::messages::section::{read_origin, write_origin};
use crate::syntax::loose;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, BodyStructure, Octets, OneOrMore, PartPath, Payload, Section, SyntaxError, Tokens};

/// CONVERTED (RFC 5259 §6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Converted<'a> {
    /// The message's sequence number.
    pub number: NonZeroU32,
    /// The tag of the CONVERT.
    pub tag: AString<'a>,
    /// What became of it.
    pub items: OneOrMore<ConvertedItem<'a>>,
}

/// An item of [`Converted`]. Where a path is optional, `None` is the message.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ConvertedItem<'a> {
    /// `UID`
    Uid(NonZeroU32),
    /// `BINARY[…]`: the converted part.
    Binary {
        /// The part.
        part: Option<PartPath>,
        /// The offset of the window that was asked for.
        origin: Option<u64>,
        /// The octets; `None` where there is no such part.
        data: Option<Payload<'a>>,
    },
    /// `BINARY.SIZE[…]`: octets of the converted part, up to 2^63-1.
    BinarySize {
        /// The part.
        part: Option<PartPath>,
        /// Octets.
        size: u64,
    },
    /// `BODYPARTSTRUCTURE[…]`: the structure of the converted part.
    BodyPartStructure {
        /// The part.
        part: Option<PartPath>,
        /// Its structure.
        structure: BodyStructure<'a>,
    },
    /// `AVAILABLECONVERSIONS[…]`: media types to which the part can be converted.
    AvailableConversions {
        /// The part.
        part: Option<PartPath>,
        /// Media types.
        media_types: Vec<AString<'a>>,
    },
    /// `BODY[…]`: a header in another charset. It stands in RFC 5259 §6 and not in its grammar.
    BodySection {
        /// The header.
        section: Section<'a>,
        /// The octets; `None` where there is no such part.
        data: Option<Payload<'a>>,
    },
    /// What could not be converted.
    Failed {
        /// What was asked for.
        kind: ConvertedKind,
        /// Of which part.
        part: Option<PartPath>,
        /// Why.
        error: ConvertError<'a>,
    },
    /// An item that cannot be read.
    Invalid {
        /// It, as it came.
        raw: Tokens<'a>,
        /// Why; the offset counts from the begin of the response.
        why: SyntaxError,
    },
}

/// What of a part CONVERT was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum ConvertedKind {
    /// `BINARY[…]`
    Binary,
    /// `BINARY.SIZE[…]`
    BinarySize,
    /// `BODYPARTSTRUCTURE[…]`
    BodyPartStructure,
    /// `AVAILABLECONVERSIONS[…]`
    AvailableConversions,
}

/// `converterror-phrase` (RFC 5259 §9)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ConvertError<'a> {
    /// For people.
    pub text: Octets<'a>,
    /// For programs.
    pub code: ConvertErrorCode<'a>,
}

/// `convert-error-code` (RFC 5259 §9)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ConvertErrorCode<'a> {
    /// `TEMPFAIL`: try again, after so many minutes.
    TempFail(Option<NonZeroU32>),
    /// `BADPARAMETERS`: source type, target type and the parameters that were wrong.
    BadParameters(Tokens<'a>),
    /// `MISSINGPARAMETERS`: source type, target type and the names of the parameters that are needed.
    MissingParameters(Tokens<'a>),
    /// A code that this crate does not know.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What follows the name.
        arguments: Tokens<'a>,
    },
}

impl<'a> Converted<'a> {
    /// What follows `CONVERTED`.
    ///
    /// ```text
    /// message-data       =/ nz-number SP "CONVERTED" SP convert-correlator SP convert-msg-attrs
    /// convert-correlator = "(" "TAG" SP tag-string ")"
    /// convert-msg-attrs  = "(" convert-msg-att *(SP convert-msg-att) ")"
    /// ```
    pub(crate) fn read(number: NonZeroU32, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        reader.open()?;
        if !reader.accept_word("TAG") {
            return reader.expected("TAG");
        }
        reader.space()?;
        let tag = reader.line_string()?;
        reader.close()?;
        reader.space()?;
        let items = reader.list1(ConvertedItem::read)?;
        Ok(Self {
            number,
            tag,
            items: OneOrMore::checked(items),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.number(self.number.get());
        writer.text(" CONVERTED (TAG ");
        writer.string(self.tag.as_bytes());
        writer.text(") ");
        writer.list(&self.items, |writer, item| item.write(writer));
    }
}

impl<'a> ConvertedItem<'a> {
    /// One item. What is wrong inside of it costs only itself.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let why = match Self::read_valid(reader) {
            Ok(item) if matches!(reader.peek(), None | Some(b' ' | b')')) => return Ok(item),
            Ok(_) => SyntaxError::new(reader.offset(), "a space or \")\""),
            Err(why) => why,
        };
        reader.rewind(start);
        let raw = loose::whole_item(reader)?;
        Ok(Self::Invalid { raw, why })
    }

    /// ```text
    /// convert-msg-att  = msg-att-semistat / msg-att-conv-static
    /// msg-att-semistat = ( "BINARY" section-convert ["<" number ">"] SP
    ///                      (nstring / literal8 / converterror-phrase) ) /
    ///                    ( "BINARY.SIZE" section-convert SP (number / converterror-phrase) ) /
    ///                    ( "BODYPARTSTRUCTURE" section-convert SP (body / converterror-phrase) ) /
    ///                    ( "AVAILABLECONVERSIONS" section-convert SP (mimetype-list / converterror-phrase) )
    /// ```
    fn read_valid(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let kind = match reader.keyword().as_slice() {
            b"UID" => {
                reader.space()?;
                return reader.nz_number().map(Self::Uid);
            }
            b"BODY" => {
                let section = Section::read(reader)?;
                reader.space()?;
                let data = read_payload(reader)?;
                return Ok(Self::BodySection { section, data });
            }
            b"BINARY" => ConvertedKind::Binary,
            b"BINARY.SIZE" => ConvertedKind::BinarySize,
            b"BODYPARTSTRUCTURE" => ConvertedKind::BodyPartStructure,
            b"AVAILABLECONVERSIONS" => ConvertedKind::AvailableConversions,
            _ => return Err(SyntaxError::new(start, "a CONVERTED item")),
        };
        let part = PartPath::read_binary(reader)?;
        let origin = match kind {
            ConvertedKind::Binary => read_origin(reader)?,
            _ => None,
        };
        reader.space()?;
        if ConvertError::is_next(reader) {
            let error = ConvertError::read(reader)?;
            return Ok(Self::Failed { kind, part, error });
        }
        Ok(match kind {
            ConvertedKind::Binary => {
                let data = read_payload(reader)?;
                Self::Binary { part, origin, data }
            }
            ConvertedKind::BinarySize => {
                let size = loose::number(reader)?;
                Self::BinarySize { part, size }
            }
            ConvertedKind::BodyPartStructure => {
                let structure = BodyStructure::read(reader)?;
                Self::BodyPartStructure { part, structure }
            }
            ConvertedKind::AvailableConversions => {
                let media_types = read_media_types(reader)?;
                Self::AvailableConversions { part, media_types }
            }
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Uid(uid) => {
                writer.text("UID ");
                writer.number(uid.get());
            }
            Self::Binary { part, origin, data } => {
                write_part("BINARY", part.as_ref(), writer);
                write_origin(*origin, writer);
                write_binary(data.as_ref(), writer);
            }
            Self::BinarySize { part, size } => {
                write_part("BINARY.SIZE", part.as_ref(), writer);
                writer.space();
                writer.number64(*size);
            }
            Self::BodyPartStructure { part, structure } => {
                write_part("BODYPARTSTRUCTURE", part.as_ref(), writer);
                writer.space();
                structure.write(writer);
            }
            Self::AvailableConversions { part, media_types } => {
                write_part("AVAILABLECONVERSIONS", part.as_ref(), writer);
                writer.text(" (");
                writer.list(media_types, |writer, media_type| writer.string(media_type.as_bytes()));
                writer.text(")");
            }
            Self::BodySection { section, data } => {
                writer.text("BODY");
                section.write(writer);
                writer.space();
                match data {
                    Some(data) => writer.payload(data),
                    None => writer.text("NIL"),
                }
            }
            Self::Failed { kind, part, error } => {
                write_part(kind.as_str(), part.as_ref(), writer);
                writer.space();
                error.write(writer);
            }
            Self::Invalid { raw, .. } if raw.is_empty() => writer.text("NIL NIL"),
            Self::Invalid { raw, .. } => raw.write(writer),
        }
    }
}

/// ```text
/// mimetype-list = "(" "(" [quoted-to-mime-type *(SP quoted-to-mime-type)] ")" ")"
/// ```
fn read_media_types<'a>(reader: &mut Reader<'a>) -> Parse<Vec<AString<'a>>> {
    reader.open()?;
    let media_types = reader.list(Reader::line_string)?;
    reader.close()?;
    Ok(media_types)
}

impl ConvertedKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::BinarySize => "BINARY.SIZE",
            Self::BodyPartStructure => "BODYPARTSTRUCTURE",
            Self::AvailableConversions => "AVAILABLECONVERSIONS",
        }
    }
}

impl<'a> ConvertError<'a> {
    /// Body structures and lists of media types begin with a string or a parenthesis.
    fn is_next(reader: &Reader<'_>) -> bool {
        let octets = reader.rest().get(..7);
        octets.is_some_and(|octets| octets.eq_ignore_ascii_case(b"(ERROR "))
    }

    /// ```text
    /// converterror-phrase = "(" "ERROR" SP convert-err-descript SP convert-error-code ")"
    /// convert-error-code  = "TEMPFAIL" [SP nz-number] / bad-params / missing-params
    /// ```
    /// The arguments of the last two are kept as they came: the examples of RFC 5259 §9 do not follow their grammar.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.skip("(ERROR".len());
        reader.space()?;
        let text = reader.string()?.into();
        reader.space()?;
        let start = reader.offset();
        let code = match reader.keyword().as_slice() {
            b"TEMPFAIL" if loose::ends(reader) => ConvertErrorCode::TempFail(None),
            b"TEMPFAIL" => {
                reader.space()?;
                ConvertErrorCode::TempFail(Some(reader.nz_number()?))
            }
            b"BADPARAMETERS" => ConvertErrorCode::BadParameters(arguments(reader)?),
            b"MISSINGPARAMETERS" => ConvertErrorCode::MissingParameters(arguments(reader)?),
            _ => {
                reader.rewind(start);
                ConvertErrorCode::Other {
                    name: reader.atom()?,
                    arguments: arguments(reader)?,
                }
            }
        };
        reader.close()?;
        Ok(Self { text, code })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(ERROR ");
        writer.string(self.text.as_bytes());
        writer.space();
        let none = Tokens::default();
        let arguments = match &self.code {
            ConvertErrorCode::TempFail(minutes) => {
                writer.text("TEMPFAIL");
                if let Some(minutes) = minutes {
                    writer.space();
                    writer.number(minutes.get());
                }
                &none
            }
            ConvertErrorCode::BadParameters(arguments) => {
                writer.text("BADPARAMETERS");
                arguments
            }
            ConvertErrorCode::MissingParameters(arguments) => {
                writer.text("MISSINGPARAMETERS");
                arguments
            }
            ConvertErrorCode::Other { name, arguments } => {
                writer.raw(name.as_bytes());
                arguments
            }
        };
        if !arguments.is_empty() {
            writer.space();
            arguments.write(writer);
        }
        writer.text(")");
    }
}

fn arguments<'a>(reader: &mut Reader<'a>) -> Parse<Tokens<'a>> {
    match reader.accept_space() {
        true => Tokens::read_all(reader),
        false => Ok(Tokens::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, respelled_data};
    use crate::{Data, Reading};

    #[test]
    fn results_are_written_as_they_came() {
        for text in [
            "2 CONVERTED (TAG \"a1\") (UID 9 BINARY[3] ~{4}\r\n\0\u{1}ab)",
            "2 CONVERTED (TAG \"a1\") (BINARY[3]<20> ~{2}\r\nhi BINARY.SIZE[4] 3135 BINARY[5] NIL)",
            "2 CONVERTED (TAG \"a1\") (BODYPARTSTRUCTURE[1] (\"IMAGE\" \"PNG\" NIL NIL NIL \"BINARY\" 4182))",
            "2 CONVERTED (TAG \"a1\") (AVAILABLECONVERSIONS[] ((\"image/png\" \"image/gif\")))",
            "2 CONVERTED (TAG \"a1\") (AVAILABLECONVERSIONS[2.1] (()))",
            "2 CONVERTED (TAG \"a1\") (BODY[HEADER] {4}\r\na: b BODY[2.MIME] NIL)",
            "2 CONVERTED (TAG \"a1\") (BINARY[3] (ERROR \"later\" TEMPFAIL 5) BINARY.SIZE[3] (ERROR \"later\" TEMPFAIL))",
            "1 CONVERTED (TAG \"x\") (BODYPARTSTRUCTURE[3] (ERROR \"no\" BADPARAMETERS \"a/b\" \"c/d\" (\"charset\" \"x\")))",
            "1 CONVERTED (TAG \"x\") (AVAILABLECONVERSIONS[3] (ERROR \"no\" MISSINGPARAMETERS (CHARSET)))",
            "1 CONVERTED (TAG \"x\") (BINARY[3] (ERROR \"\" X-NEW))",
        ] {
            canonical_data(text);
        }
        respelled_data(
            "1 converted (tag \"x\") (binary[1] {2}\r\nhi)",
            "1 CONVERTED (TAG \"x\") (BINARY[1] ~{2}\r\nhi)",
        );
    }

    #[test]
    fn a_bad_item_costs_itself() {
        let read = canonical_data("1 CONVERTED (TAG \"x\") (X-NEW[1] (a b) BINARY[0] NIL UID 5)");
        let Data::Converted(converted) = read else {
            panic!("{read:?}")
        };
        assert!(matches!(converted.items[0], ConvertedItem::Invalid { .. }));
        assert!(matches!(&converted.items[1], ConvertedItem::Invalid { why, .. } if why.offset == 47));
        assert_eq!(converted.items[2], ConvertedItem::Uid(NonZeroU32::new(5).unwrap()));
        for (bad, offset) in [
            ("1 CONVERTED (UID 5)", 15),
            ("1 CONVERTED (TAG x) (UID 5)", 19),
            ("1 CONVERTED (TAG \"x\") ()", 25),
            ("0 CONVERTED (TAG \"x\") (UID 5)", 2),
        ] {
            assert_eq!(data(bad, Reading::STRICT).unwrap_err().offset, offset, "{bad}");
        }
    }
}
