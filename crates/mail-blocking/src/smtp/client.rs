//! A client's session: how it begins, its single commands, how it ends.

use std::net::SocketAddr;

use mail_tls::{Address, Channel, Policy, Tls, TlsError};
use mail_wire::{Misuse, Step};
use smtp_proto::client::{Config, Event, Security};
use smtp_proto::{Argument, Attributes, Capabilities, Etrn, Host, Inquiry, Reply, Verb};

use super::ClientError;
use crate::pool::Pooled;
use crate::{Driver, Error, Options, Tcp, ToAddress, Transport, drive};

/// A client's side of one connection, which has said EHLO.
#[derive(Debug)]
pub struct Client<T = Tcp> {
    pub(super) driver: Driver<smtp_proto::Client, T>,
    pub(super) config: Config,
    pub(super) course: Course,
}

/// How far the latest message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// There was none.
    Unused,
    /// The first was announced, and not begun.
    First,
    /// One behind others was announced, and not begun.
    Another,
    /// Octets of it may have gone.
    Begun,
}

impl Client<Tcp> {
    /// Connects, waits for the greeting, puts TLS in as `options` say, and says EHLO, LHLO where the
    /// [configuration](Config::protocol) says so, or HELO to a server that does not know EHLO. Without a configuration the
    /// client introduces itself by its address.
    ///
    /// # Errors
    ///
    /// The system's, the protocol's, those of TLS, or a server that turns us away. [`TlsError::NotOffered`] when TLS is
    /// required and the server has none.
    pub fn connect(address: impl ToAddress, options: impl Into<Options<Config>>) -> Result<Self, ClientError> {
        let (address, Options { tls, config }) = (address.to_address()?, options.into());
        let limits = config.as_ref().map(|config| config.limits).unwrap_or_default();
        let stream = Tcp::connect(&address, limits.timeouts.greeting)?;
        let config = match config {
            Some(config) => config,
            None => Config::new(host(stream.local_addr()?)),
        };
        Self::open(stream, &address, Options::new(tls, config))
    }
}

impl<T: Transport> Client<T> {
    /// Begins a session over a transport, as [`connect`](Client::connect): `address` is what it leads to, whose name the
    /// server's certificate must have. Without a configuration the client introduces itself as 127.0.0.1.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub fn open(transport: T, address: &Address, options: impl Into<Options<Config>>) -> Result<Self, ClientError> {
        let Options { tls, config } = options.into();
        let mut config = config.unwrap_or_else(|| Config::new(std::net::Ipv4Addr::LOCALHOST.into()));
        config.security = security(tls.policy());
        let driver = drive(smtp_proto::Client::new(config.clone()), transport, address, &tls)?;
        let mut client = Self::begin(driver, config)?;
        match tls.policy() {
            Policy::Implicit | Policy::Never => {}
            Policy::Required => client.starttls()?,
            Policy::Opportunistic => match client.starttls() {
                // Neither an offer that is missing nor one that is taken back is worth the session.
                Err(ClientError::Session(Error::Tls(TlsError::NotOffered)) | ClientError::Refused(_)) => {}
                other => other?,
            },
        }
        Ok(client)
    }

    /// Begins a session over a transport: waits for the greeting, and says EHLO. There is no TLS but what the transport has.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub fn greet(transport: T, config: Config) -> Result<Self, ClientError> {
        Self::begin(Driver::new(smtp_proto::Client::new(config.clone()), transport), config)
    }

    fn begin(driver: Driver<smtp_proto::Client, T>, config: Config) -> Result<Self, ClientError> {
        let mut client = Self {
            driver,
            config,
            course: Course::Unused,
        };
        match client.event()? {
            Event::Greeting(greeting) if !greeting.is_positive() => return Err(ClientError::Refused(greeting)),
            _ => {}
        }
        client.hello()?;
        Ok(client)
    }

    fn hello(&mut self) -> Result<(), ClientError> {
        self.machine().hello()?;
        loop {
            match self.event()? {
                Event::Hello(_) => return Ok(()),
                Event::Reply { reply, .. } if !reply.is_positive() => return Err(ClientError::Refused(reply)),
                _ => {}
            }
        }
    }

    /// STARTTLS, and EHLO again: what was said in plaintext is forgotten. [`connect`](Client::connect) does so when asked
    /// to; the driver must have been given [its TLS](Driver::with_tls).
    ///
    /// # Errors
    ///
    /// [`TlsError::NotOffered`] before anything is sent; otherwise those of TLS, and as all commands.
    pub fn starttls(&mut self) -> Result<(), ClientError> {
        if !self.capabilities().start_tls() || self.is_secured() {
            return Err(TlsError::NotOffered.into());
        }
        self.machine().start_tls()?;
        loop {
            match self.driver.step()? {
                Step::Event(Event::Reply { reply, .. }) if !reply.is_positive() => {
                    return Err(ClientError::Refused(reply));
                }
                Step::Event(_) => {}
                // The driver has put TLS in, and the machine has forgotten all.
                Step::NeedAnswer if self.is_secured() => return self.hello(),
                _ => return Err(Error::Closed.into()),
            }
        }
    }

    /// Whether a session that had sent other messages was lost before anything of the latest went: it can be sent again.
    pub(super) fn was_kept_in_vain(&self) -> bool {
        self.course == Course::Another
    }

    /// What the server offered in its answer to EHLO.
    pub const fn capabilities(&self) -> &Capabilities {
        self.driver.machine().capabilities()
    }

    /// Whether TLS is on.
    pub const fn is_secured(&self) -> bool {
        self.driver.machine().is_secured()
    }

    /// The TLS connection, if there is one: version, certificates, channel bindings.
    pub fn tls(&self) -> Option<&Channel> {
        self.driver.tls()
    }

    /// Nothing, which keeps the session alive.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn noop(&mut self) -> Result<Reply, ClientError> {
        self.machine().noop()?;
        self.reply(Verb::Noop)
    }

    /// Ends an open transaction.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn reset(&mut self) -> Result<Reply, ClientError> {
        self.machine().reset()?;
        self.reply(Verb::Rset)
    }

    /// Asks whether a mailbox exists.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn verify(&mut self, user: Inquiry) -> Result<Reply, ClientError> {
        self.machine().verify(user)?;
        self.reply(Verb::Vrfy)
    }

    /// Asks who is on a list.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn expand(&mut self, list: Inquiry) -> Result<Reply, ClientError> {
        self.machine().expand(list)?;
        self.reply(Verb::Expn)
    }

    /// Asks for help.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn help(&mut self, topic: Option<Argument>) -> Result<Reply, ClientError> {
        self.machine().help(topic)?;
        self.reply(Verb::Help)
    }

    /// Asks the server to send what it has for us, over connections of its own (RFC 1985).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn turn(&mut self, queue: Etrn) -> Result<Reply, ClientError> {
        self.machine().turn(queue)?;
        self.reply(Verb::Etrn)
    }

    /// Tells the server whom to take us for, and says EHLO again.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn x_client(&mut self, attributes: Attributes) -> Result<Reply, ClientError> {
        self.machine().x_client(attributes)?;
        let reply = self.reply(Verb::XClient)?;
        self.hello()?;
        Ok(reply)
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn quit(mut self) -> Result<Reply, ClientError> {
        self.machine().quit()?;
        let reply = self.reply(Verb::Quit)?;
        while !matches!(self.driver.step()?, Step::Closed) {}
        Ok(reply)
    }

    /// The machine, to submit any command; its events come from [`event`](Self::event).
    pub const fn machine(&mut self) -> &mut smtp_proto::Client {
        self.driver.machine_mut()
    }

    /// The next event.
    ///
    /// # Errors
    ///
    /// What ends the session.
    pub fn event(&mut self) -> Result<Event, ClientError> {
        match self.driver.step()? {
            Step::Event(event) => Ok(event),
            Step::NeedBody => Err(Misuse::BodyUnfinished.into()),
            _ => Err(Error::Closed.into()),
        }
    }

    pub(super) fn reply(&mut self, to: Verb) -> Result<Reply, ClientError> {
        loop {
            match self.event()? {
                Event::Reply { command, reply } if command == to => {
                    return match reply.is_positive() {
                        true => Ok(reply),
                        false => Err(ClientError::Refused(reply)),
                    };
                }
                _ => {}
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

/// What a client without a name says (RFC 5321 §4.1.4).
fn host(address: SocketAddr) -> Host {
    match address {
        SocketAddr::V4(address) => (*address.ip()).into(),
        SocketAddr::V6(address) => (*address.ip()).into(),
    }
}

impl<T: Transport> Pooled for Client<T> {
    fn is_alive(&mut self) -> bool {
        self.driver.look().is_ok() && self.driver.machine().is_reusable()
    }
}
