//! How safe a connection to another host must be: by DANE (RFC 7672), by MTA-STS (RFC 8461), or as well as it goes.
//!
//! [`Policies::of`] is asked once for each host of a [`Plan`], right before connecting. What it says holds for that
//! connection: whether TLS must be, under which name, and which certificates will do.

pub mod dane;
mod discovery;
mod https;
pub mod mta_sts;
mod verify;
mod vouched;

use std::net::IpAddr;
use std::sync::Arc;

use mail_tls::{ClientTls, Host, SetupError, Tls};
use smtp_proto::Refusal;
use thiserror::Error;
use tracing::info;

use crate::dns::{Answer, Failure, Resolver, Tlsa};
use crate::route::{Hop, Origin, Plan};

pub use dane::Dane;
pub use discovery::{Discovery, Found};
pub use https::{FetchError, Fetcher, HttpsFetcher};
pub(crate) use vouched::{Vouched, web_authorities};

use mta_sts::Mode;

/// What a connection must be like.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TransportSecurity {
    /// TLS if the host offers it, with any certificate: that keeps out those who only listen (RFC 7435).
    Opportunistic,
    /// TLS must be; any certificate will do. This is what unusable TLSA records ask for (RFC 7672 §2.2).
    Encrypted,
    /// TLS must be, with a certificate that a TLSA record vouches for.
    Dane(Arc<Dane>),
    /// TLS must be, with a certificate that the Web's authorities vouch for, for the host's name (RFC 8461 §4.2).
    WebPki,
}

/// Why a host must not be given mail for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Whether it has TLSA records cannot be found out, which an attacker may have brought about (RFC 7672 §2.1.2).
    #[error("its TLSA records cannot be looked up: {0}")]
    TlsaUnknown(Failure),
    /// The domain's MTA-STS policy does not name it (RFC 8461 §4.1).
    #[error("the domain's MTA-STS policy does not name this host")]
    NotInPolicy,
}

impl PolicyError {
    /// What to say to the sender when time is up. All of it is temporary.
    pub fn refusal(self) -> Refusal {
        let text = match self {
            Self::TlsaUnknown(_) => "The mail server's TLSA records cannot be looked up",
            Self::NotInPolicy => "The domain's MTA-STS policy does not name its mail server",
        };
        Refusal::new(451, "4.7.5", text).expect("a test makes all of them")
    }
}

/// Finds out what hosts ask for.
pub struct Policies {
    resolver: Resolver,
    dane: bool,
    sts: Option<Discovery>,
}

impl Policies {
    /// Nothing but opportunistic TLS.
    pub const fn new(resolver: Resolver) -> Self {
        Self {
            resolver,
            dane: false,
            sts: None,
        }
    }

    /// Follows TLSA records. The resolver must validate, or none is ever found.
    pub const fn with_dane(mut self) -> Self {
        self.dane = true;
        self
    }

    /// Follows MTA-STS policies.
    pub fn with_mta_sts(mut self, discovery: Discovery) -> Self {
        self.sts = Some(discovery);
        self
    }

    /// What a connection to a host of a plan must be like.
    ///
    /// DANE goes first: a host that has TLSA records is held to them, whatever an MTA-STS policy says, and none excuses
    /// it (RFC 8461 §2).
    ///
    /// # Errors
    ///
    /// The host must be passed over for now.
    pub async fn of(&self, plan: &Plan, hop: &Hop) -> Result<TransportSecurity, PolicyError> {
        let dane = self.tlsa(plan, hop).await?;
        if let Some(security @ TransportSecurity::Dane(_)) = dane {
            return Ok(security);
        }
        let sts = self.sts(plan, hop).await?;
        Ok(sts.or(dane).unwrap_or(TransportSecurity::Opportunistic))
    }

    /// RFC 7672 §2.2: TLSA records are looked for only where everything that led to the host was validated. Behind an alias
    /// they stand with the host's real name, or else with the alias.
    async fn tlsa(&self, plan: &Plan, hop: &Hop) -> Result<Option<TransportSecurity>, PolicyError> {
        let is_secure = hop.secure && !matches!(plan.origin, Origin::Mx { secure: false } | Origin::Literal);
        if !self.dane || !is_secure {
            return Ok(None);
        }
        let port = hop.addresses.first().map_or(25, |address| address.port());
        let aliased = (hop.canonical != hop.name).then_some(hop.canonical.as_str());
        for base in aliased.into_iter().chain([hop.name.as_str()]) {
            match self.resolver.tlsa(&format!("_{port}._tcp.{base}")).await {
                Ok(answer) if answer.secure => return Ok(Some(held_to(answer, base, plan, hop))),
                Ok(_) => {}
                Err(failure) if failure.is_absence() => {}
                Err(failure) => return Err(PolicyError::TlsaUnknown(failure)),
            }
        }
        Ok(None)
    }

    async fn sts(&self, plan: &Plan, hop: &Hop) -> Result<Option<TransportSecurity>, PolicyError> {
        let Some(sts) = &self.sts else {
            return Ok(None);
        };
        // RFC 8461 §3.4: a smarthost has a policy of its own, whatever the recipient's domain.
        let domain = match plan.origin {
            Origin::Mx { .. } | Origin::Address => &plan.domain,
            Origin::Configured if hop.name.parse::<IpAddr>().is_err() => &hop.name,
            Origin::Configured | Origin::Literal => return Ok(None),
        };
        let Found::Policy(policy) = sts.policy(&self.resolver, domain).await else {
            return Ok(None);
        };
        let is_named = policy.names(&hop.name);
        match (policy.mode(), is_named) {
            (Mode::Enforce, true) => Ok(Some(TransportSecurity::WebPki)),
            (Mode::Enforce, false) => Err(PolicyError::NotInPolicy),
            (Mode::Testing, false) => {
                info!(
                    domain = plan.domain,
                    host = hop.name,
                    "not named by the MTA-STS policy in test"
                );
                Ok(None)
            }
            (Mode::Testing, true) | (Mode::None, _) => Ok(None),
        }
    }
}

fn held_to(answer: Answer<Tlsa>, base: &str, plan: &Plan, hop: &Hop) -> TransportSecurity {
    let references = match plan.origin {
        Origin::Mx { .. } => vec![base, &hop.name, &plan.domain],
        Origin::Address | Origin::Configured | Origin::Literal => vec![base, &hop.name],
    };
    match Dane::new(answer.records, references) {
        Some(dane) => TransportSecurity::Dane(Arc::new(dane)),
        None => TransportSecurity::Encrypted,
    }
}

impl TransportSecurity {
    /// Whether a certificate for the host's name would prove that it is the right host: nobody but the operator, the
    /// sender or a signed answer named it (RFC 8689 §4.2.1).
    pub const fn name_is_known(origin: Origin) -> bool {
        !matches!(origin, Origin::Mx { secure: false })
    }

    /// Whether mail must wait rather than go out in plaintext.
    pub const fn requires_tls(&self) -> bool {
        !matches!(self, Self::Opportunistic)
    }

    /// Whether the certificate is checked, so that the peer is known to be who it says.
    pub const fn is_authenticated(&self) -> bool {
        matches!(self, Self::Dane(_) | Self::WebPki)
    }

    /// The name to ask for in the handshake (SNI): the host's, or where its TLSA records stand (RFC 7672).
    pub fn server_name<'a>(&'a self, hop: &'a Hop) -> &'a str {
        match self {
            Self::Dane(dane) => dane.base(),
            _ => &hop.name,
        }
    }

    /// How to begin TLS with a host. `web` trusts the Web's authorities.
    ///
    /// With [`Self::Opportunistic`], a handshake that fails is no reason to give up: the next attempt does without.
    ///
    /// # Errors
    ///
    /// The host's name is none that a certificate could have.
    pub fn tls(&self, hop: &Hop, web: &ClientTls) -> Result<Tls, SetupError> {
        let anybody = || ClientTls::builder().danger_accept_any_certificate().build();
        let tls = match self {
            Self::Opportunistic => Tls::opportunistic().with(anybody()?),
            Self::Encrypted => Tls::required().with(anybody()?),
            Self::Dane(dane) => {
                let verifier = Arc::new(verify::ByTlsa::new(dane.clone()));
                Tls::required().with(ClientTls::builder().verifier(verifier).build()?)
            }
            Self::WebPki => Tls::required().with(web.clone()),
        };
        let host = match (self.server_name(hop).parse(), hop.addresses.first()) {
            (Ok(host), _) => host,
            // Where nobody checks the name, a strange one does no harm.
            (Err(_), Some(address)) if !self.is_authenticated() => Host::Ip(address.ip()),
            (Err(error), _) => return Err(error),
        };
        Ok(tls.for_host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host may have any name that the DNS has, as long as no certificate must be for it.
    #[test]
    fn a_strange_name_does_no_harm_where_nobody_checks_it() {
        let hop = Hop {
            name: "under_score.-example".to_owned(),
            canonical: "under_score.-example".to_owned(),
            preference: 0,
            addresses: vec!["192.0.2.1:25".parse().expect("an address")],
            secure: false,
        };
        let root = ClientTls::builder().danger_accept_any_certificate().build();
        let web = root.expect("a configuration");
        assert!(TransportSecurity::Opportunistic.tls(&hop, &web).is_ok());
        assert!(TransportSecurity::Encrypted.tls(&hop, &web).is_ok());
        let refused = TransportSecurity::WebPki.tls(&hop, &web).map(|_| ());
        assert_eq!(refused, Err(SetupError::Host));
    }

    #[test]
    fn each_error_has_its_reply() {
        for error in [PolicyError::TlsaUnknown(Failure::Timeout), PolicyError::NotInPolicy] {
            assert!(error.refusal().is_transient(), "{error}");
        }
    }
}
