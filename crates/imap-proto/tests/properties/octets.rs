//! Whatever octets come, they are complete, incomplete or wrong at some place; and what is complete is written so that it is read again.

use imap_proto::{IntoBoundedStatic, Parsed, Reading, Response, Spelling, SyntaxError, TaggedCommand};
use proptest::prelude::*;

use crate::unit::{Outcome, shown, whole};

/// Words, strings and line ends in which IMAP is spelled, in any order.
fn soup(front: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(WORDS.to_vec());
    let piece = prop_oneof![
        12 => word.prop_map(|word| word.as_bytes().to_vec()),
        8 => Just(b" ".to_vec()),
        3 => any::<u32>().prop_map(|number| number.to_string().into_bytes()),
        2 => proptest::collection::vec(any::<u8>(), 0..5).prop_map(literal),
        1 => any::<u8>().prop_map(|octet| vec![octet]),
    ];
    proptest::collection::vec(piece, 0..30)
        .prop_map(move |pieces| [front.as_bytes(), &pieces.concat(), b"\r\n"].concat())
}

fn literal(octets: Vec<u8>) -> Vec<u8> {
    [format!("{{{}}}\r\n", octets.len()).into_bytes(), octets].concat()
}

/// Lines as they should be, with a few octets changed, removed or put in.
fn damaged(lines: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        any::<u8>(),
        prop::sample::select(b" ()[]\"\\{}~*%<>&-+=NIL0189\r\n\0".to_vec())
    ];
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), 0..4u8, octet), 0..4);
    (prop::sample::select(lines), changes).prop_map(|(line, changes)| {
        let mut wire = line.as_bytes().to_vec();
        for (index, what, octet) in changes {
            let at = index.index(wire.len());
            match what {
                0 => wire[at] = octet,
                1 => wire.insert(at, octet),
                2 if wire.len() > 1 => drop(wire.remove(at)),
                _ => wire.splice(at..at, wire[at..].to_vec()).for_each(drop),
            }
        }
        wire
    })
}

/// Bounds, and the way back.
fn holds<'a, T: PartialEq + std::fmt::Debug>(
    input: &'a [u8],
    parse: impl Fn(&'a [u8]) -> Result<Parsed<T>, SyntaxError>,
    again: impl Fn(&T) -> Outcome,
) -> Outcome {
    match parse(input) {
        Ok(Parsed::Complete { value, octets }) => {
            prop_assert!(octets <= input.len());
            let alone = whole(&input[..octets], parse(&input[..octets]))?;
            prop_assert_eq!(&alone, &value);
            again(&value)
        }
        Ok(Parsed::Incomplete(_)) => Ok(()),
        Err(error) => {
            prop_assert!(error.offset <= input.len(), "{error} in {}", shown(input));
            Ok(())
        }
    }
}

fn command_holds(input: &[u8]) -> Outcome {
    for reading in [
        Reading::STRICT,
        Reading::LENIENT,
        Reading {
            utf8: true,
            ..Reading::STRICT
        },
    ] {
        let parse = |input| TaggedCommand::parse(input, reading);
        holds(input, parse, |value| {
            let mut wire = Vec::new();
            value.encode(
                Spelling {
                    utf8: reading.utf8,
                    ..Spelling::SERVER
                },
                &mut wire,
            );
            let read = whole(&wire, TaggedCommand::parse(&wire, reading))?;
            let same = said(&read) == said(value);
            prop_assert!(
                same,
                "{} written as {}\n{read:?}\n{value:?}",
                shown(input),
                shown(&wire)
            );
            prop_assert_eq!(&value.clone().into_static(), value);
            Ok(())
        })?;
    }
    Ok(())
}

fn response_holds(input: &[u8]) -> Outcome {
    for reading in [
        Reading::STRICT,
        Reading::LENIENT,
        Reading {
            utf8: true,
            ..Reading::STRICT
        },
    ] {
        let parse = |input| Response::parse(input, reading);
        holds(input, parse, |value| {
            let mut wire = Vec::new();
            value.encode(
                Spelling {
                    utf8: reading.utf8,
                    ..Spelling::SERVER
                },
                &mut wire,
            );
            let read = whole(&wire, Response::parse(&wire, reading))?;
            let same = said(&read) == said(value);
            prop_assert!(
                same,
                "{} written as {}\n{read:?}\n{value:?}",
                shown(input),
                shown(&wire)
            );
            Ok(())
        })?;
    }
    Ok(())
}

/// What is to be the same. Not so why an item cannot be read, which depends on what stands around it, such as spaces that are not written;
/// nor how literals are announced in what nobody knows, which are written as the peer takes them; nor whether a message with a NUL came as the
/// literal8 as which it is written.
fn said(value: &impl std::fmt::Debug) -> String {
    let text = imap_proto::fuzzing::without_spelling(&format!("{value:?}"));
    let text = match text.contains("\\0") {
        true => text.replace("data: Literal8(", "data: Literal("),
        false => text,
    };
    let mut pieces = text.split("why: SyntaxError {");
    let first = pieces.next().unwrap_or_default();
    let behind = pieces.map(|piece| piece.split_once('}').unwrap_or_default().1);
    std::iter::once(first).chain(behind).collect()
}

/// What the properties below have found.
#[test]
fn what_was_not_written_as_it_came() {
    let name = "X".repeat(40);
    command_holds(format!("a {name} 1\r\n").as_bytes()).unwrap();
    for name in ["[", "[NEW", "NOOP[x", "FETCH["] {
        let name = imap_proto::Atom::new(name).unwrap();
        let (tag, arguments) = (imap_proto::Tag::new("a").unwrap(), imap_proto::Tokens::default());
        let command = imap_proto::Command::Other {
            name: name.clone(),
            arguments: arguments.clone(),
        };
        crate::unit::is_one_command(&TaggedCommand { tag, command }).unwrap();
        for number in [None, Some(7)] {
            let (name, arguments) = (name.clone(), arguments.clone());
            let data = imap_proto::Data::Other {
                number,
                name,
                arguments,
            };
            crate::unit::is_one_response(&Response::Untagged(data)).unwrap();
        }
    }
    response_holds(b"* 3 CONVERTED (TAG \"a\") (INARY[1] {01}\r\nx UID 4)\r\n").unwrap();
    command_holds(b"a NEW (x {2}\r\nx\0)\r\n").unwrap();
    command_holds(b"a APPEND x {3}\r\na\0b\r\n").unwrap();
    for text in [
        "[",
        "  [x",
        "[x] y",
        "[ALERT",
        " ",
        "",
        "[BADCHARSET ]x",
        "[INPROGRESS ] x",
        "[NEW ]",
    ] {
        response_holds(format!("* OK {text}\r\n").as_bytes()).unwrap();
        response_holds(format!("+ {text}\r\n").as_bytes()).unwrap();
    }
    response_holds(b"a NO [BADCHARSET (UTF-8 ]\"x y\")] no\r\n").unwrap();
    let status = imap_proto::Status::new(imap_proto::Condition::Ok, "[x] y").unwrap();
    let mut wire = Vec::new();
    Response::Untagged(imap_proto::Data::Status(status.clone())).encode(Spelling::SERVER, &mut wire);
    let read = Response::parse(&wire, Reading::STRICT).map(Parsed::complete);
    assert_eq!(read, Ok(Some(Response::Untagged(imap_proto::Data::Status(status)))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_octets(input: Vec<u8>) {
        command_holds(&input)?;
        response_holds(&input)?;
    }

    #[test]
    fn words_in_any_order(command in soup("a "), response in soup("* "), status in soup("* OK [")) {
        command_holds(&command)?;
        response_holds(&response)?;
        response_holds(&status)?;
    }

    #[test]
    fn damaged_commands(input in damaged(COMMANDS)) {
        command_holds(&input)?;
    }

    #[test]
    fn damaged_responses(input in damaged(RESPONSES)) {
        response_holds(&input)?;
    }
}

const WORDS: &[&str] = &[
    "FETCH",
    "UID",
    "SEARCH",
    "RETURN",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"a b\"",
    "NIL",
    "OR",
    "NOT",
    "ALL",
    "SINCE",
    "1-Feb-2026",
    "LIST",
    "\"\"",
    "*",
    "%",
    "STATUS",
    "INBOX",
    "MESSAGES",
    "BODY",
    "BODYSTRUCTURE",
    "ENVELOPE",
    "FLAGS",
    "\\Seen",
    "\\*",
    "$",
    "1:*",
    "APPEND",
    "STORE",
    "+FLAGS",
    "SORT",
    "THREAD",
    "REFERENCES",
    "UTF-8",
    "NOTIFY",
    "SET",
    "selected",
    "MessageNew",
    "GETMETADATA",
    "/private/x",
    "SETACL",
    "lrs",
    "QUOTA",
    "ID",
    "NAMESPACE",
    "ESEARCH",
    "TAG",
    "COUNT",
    "MODSEQ",
    "VANISHED",
    "(EARLIER)",
    "CONVERT",
    "BINARY[1.2]",
    "BODY[HEADER.FIELDS (To)]<0>",
    "\r\n",
    "~",
    "{",
    "}",
    "<",
    ">",
    ".",
    ":",
    ",",
    "=",
    "+",
    "&",
    "é",
    "XLIST",
    "COPYUID",
    "REFERRAL",
    "imap://h/a;UID=1",
    "URLFETCH",
    "METADATA",
    "ANNOTATION",
    "value",
    "X-GM-LABELS",
    "CAPABILITY",
    "FUZZY",
    "(\"a\" NIL \"b\" \"c\")",
];

const COMMANDS: &[&str] = &[
    "a UID FETCH 1,3:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (To \"x y\")]<0.10> PREVIEW (LAZY)) (CHANGEDSINCE 7 VANISHED)\r\n",
    "a SEARCH RETURN (MIN COUNT PARTIAL 1:5) CHARSET UTF-8 OR (NOT FROM \"a\" 1:5) FUZZY HEADER \"x\" {2}\r\nyy MODSEQ 4\r\n",
    "a LIST (SUBSCRIBED) \"\" (\"a*\" %) RETURN (CHILDREN STATUS (MESSAGES UNSEEN))\r\n",
    "a APPEND \"x y\" (\\Seen a) \" 7-Feb-1994 21:52:25 -0800\" {3}\r\nabc CATENATE (URL \"/x\" TEXT {1}\r\na)\r\n",
    "a SELECT &AOk- (QRESYNC (1 2 3:4 (5 6)) CONDSTORE)\r\n",
    "a UID STORE 1:2 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Deleted x)\r\n",
    "a SORT RETURN (ALL) (REVERSE DATE SUBJECT) UTF-8 ALL\r\n",
    "a ESEARCH IN (subtree (a \"b c\") selected) RETURN () TEXT x\r\n",
    "a NOTIFY SET STATUS (selected (MessageNew (FLAGS) MessageExpunge)) (subtree x NONE)\r\n",
    "a SETMETADATA \"\" (/private/a {2}\r\nx\0 /shared/b NIL)\r\n",
    "a CONVERT 1 (\"text/plain\" (\"charset\" \"utf-8\")) BINARY[2]<0.5>\r\n",
    "a LOGIN \"x\" {3}\r\nabc\r\n",
    "a AUTHENTICATE PLAIN AGEAYg==\r\n",
    "a ID (\"name\" \"x\" \"os\" NIL)\r\n",
    "a GENURLAUTH \"imap://a/b;urlauth=anonymous\" INTERNAL\r\n",
    "a CREATE x (USE (\\Sent) Y (1 2))\r\n",
];

const RESPONSES: &[&str] = &[
    "* 1 FETCH (FLAGS (\\Seen a) UID 5 BODY[1.HEADER]<0> {3}\r\na\r\n INTERNALDATE \" 7-Feb-1994 21:52:25 -0800\" X ((a)))\r\n",
    "* 1 FETCH (ENVELOPE (\"d\" \"s\" ((\"n\" NIL \"m\" \"h\")) NIL NIL ((NIL NIL \"g\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL \"i\"))\r\n",
    "* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"A\" \"b\") NIL NIL \"7BIT\" 5 1 NIL (\"inline\" NIL) (\"en\" \"de\") NIL)\
     (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) 3) \"MIXED\"))\r\n",
    "* LIST (\\HasNoChildren \\Sent) \"/\" &AOk- (OLDNAME (\"x\") CHILDINFO (\"SUBSCRIBED\"))\r\n",
    "* STATUS \"a b\" (MESSAGES 1 UIDNEXT 2 HIGHESTMODSEQ 3 MAILBOXID (x) X (1))\r\n",
    "* ESEARCH (TAG \"a\") UID MIN 1 COUNT 3 ALL 1:3,7 PARTIAL (1:5 2) ADDTO (0 1:2) RELEVANCY (4 100)\r\n",
    "* SEARCH 1 2 3 (MODSEQ 9)\r\n",
    "* THREAD (2)(3 6 (4 23)(44 7 96))((1)(5))\r\n",
    "* OK [COPYUID 1 2:3 4,5] done\r\n",
    "a NO [BADCHARSET (UTF-8 \"x y\")] no\r\n",
    "* OK [REFERRAL imap://a/b imap://c] x\r\n",
    "* OK [URLMECH INTERNAL XSAMPLE=AAAA] x\r\n",
    "* NAMESPACE ((\"\" \"/\" \"X\" (\"y\"))) NIL ((\"#p\" NIL))\r\n",
    "* QUOTA \"\" (STORAGE 1 2 X 3 4)\r\n",
    "* METADATA \"a\" (/shared/x {1}\r\ny /private/z NIL)\r\n",
    "* CAPABILITY IMAP4rev2 AUTH=PLAIN RIGHTS=kx\r\n",
    "+ [ALERT] go\r\n",
    "* VANISHED (EARLIER) 1:3,5\r\n",
    "* URLFETCH \"imap://a\" (BODY {1}\r\nx) (BODYPARTSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1))\r\n",
    "* 3 CONVERTED (TAG \"a\") (BINARY[1] {1}\r\nx UID 4)\r\n",
];
