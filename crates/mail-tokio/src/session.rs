//! The application's side of a driver: events, answers, bodies.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use mail_tls::{Channel, Endpoint, TlsError};
use mail_wire::{Answers, Ask, Machine, Misuse, Step, Upload};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::{Driver, Error, Observer};

/// One dialogue, as the application sees it: a loop around [`next`](Self::next).
#[derive(Debug)]
pub struct Session<M, T> {
    driver: Driver<M, T>,
}

impl<M: Machine, T: AsyncRead + AsyncWrite + Unpin> Session<M, T> {
    /// A dialogue over `transport`. Nothing is read or written yet.
    pub fn new(machine: M, transport: T) -> Self {
        Self {
            driver: Driver::new(machine, transport),
        }
    }

    /// Lets the machine begin TLS when the peer asks for it, as [`Driver::with_tls`].
    #[must_use]
    pub fn with_tls(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.driver = self.driver.with_tls(endpoint);
        self
    }

    /// Shows what passes from now on to an observer, as [`Driver::observe`].
    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.driver.observe(observer);
    }

    /// Begins TLS before the first octet, as [`Driver::secure`].
    ///
    /// # Errors
    ///
    /// [`TlsError::Setup`].
    pub fn secure(&mut self, endpoint: &Endpoint) -> Result<(), TlsError> {
        self.driver.secure(endpoint)
    }

    /// The TLS connection, if there is one: version, certificates, channel bindings.
    pub fn tls(&self) -> Option<&Channel> {
        self.driver.tls()
    }

    /// The machine, to ask how it is.
    pub const fn machine(&self) -> &M {
        self.driver.machine()
    }

    /// The driver beneath, for what the session does not offer.
    pub const fn driver(&mut self) -> &mut Driver<M, T> {
        &mut self.driver
    }

    /// The next event; `None` when the dialogue has ended in order.
    ///
    /// # Errors
    ///
    /// The transport's and the machine's fatal ones. [`Misuse`] while an ask is open, an incoming body is unread or an
    /// outgoing one unfinished: nothing is ever skipped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Result<Option<M::Event>, Error<M::Error>> {
        loop {
            return match self.driver.step().await? {
                Step::Event(event) => Ok(Some(event)),
                Step::Closed => Ok(None),
                Step::Body => Err(Misuse::BodyUnread.into()),
                Step::BodyEnd | Step::BodyAborted => {
                    // Each octet was read, or the machine itself answers for a void body: no mail can be lost here.
                    self.driver.machine_mut().close_body();
                    continue;
                }
                Step::NeedBody => Err(Misuse::BodyUnfinished.into()),
                _ => Err(Misuse::AskOpen.into()),
            };
        }
    }

    /// Says yes.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when `ask` is not the open one.
    pub fn accept<Q>(&mut self, ask: Ask<Q>) -> Result<(), Misuse>
    where
        M: Answers<Q>,
        M::Yes: Default,
    {
        self.accept_with(ask, M::Yes::default())
    }

    /// Says yes, with what goes with it.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when `ask` is not the open one.
    pub fn accept_with<Q>(&mut self, ask: Ask<Q>, yes: M::Yes) -> Result<(), Misuse>
    where
        M: Answers<Q>,
    {
        self.driver.machine_mut().answer(ask, Ok(yes))
    }

    /// Says no.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when `ask` is not the open one.
    pub fn refuse<Q>(&mut self, ask: Ask<Q>, why: M::No) -> Result<(), Misuse>
    where
        M: Answers<Q>,
    {
        self.driver.machine_mut().answer(ask, Err(why))
    }

    /// Gives an event its safe answer: a question is refused in the protocol's words, other events are dropped. Ends the
    /// `match` of every loop.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when the event's ask is not the open one.
    pub fn unhandled(&mut self, event: M::Event) -> Result<(), Misuse> {
        self.driver.machine_mut().unhandled(event)
    }

    /// The incoming body. It ends with the message; a body that is void (the peer vanished, bare line ends, over its
    /// limit) is an [`io::Error`] of the kind [`UnexpectedEof`](io::ErrorKind::UnexpectedEof), never an end of file.
    pub const fn body(&mut self) -> Body<'_, M, T> {
        Body::new(&mut self.driver)
    }

    /// Writes the answers given so far. Use it before an answer that takes long.
    ///
    /// # Errors
    ///
    /// The transport's.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.driver.flush().await
    }

    /// The program wants to stop: what is acknowledged is finished, then [`next`](Self::next) returns `None`.
    pub fn shutdown(&mut self) {
        self.driver.machine_mut().shutdown();
    }
}

impl<M: Upload, T: AsyncRead + AsyncWrite + Unpin> Session<M, T> {
    /// Sends a whole body, streamed from `source`; `len` is its length in octets where that is known.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] also for those of `source`: the body is then unfinished, and the dialogue must be dropped.
    ///
    /// # Cancel safety
    ///
    /// None: dropped half-way, the body is unfinished, and the dialogue must be dropped too.
    pub async fn send_body(
        &mut self,
        len: Option<u64>,
        mut source: impl AsyncRead + Unpin,
    ) -> Result<(), Error<M::Error>> {
        self.begin_body(len)?;
        let mut piece = vec![0; PIECE];
        loop {
            match source.read(&mut piece).await? {
                0 => return self.finish_body().await,
                n => self.write_body(&piece[..n]).await?,
            }
        }
    }

    /// Opens an outgoing body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when none is expected.
    pub fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        self.driver.machine_mut().begin_body(len)
    }

    /// Writes a piece of the outgoing body. A body that the peer (or the protocol, as with TOP) wants no more of takes
    /// the rest and drops it.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next), and [`Misuse`] when no body is open.
    ///
    /// # Cancel safety
    ///
    /// None: how much of `piece` was taken is lost with the future.
    pub async fn write_body(&mut self, mut piece: &[u8]) -> Result<(), Error<M::Error>> {
        while !piece.is_empty() {
            let n = self.driver.machine_mut().write_body(piece)?;
            piece = &piece[n..];
            if n == 0 && !matches!(self.driver.step().await?, Step::NeedBody) {
                return Err(Error::Closed);
            }
        }
        Ok(())
    }

    /// Ends the outgoing body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when no body is open or its length is not the announced one.
    pub async fn finish_body(&mut self) -> Result<(), Error<M::Error>> {
        Ok(self.driver.machine_mut().finish_body()?)
    }
}

/// Octets that are read from a source at once.
const PIECE: usize = 16 * 1024;

/// The incoming body, borrowed from the machine's window. See [`Session::body`].
#[derive(Debug)]
pub struct Body<'a, M, T> {
    driver: &'a mut Driver<M, T>,
}

impl<'a, M, T> Body<'a, M, T> {
    pub(crate) const fn new(driver: &'a mut Driver<M, T>) -> Self {
        Self { driver }
    }
}

impl<M, T> AsyncBufRead for Body<'_, M, T>
where
    M: Machine,
    M::Error: Send + Sync + 'static,
    T: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let driver = &mut *self.get_mut().driver;
        Poll::Ready(match ready!(driver.poll_step(cx))? {
            Step::Body => Ok(driver.machine().body()),
            Step::BodyEnd => Ok(&[]),
            Step::BodyAborted => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the body was broken off")),
            _ => Err(io::Error::other(Misuse::NoBodyExpected)),
        })
    }

    fn consume(self: Pin<&mut Self>, n: usize) {
        self.get_mut().driver.machine_mut().consume(n);
    }
}

impl<M, T> AsyncRead for Body<'_, M, T>
where
    M: Machine,
    M::Error: Send + Sync + 'static,
    T: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let octets = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = octets.len().min(buffer.remaining());
        buffer.put_slice(&octets[..n]);
        self.consume(n);
        Poll::Ready(Ok(()))
    }
}
