//! The properties of the fuzz targets over their seeds, whole, cut and damaged, and over octets at random.

use mime_codec::fuzzing;
use proptest::prelude::{any, prop, proptest};

/// How the names of a property's seeds begin, and the property.
type Property = (&'static str, fn(&[u8]));

const PROPERTIES: [Property; 10] = [
    ("base64", fuzzing::base64),
    ("quoted-printable", fuzzing::quoted_printable),
    ("uuencode", fuzzing::uuencode),
    ("yenc", fuzzing::yenc),
    ("mbox", fuzzing::mbox),
    ("flowed", fuzzing::flowed),
    ("tnef", fuzzing::tnef),
    ("message", fuzzing::message),
    ("streaming", fuzzing::streaming),
    ("compose", fuzzing::compose),
];

/// The seeds by their names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let files = std::fs::read_dir(folder).expect("the corpus is there");
    files
        .map(|entry| {
            let entry = entry.expect("a file of the corpus");
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a file of the corpus"))
        })
        .collect()
}

#[test]
fn the_corpus_holds() {
    let seeds = seeds();
    for (prefix, property) in PROPERTIES {
        let own: Vec<_> = seeds.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
        assert!(!own.is_empty(), "no seed of {prefix}");
        for (name, seed) in own {
            println!("{name}");
            for end in 0..=seed.len() {
                property(&seed[..end]);
            }
            for place in 0..seed.len() {
                let mut damaged = seed.clone();
                for octet in [0, b'\n', b'=', b' ', damaged[place] ^ 1, 0xff] {
                    damaged[place] = octet;
                    property(&damaged);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..300)) {
        PROPERTIES.iter().for_each(|(_, property)| property(&data));
    }

    #[test]
    fn octets_that_mean_something(data in "((From )|[>=\r\n \tAZaz09.-]|(-- ){1}|(=ybegin size=1 name=\n)|(=yend size=1)|(begin 644 a\n)){0,60}") {
        PROPERTIES.iter().for_each(|(_, property)| property(data.as_bytes()));
    }
}
