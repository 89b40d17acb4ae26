//! The commands that carry the envelope: MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write};

use crate::command::VERB;
use crate::mailbox::{self, Length, Span};
use crate::parameter::{self, Known, Of, Seen};
use crate::path;
use crate::scan::{self, Charset};
use crate::{
    BodyType, DeliverBy, EnvelopeId, Expected, ForwardPath, Hold, Leniency, Notify, OriginalRecipient, ParameterList,
    Parameters, Priority, Ret, ReversePath, Solicitation, Submitter, SyntaxError, ValidSince,
};

/// What MAIL says: where the message comes from, and its parameters. One allocation.
///
/// ```
/// use smtp_proto::{BodyType, Command};
/// let line = b"MAIL FROM:<alice@crepes.example> SIZE=2048 BODY=8BITMIME";
/// let Ok(Command::Mail(mail)) = Command::parse(line) else { panic!() };
/// assert_eq!(mail.reverse_path().to_string(), "<alice@crepes.example>");
/// assert_eq!((mail.size(), mail.body()), (Some(2048), Some(BodyType::EightBitMime)));
/// ```
pub struct MailFrom {
    path: ReversePath,
}

impl MailFrom {
    /// To be sent.
    pub fn new(path: &ReversePath, parameters: &ParameterList) -> Self {
        let (text, span) = argument_text(path, path.mailbox().is_some(), parameters);
        Self {
            path: ReversePath::within(text, span),
        }
    }

    /// Where the message comes from.
    pub const fn reverse_path(&self) -> &ReversePath {
        &self.path
    }

    /// All parameters in their order.
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters(self.path.tail().trim_start_matches(' '))
    }

    /// `SIZE=`: how many octets the client thinks the message has (RFC 1870 §3). A number beyond `u64` is `u64::MAX`.
    pub fn size(&self) -> Option<u64> {
        // A number that is too large for u64 is still a size, and larger than any limit.
        let digits = self.parameters().value(Known::Size.keyword())?;
        Some(digits.parse().unwrap_or(u64::MAX))
    }

    /// `BODY=` (RFC 6152 §3).
    pub fn body(&self) -> Option<BodyType> {
        self.parameters().typed(Known::Body)
    }

    /// `SMTPUTF8`: addresses and header fields may be in UTF-8 (RFC 6531 §3.4).
    pub fn smtp_utf8(&self) -> bool {
        self.parameters().has(Known::SmtpUtf8.keyword())
    }

    /// `REQUIRETLS`: the message goes over TLS, or not at all (RFC 8689 §2).
    pub fn require_tls(&self) -> bool {
        self.parameters().has(Known::RequireTls.keyword())
    }

    /// `RET=` (RFC 3461 §4.3).
    pub fn ret(&self) -> Option<Ret> {
        self.parameters().typed(Known::Ret)
    }

    /// `ENVID=` (RFC 3461 §4.4).
    pub fn envelope_id(&self) -> Option<EnvelopeId> {
        self.parameters().typed(Known::EnvId)
    }

    /// `BY=` (RFC 2852 §4).
    pub fn deliver_by(&self) -> Option<DeliverBy> {
        self.parameters().typed(Known::By)
    }

    /// `HOLDFOR=` or `HOLDUNTIL=` (RFC 4865 §4).
    pub fn hold(&self) -> Option<Hold> {
        let parameters = self.parameters();
        match parameters.value(Known::HoldFor.keyword()) {
            Some(seconds) => Hold::parse_for(seconds).ok(),
            None => Hold::parse_until(parameters.value(Known::HoldUntil.keyword())?).ok(),
        }
    }

    /// `MT-PRIORITY=` (RFC 6710 §5.1).
    pub fn priority(&self) -> Option<Priority> {
        self.parameters().typed(Known::MtPriority)
    }

    /// `SOLICIT=` (RFC 3865 §2.3).
    pub fn solicitation(&self) -> Option<Solicitation> {
        self.parameters().typed(Known::Solicit)
    }

    /// `AUTH=` (RFC 4954 §5).
    pub fn submitter(&self) -> Option<Submitter> {
        self.parameters().typed(Known::Auth)
    }
}

/// What RCPT says: where the message goes, and the parameters. One allocation.
///
/// ```
/// use smtp_proto::{Command, ForwardPath, ParameterList, RcptTo};
/// let bob: ForwardPath = "<bob@hamburger.example>".parse()?;
/// let rcpt = RcptTo::new(&bob, &ParameterList::new());
/// assert_eq!(Command::Rcpt(rcpt).to_string(), "RCPT TO:<bob@hamburger.example>");
/// # Ok::<(), smtp_proto::SyntaxError>(())
/// ```
pub struct RcptTo {
    path: ForwardPath,
}

impl RcptTo {
    /// To be sent.
    pub fn new(path: &ForwardPath, parameters: &ParameterList) -> Self {
        let (text, span) = argument_text(path, path.mailbox().is_some(), parameters);
        Self {
            path: ForwardPath::within(text, span),
        }
    }

    /// Where the message goes.
    pub const fn forward_path(&self) -> &ForwardPath {
        &self.path
    }

    /// All parameters in their order.
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters(self.path.tail().trim_start_matches(' '))
    }

    /// `NOTIFY=` (RFC 3461 §4.1).
    pub fn notify(&self) -> Option<Notify> {
        self.parameters().typed(Known::Notify)
    }

    /// `ORCPT=` (RFC 3461 §4.2).
    pub fn original_recipient(&self) -> Option<OriginalRecipient> {
        self.parameters().typed(Known::Orcpt)
    }

    /// `RRVS=` (RFC 7293 §3.1).
    pub fn valid_since(&self) -> Option<ValidSince> {
        self.parameters().typed(Known::Rrvs)
    }
}

// Equality and `Clone` regard the parameters too, which the path's own do not.
impl Clone for MailFrom {
    fn clone(&self) -> Self {
        let path = self.path.with_tail();
        Self { path }
    }
}

impl Clone for RcptTo {
    fn clone(&self) -> Self {
        let path = self.path.with_tail();
        Self { path }
    }
}

impl PartialEq for MailFrom {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.parameters().0 == other.parameters().0
    }
}

impl Eq for MailFrom {}

impl PartialEq for RcptTo {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.parameters().0 == other.parameters().0
    }
}

impl Eq for RcptTo {}

impl fmt::Display for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_argument(f, &self.path, self.parameters())
    }
}

impl fmt::Display for RcptTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_argument(f, &self.path, self.parameters())
    }
}

impl fmt::Debug for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailFrom({self})")
    }
}

impl fmt::Debug for RcptTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RcptTo({self})")
    }
}

fn write_argument(f: &mut fmt::Formatter<'_>, path: impl fmt::Display, parameters: Parameters<'_>) -> fmt::Result {
    path.fmt(f)?;
    if parameters.0.is_empty() {
        return Ok(());
    }
    write!(f, " {}", parameters.0)
}

/// Path and parameters as one text, and where in it the mailbox stands.
fn argument_text(path: impl fmt::Display, has_mailbox: bool, parameters: &ParameterList) -> (Box<str>, Span) {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_to(&mut text, &path);
    let bare = Span {
        start: 1,
        at: text.len() as u16 - 1,
        end: text.len() as u16 - 1,
    };
    let scanned = mailbox::mailbox(text.as_bytes(), 1, Length::Any, Charset::Utf8);
    let span = scanned.ok().filter(|_| has_mailbox).unwrap_or(bare);
    if !parameters.is_empty() {
        text.push(' ');
        let _ = write_to(&mut text, parameters);
    }
    (text.into(), span)
}

fn write_to(text: &mut String, item: &impl fmt::Display) -> fmt::Result {
    write!(text, "{item}")
}

/// `mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF` (RFC 5321 §4.1.1.2)
pub(crate) fn mail(line: &[u8], leniency: Leniency) -> Result<MailFrom, SyntaxError> {
    let at = keyword(line, b" FROM:", Expected::From)?;
    let (text, span) = path_argument(line, at, leniency, Of::Mail)?;
    let mail = MailFrom {
        path: ReversePath::within(text, span),
    };
    only_ascii(line, mail.smtp_utf8())?;
    Ok(mail)
}

/// `rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF`
/// (RFC 5321 §4.1.1.3)
pub(crate) fn rcpt(line: &[u8], leniency: Leniency) -> Result<RcptTo, SyntaxError> {
    let at = keyword(line, b" TO:", Expected::To)?;
    let (text, span) = path_argument(line, at, leniency, Of::Rcpt)?;
    only_ascii(line, leniency.smtp_utf8)?;
    let path = ForwardPath::within(text, span);
    Ok(RcptTo { path })
}

/// Whether SMTPUTF8 was asked for shows behind the address only: it was read as if it had been (RFC 6531 §3.4).
fn only_ascii(line: &[u8], smtp_utf8: bool) -> Result<(), SyntaxError> {
    match scan::first_non_ascii(line) {
        Some(at) if !smtp_utf8 => Err(SyntaxError::new(at, Expected::Ascii)),
        _ => Ok(()),
    }
}

/// The keyword behind the verb, in any case.
fn keyword(line: &[u8], keyword: &[u8], expected: Expected) -> Result<usize, SyntaxError> {
    let end = VERB + keyword.len();
    match line.get(VERB..end) {
        Some(word) if word.eq_ignore_ascii_case(keyword) => Ok(end),
        _ => Err(SyntaxError::new((VERB + 1).min(line.len()), expected)),
    }
}

/// Path and parameters, copied once; the span counts from the copy's start.
fn path_argument(line: &[u8], at: usize, leniency: Leniency, of: Of) -> Result<(Box<str>, Span), SyntaxError> {
    let start = match leniency.space_after_colon {
        true => scan::run(line, at, |octet| octet == b' '),
        false => at,
    };
    if !line.is_ascii() {
        scan::text(line)?;
    }
    if leniency.missing_brackets && line.get(start).is_some_and(|&octet| octet != b'<') {
        return bare_argument(line, start, leniency, of);
    }
    let span = match of {
        Of::Mail => path::reverse_path(line, start, leniency, Charset::Utf8)?,
        Of::Rcpt => path::forward_path(line, start, leniency, Charset::Utf8)?,
    };
    let seen = Seen::none(of, leniency.any_parameter_value);
    parameter::parameters(line, usize::from(span.end) + 1, seen, Charset::Utf8)?;
    let short = u16::try_from(start).map_err(|_| SyntaxError::too_long(0, u16::MAX.into()))?;
    let span = Span {
        start: span.start - short,
        at: span.at - short,
        end: span.end - short,
    };
    Ok((scan::text(&line[start..])?.into(), span))
}

/// A mailbox without angle brackets; the copy gets them.
fn bare_argument(line: &[u8], start: usize, leniency: Leniency, of: Of) -> Result<(Box<str>, Span), SyntaxError> {
    let end = usize::from(mailbox::mailbox(line, start, leniency.length(), Charset::Utf8)?.end);
    let seen = Seen::none(of, leniency.any_parameter_value);
    parameter::parameters(line, end, seen, Charset::Utf8)?;
    let mut text = String::with_capacity(line.len() - start + 2);
    text.push('<');
    text.push_str(scan::text(&line[start..end])?);
    text.push('>');
    text.push_str(scan::text(&line[end..])?);
    let span = mailbox::mailbox(text.as_bytes(), 1, leniency.length(), Charset::Utf8)?;
    Ok((text.into(), span))
}
