//! The grammar against naive oracles, over every string of small alphabets; and cases worth a name.

use std::net::{Ipv4Addr, Ipv6Addr};

use mail_testing::oracle::strings;
use smtp_proto::{
    AddressLiteral, BodyType, Command, Domain, Expected, ForwardPath, Host, Leniency, Mailbox, Reply, ReversePath,
    SyntaxError,
};

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("the alphabets are ASCII")
}

fn is_domain(text: &str) -> bool {
    let ldh = |label: &str| {
        label
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    text.split('.')
        .all(|label| !label.is_empty() && ldh(label) && !label.starts_with('-') && !label.ends_with('-'))
}

fn is_dot_string(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && !atom.contains(['"', '\\', '@', ' ', '<', '>', ',', ':']))
}

fn is_quoted_string(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"') else {
        return false;
    };
    let mut chars = inner.chars();
    loop {
        match chars.next() {
            None => return false,
            Some('"') => return chars.as_str().is_empty(),
            Some('\\') if chars.next().is_none() => return false,
            Some(_) => {}
        }
    }
}

fn is_mailbox(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let (local, domain) = (&text[..at], &text[at + 1..]);
        (is_dot_string(local) || is_quoted_string(local)) && is_domain(domain)
    })
}

fn is_path(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return false;
    };
    let at_domain = |hop: &str| hop.strip_prefix('@').is_some_and(is_domain);
    let routed = inner
        .split_once(':')
        .is_some_and(|(route, mailbox)| route.split(',').all(at_domain) && is_mailbox(mailbox));
    is_mailbox(inner) || routed
}

#[test]
fn domains() {
    for candidate in strings(b"a-.", 8).map(text) {
        assert_eq!(
            candidate.parse::<Domain>().is_ok(),
            is_domain(&candidate),
            "{candidate:?}"
        );
    }
}

#[test]
fn mailboxes() {
    for candidate in strings(b"a.\"\\@ ", 7).map(text) {
        let parsed = candidate.parse::<Mailbox>();
        assert_eq!(parsed.is_ok(), is_mailbox(&candidate), "{candidate:?}");
        if let Ok(mailbox) = parsed {
            let written = mailbox.to_string();
            assert_eq!(written.parse().as_ref(), Ok(&mailbox), "{candidate:?}");
            assert_eq!(
                Mailbox::new(&mailbox.local_part(), mailbox.domain()).as_ref(),
                Ok(&mailbox)
            );
            assert!(
                written.len() <= candidate.len(),
                "{candidate:?} is written with the least quoting"
            );
        }
    }
}

#[test]
fn paths() {
    for candidate in strings(b"<>@a,:", 7).map(text) {
        let is_null = candidate == "<>";
        assert_eq!(
            candidate.parse::<ReversePath>().is_ok(),
            is_null || is_path(&candidate),
            "{candidate:?}"
        );
        assert_eq!(
            candidate.parse::<ForwardPath>().is_ok(),
            is_path(&candidate),
            "{candidate:?}"
        );
    }
    for route in strings(b"@a,:", 6).map(text) {
        let candidate = format!("<{route}b@c>");
        let parsed = candidate.parse::<ForwardPath>();
        assert_eq!(parsed.is_ok(), is_path(&candidate), "{candidate:?}");
    }
}

#[test]
fn parameters() {
    let is_parameter = |word: &str| {
        let (keyword, value) = word.split_once('=').map_or((word, None), |(k, v)| (k, Some(v)));
        !keyword.is_empty() && !keyword.starts_with('-') && value.is_none_or(|v| !v.is_empty() && !v.contains('='))
    };
    for candidate in strings(b"a=- ", 8).map(text) {
        // Trailing white space belongs to the line, not to the parameters (RFC 5321 §4.1.1).
        let trimmed = candidate.trim_end();
        let expected = trimmed.is_empty()
            || trimmed
                .strip_prefix(' ')
                .is_some_and(|rest| rest.split(' ').all(is_parameter));
        let line = format!("MAIL FROM:<>{candidate}");
        let parsed = Command::parse(line.as_bytes());
        assert_eq!(parsed.is_ok(), expected, "{line:?}");
        if let Ok(command) = parsed {
            assert_eq!(command.to_string(), line.trim_end());
        }
    }
}

#[test]
fn replies() {
    let tokens = ["250", "550", "25", "-", " ", "x", "\r\n", "\n", "\r"];
    let is_reply = |text: &str| {
        let Some(lines) = text.strip_suffix("\r\n") else {
            return false;
        };
        let lines: Vec<&str> = lines.split("\r\n").collect();
        let fine = |(number, line): (usize, &&str)| {
            let last = number + 1 == lines.len();
            let separator = line.get(3..).and_then(|rest| rest.chars().next());
            (line.starts_with("250") || line.starts_with("550"))
                && line[..3] == lines[0][..3]
                && !line.contains(['\r', '\n'])
                && if last {
                    matches!(separator, None | Some(' '))
                } else {
                    separator == Some('-')
                }
        };
        lines.iter().all(|line| line.len() >= 3) && lines.iter().enumerate().all(fine)
    };
    for numbers in strings(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 6) {
        let candidate: String = numbers.into_iter().map(|number| tokens[usize::from(number)]).collect();
        assert_eq!(
            Reply::parse(candidate.as_bytes()).is_ok(),
            is_reply(&candidate),
            "{candidate:?}"
        );
    }
}

/// RFC 5321 §4.1.3 says what `core` says, but for `::` in place of a single group.
#[test]
fn address_literals() {
    for candidate in strings(b"1:", 17).map(text) {
        let compressed = candidate.contains("::");
        let groups = candidate.split(':').filter(|group| !group.is_empty()).count();
        let expected = candidate
            .parse()
            .ok()
            .filter(|_| !compressed || groups <= 6)
            .map(AddressLiteral::Ipv6);
        assert_eq!(format!("[ipv6:{candidate}]").parse().ok(), expected, "{candidate:?}");
    }
    for candidate in strings(b"25.", 9).map(text) {
        let expected = candidate.parse().ok().map(AddressLiteral::Ipv4);
        assert_eq!(format!("[{candidate}]").parse().ok(), expected, "{candidate:?}");
    }
    let literal = |text: &str| text.parse::<AddressLiteral>();
    assert_eq!(
        literal("[010.2.3.004]"),
        Ok(AddressLiteral::Ipv4(Ipv4Addr::new(10, 2, 3, 4)))
    );
    for mixed in [
        "[IPv6:::ffff:192.0.2.1]",
        "[IPv6:1:2:3:4:5:6:192.0.2.1]",
        "[IPv6:1::2:192.0.2.1]",
    ] {
        let parsed = literal(mixed).expect(mixed);
        assert_eq!(literal(&parsed.to_string()), Ok(parsed), "{mixed}");
    }
    for wrong in [
        "[]",
        "[1.2.3]",
        "[1.2.3.256]",
        "[0001.2.3.4]",
        "[1..2.3]",
        "[IPv6:0:0:0:0:0:0:0:00001]",
        "[IPv6:]",
        "[IPv6:::1::]",
        "[x-:y]",
        "[x:]",
        "[x:a b]",
        "[x:[]",
        "1.2.3.4]",
        "[::1]",
    ] {
        assert!(literal(wrong).is_err(), "{wrong}");
    }
    let Ok(AddressLiteral::General(general)) = literal("[X-new:what@ever]") else {
        panic!("a general literal")
    };
    assert_eq!((general.tag(), general.content()), ("X-new", "what@ever"));
    assert_eq!(Host::from(Ipv6Addr::LOCALHOST).to_string(), "[IPv6:::1]");
}

/// docs/threats.md row 9: what stands in quotes is local part, never domain, path or parameter.
#[test]
fn a_quoted_local_part_stays_quoted() {
    let line = br#"RCPT TO:<"a@evil> ORCPT=x"@good.com>"#;
    let Ok(Command::Rcpt(rcpt)) = Command::parse(line) else {
        panic!("a command")
    };
    let mailbox = rcpt.forward_path().mailbox().expect("a mailbox");
    assert_eq!(
        (&*mailbox.local_part(), mailbox.domain()),
        ("a@evil> ORCPT=x", "good.com")
    );
    assert_eq!(rcpt.parameters().count(), 0);
    assert_eq!(Command::Rcpt(rcpt.clone()).to_string().as_bytes(), line);
    let encoded: Mailbox = "=?utf-8?q?a=40evil.com=3e?=@good.com".parse().expect("atoms only");
    assert_eq!(encoded.local_part(), "=?utf-8?q?a=40evil.com=3e?=");
    let general: Mailbox = r#""x@y"@[tag:a@b]"#.parse().expect("a general literal holds an @");
    let again = smtp_proto::RcptTo::new(&general.clone().into(), &smtp_proto::ParameterList::new());
    assert_eq!(again.forward_path().mailbox(), Some(&general));
}

/// RFC 5321 §4.5.3.1.1 to §4.5.3.1.3, at the limit and one beyond.
#[test]
fn lengths() {
    let at_most = |limit| Expected::AtMost(limit);
    let expected = |result: Result<Mailbox, SyntaxError>| result.map(|_| ()).map_err(|error| error.expected);
    let local = |n| format!("{}@d", "a".repeat(n)).parse::<Mailbox>();
    assert_eq!(expected(local(64)), Ok(()));
    assert_eq!(expected(local(65)), Err(at_most(64)));
    let mailbox = |n: usize| format!("a@{}", "d.".repeat((n - 3) / 2) + &"d".repeat(2 - n % 2)).parse::<Mailbox>();
    assert_eq!(expected(mailbox(254)), Ok(()));
    assert_eq!(expected(mailbox(255)), Err(at_most(254)));
    let label = |n| {
        "d".repeat(n)
            .parse::<Domain>()
            .map(|_| ())
            .map_err(|error| error.expected)
    };
    assert_eq!((label(63), label(64)), (Ok(()), Err(at_most(63))));
    let domain = |n: usize| ("d.".repeat((n - 1) / 2) + "d").parse::<Domain>().is_ok();
    assert!(domain(255) && !domain(257));
    let mut leniency = Leniency::default();
    let line = format!("MAIL FROM:<{}@d>", "a".repeat(300));
    assert!(Command::parse_with(line.as_bytes(), leniency).is_err());
    leniency.long_paths = true;
    assert!(Command::parse_with(line.as_bytes(), leniency).is_ok());
    assert!(Command::parse_with(&[b"NOOP ", &b"a".repeat(100_000)[..]].concat(), leniency).is_ok());
    let endless = [b"MAIL FROM:<", &b"a".repeat(100_000)[..], b"@d>"].concat();
    assert_eq!(
        Command::parse_with(&endless, leniency).unwrap_err().expected,
        at_most(65_535)
    );
}

#[test]
fn source_routes_are_read_and_not_written() {
    let Ok(Command::Rcpt(rcpt)) = Command::parse(b"RCPT TO:<@a.example,@b.example:c@d.example> X=1") else {
        panic!("a command")
    };
    let path = rcpt.forward_path();
    assert_eq!(path.source_route(), Some("@a.example,@b.example"));
    assert_eq!(*path, "<c@d.example>".parse().unwrap());
    assert_eq!(path.clone().source_route(), None, "a clone is the mailbox alone");
    assert_eq!(rcpt.parameters().value("x"), Some("1"));
    assert_eq!(Command::Rcpt(rcpt.clone()).to_string(), "RCPT TO:<c@d.example> X=1");
    assert_eq!(ReversePath::null().source_route(), None);
    assert_eq!(ForwardPath::postmaster().source_route(), None);
}

/// Each leniency alone lets through what it names.
#[test]
fn leniencies() {
    let with = |set: fn(&mut Leniency)| {
        let mut leniency = Leniency::default();
        set(&mut leniency);
        leniency
    };
    let cases = [
        (
            with(|l| l.space_after_colon = true),
            "MAIL FROM:  <a@b> SIZE=1",
            "MAIL FROM:<a@b> SIZE=1",
        ),
        (
            with(|l| l.missing_brackets = true),
            "MAIL FROM:a@b SIZE=1",
            "MAIL FROM:<a@b> SIZE=1",
        ),
        (
            with(|l| l.missing_brackets = true),
            "RCPT TO:\"a b\"@c",
            "RCPT TO:<\"a b\"@c>",
        ),
        (
            with(|l| l.any_hello_name = true),
            "EHLO MY_PC (really)",
            "EHLO MY_PC (really)",
        ),
    ];
    for (leniency, line, meant) in cases {
        assert!(Command::parse(line.as_bytes()).is_err(), "{line}");
        let command = Command::parse_with(line.as_bytes(), leniency).expect(line);
        assert_eq!(command.to_string(), meant);
        if let Command::Mail(mail) = command {
            assert_eq!(mail.size(), Some(1));
            assert_eq!(*mail.reverse_path(), "<a@b>".parse().unwrap());
        }
    }
}

#[test]
fn typed_parameters() {
    let mail = |line: &str| match Command::parse(line.as_bytes()) {
        Ok(Command::Mail(mail)) => mail,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(mail("MAIL FROM:<>").size(), None);
    assert_eq!(mail("MAIL FROM:<a@b> size=0").size(), Some(0));
    assert_eq!(mail("MAIL FROM:<> SIZE=99999999999999999999").size(), Some(u64::MAX));
    assert_eq!(mail("MAIL FROM:<> body=7bit").body(), Some(BodyType::SevenBit));
    for wrong in [
        "SIZE",
        "SIZE=-1",
        "SIZE=123456789012345678901",
        "BODY",
        "BODY=x",
        "BODY=7BIT BODY=7BIT",
        "SIZE=1 X SIZE=1",
    ] {
        assert!(
            Command::parse(format!("MAIL FROM:<> {wrong}").as_bytes()).is_err(),
            "{wrong}"
        );
    }
}

/// docs/threats.md row 21, and octets beyond ASCII: nowhere in any command.
#[test]
fn no_nul_and_no_eighth_bit_in_commands() {
    let lines = [
        "EHLO a.b",
        "MAIL FROM:<\"a\\ b\"@c> SIZE=1",
        "RCPT TO:<@d:a@[IPv6:::1]> X=y",
        "VRFY a b",
        "NOOP x",
        "HELP x",
        "RSET",
    ];
    for line in lines {
        assert!(Command::parse(line.as_bytes()).is_ok(), "{line}");
        for at in 0..=line.len() {
            for octet in [0, 0x7f, 0x80, 0xff] {
                let mut octets = line.as_bytes().to_vec();
                octets.insert(at, octet);
                let error = Command::parse(&octets).expect_err(line);
                assert!(error.offset <= octets.len());
            }
        }
    }
}

/// Each command of an extension: what it is written as, and what is refused where.
#[test]
fn commands_of_extensions() {
    for (line, canonical) in [
        ("starttls ", "STARTTLS"),
        ("lhlo a.example", "LHLO a.example"),
        ("auth x-y_1", "AUTH X-Y_1"),
        ("bdat 007", "BDAT 7"),
        ("BDAT 0 last", "BDAT 0 LAST"),
        ("BDAT 18446744073709551615 LAST", "BDAT 18446744073709551615 LAST"),
        (
            "burl imap://a.example/b;UID=1 LAST",
            "BURL imap://a.example/b;UID=1 LAST",
        ),
        ("etrn #queue", "ETRN #queue"),
        ("atrn", "ATRN"),
        ("ATRN a.example,b.example", "ATRN a.example,b.example"),
        (
            "xclient name=[UNAVAILABLE] helo=a+20b",
            "XCLIENT name=[UNAVAILABLE] helo=a+20b",
        ),
        ("XFORWARD SOURCE=LOCAL", "XFORWARD SOURCE=LOCAL"),
    ] {
        let command = Command::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(command.to_string(), canonical);
        assert_eq!(Command::parse(canonical.as_bytes()), Ok(command));
    }
    for (line, offset, expected) in [
        ("STARTTLS x", 8, Expected::EndOfLine),
        ("AUTH", 4, Expected::Space),
        ("AUTH PLA!N", 8, Expected::Mechanism),
        ("AUTH PLAIN A", 12, Expected::Base64),
        ("AUTH PLAIN AGEA AGEA", 15, Expected::Base64),
        ("BDAT", 4, Expected::Space),
        ("BDAT -1", 5, Expected::ChunkSize),
        ("BDAT 1x", 6, Expected::Space),
        ("BDAT 1 FIRST", 7, Expected::Last),
        ("BDAT 1 LAST LAST", 7, Expected::Last),
        ("BDAT 18446744073709551616", 5, Expected::ChunkSize),
        ("BURL 1:x", 5, Expected::Uri),
        ("BURL imap LAST", 9, Expected::Uri),
        ("ETRN @", 6, Expected::Argument),
        ("ETRN a b", 6, Expected::EndOfLine),
        ("ATRN a.example,", 15, Expected::Domain),
        ("ATRN a.example b.example", 14, Expected::Octet(b',')),
        ("XCLIENT", 7, Expected::Space),
        ("XCLIENT ADDR", 12, Expected::Octet(b'=')),
        ("XCLIENT ADDR= NAME=x", 13, Expected::ParameterValue),
        ("XCLIENT ADDR=a+0", 14, Expected::Xtext),
        ("STARTTLS\0", 0, Expected::Command),
    ] {
        assert_eq!(
            Command::parse(line.as_bytes()),
            Err(SyntaxError { offset, expected }),
            "{line}"
        );
    }
}

/// RFC 6531 §3.3: UTF-8 where SMTPUTF8 allows it, in the forms that US-ASCII has.
#[test]
fn mailboxes_in_utf8() {
    for valid in [
        "ü@a.example",
        "\"ü x\"@a.example",
        "a.ü@ü.example",
        "a@xn--tda.ü",
        "π@[192.0.2.1]",
    ] {
        let mailbox = Mailbox::parse_utf8(valid).unwrap_or_else(|error| panic!("{valid}: {error}"));
        assert_eq!(mailbox.to_string(), valid);
        assert!(valid.parse::<Mailbox>().is_err(), "{valid}");
        let _ = mailbox.host();
    }
    for invalid in [
        "ü",
        "ü@",
        ".ü@a.example",
        "ü x@a.example",
        "a@ü-.example",
        "a@[ü]",
        "ü@a..example",
        "ü@a.example\r\n",
    ] {
        assert!(Mailbox::parse_utf8(invalid).is_err(), "{invalid:?}");
    }
}
