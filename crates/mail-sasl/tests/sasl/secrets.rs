//! No secret is printed: docs/threats.md row 20.

use mail_sasl::{Account, Credentials, Hash, Lookup, Mechanism, Secret, ServerStep, StoredKeys};

use crate::support::{Host, PASSWORD, TOKEN, USER, client, credentials, tls};

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let host = Host::with_everything();
    let mut shown = vec![
        format!("{:?}", Account::with_password(PASSWORD)),
        format!(
            "{:?}",
            StoredKeys::derive(Hash::Sha512, &Secret::from(PASSWORD)).unwrap()
        ),
        format!("{:?}", host.config),
        format!("{:?}", tls()),
    ];
    for mechanism in Mechanism::ALL {
        let credentials = credentials(mechanism);
        let mut client = client(mechanism, &credentials, &tls());
        let mut server = host.server(mechanism, &tls());
        shown.push(format!(
            "{credentials:?} {client:?} {server:?} {:?}",
            client.initial_response()
        ));
        let mut step = server.start(None);
        while let ServerStep::Challenge(challenge) = &step {
            let response = client.respond(challenge);
            shown.push(format!("{response:?} {client:?} {server:?}"));
            step = server.step(response.unwrap().expose());
        }
        shown.push(format!("{step:?}"));
        if let ServerStep::Lookup(lookup) = step {
            let answer = host.answer(&lookup);
            shown.push(format!("{answer:?}"));
            shown.push(format!("{:?}", server.answer(answer)));
        }
    }
    for text in shown {
        assert!(!text.contains(PASSWORD) && !text.contains(TOKEN), "{text}");
        assert!(!text.contains("correct") && !text.contains("a key for tests"), "{text}");
    }
}

#[test]
fn what_goes_to_the_wire_is_a_secret_of_the_right_size() {
    let credentials = Credentials::password(USER, PASSWORD).unwrap();
    let client = client(Mechanism::Plain, &credentials, &tls());
    let first = client.initial_response().unwrap();
    assert_eq!(
        (first.to_string().as_str(), first.expose().len()),
        ("[redacted]", USER.len() + PASSWORD.len() + 2)
    );
    let host = Host::with_everything();
    let ServerStep::Lookup(Lookup::Verify { password, .. }) =
        host.server(Mechanism::Plain, &tls()).start(Some(first.expose()))
    else {
        panic!()
    };
    assert!(password.matches(PASSWORD.as_bytes()));
}
