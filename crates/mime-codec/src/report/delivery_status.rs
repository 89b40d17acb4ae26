//! What became of a message on the way: `message/delivery-status` (RFC 3464).

use std::fmt;

use rfc5322::DateTime;

use super::groups::{Group, Groups, Writer};
use super::{ExtensionField, ReportError, Typed};

/// A delivery status notification.
///
/// Read leniently: what is missing or not understood is `None`. Written strictly: what the RFC demands must be there.
///
/// ```
/// use mime_codec::report::{Action, DeliveryStatus, RecipientStatus, StatusCode, Typed};
///
/// let report = DeliveryStatus {
///     reporting_mta: Some(Typed::host("hamburger.edu")),
///     recipients: vec![RecipientStatus {
///         diagnostic_code: Some(Typed::new("smtp", "550 5.1.1 Bob moved")),
///         ..RecipientStatus::new("bob@hamburger.edu", Action::Failed, StatusCode::new(5, 1, 1).unwrap())
///     }],
///     ..DeliveryStatus::default()
/// };
/// let octets = report.to_vec()?;
/// assert_eq!(
///     String::from_utf8_lossy(&octets),
///     "Reporting-MTA: dns; hamburger.edu\r\n\r\n\
///      Final-Recipient: rfc822; bob@hamburger.edu\r\nAction: failed\r\nStatus: 5.1.1\r\n\
///      Diagnostic-Code: smtp; 550 5.1.1 Bob moved\r\n"
/// );
/// assert_eq!(DeliveryStatus::parse(&octets), report);
/// # Ok::<(), mime_codec::report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryStatus {
    /// The ENVID that the sender gave (RFC 3464 §2.2.1).
    pub original_envelope_id: Option<String>,
    /// Who reports (RFC 3464 §2.2.2).
    pub reporting_mta: Option<Typed>,
    /// The gateway that translated the report (RFC 3464 §2.2.3).
    pub dsn_gateway: Option<Typed>,
    /// Whom the reporter had the message from (RFC 3464 §2.2.4).
    pub received_from_mta: Option<Typed>,
    /// When the reporter had it (RFC 3464 §2.2.5).
    pub arrival_date: Option<DateTime>,
    /// Other fields about the message.
    pub extensions: Vec<ExtensionField>,
    /// What became of it, for each recipient (RFC 3464 §2.3).
    pub recipients: Vec<RecipientStatus>,
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecipientStatus {
    /// The recipient as the sender named it (RFC 3464 §2.3.1).
    pub original_recipient: Option<Typed>,
    /// The recipient as the reporter knows it (RFC 3464 §2.3.2).
    pub final_recipient: Option<Typed>,
    /// What was done (RFC 3464 §2.3.3).
    pub action: Option<Action>,
    /// Why (RFC 3464 §2.3.4).
    pub status: Option<StatusCode>,
    /// The host that the reporter tried (RFC 3464 §2.3.5).
    pub remote_mta: Option<Typed>,
    /// What that host said (RFC 3464 §2.3.6).
    pub diagnostic_code: Option<Typed>,
    /// When it was tried last (RFC 3464 §2.3.7).
    pub last_attempt_date: Option<DateTime>,
    /// The reporter's own mark (RFC 3464 §2.3.8).
    pub final_log_id: Option<String>,
    /// How long a delayed message will be tried (RFC 3464 §2.3.9).
    pub will_retry_until: Option<DateTime>,
    /// Other fields about the recipient.
    pub extensions: Vec<ExtensionField>,
}

/// What was done with a message (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It could not be delivered.
    Failed,
    /// It could not be delivered yet.
    Delayed,
    /// It was delivered.
    Delivered,
    /// It went where no reports come from.
    Relayed,
    /// It was delivered and sent on to several others.
    Expanded,
}

/// An enhanced status code without its text (RFC 3464 §2.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode {
    class: u8,
    subject: u16,
    detail: u16,
}

impl DeliveryStatus {
    /// Reads the body of a `message/delivery-status`, without its transfer encoding. Linear.
    pub fn parse(report: &[u8]) -> Self {
        let mut groups = Groups::of(report).peekable();
        // Some reporters leave out what is about the message.
        let mut message = groups.next_if(|group| !group.has("Final-Recipient"));
        let mut status = message.as_mut().map(Self::of_message).unwrap_or_default();
        status.extensions = message.map(Group::into_rest).unwrap_or_default();
        status.recipients = groups.map(RecipientStatus::of).collect();
        status
    }

    fn of_message(group: &mut Group) -> Self {
        Self {
            original_envelope_id: group.take("Original-Envelope-Id"),
            reporting_mta: group.take_typed("Reporting-MTA"),
            dsn_gateway: group.take_typed("DSN-Gateway"),
            received_from_mta: group.take_typed("Received-From-MTA"),
            arrival_date: group.take_date("Arrival-Date"),
            ..Self::default()
        }
    }

    /// Writes the body of a `message/delivery-status`, in ASCII.
    ///
    /// # Errors
    ///
    /// [`ReportError::Missing`] without reporter, recipient, action or status; [`ReportError::Field`].
    pub fn to_vec(&self) -> Result<Vec<u8>, ReportError> {
        self.write(Writer::utf8(false))
    }

    /// Writes the body of a `message/global-delivery-status`, which may hold UTF-8 (RFC 6533 §4).
    ///
    /// # Errors
    ///
    /// As [`to_vec`](Self::to_vec).
    pub fn to_utf8_vec(&self) -> Result<Vec<u8>, ReportError> {
        self.write(Writer::utf8(true))
    }

    fn write(&self, mut writer: Writer) -> Result<Vec<u8>, ReportError> {
        writer.maybe("Original-Envelope-Id", self.original_envelope_id.as_ref())?;
        writer.must("Reporting-MTA", self.reporting_mta.as_ref())?;
        writer.maybe("DSN-Gateway", self.dsn_gateway.as_ref())?;
        writer.maybe("Received-From-MTA", self.received_from_mta.as_ref())?;
        writer.maybe("Arrival-Date", self.arrival_date.as_ref())?;
        writer.rest(&self.extensions)?;
        if self.recipients.is_empty() {
            return Err(ReportError::Missing("Final-Recipient"));
        }
        for recipient in &self.recipients {
            writer.end_group();
            recipient.write(&mut writer)?;
        }
        Ok(writer.finish())
    }
}

impl RecipientStatus {
    /// What the RFC demands for a recipient.
    pub fn new(final_recipient: &str, action: Action, status: StatusCode) -> Self {
        Self {
            final_recipient: Some(Typed::address(final_recipient)),
            action: Some(action),
            status: Some(status),
            ..Self::default()
        }
    }

    fn of(mut group: Group) -> Self {
        Self {
            original_recipient: group.take_typed("Original-Recipient"),
            final_recipient: group.take_typed("Final-Recipient"),
            action: group.take("Action").and_then(|text| Action::parse(&text)),
            status: group.take("Status").and_then(|text| StatusCode::parse(&text)),
            remote_mta: group.take_typed("Remote-MTA"),
            diagnostic_code: group.take_typed("Diagnostic-Code"),
            last_attempt_date: group.take_date("Last-Attempt-Date"),
            final_log_id: group.take("Final-Log-ID"),
            will_retry_until: group.take_date("Will-Retry-Until"),
            extensions: group.into_rest(),
        }
    }

    fn write(&self, writer: &mut Writer) -> Result<(), ReportError> {
        writer.maybe("Original-Recipient", self.original_recipient.as_ref())?;
        writer.must("Final-Recipient", self.final_recipient.as_ref())?;
        writer.must("Action", self.action.as_ref())?;
        writer.must("Status", self.status.as_ref())?;
        writer.maybe("Remote-MTA", self.remote_mta.as_ref())?;
        writer.maybe("Diagnostic-Code", self.diagnostic_code.as_ref())?;
        writer.maybe("Last-Attempt-Date", self.last_attempt_date.as_ref())?;
        writer.maybe("Final-Log-ID", self.final_log_id.as_ref())?;
        writer.maybe("Will-Retry-Until", self.will_retry_until.as_ref())?;
        writer.rest(&self.extensions)
    }
}

const ACTIONS: [(&str, Action); 5] = [
    ("failed", Action::Failed),
    ("delayed", Action::Delayed),
    ("delivered", Action::Delivered),
    ("relayed", Action::Relayed),
    ("expanded", Action::Expanded),
];

impl Action {
    /// Reads the word, in any case; what follows it does not matter, for some reporters explain themselves there.
    fn parse(text: &str) -> Option<Self> {
        let word = text.split([' ', '\t', '(', ';']).next().unwrap_or_default();
        let found = ACTIONS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        found.map(|(_, action)| *action)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = ACTIONS.iter().find(|(_, action)| action == self);
        f.write_str(found.map_or("", |(name, _)| name))
    }
}

impl StatusCode {
    /// `None` unless the class is 2, 4 or 5 and the others are below 1000 (RFC 3464 §2.3.4).
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if matches!(class, 2 | 4 | 5) && subject < 1000 && detail < 1000 {
            return Some(Self { class, subject, detail });
        }
        None
    }

    /// 2 for success, 4 for failures that may pass, 5 for those that last.
    pub const fn class(self) -> u8 {
        self.class
    }

    /// What it is about: 1 addresses, 2 mailboxes, 3 systems, 4 networks, 5 the protocol, 6 contents, 7 policy.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The exact reason.
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// Reads the numbers; a comment may follow.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split([' ', '\t', '(']).next()?.splitn(3, '.');
        let class = numbers.next()?.parse().ok()?;
        let subject = numbers.next()?.parse().ok()?;
        Self::new(class, subject, numbers.next()?.parse().ok()?)
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}
