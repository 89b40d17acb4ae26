//! Decoded text, phrases, Content-Type and Content-Disposition.

use std::io;

use mime_codec::rfc5322::Phrase;
use mime_codec::{ContentDisposition, ContentType, Defect, Parameter, Text, decode_phrase, decode_text};

use crate::output::{Accepted, Refused};
use crate::pen::Pen;

/// An unstructured value.
pub(crate) fn unstructured(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    decoded(decode_text(octets), strict)
}

/// A display name.
pub(crate) fn phrase(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    decoded(decode_phrase(&Phrase::new(octets, 0)), strict)
}

fn decoded(text: Text<'_>, strict: bool) -> Result<Accepted<'_>, Refused> {
    flawless(&text.defects, strict)?;
    Ok(Box::new(move |pen| pen.text(text.text.as_bytes())))
}

/// A Content-Type; its type is null where nothing stands in its place.
pub(crate) fn content_type(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let value = ContentType::parse(octets);
    if strict {
        flawless(&value.defects(), strict)?;
    }
    Ok(Box::new(move |pen| {
        let is_absent = matches!(octets.trim_ascii_start().first(), None | Some(b';'));
        let type_ = Some(value.essence()).filter(|_| !is_absent);
        describe(pen, type_.as_deref(), &value.params())
    }))
}

/// A Content-Disposition; its type is null where there is none.
pub(crate) fn content_disposition(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let value = ContentDisposition::parse(octets);
    if strict {
        flawless(&value.defects(), strict)?;
    }
    Ok(Box::new(move |pen| {
        let type_ = value.type_().to_ascii_lowercase();
        let type_ = Some(type_.as_str()).filter(|type_| !type_.is_empty());
        describe(pen, type_, &value.params())
    }))
}

fn describe(pen: &mut Pen<'_>, type_: Option<&str>, params: &[Parameter<'_>]) -> io::Result<()> {
    pen.object(|pen| {
        pen.key("type")?;
        match type_ {
            Some(type_) => pen.text(type_)?,
            None => pen.none()?,
        }
        pen.key("params")?;
        pen.entries(|pen| {
            params
                .iter()
                .try_for_each(|param| pen.entry(param.name().as_bytes(), |pen| pen.text(param.value())))
        })
    })
}

/// Strict means: no defects.
fn flawless(defects: &[Defect], strict: bool) -> Result<(), Refused> {
    match defects.first() {
        Some(defect) if strict => Err(Refused {
            error: defect.kind.to_string(),
            offset: defect.offset,
        }),
        _ => Ok(()),
    }
}
