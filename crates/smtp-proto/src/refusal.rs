//! What a server says no with.

use core::fmt;

use crate::{Class, EnhancedCode, Expected, ReplyCode, ReplyText, SyntaxError};

/// A refusal: a 4yz or 5yz code, its enhanced code (RFC 3463), and a text. It cannot be positive.
///
/// ```
/// # use smtp_proto::Refusal;
/// assert_eq!(Refusal::no_such_user().to_string(), "550 5.1.1 No such user here");
/// let custom = Refusal::new(452, "4.2.2", "Come back on Monday").unwrap();
/// assert!(custom.is_transient());
/// assert!(Refusal::new(250, "2.0.0", "no, but yes").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) text: ReplyText,
    pub(crate) code: ReplyCode,
    pub(crate) enhanced: EnhancedCode,
}

impl Refusal {
    /// Any refusal.
    ///
    /// # Errors
    ///
    /// A code that is not 4yz or 5yz, an enhanced code of another class, a text that a reply cannot carry.
    pub fn new(code: u16, enhanced: &str, text: &str) -> Result<Self, SyntaxError> {
        let code = ReplyCode::try_from(code)?;
        let enhanced: EnhancedCode = enhanced.parse()?;
        if !matches!(code.class(), Class::Transient | Class::Permanent) {
            return Err(SyntaxError::new(0, Expected::RefusingCode));
        }
        if enhanced.class() != code.class() {
            return Err(SyntaxError::new(0, Expected::EnhancedCode));
        }
        let text = text.parse()?;
        Ok(Self { text, code, enhanced })
    }

    /// `550 5.1.1`: the mailbox does not exist.
    pub const fn no_such_user() -> Self {
        Self::known(550, 1, 1, "No such user here")
    }

    /// `550 5.7.1`: the recipient is not ours, and we do not relay for this client.
    pub const fn relaying_denied() -> Self {
        Self::known(550, 7, 1, "Relaying denied")
    }

    /// `550 5.7.1`: by policy.
    pub const fn denied() -> Self {
        Self::known(550, 7, 1, "Denied by policy")
    }

    /// `451 4.3.0`: our fault, for now.
    pub const fn try_later() -> Self {
        Self::known(451, 3, 0, "Local error in processing, try again later")
    }

    /// `452 4.2.2`: the mailbox is full.
    pub const fn mailbox_full() -> Self {
        Self::known(452, 2, 2, "Mailbox full")
    }

    /// `452 4.5.3`: more recipients than one message may have (RFC 5321 §4.5.3.1.10).
    pub const fn too_many_recipients() -> Self {
        Self::known(452, 5, 3, "Too many recipients")
    }

    /// `452 4.3.1`: no room on the system.
    pub const fn storage_full() -> Self {
        Self::known(452, 3, 1, "Insufficient system storage")
    }

    /// `552 5.3.4`: larger than this system takes.
    pub const fn message_too_large() -> Self {
        Self::known(552, 3, 4, "Message size exceeds fixed maximum message size")
    }

    /// `554 5.4.6`: the message has been here too often.
    pub const fn mail_loop() -> Self {
        Self::known(554, 4, 6, "Mail loop: too many hops")
    }

    /// `554 5.3.2`: no mail is taken in here; for [`Server::turning_away`](crate::Server::turning_away).
    pub const fn no_service() -> Self {
        Self::known(554, 3, 2, "No SMTP service here")
    }

    /// `521 5.3.2`: this host takes no mail at all, and says so in its greeting (RFC 7504 §3).
    pub const fn host_takes_no_mail() -> Self {
        Self::known(521, 3, 2, "This host does not accept mail")
    }

    /// `556 5.1.10`: the recipient's domain says by a null MX that it takes no mail (RFC 7504 §4, RFC 7505 §4.1).
    pub const fn recipient_null_mx() -> Self {
        Self::known(556, 1, 10, "The recipient's domain does not accept mail")
    }

    /// `550 5.7.27`: nobody could answer the sender, whose domain has a null MX (RFC 7505 §4.2).
    pub const fn sender_null_mx() -> Self {
        Self::known(550, 7, 27, "The sender's domain does not accept mail")
    }

    /// `530 5.7.0`: AUTH first (RFC 4954 §6).
    pub const fn authentication_required() -> Self {
        Self::known(530, 7, 0, "Authentication required")
    }

    /// `535 5.7.8`: name or password wrong (RFC 4954 §6).
    pub const fn bad_credentials() -> Self {
        Self::known(535, 7, 8, "Authentication credentials invalid")
    }

    /// `534 5.7.9`: this mechanism is too weak for this user (RFC 4954 §6).
    pub const fn mechanism_too_weak() -> Self {
        Self::known(534, 7, 9, "Authentication mechanism is too weak")
    }

    /// `538 5.7.11`: this mechanism needs TLS (RFC 4954 §6).
    pub const fn encryption_required() -> Self {
        Self::known(538, 7, 11, "Encryption required for requested authentication mechanism")
    }

    /// `432 4.7.12`: the user has to log in with the password itself once, so that keys of other mechanisms can be made (RFC 4954 §6).
    pub const fn password_transition() -> Self {
        Self::known(432, 7, 12, "A password transition is needed")
    }

    /// `454 4.7.0`: who the client is cannot be found out just now (RFC 4954 §6).
    pub const fn authentication_unavailable() -> Self {
        Self::known(454, 7, 0, "Temporary authentication failure")
    }

    /// `504 5.5.4`: no such mechanism here (RFC 4954 §4).
    pub const fn no_such_mechanism() -> Self {
        Self::known(504, 5, 4, "Unrecognized authentication mechanism")
    }

    /// `530 5.7.0`: STARTTLS first (RFC 3207 §4).
    pub const fn start_tls_first() -> Self {
        Self::known(530, 7, 0, "Must issue a STARTTLS command first")
    }

    /// `502 5.5.1`: the command is known, and not in use here.
    pub const fn not_implemented() -> Self {
        Self::known(502, 5, 1, "Command not implemented")
    }

    /// Whether the same may succeed later (4yz).
    pub fn is_transient(&self) -> bool {
        self.code.class() == Class::Transient
    }

    /// The code.
    pub const fn code(&self) -> ReplyCode {
        self.code
    }

    /// The enhanced code.
    pub const fn enhanced(&self) -> EnhancedCode {
        self.enhanced
    }

    /// The text.
    pub const fn text(&self) -> &ReplyText {
        &self.text
    }

    /// One that is known to be right when the program is compiled, or is pinned by a test.
    pub(crate) const fn known(code: u16, subject: u16, detail: u16, text: &'static str) -> Self {
        Self::with(code, subject, detail, ReplyText::from_static(text))
    }

    pub(crate) const fn with(code: u16, subject: u16, detail: u16, text: ReplyText) -> Self {
        assert!(code >= 400, "a refusal refuses");
        let code = ReplyCode::known(code);
        let enhanced = EnhancedCode::known(code.class(), subject, detail);
        Self { text, code, enhanced }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.code, self.enhanced, self.text)
    }
}
