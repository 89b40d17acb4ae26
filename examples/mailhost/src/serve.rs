//! `mailhost serve`: from the command line to a running host, and its end.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use mail_tokio::tls::ServerTls;
use mail_wire::Secret;
use rfc5322::AddrSpec;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::accounts::Accounts;
use crate::admission::{
    Admission, Blocklists, Greylist, GreylistFile, GreylistOptions, PeerLimits, Peers, RateLimits, Rates,
};
use crate::cli::{Dns, Serve, User, Volatile};
use crate::dns::{self, Resolver};
use crate::host::{Host, Plaintext, Settings};
use crate::service::{Door, Service};
use crate::store::{DiscardStore, MemoryStore, SqliteStore, Store};
use crate::transcript::{Scribe, Speaker};
use crate::{certificate, relay};

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
///
/// A name that is none, an address that cannot be listened to, a store that cannot be opened.
pub async fn run(options: Serve) -> Result<(), Box<dyn Error>> {
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hung_up = signal(SignalKind::hangup())?;
    raise_file_limit(&options);
    let store = open_store(&options).await?;
    let settings = settings(&options)?;
    let tls = settings.tls.clone();
    let running = Host::start(settings, store, &doors(&options)).await?;
    for Door { service, address } in running.doors() {
        say(&format!("listening {} {address}\n", service.name()));
    }
    loop {
        tokio::select! {
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
            _ = hung_up.recv() => reload(tls.as_ref()),
        }
    }
    running.stop().await;
    Ok(())
}

/// Each session needs an open file. Processes begin with a soft limit that programs can cope with that know no more than 1,024
/// files (select(2)), and may raise it to the hard one.
fn raise_file_limit(options: &Serve) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    let raised = setrlimit(Resource::Nofile, limit);
    let sessions = options.sessions;
    if let Err(error) = raised {
        warn!(%error, "the limit on open files stays as it was");
    } else if let Some(files) = maximum.filter(|files| *files < sessions as u64) {
        warn!(files, sessions, "fewer files may be open than sessions");
    }
}

/// The addresses to listen at, in the order in which they are announced.
fn doors(options: &Serve) -> Vec<Door> {
    let mut doors = vec![
        Door::new(Service::Smtp, options.smtp),
        Door::new(Service::Pop3, options.pop3),
    ];
    let others = [
        (Service::Submission, options.submission),
        (Service::Smtps, options.smtps),
        (Service::Lmtp, options.lmtp),
        (Service::Pop3s, options.pop3s),
        (Service::Imap, options.imap),
        (Service::Imaps, options.imaps),
    ];
    let asked_for = others
        .into_iter()
        .filter_map(|(service, address)| Some(Door::new(service, address?)));
    doors.extend(asked_for);
    doors
}

/// A certificate that was renewed is used from now on.
fn reload(tls: Option<&ServerTls>) {
    match tls.map(ServerTls::reload) {
        None => {}
        Some(Ok(())) => info!("the certificate was read again"),
        Some(Err(error)) => warn!(%error, "the certificate cannot be read and stays as it was"),
    }
}

fn tls(options: &Serve, hostname: &str) -> Result<Option<ServerTls>, Box<dyn Error>> {
    if let (Some(chain), Some(key)) = (&options.tls_cert, &options.tls_key) {
        return Ok(Some(ServerTls::from_files(chain, key)?));
    }
    if !options.tls_self_signed {
        return Ok(None);
    }
    let folder = options.store.is_none().then_some(options.data.as_path());
    Ok(Some(certificate::self_signed(hostname, &options.domains, folder)?))
}

fn admission(options: &Serve, resolver: Option<&Resolver>) -> Admission {
    let blocklists = resolver.filter(|_| !options.dnsbl.is_empty()).map(|resolver| {
        let zones = options.dnsbl.iter().map(String::as_str);
        Blocklists::new(resolver.clone(), zones)
    });
    let greylist_file = options
        .store
        .is_none()
        .then(|| GreylistFile::new(options.data.join("greylist")));
    Admission {
        peers: Some(Arc::new(Peers::new(PeerLimits {
            concurrent: options.connections_per_client,
            ..PeerLimits::default()
        }))),
        rates: Some(Rates::new(RateLimits {
            messages: options.messages_per_hour,
            recipients: options.messages_per_hour.saturating_mul(10),
        })),
        blocklists,
        greylist: options.greylist.then(|| greylist(greylist_file.as_ref())),
        greylist_file,
    }
}

/// The greylist of the last run, or one that knows nobody.
fn greylist(file: Option<&GreylistFile>) -> Greylist {
    let entries = file.map_or_else(|| Ok(Vec::new()), GreylistFile::load);
    let entries = entries.unwrap_or_else(|error| {
        warn!(%error, "the greylist begins anew");
        Vec::new()
    });
    Greylist::restore(GreylistOptions::default(), entries)
}

fn resolver(options: &Serve) -> Result<Option<Resolver>, Box<dyn Error>> {
    let Some(dns) = options.dns else {
        return Ok(None);
    };
    let mut asked = dns::Options::default();
    match dns {
        // A server that is named here may be a laboratory's, which signs nothing.
        Dns::Server(server) => asked.server = Some(server),
        Dns::System => asked.validate = true,
    }
    Ok(Some(Resolver::new(&asked)?))
}

async fn open_store(options: &Serve) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    Ok(match options.store {
        None => Arc::new(SqliteStore::open(&options.data).await?),
        Some(Volatile::Memory) => Arc::new(MemoryStore::new()),
        Some(Volatile::Discard) => Arc::new(DiscardStore::new()),
    })
}

fn settings(options: &Serve) -> Result<Settings, Box<dyn Error>> {
    let hostname = options.hostname.as_ref().unwrap_or(&options.domains[0]);
    let scribe = options.transcript.as_deref().map(scribe).transpose()?;
    let resolver = resolver(options)?;
    let mut settings = Settings::new(host_name(hostname)?, accounts(options)?);
    let routes = options.routes.iter();
    settings.routes = routes.map(|route| (route.domain.clone(), route.host.clone())).collect();
    settings.relay_for.clone_from(&options.relay_for);
    settings.relay = relay_policy(options);
    settings.max_message_size = options.max_message_size;
    settings.sessions = options.sessions.max(1);
    settings.tls = tls(options, hostname)?;
    if options.allow_plaintext {
        settings.plaintext = Plaintext::Allowed;
    }
    settings.smarthost.clone_from(&options.smarthost);
    settings.admission = admission(options, resolver.as_ref());
    settings.resolver = resolver;
    settings.scribe = scribe;
    settings.shared.clone_from(&options.shared);
    let is_unknown = |admin: &&String| settings.accounts.owner(admin).is_none();
    if let Some(admin) = options.admins.iter().find(is_unknown) {
        return Err(format!("--admin {admin}: there is no such user").into());
    }
    settings.admins.clone_from(&options.admins);
    settings.quota = options.quota;
    settings.contact.clone_from(&options.contact);
    settings.explain = options.explain;
    Ok(settings)
}

fn relay_policy(options: &Serve) -> relay::Policy {
    let mut policy = relay::Policy::default();
    policy.schedule.first = std::time::Duration::from_secs(options.retry_after.max(1));
    policy
}

fn accounts(options: &Serve) -> Result<Accounts, Box<dyn Error>> {
    for domain in &options.domains {
        host_name(domain)?;
    }
    let mut accounts = Accounts::new(options.domains.iter().cloned());
    let mut add = |user: &User| {
        let domain = user.domain.as_ref().unwrap_or(&options.domains[0]);
        let address = format!("{}@{domain}", user.name);
        AddrSpec::parse(address.as_bytes()).map_err(|error| format!("--user {address}: {error}"))?;
        if !options.domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)) {
            return Err(format!("--user {address}: {domain} is not one of this host's domains"));
        }
        accounts.add(&user.name, user.domain.as_deref(), user.password.clone());
        Ok(())
    };
    options.users.iter().try_for_each(&mut add)?;
    if options.users.is_empty() {
        for name in ["alice", "bob"] {
            let password = fresh_password()?;
            say(&format!("user {name}@{} password {password}\n", options.domains[0]));
            add(&User {
                name: name.to_owned(),
                domain: None,
                password: Secret::from(password),
            })?;
        }
    }
    for alias in &options.aliases {
        let targets: Vec<&str> = alias.targets.iter().map(String::as_str).collect();
        let added = accounts.aliases.add(&alias.alias, &targets);
        added.map_err(|error| format!("--alias {}: {error}", alias.alias))?;
    }
    Ok(accounts)
}

/// A name that SMTP and trace fields can both write.
fn host_name(name: &str) -> Result<rfc5322::Host, String> {
    name.parse::<smtp_proto::Host>()
        .map_err(|error| format!("{name}: no name of a host: {error}"))?;
    rfc5322::Host::new(name).map_err(|error| format!("{name}: no name of a host: {error}"))
}

/// Twelve letters and digits that are not mistaken for each other.
fn fresh_password() -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(random
        .iter()
        .map(|octet| char::from(LETTERS[usize::from(octet % 32)]))
        .collect())
}

/// Prints at once, even into a pipe. A reader that has gone is no reason to stop serving.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn scribe(path: &Path) -> Result<Arc<dyn Scribe>, String> {
    let out: Box<dyn Write + Send> = if path == Path::new("-") {
        Box::new(io::stdout())
    } else {
        let file = File::options().create(true).append(true).open(path);
        Box::new(file.map_err(|error| format!("{}: {error}", path.display()))?)
    };
    Ok(Arc::new(Writer(Mutex::new(out))))
}

/// Takes dialogues down as `smtp 1 C: HELO crepes.fr`.
struct Writer(Mutex<Box<dyn Write + Send>>);

impl Scribe for Writer {
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
        let who = match speaker {
            Speaker::Client => 'C',
            Speaker::Server => 'S',
        };
        self.write(&format!("{dialogue} {who}: {line}\n"));
    }

    fn tls(&self, dialogue: &str) {
        self.write(&format!("{dialogue} -- TLS: a listener reads none of what follows\n"));
    }
}

impl Writer {
    fn write(&self, text: &str) {
        let mut out = self.0.lock().expect("no one panics with it");
        // A full disk must not stop the mail.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
