//! LIST and LSUB by the commands and the lines that answer them (RFC 9051 §6.3.9, RFC 5258 §5, RFC 3501 §6.3.9).

use imap_mailbox::{Hierarchy, MailboxEntry};
use imap_proto::{
    Command, Data, Delimiter, Mailbox, MailboxAttribute, Parsed, Reading, Response, Spelling, TaggedCommand,
};

/// `+` is subscribed, `-` does not exist; attributes stand behind the name.
fn hierarchy(names: &[&'static str]) -> Hierarchy {
    let entry = |text: &&'static str| {
        let mut words = text.split(' ');
        let name = words.next().expect("a name");
        let bare = name.trim_start_matches(['+', '-']);
        let marks = &name[..name.len() - bare.len()];
        MailboxEntry {
            exists: !marks.contains('-'),
            subscribed: marks.contains('+'),
            attributes: words
                .map(|word| MailboxAttribute::new(word).expect("an attribute"))
                .collect(),
            ..MailboxEntry::new(Mailbox::new(bare).expect("a name"))
        }
    };
    Hierarchy::new(names.iter().map(entry), Delimiter::new(b'/').ok())
}

fn answers(hierarchy: &Hierarchy, command: &str) -> Vec<String> {
    let line = format!("a {command}\r\n");
    let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(line.as_bytes(), Reading::STRICT) else {
        panic!("{command}");
    };
    let data: Vec<Data<'_>> = match value.command {
        Command::List(list) => hierarchy.list(&list).into_iter().map(Data::List).collect(),
        Command::Lsub(list) => hierarchy.lsub(&list).into_iter().map(Data::Lsub).collect(),
        other => panic!("{other:?}"),
    };
    let line = |data| {
        let mut line = Vec::new();
        Response::Untagged(data).encode(Spelling::SERVER, &mut line);
        String::from_utf8(line)
            .expect("text")
            .trim_end()
            .trim_start_matches("* ")
            .to_owned()
    };
    data.into_iter().map(line).collect()
}

fn check(hierarchy: &Hierarchy, table: &[(&str, &[&str])]) {
    for (command, expected) in table {
        assert_eq!(answers(hierarchy, command), *expected, "{command}");
    }
}

/// A kitchen's mail: some of it subscribed, a subscription whose mailbox has gone, levels that are no mailboxes.
fn kitchen() -> Hierarchy {
    hierarchy(&[
        "+INBOX",
        "Sent \\Sent",
        "+Fruit",
        "Fruit/Apple",
        "+Fruit/Banana",
        "+-Fruit/Peach",
        "Vegetable",
        "+Vegetable/Carrot",
        "Spice/Hot/Chili",
        "Locked \\Noselect",
    ])
}

#[test]
fn names_and_wildcards() {
    check(
        &kitchen(),
        &[
            ("LIST \"\" \"\"", &["LIST (\\Noselect) \"/\" \"\""]),
            (
                "LIST \"\" %",
                &[
                    "LIST (\\HasChildren) \"/\" Fruit",
                    "LIST (\\HasNoChildren) \"/\" INBOX",
                    "LIST (\\HasNoChildren \\Noselect) \"/\" Locked",
                    "LIST (\\HasNoChildren \\Sent) \"/\" Sent",
                    "LIST (\\Noselect \\HasChildren) \"/\" Spice",
                    "LIST (\\HasChildren) \"/\" Vegetable",
                ],
            ),
            (
                "LIST \"\" Fruit*",
                &[
                    "LIST (\\HasChildren) \"/\" Fruit",
                    "LIST (\\HasNoChildren) \"/\" Fruit/Apple",
                    "LIST (\\HasNoChildren) \"/\" Fruit/Banana",
                ],
            ),
            ("LIST \"\" inbox", &["LIST (\\HasNoChildren) \"/\" INBOX"]),
            ("LIST Fruit/ %a", &["LIST (\\HasNoChildren) \"/\" Fruit/Banana"]),
            (
                "LIST \"\" Spice/%",
                &["LIST (\\Noselect \\HasChildren) \"/\" Spice/Hot"],
            ),
            ("LIST \"\" fruit", &[]),
            ("LIST \"\" Fruit/", &[]),
            // In an extended LIST an empty pattern is a pattern like any other.
            ("LIST () \"\" \"\"", &[]),
            (
                "LIST \"\" (Sent Fru% S%nt)",
                &["LIST (\\HasChildren) \"/\" Fruit", "LIST (\\HasNoChildren) \"/\" Sent"],
            ),
        ],
    );
}

#[test]
fn subscriptions() {
    check(
        &kitchen(),
        &[
            (
                "LIST (SUBSCRIBED) \"\" *",
                &[
                    "LIST (\\HasChildren \\Subscribed) \"/\" Fruit",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" Fruit/Banana",
                    "LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" Fruit/Peach",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" Vegetable/Carrot",
                ],
            ),
            (
                "LIST (SUBSCRIBED) \"\" %",
                &[
                    "LIST (\\HasChildren \\Subscribed) \"/\" Fruit",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX",
                ],
            ),
            (
                "LIST (RECURSIVEMATCH SUBSCRIBED) \"\" %",
                &[
                    "LIST (\\HasChildren \\Subscribed) \"/\" Fruit (\"CHILDINFO\" (\"SUBSCRIBED\"))",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX",
                    "LIST (\\HasChildren) \"/\" Vegetable (\"CHILDINFO\" (\"SUBSCRIBED\"))",
                ],
            ),
            // Vegetable/Carrot tells of itself.
            (
                "LIST (RECURSIVEMATCH SUBSCRIBED) \"\" Veg*",
                &["LIST (\\HasNoChildren \\Subscribed) \"/\" Vegetable/Carrot"],
            ),
            (
                "LIST \"\" % RETURN (SUBSCRIBED)",
                &[
                    "LIST (\\HasChildren \\Subscribed) \"/\" Fruit",
                    "LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX",
                    "LIST (\\HasNoChildren \\Noselect) \"/\" Locked",
                    "LIST (\\HasNoChildren) \"/\" Sent",
                    "LIST (\\NonExistent \\HasChildren) \"/\" Spice",
                    "LIST (\\HasChildren) \"/\" Vegetable",
                ],
            ),
            (
                "LSUB \"\" *",
                &[
                    "LSUB (\\HasChildren) \"/\" Fruit",
                    "LSUB (\\HasNoChildren) \"/\" Fruit/Banana",
                    "LSUB (\\Noselect \\HasNoChildren) \"/\" Fruit/Peach",
                    "LSUB (\\HasNoChildren) \"/\" INBOX",
                    "LSUB (\\HasNoChildren) \"/\" Vegetable/Carrot",
                ],
            ),
            (
                "LSUB \"\" %",
                &[
                    "LSUB (\\HasChildren) \"/\" Fruit",
                    "LSUB (\\HasNoChildren) \"/\" INBOX",
                    "LSUB (\\Noselect) \"/\" Vegetable",
                ],
            ),
        ],
    );
}

#[test]
fn uses() {
    let hierarchy = hierarchy(&["INBOX", "+Archive/2026 \\Archive", "+Sent \\Sent", "Junk \\Junk"]);
    check(
        &hierarchy,
        &[
            (
                "LIST (SPECIAL-USE) \"\" *",
                &[
                    "LIST (\\HasNoChildren \\Archive) \"/\" Archive/2026",
                    "LIST (\\HasNoChildren \\Junk) \"/\" Junk",
                    "LIST (\\HasNoChildren \\Sent) \"/\" Sent",
                ],
            ),
            (
                "LIST (SPECIAL-USE SUBSCRIBED) \"\" *",
                &[
                    "LIST (\\HasNoChildren \\Subscribed \\Archive) \"/\" Archive/2026",
                    "LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" Sent",
                ],
            ),
            (
                "LIST (SPECIAL-USE RECURSIVEMATCH SUBSCRIBED) \"\" %",
                &[
                    "LIST (\\NonExistent \\HasChildren) \"/\" Archive (\"CHILDINFO\" (\"SUBSCRIBED\"))",
                    "LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" Sent",
                ],
            ),
            (
                "LIST \"\" Junk RETURN (SPECIAL-USE)",
                &["LIST (\\HasNoChildren \\Junk) \"/\" Junk"],
            ),
            (
                "LIST \"\" Junk RETURN (CHILDREN)",
                &["LIST (\\HasNoChildren) \"/\" Junk"],
            ),
        ],
    );
}

#[test]
fn names_of_other_letters_and_flat_ones() {
    let letters = hierarchy(&["Entwürfe/Älter", "inbox/Kopien"]);
    check(
        &letters,
        &[
            (
                "LIST \"\" Entw&APw-rfe/%",
                &["LIST (\\HasNoChildren) \"/\" Entw&APw-rfe/&AMQ-lter"],
            ),
            ("LIST \"\" INBOX", &["LIST (\\Noselect \\HasChildren) \"/\" INBOX"]),
        ],
    );
    let flat = Hierarchy::new([MailboxEntry::new(Mailbox::new("a/b").expect("a name"))], None);
    assert_eq!(answers(&flat, "LIST \"\" %"), ["LIST (\\HasNoChildren) NIL a/b"]);
}

/// RFC 5465 §5.4: a name that has changed is told with all that it is.
#[test]
fn one_name_is_told_as_it_is() {
    let name = |name: &'static str| Mailbox::new(name).unwrap();
    let mut entries = ["INBOX", "Lists/Rust"].map(|text| MailboxEntry::new(name(text)));
    entries[1].subscribed = true;
    let hierarchy = Hierarchy::new(entries, Delimiter::new(b'/').ok());
    let cases: [(&str, &[MailboxAttribute<'_>]); 4] = [
        ("inbox", &[MailboxAttribute::HasNoChildren]),
        ("Lists", &[MailboxAttribute::NonExistent, MailboxAttribute::HasChildren]),
        (
            "Lists/Rust",
            &[MailboxAttribute::HasNoChildren, MailboxAttribute::Subscribed],
        ),
        ("Lists/%", &[MailboxAttribute::NonExistent]),
    ];
    for (text, attributes) in cases {
        let listed = hierarchy.listed(&name(text));
        assert_eq!(
            (listed.attributes.as_slice(), &listed.mailbox),
            (attributes, &name(text)),
            "{text}"
        );
    }
}
