//! Reports about messages: what became of them on the way (RFC 3464) and in the hands of the reader (RFC 8098), both in the forms
//! for UTF-8 addresses, too (RFC 6533).

mod delivery_status;
mod disposition;
mod groups;
mod typed;

pub use delivery_status::{Action, DeliveryStatus, RecipientStatus, StatusCode};
pub use disposition::{ActionMode, Disposition, DispositionNotification, DispositionType, SendingMode};
pub use groups::ExtensionField;
pub use typed::Typed;

use rfc5322::FieldError;

use crate::Part;

/// Why a report cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A field is missing that a report must have.
    #[error("a report needs the field {0}")]
    Missing(&'static str),
    /// A field that cannot be written.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Part<'_> {
    /// The report, if this is a `message/delivery-status` or `message/global-delivery-status`.
    ///
    /// ```
    /// use mime_codec::Message;
    /// use mime_codec::report::Action;
    ///
    /// let message = Message::parse(
    ///     b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; hamburger.edu\r\n\r\n\
    ///       Final-Recipient: rfc822; bob@hamburger.edu\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    /// );
    /// let status = message.root().delivery_status().unwrap();
    /// assert_eq!(status.recipients[0].action, Some(Action::Failed));
    /// assert_eq!(status.recipients[0].status.unwrap().to_string(), "5.1.1");
    /// ```
    pub fn delivery_status(&self) -> Option<DeliveryStatus> {
        let content_type = self.content_type();
        let is_one =
            content_type.is("message", "delivery-status") || content_type.is("message", "global-delivery-status");
        is_one.then(|| DeliveryStatus::parse(&self.decode()))
    }

    /// The report, if this is a `message/disposition-notification` or `message/global-disposition-notification`.
    pub fn disposition_notification(&self) -> Option<DispositionNotification> {
        let content_type = self.content_type();
        let is_one = content_type.is("message", "disposition-notification")
            || content_type.is("message", "global-disposition-notification");
        is_one.then(|| DispositionNotification::parse(&self.decode()))
    }
}
