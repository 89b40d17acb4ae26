//! Servers that lie, and people in the middle: docs/threats.md row 19.

use crate::support::{From, Host, PASSWORD, USER, bent, client, credentials, options, run, tls};
use mail_sasl::{
    Channel, Client, ClientError, Credentials, Failure, Mechanism, Nonce, Policy, ScramError, ServerStep, Syntax,
    Unusable, Why,
};

const SCRAM: Mechanism = Mechanism::ScramSha256;

fn scram() -> Client {
    client(SCRAM, &credentials(SCRAM), &Channel::plaintext())
}

/// What a client says to the server's first message.
fn first(challenge: &str) -> Result<(), ClientError> {
    scram().respond(challenge.as_bytes()).map(drop)
}

#[test]
fn iterations() {
    let ask = |n: &str| first(&format!("r=of-the-client+x,s=YWJjZA==,i={n}"));
    assert_eq!(ask("4096"), Ok(()));
    assert_eq!(
        ask("4095"),
        Err(ClientError::TooFewIterations {
            asked: 4095,
            limit: 4096
        })
    );
    assert_eq!(ask("1"), Err(ClientError::TooFewIterations { asked: 1, limit: 4096 }));
    assert_eq!(
        ask("1000001"),
        Err(ClientError::TooManyIterations {
            asked: 1_000_001,
            limit: 1_000_000
        })
    );
    assert_eq!(
        ask("4294967296"),
        Err(ClientError::TooManyIterations {
            asked: 1 << 32,
            limit: 1_000_000
        })
    );
    assert_eq!(
        ask("99999999999999999999999"),
        Err(ClientError::TooManyIterations {
            asked: u64::MAX,
            limit: 1_000_000
        })
    );
    for n in ["0", "-1", "04096", "4e9", ""] {
        assert!(
            matches!(
                ask(n),
                Err(ClientError::Syntax(Syntax {
                    expected: "a number of iterations",
                    ..
                }))
            ),
            "{n}"
        );
    }
    let mut options = options();
    options.most_iterations = 5000;
    let mut client = Client::with_options(SCRAM, &credentials(SCRAM), &Channel::plaintext(), options).unwrap();
    let error = client.respond(b"r=of-the-client+x,s=YWJjZA==,i=5001").map(drop);
    assert_eq!(
        error,
        Err(ClientError::TooManyIterations {
            asked: 5001,
            limit: 5000
        })
    );
}

#[test]
fn nonces() {
    for nonce in [
        "x",
        "of-the-clien",
        "of-the-client",
        "Of-the-client+x",
        "x+of-the-client",
    ] {
        assert_eq!(
            first(&format!("r={nonce},s=YWJjZA==,i=4096")),
            Err(ClientError::WrongNonce),
            "{nonce}"
        );
    }
}

#[test]
fn extensions_and_errors() {
    assert_eq!(
        first("m=x,r=of-the-client+x,s=YWJjZA==,i=4096"),
        Err(ClientError::Extension)
    );
    assert_eq!(
        first("e=unknown-user"),
        Err(ClientError::Refused(ScramError::UnknownUser))
    );
    assert_eq!(first("e=new-error"), Err(ClientError::Refused(ScramError::Other)));
    let mut client = scram();
    assert!(client.respond(b"r=of-the-client+x,s=YWJjZA==,i=4096").is_ok());
    let refused = ClientError::Refused(ScramError::InvalidProof);
    assert_eq!(client.respond(b"e=invalid-proof"), Err(refused.clone()));
    assert_eq!(
        (client.refusal(), client.finish(None)),
        (Some(refused.clone()), Err(refused))
    );
}

#[test]
fn success_without_a_signature() {
    assert_eq!(scram().finish(None), Err(ClientError::Unverified));
    assert_eq!(scram().finish(Some(b"v=AAAA")), Err(ClientError::Unverified));
    let begun = || {
        let mut client = scram();
        assert!(client.respond(b"r=of-the-client+x,s=YWJjZA==,i=4096").is_ok());
        client
    };
    assert_eq!(begun().finish(None), Err(ClientError::Unverified));
    assert_eq!(begun().finish(Some(b"v=AAAA")), Err(ClientError::WrongSignature));
    assert_eq!(begun().finish(Some(b"v=")), Err(ClientError::WrongSignature));
    let mut client = begun();
    assert_eq!(client.respond(b"v=AAAA"), Err(ClientError::WrongSignature));
    assert_eq!(client.finish(None), Err(ClientError::WrongSignature), "even after OK");
}

#[test]
fn a_signature_can_come_with_success() {
    let host = Host::with_everything();
    let (mut client, mut server) = (scram(), host.server(SCRAM, &Channel::plaintext()));
    let mut step = server.start(client.initial_response().as_ref().map(|first| first.expose()));
    let last = loop {
        step = match step {
            ServerStep::Lookup(lookup) => server.answer(host.answer(&lookup)),
            ServerStep::Challenge(last) if last.starts_with(b"v=") => break last,
            ServerStep::Challenge(challenge) => server.step(client.respond(&challenge).unwrap().expose()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(client.finish(Some(&last)), Ok(()));
}

#[test]
fn success_too_early() {
    for mechanism in [Mechanism::Login, Mechanism::CramMd5] {
        let mut client = client(mechanism, &credentials(mechanism), &tls());
        assert_eq!(client.finish(None), Err(ClientError::TooEarly), "{mechanism}");
    }
    let mut client = client(Mechanism::Login, &credentials(Mechanism::Login), &tls());
    assert!(client.respond(b"").is_ok());
    assert_eq!(client.finish(None), Err(ClientError::TooEarly));
}

#[test]
fn challenges_without_end() {
    for mechanism in Mechanism::ALL {
        let mut client = client(mechanism, &credentials(mechanism), &tls());
        assert_eq!(
            client.respond(&vec![b'x'; 65_537]),
            Err(ClientError::TooLong),
            "{mechanism}"
        );
        let mut client = crate::support::client(mechanism, &credentials(mechanism), &tls());
        let answered = (0..10).filter(|_| client.respond(b"").is_ok()).count();
        assert!(answered <= 2, "{mechanism} answered {answered} times");
    }
}

/// Somebody in the middle hides what binds to the channel (RFC 5802 §6).
#[test]
fn hidden_mechanisms_are_noticed() {
    let host = Host::with_everything();
    let offered = host.config.offer(&tls());
    let names = |hide: bool| {
        let shown = offered.iter().filter(move |mechanism| !(hide && mechanism.is_plus()));
        shown.map(|mechanism| mechanism.as_str()).collect::<Vec<_>>()
    };
    let credentials = credentials(SCRAM);
    let mut client = Policy::default().start(names(false), &credentials, &tls()).unwrap();
    assert_eq!(client.mechanism(), Mechanism::ScramSha512Plus);
    assert!(
        run(
            &host,
            &mut client,
            &mut host.server(Mechanism::ScramSha512Plus, &tls()),
            true
        )
        .is_success()
    );

    let mut client = Policy::default().start(names(true), &credentials, &tls()).unwrap();
    assert_eq!(client.mechanism(), Mechanism::ScramSha512);
    assert!(client.initial_response().unwrap().expose().starts_with(b"y,,"));
    let end = run(
        &host,
        &mut client,
        &mut host.server(Mechanism::ScramSha512, &tls()),
        true,
    );
    assert_eq!(end.server, Err(Some(Failure::Downgrade)));

    // And to bend the flag does not help.
    let mut client = Policy::default().start(names(true), &credentials, &tls()).unwrap();
    let mut server = host.server(Mechanism::ScramSha512, &tls());
    let end = bent(&host, &mut client, &mut server, true, |_, mut message| {
        if message.starts_with(b"y,") {
            message[0] = b'n';
        }
        message
    });
    assert_eq!(end.server, Err(Some(Failure::ChannelBinding)));

    // Who does not want to bind although it is offered says so, and is served.
    let mut client = Policy::only(&[SCRAM])
        .start(names(false), &credentials, &tls())
        .unwrap();
    assert!(client.initial_response().unwrap().expose().starts_with(b"n,,"));
    assert!(run(&host, &mut client, &mut host.server(SCRAM, &tls()), true).is_success());

    // A server that has nothing to bind to is no downgrade.
    let mut client = Policy::default()
        .start(["SCRAM-SHA-256"], &credentials, &tls())
        .unwrap();
    assert!(run(&host, &mut client, &mut host.server(SCRAM, &Channel::secured()), true).is_success());
}

#[test]
fn flags_that_do_not_fit_the_mechanism() {
    let host = Host::with_everything();
    for (mechanism, flag, failure) in [
        (Mechanism::ScramSha256Plus, "n", Failure::ChannelBinding),
        (Mechanism::ScramSha256Plus, "y", Failure::ChannelBinding),
        (Mechanism::ScramSha256Plus, "p=tls-unique", Failure::ChannelBindingType),
        (SCRAM, "p=tls-exporter", Failure::ChannelBinding),
        (SCRAM, "y", Failure::Downgrade),
    ] {
        let mut server = host.server(mechanism, &tls());
        let first = format!("{flag},,n={USER},r=x");
        assert_eq!(
            server.start(Some(first.as_bytes())),
            ServerStep::Failed(failure),
            "{mechanism} {flag}"
        );
    }
    let mut server = host.server(SCRAM, &tls());
    assert_eq!(
        server.start(Some(b"n,,m=x,n=alice,r=x")),
        ServerStep::Failed(Failure::Extension)
    );
}

/// docs/threats.md row 6, too: no secret in plaintext unless it is asked for by name.
#[test]
fn no_secret_in_plaintext() {
    let all = || Mechanism::ALL.into_iter().map(Mechanism::as_str);
    for credentials in [Mechanism::Plain, Mechanism::OauthBearer].map(credentials) {
        for only in Mechanism::ALL {
            let chosen = Policy::only(&[only]).choose(all(), &credentials, &Channel::plaintext());
            assert!(chosen.is_err() || !only.sends_secret(), "{only}");
        }
        let refused = Policy::default().choose(["LOGIN", "PLAIN", "XOAUTH2"], &credentials, &Channel::plaintext());
        let whys = refused.unwrap_err().passed_over;
        assert!(whys.iter().any(|passed| passed.why == Why::Plaintext));
        // One that is allowed does not allow another.
        let lax = Policy::default()
            .allow_plaintext(Mechanism::Login)
            .allow_plaintext(Mechanism::Xoauth2);
        let chosen = lax.choose(["PLAIN", "OAUTHBEARER"], &credentials, &Channel::plaintext());
        assert!(chosen.is_err());
        assert!(
            lax.choose(["LOGIN", "XOAUTH2"], &credentials, &Channel::plaintext())
                .is_ok()
        );
    }
}

#[test]
fn why_each_was_passed_over() {
    let credentials = Credentials::password(USER, "p\u{7f}")
        .unwrap()
        .authorize_as("bob")
        .unwrap();
    let offered = [
        "GSSAPI",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-1",
        "CRAM-MD5",
        "EXTERNAL",
        "PLAIN",
        "x\x1b[2J\u{202e}",
    ];
    let error = Policy::default()
        .choose(offered, &credentials, &Channel::plaintext())
        .unwrap_err();
    let whys: Vec<_> = error.passed_over.iter().map(|passed| passed.why).collect();
    assert_eq!(whys[0], Why::Unknown);
    assert_eq!(whys[1], Why::Unusable(Unusable::NoChannelBinding));
    assert!(matches!(whys[2], Why::Unusable(Unusable::Prep(_))));
    assert_eq!(whys[3], Why::Unusable(Unusable::NoAuthorization));
    assert_eq!(whys[4], Why::Unusable(Unusable::WrongCredentials));
    assert_eq!(whys[5], Why::Plaintext);
    // docs/threats.md row 30
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(
            shown.contains("GSSAPI") && !shown.contains('\x1b') && !shown.contains('\u{202e}'),
            "{shown}"
        );
    }
    // What cannot be prepared can still be sent as it is, where nobody overhears it.
    let chosen = Policy::default().choose(offered, &credentials, &Channel::secured());
    assert_eq!(chosen, Ok(Mechanism::Plain));
}

/// docs/threats.md row 11
#[test]
fn many_offers_cost_little() {
    let names = std::iter::repeat_n("NONSENSE-WITH-A-VERY-LONG-NAME", 1_000_000);
    let error = Policy::default()
        .choose(names, &credentials(SCRAM), &tls())
        .unwrap_err();
    assert_eq!(error.passed_over.len(), 64);
    assert!(error.passed_over.iter().all(|passed| passed.name.len() == 20));
}

/// Each message of each exchange with one bit flipped: nobody is taken for somebody, and nothing panics.
#[test]
fn flipped_bits_never_succeed() {
    let host = Host::with_everything();
    for mechanism in [
        Mechanism::ScramSha256Plus,
        SCRAM,
        Mechanism::CramMd5,
        Mechanism::Plain,
        Mechanism::Login,
    ] {
        let channel = if mechanism.is_plus() { tls() } else { Channel::secured() };
        let mut lengths = Vec::new();
        flip(&host, mechanism, &channel, |_, message| {
            lengths.push(message.len());
            message
        });
        for (message, length) in lengths.into_iter().enumerate() {
            for bit in sampled(length * 8) {
                let mut count = 0;
                let mut question = false;
                let success = flip(&host, mechanism, &channel, |from, mut octets| {
                    if count == message {
                        octets[bit / 8] ^= 1 << (bit % 8);
                        // What LOGIN asks is text for people, and nothing depends on it.
                        question = mechanism == Mechanism::Login && from == From::Server;
                    }
                    count += 1;
                    octets
                });
                assert_eq!(success, question, "{mechanism}, message {message}, bit {bit}");
            }
        }
    }
}

/// All bits of short messages; of long ones a number that keeps the derivations few.
fn sampled(bits: usize) -> impl Iterator<Item = usize> {
    (0..bits).step_by(if bits > 200 { 7 } else { 1 })
}

fn flip(host: &Host, mechanism: Mechanism, channel: &Channel, bend: impl FnMut(From, Vec<u8>) -> Vec<u8>) -> bool {
    let mut client = client(mechanism, &Credentials::password(USER, PASSWORD).unwrap(), channel);
    bent(host, &mut client, &mut host.server(mechanism, channel), true, bend).is_success()
}

/// Where the message is a token, some octets say nothing (the case of `Bearer`, the host): never is it somebody else.
#[test]
fn flipped_bits_of_tokens_name_nobody_else() {
    let host = Host::with_everything();
    for mechanism in [
        Mechanism::OauthBearer,
        Mechanism::Xoauth2,
        Mechanism::External,
        Mechanism::Anonymous,
    ] {
        let length = client(mechanism, &credentials(mechanism), &tls())
            .initial_response()
            .unwrap()
            .expose()
            .len();
        for bit in 0..length * 8 {
            let mut client = client(mechanism, &credentials(mechanism), &tls());
            let mut server = host.server(mechanism, &tls());
            let end = bent(&host, &mut client, &mut server, true, |from, mut octets| {
                if from == From::Client && octets.len() == length {
                    octets[bit / 8] ^= 1 << (bit % 8);
                }
                octets
            });
            let who = end.server.ok().and_then(|identity| identity.user().cloned());
            assert!(who.is_none_or(|who| who.as_str() == USER), "{mechanism}, bit {bit}");
        }
    }
}

#[test]
fn replayed_responses_fail() {
    let host = Host::with_everything();
    let mut heard = Vec::new();
    let mut overheard = scram();
    let end = bent(
        &host,
        &mut overheard,
        &mut host.server(SCRAM, &Channel::plaintext()),
        true,
        |from, message| {
            if from == From::Client {
                heard.push(message.clone());
            }
            message
        },
    );
    assert!(end.is_success());
    let nonce = Nonce::fixed("of-another-exchange").unwrap();
    let mut server = mail_sasl::Server::with_nonce(SCRAM, &host.config, &Channel::plaintext(), nonce).unwrap();
    let ServerStep::Lookup(lookup) = server.start(Some(&heard[0])) else {
        panic!()
    };
    assert!(matches!(server.answer(host.answer(&lookup)), ServerStep::Challenge(_)));
    assert_eq!(server.step(&heard[1]), ServerStep::Failed(Failure::WrongNonce));
}
