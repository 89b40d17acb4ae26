//! Where a message comes from and where it goes.

use alloc::vec::Vec;
use core::fmt;

use mail_wire::{BareLineEnds, Misuse, bare_line_end};

use super::Content;
use crate::{BodyType, ForwardPath, Mailbox, ParameterList, ReversePath};

/// The envelope of one message (RFC 5321 §2.3.1), and what is asked of the server about it.
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
    recipients: Vec<Recipient>,
    content: Content,
    parameters: ParameterList,
    delivery: Delivery,
    unoffered: Unoffered,
}

/// One recipient, and what is asked of the server about it alone.
///
/// ```
/// # use smtp_proto::{Mailbox, Notify, ParameterList, client::{Envelope, Recipient}};
/// # let (alice, bob): (Mailbox, Mailbox) = ("alice@crepes.example".parse().unwrap(), "bob@hamburger.example".parse().unwrap());
/// let mut parameters = ParameterList::new();
/// parameters.push_notify("SUCCESS,FAILURE".parse::<Notify>().unwrap());
/// let envelope = Envelope::new(alice, [Recipient::from(bob).with_parameters(parameters)]).unwrap();
/// assert_eq!(envelope.recipients()[0].to_string(), "<bob@hamburger.example>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    path: ForwardPath,
    parameters: ParameterList,
}

/// Whether the message goes to some when others are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// To each recipient that is accepted.
    #[default]
    Each,
    /// To all or to none. The message is not begun before each recipient is accepted, which costs a round trip: a server
    /// that has said 354 to a pipelined DATA could not be told to forget the message but by breaking the connection off.
    AllOrNone,
}

/// What becomes of a parameter whose extension the server does not offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unoffered {
    /// The transaction is refused: [`Misuse::NotOffered`]. For a recipient's parameter the
    /// recipient is not tried.
    #[default]
    Refuse,
    /// It is left out, where leaving it out changes no more than what is reported or how soon (`RET`, `ENVID`, `NOTIFY`,
    /// `ORCPT`, `AUTH`, `MT-PRIORITY`, `SOLICIT`, `BY` that only asks for notice). `REQUIRETLS`, `HOLDFOR`,
    /// `HOLDUNTIL`, `RRVS` and `BY` that asks for return are refused still.
    Drop,
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
    pub fn new<R: Into<Recipient>>(
        sender: impl Into<ReversePath>,
        recipients: impl IntoIterator<Item = R>,
    ) -> Result<Self, NoRecipients> {
        let recipients: Vec<Recipient> = recipients.into_iter().map(Into::into).collect();
        if recipients.is_empty() {
            return Err(NoRecipients);
        }
        Ok(Self {
            sender: sender.into(),
            recipients,
            content: Content::unknown(),
            parameters: ParameterList::new(),
            delivery: Delivery::default(),
            unoffered: Unoffered::default(),
        })
    }

    /// What is known about the message.
    #[must_use]
    pub const fn with_content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// The message's size in octets: [`Content::with_size`].
    #[must_use]
    pub const fn with_size(mut self, octets: u64) -> Self {
        self.content = self.content.with_size(octets);
        self
    }

    /// What octets the message consists of: [`Content::with_body`].
    #[must_use]
    pub const fn with_body(mut self, body: BodyType) -> Self {
        self.content = self.content.with_body(body);
        self
    }

    /// The envelope of this message: what its octets need is found out ([`Content::of`]). A message that was declared
    /// binary is taken at the caller's word, and so is a header section that was declared international.
    ///
    /// # Errors
    ///
    /// [`Misuse::BareLineEnd`] where these are refused: before the first octet is sent.
    pub fn describing(&self, message: &[u8], bare: BareLineEnds) -> Result<Self, Misuse> {
        let declared = self.content;
        if declared.body() == Some(BodyType::BinaryMime) {
            return Ok(self.clone().with_size(message.len() as u64));
        }
        if let Some(offset) = bare_line_end(message).filter(|_| bare == BareLineEnds::Refuse) {
            return Err(Misuse::BareLineEnd { offset: offset as u64 });
        }
        let content = Content::of(message);
        Ok(self.clone().with_content(match declared.is_international() {
            true => content.with_international_header(),
            false => content,
        }))
    }

    /// More parameters for MAIL: `RET`, `ENVID`, `REQUIRETLS`, …
    #[must_use]
    pub fn with_parameters(mut self, parameters: ParameterList) -> Self {
        self.parameters = parameters;
        self
    }

    /// Whether the message goes to some when others are refused.
    #[must_use]
    pub const fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// What becomes of parameters that the server does not offer.
    #[must_use]
    pub const fn with_unoffered(mut self, unoffered: Unoffered) -> Self {
        self.unoffered = unoffered;
        self
    }

    /// The same for these of its recipients only, by their places from 0. `None` when there is none.
    pub fn only(&self, places: &[usize]) -> Option<Self> {
        let recipients = places.iter().filter_map(|&place| self.recipients.get(place));
        let recipients: Vec<Recipient> = recipients.cloned().collect();
        let recipients = Some(recipients).filter(|recipients| !recipients.is_empty())?;
        Some(Self {
            recipients,
            ..self.clone()
        })
    }

    /// Where the message comes from.
    pub const fn sender(&self) -> &ReversePath {
        &self.sender
    }

    /// Where it goes.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// What is known about the message.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The parameters for MAIL that were asked for.
    pub const fn parameters(&self) -> &ParameterList {
        &self.parameters
    }

    /// Whether the message goes to some when others are refused.
    pub const fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// What becomes of parameters that the server does not offer.
    pub const fn unoffered(&self) -> Unoffered {
        self.unoffered
    }
}

impl Recipient {
    /// Parameters for its RCPT: `NOTIFY`, `ORCPT`, `RRVS`, …
    #[must_use]
    pub fn with_parameters(mut self, parameters: ParameterList) -> Self {
        self.parameters = parameters;
        self
    }

    /// Where the message goes.
    pub const fn path(&self) -> &ForwardPath {
        &self.path
    }

    /// The parameters for RCPT that were asked for.
    pub const fn parameters(&self) -> &ParameterList {
        &self.parameters
    }
}

impl From<ForwardPath> for Recipient {
    fn from(path: ForwardPath) -> Self {
        let parameters = ParameterList::new();
        Self { path, parameters }
    }
}

impl From<Mailbox> for Recipient {
    fn from(mailbox: Mailbox) -> Self {
        ForwardPath::from(mailbox).into()
    }
}

/// The path alone.
impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
