//! Prints all messages of a maildrop, and leaves them there: `blocking-pop3-client HOST:PORT NAME PASSWORD`

use std::env;
use std::error::Error;
use std::io;

use mail_blocking::pop3::Client;
use pop3_proto::client::{Config, Security};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, name, password] = arguments.as_slice() else {
        return Err("usage: blocking-pop3-client HOST:PORT NAME PASSWORD".into());
    };
    let config = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    let mut pop3 = Client::connect(host, config)?;
    pop3.login(name, password.as_str())?;
    let status = pop3.stat()?;
    println!("{} messages, {} octets", status.messages, status.octets);
    for message in pop3.list()? {
        println!("\n-- message {}, {} octets", message.number, message.octets);
        // It streams: a message of any size passes through a buffer of some tens of KiB.
        io::copy(&mut pop3.retrieve(message.number)?, &mut io::stdout())?;
    }
    pop3.quit()?;
    Ok(())
}
