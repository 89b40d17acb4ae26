//! How a client says who it is.

use crate::harness::Place;

/// RFC 9051 §6.2.2: a mechanism in which the server speaks first takes no initial response.
#[test]
fn an_initial_response_out_of_place_is_bad() {
    let place = Place::memory();
    let mut client = place.client();
    client.bad("AUTHENTICATE CRAM-MD5 =");
    client.no("AUTHENTICATE UNKNOWN Ym9i");
    client.ok("LOGIN bob secret");
}
