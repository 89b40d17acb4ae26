//! Every line of every transcript is read, written, and read again; every beginning of it is incomplete, and what stands
//! behind it does not matter.

mod dialogue;

use dialogue::{Said, Unit};
use imap_proto::{Command, Data, FetchItem, Parsed, Response, TaggedCommand};
use mail_testing::Transcript;

#[test]
fn what_is_read_is_written_back() {
    let mut seen = Seen::default();
    for transcript in Transcript::folder(dialogue::FOLDER) {
        for said in dialogue::units(&transcript) {
            match &said.unit {
                Unit::Command(command) => seen.command(&transcript, &said, command),
                Unit::Response(response) => seen.response(&transcript, &said, response),
                Unit::Refused(_) | Unit::Sasl(_) | Unit::Done | Unit::Wrong(_) => {}
            }
        }
    }
    assert!(seen.commands > 900 && seen.responses > 2400, "{seen:?}");
    assert!(
        seen.identical > 2700,
        "the writer's spelling is not that of the RFCs: {seen:?}"
    );
}

#[test]
fn the_index_names_every_transcript() {
    let index = std::fs::read_to_string(format!("{}/README.md", dialogue::FOLDER)).expect("the index");
    let mut named: Vec<&str> = index
        .split('`')
        .filter(|word| word.starts_with("rfc") && word.ends_with(".txt"))
        .collect();
    named.sort_unstable();
    named.dedup();
    let transcripts = Transcript::folder(dialogue::FOLDER);
    let there: Vec<&str> = transcripts
        .iter()
        .filter_map(|transcript| transcript.name().rsplit('/').next())
        .collect();
    assert_eq!(named, there);
}

#[derive(Debug, Default)]
struct Seen {
    commands: usize,
    responses: usize,
    /// How many of them are written as they stand in the file, octet for octet.
    identical: usize,
}

impl Seen {
    fn command(&mut self, transcript: &Transcript, said: &Said, command: &TaggedCommand<'static>) {
        let name = transcript.name();
        let is_known = !matches!(command.command, Command::Other { .. });
        assert!(
            is_known || is_made_up(transcript, "command"),
            "{name}: not known: {command:?}"
        );
        let mut wire = Vec::new();
        command.encode(said.spelling(), &mut wire);
        self.commands += 1;
        self.count(said, &wire);
        let again = TaggedCommand::parse(&wire, said.reading()).expect(name).complete();
        assert_eq!(
            again.as_ref(),
            Some(command),
            "{name}: {:?}",
            String::from_utf8_lossy(&wire)
        );
        for len in 0..said.octets.len() {
            let begun = TaggedCommand::parse(&said.octets[..len], said.reading());
            assert!(
                matches!(begun, Ok(Parsed::Incomplete(_))),
                "{name}: {len} octets of {command:?}: {begun:?}"
            );
        }
        let longer = [&said.octets[..], b"{9}\r\n"].concat();
        let whole = Ok(Parsed::Complete {
            value: command.clone(),
            octets: said.octets.len(),
        });
        assert_eq!(TaggedCommand::parse(&longer, said.reading()), whole, "{name}");
    }

    fn response(&mut self, transcript: &Transcript, said: &Said, response: &Response<'static>) {
        let name = transcript.name();
        assert!(
            is_known(response) || is_made_up(transcript, "data"),
            "{name}: not known: {response:?}"
        );
        let mut wire = Vec::new();
        response.encode(said.spelling(), &mut wire);
        self.responses += 1;
        self.count(said, &wire);
        let again = Response::parse(&wire, said.reading()).expect(name).complete();
        assert_eq!(
            again.as_ref(),
            Some(response),
            "{name}: {:?}",
            String::from_utf8_lossy(&wire)
        );
        for len in 0..said.octets.len() {
            let begun = Response::parse(&said.octets[..len], said.reading());
            assert!(
                matches!(begun, Ok(Parsed::Incomplete(_))),
                "{name}: {len} octets of {response:?}: {begun:?}"
            );
        }
        let longer = [&said.octets[..], b"{9}\r\n"].concat();
        let whole = Ok(Parsed::Complete {
            value: response.clone(),
            octets: said.octets.len(),
        });
        assert_eq!(Response::parse(&longer, said.reading()), whole, "{name}");
    }

    fn count(&mut self, said: &Said, wire: &[u8]) {
        self.identical += usize::from(wire == said.octets);
    }
}

/// Whether the transcript says that its commands, or its data, have names that nobody knows.
fn is_made_up(transcript: &Transcript, what: &str) -> bool {
    transcript.settings("unknown").any(|unknown| unknown == what)
}

fn is_known(response: &Response<'_>) -> bool {
    match response {
        Response::Untagged(Data::Other { .. }) => false,
        Response::Untagged(Data::Fetch(fetch)) => {
            let is_odd = |item: &FetchItem<'_>| matches!(item, FetchItem::Invalid { .. } | FetchItem::Other { .. });
            !fetch.items().iter().any(is_odd)
        }
        _ => true,
    }
}
