//! Our client against our server, over pipes of 1 KiB.

mod dialogue;

use std::collections::VecDeque;
use std::sync::Arc;

use dialogue::host::{self, Host};
use dialogue::script::{Act, Script};
use dialogue::told::Told;
use dialogue::{Said, Unit, units};
use imap_proto::client::{self, Event};
use imap_proto::server::{self, Opening, Security};
use imap_proto::{Client, Command, Mailbox, Response, SaslResponse, Server, TaggedCommand};
use mail_testing::{Application, Rest, Side, Transcript, converse};
use mail_wire::Machine;

const PIPE: usize = 1024;

#[test]
fn client_and_server_have_the_dialogues() {
    let mut played = 0;
    for transcript in Transcript::folder(dialogue::FOLDER) {
        let said = units(&transcript);
        let is_foreign = ["client", "server"]
            .iter()
            .any(|side| transcript.settings(side).next().is_some());
        // A command that is refused before it is whole: a client cannot know where.
        if is_foreign || said.iter().any(|said| matches!(said.unit, Unit::Refused(_))) {
            continue;
        }
        played += 1;
        Pair::new(&transcript, &said).play(&transcript, &said);
    }
    assert!(played > 310, "{played}");
}

/// The program beside a client.
struct Caller<'t> {
    name: &'t str,
    told: Told,
    /// Responses to challenges.
    responses: VecDeque<SaslResponse>,
}

impl Application<Client> for Caller<'_> {
    fn event(&mut self, _: &mut Client, event: Event) {
        self.told.event(self.name, event);
    }

    fn need_answer(&mut self, machine: &mut Client) -> bool {
        // Without a challenge there is nothing to respond to.
        let Some(response) = self.responses.front() else {
            return false;
        };
        let responded = machine.respond(response).is_ok();
        if responded {
            self.responses.pop_front();
        }
        responded
    }
}

struct Pair<'t> {
    client: Client,
    caller: Caller<'t>,
    server: Server,
    host: Host<'t>,
}

impl<'t> Pair<'t> {
    fn new(transcript: &'t Transcript, said: &[Said]) -> Self {
        let config = host::config(transcript, said);
        let mut pair = Self {
            client: plaintext_client(),
            caller: Caller {
                name: transcript.name(),
                told: Told::default(),
                responses: VecDeque::new(),
            },
            server: Server::new(Arc::new(config), Security::Plaintext),
            host: Host::new(transcript),
        };
        let state = dialogue::state(transcript);
        if state == "greeting" {
            return pair;
        }
        pair.converse();
        if state == "selected" {
            pair.say(&Unit::Command(TaggedCommand {
                tag: imap_proto::Tag::new("T1").expect("a tag"),
                command: Command::Select(Mailbox::Inbox.into()),
            }));
            pair.converse();
        }
        pair.caller.told.responses.clear();
        pair
    }

    fn converse(&mut self) {
        let client = (&mut self.client, &mut self.caller);
        let dialogue = converse(client, (&mut self.server, &mut self.host), PIPE);
        match dialogue.client {
            Rest::Failed(client::Error::Bye(status)) => self.caller.told.turned_away(&self.client, *status),
            Rest::Failed(error) => panic!("{}: {error}", self.caller.name),
            _ => {}
        }
    }

    fn play(mut self, transcript: &Transcript, said: &[Said]) {
        let (script, acts) = Script::new(dialogue::state(transcript), said);
        self.host.script = script;
        for act in acts {
            match act {
                Act::Says(said) => said.iter().for_each(|said| self.say(&said.unit)),
                Act::Happens(data) => host::happens(&mut self.server, data),
            }
            self.converse();
        }
        self.compare(said);
    }

    fn say(&mut self, unit: &Unit) {
        let name = self.caller.name;
        match unit {
            Unit::Command(TaggedCommand { tag, command }) => {
                let told = &mut self.caller.told;
                told.submit(&mut self.client, name, tag.as_str(), command.clone());
            }
            Unit::Sasl(response) => self.caller.responses.push_back(response.clone()),
            Unit::Done => self.client.done(),
            Unit::Refused(_) | Unit::Wrong(_) | Unit::Response(_) => {}
        }
    }

    fn compare(&self, said: &[Said]) {
        let essence = |response: &Response<'static>| match response {
            // The client heeds them itself.
            Response::Continuation(_) => None,
            response => self.host.essence(response),
        };
        let told: Vec<_> = self.caller.told.responses.iter().filter_map(essence).collect();
        let expected: Vec<_> = said.iter().filter_map(Said::response).collect();
        let expected: Vec<_> = expected.iter().filter_map(essence).collect();
        assert_eq!(told, expected, "{}", self.caller.name);
    }
}

fn plaintext_client() -> Client {
    Client::new(client::Config {
        security: client::Security::Plaintext,
        ..client::Config::default()
    })
}

fn trusting_server() -> Server {
    let config = server::Config {
        opening: Opening::PreAuthenticated,
        ..server::Config::default()
    };
    Server::new(Arc::new(config), Security::Secured)
}

/// docs/threats.md row 24: 100,000 pipelined commands over pipes of 1 KiB finish.
#[test]
fn a_hundred_thousand_noops_over_a_small_pipe() {
    const COUNT: usize = 100_000;
    let (mut client, mut server) = (plaintext_client(), trusting_server());
    let mut results = Results(0);
    for _ in 0..COUNT {
        client.submit(Command::Noop).expect("legal in each state");
    }
    client.submit(Command::Logout).expect("legal in each state");
    let dialogue = converse((&mut client, &mut results), (&mut server, &mut Nobody), PIPE);
    assert_eq!((dialogue.client, dialogue.server), (Rest::Closed, Rest::Closed));
    assert_eq!(results.0, COUNT + 1);
    let writes = dialogue.wire.iter().filter(|(side, _)| *side == Side::Client).count();
    assert!(writes < 10_000, "commands go out in batches, not one by one: {writes}");
}

/// Counts results.
struct Results(usize);

impl Application<Client> for Results {
    fn event(&mut self, _: &mut Client, event: Event) {
        if let Event::Done(_, status) = event {
            assert_eq!(status.condition, imap_proto::Condition::Ok);
            self.0 += 1;
        }
    }
}

/// A server's application that is never asked.
struct Nobody;

impl Application<Server> for Nobody {
    fn event(&mut self, server: &mut Server, event: server::Event) {
        server.unhandled(event).expect("an open ask");
    }
}
