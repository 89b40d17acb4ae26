//! Lists of identifiers, keywords and list fields as others wrote them, and every structured field that is written.

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use rfc5322::{
    AddrSpec, Address, AddressList, AddressListWriter, DefectKind, Field, FieldError, FieldName, Fields, Host,
    Keywords, ListId, ListUrls, MsgId, MsgIdList, Text,
};

fn ids(value: &str) -> (Vec<String>, Vec<(usize, DefectKind)>) {
    let list = MsgIdList::parse(value.as_bytes());
    let ids = list
        .iter()
        .map(|id| String::from_utf8_lossy(&id.text()).into_owned())
        .collect();
    let defects: Vec<_> = list
        .defects()
        .iter()
        .map(|defect| (defect.offset, defect.kind))
        .collect();
    assert_eq!(MsgIdList::parse_strict(value.as_bytes()).is_ok(), defects.is_empty());
    (ids, defects)
}

#[test]
fn identifiers_are_read_and_judged() {
    use DefectKind::{
        MalformedMsgId, MissingAngle, MissingMsgId, ObsoleteMsgId, ObsoletePhrase, StrayComma, UnclosedAngle,
    };
    for (value, expected, defects) in [
        (" <a@b>", &["a@b"][..], &[][..]),
        ("<a@b><c@[d]>\r\n (x)\t<e.f@g>", &["a@b", "c@[d]", "e.f@g"], &[]),
        ("<a@b>, <c@d>", &["a@b", "c@d"], &[(5, StrayComma)]),
        (
            "Your mail <a@b> of Monday",
            &["a@b"],
            &[
                (0, ObsoletePhrase),
                (5, ObsoletePhrase),
                (16, ObsoletePhrase),
                (19, ObsoletePhrase),
            ],
        ),
        (
            "from bob@x <a@b>",
            &["a@b"],
            &[(0, ObsoletePhrase), (5, ObsoletePhrase)],
        ),
        ("a@b c@d", &["a@b", "c@d"], &[(0, MissingAngle), (4, MissingAngle)]),
        ("<a@b\r\n c>", &["a@bc"], &[(1, MalformedMsgId)]),
        ("<a.\r\n b@c>", &["a.b@c"], &[(1, ObsoleteMsgId)]),
        ("<\"a>b\"@c>", &["\"a>b\"@c"], &[(1, ObsoleteMsgId)]),
        ("<a@b <c@d>", &["a@b", "c@d"], &[(0, UnclosedAngle)]),
        ("<a@b", &["a@b"], &[(0, UnclosedAngle)]),
        ("<noat>", &["noat"], &[(1, MalformedMsgId)]),
        ("<a@b@c>", &["a@b@c"], &[(1, MalformedMsgId)]),
        ("<>", &[], &[(0, MissingMsgId), (1, MalformedMsgId)]),
        ("", &[], &[(0, MissingMsgId)]),
    ] {
        assert_eq!(
            ids(value),
            (expected.iter().map(|id| (*id).to_owned()).collect(), defects.to_vec()),
            "{value}"
        );
    }
    let list = MsgIdList::parse(b"<a@b> <c@d>").into_owned();
    assert_eq!(list.last().unwrap().msg_id(), MsgId::new("c", "d"));
}

/// threats.md rows 11 and 13.
#[test]
fn many_and_deep_things_are_cheap() {
    for piece in ["<a@b> ", "<", "\"", "(", "<\"", "a@b ", ",", "<a ", "\\", "a <b,"] {
        let many = piece.repeat(500_000);
        assert!(MsgIdList::parse(many.as_bytes()).iter().count() <= 500_000);
        let _ = (
            Keywords::parse(many.as_bytes()),
            ListUrls::parse(many.as_bytes()),
            ListId::parse(many.as_bytes()),
        );
    }
}

#[test]
fn keywords_are_split_at_commas_outside_of_quotes() {
    let read = |value: &str| {
        let keywords = Keywords::parse(value.as_bytes());
        let words: Vec<_> = keywords
            .iter()
            .map(|phrase| String::from_utf8(phrase.unquoted()).unwrap())
            .collect();
        let kinds: Vec<_> = keywords
            .defects()
            .iter()
            .map(|defect| (defect.offset, defect.kind))
            .collect();
        assert_eq!(Keywords::parse_strict(value.as_bytes()).is_ok(), kinds.is_empty());
        (words.join("|"), kinds)
    };
    assert_eq!(read(" a b (c, d), \"e, f\""), ("a b|e, f".into(), vec![]));
    assert_eq!(
        read("a,, b."),
        (
            "a|b.".into(),
            vec![(2, DefectKind::ObsoleteEmptyElement), (5, DefectKind::ObsoletePhrase)]
        )
    );
    assert_eq!(
        read("a@b: c; <d>"),
        ("a@b: c; <d>".into(), vec![(1, DefectKind::UnquotedSpecial)])
    );
    assert_eq!(read("@"), ("@".into(), vec![(0, DefectKind::UnquotedSpecial)]));
}

#[test]
fn list_fields() {
    let urls = |value: &str| -> Vec<String> {
        let urls = ListUrls::parse(value.as_bytes());
        urls.iter()
            .map(|url| String::from_utf8_lossy(&url.text()).into_owned())
            .collect()
    };
    assert_eq!(urls(" <a:b> (x <c:d>) , <e:\r\n f>"), ["a:b", "e:f"]);
    assert_eq!(urls("see <a:b>"), ["a:b"]);
    assert!(urls("a:b").is_empty());
    assert!(ListUrls::parse(b"(who?) no (body)").is_no());
    assert!(!ListUrls::parse(b"NO <a:b>").is_no());
    assert!(!ListUrls::parse(b"nobody").is_no());
    let id = |value: &'static str| {
        let list = ListId::parse(value.as_bytes())?;
        Some((
            String::from_utf8(list.id().into_owned()).unwrap(),
            list.description().map(|phrase| phrase.unquoted()),
        ))
    };
    assert_eq!(id("<a.b>"), Some(("a.b".into(), None)));
    assert_eq!(
        id("\"x, <y>\" z <a.b>"),
        Some(("a.b".into(), Some(b"x, <y> z".to_vec())))
    );
    assert_eq!(id("a.b (why)"), Some(("a.b".into(), None)));
    assert_eq!(id(" "), None);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,30}",
        "[ -~]{0,40}",
        "[ \"\\\\<>,;:@()=?]{0,12}",
        any::<String>(),
        "[a-z]{1000}",
        Just("x\r\nBcc: mallory@example.net".to_owned()),
        "[a-zéß漢 ]{0,60}",
    ]
}

fn address() -> impl Strategy<Value = AddrSpec> {
    let local = prop_oneof![
        "[a-z]{1,20}(\\.[a-z]{1,9}){0,3}",
        "\"([ -!#-\\[\\]-~]|\\\\[ -~]){0,30}\""
    ];
    let domain = prop_oneof!["[a-z]{1,30}(\\.[a-z]{1,20}){0,3}", "\\[[0-9.]{1,12}\\]"];
    (local, domain).prop_map(|(local, domain)| AddrSpec::parse(format!("{local}@{domain}").as_bytes()).unwrap())
}

/// threats.md row 8: what is written is one field in lines of at most 998 octets, and nothing else.
fn assert_one_field(field: &Field, name: &FieldName) {
    let mut fields = Fields::new(field.as_bytes());
    let only = fields.next().unwrap().unwrap();
    assert!(only.is(name) && only.raw.len() == field.as_bytes().len());
    assert!(fields.next().is_none());
    for line in field.as_str().split_terminator("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']));
        assert!(!line.trim_matches([' ', '\t']).is_empty());
    }
}

proptest! {
    /// Names that are refused leave the field as it was; those that are taken read back as they were, without a defect.
    #[test]
    fn address_lists_read_back(entries in prop::collection::vec((text(), address(), any::<bool>()), 1..8), utf8: bool) {
        let mut writer = if utf8 { AddressListWriter::utf8(&FieldName::TO) } else { AddressListWriter::new(&FieldName::TO) };
        let mut expected = Vec::new();
        for (name, address, is_group) in &entries {
            let before = writer.clone();
            let result = match is_group {
                true => writer.group(name.as_str(), [(name.as_str(), address), ("", address)]),
                false => writer.mailbox(name.as_str(), address),
            };
            match result {
                Ok(()) => expected.push((name.clone(), address.to_string(), *is_group)),
                Err(_) => prop_assert_eq!(before.finish(), writer.clone().finish()),
            }
        }
        let field = writer.finish();
        assert_one_field(&field, &FieldName::TO);
        if expected.is_empty() {
            return Ok(());
        }
        let list = AddressList::parse_strict(field.value().as_bytes());
        prop_assert!(list.is_ok(), "{:?} {}", list, field);
        let list = list.unwrap();
        prop_assert_eq!(list.iter().count(), expected.len());
        for (entry, (name, address, is_group)) in list.iter().zip(expected) {
            let mailbox = match entry {
                Address::Mailbox(mailbox) => mailbox,
                Address::Group(group) => {
                    prop_assert!(is_group);
                    prop_assert_eq!(String::from_utf8(group.name().unquoted()).unwrap(), &*name);
                    prop_assert_eq!(group.members().count(), 2);
                    group.members().next().unwrap()
                }
            };
            let read = mailbox.name().map_or(Vec::new(), |name| name.unquoted());
            prop_assert_eq!(String::from_utf8(read).unwrap(), name);
            prop_assert!(mailbox.is_same_mailbox(&AddressList::parse(address.as_bytes()).first().unwrap()));
        }
    }

    #[test]
    fn other_fields_read_back(texts in prop::collection::vec(text(), 0..6)) {
        if let Ok(field) = Field::keywords(texts.iter().map(String::as_str)) {
            assert_one_field(&field, &FieldName::KEYWORDS);
            let words: Vec<_> = Keywords::parse(field.value().as_bytes()).iter().map(|word| word.unquoted()).collect();
            let expected: Vec<_> = texts.iter().filter(|text| !text.is_empty()).map(|text| text.clone().into_bytes()).collect();
            prop_assert_eq!(words, expected);
        }
        if let Ok(field) = Field::list_urls(&FieldName::LIST_POST, texts.iter().map(String::as_str)) {
            assert_one_field(&field, &FieldName::LIST_POST);
            let urls = ListUrls::parse(field.value().as_bytes());
            prop_assert_eq!(urls.iter().map(|url| url.text().into_owned()).collect::<Vec<_>>(), texts.iter().map(|text| text.clone().into_bytes()).collect::<Vec<_>>());
        }
        for text in &texts {
            let host = Host::new("list.hamburger.edu").unwrap();
            for text in [Text::Plain(text), Text::Encoded(text)] {
                if let Ok(field) = Field::list_id(text, &host) {
                    assert_one_field(&field, &FieldName::LIST_ID);
                    prop_assert_eq!(&*ListId::parse(field.value().as_bytes()).unwrap().id(), host.as_str().as_bytes());
                }
            }
        }
    }

    #[test]
    fn identifiers_read_back(sides in prop::collection::vec(("[a-z.]{1,30}", "[a-z.]{1,50}"), 0..20)) {
        let ids: Vec<_> = sides.iter().filter_map(|(left, right)| MsgId::new(left, right).ok()).collect();
        let field = Field::msg_ids(&FieldName::REFERENCES, &ids);
        assert_one_field(&field, &FieldName::REFERENCES);
        let read: Vec<_> = MsgIdList::parse(field.value().as_bytes()).iter().map(|id| id.msg_id().unwrap()).collect();
        prop_assert_eq!(read, ids);
    }
}

#[test]
fn tokens_are_never_broken() {
    let bob = AddrSpec::parse(b"bob@hamburger.edu").unwrap();
    let mut to = AddressListWriter::new(&FieldName::TO);
    let long = "a name, with commas, that is longer than any line should be, so that it stands on one of its own";
    to.mailbox(long, &bob).unwrap();
    to.mailbox("One Two Three", &bob).unwrap();
    to.mailbox(Text::Encoded("=?utf-8?Q?Zo=C3=AB?= =?utf-8?Q?_=C3=9Cnal?="), &bob)
        .unwrap();
    to.mailbox("=?utf-8?Q?no?=", &bob).unwrap();
    assert_eq!(
        to.finish().as_str(),
        format!(
            "To:\r\n \"{long}\"\r\n <bob@hamburger.edu>, One Two Three <bob@hamburger.edu>,\r\n \
             =?utf-8?Q?Zo=C3=AB?= =?utf-8?Q?_=C3=9Cnal?= <bob@hamburger.edu>,\r\n \"=?utf-8?Q?no?=\" <bob@hamburger.edu>\r\n"
        )
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let bob = AddrSpec::parse(b"bob@hamburger.edu").unwrap();
    let mut to = AddressListWriter::new(&FieldName::TO);
    assert_eq!(
        to.mailbox("a\r\nb", &bob),
        Err(FieldError::Forbidden {
            offset: 2,
            octet: b'\r'
        })
    );
    assert!(matches!(
        to.mailbox("Zoë", &bob),
        Err(FieldError::Forbidden { octet: 0xc3, .. })
    ));
    assert!(matches!(
        to.mailbox(&*"x".repeat(998), &bob),
        Err(FieldError::Overlong { .. })
    ));
    assert!(matches!(
        to.mailbox(Text::Encoded("a, b"), &bob),
        Err(FieldError::Forbidden { offset: 1, octet: b',' })
    ));
    assert_eq!(to.group("", [("", &bob)]), Err(FieldError::Empty));
    assert_eq!(to.finish().as_str(), "To:\r\n");
    let mut to = AddressListWriter::utf8(&FieldName::TO);
    assert!(to.mailbox("Zoë\u{85}", &bob).is_err());
    to.mailbox("Zoë, Ünal", &bob).unwrap();
    assert_eq!(to.finish().as_str(), "To: \"Zoë, Ünal\" <bob@hamburger.edu>\r\n");
}
