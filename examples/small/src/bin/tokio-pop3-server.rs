//! Serves files as the one maildrop of everybody: `tokio-pop3-server ADDRESS message.eml…`

use std::error::Error;
use std::sync::Arc;
use std::{env, fs, io};

use mail_tokio::pop3::{Server, ServerError, Session};
use pop3_proto::server::{Config, Event, Maildrop, Plaintext};
use pop3_proto::{MessageNumber, UniqueId};
use tokio::fs::File;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let address = arguments
        .next()
        .ok_or("usage: tokio-pop3-server ADDRESS message.eml…")?;
    let files: Arc<[String]> = arguments.collect();
    let config = Config {
        plaintext: Plaintext::Allowed,
        ..Config::default()
    };
    let server = Server::bind(address, config).await?;
    println!("listening pop3 {}", server.local_addr()?);
    loop {
        let (session, peer) = server.accept().await?;
        let files = files.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(session, &files).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(mut session: Session, files: &[String]) -> Result<(), ServerError> {
    let open = |number: MessageNumber| File::open(&files[number.index()]);
    while let Some(event) = session.next().await? {
        match event {
            Event::Login(ask, credentials) => {
                println!("{} comes in", credentials.name().as_str());
                session.accept_with(ask, maildrop(files)?)?;
            }
            Event::Retrieve(ask, number) => {
                session.accept(ask)?;
                session.send_body(None, open(number).await?).await?;
            }
            // The machine cuts the message behind the lines that were asked for.
            Event::Top(ask, number, _) => {
                session.accept(ask)?;
                session.send_body(None, open(number).await?).await?;
            }
            Event::Update(ask, deletions) => {
                println!("{} messages would be removed now", deletions.len());
                session.accept(ask)?;
            }
            other => session.unhandled(other)?,
        }
    }
    Ok(())
}

fn maildrop(files: &[String]) -> io::Result<Maildrop> {
    let mut maildrop = Maildrop::new();
    for (number, file) in files.iter().enumerate() {
        let id = UniqueId::new(&format!("file-{number}")).map_err(io::Error::other)?;
        maildrop.push(fs::metadata(file)?.len(), &id);
    }
    Ok(maildrop)
}
