//! Messages out of the pieces that parsers trip over.

use proptest::prelude::*;

/// Lines and parts of lines, in any order.
pub(crate) fn message() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.to_vec());
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const PIECES: [&str; 30] = [
    "Content-Type: multipart/mixed; boundary=b\r\n",
    "Content-Type: multipart/mixed; boundary=bb\n",
    "Content-Type: multipart/digest; boundary=\"b\"\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: text/plain\r\n",
    "content-type: multipart/alternative\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Q29udGVudC1UeXBlOiBtZXNzYWdlL3JmYzgyMg0KDQo=\r\n",
    "Content-Type: message/rfc822=0D=0AContent-Transfer-Encoding: quoted-printable=0A=0A",
    "X: y\r\n",
    "X: y\r\n z\r\n",
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    "-",
    "--",
    "--b\r\n",
    "--b\r\n\r\n",
    "--b--\r\n",
    "--bb\r\n",
    "--bb--",
    "--b ",
    "text",
    "text\r\n",
    "=\r\n",
    " \r\n",
    "From bob\n",
    "S2V0Y2h1cA==\r\n",
];
