//! Everything that is wrong with a message, values and bodies included.

use rfc5322::{AddressList, DateError, DateTime, MsgIdList, RawField};

use super::{Message, Part};
use crate::{Charset, ContentDisposition, ContentType, Defect, DefectKind, decode_text};

impl Message<'_> {
    /// Decodes all values and bodies, and lists every defect: those of the structure, of the values of fields that have a grammar,
    /// of transfer encodings, of charsets. By offset; what lies in a transfer-encoded message comes behind, by offset
    /// in the decoded octets.
    ///
    /// Linear in the size of the message.
    pub fn check(&self) -> Vec<Defect> {
        let mut found: Vec<(usize, Defect)> = Vec::new();
        for part in self.parts() {
            let layer = part.layer_index();
            found.extend(part.defects().into_iter().map(|defect| (layer, defect)));
        }
        found.extend(
            self.table
                .defect_layers
                .iter()
                .copied()
                .zip(self.defects().iter().copied()),
        );
        found.sort_by_key(|(layer, defect)| (*layer, defect.offset));
        found.into_iter().map(|(_, defect)| defect).collect()
    }
}

impl Part<'_> {
    /// What is wrong with the values in the header section and with the encoding and the charset of the body.
    fn defects(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        for field in self.header().fields() {
            let value = field.value_offset();
            defects.extend(value_defects(&field).into_iter().map(|defect| Defect {
                offset: value + defect.offset,
                ..defect
            }));
        }
        self.note_duplicates(&mut defects);
        if self.is_leaf() {
            self.note_body(&mut defects);
        }
        defects
    }

    /// Fields that may stand once (RFC 5322 §3.6) and stand again. Those that decide the structure are among the message's own
    /// defects.
    fn note_duplicates(&self, defects: &mut Vec<Defect>) {
        let header = self.header();
        for name in SINGLE {
            defects.extend(header.fields_named(name).skip(1).map(|field| Defect {
                offset: field.offset,
                kind: DefectKind::DuplicateField,
            }));
        }
    }

    fn note_body(&self, defects: &mut Vec<Defect>) {
        let body = self.offset() + self.raw_header().len();
        let decoded = self.decode_checked();
        defects.extend(decoded.defects.iter().map(|defect| Defect {
            offset: body + defect.offset,
            kind: defect.kind,
        }));
        if self.content_type().is_text() {
            defects.extend(
                self.charset_defect(&decoded.octets)
                    .map(|kind| Defect { offset: body, kind }),
            );
        }
    }

    fn charset_defect(&self, octets: &[u8]) -> Option<DefectKind> {
        let Some(charset) = self.charset() else {
            return Some(DefectKind::UnknownCharset);
        };
        match charset.decode(octets).replaced {
            0 => None,
            _ if charset == Charset::US_ASCII => Some(DefectKind::RawEightBit),
            _ => Some(DefectKind::UndecodableOctets),
        }
    }
}

/// What is wrong with the value of a field, by offset in the value.
fn value_defects(field: &RawField<'_>) -> Vec<Defect> {
    let name = field.name.to_ascii_lowercase();
    let converted = |defects: Vec<rfc5322::Defect>| defects.into_iter().map(Defect::from).collect();
    match name.as_str() {
        "from" | "sender" | "reply-to" | "to" | "cc" | "bcc" | "resent-from" | "resent-sender" | "resent-to"
        | "resent-cc" | "resent-bcc" => converted(AddressList::parse(field.value).defects()),
        "date" | "resent-date" => DateTime::parse_strict(field.value)
            .err()
            .map(date_defect)
            .into_iter()
            .collect(),
        "message-id" | "in-reply-to" | "references" | "content-id" | "resent-message-id" => {
            converted(MsgIdList::parse(field.value).defects())
        }
        "content-type" => ContentType::parse(field.value).defects().to_vec(),
        "content-disposition" => ContentDisposition::parse(field.value).defects().to_vec(),
        "subject" | "comments" | "content-description" => decode_text(field.value).defects,
        _ => Vec::new(),
    }
}

fn date_defect(error: DateError) -> Defect {
    Defect {
        offset: error.offset(),
        kind: DefectKind::Date,
    }
}

/// The fields that RFC 5322 §3.6 and RFC 2045 §3 allow once, but for those that the parser looks at.
const SINGLE: [&str; 15] = [
    "Date",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Content-ID",
    "Content-Description",
    "Content-Disposition",
];
