//! The two parsers see the same: trees, offsets, fields, octets, defects.

mod generated;

use generated::message;
use mime_codec::Limits;
use mime_codec::fuzzing::agree;
use proptest::prelude::*;

/// Messages with every kind of structure, sound and broken.
const MESSAGES: [&str; 22] = [
    "",
    "\r\n",
    "Subject: hi\r\n\r\nHello\r\n",
    "Subject: hi\n\nHello",
    "no header at all\r\nTo: nobody\r\n",
    "From bob Thu Jan  1 00:00:00 1970\nSubject: hi\n\nHello\n",
    "Subject: hi\r\nthe empty line is missing: no\r\nnone\r\n",
    "Subject: one\r\n two\r\n\tthree\r\n \r\nTo: bob\r\n\r\nbody",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--\r\nepi\r\n",
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\nX: y\n--b  \n\n--b-- \n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno header\r\n--bb\r\n--b",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing",
    "Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nnothing",
    "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\n\r\nhi\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--",
    "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhi",
    "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogaW4NCg0KaGkNCg==",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\
     Content-Transfer-Encoding: quoted-printable\r\n\r\nContent-Type: multipart/mixed; boundary=3D\"b\"\r\n\r\n=2D-b\r\n\r\nin\r\n=\r\n\
     --b\r\n\r\nout\r\n--b--",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=aa\r\n\r\n--aa\r\n\r\n1\r\n--a\r\n\r\n2\r\n--aa--\r\n--a--\r\n",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n1\r\n--a--\r\n--a--\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nS2V0Y2h1cA\r\n--b\r\n\
     Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\n--b--\r\n",
    "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\nBroken field: x\r\n\r\n--b\r\n-\r\n--\r\n---b\r\r\n--b-\r\n--b--\r--b--",
];

#[test]
fn on_every_structure_at_every_chunking() {
    for message in MESSAGES {
        agree(message.as_bytes(), Limits::default(), 1..=message.len() + 1);
    }
}

#[test]
fn beyond_the_limits() {
    let tight = Limits::default()
        .with_depth(1)
        .with_parts(3)
        .with_field(20)
        .with_decoded_layers(0);
    for message in MESSAGES {
        agree(message.as_bytes(), tight, [1, 2, 3, 7, 19, 20, 21, message.len() + 1]);
    }
}

/// Threats row 12 and 13: the messages that nest and repeat without an end.
#[test]
fn on_hostile_structures() {
    let deep = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(3_000);
    let forwarded = "Content-Type: message/rfc822\r\n\r\n".repeat(3_000);
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\n".repeat(60_000)
    );
    let fields = "X: y\r\n".repeat(50_000);
    let long = format!("X: {}\r\nY: z\r\n\r\n--\r\n", "folded\r\n ".repeat(80_000));
    for message in [deep, forwarded, many, fields, long] {
        agree(message.as_bytes(), Limits::default(), [5, 4_096, 1 << 20]);
    }
}

proptest! {
    #[test]
    fn on_generated_messages(message in message(), size in 1usize..80) {
        agree(message.as_bytes(), Limits::default(), [size, message.len() + 1]);
    }

    #[test]
    fn on_generated_messages_beyond_the_limits(message in message(), size in 1usize..80) {
        let tight = Limits::default().with_depth(2).with_parts(4).with_field(40).with_decoded_layers(1);
        agree(message.as_bytes(), tight, [size]);
    }
}
