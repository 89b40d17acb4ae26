//! Ways that the DNS knows: mail exchangers, and how safe a connection to each must be.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use mail_tls::{ClientTls, SetupError, Tls};
use smtp_proto::Refusal;
use tracing::info;

use super::{Connector, Hop, NoRoute, Plan, RouteTable, Router, Sockets};
use crate::dns::{Options, Resolver};
use crate::host::Settings;
use crate::policy::{Discovery, HttpsFetcher, Policies, TransportSecurity};
use crate::route;
use crate::store::Diagnosis;

/// Asks the operator's table first, then the smarthost or the DNS.
struct Exchangers {
    ways: route::Router,
    policies: Policies,
    /// Trusts the Web's authorities, where the system has any.
    web: Option<ClientTls>,
}

/// How the mail of a host leaves it.
///
/// # Errors
///
/// A system whose resolver is not configured, routes that lead nowhere.
pub(crate) fn ways(settings: &Settings) -> io::Result<(Arc<dyn Router>, Arc<dyn Connector>)> {
    let connector: Arc<dyn Connector> = Arc::new(Sockets);
    if settings.resolver.is_none() && settings.smarthost.is_none() {
        return Ok((Arc::new(RouteTable::new(settings.routes.clone())), connector));
    }
    let resolver = match &settings.resolver {
        Some(resolver) => resolver.clone(),
        None => Resolver::new(&Options::default()).map_err(io::Error::other)?,
    };
    let mut ways = route::Router::new(resolver.clone())
        .with_own_name(settings.hostname.as_str())
        .with_port(settings.exchanger_port);
    for (domain, host) in &settings.routes {
        let to = host.parse().map_err(io::Error::other)?;
        ways = ways.with_route(domain, to).map_err(io::Error::other)?;
    }
    if let Some(smarthost) = &settings.smarthost {
        ways = ways.with_smarthost(smarthost.clone());
    }
    let mut policies = Policies::new(resolver.clone()).with_dane();
    // A system without root certificates cannot check what MTA-STS asks for, and does without.
    if let Ok(fetcher) = HttpsFetcher::system(resolver) {
        policies = policies.with_mta_sts(Discovery::new(fetcher));
    }
    let web = ClientTls::system().ok();
    Ok((Arc::new(Exchangers { ways, policies, web }), connector))
}

#[async_trait]
impl Router for Exchangers {
    async fn plan(&self, domain: &str) -> Result<Plan, NoRoute> {
        let plan = self.ways.plan(domain).await.map_err(|error| {
            let diagnosis = refused(&error.refusal());
            match error.is_permanent() {
                true => NoRoute::Never(diagnosis),
                false => NoRoute::NotNow(diagnosis),
            }
        })?;
        let mut hops = Vec::new();
        let mut passed_over = None;
        for host in &plan.hosts {
            match self.protected(&plan, host).await {
                Ok((tls, is_authenticated)) => hops.extend(host.addresses.iter().map(|address| Hop {
                    name: host.name.clone(),
                    address: address.to_string(),
                    tls: tls.clone(),
                    is_authenticated,
                    name_is_known: TransportSecurity::name_is_known(plan.origin),
                })),
                Err(diagnosis) => passed_over = Some(diagnosis),
            }
        }
        match passed_over {
            Some(diagnosis) if hops.is_empty() => Err(NoRoute::NotNow(diagnosis)),
            _ => Ok(Plan { hops }),
        }
    }

    fn may_reach(&self, _: &str) -> bool {
        true
    }
}

impl Exchangers {
    /// How a connection to a host must be protected, and whether that proves who it is.
    async fn protected(&self, plan: &route::Plan, host: &route::Hop) -> Result<(Tls, bool), Diagnosis> {
        let security = self.policies.of(plan, host).await.map_err(|error| {
            info!(plan.domain, host = host.name, %error, "passed over");
            refused(&error.refusal())
        })?;
        let unusable = |error: SetupError| Diagnosis::local(super::code(4, 7, 5), &error.to_string());
        let web = match (&self.web, &security) {
            (Some(web), _) => web.clone(),
            (None, TransportSecurity::WebPki) => ClientTls::system().map_err(unusable)?,
            // Not looked at.
            (None, _) => ClientTls::builder()
                .danger_accept_any_certificate()
                .build()
                .map_err(unusable)?,
        };
        let tls = security.tls(host, &web).map_err(unusable)?;
        Ok((tls, security.is_authenticated()))
    }
}

/// A refusal of our own as a report has it.
fn refused(refusal: &Refusal) -> Diagnosis {
    let class = if refusal.is_transient() { 4 } else { 5 };
    let code = super::code(class, refusal.enhanced().subject(), refusal.enhanced().detail());
    Diagnosis::local(code, refusal.text().as_str())
}
