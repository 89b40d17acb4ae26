//! Any octets: what the fuzz targets call, with seeds and with what proptest thinks of.

use std::fs;

use proptest::prelude::{ProptestConfig, any, proptest};
use wiretap::fuzzing;

#[test]
fn the_seeds_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut files = 0;
    for file in fs::read_dir(folder).expect("the seeds are there") {
        let data = fs::read(file.expect("a folder can be read").path()).expect("a seed can be read");
        fuzzing::capture(&data);
        fuzzing::dialogue(&data);
        files += 1;
    }
    assert!(files > 5, "the seeds are there");
}

/// Lines of all protocols, in any order, in any pieces and with holes.
const WORDS: [&str; 32] = [
    "220 mx\r\n",
    "EHLO c\r\n",
    "250 ok\r\n",
    "MAIL FROM:<a@c>\r\n",
    "RCPT TO:<b@c>\r\n",
    "DATA\r\n",
    "354 go\r\n",
    ".\r\n",
    "BDAT 5 LAST\r\n",
    "AUTH PLAIN\r\n",
    "334 \r\n",
    "235 ok\r\n",
    "STARTTLS\r\n",
    "QUIT\r\n",
    "+OK\r\n",
    "-ERR\r\n",
    "RETR 1\r\n",
    "USER b\r\n",
    "PASS b\r\n",
    "LIST\r\n",
    "* OK\r\n",
    "a LOGIN b h\r\n",
    "a OK\r\n",
    "b APPEND INBOX {9}\r\n",
    "+ go\r\n",
    "* 1 FETCH (BODY[] {4}\r\n",
    "12345",
    ")\r\n",
    "c IDLE\r\n",
    "DONE\r\n",
    "a NO\r\n",
    "\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_dialogue_is_survived(protocol in 0_u8..16, said in proptest::collection::vec((any::<u8>(), 0..WORDS.len()), 0..60)) {
        let mut data = vec![protocol];
        for (head, word) in said {
            let word = WORDS[word].as_bytes();
            data.extend([head, word.len() as u8]);
            data.extend(word);
        }
        fuzzing::dialogue(&data);
    }

    #[test]
    fn any_octets_are_survived(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        fuzzing::capture(&data);
        fuzzing::dialogue(&data);
    }
}
