//! What a server offers, extension by extension: one getter for each (RFC 5321 §4.1.1.1).

use alloc::vec::Vec;

use mail_wire::MechanismName;

use crate::{EhloLine, Reply};

/// What a server offers. Empty when it only understood HELO.
///
/// ```
/// # use smtp_proto::{Capabilities, Reply};
/// let reply = Reply::parse(b"250-mx.hamburger.example greets you\r\n250-SIZE 1000\r\n250 PIPELINING\r\n").unwrap();
/// let offered = Capabilities::from_reply(&reply);
/// assert!(offered.pipelining() && offered.size() && !offered.eight_bit_mime());
/// assert_eq!(offered.size_limit(), Some(1000));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    lines: Vec<EhloLine>,
}

impl Capabilities {
    /// From the positive answer to EHLO. Lines that the grammar does not allow are left out; the reply keeps them.
    pub fn from_reply(reply: &Reply) -> Self {
        let lines = reply.lines().skip(1);
        let parsed = lines.filter_map(|line| core::str::from_utf8(line).ok()?.trim_end().parse().ok());
        Self {
            lines: parsed.collect(),
        }
    }

    /// The lines in their order.
    pub fn lines(&self) -> &[EhloLine] {
        &self.lines
    }

    /// The line of an extension.
    pub fn line(&self, keyword: &str) -> Option<&EhloLine> {
        let mut lines = self.lines.iter();
        lines.find(|line| line.keyword().eq_ignore_ascii_case(keyword))
    }

    /// Whether an extension is offered.
    pub fn offers(&self, keyword: &str) -> bool {
        self.line(keyword).is_some()
    }

    /// PIPELINING (RFC 2920).
    pub fn pipelining(&self) -> bool {
        self.offers(PIPELINING)
    }

    /// CHUNKING: BDAT in place of DATA (RFC 3030 §2).
    pub fn chunking(&self) -> bool {
        self.offers(CHUNKING)
    }

    /// BINARYMIME (RFC 3030 §3).
    pub fn binary_mime(&self) -> bool {
        self.offers(BINARY_MIME)
    }

    /// 8BITMIME (RFC 6152).
    pub fn eight_bit_mime(&self) -> bool {
        self.offers(EIGHT_BIT_MIME)
    }

    /// SMTPUTF8 (RFC 6531).
    pub fn smtp_utf8(&self) -> bool {
        self.offers(SMTP_UTF8)
    }

    /// STARTTLS (RFC 3207).
    pub fn start_tls(&self) -> bool {
        self.offers(START_TLS)
    }

    /// REQUIRETLS (RFC 8689).
    pub fn require_tls(&self) -> bool {
        self.offers(REQUIRE_TLS)
    }

    /// ENHANCEDSTATUSCODES (RFC 2034).
    pub fn enhanced_status_codes(&self) -> bool {
        self.offers(ENHANCED_STATUS_CODES)
    }

    /// SIZE (RFC 1870).
    pub fn size(&self) -> bool {
        self.offers(SIZE)
    }

    /// The largest message that the server takes, in octets, if it says so (RFC 1870 §3).
    pub fn size_limit(&self) -> Option<u64> {
        let limit = self.line(SIZE)?.parameters().next()?.parse().ok()?;
        (limit > 0).then_some(limit)
    }

    /// LIMITS: each that is announced and well formed (RFC 9422 §3.1). None is offered where there is no LIMITS.
    pub fn limits(&self) -> LimitsOffer {
        let value = |name: &str| {
            let mut parameters = self.line(LIMITS)?.parameters();
            parameters.find_map(|parameter| {
                let (keyword, value) = parameter.split_once('=')?;
                let number = value.parse().ok().filter(|&number| number > 0)?;
                keyword.eq_ignore_ascii_case(name).then_some(number)
            })
        };
        LimitsOffer {
            mail_max: value("MAILMAX"),
            rcpt_max: value("RCPTMAX"),
            rcpt_domain_max: value("RCPTDOMAINMAX"),
        }
    }

    /// DSN (RFC 3461 §4).
    pub fn dsn(&self) -> bool {
        self.offers(DSN)
    }

    /// DELIVERBY (RFC 2852 §4).
    pub fn deliver_by(&self) -> Option<DeliverByOffer> {
        let line = self.line(DELIVER_BY)?;
        let first = line.parameters().next().and_then(|list| list.split(',').next());
        let minimum = first.and_then(|digits| digits.parse().ok());
        Some(DeliverByOffer { minimum })
    }

    /// FUTURERELEASE with its two bounds (RFC 4865 §3). A line without them is none.
    pub fn future_release(&self) -> Option<FutureReleaseOffer<'_>> {
        let mut parameters = self.line(FUTURE_RELEASE)?.parameters();
        let max_interval = parameters.next()?.parse().ok()?;
        let max_date_time = parameters.next()?;
        Some(FutureReleaseOffer {
            max_interval,
            max_date_time,
        })
    }

    /// MT-PRIORITY (RFC 6710 §3).
    pub fn mt_priority(&self) -> bool {
        self.offers(MT_PRIORITY)
    }

    /// The priority profile of MT-PRIORITY, such as `STANAG4406`, if the server names one (RFC 6710 §3).
    pub fn mt_priority_profile(&self) -> Option<&str> {
        self.line(MT_PRIORITY)?.parameters().next()
    }

    /// RRVS (RFC 7293 §3.1).
    pub fn rrvs(&self) -> bool {
        self.offers(RRVS)
    }

    /// NO-SOLICITING: the classes of mail that the server does not want, which may be none (RFC 3865 §2).
    pub fn no_soliciting(&self) -> Option<impl Iterator<Item = &str>> {
        let line = self.line(NO_SOLICITING)?;
        let keywords = line.parameters().flat_map(|list| list.split(','));
        Some(keywords.filter(|keyword| !keyword.is_empty()))
    }

    /// BURL (RFC 4468 §3.3).
    pub fn burl(&self) -> Option<BurlOffer<'_>> {
        self.line(BURL).map(|line| BurlOffer { line })
    }

    /// AUTH: the mechanisms, those of the old form `AUTH=` too, each once (RFC 4954 §3).
    pub fn auth(&self) -> Vec<MechanismName> {
        let lines = self
            .lines
            .iter()
            .filter(|line| line.keyword().eq_ignore_ascii_case(AUTH));
        let mut mechanisms = Vec::new();
        for name in lines
            .flat_map(EhloLine::parameters)
            .filter_map(|name| name.parse().ok())
        {
            if !mechanisms.contains(&name) {
                mechanisms.push(name);
            }
        }
        mechanisms
    }

    /// ETRN (RFC 1985 §3).
    pub fn etrn(&self) -> bool {
        self.offers(ETRN)
    }

    /// ATRN (RFC 2645 §5.1).
    pub fn atrn(&self) -> bool {
        self.offers(ATRN)
    }

    /// The attributes that XCLIENT takes.
    pub fn xclient(&self) -> Option<impl Iterator<Item = &str>> {
        self.line(XCLIENT).map(EhloLine::parameters)
    }

    /// The attributes that XFORWARD takes.
    pub fn xforward(&self) -> Option<impl Iterator<Item = &str>> {
        self.line(XFORWARD).map(EhloLine::parameters)
    }
}

impl FromIterator<EhloLine> for Capabilities {
    fn from_iter<I: IntoIterator<Item = EhloLine>>(lines: I) -> Self {
        let lines = lines.into_iter().collect();
        Self { lines }
    }
}

/// What LIMITS announces (RFC 9422 §4).
///
/// ```text
/// MAILMAX = RCPTMAX = RCPTDOMAINMAX = %x31-39 0*5DIGIT ; 0 not allowed, six-digit maximum
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitsOffer {
    /// Transactions of one session.
    pub mail_max: Option<u32>,
    /// Recipients of one transaction.
    pub rcpt_max: Option<u32>,
    /// Different domains among the recipients of one transaction.
    pub rcpt_domain_max: Option<u32>,
}

/// What DELIVERBY announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliverByOffer {
    /// The least time, in seconds, that mode `R` may ask for.
    pub minimum: Option<u32>,
}

/// What FUTURERELEASE announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FutureReleaseOffer<'a> {
    /// Seconds that a message is held at most.
    pub max_interval: u32,
    /// The latest time until which it is held, in the form of RFC 3339 §5.6.
    pub max_date_time: &'a str,
}

/// What BURL announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurlOffer<'a> {
    line: &'a EhloLine,
}

impl<'a> BurlOffer<'a> {
    /// Whether URLs of IMAP are taken at all. Some servers say so only behind AUTH.
    pub fn imap(self) -> bool {
        self.line.parameters().any(|word| word.eq_ignore_ascii_case("imap"))
    }

    /// The IMAP servers whose URLs are taken, as prefixes.
    pub fn servers(self) -> impl Iterator<Item = &'a str> {
        self.line.parameters().filter(|word| word.contains(':'))
    }
}

pub(crate) const PIPELINING: &str = "PIPELINING";
pub(crate) const CHUNKING: &str = "CHUNKING";
pub(crate) const BINARY_MIME: &str = "BINARYMIME";
pub(crate) const SIZE: &str = "SIZE";
pub(crate) const EIGHT_BIT_MIME: &str = "8BITMIME";
pub(crate) const SMTP_UTF8: &str = "SMTPUTF8";
pub(crate) const LIMITS: &str = "LIMITS";
pub(crate) const START_TLS: &str = "STARTTLS";
pub(crate) const REQUIRE_TLS: &str = "REQUIRETLS";
pub(crate) const ENHANCED_STATUS_CODES: &str = "ENHANCEDSTATUSCODES";
pub(crate) const DSN: &str = "DSN";
pub(crate) const DELIVER_BY: &str = "DELIVERBY";
pub(crate) const FUTURE_RELEASE: &str = "FUTURERELEASE";
pub(crate) const MT_PRIORITY: &str = "MT-PRIORITY";
pub(crate) const RRVS: &str = "RRVS";
pub(crate) const NO_SOLICITING: &str = "NO-SOLICITING";
pub(crate) const BURL: &str = "BURL";
pub(crate) const AUTH: &str = "AUTH";
pub(crate) const ETRN: &str = "ETRN";
pub(crate) const ATRN: &str = "ATRN";
pub(crate) const XCLIENT: &str = "XCLIENT";
pub(crate) const XFORWARD: &str = "XFORWARD";

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lines: &str) -> Capabilities {
        let wire = alloc::format!("250-mx.example\r\n{lines}");
        Capabilities::from_reply(&Reply::parse(wire.as_bytes()).expect("a reply"))
    }

    #[test]
    fn a_size_of_zero_or_of_nothing_is_no_limit() {
        assert_eq!(offered("250 SIZE 0\r\n").size_limit(), None);
        assert_eq!(offered("250 SIZE\r\n").size_limit(), None);
        assert_eq!(offered("250 size 7\r\n").size_limit(), Some(7));
        assert!(offered("250 SIZE\r\n").size() && !offered("250 HELP\r\n").size());
    }

    /// One bad line costs one line.
    #[test]
    fn bad_lines_are_left_out() {
        let offered = offered("250-_ODD\r\n250-\r\n250-8bitmime \r\n250-A  B\r\n250 PIPELINING\r\n");
        let keywords: Vec<&str> = offered.lines().iter().map(EhloLine::keyword).collect();
        assert_eq!(keywords, ["8bitmime", "PIPELINING"]);
        assert!(offered.eight_bit_mime() && !offered.enhanced_status_codes());
    }

    #[test]
    fn every_extension_has_its_getter() {
        let offered = offered(
            "250-LIMITS MAILMAX=5 RCPTMAX=0 rcptdomainmax=7 X=Y\r\n250-DELIVERBY 240\r\n\
             250-FUTURERELEASE 604800 2026-12-31T00:00:00Z\r\n250-MT-PRIORITY MIXER\r\n250-RRVS\r\n\
             250-NO-SOLICITING org.example:adv,org.example:news\r\n250-BURL imap imap://imap.example\r\n\
             250-AUTH PLAIN SCRAM-SHA-256\r\n250-AUTH=LOGIN plain\r\n250-XCLIENT NAME ADDR\r\n250-XFORWARD NAME\r\n\
             250-STARTTLS\r\n250-REQUIRETLS\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 ETRN\r\n",
        );
        let limits = offered.limits();
        assert_eq!(
            (limits.mail_max, limits.rcpt_max, limits.rcpt_domain_max),
            (Some(5), None, Some(7))
        );
        assert_eq!(offered.deliver_by().and_then(|offer| offer.minimum), Some(240));
        let release = offered.future_release().expect("both bounds");
        assert_eq!(
            (release.max_interval, release.max_date_time),
            (604_800, "2026-12-31T00:00:00Z")
        );
        assert_eq!(offered.mt_priority_profile(), Some("MIXER"));
        assert_eq!(offered.no_soliciting().map(Iterator::count), Some(2));
        let burl = offered.burl().expect("offered");
        assert!(burl.imap());
        assert_eq!(burl.servers().collect::<Vec<_>>(), ["imap://imap.example"]);
        let mechanisms = offered.auth();
        let names: Vec<&str> = mechanisms.iter().map(MechanismName::as_str).collect();
        assert_eq!(names, ["PLAIN", "SCRAM-SHA-256", "LOGIN"]);
        assert_eq!(offered.xclient().map(Iterator::count), Some(2));
        assert_eq!(offered.xforward().map(Iterator::count), Some(1));
        assert!(offered.start_tls() && offered.require_tls() && offered.chunking() && offered.binary_mime());
        assert!(offered.smtp_utf8() && offered.dsn() && offered.etrn() && offered.rrvs() && offered.mt_priority());
        assert!(!offered.atrn());
        let written: Vec<_> = offered.lines().iter().map(alloc::string::ToString::to_string).collect();
        assert_eq!(written[8], "AUTH=LOGIN plain", "kept as it came");
    }
}
