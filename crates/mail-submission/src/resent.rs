//! Which fields say who sends: the original ones, or those of the latest resending (RFC 5322 §3.6.6).

use alloc::vec::Vec;

use rfc5322::{FieldName, RawField};

/// The names of one set of address fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) from: FieldRef,
    pub(crate) sender: FieldRef,
    pub(crate) recipients: [FieldRef; 3],
}

/// A field's name; a reference, since names may own their text.
pub(crate) type FieldRef = &'static FieldName;

const ORIGINAL: Names = Names {
    from: &FieldName::FROM,
    sender: &FieldName::SENDER,
    recipients: [&FieldName::TO, &FieldName::CC, &FieldName::BCC],
};

const RESENT: Names = Names {
    from: &FieldName::RESENT_FROM,
    sender: &FieldName::RESENT_SENDER,
    recipients: [&FieldName::RESENT_TO, &FieldName::RESENT_CC, &FieldName::RESENT_BCC],
};

/// The fields that count, and their names.
///
/// A resending puts its fields in front, as one group; an earlier one's group stands behind. The first group ends where
/// another field comes, or one that it may hold once comes again.
pub(crate) fn set<'f, 'm>(fields: &'f [RawField<'m>]) -> (Names, Vec<&'f RawField<'m>>) {
    let Some(first) = fields.iter().position(is_resent) else {
        return (ORIGINAL, fields.iter().collect());
    };
    let mut group: Vec<&RawField<'_>> = Vec::new();
    for field in fields[first..].iter().take_while(|field| is_resent(field)) {
        let again = |name: &&FieldName| field.is(name) && group.iter().any(|before| before.is(name));
        if ONCE.iter().any(again) {
            break;
        }
        group.push(field);
    }
    (RESENT, group)
}

fn is_resent(field: &RawField<'_>) -> bool {
    let prefix = field.name.get(..PREFIX.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX))
}

const PREFIX: &str = "Resent-";

const ONCE: [&FieldName; 4] = [
    &FieldName::RESENT_DATE,
    &FieldName::RESENT_FROM,
    &FieldName::RESENT_SENDER,
    &FieldName::RESENT_MESSAGE_ID,
];
