//! SMTP and LMTP.

use std::net::SocketAddr;

use mail_sasl::{Credentials, Policy};
use mail_tls::Tls;
use smtp_proto::client::{Config, Envelope, Event, Outcome};
use smtp_proto::{Attributes, Capabilities, Etrn, Inquiry, Reply, Verb};
use tokio::runtime::Runtime;

use super::runtime;

/// A client.
pub(crate) trait Smtp: Sized {
    /// In plaintext.
    fn connect(server: SocketAddr, config: Config) -> Self {
        Self::connect_with(server, Tls::never(), config)
    }

    fn connect_with(server: SocketAddr, tls: Tls, config: Config) -> Self;
    fn capabilities(&self) -> &Capabilities;
    fn is_secured(&self) -> bool;
    fn login(&mut self, credentials: &Credentials, policy: &Policy) -> Result<Reply, String>;
    /// In words, why it could not be sent.
    fn send(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, String>;
    fn verify(&mut self, user: Inquiry) -> Result<Reply, String>;
    fn turn(&mut self, queue: Etrn) -> Result<Reply, String>;
    fn x_client(&mut self, attributes: Attributes) -> Reply;
    fn noop(&mut self);
    fn quit(self);
    /// For what has no function of its own.
    fn machine(&mut self) -> &mut smtp_proto::Client;
    fn event(&mut self) -> Event;

    fn x_forward(&mut self, attributes: Attributes) -> Reply {
        self.machine().x_forward(attributes).unwrap();
        self.reply(Verb::XForward)
    }

    /// The reply to a command that was given to the machine.
    fn reply(&mut self, to: Verb) -> Reply {
        loop {
            match (to, self.event()) {
                (_, Event::Reply { command, reply }) if command == to => return reply,
                (Verb::Mail, Event::Sender(reply)) | (Verb::Rcpt, Event::Recipient(_, reply)) => return reply,
                (_, Event::Reply { .. } | Event::Hello(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// From mail-blocking.
pub(crate) struct BlockingSmtp(mail_blocking::smtp::Client);

impl Smtp for BlockingSmtp {
    fn connect_with(server: SocketAddr, tls: Tls, config: Config) -> Self {
        let options = mail_blocking::Options::new(tls, config);
        Self(mail_blocking::smtp::Client::connect(server, options).unwrap())
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    fn is_secured(&self) -> bool {
        self.0.is_secured() && self.0.tls().is_some()
    }

    fn login(&mut self, credentials: &Credentials, policy: &Policy) -> Result<Reply, String> {
        said(self.0.login_with(credentials, policy))
    }

    fn send(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, String> {
        said(self.0.send(envelope, message))
    }

    fn verify(&mut self, user: Inquiry) -> Result<Reply, String> {
        said(self.0.verify(user))
    }

    fn turn(&mut self, queue: Etrn) -> Result<Reply, String> {
        said(self.0.turn(queue))
    }

    fn x_client(&mut self, attributes: Attributes) -> Reply {
        self.0.x_client(attributes).unwrap()
    }

    fn noop(&mut self) {
        self.0.noop().unwrap();
    }

    fn quit(self) {
        self.0.quit().unwrap();
    }

    fn machine(&mut self) -> &mut smtp_proto::Client {
        self.0.machine()
    }

    fn event(&mut self) -> Event {
        self.0.event().unwrap()
    }
}

/// From mail-tokio.
pub(crate) struct TokioSmtp {
    client: mail_tokio::smtp::Client,
    runtime: Runtime,
}

impl Smtp for TokioSmtp {
    fn connect_with(server: SocketAddr, tls: Tls, config: Config) -> Self {
        let (runtime, options) = (runtime(), mail_tokio::Options::new(tls, config));
        let connecting = mail_tokio::smtp::Client::connect(server, options);
        let client = runtime.block_on(connecting).unwrap();
        Self { client, runtime }
    }

    fn capabilities(&self) -> &Capabilities {
        self.client.capabilities()
    }

    fn is_secured(&self) -> bool {
        self.client.is_secured() && self.client.tls().is_some()
    }

    fn login(&mut self, credentials: &Credentials, policy: &Policy) -> Result<Reply, String> {
        said(self.runtime.block_on(self.client.login_with(credentials, policy)))
    }

    fn send(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, String> {
        said(self.runtime.block_on(self.client.send(envelope, message)))
    }

    fn verify(&mut self, user: Inquiry) -> Result<Reply, String> {
        said(self.runtime.block_on(self.client.verify(user)))
    }

    fn turn(&mut self, queue: Etrn) -> Result<Reply, String> {
        said(self.runtime.block_on(self.client.turn(queue)))
    }

    fn x_client(&mut self, attributes: Attributes) -> Reply {
        self.runtime.block_on(self.client.x_client(attributes)).unwrap()
    }

    fn noop(&mut self) {
        self.runtime.block_on(self.client.noop()).unwrap();
    }

    fn quit(self) {
        self.runtime.block_on(self.client.quit()).unwrap();
    }

    fn machine(&mut self) -> &mut smtp_proto::Client {
        self.client.machine()
    }

    fn event(&mut self) -> Event {
        self.runtime.block_on(self.client.event()).unwrap()
    }
}

fn said<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
