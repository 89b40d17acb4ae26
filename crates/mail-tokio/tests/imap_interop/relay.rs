//! An IMAP server whose application hands every command on to another server, as our client.

use std::mem;
use std::net::SocketAddr;
use std::time::Duration;

use imap_proto::server::{Completion, Config, Event, Offers, Part, PartData, Plaintext, Refusal, SaslStep};
use imap_proto::{
    Append, AppendData, AppendExtension, AppendMessage, Capability, CatenatePart, Code, Command, Condition, Data,
    DateTime, Flag, Mailbox, Payload, Status,
};
use mail_testing::peers::DovecotImap;
use mail_tokio::imap::{Client, ClientError, Reply, Server, Session};
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::support::plaintext;

/// A relay that listens.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Listens, and serves each client over a connection of its own to `upstream`.
pub(crate) async fn start(upstream: SocketAddr) -> Listening {
    let server = Server::bind("127.0.0.1:0", config(upstream).await).await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(listen(server, upstream, stopped));
    Listening { address, stop, served }
}

impl Listening {
    /// Waits for the sessions, whose clients are gone; one that failed fails the test.
    pub(crate) async fn end(self) {
        self.stop.send(()).expect("it listens");
        let served = timeout(Duration::from_secs(20), self.served).await;
        served.expect("sessions end with their clients").unwrap();
    }
}

async fn listen(server: Server, upstream: SocketAddr, mut stopped: oneshot::Receiver<()>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = server.accept() => {
                let (session, _) = accepted.unwrap();
                sessions.spawn(async move { Relay::over(session, upstream).await.serve().await });
            }
            _ = &mut stopped => break,
        }
    }
    sessions.join_all().await;
}

/// What the server behind offers, but for what our machine adds.
async fn config(upstream: SocketAddr) -> Config {
    let mut client = Client::connect(upstream, plaintext()).await.unwrap();
    client.login("relay", DovecotImap::PASSWORD).await.unwrap();
    let offered = client.capabilities().await.unwrap().to_vec();
    client.logout().await.unwrap();
    Config {
        offers: Offers {
            always: ["IMAP4rev1", "SASL-IR", "LITERAL+", "ID"].map(Capability::fixed).into(),
            before_login: vec![Capability::fixed("AUTH=PLAIN")],
            after_login: offered
                .into_iter()
                .filter(|capability| {
                    !["IMAP4rev1", "SASL-IR", "LITERAL+", "ID", "COMPRESS=DEFLATE"].contains(&capability.as_str())
                })
                .collect(),
        },
        compress: imap_proto::server::Compress::Offered,
        plaintext: Plaintext::Allowed,
        ..Config::default()
    }
}

struct Relay {
    session: Session,
    upstream: Client,
    /// Of an APPEND under way.
    messages: Vec<Gathered>,
}

struct Gathered {
    mailbox: Mailbox<'static>,
    flags: Vec<Flag<'static>>,
    date: Option<DateTime>,
    extensions: Vec<AppendExtension<'static>>,
    /// CATENATE has parts instead.
    data: Option<AppendData<'static>>,
    parts: Vec<CatenatePart<'static>>,
}

impl Relay {
    async fn over(session: Session, upstream: SocketAddr) -> Self {
        Self {
            session,
            upstream: Client::connect(upstream, plaintext()).await.unwrap(),
            messages: Vec::new(),
        }
    }

    async fn serve(mut self) {
        while let Some(event) = self.session.next().await.unwrap() {
            self.handle(event).await;
            // What came beside an answer.
            while let Some(news) = self.upstream.news().take() {
                self.session.update(news).unwrap();
            }
        }
    }

    async fn handle(&mut self, event: Event) {
        match event {
            Event::Login(ask, login) => match self.upstream.run(Command::Login(*login)).await {
                Ok(_) => self.session.accept(ask).unwrap(),
                Err(error) => self.session.refuse(ask, refusal(error)).unwrap(),
            },
            Event::Authenticate(ask, authenticate) => match authenticate.initial_response.clone() {
                None => self.session.accept_with(ask, SaslStep::Challenge(Vec::new())).unwrap(),
                Some(_) => match self.upstream.run(Command::Authenticate(*authenticate)).await {
                    Ok(_) => self.session.accept_with(ask, SaslStep::Success).unwrap(),
                    Err(error) => self.session.refuse(ask, refusal(error)).unwrap(),
                },
            },
            Event::SaslResponse(ask, credential) => {
                let plain = credential.secret().clone();
                match self.upstream.authenticate("PLAIN", Some(plain), |_| None).await {
                    Ok(()) => self.session.accept_with(ask, SaslStep::Success).unwrap(),
                    Err(error) => self.session.refuse(ask, refusal(error)).unwrap(),
                }
            }
            Event::Command(ask, command) => {
                let answer = self.upstream.run(*command).await;
                self.answer(ask, answer).await;
            }
            Event::Append(ask, part) => {
                self.session.accept(ask).unwrap();
                self.gather(*part).await;
            }
            Event::Appended(ask) => {
                let append = append(mem::take(&mut self.messages));
                let answer = self.upstream.run(Command::Append(append)).await;
                self.answer(ask, answer).await;
            }
            Event::Enabled(capabilities) => {
                self.upstream.enable(capabilities).await.unwrap();
            }
            Event::IdleBegan => self.idle().await,
            Event::Identified(_) | Event::IdleEnded => {}
            other => self.session.unhandled(other).unwrap(),
        }
    }

    async fn answer(&mut self, ask: mail_wire::Ask<imap_proto::server::Execute>, answer: Result<Reply, ClientError>) {
        match answer {
            Ok(Reply { data, invalid, status }) => {
                assert_eq!(invalid, []);
                for data in data {
                    self.say(data).await;
                }
                let completion = Completion {
                    code: status.code,
                    text: Some(status.text),
                };
                self.session.accept_with(ask, completion).unwrap();
            }
            Err(error) => {
                while let Some(news) = self.upstream.news().take() {
                    self.say(news).await;
                }
                self.session.refuse(ask, refusal(error)).unwrap();
            }
        }
    }

    async fn say(&mut self, mut data: Data<'static>) {
        match &mut data {
            // Said by our machine itself.
            Data::Status(Status {
                code: Some(Code::Closed),
                ..
            }) => return,
            Data::Esearch(esearch) => esearch.correlator.tag = self.session.machine().pending_tag(),
            _ => {}
        }
        self.session.send(data).await.unwrap();
    }

    async fn gather(&mut self, part: Part) {
        match part {
            Part::Message {
                destination,
                flags,
                date,
                extensions,
                data,
            } => {
                let data = match data {
                    PartData::Literal(len) => Some(AppendData::Literal(self.body(len).await)),
                    PartData::Literal8(len) => Some(AppendData::Literal8(self.body(len).await)),
                    PartData::Catenate => None,
                    other => panic!("{other:?}"),
                };
                self.messages.push(Gathered {
                    mailbox: destination.mailbox,
                    flags,
                    date,
                    extensions,
                    data,
                    parts: Vec::new(),
                });
            }
            Part::Url(url) => self.catenate(CatenatePart::Url(url)),
            Part::Text(len) => {
                let text = self.body(len).await;
                self.catenate(CatenatePart::Text(text));
            }
            other => panic!("{other:?}"),
        }
    }

    fn catenate(&mut self, part: CatenatePart<'static>) {
        let message = self.messages.last_mut().expect("parts stand behind their message");
        message.parts.push(part);
    }

    async fn body(&mut self, len: u64) -> Payload<'static> {
        let mut octets = Vec::new();
        self.session.body().read_to_end(&mut octets).await.unwrap();
        assert_eq!(octets.len() as u64, len);
        Payload::Held(octets.into())
    }

    async fn idle(&mut self) {
        let mut idle = self.upstream.idle().await.unwrap();
        loop {
            tokio::select! {
                event = self.session.next() => match event.unwrap() {
                    Some(Event::IdleEnded) => return idle.done().await.unwrap(),
                    None => return,
                    other => panic!("{other:?}"),
                },
                data = idle.next() => self.session.update(data.unwrap().expect("it idles")).unwrap(),
            }
        }
    }
}

fn append(messages: Vec<Gathered>) -> Append<'static> {
    let mailbox = messages[0].mailbox.clone();
    let messages: Vec<_> = messages.into_iter().map(Gathered::whole).collect();
    Append {
        mailbox,
        messages: messages.try_into().expect("there was a message"),
    }
}

impl Gathered {
    fn whole(self) -> AppendMessage<'static> {
        let catenated = || AppendData::Catenate(self.parts.try_into().expect("CATENATE has parts"));
        AppendMessage {
            flags: self.flags,
            date: self.date,
            extensions: self.extensions,
            data: self.data.unwrap_or_else(catenated),
        }
    }
}

fn refusal(error: ClientError) -> Refusal {
    let ClientError::Refused(status) = error else {
        panic!("{error}")
    };
    let text = status.text.to_text();
    let refusal = match status.condition {
        Condition::Bad => Refusal::bad(&text),
        _ => Refusal::no(&text),
    };
    let refusal = refusal.unwrap();
    match status.code {
        Some(code) => refusal.with_code(code),
        None => refusal,
    }
}
