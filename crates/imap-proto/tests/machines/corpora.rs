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

/// Seeds with one octet changed. `DAMAGES=n` tries n times as many as there is time for otherwise.
#[test]
fn damaged_corpora_are_replayed() {
    let more: Option<usize> = std::env::var("DAMAGES").ok().and_then(|n| n.parse().ok());
    let mut random = mail_testing::Random::new(more.unwrap_or(1) as u64);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let octets = std::fs::read(entry.expect("a file").path()).expect("it can be read");
        for _ in 0..50 * more.unwrap_or(1) {
            let mut damaged = octets.clone();
            for _ in 0..=random.below(3) {
                damage(&mut damaged, &mut random);
            }
            for target in TARGETS {
                target(&damaged);
            }
        }
    }
}

/// Puts an octet that means something in the place of another, or takes some out, or doubles some.
fn damage(octets: &mut Vec<u8>, random: &mut mail_testing::Random) {
    const TELLING: &[u8] = b"\0 ()\"{}\\\r\n9*+,:.<>[]~-N\xc3\xa4";
    let at = random.below(octets.len().max(1)).min(octets.len());
    let end = (at + 1 + random.below(9)).min(octets.len());
    match random.below(4) {
        0 => drop(octets.drain(at..end)),
        1 => {
            let again = octets[at..end].to_vec();
            octets.splice(at..at, again);
        }
        _ if at < octets.len() => octets[at] = TELLING[random.below(TELLING.len())],
        _ => octets.push(b')'),
    }
}
