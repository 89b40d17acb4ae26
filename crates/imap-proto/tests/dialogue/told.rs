//! What a client's machine tells, as the responses that it was told.

use std::collections::VecDeque;

use imap_proto::client::{CommandId, Event};
use imap_proto::{Client, Command, Data, Fetch, Phase, Response, Status, Tag};

/// Responses put together again.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) responses: VecDeque<Response<'static>>,
    ids: Vec<(CommandId, Tag<'static>)>,
    fetch: Option<Fetch<'static>>,
}

impl Told {
    pub(crate) fn submit(&mut self, client: &mut Client, name: &str, tag: &str, command: Command<'static>) {
        let tag = Tag::new(tag.to_owned()).expect("a tag");
        let what = format!("{command:?}");
        match client.submit_tagged(tag.clone(), command) {
            Ok(id) => self.ids.push((id, tag)),
            Err(misuse) => panic!("{name}: {misuse}: {what}"),
        }
    }

    /// The session ended with BYE, of which there is no event when it was the greeting.
    pub(crate) fn turned_away(&mut self, client: &Client, status: Status<'static>) {
        if client.phase() == Phase::Greeting {
            self.responses = [Response::Untagged(Data::Status(status))].into();
        }
    }

    pub(crate) fn event(&mut self, name: &str, event: Event) {
        let response = match event {
            Event::Greeting(status) => Response::Untagged(Data::Status(*status)),
            Event::Data(data) => Response::Untagged(*data),
            Event::FetchBegan(numbering, number) => {
                self.fetch = Some(Fetch::empty(numbering, number));
                return;
            }
            Event::FetchItem(item) => return self.fetch.as_mut().expect("a FETCH response").push(*item),
            Event::FetchEnded => Response::Untagged(Data::Fetch(self.fetch.take().expect("a FETCH response"))),
            Event::Done(id, status) => {
                let known = self.ids.iter().find(|(known, _)| *known == id);
                let (_, tag) = known.expect("a command of ours").clone();
                Response::Tagged { tag, status: *status }
            }
            Event::Idling(_) | Event::Challenge(..) => return,
            other => panic!("{name}: {other:?}"),
        };
        self.responses.push_back(response);
    }
}
