//! From a place to connect to, to a session that has said EHLO.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use mail_tokio::smtp::{Client, ClientError};
use mime_codec::report::{StatusCode, Typed};
use smtp_proto::client::Config;
use tokio::net::TcpStream;

use super::Hop;
use crate::host::Host;
use crate::store::Diagnosis;
use crate::transcript::{Speaker, Tap};

/// A session with a next hop.
pub(crate) struct Link {
    pub(crate) client: Client<Tap<TcpStream>>,
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

/// TCP, and nothing around it.
pub(crate) struct Plain;

#[async_trait]
impl Connector for Plain {
    async fn open(&self, host: &Host, hop: &Hop, dialogue: String) -> Result<Link, Diagnosis> {
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(&hop.address)).await;
        let stream = stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = stream.map_err(|error| no_answer(hop, &error))?;
        let _ = stream.set_nodelay(true);
        let name = host.settings.hostname.as_str().parse();
        let mut config = Config::new(name.expect("checked when the host was set up"));
        // What was accepted has CRLF line ends only; nothing is lost by making sure.
        config.bare_line_ends = mail_wire::BareLineEnds::Allow;
        let transport = host.tap(stream, dialogue, Speaker::Client);
        let client = Client::greet(transport, config).await;
        Ok(Link {
            client: client.map_err(|error| broken(&hop.name, &error))?,
            host: hop.name.clone(),
            is_secured: false,
        })
    }
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
