//! Our SMTP client, behind both adapters, against smtp-sink and Postfix.

use smtp_proto::client::{Config, Envelope, Outcome, Pipelining};
use smtp_proto::{ForwardPath, Mailbox};

use crate::adapters::{BlockingSmtp, Smtp, TokioSmtp};
use crate::message;
use crate::peers::{PATIENCE, Postfix, Program, SmtpSink, available};

#[test]
fn blocking_sends_to_smtp_sink() {
    sends_to_smtp_sink::<BlockingSmtp>();
}

#[test]
fn tokio_sends_to_smtp_sink() {
    sends_to_smtp_sink::<TokioSmtp>();
}

/// With pipelining, without, and to a server that knows HELO only.
#[track_caller]
fn sends_to_smtp_sink<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    for options in [&[][..], &["-p"], &["-e"]] {
        let sink = SmtpSink::start(options);
        let mut client = C::connect(sink.address(), config());
        assert_eq!(client.capabilities().pipelining(), options.is_empty());
        let sent = [message::small(), message::dotted(), message::large()];
        for message in &sent {
            let outcome = client
                .send(&envelope(&["bob@hamburger.edu", "carol@hamburger.edu"]), message)
                .unwrap();
            assert!(outcome.is_complete_success(), "{outcome:?}");
        }
        client.noop();
        client.quit();

        let mut arrived = sink.transactions();
        arrived.sort_by_key(|transaction| transaction.message.len());
        assert_eq!(arrived.len(), sent.len());
        for (arrived, sent) in arrived.iter().zip(&sent) {
            assert!(arrived.message == message::unix(sent), "{}", arrived.envelope);
            let recipients = "X-Rcpt-Args: <bob@hamburger.edu>\nX-Rcpt-Args: <carol@hamburger.edu>\n";
            assert!(arrived.envelope.contains(recipients), "{}", arrived.envelope);
            assert!(
                arrived.envelope.contains("X-Mail-Args: <alice@crepes.fr>"),
                "{}",
                arrived.envelope
            );
        }
    }
}

#[test]
fn blocking_keeps_eight_bits_from_a_server_of_seven() {
    keeps_eight_bits_from_a_server_of_seven::<BlockingSmtp>();
}

#[test]
fn tokio_keeps_eight_bits_from_a_server_of_seven() {
    keeps_eight_bits_from_a_server_of_seven::<TokioSmtp>();
}

#[track_caller]
fn keeps_eight_bits_from_a_server_of_seven<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    let sink = SmtpSink::start(&["-8"]);
    let mut client = C::connect(sink.address(), config());
    client
        .send(&envelope(&["bob@hamburger.edu"]), &message::eight_bit())
        .unwrap_err();
    let outcome = client
        .send(&envelope(&["bob@hamburger.edu"]), &message::small())
        .unwrap();
    assert!(outcome.is_complete_success(), "{outcome:?}");
    client.quit();
    assert_eq!(sink.transactions().len(), 1);
}

#[test]
fn blocking_sends_a_thousand_recipients() {
    sends_a_thousand_recipients::<BlockingSmtp>();
}

#[test]
fn tokio_sends_a_thousand_recipients() {
    sends_a_thousand_recipients::<TokioSmtp>();
}

/// More commands and replies in flight than small socket buffers hold (RFC 2920 §3.1).
#[track_caller]
fn sends_a_thousand_recipients<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    let sink = SmtpSink::start(&["-T", "1024"]);
    let recipients: Vec<String> = (0..1000)
        .map(|number| format!("recipient-{number:0>40}@hamburger.edu"))
        .collect();
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let mut client = C::connect(sink.address(), config());
    let outcome = client.send(&envelope(&recipients), &message::large()).unwrap();
    assert_eq!(outcome.results().filter(Result::is_ok).count(), recipients.len());
    client.quit();
    let [transaction] = &sink.transactions()[..] else {
        panic!("one was sent")
    };
    assert_eq!(transaction.envelope.matches("X-Rcpt-Args:").count(), recipients.len());
    assert!(transaction.message == message::unix(&message::large()));
}

#[test]
fn blocking_is_refused_by_smtp_sink() {
    is_refused_by_smtp_sink::<BlockingSmtp>();
}

#[test]
fn tokio_is_refused_by_smtp_sink() {
    is_refused_by_smtp_sink::<TokioSmtp>();
}

/// In every stage, softly and hard; the session goes on.
#[track_caller]
fn is_refused_by_smtp_sink<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    for (how, code) in [("-r", 450), ("-f", 500)] {
        for command in ["MAIL", "RCPT", "DATA", "."] {
            let sink = SmtpSink::start(&[how, command]);
            let mut client = C::connect(sink.address(), config());
            for _ in 0..2 {
                let outcome = client
                    .send(&envelope(&["bob@hamburger.edu"]), &message::large())
                    .unwrap();
                assert_eq!(codes(&outcome), [code], "{command}");
            }
            client.quit();
        }
    }
}

#[test]
fn blocking_hears_a_server_that_vanishes() {
    hears_a_server_that_vanishes::<BlockingSmtp>();
}

#[test]
fn tokio_hears_a_server_that_vanishes() {
    hears_a_server_that_vanishes::<TokioSmtp>();
}

#[track_caller]
fn hears_a_server_that_vanishes<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    for command in ["MAIL", "RCPT", "DATA", "."] {
        let sink = SmtpSink::start(&["-q", command]);
        let mut client = C::connect(sink.address(), config());
        let failure = client.send(&envelope(&["bob@hamburger.edu"]), &message::large());
        assert!(failure.is_err(), "{command}: {failure:?}");
    }
}

#[test]
fn blocking_hears_a_refusal_amid_the_message() {
    hears_a_refusal_amid_the_message::<BlockingSmtp>();
}

#[test]
fn tokio_hears_a_refusal_amid_the_message() {
    hears_a_refusal_amid_the_message::<TokioSmtp>();
}

/// The server says 550 behind 354, and reads no further.
#[track_caller]
fn hears_a_refusal_amid_the_message<C: Smtp>() {
    if !available(&[Program::SmtpSink]) {
        return;
    }
    let sink = SmtpSink::start(&["-A", "0"]);
    let mut client = C::connect(sink.address(), config());
    // More than the sockets' buffers hold.
    let message = message::large().repeat(8);
    let outcome = client.send(&envelope(&["bob@hamburger.edu"]), &message);
    match outcome {
        Ok(outcome) => assert_eq!(codes(&outcome), [550]),
        Err(failure) => assert!(failure.contains("550"), "{failure}"),
    }
}

#[test]
fn blocking_sends_to_postfix() {
    sends_to_postfix::<BlockingSmtp>();
}

#[test]
fn tokio_sends_to_postfix() {
    sends_to_postfix::<TokioSmtp>();
}

/// Several recipients, of whom some are refused; with pipelining and without.
#[track_caller]
fn sends_to_postfix<C: Smtp>() {
    if !available(&[Program::Postfix]) {
        return;
    }
    let postfix = Postfix::start();
    let recipients = [
        "nobody@postfix.test",
        "bob@postfix.test",
        "noone@postfix.test",
        "carol@postfix.test",
    ];
    let sent = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    for (number, message) in sent.iter().enumerate() {
        let mut config = config();
        config.pipelining = if number % 2 == 0 {
            Pipelining::Allowed
        } else {
            Pipelining::Never
        };
        let mut client = C::connect(postfix.address(), config);
        assert!(client.capabilities().pipelining() && client.capabilities().eight_bit_mime());
        // Nobody is left: the session goes on.
        let outcome = client
            .send(&envelope(&["nobody@postfix.test", "noone@postfix.test"]), message)
            .unwrap();
        assert_eq!(codes(&outcome), [550, 550]);
        let outcome = client.send(&envelope(&recipients), message).unwrap();
        assert_eq!(codes(&outcome), [550, 250, 550, 250]);
        client.quit();
    }
    assert!(postfix.complaints().is_empty(), "{:#?}", postfix.complaints());
    for user in ["bob", "carol"] {
        postfix.assert_delivered(user, &[&sent[0], &sent[1], &sent[2], &sent[3]]);
    }
}

/// Fails within the tests' patience where the RFC's minutes would only delay the report.
pub(crate) fn config() -> Config {
    let mut config = Config::new("crepes.fr".parse().unwrap());
    let timeouts = &mut config.limits.timeouts;
    [timeouts.greeting, timeouts.command, timeouts.recipient, timeouts.data] = [PATIENCE; 4];
    [timeouts.block, timeouts.message] = [PATIENCE; 2];
    config
}

pub(crate) fn envelope(recipients: &[&str]) -> Envelope {
    let sender: Mailbox = "alice@crepes.fr".parse().unwrap();
    let recipients = recipients
        .iter()
        .map(|recipient| ForwardPath::from(Mailbox::parse_utf8(recipient).unwrap()));
    Envelope::new(sender, recipients).unwrap()
}

/// The code that decided about each recipient.
pub(crate) fn codes(outcome: &Outcome) -> Vec<u16> {
    let reply = |result: Result<_, smtp_proto::client::Failure>| result.or_else(|failure| failure.reply.ok_or(()));
    outcome
        .results()
        .map(|result| reply(result).map_or(0, |reply| reply.code().number()))
        .collect()
}
