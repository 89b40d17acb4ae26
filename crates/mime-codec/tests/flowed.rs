//! format=flowed (RFC 3676) both ways.

use mime_codec::flowed::{DelSp, Paragraph, flow, unflow};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

fn paragraph(depth: usize, text: &str) -> Paragraph<'static> {
    Paragraph {
        depth,
        text: text.as_bytes().to_vec().into(),
    }
}

#[test]
fn lines_join_and_part() {
    let cases: [(&str, &[(usize, &str)]); 12] = [
        ("", &[]),
        ("\r\n", &[(0, "")]),
        ("a \r\nb\r\n", &[(0, "a b")]),
        ("a \nb", &[(0, "a b")]),
        ("a\r\nb\r\n", &[(0, "a"), (0, "b")]),
        (">a \r\n> b \r\n>>c\r\n", &[(1, "a b "), (2, "c")]),
        ("> > a\r\n", &[(1, "> a")]),
        (" >a\r\n From b\r\n", &[(0, ">a"), (0, "From b")]),
        ("a \r\n-- \r\nb\r\n", &[(0, "a "), (0, "-- "), (0, "b")]),
        ("> -- \r\n>-- \r\nb", &[(1, "-- "), (1, "-- "), (0, "b")]),
        ("a \r\n\r\nb", &[(0, "a "), (0, "b")]),
        ("a ", &[(0, "a ")]),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(depth, text)| paragraph(*depth, text)).collect();
        assert_eq!(unflow(text.as_bytes(), DelSp::No), expected, "{text:?}");
    }
    assert_eq!(unflow(b"a \r\nb  \r\nc", DelSp::Yes), [paragraph(0, "ab c")]);
}

#[test]
fn long_words_and_separators() {
    let long = paragraph(1, "日本語日本語日本語日本語日本語");
    let flowed = flow(std::slice::from_ref(&long), 20, DelSp::Yes);
    assert!(
        String::from_utf8(flowed.clone())
            .unwrap()
            .lines()
            .all(|line| line.len() <= 20)
    );
    assert_eq!(unflow(&flowed, DelSp::Yes), std::slice::from_ref(&long));
    assert_eq!(
        unflow(&flow(std::slice::from_ref(&long), 20, DelSp::No), DelSp::No),
        [long]
    );
    let dashes = paragraph(0, "-- aaaaaaaaaaaaaaaaaaaaaaaaaa bbbb");
    for del_sp in [DelSp::No, DelSp::Yes] {
        assert_eq!(
            unflow(&flow(std::slice::from_ref(&dashes), 10, del_sp), del_sp),
            std::slice::from_ref(&dashes)
        );
    }
}

/// A million quote marks and a million lines take linear time (docs/threats.md row 11).
#[test]
fn many_small_things() {
    assert_eq!(unflow(&b">".repeat(1_000_000), DelSp::No)[0].depth, 1_000_000);
    assert_eq!(unflow(&b"a \r\n".repeat(500_000), DelSp::No).len(), 1);
}

fn paragraphs() -> impl Strategy<Value = Vec<Paragraph<'static>>> {
    let text = "(-- )?(From )?[ >]{0,2}([a-zé日-]{0,9} {0,2}){0,12}";
    let one = (0usize..3, text).prop_map(|(depth, text)| match text.as_str() {
        "-- " => paragraph(depth, "-- "),
        text => paragraph(depth, text.trim_end_matches(' ')),
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn what_was_flowed_unflows(paragraphs in paragraphs(), width in 0usize..60, delete in any::<bool>()) {
        let del_sp = if delete { DelSp::Yes } else { DelSp::No };
        let flowed = flow(&paragraphs, width, del_sp);
        prop_assert!(!flowed.split(|&octet| octet == b'\n').any(|line| line.starts_with(b"From ")));
        prop_assert_eq!(unflow(&flowed, del_sp), paragraphs);
    }
}
