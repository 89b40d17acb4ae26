//! The mechanisms, and one table of what is to be known about each.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Hash;

/// A SASL mechanism (RFC 4422 §3.1) that this crate speaks, both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// SCRAM with SHA-512, bound to the TLS channel.
    ScramSha512Plus,
    /// SCRAM with SHA-256, bound to the TLS channel (RFC 7677).
    ScramSha256Plus,
    /// SCRAM with SHA-1, bound to the TLS channel (RFC 5802).
    ScramSha1Plus,
    /// SCRAM with SHA-512.
    ScramSha512,
    /// SCRAM with SHA-256 (RFC 7677).
    ScramSha256,
    /// SCRAM with SHA-1 (RFC 5802).
    ScramSha1,
    /// A bearer token (RFC 7628).
    OauthBearer,
    /// A bearer token, as Google and Microsoft asked for it before RFC 7628.
    Xoauth2,
    /// What the channel has established, as a client's certificate (RFC 4422 §A).
    External,
    /// A digest of a challenge (RFC 2195). Whoever overhears it can try passwords against it.
    CramMd5,
    /// The password itself (RFC 4616).
    Plain,
    /// The password itself, asked for in two questions. Obsolete, and all that some servers offer.
    Login,
    /// Nobody in particular (RFC 4505).
    Anonymous,
}

/// What a client must have to use a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needs {
    /// A user name and a password.
    Password,
    /// A bearer token.
    Token,
    /// A certificate, or whatever else identifies the client to the channel.
    Certificate,
    /// Nothing.
    Nothing,
}

/// Who begins an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// The client: there is an initial response.
    Client,
    /// The server: an initial response is an error.
    Server,
    /// The server, by its specification; clients that begin are widely served.
    Either,
}

impl Mechanism {
    /// All mechanisms, the strongest first. Those that are bound to the channel stand before all others: only they notice
    /// somebody in the middle who has a certificate that the client trusts.
    pub const ALL: [Self; 13] = [
        Self::ScramSha512Plus,
        Self::ScramSha256Plus,
        Self::ScramSha1Plus,
        Self::ScramSha512,
        Self::ScramSha256,
        Self::ScramSha1,
        Self::OauthBearer,
        Self::Xoauth2,
        Self::External,
        Self::CramMd5,
        Self::Plain,
        Self::Login,
        Self::Anonymous,
    ];

    /// The registered name.
    pub fn as_str(self) -> &'static str {
        self.facts().name
    }

    /// What the client must have.
    pub fn needs(self) -> Needs {
        self.facts().needs
    }

    /// Whether the client needs a password.
    pub fn needs_password(self) -> bool {
        self.needs() == Needs::Password
    }

    /// Whether the password goes over the wire as it is: whoever overhears the exchange has it.
    pub fn sends_password(self) -> bool {
        self.needs_password() && self.sends_secret()
    }

    /// Whether the password or the token goes over the wire as it is.
    pub fn sends_secret(self) -> bool {
        self.facts().sends_secret
    }

    /// Whether the exchange is bound to the TLS channel (RFC 5802 §6).
    pub fn is_plus(self) -> bool {
        self.facts().plus
    }

    /// The hash function of the SCRAM family.
    pub fn hash(self) -> Option<Hash> {
        self.facts().hash
    }

    /// Whether the client can act for somebody else than it authenticates as.
    pub fn takes_authorization(self) -> bool {
        !matches!(self, Self::CramMd5 | Self::Login | Self::Xoauth2 | Self::Anonymous)
    }

    pub(crate) fn begins(self) -> Begins {
        self.facts().begins
    }

    fn facts(self) -> Facts {
        use Begins::{Client, Either, Server};
        use Needs::{Certificate, Nothing, Password, Token};
        match self {
            Self::ScramSha512Plus => Facts::scram("SCRAM-SHA-512-PLUS", Hash::Sha512, true),
            Self::ScramSha256Plus => Facts::scram("SCRAM-SHA-256-PLUS", Hash::Sha256, true),
            Self::ScramSha1Plus => Facts::scram("SCRAM-SHA-1-PLUS", Hash::Sha1, true),
            Self::ScramSha512 => Facts::scram("SCRAM-SHA-512", Hash::Sha512, false),
            Self::ScramSha256 => Facts::scram("SCRAM-SHA-256", Hash::Sha256, false),
            Self::ScramSha1 => Facts::scram("SCRAM-SHA-1", Hash::Sha1, false),
            Self::OauthBearer => Facts::simple("OAUTHBEARER", Token, true, Client),
            Self::Xoauth2 => Facts::simple("XOAUTH2", Token, true, Client),
            Self::External => Facts::simple("EXTERNAL", Certificate, false, Client),
            Self::CramMd5 => Facts::simple("CRAM-MD5", Password, false, Server),
            Self::Plain => Facts::simple("PLAIN", Password, true, Client),
            Self::Login => Facts::simple("LOGIN", Password, true, Either),
            Self::Anonymous => Facts::simple("ANONYMOUS", Nothing, false, Client),
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no [`Mechanism`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a mechanism that is spoken here")]
pub struct UnknownMechanism;

impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    /// Names are upper-case (RFC 4422 §3.1), but in SMTP, POP3 and IMAP they stand among keywords, where case is ignored.
    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        let mut all = Self::ALL.into_iter();
        all.find(|mechanism| mechanism.as_str().eq_ignore_ascii_case(name))
            .ok_or(UnknownMechanism)
    }
}

struct Facts {
    name: &'static str,
    needs: Needs,
    sends_secret: bool,
    begins: Begins,
    hash: Option<Hash>,
    plus: bool,
}

impl Facts {
    fn scram(name: &'static str, hash: Hash, plus: bool) -> Self {
        let begins = Begins::Client;
        Self {
            name,
            needs: Needs::Password,
            sends_secret: false,
            begins,
            hash: Some(hash),
            plus,
        }
    }

    fn simple(name: &'static str, needs: Needs, sends_secret: bool, begins: Begins) -> Self {
        Self {
            name,
            needs,
            sends_secret,
            begins,
            hash: None,
            plus: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for mechanism in Mechanism::ALL {
            assert_eq!(mechanism.as_str().parse(), Ok(mechanism));
            assert_eq!(mechanism.as_str().to_lowercase().parse(), Ok(mechanism));
            assert_eq!(mechanism.is_plus(), mechanism.as_str().ends_with("-PLUS"));
            assert_eq!(mechanism.hash().is_some(), mechanism.as_str().starts_with("SCRAM-"));
        }
        for name in ["", "PLAIN ", "SCRAM-SHA-1-", "GSSAPI", "DIGEST-MD5", "PLA\0IN"] {
            assert_eq!(name.parse::<Mechanism>(), Err(UnknownMechanism), "{name}");
        }
    }

    #[test]
    fn secrets_on_the_wire() {
        let sends: Vec<_> = Mechanism::ALL.into_iter().filter(|m| m.sends_secret()).collect();
        use Mechanism::{Login, OauthBearer, Plain, Xoauth2};
        assert_eq!(sends, [OauthBearer, Xoauth2, Plain, Login]);
        assert!(!OauthBearer.sends_password() && Login.sends_password());
    }
}
