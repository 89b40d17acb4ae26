//! Our own IMAP clients and mailhost: over TLS and without, and by QRESYNC from one connection to the next.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64};

use imap_proto::client::Selected;
use imap_proto::{
    Capability, Data, Fetch, FetchItem, Flag, Mailbox, QResync, Select, SelectParameter, SequenceSet, StoreAction,
    VanishedSince,
};
use mail_blocking::imap::Client;
use mail_blocking::tls::{ClientTls, Host, Tls};
use mail_testing::Random;

use crate::peers::{Mailhost, SecuredMailhost};

/// A way into mailhost by IMAP.
pub(crate) struct Way {
    name: &'static str,
    address: SocketAddr,
    tls: Tls,
}

impl Way {
    /// By the names that mbsync has for them.
    pub(crate) fn all(mailhost: &SecuredMailhost) -> [Self; 3] {
        let certificate = std::fs::read(mailhost.certificate()).unwrap();
        let roots = ClientTls::builder().roots_pem(&certificate).build().unwrap();
        let trusting = |tls: Tls| tls.with(roots.clone()).for_host("127.0.0.1".parse::<Host>().unwrap());
        let way = |name, address, tls| Self { name, address, tls };
        [
            way("None", mailhost.imap(), Tls::never()),
            way("STARTTLS", mailhost.imap(), trusting(Tls::required())),
            way("IMAPS", mailhost.imaps(), trusting(Tls::implicit())),
        ]
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> Client {
        let mut client = Client::connect(self.address, self.tls.clone()).unwrap();
        assert_eq!(client.tls().is_some(), self.name != "None");
        client.login("bob", Mailhost::PASSWORD).unwrap();
        client
    }
}

/// Appends a message of which the subject is known.
pub(crate) fn add(imap: &mut Client, mailbox: &str, subject: &str, flags: &[Flag<'static>]) {
    let text = format!("Subject: {subject}\r\n\r\nWritten there.\r\n");
    let mailbox = Mailbox::new(mailbox).unwrap();
    let appended = imap.append(mailbox, flags.to_vec(), None, text.len() as u64, text.as_bytes());
    assert!(appended.unwrap().is_some(), "APPENDUID");
}

/// Each message's subject and flags, sorted.
pub(crate) fn flags_by_subject(imap: &mut Client, mailbox: &str) -> Vec<(String, String)> {
    let selected = imap.examine(Mailbox::new(mailbox).unwrap()).unwrap();
    if selected.exists == 0 {
        return Vec::new();
    }
    let fetched = imap
        .fetch_all(SequenceSet::all(), "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        .unwrap();
    let mut list: Vec<(String, String)> = fetched.iter().map(|fetch| (subject(fetch), flags(fetch))).collect();
    list.sort();
    list
}

fn subject(fetch: &Fetch<'_>) -> String {
    let text = fetch.items().iter().find_map(|item| match item {
        FetchItem::BodySection { data: Some(data), .. } => data.held(),
        _ => None,
    });
    let text = String::from_utf8_lossy(text.expect("it was asked for"));
    text.trim().trim_start_matches("Subject: ").to_owned()
}

fn flags(fetch: &Fetch<'_>) -> String {
    let flags = fetch.items().iter().find_map(|item| match item {
        FetchItem::Flags(flags) => Some(flags),
        _ => None,
    });
    let flags = flags
        .expect("it was asked for")
        .iter()
        .filter(|flag| **flag != Flag::Recent);
    let mut names: Vec<String> = flags.map(ToString::to_string).collect();
    names.sort();
    names.join(" ")
}

/// What a client keeps between its connections: the flags of each message.
#[derive(Default)]
struct Cache {
    uid_validity: Option<NonZeroU32>,
    highest: Option<NonZeroU64>,
    messages: BTreeMap<u32, String>,
}

/// A client comes, is told what has changed, and goes; meanwhile another one changes this and that. Both adapters' clients come so.
#[test]
fn qresync_over_reconnects() {
    let mailhost = SecuredMailhost::for_all();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for way in Way::all(&mailhost) {
        let mut other = way.connect();
        for number in 0..20 {
            add(&mut other, "INBOX", &format!("message {number}"), &[]);
        }
        let (mut blocking, mut tokio) = (Cache::default(), Cache::default());
        let mut random = Random::new(5);
        for round in 0..7 {
            if round > 0 {
                disturb(&mut other, &mut random);
            }
            blocking.follow(&way);
            runtime.block_on(tokio.follow_by_tokio(&way));
            other.select("INBOX").unwrap();
            let flags = all_flags(&mut other);
            assert_eq!(blocking.messages, flags, "{}, blocking", way.name);
            assert_eq!(tokio.messages, flags, "{}, tokio", way.name);
        }
    }
}

/// Expunges, marks, and adds; the state is compared behind it.
fn disturb(other: &mut Client, random: &mut Random) {
    let uids: Vec<u32> = all_flags(other).into_keys().collect();
    for _ in 0..4 {
        let uid = NonZeroU32::new(uids[random.below(uids.len())]).expect("a UID");
        let set = SequenceSet::from_numbers([uid]).expect("there is one");
        let flag = [Flag::Deleted, Flag::Seen, Flag::Flagged][random.below(3)].clone();
        other.uid_store(set, StoreAction::Add, vec![flag]).unwrap();
    }
    other.expunge().unwrap();
    add(other, "INBOX", "another", &[Flag::Draft]);
}

fn all_flags(imap: &mut Client) -> BTreeMap<u32, String> {
    imap.noop().unwrap();
    flags_by_uid(&imap.fetch_all(SequenceSet::all(), "(UID FLAGS)").unwrap())
}

fn flags_by_uid(fetched: &[Fetch<'_>]) -> BTreeMap<u32, String> {
    let uid = |fetch: &Fetch<'_>| fetch.uid().expect("it was asked for").get();
    fetched.iter().map(|fetch| (uid(fetch), flags(fetch))).collect()
}

impl Cache {
    fn follow(&mut self, way: &Way) {
        let mut client = way.connect();
        client.enable(vec![Capability::new("QRESYNC").unwrap()]).unwrap();
        let selected = client.select(self.select()).unwrap();
        if self.highest.is_none() && selected.exists > 0 {
            self.messages = all_flags(&mut client);
        }
        self.learn(&selected);
        client.logout().unwrap();
    }

    async fn follow_by_tokio(&mut self, way: &Way) {
        let mut client = mail_tokio::imap::Client::connect(way.address, way.tls.clone())
            .await
            .unwrap();
        client.login("bob", Mailhost::PASSWORD).await.unwrap();
        let qresync = vec![Capability::new("QRESYNC").unwrap()];
        client.enable(qresync).await.unwrap();
        let selected = client.select(self.select()).await.unwrap();
        if self.highest.is_none() && selected.exists > 0 {
            let fetched = client.fetch_all(SequenceSet::all(), "(UID FLAGS)").await;
            self.messages = flags_by_uid(&fetched.unwrap());
        }
        self.learn(&selected);
        client.logout().await.unwrap();
    }

    /// SELECT, by QRESYNC where something is known.
    fn select(&self) -> Select<'static> {
        let mut select = Select::try_from("INBOX").unwrap();
        if let (Some(uid_validity), Some(mod_sequence)) = (self.uid_validity, self.highest) {
            select.parameters.push(SelectParameter::QResync(QResync {
                uid_validity,
                mod_sequence,
                known_uids: None,
                sequence_match: None,
            }));
        }
        select
    }

    fn learn(&mut self, selected: &Selected) {
        (self.uid_validity, self.highest) = (selected.uid_validity, selected.highest_mod_sequence);
        for change in &selected.changes {
            match change {
                Data::Vanished(vanished) => {
                    assert_eq!(vanished.since, VanishedSince::Earlier);
                    self.messages
                        .retain(|uid, _| !NonZeroU32::new(*uid).is_some_and(|uid| vanished.uids.contains(uid)));
                }
                Data::Fetch(fetch) => {
                    self.messages.insert(fetch.uid().expect("QRESYNC").get(), flags(fetch));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(self.messages.len(), selected.exists as usize);
    }
}
