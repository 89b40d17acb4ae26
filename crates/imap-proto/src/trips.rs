//! For tests: through the parser and the writer and back.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Command, Data, IntoBoundedStatic, Parsed, Reading, Response, Spelling, SyntaxError, TaggedCommand};

/// Reads `a ` + `text` + CRLF as a command.
pub(crate) fn command(text: &str) -> Result<Command<'static>, SyntaxError> {
    let wire = [b"a ", text.as_bytes(), b"\r\n"].concat();
    match TaggedCommand::parse(&wire, Reading::STRICT)? {
        Parsed::Complete { value, octets } => {
            assert_eq!(octets, wire.len(), "{text:?}");
            Ok(value.command.into_static())
        }
        Parsed::Incomplete(need) => panic!("{text:?}: {need:?}"),
    }
}

/// Reads `* ` + `text` + CRLF as untagged data.
pub(crate) fn data(text: &str, reading: Reading) -> Result<Data<'static>, SyntaxError> {
    let wire = [b"* ", text.as_bytes(), b"\r\n"].concat();
    match Response::parse(&wire, reading)? {
        Parsed::Complete {
            value: Response::Untagged(data),
            octets,
        } => {
            assert_eq!(octets, wire.len(), "{text:?}");
            Ok(data.into_static())
        }
        other => panic!("{text:?}: {other:?}"),
    }
}

/// A command in canonical spelling: it is written as it was read, and is one that this crate knows.
pub(crate) fn canonical_command(text: &str) -> Command<'static> {
    respelled_command(text, text)
}

/// A command that is written as `canonical`.
pub(crate) fn respelled_command(text: &str, canonical: &str) -> Command<'static> {
    let read = command(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert!(
        !matches!(read, Command::Other { .. }),
        "{text:?} is not known: {read:?}"
    );
    let tagged = TaggedCommand {
        tag: crate::Tag::new("a").unwrap(),
        command: read.clone(),
    };
    // As a server spells literals: the same octets without "+" and pauses.
    let mut wire = Vec::new();
    tagged.encode(Spelling::SERVER, &mut wire);
    assert_eq!(String::from_utf8_lossy(&wire), alloc::format!("a {canonical}\r\n"));
    assert_eq!(command(canonical), Ok(read.clone()));
    read
}

/// Data in canonical spelling: it is written as it was read, and is of a kind that this crate knows.
pub(crate) fn canonical_data(text: &str) -> Data<'static> {
    respelled_data(text, text)
}

/// Data that is written as `canonical`.
pub(crate) fn respelled_data(text: &str, canonical: &str) -> Data<'static> {
    let read = data(text, Reading::STRICT).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert!(!matches!(read, Data::Other { .. }), "{text:?} is not known: {read:?}");
    let mut wire = Vec::new();
    Response::Untagged(read.clone()).encode(Spelling::SERVER, &mut wire);
    assert_eq!(String::from_utf8_lossy(&wire), alloc::format!("* {canonical}\r\n"));
    assert_eq!(data(canonical, Reading::STRICT), Ok(read.clone()));
    read
}

/// Written in each spelling that a client has and read again, a command is what it was.
pub(crate) fn command_returns(command: &Command<'_>) -> Result<(), proptest::test_runner::TestCaseError> {
    use crate::Literals;
    let tagged = TaggedCommand {
        tag: crate::Tag::new("a").unwrap(),
        command: command.clone(),
    };
    for literals in [Literals::Synchronizing, Literals::Plus, Literals::Minus] {
        for utf8 in [false, true] {
            let mut wire = Vec::new();
            tagged.encode(Spelling { literals, utf8 }, &mut wire);
            let reading = Reading {
                utf8,
                ..Reading::STRICT
            };
            let read = TaggedCommand::parse(&wire, reading).map(Parsed::complete);
            let text = String::from_utf8_lossy(&wire);
            proptest::prop_assert_eq!(read, Ok(Some(tagged.clone())), "{}", text);
        }
    }
    Ok(())
}

/// Written and read again, data is what it was.
pub(crate) fn data_returns(data: &Data<'_>) -> Result<(), proptest::test_runner::TestCaseError> {
    let response = Response::Untagged(data.clone());
    for utf8 in [false, true] {
        let mut wire = Vec::new();
        let literals = Spelling::SERVER.literals;
        response.encode(Spelling { literals, utf8 }, &mut wire);
        let reading = Reading {
            utf8,
            ..Reading::STRICT
        };
        let read = Response::parse(&wire, reading).map(Parsed::complete);
        let text = String::from_utf8_lossy(&wire);
        proptest::prop_assert_eq!(read, Ok(Some(response.clone())), "{}", text);
    }
    Ok(())
}

/// Written and read again, a response code is what it was, in front of text that looks like one.
pub(crate) fn code_returns(code: &crate::Code<'_>) -> Result<(), proptest::test_runner::TestCaseError> {
    let status = crate::Status::new(crate::Condition::No, "[x] {3}").unwrap();
    let response = Response::Tagged {
        tag: crate::Tag::new("a").unwrap(),
        status: status.with_code(code.clone()),
    };
    for utf8 in [false, true] {
        let mut wire = Vec::new();
        let literals = Spelling::SERVER.literals;
        response.encode(Spelling { literals, utf8 }, &mut wire);
        let reading = Reading {
            utf8,
            ..Reading::STRICT
        };
        let read = Response::parse(&wire, reading).map(Parsed::complete);
        let text = String::from_utf8_lossy(&wire);
        proptest::prop_assert_eq!(read, Ok(Some(response.clone())), "{}", text);
    }
    Ok(())
}
