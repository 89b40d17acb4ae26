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
    fn proxies(
        front in prop::sample::select(vec![&b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2"[..], b"PROXY UNKNOWN ", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0", b""]),
        data in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        fuzzing::proxy(&[front, &data].concat());
        fuzzing::proxy(&[front, b"\r\n", &data].concat());
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzzing::dots(&data);
        fuzzing::lines(&data);
    }
}
