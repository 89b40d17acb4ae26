//! threats: header injection. Whatever goes in, one field comes out, folded as RFC 5322 §2.1.1 wants it.
//!
//! docs/threats.md row 8: whatever a constructor is given, what is written is one field.

use proptest::prelude::*;
use rfc5322::{
    AddrSpec, Atom, Clause, Comment, DateTime, Field, FieldError, FieldName, FieldWriter, Fields, HeaderEnd, Host, Id,
    LocalPartCase, LoopGuard, MsgId, Protocol, Received, ReceivedClauses, Source, Zone, delivered_to, return_path,
    unfold,
};

/// Reads what was written: one field, ASCII, lines within the limits, none of white space alone. Returns its value,
/// unfolded, with white space trimmed.
fn sole_field(written: &[u8]) -> String {
    assert!(written.ends_with(b"\r\n"));
    assert!(
        written
            .iter()
            .all(|&octet| matches!(octet, b'\t' | b'\r' | b'\n' | 0x20..=0x7e))
    );
    let text = std::str::from_utf8(written).unwrap();
    let lines: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
    for line in &lines {
        assert!(!line.contains(['\r', '\n']), "{text:?}");
        assert!(line.len() <= 998, "{text:?}");
        assert!(!line.trim_matches([' ', '\t']).is_empty(), "{text:?}");
        let breakable = line
            .trim_matches([' ', '\t'])
            .replace("\\ ", "")
            .replace("\\\t", "")
            .contains([' ', '\t']);
        assert!(line.len() <= 78 || !breakable, "{text:?}");
    }
    let mut fields = Fields::new(written);
    let field = fields.next().unwrap().unwrap();
    assert_eq!(field.raw, written);
    assert!(fields.next().is_none());
    assert_eq!(fields.end(), Some(HeaderEnd::EndOfInput { body: written.len() }));
    let value = unfold(field.value);
    std::str::from_utf8(&value)
        .unwrap()
        .trim_matches([' ', '\t'])
        .to_owned()
}

/// Text that likes to break things: what separates, quotes, folds and ends, beside ordinary words and long ones.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12}",
        3 => prop::sample::select(vec![
            " ", "  ", "\t", "\r", "\n", "\r\n", "\r\n ", "\0", "\u{b}", "\u{85}", "\u{2028}", "é", ":", ";", "(", ")",
            "\\", "\"", "<", ">", "@", "[", "]", ".", ",", "Bcc: x", "\r\n\r\n", "\u{7f}",
        ]).prop_map(String::from),
        1 => (1usize..1100).prop_map(|length| "x".repeat(length)),
        1 => (1usize..1100).prop_map(|length| " ".repeat(length)),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// Text that the strict constructors take, most of the time.
fn printable() -> impl Strategy<Value = String> {
    let word = prop_oneof![9 => "[!-~]{1,20}", 1 => "[!-~]{60,120}", 1 => "[!-~]{900,1010}"];
    let space = prop_oneof![9 => Just(" ".to_owned()), 1 => "[ \t]{1,100}"];
    prop::collection::vec((word, space), 0..30)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(word, space)| [word, space]).collect())
}

fn any_host() -> impl Strategy<Value = Host> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|address| Host::literal(address.into())),
        any::<[u8; 16]>().prop_map(|address| Host::literal(address.into())),
        nasty().prop_map(|name| Host::lossy(name.as_bytes())),
        "[a-z]{1,20}(\\.[a-z_]{1,20}){0,4}".prop_map(|name| Host::new(&name).unwrap()),
    ]
}

fn any_address() -> impl Strategy<Value = AddrSpec> {
    let local = prop_oneof![
        "[a-z0-9+]{1,30}(\\.[a-z]{1,5}){0,3}",
        "\"([ !#-\\[\\]-~]|\\\\[ -~]){0,60}\"",
        "[a-z]{600,644}",
    ];
    (local, "[a-z]{1,20}(\\.[a-z]{1,60}){0,4}").prop_filter_map("too long", |(local, domain)| {
        AddrSpec::parse(format!("{local}@{domain}").as_bytes()).ok()
    })
}

fn any_date() -> impl Strategy<Value = DateTime> {
    let zone = prop_oneof![
        (-1439i16..=1439).prop_map(|east| Zone::from_minutes(east).unwrap()),
        Just(Zone::UNKNOWN),
    ];
    (-2_000_000_000i64..200_000_000_000, zone)
        .prop_filter_map("year", |(seconds, zone)| DateTime::from_unix(seconds, zone).ok())
}

/// What a `Received` field is made of.
#[derive(Debug, Clone)]
struct Parts {
    source: Source,
    by: Host,
    date: DateTime,
    link: Option<String>,
    protocol: Option<String>,
    comment: Option<String>,
    id: Option<Id>,
    recipient: Option<AddrSpec>,
}

impl Parts {
    fn build(&self) -> Received {
        let mut received = Received::new(self.source.clone(), self.by.clone(), self.date);
        if let Some(link) = &self.link {
            received = received.via(Atom::new(link).unwrap());
        }
        if let Some(protocol) = &self.protocol {
            received = received.with(Protocol::from_name(protocol).unwrap());
        }
        if let Some(comment) = &self.comment {
            received = received.comment(Comment::new(comment));
        }
        if let Some(id) = &self.id {
            received = received.id(id.clone());
        }
        match &self.recipient {
            Some(recipient) => received.recipient(recipient.clone()),
            None => received,
        }
    }
}

prop_compose! {
    fn any_source()(
        helo in any_host(),
        name in prop::option::of(any_host()),
        v6: [u8; 16],
        v4: [u8; 4],
        kind in 0..4,
    ) -> Source {
        let address = if kind == 1 { v4.into() } else { v6.into() };
        match (kind, name) {
            (0, _) => Source::local(helo),
            (_, None) => Source::tcp(helo, address),
            (_, Some(name)) => Source::tcp(helo, address).resolved(name),
        }
    }
}

fn any_atom() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => "[!#$%&'*+/=?^_`{|}~a-z0-9-]{1,40}",
        2 => prop::sample::select(vec!["from", "By", "via", "with", "id", "FOR"]).prop_map(String::from),
        1 => "[a-z]{900}",
    ]
}

prop_compose! {
    fn any_id()(left in any_atom(), right in "[a-z]{1,30}", kind in 0..2) -> Id {
        match kind {
            0 => Atom::new(&left).unwrap().into(),
            _ => MsgId::new(&left[..left.len().min(500)], &right).unwrap().into(),
        }
    }
}

prop_compose! {
    fn any_parts()(
        source in any_source(),
        by in any_host(),
        date in any_date(),
        link in prop::option::of(any_atom()),
        protocol in prop::option::of(any_atom()),
        comment in prop::option::of(nasty()),
        id in prop::option::of(any_id()),
        recipient in prop::option::of(any_address()),
    ) -> Parts {
        Parts { source, by, date, link, protocol, comment, id, recipient }
    }
}

proptest! {
    #[test]
    fn any_text_makes_one_field_or_an_error(name in "[!-9;-~]{1,90}", text in nasty()) {
        let name = FieldName::new(&name).unwrap();
        match Field::new(&name, &text) {
            Ok(field) => {
                prop_assert_eq!(sole_field(field.as_bytes()), text.trim_matches([' ', '\t']));
                prop_assert_eq!(field.name(), name.as_str());
            }
            Err(FieldError::Forbidden { offset, octet }) => {
                prop_assert!(text.as_bytes()[offset] == octet);
                prop_assert!(octet.is_ascii_control() || !octet.is_ascii());
            }
            Err(error) => prop_assert!(matches!(error, FieldError::Overlong { length: 998.., .. }), "{error}"),
        }
        match Field::lossy(&name, &text) {
            Ok(field) => {
                sole_field(field.as_bytes());
            }
            Err(error) => prop_assert!(matches!(error, FieldError::Overlong { length: 998.., .. }), "{error}"),
        }
    }

    #[test]
    fn printable_text_survives_folding(text in printable()) {
        if let Ok(field) = Field::new(&FieldName::SUBJECT, &text) {
            prop_assert_eq!(sole_field(field.as_bytes()), text.trim_matches([' ', '\t']));
        }
    }

    /// White space behind a backslash is one `quoted-pair` with it (RFC 5322 §3.2.1), which no fold may cut.
    #[test]
    fn quoted_pairs_stay_whole(text in "([a-z]{1,9}\\\\[ \t]|[a-z]{1,9} ){0,60}") {
        let field = Field::new(&FieldName::SUBJECT, &text).unwrap();
        prop_assert!(!field.value().contains("\\\r\n"), "{}", field);
    }

    #[test]
    fn any_pieces_make_one_field(pieces in prop::collection::vec((nasty(), printable(), 0..4), 0..8)) {
        let mut writer = FieldWriter::new(&FieldName::REFERENCES);
        let mut expected = Vec::new();
        for (nasty, printable, kind) in &pieces {
            let text = if kind % 2 == 0 { nasty } else { printable };
            let written = if *kind < 2 { writer.text(text) } else { writer.group(text) };
            let text = text.trim_matches([' ', '\t']);
            if written.is_ok() && !text.is_empty() {
                expected.push(text);
            }
        }
        prop_assert_eq!(sole_field(writer.finish().as_bytes()), expected.join(" "));
    }

    #[test]
    fn any_name_is_a_name_or_an_error(name in nasty()) {
        let legal = !name.is_empty()
            && name.len() <= FieldName::MAX
            && name.chars().all(|c| c.is_ascii_graphic() && c != ':');
        prop_assert_eq!(FieldName::new(&name).is_ok(), legal);
        if let Ok(name) = FieldName::new(&name) {
            prop_assert_eq!(sole_field(Field::new(&name, "x").unwrap().as_bytes()), "x");
        }
    }

    #[test]
    fn address_fields_hold_their_address(address in any_address()) {
        let field = return_path(Some(&address));
        prop_assert_eq!(sole_field(field.as_bytes()), format!("<{address}>"));
        let field = delivered_to(&address);
        prop_assert_eq!(sole_field(field.as_bytes()), address.to_string());
        let guard = LoopGuard::of(field.as_bytes());
        prop_assert!(guard.check_delivery(&address, LocalPartCase::Sensitive).is_err());
    }

    #[test]
    fn received_is_one_field_whose_clauses_read_back(parts in any_parts()) {
        let field = parts.build().to_field();
        sole_field(field.as_bytes());
        let clauses = ReceivedClauses::parse(field.value().as_bytes());
        let value = |clause: Option<Clause<'_>>| clause.map(|clause| String::from_utf8(clause.value.to_vec()).unwrap());
        let (helo, address) = match &parts.source {
            Source::Local { helo } => (helo, None),
            Source::Tcp { helo, address, .. } => (helo, Some(address.to_canonical())),
        };
        prop_assert_eq!(value(clauses.from), Some(helo.to_string()));
        if address.is_some() {
            prop_assert_eq!(clauses.client_address(), address);
        }
        prop_assert_eq!(value(clauses.by), Some(parts.by.to_string()));
        prop_assert_eq!(value(clauses.via), parts.link);
        prop_assert_eq!(value(clauses.with), parts.protocol.clone());
        prop_assert_eq!(clauses.protocol(), parts.protocol.and_then(|name| Protocol::from_name(&name)));
        prop_assert_eq!(value(clauses.id), parts.id.map(|id| id.to_string()));
        prop_assert_eq!(clauses.recipient(), parts.recipient);
        prop_assert_eq!(clauses.date_time(), Ok(parts.date));
    }
}

#[test]
fn lines_break_at_the_limits_and_not_before() {
    let line = |length: usize| "x".repeat(length);
    let field = |text: &str| Field::new(&FieldName::SUBJECT, text).map(|field| field.as_str().to_owned());
    // "Subject:" and a space are 9 octets.
    assert_eq!(field(&line(69)), Ok(format!("Subject: {}\r\n", line(69))));
    assert_eq!(field(&line(70)), Ok(format!("Subject:\r\n {}\r\n", line(70))));
    assert_eq!(field(&line(997)), Ok(format!("Subject:\r\n {}\r\n", line(997))));
    assert_eq!(field(&line(998)), Err(FieldError::Overlong { offset: 0, length: 998 }));
    assert_eq!(
        field(&format!("a {}", line(998))),
        Err(FieldError::Overlong { offset: 1, length: 999 })
    );
    assert_eq!(field(""), Ok("Subject:\r\n".to_owned()));
    assert_eq!(field(" \t "), Ok("Subject:\r\n".to_owned()));
}
