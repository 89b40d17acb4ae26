//! The peers by themselves, driven by Python: if these fail, the fault is not in our programs.

use crate::message;
use crate::peers::{Dovecot, Folder, Postfix, Program, SmtpSink, available, fetch, python};

#[test]
fn postfix_delivers() {
    if !available(&[Program::Postfix, Program::Python]) {
        return;
    }
    let postfix = Postfix::start();
    let (folder, sent) = (Folder::new(), message::large());
    let file = folder.file("message", &sent);
    let recipients = ["bob@postfix.test", "nobody@postfix.test=550", "carol@postfix.test"];
    python(
        "send.py",
        &[&[postfix.address().to_string().as_str(), &file], &recipients[..]].concat(),
    );
    for user in ["bob", "carol"] {
        postfix.assert_delivered(user, &[&sent]);
    }
}

#[test]
fn smtp_sink_writes_down() {
    if !available(&[Program::SmtpSink, Program::Python]) {
        return;
    }
    let (sink, folder) = (SmtpSink::start(&[]), Folder::new());
    let file = folder.file("message", message::large());
    python("send.py", &[&sink.address().to_string(), &file, "bob@hamburger.edu"]);
    let [transaction] = &sink.transactions()[..] else {
        panic!("one was sent")
    };
    assert!(
        transaction.envelope.contains("X-Rcpt-Args: <bob@hamburger.edu>\n"),
        "{}",
        transaction.envelope
    );
    assert!(transaction.message == message::unix(&message::large()));
}

#[test]
fn dovecot_serves() {
    if !available(&[Program::Dovecot, Program::Python]) {
        return;
    }
    let messages = [message::large(), message::dotted()];
    let dovecot = Dovecot::start(&[&messages[0], &messages[1]]);
    assert!(fetch(dovecot.address(), Dovecot::USER, Dovecot::PASSWORD) == messages);
    assert!(dovecot.stored().is_empty());
}
