//! mime-codec beside other crates that read and build messages: the same work for each, as functions to be timed.
//!
//! Each is used as its documentation says, from octets in memory. What is read is dropped in the time that is measured. To open and
//! read is to ask for the five values that a list of messages shows; to decode is to take the transfer encoding off every leaf and, of
//! text, to have it as a string.

mod build;
mod letters;

use std::hint::black_box;

use mail_parser::{MessageParser, PartKind};
use mailparse::MailHeaderMap as _;
use mime_codec::{Message, display_name};

use letters::{Letter, letters};

/// One kind of work on one input.
pub struct Contest {
    /// What it is.
    pub name: String,
    /// Octets of the message.
    pub octets: usize,
    /// mime-codec, and its peers by name.
    pub runs: Vec<Contestant>,
}

/// A crate's name, and its work.
pub type Contestant = (&'static str, Run);

/// Does the work once, and gives a number that all should agree on about the size of what was found.
pub type Run = Box<dyn FnMut() -> usize>;

/// All of them.
pub fn contests() -> Vec<Contest> {
    let letters = letters();
    let mut contests: Vec<Contest> = letters.iter().map(open).collect();
    contests.extend(letters.iter().map(decode));
    contests.extend(build::contests());
    contests
}

/// What is done with a message.
type Work = fn(&[u8]) -> usize;

fn contest(what: &str, letter: &Letter, works: [(&'static str, Work); 3]) -> Contest {
    let runs = works.map(|(name, work)| {
        let messages = letter.messages.clone();
        let run: Run = Box::new(move || messages.iter().map(|message| work(black_box(message))).sum());
        (name, run)
    });
    Contest {
        name: format!("{what}, {}", letter.name),
        octets: letter.messages.iter().map(Vec::len).sum(),
        runs: runs.into(),
    }
}

fn open(letter: &Letter) -> Contest {
    contest(
        "open",
        letter,
        [
            ("mime-codec", our_open),
            ("mail-parser", peer_open),
            ("mailparse", mailparse_open),
        ],
    )
}

fn decode(letter: &Letter) -> Contest {
    contest(
        "decode",
        letter,
        [
            ("mime-codec", our_decode),
            ("mail-parser", peer_decode),
            ("mailparse", mailparse_decode),
        ],
    )
}

fn our_open(message: &[u8]) -> usize {
    let message = Message::parse(message);
    let mut found = 0;
    for list in [message.from(), message.to()] {
        for mailbox in list.mailboxes() {
            found += display_name(&mailbox).map_or(0, |name| black_box(name).len());
            found += black_box(mailbox.address()).len();
        }
    }
    found += message.subject().map_or(0, |subject| black_box(subject).len());
    found += message.message_id().map_or(0, |id| black_box(id).len());
    found + usize::from(black_box(message.date()).is_some())
}

fn peer_open(message: &[u8]) -> usize {
    let message = MessageParser::new().parse(message).expect("a message");
    let mut found = 0;
    for list in [message.from(), message.to()].into_iter().flatten() {
        for mailbox in list.mailboxes() {
            found += mailbox.name().map_or(0, |name| black_box(name).len());
            found += mailbox.address().map_or(0, |address| black_box(address).len());
        }
    }
    found += message.subject().map_or(0, |subject| black_box(subject).len());
    found += message.message_id().map_or(0, |id| black_box(id).len());
    found + usize::from(black_box(message.date()).is_some())
}

fn mailparse_open(message: &[u8]) -> usize {
    let message = mailparse::parse_mail(message).expect("a message");
    let headers = &message.headers;
    let mut found = 0;
    for name in ["From", "To"] {
        let Some(header) = headers.get_first_header(name) else {
            continue;
        };
        let Ok(list) = mailparse::addrparse_header(header) else {
            continue;
        };
        for address in list.iter() {
            let members = match address {
                mailparse::MailAddr::Group(group) => &group.addrs[..],
                mailparse::MailAddr::Single(single) => std::slice::from_ref(single),
            };
            for single in members {
                found += single.display_name.as_ref().map_or(0, |name| black_box(name).len());
                found += black_box(&single.addr).len();
            }
        }
    }
    found += headers
        .get_first_value("Subject")
        .map_or(0, |subject| black_box(subject).len());
    found += headers
        .get_first_value("Message-ID")
        .map_or(0, |id| black_box(id).len());
    let date = headers
        .get_first_value("Date")
        .and_then(|date| mailparse::dateparse(&date).ok());
    found + usize::from(black_box(date).is_some())
}

fn our_decode(message: &[u8]) -> usize {
    let message = Message::parse(message);
    let leaves = message.parts().filter(|part| part.is_leaf());
    let decoded = leaves.map(|part| {
        if part.content_type().is_text() {
            black_box(part.text()).len()
        } else {
            black_box(part.decode()).len()
        }
    });
    decoded.sum()
}

fn peer_decode(message: &[u8]) -> usize {
    let message = MessageParser::new().parse(message).expect("a message");
    let decoded = message.parts().map(|part| match part.kind() {
        PartKind::Text | PartKind::Html => black_box(part.text()).map_or(0, |text| text.len()),
        PartKind::Multipart | PartKind::Message(_) => 0,
        _ => black_box(part.decoded()).len(),
    });
    decoded.sum()
}

fn mailparse_decode(message: &[u8]) -> usize {
    let message = mailparse::parse_mail(message).expect("a message");
    let leaves = message.parts().filter(|part| part.subparts.is_empty());
    let decoded = leaves.map(|part| {
        if part.ctype.mimetype.starts_with("text/") {
            black_box(part.get_body()).map_or(0, |text| text.len())
        } else {
            black_box(part.get_body_raw()).map_or(0, |octets| octets.len())
        }
    });
    decoded.sum()
}
