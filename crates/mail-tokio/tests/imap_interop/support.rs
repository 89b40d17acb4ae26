//! What the tests share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

use imap_proto::client::{Config, Security};
use imap_proto::{Command, Data, IntoBoundedStatic, Parsed, Reading, TaggedCommand};
use mail_testing::peers::{DovecotImap, Program, available};
use mail_tokio::imap::{Client, ClientError, Reply};

use crate::relay;

/// Where a test has its mail: an account of its own.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    number: u32,
    // Ends with its last user.
    _dovecot: Arc<DovecotImap>,
}

impl Server {
    /// Dovecot, if there is one: that which other tests use at the moment, or a new one.
    pub(crate) fn start() -> Option<Self> {
        static SHARED: Mutex<Weak<DovecotImap>> = Mutex::new(Weak::new());
        static ACCOUNTS: AtomicU32 = AtomicU32::new(0);
        if !available(&[Program::DovecotImap]) {
            return None;
        }
        let mut shared = SHARED.lock().expect("no holder panics");
        let dovecot = shared.upgrade().unwrap_or_else(|| Arc::new(DovecotImap::start()));
        *shared = Arc::downgrade(&dovecot);
        Some(Self {
            address: dovecot.address(),
            number: ACCOUNTS.fetch_add(1, Ordering::Relaxed),
            _dovecot: dovecot,
        })
    }

    pub(crate) fn user(&self) -> String {
        format!("bob{}", self.number)
    }
}

/// Runs a test with Dovecot, directly and then through our server.
pub(crate) async fn each_way(test: impl AsyncFn(&Server)) {
    let Some(direct) = Server::start() else { return };
    eprintln!("Dovecot, {}:", direct.user());
    test(&direct).await;
    let direct = Server::start().expect("it is there still");
    let relay = relay::start(direct.address).await;
    let relayed = Server {
        address: relay.address,
        ..direct
    };
    eprintln!("our server before Dovecot, {}:", relayed.user());
    test(&relayed).await;
    relay.end().await;
}

/// There is no TLS here.
pub(crate) fn plaintext() -> Config {
    Config {
        security: Security::Plaintext,
        ..Config::default()
    }
}

/// Logged in.
pub(crate) async fn connect(server: &Server) -> Client {
    let mut client = Client::connect(server.address, plaintext()).await.unwrap();
    client.login(&server.user(), DovecotImap::PASSWORD).await.unwrap();
    client
}

/// With `messages` in INBOX, which is selected.
pub(crate) async fn inbox(server: &Server, messages: &[&[u8]]) -> Client {
    let mut client = connect(server).await;
    for message in messages {
        client
            .append("INBOX", [], None, message.len() as u64, *message)
            .await
            .unwrap();
    }
    client.select("INBOX").await.unwrap();
    client
}

/// A command from its text.
pub(crate) fn command(text: &str) -> Command<'static> {
    let line = format!("A {text}\r\n");
    match TaggedCommand::parse(line.as_bytes(), Reading::STRICT) {
        Ok(Parsed::Complete { value, .. }) => value.into_static().command,
        other => panic!("{text}: {other:?}"),
    }
}

/// Gives a command, which is granted with an answer that can be read.
#[track_caller]
pub(crate) fn run<'c>(client: &'c mut Client, text: &str) -> impl Future<Output = Reply> + use<'c> {
    let text = text.to_owned();
    async move {
        let reply = client
            .run(command(&text))
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(reply.invalid, [], "{text}");
        for data in &reply.data {
            assert!(!matches!(data, Data::Other { .. }), "{text}: {data:?}");
        }
        reply
    }
}

/// Gives a command that is refused with NO or BAD.
pub(crate) async fn refused(client: &mut Client, text: &str) -> Box<imap_proto::Status<'static>> {
    match client.run(command(text)).await {
        Err(ClientError::Refused(status)) => status,
        other => panic!("{text}: {other:?}"),
    }
}

/// The numbers of a set.
pub(crate) fn numbers(set: Option<imap_proto::NumberSet>) -> Vec<u32> {
    set.iter()
        .flat_map(|set| set.numbers())
        .map(|number| number.get())
        .collect()
}

/// Its UID is 1 in a mailbox of its own.
pub(crate) const LUNCH: &[u8] = b"\
From: Alice <alice@crepes.example>\r\n\
To: Bob <bob@hamburger.example>, carol@hamburger.example\r\n\
Date: Mon, 5 Oct 2026 09:00:00 +0200\r\n\
Message-ID: <lunch@crepes.example>\r\n\
Subject: Lunch\r\n\
MIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=us-ascii\r\n\
\r\n\
Shall we have crepes?\r\n";

/// An answer to it.
pub(crate) const ANSWER: &[u8] = b"\
From: Bob <bob@hamburger.example>\r\n\
To: Alice <alice@crepes.example>\r\n\
Date: Mon, 5 Oct 2026 10:00:00 +0200\r\n\
Message-ID: <answer@hamburger.example>\r\n\
In-Reply-To: <lunch@crepes.example>\r\n\
References: <lunch@crepes.example>\r\n\
Subject: Re: Lunch\r\n\
\r\n\
With pleasure, and with cheese.\r\n";

/// Nothing to do with either.
pub(crate) const REPORT: &[u8] = b"\
From: Carol <carol@hamburger.example>\r\n\
To: bob@hamburger.example\r\n\
Date: Tue, 6 Oct 2026 08:00:00 +0000\r\n\
Message-ID: <report@hamburger.example>\r\n\
Subject: =?utf-8?q?Caf=C3=A9_report?=\r\n\
MIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: 8bit\r\n\
\r\n\
The caf\xc3\xa9 is open.\r\n";
