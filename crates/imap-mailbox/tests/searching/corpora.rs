//! The properties of the fuzz targets over their seeds, whole, cut and damaged, and over octets at random.

use imap_mailbox::fuzzing;
use proptest::prelude::{any, prop, proptest};

type Property = (&'static str, fn(&[u8]));

const PROPERTIES: [Property; 2] = [("search", fuzzing::search), ("thread", fuzzing::thread)];

#[test]
fn the_corpus_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let entry = entry.expect("a file of the corpus");
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((_, property)) = PROPERTIES.iter().find(|(prefix, _)| name.starts_with(prefix)) else {
            continue;
        };
        seeds += 1;
        let seed = std::fs::read(entry.path()).expect("a file of the corpus");
        for end in 0..=seed.len() {
            property(&seed[..end]);
        }
        for place in 0..seed.len() {
            let mut damaged = seed.clone();
            for octet in [0, b'\n', b'=', b' ', b'(', b'"', damaged[place] ^ 1, 0xff] {
                damaged[place] = octet;
                property(&damaged);
            }
        }
    }
    assert!(seeds >= PROPERTIES.len());
}

proptest! {
    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..300)) {
        fuzzing::thread(&data);
        fuzzing::search(&[b"OR TEXT a OR BODY \"\xC3\xA4\" OR FROM b SUBJECT c\n", &*data].concat());
    }
}
