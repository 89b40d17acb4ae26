//! Reads BODY and BODYSTRUCTURE, without recursion.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::body_part::{MULTIPART, is};
use crate::reader::{Parse, Reader};
use crate::{BodyExtension, BodyKind, BodyPart, BodyStructure, Envelope, Octets, body_extension, loose};

/// `body = "(" (body-type-1part / body-type-mpart) ")"`, as the parts in the order in which they begin.
pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Parse<Vec<BodyPart<'a>>> {
    let mut parts = Vec::new();
    // Places of the parts that have begun and not ended, the outermost first.
    let mut open = [0usize; BodyStructure::MAX_DEPTH];
    let mut depth = 0;
    loop {
        let part = read_begin(reader)?;
        let is_open = part.descendants == OPEN;
        if is_open {
            if depth == BodyStructure::MAX_DEPTH {
                return reader.expected("body parts that are nested less deeply");
            }
            open[depth] = parts.len();
            depth += 1;
        }
        parts.push(part);
        if is_open {
            continue;
        }
        while depth > 0 {
            let at = open[depth - 1];
            if parts[at].is_multipart() && another_child(reader) {
                break;
            }
            parts[at].descendants = parts.len() - at - 1;
            read_end(&mut parts[at], reader)?;
            depth -= 1;
        }
        if depth == 0 {
            return Ok(parts);
        }
    }
}

/// In `descendants`: the part's own end was not read, since parts inside come first.
const OPEN: usize = usize::MAX;

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

/// All of a part, or all up to the first part inside.
fn read_begin<'a>(reader: &mut Reader<'a>) -> Parse<BodyPart<'a>> {
    reader.open()?;
    if reader.peek() == Some(b'(') {
        let mut part = BodyPart::multipart("");
        part.descendants = OPEN;
        return Ok(part);
    }
    if reader.leniency().empty_lists && reader.accept(b')') {
        return Ok(BodyPart::text("PLAIN", 0));
    }
    let (start, first) = (reader.offset(), read_type(reader)?);
    if !reader.leniency().childless_multiparts {
        return read_single(first, reader);
    }
    match (first, reader.rest()) {
        (Some(subtype), [b')', ..] | [b' ', b'(', ..]) => read_childless(subtype, reader),
        (None, [b' ', b'"', ..]) => {
            reader.space()?;
            let subtype = loose::string(reader)?.unwrap_or_default();
            read_childless(subtype, reader)
        }
        (Some(first), [b' ', b'N' | b'n', ..]) => {
            let behind = reader.offset();
            let subtype = first.clone();
            read_single(Some(first), reader).or_else(|error| {
                reader.rewind(behind);
                read_childless(subtype, reader).map_err(|_| error)
            })
        }
        (None, _) if !reader.leniency().nil_strings => {
            reader.rewind(start);
            reader.expected("a media type")
        }
        (first, _) => read_single(first, reader),
    }
}

/// The first string of a part; with `childless_multiparts`, NIL may stand for the children.
fn read_type<'a>(reader: &mut Reader<'a>) -> Parse<Option<Octets<'a>>> {
    if reader.leniency().childless_multiparts && reader.accept_nil() {
        return Ok(None);
    }
    loose::string(reader)
}

/// What follows the children of a multipart that has none: `"subtype" [SP body-ext-mpart]`.
fn read_childless<'a>(subtype: Octets<'a>, reader: &mut Reader<'a>) -> Parse<BodyPart<'a>> {
    let mut part = BodyPart::multipart(subtype);
    read_multipart_extension(&mut part, reader)?;
    reader.close()?;
    Ok(part)
}

/// ```text
/// body-type-1part = (body-type-basic / body-type-msg / body-type-text)
///                   [SP body-ext-1part]
/// body-type-basic = media-basic SP body-fields
/// body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
/// body-type-text  = media-text SP body-fields SP body-fld-lines
/// ```
fn read_single<'a>(media_type: Option<Octets<'a>>, reader: &mut Reader<'a>) -> Parse<BodyPart<'a>> {
    reader.space()?;
    let subtype = loose::string(reader)?;
    let (media_type, subtype) = match (media_type, subtype) {
        (Some(media_type), Some(subtype)) => (media_type, subtype),
        (media_type, subtype) => defaults(media_type, subtype),
    };
    let mut part = BodyPart::single(media_type, subtype, BodyKind::Basic);
    read_fields(&mut part, reader)?;
    if is(part.media_type(), "TEXT") {
        let lines = read_text_lines(reader)?;
        part.set_kind(BodyKind::Text { lines });
    } else if part.is_message() && has_envelope(reader)? {
        let envelope = Box::new(Envelope::read(reader)?);
        part.set_kind(BodyKind::Message { envelope, lines: 0 });
        reader.space()?;
        if reader.leniency().missing_fields && reader.accept_nil() {
            // The body of a message that the server did not look into.
            part.set_kind(BodyKind::Basic);
            skip_number(reader);
        } else {
            part.descendants = OPEN;
            return Ok(part);
        }
    } else if reader.leniency().missing_fields {
        skip_number(reader);
    }
    part.extension = BodyExtension::read_single(reader)?;
    reader.close()?;
    if reader.leniency().childless_multiparts && is(part.media_type(), MULTIPART) {
        return Ok(part.into_multipart());
    }
    Ok(part)
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
    if loose::another_field(reader)? {
        part.params = body_extension::read_params(reader)?;
    }
    if loose::another_field(reader)? {
        part.id = loose::nstring(reader)?;
    }
    if loose::another_field(reader)? {
        part.description = loose::nstring(reader)?;
    }
    if loose::another_field(reader)?
        && let Some(encoding) = loose::string(reader)?
    {
        part.encoding = encoding;
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
            true => loose::string(reader)?,
            false => None,
        };
        part.set_subtype(subtype.unwrap_or_else(|| "MIXED".into()));
        read_multipart_extension(part, reader)?;
    } else {
        if loose::another_field(reader)? {
            part.set_message_lines(loose::number(reader)?);
        }
        part.extension = BodyExtension::read_single(reader)?;
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
    part.extension = BodyExtension::read_behind(reader)?;
    Ok(())
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
