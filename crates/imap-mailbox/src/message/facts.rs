//! What the MIME fields of an entity say of its body (RFC 2045 §3, RFC 9051 §7.5.2 BODYSTRUCTURE).

use std::borrow::Cow;

use mime_codec::rfc5322::{RawField, unfold};
use mime_codec::{ContentDisposition, ContentType, Parameters};

use super::record::{Cursor, put_number, put_optional, put_text};

/// The MIME fields of one header section, as they came. Of a field that comes twice the first counts.
#[derive(Debug, Default)]
pub(super) struct MimeFields {
    values: [Option<Vec<u8>>; NAMES.len()],
}

const NAMES: [&str; 8] = [
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Content-Description",
    "Content-Disposition",
    "Content-MD5",
    "Content-Language",
    "Content-Location",
];

impl MimeFields {
    /// Takes note of a field, if it is one of these.
    pub(super) fn note(&mut self, field: &RawField<'_>) {
        let at = NAMES.iter().position(|name| field.name.eq_ignore_ascii_case(name));
        if let Some(at) = at {
            self.values[at].get_or_insert_with(|| field.value.to_vec());
        }
    }

    pub(super) fn content_type(&self) -> Option<ContentType<'_>> {
        self.values[0].as_deref().map(ContentType::parse)
    }

    /// The name of the transfer encoding, as it came; empty where there is none.
    ///
    /// ```text
    /// encoding := "Content-Transfer-Encoding" ":" mechanism     ; RFC 2045 §6.1
    /// ```
    pub(super) fn encoding(&self) -> Vec<u8> {
        let value = self.values[1].as_deref().unwrap_or_default().trim_ascii_start();
        let ends = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(');
        let len = value.iter().position(ends).unwrap_or(value.len());
        match len <= MAX_NAME {
            true => one_line(&value[..len]),
            false => b"x-unknown".to_vec(),
        }
    }

    pub(super) fn disposition(&self) -> Option<ContentDisposition<'_>> {
        self.values[4].as_deref().map(ContentDisposition::parse)
    }

    fn line(&self, at: usize) -> Option<Vec<u8>> {
        self.values[at].as_deref().map(one_line)
    }

    /// Writes all that BODYSTRUCTURE tells of them. The type is the caller's, who knows the default and what was looked into.
    pub(super) fn write(&self, media_type: &str, subtype: &str, out: &mut Vec<u8>) {
        put_text(out, media_type.as_bytes());
        put_text(out, subtype.as_bytes());
        put_text(out, &self.encoding());
        put_params(out, self.content_type().as_ref().map(ContentType::parameters));
        for at in [2, 3, 5, 7] {
            put_optional(out, self.line(at).as_deref());
        }
        match self.disposition() {
            Some(disposition) => {
                let kind = match disposition.type_() {
                    "" => "attachment",
                    kind => kind,
                };
                put_optional(out, Some(&one_line(kind.as_bytes())));
                put_params(out, Some(disposition.parameters()));
            }
            None => put_optional(out, None),
        }
        let tags = self.line(6).map(|value| tags(&value)).unwrap_or_default();
        put_number(out, tags.len() as u64);
        tags.iter().for_each(|tag| put_text(out, tag));
    }

    /// Writes the type and the encoding alone: for where there is no room for more.
    pub(super) fn write_least(&self, media_type: &str, subtype: &str, out: &mut Vec<u8>) {
        put_text(out, media_type.as_bytes());
        put_text(out, subtype.as_bytes());
        put_text(out, &self.encoding());
        // No parameters, no identifier, description, MD5 or location, no disposition, no languages.
        out.extend_from_slice(&[0; 7]);
    }
}

/// One part's MIME fields, as the cached form has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    pub(super) media_type: &'a [u8],
    pub(super) subtype: &'a [u8],
    /// Empty where there is no field.
    pub(super) encoding: &'a [u8],
    pub(super) params: Vec<(&'a [u8], &'a [u8])>,
    pub(super) id: Option<&'a [u8]>,
    pub(super) description: Option<&'a [u8]>,
    pub(super) md5: Option<&'a [u8]>,
    pub(super) location: Option<&'a [u8]>,
    pub(super) disposition: Option<Disposition<'a>>,
    pub(super) language: Vec<&'a [u8]>,
}

/// Its type and its parameters.
type Disposition<'a> = (&'a [u8], Vec<(&'a [u8], &'a [u8])>);

impl<'a> Facts<'a> {
    /// Type, subtype and encoding, which stand in front.
    pub(super) fn read_begin(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            media_type: cursor.text()?,
            subtype: cursor.text()?,
            encoding: cursor.text()?,
            ..Self::default()
        })
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let mut facts = Self::read_begin(cursor)?;
        facts.params = params(cursor)?;
        facts.id = cursor.optional()?;
        facts.description = cursor.optional()?;
        facts.md5 = cursor.optional()?;
        facts.location = cursor.optional()?;
        if let Some(kind) = cursor.optional()? {
            facts.disposition = Some((kind, params(cursor)?));
        }
        for _ in 0..cursor.number()? {
            facts.language.push(cursor.text()?);
        }
        Some(facts)
    }
}

fn params<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<(&'a [u8], &'a [u8])>> {
    let mut params = Vec::new();
    for _ in 0..cursor.number()? {
        params.push((cursor.text()?, cursor.text()?));
    }
    Some(params)
}

/// Continuations are put together. A value that names its charset is told in UTF-8, under its name with an asterisk (RFC 9051 §7.5.2); all
/// others as they came.
fn put_params(out: &mut Vec<u8>, parameters: Option<&Parameters<'_>>) {
    let list = parameters.map(Parameters::list).unwrap_or_default();
    let list = &list[..list.len().min(MAX_PARAMS)];
    put_number(out, list.len() as u64);
    for param in list {
        let name = param.name();
        if param.charset().is_some_and(|charset| !charset.is_empty()) {
            put_text(out, &one_line(format!("{name}*").as_bytes()));
            put_text(out, &one_line(param.value().as_bytes()));
            continue;
        }
        let octets = parameters.and_then(|parameters| parameters.octets(&name));
        put_text(out, &one_line(name.as_bytes()));
        put_text(
            out,
            &one_line(&octets.unwrap_or_else(|| param.value().as_bytes().into())),
        );
    }
}

/// The tags of Content-Language, between commas, without comments (RFC 3282).
fn tags(value: &[u8]) -> Vec<Vec<u8>> {
    let mut depth = 0_usize;
    let outside = |octet: &u8| {
        match octet {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    let value: Vec<u8> = value.iter().copied().filter(outside).collect();
    let tags = value.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    tags.filter(|tag| !tag.is_empty())
        .take(MAX_PARAMS)
        .map(<[u8]>::to_vec)
        .collect()
}

/// A field's value on one line, without white space at its ends. CR, LF and NUL that stand in it become spaces: no string of IMAP holds a NUL,
/// and a client that shows a line expects one.
pub(super) fn one_line(value: &[u8]) -> Vec<u8> {
    let unfolded = unfold(value);
    let mut line = match unfolded {
        Cow::Borrowed(value) => value.trim_ascii().to_vec(),
        Cow::Owned(value) => value.trim_ascii().to_vec(),
    };
    for octet in &mut line {
        if matches!(octet, 0 | b'\r' | b'\n') {
            *octet = b' ';
        }
    }
    line
}

/// Parameters of one field, and languages, that are kept. Finding each of them takes a look at the whole field.
const MAX_PARAMS: usize = 100;

/// Octets of a type, subtype or encoding: what RFC 6838 allows of the first two.
pub(super) const MAX_NAME: usize = 127;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_tags_without_comments() {
        for (value, expected) in [
            ("en", &["en"][..]),
            (" mi, en (Maori, (and) English) ,,de-AT", &["mi", "en", "de-AT"]),
            (",", &[]),
            ("(x", &[]),
            (")fr", &["fr"]),
        ] {
            let found: Vec<_> = tags(value.as_bytes()).into_iter().map(String::from_utf8).collect();
            let expected: Vec<_> = expected.iter().map(|tag| Ok((*tag).to_string())).collect();
            assert_eq!(found, expected, "{value:?}");
        }
    }

    #[test]
    fn what_is_least_is_read() {
        let mut out = Vec::new();
        MimeFields::default().write_least("application", "pdf", &mut out);
        let mut cursor = Cursor::new(&out);
        let facts = Facts::read(&mut cursor).unwrap();
        assert!(cursor.is_at_end());
        assert_eq!(
            (facts.media_type, facts.subtype, facts.encoding),
            (&b"application"[..], &b"pdf"[..], &b""[..])
        );
    }
}
