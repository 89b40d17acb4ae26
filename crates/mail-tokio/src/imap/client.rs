//! The client's core: one command at a time, everything that the server says meanwhile, and what becomes of a call that
//! is dropped.

use std::collections::VecDeque;
use std::mem;

use imap_proto::client::{CommandId, Config, Event, Gather, InvalidResponse, Literals, News, Security};
use imap_proto::{Command, Condition, Data, Phase, SaslResponse, Status};
use mail_tls::{Address, Channel, Policy, Tls, TlsError};
use mail_wire::{Machine, Misuse, Step};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::ClientError;
use crate::pool::Pooled;
use crate::{Driver, Error, Options, ToAddress, connect, drive};

/// A client's side of one connection. A method is a command and waits for its result.
///
/// Mailboxes, sets, search keys and attributes are values of `imap-proto`, or their text. What a server offers is asked
/// for where a command needs to know; one that needs more than is offered is
/// [`Misuse::NotOffered`] before anything is sent.
///
/// # Cancel safety
///
/// A call may be dropped before it is done. The next one ends it first: what is left of its answer is read and, like
/// what was read already, kept as [`news`](Self::news). Only a message that is being sent cannot be taken back: dropped
/// inside it, the session is over, and the next call says [`Broken`](imap_proto::client::Error::Broken).
///
/// # Memory
///
/// A list of mailboxes or a collected [`fetch_all`](Self::fetch_all) is as long as the server makes it. Messages from
/// servers that are not trusted are better read through [`fetch`](Self::fetch).
#[derive(Debug)]
pub struct Client<T = TcpStream> {
    pub(super) driver: Driver<imap_proto::Client, T>,
    /// The command whose result has not come.
    current: Option<CommandId>,
    /// What the server said since it was given.
    heard: VecDeque<Data<'static>>,
    invalid: Vec<InvalidResponse>,
    gather: Gather,
    news: News,
}

/// What the server said in answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Untagged data in its order, FETCH responses collected. Not all of it need be the command's: a server may say
    /// anything at any time.
    pub data: Vec<Data<'static>>,
    /// Responses that could not be read: the first [`INVALID`](Self::INVALID) of them.
    pub invalid: Vec<InvalidResponse>,
    /// The tagged OK.
    pub status: Status<'static>,
}

impl Reply {
    /// How many responses that could not be read are kept.
    pub const INVALID: usize = 16;
}

/// What the server says to a command in progress.
#[derive(Debug)]
pub(super) enum Said {
    Data(Data<'static>),
    Invalid(Box<InvalidResponse>),
    Challenge(Vec<u8>),
    /// A challenge was told already, and its response is owed.
    Challenged,
    Idling,
    /// A literal of the command is due.
    Literal,
    /// OK, NO or BAD.
    Done(Box<Status<'static>>),
}

impl Client<TcpStream> {
    /// Connects, waits for the greeting, and puts TLS in as `options` say.
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
            imap_proto::Client::new(config),
            transport,
            address,
            &tls,
            observers.as_ref(),
        )?;
        let mut client = Self::begin(driver).await?;
        match tls.policy() {
            Policy::Implicit | Policy::Never => {}
            Policy::Required => client.starttls().await?,
            Policy::Opportunistic => match client.starttls().await {
                // Neither an offer that is missing nor one that is taken back is worth the session.
                Err(ClientError::Session(Error::Tls(TlsError::NotOffered)) | ClientError::Refused(_)) => {}
                other => other?,
            },
        }
        Ok(client)
    }

    /// Begins a session over a transport: waits for the greeting. There is no TLS but what the transport has.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub async fn greet(transport: T, config: Config) -> Result<Self, ClientError> {
        Self::begin(Driver::new(imap_proto::Client::new(config), transport)).await
    }

    async fn begin(driver: Driver<imap_proto::Client, T>) -> Result<Self, ClientError> {
        let mut client = Self {
            driver,
            current: None,
            heard: VecDeque::new(),
            invalid: Vec::new(),
            gather: Gather::default(),
            news: News::default(),
        };
        loop {
            match client.driver.step().await? {
                Step::Event(Event::Greeting(_)) => return Ok(client),
                Step::Event(_) => {}
                _ => return Err(Error::Closed.into()),
            }
        }
    }

    /// STARTTLS, and CAPABILITY again: what was said in plaintext is forgotten. [`connect`](Client::connect) does so when
    /// asked to; the driver must have been given [its TLS](Driver::with_tls).
    ///
    /// # Errors
    ///
    /// [`TlsError::NotOffered`] before anything is sent; otherwise those of TLS, and as all commands.
    pub async fn starttls(&mut self) -> Result<(), ClientError> {
        let offered = self.capabilities().await?.iter().any(|offer| offer.is("STARTTLS"));
        // RFC 9051 §6.2.1: only before somebody has logged in.
        if !offered || self.machine().phase() != Phase::NotAuthenticated {
            return Err(TlsError::NotOffered.into());
        }
        self.run(Command::StartTls).await?;
        loop {
            match self.driver.step().await? {
                Step::Event(event) => drop(self.event(event)?),
                Step::NeedAnswer => break,
                _ => return Err(Error::Closed.into()),
            }
        }
        self.driver.handshake().await?;
        self.capabilities().await?;
        Ok(())
    }

    /// The TLS connection, if there is one: version, certificates, channel bindings.
    pub fn tls(&self) -> Option<&Channel> {
        self.driver.tls()
    }

    /// The machine, to ask how it is: its phase, what is offered, what is enabled.
    pub const fn machine(&self) -> &imap_proto::Client {
        self.driver.machine()
    }

    /// The driver beneath, for what the client does not offer. Commands that are submitted to its machine are the
    /// caller's to wait for.
    pub const fn driver(&mut self) -> &mut Driver<imap_proto::Client, T> {
        &mut self.driver
    }

    /// What the server has said, and no call has returned.
    pub const fn news(&mut self) -> &mut News {
        &mut self.news
    }

    /// Gives any command and waits for its result. One with an announced literal is given through
    /// [`run_with`](Self::run_with).
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] when the server says NO or BAD, and the session's. [`Misuse::NotOffered`] before
    /// anything is sent when the server does not offer what the command needs.
    pub async fn run(&mut self, command: Command<'static>) -> Result<Reply, ClientError> {
        self.submit(command).await?;
        self.reply().await
    }

    /// The rest of the answer to the command in progress.
    pub(super) async fn reply(&mut self) -> Result<Reply, ClientError> {
        loop {
            match self.said().await? {
                Said::Data(data) => self.heard.push_back(data),
                Said::Invalid(invalid) => self.unreadable(*invalid),
                Said::Done(status) => return self.finish(status),
                Said::Literal => return Err(Misuse::BodyUnfinished.into()),
                Said::Challenge(_) | Said::Challenged => {
                    self.driver.machine_mut().respond(&SaslResponse::Cancel)?;
                }
                // IDLE as any command: it has its answer when it begins.
                Said::Idling => self.driver.machine_mut().done(),
            }
        }
    }

    /// What was heard, with the result. What came with a refusal is news.
    pub(super) fn finish(&mut self, status: Box<Status<'static>>) -> Result<Reply, ClientError> {
        let invalid = mem::take(&mut self.invalid);
        let data = mem::take(&mut self.heard);
        if status.condition == Condition::Ok {
            return Ok(Reply {
                data: data.into(),
                invalid,
                status: *status,
            });
        }
        data.into_iter().for_each(|data| self.news.push(data));
        Err(ClientError::Refused(status))
    }

    /// Keeps what belongs to the command in progress.
    pub(super) fn hear(&mut self, data: Data<'static>) {
        self.heard.push_back(data);
    }

    pub(super) fn heard(&mut self) -> Option<Data<'static>> {
        self.heard.pop_front()
    }

    pub(super) fn unreadable(&mut self, invalid: InvalidResponse) {
        if self.invalid.len() < Reply::INVALID {
            self.invalid.push(invalid);
        }
    }

    /// The data of a reply that is `wanted`; the rest is news.
    pub(super) fn sift<W>(
        &mut self,
        reply: Reply,
        mut wanted: impl FnMut(Data<'static>) -> Result<W, Data<'static>>,
    ) -> Vec<W> {
        let mut found = Vec::new();
        for data in reply.data {
            match wanted(data) {
                Ok(data) => found.push(data),
                Err(other) => self.news.push(other),
            }
        }
        found
    }

    /// The one piece of data that answers a command; `what` is its name.
    pub(super) fn sift_one<W>(
        &mut self,
        mut reply: Reply,
        what: &'static str,
        wanted: impl FnMut(Data<'static>) -> Result<W, Data<'static>>,
    ) -> Result<W, ClientError> {
        let invalid = (!reply.invalid.is_empty()).then(|| reply.invalid.swap_remove(0));
        let found = self.sift(reply, wanted).pop();
        found.ok_or_else(|| match invalid {
            Some(invalid) => ClientError::Invalid(Box::new(invalid)),
            None => ClientError::Missing { what },
        })
    }

    /// Gives a command once the one before is done with.
    pub(super) async fn submit(&mut self, command: Command<'static>) -> Result<(), ClientError> {
        self.settle().await?;
        self.gather.literals(match command {
            Command::Fetch(_) => Literals::Keep,
            _ => Literals::Drop,
        });
        self.current = Some(self.driver.machine_mut().submit(command)?);
        Ok(())
    }

    /// Ends what a dropped call has left.
    async fn settle(&mut self) -> Result<(), ClientError> {
        if self.machine().body_left().is_some() {
            self.driver.machine_mut().break_off();
        }
        self.gather.literals(Literals::Drop);
        self.invalid.clear();
        mem::take(&mut self.heard)
            .into_iter()
            .for_each(|data| self.news.push(data));
        while self.current.is_some() {
            self.driver.machine_mut().done();
            match self.said().await? {
                Said::Data(data) => self.news.push(data),
                Said::Challenge(_) | Said::Challenged => {
                    self.driver.machine_mut().respond(&SaslResponse::Cancel)?;
                }
                // Announced, and nobody writes it any more.
                Said::Literal => self.driver.machine_mut().break_off(),
                Said::Invalid(_) | Said::Idling | Said::Done(_) => {}
            }
        }
        Ok(())
    }

    /// What the server says next while a command is in progress.
    ///
    /// Cancel-safe: what was gathered of a FETCH response stays.
    pub(super) async fn said(&mut self) -> Result<Said, ClientError> {
        loop {
            let step = self.driver.step().await?;
            if let Some(said) = self.take(step)? {
                return Ok(said);
            }
        }
    }

    fn take(&mut self, step: Step<Event>) -> Result<Option<Said>, ClientError> {
        let machine = self.driver.machine_mut();
        match step {
            Step::Event(event) => return self.event(event),
            Step::Body => {
                self.gather.octets(machine.body());
                machine.consume(usize::MAX);
            }
            Step::BodyEnd => {
                self.gather.end();
                machine.close_body();
            }
            Step::BodyAborted => machine.close_body(),
            Step::NeedBody => return Ok(Some(Said::Literal)),
            Step::NeedAnswer if self.current.is_some() => return Ok(Some(Said::Challenged)),
            Step::NeedAnswer | Step::NeedInput | Step::NeedFlush => {
                return Err(Misuse::OutOfSequence { command: "waiting" }.into());
            }
            Step::Upgrade(_) | Step::Closed => return Err(Error::Closed.into()),
        }
        Ok(None)
    }

    pub(super) fn event(&mut self, event: Event) -> Result<Option<Said>, ClientError> {
        Ok(match event {
            Event::Done(id, status) if self.current == Some(id) => {
                self.current = None;
                Some(Said::Done(status))
            }
            Event::NotSent(id, why) if self.current == Some(id) => {
                self.current = None;
                return Err(why.into());
            }
            Event::Challenge(_, challenge) => Some(Said::Challenge(challenge)),
            Event::Idling(_) => Some(Said::Idling),
            Event::Invalid(invalid) => Some(Said::Invalid(invalid)),
            event => self.gather.event(event).map(Said::Data),
        })
    }

    pub(super) const fn news_mut(&mut self) -> &mut News {
        &mut self.news
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

/// What else a server says unasked is [news](Client::news), and no reason to leave it.
impl<T: AsyncRead + AsyncWrite + Unpin> Pooled for Client<T> {
    fn is_alive(&mut self) -> bool {
        if self.current.is_some() || self.machine().body_left().is_some() || self.driver.look().is_err() {
            return false;
        }
        loop {
            match self.driver.machine_mut().poll() {
                Ok(Step::NeedAnswer) => return true,
                Ok(Step::Event(event)) if !is_good_bye(&event) => {
                    if self.event(event).is_err() {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
}

fn is_good_bye(event: &Event) -> bool {
    matches!(event, Event::Data(data) if matches!(&**data, Data::Status(status) if status.condition == Condition::Bye))
}
