//! Every line of every transcript is read, written, and read again; every beginning of it is incomplete.

mod dialogue;

use dialogue::{Said, Unit};
use imap_proto::{Command, Data, FetchItem, Parsed, Response, TaggedCommand};
use mail_testing::Transcript;

fn transcripts() -> Vec<Transcript> {
    Transcript::folder(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts"))
}

#[test]
fn what_is_read_is_written_back() {
    let (mut commands, mut responses) = (0, 0);
    for transcript in transcripts() {
        for said in dialogue::units(&transcript) {
            match &said.unit {
                Unit::Command(command) => {
                    commands += 1;
                    command_trip(&transcript, &said, command);
                }
                Unit::Response(response) => {
                    responses += 1;
                    response_trip(&transcript, &said, response);
                }
                Unit::Refused(_) | Unit::Sasl(_) | Unit::Done | Unit::Wrong(_) => {}
            }
        }
    }
    assert!(commands > 500 && responses > 1500, "{commands} commands, {responses} responses");
}

fn command_trip(transcript: &Transcript, said: &Said, command: &TaggedCommand<'static>) {
    let name = transcript.name();
    let knows = !transcript.settings("unknown").any(|known| known == "command");
    let is_known = !matches!(command.command, Command::Other { .. });
    assert!(is_known || !knows, "{name}: not known: {command:?}");
    let mut wire = Vec::new();
    command.encode(said.spelling(), &mut wire);
    let again = TaggedCommand::parse(&wire, said.reading()).expect(name).complete();
    assert_eq!(again.as_ref(), Some(command), "{name}: {:?}", String::from_utf8_lossy(&wire));
    for len in 0..said.octets.len() {
        let begun = TaggedCommand::parse(&said.octets[..len], said.reading());
        assert!(matches!(begun, Ok(Parsed::Incomplete(_))), "{name}: {len} octets of {command:?}: {begun:?}");
    }
}

fn response_trip(transcript: &Transcript, said: &Said, response: &Response<'static>) {
    let name = transcript.name();
    let knows = !transcript.settings("unknown").any(|known| known == "data");
    match response {
        Response::Untagged(Data::Other { .. }) => assert!(!knows, "{name}: not known: {response:?}"),
        Response::Untagged(Data::Fetch(fetch)) => {
            let odd = |item: &&FetchItem<'_>| matches!(item, FetchItem::Invalid { .. } | FetchItem::Other { .. });
            assert!(!fetch.items.iter().any(|item| odd(&item)) || !knows, "{name}: {response:?}");
        }
        _ => {}
    }
    let mut wire = Vec::new();
    response.encode(said.spelling(), &mut wire);
    let again = Response::parse(&wire, said.reading()).expect(name).complete();
    assert_eq!(again.as_ref(), Some(response), "{name}: {:?}", String::from_utf8_lossy(&wire));
    for len in 0..said.octets.len() {
        let begun = Response::parse(&said.octets[..len], said.reading());
        assert!(matches!(begun, Ok(Parsed::Incomplete(_))), "{name}: {len} octets of {response:?}: {begun:?}");
    }
}
