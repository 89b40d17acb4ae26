//! The header fields that searching, sorting and threading ask for, as a summary keeps them.
//!
//! ```text
//! kept-header = %x00 / (number *field)   ; one more than the octets of the fields; none where they are too long
//! field       = name number *OCTET       ; `name` is an octet, the place in KeptField::ALL
//! ```

use mime_codec::rfc5322::{Fields, RawField};

use super::record::{Cursor, put_number};
use super::stored::{SummaryDamage, contents_of};

/// A field of which a [`KeptHeader`] has all there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeptField {
    /// Bcc
    Bcc,
    /// Cc
    Cc,
    /// Date
    Date,
    /// From
    From,
    /// In-Reply-To
    InReplyTo,
    /// List-Id
    ListId,
    /// Message-ID
    MessageId,
    /// References
    References,
    /// Reply-To
    ReplyTo,
    /// Sender
    Sender,
    /// Subject
    Subject,
    /// To
    To,
}

impl KeptField {
    const ALL: [(Self, &str); 12] = [
        (Self::Bcc, "Bcc"),
        (Self::Cc, "Cc"),
        (Self::Date, "Date"),
        (Self::From, "From"),
        (Self::InReplyTo, "In-Reply-To"),
        (Self::ListId, "List-Id"),
        (Self::MessageId, "Message-ID"),
        (Self::References, "References"),
        (Self::ReplyTo, "Reply-To"),
        (Self::Sender, "Sender"),
        (Self::Subject, "Subject"),
        (Self::To, "To"),
    ];

    /// The field of a name, in whatever case; `None` where it is not kept.
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |(_, known): &&(Self, &str)| known.eq_ignore_ascii_case(name);
        Self::ALL.iter().find(is_it).map(|(field, _)| *field)
    }

    /// Those among the fields of a header section, each with its value as it stands there.
    pub(crate) fn in_header(header: &[u8]) -> impl Iterator<Item = (Self, &[u8])> {
        let kept = |field: RawField<'_>| Self::named(field.name);
        Fields::new(header)
            .flatten()
            .filter_map(move |field| Some((kept(field)?, field.value)))
    }
}

/// What a [`Summary`](super::Summary) keeps of a message's header: enough to answer most searches, and to sort and thread messages, without a
/// look at the message.
///
/// ```
/// use imap_mailbox::message::{KeptField, KeptHeader, Summary};
///
/// let kept = Summary::of(b"Received: from there\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n").to_bytes();
/// let header = KeptHeader::from_bytes(&kept)?.expect("it is short");
/// assert!(header.fields().eq([(KeptField::Subject, &b" Lunch?"[..])]));
/// # Ok::<(), imap_mailbox::message::SummaryDamage>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptHeader<'s> {
    octets: &'s [u8],
    message_size: u64,
}

impl<'s> KeptHeader<'s> {
    /// Octets of the longest one. Of a message with more, nothing is kept, and searches have to look at the message.
    pub const MAX: usize = 16 * 1024;

    /// Reads it from a summary that a store has kept, and nothing else of the summary. `None` where the header was too long.
    ///
    /// # Errors
    ///
    /// As [`Summary::from_bytes`](super::Summary::from_bytes); not every summary that contradicts itself is found.
    pub fn from_bytes(summary: &'s [u8]) -> Result<Option<Self>, SummaryDamage> {
        let mut cursor = Cursor::new(contents_of(summary)?);
        let message_size = cursor.number().ok_or(SummaryDamage::Contents)?;
        let octets = read(&mut cursor).ok_or(SummaryDamage::Contents)?;
        Ok(octets.map(|octets| Self { octets, message_size }))
    }

    pub(super) const fn new(octets: &'s [u8], message_size: u64) -> Self {
        Self { octets, message_size }
    }

    /// Octets of the message, by which it is seen that a summary is not that of another one.
    pub const fn message_size(&self) -> u64 {
        self.message_size
    }

    /// The fields in their order, with their values from behind the colon on, folded as they stand.
    pub fn fields(&self) -> impl Iterator<Item = (KeptField, &'s [u8])> + Clone + use<'s> {
        let mut cursor = Cursor::new(self.octets);
        std::iter::from_fn(move || {
            let (field, _) = KeptField::ALL.get(usize::from(cursor.byte()?))?;
            let length = cursor.number()?;
            Some((*field, cursor.take(length)?))
        })
    }
}

/// Collects the fields of a header that is read.
#[derive(Debug, Default)]
pub(super) struct KeptHeaderMaker {
    octets: Vec<u8>,
    is_too_long: bool,
}

impl KeptHeaderMaker {
    pub(super) fn note(&mut self, field: &RawField<'_>) {
        let Some(kept) = KeptField::named(field.name) else {
            return;
        };
        if self.is_too_long || self.octets.len() + field.value.len() > KeptHeader::MAX {
            self.is_too_long = true;
            return;
        }
        self.octets.push(kept as u8);
        put_number(&mut self.octets, field.value.len() as u64);
        self.octets.extend_from_slice(field.value);
    }

    pub(super) fn finish(self) -> Option<Vec<u8>> {
        (!self.is_too_long).then_some(self.octets)
    }
}

/// Reads the octets of a kept header, in which each field ends where it should.
pub(super) fn read<'s>(cursor: &mut Cursor<'s>) -> Option<Option<&'s [u8]>> {
    match cursor.number()? {
        0 => Some(None),
        length => Some(Some(cursor.take(length - 1)?)),
    }
}

/// Whether octets consist of fields.
pub(super) fn is_sound(octets: &[u8]) -> bool {
    let mut cursor = Cursor::new(octets);
    while !cursor.is_at_end() {
        let is_known = cursor
            .byte()
            .is_some_and(|name| usize::from(name) < KeptField::ALL.len());
        if !is_known || cursor.number().and_then(|length| cursor.take(length)).is_none() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Summary;

    #[test]
    fn each_field_stands_at_its_place() {
        for (at, (field, name)) in KeptField::ALL.iter().enumerate() {
            assert_eq!(*field as usize, at, "{name}");
            assert_eq!(KeptField::named(&name.to_ascii_uppercase()), Some(*field));
        }
        assert_eq!(KeptField::named("Received"), None);
    }

    #[test]
    fn all_of_a_field_is_kept_or_nothing_of_any() {
        let message = b"From: a@b.example\r\nTO: c@d.example,\r\n\te@f.example\r\nX: y\r\nto: g@h.example\r\n\r\n";
        let summary = Summary::of(message);
        let expected: [(KeptField, &[u8]); 3] = [
            (KeptField::From, b" a@b.example"),
            (KeptField::To, b" c@d.example,\r\n\te@f.example"),
            (KeptField::To, b" g@h.example"),
        ];
        let bytes = summary.to_bytes();
        let header = KeptHeader::from_bytes(&bytes).unwrap().unwrap();
        assert!(header.fields().eq(expected));
        assert_eq!(header.message_size(), message.len() as u64);
        assert_eq!(summary.kept_header(), Some(header));

        // A part's header is not the message's.
        let multipart = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nSubject: no\r\n\r\n--x--\r\n";
        assert_eq!(Summary::of(multipart).kept_header().unwrap().fields().count(), 0);

        let long = format!("Subject: {}\r\nFrom: a@b.example\r\n\r\n", "x".repeat(KeptHeader::MAX));
        let summary = Summary::of(long.as_bytes());
        assert_eq!(summary.kept_header(), None);
        let bytes = summary.to_bytes();
        assert_eq!(KeptHeader::from_bytes(&bytes), Ok(None));
        assert_eq!(Summary::from_bytes(&bytes), Ok(summary));
    }
}
