//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use mail_wire::Secret;

use crate::admission::{PeerLimits, RateLimits};
use crate::route::NextHop;

/// A mail server to run, to read and to take apart.
#[derive(Debug, Parser)]
#[command(name = "mailhost", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve SMTP, submission, LMTP, POP3 and IMAP until SIGINT or SIGTERM.
    Serve(Box<Serve>),
    /// Look at the mail that waits to go to other hosts, and order it about.
    Queue(crate::queue::Queue),
    /// Follow one message from Alice's user agent through two mail servers to Bob's, one that comes back, and one that is
    /// forged: two hosts in this process, each dialogue shown and explained, the result checked.
    Tour,
    /// Learn SMTP, POP3, IMAP and MIME by typing them into telnet: a host that explains what it refuses, and a guide that says what to
    /// type, looks on, and ticks off what is done.
    TelnetGuide(crate::guide::Guide),
}

/// Options of `mailhost serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// A domain whose mail is delivered here. The first one completes login names.
    #[arg(long = "domain", value_name = "D", default_value = "example.org")]
    pub domains: Vec<String>,
    /// A user; one without a domain exists in each. Without any, alice and bob get passwords that are printed.
    #[arg(long = "user", value_name = "NAME[@DOMAIN]:PASSWORD", value_parser = user)]
    pub users: Vec<User>,
    /// Where to listen for SMTP. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,
    /// Where to listen for POP3.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1100")]
    pub pop3: SocketAddr,
    /// Where to listen for users who send mail, and must log in: the usual port is 587.
    #[arg(long, value_name = "ADDR")]
    pub submission: Option<SocketAddr>,
    /// The same with TLS from the first octet: the usual port is 465.
    #[arg(long, value_name = "ADDR", requires = "certificate")]
    pub smtps: Option<SocketAddr>,
    /// Where to listen for POP3 with TLS from the first octet: the usual port is 995.
    #[arg(long, value_name = "ADDR", requires = "certificate")]
    pub pop3s: Option<SocketAddr>,
    /// Where to listen for IMAP: the usual port is 143.
    #[arg(long, value_name = "ADDR")]
    pub imap: Option<SocketAddr>,
    /// Where to listen for IMAP with TLS from the first octet: the usual port is 993.
    #[arg(long, value_name = "ADDR", requires = "certificate")]
    pub imaps: Option<SocketAddr>,
    /// Where to listen for LMTP, from a mail server that delivers here.
    #[arg(long, value_name = "ADDR")]
    pub lmtp: Option<SocketAddr>,
    /// The certificate chain, in PEM; read again on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key", group = "certificate")]
    pub tls_cert: Option<PathBuf>,
    /// Its key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Make a certificate that nobody vouches for, and keep it in the data folder.
    #[arg(long, group = "certificate")]
    pub tls_self_signed: bool,
    /// Take passwords over connections that others can read. Otherwise they are taken in plaintext only where there is no
    /// certificate, and on loopback addresses.
    #[arg(long)]
    pub allow_plaintext: bool,
    /// The folder that keeps the mail, made if it is missing.
    #[arg(long, value_name = "DIR", default_value = "mailhost-data", conflicts_with = "store")]
    pub data: PathBuf,
    /// Keep mail in memory, or throw it away (for measuring), instead of in a folder.
    #[arg(long, value_name = "KIND")]
    pub store: Option<Volatile>,
    /// How this host calls itself. The first domain, if not given.
    #[arg(long, value_name = "H")]
    pub hostname: Option<String>,
    /// The largest message accepted, in octets.
    #[arg(long, value_name = "N", default_value_t = 50 * 1024 * 1024)]
    pub max_message_size: u64,
    /// Clients that are served at one door at a time. A memory page or two each; the system's limit on open files counts, too.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub sessions: usize,
    /// Where mail for a foreign domain goes.
    #[arg(long = "route", value_name = "DOMAIN=HOST:PORT", value_parser = route)]
    pub routes: Vec<Route>,
    /// Where mail goes for which there is no route.
    #[arg(long, value_name = "HOST:PORT")]
    pub smarthost: Option<NextHop>,
    /// Send mail to the hosts that the DNS names, and look up the names of clients: ask this server, or with `system`
    /// those that the system asks. Without it nothing leaves but by a route or the smarthost.
    #[arg(long, value_name = "ADDR|system")]
    pub dns: Option<Dns>,
    /// Turn away clients that a DNS blocklist has.
    #[arg(long, value_name = "ZONE", requires = "dns")]
    pub dnsbl: Vec<String>,
    /// Ask strangers to come back in five minutes, as mail servers do and much spam does not.
    #[arg(long)]
    pub greylist: bool,
    /// Connections that a client may have at a time.
    #[arg(long, value_name = "N", default_value_t = PeerLimits::default().concurrent)]
    pub connections_per_client: u32,
    /// Messages that a user or a client may send an hour; ten times as many recipients.
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().messages)]
    pub messages_per_hour: u32,
    /// Clients that may send to foreign domains without logging in, and that no limit and no list holds up.
    #[arg(long = "relay-for", value_name = "CIDR", default_values = ["127.0.0.0/8", "::1/128"])]
    pub relay_for: Vec<IpNet>,
    /// Lets an address stand for others: NAME, NAME@DOMAIN, or @DOMAIN for all that nobody else has.
    #[arg(long = "alias", value_name = "ALIAS=NAME[@DOMAIN],…", value_parser = alias)]
    pub aliases: Vec<Alias>,
    /// A mailbox that all users share; it is made if need be. IMAP shows it as Shared/NAME.
    #[arg(long = "shared", value_name = "NAME", value_parser = shared)]
    pub shared: Vec<String>,
    /// A user who may do all with shared mailboxes, and set quotas.
    #[arg(long = "admin", value_name = "USER")]
    pub admins: Vec<String>,
    /// How many octets a user's mailboxes may have together.
    #[arg(long, value_name = "N")]
    pub quota: Option<u64>,
    /// How the administrator is to be had, as IMAP clients are told: a URI, such as mailto:postmaster@example.org.
    #[arg(long, value_name = "URI")]
    pub contact: Option<String>,
    /// How long mail for another host waits behind a first attempt that failed, in seconds. Each further wait is twice as
    /// long, up to four hours, for five days.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub retry_after: u64,
    /// Teach: each reply that refuses something says which rule of which RFC was broken, and what would have been right. For people
    /// who speak to the server with telnet; the grammar is then the RFC's to the letter.
    #[arg(long)]
    pub explain: bool,
    /// Write down every dialogue, also what is said in TLS, passwords blotted out: to a file, or with - to standard output.
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
}

/// A store that does not outlive the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Volatile {
    /// Mail is kept until the process ends.
    Memory,
    /// Mail is accepted and thrown away.
    Discard,
}

/// Whom to ask about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dns {
    /// Those that the system asks.
    System,
    /// This server.
    Server(SocketAddr),
}

impl FromStr for Dns {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "system" => Ok(Self::System),
            address => address
                .parse()
                .map(Self::Server)
                .map_err(|_| "expected ADDRESS:PORT or system"),
        }
    }
}

/// `NAME[@DOMAIN]:PASSWORD`
#[derive(Clone, Debug)]
pub struct User {
    /// The local part.
    pub name: String,
    /// The one domain in which the user exists; `None`: in each.
    pub domain: Option<String>,
    /// The password.
    pub password: Secret,
}

/// `DOMAIN=HOST:PORT`
#[derive(Clone, Debug)]
pub struct Route {
    /// The foreign domain.
    pub domain: String,
    /// The host that takes its mail, as `name:port` or `address:port`.
    pub host: String,
}

/// `ALIAS=NAME[@DOMAIN],…`
#[derive(Clone, Debug)]
pub struct Alias {
    /// What stands for others.
    pub alias: String,
    /// The others.
    pub targets: Vec<String>,
}

fn alias(text: &str) -> Result<Alias, &'static str> {
    let (alias, targets) = text.split_once('=').ok_or("expected ALIAS=NAME[@DOMAIN],…")?;
    Ok(Alias {
        alias: alias.to_owned(),
        targets: targets.split(',').map(str::to_owned).collect(),
    })
}

fn shared(name: &str) -> Result<String, &'static str> {
    let is_level = |level: &str| !level.is_empty() && !level.chars().any(char::is_control);
    match name.split('/').all(is_level) && !name.eq_ignore_ascii_case("inbox") {
        true => Ok(name.to_owned()),
        false => Err("no name of a mailbox"),
    }
}

fn user(text: &str) -> Result<User, &'static str> {
    let (login, password) = text.split_once(':').ok_or("expected NAME[@DOMAIN]:PASSWORD")?;
    let (name, domain) = match login.split_once('@') {
        Some((name, domain)) => (name, Some(domain.to_owned())),
        None => (login, None),
    };
    if name.is_empty() || password.is_empty() || domain.as_deref() == Some("") {
        return Err("NAME, DOMAIN and PASSWORD must not be empty");
    }
    Ok(User {
        name: name.to_owned(),
        domain,
        password: Secret::from(password),
    })
}

fn route(text: &str) -> Result<Route, &'static str> {
    let (domain, host) = text.split_once('=').ok_or("expected DOMAIN=HOST:PORT")?;
    let (name, port) = host.rsplit_once(':').ok_or("expected a port behind HOST")?;
    if domain.is_empty() || name.is_empty() || port.parse::<u16>().is_err() {
        return Err("expected DOMAIN=HOST:PORT");
    }
    Ok(Route {
        domain: domain.to_ascii_lowercase(),
        host: host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn users_and_routes() {
        let bob = user("bob@hamburger.edu:hun:gry").unwrap();
        assert_eq!(
            (bob.name.as_str(), bob.domain.as_deref()),
            ("bob", Some("hamburger.edu"))
        );
        assert!(bob.password.matches(b"hun:gry"));
        assert!(user("bob").is_err() && user(":x").is_err() && user("bob:").is_err() && user("b@:x").is_err());
        assert_eq!(route("Hamburger.edu=[::1]:25").unwrap().host, "[::1]:25");
        assert!(route("hamburger.edu").is_err() && route("a=b").is_err() && route("a=b:x").is_err());
    }
}
