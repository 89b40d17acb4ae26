//! Items as a client reads them on the wire.

use std::num::NonZeroU32;

use imap_mailbox::message::{Rendered, Summary};
use imap_proto::{
    Command, Data, Fetch, FetchAttribute, FetchItem, FetchSelection, IntoBoundedStatic, Numbering, OneOrMore, Parsed,
    Reading, Response, Spelling, TaggedCommand,
};

/// Lines that end in LF, as tests are written, as they are sent.
pub(crate) fn crlf(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

/// The attribute of that spelling.
pub(crate) fn attribute(text: &str) -> FetchAttribute<'static> {
    let wire = format!("a FETCH 1 {text}\r\n");
    let parsed = TaggedCommand::parse(wire.as_bytes(), Reading::STRICT);
    let Ok(Parsed::Complete { value, .. }) = parsed else {
        panic!("{text}: {parsed:?}")
    };
    let Command::Fetch(fetch) = value.command else {
        panic!("{text}")
    };
    let FetchSelection::Attributes(attributes) = fetch.selection else {
        panic!("{text}")
    };
    attributes.into_vec().remove(0).into_static()
}

/// What a message is answered with, behind `* 1 FETCH (` and without the last parenthesis.
pub(crate) fn told(message: &[u8], asked: &str) -> String {
    let summary = Summary::of(message);
    let attribute = attribute(asked);
    let item = match summary.render(&attribute).expect("a known encoding").expect("an item") {
        Rendered::Item(item) => item,
        Rendered::Octets(item) => item.held(&mut &message[..]).expect("the same message"),
    };
    spelled(item)
}

pub(crate) fn spelled(item: FetchItem<'_>) -> String {
    let items = OneOrMore::new(vec![item]).unwrap();
    let response = Response::Untagged(Data::Fetch(Fetch::new(Numbering::Sequence, NonZeroU32::MIN, items)));
    let mut wire = Vec::new();
    response.encode(Spelling::SERVER, &mut wire);
    let wire = String::from_utf8(wire).expect("text");
    let inside = wire
        .strip_prefix("* 1 FETCH (")
        .and_then(|rest| rest.strip_suffix(")\r\n"));
    inside.expect("a FETCH response").to_owned()
}
