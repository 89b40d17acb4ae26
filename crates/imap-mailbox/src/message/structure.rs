//! From the table to a body structure.

use imap_proto::{BodyExtension, BodyPart, BodyStructure, BodyStructureBuilder, Disposition, Octets, Parameter};

use super::facts::Facts;
use super::render::Audience;
use super::row::Kind;
use super::summary::Summary;
use super::surrogate;

pub(super) fn of(summary: &Summary, audience: Audience) -> BodyStructure<'_> {
    let mut builder = BodyStructureBuilder::new(part(summary, 0, audience));
    // The ends of those that are open.
    let mut open = Vec::new();
    let mut result = Ok(());
    for (index, row) in summary.rows.iter().enumerate() {
        if index > 0 {
            result = result.and_then(|()| builder.push(part(summary, index, audience)));
        }
        if row.kind.is_composite() {
            open.push(index + 1 + row.descendants);
        }
        while open.last().is_some_and(|&end| end == index + 1) {
            result = result.and_then(|()| builder.close());
            open.pop();
        }
    }
    // The table is as the builder wants it; whoever makes or reads one sees to that.
    let whole = result.and_then(|()| builder.finish());
    whole.unwrap_or_else(|_| opaque(summary))
}

/// The message as octets.
fn opaque(summary: &Summary) -> BodyStructure<'_> {
    let mut part = BodyPart::text("plain", 0);
    part.octets = summary.rows[0].octets();
    let structure = BodyStructureBuilder::new(part).finish();
    structure.expect("a structure of one text needs nothing else")
}

fn part(summary: &Summary, index: usize, audience: Audience) -> BodyPart<'_> {
    let row = &summary.rows[index];
    let mut facts = summary.facts(row);
    if audience == Audience::Conventional {
        surrogate::facts(&mut facts);
    }
    let mut part = match row.kind {
        Kind::Text => BodyPart::text(facts.subtype, row.lines),
        Kind::Multipart => BodyPart::multipart(facts.subtype),
        Kind::Message => {
            let inner = summary.rows.get(index + 1);
            let envelope = inner
                .map(|inner| summary.envelope_for(inner, audience))
                .unwrap_or_default();
            match facts.subtype.eq_ignore_ascii_case(b"global") {
                true => BodyPart::message_global(envelope, row.lines),
                false => BodyPart::message(envelope, row.lines),
            }
        }
        Kind::Basic => {
            BodyPart::basic(facts.media_type, facts.subtype).unwrap_or_else(|_| BodyPart::text(facts.subtype, 0))
        }
    };
    // No reader of a structure finds a multipart's type spelled out.
    if row.kind != Kind::Multipart {
        part = part.spelled(facts.media_type, facts.subtype);
    }
    part.params = params(&facts.params);
    if row.kind == Kind::Text && part.param("charset").is_none() && part.param("charset*").is_none() {
        part.params.push(("charset", "us-ascii").into());
    }
    if row.kind != Kind::Multipart {
        part.id = facts.id.map(Octets::from);
        part.description = facts.description.map(Octets::from);
        part.octets = row.octets();
        part.encoding = match facts.encoding {
            b"" => "7bit".into(),
            encoding => encoding.into(),
        };
    }
    part.extension = Some(extension(&facts, row.kind));
    part
}

fn extension<'s>(facts: &Facts<'s>, kind: Kind) -> BodyExtension<'s> {
    let mut extension = BodyExtension::default();
    extension.disposition = facts.disposition.as_ref().map(|(kind, list)| Disposition {
        kind: (*kind).into(),
        params: params(list),
    });
    if kind != Kind::Multipart {
        extension.set_md5(facts.md5.map(Octets::from));
    }
    extension.set_language(facts.language.iter().copied().map(Octets::from).collect());
    extension.set_location(facts.location.map(Octets::from));
    extension
}

fn params<'s>(list: &[(&'s [u8], &'s [u8])]) -> Vec<Parameter<'s>> {
    list.iter().copied().map(Parameter::from).collect()
}
