//! What a reader did with a message: `message/disposition-notification` (RFC 8098).

use std::fmt;

use super::groups::{Group, Groups, Writer};
use super::{ExtensionField, ReportError, Typed};

/// A message disposition notification.
///
/// Read leniently: what is missing or not understood is `None`. Written strictly: what the RFC demands must be there.
///
/// ```
/// use mime_codec::report::{Disposition, DispositionNotification, DispositionType, Typed};
///
/// let report = DispositionNotification {
///     final_recipient: Some(Typed::address("bob@hamburger.edu")),
///     original_message_id: Some("<17.spoon@crepes.fr>".into()),
///     disposition: Some(Disposition::manual(DispositionType::Displayed)),
///     ..DispositionNotification::default()
/// };
/// let octets = report.to_vec()?;
/// assert!(octets.ends_with(b"Disposition: manual-action/MDN-sent-manually; displayed\r\n"));
/// assert_eq!(DispositionNotification::parse(&octets), report);
/// # Ok::<(), mime_codec::report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DispositionNotification {
    /// The user agent that reports (RFC 8098 §3.2.1).
    pub reporting_ua: Option<String>,
    /// The gateway that translated the report (RFC 8098 §3.2.2).
    pub mdn_gateway: Option<Typed>,
    /// The recipient as the sender named it (RFC 8098 §3.2.3).
    pub original_recipient: Option<Typed>,
    /// The recipient (RFC 8098 §3.2.4).
    pub final_recipient: Option<Typed>,
    /// The `Message-ID` of the message, in its angle brackets (RFC 8098 §3.2.5).
    pub original_message_id: Option<String>,
    /// What was done (RFC 8098 §3.2.6).
    pub disposition: Option<Disposition>,
    /// What went wrong (RFC 8098 §3.2.7).
    pub errors: Vec<String>,
    /// Other fields.
    pub extensions: Vec<ExtensionField>,
}

/// What was done with a message, and on whose wish (RFC 8098 §3.2.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Disposition {
    /// Whether the reader did it.
    pub action: ActionMode,
    /// Whether the reader wished the report to be sent.
    pub sending: SendingMode,
    /// What was done.
    pub disposition: DispositionType,
    /// Words that say more: `error`.
    pub modifiers: Vec<String>,
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionMode {
    /// The reader.
    Manual,
    /// A program.
    Automatic,
}

/// Who sent the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendingMode {
    /// The reader allowed this one.
    Manually,
    /// The reader was not asked.
    Automatically,
}

/// What was done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DispositionType {
    /// It was shown; whether it was read nobody knows.
    Displayed,
    /// It was sent on, printed, or the like, without being shown.
    Dispatched,
    /// A program made something of it.
    Processed,
    /// It was deleted, shown or not.
    Deleted,
}

impl DispositionNotification {
    /// Reads the body of a `message/disposition-notification`, without its transfer encoding. Linear.
    pub fn parse(report: &[u8]) -> Self {
        Groups::of(report).next().map(Self::of).unwrap_or_default()
    }

    fn of(mut group: Group) -> Self {
        Self {
            reporting_ua: group.take("Reporting-UA"),
            mdn_gateway: group.take_typed("MDN-Gateway"),
            original_recipient: group.take_typed("Original-Recipient"),
            final_recipient: group.take_typed("Final-Recipient"),
            original_message_id: group.take("Original-Message-ID"),
            disposition: group.take("Disposition").and_then(|text| Disposition::parse(&text)),
            errors: group.take_all("Error"),
            extensions: group.into_rest(),
        }
    }

    /// Writes the body of a `message/disposition-notification`, in ASCII.
    ///
    /// # Errors
    ///
    /// [`ReportError::Missing`] without recipient or disposition; [`ReportError::Field`].
    pub fn to_vec(&self) -> Result<Vec<u8>, ReportError> {
        self.write(Writer::utf8(false))
    }

    /// Writes the body of a `message/global-disposition-notification`, which may hold UTF-8 (RFC 6533 §5).
    ///
    /// # Errors
    ///
    /// As [`to_vec`](Self::to_vec).
    pub fn to_utf8_vec(&self) -> Result<Vec<u8>, ReportError> {
        self.write(Writer::utf8(true))
    }

    fn write(&self, mut writer: Writer) -> Result<Vec<u8>, ReportError> {
        writer.maybe("Reporting-UA", self.reporting_ua.as_ref())?;
        writer.maybe("MDN-Gateway", self.mdn_gateway.as_ref())?;
        writer.maybe("Original-Recipient", self.original_recipient.as_ref())?;
        writer.must("Final-Recipient", self.final_recipient.as_ref())?;
        writer.maybe("Original-Message-ID", self.original_message_id.as_ref())?;
        writer.must("Disposition", self.disposition.as_ref())?;
        self.errors.iter().try_for_each(|error| writer.text("Error", error))?;
        writer.rest(&self.extensions)?;
        Ok(writer.finish())
    }
}

impl Disposition {
    /// What the reader did, and allowed to be told.
    pub const fn manual(disposition: DispositionType) -> Self {
        Self {
            action: ActionMode::Manual,
            sending: SendingMode::Manually,
            disposition,
            modifiers: Vec::new(),
        }
    }

    /// What a program did and tells.
    pub const fn automatic(disposition: DispositionType) -> Self {
        Self {
            action: ActionMode::Automatic,
            sending: SendingMode::Automatically,
            disposition,
            modifiers: Vec::new(),
        }
    }

    /// ```text
    /// disposition-mode = action-mode OWS "/" OWS sending-mode     ; RFC 8098 §3.2.6
    /// ```
    fn parse(text: &str) -> Option<Self> {
        let (mode, what) = text.split_once(';')?;
        let (action, sending) = mode.split_once('/')?;
        let (disposition, modifiers) = what.split_once('/').unwrap_or((what, ""));
        let modifiers = modifiers.split(',').map(str::trim).filter(|word| !word.is_empty());
        Some(Self {
            action: named(&ACTION_MODES, action)?,
            sending: named(&SENDING_MODES, sending)?,
            disposition: named(&TYPES, disposition)?,
            modifiers: modifiers.map(str::to_owned).collect(),
        })
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (action, sending) = (name(&ACTION_MODES, self.action), name(&SENDING_MODES, self.sending));
        write!(f, "{action}/{sending}; {}", name(&TYPES, self.disposition))?;
        for (index, modifier) in self.modifiers.iter().enumerate() {
            write!(f, "{}{modifier}", if index == 0 { "/" } else { "," })?;
        }
        Ok(())
    }
}

const ACTION_MODES: [(&str, ActionMode); 2] = [
    ("manual-action", ActionMode::Manual),
    ("automatic-action", ActionMode::Automatic),
];

const SENDING_MODES: [(&str, SendingMode); 2] = [
    ("MDN-sent-manually", SendingMode::Manually),
    ("MDN-sent-automatically", SendingMode::Automatically),
];

const TYPES: [(&str, DispositionType); 4] = [
    ("displayed", DispositionType::Displayed),
    ("dispatched", DispositionType::Dispatched),
    ("processed", DispositionType::Processed),
    ("deleted", DispositionType::Deleted),
];

fn named<T: Copy>(names: &[(&str, T)], word: &str) -> Option<T> {
    let found = names.iter().find(|(name, _)| word.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| *value)
}

fn name<T: PartialEq>(names: &'static [(&str, T)], value: T) -> &'static str {
    names
        .iter()
        .find(|(_, found)| *found == value)
        .map_or("", |(name, _)| name)
}
