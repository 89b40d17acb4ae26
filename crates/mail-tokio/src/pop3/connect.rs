//! How a client's session begins: connecting, the greeting, TLS.

use mail_tls::{Address, Channel, Policy, Tls, TlsError};
use pop3_proto::Keyword;
use pop3_proto::client::{Config, Event, Security};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::{Client, ClientError};
use crate::{Driver, Error, Options, ToAddress, connect, drive};

impl Client<TcpStream> {
    /// Connects, waits for the greeting, puts TLS in as `options` say, and asks what the server can do.
    ///
    /// # Errors
    ///
    /// The system's, the protocol's, those of TLS, or a server that turns us away. [`TlsError::NotOffered`] when TLS is
    /// required and the server has none.
    pub async fn connect(address: impl ToAddress, options: impl Into<Options<Config>>) -> Result<Self, ClientError> {
        let (address, options) = (address.to_address()?, options.into());
        let limit = options.config.unwrap_or_default().timeouts.greeting;
        let stream = connect(&address, limit).await?;
        Self::open(stream, &address, options).await
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// Begins a session over a transport, as [`connect`](Client::connect): `address` is what it leads to, whose name the
    /// server's certificate must have.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub async fn open(
        transport: T,
        address: &Address,
        options: impl Into<Options<Config>>,
    ) -> Result<Self, ClientError> {
        let Options { tls, config, observers } = options.into();
        let config = Config {
            security: security(tls.policy()),
            ..config.unwrap_or_default()
        };
        let driver = drive(
            pop3_proto::Client::new(config),
            transport,
            address,
            &tls,
            observers.as_ref(),
        )?;
        let mut client = Self { driver };
        client.ask_for_capabilities().await?;
        match tls.policy() {
            Policy::Implicit | Policy::Never => {}
            Policy::Required => client.stls().await?,
            Policy::Opportunistic => match client.stls().await {
                // Neither an offer that is missing nor one that is taken back is worth the session.
                Err(ClientError::Session(Error::Tls(TlsError::NotOffered)) | ClientError::Refused(_)) => {}
                other => other?,
            },
        }
        Ok(client)
    }

    /// Begins a session over a transport: waits for the greeting, and asks what the server can do. There is no TLS but what
    /// the transport has.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub async fn greet(transport: T, config: Config) -> Result<Self, ClientError> {
        let driver = Driver::new(pop3_proto::Client::new(config), transport);
        let mut client = Self { driver };
        client.ask_for_capabilities().await?;
        Ok(client)
    }

    /// STLS, and CAPA again: what was said in plaintext is forgotten. [`connect`](Client::connect) does so when asked to;
    /// the driver must have been given [its TLS](Driver::with_tls).
    ///
    /// # Errors
    ///
    /// [`TlsError::NotOffered`] before anything is sent; otherwise those of TLS, and as all commands.
    pub async fn stls(&mut self) -> Result<(), ClientError> {
        if !self.capabilities().is_some_and(|offered| offered.has("STLS")) {
            return Err(TlsError::NotOffered.into());
        }
        self.machine().stls()?;
        while !matches!(self.event().await?, Event::Done(Keyword::Stls, _)) {}
        self.ask_for_capabilities().await
    }

    /// The TLS connection, if there is one: version, certificates, channel bindings.
    pub fn tls(&self) -> Option<&Channel> {
        self.driver.tls()
    }

    /// A server that does not know CAPA has said so.
    async fn ask_for_capabilities(&mut self) -> Result<(), ClientError> {
        self.machine().capabilities()?;
        loop {
            match self.event().await {
                Ok(Event::Capabilities(_)) | Err(ClientError::Refused(_)) => return Ok(()),
                other => drop(other?),
            }
        }
    }
}

/// What the machine must know of a policy.
const fn security(policy: Policy) -> Security {
    match policy {
        Policy::Implicit => Security::Secured,
        Policy::Required => Security::StartTls,
        Policy::Opportunistic | Policy::Never => Security::Plaintext,
    }
}

/// TLS as the machine's configuration wants it, with the system's roots.
impl From<Config> for Options<Config> {
    fn from(config: Config) -> Self {
        let tls = match config.security {
            Security::Secured => Tls::implicit(),
            Security::StartTls => Tls::required(),
            Security::Plaintext => Tls::never(),
        };
        Self::new(tls, config)
    }
}
