//! Properties of the codec, over random values and octets.

use pop3_proto::apop::{Digest, Timestamp};
use pop3_proto::{
    Authenticate, Capability, Command, Expire, Greeting, LanguageListing, LanguageRange, LanguageTag, LoginDelay,
    MessageNumber, Name, Password, RawCapability, Response, ResponseCode, Retention, Scope, Text, UniqueId, fuzzing,
};
use proptest::prelude::*;

/// Strings in which line ends, NULs, spaces and other troublemakers are frequent.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,80}",
        "[a-z]{1,8}(\r\n|\n|\r|\0)[A-Z]{4} 1",
        "[\r\n\0 .<>@/\\[\\]a-z\u{80}-\u{ff}]{0,20}",
        any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = MessageNumber> {
    (1..=u32::MAX).prop_map(|n| MessageNumber::new(n).unwrap())
}

fn command() -> impl Strategy<Value = Command> {
    let some = |text: String| Command::User(Name::new(&text).unwrap());
    prop_oneof![
        "[!-~]{1,60}".prop_map(some),
        "[ -~]{1,60}".prop_map(|text| Command::Pass(Password::new(text.into()).unwrap())),
        ("[!-~]{1,60}", any::<String>()).prop_map(|(name, secret)| {
            let timestamp = Timestamp::parse(b"<1@x>").unwrap();
            Command::Apop(Name::new(&name).unwrap(), timestamp.digest(&secret.as_str().into()))
        }),
        proptest::option::of(number()).prop_map(Command::List),
        proptest::option::of(number()).prop_map(Command::Uidl),
        number().prop_map(Command::Retr),
        number().prop_map(Command::Dele),
        (number(), any::<u32>()).prop_map(|(number, lines)| Command::Top(number, lines)),
        ("[A-Z0-9_-]{1,20}", proptest::option::of(any::<Vec<u8>>())).prop_map(|(mechanism, response)| {
            Command::Auth(Some(Authenticate {
                mechanism: mechanism.parse().unwrap(),
                initial_response: response.map(|response| response.as_slice().into()),
            }))
        }),
        "[a-zA-Z]{1,8}(-[a-z0-9]{1,8}){0,3}"
            .prop_map(|tag| Command::Lang(Some(LanguageRange::Tag(LanguageTag::new(&tag).unwrap())))),
        prop::sample::select(vec![
            Command::Auth(None),
            Command::Lang(None),
            Command::Lang(Some(LanguageRange::Preferred)),
            Command::Stls,
            Command::Utf8,
            Command::Stat,
            Command::Noop,
            Command::Rset,
            Command::Quit,
            Command::Capa
        ]),
    ]
}

fn one_line(wire: &[u8]) -> Result<&[u8], TestCaseError> {
    let line = wire.strip_suffix(b"\r\n");
    let line = line.ok_or_else(|| TestCaseError::fail("no line end"))?;
    prop_assert!(!line.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')), "{line:?}");
    Ok(line)
}

proptest! {
    #[test]
    fn commands_are_read_as_they_were_written(command in command()) {
        let mut wire = Vec::new();
        command.encode(&mut wire);
        let line = one_line(&wire)?;
        prop_assert_eq!(Command::parse(line), Ok(command.clone()));
        // A word ends at the first space alone, and keywords are read in any case.
        let lower = [line[..4].to_ascii_lowercase().as_slice(), &line[4..]].concat();
        if command.keyword().as_str().len() == 4 {
            prop_assert_eq!(Command::parse(&lower), Ok(command));
        }
    }

    /// docs/threats.md row 7: whatever a constructor is given, an encoder emits one line.
    #[test]
    fn no_input_makes_a_second_command(text in nasty(), octets in any::<Vec<u8>>()) {
        let mut wires: Vec<Vec<u8>> = Vec::new();
        let mut command = |command: Command| {
            let mut wire = Vec::new();
            command.encode(&mut wire);
            wires.push(wire);
        };
        Name::new(&text).into_iter().for_each(|name| command(Command::User(name)));
        Password::new(text.as_str().into()).into_iter().for_each(|password| command(Command::Pass(password)));
        Password::new(octets.as_slice().into()).into_iter().for_each(|password| command(Command::Pass(password)));
        for response in [Text::new(text.as_str()), Text::new(octets)].into_iter().flatten() {
            for response in [Response::ok(response.clone()), Response::err(response)] {
                let mut wire = Vec::new();
                response.encode(&mut wire);
                prop_assert!(wire.len() <= 512);
                wires.push(wire);
            }
        }
        if let Ok(code) = ResponseCode::new(&text) {
            let mut wire = Vec::new();
            Response::err(Text::default()).with_code(code).encode(&mut wire);
            wires.push(wire);
        }
        if let Ok(greeting) = Greeting::new(&text) {
            let mut wire = Vec::new();
            let timestamp = Timestamp::parse(b"<1@x>").unwrap();
            greeting.with_timestamp(timestamp.clone()).to_response().encode(&mut wire);
            let read = Greeting::parse(one_line(&wire)?).unwrap();
            prop_assert_eq!(read.timestamp(), Some(&timestamp));
            wires.push(wire);
        }
        if let Ok(raw) = RawCapability::new(&text) {
            let mut wire = Vec::new();
            Capability::Other(raw).encode(&mut wire);
            wires.push(wire);
        }
        if let Ok(text) = Text::new(text.as_str()) {
            let mut wire = Vec::new();
            Capability::Implementation(text).encode(&mut wire);
            wires.push(wire);
        }
        if let Ok(tag) = LanguageTag::new(&text) {
            let range = Command::Lang(Some(LanguageRange::Tag(tag)));
            let mut wire = Vec::new();
            range.encode(&mut wire);
            wires.push(wire);
        }
        if let Ok(description) = Text::new(text.as_str()) {
            let mut wire = Vec::new();
            let tag = LanguageTag::new("en").unwrap();
            LanguageListing { tag, description }.encode(&mut wire);
            wire.extend_from_slice(b"\r\n");
            wires.push(wire);
        }
        if let Ok(mechanism) = text.parse() {
            let initial_response = Some(text.as_str().into());
            let mut wire = Vec::new();
            Command::Auth(Some(Authenticate { mechanism, initial_response })).encode(&mut wire);
            wires.push(wire);
        }
        if let Ok(id) = UniqueId::new(&text) {
            wires.push(format!("{id}\r\n").into_bytes());
            prop_assert!((1..=70).contains(&id.as_str().len()));
        }
        for wire in wires {
            one_line(&wire)?;
        }
    }

    #[test]
    fn capabilities_are_read_as_they_were_written(n in any::<u32>(), per_user in any::<bool>(), never in any::<bool>()) {
        let scope = if per_user { Scope::PerUser } else { Scope::Everyone };
        let retention = if never { Retention::Never } else { Retention::Days(n) };
        for capability in [
            Capability::Expire(Expire { retention, scope }),
            Capability::LoginDelay(LoginDelay { seconds: n, scope }),
        ] {
            let mut wire = Vec::new();
            capability.encode(&mut wire);
            prop_assert_eq!(Capability::parse(one_line(&wire)?), Ok(capability));
        }
    }

    #[test]
    fn digests_are_read_as_they_were_written(octets in any::<[u8; 16]>()) {
        let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let digest = Digest::parse(hex.as_bytes()).unwrap();
        prop_assert_eq!(digest.to_hex().to_vec(), hex.as_bytes().to_vec());
        prop_assert!(hex.to_uppercase() == hex || Digest::parse(hex.to_uppercase().as_bytes()).is_err());
    }

    /// Chunking never matters, no panic, bounds: random octets.
    #[test]
    fn fuzzing_properties_hold_for_random_octets(octets in any::<Vec<u8>>()) {
        fuzzing::command(&octets);
        fuzzing::response(&octets);
        fuzzing::server(&octets);
        fuzzing::client(&octets);
        fuzzing::securing(&octets);
    }

    /// The same, for octets that look like the protocol.
    #[test]
    fn fuzzing_properties_hold_for_likely_octets(
        choice in any::<u8>(),
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..60),
    ) {
        let octets = [&[choice], words.concat().as_bytes()].concat();
        fuzzing::server(&octets);
        fuzzing::client(&octets);
        fuzzing::securing(&octets);
        fuzzing::command(words.concat().as_bytes());
        fuzzing::response(words.concat().as_bytes());
    }
}

const WORDS: [&str; 54] = [
    "AUTH PLAIN\r\n",
    "AUTH login AAAA\r\n",
    "AUTH PLAIN =\r\n",
    "AUTH\r\n",
    "AAAA\r\n",
    "AAAAAAAAAAAAAAAA\r\n",
    "*\r\n",
    "+ \r\n",
    "+ AAAA\r\n",
    "+ bW9yZQ==\r\n",
    "PLAIN\r\n",
    "SASL PLAIN LOGIN\r\n",
    "UTF8\r\n",
    "LANG\r\n",
    "LANG de\r\n",
    "de Deutsch\r\n",
    "STLS\r\n",
    "gr\u{fc}n",
    "\r\n",
    "\r\n",
    "\r\n",
    "\n",
    "\r",
    ".",
    ".\r\n",
    " ",
    "\0",
    "1",
    "2",
    "3",
    "USER b\r\n",
    "PASS x\r\n",
    "USER bob\r\n",
    "STAT\r\n",
    "LIST\r\n",
    "UIDL 1\r\n",
    "RETR 2\r\n",
    "TOP 1 1\r\n",
    "DELE 1\r\n",
    "RSET\r\n",
    "quit\r\n",
    "CAPA\r\n",
    "+OK\r\n",
    "+OK\r\n",
    "+OK 1 1\r\n",
    "+OK 2 a\r\n",
    "-ERR [AUTH] no\r\n",
    "[SYS/TEMP]",
    "1 1\r\n",
    "1 id\r\n",
    "PIPELINING\r\n",
    "+OK <1.2@example.org>\r\n",
    "x",
    "Subject: x\r\n\r\n",
];

/// The corpora of the fuzz targets that stand beside this test, and the octets of all transcripts.
#[test]
fn corpora_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        for target in [
            fuzzing::command,
            fuzzing::response,
            fuzzing::server,
            fuzzing::client,
            fuzzing::securing,
        ] {
            target(&octets);
        }
        files += 1;
    }
    assert!(files > 5, "the corpus is there");
}
