//! Properties of text: what is written reads back, however the input looks.

use mime_codec::rfc5322::{FieldName, Phrase};
use mime_codec::{Charset, ContentDisposition, ContentType, base_subject, fuzzing, safe_file_name};
use mime_codec::{decode_phrase, decode_text, encode_phrase, encode_text};
use proptest::prelude::*;

/// Words, specials and pieces of syntax, glued in any order.
fn soup(pieces: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

const WORDS: &[&[u8]] = &[
    b"=?",
    b"?=",
    b"=?utf-8?Q?",
    b"=?utf-8?B?",
    b"=?ISO-2022-JP?b?",
    b"=?x*en?q?",
    b"=C3",
    b"=A9",
    b"w6k=",
    b"GyRC",
    b" ",
    b"\r\n ",
    b"\t",
    b"a",
    b"_",
    b"=",
    b"?",
    b"\xE9",
    b"\xC3\xA9",
    b"\0",
    b"\r",
    b"=0D=0A",
    b"\"",
    b"(",
    b")",
    b"\\",
    b"=?utf-16?B?AAA=?=",
    b"Re:",
    b"[fwd:",
    b"]",
];

const PARAMETERS: &[&[u8]] = &[
    b"text/plain",
    b"attachment",
    b";",
    b"; ",
    b"=",
    b"*",
    b"*0",
    b"*1*",
    b"*0*=",
    b"charset",
    b"name",
    b"boundary",
    b"filename=",
    b"utf-8''",
    b"'",
    b"%C3",
    b"%A9",
    b"%0D",
    b"%",
    b"\"",
    b"\\",
    b"(",
    b")",
    b" ",
    b"\r\n ",
    b"a",
    b"b c",
    b"=?utf-8?Q?a?=",
    b"\xE9",
    b"\0",
    b"/",
    b"x=y",
    b"iso-2022-jp''",
];

fn line() -> impl Strategy<Value = String> {
    let characters = prop_oneof![
        8 => "[ -~]{0,12}",
        3 => "[ \t]{1,50}",
        3 => "[à-ÿ]{1,4}",
        2 => "[一-三😀]{1,40}",
        1 => Just("=?utf-8?Q?a?=".to_owned()),
        1 => "[a-z]{1,1200}",
        1 => "[\u{1}-\u{1f}]{1,2}",
    ];
    let clean = |parts: Vec<String>| parts.concat().replace(['\r', '\n'], "");
    prop::collection::vec(characters, 0..8).prop_map(clean)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// `docs/threats.md` rows 8 and 16.
    #[test]
    fn hostile_words(data in soup(WORDS)) {
        fuzzing::encoded_word(&data);
    }

    /// `docs/threats.md` rows 8, 16 and 21.
    #[test]
    fn hostile_parameters(data in soup(PARAMETERS)) {
        fuzzing::parameters(&data);
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::encoded_word(&data);
        fuzzing::parameters(&data);
        fuzzing::charset(&data);
    }

    #[test]
    fn charsets(label in prop::sample::select(LABELS), data in prop::collection::vec(any::<u8>(), 0..60)) {
        fuzzing::charset(&[label.as_bytes(), b"\n", &data].concat());
    }

    #[test]
    fn text_reads_back(text in line()) {
        let field = encode_text(&FieldName::SUBJECT, &text).unwrap();
        let decoded = decode_text(field.value().as_bytes());
        prop_assert_eq!(&decoded.text, &text);
        prop_assert_eq!(decoded.defects, []);
        for word in field.as_str().split([' ', '\r', '\n', '\t']).filter(|word| word.starts_with("=?")) {
            prop_assert!(word.len() <= 75);
        }
        let foldable = text.split([' ', '\t']).all(|word| word.len() < 60) && !text.replace('\t', " ").contains("    ");
        prop_assert!(!foldable || field.as_str().split("\r\n").all(|line| line.len() <= 78), "{}", field);
    }

    #[test]
    fn phrases_read_back(text in line()) {
        let written = encode_phrase(&text);
        prop_assert!(written.bytes().all(|octet| (b' '..=b'~').contains(&octet)));
        let decoded = decode_phrase(&Phrase::new(written.as_bytes(), 0));
        prop_assert_eq!(&decoded.text, &text);
        prop_assert_eq!(decoded.defects, []);
    }

    #[test]
    fn parameters_read_back(name in "[a-z]{1,30}", text in line(), other in "[ -~]{0,100}") {
        let text = text.replace('\0', "");
        let built = ContentType::new("application", "pdf").unwrap().with_param(&name, &text).unwrap();
        let built = built.with_param("x-other-", &other).unwrap();
        let field = built.to_field().unwrap();
        let again = ContentType::parse_strict(field.value().as_bytes()).unwrap();
        prop_assert_eq!(again.param(&name).unwrap(), text.as_str());
        prop_assert_eq!(again.param("X-Other-").unwrap(), other.as_str());
        prop_assert!(field.as_str().split("\r\n").all(|line| line.len() <= 78), "{}", field);
    }

    #[test]
    fn attachments_read_back(text in any::<String>()) {
        let clean: String = text.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
        let disposition = ContentDisposition::attachment(&text);
        prop_assert_eq!(disposition.filename().unwrap(), clean);
        let _safe = safe_file_name(&text);
    }

    #[test]
    fn base_subjects_are_their_own(text in line()) {
        let base = base_subject(&text).text;
        prop_assert_eq!(&base_subject(&base).text, &base);
    }
}

const LABELS: &[&str] = &[
    "utf-8",
    "us-ascii",
    "utf-7",
    "utf-16",
    "utf-16le",
    "utf-32",
    "utf-32le",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz",
    "gbk",
    "gb18030",
    "big5",
    "euc-jp",
    "euc-kr",
    "shift_jis",
    "windows-1252",
    "cp437",
    "cp850",
    "koi8-r",
    "iso-8859-8-i",
    "none",
];

/// Every label's charset reads ASCII as ASCII, but for those that are wider.
#[test]
fn labels_are_charsets() {
    for label in LABELS.iter().filter(|label| **label != "none") {
        let charset = Charset::for_label(label.as_bytes()).expect(label);
        if !label.starts_with("utf-16") && !label.starts_with("utf-32") {
            assert_eq!(charset.decode(b"Crepes, 5 pcs.").text, "Crepes, 5 pcs.", "{label}");
        }
    }
}

/// The seeds of the fuzz targets.
#[test]
fn seeds_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/text_corpus");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        for target in [fuzzing::encoded_word, fuzzing::parameters, fuzzing::charset] {
            target(&octets);
        }
        files += 1;
    }
    assert!(files > 5, "the seeds are there");
}
