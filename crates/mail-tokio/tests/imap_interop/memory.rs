//! A small IMAP server: one user, mailboxes in memory, bodies from its own octets.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};

use imap_proto::server::{Completion, Config, Event, Execute, Offers, Part, Plaintext, Refusal, SaslStep};
use imap_proto::{
    Capability, Code, Command, Condition, Data, Delimiter, Fetch, FetchAttribute, FetchCommand, FetchItem,
    FetchSelection, Flag, Found, ListedMailbox, Mailbox, MailboxStatus, NumberSet, Numbering, Search, SequenceSet,
    Status, StatusItem, StatusValue, Store, StoreAction, StoreChange, StoreEcho,
};
use mail_tokio::imap::{Server, Session};
use mail_wire::Ask;
use tokio::io::AsyncReadExt;

use crate::message::{Message, marks_seen};

/// What is in it, and what was asked of it.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) mailboxes: BTreeMap<String, Vec<Message>>,
    /// The names of the commands that clients gave, in order.
    pub(crate) commands: Vec<&'static str>,
    uid: u32,
}

impl Memory {
    /// With these messages in INBOX.
    pub(crate) fn with(messages: &[&[u8]]) -> Self {
        let memory = Self::default();
        let mut state = memory.state();
        state.mailboxes.insert("INBOX".into(), Vec::new());
        messages
            .iter()
            .for_each(|octets| _ = state.add("INBOX", Vec::new(), octets.to_vec()));
        drop(state);
        memory
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }

    /// Listens, with all that it can; each client has a task of its own.
    pub(crate) async fn serve(&self) -> SocketAddr {
        // imaplib enables nothing that it has not seen offered before login.
        let always = ["IMAP4rev1", "SASL-IR", "LITERAL+", "ID", "ENABLE"];
        self.offering(always.map(Capability::fixed).into()).await
    }

    /// Listens, with `always` on offer.
    pub(crate) async fn offering(&self, always: Vec<Capability<'static>>) -> SocketAddr {
        let later = ["IDLE", "UIDPLUS", "UNSELECT", "UTF8=ACCEPT", "IMAP4rev2"];
        let config = Config {
            offers: Offers {
                always,
                before_login: vec![Capability::fixed("AUTH=PLAIN")],
                after_login: later.map(Capability::fixed).into(),
            },
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        let server = Server::bind("127.0.0.1:0", config).await.unwrap();
        let address = server.local_addr().unwrap();
        let memory = self.clone();
        tokio::spawn(async move {
            loop {
                let (session, _) = server.accept().await.unwrap();
                let view = View {
                    session,
                    memory: memory.clone(),
                    selected: String::new(),
                    incoming: Vec::new(),
                };
                tokio::spawn(view.serve());
            }
        });
        address
    }
}

impl State {
    fn add(&mut self, mailbox: &str, flags: Vec<Flag<'static>>, octets: Vec<u8>) -> NonZeroU32 {
        self.uid += 1;
        let uid = NonZeroU32::new(self.uid).expect("it counts from one");
        let messages = self.mailboxes.get_mut(mailbox).expect("it was looked for");
        messages.push(Message { uid, flags, octets });
        uid
    }
}

/// One client's connection.
struct View {
    session: Session,
    memory: Memory,
    /// The mailbox that is open.
    selected: String,
    /// Of an APPEND under way.
    incoming: Vec<(String, Vec<Flag<'static>>, Vec<u8>)>,
}

type Answer = Result<Completion, Refusal>;

impl View {
    async fn serve(mut self) {
        // A client that just goes away is no fault here.
        while let Ok(Some(event)) = self.session.next().await {
            self.handle(event).await;
        }
    }

    async fn handle(&mut self, event: Event) {
        match event {
            Event::Login(ask, login) => {
                self.memory.state().commands.push("LOGIN");
                match (login.user.as_bytes(), login.password.secret().expose()) {
                    (b"bob", b"hungry") => self.session.accept(ask).unwrap(),
                    _ => self.session.refuse(ask, Refusal::bad_credentials()).unwrap(),
                }
            }
            Event::Authenticate(ask, authenticate) => match authenticate.initial_response {
                None => self.session.accept_with(ask, SaslStep::Challenge(Vec::new())).unwrap(),
                Some(response) => self.check(ask, response.secret().expose()),
            },
            Event::SaslResponse(ask, response) => self.check(ask, response.secret().expose()),
            Event::Command(ask, command) => {
                self.memory.state().commands.push(command.name());
                let answer = self.execute(*command).await;
                self.answer(ask, answer);
            }
            Event::Append(ask, part) => self.receive(ask, *part).await,
            Event::Appended(ask) => {
                let answer = self.keep();
                self.answer(ask, answer);
            }
            Event::AppendAborted => self.incoming.clear(),
            Event::Enabled(_) | Event::Identified(_) | Event::IdleEnded | Event::SaslCancelled => {}
            Event::IdleBegan => self.session.update(Data::Exists(self.messages().len() as u32)).unwrap(),
            other => self.session.unhandled(other).unwrap(),
        }
    }

    fn check(&mut self, ask: Ask<imap_proto::server::Sasl>, response: &[u8]) {
        self.memory.state().commands.push("AUTHENTICATE");
        match response {
            b"\0bob\0hungry" => self.session.accept_with(ask, SaslStep::Success).unwrap(),
            _ => self.session.refuse(ask, Refusal::bad_credentials()).unwrap(),
        }
    }

    fn answer(&mut self, ask: Ask<Execute>, answer: Answer) {
        match answer {
            Ok(completion) => self.session.accept_with(ask, completion).unwrap(),
            Err(refusal) => self.session.refuse(ask, refusal).unwrap(),
        }
    }

    async fn receive(&mut self, ask: Ask<imap_proto::server::Receive>, part: Part) {
        let Part::Message { destination, flags, .. } = part else {
            return self.session.refuse(ask, Refusal::not_supported()).unwrap();
        };
        let mailbox = destination.mailbox.to_text().into_owned();
        if !self.memory.state().mailboxes.contains_key(&mailbox) {
            return self.session.refuse(ask, Refusal::try_create()).unwrap();
        }
        self.session.accept(ask).unwrap();
        let mut octets = Vec::new();
        self.session.body().read_to_end(&mut octets).await.unwrap();
        self.incoming.push((mailbox, flags, octets));
    }

    fn keep(&mut self) -> Answer {
        let mut state = self.memory.state();
        state.commands.push("APPEND");
        let uids: Vec<_> = self
            .incoming
            .drain(..)
            .map(|(mailbox, flags, octets)| state.add(&mailbox, flags, octets))
            .collect();
        let uids = NumberSet::from_numbers(uids).expect("there was a message");
        Ok(Completion::with_code(Code::AppendUid {
            validity: VALIDITY,
            uids,
        }))
    }

    async fn execute(&mut self, command: Command<'static>) -> Answer {
        match command {
            Command::Select(select) => return self.select(&select.mailbox, Code::ReadWrite).await,
            Command::Examine(select) => return self.select(&select.mailbox, Code::ReadOnly).await,
            Command::Create(create) => {
                let name = create.mailbox.to_text().into_owned();
                self.memory.state().mailboxes.insert(name, Vec::new());
            }
            Command::Delete(mailbox) => {
                let removed = self.memory.state().mailboxes.remove(&*mailbox.to_text());
                removed.ok_or_else(Refusal::no_such_mailbox)?;
            }
            Command::Rename(rename) => {
                let mut state = self.memory.state();
                let messages = state
                    .mailboxes
                    .remove(&*rename.from.to_text())
                    .ok_or_else(Refusal::no_such_mailbox)?;
                state.mailboxes.insert(rename.to.to_text().into_owned(), messages);
            }
            Command::List(list) => {
                self.list(
                    |one| {
                        list.patterns
                            .as_slice()
                            .iter()
                            .any(|pattern| pattern.matches(one, None))
                    },
                    Data::List,
                )
                .await
            }
            Command::Lsub(list) => self.list(|one| list.pattern.matches(one, None), Data::Lsub).await,
            Command::Status(query) => return self.status(query).await,
            Command::Fetch(fetch) => self.fetch(fetch).await,
            Command::Store(store) => self.store(store).await,
            Command::Search(search) => self.search(search).await,
            Command::Copy(copy) => return self.copy(&copy),
            Command::Expunge(only) => self.expunge(only.as_ref()).await,
            Command::Close => self.remove(|message| message.flags.contains(&Flag::Deleted)),
            Command::Unselect | Command::Check | Command::Subscribe(_) | Command::Unsubscribe(_) => {}
            _ => return Err(Refusal::not_supported()),
        }
        Ok(Completion::default())
    }

    async fn say(&mut self, data: Data<'_>) {
        self.session.send(data).await.unwrap();
    }

    fn messages(&self) -> Vec<Message> {
        self.memory
            .state()
            .mailboxes
            .get(&self.selected)
            .cloned()
            .unwrap_or_default()
    }

    async fn select(&mut self, mailbox: &Mailbox<'static>, access: Code<'static>) -> Answer {
        let name = mailbox.to_text().into_owned();
        if !self.memory.state().mailboxes.contains_key(&name) {
            return Err(Refusal::no_such_mailbox());
        }
        self.selected = name;
        let messages = self.messages();
        let flags = vec![Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft];
        self.say(Data::Flags(flags)).await;
        self.say(Data::Exists(messages.len() as u32)).await;
        self.say(Data::Recent(0)).await;
        let validity = Status::fixed(Condition::Ok, "UIDs").with_code(Code::UidValidity(VALIDITY));
        self.say(Data::Status(validity)).await;
        Ok(Completion::with_code(access))
    }

    async fn list(
        &mut self,
        wanted: impl Fn(&Mailbox<'static>) -> bool,
        data: fn(ListedMailbox<'static>) -> Data<'static>,
    ) {
        let names: Vec<_> = self.memory.state().mailboxes.keys().cloned().collect();
        for name in names {
            let mailbox = Mailbox::new(&name).unwrap();
            if wanted(&mailbox) {
                let delimiter = Delimiter::new(b'/').unwrap();
                self.say(data(ListedMailbox::new(Vec::new(), Some(delimiter), mailbox)))
                    .await;
            }
        }
    }

    async fn status(&mut self, query: imap_proto::StatusQuery<'static>) -> Answer {
        let messages = self.memory.state().mailboxes.get(&*query.mailbox.to_text()).cloned();
        let messages = messages.ok_or_else(Refusal::no_such_mailbox)?;
        let unseen = messages
            .iter()
            .filter(|message| !message.flags.contains(&Flag::Seen))
            .count();
        let values = query.items.iter().filter_map(|item| match item {
            StatusItem::Messages => Some(StatusValue::Messages(messages.len() as u32)),
            StatusItem::Unseen => Some(StatusValue::Unseen(unseen as u32)),
            StatusItem::UidValidity => Some(StatusValue::UidValidity(VALIDITY)),
            _ => None,
        });
        let values = values.collect();
        self.say(Data::MailboxStatus(MailboxStatus {
            mailbox: query.mailbox,
            values,
        }))
        .await;
        Ok(Completion::default())
    }

    /// The messages of a set, with their numbers.
    fn chosen(&self, numbering: Numbering, set: &SequenceSet) -> Vec<(NonZeroU32, Message)> {
        let messages = self.messages();
        let largest_uid = messages.last().map_or(NonZeroU32::MIN, |message| message.uid);
        let largest = NonZeroU32::new(messages.len() as u32).unwrap_or(NonZeroU32::MIN);
        let numbered = (1..).filter_map(NonZeroU32::new).zip(messages);
        let chosen = numbered.filter(|(number, message)| match numbering {
            Numbering::Uid => set.contains(message.uid, largest_uid),
            _ => set.contains(*number, largest),
        });
        chosen.collect()
    }

    async fn fetch(&mut self, fetch: FetchCommand<'static>) {
        let attributes = match fetch.selection {
            FetchSelection::Attributes(attributes) => attributes.into_vec(),
            _ => vec![
                FetchAttribute::Flags,
                FetchAttribute::InternalDate,
                FetchAttribute::Rfc822Size,
            ],
        };
        for (number, message) in self.chosen(fetch.numbering, &fetch.set) {
            let mut items: Vec<_> = attributes
                .iter()
                .filter_map(|attribute| message.item(attribute))
                .collect();
            if fetch.numbering == Numbering::Uid && !attributes.contains(&FetchAttribute::Uid) {
                items.push(FetchItem::Uid(message.uid));
            }
            if attributes.iter().any(marks_seen) && !message.flags.contains(&Flag::Seen) {
                items.push(FetchItem::Flags(self.change(
                    message.uid,
                    StoreAction::Add,
                    &[Flag::Seen],
                )));
            }
            let Ok(items) = items.try_into() else { continue };
            self.say(Data::Fetch(Fetch::new(Numbering::Sequence, number, items)))
                .await;
        }
    }

    async fn store(&mut self, store: Store<'static>) {
        let StoreChange::Flags { action, echo, flags } = store.change else {
            return;
        };
        for (number, message) in self.chosen(store.numbering, &store.set) {
            let flags = self.change(message.uid, action, &flags);
            let items = [FetchItem::Flags(flags), FetchItem::Uid(message.uid)]
                .try_into()
                .unwrap();
            if echo == StoreEcho::Fetch {
                self.say(Data::Fetch(Fetch::new(Numbering::Sequence, number, items)))
                    .await;
            }
        }
    }

    /// What the flags are then.
    fn change(&self, uid: NonZeroU32, action: StoreAction, flags: &[Flag<'static>]) -> Vec<Flag<'static>> {
        let mut state = self.memory.state();
        let messages = state.mailboxes.get_mut(&self.selected).expect("it is open");
        let message = messages
            .iter_mut()
            .find(|message| message.uid == uid)
            .expect("it was chosen");
        match action {
            StoreAction::Replace => message.flags = flags.to_vec(),
            StoreAction::Add | StoreAction::Remove => message.flags.retain(|flag| !flags.contains(flag)),
        }
        if action == StoreAction::Add {
            message.flags.extend_from_slice(flags);
        }
        message.flags.clone()
    }

    async fn search(&mut self, search: Search<'static>) {
        let messages = self.chosen(Numbering::Sequence, &SequenceSet::all());
        let largest = NonZeroU32::new(messages.len() as u32).unwrap_or(NonZeroU32::MIN);
        let found = messages
            .iter()
            .filter(|(number, message)| search.program.evaluate(|key, _| message.matches(key, *number, largest)));
        let numbers = found.map(|(number, message)| match search.numbering {
            Numbering::Uid => message.uid,
            _ => *number,
        });
        let found = Found::new(numbers.collect());
        self.say(Data::Search(found)).await;
    }

    fn copy(&mut self, copy: &imap_proto::Transfer<'static>) -> Answer {
        let target = copy.target.to_text();
        let chosen = self.chosen(copy.numbering, &copy.messages);
        let mut state = self.memory.state();
        if !state.mailboxes.contains_key(&*target) {
            return Err(Refusal::try_create());
        }
        for (_, message) in chosen {
            state.add(&target, message.flags, message.octets);
        }
        Ok(Completion::default())
    }

    async fn expunge(&mut self, only: Option<&SequenceSet>) {
        let all = SequenceSet::all();
        let chosen = self.chosen(Numbering::Uid, only.unwrap_or(&all));
        let deleted = chosen
            .into_iter()
            .filter(|(_, message)| message.flags.contains(&Flag::Deleted));
        // From the end, so that the numbers of the others stand.
        let deleted: Vec<_> = deleted.collect();
        for (number, message) in deleted.into_iter().rev() {
            self.remove(|other| other.uid == message.uid);
            self.say(Data::Expunge(number)).await;
        }
    }

    fn remove(&self, which: impl Fn(&Message) -> bool) {
        let mut state = self.memory.state();
        let messages = state.mailboxes.get_mut(&self.selected).expect("it is open");
        messages.retain(|message| !which(message));
    }
}

const VALIDITY: NonZeroU32 = NonZeroU32::new(17).expect("it is not zero");
