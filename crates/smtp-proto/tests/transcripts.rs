//! Every dialogue of `tests/transcripts`, in many chunkings.

mod common;

use common::{MailHost, UserAgent, client_config, server};
use mail_testing::{Side, Transcript, replay};
use smtp_proto::Client;

fn folder(name: &str) -> Vec<Transcript> {
    Transcript::folder(format!("{}/tests/transcripts/{name}", env!("CARGO_MANIFEST_DIR")))
}

#[test]
fn our_server_says_its_lines() {
    for transcript in folder("both").iter().chain(&folder("server")) {
        replay(transcript, Side::Server, || {
            (server(transcript), MailHost::new(transcript))
        });
    }
}

#[test]
fn our_client_says_its_lines() {
    for transcript in folder("both").iter().chain(&folder("client")) {
        replay(transcript, Side::Client, || {
            (Client::new(client_config(transcript)), UserAgent::new(transcript))
        });
    }
}
