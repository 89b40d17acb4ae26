//! Which hosts take the mail of a domain.

use std::collections::HashMap;

use async_trait::async_trait;
use mail_tls::{ClientTls, Policy, SetupError, Tls};

use crate::store::Diagnosis;

/// Knows the way to a domain.
#[async_trait]
pub trait Router: Send + Sync + 'static {
    /// The hosts to try, the best first.
    ///
    /// # Errors
    ///
    /// [`NoRoute`]: the mail returns to its sender, or is tried later.
    async fn plan(&self, domain: &str) -> Result<Plan, NoRoute>;

    /// Whether mail for a domain can be taken at all. A router that has to ask others says yes: whoever submits mail
    /// does not wait for them.
    fn may_reach(&self, domain: &str) -> bool;
}

/// The hosts to try for a domain, the best first.
#[derive(Debug, Clone)]
pub struct Plan {
    /// One for each address of each host.
    pub hops: Vec<Hop>,
}

/// One place to connect to.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The host's name, for reports.
    pub name: String,
    /// `address:port`, or `name:port` where the system resolves the name.
    pub address: String,
    /// Whether TLS must be, for which name, and which certificates will do.
    pub tls: Tls,
    /// Whether those certificates prove that the host is the right one.
    pub is_authenticated: bool,
    /// Otherwise: whether one that the Web's authorities vouch for would prove it. Any other will do as well, but not for
    /// mail with REQUIRETLS.
    pub name_is_known: bool,
}

impl Hop {
    /// A host that gets TLS if it offers it, whoever it is.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn opportunistic(name: &str, address: &str) -> Result<Self, SetupError> {
        let anybody = ClientTls::builder().danger_accept_any_certificate().build()?;
        let tls = Tls::opportunistic().with(anybody);
        Ok(Self {
            name: name.to_owned(),
            address: address.to_owned(),
            // A host may have several certificates, and show the one for the name that is asked for.
            tls: match name.parse() {
                Ok(host) => tls.for_host(host),
                Err(_) => tls,
            },
            is_authenticated: false,
            name_is_known: true,
        })
    }

    /// Whether mail must wait rather than go out in plaintext.
    pub fn requires_tls(&self) -> bool {
        self.tls.policy() == Policy::Required
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRoute {
    /// There never will be one: the mail returns.
    Never(Diagnosis),
    /// There may be one later.
    NotNow(Diagnosis),
}

/// Domains with the one host that takes their mail.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    routes: HashMap<String, String>,
}

impl RouteTable {
    /// Of domains in lower case, and hosts as `name:port`.
    pub fn new(routes: HashMap<String, String>) -> Self {
        Self { routes }
    }
}

#[async_trait]
impl Router for RouteTable {
    async fn plan(&self, domain: &str) -> Result<Plan, NoRoute> {
        let Some(address) = self.routes.get(domain) else {
            // An operator may add the route while the mail waits.
            let code = super::code(4, 4, 4);
            return Err(NoRoute::NotNow(Diagnosis::local(code, "there is no route to it")));
        };
        let name = address.rsplit_once(':').map_or(&**address, |(name, _)| name);
        let hop = Hop::opportunistic(name, address).map_err(|error| {
            let diagnosis = Diagnosis::local(super::code(4, 7, 5), &error.to_string());
            NoRoute::NotNow(diagnosis)
        })?;
        Ok(Plan { hops: vec![hop] })
    }

    fn may_reach(&self, domain: &str) -> bool {
        self.routes.contains_key(domain)
    }
}
