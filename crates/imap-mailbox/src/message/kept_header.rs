//! The header fields that searching, sorting and threading ask for, as a summary keeps them.
//!
//! ```text
//! kept-header = %x00 / (number *entry)   ; one more than the octets of the entries; none where they are too long
//! entry       = known / other / left-out
//! known       = %x00-0B text             ; the place in KeptField::ALL, and the value
//! other       = %xFE text text           ; the name in lower case, and the value
//! left-out    = %xFF OCTET               ; what `mark` makes of the name of a field that is not kept
//! text        = number *OCTET
//! ```
//!
//! Of all other fields the short ones are kept, some hundred octets of them together: whatever a search names, it seldom has to look
//! at the message.

use mime_codec::rfc5322::{Fields, RawField};

use super::record::{Cursor, put_text};
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

    /// The fields of [`KeptField`] in their order, with their values from behind the colon on, folded as they stand.
    pub fn fields(&self) -> impl Iterator<Item = (KeptField, &'s [u8])> + Clone + use<'s> {
        self.entries().filter_map(|entry| match entry {
            Entry::Known(field, value) => Some((field, value)),
            _ => None,
        })
    }

    /// The values of all fields of a name, in whatever case, in their order; `None` where they are not all kept.
    ///
    /// ```
    /// use imap_mailbox::message::{KeptHeader, Summary};
    ///
    /// let kept = Summary::of(b"Received: from there\r\nX-Topic: lunch\r\n\r\nAt noon.\r\n").to_bytes();
    /// let header = KeptHeader::from_bytes(&kept)?.expect("it is short");
    /// assert!(header.named("x-topic").is_some_and(|values| values.eq([b" lunch"])));
    /// assert!(header.named("X-Mailer").is_some_and(|values| values.count() == 0), "there is none");
    /// assert!(header.named("Received").is_none(), "only the message knows");
    /// # Ok::<(), imap_mailbox::message::SummaryDamage>(())
    /// ```
    pub fn named<'n>(&self, name: &'n str) -> Option<impl Iterator<Item = &'s [u8]> + Clone + use<'s, 'n>> {
        let known = KeptField::named(name);
        let mark = mark(name);
        let is_left_out = |entry| matches!(entry, Entry::LeftOut(left) if left == mark);
        if known.is_none() && self.entries().any(is_left_out) {
            return None;
        }
        Some(self.entries().filter_map(move |entry| match entry {
            Entry::Known(field, value) if Some(field) == known => Some(value),
            Entry::Other(other, value) if other.eq_ignore_ascii_case(name.as_bytes()) => Some(value),
            _ => None,
        }))
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'s>> + Clone + use<'s> {
        let mut cursor = Cursor::new(self.octets);
        std::iter::from_fn(move || Entry::read(&mut cursor))
    }
}

/// What a kept header consists of.
#[derive(Clone, Copy)]
enum Entry<'s> {
    Known(KeptField, &'s [u8]),
    Other(&'s [u8], &'s [u8]),
    LeftOut(u8),
}

impl<'s> Entry<'s> {
    fn read(cursor: &mut Cursor<'s>) -> Option<Self> {
        let text = |cursor: &mut Cursor<'s>| {
            let length = cursor.number()?;
            cursor.take(length)
        };
        Some(match cursor.byte()? {
            LEFT_OUT => Self::LeftOut(cursor.byte()?),
            OTHER => Self::Other(text(cursor)?, text(cursor)?),
            known => Self::Known(KeptField::ALL.get(usize::from(known))?.0, text(cursor)?),
        })
    }
}

const OTHER: u8 = 0xfe;
const LEFT_OUT: u8 = 0xff;

/// An octet that tells names apart, mostly: FNV-1a of the name in lower case, folded.
fn mark(name: &str) -> u8 {
    let letters = name.bytes().map(|octet| octet.to_ascii_lowercase());
    let hash = letters.fold(0x811c_9dc5_u32, |hash, octet| {
        (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193)
    });
    hash.to_le_bytes().into_iter().fold(0, |folded, octet| folded ^ octet)
}

/// Collects the fields of a header that is read.
#[derive(Debug, Default)]
pub(super) struct KeptHeaderMaker {
    octets: Vec<u8>,
    is_too_long: bool,
    /// Octets that may still be kept of other fields than those of [`KeptField`].
    others: Others,
}

#[derive(Debug)]
struct Others {
    room: usize,
    /// Marks of names of which not all is kept.
    left_out: Vec<u8>,
}

impl Default for Others {
    fn default() -> Self {
        Self {
            room: ALL_OTHERS,
            left_out: Vec::new(),
        }
    }
}

impl KeptHeaderMaker {
    pub(super) fn note(&mut self, field: &RawField<'_>) {
        let Some(kept) = KeptField::named(field.name) else {
            return self.note_other(field);
        };
        if self.is_too_long || self.octets.len() + field.value.len() > KeptHeader::MAX {
            self.is_too_long = true;
            return;
        }
        self.octets.push(kept as u8);
        put_text(&mut self.octets, field.value);
    }

    fn note_other(&mut self, field: &RawField<'_>) {
        let octets = field.name.len() + field.value.len();
        let is_trace = TRACE.iter().any(|name| name.eq_ignore_ascii_case(field.name));
        if octets <= LONGEST_OTHER && octets <= self.others.room && !is_trace {
            self.others.room -= octets;
            self.octets.push(OTHER);
            put_text(&mut self.octets, field.name.to_ascii_lowercase().as_bytes());
            put_text(&mut self.octets, field.value);
            return;
        }
        let mark = mark(field.name);
        if !self.others.left_out.contains(&mark) {
            self.others.left_out.push(mark);
        }
    }

    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        for mark in self.others.left_out {
            self.octets.extend([LEFT_OUT, mark]);
        }
        (!self.is_too_long).then_some(self.octets)
    }
}

/// Octets of another field with its name, and of all others together, that are kept.
const LONGEST_OTHER: usize = 256;
const ALL_OTHERS: usize = 1024;

/// Fields that stand first and are many, and that hardly anybody searches.
const TRACE: [&str; 3] = ["Received", "Return-Path", "Authentication-Results"];

/// Reads the octets of a kept header, in which each field ends where it should.
pub(super) fn read<'s>(cursor: &mut Cursor<'s>) -> Option<Option<&'s [u8]>> {
    match cursor.number()? {
        0 => Some(None),
        length => Some(Some(cursor.take(length - 1)?)),
    }
}

/// Whether octets consist of entries.
pub(super) fn is_sound(octets: &[u8]) -> bool {
    let mut cursor = Cursor::new(octets);
    while !cursor.is_at_end() {
        if Entry::read(&mut cursor).is_none() {
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
    fn what_is_left_out_is_not_denied() {
        let long = "x".repeat(LONGEST_OTHER);
        let message = format!("X-Long: short\r\nX-LONG: {long}\r\nReceived: by a\r\nX-Short: y\r\n\r\n");
        let kept = Summary::of(message.as_bytes()).to_bytes();
        let header = KeptHeader::from_bytes(&kept).unwrap().unwrap();
        for (name, count) in [
            ("x-long", None),
            ("received", None),
            ("x-short", Some(1)),
            ("x-none", Some(0)),
        ] {
            assert_eq!(header.named(name).map(Iterator::count), count, "{name}");
        }
        assert!(kept.len() < 100);

        let many: String = (0..300).map(|number| format!("X-{number:03}: {number}\r\n")).collect();
        let kept = Summary::of(many.as_bytes()).to_bytes();
        let header = KeptHeader::from_bytes(&kept).unwrap().unwrap();
        assert!(kept.len() < ALL_OTHERS + 1024, "{}", kept.len());
        for number in 0..300 {
            let found = header.named(&format!("x-{number:03}")).map(Iterator::count);
            assert!(found.is_none_or(|count| count == 1), "{number}");
        }
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

        let named = |name| header.named(name).map(|values| values.collect::<Vec<_>>());
        assert_eq!(named("from"), Some(vec![&b" a@b.example"[..]]));
        assert_eq!(named("To").map(|values| values.len()), Some(2));
        assert_eq!(named("x"), Some(vec![&b" y"[..]]));
        assert_eq!(named("Y"), Some(Vec::new()));

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
