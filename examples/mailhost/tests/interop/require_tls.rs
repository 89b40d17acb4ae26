//! REQUIRETLS (RFC 8689) through whole hosts: a mailhost, its smarthost, and Postfix, which does not know it.

use std::process::Command;

use mail_tls::Tls;
use mime_codec::report::Action;
use smtp_proto::client::Envelope;
use smtp_proto::{Mailbox, ParameterList};

use crate::adapters::{Smtp, TokioSmtp};
use crate::message;
use crate::our_smtp::{codes, config};
use crate::peers::{Folder, Mailhost, Program, SecuredPostfix, Trust, available};
use crate::reports::status;

const CREPES: &str = "crepes.fr";

/// A host whose smarthost this is, and which trusts the authority.
fn behind(smarthost: &Mailhost, trust: &Trust) -> Mailhost {
    let options = [
        "--allow-plaintext".to_owned(),
        format!("--smarthost={}", smarthost.smtp()),
    ];
    Mailhost::trusting(
        trust,
        Mailhost::DOMAIN,
        trust.options(Mailhost::NAME).into_iter().chain(options),
    )
}

fn send(mailhost: &Mailhost, trust: &Trust, [from, to]: [&str; 2], parameters: &ParameterList) {
    let mut client = TokioSmtp::connect_with(mailhost.smtp(), trust.tls(Tls::required()), config());
    assert!(client.capabilities().require_tls());
    let to: Mailbox = to.parse().unwrap();
    let envelope = Envelope::new(from.parse::<Mailbox>().unwrap(), [to]).unwrap();
    let outcome = client.send(&envelope.with_parameters(parameters.clone()), &message::small());
    assert_eq!(codes(&outcome.unwrap()), [250]);
    client.quit();
}

fn require_tls() -> ParameterList {
    let mut parameters = ParameterList::new();
    parameters.push_require_tls();
    parameters
}

/// The smarthost keeps to it, too: what it would have to hand to a host that does not, it returns.
#[test]
fn a_smarthost_passes_the_demand_on() {
    if !available(&[Program::Postfix, Program::DovecotLmtp, Program::Python]) {
        return;
    }
    let trust = Trust::new();
    let postfix = SecuredPostfix::start(&trust, "");
    let route = [
        "--allow-plaintext".to_owned(),
        format!("--route=postfix.test={}", postfix.smtp()),
    ];
    let options = trust.options("mail.crepes.fr").into_iter().chain(route);
    let crepes = Mailhost::trusting(&trust, CREPES, options);
    let hamburger = behind(&crepes, &trust);

    send(&hamburger, &trust, [Mailhost::BOB, "bob@crepes.fr"], &require_tls());
    let arrived = &crepes.wait_for_mail("bob", 1)[0];
    let trace = "by mail.crepes.fr with ESMTPS";
    assert!(arrived.replace("\r\n ", " ").contains(trace), "{arrived}");

    send(
        &hamburger,
        &trust,
        ["carol@crepes.fr", "bob@postfix.test"],
        &require_tls(),
    );
    let report = &crepes.wait_for_mail("carol", 1)[0];
    assert_refused(report, "mail.crepes.fr", "5.7.30");
    // The way is there for other mail.
    let none = ParameterList::new();
    send(&hamburger, &trust, ["carol@crepes.fr", "bob@postfix.test"], &none);
    postfix.postfix.wait_until_sent(1, "bob@postfix.test");
}

/// A smarthost whose certificate nobody vouches for gets mail over TLS, but none that demands more.
#[test]
fn a_smarthost_must_prove_who_it_is() {
    if !available(&[Program::Python]) {
        return;
    }
    let (trust, folder) = (Trust::new(), Folder::new());
    let mut crepes = Command::new(env!("CARGO_BIN_EXE_mailhost"));
    crepes.args([
        "serve",
        "--domain",
        CREPES,
        "--hostname",
        "mail.crepes.fr",
        "--user",
        "bob:hungry",
    ]);
    crepes.args(["--smtp=127.0.0.1:0", "--pop3=127.0.0.1:0", "--allow-plaintext"]);
    crepes.args(["--tls-self-signed", "--data", folder.name()]);
    let crepes = Mailhost::spawn(crepes);
    let hamburger = behind(&crepes, &trust);

    send(&hamburger, &trust, [Mailhost::BOB, "bob@crepes.fr"], &require_tls());
    let report = &hamburger.wait_for_mail("bob", 1)[0];
    assert_refused(report, Mailhost::NAME, "5.7.10");
    send(
        &hamburger,
        &trust,
        [Mailhost::BOB, "bob@crepes.fr"],
        &ParameterList::new(),
    );
    let arrived = &crepes.wait_for_mail("bob", 1)[0];
    let trace = "by mail.crepes.fr with ESMTPS";
    assert!(arrived.replace("\r\n ", " ").contains(trace), "{arrived}");
}

#[track_caller]
fn assert_refused(report: &str, by: &str, code: &str) {
    let status = status(report.as_bytes());
    assert_eq!(status.reporting_mta.unwrap().value, by, "{report}");
    let recipient = &status.recipients[0];
    assert_eq!(recipient.action, Some(Action::Failed), "{report}");
    assert_eq!(recipient.status.as_ref().unwrap().to_string(), code, "{report}");
}
