//! The fuzz properties over random octets; the fuzz targets look further.

use mail_wire::fuzzing;
use proptest::prelude::{any, prop, proptest};

proptest! {
    #[test]
    fn dots(data in prop::collection::vec(prop::sample::select(b".\r\nxy".to_vec()), 0..400)) {
        fuzzing::dots(&data);
    }

    #[test]
    fn lines(data in prop::collection::vec(prop::sample::select(b"\r\nxyz".to_vec()), 0..400)) {
        fuzzing::lines(&data);
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzzing::dots(&data);
        fuzzing::lines(&data);
    }
}
