//! Client against server, by every mechanism.

use std::sync::Arc;

use crate::support::{ADMIN, Host, PASSWORD, TOKEN, USER, client, credentials, name, options, run, tls};
use mail_sasl::{
    Account, Answer, Channel, ChannelBinding, Client, ClientError, Credentials, Failure, Hash, Identity, Lookup,
    Mechanism, Nonce, Secret, SecretKind, Server, ServerConfig, ServerStep, StoredKeys,
};

fn user(authcid: &str, authzid: Option<&str>) -> Identity {
    Identity::User {
        authcid: name(authcid),
        authzid: authzid.map(name),
    }
}

#[test]
fn all_mechanisms_succeed() {
    let host = Host::with_everything();
    for mechanism in Mechanism::ALL {
        for initial in [true, false] {
            let channel = if mechanism.is_plus() {
                tls()
            } else {
                tls().without_bindings()
            };
            let mut client = client(mechanism, &credentials(mechanism), &channel);
            let end = run(&host, &mut client, &mut host.server(mechanism, &tls()), initial);
            assert_eq!(end.client, Ok(()), "{mechanism}");
            let identity = end.server.unwrap();
            assert_eq!(
                identity.user().is_none(),
                mechanism == Mechanism::Anonymous,
                "{mechanism}"
            );
        }
    }
}

#[test]
fn scram_is_bound_to_the_channel() {
    for hash in Hash::ALL {
        let host = Host::with_keys(hash);
        let plus = Mechanism::ALL
            .into_iter()
            .find(|m| m.is_plus() && m.hash() == Some(hash))
            .unwrap();
        for binding in tls().bindings() {
            let channel = Channel::secured().with_binding(binding.clone());
            let mut client = client(plus, &credentials(plus), &channel);
            let end = run(&host, &mut client, &mut host.server(plus, &tls()), true);
            assert_eq!((end.client, end.server), (Ok(()), Ok(user(USER, None))));
        }
        // Somebody in the middle has a channel to each end.
        let other = Channel::secured().with_binding(ChannelBinding::TlsExporter(vec![8; 32]));
        let mut client = client(plus, &credentials(plus), &other);
        let end = run(&host, &mut client, &mut host.server(plus, &tls()), true);
        assert_eq!(end.server, Err(Some(Failure::ChannelBinding)));
        assert!(end.client.is_err());
    }
}

/// RFC 5802 §5 and RFC 7677 §3, octet by octet.
#[test]
fn exchanges_of_the_rfcs() {
    type Exchange = (Mechanism, Hash, &'static str, &'static str, [&'static str; 4]);
    let exchanges: [Exchange; 2] = [
        (
            Mechanism::ScramSha1,
            Hash::Sha1,
            "fyko+d2lbbFgONRv9qkxdawL",
            "3rfcNHYJY1ZVvWVs7j",
            [
                "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ],
        ),
        (
            Mechanism::ScramSha256,
            Hash::Sha256,
            "rOprNGfwEbeRWgbNEkqO",
            "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            [
                "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ],
        ),
    ];
    for (mechanism, hash, client_nonce, server_nonce, messages) in exchanges {
        let salt = messages[1]
            .split(",s=")
            .nth(1)
            .and_then(|rest| rest.split(',').next())
            .unwrap();
        let derived = StoredKeys::derive_with(hash, &Secret::from("pencil"), &unbase64(salt), 4096).unwrap();
        let config = Arc::new(ServerConfig::new(&[SecretKind::Keys(hash)]).unwrap());
        let nonce = Nonce::fixed(server_nonce).unwrap();
        let mut server = Server::with_nonce(mechanism, &config, &Channel::plaintext(), nonce).unwrap();
        let mut options = options();
        options.nonce = Nonce::fixed(client_nonce);
        let pencil = Credentials::password("user", "pencil").unwrap();
        let mut client = Client::with_options(mechanism, &pencil, &Channel::plaintext(), options).unwrap();

        let first = client.initial_response().unwrap();
        assert_eq!(str::from_utf8(first.expose()), Ok(messages[0]));
        let ServerStep::Lookup(Lookup::Stored { user, .. }) = server.start(Some(first.expose())) else {
            panic!()
        };
        assert_eq!(user.as_str(), "user");
        let challenge = server.answer(Answer::Found(Account::with_keys(derived)));
        assert_eq!(challenge, ServerStep::Challenge(messages[1].into()));
        let last = client.respond(messages[1].as_bytes()).unwrap();
        assert_eq!(str::from_utf8(last.expose()), Ok(messages[2]));
        assert_eq!(server.step(last.expose()), ServerStep::Challenge(messages[3].into()));
        assert!(client.respond(messages[3].as_bytes()).unwrap().expose().is_empty());
        assert!(matches!(server.step(b""), ServerStep::Done(_)));
        assert_eq!(client.finish(None), Ok(()));
    }
}

fn unbase64(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = text
        .bytes()
        .filter_map(|octet| digits.iter().position(|&digit| digit == octet));
    let bits: Vec<u8> = bits
        .flat_map(|value| (0..6).rev().map(move |bit| (value >> bit & 1) as u8))
        .collect();
    bits.chunks_exact(8)
        .map(|octet| octet.iter().fold(0, |acc, bit| acc << 1 | bit))
        .collect()
}

#[test]
fn wrong_passwords_and_tokens_fail() {
    let host = Host::with_everything();
    for mechanism in Mechanism::ALL
        .into_iter()
        .filter(|m| m.needs_password() && !m.is_plus())
    {
        for (user, password) in [
            (USER, "wrong horse"),
            (USER, "correct hors"),
            ("nobody", PASSWORD),
            ("Alice", PASSWORD),
        ] {
            let credentials = Credentials::password(user, password).unwrap();
            let mut client = client(mechanism, &credentials, &Channel::secured());
            let end = run(
                &host,
                &mut client,
                &mut host.server(mechanism, &Channel::secured()),
                true,
            );
            assert_eq!(
                end.server,
                Err(Some(Failure::InvalidCredentials)),
                "{mechanism} {user} {password}"
            );
        }
    }
    for mechanism in [Mechanism::OauthBearer, Mechanism::Xoauth2] {
        let credentials = Credentials::bearer(USER, "expired").unwrap();
        let mut client = client(mechanism, &credentials, &tls());
        let end = run(&host, &mut client, &mut host.server(mechanism, &tls()), true);
        assert_eq!(end.server, Err(Some(Failure::InvalidCredentials)));
        let Err(ClientError::Token(error)) = end.client else {
            panic!("{mechanism} {:?}", end.client)
        };
        assert_eq!(error.status(), "invalid_token");
        assert!(client.finish(None).is_err(), "no success behind a refusal");
    }
}

#[test]
fn acting_for_somebody_else() {
    let host = Host::with_everything();
    for mechanism in Mechanism::ALL
        .into_iter()
        .filter(|m| m.needs_password() && m.takes_authorization() && !m.is_plus())
    {
        for (who, whom, expected) in [
            (ADMIN, "bob", Ok(user(ADMIN, Some("bob")))),
            (ADMIN, ADMIN, Ok(user(ADMIN, None))),
            (ADMIN, "carol", Err(Some(Failure::NotAuthorized))),
            (USER, "bob", Err(Some(Failure::NotAuthorized))),
        ] {
            let credentials = Credentials::password(who, PASSWORD)
                .unwrap()
                .authorize_as(whom)
                .unwrap();
            let mut client = client(mechanism, &credentials, &Channel::secured());
            let end = run(
                &host,
                &mut client,
                &mut host.server(mechanism, &Channel::secured()),
                true,
            );
            assert_eq!(end.server, expected, "{mechanism} {who} {whom}");
        }
    }
}

#[test]
fn a_token_of_somebody_else_needs_permission() {
    let host = Host::with_everything();
    for mechanism in [Mechanism::OauthBearer, Mechanism::Xoauth2] {
        let credentials = Credentials::bearer("bob", TOKEN).unwrap();
        let end = run(
            &host,
            &mut client(mechanism, &credentials, &tls()),
            &mut host.server(mechanism, &tls()),
            true,
        );
        assert_eq!(end.server, Err(Some(Failure::NotAuthorized)), "{mechanism}");
    }
}

#[test]
fn names_are_prepared() {
    let host = Host::with_everything();
    for mechanism in [
        Mechanism::Plain,
        Mechanism::Login,
        Mechanism::CramMd5,
        Mechanism::ScramSha256,
    ] {
        let credentials = Credentials::password("al\u{ad}i\u{ff43}e", PASSWORD).unwrap();
        let mut client = client(mechanism, &credentials, &Channel::secured());
        let end = run(
            &host,
            &mut client,
            &mut host.server(mechanism, &Channel::secured()),
            true,
        );
        assert_eq!(end.server, Ok(user(USER, None)), "{mechanism}");
    }
}

#[test]
fn escaped_names_reach_the_application() {
    let mut host = Host::with_keys(Hash::Sha256);
    let account = host.accounts[USER].clone();
    host.accounts.insert("a=b,c".into(), account);
    let credentials = Credentials::password("a=b,c", PASSWORD).unwrap();
    let mut client = client(Mechanism::ScramSha256, &credentials, &Channel::plaintext());
    let end = run(
        &host,
        &mut client,
        &mut host.server(Mechanism::ScramSha256, &Channel::plaintext()),
        true,
    );
    assert_eq!(end.server, Ok(user("a=b,c", None)));
}

/// Nobody learns from the first answer who has an account.
#[test]
fn users_who_do_not_exist_have_a_salt() {
    for host in [Host::with_everything(), Host::with_keys(Hash::Sha256)] {
        let salt = |user: &str, hint: &str| {
            let mut server = host.server(Mechanism::ScramSha256, &Channel::plaintext());
            let first = format!("n,,n={user},r={hint}");
            let ServerStep::Lookup(lookup) = server.start(Some(first.as_bytes())) else {
                panic!()
            };
            let ServerStep::Challenge(challenge) = server.answer(host.answer(&lookup)) else {
                panic!()
            };
            let challenge = String::from_utf8(challenge).unwrap();
            challenge.split_once(",s=").unwrap().1.to_owned()
        };
        assert_eq!(salt("nobody", "x"), salt("nobody", "y"), "it stays");
        assert_ne!(salt("nobody", "x"), salt("noone", "x"), "it is the user's");
        assert_eq!(salt(USER, "x"), salt(USER, "y"));
        let form = |salt: String| (salt.len(), salt.ends_with(",i=4096"));
        assert!(form(salt("nobody", "x")).1 && form(salt(USER, "x")).1);
    }
}

#[test]
fn the_application_can_be_unavailable() {
    let host = Host::with_everything();
    for mechanism in [
        Mechanism::Plain,
        Mechanism::Login,
        Mechanism::CramMd5,
        Mechanism::ScramSha1,
        Mechanism::Xoauth2,
    ] {
        let (mut client, mut server) = (
            client(mechanism, &credentials(mechanism), &Channel::secured()),
            host.server(mechanism, &tls()),
        );
        let mut step = server.start(None);
        while let ServerStep::Challenge(challenge) = step {
            step = server.step(client.respond(&challenge).unwrap().expose());
        }
        assert!(matches!(step, ServerStep::Lookup(_)), "{mechanism}");
        assert_eq!(
            server.answer(Answer::Unavailable),
            ServerStep::Failed(Failure::Unavailable)
        );
        assert!(Failure::Unavailable.is_temporary());
        assert_eq!(
            server.step(b""),
            ServerStep::Failed(Failure::Unavailable),
            "failures stay"
        );
    }
}

#[test]
fn other_checks_of_passwords() {
    let config = Arc::new(ServerConfig::new(&[SecretKind::Check]).unwrap());
    for (answer, right) in [(Answer::Yes, true), (Answer::No, false), (Answer::Unknown, false)] {
        let mut server = Server::new(Mechanism::Plain, &config, &Channel::secured()).unwrap();
        assert!(matches!(
            server.start(Some(b"\0a\0b")),
            ServerStep::Lookup(Lookup::Verify { .. })
        ));
        let step = server.answer(answer);
        assert_eq!(matches!(step, ServerStep::Done(_)), right, "{step:?}");
    }
}

#[test]
fn calls_out_of_order_fail() {
    let host = Host::with_everything();
    for mechanism in Mechanism::ALL {
        let fresh = || host.server(mechanism, &tls());
        assert_eq!(fresh().step(b""), ServerStep::Failed(Failure::Misuse), "{mechanism}");
        assert_eq!(
            fresh().answer(Answer::Yes),
            ServerStep::Failed(Failure::Misuse),
            "{mechanism}"
        );
        let mut server = fresh();
        let _ = server.start(None);
        assert_eq!(server.start(None), ServerStep::Failed(Failure::Misuse), "{mechanism}");
        let mut server = fresh();
        let _ = server.start(None);
        assert_eq!(
            server.answer(Answer::Yes),
            ServerStep::Failed(Failure::Misuse),
            "{mechanism}"
        );
    }
    let mut server = host.server(Mechanism::Plain, &tls());
    assert!(matches!(server.start(Some(b"\0a\0b")), ServerStep::Lookup(_)));
    assert_eq!(
        server.step(b"\0a\0b"),
        ServerStep::Failed(Failure::Misuse),
        "a lookup is open"
    );
    assert_eq!(server.answer(Answer::Yes), ServerStep::Failed(Failure::Misuse));
}

#[test]
fn initial_responses() {
    let host = Host::with_everything();
    let mut server = host.server(Mechanism::CramMd5, &tls());
    assert_eq!(
        server.start(Some(b"x")),
        ServerStep::Failed(Failure::UnexpectedInitialResponse)
    );
    let mut server = host.server(Mechanism::Login, &tls());
    assert_eq!(
        server.start(Some(USER.as_bytes())),
        ServerStep::Challenge(b"Password:".to_vec())
    );
    let mut server = host.server(Mechanism::Anonymous, &tls());
    assert!(matches!(
        server.start(Some(b"")),
        ServerStep::Done(Identity::Anonymous(_))
    ));
    let mut client = client(Mechanism::Plain, &credentials(Mechanism::Plain), &tls());
    assert_eq!(client.initial_response(), client.initial_response());
    assert_eq!(client.respond(b"").ok(), client.initial_response());
    assert_eq!(client.respond(b""), Err(ClientError::UnexpectedChallenge));
}

#[test]
fn what_is_offered() {
    let names = |config: &ServerConfig, channel: &Channel| {
        let offered: Vec<_> = config.offer(channel).into_iter().map(Mechanism::as_str).collect();
        offered.join(" ")
    };
    let keys = ServerConfig::new(&[SecretKind::Keys(Hash::Sha256)]).unwrap();
    assert_eq!(names(&keys, &Channel::plaintext()), "SCRAM-SHA-256");
    assert_eq!(names(&keys, &tls()), "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
    let lax = keys
        .clone()
        .allow_plaintext(Mechanism::Plain)
        .except(Mechanism::ScramSha256);
    assert_eq!(names(&lax, &Channel::plaintext()), "PLAIN");
    let all = &Host::with_everything().config;
    assert_eq!(
        names(all, &Channel::plaintext()),
        "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 ANONYMOUS"
    );
    assert_eq!(all.offer(&tls()), Mechanism::ALL);
    assert!(
        !all.offer(&Channel::secured()).contains(&Mechanism::External),
        "nobody showed a certificate"
    );
    let refused = Server::new(Mechanism::Plain, all, &Channel::plaintext());
    assert_eq!(refused.map(drop), Err(Failure::NotOffered));
}

/// What the server says last is answered by nothing but an empty response.
#[test]
fn the_last_response_is_empty() {
    let host = Host::with_keys(Hash::Sha256);
    let mut client = client(
        Mechanism::ScramSha256,
        &credentials(Mechanism::ScramSha256),
        &tls().without_bindings(),
    );
    let mut server = host.server(Mechanism::ScramSha256, &Channel::plaintext());
    let mut step = server.start(None);
    loop {
        step = match step {
            ServerStep::Challenge(last) if last.starts_with(b"v=") => break,
            ServerStep::Challenge(challenge) => server.step(client.respond(&challenge).unwrap().expose()),
            ServerStep::Lookup(lookup) => server.answer(host.answer(&lookup)),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(server.step(b"x"), ServerStep::Failed(Failure::UnexpectedResponse));
}
