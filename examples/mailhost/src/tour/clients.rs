//! Bob's mail in two IMAP clients at once.

use std::error::Error;
use std::sync::Arc;

use imap_proto::client::Config;
use imap_proto::{Data, FetchItem, Flag, StoreAction};
use mail_tokio::Options;
use mail_tokio::imap::Client;
use mail_tokio::tls::{Address, Tls};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::checks::Checks;
use super::dialogue::{Dialogue, Heard};
use super::hosts::{BOB, Hosts, imap, observed};
use super::wire::{Listener, Tapped};
use crate::transcript::{Scribe, Speaker};

/// What became of it.
pub(super) struct TwoClients {
    /// From Bob's telephone to his server.
    pub(super) phone: Heard,
    /// From his computer.
    pub(super) desk: Heard,
    /// Octets of the message.
    pub(super) size: u64,
    /// Octets that the server sent to the computer, all told.
    pub(super) sent: usize,
    /// What the telephone was told without having asked.
    pub(super) pushed: Vec<String>,
}

/// A client whose octets are counted.
type Counted = Client<Tapped<TcpStream>>;

/// A client that has logged in and selected INBOX.
pub(super) async fn select(
    hosts: &Hosts<'_>,
    dialogue: Dialogue,
    scribe: Arc<dyn Scribe>,
    listener: Listener,
) -> Result<Counted, Box<dyn Error>> {
    let server = imap(&hosts.hamburger);
    let transport = Tapped::new(TcpStream::connect(server).await?, listener);
    let options = observed(Options::new(Tls::never(), Config::default()), scribe, dialogue);
    let address = Address::try_from((server.ip().to_string().as_str(), server.port()))?;
    let mut client = Client::open(transport, &address, options).await?;
    client.login(BOB.0, BOB.1).await?;
    client.select("INBOX").await?;
    Ok(client)
}

/// The telephone: waits for the message and for two changes of its flags, and logs out. `rang` hears that it has begun to wait, and
/// of each of the three.
pub(super) async fn watch(mut phone: Counted, rang: UnboundedSender<()>) -> Result<Vec<String>, Box<dyn Error>> {
    let mut pushed = Vec::new();
    let mut idle = phone.idle().await?;
    // Nobody is there to hear it if the tour has ended.
    let _ = rang.send(());
    while pushed.len() < 3 {
        match idle.next().await?.ok_or("the server has ended IDLE")? {
            Data::Exists(messages) => pushed.push(format!("{messages} EXISTS")),
            Data::Fetch(fetch) => pushed.push(flags(fetch.items())),
            _ => continue,
        }
        let _ = rang.send(());
    }
    idle.done().await?;
    phone.logout().await?;
    Ok(pushed)
}

/// The computer: what the message is, its text, and a flag, once the telephone has heard that it was read: two changes that come
/// at once are told as one. The picture stays where it is. Returns the message's octets.
pub(super) async fn read(mut desk: Counted, rings: &mut UnboundedReceiver<()>) -> Result<u64, Box<dyn Error>> {
    let found = desk.fetch_all("1", "(RFC822.SIZE ENVELOPE BODYSTRUCTURE)").await?;
    let items = found.iter().flat_map(|message| message.items());
    let mut sizes = items.filter_map(|item| match item {
        FetchItem::Rfc822Size(size) => Some(*size),
        _ => None,
    });
    let size = sizes.next().ok_or("the message has no size")?;
    desk.fetch_all("1", "BODY[1]").await?;
    rings.recv().await.ok_or(HUNG_UP)?;
    desk.store("1", StoreAction::Add, [Flag::Flagged]).await?;
    desk.logout().await?;
    Ok(size)
}

/// Why the computer does not go on.
pub(super) const HUNG_UP: &str = "the telephone waits no more";

/// `\Seen \Flagged`
fn flags(items: &[FetchItem<'_>]) -> String {
    let flags = items.iter().find_map(|item| match item {
        FetchItem::Flags(flags) => Some(flags),
        _ => None,
    });
    let names = flags.into_iter().flatten().filter(|flag| **flag != Flag::Recent);
    let names: Vec<_> = names.map(Flag::to_string).collect();
    names.join(" ")
}

impl TwoClients {
    /// What was saved, in words.
    pub(super) fn saved(&self) -> String {
        let kept = self.size.saturating_sub(self.sent as u64);
        format!(
            "\nThe message has {} octets. All that the server sent to his computer, greeting included, are\n\
             {} octets: {kept} fewer than POP3 would have sent to show him the same.",
            self.size, self.sent
        )
    }

    /// Checks all of it.
    pub(super) fn checks(&self, checks: &mut Checks) {
        let expected = ["1 EXISTS", "\\Seen", "\\Flagged \\Seen"].join(", ");
        checks.same(
            "what Bob's telephone was told while it waited",
            expected,
            self.pushed.join(", "),
        );
        let small = self.sent < 4096;
        checks.same(
            "octets sent to his computer",
            "less than 4096",
            if small {
                "less than 4096".to_owned()
            } else {
                self.sent.to_string()
            },
        );
        let large = self.size > 400_000;
        checks.same(
            "octets of the message",
            "more than 400000",
            if large {
                "more than 400000".to_owned()
            } else {
                self.size.to_string()
            },
        );
        let lines = |heard: &Heard| heard.open.len();
        checks.same(
            "lines of the two dialogues",
            "24 and 27",
            format!("{} and {}", lines(&self.phone), lines(&self.desk)),
        );
    }
}

/// How many octets the server has sent.
pub(super) fn sent(listener: &Listener) -> usize {
    listener.octets(Speaker::Server)
}
