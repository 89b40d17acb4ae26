//! Takes mail for everybody and prints it: `tokio-smtp-server [ADDRESS]`

use std::env;
use std::error::Error;

use mail_tokio::smtp::{Server, ServerError, Session};
use smtp_proto::Refusal;
use smtp_proto::server::{Config, Event};
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2525".to_owned());
    let server = Server::bind(address, Config::new("localhost".parse()?)).await?;
    println!("listening smtp {}", server.local_addr()?);
    loop {
        let (session, peer) = server.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(session).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(mut session: Session) -> Result<(), ServerError> {
    let mut message = Vec::new();
    while let Some(event) = session.next().await? {
        match event {
            Event::Mail(ask, mail) => {
                println!("from {}", mail.reverse_path());
                session.accept(ask)?;
            }
            Event::Recipient(ask, rcpt) if rcpt.forward_path().to_string().contains("nobody") => {
                session.refuse(ask, Refusal::no_such_user())?;
            }
            Event::Recipient(ask, rcpt) => {
                println!("to {}", rcpt.forward_path());
                session.accept(ask)?;
            }
            Event::Data(ask) => {
                session.accept(ask)?;
                message.clear();
                // A message that is broken off is an error here, and never a short message.
                session.body().read_to_end(&mut message).await?;
            }
            // To accept is to take responsibility: a real server has the message on disk by now.
            Event::Message(ask) => {
                println!("{}", String::from_utf8_lossy(&message));
                session.accept(ask)?;
            }
            other => session.unhandled(other)?,
        }
    }
    Ok(())
}
