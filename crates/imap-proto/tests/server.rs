//! The server's machine has the dialogues of the transcripts, with an application that says what they show.

mod dialogue;

use std::sync::Arc;

use dialogue::host::{self, Host};
use dialogue::script::{Act, Script};
use dialogue::{Said, units};
use imap_proto::server::Security;
use imap_proto::{IntoBoundedStatic, Parsed, Phase, Reading, Response, Server};
use mail_testing::{Rest, Transcript, settle};
use mail_wire::Machine;

#[test]
fn the_server_has_the_dialogues() {
    let mut played = 0;
    for transcript in Transcript::folder(dialogue::FOLDER) {
        if transcript.settings("server").any(|how| how == "foreign") {
            continue;
        }
        let said = units(&transcript);
        played += 1;
        for piece in [usize::MAX, 1, 7] {
            Stage::new(&transcript, &said, piece).play(&transcript, &said);
        }
    }
    assert!(played > 320, "{played}");
}

/// A server, its application, and what it has said.
struct Stage<'t> {
    name: &'t str,
    piece: usize,
    server: Server,
    host: Host<'t>,
    written: Vec<u8>,
}

impl<'t> Stage<'t> {
    fn new(transcript: &'t Transcript, said: &[Said], piece: usize) -> Self {
        let config = host::config(transcript, said);
        let mut stage = Self {
            name: transcript.name(),
            piece,
            server: Server::new(Arc::new(config), Security::Plaintext),
            host: Host::new(transcript),
            written: Vec::new(),
        };
        let state = dialogue::state(transcript);
        if state == "selected" {
            stage.hear(b"T1 SELECT INBOX\r\n");
            assert_eq!(stage.server.phase(), Phase::Selected);
        }
        stage.settle();
        if state != "greeting" {
            stage.written.clear();
        }
        stage
    }

    fn play(mut self, transcript: &Transcript, said: &[Said]) {
        let (script, acts) = Script::new(dialogue::state(transcript), said);
        self.host.script = script;
        for act in acts {
            match act {
                Act::Says(said) => {
                    let octets: Vec<u8> = said.into_iter().flat_map(|said| said.octets).collect();
                    self.hear(&octets);
                }
                Act::Happens(data) => {
                    host::happens(&mut self.server, data);
                    self.settle();
                }
            }
        }
        self.compare(said);
    }

    fn hear(&mut self, octets: &[u8]) {
        for piece in octets.chunks(self.piece.min(octets.len().max(1))) {
            let mut rest = piece;
            while !rest.is_empty() {
                let n = self.server.receive(rest);
                rest = &rest[n..];
                self.settle();
                assert!(n > 0 || rest.is_empty(), "{}: no room", self.name);
            }
        }
    }

    fn settle(&mut self) {
        loop {
            let rest = settle(&mut self.server, &mut self.host);
            self.written.extend_from_slice(self.server.transmit());
            self.server.transmitted(usize::MAX);
            match rest {
                Rest::Flush => {}
                Rest::Input | Rest::Closed => return,
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }

    /// What was said is what the script has, apart from the words of what the machine answers by itself.
    fn compare(&self, said: &[Said]) {
        let mut rest = self.written.as_slice();
        let mut spoken = Vec::new();
        let utf8 = said.last().is_some_and(|said| said.utf8);
        while !rest.is_empty() {
            let reading = Reading {
                utf8,
                ..Reading::STRICT
            };
            match Response::parse(rest, reading) {
                Ok(Parsed::Complete { value, octets }) => {
                    spoken.push(value.into_static());
                    rest = &rest[octets..];
                }
                other => panic!("{}: {other:?}: {:?}", self.name, String::from_utf8_lossy(rest)),
            }
        }
        let spoken: Vec<_> = spoken
            .iter()
            .filter_map(|response| self.host.essence(response))
            .collect();
        let expected: Vec<_> = said.iter().filter_map(Said::response).collect();
        let expected: Vec<_> = expected
            .iter()
            .filter_map(|response| self.host.essence(response))
            .collect();
        for (at, (spoken, expected)) in spoken.iter().zip(&expected).enumerate() {
            assert_eq!(spoken, expected, "{}: response {at}", self.name);
        }
        assert_eq!(spoken.len(), expected.len(), "{}: {spoken:#?}", self.name);
    }
}
