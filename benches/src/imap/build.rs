//! Commands from a program's values to octets, as far as all three can: LOGIN, SELECT, UID FETCH.

use std::hint::black_box;
use std::num::NonZeroU32;

use imap_codec::CommandCodec;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::command::{Command as CodecCommand, CommandBody};
use imap_codec::imap_types::fetch::MessageDataItemName;
use imap_proto::{
    AString, Command, Credential, FetchAttribute, FetchCommand, Login, Mailbox, Numbering, OneOrMore, SequenceNumber,
    SequenceRange, SequenceSet, Spelling, Tag, TaggedCommand,
};
use mail_wire::Secret;
use peer_imap_proto::builders::command::{Attribute, Command as PeerCommand, CommandBuilder};

use super::{Contest, written};

pub(super) fn commands(name: &'static str) -> Contest {
    let mut out = Vec::new();
    ours(&mut out);
    let octets = out.len();
    Contest {
        name,
        octets,
        ours: Box::new(move || ours(black_box(&mut out))),
        codec: Some(Box::new(|| {
            black_box(codec());
        })),
        peer: Some(Box::new(|| {
            black_box(peer());
        })),
    }
}

fn ours(out: &mut Vec<u8>) {
    out.clear();
    let (user, password) = (
        AString::try_from(black_box(USER)).expect("a line"),
        Secret::from(black_box(PASSWORD).as_bytes()),
    );
    let password = Credential::password(password).expect("a line");
    let mailbox = Mailbox::from_wire(black_box(MAILBOX).as_bytes()).expect("a line");
    let attributes = vec![FetchAttribute::Uid, FetchAttribute::Flags, FetchAttribute::Envelope];
    let range = SequenceRange {
        first: SequenceNumber::Number(NonZeroU32::new(black_box(FIRST)).expect("not 0")),
        last: SequenceNumber::Largest,
    };
    let fetch = FetchCommand {
        numbering: Numbering::Uid,
        set: SequenceSet::Ranges(range.into()),
        selection: OneOrMore::new(attributes).expect("there are some").into(),
        modifiers: Vec::new(),
    };
    for command in [
        Command::Login(Login { user, password }),
        Command::Select(mailbox.into()),
        Command::Fetch(fetch),
    ] {
        let tag = Tag::new(TAG).expect("a tag");
        TaggedCommand { tag, command }.encode(Spelling::CLIENT, out);
    }
}

fn codec() -> usize {
    let attributes = vec![
        MessageDataItemName::Uid,
        MessageDataItemName::Flags,
        MessageDataItemName::Envelope,
    ];
    let set = format!("{}:*", black_box(FIRST));
    let commands = [
        CommandBody::login(black_box(USER), black_box(PASSWORD)).expect("lines"),
        CommandBody::select(black_box(MAILBOX)).expect("a line"),
        CommandBody::fetch(set.as_str(), attributes, true).expect("a set"),
    ];
    let commands = commands.map(|body| CodecCommand::new(TAG, body).expect("a tag"));
    let codec = CommandCodec::new();
    commands.iter().map(|command| written(codec.encode(command))).sum()
}

/// Tags and line ends are left to its caller: it writes less than the others.
fn peer() -> usize {
    let fetch = CommandBuilder::uid_fetch().range_from(black_box(FIRST)..);
    let fetch = fetch
        .attr(Attribute::Uid)
        .attr(Attribute::Flags)
        .attr(Attribute::Envelope);
    let commands: [PeerCommand; 3] = [
        CommandBuilder::login(black_box(USER), black_box(PASSWORD)),
        CommandBuilder::select(black_box(MAILBOX)).into(),
        fetch.into(),
    ];
    commands.iter().map(|command| command.args.len()).sum()
}

const TAG: &str = "a1";
const USER: &str = "alice";
const PASSWORD: &str = "correct horse battery";
const MAILBOX: &str = "Work in progress";
const FIRST: u32 = 70_211;
