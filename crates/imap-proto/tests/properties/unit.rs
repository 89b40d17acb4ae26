//! What one command or response is.

use imap_proto::{Literals, Parsed, Pause, Reading, Response, Spelling, TaggedCommand, Until};
use proptest::prelude::*;

pub(crate) type Outcome = Result<(), TestCaseError>;

/// Octets as a test shows them.
pub(crate) fn shown(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}

/// All spellings that a client has, with the readings that fit them.
pub(crate) fn client_spellings() -> impl Iterator<Item = (Spelling, Reading)> {
    let literals = [Literals::Synchronizing, Literals::Plus, Literals::Minus];
    literals.into_iter().flat_map(spellings)
}

/// Both spellings that a server has.
pub(crate) fn server_spellings() -> impl Iterator<Item = (Spelling, Reading)> {
    spellings(Literals::Unacknowledged)
}

fn spellings(literals: Literals) -> impl Iterator<Item = (Spelling, Reading)> {
    [false, true].into_iter().map(move |utf8| {
        let reading = Reading {
            utf8,
            ..Reading::STRICT
        };
        (Spelling { literals, utf8 }, reading)
    })
}

/// A command is one command in each spelling, and is written alike when it is written again.
pub(crate) fn is_one_command(command: &TaggedCommand<'_>) -> Outcome {
    for (spelling, reading) in client_spellings() {
        let mut wire = Vec::new();
        let pauses = command.encode(spelling, &mut wire);
        let literals = is_framed_as_one(&wire)?;
        prop_assert!(wire.starts_with(command.tag.as_str().as_bytes()));
        waits_where_literals_begin(&wire, &pauses, spelling.literals, &literals)?;
        let read = whole(&wire, TaggedCommand::parse(&wire, reading))?;
        prop_assert_eq!(&read.tag, &command.tag);
        let mut again = Vec::new();
        read.encode(spelling, &mut again);
        prop_assert_eq!(shown(&again), shown(&wire));
        each_prefix(&wire, |prefix| {
            is_incomplete(TaggedCommand::parse(prefix, reading), prefix)
        })?;
    }
    Ok(())
}

/// A response is one response in both spellings, and is written alike when it is written again.
pub(crate) fn is_one_response(response: &Response<'_>) -> Outcome {
    for (spelling, reading) in server_spellings() {
        let mut wire = Vec::new();
        let pauses = response.encode(spelling, &mut wire);
        prop_assert!(pauses.is_empty());
        // Text for people may look like the announcement of a literal and is none.
        if matches!(response, Response::Untagged(data) if !matches!(data, imap_proto::Data::Status(_))) {
            is_framed_as_one(&wire)?;
        }
        let read = whole(&wire, Response::parse(&wire, reading))?;
        let mut again = Vec::new();
        read.encode(spelling, &mut again);
        prop_assert_eq!(shown(&again), shown(&wire));
        each_prefix(&wire, |prefix| is_incomplete(Response::parse(prefix, reading), prefix))?;
    }
    Ok(())
}

pub(crate) fn whole<T>(wire: &[u8], parsed: Result<Parsed<T>, imap_proto::SyntaxError>) -> Result<T, TestCaseError> {
    match parsed {
        Ok(Parsed::Complete { value, octets }) if octets == wire.len() => Ok(value),
        Ok(Parsed::Complete { octets, .. }) => fail(format!("{octets} octets of {}", shown(wire))),
        Ok(Parsed::Incomplete(need)) => fail(format!("{need:?} of {}", shown(wire))),
        Err(error) => fail(format!("{error} of {}", shown(wire))),
    }
}

/// A naive reader of lines and literals finds one unit, without NUL, CR and LF in its lines. Returns where literals begin, with
/// their lengths.
fn is_framed_as_one(wire: &[u8]) -> Result<Vec<(usize, u64)>, TestCaseError> {
    let mut literals = Vec::new();
    let mut start = 0;
    loop {
        let Some(len) = wire[start..].windows(2).position(|pair| pair == b"\r\n") else {
            return fail(format!("no line end in {}", shown(wire)));
        };
        let line = &wire[start..start + len];
        prop_assert!(
            !line.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')),
            "{}",
            shown(wire)
        );
        start += len + 2;
        let Some(announced) = announced(line) else {
            prop_assert_eq!(start, wire.len(), "more than one: {}", shown(wire));
            return Ok(literals);
        };
        literals.push((start, announced));
        start += usize::try_from(announced).unwrap_or(usize::MAX);
        prop_assert!(start < wire.len(), "cut: {}", shown(wire));
    }
}

fn announced(line: &[u8]) -> Option<u64> {
    let text = str::from_utf8(line.strip_suffix(b"}")?.rsplit(|octet| *octet == b'{').next()?).ok()?;
    let digits = text.strip_suffix('+').unwrap_or(text);
    (line.contains(&b'{') && digits.bytes().all(|octet| octet.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The writer waits in front of each literal that the server must ask for, and nowhere else (RFC 9051 §4.3, RFC 7888 §4, §5).
fn waits_where_literals_begin(wire: &[u8], pauses: &[Pause], literals: Literals, begin: &[(usize, u64)]) -> Outcome {
    let waits = |len: u64| match literals {
        Literals::Synchronizing => true,
        Literals::Minus => len > 4096,
        Literals::Plus | Literals::Unacknowledged => false,
    };
    let expected: Vec<_> = begin
        .iter()
        .filter(|(_, len)| waits(*len))
        .map(|(offset, _)| *offset)
        .collect();
    let found: Vec<_> = pauses.iter().map(|pause| pause.offset).collect();
    prop_assert!(pauses.iter().all(|pause| pause.until == Until::GoAhead));
    prop_assert_eq!(found, expected, "{}", shown(wire));
    Ok(())
}

/// Each of a short unit's prefixes, the last and some others of a long one's.
fn each_prefix(wire: &[u8], check: impl Fn(&[u8]) -> Outcome) -> Outcome {
    let step = 1 + wire.len() / 300;
    (0..wire.len())
        .rev()
        .step_by(step)
        .try_for_each(|len| check(&wire[..len]))
}

fn is_incomplete<T>(parsed: Result<Parsed<T>, imap_proto::SyntaxError>, prefix: &[u8]) -> Outcome {
    match parsed {
        Ok(Parsed::Incomplete(_)) => Ok(()),
        Ok(Parsed::Complete { .. }) => fail(format!("complete: {}", shown(prefix))),
        Err(error) => fail(format!("{error}: {}", shown(prefix))),
    }
}

fn fail<T>(why: String) -> Result<T, TestCaseError> {
    Err(TestCaseError::fail(why))
}
