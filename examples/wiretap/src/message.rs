//! Messages that went over the wire.

use std::path::PathBuf;

use mime_codec::Message;

/// A message, whole or what was captured of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What carried it: `DATA`, `RETR 1`.
    pub carrier: String,
    /// MAIL's address, where there is an envelope.
    pub sender: Option<String>,
    /// Accepted recipients.
    pub recipients: Vec<String>,
    /// Octets of it that were captured.
    pub size: u64,
    /// Octets that were not.
    pub lost: u64,
    /// Its end was not captured, or never came.
    pub cut: bool,
    /// What became of it, in the server's words or in those of this program.
    pub outcome: String,
    /// What it says of itself; empty where it is no whole message.
    pub header: Vec<(&'static str, String)>,
    /// Its parts, one a line, indented.
    pub structure: Vec<String>,
    /// Its octets, dot-unstuffed, if they are to be kept, and the file that has them then.
    pub octets: Vec<u8>,
    /// Where it was saved.
    pub saved: Option<PathBuf>,
}

/// A message that is arriving.
#[derive(Debug, Default)]
pub struct Gathering {
    found: Found,
}

impl Found {
    /// Nothing of it is missing.
    pub const fn is_complete(&self) -> bool {
        self.lost == 0 && !self.cut
    }
}

impl Gathering {
    /// Of this carrier.
    pub fn new(carrier: String) -> Self {
        let found = Found {
            carrier,
            ..Found::default()
        };
        Self { found }
    }

    /// With this envelope.
    #[must_use]
    pub fn with_envelope(mut self, sender: Option<String>, recipients: Vec<String>) -> Self {
        (self.found.sender, self.found.recipients) = (sender, recipients);
        self
    }

    /// More of it.
    pub fn push(&mut self, octets: &[u8]) {
        self.found.size += octets.len() as u64;
        let room = LARGEST.saturating_sub(self.found.octets.len());
        self.found.octets.extend_from_slice(&octets[..octets.len().min(room)]);
    }

    /// A hole in it.
    pub fn lose(&mut self, octets: u64) {
        self.found.lost += octets;
    }

    /// Octets that are kept.
    pub fn held(&self) -> usize {
        self.found.octets.len()
    }

    /// Its end is missing.
    pub fn cut(&mut self) {
        self.found.cut = true;
    }

    /// Whether octets of it are missing.
    pub fn has_lost(&self) -> bool {
        self.found.lost > 0
    }

    /// That was it.
    pub fn finish(self, outcome: String) -> Box<Found> {
        let mut found = self.found;
        found.outcome = outcome;
        let message = Message::parse(found.octets.as_slice());
        let mut header: Vec<(&'static str, String)> = Vec::new();
        let mut field = |name, value: String| {
            if !value.is_empty() {
                header.push((name, value.chars().take(LONGEST_FIELD).collect()));
            }
        };
        let text = |name| message.header().text(name).unwrap_or_default().trim().to_owned();
        field("From", text("From"));
        field("To", text("To"));
        field("Subject", message.subject().unwrap_or_default().trim().to_owned());
        field("Date", text("Date"));
        field("Message-ID", message.message_id().unwrap_or_default().into_owned());
        let outline = message.outline().to_string();
        found.structure = outline.lines().take(MOST_PARTS).map(str::to_owned).collect();
        found.header = header;
        Box::new(found)
    }
}

/// Octets of a message that are kept.
pub const LARGEST: usize = 64 << 20;
const LONGEST_FIELD: usize = 300;
const MOST_PARTS: usize = 40;
