//! docs/threats.md rows 13 and 14: no depth exhausts a small stack, and what real messages need is read.

use std::fmt::Debug;

use imap_proto::{
    BodyStructure, Command, Data, FetchItem, IntoBoundedStatic, Parsed, Reading, Response, Spelling, TaggedCommand,
    Tokens,
};

/// What a value goes through until it is gone.
fn used<T: Clone + PartialEq + Debug + IntoBoundedStatic>(value: T) {
    let copy = value.clone();
    assert!(copy == value);
    assert!(!format!("{copy:?}").is_empty());
    drop(copy);
    drop(value.into_static());
}

fn command(text: &str) {
    let line = format!("a {text}\r\n");
    for reading in [Reading::STRICT, Reading::LENIENT] {
        let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(line.as_bytes(), reading) else {
            continue;
        };
        value.encode(Spelling::CLIENT, &mut Vec::new());
        used(value);
    }
}

fn response(text: &str) {
    let line = format!("* {text}\r\n");
    for reading in [Reading::STRICT, Reading::LENIENT] {
        let Ok(Parsed::Complete { value, .. }) = Response::parse(line.as_bytes(), reading) else {
            continue;
        };
        value.encode(Spelling::SERVER, &mut Vec::new());
        used(value);
    }
}

/// Each shape, `depth` deep: commands, then responses.
fn shapes(depth: usize) -> (Vec<String>, Vec<String>) {
    let nested = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
    let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    let message = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 1 {envelope} ");
    let commands = vec![
        format!("SEARCH {}", nested("(", "ALL", ")")),
        format!("UID SEARCH {}", nested("NOT ", "ALL", "")),
        format!("SORT (DATE) UTF-8 {}", nested("OR ALL ", "ALL", "")),
        format!("THREAD REFERENCES UTF-8 {}", nested("OR ", "ALL", " SEEN")),
        format!("ESEARCH {}", nested("FUZZY (", "ALL", ")")),
        format!("NEW {}", nested("(", "", ")")),
        format!("NEW {}", nested("[", "", "]")),
        format!("SELECT a (NEW {})", nested("(", "", ")")),
        format!("FETCH 1 (NEW {})", nested("(", "", ")")),
        format!("LIST (NEW {}) \"\" *", nested("(", "", ")")),
        format!("APPEND a NEW {}", nested("(", "", ")")),
        format!("SEARCH {}", "(".repeat(depth)),
        format!("NEW {}", ")".repeat(depth)),
    ];
    let responses = vec![
        format!("1 FETCH (BODY {})", nested("(", PART, " \"MIXED\")")),
        format!("1 FETCH (BODYSTRUCTURE {})", nested(&message, PART, " 3)")),
        format!("1 FETCH (BODYSTRUCTURE {})", "(".repeat(depth)),
        format!(
            "1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL {}))",
            nested("(", "1", ")")
        ),
        format!("1 FETCH (NEW {})", nested("(", "", ")")),
        format!("1 FETCH {}", "(".repeat(depth)),
        format!("THREAD {}", nested("(1 ", "(2)(3)", ")")),
        format!("THREAD {}", nested("((1)", "(2)", ")")),
        format!("THREAD ({}1)", "1 ".repeat(depth)),
        format!("THREAD {}", "(".repeat(depth)),
        format!("NEW {}", nested("(", "", ")")),
        format!("OK [NEW {}] x", nested("(", "", ")")),
        format!("LIST () NIL a (NEW {})", nested("(", "", ")")),
        format!("STATUS a (NEW {})", nested("(", "", ")")),
        format!("ESEARCH NEW {}", nested("(", "", ")")),
        format!("METADATA a {}", nested("(", "/x NIL", ")")),
    ];
    (commands, responses)
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(run).unwrap();
    thread.join().unwrap();
}

/// docs/threats.md row 13
#[test]
fn a_million_levels() {
    on_a_small_stack(|| {
        let (commands, responses) = shapes(1_000_000);
        commands.iter().for_each(|text| command(text));
        responses.iter().for_each(|text| response(text));
        let wire = ["(".repeat(1_000_000), ")".repeat(1_000_000)].concat();
        let tokens = Tokens::new(wire.as_bytes()).unwrap();
        assert_eq!(tokens.iter().count(), 2_000_000);
        used(tokens);
    });
}

/// docs/threats.md row 14
#[test]
fn fifty_levels() {
    on_a_small_stack(|| {
        let (commands, responses) = shapes(50);
        for text in commands.iter().filter(|text| text.contains("ALL")) {
            let line = format!("a {text}\r\n");
            let read = TaggedCommand::parse(line.as_bytes(), Reading::STRICT).map(Parsed::complete);
            let Ok(Some(TaggedCommand { command, .. })) = read else {
                panic!("{text}: {read:?}")
            };
            assert!(!matches!(command, Command::Other { .. }));
        }
        for text in &responses[..2] {
            let parts = parts_of(text).unwrap();
            assert_eq!(parts, 51);
        }
    });
}

/// docs/threats.md row 14: beyond the limit only that item degrades.
#[test]
fn beyond_the_limit_one_item_degrades() {
    on_a_small_stack(|| {
        for depth in [BodyStructure::MAX_DEPTH + 1, 10_000] {
            let (_, responses) = shapes(depth);
            for text in &responses[..2] {
                assert_eq!(parts_of(text), None);
            }
        }
    });
}

/// How many parts a body structure has; `None` where it is invalid, and the UID beside it is not.
fn parts_of(text: &str) -> Option<usize> {
    let line = format!("* {} UID 7)\r\n", text.strip_suffix(')').unwrap());
    let read = Response::parse(line.as_bytes(), Reading::STRICT).map(Parsed::complete);
    let Ok(Some(Response::Untagged(Data::Fetch(fetch)))) = read else {
        panic!("{text:.60}")
    };
    assert_eq!(fetch.uid().map(u32::from), Some(7));
    match &fetch.items()[0] {
        FetchItem::Body(structure) | FetchItem::BodyStructure(structure) => Some(structure.parts().len()),
        FetchItem::Invalid { .. } => None,
        other => panic!("{other:?}"),
    }
}

const PART: &str = "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)";
