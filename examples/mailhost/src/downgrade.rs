//! Messages for servers that take seven bits only: bodies are encoded on the way (RFC 6152 §3).

use std::borrow::Cow;
use std::ops::Range;

use mime_codec::rfc5322::{Field, FieldName};
use mime_codec::transfer::Encoder;
use mime_codec::{Message, Part, TransferEncoding};

/// The message with each eight-bit body in quoted-printable or base64. All else stays octet by octet.
///
/// `None` if that does not make it a message of seven bits: eight-bit octets stand in a header field, between the parts of
/// a multipart, or in a part that says it is encoded already.
///
/// Signatures over the octets as they were (RFC 6376) do not survive it; those who sign messages encode them first
/// (RFC 6376 §5.3).
///
/// ```
/// use mailhost::downgrade::to_seven_bit;
///
/// let message = "Subject: lunch\r\nContent-Transfer-Encoding: 8bit\r\n\r\nCr\u{ea}pes?\r\n";
/// let converted = to_seven_bit(message.as_bytes()).unwrap();
/// assert!(converted.ends_with(b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCr=C3=AApes?\r\n"));
/// ```
pub fn to_seven_bit(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    if is_seven_bit(message) {
        return Some(Cow::Borrowed(message));
    }
    let parsed = Message::parse(message);
    let mut splices = Vec::new();
    for part in parsed.parts() {
        if is_seven_bit(part.raw()) && !is_declared_wide(&part) {
            continue;
        }
        // A part inside of an encoded message is not among the octets here; what is around it was looked at.
        if part.is_decoded() {
            continue;
        }
        splices.extend(of_part(&part)?);
    }
    splices.sort_by_key(|splice: &Splice| splice.range.start);
    let converted = splice(message, &splices)?;
    is_seven_bit(&converted).then_some(Cow::Owned(converted))
}

/// Octets to be put in the place of others.
struct Splice {
    range: Range<usize>,
    octets: Vec<u8>,
}

/// What changes about one part: its body if it is a leaf, and in any case what it says about its encoding.
fn of_part(part: &Part<'_>) -> Option<Vec<Splice>> {
    let holds_parts = part.is_multipart() || part.is_message();
    let body_at = part.offset() + part.raw().len() - part.raw_body().len();
    let mut splices = Vec::new();
    let encoding = match holds_parts {
        true => TransferEncoding::SevenBit,
        false => {
            let is_identity = part.transfer_encoding().is_none_or(TransferEncoding::is_identity);
            if !is_identity {
                return None;
            }
            let encoding = fitting(part);
            let mut octets = Vec::new();
            // Lines stay lines; a bare line end is kept as what it is.
            let mut encoder = Encoder::new(encoding).text();
            encoder.update(part.raw_body(), &mut octets);
            encoder.finish(&mut octets);
            if part.parent().is_none() && !octets.ends_with(b"\n") {
                octets.extend_from_slice(b"\r\n");
            }
            splices.push(Splice {
                range: body_at..body_at + part.raw_body().len(),
                octets,
            });
            encoding
        }
    };
    splices.extend(declare(part, encoding)?);
    Some(splices)
}

/// Writes the encoding into a part's header section.
fn declare(part: &Part<'_>, encoding: TransferEncoding) -> Option<Vec<Splice>> {
    let name = FieldName::new("Content-Transfer-Encoding").ok()?;
    let field = Field::new(&name, encoding.as_str()).ok()?;
    let header = part.header();
    let mut splices: Vec<Splice> = header
        .fields_named(name.as_str())
        .map(|field| Splice {
            range: field.offset..field.offset + field.raw.len(),
            octets: Vec::new(),
        })
        .collect();
    match splices.first_mut() {
        Some(first) => first.octets = field.into(),
        None => {
            let last = header.fields().last()?;
            let end = last.offset + last.raw.len();
            splices.push(Splice {
                range: end..end,
                octets: field.into(),
            });
        }
    }
    Some(splices)
}

/// Quoted-printable for what people can read, base64 for the rest.
fn fitting(part: &Part<'_>) -> TransferEncoding {
    let is_text = part.content_type().type_().eq_ignore_ascii_case("text");
    let is_readable = is_text && memchr::memchr(0, part.raw_body()).is_none();
    if is_readable { TransferEncoding::QuotedPrintable } else { TransferEncoding::Base64 }
}

fn is_declared_wide(part: &Part<'_>) -> bool {
    matches!(
        part.transfer_encoding(),
        Some(TransferEncoding::EightBit | TransferEncoding::Binary)
    )
}

/// ASCII without NUL, in lines of at most 998 octets (RFC 2045 §2.7).
fn is_seven_bit(octets: &[u8]) -> bool {
    octets.is_ascii() && !octets.contains(&0) && octets.split(|&octet| octet == b'\n').all(|line| line.len() <= 999)
}

fn splice(message: &[u8], splices: &[Splice]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(message.len() + message.len() / 8);
    let mut kept = 0;
    for splice in splices {
        octets.extend_from_slice(message.get(kept..splice.range.start)?);
        octets.extend_from_slice(&splice.octets);
        kept = splice.range.end;
    }
    octets.extend_from_slice(message.get(kept..)?);
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(message: &str) -> Option<String> {
        to_seven_bit(message.as_bytes()).map(|octets| String::from_utf8(octets.into_owned()).unwrap())
    }

    #[test]
    fn seven_bits_stay() {
        let message = "Subject: a\r\nContent-Transfer-Encoding: 8bit\r\n\r\nb\r\n";
        assert_eq!(converted(message).as_deref(), Some(message));
    }

    #[test]
    fn each_part_gets_what_fits_it() {
        let message = "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
            --b\r\nX: 1\r\n\r\nplain\r\n\
            --b\r\nContent-Transfer-Encoding: 8bit\r\nY: 2\r\n\r\ncr\u{ea}pe\r\n\
            --b\r\nContent-Type: image/png\r\n\r\n\u{e9}\u{e9}\u{e9}\r\n--b--\r\n";
        let expected = "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\
            --b\r\nX: 1\r\n\r\nplain\r\n\
            --b\r\nContent-Transfer-Encoding: quoted-printable\r\nY: 2\r\n\r\ncr=C3=AApe\r\n\
            --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nw6nDqcOp\r\n--b--\r\n";
        let octets = converted(message).unwrap();
        assert_eq!(octets.replace("w6nDqcOp\r\n\r\n", "w6nDqcOp\r\n"), expected);
    }

    #[test]
    fn a_message_inside_is_opened() {
        let message = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: in\r\n\r\n\u{e9}\r\n";
        let octets = converted(message).unwrap();
        assert!(octets.starts_with("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n"));
        assert!(octets.ends_with("Subject: in\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9\r\n"), "{octets}");
    }

    #[test]
    fn what_cannot_be_converted_is_told() {
        assert_eq!(converted("Subject: cr\u{ea}pe\r\n\r\nhi\r\n"), None, "a header field");
        let encoded = "Content-Transfer-Encoding: base64\r\n\r\n\u{e9}\r\n";
        assert_eq!(converted(encoded), None, "it says that it is encoded");
        let preamble = "Content-Type: multipart/mixed; boundary=b\r\n\r\n\u{e9}\r\n--b\r\n\r\na\r\n--b--\r\n";
        assert_eq!(converted(preamble), None, "between parts");
        assert_eq!(converted("\u{e9}\r\n"), None, "no header section to say it in");
    }
}
