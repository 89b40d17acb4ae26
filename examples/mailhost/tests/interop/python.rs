//! Python's smtplib and poplib as clients of mailhost.

use std::fs;

use crate::message;
use crate::peers::{Folder, Mailhost, Program, assert_delivered, available, python};

/// A message that Python composes, with non-ASCII text; the dictionary of refused recipients names the one.
#[test]
fn smtplib_hears_about_each_recipient() {
    if !available(&[Program::Python]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    let copy = format!("{}/copy", folder.name());
    let recipients = [Mailhost::BOB, "nobody@hamburger.edu", Mailhost::CAROL];
    python(
        "compose.py",
        &[&[mailhost.smtp().to_string().as_str(), &copy], &recipients[..]].concat(),
    );
    let sent = fs::read(copy).unwrap();
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        assert_delivered(&mailhost.mail_of(user), &[&sent], user);
    }
}

#[test]
fn bodies_come_back_octet_for_octet() {
    if !available(&[Program::Python]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    let sent = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    for message in &sent {
        let file = folder.file("message", message);
        let refused = "nobody@hamburger.edu=550";
        python(
            "send.py",
            &[
                &mailhost.smtp().to_string(),
                &file,
                refused,
                Mailhost::BOB,
                Mailhost::CAROL,
            ],
        );
    }
    let sent: Vec<&[u8]> = sent.iter().map(Vec::as_slice).collect();
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        assert_delivered(&mailhost.mail_of(user), &sent, user);
    }
}

#[test]
fn smtplib_speaks_every_command() {
    if !available(&[Program::Python]) {
        return;
    }
    let mailhost = Mailhost::start();
    python("smtp_commands.py", &[&mailhost.smtp().to_string()]);
    let arrived = mailhost.mail_of("bob");
    let [helo, ehlo] = &arrived[..] else {
        panic!("two were sent, {} arrived", arrived.len())
    };
    assert!(String::from_utf8_lossy(helo).contains("with SMTP"));
    assert!(String::from_utf8_lossy(ehlo).contains("with ESMTP"));
}

#[test]
fn poplib_speaks_every_command() {
    if !available(&[Program::Python]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    for message in [message::small(), message::dotted(), message::large()] {
        let file = folder.file("message", message);
        python("send.py", &[&mailhost.smtp().to_string(), &file, Mailhost::BOB]);
    }
    python(
        "pop3_commands.py",
        &[&mailhost.pop3().to_string(), "bob", Mailhost::PASSWORD],
    );
}
