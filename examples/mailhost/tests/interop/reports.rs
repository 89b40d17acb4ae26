//! What senders ask to hear (RFC 3461) goes from Postfix to mailhost and from mailhost to Postfix, over TLS; and the reports
//! come back.

use mail_tls::Tls;
use mime_codec::Message;
use mime_codec::report::{Action, DeliveryStatus, Typed};
use smtp_proto::client::{Envelope, Recipient};
use smtp_proto::{EnvelopeId, Mailbox, Notify, OriginalRecipient, ParameterList, Ret};

use crate::adapters::{BlockingSmtp, Smtp};
use crate::message;
use crate::our_smtp::{codes, config};
use crate::peers::{Mailhost, Program, SecuredPostfix, Trust, available};

/// Each knows the way to the other, and both have certificates.
fn start(more: &str) -> Option<(SecuredPostfix, Mailhost, Trust)> {
    if !available(&[Program::Postfix, Program::DovecotLmtp, Program::Python]) {
        return None;
    }
    let trust = Trust::new();
    let postfix = SecuredPostfix::start(&trust, more);
    let route = format!("--route=postfix.test={}", postfix.smtp());
    let others = [
        "--allow-plaintext",
        "--alias=away=gone@postfix.test",
        "--alias=team=carol,bob@postfix.test,lost@postfix.test",
    ];
    let options = trust.options(Mailhost::NAME).into_iter().chain([route]);
    let mailhost = Mailhost::with(Mailhost::DOMAIN, options.chain(others.map(str::to_owned)));
    postfix.postfix.route(Mailhost::DOMAIN, mailhost.smtp());
    Some((postfix, mailhost, trust))
}

#[test]
fn postfix_to_mailhost_and_back() {
    let Some((postfix, mailhost, trust)) = start("") else {
        return;
    };
    let mut client = BlockingSmtp::connect_with(postfix.smtp(), trust.tls(Tls::required()), config());
    let recipients = ["bob", "nobody", "away", "team"].map(|user| format!("{user}@hamburger.edu"));
    let outcome = client.send(&envelope("carol@postfix.test", &recipients), &message::small());
    assert_eq!(codes(&outcome.unwrap()), [250; 4]);
    client.quit();

    // Postfix knows whom it hands the mail to.
    let log = ["Verified TLS connection established to 127.0.0.1"];
    postfix.postfix.wait_until_logged(&log);
    let told = all_told(postfix.postfix.mail_of("carol", 3));
    // Of an alias for several, one success is told, and each failure (RFC 3461 §5.2.7).
    let expected = [
        (
            Mailhost::NAME,
            "original-away@hamburger.edu",
            "gone@postfix.test",
            "failed",
        ),
        (
            Mailhost::NAME,
            "original-bob@hamburger.edu",
            "bob@hamburger.edu",
            "delivered",
        ),
        (
            Mailhost::NAME,
            "original-team@hamburger.edu",
            "lost@postfix.test",
            "failed",
        ),
        (
            Mailhost::NAME,
            "original-team@hamburger.edu",
            "team@hamburger.edu",
            "delivered",
        ),
        (
            SecuredPostfix::NAME,
            "original-nobody@hamburger.edu",
            "nobody@hamburger.edu",
            "failed",
        ),
    ];
    assert_eq!(told, expected.map(Told::from));
    assert_eq!(mailhost.wait_for_mail("bob", 1).len(), 1);
    assert_eq!(mailhost.wait_for_mail("carol", 1).len(), 1);
    postfix.postfix.wait_until_sent(1, "bob@postfix.test");
}

#[test]
fn mailhost_to_postfix_and_back() {
    let Some((postfix, mailhost, trust)) = start("") else {
        return;
    };
    send_by_mailhost(&mailhost, &trust);
    postfix.postfix.wait_until_logged(&["TLS connection established from"]);
    let told = all_told(mailhost.wait_for_mail("bob", 2));
    let expected = [
        (
            Mailhost::NAME,
            "original-nobody@postfix.test",
            "nobody@postfix.test",
            "failed",
        ),
        (
            SecuredPostfix::NAME,
            "original-carol@postfix.test",
            "carol@postfix.test",
            "delivered",
        ),
    ];
    assert_eq!(told, expected.map(Told::from));
}

/// Where the next hop knows nothing of reports, mailhost says that it has handed the mail on (RFC 3461 §5.2.2).
#[test]
fn mailhost_to_postfix_without_dsn() {
    let Some((postfix, mailhost, trust)) = start("smtpd_discard_ehlo_keywords = dsn\n") else {
        return;
    };
    send_by_mailhost(&mailhost, &trust);
    let told = all_told(mailhost.wait_for_mail("bob", 2));
    let expected = [
        (
            Mailhost::NAME,
            "original-carol@postfix.test",
            "carol@postfix.test",
            "relayed",
        ),
        (
            Mailhost::NAME,
            "original-nobody@postfix.test",
            "nobody@postfix.test",
            "failed",
        ),
    ];
    assert_eq!(told, expected.map(Told::from));
    postfix.postfix.wait_until_sent(1, "carol@postfix.test");
}

/// From bob at mailhost, to somebody at Postfix and to nobody.
fn send_by_mailhost(mailhost: &Mailhost, trust: &Trust) {
    let mut client = BlockingSmtp::connect_with(mailhost.smtp(), trust.tls(Tls::required()), config());
    let recipients = ["carol", "nobody"].map(|user| format!("{user}@postfix.test"));
    let outcome = client.send(&envelope(Mailhost::BOB, &recipients), &message::small());
    assert_eq!(codes(&outcome.unwrap()), [250, 250]);
    client.quit();
}

/// Asks for word of success and failure, with the header only, for each recipient under an older name.
fn envelope(sender: &str, recipients: &[String]) -> Envelope {
    let mut of_message = ParameterList::new();
    let id = EnvelopeId::new("QQ=314 159").unwrap();
    of_message.push_ret(Ret::Headers).push_envelope_id(&id);
    let recipients = recipients.iter().map(|recipient| {
        let original = OriginalRecipient::new("rfc822", &format!("original-{recipient}")).unwrap();
        let mut parameters = ParameterList::new();
        let notify: Notify = "SUCCESS,FAILURE".parse().unwrap();
        parameters.push_notify(notify).push_original_recipient(&original);
        Recipient::from(recipient.parse::<Mailbox>().unwrap()).with_parameters(parameters)
    });
    let envelope = Envelope::new(sender.parse::<Mailbox>().unwrap(), recipients).unwrap();
    envelope.with_parameters(of_message)
}

/// What a report says: who reports, about whom, as the sender and as the host knows them, and what has happened.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    by: String,
    original: String,
    recipient: String,
    action: String,
}

impl From<(&str, &str, &str, &str)> for Told {
    fn from((by, original, recipient, action): (&str, &str, &str, &str)) -> Self {
        Self {
            by: by.to_owned(),
            original: original.to_owned(),
            recipient: recipient.to_owned(),
            action: action.to_owned(),
        }
    }
}

/// What reports say, sorted.
#[track_caller]
fn all_told<R: AsRef<[u8]>>(reports: Vec<R>) -> Vec<Told> {
    let mut all: Vec<Told> = reports.iter().flat_map(|report| told(report.as_ref())).collect();
    all.sort();
    all
}

/// From a report that has the envelope's identifier, and not the message's body.
#[track_caller]
fn told(report: &[u8]) -> Vec<Told> {
    let text = String::from_utf8_lossy(report);
    assert!(text.starts_with("Return-Path: <>"), "{text}");
    assert!(!text.contains("Shall we have crepes?"), "RET=HDRS: {text}");
    let status = status(report);
    assert_eq!(status.original_envelope_id.as_deref(), Some("QQ=314 159"), "{text}");
    let value = |typed: &Option<Typed>| {
        let typed = typed.as_ref().unwrap_or_else(|| panic!("a field is missing: {text}"));
        typed.value.clone()
    };
    let recipients = status.recipients.iter().map(|recipient| Told {
        by: value(&status.reporting_mta),
        original: value(&recipient.original_recipient),
        recipient: value(&recipient.final_recipient),
        action: match recipient.action {
            Some(Action::Delivered) => "delivered",
            Some(Action::Relayed) => "relayed",
            Some(Action::Failed) => "failed",
            _ => "something else",
        }
        .to_owned(),
    });
    recipients.collect()
}

#[track_caller]
pub(crate) fn status(report: &[u8]) -> DeliveryStatus {
    let message = Message::parse(report);
    let status = message.parts().find_map(|part| part.delivery_status());
    status.unwrap_or_else(|| panic!("no report: {}", String::from_utf8_lossy(report)))
}
