//! Takes mail for everybody and prints it: `blocking-smtp-server [ADDRESS]`

use std::error::Error;
use std::io::Read;
use std::{env, thread};

use mail_blocking::smtp::{Server, ServerError, Session};
use smtp_proto::Refusal;
use smtp_proto::server::{Config, Event};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2525".to_owned());
    let server = Server::bind(address, Config::new("localhost".parse()?))?;
    println!("listening smtp {}", server.local_addr()?);
    loop {
        let (session, peer) = server.accept()?;
        thread::spawn(move || {
            if let Err(error) = serve(session) {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

fn serve(mut session: Session) -> Result<(), ServerError> {
    let mut message = Vec::new();
    while let Some(event) = session.next()? {
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
                session.body().read_to_end(&mut message)?;
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
