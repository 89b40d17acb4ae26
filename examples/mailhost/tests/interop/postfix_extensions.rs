//! Our SMTP client, behind both adapters, makes use of each extension that Postfix lists, over TLS that was asked for and
//! over TLS from the first octet.

use mail_sasl::{Credentials, Mechanism, Policy};
use mail_tls::Tls;
use smtp_proto::client::{Chunking, Envelope, Protocol, Recipient};
use smtp_proto::{Attributes, EnvelopeId, Mailbox, Notify, OriginalRecipient, ParameterList, Ret, Verb};

use crate::adapters::{BlockingSmtp, Smtp, TokioSmtp};
use crate::doors::{Door, keywords, sorted};
use crate::message;
use crate::our_smtp::{codes, config, envelope};
use crate::peers::{DovecotLmtp, Postfix, Program, SecuredPostfix, Trust, available};
use crate::reports::status;

#[test]
fn blocking_uses_each_extension_of_postfix() {
    uses_each_extension_of_postfix::<BlockingSmtp>();
}

#[test]
fn tokio_uses_each_extension_of_postfix() {
    uses_each_extension_of_postfix::<TokioSmtp>();
}

/// What a keyword stands for, done.
type Trial<C> = fn(&Postfix, &Door, C);

/// Each keyword has its trial, so that one more in the next Postfix fails here until it has one, too.
#[track_caller]
fn uses_each_extension_of_postfix<C: Smtp>() {
    if !available(&[Program::Postfix, Program::DovecotLmtp]) {
        return;
    }
    let trust = Trust::new();
    let postfix = SecuredPostfix::start(&trust, MORE);
    let trials: [(&str, Trial<C>); 12] = [
        ("8BITMIME", eight_bit_mime),
        ("AUTH", auth),
        ("CHUNKING", chunking),
        ("DSN", dsn),
        ("ENHANCEDSTATUSCODES", enhanced_status_codes),
        ("ETRN", etrn),
        ("PIPELINING", pipelining),
        ("SIZE", size),
        ("SMTPUTF8", smtp_utf8),
        ("VRFY", vrfy),
        ("XCLIENT", x_client),
        ("XFORWARD", x_forward),
    ];
    let tried = trials.map(|(keyword, _)| keyword);
    // STARTTLS is tried by each connection to its door.
    let plain = C::connect(postfix.smtp(), config());
    let expected = tried.iter().map(|&keyword| match keyword {
        "AUTH" => "STARTTLS",
        other => other,
    });
    assert_eq!(keywords(&plain), sorted(expected));
    plain.quit();
    let doors = [
        ("starttls", postfix.smtp(), Tls::required()),
        ("implicit", postfix.smtps(), Tls::implicit()),
    ];
    for (name, address, tls) in doors {
        let door = Door::new(name, Protocol::Smtp, address, trust.tls(tls));
        let client: C = door.connect();
        assert_eq!(keywords(&client), sorted(tried), "{}", door.name);
        client.quit();
        for (keyword, trial) in trials {
            eprintln!("{} over {}", keyword, door.name);
            trial(&postfix.postfix, &door, door.connect());
        }
    }
    let mut complaints = postfix.postfix.complaints();
    // Passwords were mistyped, and a queue was asked for that it does not have.
    complaints.retain(|line| !line.contains("authentication fail") && !line.contains("reject: ETRN"));
    assert!(complaints.is_empty(), "{complaints:#?}");
}

fn eight_bit_mime<C: Smtp>(site: &Postfix, door: &Door, client: C) {
    send_to(site, door, client, "bob", &message::eight_bit());
}

fn auth<C: Smtp>(site: &Postfix, door: &Door, client: C) {
    let mut offered: Vec<_> = client.capabilities().auth().iter().map(ToString::to_string).collect();
    offered.sort_unstable();
    let mut shared = MECHANISMS.map(Mechanism::as_str);
    shared.sort_unstable();
    assert_eq!(offered, shared);
    client.quit();
    for mechanism in MECHANISMS {
        let mut client: C = door.connect();
        let policy = Policy::only(&[mechanism]);
        let password = |password| Credentials::password("bob", password).unwrap();
        let wrong = client.login(&password("thirsty"), &policy).unwrap_err();
        assert!(wrong.contains("535 5.7.8"), "{mechanism}: {wrong}");
        let right = client.login(&password(DovecotLmtp::PASSWORD), &policy);
        assert_eq!(right.unwrap().code().number(), 235, "{mechanism}");
        let recipient = send_to(site, door, client, "bob", &message::small());
        let method = format!("sasl_method={mechanism}, sasl_username=bob");
        site.wait_until_logged(&[&method]);
        site.wait_until_sent(1, &recipient);
    }
}

fn chunking<C: Smtp>(site: &Postfix, door: &Door, client: C) {
    client.quit();
    let client = door.connect_as::<C>(|config| config.chunking = Chunking::Always);
    send_to(site, door, client, "bob", &message::large());
    // It counts the commands of a session.
    site.wait_until_logged(&["disconnect from", " bdat="]);
}

/// The report about success comes to the sender, with what was asked about.
fn dsn<C: Smtp>(site: &Postfix, door: &Door, mut client: C) {
    let id = EnvelopeId::new("QQ=314 159").unwrap();
    let original = OriginalRecipient::new("rfc822", "Bob+lunch@crepes.fr").unwrap();
    let mut of_message = ParameterList::new();
    of_message.push_ret(Ret::Headers).push_envelope_id(&id);
    let mut of_recipient = ParameterList::new();
    let notify: Notify = "SUCCESS,FAILURE".parse().unwrap();
    of_recipient.push_notify(notify).push_original_recipient(&original);
    let sender = door.fresh("carol", Postfix::DOMAIN);
    let bob =
        Recipient::from(door.fresh("bob", Postfix::DOMAIN).parse::<Mailbox>().unwrap()).with_parameters(of_recipient);
    let envelope = Envelope::new(sender.parse::<Mailbox>().unwrap(), [bob]).unwrap();
    let outcome = client.send(&envelope.with_parameters(of_message), &message::small());
    assert_eq!(codes(&outcome.unwrap()), [250]);
    client.quit();

    site.wait_until_sent(1, &sender);
    let reports = site.stored("carol");
    let report = reports.iter().find(|report| {
        let field = format!("Delivered-To: {sender}\n");
        report.windows(field.len()).any(|line| line == field.as_bytes())
    });
    let status = status(report.unwrap());
    assert_eq!(status.original_envelope_id.as_deref(), Some(id.as_str()));
    let original_recipient = status.recipients[0].original_recipient.as_ref().unwrap();
    assert_eq!(original_recipient.value, original.address());
    assert_eq!(status.recipients[0].action, Some(mime_codec::report::Action::Delivered));
}

fn enhanced_status_codes<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let outcome = client
        .send(&envelope(&["nobody@postfix.test"]), &message::small())
        .unwrap();
    let failure = outcome.results().next().unwrap().unwrap_err();
    assert_eq!(failure.enhanced().unwrap().to_string(), "5.1.1");
    client.quit();
}

fn etrn<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let queued = client.turn("elsewhere.test".parse().unwrap()).unwrap();
    assert_eq!(queued.code().number(), 250);
    let refused = client.turn("nowhere.test".parse().unwrap()).unwrap_err();
    assert!(refused.contains("459 <nowhere.test>"), "{refused}");
    client.quit();
}

/// Four commands in one piece; their replies in order.
fn pipelining<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let none = ParameterList::new();
    let mailbox = |name: &str| name.parse::<Mailbox>().unwrap();
    let machine = client.machine();
    machine.mail(&mailbox("alice@crepes.fr").into(), &none).unwrap();
    machine
        .recipient(&mailbox("nobody@postfix.test").into(), &none)
        .unwrap();
    machine.recipient(&mailbox("bob@postfix.test").into(), &none).unwrap();
    machine.reset().unwrap();
    let replies = [Verb::Mail, Verb::Rcpt, Verb::Rcpt, Verb::Rset].map(|verb| client.reply(verb).code().number());
    assert_eq!(replies, [250, 550, 250, 250]);
    client.quit();
}

/// What is too large is not begun; and the server would refuse its size.
fn size<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let message = message::large().repeat(2);
    assert_eq!(client.capabilities().size_limit(), Some(LIMIT));
    client.send(&envelope(&["bob@postfix.test"]), &message).unwrap_err();
    let alice: Mailbox = "alice@crepes.fr".parse().unwrap();
    let mut parameters = ParameterList::new();
    parameters.push_size(message.len() as u64);
    client.machine().mail(&alice.into(), &parameters).unwrap();
    let refused = client.reply(Verb::Mail);
    assert_eq!(refused.code().number(), 552);
    assert_eq!(refused.enhanced().unwrap().to_string(), "5.3.4");
    client.quit();
}

fn smtp_utf8<C: Smtp>(site: &Postfix, door: &Door, client: C) {
    send_to(site, door, client, "jürgen", &message::small());
}

fn vrfy<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let known = client.verify("bob@postfix.test".parse().unwrap()).unwrap();
    assert_eq!(known.code().number(), 252);
    let unknown = client.verify("nobody@postfix.test".parse().unwrap()).unwrap_err();
    assert!(unknown.contains("550 5.1.1"), "{unknown}");
    client.quit();
}

/// Whom we speak for may neither relay nor speak for others.
fn x_client<C: Smtp>(_: &Postfix, _: &Door, mut client: C) {
    let mut attributes = Attributes::new();
    attributes.push("NAME", "").unwrap();
    attributes.push_address([192, 0, 2, 7].into());
    attributes.push("HELO", "crepes.fr").unwrap();
    client.x_client(attributes);
    assert!(client.capabilities().xclient().is_none());
    let recipients = envelope(&["bob@postfix.test", "bob@elsewhere.test"]);
    let outcome = client.send(&recipients, &message::small()).unwrap();
    assert_eq!(codes(&outcome), [250, 554]);
    client.quit();
}

fn x_forward<C: Smtp>(site: &Postfix, door: &Door, mut client: C) {
    let mut attributes = Attributes::new();
    attributes.push("NAME", "laptop.crepes.fr").unwrap();
    attributes.push_address([192, 0, 2, 8].into());
    assert_eq!(client.x_forward(attributes).code().number(), 250);
    send_to(site, door, client, "bob", &message::small());
    let origin = "orig_client=laptop.crepes.fr[192.0.2.8]";
    site.wait_until_logged(&[origin]);
}

/// Sends a message and quits: it arrives as it is, octet for octet. To which address.
fn send_to<C: Smtp>(site: &Postfix, door: &Door, mut client: C, user: &str, message: &[u8]) -> String {
    let recipient = door.fresh(user, Postfix::DOMAIN);
    let outcome = client.send(&envelope(&[&recipient]), message).unwrap();
    assert!(outcome.is_complete_success(), "{outcome:?}");
    client.quit();
    site.wait_until_sent(1, &recipient);
    let arrived = site.stored(user);
    let message = message::unix(message);
    assert!(arrived.iter().any(|arrived| arrived.ends_with(&message)), "{recipient}");
    recipient
}

/// By which Dovecot knows a password.
const MECHANISMS: [Mechanism; 5] = [
    Mechanism::ScramSha256,
    Mechanism::ScramSha1,
    Mechanism::CramMd5,
    Mechanism::Plain,
    Mechanism::Login,
];

/// Octets of a message.
const LIMIT: u64 = 3_000_000;

const MORE: &str = "\
message_size_limit = 3000000
recipient_delimiter = +
";
