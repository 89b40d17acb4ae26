//! Servers of an address, by SRV records (RFC 6186, RFC 8314 §5.1), and `mua account discover`.

use std::fmt;
use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail_tls::Address;
use serde::Serialize;

use crate::account::{Account, Server, Service};
use crate::address;
use crate::cli::{Discover, TlsMode};
use crate::context::Context;
use crate::failure::{Exit, Failure};

mod srv;

use srv::Srv;

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Found {
    service: &'static str,
    host: String,
    port: u16,
    /// `implicit` or `starttls`.
    tls: &'static str,
    /// Nobody said so.
    guess: bool,
}

/// What is found of an account, as it stands in the account file.
#[derive(Serialize)]
struct Draft {
    address: String,
    servers: Vec<Found>,
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label: String = self
            .address
            .chars()
            .take_while(|c| *c != '@')
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let label = if label.is_empty() { "mail".to_owned() } else { label };
        writeln!(f, "[accounts.{label}]")?;
        writeln!(f, "address = {}", quoted(&self.address))?;
        write!(f, "password_env = \"MUA_PASSWORD\"  # or password_command = \"…\"")?;
        for Found {
            service,
            host,
            port,
            tls,
            guess,
        } in &self.servers
        {
            let remark = if *guess {
                "  # a guess: a host of that name exists"
            } else {
                ""
            };
            write!(
                f,
                "\n{service} = {{ host = {}, port = {port}, tls = \"{tls}\" }}{remark}",
                quoted(host)
            )?;
        }
        Ok(())
    }
}

pub(crate) async fn run(context: &Context, options: &Discover) -> Result<(), Failure> {
    let party = address::one("ADDRESS", &options.address)?;
    let domain = party.mailbox.domain().to_string();
    let resolver = resolver(context.account.dns)?;
    let mut servers = Vec::new();
    for service in Service::ALL {
        match best(&resolver, service, &domain).await? {
            Some(found) => servers.push(found),
            None if options.guess => servers.extend(guess(&resolver, service, &domain).await),
            None => {}
        }
    }
    if servers.is_empty() {
        return Err(nothing(&domain));
    }
    context.output.row(&Draft {
        address: party.address,
        servers,
    })
}

/// The server of an account whose file does not name it. One outside of the address's domain has to be looked at by a
/// person first: whoever forges an answer of the DNS could else name any host of their own (RFC 6186 §6).
pub(crate) async fn server(account: &Account, service: Service) -> Result<Server, Failure> {
    let missing = || {
        Failure::usage(format!("no {} server is known", service.name())).hint(format!(
            "--{0} HOST:PORT, or `{0} = {{ host = … }}` in the account file",
            service.name()
        ))
    };
    let text = account.address.as_deref().ok_or_else(missing)?;
    let domain = address::one("address =", text)?.mailbox.domain().to_string();
    let resolver = resolver(account.dns)?;
    let found = best(&resolver, service, &domain).await?.ok_or_else(missing)?;
    let is_inside = found.host == domain || found.host.ends_with(&format!(".{domain}"));
    if !is_inside {
        return Err(Failure::usage(format!(
            "the DNS names {} as the {} server of {domain}",
            found.host,
            service.name()
        ))
        .hint("if that is right, put it into the account file: `mua account discover ADDRESS` prints it"));
    }
    let tls = match found.tls {
        "implicit" => TlsMode::Implicit,
        _ => TlsMode::Starttls,
    };
    let address = Address::new(&found.host, found.port).map_err(|error| Failure::usage(error.to_string()))?;
    match account.dns {
        Some(_) => reached(&resolver, address, tls).await,
        None => Ok(Server {
            address,
            tls: Some(tls),
            name: None,
        }),
    }
}

/// The server at the address that the name server we were told to ask has for it. The system might know another, or none.
async fn reached(resolver: &TokioResolver, address: Address, tls: TlsMode) -> Result<Server, Failure> {
    let name = address.host().clone();
    let found = resolver.lookup_ip(format!("{name}.")).await;
    let found = found.map_err(|error| Failure::new(Exit::Unreachable, format!("DNS: {name}: {error}")))?;
    let ip = found
        .iter()
        .next()
        .ok_or_else(|| Failure::new(Exit::Unreachable, format!("DNS: {name} has no address")))?;
    let address = Address::new(&ip.to_string(), address.port()).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Server {
        address,
        tls: Some(tls),
        name: Some(name),
    })
}

fn nothing(domain: &str) -> Failure {
    Failure::new(
        Exit::NotFound,
        format!("the DNS names no mail server for users of {domain}"),
    )
    .hint("--guess looks for hosts with the usual names")
}

/// TLS at once before STARTTLS (RFC 8314 §5.1), which stays a must here in either way.
async fn best(resolver: &TokioResolver, service: Service, domain: &str) -> Result<Option<Found>, Failure> {
    for (label, tls) in labels(service) {
        let name = format!("{label}._tcp.{domain}.");
        let records = lookup(resolver, &name).await?;
        // RFC 2782: a lone "." says that there is no such service.
        let records = records.into_iter().filter(|record| !record.target.is_empty()).collect();
        if let Some(Srv { target, port, .. }) = srv::ordered(records, &mut random).into_iter().next() {
            let (service, guess) = (service.name(), false);
            return Ok(Some(Found {
                service,
                host: target,
                port,
                tls,
                guess,
            }));
        }
    }
    Ok(None)
}

/// RFC 6186 §3, RFC 8314 §5.1; the old name of TLS at once for submission is among them.
const fn labels(service: Service) -> [(&'static str, &'static str); 2] {
    match service {
        Service::Smtp => [("_submissions", "implicit"), ("_submission", "starttls")],
        Service::Imap => [("_imaps", "implicit"), ("_imap", "starttls")],
        Service::Pop3 => [("_pop3s", "implicit"), ("_pop3", "starttls")],
    }
}

async fn lookup(resolver: &TokioResolver, name: &str) -> Result<Vec<Srv>, Failure> {
    let parsed = Name::from_ascii(name).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let found = match resolver.lookup(parsed, RecordType::SRV).await {
        Ok(found) => found,
        Err(NetError::Dns(DnsError::NoRecordsFound(_))) => return Ok(Vec::new()),
        Err(error) => return Err(Failure::new(Exit::Unreachable, format!("DNS: {name}: {error}"))),
    };
    let records = found.answers().iter().filter_map(|record| match &record.data {
        RData::SRV(srv) => Some(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: srv.target.to_lowercase().to_ascii().trim_end_matches('.').to_owned(),
        }),
        _ => None,
    });
    Ok(records.collect())
}

/// A host with a usual name that has an address.
async fn guess(resolver: &TokioResolver, service: Service, domain: &str) -> Option<Found> {
    let prefixes = match service {
        Service::Smtp => ["smtp", "mail"],
        Service::Imap => ["imap", "mail"],
        Service::Pop3 => ["pop", "mail"],
    };
    for prefix in prefixes {
        let host = format!("{prefix}.{domain}");
        if resolver.lookup_ip(format!("{host}.")).await.is_ok() {
            let (port, tls, guess) = (service.port(Some(TlsMode::Implicit)), "implicit", true);
            return Some(Found {
                service: service.name(),
                host,
                port,
                tls,
                guess,
            });
        }
    }
    None
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, Failure> {
    let unusable = |error: NetError| Failure::new(Exit::Unreachable, format!("DNS: {error}"));
    let mut builder = match server {
        Some(server) => TokioResolver::builder_with_config(only(server), TokioRuntimeProvider::default()),
        None => TokioResolver::builder_tokio().map_err(unusable)?,
    };
    if server.is_some() {
        builder.options_mut().use_hosts_file = ResolveHosts::Never;
    }
    builder.build().map_err(unusable)
}

fn only(server: SocketAddr) -> ResolverConfig {
    let on_port = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections)])
}

/// A number up to and with `most`. Servers that share work care, secrets do not depend on it.
fn random(most: u32) -> u32 {
    use std::hash::{BuildHasher, RandomState};
    let drawn = RandomState::new().hash_one(most);
    u32::try_from(drawn % (u64::from(most) + 1)).unwrap_or(0)
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
