//! Which mechanism a client takes.

use std::fmt;

use mail_wire::Escaped;
use thiserror::Error;

use crate::{Channel, Client, Credentials, Mechanism, Unusable, limits};

/// Picks the strongest mechanism that the server offers, the credentials are good for and the channel allows.
///
/// Passwords and tokens are never sent as they are over a channel that anybody can read, unless that is allowed by name.
///
/// ```
/// use mail_sasl::{Channel, Credentials, Mechanism, Policy};
///
/// let offered = ["LOGIN", "PLAIN", "SCRAM-SHA-256", "GSSAPI"];
/// let credentials = Credentials::password("alice", "correct horse")?;
/// let policy = Policy::default();
/// assert_eq!(policy.choose(offered, &credentials, &Channel::plaintext()), Ok(Mechanism::ScramSha256));
/// assert!(policy.choose(["PLAIN"], &credentials, &Channel::plaintext()).is_err());
///
/// let lax = Policy::default().allow_plaintext(Mechanism::Plain);
/// assert_eq!(lax.choose(["PLAIN"], &credentials, &Channel::plaintext()), Ok(Mechanism::Plain));
/// # Ok::<(), mail_sasl::InvalidCredentials>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    only: Option<Vec<Mechanism>>,
    plaintext: Vec<Mechanism>,
}

/// No mechanism can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMechanism {
    /// Each mechanism that the server offered, as far as [`limits::OFFERED`], and why it was passed over.
    pub passed_over: Vec<PassedOver>,
}

/// A mechanism that was not taken.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// Its name as the server spells it, its first 20 characters.
    pub name: Box<str>,
    /// Why it was not taken.
    pub why: Why,
}

/// Why a mechanism was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Why {
    /// It is not spoken here.
    #[error("not spoken here")]
    Unknown,
    /// [`Policy::only`] does not name it.
    #[error("not among those that are wanted")]
    NotWanted,
    /// It would send the password or the token over a channel that anybody can read.
    #[error("it would show the password to everybody on the way")]
    Plaintext,
    /// It cannot be used with these credentials or on this channel.
    #[error(transparent)]
    Unusable(Unusable),
}

impl Policy {
    /// Only these mechanisms, still the strongest of them first.
    pub fn only(mechanisms: &[Mechanism]) -> Self {
        Self {
            only: Some(mechanisms.to_vec()),
            plaintext: Vec::new(),
        }
    }

    /// Lets a mechanism send the password or the token as it is, over a channel that anybody can read.
    #[must_use]
    pub fn allow_plaintext(mut self, mechanism: Mechanism) -> Self {
        self.plaintext.push(mechanism);
        self
    }

    /// Picks a mechanism of those that the server offers, by their names.
    ///
    /// # Errors
    ///
    /// When none can be used; the error says why for each.
    pub fn choose<N: AsRef<str>>(
        &self,
        offered: impl IntoIterator<Item = N>,
        credentials: &Credentials,
        channel: &Channel,
    ) -> Result<Mechanism, NoMechanism> {
        self.look(offered, credentials, channel).map(|(mechanism, _)| mechanism)
    }

    /// Picks a mechanism and begins an exchange by it. What the server offers decides, too, what SCRAM says about channel
    /// binding (RFC 5802 §6).
    ///
    /// # Errors
    ///
    /// As [`Policy::choose`].
    pub fn start<N: AsRef<str>>(
        &self,
        offered: impl IntoIterator<Item = N>,
        credentials: &Credentials,
        channel: &Channel,
    ) -> Result<Client, NoMechanism> {
        let (mechanism, plus_offered) = self.look(offered, credentials, channel)?;
        let client = if plus_offered && !mechanism.is_plus() {
            Client::new(mechanism, credentials, &channel.clone().without_bindings())
        } else {
            Client::new(mechanism, credentials, channel)
        };
        client.map_err(|unusable| {
            let passed_over = vec![PassedOver::new(mechanism.as_str(), Why::Unusable(unusable))];
            NoMechanism { passed_over }
        })
    }

    /// The strongest mechanism, and whether one was offered that binds to the channel.
    fn look<N: AsRef<str>>(
        &self,
        offered: impl IntoIterator<Item = N>,
        credentials: &Credentials,
        channel: &Channel,
    ) -> Result<(Mechanism, bool), NoMechanism> {
        let mut usable = Vec::new();
        let mut passed_over = Vec::new();
        let mut plus_offered = false;
        for name in offered.into_iter().take(limits::OFFERED) {
            let mechanism = name.as_ref().parse::<Mechanism>().map_err(|_| Why::Unknown);
            plus_offered |= mechanism.is_ok_and(Mechanism::is_plus);
            match mechanism.and_then(|mechanism| self.check(mechanism, credentials, channel)) {
                Ok(mechanism) => usable.push(mechanism),
                Err(why) => passed_over.push(PassedOver::new(name.as_ref(), why)),
            }
        }
        let strongest = Mechanism::ALL.into_iter().find(|mechanism| usable.contains(mechanism));
        let strongest = strongest.ok_or(NoMechanism { passed_over })?;
        Ok((strongest, plus_offered))
    }

    fn check(&self, mechanism: Mechanism, credentials: &Credentials, channel: &Channel) -> Result<Mechanism, Why> {
        if self.only.as_ref().is_some_and(|only| !only.contains(&mechanism)) {
            return Err(Why::NotWanted);
        }
        if mechanism.needs() != credentials.kind() {
            return Err(Why::Unusable(Unusable::WrongCredentials));
        }
        if credentials.authzid.is_some() && !mechanism.takes_authorization() {
            return Err(Why::Unusable(Unusable::NoAuthorization));
        }
        if mechanism.sends_secret() && !channel.is_secured() && !self.plaintext.contains(&mechanism) {
            return Err(Why::Plaintext);
        }
        if mechanism.is_plus() && channel.bindings().is_empty() {
            return Err(Why::Unusable(Unusable::NoChannelBinding));
        }
        let prepared = credentials.prepare_for(mechanism);
        prepared.map_err(|error| Why::Unusable(error.into()))?;
        Ok(mechanism)
    }
}

impl PassedOver {
    fn new(name: &str, why: Why) -> Self {
        Self {
            name: name.chars().take(20).collect(),
            why,
        }
    }
}

impl fmt::Debug for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassedOver({}, {:?})", Escaped(self.name.as_bytes()), self.why)
    }
}

impl fmt::Display for NoMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no way to authenticate can be used")?;
        let mut before = ": ";
        for PassedOver { name, why } in &self.passed_over {
            write!(f, "{before}{} ({why})", Escaped(name.as_bytes()))?;
            before = ", ";
        }
        Ok(())
    }
}

impl std::error::Error for NoMechanism {}
