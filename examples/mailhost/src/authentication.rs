//! Who somebody is: SASL exchanges of SMTP and POP3 clients, answered from the accounts.

use std::sync::Arc;
use std::time::Duration;

use mail_sasl::{
    Account, Answer, Channel, ChannelBinding, Failure, Lookup, Mechanism, SecretKind, Server, ServerConfig, ServerStep,
    UserName,
};
use mail_wire::{MechanismName, Secret};
use tokio::task::spawn_blocking;
use tracing::info;

use crate::accounts::Accounts;
use crate::host::Host;
use crate::store::Mailbox;

/// What all exchanges of a host have in common.
pub struct Authentication {
    config: Arc<ServerConfig>,
    /// For connections that others can read, where the operator lets passwords pass there.
    open: Arc<ServerConfig>,
}

/// One exchange.
pub(crate) struct Exchange {
    server: Server,
}

/// What an exchange has come to.
pub(crate) enum Progress {
    /// The client has to answer this.
    Challenge(Exchange, Vec<u8>),
    /// It is the owner of this mailbox.
    Done(Mailbox),
    /// It is nobody.
    Failed(Failure),
}

impl Authentication {
    /// For users whose passwords are known.
    ///
    /// # Errors
    ///
    /// No random octets.
    pub fn new(hostname: &str) -> Result<Self, mail_sasl::NoRandomness> {
        let mut config = ServerConfig::new(&[SecretKind::Password])?;
        if let Ok(host) = UserName::new(hostname) {
            config = config.host_name(&host);
        }
        let open = config
            .clone()
            .allow_plaintext(Mechanism::Plain)
            .allow_plaintext(Mechanism::Login);
        Ok(Self {
            config: Arc::new(config),
            open: Arc::new(open),
        })
    }

    /// The mechanisms to offer under TLS, the strongest first.
    pub fn under_tls(&self) -> Vec<MechanismName> {
        // Which bindings a connection has is known when it is there; all of ours have one.
        let channel = Channel::secured().with_binding(ChannelBinding::TlsExporter(vec![0; 32]));
        names(self.config.offer(&channel))
    }

    /// The mechanisms to offer in plaintext, where that is allowed at all.
    pub fn in_plaintext(&self) -> Vec<MechanismName> {
        names(self.open.offer(&Channel::plaintext()))
    }

    fn config(&self, channel: &Channel) -> &Arc<ServerConfig> {
        match channel.is_secured() {
            true => &self.config,
            false => &self.open,
        }
    }
}

impl Exchange {
    /// Begins an exchange over `channel`, with the client's initial response if it sent one.
    pub(crate) async fn begin(
        host: &Arc<Host>,
        mechanism: &MechanismName,
        channel: &Channel,
        initial: Option<Secret>,
    ) -> Progress {
        let Ok(mechanism) = mechanism.as_str().parse::<Mechanism>() else {
            return Progress::Failed(Failure::NotOffered);
        };
        match Server::new(mechanism, host.authentication.config(channel), channel) {
            Err(failure) => Progress::Failed(failure),
            Ok(server) => {
                let start = move |server: &mut Server| server.start(initial.as_ref().map(Secret::expose));
                Self { server }.advance(host, start).await
            }
        }
    }

    /// Goes on with the client's response.
    pub(crate) async fn step(self, host: &Arc<Host>, response: Secret) -> Progress {
        self.advance(host, move |server| server.step(response.expose())).await
    }

    /// Takes a step and answers what it asks for. Keys are derived here, which takes milliseconds: other sessions must not
    /// wait for it.
    async fn advance(
        self,
        host: &Arc<Host>,
        step: impl FnOnce(&mut Server) -> ServerStep + Send + 'static,
    ) -> Progress {
        let asked = host.clone();
        let advanced = spawn_blocking(move || {
            let Self { mut server } = self;
            let mut step = step(&mut server);
            while let ServerStep::Lookup(lookup) = step {
                step = server.answer(answer(&asked.settings.accounts, &lookup));
            }
            (server, step)
        });
        match advanced.await {
            Ok((server, ServerStep::Challenge(challenge))) => Progress::Challenge(Self { server }, challenge),
            Ok((server, ServerStep::Done(identity))) => {
                let owner = identity
                    .user()
                    .and_then(|user| host.settings.accounts.owner(user.as_str()));
                let mechanism = server.mechanism();
                match owner {
                    Some(mailbox) => {
                        info!(account = mailbox.account(), %mechanism, "logged in");
                        Progress::Done(mailbox)
                    }
                    None => Progress::Failed(Failure::InvalidCredentials),
                }
            }
            Ok((_, ServerStep::Failed(failure))) => {
                info!(%failure, "login refused");
                if !failure.is_temporary() && !failure.is_malformed() {
                    tokio::time::sleep(GUESS_DELAY).await;
                }
                Progress::Failed(failure)
            }
            Ok(_) | Err(_) => Progress::Failed(Failure::Unavailable),
        }
    }
}

fn answer(accounts: &Accounts, lookup: &Lookup) -> Answer {
    let found = |user: &UserName| match accounts.password(user.as_str()) {
        Some(password) => Answer::Found(Account::with_password(password.clone())),
        None => Answer::Unknown,
    };
    match lookup {
        Lookup::Verify { user, .. } | Lookup::Stored { user, .. } => found(user),
        // `bob` and `bob@example.org` may be the same.
        Lookup::Authorize { authcid, authzid } => {
            let owner = accounts.owner(authcid.as_str());
            match owner.is_some() && owner == accounts.owner(authzid.as_str()) {
                true => Answer::Yes,
                false => Answer::No,
            }
        }
        _ => Answer::No,
    }
}

fn names(mechanisms: Vec<Mechanism>) -> Vec<MechanismName> {
    let name = |mechanism: Mechanism| mechanism.as_str().parse().expect("names of known mechanisms are names");
    mechanisms.into_iter().map(name).collect()
}

/// What a wrong password costs the one who guesses.
pub(crate) const GUESS_DELAY: Duration = Duration::from_secs(1);
