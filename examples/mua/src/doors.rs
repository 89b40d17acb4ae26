//! The way to each server: TLS, then a login.

use std::fs;
use std::sync::Arc;

use imap_proto::client::Config as ImapConfig;
use mail_sasl::{Credentials, Mechanism, Policy};
use mail_tls::{Address, ClientTls, Host, Tls};
use mail_tokio::transcript::{Commands, Recorder, Speaker};
use mail_tokio::{Options, imap, pop3, smtp};

use crate::account::{Server, Service};
use crate::cli::TlsMode;
use crate::context::Context;
use crate::discover;
use crate::failure::{Failure, refused_login};

impl Context {
    /// IMAP, logged in.
    pub(crate) async fn imap(&self) -> Result<imap::Client, Failure> {
        let server = self.server(Service::Imap).await?;
        let at = |failure: Failure| failure.at(format_args!("imap {}", server.address));
        let mut client = self.imap_at(&server).await.map_err(at)?;
        let (credentials, policy) = (self.credentials(&server)?, policy(&server));
        let login = client.login_with(&credentials, &policy).await;
        login.map_err(|error| at(refused_login(error)))?;
        Ok(client)
    }

    /// IMAP, not logged in.
    pub(crate) async fn imap_at(&self, server: &Server) -> Result<imap::Client, Failure> {
        let options: Options<ImapConfig> = self.options(Service::Imap, server)?;
        Ok(imap::Client::connect(server.address.clone(), options).await?)
    }

    /// Submission, logged in if the server wants to know who we are.
    pub(crate) async fn smtp(&self, server: &Server) -> Result<smtp::Client, Failure> {
        let at = |failure: Failure| failure.at(format_args!("smtp {}", server.address));
        let mut client = self.smtp_at(server).await.map_err(at)?;
        // A server for other hosts offers no AUTH, and takes what is for its own users.
        if self.account.user.is_some() && !client.capabilities().auth().is_empty() {
            let (credentials, policy) = (self.credentials(server)?, policy(server));
            let login = client.login_with(&credentials, &policy).await;
            login.map_err(|error| at(refused_login(error)))?;
        }
        Ok(client)
    }

    /// Submission, not logged in.
    pub(crate) async fn smtp_at(&self, server: &Server) -> Result<smtp::Client, Failure> {
        Ok(smtp::Client::connect(server.address.clone(), self.options(Service::Smtp, server)?).await?)
    }

    /// POP3, logged in.
    pub(crate) async fn pop3(&self, server: &Server) -> Result<pop3::Client, Failure> {
        let at = |failure: Failure| failure.at(format_args!("pop3 {}", server.address));
        let mut client = self.pop3_at(server).await.map_err(at)?;
        let (credentials, policy) = (self.credentials(server)?, policy(server));
        let login = client.login_with(&credentials, &policy).await;
        login.map_err(|error| at(refused_login(error)))?;
        Ok(client)
    }

    /// POP3, not logged in.
    pub(crate) async fn pop3_at(&self, server: &Server) -> Result<pop3::Client, Failure> {
        Ok(pop3::Client::connect(server.address.clone(), self.options(Service::Pop3, server)?).await?)
    }

    /// The server that the account names, or that the DNS names for its address.
    pub(crate) async fn server(&self, service: Service) -> Result<Server, Failure> {
        match self.account.server(service) {
            Some(server) => Ok(server.clone()),
            None => discover::server(&self.account, service).await,
        }
    }

    pub(crate) fn credentials(&self, server: &Server) -> Result<Credentials, Failure> {
        if let Some(known) = self.credentials.get() {
            return Ok(known.clone());
        }
        let user = self.account.user.as_deref().ok_or_else(|| {
            Failure::usage(format!("{}: who is to log in?", server.address))
                .hint("--user NAME, or `user` in the account file")
        })?;
        let password = self
            .account
            .password
            .password(&format!("{user} at {}", server.address))?;
        let credentials = Credentials::password(user, password).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(self.credentials.get_or_init(|| credentials).clone())
    }

    fn options<C>(&self, service: Service, server: &Server) -> Result<Options<C>, Failure> {
        let options = Options::from(self.tls(server)?);
        let Some(scribe) = &self.scribe else {
            return Ok(options);
        };
        let commands = match service {
            Service::Imap => Commands::TagFirst,
            Service::Smtp | Service::Pop3 => Commands::VerbFirst,
        };
        let scribe = Arc::clone(scribe);
        Ok(options.observed_by(move || {
            let recorder = Recorder::new(Arc::clone(&scribe), service.name().to_owned(), Speaker::Client);
            recorder.with_commands(commands)
        }))
    }

    fn tls(&self, server: &Server) -> Result<Tls, Failure> {
        let tls = match server.tls {
            Some(TlsMode::Implicit) => Tls::implicit(),
            Some(TlsMode::Starttls) => Tls::required(),
            Some(TlsMode::None) => Tls::never(),
            None if IMPLICIT.contains(&server.address.port()) => Tls::implicit(),
            None if is_loopback(&server.address) => Tls::opportunistic(),
            None => Tls::required(),
        };
        let tls = match &server.name {
            Some(name) => tls.for_host(name.clone()),
            None => tls,
        };
        let Some(path) = &self.account.ca else {
            return Ok(tls);
        };
        let pem = fs::read(path).map_err(|error| Failure::usage(error.to_string()).at(path.display()))?;
        let client = ClientTls::builder().roots_pem(&pem).build();
        let client = client.map_err(|error| Failure::usage(error.to_string()).at(path.display()))?;
        Ok(tls.with(client))
    }
}

/// Passwords go as they are under TLS, to this machine, or where the account says in so many words that there is no TLS.
pub(crate) fn policy(server: &Server) -> Policy {
    match server.tls == Some(TlsMode::None) || is_loopback(&server.address) {
        true => Policy::default()
            .allow_plaintext(Mechanism::Plain)
            .allow_plaintext(Mechanism::Login),
        false => Policy::default(),
    }
}

fn is_loopback(address: &Address) -> bool {
    match address.host() {
        Host::Ip(ip) => ip.is_loopback(),
        Host::Name(name) => **name == *"localhost",
    }
}

/// Ports where TLS begins at once (RFC 8314 §3.2, §3.3).
const IMPLICIT: [u16; 3] = [465, 993, 995];
