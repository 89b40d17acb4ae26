//! Prints all messages of a maildrop, and leaves them there: `tokio-pop3-client HOST:PORT NAME PASSWORD`

use std::env;
use std::error::Error;

use mail_tokio::pop3::Client;
use pop3_proto::client::{Config, Security};
use tokio::io::{copy, stdout};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, name, password] = arguments.as_slice() else {
        return Err("usage: tokio-pop3-client HOST:PORT NAME PASSWORD".into());
    };
    let config = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    let mut pop3 = Client::connect(host, config).await?;
    pop3.login(name, password.as_str()).await?;
    let status = pop3.stat().await?;
    println!("{} messages, {} octets", status.messages, status.octets);
    for message in pop3.list().await? {
        println!("\n-- message {}, {} octets", message.number, message.octets);
        // It streams: a message of any size passes through a buffer of some tens of KiB.
        copy(&mut pop3.retrieve(message.number).await?, &mut stdout()).await?;
    }
    pop3.quit().await?;
    Ok(())
}
