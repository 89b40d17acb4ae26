//! Answers: ESEARCH, SEARCH, and what is saved.

use imap_mailbox::{Hit, SearchError, SearchResults};
use imap_proto::{
    Command, Data, Numbering, Parsed, Reading, Response, ReturnOption, Search, Spelling, Tag, TaggedCommand,
};

use super::number;

fn results(numbering: Numbering) -> SearchResults {
    let mut results = SearchResults::new(numbering);
    for (sequence, uid, mod_sequence) in [
        (2, 20, 900),
        (10, 100, 700),
        (11, 101, 999),
        (12, 102, 5),
        (21, 300, 800),
    ] {
        results.push(Hit {
            sequence: number(sequence),
            uid: number(uid),
            mod_sequence: std::num::NonZeroU64::new(mod_sequence),
        });
    }
    results
}

/// The options between the parentheses of RETURN.
fn options(text: &str) -> Vec<ReturnOption<'static>> {
    use imap_proto::IntoBoundedStatic;
    let wire = format!("A SEARCH RETURN ({text}) ALL\r\n");
    let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(wire.as_bytes(), Reading::STRICT) else {
        panic!("{text}")
    };
    let Command::Search(Search { returning, .. }) = value.command.into_static() else {
        panic!()
    };
    returning.unwrap()
}

fn wire(data: Data<'_>) -> String {
    let mut octets = Vec::new();
    Response::Untagged(data).encode(Spelling::CLIENT, &mut octets);
    String::from_utf8(octets).unwrap().trim_end().to_owned()
}

fn esearch(results: &SearchResults, text: &str) -> Option<String> {
    let answer = results.esearch(Tag::new("A1").unwrap(), &options(text)).unwrap();
    answer.map(|esearch| wire(Data::Esearch(esearch)))
}

#[test]
fn return_options_are_answered() {
    let cases = [
        // RFC 4731 §3.1
        ("", Some("ALL 2,10:12,21")),
        ("ALL", Some("ALL 2,10:12,21")),
        ("MIN", Some("MIN 2")),
        ("MAX", Some("MAX 21")),
        ("MIN COUNT", Some("MIN 2 COUNT 5")),
        ("COUNT ALL MAX MIN", Some("MIN 2 MAX 21 ALL 2,10:12,21 COUNT 5")),
        // RFC 5182 §2.1
        ("SAVE", None),
        ("SAVE COUNT", Some("COUNT 5")),
        ("SAVE CONTEXT", None),
        // RFC 5267 §4.2, §4.3
        ("CONTEXT", Some("ALL 2,10:12,21")),
        ("UPDATE COUNT", Some("COUNT 5")),
        ("UPDATE", Some("")),
        // RFC 9394 §3.1
        ("PARTIAL 2:3", Some("PARTIAL (2:3 10:11)")),
        ("PARTIAL 3:2", Some("PARTIAL (2:3 10:11)")),
        ("PARTIAL 4:99", Some("PARTIAL (4:99 12,21)")),
        ("PARTIAL 6:9", Some("PARTIAL (6:9 NIL)")),
        ("PARTIAL -1:-2", Some("PARTIAL (-1:-2 12,21)")),
        ("PARTIAL -2:-1", Some("PARTIAL (-1:-2 12,21)")),
        ("MIN PARTIAL -3:-3", Some("MIN 2 PARTIAL (-3:-3 11)")),
        // RFC 6203 §4
        ("RELEVANCY COUNT", Some("COUNT 5 RELEVANCY (100 100 100 100 100)")),
    ];
    for (text, expected) in cases {
        let expected = expected.map(|items| format!("* ESEARCH (TAG \"A1\") {items}").trim_end().to_owned());
        assert_eq!(esearch(&results(Numbering::Sequence), text), expected, "{text}");
    }
    let uid = esearch(&results(Numbering::Uid), "MIN MAX ALL");
    assert_eq!(
        uid.as_deref(),
        Some("* ESEARCH (TAG \"A1\") UID MIN 20 MAX 300 ALL 20,100:102,300")
    );
}

#[test]
fn nothing_found_is_told_all_the_same() {
    let nothing = SearchResults::new(Numbering::Sequence).telling_mod_sequence(true);
    assert_eq!(
        esearch(&nothing, "MIN MAX ALL COUNT").as_deref(),
        Some("* ESEARCH (TAG \"A1\") COUNT 0")
    );
    assert_eq!(esearch(&nothing, "").as_deref(), Some("* ESEARCH (TAG \"A1\")"));
    assert_eq!(wire(Data::Search(nothing.found())), "* SEARCH");
    assert_eq!(nothing.saved(&options("SAVE")), None);
}

/// RFC 4731 §3.2 and RFC 7162 §3.1.5.
#[test]
fn the_highest_sequence_is_that_of_what_is_told() {
    let results = results(Numbering::Sequence).telling_mod_sequence(true);
    let cases = [
        ("MIN", "MIN 2 MODSEQ 900"),
        ("MAX", "MAX 21 MODSEQ 800"),
        ("MIN MAX", "MIN 2 MAX 21 MODSEQ 900"),
        ("MIN COUNT", "MIN 2 COUNT 5 MODSEQ 999"),
        ("ALL", "ALL 2,10:12,21 MODSEQ 999"),
        ("PARTIAL 4:5", "PARTIAL (4:5 12,21) MODSEQ 800"),
        ("SAVE MAX", "MAX 21 MODSEQ 800"),
    ];
    for (text, expected) in cases {
        assert_eq!(
            esearch(&results, text).unwrap(),
            format!("* ESEARCH (TAG \"A1\") {expected}"),
            "{text}"
        );
    }
    assert_eq!(
        wire(Data::Search(results.found())),
        "* SEARCH 2 10 11 12 21 (MODSEQ 999)"
    );
}

/// RFC 5182 §2.4 and RFC 9394 §3.2; always by unique identifiers.
#[test]
fn what_is_saved_goes_by_the_options() {
    let cases = [
        ("SAVE", "20,100:102,300"),
        ("SAVE ALL", "20,100:102,300"),
        ("SAVE MIN", "20"),
        ("SAVE MAX", "300"),
        ("SAVE MIN MAX", "20,300"),
        ("SAVE MIN MAX COUNT", "20,100:102,300"),
        ("SAVE MIN ALL", "20,100:102,300"),
        ("SAVE PARTIAL 2:3", "100:101"),
        ("SAVE PARTIAL 2:3 MIN", "20,100:101"),
        ("SAVE PARTIAL 2:3 MIN MAX", "20,100:101,300"),
        ("SAVE PARTIAL 2:3 COUNT", "20,100:102,300"),
    ];
    for (text, expected) in cases {
        for numbering in [Numbering::Sequence, Numbering::Uid] {
            assert_eq!(
                results(numbering).saved(&options(text)),
                expected.parse().ok(),
                "{text}"
            );
        }
    }
    let mut one = SearchResults::new(Numbering::Uid);
    one.push(results(Numbering::Uid).hits()[0]);
    assert_eq!(
        one.saved(&options("SAVE MIN MAX")),
        "20".parse().ok(),
        "one message is one"
    );
}

/// RFC 5267 §3.1: the order of a SORT is kept.
#[test]
fn sorted_results_keep_their_order() {
    let mut sorted = SearchResults::new(Numbering::Uid);
    let hits = results(Numbering::Uid).hits().to_vec();
    sorted.extend([hits[4], hits[3], hits[1], hits[2], hits[0]]);
    assert_eq!(
        esearch(&sorted, "MIN MAX ALL").as_deref(),
        Some("* ESEARCH (TAG \"A1\") UID MIN 300 MAX 20 ALL 300,102,100:101,20")
    );
    assert_eq!(wire(Data::Sort(sorted.found())), "* SORT 300 102 100 101 20");
    assert_eq!(sorted.saved(&options("SAVE MIN MAX")), "20,300".parse().ok());
}

#[test]
fn options_that_contradict_are_refused() {
    let check = |text| SearchResults::check(&options(text));
    assert_eq!(check("ALL PARTIAL 1:2"), Err(SearchError::TwoWindows));
    assert_eq!(check("PARTIAL 1:2 PARTIAL 3:4"), Err(SearchError::TwoWindows));
    assert_eq!(check("X-OTHER"), Err(SearchError::UnsupportedReturn));
    assert_eq!(check("MIN MAX COUNT SAVE PARTIAL 1:2 UPDATE CONTEXT"), Ok(()));
}
