//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics
//! when its property does not hold.

use std::sync::{Arc, LazyLock};

use crate::scram::message::{ClientFinal, ClientFirst, Gs2Header, ServerFinal, ServerFirst};
use crate::{
    Account, Answer, Channel, ChannelBinding, Client, ClientOptions, Credentials, Hash, Lookup, Mechanism, Nonce,
    Purpose, Secret, SecretKind, Server, ServerConfig, ServerStep, StoredKeys, TokenError, Trace, UserName, cram_md5,
    limits, oauth_bearer, plain, saslprep, xoauth2,
};

/// Long enough that no input guesses it.
const PASSWORD: &str = "gAkq-02hQz_kf7Wd.mT4";

/// A message that is read is written, and read from that as the same message.
pub fn messages(data: &[u8]) {
    if let Ok(message) = plain::Message::parse(data) {
        assert!(message.encode().matches(data));
    }
    if let Ok(response) = cram_md5::Response::parse(data) {
        assert!(response.encode().matches(data));
    }
    if let Ok(message) = xoauth2::Message::parse(data) {
        assert_eq!(xoauth2::Message::parse(message.encode().expose()), Ok(message));
    }
    if let Ok(message) = oauth_bearer::Message::parse(data) {
        assert_eq!(oauth_bearer::Message::parse(message.encode().expose()), Ok(message));
    }
    let error = TokenError::parse(data);
    assert_eq!(TokenError::parse(&error.encode()), error);
    assert!(!error.to_string().contains(char::is_control));
    if let Ok(text) = str::from_utf8(data) {
        texts(text);
        scram(text);
    }
}

fn texts(text: &str) {
    if let Ok(keys) = StoredKeys::parse(text) {
        assert!(keys.to_text().matches(text.as_bytes()));
    }
    let name = UserName::new(text);
    assert!(name.is_err() || !text.contains(char::is_control));
    if let Ok(prepared) = saslprep(text, Purpose::Query) {
        assert!(!prepared.contains(char::is_control) && !prepared.is_empty());
        assert!(prepared.len() <= 33 * text.len(), "what NFKC makes longest");
    }
}

fn scram(text: &str) {
    if let Ok(header) = Gs2Header::parse(text) {
        assert_eq!(Gs2Header::parse(&header.encode()), Ok(header));
    }
    if let Ok(first) = ClientFirst::parse(text) {
        assert_eq!([first.header_text, first.bare].concat(), text);
        let again = first.header.encode() + &ClientFirst::bare(&first.user, first.nonce);
        let again = ClientFirst::parse(&again).expect("what was written");
        assert_eq!(
            (again.header, again.user, again.nonce),
            (first.header, first.user, first.nonce)
        );
    }
    if let Ok(first) = ServerFirst::parse(text) {
        let iterations = u32::try_from(first.iterations).unwrap_or(u32::MAX);
        let again = ServerFirst::encode(first.nonce, &first.salt, iterations);
        let again = ServerFirst::parse(&again).expect("what was written");
        assert_eq!((again.nonce, again.salt), (first.nonce, first.salt));
    }
    if let Ok(last) = ClientFinal::parse(text) {
        assert_eq!(ClientFinal::encode(last.without_proof, &last.proof), text);
        let again = ClientFinal::without_proof(&last.binding, last.nonce);
        assert!(last.without_proof.starts_with(&again));
    }
    if let Ok(ServerFinal::Verifier(signature)) = ServerFinal::parse(text) {
        assert!(text.starts_with(&ServerFinal::encode(&signature)));
    }
}

/// A client that is told anything neither panics nor answers without end, and believes no server of SCRAM that does not
/// know the password. The first octet chooses the mechanism; the lines behind the second are challenges.
pub fn client(data: &[u8]) {
    let Some((mechanism, choice, lines)) = choices(data) else {
        return;
    };
    let mut options = ClientOptions {
        nonce: Nonce::fixed("client"),
        ..ClientOptions::default()
    };
    (options.least_iterations, options.most_iterations) = (1, 100);
    let Ok(mut client) = Client::with_options(mechanism, &credentials(mechanism), &channel(choice), options) else {
        return;
    };
    let mut answered = 0;
    let mut last: &[u8] = b"";
    for challenge in lines.take(20) {
        last = challenge;
        match client.respond(challenge) {
            Ok(response) => {
                assert!(response.expose().len() <= 2 * limits::MESSAGE);
                answered += 1;
            }
            Err(error) => {
                assert_eq!(client.respond(b""), Err(error.clone()));
                assert_eq!(client.refusal(), Some(error.clone()));
                assert!(!format!("{error} {error:?}").contains('\x1b'));
                break;
            }
        }
    }
    assert!(answered <= 3, "answered {answered} challenges");
    let finished = client.finish(if choice & 1 == 0 { None } else { Some(last) });
    assert!(
        finished.is_err() || mechanism.hash().is_none(),
        "a server that does not know the password"
    );
}

/// A server that is told anything neither panics nor takes anybody for somebody who does not know the password. The first
/// octet chooses the mechanism; the lines behind the second are responses.
pub fn server(data: &[u8]) {
    let Some((mechanism, choice, mut lines)) = choices(data) else {
        return;
    };
    let mut server = begin(mechanism, choice);
    let initial = if choice & 1 == 0 { None } else { lines.next() };
    let mut step = server.start(initial);
    for _ in 0..20 {
        step = match step {
            ServerStep::Challenge(challenge) => {
                assert!(challenge.len() <= 2 * limits::MESSAGE);
                let Some(response) = lines.next() else { return };
                server.step(response)
            }
            ServerStep::Lookup(lookup) => server.answer(answer(&lookup, choice)),
            ServerStep::Done(_) => {
                assert!(!mechanism.needs_password(), "nobody knows the password");
                return;
            }
            ServerStep::Failed(failure) => {
                assert_eq!(server.step(b""), ServerStep::Failed(failure));
                assert!(!format!("{failure} {failure:?}").contains('\x1b'));
                return;
            }
        };
    }
    unreachable!("an exchange without an end");
}

fn choices(data: &[u8]) -> Option<(Mechanism, u8, impl Iterator<Item = &[u8]>)> {
    let (&[first, choice], lines) = data.split_first_chunk()?;
    let mechanism = Mechanism::ALL[usize::from(first) % Mechanism::ALL.len()];
    Some((mechanism, choice, lines.split(|&octet| octet == b'\n')))
}

fn begin(mechanism: Mechanism, choice: u8) -> Server {
    static CONFIGS: LazyLock<[Arc<ServerConfig>; 2]> = LazyLock::new(|| {
        let others = [SecretKind::Token, SecretKind::Certificate, SecretKind::Anonymous];
        let keys = Hash::ALL.map(SecretKind::Keys);
        let kinds = [
            [&keys[..], &others].concat(),
            [&[SecretKind::Password][..], &others].concat(),
        ];
        kinds.map(|kinds| Arc::new(ServerConfig::new(&kinds).expect("random octets").iterations(4096)))
    });
    let channel = channel(0xff);
    let config = CONFIGS
        .iter()
        .find(|config| config.offer(&channel).contains(&mechanism));
    let config = config.filter(|_| choice & 2 == 0).unwrap_or(&CONFIGS[1]);
    let nonce = Nonce::fixed("server").expect("a nonce");
    Server::with_nonce(mechanism, config, &channel, nonce).expect("a mechanism that is offered")
}

fn answer(lookup: &Lookup, choice: u8) -> Answer {
    static KEYS: LazyLock<Account> = LazyLock::new(|| {
        let keys = Hash::ALL.map(|hash| StoredKeys::derive_with(hash, &Secret::from(PASSWORD), b"salt", 4096));
        let [one, two, three] = keys.map(|keys| keys.expect("a password that can be prepared"));
        Account::with_keys(one).and_keys(two).and_keys(three)
    });
    match (lookup, choice & 12) {
        (Lookup::Token { .. }, 0) => Answer::Owner(UserName::new("owner").expect("a name")),
        (_, 0) if choice & 2 != 0 => Answer::Found(Account::with_password(PASSWORD)),
        (_, 0) => Answer::Found(KEYS.clone()),
        (_, 4) => Answer::Unknown,
        (_, 8) => Answer::No,
        _ => Answer::Unavailable,
    }
}

fn channel(choice: u8) -> Channel {
    let secured = Channel::secured().with_certificate(UserName::new("certificate").expect("a name"));
    if choice & 16 == 0 {
        return secured;
    }
    secured.with_binding(ChannelBinding::TlsExporter(vec![7; 32]))
}

fn credentials(mechanism: Mechanism) -> Credentials {
    let credentials = match mechanism {
        Mechanism::OauthBearer | Mechanism::Xoauth2 => Credentials::bearer("user", "token"),
        Mechanism::External => Credentials::external(None),
        Mechanism::Anonymous => {
            Ok(Credentials::anonymous(Trace::new("trace").expect("a trace").as_str()).expect("a trace"))
        }
        _ => Credentials::password("user", PASSWORD),
    };
    credentials.expect("what a client may have")
}
