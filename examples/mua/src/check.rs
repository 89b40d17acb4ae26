//! `mua account check`.

use std::fmt;

use serde::Serialize;

use crate::account::{Server, Service};
use crate::context::Context;
use crate::doors;
use crate::failure::{Failure, refused_login};
use crate::harmless;

/// How a server answered.
#[derive(Serialize)]
struct Report {
    service: &'static str,
    server: String,
    /// `TLSv1_3`, or nothing in plaintext.
    tls: Option<String>,
    logged_in: bool,
    /// Extensions and capabilities, as the server names them.
    offers: Vec<String>,
    /// What went wrong.
    error: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, server, .. } = self;
        if let Some(error) = &self.error {
            return write!(f, "{service} {server}: FAILED: {}", harmless::line(error));
        }
        let tls = self.tls.as_deref().unwrap_or("no TLS");
        let login = if self.logged_in { "logged in" } else { "not logged in" };
        write!(
            f,
            "{service} {server}: {tls}, {login}\n  offers {}",
            harmless::line(&self.offers.join(", "))
        )
    }
}

/// What was found out about a server.
struct Found {
    tls: Option<String>,
    logged_in: bool,
    offers: Vec<String>,
}

pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let mut worst = None;
    for service in Service::ALL {
        let server = match context.server(service).await {
            Ok(server) => server,
            // An account need not have all three.
            Err(_)
                if Service::ALL
                    .iter()
                    .any(|&service| context.account.server(service).is_some()) =>
            {
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let found = look(context, service, &server).await;
        let (found, error) = match found {
            Ok(found) => (found, None),
            Err(failure) => {
                let error = failure.line();
                worst.get_or_insert(failure.at(format_args!("{} {}", service.name(), server.address)));
                (
                    Found {
                        tls: None,
                        logged_in: false,
                        offers: Vec::new(),
                    },
                    Some(error),
                )
            }
        };
        context.output.row(&Report {
            service: service.name(),
            server: server.address.to_string(),
            tls: found.tls,
            logged_in: found.logged_in,
            offers: found.offers,
            error,
        })?;
    }
    worst.map_or(Ok(()), Err)
}

async fn look(context: &Context, service: Service, server: &Server) -> Result<Found, Failure> {
    match service {
        Service::Smtp => smtp(context, server).await,
        Service::Imap => imap(context, server).await,
        Service::Pop3 => pop3(context, server).await,
    }
}

async fn smtp(context: &Context, server: &Server) -> Result<Found, Failure> {
    let mut client = context.smtp_at(server).await?;
    let has_login = context.account.user.is_some() && !client.capabilities().auth().is_empty();
    if has_login {
        let (credentials, policy) = (context.credentials(server)?, doors::policy(server));
        client.login_with(&credentials, &policy).await.map_err(refused_login)?;
    }
    let offers = client.capabilities().lines().iter().map(ToString::to_string).collect();
    let found = Found {
        tls: version(client.tls()),
        logged_in: has_login,
        offers,
    };
    let _ = client.quit().await;
    Ok(found)
}

async fn imap(context: &Context, server: &Server) -> Result<Found, Failure> {
    let mut client = context.imap_at(server).await?;
    let (credentials, policy) = (context.credentials(server)?, doors::policy(server));
    client.login_with(&credentials, &policy).await.map_err(refused_login)?;
    let offers = client
        .capabilities()
        .await?
        .iter()
        .map(|offer| offer.to_string())
        .collect();
    let found = Found {
        tls: version(client.tls()),
        logged_in: true,
        offers,
    };
    let _ = client.logout().await;
    Ok(found)
}

async fn pop3(context: &Context, server: &Server) -> Result<Found, Failure> {
    let mut client = context.pop3_at(server).await?;
    let offers = client
        .capabilities()
        .map(|offered| offered.iter().map(capability).collect());
    let (credentials, policy) = (context.credentials(server)?, doors::policy(server));
    client.login_with(&credentials, &policy).await.map_err(refused_login)?;
    let found = Found {
        tls: version(client.tls()),
        logged_in: true,
        offers: offers.unwrap_or_default(),
    };
    let _ = client.quit().await;
    Ok(found)
}

fn capability(capability: &pop3_proto::Capability) -> String {
    let mut line = Vec::new();
    capability.encode(&mut line);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

fn version(channel: Option<&mail_tls::Channel>) -> Option<String> {
    channel
        .and_then(mail_tls::Channel::protocol_version)
        .map(|version| format!("{version:?}"))
}
