//! The parameters that this crate knows: whose they are, of which extension, and that their values are right.

use super::{
    BodyType, DeliverBy, EnvelopeId, Hold, Notify, OriginalRecipient, Parameter, Priority, Ret, Solicitation,
    Submitter, ValidSince,
};
use crate::{Expected, SyntaxError, capabilities};

/// Whose parameters: what the typed ones must look like depends on the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Mail,
    Rcpt,
}

/// A parameter of an extension that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Size,
    Body,
    SmtpUtf8,
    RequireTls,
    Ret,
    EnvId,
    By,
    HoldFor,
    HoldUntil,
    MtPriority,
    Solicit,
    Auth,
    Notify,
    Orcpt,
    Rrvs,
}

impl Known {
    const MAIL: [Self; 12] = [
        Self::Size,
        Self::Body,
        Self::SmtpUtf8,
        Self::RequireTls,
        Self::Ret,
        Self::EnvId,
        Self::By,
        Self::HoldFor,
        Self::HoldUntil,
        Self::MtPriority,
        Self::Solicit,
        Self::Auth,
    ];
    const RCPT: [Self; 3] = [Self::Notify, Self::Orcpt, Self::Rrvs];

    /// The parameter of this name, in any case.
    pub(crate) fn find(of: Of, keyword: &str) -> Option<Self> {
        let all: &[Self] = match of {
            Of::Mail => &Self::MAIL,
            Of::Rcpt => &Self::RCPT,
        };
        let mut all = all.iter().copied();
        all.find(|known| known.keyword().eq_ignore_ascii_case(keyword))
    }

    /// The parameter's name.
    pub(crate) const fn keyword(self) -> &'static str {
        match self {
            Self::Size => "SIZE",
            Self::Body => "BODY",
            Self::SmtpUtf8 => "SMTPUTF8",
            Self::RequireTls => "REQUIRETLS",
            Self::Ret => "RET",
            Self::EnvId => "ENVID",
            Self::By => "BY",
            Self::HoldFor => "HOLDFOR",
            Self::HoldUntil => "HOLDUNTIL",
            Self::MtPriority => "MT-PRIORITY",
            Self::Solicit => "SOLICIT",
            Self::Auth => "AUTH",
            Self::Notify => "NOTIFY",
            Self::Orcpt => "ORCPT",
            Self::Rrvs => "RRVS",
        }
    }

    /// The EHLO keyword of its extension.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Size => capabilities::SIZE,
            Self::Body => capabilities::EIGHT_BIT_MIME,
            Self::SmtpUtf8 => capabilities::SMTP_UTF8,
            Self::RequireTls => capabilities::REQUIRE_TLS,
            Self::Ret | Self::EnvId | Self::Notify | Self::Orcpt => capabilities::DSN,
            Self::By => capabilities::DELIVER_BY,
            Self::HoldFor | Self::HoldUntil => capabilities::FUTURE_RELEASE,
            Self::MtPriority => capabilities::MT_PRIORITY,
            Self::Solicit => capabilities::NO_SOLICITING,
            Self::Auth => capabilities::AUTH,
            Self::Rrvs => capabilities::RRVS,
        }
    }

    /// Whether the value is one.
    fn check(self, value: Option<&str>) -> Result<(), SyntaxError> {
        let text = value.unwrap_or_default();
        match self {
            Self::SmtpUtf8 | Self::RequireTls if value.is_none() => Ok(()),
            Self::SmtpUtf8 | Self::RequireTls => Err(SyntaxError::new(0, Expected::NoValue)),
            Self::Size => size(text),
            Self::Body => text.parse::<BodyType>().map(drop),
            Self::Ret => text.parse::<Ret>().map(drop),
            Self::EnvId => text.parse::<EnvelopeId>().map(drop),
            Self::By => text.parse::<DeliverBy>().map(drop),
            Self::HoldFor => Hold::parse_for(text).map(drop),
            Self::HoldUntil => Hold::parse_until(text).map(drop),
            Self::MtPriority => text.parse::<Priority>().map(drop),
            Self::Solicit => text.parse::<Solicitation>().map(drop),
            Self::Auth => text.parse::<Submitter>().map(drop),
            Self::Notify => text.parse::<Notify>().map(drop),
            Self::Orcpt => text.parse::<OriginalRecipient>().map(drop),
            Self::Rrvs => text.parse::<ValidSince>().map(drop),
        }
    }

    /// HOLDFOR and HOLDUNTIL exclude each other (RFC 4865 §4), as if they were one.
    const fn bit(self) -> u16 {
        match self {
            Self::HoldUntil => 1 << Self::HoldFor as u16,
            other => 1 << other as u16,
        }
    }
}

/// `size-value ::= 1*20DIGIT` (RFC 1870 §3)
fn size(text: &str) -> Result<(), SyntaxError> {
    let valid = matches!(text.len(), 1..=20) && text.bytes().all(|octet| octet.is_ascii_digit());
    valid.then_some(()).ok_or(SyntaxError::new(0, Expected::Size))
}

/// Checks a command's parameters one by one: the known ones have to be right, and to come once.
pub(crate) struct Seen {
    of: Of,
    any_value: bool,
    bits: u16,
}

impl Seen {
    /// None so far. With `any_value` the values are not looked at.
    pub(crate) const fn none(of: Of, any_value: bool) -> Self {
        Self { of, any_value, bits: 0 }
    }

    /// `start` is where the parameter begins in its line.
    pub(crate) fn check(&mut self, parameter: Parameter<'_>, start: usize) -> Result<(), SyntaxError> {
        let Some(known) = Known::find(self.of, parameter.keyword) else {
            return Ok(());
        };
        if self.bits & known.bit() != 0 {
            return Err(SyntaxError::new(start, Expected::ParameterOnce));
        }
        self.bits |= known.bit();
        match known.check(parameter.value) {
            Err(error) if !self.any_value => Err(SyntaxError::new(start, error.expected)),
            _ => Ok(()),
        }
    }
}
