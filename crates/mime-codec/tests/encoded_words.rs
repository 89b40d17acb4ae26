//! Encoded words as they come, well formed and not.

use mime_codec::rfc5322::{FieldName, Phrase};
use mime_codec::{DefectKind, decode_phrase, decode_text, encode_text};

/// The text, and the defects as `offset name`.
fn decoded(value: &[u8]) -> (String, String) {
    let text = decode_text(value);
    let defects = text
        .defects
        .iter()
        .map(|defect| format!("{} {}", defect.offset, defect.kind.name()));
    (text.text.into_owned(), defects.collect::<Vec<_>>().join(", "))
}

#[track_caller]
fn check(value: &str, text: &str, defects: &str) {
    assert_eq!(
        decoded(value.as_bytes()),
        (text.to_owned(), defects.to_owned()),
        "{value}"
    );
}

#[test]
fn well_formed_words_have_no_defects() {
    check("plain", "plain", "");
    check("  =?utf-8?Q?Caf=C3=A9?= noir ", "Café noir", "");
    check("=?utf-8*fr?q?Caf=C3=A9_noir?=", "Café noir", "");
    check("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\n\tc", "ab\tc", "");
    check("x =?iso-8859-1?B?6Q==?= =?koi8-r?Q?=CD?= y", "x éм y", "");
    check("=?utf-8?Q??=", "", "");
    check("déjà vu", "déjà vu", "");
    check("=?us-ascii?Q?1_=2B_1_=3D_2=3F?=", "1 + 1 = 2?", "");
}

#[test]
fn what_is_no_word_stays() {
    for text in [
        "=?",
        "=?utf-8",
        "=?utf-8?",
        "=?utf-8?Q",
        "=?utf-8?X?a?=",
        "=??Q?a?=",
        "=?utf-8?=",
        "a =?b c?Q?d?= e",
        "=?*en?Q?a?=",
    ] {
        check(text, text, "");
    }
}

#[test]
fn broken_words_are_repaired_and_told() {
    check("a=?utf-8?Q?b?=c", "abc", "1 encoded-word-glued");
    check("=?utf-8?Q?a b?=", "a b", "0 encoded-word-space");
    check("=?utf-8?Q?Caf=C3=A9 noir", "Café noir", "0 encoded-word-unclosed");
    check("=?utf-8?Q?Caf=C3=A9?", "Café", "0 encoded-word-unclosed");
    check("=?utf-8?Q?=4x?=", "=4x", "0 encoded-word-q");
    check("=?utf-8?B?Q2Fmw6k?=", "Café", "0 encoded-word-base64");
    check("=?utf-8?B?Q2F mw6k=?=", "Café", "0 encoded-word-space");
    check("=?utf-8?B?Q2F-mw6k=?=", "Café", "0 encoded-word-base64");
    check(
        "=?x-nobody?Q?caf=E9?=",
        "caf\u{fffd}",
        "0 unknown-charset, 0 undecodable-octets",
    );
    check("=?utf-8?Q?=FF?=", "\u{FFFD}", "0 undecodable-octets");
    check("caf\u{e9}", "café", "");
    assert_eq!(decoded(b" caf\xE9"), ("caf\u{fffd}".into(), "1 raw-eight-bit".into()));
    let long = format!("=?utf-8?Q?{}?=", "a".repeat(100));
    check(&long, &"a".repeat(100), "0 encoded-word-overlong");
}

/// A character of two octets split between words, in each encoding and in a charset of state.
#[test]
fn split_characters_are_put_together() {
    let split = "0 encoded-word-split-character";
    check("=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9?=", "Café", split);
    check("=?utf-8?Q?Caf=C3?=\r\n =?UTF8?B?qQ==?=", "Café", split);
    check("=?gb2312?Q?=C4?= =?gb2312?Q?=E3=BA=C3?=", "你好", split);
    check(
        "=?utf-8?Q?=C3?= =?iso-8859-1?Q?=A9?=",
        "\u{FFFD}©",
        "0 undecodable-octets",
    );
    // Each word stands for itself where that is right.
    check(
        "=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=",
        "日本",
        "",
    );
}

/// `docs/threats.md` rows 8, 16 and 21: encoded line ends and NUL stay text.
#[test]
fn decoded_controls_are_no_syntax() {
    check("=?utf-8?Q?a=0D=0ABcc:_b=00?=", "a  Bcc: b\u{FFFD}", "0 control-in-text");
    check("=?utf-7?Q?+AA0ACg-x?=", "  x", "0 control-in-text");
    check("=?utf-16be?B?AA0ACgAA?=", "  \u{FFFD}", "0 control-in-text");
    check("a\0b", "a\u{FFFD}b", "0 control-in-text");
    check("a\rb\nc", "a b c", "0 control-in-text");
    let field = encode_text(&FieldName::SUBJECT, "a\r\nBcc: b\0").unwrap();
    assert_eq!(field.as_str(), "Subject: a  Bcc: =?utf-8?B?Yu+/vQ==?=\r\n");
}

/// `docs/threats.md` row 16: a word within a word is decoded once.
#[test]
fn words_are_decoded_once() {
    check("=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=", "=?utf-8?Q?a?=", "");
    check("=?utf-8?B?PT91dGYtOD9RP2E/PQ==?=", "=?utf-8?Q?a?=", "");
}

#[test]
fn phrases() {
    let phrase = |value: &str| {
        let text = decode_phrase(&Phrase::new(value.as_bytes(), 10));
        let defects = text
            .defects
            .iter()
            .map(|defect| format!("{} {}", defect.offset, defect.kind.name()));
        let defects: Vec<_> = defects.collect();
        (text.text.into_owned(), defects.join(", "))
    };
    let of = |text: &str, defects: &str| (text.to_owned(), defects.to_owned());
    assert_eq!(phrase("Joe Public"), of("Joe Public", ""));
    assert_eq!(phrase(" Joe\r\n  \"Q. \\\"Public\\\"\" "), of("Joe Q. \"Public\"", ""));
    assert_eq!(
        phrase("\"=?utf-8?Q?=C3=A9?=\""),
        of("é", "11 encoded-word-in-quoted-string")
    );
    assert_eq!(phrase("=?utf-8?Q?a?= (b) =?utf-8?Q?c?="), of("ac", ""));
    assert_eq!(phrase("=?utf-8?Q?\"a_b\"?= c"), of("\"a b\" c", ""));
    assert_eq!(phrase("\"open"), of("open", "10 unclosed-quote"));
    assert_eq!(phrase("a (open"), of("a (open", "12 unclosed-comment"));
    assert_eq!(phrase(""), of("", ""));
}

#[test]
fn the_shorter_encoding_is_chosen() {
    let encoded = |text: &str| encode_text(&FieldName::SUBJECT, text).unwrap().as_str().to_owned();
    assert_eq!(encoded("Crêpes"), "Subject: =?utf-8?Q?Cr=C3=AApes?=\r\n");
    assert_eq!(encoded("日本"), "Subject: =?utf-8?B?5pel5pys?=\r\n");
    assert_eq!(encoded("plain = ? _"), "Subject: plain = ? _\r\n");
    assert_eq!(
        encoded("=?utf-8?Q?a?="),
        "Subject: =?utf-8?B?PT91dGYtOD9RP2E/PQ==?=\r\n"
    );
}

/// No character is cut: each word by itself decodes without a defect.
#[test]
fn long_text_is_cut_between_characters() {
    let text = "Crêpes 日本 😀 ".repeat(40);
    let field = encode_text(&FieldName::SUBJECT, &text).unwrap();
    let words: Vec<&str> = field
        .as_str()
        .split_whitespace()
        .filter(|word| word.starts_with("=?"))
        .collect();
    assert!(words.len() > 15);
    for word in words {
        assert!(word.len() <= 75);
        assert_eq!(decoded(word.as_bytes()).1, "");
    }
    assert!(field.as_str().split("\r\n").all(|line| line.len() <= 78));
}

/// `docs/threats.md` rows 11 and 16: half a megabyte of each, in a blink.
#[test]
fn hostile_sizes_are_linear() {
    let pieces = [
        "=?",
        "=?=?",
        "=?a?q?",
        "=?utf-8?Q?a",
        "=?utf-8?B?",
        "=?utf-8?Q?=C3?= ",
        "=?utf-8?Q?",
        "?=",
        "=",
        "\"",
        "(",
        "\\",
        "( ",
        "=?utf-7?Q?+AAA?=",
        "=?x?Q?a?= b ",
        "=?utf-8?b?=",
        " =?a?b?=?a?b?=",
    ];
    for piece in pieces {
        let value = piece.repeat(500_000 / piece.len());
        let text = decode_text(value.as_bytes());
        assert!(text.text.len() <= 3 * value.len());
        let phrase = decode_phrase(&Phrase::new(value.as_bytes(), 0));
        assert!(phrase.text.len() <= 3 * value.len());
    }
    let one = format!("=?utf-8?Q?{}?=", "=C3=A9".repeat(200_000));
    assert_eq!(decode_text(one.as_bytes()).text.len(), 400_000);
}

#[test]
fn defects_have_names_of_their_own() {
    assert_eq!(DefectKind::EncodedWordGlued.name(), "encoded-word-glued");
}
