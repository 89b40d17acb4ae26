//! An account: who writes, which servers, how to log in.

use std::net::SocketAddr;
use std::path::PathBuf;

use mail_tls::{Address, Host};

use crate::cli::{Shared, TlsMode};
use crate::config::{Entry, File, Place};
use crate::failure::Failure;
use crate::password::PasswordSource;

/// What a server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Smtp,
    Imap,
    Pop3,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) address: Address,
    /// As somebody said it; else the port decides.
    pub(crate) tls: Option<TlsMode>,
    /// Whom the certificate must be for, where the address is a number that a name has led to.
    pub(crate) name: Option<Host>,
}

/// What is known of an account before anything is asked of the DNS.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) address: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: PasswordSource,
    smtp: Option<Server>,
    imap: Option<Server>,
    pop3: Option<Server>,
    pub(crate) sent: Option<String>,
    pub(crate) trash: Option<String>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) dns: Option<SocketAddr>,
}

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::Smtp, Self::Imap, Self::Pop3];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
        }
    }

    /// The port when none is named (RFC 8314 §3.2, §3.3): of TLS at once, or of plaintext that STARTTLS may end.
    pub(crate) const fn port(self, tls: Option<TlsMode>) -> u16 {
        match (self, tls) {
            (Self::Smtp, Some(TlsMode::Starttls | TlsMode::None)) => 587,
            (Self::Smtp, _) => 465,
            (Self::Imap, Some(TlsMode::Starttls | TlsMode::None)) => 143,
            (Self::Imap, _) => 993,
            (Self::Pop3, Some(TlsMode::Starttls | TlsMode::None)) => 110,
            (Self::Pop3, _) => 995,
        }
    }
}

impl Account {
    /// From the account file, with the options of the command line before it.
    pub(crate) fn resolve(shared: &Shared) -> Result<Self, Failure> {
        let is_complete = shared.smtp.is_some() || shared.imap.is_some() || shared.pop3.is_some();
        // Servers on the command line are an account of their own unless one is named.
        let chosen = match is_complete && shared.account.is_none() && shared.config.is_none() {
            true => None,
            false => File::read(shared.config.as_deref())?.account(shared.account.as_deref())?,
        };
        let entry = chosen.map(|(_, entry)| entry).unwrap_or_default();
        let place = |service, option: Option<&String>, place: Option<&Place>| match option {
            Some(text) => option_server(service, text, shared.tls).map(Some),
            None => place
                .map(|place| file_server(service, place, shared.tls.or(entry.tls)))
                .transpose(),
        };
        let password = password(shared, &entry)?;
        Ok(Self {
            smtp: place(Service::Smtp, shared.smtp.as_ref(), entry.smtp.as_ref())?,
            imap: place(Service::Imap, shared.imap.as_ref(), entry.imap.as_ref())?,
            pop3: place(Service::Pop3, shared.pop3.as_ref(), entry.pop3.as_ref())?,
            user: shared.user.clone().or(entry.user).or_else(|| entry.address.clone()),
            address: entry.address,
            name: entry.name,
            password,
            sent: entry.sent,
            trash: entry.trash,
            ca: shared.ca.clone().or(entry.ca),
            dns: shared.dns,
        })
    }

    pub(crate) const fn server(&self, service: Service) -> Option<&Server> {
        match service {
            Service::Smtp => self.smtp.as_ref(),
            Service::Imap => self.imap.as_ref(),
            Service::Pop3 => self.pop3.as_ref(),
        }
    }
}

fn password(shared: &Shared, entry: &Entry) -> Result<PasswordSource, Failure> {
    let variable = |name: &String| PasswordSource::Variable(name.clone());
    let command = |command: &String| PasswordSource::Command(command.clone());
    if let Some(source) = shared.password_env.as_ref().map(variable) {
        return Ok(source);
    }
    if let Some(source) = shared.password_command.as_ref().map(command) {
        return Ok(source);
    }
    match (&entry.password_env, &entry.password_command) {
        (Some(_), Some(_)) => Err(Failure::usage(
            "an account has password_env or password_command, not both",
        )),
        (Some(name), None) => Ok(variable(name)),
        (None, Some(line)) => Ok(command(line)),
        (None, None) => Ok(PasswordSource::Person),
    }
}

/// `HOST:PORT` or `HOST`.
fn option_server(service: Service, text: &str, tls: Option<TlsMode>) -> Result<Server, Failure> {
    let address = text.parse().or_else(|_| Address::new(text, service.port(tls)));
    let address = address.map_err(|error| {
        Failure::usage(format!("--{} {text}: {error}", service.name())).hint("HOST:PORT, as mail.example.org:587")
    })?;
    Ok(Server {
        address,
        tls,
        name: None,
    })
}

fn file_server(service: Service, place: &Place, tls: Option<TlsMode>) -> Result<Server, Failure> {
    let tls = place.tls.or(tls);
    let port = place.port.unwrap_or_else(|| service.port(tls));
    let address = Address::new(&place.host, port)
        .map_err(|error| Failure::usage(format!("{} = {{ host = … }}: {error}", service.name())))?;
    Ok(Server {
        address,
        tls,
        name: None,
    })
}
