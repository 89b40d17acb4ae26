//! What holds for any names, passwords and octets.

use mail_sasl::{Account, Channel, Credentials, Hash, Mechanism, Purpose, Secret, StoredKeys, fuzzing, saslprep};
use proptest::collection::vec;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, prop_assume, proptest};

use crate::support::{Host, client, run};

proptest! {
    /// Whoever has the right password comes in as itself, whatever the name and the password hold; docs/threats.md row 7.
    #[test]
    fn any_name_and_password(user in "[ -~¡-ſα-ω一-仿Ⅸﬁ😀]{1,20}", password in "[ -~¡-ſα-ω一-仿Ⅸﬁ😀]{1,20}") {
        let credentials = Credentials::password(&user, password.as_str()).unwrap();
        let prepared = saslprep(&user, Purpose::Query);
        prop_assume!(prepared.is_ok() && saslprep(&password, Purpose::Query).is_ok());
        let user = prepared.unwrap().into_owned();
        let mut host = Host::with_everything();
        host.accounts.insert(user.clone(), Account::with_password(password.as_str()));
        for mechanism in [Mechanism::Plain, Mechanism::Login, Mechanism::CramMd5, Mechanism::ScramSha1] {
            let mut client = client(mechanism, &credentials, &Channel::secured());
            let end = run(&host, &mut client, &mut host.server(mechanism, &Channel::secured()), true);
            prop_assert_eq!(end.client, Ok(()));
            let identity = end.server.unwrap();
            prop_assert_eq!(identity.user().unwrap().as_str(), user.as_str());
        }
    }

    /// No credentials that can be made put a control character where it could end a field.
    #[test]
    fn constructors_refuse_or_are_safe(user in any::<String>(), secret in vec(any::<u8>(), 0..30)) {
        for credentials in [Credentials::password(&user, &secret[..]), Credentials::bearer(&user, &secret[..])] {
            let Ok(credentials) = credentials else { continue };
            let control = credentials.user().unwrap().as_str().contains(char::is_control);
            prop_assert!(!control && !secret.contains(&0));
        }
    }

    #[test]
    fn keys_are_read_back(password in "[a-z]{1,9}", salt in vec(any::<u8>(), 0..40), hash in prop::sample::select(&Hash::ALL[..])) {
        let keys = StoredKeys::derive_with(hash, &Secret::from(password), &salt, 4096).unwrap();
        let text = keys.to_text();
        prop_assert_eq!(StoredKeys::parse(str::from_utf8(text.expose()).unwrap()), Ok(keys));
    }

    /// What is prepared is prepared: a second time changes nothing.
    #[test]
    fn preparing_twice_is_preparing_once(text in any::<String>()) {
        if let Ok(once) = saslprep(&text, Purpose::Stored) {
            let (twice, query) = (saslprep(&once, Purpose::Stored), saslprep(&text, Purpose::Query));
            prop_assert_eq!(twice, Ok(once.clone()));
            prop_assert_eq!(query, Ok(once));
        }
    }

    #[test]
    fn any_messages(data in vec(any::<u8>(), 0..200)) {
        fuzzing::messages(&data);
        fuzzing::client(&data);
        fuzzing::server(&data);
    }

    /// The same from octets that the grammars know.
    #[test]
    fn likely_messages(choice in any::<[u8; 2]>(), text in "[nyp=a,rcsivem:$\\x00\\x01\\nQ0]{0,60}") {
        let data = [&choice[..], text.as_bytes()].concat();
        fuzzing::messages(text.as_bytes());
        fuzzing::client(&data);
        fuzzing::server(&data);
    }
}

#[test]
fn corpora_are_replayed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for (name, property) in [
        ("messages", fuzzing::messages as fn(&[u8])),
        ("client", fuzzing::client),
        ("server", fuzzing::server),
    ] {
        for entry in std::fs::read_dir(folder.join(name)).expect("a corpus") {
            property(&std::fs::read(entry.expect("an entry").path()).expect("a seed"));
            count += 1;
        }
    }
    assert!(count > 20, "only {count} seeds");
}
