//! From a place to connect to, to a session that has said EHLO.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mail_tokio::smtp::{Client, ClientError};
use mail_tokio::tls::{ClientTls, Policy, Tls};
use mail_tokio::{Error, Options};
use mime_codec::report::{StatusCode, Typed};
use smtp_proto::client::Config;
use tokio::net::TcpStream;
use tracing::info;

use super::Hop;
use crate::host::Host;
use crate::policy::{Vouched, web_authorities};
use crate::store::Diagnosis;
use crate::transcript::Speaker;

/// A session with a next hop.
pub(crate) struct Link {
    pub(crate) client: Client,
    /// The host's name.
    pub(crate) host: String,
    /// Whether the session goes through TLS to a host that proved to be the right one.
    pub(crate) is_secured: bool,
}

impl Link {
    /// Itself, if the next message may be trusted to it, as far as one can tell without asking.
    pub(crate) fn if_reusable(mut self) -> Option<Self> {
        self.client.machine().is_reusable().then_some(self)
    }
}

/// Opens sessions.
#[async_trait]
pub(crate) trait Connector: Send + Sync + 'static {
    /// Connects to one place and says EHLO. `dialogue` names the dialogue for who takes it down.
    ///
    /// # Errors
    ///
    /// Why that place does not serve; the next of the plan is tried.
    async fn open(&self, host: &Host, hop: &Hop, dialogue: String) -> Result<Link, Diagnosis>;
}

/// TCP, and TLS as the way demands it.
pub(crate) struct Sockets;

#[async_trait]
impl Connector for Sockets {
    async fn open(&self, host: &Host, hop: &Hop, dialogue: String) -> Result<Link, Diagnosis> {
        let link = self.link(host, hop, &dialogue, hop.tls.clone()).await;
        match link {
            // A handshake that fails is no worse than none where none is needed (RFC 7435 §3).
            Err(Broken::Client(ClientError::Session(Error::Tls(error)))) if !hop.requires_tls() => {
                info!(host = hop.name, %error, "goes on without TLS");
                self.link(host, hop, &dialogue, Tls::never()).await
            }
            link => link,
        }
        .map_err(|broken| broken.diagnosis(hop))
    }
}

impl Sockets {
    async fn link(&self, host: &Host, hop: &Hop, dialogue: &str, tls: Tls) -> Result<Link, Broken> {
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&hop.address)).await;
        let stream = stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        let _ = stream.set_nodelay(true);
        let peer = stream.peer_addr()?;
        let name = host.settings.hostname.as_str().parse();
        let mut config = Config::new(name.expect("checked when the host was set up"));
        // What was accepted has CRLF line ends only; nothing is lost by making sure.
        config.bare_line_ends = mail_wire::BareLineEnds::Allow;
        // What came is passed on as it came.
        config.long_lines = true;
        let (tls, vouched) = vouched(hop, tls);
        // Which name the certificate must have is in `tls`, where it matters.
        let mut options = Options::new(tls, config);
        if let Some(recorder) = host.recorder(dialogue, Speaker::Client) {
            options = options.observed_by(recorder);
        }
        let client = Client::open(stream, &peer.into(), options).await?;
        Ok(Link {
            is_secured: client.is_secured() && (hop.is_authenticated || vouched.is_some_and(|one| one.is_proven())),
            client,
            host: hop.name.clone(),
        })
    }
}

/// Where any certificate will do: lets it be noted whether it is a good one. Of a verifier for this connection alone.
fn vouched(hop: &Hop, tls: Tls) -> (Tls, Option<Arc<Vouched>>) {
    if hop.is_authenticated || !hop.name_is_known || tls.policy() == Policy::Never {
        return (tls, None);
    }
    let Some(web) = web_authorities() else {
        return (tls, None);
    };
    let vouched = Arc::new(Vouched::by(web));
    match ClientTls::builder().verifier(vouched.clone()).build() {
        Ok(client) => (tls.with(client), Some(vouched)),
        Err(_) => (tls, None),
    }
}

/// Why there is no link.
enum Broken {
    Socket(io::Error),
    Client(ClientError),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}

impl From<ClientError> for Broken {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl Broken {
    fn diagnosis(&self, hop: &Hop) -> Diagnosis {
        match self {
            Self::Socket(error) => no_answer(hop, error),
            Self::Client(ClientError::Session(Error::Tls(error))) => unprotected(hop, &error.to_string()),
            Self::Client(error) => broken(&hop.name, error),
        }
    }
}

/// The connection would not be as safe as it must be (RFC 3463 §3.8).
fn unprotected(hop: &Hop, error: &str) -> Diagnosis {
    let code = StatusCode::new(4, 7, 5).expect("a code of the registry");
    let text = format!("no safe connection to {}: {error}", hop.name);
    Diagnosis::remote(code, &hop.name, Typed::new("x-mailhost", &text))
}

fn no_answer(hop: &Hop, error: &io::Error) -> Diagnosis {
    let code = StatusCode::new(4, 4, 1).expect("no answer from host");
    let text = format!("connecting to {}: {error}", hop.address);
    Diagnosis::remote(code, &hop.name, Typed::new("x-mailhost", &text))
}

/// What a session that went wrong says about the message: it is tried later.
pub(crate) fn broken(host: &str, error: &ClientError) -> Diagnosis {
    let (code, kind, text) = match error {
        ClientError::Refused(reply) => ((4, 3, 2), "smtp", reply.to_string()),
        other => ((4, 4, 2), "x-mailhost", other.to_string()),
    };
    let code = StatusCode::new(code.0, code.1, code.2).expect("a code of the registry");
    Diagnosis::remote(code, host, Typed::new(kind, &text))
}

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);
