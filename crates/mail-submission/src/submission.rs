//! A message and its envelope.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use rfc5322::{AddrSpec, AddressList, FieldName, Fields, RawField};
use smtp_proto::Mailbox;
use smtp_proto::client::Envelope;

use crate::resent;

/// A message that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    envelope: Envelope,
    message: Cow<'a, [u8]>,
}

/// Why a message cannot be sent as its header fields ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSubmittable {
    /// There is neither `From` nor `Sender` with a mailbox; for a message that is resent, none of `Resent-From` and
    /// `Resent-Sender`.
    #[error("the message does not say who sends it")]
    NoSender,
    /// There is no mailbox in `To`, `Cc` and `Bcc`, or in the `Resent-` fields.
    #[error("the message does not say who is to have it")]
    NoRecipients,
    /// A line in the header section that is no field: what stands around it may be read in more than one way.
    #[error("octet {offset}: no header field")]
    Header {
        /// Octets of the message in front of it.
        offset: usize,
    },
    /// An address that mail cannot go to. It is not left out: a recipient would be missing, and nobody told.
    #[error("octet {offset}: an address that mail cannot go to")]
    Address {
        /// Octets of the message in front of it.
        offset: usize,
    },
}

impl<'a> Submission<'a> {
    /// Reads the header section (RFC 5322 §3.6.2, §3.6.3, §3.6.6).
    ///
    /// The reverse-path is the mailbox in `Sender`, or the first in `From`. The recipients are the mailboxes in `To`, `Cc` and
    /// `Bcc`, those in groups too, each once: local parts are compared octet by octet, domains without regard to case. When
    /// there are `Resent-` fields, those of the latest resending count in place of the original ones.
    ///
    /// What is sent is the message without any `Bcc` and `Resent-Bcc`, its other octets untouched.
    ///
    /// # Errors
    ///
    /// [`NotSubmittable`].
    pub fn of(message: &'a [u8]) -> Result<Self, NotSubmittable> {
        let fields: Result<Vec<RawField<'_>>, _> = Fields::new(message).collect();
        let fields = fields.map_err(|malformed| NotSubmittable::Header {
            offset: malformed.offset,
        })?;
        let (names, set) = resent::set(&fields);
        let sender = match first_mailbox(&set, names.sender)? {
            Some(sender) => sender,
            None => first_mailbox(&set, names.from)?.ok_or(NotSubmittable::NoSender)?,
        };
        let mut recipients = Recipients::default();
        for field in &set {
            if names.recipients.iter().any(|name| field.is(name)) {
                recipients.add(field)?;
            }
        }
        Ok(Self {
            envelope: Envelope::new(sender, recipients.mailboxes).map_err(|_| NotSubmittable::NoRecipients)?,
            message: without_blind(message, &fields),
        })
    }

    /// Where the message comes from and where it goes.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The message, without `Bcc`.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Both.
    pub fn into_parts(self) -> (Envelope, Cow<'a, [u8]>) {
        (self.envelope, self.message)
    }
}

/// The recipients so far.
#[derive(Default)]
struct Recipients {
    mailboxes: Vec<Mailbox>,
    seen: BTreeSet<(String, String)>,
}

impl Recipients {
    fn add(&mut self, field: &RawField<'_>) -> Result<(), NotSubmittable> {
        for mailbox in AddressList::parse(field.value).mailboxes() {
            let mailbox = deliverable(&mailbox, field)?;
            let key = (mailbox.local_part().to_string(), mailbox.domain().to_ascii_lowercase());
            if self.seen.insert(key) {
                self.mailboxes.push(mailbox);
            }
        }
        Ok(())
    }
}

fn first_mailbox(set: &[&RawField<'_>], name: &FieldName) -> Result<Option<Mailbox>, NotSubmittable> {
    let mut named = set.iter().filter(|field| field.is(name));
    let found = named.find_map(|field| {
        let list = AddressList::parse(field.value);
        list.first().map(|mailbox| deliverable(&mailbox, field))
    });
    found.transpose()
}

/// The mailbox as SMTP writes it: through the one checked door.
fn deliverable(mailbox: &rfc5322::Mailbox<'_>, field: &RawField<'_>) -> Result<Mailbox, NotSubmittable> {
    let address = mailbox.address();
    let address = str::from_utf8(&address).ok();
    let checked = address.and_then(|address| AddrSpec::parse_utf8(address).ok());
    let parsed = checked.and_then(|checked| Mailbox::parse_utf8(&checked.to_string()).ok());
    parsed.ok_or(NotSubmittable::Address {
        offset: field.value_offset() + mailbox.offset(),
    })
}

/// The message without its blind recipients: those of an earlier sending too, whom nobody was to know either.
fn without_blind<'a>(message: &'a [u8], fields: &[RawField<'_>]) -> Cow<'a, [u8]> {
    let blind = |field: &&RawField<'_>| field.is(&FieldName::BCC) || field.is(&FieldName::RESENT_BCC);
    let mut kept = Vec::new();
    let mut at = 0;
    for field in fields.iter().filter(blind) {
        kept.extend_from_slice(&message[at..field.offset]);
        at = field.offset + field.raw.len();
    }
    if at == 0 {
        return Cow::Borrowed(message);
    }
    kept.extend_from_slice(&message[at..]);
    Cow::Owned(kept)
}
