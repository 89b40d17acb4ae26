//! A real Postfix beside mailhost: each relays to the other.

use crate::message;
use crate::peers::{Folder, Mailhost, Postfix, Program, assert_delivered, available, python};

#[test]
fn postfix_to_mailhost() {
    if !available(&[Program::Postfix, Program::Python]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    let postfix = Postfix::with_routes(&[(Mailhost::DOMAIN, mailhost.smtp())]);
    let sent = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    for (number, message) in (1..).zip(&sent) {
        let file = folder.file("message", message);
        python(
            "send.py",
            &[&postfix.address().to_string(), &file, Mailhost::BOB, Mailhost::CAROL],
        );
        // One after the other, so that they arrive in this order.
        postfix.wait_until_sent(number, Mailhost::BOB);
        postfix.wait_until_sent(number, Mailhost::CAROL);
    }
    let sent: Vec<&[u8]> = sent.iter().map(Vec::as_slice).collect();
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        assert_delivered(&mailhost.mail_of(user), &sent, user);
    }
}

#[test]
fn mailhost_to_postfix() {
    if !available(&[Program::Postfix, Program::Python]) {
        return;
    }
    let (postfix, folder) = (Postfix::start(), Folder::new());
    let mailhost = Mailhost::with_routes(&[(Postfix::DOMAIN, postfix.address())]);
    let sent = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    for message in &sent {
        let file = folder.file("message", message);
        python(
            "send.py",
            &[
                &mailhost.smtp().to_string(),
                &file,
                "bob@postfix.test",
                "carol@postfix.test",
            ],
        );
    }
    for user in ["bob", "carol"] {
        postfix.assert_delivered(user, &[&sent[0], &sent[1], &sent[2], &sent[3]]);
    }
    assert!(postfix.complaints().is_empty(), "{:#?}", postfix.complaints());
}
