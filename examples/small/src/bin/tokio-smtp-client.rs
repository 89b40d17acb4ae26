//! Sends the message on standard input: `tokio-smtp-client HOST:PORT FROM TO… < message.eml`

use std::env;
use std::error::Error;

use mail_tokio::smtp::Client;
use smtp_proto::Mailbox;
use smtp_proto::client::{Config, Envelope};
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(host), Some(from)) = (arguments.next(), arguments.next()) else {
        return Err("usage: tokio-smtp-client HOST:PORT FROM TO… < message.eml".into());
    };
    let from: Mailbox = from.parse()?;
    let to = arguments.map(|to| to.parse()).collect::<Result<Vec<Mailbox>, _>>()?;
    let envelope = Envelope::new(from, to)?;

    let mut message = Vec::new();
    stdin().read_to_end(&mut message).await?;

    // A file's line ends may be bare LFs: each becomes a CRLF on the way.
    let mut config = Config::new("localhost".parse()?);
    config.bare_line_ends = mail_wire::BareLineEnds::Allow;
    let mut smtp = Client::connect(&host, config).await?;
    let outcome = smtp.send(&envelope, &message).await?;
    for (recipient, result) in envelope.recipients().iter().zip(outcome.results()) {
        match result {
            Ok(reply) => println!("{recipient}: {reply}"),
            Err(failure) => println!("{recipient}: {failure}"),
        }
    }
    smtp.quit().await?;
    match outcome.is_complete_success() {
        true => Ok(()),
        false => Err("not everybody gets the message".into()),
    }
}
