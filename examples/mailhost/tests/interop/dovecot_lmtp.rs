//! Our client, behind both adapters, delivers to Dovecot by LMTP and makes use of each extension that Dovecot lists, over
//! TLS that was asked for and over TLS from the first octet.

use mail_tls::Tls;
use smtp_proto::client::{Chunking, Envelope, Protocol, Recipient};
use smtp_proto::{Attributes, Mailbox, ParameterList, Verb};

use crate::adapters::{BlockingSmtp, Smtp, TokioSmtp};
use crate::doors::{Door, keywords, sorted};
use crate::message;
use crate::our_smtp::{codes, config, envelope};
use crate::peers::{DovecotLmtp, Program, Trust, available};

#[test]
fn blocking_uses_each_extension_of_dovecot() {
    uses_each_extension_of_dovecot::<BlockingSmtp>();
}

#[test]
fn tokio_uses_each_extension_of_dovecot() {
    uses_each_extension_of_dovecot::<TokioSmtp>();
}

/// What a keyword stands for, done.
type Trial<C> = fn(&DovecotLmtp, &Door, C);

/// Each keyword has its trial, so that one more in the next Dovecot fails here until it has one, too.
#[track_caller]
fn uses_each_extension_of_dovecot<C: Smtp>() {
    if !available(&[Program::DovecotLmtp]) {
        return;
    }
    let trust = Trust::new();
    let [chain, key] = trust.pems("lmtp.dovecot.test");
    let dovecot = DovecotLmtp::start(&chain, &key);
    let trials: [(&str, Trial<C>); 6] = [
        ("8BITMIME", eight_bit_mime),
        ("CHUNKING", chunking),
        ("ENHANCEDSTATUSCODES", enhanced_status_codes),
        ("PIPELINING", pipelining),
        ("XCLIENT", x_client),
        ("XRCPTFORWARD", x_rcpt_forward),
    ];
    let tried = trials.map(|(keyword, _)| keyword);
    // STARTTLS is tried by each connection to its door.
    let mut plaintext = config();
    plaintext.protocol = Protocol::Lmtp;
    let plain = C::connect(dovecot.lmtp(), plaintext);
    assert_eq!(keywords(&plain), sorted(tried.into_iter().chain(["STARTTLS"])));
    plain.quit();
    let doors = [
        ("starttls", dovecot.lmtp(), Tls::required()),
        ("implicit", dovecot.lmtps(), Tls::implicit()),
    ];
    for (name, address, tls) in doors {
        let door = Door::new(name, Protocol::Lmtp, address, trust.tls(tls));
        let mut client: C = door.connect();
        assert_eq!(keywords(&client), sorted(tried), "{name}");
        client.noop();
        client.quit();
        for (keyword, trial) in trials {
            eprintln!("{keyword} over {name}");
            trial(&dovecot, &door, door.connect());
        }
        replies_for_each_recipient::<C>(&dovecot, &door);
    }
}

fn eight_bit_mime<C: Smtp>(dovecot: &DovecotLmtp, door: &Door, client: C) {
    send_to(dovecot, door, client, &message::eight_bit());
}

fn chunking<C: Smtp>(dovecot: &DovecotLmtp, door: &Door, client: C) {
    client.quit();
    let client = door.connect_as::<C>(|config| config.chunking = Chunking::Always);
    send_to(dovecot, door, client, &message::large());
}

fn enhanced_status_codes<C: Smtp>(_: &DovecotLmtp, _: &Door, mut client: C) {
    let outcome = client
        .send(&envelope(&["nobody@dovecot.test"]), &message::small())
        .unwrap();
    let failure = outcome.results().next().unwrap().unwrap_err();
    assert_eq!(failure.enhanced().unwrap().to_string(), "5.1.1");
    client.quit();
}

/// Four commands in one piece; their replies in order.
fn pipelining<C: Smtp>(_: &DovecotLmtp, _: &Door, mut client: C) {
    let none = ParameterList::new();
    let mailbox = |name: &str| name.parse::<Mailbox>().unwrap();
    let machine = client.machine();
    machine.mail(&mailbox("alice@crepes.fr").into(), &none).unwrap();
    machine
        .recipient(&mailbox("nobody@dovecot.test").into(), &none)
        .unwrap();
    machine.recipient(&mailbox("bob@dovecot.test").into(), &none).unwrap();
    machine.reset().unwrap();
    let replies = [Verb::Mail, Verb::Rcpt, Verb::Rcpt, Verb::Rset].map(|verb| client.reply(verb).code().number());
    assert_eq!(replies, [250, 550, 250, 250]);
    client.quit();
}

fn x_client<C: Smtp>(dovecot: &DovecotLmtp, door: &Door, mut client: C) {
    let mut attributes = Attributes::new();
    attributes.push_address([192, 0, 2, 7].into());
    attributes.push("HELO", "laptop.crepes.fr").unwrap();
    client.x_client(attributes);
    send_to(dovecot, door, client, &message::small());
    dovecot.wait_until_logged("192.0.2.7");
}

/// What one Dovecot wants another to know about a recipient, in base64.
fn x_rcpt_forward<C: Smtp>(dovecot: &DovecotLmtp, door: &Door, mut client: C) {
    let mut parameters = ParameterList::new();
    parameters.push("XRCPTFORWARD", Some("Y29sb3VyPWJsdWU=")).unwrap_err();
    parameters.push("XRCPTFORWARD", Some("Y29sb3VyPWJsdWUh")).unwrap();
    let bob = door.fresh("bob", DovecotLmtp::DOMAIN).parse::<Mailbox>().unwrap();
    let bob = Recipient::from(bob).with_parameters(parameters);
    let envelope = Envelope::new("alice@crepes.fr".parse::<Mailbox>().unwrap(), [bob]).unwrap();
    let before = dovecot.mail_of("bob").len();
    assert_eq!(codes(&client.send(&envelope, &message::small()).unwrap()), [250]);
    assert_eq!(dovecot.mail_of("bob").len(), before + 1);
    client.quit();
}

/// One reply each behind the message, by DATA and by BDAT: for who is known, for who has no room left, and none for who is
/// not known (RFC 2033 §4.2).
fn replies_for_each_recipient<C: Smtp>(dovecot: &DovecotLmtp, door: &Door) {
    let full = format!("{}@dovecot.test", DovecotLmtp::FULL);
    for how in [Chunking::Never, Chunking::Always] {
        let mut client = door.connect_as::<C>(|config| config.chunking = how);
        let recipients = [
            "nobody@dovecot.test",
            "bob@dovecot.test",
            &full,
            "noone@dovecot.test",
            "carol@dovecot.test",
        ];
        let outcome = client.send(&envelope(&recipients), &message::large()).unwrap();
        assert_eq!(codes(&outcome), [550, 250, 552, 550, 250]);
        let refused: Vec<_> = outcome
            .results()
            .map(|result| result.err().and_then(|failure| failure.enhanced()))
            .map(|code| code.map(|code| code.to_string()))
            .collect();
        let expected = [Some("5.1.1"), None, Some("5.2.2"), Some("5.1.1"), None];
        assert_eq!(refused, expected.map(|code| code.map(str::to_owned)));
        // The session goes on.
        let outcome = client.send(&envelope(&[&full, "bob@dovecot.test"]), &message::dotted());
        assert_eq!(codes(&outcome.unwrap())[1], 250);
        client.quit();
        for user in DovecotLmtp::USERS {
            assert!(holds(dovecot, user, &message::large()), "{user}");
        }
        assert!(holds(dovecot, "bob", &message::dotted()));
    }
}

/// Sends a message to bob and quits: it arrives as it is, octet for octet.
fn send_to<C: Smtp>(dovecot: &DovecotLmtp, door: &Door, mut client: C, message: &[u8]) {
    let recipient = door.fresh("bob", DovecotLmtp::DOMAIN);
    let outcome = client.send(&envelope(&[&recipient]), message).unwrap();
    assert_eq!(codes(&outcome), [250]);
    client.quit();
    assert!(holds(dovecot, "bob", message), "{recipient}");
}

fn holds(dovecot: &DovecotLmtp, user: &str, message: &[u8]) -> bool {
    let message = message::unix(message);
    dovecot.mail_of(user).iter().any(|arrived| arrived.ends_with(&message))
}
