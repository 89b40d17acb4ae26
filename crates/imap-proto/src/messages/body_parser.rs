//! Reads BODY and BODYSTRUCTURE, without recursion.

use alloc::vec::Vec;

use crate::messages::body_extension;
use crate::messages::body_part::{MULTIPART, is};
use crate::syntax::loose;
use crate::syntax::place::put_made;
use crate::syntax::reader::{Parse, Reader};
use crate::{BodyExtension, BodyKind, BodyPart, BodyStructure, Envelope, Octets};

/// `body = "(" (body-type-1part / body-type-mpart) ")"`, as the parts in the order in which they begin.
pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Parse<Vec<BodyPart<'a>>> {
    let mut parts = Vec::with_capacity(if reader.rest().starts_with(b"((") { 4 } else { 1 });
    // The part that began last of those that have not ended. Until a part ends, the one that it is inside of stands in its `descendants`.
    let mut open = NONE;
    let mut depth = 0;
    loop {
        let at = parts.len();
        read_begin(&mut parts, reader)?;
        if parts[at].descendants == OPEN {
            if depth == BodyStructure::MAX_DEPTH {
                return reader.expected("body parts that are nested less deeply");
            }
            parts[at].descendants = open;
            open = at;
            depth += 1;
            continue;
        }
        while open != NONE {
            let (at, inside) = (open, parts.len() - open - 1);
            let part = &mut parts[at];
            if part.is_multipart() && another_child(reader) {
                break;
            }
            open = core::mem::replace(&mut part.descendants, inside);
            depth -= 1;
            read_end(part, reader)?;
        }
        if open == NONE {
            return Ok(parts);
        }
    }
}

/// In `descendants`: the part's own end was not read, since parts inside come first.
const OPEN: usize = usize::MAX;

/// No part is open.
const NONE: usize = usize::MAX;

/// Whether a multipart has another part, which comes without a space.
fn another_child(reader: &mut Reader<'_>) -> bool {
    let start = reader.offset();
    loose::spaces(reader);
    let is_there = reader.peek() == Some(b'(');
    if !is_there {
        reader.rewind(start);
    }
    is_there
}

/// Adds a part: all of it, or all up to the first part inside.
fn read_begin<'a>(parts: &mut Vec<BodyPart<'a>>, reader: &mut Reader<'a>) -> Parse<()> {
    reader.open()?;
    if reader.peek() == Some(b'(') {
        let mut part = BodyPart::multipart("");
        part.descendants = OPEN;
        parts.push(part);
        return Ok(());
    }
    if reader.leniency().empty_lists && reader.accept(b')') {
        parts.push(BodyPart::text("PLAIN", 0));
        return Ok(());
    }
    let (start, first) = (reader.offset(), read_type(reader)?);
    if !reader.leniency().childless_multiparts {
        return read_single(first, parts, reader);
    }
    match (first, reader.rest()) {
        (Some(subtype), [b')', ..] | [b' ', b'(', ..]) => read_childless(subtype, parts, reader),
        (None, [b' ', b'"', ..]) => {
            let subtype = loose::next_string(reader)?.unwrap_or_default();
            read_childless(subtype.into(), parts, reader)
        }
        (Some(first), [b' ', b'N' | b'n', ..]) if !is_media_type(&first) => read_childless(first, parts, reader),
        (None, _) if !reader.leniency().nil_strings => {
            reader.rewind(start);
            reader.expected("a media type")
        }
        (first, _) => read_single(first, parts, reader),
    }
}

/// The first string of a part; with `childless_multiparts`, NIL may stand for the children.
fn read_type<'a>(reader: &mut Reader<'a>) -> Parse<Option<Octets<'a>>> {
    if reader.leniency().childless_multiparts && reader.accept_nil() {
        return Ok(None);
    }
    Ok(loose::string(reader)?.map(Octets::from))
}

/// Whether it is the first half of a media type: with NIL behind it, the subtype is missing. Else it is a multipart's subtype, and NIL
/// stands for the parameters.
fn is_media_type(first: &Octets<'_>) -> bool {
    const TYPES: [&str; 9] = [
        "TEXT",
        "APPLICATION",
        "IMAGE",
        "AUDIO",
        "VIDEO",
        "MESSAGE",
        "FONT",
        "MODEL",
        MULTIPART,
    ];
    TYPES.iter().any(|name| is(first, name))
}

/// What follows the children of a multipart that has none: `"subtype" [SP body-ext-mpart]`.
fn read_childless<'a>(subtype: Octets<'a>, parts: &mut Vec<BodyPart<'a>>, reader: &mut Reader<'a>) -> Parse<()> {
    let mut part = BodyPart::multipart(subtype);
    read_multipart_extension(&mut part, reader)?;
    parts.push(part);
    reader.close()
}

/// ```text
/// body-type-1part = (body-type-basic / body-type-msg / body-type-text)
///                   [SP body-ext-1part]
/// body-type-basic = media-basic SP body-fields
/// body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
/// body-type-text  = media-text SP body-fields SP body-fld-lines
/// ```
///
/// The part is filled where it stays: it is too large to be moved from hand to hand.
fn read_single<'a>(
    media_type: Option<Octets<'a>>,
    parts: &mut Vec<BodyPart<'a>>,
    reader: &mut Reader<'a>,
) -> Parse<()> {
    let subtype = loose::next_string(reader)?.map(Octets::from);
    let (media_type, subtype) = match (media_type, subtype) {
        (Some(media_type), Some(subtype)) => (media_type, subtype),
        (media_type, subtype) => defaults(media_type, subtype),
    };
    let at = parts.len();
    put_made(parts, || BodyPart::single(media_type, subtype, BodyKind::Basic));
    let part = &mut parts[at];
    read_fields(part, reader)?;
    if is(part.media_type(), "TEXT") {
        let lines = read_text_lines(reader)?;
        part.set_kind(BodyKind::Text { lines });
    } else if part.is_message() && has_envelope(reader)? {
        let envelope = Envelope::read(reader)?;
        part.set_kind(BodyKind::Message { envelope, lines: 0 });
        reader.space()?;
        if reader.leniency().missing_fields && reader.accept_nil() {
            // The body of a message that the server did not look into.
            part.set_kind(BodyKind::Basic);
            skip_number(reader);
        } else {
            part.descendants = OPEN;
            return Ok(());
        }
    } else if reader.leniency().missing_fields {
        skip_number(reader);
    }
    BodyExtension::read_single(&mut part.extension, reader)?;
    reader.close()?;
    if reader.leniency().childless_multiparts && is(part.media_type(), MULTIPART) {
        let single = core::mem::replace(part, BodyPart::multipart(""));
        *part = single.into_multipart();
    }
    Ok(())
}

/// ```text
/// body-fields     = body-fld-param SP body-fld-id SP body-fld-desc SP
///                   body-fld-enc SP body-fld-octets
/// body-fld-id     = nstring
/// body-fld-desc   = nstring
/// body-fld-enc    = (DQUOTE ("7BIT" / "8BIT" / "BINARY" / "BASE64"/
///                   "QUOTED-PRINTABLE") DQUOTE) / string
/// body-fld-octets = number
/// ```
/// Octets are read as number64: clients have to (RFC 9051 §D).
fn read_fields<'a>(part: &mut BodyPart<'a>, reader: &mut Reader<'a>) -> Parse<()> {
    if !reader.accept_next_nil() && loose::another_field(reader)? {
        part.params = body_extension::read_params(reader)?;
    }
    part.id = loose::nstring_field(reader)?.map(Octets::from);
    part.description = loose::nstring_field(reader)?.map(Octets::from);
    if let Some(encoding) = reader.next_plain_quoted() {
        part.encoding = encoding.into();
    } else if loose::another_field(reader)?
        && let Some(encoding) = loose::string(reader)?
    {
        part.encoding = encoding.into();
    }
    if loose::another_field(reader)? {
        part.octets = loose::number(reader)?;
    }
    Ok(())
}

/// `SP body-fld-lines`. Where they may be missing, what stands there can be the MD5 of the extension data.
fn read_text_lines(reader: &mut Reader<'_>) -> Parse<u64> {
    let is_missing = reader.leniency().missing_fields
        && match reader.rest() {
            [b' ', b'"', ..] => !is_quoted_number(&reader.rest()[1..]),
            // NIL is the line count, unless a disposition follows, which stands behind the MD5.
            [b' ', nil @ ..] if nil.len() > 5 && nil[..3].eq_ignore_ascii_case(b"NIL") => nil[3..5] == *b" (",
            _ => loose::ends(reader),
        };
    if is_missing {
        return Ok(0);
    }
    reader.space()?;
    loose::number(reader)
}

fn is_quoted_number(octets: &[u8]) -> bool {
    let digits = octets[1..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    octets.get(1 + digits) == Some(&b'"')
}

/// Takes the space in front of the envelope. Where it may be missing, extension data can follow, or nothing.
fn has_envelope(reader: &mut Reader<'_>) -> Parse<bool> {
    if !reader.leniency().missing_fields {
        reader.space()?;
        return Ok(true);
    }
    let start = reader.offset();
    if reader.accept_space() && reader.peek() == Some(b'(') {
        return Ok(true);
    }
    // Envelope, body and lines as `NIL NIL 0`.
    if reader.accept_nil() && reader.accept_space() && reader.accept_nil() && skip_number(reader) {
        return Ok(false);
    }
    reader.rewind(start);
    skip_number(reader);
    Ok(false)
}

/// A line count in the wrong place.
fn skip_number(reader: &mut Reader<'_>) -> bool {
    let is_next = reader.peek() == Some(b' ') && matches!(reader.peek_at(1), Some(b'0'..=b'9'));
    if is_next {
        reader.skip(1);
        reader.run(|octet| octet.is_ascii_digit());
    }
    is_next
}

/// What follows the parts inside.
///
/// ```text
/// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
/// ```
fn read_end<'a>(part: &mut BodyPart<'a>, reader: &mut Reader<'a>) -> Parse<()> {
    if part.is_multipart() {
        let subtype = match loose::another_field(reader)? {
            true => loose::string(reader)?.map(Octets::from),
            false => None,
        };
        part.set_subtype(subtype.unwrap_or_else(|| "MIXED".into()));
        read_multipart_extension(part, reader)?;
    } else {
        if loose::another_field(reader)? {
            part.set_message_lines(loose::number(reader)?);
        }
        BodyExtension::read_single(&mut part.extension, reader)?;
    }
    reader.close()
}

/// ```text
/// body-ext-mpart = body-fld-param [SP body-fld-dsp [SP body-fld-lang
///                  [SP body-fld-loc *(SP body-extension)]]]
/// ```
fn read_multipart_extension<'a>(part: &mut BodyPart<'a>, reader: &mut Reader<'a>) -> Parse<()> {
    if loose::ends(reader) {
        return Ok(());
    }
    reader.space()?;
    part.params = loose::or_nothing(reader, body_extension::read_params)?;
    BodyExtension::read_multipart(&mut part.extension, reader)
}

/// For NIL in place of a type.
fn defaults<'a>(media_type: Option<Octets<'a>>, subtype: Option<Octets<'a>>) -> (Octets<'a>, Octets<'a>) {
    let media_type = media_type.unwrap_or_else(|| "APPLICATION".into());
    let subtype = subtype.unwrap_or_else(|| {
        Octets::from(match () {
            () if is(&media_type, "TEXT") => "PLAIN",
            () if is(&media_type, MULTIPART) => "MIXED",
            () => "OCTET-STREAM",
        })
    });
    (media_type, subtype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, respelled_data};
    use crate::{Data, Disposition, FetchItem, Leniency, Reading, Response, Spelling, SyntaxError};
    use alloc::format;
    use alloc::string::String;

    const ENVELOPE: &str = "(NIL \"inner\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    const TEXT: &str = "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1)";

    fn structure(text: &str, reading: Reading) -> Result<BodyStructure<'static>, SyntaxError> {
        let Ok(Data::Fetch(fetch)) = data(&format!("1 FETCH (BODYSTRUCTURE {text} UID 1)"), reading) else {
            panic!("{text}");
        };
        match fetch.into_items().remove(0) {
            FetchItem::BodyStructure(structure) => Ok(structure),
            FetchItem::Invalid { why, .. } => Err(why),
            other => panic!("{other:?}"),
        }
    }

    /// The tree, such as `multipart/mixed(text/plain image/png)`.
    fn outline(structure: &BodyStructure<'_>) -> String {
        let mut text = String::new();
        let mut open = Vec::new();
        for (index, part) in structure.parts().iter().enumerate() {
            text += &format!("{}/{}", part.media_type().to_text(), part.subtype().to_text()).to_lowercase();
            if part.descendants > 0 {
                text.push('(');
                open.push(index + part.descendants);
                continue;
            }
            while open.last() == Some(&index) {
                open.pop();
                text.push(')');
            }
            text.push(' ');
        }
        text.trim_end().replace(" )", ")")
    }

    #[test]
    fn structures_are_written_as_they_came() {
        for text in [
            TEXT,
            "(\"text\" \"html\" (\"charset\" \"utf-8\" \"x\" \"\") \"<id@x>\" \"words\" \"BASE64\" 9223372036854775807 0)",
            "(\"APPLICATION\" \"PDF\" NIL NIL NIL \"BASE64\" 4554 NIL (\"ATTACHMENT\" (\"FILENAME\" \"a\\\"b\")) NIL NIL)",
            "(\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 1 \"md5\" (\"INLINE\" NIL) (\"en\" \"de\") \"http://x/\" 5 (\"more\" NIL (1)))",
            "(\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 1 NIL NIL \"en\" NIL)",
            &format!("({TEXT}{TEXT} \"ALTERNATIVE\")"),
            &format!("({TEXT} \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)"),
            &format!("({TEXT} \"MIXED\" NIL (\"INLINE\" NIL) NIL NIL)"),
            &format!("({TEXT} \"MIXED\" (\"BOUNDARY\" \"x\"))"),
            &format!("((({TEXT} \"A\"){TEXT} \"B\")({TEXT} \"C\") \"D\")"),
            &format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 500 {ENVELOPE} {TEXT} 20)"),
            &format!(
                "(\"message\" \"global\" NIL NIL NIL \"8BIT\" 500 {ENVELOPE} ({TEXT} \"MIXED\") 20 NIL NIL NIL NIL)"
            ),
            "(\"MESSAGE\" \"DELIVERY-STATUS\" NIL NIL NIL \"7BIT\" 100)",
            "({3}\r\nü\u{1} \"x\" ({1}\r\né \"b\") NIL NIL \"\" 0)",
        ] {
            canonical_data(&format!("1 FETCH (BODYSTRUCTURE {text})"));
            canonical_data(&format!("1 FETCH (BODY {text})"));
        }
        for (text, canonical) in [
            (
                "(\"A\" \"B\" NIL NIL NIL \"\" 1 NIL)",
                "(\"A\" \"B\" NIL NIL NIL \"\" 1 NIL NIL NIL NIL)",
            ),
            (
                "(\"A\" \"B\" NIL NIL NIL \"\" 1 NIL NIL (\"en\"))",
                "(\"A\" \"B\" NIL NIL NIL \"\" 1 NIL NIL \"en\" NIL)",
            ),
            (&format!("({TEXT} \"MIXED\" NIL)"), &format!("({TEXT} \"MIXED\")")),
            (
                &format!("({TEXT} \"MIXED\" NIL NIL)"),
                &format!("({TEXT} \"MIXED\" NIL NIL NIL NIL)"),
            ),
        ] {
            let item = |text| format!("1 FETCH (BODYSTRUCTURE {text})");
            respelled_data(&item(text), &item(canonical));
        }
    }

    #[test]
    fn bad_structures_are_refused_where_they_go_wrong() {
        for (text, offset) in [
            ("NIL", 0),
            ("()", 1),
            ("(\"TEXT\")", 7),
            ("(NIL \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1)", 1),
            ("(\"TEXT\" \"PLAIN\" () NIL NIL \"7BIT\" 5 1)", 17),
            ("(\"TEXT\" \"PLAIN\" (\"a\") NIL NIL \"7BIT\" 5 1)", 20),
            ("(\"TEXT\" \"PLAIN\" (\"a\" NIL) NIL NIL \"7BIT\" 5 1)", 21),
            ("(\"TEXT\" \"PLAIN\" NIL NIL NIL NIL 5 1)", 28),
            ("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" NIL 1)", 35),
            ("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5)", 36),
            ("(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 5 6)", 36),
            ("(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 5 NIL \"inline\")", 40),
            ("(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 5 NIL NIL ())", 45),
            ("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 5)", 40),
            ("(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 9223372036854775808)", 34),
        ] {
            let offset = "* 1 FETCH (BODYSTRUCTURE ".len() + offset;
            assert_eq!(structure(text, Reading::STRICT).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn parts_are_found_by_number() {
        let message = |body: &str| format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 500 {ENVELOPE} {body} 20)");
        let image = "(\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 1)";
        let inner = message(&format!("({TEXT}{} \"MIXED\")", message(image)));
        let text = format!("({TEXT}({image}{inner} \"RELATED\"){} \"MIXED\")", message(TEXT));
        let read = structure(&text, Reading::STRICT).unwrap();
        let expected = [
            ("1", "plain"),
            ("2", "related"),
            ("2.1", "png"),
            ("2.2", "rfc822"),
            ("2.2.1", "plain"),
            ("2.2.2", "rfc822"),
            ("2.2.2.1", "png"),
            ("3", "rfc822"),
            ("3.1", "plain"),
        ];
        let numbered: Vec<_> = (read.numbered())
            .map(|(path, node)| (format!("{path}"), node.part().subtype().to_text().to_lowercase()))
            .collect();
        assert_eq!(numbered, expected.map(|(path, subtype)| (path.into(), subtype.into())));
        for (path, node) in read.numbered() {
            assert_eq!(
                read.find(&path).map(crate::BodyNode::index),
                Some(node.index()),
                "{path}"
            );
        }
        for absent in ["4", "1.1", "2.1.1", "2.3", "2.2.3", "2.2.2.1.1", "3.2", "3.1.1"] {
            assert!(read.find(&absent.parse().unwrap()).is_none(), "{absent}");
        }
        let alone = structure(&message(image), Reading::STRICT).unwrap();
        let paths: Vec<_> = alone.numbered().map(|(path, _)| format!("{path}")).collect();
        assert_eq!(paths, ["1", "1.1"]);
    }

    /// docs/threats.md rows 13 and 14
    #[test]
    fn depth_is_limited_and_costs_no_stack() {
        let deep = |depth: usize| format!("{}{TEXT}{}", "(".repeat(depth), " \"MIXED\")".repeat(depth));
        for depth in [1, 50, BodyStructure::MAX_DEPTH] {
            let read = canonical_data(&format!("1 FETCH (BODY {} UID 1)", deep(depth)));
            let Data::Fetch(fetch) = read else { panic!() };
            assert!(matches!(&fetch.items()[0], FetchItem::Body(read) if read.parts().len() == depth + 1));
        }
        let work = move || {
            for depth in [BodyStructure::MAX_DEPTH + 1, 1_000_000] {
                let text = format!("1 FETCH (BODY {} UID 1)", deep(depth));
                let Ok(Data::Fetch(fetch)) = data(&text, Reading::LENIENT) else {
                    panic!()
                };
                assert!(matches!(fetch.items(), [FetchItem::Invalid { .. }, FetchItem::Uid(_)]));
            }
            let messages = |depth: usize| {
                let begin = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 5 {ENVELOPE} ");
                format!("{}{TEXT}{}", begin.repeat(depth), " 3)".repeat(depth))
            };
            assert!(structure(&messages(BodyStructure::MAX_DEPTH), Reading::STRICT).is_ok());
            assert!(structure(&messages(100_000), Reading::STRICT).is_err());
        };
        let thread = std::thread::Builder::new().stack_size(64 * 1024);
        thread.spawn(work).unwrap().join().unwrap();
    }

    const STRICT: Leniency = Leniency::STRICT;

    /// What `leniency` lets through and the grammar does not. It is written so that the strict reader takes it, except where
    /// nothing in the grammar can say it.
    fn only(leniency: Leniency, text: &str) -> BodyStructure<'static> {
        assert!(structure(text, Reading::STRICT).is_err(), "{text}");
        let reading = Reading { utf8: false, leniency };
        let read = structure(text, reading).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(structure(text, Reading::LENIENT).as_ref(), Ok(&read), "{text}");
        let mut wire = Vec::new();
        let item = FetchItem::Body(read.clone());
        let fetch = crate::Fetch::new(crate::Numbering::Sequence, core::num::NonZeroU32::MIN, item.into());
        Response::Untagged(Data::Fetch(fetch)).encode(Spelling::SERVER, &mut wire);
        let again = Response::parse(&wire, Reading::LENIENT).unwrap().complete();
        let Some(Response::Untagged(Data::Fetch(fetch))) = again else {
            panic!("{text}")
        };
        assert_eq!(fetch.items(), [FetchItem::Body(read.clone())], "{text}");
        read
    }

    #[test]
    fn childless_multiparts() {
        let leniency = Leniency {
            childless_multiparts: true,
            ..STRICT
        };
        for child in [
            "(NIL \"alternative\" (\"boundary\" \"x\") NIL NIL NIL)",
            "(\"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL)",
            "(\"ALTERNATIVE\")",
            "(\"ALTERNATIVE\" NIL (\"ATTACHMENT\" NIL) NIL)",
        ] {
            let read = only(leniency, &format!("({TEXT}{child} \"MIXED\")"));
            assert_eq!(
                outline(&read),
                "multipart/mixed(text/plain multipart/alternative)",
                "{child}"
            );
            only(
                leniency,
                &format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 500 {ENVELOPE} {child} 51)"),
            );
        }
        // Here the grammar has a single part of the type `multipart`.
        let text = "(\"multipart\" \"mixed\" (\"boundary\" \"x\") NIL NIL \"7BIT\" 0 NIL (\"inline\" NIL) NIL NIL)";
        assert!(!structure(text, Reading::STRICT).unwrap().parts()[0].is_multipart());
        let read = structure(text, Reading::LENIENT).unwrap();
        assert!(read.parts()[0].is_multipart());
        assert_eq!(read.parts()[0].param("BOUNDARY"), Some(&"x".into()));
        assert_eq!(
            read.parts()[0].extension.as_ref().unwrap().disposition,
            Some(Disposition::new("inline"))
        );
    }

    #[test]
    fn empty_lists() {
        let leniency = Leniency {
            empty_lists: true,
            ..STRICT
        };
        let read = only(
            leniency,
            "(\"MESSAGE\" \"DELIVERY-STATUS\" () NIL NIL \"7BIT\" 340 NIL () () NIL)",
        );
        assert_eq!(read.parts()[0].extension, Some(BodyExtension::default()));
        let read = only(
            leniency,
            &format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 5 {ENVELOPE} () 0)"),
        );
        assert_eq!(outline(&read), "message/rfc822(text/plain)");
    }

    #[test]
    fn loose_extensions() {
        let leniency = Leniency {
            loose_extensions: true,
            ..STRICT
        };
        let part = |extension: &str| {
            let read = only(leniency, &format!("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 {extension})"));
            read.parts()[0].extension.clone().unwrap()
        };
        assert_eq!(
            part("NIL \"inline\" NIL NIL").disposition,
            Some(Disposition::new("inline"))
        );
        assert_eq!(
            part("NIL (\"inline\") \"en\" NIL").disposition,
            Some(Disposition::new("inline"))
        );
        assert_eq!(
            part("(\"a\" \"b\") (\"inline\" NIL) NIL NIL").disposition,
            Some(Disposition::new("inline"))
        );
        assert_eq!(part("NIL NIL NIL (\"a\")"), BodyExtension::default());
        assert_eq!(part("NIL ((5)) ((5)) NIL"), BodyExtension::default());
        let read = only(
            leniency,
            &format!("({TEXT} \"MIXED\" (\"boundary\" \"x\") \"S/MIME\" NIL)"),
        );
        assert_eq!(
            read.parts()[0].extension.as_ref().unwrap().disposition,
            Some(Disposition::new("S/MIME"))
        );
    }

    #[test]
    fn loose_numbers() {
        let leniency = Leniency {
            loose_numbers: true,
            ..STRICT
        };
        for (numbers, octets, lines) in [
            ("-1 -2", 0, 0),
            ("NIL 5", 0, 5),
            ("\"12\" \"3\"", 12, 3),
            ("\"\" 1", 0, 1),
            ("99999999999999999999 1", i64::MAX as u64, 1),
            ("7 NIL", 7, 0),
        ] {
            let read = only(
                leniency,
                &format!("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" {numbers} NIL NIL NIL NIL)"),
            );
            assert_eq!(read.parts()[0].octets, octets, "{numbers}");
            assert_eq!(*read.parts()[0].kind(), BodyKind::Text { lines }, "{numbers}");
        }
    }

    #[test]
    fn missing_fields() {
        let leniency = Leniency {
            missing_fields: true,
            ..STRICT
        };
        for text in [
            "(\"TEXT\" \"PLAIN\")",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL)",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5)",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 NIL (\"INLINE\" NIL) NIL NIL)",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 \"md5\" NIL NIL)",
        ] {
            let read = only(leniency, text);
            assert_eq!(*read.parts()[0].kind(), BodyKind::Text { lines: 0 }, "{text}");
        }
        let read = only(
            leniency,
            "(\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 100 0 NIL (\"INLINE\" NIL) NIL NIL)",
        );
        let extension = read.parts()[0].extension.as_ref().unwrap();
        assert_eq!(extension.disposition, Some(Disposition::new("INLINE")));
        for rest in [
            "",
            " NIL NIL NIL NIL",
            " NIL (\"ATTACHMENT\" NIL) NIL NIL",
            " 12 NIL NIL NIL NIL",
            " NIL NIL 0 NIL NIL NIL NIL",
            " \"md5\" NIL NIL NIL",
            &format!(" {ENVELOPE} NIL 0 NIL NIL NIL NIL"),
        ] {
            let text = format!("({TEXT}(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 23925{rest}) \"REPORT\")");
            let read = only(leniency, &text);
            assert_eq!(*read.parts()[2].kind(), BodyKind::Basic, "{text}");
            assert_eq!(read.parts()[2].extension.is_some(), !rest.is_empty(), "{text}");
        }
        let read = only(leniency, &format!("({TEXT})"));
        assert_eq!(outline(&read), "multipart/mixed(text/plain)");
    }

    #[test]
    fn nil_strings() {
        let leniency = Leniency {
            nil_strings: true,
            ..STRICT
        };
        let read = only(leniency, "(NIL NIL NIL NIL NIL NIL 0 NIL NIL NIL NIL)");
        assert_eq!(outline(&read), "application/octet-stream");
        assert_eq!(read.parts()[0].encoding, "7BIT".into());
        let read = only(
            leniency,
            "(\"TEXT\" NIL (\"charset\" NIL NIL \"x\" \"a\" \"b\") NIL NIL \"7BIT\" 0 0)",
        );
        assert_eq!(outline(&read), "text/plain");
        assert_eq!(read.parts()[0].params, [("a", "b").into()]);
        let read = only(leniency, &format!("({TEXT} NIL (\"boundary\" NIL) (NIL NIL))"));
        assert_eq!(outline(&read), "multipart/mixed(text/plain)");
        assert_eq!(read.parts()[0].extension, Some(BodyExtension::default()));
    }

    #[test]
    fn bare_strings() {
        let leniency = Leniency {
            bare_strings: true,
            ..STRICT
        };
        let read = only(
            leniency,
            "(TEXT PLAIN (CHARSET US-ASCII) <id> NIL 7BIT 5 1 NIL (ATTACHMENT (SIZE 5)) en NIL)",
        );
        assert_eq!(read.parts()[0].param("charset"), Some(&"US-ASCII".into()));
        assert_eq!(read.parts()[0].id, Some("<id>".into()));
    }

    #[test]
    fn extra_spaces() {
        let leniency = Leniency {
            extra_spaces: true,
            ..STRICT
        };
        let text = "( ( \"TEXT\" \"PLAIN\"  ( \"a\" \"b\" ) NIL NIL \"7BIT\"  5 1 ) (\"A\" \"B\" NIL NIL NIL \"\" 1  NIL NIL ) \"MIXED\" )";
        assert_eq!(outline(&only(leniency, text)), "multipart/mixed(text/plain a/b)");
    }
}
