//! POP3.

use std::io::Read;
use std::net::SocketAddr;

use mail_blocking::pop3::ClientError as BlockingPop3Error;
use mail_tokio::pop3::ClientError as TokioPop3Error;
use pop3_proto::client::Event;
use pop3_proto::{DropListing, MessageNumber, Response, ScanListing};
use tokio::io::AsyncReadExt;
use tokio::runtime::Runtime;

use super::runtime;
use crate::peers::PATIENCE;

/// A POP3 client that has connected.
pub(crate) trait Pop3: Sized {
    fn connect(server: SocketAddr) -> Self;
    fn login(&mut self, name: &str, password: &str) -> Result<(), Response>;
    fn stat(&mut self) -> DropListing;
    fn list(&mut self) -> Vec<ScanListing>;
    fn unique_ids(&mut self) -> Vec<String>;
    fn retrieve(&mut self, number: u32) -> Result<Vec<u8>, Response>;
    fn top(&mut self, number: u32, lines: u32) -> Vec<u8>;
    fn delete(&mut self, number: u32) -> Result<(), Response>;
    fn reset(&mut self);
    fn noop(&mut self);
    fn quit(self);
    /// To say several things at once.
    fn machine(&mut self) -> &mut pop3_proto::Client;
    fn event(&mut self) -> Event;
}

/// From mail-blocking.
pub(crate) struct BlockingPop3(mail_blocking::pop3::Client);

impl Pop3 for BlockingPop3 {
    fn connect(server: SocketAddr) -> Self {
        Self(mail_blocking::pop3::Client::connect(server, pop3_config()).unwrap())
    }

    fn login(&mut self, name: &str, password: &str) -> Result<(), Response> {
        blocking(self.0.login(name, password))
    }

    fn stat(&mut self) -> DropListing {
        self.0.stat().unwrap()
    }

    fn list(&mut self) -> Vec<ScanListing> {
        self.0.list().unwrap()
    }

    fn unique_ids(&mut self) -> Vec<String> {
        self.0
            .unique_ids()
            .unwrap()
            .iter()
            .map(|listing| listing.id.as_str().to_owned())
            .collect()
    }

    fn retrieve(&mut self, message: u32) -> Result<Vec<u8>, Response> {
        let mut octets = Vec::new();
        blocking(self.0.retrieve(number(message)))?
            .read_to_end(&mut octets)
            .unwrap();
        Ok(octets)
    }

    fn top(&mut self, message: u32, lines: u32) -> Vec<u8> {
        let mut octets = Vec::new();
        self.0
            .top(number(message), lines)
            .unwrap()
            .read_to_end(&mut octets)
            .unwrap();
        octets
    }

    fn delete(&mut self, message: u32) -> Result<(), Response> {
        blocking(self.0.delete(number(message)))
    }

    fn reset(&mut self) {
        self.0.reset().unwrap();
    }

    fn noop(&mut self) {
        self.0.noop().unwrap();
    }

    fn quit(self) {
        self.0.quit().unwrap();
    }

    fn machine(&mut self) -> &mut pop3_proto::Client {
        self.0.machine()
    }

    fn event(&mut self) -> Event {
        self.0.event().unwrap()
    }
}

/// From mail-tokio.
pub(crate) struct TokioPop3 {
    client: mail_tokio::pop3::Client,
    runtime: Runtime,
}

impl Pop3 for TokioPop3 {
    fn connect(server: SocketAddr) -> Self {
        let runtime = runtime();
        let connecting = mail_tokio::pop3::Client::connect(server, pop3_config());
        let client = runtime.block_on(connecting).unwrap();
        Self { client, runtime }
    }

    fn login(&mut self, name: &str, password: &str) -> Result<(), Response> {
        asynchronous(self.runtime.block_on(self.client.login(name, password)))
    }

    fn stat(&mut self) -> DropListing {
        self.runtime.block_on(self.client.stat()).unwrap()
    }

    fn list(&mut self) -> Vec<ScanListing> {
        self.runtime.block_on(self.client.list()).unwrap()
    }

    fn unique_ids(&mut self) -> Vec<String> {
        let listings = self.runtime.block_on(self.client.unique_ids()).unwrap();
        listings.iter().map(|listing| listing.id.as_str().to_owned()).collect()
    }

    fn retrieve(&mut self, message: u32) -> Result<Vec<u8>, Response> {
        self.runtime.block_on(async {
            let mut octets = Vec::new();
            let mut body = asynchronous(self.client.retrieve(number(message)).await)?;
            body.read_to_end(&mut octets).await.unwrap();
            Ok(octets)
        })
    }

    fn top(&mut self, message: u32, lines: u32) -> Vec<u8> {
        self.runtime.block_on(async {
            let mut octets = Vec::new();
            let mut body = self.client.top(number(message), lines).await.unwrap();
            body.read_to_end(&mut octets).await.unwrap();
            octets
        })
    }

    fn delete(&mut self, message: u32) -> Result<(), Response> {
        asynchronous(self.runtime.block_on(self.client.delete(number(message))))
    }

    fn reset(&mut self) {
        self.runtime.block_on(self.client.reset()).unwrap();
    }

    fn noop(&mut self) {
        self.runtime.block_on(self.client.noop()).unwrap();
    }

    fn quit(self) {
        self.runtime.block_on(self.client.quit()).unwrap();
    }

    fn machine(&mut self) -> &mut pop3_proto::Client {
        self.client.machine()
    }

    fn event(&mut self) -> Event {
        self.runtime.block_on(self.client.event()).unwrap()
    }
}

/// Fails within the tests' patience where the RFC's minutes would only delay the report.
fn pop3_config() -> pop3_proto::client::Config {
    let mut config = pop3_proto::client::Config {
        security: pop3_proto::client::Security::Plaintext,
        ..Default::default()
    };
    let timeouts = &mut config.timeouts;
    [timeouts.greeting, timeouts.response, timeouts.body] = [PATIENCE; 3];
    config
}

fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

#[track_caller]
fn blocking<T>(result: Result<T, BlockingPop3Error>) -> Result<T, Response> {
    match result {
        Ok(done) => Ok(done),
        Err(BlockingPop3Error::Refused(response)) => Err(response),
        Err(other) => panic!("{other}"),
    }
}

#[track_caller]
fn asynchronous<T>(result: Result<T, TokioPop3Error>) -> Result<T, Response> {
    match result {
        Ok(done) => Ok(done),
        Err(TokioPop3Error::Refused(response)) => Err(response),
        Err(other) => panic!("{other}"),
    }
}
