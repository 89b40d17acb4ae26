//! IMAP URLs that say who may use them (RFC 4467 §3, RFC 5092 §6.1).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::url::{MessageUrl, decode};

/// A URL with an access identifier, signed or to be signed.
///
/// ```text
/// iurlauth-rump = [expire] ";URLAUTH=" access
/// iua-verifier  = ":" uauth-mechanism ":" enc-urlauth
/// expire        = ";EXPIRE=" date-time
/// access        = ("submit+" enc-user) / ("user+" enc-user) / "authuser" / "anonymous"
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SignedUrl<'u> {
    /// What is signed: all in front of the verifier.
    pub(super) rump: &'u str,
    /// Whose mailboxes it is about.
    pub(super) owner: String,
    pub(super) host: String,
    pub(super) message: MessageUrl,
    pub(super) expires: Option<SystemTime>,
    pub(super) who: Who,
    /// The verifier of the mechanism `INTERNAL`.
    pub(super) token: Option<&'u str>,
}

/// Who may use a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Anyone who has logged in: all do who can ask.
    Anyone,
    /// This user.
    User(String),
    /// A server that sends a message for this user.
    Submission(String),
}

impl<'u> SignedUrl<'u> {
    /// `None` where it is none, or refers to no message.
    pub(super) fn parse(url: &'u str) -> Option<Self> {
        let at = find(url, ";URLAUTH=")?;
        let access = &url[at + ";URLAUTH=".len()..];
        let (access, token) = match access.split_once(':') {
            None => (access, None),
            Some((access, verifier)) => (access, Some(internal(verifier)?)),
        };
        let (plain, expires) = match find(&url[..at], ";EXPIRE=") {
            None => (&url[..at], None),
            Some(from) => (&url[..from], Some(date_time(&url[from + ";EXPIRE=".len()..at])?)),
        };
        let message = MessageUrl::parse(plain)?;
        message.mailbox.as_ref()?;
        let (user, host) = message.server.as_ref()?.rsplit_once('@')?;
        let (user, _) = user.split_once(';').unwrap_or((user, ""));
        Some(Self {
            rump: &url[..at + ";URLAUTH=".len() + access.len()],
            owner: decode(user)?,
            host: host_name(host).to_owned(),
            message,
            expires,
            who: who(access)?,
            token,
        })
    }
}

/// Where the last parameter of this name begins.
fn find(url: &str, name: &str) -> Option<usize> {
    let is_here = |at: &usize| {
        let found = url.get(*at..*at + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    url.rmatch_indices(';').map(|(at, _)| at).find(is_here)
}

fn internal(verifier: &str) -> Option<&str> {
    let (mechanism, token) = verifier.split_once(':')?;
    let is_hex = token.bytes().all(|octet| octet.is_ascii_hexdigit());
    (mechanism.eq_ignore_ascii_case("internal") && token.len() >= 32 && is_hex).then_some(token)
}

fn who(access: &str) -> Option<Who> {
    let user = |name: &str| decode(name).filter(|name| !name.is_empty());
    match access.split_once('+') {
        None if access.eq_ignore_ascii_case("authuser") || access.eq_ignore_ascii_case("anonymous") => {
            Some(Who::Anyone)
        }
        Some((kind, name)) if kind.eq_ignore_ascii_case("user") => user(name).map(Who::User),
        Some((kind, name)) if kind.eq_ignore_ascii_case("submit") => user(name).map(Who::Submission),
        _ => None,
    }
}

/// Without the port. An address in brackets has colons of its own.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// `2026-11-22T05:30:00Z`, with another zone or with fractions of a second (RFC 3339 §5.6).
fn date_time(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_at_checked(10)?;
    let (clock, rest) = time.strip_prefix(['T', 't'])?.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits = part.bytes().all(|octet| octet.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'Z' | b'z' => return (zone.len() == 1).then_some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hours, minutes, _] = numbers(&format!("{}:0", &zone[1..]), ':')?;
    (hours < 24 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970, counted in years that begin in March, whose last month has the leap day.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy as _;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let token = "01".repeat(20);
        let rump = "imap://joe@example.org:143/INBOX/;uid=20/;section=1.2;expire=2026-11-22T06:30:00.5+01:00;urlauth=submit+fred";
        let url = format!("{rump}:internal:{token}");
        let signed = SignedUrl::parse(&url).unwrap();
        assert_eq!((signed.rump, signed.token), (rump, Some(&*token)));
        assert_eq!((&*signed.owner, &*signed.host), ("joe", "example.org"));
        assert_eq!(signed.who, Who::Submission("fred".to_owned()));
        let expires = UNIX_EPOCH + Duration::from_secs(1_795_325_400);
        assert_eq!(signed.expires, Some(expires));
        let unsigned = SignedUrl::parse("imap://a%40b.c;AUTH=*@[::1]/x/;UID=1;URLAUTH=anonymous").unwrap();
        assert_eq!((&*unsigned.owner, &*unsigned.host), ("a@b.c", "[::1]"));
        assert_eq!((unsigned.who, unsigned.token), (Who::Anyone, None));
    }

    #[test]
    fn what_is_none() {
        for url in [
            "imap://joe@example.org/INBOX/;uid=20",
            "imap://joe@example.org/INBOX/;uid=20;urlauth=",
            "imap://joe@example.org/INBOX/;uid=20;urlauth=user+",
            "imap://joe@example.org/INBOX/;uid=20;urlauth=nobody",
            "imap://joe@example.org/INBOX;urlauth=anonymous",
            "imap://example.org/INBOX/;uid=20;urlauth=anonymous",
            "/INBOX/;uid=20;urlauth=anonymous",
            "imap://joe@example.org/INBOX/;uid=20;urlauth=anonymous:internal",
            "imap://joe@example.org/INBOX/;uid=20;urlauth=anonymous:internal:01",
            "imap://joe@example.org/INBOX/;uid=20;expire=x;urlauth=anonymous",
        ] {
            assert_eq!(SignedUrl::parse(url), None, "{url}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let seconds = |text| date_time(text).map(|time| time.duration_since(UNIX_EPOCH).unwrap().as_secs());
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T12:00:00z"), Some(951_825_600));
        assert_eq!(seconds("2026-11-22T00:00:00-01:30"), Some(1_795_311_000));
        for bad in [
            "",
            "2026-11-22",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T00:00:00",
            "2026-11-22T00:00:00+1",
            "2026-11-22T00:00:00+9223372036854775807:00",
            "2026-11-+2T00:00:00Z",
            "1900-01-01T00:00:00Z",
            "2026-11-22T00:00:00Zx",
        ] {
            assert_eq!(seconds(bad), None, "{bad:?}");
        }
    }

    proptest::proptest! {
        /// Whatever a client sends, in pieces that URLs have.
        #[test]
        fn no_text_is_too_odd(
            pieces in proptest::collection::vec(
                proptest::prop_oneof![
                    proptest::sample::select(vec![
                        "imap://", "a@", "example.org", "/INBOX", "/;UID=1", ";EXPIRE=", "2026-11-22T", "00:00:00", "Z", "+01:00",
                        ";URLAUTH=", "user+", "anonymous", ":internal:", "%", "%C3", "+", "-", ".", "[", "]", ":", ";", "/",
                    ]).prop_map(str::to_owned),
                    "\\PC{0,4}",
                ],
                0..16,
            )
        ) {
            let url = pieces.concat();
            if let Some(signed) = SignedUrl::parse(&url) {
                proptest::prop_assert!(url.starts_with(signed.rump));
            }
        }
    }
}
