//! Sends the message on standard input: `blocking-smtp-client HOST:PORT FROM TO… < message.eml`

use std::env;
use std::error::Error;
use std::io::{self, Read};

use mail_blocking::smtp::Client;
use smtp_proto::Mailbox;
use smtp_proto::client::{Config, Envelope};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(host), Some(from)) = (arguments.next(), arguments.next()) else {
        return Err("usage: blocking-smtp-client HOST:PORT FROM TO… < message.eml".into());
    };
    let from: Mailbox = from.parse()?;
    let to = arguments.map(|to| to.parse()).collect::<Result<Vec<Mailbox>, _>>()?;
    let envelope = Envelope::new(from, to)?;

    let mut message = Vec::new();
    io::stdin().read_to_end(&mut message)?;

    // A file's line ends may be bare LFs: each becomes a CRLF on the way.
    let mut config = Config::new("localhost".parse()?);
    config.bare_line_ends = mail_wire::BareLineEnds::Allow;
    let mut smtp = Client::connect(&host, config)?;
    let outcome = smtp.send(&envelope, &message)?;
    for (recipient, result) in envelope.recipients().iter().zip(outcome.results()) {
        match result {
            Ok(reply) => println!("{recipient}: {reply}"),
            Err(failure) => println!("{recipient}: {failure}"),
        }
    }
    smtp.quit()?;
    match outcome.is_complete_success() {
        true => Ok(()),
        false => Err("not everybody gets the message".into()),
    }
}
