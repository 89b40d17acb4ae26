//! The fuzz properties over random octets that look like what they read; the fuzz targets look further.

use proptest::prelude::{any, prop, proptest};
use rfc5322::fuzzing;

proptest! {
    #[test]
    fn headers(data in "([A-Za-z:]{0,9}[ \t\r\n:;<>@a.]{0,6}){0,30}") {
        fuzzing::header(data.as_bytes());
    }

    #[test]
    fn dates(data in "(Mon, )?[0-9]{1,2} (Jan|Feb|Dec) [0-9]{2,4} [0-9]{2}:[0-9]{2}(:[0-9]{2})? ([+-][0-9]{4}|GMT|EST|Z)") {
        fuzzing::date(data.as_bytes());
    }

    #[test]
    fn addresses(data in "<?[a-z\"\\\\. ]{0,8}@[a-z.\\[\\]0-9:]{0,12}>?") {
        fuzzing::address(data.as_bytes());
    }

    #[test]
    fn address_lists(data in "([a-z.]{0,3}|[a-z]@[a-z]|[ \"\\\\()<>@,;:.\\[\\]é\r\n]){0,30}") {
        fuzzing::address_list(data.as_bytes());
    }

    #[test]
    fn identifiers(data in "([a-z]{0,3}|[a-z]@[a-z]|[ \"\\\\()<>@,.\r\n]){0,30}") {
        fuzzing::identifiers(data.as_bytes());
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzzing::header(&data);
        fuzzing::date(&data);
        fuzzing::address(&data);
        fuzzing::address_list(&data);
        fuzzing::identifiers(&data);
        fuzzing::field(&data);
    }
}
