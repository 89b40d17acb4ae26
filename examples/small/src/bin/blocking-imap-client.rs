//! Looks into an account: `blocking-imap-client HOST:PORT NAME PASSWORD [save FILE | idle]`
//!
//! Lists the mailboxes and the subjects of INBOX. With `save` the last message goes to a file; with `idle` it waits until something happens.

use std::env;
use std::error::Error;
use std::fs::File;

use imap_proto::client::{Config, Security};
use imap_proto::{Envelope, FetchItem};
use mail_blocking::imap::{Client, Fetched};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, name, password, wish @ ..] = arguments.as_slice() else {
        return Err("usage: blocking-imap-client HOST:PORT NAME PASSWORD [save FILE | idle]".into());
    };
    let config = Config {
        // There is no TLS here: the password goes over the wire as it is.
        security: Security::Plaintext,
        ..Config::default()
    };
    let mut imap = Client::connect(host, config)?;
    imap.login(name, password.as_str())?;
    for listed in imap.list("", "*")? {
        println!("mailbox {}", listed.mailbox);
    }
    let inbox = imap.select("INBOX")?;
    println!("{} messages in INBOX", inbox.exists);
    if inbox.exists > 0 {
        for message in imap.fetch_all("1:*", "ENVELOPE")? {
            let envelope = message.items().iter().find_map(envelope);
            let subject = envelope.and_then(|envelope| envelope.subject.as_ref());
            println!(
                "{}: {}",
                message.number,
                subject.map_or("(no subject)".into(), |subject| subject.to_text())
            );
        }
    }
    match wish {
        [save, file] if save == "save" => {
            let mut file = File::create(file)?;
            let mut pieces = imap.fetch("*", "BODY.PEEK[]")?;
            while let Some(mut piece) = pieces.next()? {
                // It streams: a message of any size passes through a buffer of some tens of KiB.
                piece.copy_to(&mut file)?;
                if let Fetched::Invalid(invalid) = piece {
                    eprintln!("{invalid:?}");
                }
            }
        }
        [idle] if idle == "idle" => {
            println!("waiting");
            let mut idle = imap.idle()?;
            println!("{:?}", idle.next()?);
            idle.done()?;
        }
        _ => {}
    }
    imap.logout()?;
    Ok(())
}

fn envelope<'i>(item: &'i FetchItem<'static>) -> Option<&'i Envelope<'static>> {
    match item {
        FetchItem::Envelope(envelope) => Some(envelope),
        _ => None,
    }
}
