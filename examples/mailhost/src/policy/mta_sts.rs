//! MTA-STS (RFC 8461): the record that announces a policy, the policy itself, and which hosts it names.

use std::time::Duration;

use thiserror::Error;

use crate::dns::a_labels;

/// The `id` of a policy, from the TXT records at `_mta-sts.` and the domain (RFC 8461 §3.1).
///
/// ```abnf
/// sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
/// sts-field       = sts-id / sts-extension    ; sts-id = "id=" 1*32(ALPHA / DIGIT)
/// sts-field-delim = *WSP ";" *WSP
/// sts-version     = %s"v=STSv1"
/// ```
///
/// There must be exactly one; records of other kinds do not count.
///
/// ```
/// use mailhost::policy::mta_sts::policy_id;
///
/// assert_eq!(policy_id(["v=spf1 -all", "v=STSv1; id=20260101T000000;"]), Some("20260101T000000"));
/// assert_eq!(policy_id(["v=STSv1; id=1", "v=STSv1; id=2"]), None);
/// ```
pub fn policy_id<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fields = |text: &'a str| text.strip_prefix("v=STSv1")?.trim_start_matches(WSP).strip_prefix(';');
    let mut records = texts.into_iter().filter_map(fields);
    let record = records.next()?;
    if records.next().is_some() {
        return None;
    }
    let mut id = None;
    let record = record.trim_end_matches(WSP);
    let record = record.strip_suffix(';').unwrap_or(record);
    for field in record.split(';') {
        let (name, value) = field.trim_matches(WSP).split_once('=')?;
        if !is_field_name(name) || value.is_empty() {
            return None;
        }
        if name == "id" && id.is_none() {
            id = Some(value);
        }
    }
    id.filter(|id| id.len() <= LONGEST_ID && id.bytes().all(|octet| octet.is_ascii_alphanumeric()))
}

/// What a domain asks of those who send to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Deliver only to hosts that the policy names and whose certificates hold.
    Enforce,
    /// Deliver anyway; failures are worth a report.
    Testing,
    /// There is no policy any more.
    None,
}

/// A policy (RFC 8461 §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    mode: Mode,
    max_age: Duration,
    patterns: Vec<Pattern>,
}

/// Why a file is no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicySyntax {
    /// It is not UTF-8.
    #[error("not text")]
    NotText,
    /// A line is no `name: value`.
    #[error("line {line} is no field")]
    NotAField {
        /// Counted from 1.
        line: usize,
    },
    /// The value of a field that is known is wrong.
    #[error("the value in line {line} is not understood")]
    Value {
        /// Counted from 1.
        line: usize,
    },
    /// `version`, `mode`, `max_age`, or `mx` where it must be, is missing.
    #[error("a field is missing")]
    Missing,
    /// More `mx` fields than anyone needs.
    #[error("more than {MOST_PATTERNS} hosts")]
    TooManyHosts,
}

/// `mx`: a host, or all hosts one label below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Host(String),
    Below(String),
}

/// The fields as they are found; of those that are repeated the first counts.
#[derive(Default)]
struct Fields {
    version: Option<()>,
    mode: Option<Mode>,
    max_age: Option<Duration>,
    patterns: Vec<Pattern>,
}

impl Policy {
    /// ```abnf
    /// sts-policy-record = sts-policy-field *WSP *(sts-policy-term sts-policy-field *WSP) [sts-policy-term]
    /// sts-policy-field  = name ":" *WSP value      ; version, mode, max_age, mx, or one to ignore
    /// sts-policy-term   = LF / CRLF
    /// ```
    ///
    /// Empty lines are passed over, which the grammar does not have and editors leave behind: a policy that is dropped
    /// for one protects nobody.
    ///
    /// # Errors
    ///
    /// The file is no policy, and nothing of it counts.
    pub fn parse(octets: &[u8]) -> Result<Self, PolicySyntax> {
        let text = str::from_utf8(octets).map_err(|_| PolicySyntax::NotText)?;
        let mut fields = Fields::default();
        for (number, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line).trim_end_matches(WSP);
            if !line.is_empty() {
                fields.add(line, number + 1)?;
            }
        }
        let (Some(()), Some(mode), Some(max_age)) = (fields.version, fields.mode, fields.max_age) else {
            return Err(PolicySyntax::Missing);
        };
        if fields.patterns.is_empty() && mode != Mode::None {
            return Err(PolicySyntax::Missing);
        }
        Ok(Self {
            mode,
            max_age,
            patterns: fields.patterns,
        })
    }

    /// What it asks for.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// How long it holds after it was fetched; at most a year and a quarter of a day.
    pub const fn max_age(&self) -> Duration {
        self.max_age
    }

    /// Whether it names a host (RFC 8461 §4.1). A wildcard stands for one label.
    pub fn names(&self, host: &str) -> bool {
        let Some(host) = a_labels(host) else {
            return false;
        };
        let below = host.split_once('.').map(|(_, below)| below);
        self.patterns.iter().any(|pattern| match pattern {
            Pattern::Host(name) => *name == host,
            Pattern::Below(domain) => below == Some(domain),
        })
    }
}

impl Fields {
    fn add(&mut self, line: &str, number: usize) -> Result<(), PolicySyntax> {
        let not_a_field = PolicySyntax::NotAField { line: number };
        let wrong = PolicySyntax::Value { line: number };
        let (name, value) = line.split_once(':').ok_or(not_a_field)?;
        let value = value.trim_start_matches(WSP);
        if !is_field_name(name) || value.is_empty() || value.contains(char::is_control) {
            return Err(not_a_field);
        }
        match name {
            "version" if self.version.is_none() => self.version = Some((value == "STSv1").then_some(()).ok_or(wrong)?),
            "mode" if self.mode.is_none() => self.mode = Some(mode(value).ok_or(wrong)?),
            "max_age" if self.max_age.is_none() => self.max_age = Some(max_age(value).ok_or(wrong)?),
            "mx" if self.patterns.len() == MOST_PATTERNS => return Err(PolicySyntax::TooManyHosts),
            "mx" => self.patterns.push(pattern(value).ok_or(wrong)?),
            _ => {}
        }
        Ok(())
    }
}

fn mode(value: &str) -> Option<Mode> {
    match value {
        "enforce" => Some(Mode::Enforce),
        "testing" => Some(Mode::Testing),
        "none" => Some(Mode::None),
        _ => None,
    }
}

/// Seconds, 1*10(DIGIT). More than the most that the RFC allows is that most: who writes ten digits wants it to last.
fn max_age(value: &str) -> Option<Duration> {
    let digits = (1..=10).contains(&value.len()) && value.bytes().all(|octet| octet.is_ascii_digit());
    let seconds: u64 = digits.then(|| value.parse().ok())??;
    Some(Duration::from_secs(seconds.min(LONGEST_AGE)))
}

/// `["*."] Domain`. The root is no domain, nor is an address.
fn pattern(value: &str) -> Option<Pattern> {
    let domain = value.strip_prefix("*.").unwrap_or(value);
    let ascii = a_labels(domain)?;
    let is_label_octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_label_octet);
    if !ascii.split('.').all(is_label) {
        return None;
    }
    Some(match value.starts_with("*.") {
        true => Pattern::Below(ascii),
        false => Pattern::Host(ascii),
    })
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`
fn is_field_name(name: &str) -> bool {
    let octets = name.as_bytes();
    let is_rest = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'.');
    (1..=32).contains(&octets.len()) && octets[0].is_ascii_alphanumeric() && octets.iter().all(is_rest)
}

const WSP: [char; 2] = [' ', '\t'];

const LONGEST_ID: usize = 32;

/// Seconds (RFC 8461 §3.2).
const LONGEST_AGE: u64 = 31_557_600;

/// Far more hosts than MX records.
const MOST_PATTERNS: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let cases: [(&[&str], Option<&str>); 16] = [
            (&["v=STSv1; id=20260101;"], Some("20260101")),
            (&["v=STSv1;id=a1"], Some("a1")),
            (&["v=STSv1 ; x=y; id=a1 ;"], Some("a1")),
            (&["v=STSv1; id=a1; id=b2"], Some("a1")),
            (&["other", "v=STSv1; id=a1"], Some("a1")),
            (&["v=STSv10; id=a1", "v=STSv1; id=b2"], Some("b2")),
            (&[], None),
            (&["v=STSv1"], None),
            (&["v=STSv1;"], None),
            (&["v=stsv1; id=a1"], None),
            (&[" v=STSv1; id=a1"], None),
            (&["v=STSv1; id=a-1"], None),
            (&["v=STSv1; id="], None),
            (&["v=STSv1; id=a1; junk"], None),
            (&["v=STSv1; id=123456789012345678901234567890123"], None),
            (&["v=STSv1; id=a1", "v=STSv1; id=a1"], None),
        ];
        for (texts, expected) in cases {
            assert_eq!(policy_id(texts.iter().copied()), expected, "{texts:?}");
        }
    }

    #[test]
    fn policies() {
        let whole = "version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmx: *.mx.example\r\nmax_age: 604800\r\n";
        let policy = Policy::parse(whole.as_bytes()).expect("a policy");
        assert_eq!(policy.mode(), Mode::Enforce);
        assert_eq!(policy.max_age(), Duration::from_secs(604_800));
        let unix = whole.replace("\r\n", "\n");
        assert_eq!(Policy::parse(unix.as_bytes()), Ok(policy.clone()));
        let odd = "max_age:604800  \nx-new: for later\nmx:mx.example\nmode:\tenforce\nmx: *.mx.example\nmode: none\nversion: STSv1\n\n";
        assert_eq!(Policy::parse(odd.as_bytes()), Ok(policy));
        let none = Policy::parse(b"version: STSv1\nmode: none\nmax_age: 9999999999").expect("a policy");
        assert_eq!(none.mode(), Mode::None);
        assert_eq!(none.max_age(), Duration::from_secs(LONGEST_AGE));
    }

    #[test]
    fn what_is_no_policy() {
        let value = |line| PolicySyntax::Value { line };
        let field = |line| PolicySyntax::NotAField { line };
        let cases: [(&str, PolicySyntax); 17] = [
            ("", PolicySyntax::Missing),
            ("<html>", field(1)),
            ("version: STSv2\n", value(1)),
            ("Version: STSv1\nmode: none\nmax_age: 1", PolicySyntax::Missing),
            ("version: STSv1\nmode: Enforce\n", value(2)),
            ("version: STSv1\nmode: enforce\nmax_age: 1", PolicySyntax::Missing),
            ("version: STSv1\nmode: none", PolicySyntax::Missing),
            ("version: STSv1\nmode: none\nmax_age: -1", value(3)),
            ("version: STSv1\nmode: none\nmax_age: 12345678901", value(3)),
            ("version: STSv1\nmode: none\nmax_age: 1 2", value(3)),
            ("version: STSv1\nmx: *\n", value(2)),
            ("version: STSv1\nmx: mx.*.example\n", value(2)),
            ("version: STSv1\nmx: *.*.example\n", value(2)),
            ("version: STSv1\nmx: a b\n", value(2)),
            ("version: STSv1\nmx:\n", field(2)),
            ("version: STSv1\n: x\n", field(2)),
            ("version: STSv1\nx: \u{7}\n", field(2)),
        ];
        for (text, expected) in cases {
            assert_eq!(Policy::parse(text.as_bytes()), Err(expected), "{text:?}");
        }
        assert_eq!(Policy::parse(&[0xFF]), Err(PolicySyntax::NotText));
        let many = format!("version: STSv1\n{}", "mx: a\n".repeat(MOST_PATTERNS + 1));
        assert_eq!(Policy::parse(many.as_bytes()), Err(PolicySyntax::TooManyHosts));
    }

    #[test]
    fn hosts_that_a_policy_names() {
        let text =
            "version: STSv1\nmode: enforce\nmax_age: 1\nmx: MX.example\nmx: *.wild.example\nmx: xn--crpes-isa.example";
        let policy = Policy::parse(text.as_bytes()).expect("a policy");
        for (host, expected) in [
            ("mx.example", true),
            ("Mx.Example.", true),
            ("crêpes.example", true),
            ("a.wild.example", true),
            ("wild.example", false),
            ("a.b.wild.example", false),
            ("a.mx.example", false),
            ("example", false),
            ("", false),
            ("xwild.example", false),
        ] {
            assert_eq!(policy.names(host), expected, "{host}");
        }
    }

    proptest::proptest! {
        /// Whatever a host serves, it is read without a panic, and what is read holds what its lines say.
        #[test]
        fn any_octets_are_a_policy_or_not(
            octets in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
            lines in proptest::collection::vec("(version|mode|mx|max_age|x): ?(STSv1|enforce|none|[*.a-c]{1,5}|[0-9]{1,11})", 0..8),
        ) {
            let _ = Policy::parse(&octets);
            let _ = policy_id([String::from_utf8_lossy(&octets).as_ref()]);
            if let Ok(policy) = Policy::parse(lines.join("\n").as_bytes()) {
                let hosts = lines.iter().filter(|line| line.starts_with("mx:")).count();
                proptest::prop_assert_eq!(policy.patterns.len(), hosts);
                proptest::prop_assert!(policy.max_age <= Duration::from_secs(LONGEST_AGE));
            }
        }
    }
}
