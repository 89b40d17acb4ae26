//! Parameters of MAIL and RCPT (RFC 5321 §4.1.2); those that are more than words are in the files below.

mod body_type;
mod dsn;
mod handling;
mod known;
mod original_recipient;
mod time_limits;
mod timestamp;

use alloc::string::String;
use core::fmt::{self, Write};
use core::str::FromStr;

use mail_wire::octets::{is_let_dig, is_utf8_non_ascii};

pub use self::body_type::BodyType;
pub use self::dsn::{EnvelopeId, Notify, Ret};
pub use self::handling::{Priority, Solicitation, Submitter, ValidSince, WhenUnsupported};
pub(crate) use self::known::{Known, Of, Seen};
pub use self::original_recipient::OriginalRecipient;
pub use self::time_limits::{DeliverBy, Hold, TooLate};
pub use self::timestamp::Timestamp;
use crate::scan::{self, Charset, Scanned};
use crate::{Expected, SyntaxError};

/// One `KEYWORD` or `KEYWORD=value`, borrowed from the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// As it was written; compare without regard to case.
    pub keyword: &'a str,
    /// What stands behind the `=`; never empty.
    pub value: Option<&'a str>,
}

/// The parameters of a command in their order, the unknown ones too.
///
/// ```
/// # use smtp_proto::{Command, BodyType};
/// let Ok(Command::Mail(mail)) = Command::parse(b"MAIL FROM:<> SIZE=4711 BODY=8BITMIME X-NEW") else { panic!() };
/// assert_eq!(mail.parameters().map(|p| p.keyword).collect::<Vec<_>>(), ["SIZE", "BODY", "X-NEW"]);
/// assert_eq!((mail.size(), mail.body()), (Some(4711), Some(BodyType::EightBitMime)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(pub(crate) &'a str);

impl<'a> Parameters<'a> {
    /// The value of the first parameter of this name, if it has one.
    pub fn value(mut self, keyword: &str) -> Option<&'a str> {
        self.find(|parameter| parameter.keyword.eq_ignore_ascii_case(keyword))?
            .value
    }

    /// Whether there is one of this name.
    pub fn has(mut self, keyword: &str) -> bool {
        self.any(|parameter| parameter.keyword.eq_ignore_ascii_case(keyword))
    }

    /// The value of the first parameter of this name, when it is of this type.
    pub(crate) fn typed<T: FromStr>(self, known: Known) -> Option<T> {
        self.value(known.keyword())?.parse().ok()
    }
}

impl Parameter<'_> {
    /// The EHLO keyword of the extension that defines this parameter of MAIL, when this crate knows it.
    ///
    /// ```
    /// # use smtp_proto::Parameter;
    /// assert_eq!(Parameter { keyword: "ret", value: Some("FULL") }.extension_of_mail(), Some("DSN"));
    /// ```
    pub fn extension_of_mail(&self) -> Option<&'static str> {
        self.extension(Of::Mail)
    }

    /// The same for a parameter of RCPT.
    pub fn extension_of_rcpt(&self) -> Option<&'static str> {
        self.extension(Of::Rcpt)
    }

    fn extension(&self, of: Of) -> Option<&'static str> {
        let known = Known::find(of, self.keyword)?;
        match self.value {
            Some(value) if known == Known::Body && value.eq_ignore_ascii_case(BodyType::BinaryMime.keyword()) => {
                Some(crate::capabilities::BINARY_MIME)
            }
            _ => Some(known.extension()),
        }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        let (word, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        self.0 = rest;
        let (keyword, value) = match word.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (word, None),
        };
        (!word.is_empty()).then_some(Parameter { keyword, value })
    }
}

/// Parameters to send with MAIL or RCPT.
///
/// ```
/// # use smtp_proto::{BodyType, ParameterList};
/// let mut parameters = ParameterList::new();
/// parameters.push_size(4711).push_body(BodyType::EightBitMime);
/// parameters.push("X-NEW", None).unwrap();
/// assert_eq!(parameters.to_string(), "SIZE=4711 BODY=8BITMIME X-NEW");
/// assert!(parameters.push("X", Some("1\r\nQUIT")).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterList(String);

impl ParameterList {
    /// None.
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Appends one of any extension.
    ///
    /// # Errors
    ///
    /// What is no `esmtp-keyword` or no `esmtp-value`.
    pub fn push(&mut self, keyword: &str, value: Option<&str>) -> Result<&mut Self, SyntaxError> {
        scan::end(keyword.as_bytes(), esmtp_keyword(keyword.as_bytes(), 0)?)?;
        if let Some(value) = value {
            scan::end(value.as_bytes(), esmtp_value(value.as_bytes(), 0, Charset::Ascii)?)?;
        }
        Ok(self.push_checked(keyword, value))
    }

    /// Appends `SIZE=octets` (RFC 1870 §3).
    pub fn push_size(&mut self, octets: u64) -> &mut Self {
        self.push_known(Known::Size, &octets)
    }

    /// Appends `BODY=…` (RFC 6152 §3).
    pub fn push_body(&mut self, body: BodyType) -> &mut Self {
        self.push_known(Known::Body, &body)
    }

    /// Appends `SMTPUTF8` (RFC 6531 §3.4).
    pub fn push_smtp_utf8(&mut self) -> &mut Self {
        self.push_checked(Known::SmtpUtf8.keyword(), None)
    }

    /// Appends `REQUIRETLS` (RFC 8689 §2).
    pub fn push_require_tls(&mut self) -> &mut Self {
        self.push_checked(Known::RequireTls.keyword(), None)
    }

    /// Appends `RET=…`, for MAIL.
    pub fn push_ret(&mut self, ret: Ret) -> &mut Self {
        self.push_known(Known::Ret, &ret)
    }

    /// Appends `ENVID=…`, for MAIL.
    pub fn push_envelope_id(&mut self, id: &EnvelopeId) -> &mut Self {
        self.push_known(Known::EnvId, id)
    }

    /// Appends `NOTIFY=…`, for RCPT.
    pub fn push_notify(&mut self, notify: Notify) -> &mut Self {
        self.push_known(Known::Notify, &notify)
    }

    /// Appends `ORCPT=…`, for RCPT.
    pub fn push_original_recipient(&mut self, recipient: &OriginalRecipient) -> &mut Self {
        self.push_known(Known::Orcpt, recipient)
    }

    /// Appends `BY=…`, for MAIL.
    pub fn push_deliver_by(&mut self, by: DeliverBy) -> &mut Self {
        self.push_known(Known::By, &by)
    }

    /// Appends `HOLDFOR=…` or `HOLDUNTIL=…`, for MAIL.
    pub fn push_hold(&mut self, hold: &Hold) -> &mut Self {
        match hold {
            Hold::For(_) => self.push_known(Known::HoldFor, hold),
            Hold::Until(_) => self.push_known(Known::HoldUntil, hold),
        }
    }

    /// Appends `MT-PRIORITY=…`, for MAIL.
    pub fn push_priority(&mut self, priority: Priority) -> &mut Self {
        self.push_known(Known::MtPriority, &priority)
    }

    /// Appends `RRVS=…`, for RCPT.
    pub fn push_valid_since(&mut self, since: &ValidSince) -> &mut Self {
        self.push_known(Known::Rrvs, since)
    }

    /// Appends `SOLICIT=…`, for MAIL.
    pub fn push_solicitation(&mut self, classes: &Solicitation) -> &mut Self {
        self.push_known(Known::Solicit, classes)
    }

    /// Appends `AUTH=…`, for MAIL.
    pub fn push_submitter(&mut self, submitter: &Submitter) -> &mut Self {
        self.push_known(Known::Auth, submitter)
    }

    /// The parameters in their order.
    pub fn iter(&self) -> Parameters<'_> {
        Parameters(&self.0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push_known(&mut self, known: Known, value: &dyn fmt::Display) -> &mut Self {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{value}");
        self.push_checked(known.keyword(), Some(&text))
    }

    /// What was scanned already.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn push_checked(&mut self, keyword: &str, value: Option<&str>) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(keyword);
        if let Some(value) = value {
            self.0.push('=');
            self.0.push_str(value);
        }
        self
    }
}

impl fmt::Display for ParameterList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a parameter or of an extension. Compared without regard to case.
///
/// ```
/// # use smtp_proto::Keyword;
/// assert_eq!("x-new".parse::<Keyword>().unwrap(), "X-NEW".parse().unwrap());
/// assert!("X NEW".parse::<Keyword>().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Keyword(String);

impl Keyword {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Keyword {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        scan::end(text.as_bytes(), esmtp_keyword(text.as_bytes(), 0)?)?;
        Ok(Self(text.into()))
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

/// `Mail-parameters = esmtp-param *(SP esmtp-param)` up to the end of the line, which may be at `at` already.
pub(crate) fn parameters(line: &[u8], at: usize, mut seen: Seen, charset: Charset) -> Result<(), SyntaxError> {
    let mut at = at;
    while at < line.len() {
        at = scan::octet(line, at, b' ', Expected::Space)?;
        let start = at;
        at = esmtp_param(line, at, charset)?;
        let word = scan::text(&line[start..at])?;
        let parameter = Parameters(word).next();
        parameter.map_or(Ok(()), |parameter| seen.check(parameter, start))?;
    }
    Ok(())
}

/// `esmtp-param = esmtp-keyword ["=" esmtp-value]`
fn esmtp_param(line: &[u8], at: usize, charset: Charset) -> Scanned {
    let at = esmtp_keyword(line, at)?;
    match line.get(at) {
        Some(b'=') => esmtp_value(line, at + 1, charset),
        _ => Ok(at),
    }
}

/// `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`
pub(crate) fn esmtp_keyword(line: &[u8], start: usize) -> Scanned {
    let end = scan::run(line, start, |octet| is_let_dig(octet) || octet == b'-');
    if end == start || line[start] == b'-' {
        let expected = Expected::Keyword;
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(end)
}

/// ```text
/// esmtp-value  = 1*(%d33-60 / %d62-126)
/// esmtp-value =/ UTF8-non-ascii                (RFC 6531 §3.3)
/// ```
fn esmtp_value(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let international = charset == Charset::Utf8;
    let end = scan::run(line, start, |octet| {
        matches!(octet, 33..=60 | 62..=126) || (international && is_utf8_non_ascii(octet))
    });
    if end == start {
        let expected = Expected::ParameterValue;
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(end)
}
