//! The machine and its application.

use std::sync::Arc;

use mail_wire::{Answers, Machine, Misuse, Step, Timer, Upload};
use pop3_proto::server::{Config, Event, Maildrop, Plaintext, Security};
use pop3_proto::{MessageNumber, Server, UniqueId};

/// One connection.
#[derive(Debug)]
pub struct Service {
    machine: Server,
    /// What is left of the message that is being sent.
    rest: &'static [u8],
}

/// What a driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read; there is space.
    Read,
    /// Write; there is output.
    Write,
    /// Close.
    Close,
}

/// What everybody finds.
pub const MESSAGES: [&str; 3] = [
    "Subject: Lunch\r\n\r\nAt noon?\r\n",
    "Subject: A dot\r\n\r\n.\r\n..\r\n",
    "Subject: Nothing\r\n\r\n",
];

impl Default for Service {
    fn default() -> Self {
        let config = Config {
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        Self {
            machine: Server::new(Arc::new(config), Security::Plaintext),
            rest: b"",
        }
    }
}

impl Service {
    /// Lets the machine work until it waits for octets.
    ///
    /// Output goes first: a client that does not read its answers is not listened to either.
    #[expect(clippy::should_implement_trait, reason = "it is a step of a loop, not an item")]
    pub fn next(&mut self) -> Next {
        loop {
            let step = match self.machine.poll() {
                Ok(Step::Event(event)) => {
                    self.answer(event);
                    continue;
                }
                Ok(Step::NeedBody) => {
                    self.upload();
                    continue;
                }
                Ok(Step::Closed) | Err(_) => Next::Close,
                Ok(_) => Next::Read,
            };
            return if self.machine.transmit().is_empty() {
                step
            } else {
                Next::Write
            };
        }
    }

    fn answer(&mut self, event: Event) {
        let answered = match event {
            Event::Login(ask, _) => self.machine.answer(ask, Ok(maildrop())),
            Event::Retrieve(ask, number) => self.machine.answer(ask, Ok(())).and_then(|()| self.send(number)),
            // The machine cuts the message behind the lines that were asked for.
            Event::Top(ask, number, _) => self.machine.answer(ask, Ok(())).and_then(|()| self.send(number)),
            Event::Update(ask, _) => self.machine.answer(ask, Ok(())),
            other => self.machine.unhandled(other),
        };
        debug_assert_eq!(answered, Ok(()), "an ask that was just opened is answered");
    }

    fn send(&mut self, number: MessageNumber) -> Result<(), Misuse> {
        self.rest = MESSAGES.get(number.index()).copied().unwrap_or_default().as_bytes();
        self.machine.begin_body(None)
    }

    fn upload(&mut self) {
        let written = self.machine.write_body(self.rest).unwrap_or(self.rest.len());
        self.rest = &self.rest[written..];
        if self.rest.is_empty() {
            let finished = self.machine.finish_body();
            debug_assert_eq!(finished, Ok(()), "a body that was begun is finished once");
        }
    }

    /// What is to be written.
    pub fn output(&self) -> &[u8] {
        self.machine.transmit()
    }

    /// So much of it was.
    pub fn sent(&mut self, octets: usize) {
        self.machine.transmitted(octets);
    }

    /// Where to read to.
    pub fn space(&mut self) -> &mut [u8] {
        self.machine.space()
    }

    /// So much came.
    pub fn received(&mut self, octets: usize) {
        self.machine.filled(octets);
    }

    /// The client closed its side.
    pub fn end_of_input(&mut self) {
        self.machine.receive_eof();
    }

    /// How long to wait.
    pub fn timer(&self) -> Option<Timer> {
        self.machine.timer()
    }

    /// It took longer.
    pub fn expire(&mut self) {
        if let Some(timer) = self.machine.timer() {
            self.machine.expire(timer);
        }
    }
}

fn maildrop() -> Maildrop {
    let mut maildrop = Maildrop::new();
    for (number, message) in MESSAGES.iter().enumerate() {
        let id = UniqueId::new(&format!("message-{number}")).expect("letters, digits and a hyphen");
        maildrop.push(message.len() as u64, &id);
    }
    maildrop
}
