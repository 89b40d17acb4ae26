//! A call of the IMAP client that is dropped never puts the session out of step: every call is dropped at every point at
//! which it waits, over a transport that moves one octet at a time and waits before each.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use imap_proto::client::{self, Security};
use imap_proto::server::{Config, Event, Offers, Opening, SaslStep};
use imap_proto::{
    Capability, ClientLimits, Command, Data, Fetch, FetchItem, Found, ListedMailbox, Mailbox, Numbering, Payload,
    Section, Server,
};
use mail_tokio::imap::{Client, ClientError, Fetched};
use mail_wire::{Answers, Machine, Step, Upload};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// A server at the other end, which is heard and spoken to octet by octet.
struct Peer {
    server: Server,
    /// Lengths of the messages that were stored.
    stored: Vec<usize>,
    message: usize,
    ready_to_read: bool,
    ready_to_write: bool,
}

impl Peer {
    fn new(opening: Opening) -> Self {
        let offers = ["IMAP4rev1", "IDLE", "AUTH=PLAIN"];
        let config = Config {
            opening,
            offers: Offers {
                always: offers.map(Capability::fixed).into(),
                ..Offers::default()
            },
            ..Config::default()
        };
        Self {
            server: Server::new(Arc::new(config), imap_proto::server::Security::Secured),
            stored: Vec::new(),
            message: 0,
            ready_to_read: false,
            ready_to_write: false,
        }
    }

    fn serve(&mut self) {
        loop {
            match self.server.poll().expect("no error") {
                Step::Event(event) => self.event(event),
                Step::Body => {
                    self.message += self.server.body().len();
                    self.server.consume(usize::MAX);
                }
                Step::BodyEnd | Step::BodyAborted => self.server.close_body(),
                _ => return,
            }
        }
    }

    fn event(&mut self, event: Event) {
        let server = &mut self.server;
        let answered = match event {
            Event::Authenticate(ask, _) => server.answer(ask, Ok(SaslStep::Challenge(b"who?".to_vec()))),
            Event::SaslResponse(ask, _) => server.answer(ask, Ok(SaslStep::Success)),
            Event::Append(ask, _) => {
                self.message = 0;
                server.answer(ask, Ok(()))
            }
            Event::Appended(ask) => {
                self.stored.push(self.message);
                server.answer(ask, Ok(Default::default()))
            }
            Event::IdleBegan => server.update(Data::Exists(4)),
            Event::Command(ask, command) => {
                answer(server, *command);
                server.answer(ask, Ok(Default::default()))
            }
            other => server.unhandled(other),
        };
        answered.expect("open");
    }
}

const MESSAGE: &[u8] = b"Subject: lunch\r\n\r\nAt noon?\r\n";

fn answer(server: &mut Server, command: Command<'static>) {
    let one = std::num::NonZeroU32::MIN;
    let say = |server: &mut Server, data| server.send(data).expect("a command is open");
    match command {
        Command::Fetch(_) => {
            let mut fetch = Fetch::empty(Numbering::Sequence, one);
            fetch.push(FetchItem::Uid(one));
            fetch.push(FetchItem::BodySection {
                section: Section::Whole,
                origin: None,
                data: Some(Payload::Announced(MESSAGE.len() as u64)),
            });
            fetch.push(FetchItem::Rfc822Size(MESSAGE.len() as u64));
            say(server, Data::Fetch(fetch));
            assert_eq!(server.write_body(MESSAGE), Ok(MESSAGE.len()));
            server.finish_body().expect("it is whole");
        }
        Command::Search(_) => say(server, Data::Search(Found::new(vec![one]))),
        Command::List(_) => {
            say(server, Data::Exists(3));
            let listed = ListedMailbox::new(Vec::new(), None, Mailbox::Inbox);
            say(server, Data::List(listed));
        }
        _ => {}
    }
}

impl AsyncRead for Peer {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.ready_to_read = !self.ready_to_read;
        let Some(octet) = self.server.transmit().first().copied() else {
            return Poll::Pending;
        };
        if self.ready_to_read {
            return Poll::Pending;
        }
        buffer.put_slice(&[octet]);
        self.server.transmitted(1);
        self.serve();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Peer {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.ready_to_write = !self.ready_to_write;
        if self.ready_to_write {
            return Poll::Pending;
        }
        assert_eq!(self.server.receive(&octets[..1]), 1);
        self.serve();
        Poll::Ready(Ok(1))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Polls a future so many times, then drops it.
fn poll<R>(future: impl Future<Output = R>, times: usize) -> Option<R> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    })
}

const PATIENCE: usize = 10_000;

fn client(opening: Opening) -> Client<Peer> {
    let config = client::Config {
        security: Security::Secured,
        limits: ClientLimits {
            literal: 8,
            ..ClientLimits::default()
        },
        ..client::Config::default()
    };
    let greeted = poll(Client::greet(Peer::new(opening), config), PATIENCE);
    greeted.expect("it ends").expect("a greeting")
}

/// Drops `call` at every point at which it waits, each time in a session of its own, which `then` must find in step.
fn drop_everywhere<R>(opening: Opening, call: impl AsyncFn(&mut Client<Peer>) -> R, then: impl Fn(Client<Peer>)) {
    for times in 1..PATIENCE {
        let mut imap = client(opening);
        let done = poll(call(&mut imap), times).is_some();
        then(imap);
        if done {
            assert!(times > 20, "it waits more often than that");
            return;
        }
    }
    panic!("it never ends");
}

fn selected(opening: Opening, call: impl AsyncFn(&mut Client<Peer>)) {
    drop_everywhere(opening, call, |mut imap| in_step(&mut imap).expect("in step"));
}

/// A command is answered with its own answer, and what was said otherwise is news.
fn in_step(imap: &mut Client<Peer>) -> Result<(), ClientError> {
    let heard = std::iter::from_fn(|| imap.news().take()).count();
    let listed = poll(imap.list("", "*"), PATIENCE).expect("it ends")?;
    assert_eq!(listed.len(), 1, "{heard} pieces of news before");
    assert!(std::iter::from_fn(|| imap.news().take()).any(|news| news == Data::Exists(3)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn commands_can_be_dropped() {
    let opening = Opening::PreAuthenticated;
    selected(opening, async |imap| {
        imap.list("", "*").await.expect("listed");
    });
    selected(opening, async |imap| {
        imap.select("INBOX").await.expect("it is there");
        assert!(imap.search("ALL").await.expect("found").is_some());
    });
    selected(opening, async |imap| {
        imap.select("INBOX").await.expect("it is there");
        imap.idle().await.expect("idling").next().await.expect("no error");
    });
    selected(opening, async |imap| {
        let mut idle = imap.idle().await.expect("idling");
        idle.next().await.expect("no error");
        idle.done().await.expect("done");
    });
}

#[tokio::test(start_paused = true)]
async fn messages_can_be_dropped_half_read() {
    let opening = Opening::PreAuthenticated;
    selected(opening, async |imap| {
        imap.select("INBOX").await.expect("it is there");
        let fetched = imap
            .fetch_all("1", "(UID BODY.PEEK[] RFC822.SIZE)")
            .await
            .expect("fetched");
        let held = fetched[0].items()[1].data().and_then(Payload::held);
        assert_eq!(held, Some(MESSAGE));
    });
    selected(opening, async |imap| {
        imap.select("INBOX").await.expect("it is there");
        let mut messages = imap.fetch("1", "(UID BODY.PEEK[] RFC822.SIZE)").await.expect("given");
        while let Some(piece) = messages.next().await.expect("no error") {
            if let Fetched::Literal(_, mut body) = piece {
                let mut octets = Vec::new();
                body.read_to_end(&mut octets).await.expect("whole");
                assert_eq!(octets, MESSAGE);
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn an_exchange_can_be_dropped() {
    let call = async |imap: &mut Client<Peer>| {
        let respond = |challenge: &[u8]| (challenge == b"who?").then(|| "bob".into());
        imap.authenticate("PLAIN", None, respond).await.expect("welcome");
    };
    drop_everywhere(Opening::Login, call, |mut imap| {
        poll(imap.noop(), PATIENCE).expect("it ends").expect("in step");
        assert!(!matches!(poll(imap.noop(), PATIENCE), None | Some(Err(_))));
    });
}

#[tokio::test(start_paused = true)]
async fn a_message_on_its_way_is_stored_whole_or_the_session_is_over() {
    let call = async |imap: &mut Client<Peer>| {
        let len = MESSAGE.len() as u64;
        imap.append("INBOX", [], None, len, Trickle(MESSAGE))
            .await
            .expect("stored");
    };
    let ends = std::cell::Cell::new((0, 0));
    drop_everywhere(Opening::PreAuthenticated, call, |mut imap| {
        let (in_step_still, broken) = ends.get();
        match in_step(&mut imap) {
            Ok(()) => ends.set((in_step_still + 1, broken)),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("broken off"), "{error}");
                in_step(&mut imap).expect_err("it stays over");
                ends.set((in_step_still, broken + 1));
            }
        }
        let stored = &imap.driver().transport().stored;
        assert!(stored.iter().all(|len| *len == MESSAGE.len()), "{stored:?}");
    });
    let (in_step, broken) = ends.get();
    assert!(in_step > 20 && broken > 20, "{ends:?}");
}

/// A source that gives an octet at a time.
struct Trickle(&'static [u8]);

impl AsyncRead for Trickle {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some((octet, rest)) = self.0.split_first() {
            buffer.put_slice(&[*octet]);
            self.0 = rest;
        }
        Poll::Ready(Ok(()))
    }
}
