//! The properties of the fuzz targets over their seeds, whole, cut and damaged, and over octets at random.

use imap_mailbox::fuzzing;
use imap_mailbox::message::{Summary, SummaryBuilder};
use proptest::prelude::{any, prop, proptest};

#[test]
fn the_corpus_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("a file of the corpus").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("message") {
            continue;
        }
        let seed = std::fs::read(&path).expect("a file of the corpus");
        println!("{name}");
        for end in 0..=seed.len() {
            fuzzing::message(&seed[..end]);
        }
        for place in 0..seed.len() {
            let mut damaged = seed.clone();
            for octet in [0, b'\n', b'-', b' ', 0xff] {
                damaged[place] = octet;
                fuzzing::message(&damaged);
            }
        }
    }
}

/// Cut anywhere, and cut again.
#[test]
fn pieces_make_no_difference() {
    pieces(include_bytes!("../corpus/message-letter"));
    pieces(include_bytes!("../corpus/message-nested"));
}

fn pieces(letter: &[u8]) {
    let whole = Summary::of(letter);
    for first in 0..=letter.len() {
        for second in [first, first + 1, first + 2, first + 17] {
            let (first, second) = (first.min(letter.len()), second.min(letter.len()));
            let mut builder = SummaryBuilder::new();
            builder.push(&letter[..first]);
            builder.push(&letter[first..second]);
            builder.push(&letter[second..]);
            assert_eq!(builder.finish(), whole, "{first} {second}");
        }
    }
}

proptest! {
    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..300)) {
        fuzzing::message(&data);
    }

    #[test]
    fn octets_that_mean_something(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "\r\n", "\n", "\r", "--", "--b", "--b--", " ", ":", ";", "\0", "\u{fc}", "\"", "\\", "(", ")", "<", ">", "@", ",", "x",
                "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: multipart/digest; boundary=b\r\n",
                "Content-Type: message/rfc822\r\n", "Content-Type: text/html; charset=utf-16\r\n", "Content-Type: ",
                "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: x-uuencode\r\n", "begin 644 a\n",
                "Content-Disposition: ", "Content-Language: en, de\r\n", "From: ", "To: a: b@c;", "Subject: ", "Date: ", "=?", "*0*=''%",
                "name", "=", "\r\n\r\n", "&amp;", "<p>", "<!--",
            ]),
            0..40,
        ),
    ) {
        fuzzing::message(words.concat().as_bytes());
    }
}
