//! The protocol by which a message came: the WITH clause of a `Received` field (RFC 5321 §4.4).

use core::fmt;

use crate::Atom;

/// `Protocol`, with the names that RFC 5321, RFC 3848, RFC 6531 and RFC 4356 registered.
///
/// ```
/// # use rfc5322::Protocol;
/// assert_eq!(Protocol::Esmtp.secured().authenticated().as_str(), "ESMTPSA");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `SMTP`: the client said HELO (RFC 5321 §4.4).
    Smtp,
    /// `ESMTP`: the client said EHLO (RFC 5321 §4.4).
    Esmtp,
    /// `ESMTPA`: and authenticated (RFC 3848).
    Esmtpa,
    /// `ESMTPS`: over TLS (RFC 3848).
    Esmtps,
    /// `ESMTPSA`: over TLS, and authenticated (RFC 3848).
    Esmtpsa,
    /// `LMTP` (RFC 3848).
    Lmtp,
    /// `LMTPA`: the client authenticated (RFC 3848).
    Lmtpa,
    /// `LMTPS`: over TLS (RFC 3848).
    Lmtps,
    /// `LMTPSA`: over TLS, and authenticated (RFC 3848).
    Lmtpsa,
    /// `UTF8SMTP`: SMTPUTF8 was asked for (RFC 6531 §4.3).
    Utf8Smtp,
    /// `UTF8SMTPA` (RFC 6531 §4.3).
    Utf8Smtpa,
    /// `UTF8SMTPS` (RFC 6531 §4.3).
    Utf8Smtps,
    /// `UTF8SMTPSA` (RFC 6531 §4.3).
    Utf8Smtpsa,
    /// `UTF8LMTP` (RFC 6531 §4.3).
    Utf8Lmtp,
    /// `UTF8LMTPA` (RFC 6531 §4.3).
    Utf8Lmtpa,
    /// `UTF8LMTPS` (RFC 6531 §4.3).
    Utf8Lmtps,
    /// `UTF8LMTPSA` (RFC 6531 §4.3).
    Utf8Lmtpsa,
    /// `MMS` (RFC 4356).
    Mms,
    /// Another name. RFC 5321 §4.4 wants it registered.
    Other(Atom),
}

impl Protocol {
    /// The names, each beside its variant: what the writer writes and the reader reads.
    const NAMES: [(Self, &'static str); 18] = [
        (Self::Smtp, "SMTP"),
        (Self::Esmtp, "ESMTP"),
        (Self::Esmtpa, "ESMTPA"),
        (Self::Esmtps, "ESMTPS"),
        (Self::Esmtpsa, "ESMTPSA"),
        (Self::Lmtp, "LMTP"),
        (Self::Lmtpa, "LMTPA"),
        (Self::Lmtps, "LMTPS"),
        (Self::Lmtpsa, "LMTPSA"),
        (Self::Utf8Smtp, "UTF8SMTP"),
        (Self::Utf8Smtpa, "UTF8SMTPA"),
        (Self::Utf8Smtps, "UTF8SMTPS"),
        (Self::Utf8Smtpsa, "UTF8SMTPSA"),
        (Self::Utf8Lmtp, "UTF8LMTP"),
        (Self::Utf8Lmtpa, "UTF8LMTPA"),
        (Self::Utf8Lmtps, "UTF8LMTPS"),
        (Self::Utf8Lmtpsa, "UTF8LMTPSA"),
        (Self::Mms, "MMS"),
    ];

    /// The protocol of a name, in any case; `None` if the name is no atom.
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Self::NAMES
            .into_iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name));
        match known {
            Some((protocol, _)) => Some(protocol),
            None => Atom::new(name).ok().map(Self::Other),
        }
    }

    /// The same protocol over TLS. SMTP becomes `ESMTPS`, as only a client that knows EHLO can ask for TLS.
    #[must_use]
    pub fn secured(self) -> Self {
        match self {
            Self::Smtp | Self::Esmtp => Self::Esmtps,
            Self::Esmtpa => Self::Esmtpsa,
            Self::Lmtp => Self::Lmtps,
            Self::Lmtpa => Self::Lmtpsa,
            Self::Utf8Smtp => Self::Utf8Smtps,
            Self::Utf8Smtpa => Self::Utf8Smtpsa,
            Self::Utf8Lmtp => Self::Utf8Lmtps,
            Self::Utf8Lmtpa => Self::Utf8Lmtpsa,
            other => other,
        }
    }

    /// The same protocol with an authenticated client. SMTP becomes `ESMTPA`, as AUTH needs EHLO.
    #[must_use]
    pub fn authenticated(self) -> Self {
        match self {
            Self::Smtp | Self::Esmtp => Self::Esmtpa,
            Self::Esmtps => Self::Esmtpsa,
            Self::Lmtp => Self::Lmtpa,
            Self::Lmtps => Self::Lmtpsa,
            Self::Utf8Smtp => Self::Utf8Smtpa,
            Self::Utf8Smtps => Self::Utf8Smtpsa,
            Self::Utf8Lmtp => Self::Utf8Lmtpa,
            Self::Utf8Lmtps => Self::Utf8Lmtpsa,
            other => other,
        }
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name.as_str(),
            known => Self::NAMES
                .iter()
                .find(|(protocol, _)| protocol == known)
                .map_or("", |(_, name)| name),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for (protocol, name) in Protocol::NAMES {
            assert_eq!(protocol.as_str(), name);
            assert_eq!(Protocol::from_name(&name.to_ascii_lowercase()), Some(protocol));
        }
        assert_eq!(Protocol::from_name("HTTP").unwrap().as_str(), "HTTP");
        assert_eq!(Protocol::from_name("E SMTP"), None);
    }

    /// RFC 3848: an `S` says TLS, an `A` behind it says authenticated.
    #[test]
    fn security_adds_letters() {
        for base in [Protocol::Esmtp, Protocol::Lmtp, Protocol::Utf8Smtp, Protocol::Utf8Lmtp] {
            let name = base.as_str();
            assert_eq!(base.clone().secured().as_str(), std::format!("{name}S"));
            assert_eq!(base.clone().authenticated().as_str(), std::format!("{name}A"));
            let both = std::format!("{name}SA");
            assert_eq!(base.clone().secured().authenticated().as_str(), both);
            assert_eq!(base.clone().authenticated().secured().as_str(), both);
            assert_eq!(
                base.clone()
                    .authenticated()
                    .secured()
                    .secured()
                    .authenticated()
                    .as_str(),
                both
            );
        }
    }
}
