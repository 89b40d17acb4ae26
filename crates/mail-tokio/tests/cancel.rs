//! Cancelling a call loses nothing: every future is dropped at every point at which it waits, over a transport that moves
//! one octet at a time and waits before each.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mail_tokio::smtp::Session;
use smtp_proto::server::{Config, Event};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, ReadBuf};

/// A transport that is pending before each octet, both ways.
#[derive(Default)]
struct Drip {
    input: VecDeque<u8>,
    output: Vec<u8>,
    ready_to_read: bool,
    ready_to_write: bool,
}

impl AsyncRead for Drip {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.ready_to_read = !self.ready_to_read;
        if self.ready_to_read {
            return Poll::Pending;
        }
        buffer.put_slice(self.input.pop_front().as_slice());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Drip {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.ready_to_write = !self.ready_to_write;
        if self.ready_to_write {
            return Poll::Pending;
        }
        self.output.push(octets[0]);
        Poll::Ready(Ok(1))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What a dialogue came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Record {
    events: Vec<String>,
    body: Vec<u8>,
    output: Vec<u8>,
}

const INPUT: &[u8] = b"EHLO crepes.example\r\nMAIL FROM:<alice@crepes.example>\r\nRCPT TO:<bob@hamburger.example>\r\n\
    RCPT TO:<carol@hamburger.example>\r\nDATA\r\nSubject: dots\r\n\r\n..one\r\ntwo\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n";

/// How often a future is polled before it is dropped; `None`: to its end.
type Patience = Option<usize>;

#[tokio::test(start_paused = true)]
async fn a_call_can_be_cancelled_wherever_it_waits() {
    let whole = converse(None);
    let text = String::from_utf8_lossy(&whole.output);
    assert_eq!(whole.body, b"Subject: dots\r\n\r\n.one\r\ntwo\r\n");
    assert!(text.contains("\r\n354 ") && text.contains("\r\n221 "), "{text}");
    assert_eq!(whole.events.len(), 6, "{:?}", whole.events);
    for patience in 1..20 {
        assert_eq!(converse(Some(patience)), whole, "dropped after {patience} polls");
    }
}

fn converse(patience: Patience) -> Record {
    let config = Config::new("hamburger.example".parse().expect("a domain"));
    let transport = Drip {
        input: INPUT.iter().copied().collect(),
        ..Drip::default()
    };
    let mut session = Session::new(smtp_proto::Server::new(Arc::new(config)), transport);
    let mut record = Record::default();
    while let Some(event) = repeat(patience, &mut session, async |session| {
        session.next().await.expect("no error")
    }) {
        record.events.push(name(&event));
        match event {
            Event::Mail(ask, _) => session.accept(ask).expect("open"),
            Event::Recipient(ask, _) => session.accept(ask).expect("open"),
            Event::Message(ask) => session.accept(ask).expect("open"),
            Event::Data(ask) => {
                session.accept(ask).expect("open");
                read_body(patience, &mut session, &mut record.body);
            }
            other => session.unhandled(other).expect("open"),
        }
        repeat(patience, &mut session, async |session| {
            session.flush().await.expect("no error")
        });
    }
    record.output = session.driver().transport().output.clone();
    record
}

/// Takes a single octet of each piece, so that the rest must still be there after the next cancellation.
fn read_body(patience: Patience, session: &mut Session<Drip>, body: &mut Vec<u8>) {
    loop {
        let octet = repeat(patience, session, async |session| {
            session.body().fill_buf().await.expect("no error").first().copied()
        });
        match octet {
            None => return,
            Some(octet) => body.push(octet),
        }
        session.body().consume(1);
    }
}

/// Runs a call to its end, dropping its future after every `patience` polls and calling again.
fn repeat<T>(patience: Patience, session: &mut Session<Drip>, call: impl AsyncFn(&mut Session<Drip>) -> T) -> T {
    loop {
        let mut future = pin!(call(session));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..patience.unwrap_or(usize::MAX) {
            if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
                return done;
            }
        }
    }
}

fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}
