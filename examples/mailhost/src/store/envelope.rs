//! What a message says on its envelope, as the queue keeps it: where it comes from, where it goes, and on what terms.

use std::time::SystemTime;

/// Where a relayed message goes, and on what terms.
///
/// ```
/// use mailhost::store::{Addressee, Envelope, Notify, Terms};
///
/// let mut chef = Addressee::new("chef@crepes.fr");
/// chef.notify = Some(Notify::SUCCESS | Notify::FAILURE);
/// let envelope = Envelope {
///     addressees: vec![Addressee::new("alice@crepes.fr"), chef],
///     terms: Terms { priority: 3, ..Terms::default() },
///     ..Envelope::new("crepes.fr", "bob@hamburger.edu", [])
/// };
/// assert_eq!(envelope.addressees.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The domain whose host takes the message.
    pub next_hop: String,
    /// The reverse-path without its angle brackets; empty for the null one.
    pub reverse_path: String,
    /// This entry's recipients, numbered from 0.
    pub addressees: Vec<Addressee>,
    /// What the sender asked for.
    pub terms: Terms,
}

/// A recipient, and what the sender wants to hear about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The forward-path without its angle brackets.
    pub forward_path: String,
    /// NOTIFY (RFC 3461 §4.1); `None`: not given.
    pub notify: Option<Notify>,
    /// ORCPT without its xtext: type, semicolon, address (RFC 3461 §4.2).
    pub original: Option<String>,
}

/// What the sender asked for, for all recipients of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// ENVID without its xtext (RFC 3461 §4.4).
    pub envelope_id: Option<String>,
    /// RET (RFC 3461 §4.3); `None`: not given.
    pub returned: Option<Returned>,
    /// MT-PRIORITY, from -9 to 9; the higher goes first. 0 where it is not given.
    pub priority: i8,
    /// FUTURERELEASE: no attempt is made before, and the time that a message is tried begins here.
    pub hold_until: Option<SystemTime>,
    /// DELIVERBY.
    pub deliver_by: Option<DeliverBy>,
    /// REQUIRETLS (RFC 8689 §2): the message goes over authenticated TLS, to hosts that promise the same, or not at all.
    pub require_tls: bool,
    /// What octets the message consists of.
    pub content: ContentKind,
    /// SMTPUTF8 (RFC 6531 §3.4): the envelope or the header has UTF-8.
    pub smtp_utf8: bool,
}

/// The occasions for a report (RFC 3461 §4.1). The empty set is NEVER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notify(u8);

/// What of a message a failure report returns (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// All of it.
    Full,
    /// Its header section.
    Headers,
}

/// When a message loses its worth, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverBy {
    /// The moment; whole milliseconds.
    pub at: SystemTime,
    /// What happens at that moment.
    pub mode: ByMode,
    /// Whether each host on the way reports that it relayed the message.
    pub trace: bool,
}

/// What happens when a message was not delivered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByMode {
    /// It returns.
    Return,
    /// Its sender is told, and it goes on.
    Notify,
}

/// What octets a message consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ContentKind {
    /// Lines of ASCII.
    SevenBit,
    /// Lines of any octets but NUL (RFC 6152 §3). So counts a message of which nobody looked at each octet.
    #[default]
    EightBit,
    /// Anything (RFC 3030 §3).
    Binary,
}

impl Envelope {
    /// An envelope on ordinary terms.
    pub fn new<'a>(next_hop: &str, reverse_path: &str, forward_paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            next_hop: next_hop.to_owned(),
            reverse_path: reverse_path.to_owned(),
            addressees: forward_paths.into_iter().map(Addressee::new).collect(),
            terms: Terms::default(),
        }
    }
}

impl Addressee {
    /// A recipient about whom nothing was asked.
    pub fn new(forward_path: &str) -> Self {
        Self {
            forward_path: forward_path.to_owned(),
            notify: None,
            original: None,
        }
    }
}

impl Notify {
    /// No report, whatever happens.
    pub const NEVER: Self = Self(0);
    /// A report when the message was delivered.
    pub const SUCCESS: Self = Self(1);
    /// A report when it will not be.
    pub const FAILURE: Self = Self(2);
    /// A report when it is late.
    pub const DELAY: Self = Self(4);

    /// Whether all occasions of `other` are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These occasions but for `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits & 7)
    }
}

impl std::ops::BitOr for Notify {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// As NOTIFY writes it: `NEVER`, or the occasions with commas between.
impl std::fmt::Display for Notify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = [
            (Self::SUCCESS, "SUCCESS"),
            (Self::FAILURE, "FAILURE"),
            (Self::DELAY, "DELAY"),
        ];
        let named: Vec<&str> = all
            .into_iter()
            .filter(|(one, _)| self.contains(*one))
            .map(|(_, name)| name)
            .collect();
        f.write_str(if named.is_empty() { "NEVER" } else { "" })?;
        f.write_str(&named.join(","))
    }
}
