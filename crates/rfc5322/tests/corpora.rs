//! The seeds of the fuzz targets, replayed with one octet dropped or doubled anywhere.

use std::fs;

use rfc5322::fuzzing;

type Property = fn(&[u8]);

/// What the name of a seed begins with, and the property that it is for.
const PROPERTIES: [(&str, Property); 6] = [
    ("address-list-", fuzzing::address_list),
    ("address-", fuzzing::address),
    ("date-", fuzzing::date),
    ("field-", fuzzing::field),
    ("header-", fuzzing::header),
    ("identifiers-", fuzzing::identifiers),
];

#[test]
fn seeds_keep_their_properties() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut seen = [0; PROPERTIES.len()];
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let entry = entry.expect("a file");
        let name = entry.file_name().into_string().expect("a plain name");
        let of_seed = PROPERTIES.iter().position(|(prefix, _)| name.starts_with(prefix));
        let index = of_seed.expect("a seed is named after its property");
        seen[index] += 1;
        let seed = fs::read(entry.path()).expect("a readable file");
        PROPERTIES[index].1(&seed);
        for place in 0..seed.len() {
            let (before, behind) = seed.split_at(place);
            PROPERTIES[index].1(&[before, &behind[1..]].concat());
            PROPERTIES[index].1(&[before, &behind[..1], behind].concat());
            PROPERTIES[index].1(before);
        }
    }
    assert!(seen.iter().all(|&seeds| seeds > 0), "{seen:?}");
}
