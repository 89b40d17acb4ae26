//! What a client has to show.

use mail_wire::Secret;
use thiserror::Error;

use crate::anonymous::Trace;
use crate::token::{self, InvalidToken};
use crate::{InvalidName, Mechanism, Needs, PrepError, Purpose, UserName, limits, prep};

/// What a client authenticates with.
///
/// ```
/// use mail_sasl::{Credentials, Secret};
///
/// let credentials = Credentials::password("alice", Secret::from("correct horse"))?;
/// assert_eq!(format!("{credentials:?}"), r#"Credentials { proof: Password("alice", [redacted]), authzid: None }"#);
/// # Ok::<(), mail_sasl::InvalidCredentials>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) proof: Proof,
    pub(crate) authzid: Option<UserName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Password(UserName, Secret),
    Bearer(UserName, Secret, Option<Endpoint>),
    External,
    Anonymous(Trace),
}

/// The host and port that a client connected to (RFC 7628 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: UserName,
    pub(crate) port: u16,
}

/// Why something cannot be a part of [`Credentials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The user name, the authorization identity or the host name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The password is empty: some servers take that for no authentication at all.
    #[error("the password is empty")]
    EmptyPassword,
    /// The password holds NUL, which ends it.
    #[error("the password holds NUL")]
    NulInPassword,
    /// The password has more than [`limits::PASSWORD`] octets.
    #[error("the password has more than {} octets", limits::PASSWORD)]
    PasswordTooLong,
    /// The token.
    #[error(transparent)]
    Token(#[from] InvalidToken),
    /// The trace information of ANONYMOUS has more than 255 characters, or one that is not allowed (RFC 4505 §3).
    #[error("not what can be told to an anonymous server")]
    Trace,
}

impl Credentials {
    /// A user name and a password.
    ///
    /// # Errors
    ///
    /// When the name is no [`UserName`], or the password is empty, too long or holds NUL.
    pub fn password(user: &str, password: impl Into<Secret>) -> Result<Self, InvalidCredentials> {
        let (user, password) = (UserName::new(user)?, password.into());
        check_password(password.expose())?;
        Ok(Self {
            proof: Proof::Password(user, password),
            authzid: None,
        })
    }

    /// A user name and an OAuth 2.0 bearer token.
    ///
    /// # Errors
    ///
    /// When the name is no [`UserName`], or the token is not one.
    pub fn bearer(user: &str, token: impl Into<Secret>) -> Result<Self, InvalidCredentials> {
        let (user, token) = (UserName::new(user)?, token.into());
        token::check(token.expose())?;
        Ok(Self {
            proof: Proof::Bearer(user, token, None),
            authzid: None,
        })
    }

    /// What the channel knows of the client, as its certificate; as whom the client wants to act, if that does not follow
    /// from it.
    ///
    /// # Errors
    ///
    /// When the name is no [`UserName`].
    pub fn external(authzid: Option<&str>) -> Result<Self, InvalidCredentials> {
        let authzid = authzid.map(UserName::new).transpose()?;
        Ok(Self {
            proof: Proof::External,
            authzid,
        })
    }

    /// Nobody in particular. The trace information is for the server's log: an address, or any text without `@`, or nothing.
    ///
    /// # Errors
    ///
    /// When RFC 4505 does not allow the text.
    pub fn anonymous(trace: &str) -> Result<Self, InvalidCredentials> {
        let trace = Trace::new(trace).ok_or(InvalidCredentials::Trace)?;
        Ok(Self {
            proof: Proof::Anonymous(trace),
            authzid: None,
        })
    }

    /// Acts for somebody else, as an administrator might (RFC 4422 §3.4.1).
    ///
    /// # Errors
    ///
    /// When the name is no [`UserName`].
    pub fn authorize_as(mut self, authzid: &str) -> Result<Self, InvalidCredentials> {
        self.authzid = Some(UserName::new(authzid)?);
        Ok(self)
    }

    /// Tells OAUTHBEARER which host and port the client connected to; some servers compare it.
    ///
    /// # Errors
    ///
    /// When the name holds control characters or is too long.
    pub fn connected_to(mut self, host: &str, port: u16) -> Result<Self, InvalidCredentials> {
        let host = UserName::new(host)?;
        if let Proof::Bearer(_, _, endpoint) = &mut self.proof {
            *endpoint = Some(Endpoint { host, port });
        }
        Ok(self)
    }

    /// The user name, if there is one.
    pub fn user(&self) -> Option<&UserName> {
        match &self.proof {
            Proof::Password(user, _) | Proof::Bearer(user, ..) => Some(user),
            Proof::External | Proof::Anonymous(_) => None,
        }
    }

    /// What they are good for.
    pub fn kind(&self) -> Needs {
        match self.proof {
            Proof::Password(..) => Needs::Password,
            Proof::Bearer(..) => Needs::Token,
            Proof::External => Needs::Certificate,
            Proof::Anonymous(_) => Needs::Nothing,
        }
    }

    /// Whether RFC 4013 allows what a mechanism prepares by it.
    pub(crate) fn prepare_for(&self, mechanism: Mechanism) -> Result<(), PrepError> {
        if let (Proof::Password(user, password), Some(_)) = (&self.proof, mechanism.hash()) {
            user.prepared()?;
            self.authzid.as_ref().map(UserName::prepared).transpose()?;
            prep::password(password, Purpose::Query)?;
        }
        Ok(())
    }
}

/// What holds for any password on the wire.
pub(crate) fn check_password(password: &[u8]) -> Result<(), InvalidCredentials> {
    if password.is_empty() {
        return Err(InvalidCredentials::EmptyPassword);
    }
    if password.len() > limits::PASSWORD {
        return Err(InvalidCredentials::PasswordTooLong);
    }
    if password.contains(&0) {
        return Err(InvalidCredentials::NulInPassword);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/threats.md row 7
    #[test]
    fn what_could_inject_is_refused() {
        for name in ["", "a\0b", "a\rb", "a\nb", "a\u{1}b"] {
            assert!(Credentials::password(name, "x").is_err(), "{name:?}");
            assert!(Credentials::bearer(name, "x").is_err(), "{name:?}");
            assert!(Credentials::external(Some(name)).is_err(), "{name:?}");
            let good = Credentials::password("a", "x").unwrap();
            assert!(good.authorize_as(name).is_err(), "{name:?}");
        }
        assert_eq!(Credentials::password("a", ""), Err(InvalidCredentials::EmptyPassword));
        assert_eq!(
            Credentials::password("a", "p\0q"),
            Err(InvalidCredentials::NulInPassword)
        );
        assert_eq!(
            Credentials::bearer("a", "x\u{1}host=y"),
            Err(InvalidCredentials::Token(InvalidToken))
        );
        assert_eq!(Credentials::anonymous("a\r\nb"), Err(InvalidCredentials::Trace));
    }
}
