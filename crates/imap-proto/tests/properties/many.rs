//! docs/threats.md row 11: half a million small things are read and written, and counted. What took time by the square of their number
//! would not come to an end here: 250,000,000,000 steps are minutes.

use imap_proto::{Command, Data, FetchItem, Parsed, Reading, Response, SearchKey, Spelling, TaggedCommand};

const MANY: usize = 500_000;

/// Reads it, writes it, reads it again, and counts.
fn command(text: &str, count: impl Fn(&Command<'_>) -> usize) -> usize {
    let line = format!("a {text}\r\n");
    let counts = [Reading::STRICT, Reading::LENIENT].map(|reading| {
        let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(line.as_bytes(), reading) else {
            panic!("{text:.40}")
        };
        let mut wire = Vec::new();
        value.encode(Spelling::CLIENT, &mut wire);
        let read = TaggedCommand::parse(&wire, reading).map(Parsed::complete);
        assert!(read == Ok(Some(value.clone())));
        count(&value.command)
    });
    assert_eq!(counts[0], counts[1]);
    counts[0]
}

/// The same of a response.
fn response(text: &str, count: impl Fn(&Data<'_>) -> usize) -> usize {
    let line = format!("* {text}\r\n");
    let counts = [Reading::STRICT, Reading::LENIENT].map(|reading| {
        let read = Response::parse(line.as_bytes(), reading).map(Parsed::complete);
        let Ok(Some(value @ Response::Untagged(_))) = read else {
            panic!("{text:.40}")
        };
        let mut wire = Vec::new();
        value.encode(Spelling::SERVER, &mut wire);
        let read = Response::parse(&wire, reading).map(Parsed::complete);
        assert!(read == Ok(Some(value.clone())));
        let Response::Untagged(data) = &value else {
            unreachable!("matched above")
        };
        count(data)
    });
    assert_eq!(counts[0], counts[1]);
    counts[0]
}

fn many(piece: &str) -> String {
    piece.repeat(MANY)
}

#[test]
fn commands() {
    let keys = |command: &Command<'_>| match command {
        Command::Search(search) => search.program.nodes().len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(command(&format!("SEARCH {}ALL", many("SEEN ")), keys), MANY + 1);
    assert_eq!(command(&format!("SEARCH {}ALL", many("OR SEEN ")), keys), 2 * MANY + 1);
    assert_eq!(
        command(&format!("SEARCH {}ALL", many("(OR DRAFT SEEN) ")), keys),
        5 * MANY + 1
    );
    assert_eq!(
        command(&format!("SEARCH {}ALL", many("TEXT {1}\r\nx ")), keys),
        MANY + 1
    );
    let ranges = |command: &Command<'_>| match command {
        Command::Expunge(Some(set)) => set.ranges().len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        command(&format!("UID EXPUNGE {}9", many("1:4294967295,")), ranges),
        MANY + 1
    );
    let others = |command: &Command<'_>| match command {
        Command::Other { arguments, .. } => arguments.iter().count(),
        other => panic!("{other:?}"),
    };
    assert_eq!(command(&format!("NEW {}x", many("() ")), others), 2 * MANY + 1);
    assert_eq!(command(&format!("NEW {}x", many("{1}\r\n\" ")), others), MANY + 1);
    let flags = |command: &Command<'_>| match command {
        Command::Append(append) => append.messages.iter().map(|message| message.flags.len()).sum(),
        other => panic!("{other:?}"),
    };
    assert_eq!(command(&format!("APPEND a{}", many(" (x) {1}\r\nx")), flags), MANY);
    assert_eq!(
        command(&format!("APPEND a ({}x) {{1}}\r\nx", many("x ")), flags),
        MANY + 1
    );
}

#[test]
fn responses() {
    let items = |data: &Data<'_>| match data {
        Data::Fetch(fetch) => fetch.items().iter().map(pieces).sum(),
        other => panic!("{other:?}"),
    };
    assert_eq!(response(&format!("1 FETCH (UID 1{})", many(" X 1")), items), MANY + 1);
    assert_eq!(response(&format!("1 FETCH (FLAGS ({}x))", many("x ")), items), MANY + 1);
    let addresses = format!(
        "1 FETCH (ENVELOPE (NIL NIL ({}) NIL NIL NIL NIL NIL NIL NIL))",
        many("(NIL NIL \"a\" \"b\")")
    );
    assert_eq!(response(&addresses, items), MANY);
    let part = "(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)";
    assert_eq!(
        response(&format!("1 FETCH (BODY ({} \"MIXED\"))", many(part)), items),
        MANY + 1
    );
    let params = format!(
        "1 FETCH (BODY (\"A\" \"B\" (\"a\" \"b\"{}) NIL NIL \"7BIT\" 1))",
        many(" \"a\" \"b\"")
    );
    assert_eq!(response(&params, items), 1);
    let others = |data: &Data<'_>| match data {
        Data::Search(found) => found.numbers().len(),
        Data::Thread(threads) => threads.messages().len(),
        Data::Capability(capabilities) => capabilities.len(),
        Data::List(listed) => listed.attributes.len(),
        Data::Acl(acl) => acl.entries.len(),
        Data::Id(id) => id.iter().count(),
        Data::Vanished(vanished) => vanished.uids.ranges().len(),
        Data::MailboxStatus(status) => status.values.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(response(&format!("SEARCH{}", many(" 7")), others), MANY);
    assert_eq!(response(&format!("THREAD {}", many("(1 (2)(3))")), others), 3 * MANY);
    assert_eq!(
        response(&format!("CAPABILITY IMAP4rev1{}", many(" X")), others),
        MANY + 1
    );
    assert_eq!(response(&format!("LIST ({}\\X) NIL a", many("\\X ")), others), MANY + 1);
    assert_eq!(response(&format!("ACL a{}", many(" u lr")), others), MANY);
    assert_eq!(
        response(&format!("ID (\"a\" NIL{})", many(" \"a\" \"b\"")), others),
        MANY + 1
    );
    assert_eq!(
        response(&format!("VANISHED {}9", many("1:4294967295,")), others),
        MANY + 1
    );
    assert_eq!(response(&format!("STATUS a (X 1{})", many(" X 1")), others), MANY + 1);
}

/// What an item has inside, when that may be many.
fn pieces(item: &FetchItem<'_>) -> usize {
    match item {
        FetchItem::Flags(flags) => flags.len(),
        FetchItem::Envelope(envelope) => envelope.from().len(),
        FetchItem::Body(structure) => structure.parts().len(),
        FetchItem::Invalid { why, .. } => panic!("{why}"),
        _ => 1,
    }
}

/// docs/threats.md row 11: a range stays a range.
#[test]
fn ranges_are_never_expanded() {
    let line = b"a SEARCH UID 1:4294967295\r\n";
    let read = TaggedCommand::parse(line, Reading::STRICT).map(Parsed::complete);
    let Ok(Some(TaggedCommand {
        command: Command::Search(search),
        ..
    })) = read
    else {
        panic!("{read:?}")
    };
    let sets: Vec<_> = search.program.keys().collect();
    assert!(matches!(sets[..], [SearchKey::Uid(set)] if set.ranges().len() == 1));
}

/// docs/threats.md row 10: a length that is announced is a number, and nothing else.
#[test]
fn announced_literals_allocate_nothing() {
    for len in ["4294967295", "9223372036854775807", "99999999999999999999"] {
        let line = format!("a APPEND b {{{len}}}\r\n");
        assert!(matches!(
            TaggedCommand::parse(line.as_bytes(), Reading::STRICT),
            Ok(Parsed::Incomplete(_))
        ));
    }
}
