//! What a server offers beside RFC 5321: nothing that the application did not switch on.

use alloc::vec::Vec;

use mail_wire::MechanismName;

use crate::phase::{Security, Standing};
use crate::{EhloLine, Timestamp, capabilities};

/// The extensions that an application switches on, each of which asks something of it. All are off by default; PIPELINING,
/// SIZE, 8BITMIME and ENHANCEDSTATUSCODES are the machine's and always on.
///
/// ```
/// let mut config = smtp_proto::server::Config::new("mx.hamburger.example".parse().unwrap());
/// config.offers.chunking = true;
/// config.offers.dsn = true;
/// config.offers.authentication.secured = vec!["SCRAM-SHA-256".parse().unwrap(), "PLAIN".parse().unwrap()];
/// config.offers.authentication.required = true; // submission (RFC 6409)
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// CHUNKING (RFC 3030 §2): the message may come in BDAT. To the application it looks as if it came with DATA.
    pub chunking: bool,
    /// BINARYMIME (RFC 3030 §3), with `chunking` only: a body may hold any octets, and lines of any length.
    pub binary_mime: bool,
    /// SMTPUTF8 (RFC 6531): addresses and header fields may be in UTF-8.
    pub smtp_utf8: bool,
    /// STARTTLS (RFC 3207): the driver has a certificate.
    pub start_tls: StartTls,
    /// AUTH (RFC 4954).
    pub authentication: Authentication,
    /// REQUIRETLS (RFC 8689), under TLS only: relay such messages over TLS, or not at all.
    pub require_tls: bool,
    /// DSN (RFC 3461).
    pub dsn: bool,
    /// DELIVERBY (RFC 2852), with the least time in seconds for mode `R` if there is one.
    pub deliver_by: Option<Option<u32>>,
    /// FUTURERELEASE (RFC 4865): the longest time in seconds, and the latest.
    pub future_release: Option<(u32, Timestamp)>,
    /// MT-PRIORITY (RFC 6710).
    pub mt_priority: bool,
    /// RRVS (RFC 7293).
    pub rrvs: bool,
    /// NO-SOLICITING (RFC 3865), with the classes that are not wanted from anybody.
    pub no_soliciting: Option<crate::Solicitation>,
    /// LIMITS (RFC 9422): tells the limits on recipients, their domains and transactions, which hold in any case.
    pub limits: bool,
    /// ETRN (RFC 1985).
    pub etrn: bool,
}

/// Whether STARTTLS is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartTls {
    /// No.
    #[default]
    No,
    /// A client may use it.
    Offered,
    /// Without it, only EHLO, NOOP and QUIT are answered with other than 530 (RFC 3207 §4). Not for public relays.
    Required,
}

/// How clients prove who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authentication {
    /// Mechanisms that are offered under TLS.
    pub secured: Vec<MechanismName>,
    /// Mechanisms that are offered without. What `secured` has and this has not is refused there with 538.
    pub plaintext: Vec<MechanismName>,
    /// Submission (RFC 6409 §4.3): MAIL is refused with 530 before AUTH.
    pub required: bool,
}

impl Authentication {
    /// What is offered now.
    pub(super) fn offered(&self, security: Security) -> &[MechanismName] {
        match security {
            Security::Secured => &self.secured,
            Security::Plaintext => &self.plaintext,
        }
    }

    /// Whether there is any, now or under TLS.
    pub(super) const fn is_any(&self) -> bool {
        !self.secured.is_empty() || !self.plaintext.is_empty()
    }
}

impl Offers {
    /// Whether the parameters of an extension that this crate knows may be used now.
    pub(super) fn covers(&self, extension: &str, standing: Standing) -> bool {
        match extension {
            capabilities::SIZE | capabilities::EIGHT_BIT_MIME => true,
            capabilities::BINARY_MIME => self.binary_mime && self.chunking,
            capabilities::SMTP_UTF8 => self.smtp_utf8,
            capabilities::REQUIRE_TLS => self.require_tls && standing.security == Security::Secured,
            capabilities::DSN => self.dsn,
            capabilities::DELIVER_BY => self.deliver_by.is_some(),
            capabilities::FUTURE_RELEASE => self.future_release.is_some(),
            capabilities::MT_PRIORITY => self.mt_priority,
            capabilities::RRVS => self.rrvs,
            capabilities::NO_SOLICITING => self.no_soliciting.is_some(),
            capabilities::AUTH => !self.authentication.offered(standing.security).is_empty(),
            _ => false,
        }
    }

    /// Hands each line of the answer to EHLO to `line`.
    pub(super) fn list(&self, standing: Standing, line: &mut dyn FnMut(core::fmt::Arguments<'_>)) {
        let mut flag = |on: bool, keyword: &str| {
            if on {
                line(format_args!("{keyword}"));
            }
        };
        let secured = standing.security == Security::Secured;
        flag(self.chunking, capabilities::CHUNKING);
        flag(self.chunking && self.binary_mime, capabilities::BINARY_MIME);
        flag(self.smtp_utf8, capabilities::SMTP_UTF8);
        flag(self.start_tls != StartTls::No && !secured, capabilities::START_TLS);
        flag(self.require_tls && secured, capabilities::REQUIRE_TLS);
        flag(self.dsn, capabilities::DSN);
        flag(self.mt_priority, capabilities::MT_PRIORITY);
        flag(self.rrvs, capabilities::RRVS);
        flag(self.etrn, capabilities::ETRN);
        self.list_with_values(standing, line);
    }

    fn list_with_values(&self, standing: Standing, line: &mut dyn FnMut(core::fmt::Arguments<'_>)) {
        match self.deliver_by {
            Some(Some(minimum)) => line(format_args!("{} {minimum}", capabilities::DELIVER_BY)),
            Some(None) => line(format_args!("{}", capabilities::DELIVER_BY)),
            None => {}
        }
        if let Some((interval, until)) = &self.future_release {
            line(format_args!("{} {interval} {until}", capabilities::FUTURE_RELEASE));
        }
        if let Some(classes) = &self.no_soliciting {
            line(format_args!("{} {classes}", capabilities::NO_SOLICITING));
        }
        let mechanisms = self.authentication.offered(standing.security);
        if !mechanisms.is_empty() {
            line(format_args!("{}{}", capabilities::AUTH, Words(mechanisms)));
        }
    }
}

/// Names with a space in front of each.
struct Words<'a>(&'a [MechanismName]);

impl core::fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|name| write!(f, " {name}"))
    }
}

/// An extension that the machine only announces: its parameters reach the application in
/// [`MailFrom::parameters`](crate::MailFrom::parameters) and [`RcptTo::parameters`](crate::RcptTo::parameters) instead of
/// being answered with 555.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Extension {
    /// Its line in the answer to EHLO.
    pub line: EhloLine,
    /// Parameters that it adds to MAIL.
    pub mail_parameters: Vec<crate::Keyword>,
    /// Parameters that it adds to RCPT.
    pub rcpt_parameters: Vec<crate::Keyword>,
    /// Octets that it adds to the length of a command line.
    pub octets: u16,
}

impl Extension {
    /// One without parameters.
    pub const fn new(line: EhloLine) -> Self {
        Self {
            line,
            mail_parameters: Vec::new(),
            rcpt_parameters: Vec::new(),
            octets: 0,
        }
    }
}
