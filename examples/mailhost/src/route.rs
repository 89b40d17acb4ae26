//! Where mail for a domain goes (RFC 5321 §5): the hosts to try, in order, with their addresses.
//!
//! ```no_run
//! # async fn example(resolver: mailhost::dns::Resolver) {
//! use mailhost::route::{Router, RouteError};
//!
//! let router = Router::new(resolver).with_own_name("mx.crepes.example");
//! match router.plan("gaufres.example").await {
//!     Ok(plan) => println!("{} hosts to try", plan.hosts.len()),
//!     Err(error) if error.is_permanent() => println!("bounce: {}", error.refusal()),
//!     Err(error) => println!("later: {error}"),
//! }
//! # }
//! ```

mod error;
mod exchangers;
mod table;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use crate::dns::{Failure, Resolver, a_labels};

pub use error::RouteError;
pub use table::{NextHop, NextHopError};

use exchangers::Exchanger;

/// Knows the way: a table of exceptions, a smarthost for all the rest, or else the DNS.
pub struct Router {
    resolver: Resolver,
    table: table::Table,
    own_names: HashSet<String>,
    own_addresses: HashSet<IpAddr>,
    port: u16,
}

/// The hosts that take a domain's mail, in the order to try them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The domain that was asked about, in A-labels and lower case, or an address literal.
    pub domain: String,
    /// At least one, and at most [`MOST_HOSTS`].
    pub hosts: Vec<Hop>,
    /// How the hosts were found.
    pub origin: Origin,
}

/// How hosts were found, which decides whether a policy of the domain speaks about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By MX records; `secure` if they were signed and the signatures hold.
    Mx {
        /// Whether the answer was validated.
        secure: bool,
    },
    /// By the address of the domain itself, which has no MX records.
    Address,
    /// By the table of exceptions or the smarthost.
    Configured,
    /// The recipient's address names the host by its address.
    Literal,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its name, as the MX record gives it; what its certificate must say.
    pub name: String,
    /// The name that has its addresses, which differs when `name` is an alias.
    pub canonical: String,
    /// From the MX record.
    pub preference: u16,
    /// At least one and at most [`MOST_ADDRESSES`]: IPv6 and IPv4 by turns.
    pub addresses: Vec<SocketAddr>,
    /// Whether the addresses were signed and the signatures hold.
    pub secure: bool,
}

impl Router {
    /// A router that knows nothing but the DNS.
    pub fn new(resolver: Resolver) -> Self {
        Self {
            resolver,
            table: table::Table::default(),
            own_names: HashSet::new(),
            own_addresses: HashSet::new(),
            port: SMTP,
        }
    }

    /// Sends a domain's mail to a host of the operator's choice.
    ///
    /// # Errors
    ///
    /// A domain that cannot be one.
    pub fn with_route(mut self, domain: &str, to: NextHop) -> Result<Self, NextHopError> {
        self.table.add(domain, to)?;
        Ok(self)
    }

    /// Sends everything that has no route of its own to one host.
    pub fn with_smarthost(mut self, to: NextHop) -> Self {
        self.table.smarthost = Some(to);
        self
    }

    /// A name under which this host may stand in MX records.
    pub fn with_own_name(mut self, name: &str) -> Self {
        self.own_names.extend(a_labels(name));
        self
    }

    /// An address at which this host listens, where the world sees it.
    pub fn with_own_address(mut self, address: IpAddr) -> Self {
        self.own_addresses.insert(address.to_canonical());
        self
    }

    /// Another port than 25, for laboratories.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What the resolver behind it is.
    pub const fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// The hosts for a domain, which may be an address literal in brackets. Asks the DNS about at most [`MOST_HOSTS`] hosts.
    ///
    /// # Errors
    ///
    /// That there is no way, or that none was found for now.
    pub async fn plan(&self, domain: &str) -> Result<Plan, RouteError> {
        if domain.starts_with('[') {
            return self.literal(domain);
        }
        let domain = a_labels(domain).ok_or(RouteError::NotADomain)?;
        match self.table.find(&domain) {
            Some(to) => self.configured(domain, to).await,
            None => self.discovered(domain).await,
        }
    }

    /// RFC 5321 §4.1.3: the way is the address.
    fn literal(&self, domain: &str) -> Result<Plan, RouteError> {
        let address = table::literal(domain).ok_or(RouteError::NotADomain)?;
        if self.own_addresses.contains(&address.to_canonical()) {
            return Err(RouteError::Loop);
        }
        let hop = Hop::at(domain, vec![SocketAddr::new(address, self.port)]);
        Ok(Plan {
            domain: domain.to_owned(),
            hosts: vec![hop],
            origin: Origin::Literal,
        })
    }

    async fn configured(&self, domain: String, to: &NextHop) -> Result<Plan, RouteError> {
        let port = to.port();
        let hop = match to.address() {
            Some(address) => Hop::at(to.host(), vec![SocketAddr::new(address, port)]),
            None => self.hop(0, to.host(), port).await.map_err(RouteError::of_host)?,
        };
        Ok(Plan {
            domain,
            hosts: vec![hop],
            origin: Origin::Configured,
        })
    }

    /// RFC 5321 §5.1: by MX records, or the domain's own address where it has none.
    async fn discovered(&self, domain: String) -> Result<Plan, RouteError> {
        let (exchangers, origin) = match self.resolver.mx(&domain).await {
            Ok(answer) => {
                let origin = Origin::Mx { secure: answer.secure };
                (exchangers::ordered(answer.records, &self.own_names)?, origin)
            }
            Err(Failure::NoRecords) => (vec![Exchanger::implicit(&domain)], Origin::Address),
            Err(failure) => return Err(RouteError::of_domain(failure)),
        };
        let hosts = self.hosts(&exchangers, origin).await?;
        Ok(Plan { domain, hosts, origin })
    }

    /// Looks the exchangers up, all at once, and drops those that are this host or come behind it.
    async fn hosts(&self, exchangers: &[Exchanger], origin: Origin) -> Result<Vec<Hop>, RouteError> {
        let lookups = exchangers.iter().map(|exchanger| self.exchanger(exchanger));
        let found = futures_util::future::join_all(lookups).await;
        let mut hosts: Vec<Hop> = Vec::new();
        let mut trouble = None;
        for result in found {
            match result {
                Ok(hop) => hosts.push(hop),
                Err(failure) => trouble = Some(exchangers::worse(trouble, failure)),
            }
        }
        let ourselves = hosts.iter().find(|hop| self.is_own(hop)).map(|hop| hop.preference);
        if let Some(preference) = ourselves {
            hosts.retain(|hop| hop.preference < preference);
        }
        if !hosts.is_empty() {
            return Ok(hosts);
        }
        Err(match (trouble, ourselves, origin) {
            (Some(failure), _, _) if !failure.is_absence() => RouteError::Dns(failure),
            (_, Some(_), _) => RouteError::Loop,
            (_, _, Origin::Address) => RouteError::NoMailService,
            _ => RouteError::NoExchangerFound,
        })
    }

    async fn exchanger(&self, exchanger: &Exchanger) -> Result<Hop, Failure> {
        self.hop(exchanger.preference, &exchanger.name, self.port).await
    }

    async fn hop(&self, preference: u16, name: &str, port: u16) -> Result<Hop, Failure> {
        let answer = self.resolver.addresses(name).await?;
        Ok(Hop {
            name: name.to_owned(),
            canonical: answer.owner,
            preference,
            addresses: exchangers::by_turns(answer.records, port),
            secure: answer.secure,
        })
    }

    fn is_own(&self, hop: &Hop) -> bool {
        let is_ours = |address: &SocketAddr| self.own_addresses.contains(&address.ip().to_canonical());
        self.own_names.contains(&hop.name)
            || self.own_names.contains(&hop.canonical)
            || hop.addresses.iter().any(is_ours)
    }
}

impl Hop {
    /// A host whose addresses are given.
    fn at(name: &str, addresses: Vec<SocketAddr>) -> Self {
        Self {
            name: name.to_owned(),
            canonical: name.to_owned(),
            preference: 0,
            addresses,
            secure: false,
        }
    }
}

/// Hosts of one plan. The rest of a longer list is not looked at: a domain whose ten best hosts do not answer is tried
/// again later.
pub const MOST_HOSTS: usize = 10;

/// Addresses of one host (RFC 5321 §5.1 wants at least two tried).
pub const MOST_ADDRESSES: usize = 8;

const SMTP: u16 = 25;
