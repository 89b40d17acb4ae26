//! An IMAP server that answers as a script says.

use std::sync::Arc;

use imap_proto::server::{Completion, Compress, Config, Event, Offers, Part, Plaintext, Refusal, SaslStep, Security};
use imap_proto::{
    Capability, Code, Command, Condition, Data, IntoBoundedStatic, Mailbox, NumberSet, Parsed, Reading, Response,
    Spelling, Tag, TaggedCommand,
};
use mail_tokio::imap::{ServerError, Session};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// A command as it stands on the wire, the untagged responses to it, and what follows its tag. A literal of the
/// responses has only its announcement; its octets are made up.
pub(crate) type Line = (&'static str, &'static str, &'static str);

pub(crate) fn config() -> Config {
    let offers = [
        "IMAP4rev1",
        "SASL-IR",
        "LITERAL+",
        "ID",
        "AUTH=PLAIN",
        "ENABLE",
        "CONDSTORE",
        "IDLE",
        "MOVE",
        "UIDPLUS",
        "UNSELECT",
        "NAMESPACE",
        "QUOTA",
        "QUOTASET",
        "ACL",
        "METADATA",
        "SORT",
        "THREAD=REFERENCES",
        "LIST-EXTENDED",
        "LIST-STATUS",
        "STATUS=SIZE",
    ];
    Config {
        offers: Offers {
            always: offers.map(Capability::fixed).into(),
            ..Offers::default()
        },
        compress: Compress::Offered,
        plaintext: Plaintext::Allowed,
        ..Config::default()
    }
}

pub(crate) async fn serve<T: AsyncRead + AsyncWrite + Unpin>(
    transport: T,
    script: &'static [Line],
) -> Result<(), ServerError> {
    let machine = imap_proto::Server::new(Arc::new(config()), Security::Plaintext);
    let mut session = Session::new(machine, transport);
    let mut uid = 0;
    while let Some(event) = session.next().await? {
        match event {
            Event::Login(ask, login) if login.password.secret().matches(b"hungry") => session.accept(ask)?,
            Event::Authenticate(ask, authenticate) => match authenticate.initial_response {
                None => session.accept_with(ask, SaslStep::Challenge(Vec::new()))?,
                Some(_) => session.accept_with(ask, SaslStep::Success)?,
            },
            Event::SaslResponse(ask, response) if response.secret().matches(b"\0bob\0hungry") => {
                session.accept_with(ask, SaslStep::Success)?;
            }
            Event::Append(ask, part) => match *part {
                Part::Message { destination, .. } if destination.mailbox == Mailbox::Inbox => {
                    session.accept(ask)?;
                    let mut message = Vec::new();
                    session.body().read_to_end(&mut message).await?;
                    uid = message.len() as u32;
                }
                _ => session.refuse(ask, Refusal::try_create())?,
            },
            // A message of no octets cancels the command.
            Event::Appended(ask) if uid == 0 => session.refuse(ask, Refusal::fixed("cancelled"))?,
            Event::Appended(ask) => {
                let validity = 7.try_into().expect("not zero");
                let uids = NumberSet::parse(&uid.to_string()).expect("a number");
                session.accept_with(ask, Completion::with_code(Code::AppendUid { validity, uids }))?;
            }
            Event::IdleBegan => {
                session.update(Data::Exists(4))?;
                session.update(Data::Expunge(1.try_into().expect("not zero")))?;
            }
            Event::Command(ask, command) => match answer(&mut session, script, *command).await? {
                Ok(completion) => session.accept_with(ask, completion)?,
                Err(refusal) => session.refuse(ask, refusal)?,
            },
            other => session.unhandled(other)?,
        }
    }
    Ok(())
}

async fn answer<T: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<T>,
    script: &[Line],
    command: Command<'static>,
) -> Result<Result<Completion, Refusal>, ServerError> {
    let tag = Tag::new("t").expect("a tag");
    let mut wire = Vec::new();
    TaggedCommand { tag, command }.encode(Spelling::SERVER, &mut wire);
    let wire = String::from_utf8(wire).expect("text");
    let text = wire.trim_start_matches("t ").trim_end();
    if text == "SELECT INBOX" {
        return Ok(Ok(Completion::default()));
    }
    let Some((_, data, result)) = script.iter().find(|(command, ..)| *command == text) else {
        return Ok(Err(Refusal::no(&format!("not in the script: {text:?}")).expect("text")));
    };
    for line in data.split_inclusive("\r\n") {
        say(session, line).await?;
    }
    let result = format!("t {result}\r\n");
    let Some(Response::Tagged { status, .. }) = parse(result.as_bytes()) else {
        panic!("{result:?}");
    };
    let text = status.text.to_text().into_owned();
    if status.condition == Condition::Ok {
        let code = status.code;
        return Ok(Ok(Completion { code, text: None }));
    }
    let refusal = Refusal::no(&text).expect("text");
    Ok(Err(match status.code {
        Some(code) => refusal.with_code(code),
        None => refusal,
    }))
}

async fn say<T: AsyncRead + AsyncWrite + Unpin>(session: &mut Session<T>, line: &str) -> Result<(), ServerError> {
    let announced = line.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let Some((len, rest)) = announced else {
        let Some(Response::Untagged(data)) = parse(line.as_bytes()) else {
            panic!("{line:?}");
        };
        return session.send(data).await;
    };
    let octets = "x".repeat(len.parse().expect("a number"));
    let (front, _) = line.split_once('{').expect("an announcement");
    let whole = format!("{front}{{{len}}}\r\n{octets}{rest}");
    let Some(Response::Untagged(Data::Fetch(fetch))) = parse(whole.as_bytes()) else {
        panic!("{line:?}");
    };
    let mut announced = imap_proto::Fetch::empty(fetch.numbering, fetch.number);
    for item in fetch.into_items() {
        announced.push(match item {
            imap_proto::FetchItem::BodySection { section, origin, .. } => imap_proto::FetchItem::BodySection {
                section,
                origin,
                data: Some(imap_proto::Payload::Announced(octets.len() as u64)),
            },
            other => other,
        });
    }
    session.send(Data::Fetch(announced)).await?;
    session.send_body(Some(octets.len() as u64), octets.as_bytes()).await
}

fn parse(octets: &[u8]) -> Option<Response<'static>> {
    match Response::parse(octets, Reading::STRICT) {
        Ok(Parsed::Complete { value, .. }) => Some(value.into_static()),
        other => panic!("{other:?}"),
    }
}
