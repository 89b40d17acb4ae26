//! Address lists as real mail has them (RFC 5322 §3.4, §4.4), and what is wrong with them.

use rfc5322::{Address, AddressList, DefectKind, Mailbox};

/// A list in a short notation: `Name <address>`, `Group: member, member;`, joined with `|`.
fn shown(value: &str) -> String {
    let mailbox = |mailbox: Mailbox<'_>| match mailbox.name() {
        Some(name) => format!("{} <{mailbox}>", String::from_utf8_lossy(&name.unquoted())),
        None => mailbox.to_string(),
    };
    let list = AddressList::parse(value.as_bytes());
    let shown = list.iter().map(|address| match address {
        Address::Mailbox(one) => mailbox(one),
        Address::Group(group) => format!(
            "{}: {};",
            String::from_utf8_lossy(&group.name().unquoted()),
            group.members().map(mailbox).collect::<Vec<_>>().join(", ")
        ),
    });
    shown.collect::<Vec<_>>().join(" | ")
}

fn defects(value: &str) -> Vec<(usize, DefectKind)> {
    let list = AddressList::parse(value.as_bytes());
    list.defects()
        .iter()
        .map(|defect| (defect.offset, defect.kind))
        .collect()
}

#[test]
fn what_follows_the_grammar_has_no_defect() {
    for (value, expected) in [
        ("bob@hamburger.edu", "bob@hamburger.edu"),
        (" Bob <bob@hamburger.edu>", "Bob <bob@hamburger.edu>"),
        (
            "\"Bob, the \\\"cook\\\"\" <bob@hamburger.edu>,\r\n alice@crepes.fr (Alice)",
            "Bob, the \"cook\" <bob@hamburger.edu> | alice@crepes.fr",
        ),
        (
            "Cooks: bob@x.example, Al <al@y.example>; (end)",
            "Cooks: bob@x.example, Al <al@y.example>;",
        ),
        ("undisclosed-recipients:;", "undisclosed-recipients: ;"),
        ("A: a@x ;, \"B\" :(none);, c@z", "A: a@x; | B: ; | c@z"),
        ("( (x) ) bob ( y ) @ (\\)) z.example (t)", "bob@z.example"),
        ("\"a b\"@x", "\"a b\"@x"),
        ("\"ab\"@x", "ab@x"),
        ("\"a@evil> ORCPT=x\"@good.example", "\"a@evil> ORCPT=x\"@good.example"),
        ("<\"\\\"\\\\\"@x>", "<\"\\\"\\\\\"@x>"),
        (
            "bob@[192.0.2.1], al@[IPv6:2001:db8::1]",
            "bob@[192.0.2.1] | al@[IPv6:2001:db8::1]",
        ),
        ("Zoë Ünal <zoë@exämple.org>", "Zoë Ünal <zoë@exämple.org>"),
        ("=?utf-8?Q?Zo=C3=AB?= <zoe@x>", "=?utf-8?Q?Zo=C3=AB?= <zoe@x>"),
    ] {
        let expected = expected
            .strip_prefix('<')
            .and_then(|e| e.strip_suffix('>'))
            .unwrap_or(expected);
        assert_eq!(shown(value), expected);
        assert_eq!(defects(value), [], "{value}");
        assert!(AddressList::parse_strict(value.as_bytes()).is_ok());
    }
}

#[test]
fn obsolete_forms_are_read_and_named() {
    use DefectKind::{
        ObsoleteControl, ObsoleteDomain, ObsoleteEmptyElement, ObsoleteFolding, ObsoleteLocalPart, ObsoletePhrase,
        ObsoleteRoute,
    };
    for (value, expected, kinds) in [
        (
            "John Q. Public <j@x>",
            "John Q. Public <j@x>",
            &[(6, ObsoletePhrase)][..],
        ),
        ("<@a.example,@b.example:j@x>", "j@x", &[(1, ObsoleteRoute)]),
        ("<,@a:j@x>", "j@x", &[(1, ObsoleteRoute)]),
        ("a@x,,b@y", "a@x | b@y", &[(4, ObsoleteEmptyElement)]),
        (",a@x", "a@x", &[(0, ObsoleteEmptyElement)]),
        ("a@x , ", "a@x", &[(4, ObsoleteEmptyElement)]),
        ("G:a@x,;", "G: a@x;", &[(5, ObsoleteEmptyElement)]),
        ("j . q @ x", "j.q@x", &[(0, ObsoleteLocalPart)]),
        ("\"j\".\"q r\"@x", "\"j.q r\"@x", &[(0, ObsoleteLocalPart)]),
        ("j@x(c). y", "j@x.y", &[(2, ObsoleteDomain)]),
        ("j@[a\\]b]", "j@[a]b]", &[(2, ObsoleteDomain)]),
        ("Jo\r\n \r\n <j@x>", "Jo <j@x>", &[(5, ObsoleteFolding)]),
        ("\"J\u{1}o\" <j@x>", "J\u{1}o <j@x>", &[(2, ObsoleteControl)]),
    ] {
        assert_eq!(shown(value), expected);
        assert_eq!(defects(value), kinds, "{value}");
    }
}

#[test]
fn what_is_broken_is_repaired_and_named() {
    use DefectKind::{
        MalformedDomain, MalformedLocalPart, MissingAddress, MissingAngle, MissingComma, MissingDomain,
        MissingGroupName, NestedGroup, StrayAngle, StraySemicolon, TextBehindAddress, UnclosedAngle, UnclosedComment,
        UnclosedGroup, UnclosedLiteral, UnclosedQuote, UnquotedComma, UnquotedSpecial,
    };
    for (value, expected, kinds) in [
        ("Doe, John <j@x>", "Doe, John <j@x>", &[(3, UnquotedComma)][..]),
        (
            "a, b, C <c@x>, d@y",
            "a, b, C <c@x> | d@y",
            &[(1, UnquotedComma), (4, UnquotedComma)],
        ),
        ("a@x, Jo, MD <j@x>", "a@x | Jo, MD <j@x>", &[(7, UnquotedComma)]),
        ("root, bob@x", "root | bob@x", &[(4, MissingDomain)]),
        ("root, <bob@x>", "root | bob@x", &[(4, MissingDomain)]),
        ("name <a@b", "name <a@b>", &[(5, UnclosedAngle)]),
        ("name <a@b, c@d", "name <a@b> | c@d", &[(5, UnclosedAngle)]),
        ("<a@b <c@d>", "a@b | c@d", &[(0, UnclosedAngle), (5, MissingComma)]),
        ("<<a@b>>", "a@b", &[(1, StrayAngle), (6, StrayAngle)]),
        ("Jo <a@b> Al <c@d>", "Jo <a@b> | Al <c@d>", &[(9, MissingComma)]),
        ("a@b <c@d>", "a@b <c@d>", &[(1, UnquotedSpecial)]),
        ("a@b c@d", "a@b", &[(4, TextBehindAddress)]),
        ("Jo a@b", "Jo <a@b>", &[(3, MissingAngle)]),
        (
            "John <middle> Doe <j@x>",
            "John <middle> Doe <j@x>",
            &[(5, UnquotedSpecial)],
        ),
        ("a@b@c", "\"a@b\"@c", &[(0, MalformedLocalPart)]),
        ("a..b@c", "\"a..b\"@c", &[(0, MalformedLocalPart)]),
        ("a@b..c", "a@b..c", &[(2, MalformedDomain)]),
        ("a@", "a", &[(1, MissingDomain)]),
        ("a@[b, c@d", "a@[b | c@d", &[(2, UnclosedLiteral)]),
        ("<>", "", &[(0, MissingAddress)]),
        ("Just A Name", "Just A Name <>", &[(0, MissingAddress)]),
        ("a@x; b@y;", "a@x | b@y", &[(3, StraySemicolon), (8, StraySemicolon)]),
        ("A: a@x, B: b@y;", "A: a@x; | B: b@y;", &[(8, UnclosedGroup)]),
        ("A: B: b@y;", "A: b@y;", &[(3, NestedGroup)]),
        ("A: a@x", "A: a@x;", &[(6, UnclosedGroup)]),
        (": a@x;", ": a@x;", &[(0, MissingGroupName)]),
        ("A:; a@x", "A: ; | a@x", &[(4, MissingComma)]),
        ("a@x (open", "a@x", &[(4, UnclosedComment)]),
        ("\"Jo <a@x>", "Jo <a@x>", &[(0, UnclosedQuote), (0, UnquotedSpecial)]),
        ("", "", &[(0, MissingAddress)]),
    ] {
        assert_eq!(shown(value), expected);
        assert_eq!(defects(value), kinds, "{value}");
        let offset = AddressList::parse_strict(value.as_bytes())
            .map_err(|defect| defect.offset)
            .err();
        assert_eq!(offset, Some(kinds[0].0), "{value}");
    }
}

#[test]
fn octets_that_are_no_utf8_are_kept() {
    let value = b"J\xf6rg <j@x>";
    let list = AddressList::parse(value);
    assert_eq!(list.first().unwrap().name().unwrap().unquoted(), b"J\xf6rg");
    assert_eq!(list.defects().len(), 1);
    assert_eq!(
        (list.defects()[0].offset, list.defects()[0].kind),
        (1, DefectKind::InvalidUtf8)
    );
}

#[test]
fn a_list_can_be_kept() {
    let kept = {
        let value = b"Bob <bob@x>, G: al@y;".to_vec();
        AddressList::parse(&value).into_owned()
    };
    assert_eq!(
        kept.mailboxes().map(|mailbox| mailbox.to_string()).collect::<Vec<_>>(),
        ["bob@x", "al@y"]
    );
}

/// threats.md row 9: what stands in quotes stays in them, and the domain is what is behind the last `@` outside.
#[test]
fn quoted_local_parts_keep_their_quotes() {
    for (value, local, domain) in [
        (
            "\"a@evil> ORCPT=x\"@good.example",
            "\"a@evil> ORCPT=x\"",
            "good.example",
        ),
        ("<\"a@evil>, x\"@good.example>", "\"a@evil>, x\"", "good.example"),
        ("\"a\\\"@evil\"@good.example", "\"a\\\"@evil\"", "good.example"),
        (
            "\"=?utf-8?q?a=40evil?=\"@good.example",
            "=?utf-8?q?a=40evil?=",
            "good.example",
        ),
        ("a(@evil)@good.example", "a", "good.example"),
        ("a@evil@good.example", "\"a@evil\"", "good.example"),
    ] {
        let list = AddressList::parse(value.as_bytes());
        let mailbox = list.first().unwrap();
        assert_eq!(
            (&*mailbox.local_part(), &*mailbox.domain()),
            (local.as_bytes(), domain.as_bytes()),
            "{value}"
        );
        assert_eq!(mailbox.addr_spec().unwrap().local_part(), local);
    }
}

/// threats.md rows 11 and 13: half a million addresses and a million openings of every kind, on a small stack.
#[test]
fn many_and_deep_things_are_cheap() {
    let thread = std::thread::Builder::new().stack_size(64 * 1024);
    let check = || {
        let many = "a@b,".repeat(500_000);
        assert_eq!(AddressList::parse(many.as_bytes()).mailboxes().count(), 500_000);
        for opening in [
            "(", "<", "\"", "[", "a:", "@", ",", ";", ">", "\\", "a@[", "\"a", "<@", "<a ", "a,b ", "(a)", "a.", "a@b<",
        ] {
            let deep = opening.repeat(1_000_000);
            for value in [deep.clone(), format!("a@b, x{deep} <c@d>"), format!("a {deep}@b")] {
                let list = AddressList::parse(value.as_bytes());
                assert!(list.mailboxes().count() <= 2_000_001);
                let _ = list.mailboxes().map(|mailbox| mailbox.address().len()).sum::<usize>();
                let _ = list.into_owned();
            }
        }
    };
    thread.spawn(check).unwrap().join().unwrap();
}
