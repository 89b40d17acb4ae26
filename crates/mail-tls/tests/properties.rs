//! Properties that fuzz targets share, on random octets and on the seeds.

use mail_testing::Authority;
use mail_tls::{Identity, fuzzing};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_octets(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzzing::certificate(&data);
        fuzzing::address(&data);
        fuzzing::client(&data);
    }

    #[test]
    fn addresses(text in "[a-zA-Z0-9.:\\[\\]*_-]{0,30}:[0-9]{1,6}") {
        fuzzing::address(text.as_bytes());
    }

    /// A certificate with an octet that was changed.
    #[test]
    fn certificates(at in any::<proptest::sample::Index>(), octet in any::<u8>()) {
        let issued = Authority::new("Crepes CA").server(&["mail.crepes.example"]);
        let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
        let mut certificate = identity.chain()[0].to_vec();
        fuzzing::certificate(&certificate);
        let at = at.index(certificate.len());
        certificate[at] = octet;
        fuzzing::certificate(&certificate);
    }
}

#[test]
fn corpora_are_replayed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for (name, property) in [
        ("certificate", fuzzing::certificate as fn(&[u8])),
        ("address", fuzzing::address),
        ("client", fuzzing::client),
    ] {
        for entry in std::fs::read_dir(folder.join(name)).expect("a corpus") {
            property(&std::fs::read(entry.expect("an entry").path()).expect("a seed"));
            count += 1;
        }
    }
    assert!(count >= 12, "only {count} seeds");
}
