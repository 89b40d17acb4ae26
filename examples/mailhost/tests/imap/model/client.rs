//! One client of the model: its connection, what it was told, and the sets of messages that it names.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use imap_proto::{Condition, Data, Response};
use mail_testing::Random;

use super::context::Context;
use super::truth::Truth;
use super::view::{During, Kind, View};
use crate::wire::{Outcome, PATIENCE, Wire};

pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) view: View,
    pub(crate) mailbox: Option<&'static str>,
    /// While the client does nothing but listen.
    listening: Option<Listening>,
    /// It hears of things without a command.
    watches: bool,
    /// A search that goes on.
    pub(crate) context: Option<Context>,
    /// Whether octets are compressed.
    compresses: bool,
    /// Of which mailbox the view keeps messages for the next time.
    kept_of: Option<&'static str>,
    address: SocketAddr,
    name: String,
}

/// How a client listens.
enum Listening {
    /// By IDLE, which has this tag.
    Idle(String),
    /// By NOTIFY.
    Notify,
}

/// Messages that a command names.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) by_uid: bool,
    pub(crate) text: String,
    pub(crate) uids: Vec<u32>,
}

impl Set {
    /// `UID ` in front of the command's name, or nothing.
    pub(crate) const fn prefix(&self) -> &'static str {
        if self.by_uid { "UID " } else { "" }
    }

    /// What may be said to FETCH, STORE and SEARCH with this set.
    pub(crate) const fn during(&self) -> During {
        if self.by_uid { During::Other } else { During::Numbers }
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, kind: Kind, name: &str) -> io::Result<Self> {
        let mut client = Self {
            wire: Wire::login(address, name)?,
            view: View::new(kind),
            mailbox: None,
            listening: None,
            watches: false,
            context: None,
            compresses: false,
            kept_of: None,
            address,
            name: name.to_owned(),
        };
        client.enable()?;
        Ok(client)
    }

    /// From now on octets are compressed, on later connections, too.
    pub(crate) fn compress(&mut self) -> io::Result<()> {
        self.compresses = true;
        self.wire.compress()
    }

    /// Another connection of one who knows what there was in a mailbox.
    pub(crate) fn resume(address: SocketAddr, view: View, mailbox: &'static str) -> io::Result<Self> {
        let mut client = Self::connect(address, view.kind, "one who comes back")?;
        client.view = view;
        client.keep(Some(mailbox));
        client.select(mailbox)?;
        Ok(client)
    }

    fn enable(&mut self) -> io::Result<()> {
        if let Some(extension) = self.view.kind.enable() {
            self.wire.ok(format!("ENABLE {extension}"))?;
        }
        if self.view.kind == Kind::Rev2 {
            self.wire.utf8();
        }
        Ok(())
    }

    /// The connection breaks, and there is another one. What is selected is selected again, by QRESYNC where the client knows it.
    pub(crate) fn reconnect(&mut self) -> io::Result<()> {
        self.wire = Wire::login(self.address, &self.name)?;
        if self.compresses {
            self.wire.compress()?;
        }
        self.enable()?;
        self.watches = false;
        let mailbox = self.mailbox.take();
        self.keep(mailbox);
        match mailbox {
            Some(mailbox) => self.select(mailbox),
            None => Ok(()),
        }
    }

    /// A client with QRESYNC keeps what it knows for the next time, unless it knows of messages only that they are there.
    fn keep(&mut self, mailbox: Option<&'static str>) {
        let keeps = self.view.kind == Kind::QResync && !self.view.unknown();
        self.context = None;
        self.kept_of = mailbox.filter(|_| keeps);
        self.view.kept = self.view.slots.clone();
        self.view.leave();
    }

    pub(crate) fn select(&mut self, mailbox: &'static str) -> io::Result<()> {
        self.hear_out()?;
        let left = self.mailbox.take();
        if left.is_some() {
            self.keep(left);
        }
        let resumes = self.kept_of.take() == Some(mailbox) && self.view.highest > 0;
        if !resumes {
            self.view = View::new(self.view.kind);
        }
        let command = match resumes {
            true => format!(
                "SELECT {mailbox} (QRESYNC ({} {}))",
                self.view.uid_validity, self.view.highest
            ),
            false => format!("SELECT {mailbox}"),
        };
        assert!(self.command(command, During::Select)?.is_ok());
        self.mailbox = Some(mailbox);
        if resumes {
            self.view.resynchronise();
        }
        self.learn()
    }

    /// Hears what was said without a command of the mailbox that is left.
    fn hear_out(&mut self) -> io::Result<()> {
        match self.watches && self.mailbox.is_some() {
            true => self.command("NOOP", During::Other).map(drop),
            false => Ok(()),
        }
    }

    /// Leaves the mailbox by this command.
    pub(crate) fn leave(&mut self, command: &str) -> io::Result<()> {
        self.hear_out()?;
        let left = self.mailbox.take();
        self.keep(left);
        assert!(self.command(command, During::Other)?.is_ok());
        assert!(self.view.slots.is_empty());
        Ok(())
    }

    /// Runs a command and listens to all that is said meanwhile.
    pub(crate) fn command(&mut self, command: impl AsRef<[u8]>, during: During) -> io::Result<Outcome> {
        let tag = self.send(command)?;
        self.result(&tag, during)
    }

    pub(crate) fn send(&mut self, command: impl AsRef<[u8]>) -> io::Result<String> {
        let command = command.as_ref();
        self.view.fetching = command.starts_with(b"FETCH") || command.starts_with(b"UID FETCH");
        self.wire.send(command)
    }

    pub(crate) fn result(&mut self, tag: &str, during: During) -> io::Result<Outcome> {
        let outcome = self.wire.result(tag)?;
        for data in &outcome.data {
            self.hear(data, during);
        }
        self.view.code(outcome.status.code.as_ref());
        assert_ne!(
            outcome.status.condition,
            Condition::Bad,
            "{}: {:?}",
            self.name,
            outcome.status
        );
        Ok(outcome)
    }

    fn hear(&mut self, data: &Data<'_>, during: During) {
        self.view.hear(data, during);
        if let Some(context) = &mut self.context {
            context.hear(data);
        }
    }

    /// NOOP, while nobody else does anything: then the client knows what is the case.
    pub(crate) fn settle(&mut self, truth: &Truth) -> io::Result<()> {
        assert!(self.command("NOOP", During::Other)?.is_ok());
        self.agrees(truth);
        self.learn()?;
        self.agrees(truth);
        self.view.is_settled();
        Ok(())
    }

    /// NOOP, whatever the others do: the client knows what was the case at some moment since.
    pub(crate) fn refresh(&mut self) -> io::Result<()> {
        assert!(self.command("NOOP", During::Other)?.is_ok());
        self.learn()?;
        self.view.is_settled();
        Ok(())
    }

    fn agrees(&self, truth: &Truth) {
        if let Some(difference) = self.view.difference(truth) {
            panic!("{} after NOOP: {difference}", self.name);
        }
        if let Some(context) = &self.context {
            context.agrees(truth);
        }
    }

    /// Finds out which messages those are of which only the number is known.
    pub(crate) fn learn(&mut self) -> io::Result<()> {
        let items = match self.view.kind.hears_mod_sequences() {
            true => "(UID FLAGS MODSEQ)",
            false => "(UID FLAGS)",
        };
        while self.view.unknown() {
            let known = self
                .view
                .slots
                .iter()
                .take_while(|slot| slot.uid.is_some() && slot.flags.is_some());
            let from = match self.view.kind {
                Kind::UidOnly => 1,
                _ => known.last().and_then(|slot| slot.uid).unwrap_or(0) + 1,
            };
            assert!(
                self.command(format!("UID FETCH {from}:* {items}"), During::Other)?
                    .is_ok()
            );
        }
        Ok(())
    }

    pub(crate) const fn listens(&self) -> bool {
        self.listening.is_some()
    }

    pub(crate) fn idle(&mut self) -> io::Result<()> {
        let tag = self.send("IDLE")?;
        loop {
            match self.wire.response()? {
                Response::Continuation(_) => break,
                Response::Untagged(data) => self.hear(&data, During::Other),
                other => panic!("{}: {other:?}", self.name),
            }
        }
        self.listening = Some(Listening::Idle(tag));
        Ok(())
    }

    /// Listens without a command (RFC 5465 §6.1.1).
    pub(crate) fn watch(&mut self) -> io::Result<()> {
        let events = "NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))";
        assert!(self.command(events, During::Other)?.is_ok());
        (self.listening, self.watches) = (Some(Listening::Notify), true);
        Ok(())
    }

    pub(crate) fn end_listening(&mut self) -> io::Result<()> {
        let outcome = match self.listening.take() {
            None => return Ok(()),
            Some(Listening::Idle(tag)) => {
                self.wire.octets(b"DONE\r\n")?;
                self.result(&tag, During::Other)?
            }
            // From now on numbers stand while commands are answered (RFC 5465 §6.1.2).
            Some(Listening::Notify) => {
                let events = "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))";
                self.command(events, During::Other)?
            }
        };
        assert!(outcome.is_ok());
        Ok(())
    }

    /// Waits until the client, which does nothing but listen, knows what is the case.
    pub(crate) fn hears_of(&mut self, truth: &Truth) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while let Some(difference) = self.view.difference(truth) {
            assert!(
                Instant::now() < deadline,
                "{} listens and never hears: {difference}",
                self.name
            );
            match self.wire.response_within(Duration::from_secs(1))? {
                Some(Response::Untagged(data)) => self.hear(&data, During::Other),
                Some(other) => panic!("{}: {other:?}", self.name),
                None => {}
            }
        }
        Ok(())
    }

    /// Some of the messages that the client knows, which others may have removed.
    pub(crate) fn choose(&self, random: &mut Random) -> Option<Set> {
        let uids = match self.view.kind {
            Kind::UidOnly => self.view.uids(),
            // Each at the place that its number says.
            _ => self.view.slots.iter().map_while(|slot| slot.uid).collect(),
        };
        if uids.is_empty() {
            return None;
        }
        let by_uid = self.view.kind == Kind::UidOnly || random.below(2) == 0;
        let mut chosen = BTreeSet::new();
        let mut ranges = Vec::new();
        for _ in 0..=random.below(3) {
            let (a, b) = (random.below(uids.len()), random.below(uids.len()));
            let (first, last) = match random.below(3) {
                0 => (a.min(b), a.max(b)),
                _ => (a, a),
            };
            let name = |index: usize| if by_uid { uids[index] as usize } else { index + 1 };
            ranges.push(match first == last {
                true => name(first).to_string(),
                // Either end may come first (RFC 9051 §9, seq-range).
                false => format!("{}:{}", name(last), name(first)),
            });
            chosen.extend(&uids[first..=last]);
        }
        Some(Set {
            by_uid,
            text: ranges.join(","),
            uids: chosen.into_iter().collect(),
        })
    }
}
