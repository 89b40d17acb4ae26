//! What a FETCH asks of each message.

use imap_mailbox::message::marks_seen;
use imap_proto::{FetchAttribute, FetchCommand, FetchSelection, Numbering, PreviewModifier};

use crate::imap::failure::Failure;

/// The attributes, macros written out.
pub(super) struct Attributes<'c> {
    pub(super) all: Vec<FetchAttribute<'c>>,
    /// Whether the message's structure or octets are needed.
    pub(super) from_message: bool,
    /// Whether octets are, and not only the structure.
    pub(super) reads_octets: bool,
    /// Whether the message counts as seen then.
    pub(super) mark_seen: bool,
}

impl<'c> Attributes<'c> {
    pub(super) fn of(command: &FetchCommand<'c>, is_changed_since: bool) -> Result<Self, Failure> {
        use FetchAttribute::{Body, Envelope, Flags, InternalDate, Rfc822Size};
        // RFC 9051 §6.4.5
        let mut all = match &command.selection {
            FetchSelection::Fast => vec![Flags, InternalDate, Rfc822Size],
            FetchSelection::All => vec![Flags, InternalDate, Rfc822Size, Envelope],
            FetchSelection::Full => vec![Flags, InternalDate, Rfc822Size, Envelope, Body],
            FetchSelection::Attributes(attributes) => attributes.to_vec(),
        };
        // RFC 9051 §6.4.9; RFC 7162 §3.1.4.1
        if command.numbering == Numbering::Uid && !all.contains(&FetchAttribute::Uid) {
            all.insert(0, FetchAttribute::Uid);
        }
        if is_changed_since && !all.contains(&FetchAttribute::ModSeq) {
            all.push(FetchAttribute::ModSeq);
        }
        Self::listed(all)
    }

    /// Whether it asks for nothing but unique identifiers.
    pub(super) fn is_number_only(&self) -> bool {
        self.all.iter().all(|attribute| *attribute == FetchAttribute::Uid)
    }

    /// Those of a list.
    pub(in crate::imap) fn listed(all: Vec<FetchAttribute<'c>>) -> Result<Self, Failure> {
        if let Some(unknown) = all.iter().find(|attribute| source(attribute).is_none()) {
            return Err(match unknown {
                FetchAttribute::Other { name, .. } => Failure::bad(&format!("{name} is not known here")),
                _ => Failure::bad("an attribute is not known here"),
            });
        }
        // RFC 8970 §3: there is no other.
        if all.iter().any(has_other_modifier) {
            return Err(Failure::bad("PREVIEW has one modifier, LAZY"));
        }
        let from_message = all.iter().any(|attribute| source(attribute) == Some(Source::Message));
        let reads_octets = all.iter().any(reads_octets);
        let mark_seen = all.iter().any(marks_seen);
        Ok(Self {
            all,
            from_message,
            reads_octets,
            mark_seen,
        })
    }
}

fn has_other_modifier(attribute: &FetchAttribute<'_>) -> bool {
    let is_other = |modifier: &PreviewModifier<'_>| *modifier != PreviewModifier::Lazy;
    matches!(attribute, FetchAttribute::Preview(modifiers) if modifiers.iter().any(is_other))
}

/// Whether an attribute is answered with a literal.
const fn reads_octets(attribute: &FetchAttribute<'_>) -> bool {
    use FetchAttribute as A;
    matches!(
        attribute,
        A::Rfc822 | A::Rfc822Header | A::Rfc822Text | A::BodySection { .. } | A::Binary { .. }
    )
}

/// Where an attribute comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// What the store knows.
    Store,
    /// Its octets, or what was made of them.
    Message,
}

const fn source(attribute: &FetchAttribute<'_>) -> Option<Source> {
    use FetchAttribute as A;
    Some(match attribute {
        A::Flags | A::InternalDate | A::Rfc822Size | A::Uid | A::ModSeq | A::SaveDate | A::EmailId | A::ThreadId => {
            Source::Store
        }
        A::Envelope
        | A::Rfc822
        | A::Rfc822Header
        | A::Rfc822Text
        | A::Body
        | A::BodyStructure
        | A::BodySection { .. }
        | A::Binary { .. }
        | A::BinarySize(_)
        | A::Preview(_) => Source::Message,
        _ => return None,
    })
}
