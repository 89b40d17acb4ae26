//! Rows 9, 16, 21 and 30: octets that end things in other programs.

use mime_codec::{Message, display_name};

/// Row 21: a NUL ends nothing.
#[test]
fn nul_truncates_nothing() {
    let message = Message::parse(
        b"Subject: a\0b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
          Content-Disposition: attachment; filename=\"menu.pdf\0.exe\"\r\n\r\nx\0y\r\n--b--\r\n",
    );
    assert_eq!(message.subject().as_deref(), Some("a\u{fffd}b"));
    let part = message.part(1).unwrap();
    assert_eq!(part.raw_body(), b"x\0y");
    assert_eq!(part.file_name().as_deref(), Some("menu.pdf\u{fffd}.exe"));
    assert!(part.safe_file_name().ends_with(".exe"));
    assert!(!message.check().is_empty());
}

/// Row 16: what was decoded begins no field, and stays a name.
#[test]
fn decoded_text_is_no_syntax() {
    let message = Message::parse(
        b"Subject: =?utf-8?Q?hi=0D=0ABcc:_eve@x?=\r\nFrom: =?utf-8?Q?bob=40x=3E=2C_=3Ceve=40x?= <bob@hamburger.edu>\r\n\r\n",
    );
    assert_eq!(message.subject().as_deref(), Some("hi  Bcc: eve@x"));
    assert_eq!(message.header().fields().len(), 2);
    let from = message.from();
    assert_eq!(from.mailboxes().count(), 1);
    let bob = from.first().unwrap();
    assert_eq!(
        (bob.to_string().as_str(), display_name(&bob).as_deref()),
        ("bob@hamburger.edu", Some("bob@x>, <eve@x"))
    );
}

/// Row 9: a quoted local part with brackets and an at-sign is one address; nothing is decoded inside.
#[test]
fn quoted_local_parts() {
    let message = Message::parse(b"From: \"a@evil> x\"@good.com, =?utf-8?Q?eve=40x?=@good.com\r\n\r\n");
    let addresses: Vec<_> = message.from().mailboxes().map(|mailbox| mailbox.to_string()).collect();
    assert_eq!(addresses, ["\"a@evil> x\"@good.com", "=?utf-8?Q?eve=40x?=@good.com"]);
}

/// Row 30: what a terminal would act upon is not shown as it is.
#[test]
fn debug_is_escaped() {
    let message = Message::parse(b"Subject: \x1b[2J\r\n\x1b]0;x\x07\r\n\r\n\x1b[2J");
    let shown = format!("{message:?} {:?} {:?}", message.header(), message.check());
    assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{shown}");
}
