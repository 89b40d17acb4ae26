//! docs/threats.md row 7: whatever a public constructor takes, what is written is one command or one response.

use std::num::NonZeroU32;

use imap_proto::*;
use proptest::prelude::*;

use crate::unit::{is_one_command, is_one_response};

/// Strings in which line ends, NULs, quotes, brackets and announcements of literals are frequent.
pub(crate) fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        "[a-z]{1,4}(\r\n|\n|\r|\0)[a-z] (NOOP|LOGOUT)(\r\n)?",
        "[\r\n\0 .<>@/\\\\\"()\\[\\]{}%*&~+a-c0-9\u{80}-\u{ff}]{0,12}",
        "[a-z]{0,3} ?~?\\{[0-9]{1,3}\\+?\\}(\r\n)?[a-z]{0,3}",
        "(NIL|nil|INBOX|inbox|\\\\Seen|[0-9]{1,4}|\\(\\)|[a-z]{1,8})",
        "[a-z]{1000,1100}",
        any::<String>(),
    ]
}

/// Every command that takes some text, as far as constructors let the text through.
fn commands<'a>(text: &'a str, octets: &'a [u8], one: NonZeroU32) -> Vec<Command<'a>> {
    let mut commands = of_mailboxes(text);
    commands.extend(of_strings(text, octets, one));
    commands.extend(of_words(text, octets, one));
    commands
}

fn of_mailboxes(text: &str) -> Vec<Command<'static>> {
    let mut commands = Vec::new();
    for mailbox in [
        Mailbox::new(text),
        Mailbox::from_wire(text.as_bytes()).map(IntoBoundedStatic::into_static),
    ] {
        let Ok(mailbox) = mailbox else { continue };
        let set = SequenceSet::all();
        let numbering = Numbering::Uid;
        commands.extend([
            Command::Select(mailbox.clone().into()),
            Command::Delete(mailbox.clone()),
            Command::Rename(Rename {
                from: mailbox.clone(),
                to: mailbox.clone(),
                parameters: Vec::new(),
            }),
            Command::Status(StatusQuery {
                mailbox: mailbox.clone(),
                items: StatusItem::Messages.into(),
            }),
            Command::Move(Transfer {
                numbering,
                messages: set,
                target: mailbox.clone(),
            }),
            Command::MyRights(mailbox.clone()),
        ]);
        let filter = MailboxFilter::Subtree(OneOrMore::from(mailbox));
        let group = EventGroup {
            mailboxes: NotifyMailboxes::Other(filter),
            events: Vec::new(),
        };
        let set = NotifySet {
            initial: InitialStatus::Omit,
            groups: group.into(),
        };
        commands.push(Command::Notify(Notify::Set(set)));
    }
    for pattern in [
        ListPattern::new(text),
        ListPattern::from_wire(text.as_bytes()).map(IntoBoundedStatic::into_static),
    ] {
        let Ok(pattern) = pattern else { continue };
        commands.push(Command::List(List::new(pattern.clone())));
        commands.push(Command::Lsub(PlainList {
            reference: Mailbox::empty(),
            pattern,
        }));
    }
    commands
}

fn of_strings<'a>(text: &'a str, octets: &'a [u8], one: NonZeroU32) -> Vec<Command<'a>> {
    let mut commands = Vec::new();
    if let Ok(password) = Credential::password(text.into()) {
        let user = AString::new(b"ann".as_slice()).unwrap();
        commands.push(Command::Login(Login { user, password }));
    }
    let user = AString::new(b"ann".as_slice()).unwrap();
    // Any octets go through this door, and it does not lead to LOGIN.
    let password = Credential::sasl(octets.into());
    commands.push(Command::Login(Login { user, password }));
    let initial_response = Some(Credential::sasl(octets.into()));
    let mechanism = Atom::fixed("PLAIN");
    commands.push(Command::Authenticate(Authenticate {
        mechanism,
        initial_response,
    }));
    for string in [AString::new(text.as_bytes()), AString::new(octets)] {
        let Ok(string) = string else { continue };
        let password = Credential::sasl("x".into());
        let header = SearchKey::Header {
            name: string.clone(),
            value: string.clone(),
        };
        let program = SearchProgram::or(
            SearchProgram::from(header).and(SearchKey::Seen),
            SearchKey::Text(string.clone()),
        );
        let names = OneOrMore::from(string.clone());
        let section = Section::HeaderFields(None, names);
        let attribute = FetchAttribute::BodySection {
            section,
            partial: None,
            access: Access::Peek,
        };
        commands.extend([
            Command::Login(Login {
                user: string.clone(),
                password,
            }),
            Command::Search(Search::new(Numbering::Uid, program)),
            Command::Fetch(FetchCommand {
                numbering: Numbering::Sequence,
                set: SequenceSet::from_numbers([one]).unwrap(),
                selection: FetchSelection::Attributes(attribute.into()),
                modifiers: Vec::new(),
            }),
            Command::GetQuota(string.clone()),
            Command::Language(vec![string.clone()]),
            Command::UrlFetch(UrlQuery::Simple(string.clone()).into()),
        ]);
        commands.extend(Id::new(vec![(string.clone(), Some(string))]).map(Command::Id));
    }
    let literal = |data| AppendMessage {
        flags: vec![Flag::Seen],
        date: None,
        extensions: Vec::new(),
        data,
    };
    let held = || Payload::Held(octets.into());
    for data in [
        AppendData::Literal(held()),
        AppendData::Literal8(held()),
        AppendData::Utf8(held()),
    ] {
        commands.push(Command::Append(Append::new(Mailbox::Inbox, literal(data))));
    }
    commands
}

fn of_words<'a>(text: &'a str, octets: &'a [u8], one: NonZeroU32) -> Vec<Command<'a>> {
    let mut commands = Vec::new();
    commands.extend(Atom::new(text).map(Command::Compress));
    let free = Atom::new(text).ok().filter(|_| !is_a_commands_name(text));
    commands.extend(free.map(|name| Command::Other {
        name,
        arguments: Tokens::default(),
    }));
    commands.extend(Capability::new(text).map(|capability| Command::Enable(vec![capability])));
    let search = |key| Command::Search(Search::new(Numbering::Sequence, SearchProgram::not(key)));
    commands.extend(Atom::new(text).map(SearchKey::Keyword).map(search));
    commands.extend(FilterName::new(text).map(SearchKey::Filter).map(search));
    commands.extend(ObjectId::new(text).map(SearchKey::EmailId).map(search));
    commands.extend(Charset::new(text).map(|charset| {
        let program = SearchProgram::all();
        let algorithm = ThreadAlgorithm::References;
        Command::Thread(Thread {
            numbering: Numbering::Uid,
            algorithm,
            charset,
            program,
        })
    }));
    let set = || SequenceSet::from_numbers([one]).unwrap();
    let (action, echo) = (StoreAction::Add, StoreEcho::Silent);
    let store = |change| Command::Store(Store::new(Numbering::Sequence, set(), change));
    commands.extend(Flag::new(text).map(|flag| {
        store(StoreChange::Flags {
            action,
            echo,
            flags: vec![flag],
        })
    }));
    commands.extend(GmailLabel::new(text).map(|label| {
        let labels = vec![label];
        store(StoreChange::GmailLabels { action, echo, labels })
    }));
    commands.extend(MetadataEntry::new(text).map(|entry| {
        let value = Some(Octets::from(octets));
        let values = OneOrMore::from(MetadataValue { entry, value });
        Command::SetMetadata(SetMetadata {
            mailbox: Mailbox::empty(),
            values,
        })
    }));
    commands.extend(UrlMechanism::new(text).map(|mechanism| {
        let mechanisms = vec![mechanism];
        Command::ResetKey(Some(ResetKey {
            mailbox: Mailbox::Inbox,
            mechanisms,
        }))
    }));
    for wire in [text.as_bytes(), octets] {
        let Ok(tokens) = Tokens::new(wire) else { continue };
        let extension = Extension::new(Atom::fixed("NEW")).unwrap().with_value(tokens.clone());
        commands.extend(extension.map(|extension| {
            let parameters = vec![SelectParameter::Other(extension)];
            Command::Select(Select {
                mailbox: Mailbox::Inbox,
                parameters,
            })
        }));
        commands.push(Command::Other {
            name: Atom::fixed("NEW"),
            arguments: tokens,
        });
    }
    commands.extend(
        SearchProgram::parse(text.as_bytes()).map(|program| Command::Search(Search::new(Numbering::Uid, program))),
    );
    commands
}

/// Responses that take some text.
fn responses<'a>(text: &'a str, octets: &'a [u8], one: NonZeroU32) -> Vec<Response<'a>> {
    let mut data = Vec::new();
    for mailbox in [Mailbox::new(text), Mailbox::from_wire(text.as_bytes())] {
        let Ok(mailbox) = mailbox else { continue };
        data.push(Data::List(ListedMailbox::new(
            Vec::new(),
            Delimiter::new(b'/').ok(),
            mailbox.clone(),
        )));
        let values = vec![StatusValue::Messages(3)];
        data.push(Data::MailboxStatus(MailboxStatus {
            mailbox: mailbox.clone(),
            values,
        }));
        let personal = vec![Namespace::new(mailbox, None)];
        data.push(Data::Namespace(Namespaces {
            personal,
            ..Namespaces::default()
        }));
    }
    data.extend(AString::new(octets).map(|root| {
        Data::Quota(Quota {
            root,
            resources: Vec::new(),
        })
    }));
    data.extend(AString::new(octets).map(Data::JmapAccess));
    data.extend(Flag::new(text).map(|flag| Data::Flags(vec![flag])));
    data.extend(Capability::new(text).map(|capability| Data::Capability(vec![capability])));
    data.extend(Tokens::new(octets).map(|arguments| Data::Other {
        number: None,
        name: Atom::fixed("NEW"),
        arguments,
    }));
    data.extend(items(text, octets).into_iter().map(|item| {
        let items = OneOrMore::from(item);
        Data::Fetch(Fetch::new(Numbering::Sequence, one, items))
    }));
    let mut responses: Vec<_> = data.into_iter().map(Response::Untagged).collect();
    for condition in Condition::ALL {
        let Ok(status) = Status::new(condition, text) else {
            continue;
        };
        responses.push(Response::Untagged(Data::Status(status)));
    }
    let tag = || Tag::new("a1").unwrap();
    let coded = |code| Status::fixed(Condition::No, "no").with_code(code);
    for code in codes(text, octets) {
        responses.push(Response::Tagged {
            tag: tag(),
            status: coded(code),
        });
    }
    responses.extend(Text::new(text).map(|text| Response::Continuation(Continuation { code: None, text })));
    responses
}

fn items<'a>(text: &'a str, octets: &'a [u8]) -> Vec<FetchItem<'a>> {
    let string = || Some(Octets::from(octets));
    let address = Address {
        name: string(),
        adl: None,
        mailbox: string(),
        host: string(),
    };
    let mut envelope = Envelope::default();
    envelope.subject = string();
    envelope.message_id = string();
    envelope.set_addresses(AddressField::To, [address]);
    let mut part = BodyPart::text(Octets::from(text), 3);
    part.params.push((text, text).into());
    part.description = string();
    let whole = FetchItem::BodySection {
        section: Section::Whole,
        origin: None,
        data: Some(Payload::Held(octets.into())),
    };
    let mut items = vec![
        whole,
        FetchItem::Envelope(Box::new(envelope)),
        FetchItem::Preview(string()),
        FetchItem::Body(BodyStructureBuilder::new(part).finish().unwrap()),
    ];
    items.extend(Tokens::new(text.as_bytes()).map(|value| {
        let section = Tokens::default();
        FetchItem::Other {
            name: Atom::fixed("NEW"),
            section,
            value,
        }
    }));
    items
}

fn codes<'a>(text: &'a str, octets: &'a [u8]) -> Vec<Code<'a>> {
    let mut codes = Vec::new();
    codes.extend(Charset::new(text).map(|charset| Code::BadCharset(vec![charset])));
    codes.extend(Tag::new(text).map(Code::NoUpdate));
    codes.extend(CodeText::new(text).map(Code::BadUrl));
    codes.extend(CodeUrl::new(text).map(|url| Code::Referral(url.into())));
    codes.extend(FilterName::new(text).map(Code::UndefinedFilter));
    codes.extend(Atom::new(text).map(|name| Code::Other {
        name,
        arguments: Tokens::default(),
    }));
    codes.extend(Tokens::new(octets).map(|arguments| Code::Other {
        name: Atom::fixed("NEW"),
        arguments,
    }));
    codes.push(Code::UrlMech(vec![UrlKey {
        mechanism: UrlMechanism::INTERNAL,
        key: Some(octets.into()),
    }]));
    codes
}

/// Whether a word of letters is the name of a command, which alone is read as that command, or as its beginning.
fn is_a_commands_name(text: &str) -> bool {
    let wire = format!("a1 {text}\r\n");
    let is_other = |parsed: &TaggedCommand<'_>| matches!(parsed.command, Command::Other { .. });
    let read = TaggedCommand::parse(wire.as_bytes(), Reading::STRICT);
    let is_free = matches!(&read, Ok(Parsed::Complete { value, .. }) if is_other(value));
    text.bytes().all(|octet| octet.is_ascii_alphabetic()) && !is_free
}

fn tagged(command: Command<'_>) -> TaggedCommand<'_> {
    TaggedCommand {
        tag: Tag::new("a1").unwrap(),
        command,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn one_command(text in nasty(), octets in any::<Vec<u8>>(), one: NonZeroU32) {
        for octets in [octets.as_slice(), text.as_bytes()] {
            commands(&text, octets, one).into_iter().map(tagged).try_for_each(|command| is_one_command(&command))?;
        }
    }

    #[test]
    fn one_response(text in nasty(), octets in any::<Vec<u8>>(), one: NonZeroU32) {
        for octets in [octets.as_slice(), text.as_bytes()] {
            responses(&text, octets, one).iter().try_for_each(is_one_response)?;
        }
    }
}
