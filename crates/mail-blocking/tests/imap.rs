//! The IMAP client and server over loopback.

use std::io::Read;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::thread;
use std::time::{Duration, Instant};

use imap_proto::client::{self, Security};
use imap_proto::server::{Completion, Compress, Config, Event, Offers, Plaintext};
use imap_proto::{
    Capability, Code, Command, Data, Fetch, FetchItem, Flag, Found, ListedMailbox, Mailbox, Numbering, Payload,
    Section, StoreAction,
};
use mail_blocking::imap::{Client, ClientError, Fetched, Server, ServerError, Session};

const MESSAGE: &[u8] = &[b'x'; 100_000];
const ONE: NonZeroU32 = NonZeroU32::MIN;

fn server() -> SocketAddr {
    let offers = ["IMAP4rev1", "LITERAL+", "IDLE", "UIDPLUS"];
    let config = Config {
        offers: Offers {
            always: offers.map(Capability::fixed).into(),
            ..Offers::default()
        },
        compress: Compress::Offered,
        plaintext: Plaintext::Allowed,
        ..Config::default()
    };
    let server = Server::bind("127.0.0.1:0", config).expect("a port");
    let address = server.local_addr().expect("it listens");
    thread::spawn(move || {
        while let Ok((session, _)) = server.accept() {
            thread::spawn(move || serve(session));
        }
    });
    address
}

fn serve(mut session: Session) -> Result<(), ServerError> {
    let mut len = 0;
    while let Some(event) = session.next()? {
        match event {
            Event::Login(ask, _) => session.accept(ask)?,
            Event::Append(ask, _) => {
                session.accept(ask)?;
                len = std::io::copy(&mut session.body(), &mut std::io::sink())?;
            }
            Event::Appended(ask) => {
                let uid = NonZeroU32::new(len as u32).unwrap_or(ONE);
                let code = Code::AppendUid {
                    validity: ONE,
                    uids: uid.into(),
                };
                session.accept_with(ask, Completion::with_code(code))?;
            }
            Event::IdleBegan => session.update(Data::Exists(4))?,
            Event::Command(ask, command) => {
                answer(&mut session, &command)?;
                session.accept(ask)?;
            }
            other => session.unhandled(other)?,
        }
    }
    Ok(())
}

fn answer(session: &mut Session, command: &Command<'_>) -> Result<(), ServerError> {
    match command {
        Command::List(_) => session.send(Data::List(ListedMailbox::new(Vec::new(), None, Mailbox::Inbox))),
        Command::Search(_) => session.send(Data::Search(Found::new(vec![ONE]))),
        Command::Store(_) => {
            let mut fetch = Fetch::empty(Numbering::Sequence, ONE);
            fetch.push(FetchItem::Flags(vec![Flag::Seen]));
            session.send(Data::Fetch(fetch))
        }
        Command::Fetch(_) => {
            let mut fetch = Fetch::empty(Numbering::Sequence, ONE);
            fetch.push(FetchItem::BodySection {
                section: Section::Whole,
                origin: None,
                data: Some(Payload::Announced(MESSAGE.len() as u64)),
            });
            session.send(Data::Fetch(fetch))?;
            session.send_body(Some(MESSAGE.len() as u64), MESSAGE)
        }
        _ => Ok(()),
    }
}

fn client() -> Client {
    let config = client::Config {
        security: Security::Plaintext,
        ..client::Config::default()
    };
    let mut imap = Client::connect(server(), config).expect("a greeting");
    imap.login("bob", "hungry").expect("welcome");
    imap
}

#[test]
fn commands_have_answers() {
    let mut imap = client();
    assert_eq!(imap.list("", "*").expect("listed").len(), 1);
    imap.compress().expect("compressed");
    imap.select("INBOX").expect("it is there");
    assert_eq!(imap.search("UNSEEN").expect("found"), Some(ONE.into()));
    assert_eq!(
        imap.store("1", StoreAction::Add, [Flag::Seen]).expect("stored").len(),
        1
    );
    let sorted = imap.sort(imap_proto::SortKey::Date.ascending(), "ALL");
    assert!(
        matches!(sorted, Err(ClientError::Session(_))),
        "it is not offered: {sorted:?}"
    );
    imap.logout().expect("goodbye");
}

#[test]
fn messages_stream_both_ways() {
    let mut imap = client();
    let appended = imap.append("INBOX", [], None, MESSAGE.len() as u64, MESSAGE);
    let appended = appended.expect("stored").expect("APPENDUID");
    assert!(appended.uids.contains(NonZeroU32::new(100_000).expect("not zero")));
    imap.select("INBOX").expect("it is there");
    let mut messages = imap.fetch("1", "BODY[]").expect("given");
    let mut octets = Vec::new();
    while let Some(piece) = messages.next().expect("no error") {
        if let Fetched::Literal(_, mut body) = piece {
            body.read_to_end(&mut octets).expect("whole");
        }
    }
    assert_eq!(octets, MESSAGE);
    // Left in the middle of a message, the session stays in step.
    let mut messages = imap.fetch("1", "BODY[]").expect("given");
    while !matches!(messages.next(), Ok(Some(Fetched::Literal(..)))) {}
    let whole = imap.fetch_all("1", "BODY[]").expect("fetched");
    let held = whole[0].items()[0].data().and_then(Payload::held);
    assert_eq!(held, Some(MESSAGE));
    let short = imap.append("INBOX", [], None, 10, b"five!".as_slice());
    assert!(short.is_err(), "{short:?}");
    imap.noop().expect_err("broken off");
}

#[test]
fn idling_can_be_waited_for() {
    let mut imap = client();
    imap.select("INBOX").expect("it is there");
    let mut idle = imap.idle().expect("idling");
    assert_eq!(idle.next().expect("no error"), Some(Data::Exists(4)));
    let began = Instant::now();
    assert_eq!(idle.next_within(Duration::from_millis(50)).expect("no error"), None);
    assert!(began.elapsed() >= Duration::from_millis(50));
    idle.done().expect("done");
    imap.idle().expect("idling");
    imap.noop().expect("in step");
}
