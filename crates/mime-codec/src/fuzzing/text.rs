//! Text: encoded words, parameters, charsets.

use rfc5322::{FieldName, Phrase};

use crate::{Charset, ContentDisposition, ContentType, Defect, ParameterError, Parameters, safe_file_name};
use crate::{base_subject, decode_phrase, decode_text, encode_phrase, encode_text};

/// Text that was decoded can be written in a header, and reads back as the same text.
pub fn encoded_word(data: &[u8]) {
    let decoded = decode_text(data);
    check_text(&decoded.text, data.len());
    check_defects(&decoded.defects, data.len());
    let field = encode_text(&FieldName::SUBJECT, &decoded.text).expect("a short name");
    check_field(field.as_str());
    assert_eq!(decode_text(field.value().as_bytes()).text, decoded.text);

    let phrase = decode_phrase(&Phrase::new(data, 0));
    check_text(&phrase.text, data.len());
    check_defects(&phrase.defects, data.len());
    let written = encode_phrase(&phrase.text);
    assert!(written.bytes().all(|octet| (b' '..=b'~').contains(&octet)));
    assert_eq!(decode_phrase(&Phrase::new(written.as_bytes(), 0)).text, phrase.text);

    let base = base_subject(&decoded.text);
    assert!(base.text.len() <= decoded.text.len());
    assert_eq!(base_subject(&base.text).text, base.text);
}

/// Parameters that were read are written so that they read the same.
pub fn parameters(data: &[u8]) {
    let content_type = ContentType::parse(data);
    check_defects(&content_type.defects(), data.len());
    check_parameters(content_type.parameters());
    assert_eq!(content_type.boundary(), content_type.clone().into_owned().boundary());
    round_trip(content_type.to_field(), content_type.parameters(), |value| {
        let again = ContentType::parse(value);
        assert_eq!(again.essence(), content_type.essence());
        names_and_values(again.parameters())
    });

    let disposition = ContentDisposition::parse(data);
    check_defects(&disposition.defects(), data.len());
    check_parameters(disposition.parameters());
    round_trip(disposition.to_field(), disposition.parameters(), |value| {
        names_and_values(ContentDisposition::parse(value).parameters())
    });
    let name = disposition.filename().unwrap_or_default();
    let safe = safe_file_name(&name);
    assert!(!safe.is_empty() && safe.len() <= 256 && !safe.contains(['/', '\\', '\0', ':']));
    assert_eq!(safe_file_name(&safe), safe);
}

/// The first octets name a charset; the others decode to the same text however they are cut.
pub fn charset(data: &[u8]) {
    let (label, octets) = data.split_at(data.iter().position(|&octet| octet == b'\n').unwrap_or(0));
    let charset = Charset::for_label(label).unwrap_or(Charset::UTF_8);
    assert_eq!(
        Charset::for_label(charset.name().as_bytes()).map(Charset::name),
        Some(charset.name())
    );
    let whole = charset.decode(octets);
    assert!(whole.text.len() <= 3 * octets.len());
    for piece in [1, 3, octets.len().max(1)] {
        let mut decoder = charset.decoder();
        let mut text = String::new();
        octets.chunks(piece).for_each(|chunk| decoder.decode(chunk, &mut text));
        decoder.finish(&mut text);
        assert_eq!(text, whole.text, "{charset:?} in pieces of {piece}");
    }
}

fn check_text(text: &str, octets: usize) {
    assert!(!text.contains(['\r', '\n', '\0']));
    assert!(text.len() <= 3 * octets, "{} of {octets}", text.len());
}

fn check_defects(defects: &[Defect], octets: usize) {
    assert!(defects.is_sorted_by_key(|defect| defect.offset));
    assert!(defects.iter().all(|defect| defect.offset <= octets));
}

fn check_field(field: &str) {
    for line in field.strip_suffix("\r\n").expect("a whole field").split("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']) && line.is_ascii());
        assert!(!line.trim().is_empty());
    }
    let words = field
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| word.starts_with("=?"));
    words.for_each(|word| assert!(word.len() <= 75, "{word}"));
}

fn check_parameters(parameters: &Parameters<'_>) {
    for parameter in parameters.list() {
        assert!(!parameter.value().contains(['\r', '\n', '\0']));
        // A name that is no UTF-8 cannot be asked for.
        let found = parameters.get(&parameter.name());
        let found = found.as_deref().unwrap_or(parameter.value());
        assert_eq!(found, parameter.value());
    }
}

/// What can be written: names that are tokens.
fn names_and_values(parameters: &Parameters<'_>) -> Vec<(String, String)> {
    let can_be_written = |name: &str| crate::parameters::is_valid_name(name);
    let pairs = parameters
        .list()
        .into_iter()
        .map(|parameter| (parameter.name().into_owned(), parameter.value().to_owned()));
    pairs.filter(|(name, _)| can_be_written(name)).collect()
}

fn round_trip(
    field: Result<rfc5322::Field, ParameterError>,
    parameters: &Parameters<'_>,
    again: impl Fn(&[u8]) -> Vec<(String, String)>,
) {
    // A type longer than a line cannot be written.
    let Ok(field) = field else { return };
    check_field(field.as_str());
    assert_eq!(again(field.value().as_bytes()), names_and_values(parameters), "{field}");
}
