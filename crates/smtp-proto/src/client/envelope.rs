//! Where a message comes from and where it goes.

use alloc::vec::Vec;

use crate::{BodyType, Capabilities, ForwardPath, MailFrom, ParameterList, ReversePath};

/// The envelope of one message (RFC 5321 §2.3.1).
///
/// ```
/// # use smtp_proto::{Mailbox, client::Envelope};
/// let alice: Mailbox = "alice@crepes.example".parse().unwrap();
/// let bob: Mailbox = "bob@hamburger.example".parse().unwrap();
/// let envelope = Envelope::new(alice, [bob]).unwrap().with_size(4711);
/// assert_eq!(envelope.recipients().len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    sender: ReversePath,
    pub(super) recipients: Vec<ForwardPath>,
    size: Option<u64>,
    pub(super) body: Option<BodyType>,
    parameters: ParameterList,
}

/// An envelope needs at least one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an envelope needs at least one recipient")]
pub struct NoRecipients;

impl Envelope {
    /// From a sender, and to at least one recipient.
    ///
    /// # Errors
    ///
    /// [`NoRecipients`].
    pub fn new<R: Into<ForwardPath>>(
        sender: impl Into<ReversePath>,
        recipients: impl IntoIterator<Item = R>,
    ) -> Result<Self, NoRecipients> {
        let recipients: Vec<ForwardPath> = recipients.into_iter().map(Into::into).collect();
        if recipients.is_empty() {
            return Err(NoRecipients);
        }
        Ok(Self {
            sender: sender.into(),
            recipients,
            size: None,
            body: None,
            parameters: ParameterList::new(),
        })
    }

    /// The message's size in octets, with CRLF line ends and without stuffed dots, so far as it is known (RFC 1870 §5).
    #[must_use]
    pub const fn with_size(mut self, octets: u64) -> Self {
        self.size = Some(octets);
        self
    }

    /// What octets the message consists of. [`BodyType::EightBitMime`] needs a server that offers 8BITMIME.
    #[must_use]
    pub const fn with_body(mut self, body: BodyType) -> Self {
        self.body = Some(body);
        self
    }

    /// More parameters for MAIL.
    #[must_use]
    pub fn with_parameters(mut self, parameters: ParameterList) -> Self {
        self.parameters = parameters;
        self
    }

    /// Where the message comes from.
    pub const fn sender(&self) -> &ReversePath {
        &self.sender
    }

    /// Where it goes.
    pub fn recipients(&self) -> &[ForwardPath] {
        &self.recipients
    }

    /// MAIL, for a server that offers `offered`. BODY=7BIT goes without saying where it cannot be said.
    pub(super) fn mail(&self, offered: &Capabilities) -> MailFrom {
        let mut parameters = self.parameters.clone();
        if let Some(size) = self.size.filter(|_| offered.size()) {
            parameters.push_size(size);
        }
        if let Some(body) = self.body.filter(|_| offered.eight_bit_mime()) {
            parameters.push_body(body);
        }
        MailFrom::new(&self.sender, &parameters)
    }
}
