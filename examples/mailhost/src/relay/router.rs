//! Which hosts take the mail of a domain.

use std::collections::HashMap;

use async_trait::async_trait;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One for each address of each host.
    pub hops: Vec<Hop>,
}

/// One place to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The host's name, for reports and for TLS.
    pub name: String,
    /// `address:port`, or `name:port` where the system resolves the name.
    pub address: String,
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
        let hop = Hop {
            name: name.to_owned(),
            address: address.clone(),
        };
        Ok(Plan { hops: vec![hop] })
    }

    fn may_reach(&self, domain: &str) -> bool {
        self.routes.contains_key(domain)
    }
}
