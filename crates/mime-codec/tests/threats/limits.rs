//! Rows 11 to 14: many things, deep things, and limits that are generous enough.

use mime_codec::{Bodies, Event, Limits, Message, StreamParser};

fn nested_multiparts(depth: usize) -> String {
    let open: String = (0..depth)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=\"level {level}\"\r\n\r\n--level {level}\r\n"))
        .collect();
    let close: String = (0..depth)
        .rev()
        .map(|level| format!("\r\n--level {level}--\r\n"))
        .collect();
    format!("{open}\r\nthe innermost{close}")
}

fn names(message: &Message<'_>) -> Vec<&'static str> {
    message.defects().iter().map(|defect| defect.kind.name()).collect()
}

/// Row 14: depth 50 and 10,000 parts are ordinary.
#[test]
fn generous_limits() {
    let nested = nested_multiparts(50);
    let message = Message::parse(&*nested);
    assert_eq!((message.parts().count(), message.check()), (51, Vec::new()));
    assert_eq!(message.parts().last().unwrap().text(), "the innermost");

    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        "--b\r\n\r\nx\r\n".repeat(10_000)
    );
    let message = Message::parse(&*many);
    assert_eq!((message.parts().count(), message.check()), (10_001, Vec::new()));
}

/// Row 14: beyond a limit only the thing itself degrades.
#[test]
fn beyond_the_limits() {
    let deep = nested_multiparts(4);
    let message = Message::parse_within(&*deep, &Limits::default().with_depth(2));
    assert_eq!((message.parts().count(), names(&message)), (3, vec!["depth-limit"]));
    assert!(message.part(2).unwrap().is_leaf());

    let many =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b--\r\nend";
    let message = Message::parse_within(many, &Limits::default().with_parts(3));
    assert_eq!((message.parts().count(), names(&message)), (3, vec!["part-limit"]));
    assert_eq!(message.part(2).unwrap().text(), "2\r\n--b\r\n\r\n3");
    assert_eq!(message.root().epilogue(), b"end");

    let long = format!("Subject: hi\r\nX: {}\r\nTo: bob@x\r\n\r\nbody", "y".repeat(100));
    let message = Message::parse_within(&*long, &Limits::default().with_field(50));
    assert_eq!(
        (message.header().fields().len(), names(&message)),
        (2, vec!["field-limit"])
    );
    assert_eq!(message.root().text(), "body");
}

/// Row 13: a million levels, on a stack of 64 KiB, dropping included.
#[test]
fn a_million_levels() {
    let multiparts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(1_000_000);
    let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(1_000_000);
    let comments = format!("Content-Type: text/plain; {}\r\n\r\n", "(".repeat(200_000));
    let run = move || {
        for octets in [&multiparts, &messages, &comments] {
            let message = Message::parse(&**octets);
            assert!(message.parts().count() <= Limits::default().parts());
            message.check();
            drop(message);
            let mut parser = StreamParser::new(Bodies::Decoded);
            let mut unread = octets.as_bytes();
            while parser.poll() != Event::End {
                let taken = parser.push(unread);
                unread = &unread[taken..];
                if unread.is_empty() {
                    parser.finish();
                }
            }
        }
    };
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    small.spawn(run).expect("a thread").join().expect("no overflow");
}

/// Row 11: so many that anything but linear time would not end.
#[test]
fn half_a_million() {
    let many = |piece: &str| piece.repeat(500_000);
    let messages = [
        many("X: y\r\n"),
        many("To: a@x\r\n"),
        format!("To: {}\r\n\r\n", "a@x,".repeat(60_000)),
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
            many("--b\r\n\r\n")
        ),
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", many("--bb\r\n")),
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", many("\r\n--")),
        format!("Content-Type: text/plain{}\r\n\r\n", "; a=b".repeat(50_000)),
        format!("Subject: {}\r\n\r\n", "=?utf-8?Q?a?= ".repeat(15_000)),
    ];
    for octets in &messages {
        let message = Message::parse(&**octets);
        message.check();
        drop((message.subject(), message.to(), message.attachments().count()));
    }
}

/// Row 16: a message that is decoded inside is bounded by the message, however often it is encoded.
#[test]
fn decoded_layers() {
    let mut message = b"Subject: in\r\n\r\nhi\r\n".to_vec();
    for _ in 0..10 {
        let body = mime_codec::transfer::encode(mime_codec::TransferEncoding::Base64, &message);
        message = [
            &b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"[..],
            &body,
        ]
        .concat();
    }
    let parsed = Message::parse(&message);
    assert_eq!(
        (parsed.parts().count(), names(&parsed)),
        (5, vec!["decoded-layer-limit"])
    );
    let parsed = Message::parse_within(&message, &Limits::default().with_decoded_layers(10));
    assert_eq!((parsed.parts().count(), names(&parsed)), (11, vec![]));
}
