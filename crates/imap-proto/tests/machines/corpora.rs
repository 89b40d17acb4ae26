//! The properties of the fuzz targets, over their seeds and over all dialogues.

use imap_proto::fuzzing;

const TARGETS: [fn(&[u8]); 6] = [
    fuzzing::command,
    fuzzing::response,
    fuzzing::round_trip,
    fuzzing::server,
    fuzzing::client,
    fuzzing::streaming,
];

#[test]
fn corpora_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let octets = std::fs::read(entry.expect("a file").path()).expect("it can be read");
        for target in TARGETS {
            target(&octets);
        }
        files += 1;
    }
    assert!(files > 20, "{files}");
}

/// Every seed with one octet changed, or cut off anywhere.
#[test]
fn damaged_corpora_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let octets = std::fs::read(entry.expect("a file").path()).expect("it can be read");
        for at in (0..octets.len()).step_by(3) {
            for octet in [0, b' ', b'(', b')', b'"', b'{', b'\\', b'\n', b'9', 0xc3] {
                let mut damaged = octets.clone();
                damaged[at] = octet;
                for target in TARGETS {
                    target(&damaged);
                }
            }
        }
    }
}
