//! Properties over any input.

mod common;

use mail_wire::Secret;
use proptest::collection::vec;
use proptest::prelude::*;
use smtp_proto::{
    Argument, Atrn, Attributes, Auth, Bdat, Burl, ClientName, Command, DeliverBy, EhloLine, EnvelopeId, ForwardPath,
    Hold, Inquiry, Keyword, MailFrom, Mailbox, OriginalRecipient, ParameterList, RcptTo, Solicitation, Submitter,
    TooLate,
};
use smtp_proto::{Refusal, Reply, ReplyCode, ReplyText, ReversePath, fuzzing};

/// Pieces that dialogues are made of, so that random input gets deep.
const COMMANDS: &[&str] = &[
    "EHLO a.example\r\n",
    "HELO a.example\r\n",
    "MAIL FROM:<>\r\n",
    "MAIL FROM:<a@b.example> SIZE=10\r\n",
    "RCPT TO:<bob@c.example>\r\n",
    "RCPT TO:<al@c.example>\r\n",
    "DATA\r\n",
    ".\r\n",
    "x\r\n",
    "..\r\n",
    "\r\n",
    "\n",
    "\r",
    ".",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY x\r\n",
    "EXPN x\r\n",
    "HELP\r\n",
    "QUIT\r\n",
    "\0",
    "MAIL FROM: a@b\r\n",
    "\x02",
    "\x2a",
    "LHLO a.example\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN\r\n",
    "AUTH PLAIN =\r\n",
    "AUTH X =\r\n",
    "*\r\n",
    "AGEAYg==\r\n",
    "YWE=\r\n",
    "BDAT 3\r\n",
    "BDAT 3 LAST\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT 1001\r\n",
    "BDAT 99999999999999999999\r\n",
    "x\r\n",
    "MAIL FROM:<> BODY=BINARYMIME\r\n",
    "MAIL FROM:<\u{fc}@b.example> SMTPUTF8\r\n",
    "RCPT TO:<\u{fc}@c.example> NOTIFY=NEVER\r\n",
    "XCLIENT ADDR=192.0.2.7 LOGIN=x\r\n",
    "XFORWARD ADDR=192.0.2.7\r\n",
    "ETRN x\r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n",
];
const FRONTS: &[&str] = &[
    "\x02\r\nEHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@c.example>\r\n",
    "\x02\r\nEHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@c.example>\r\nBDAT 5\r\nabc\r\n",
    "\x02\r\nEHLO a.example\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<bob@c.example>\r\nBDAT 3\r\na\r\n",
    "\x02\r\nEHLO a.example\r\nAUTH PLAIN\r\n",
    "*\r\nLHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@c.example>\r\nRCPT TO:<bob@d.example>\r\n",
    "*\r\nLHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@c.example>\r\nRCPT TO:<bob@d.example>\r\nBDAT 3\r\na\r\n",
    "\x07\nEHLO a.example\r\n",
    "PROXY UNKNOWN\r\nEHLO a.example\r\n",
];
const PARAMETERS: &[&str] = &[
    "MAIL FROM:<> ",
    "MAIL FROM:<a@b.example> ",
    "MAIL FROM:<\u{fc}@b.example> SMTPUTF8 ",
    "RCPT TO:<bob@c.example> ",
    "RET=FULL",
    "RET=hdrs",
    "ENVID=",
    "NOTIFY=SUCCESS,DELAY",
    "NOTIFY=NEVER",
    "ORCPT=rfc822;",
    "ORCPT=utf-8;",
    "\\x{FC}",
    "+2B",
    "x+3D",
    "a",
    " ",
    "BY=-1;N",
    "BY=+120;rt",
    "HOLDFOR=60",
    "HOLDUNTIL=2026-12-31T00:00:00.5Z",
    "MT-PRIORITY=-3",
    "SOLICIT=a:b,c",
    "AUTH=<>",
    "AUTH=a+2B@b.example",
    "RRVS=2014-04-03T23:01:00+01:00",
    ";R",
    "SIZE=1",
    "BODY=7BIT",
];
const REPLIES: &[&str] = &[
    "220 a\r\n",
    "250 ok\r\n",
    "250-PIPELINING\r\n",
    "250-a\r\n250 PIPELINING\r\n",
    "354 go\r\n",
    "550 no\r\n",
    "421 bye\r\n",
    "221 bye\r\n",
    "2",
    "\r\n",
    "\n",
    "250",
    "250 SIZE 10\r\n",
    "299 x\r\n",
    "xyz\r\n",
];

fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let octets = vec(any::<u8>(), 1..4);
    let piece = prop_oneof![
        9 => prop::sample::select(of).prop_map(|text| text.as_bytes().to_vec()),
        1 => octets,
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Text with what injectors use.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,24}",
        "[a\"@\\\\<>.\r\n\0 =x\t]{0,12}",
        "\\PC{0,12}",
        Just("a@b\r\nDATA".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same behind a front that leads into transactions, chunks, exchanges and LMTP.
    #[test]
    fn a_server_further_on(front in prop::sample::select(FRONTS), data in pieces(COMMANDS)) {
        fuzzing::server(&[front.as_bytes(), &data].concat());
    }

    #[test]
    fn parameters_from_pieces(data in pieces(PARAMETERS)) {
        fuzzing::command(&data);
        fuzzing::parameters(&data);
    }

    #[test]
    fn commands_from_octets(data in vec(any::<u8>(), 0..64)) {
        fuzzing::command(&data);
    }

    #[test]
    fn commands_from_text(verb in "(?i)(MAIL FROM:|RCPT TO:|EHLO |VRFY |NOOP |HELP|QUIT)", rest in "[<>@a.\"\\\\: =\\[\\]0IPv6-]{0,24}") {
        fuzzing::command(format!("{verb}{rest}").as_bytes());
    }

    #[test]
    fn replies(data in pieces(REPLIES)) {
        fuzzing::reply(&data);
    }

    /// docs/threats.md row 12: chunking never matters.
    #[test]
    fn servers(data in pieces(COMMANDS)) {
        fuzzing::server(&data);
    }

    #[test]
    fn servers_in_transactions(data in pieces(COMMANDS)) {
        let mut dialogue = b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@c.example>\r\nRCPT TO:<al@c.example>\r\nDATA\r\n".to_vec();
        dialogue.extend(data);
        fuzzing::server(&dialogue);
    }

    #[test]
    fn clients(data in pieces(REPLIES)) {
        let mut dialogue = b"220 a\r\n".to_vec();
        dialogue.extend(data);
        fuzzing::client(&dialogue);
    }

    /// docs/threats.md rows 7 and 21: nothing that a public constructor takes makes a second line, or a NUL.
    #[test]
    fn nothing_can_be_injected(text in hostile(), other in hostile()) {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut write = |command: Command| {
            let mut wire = Vec::new();
            command.write(&mut wire);
            lines.push(wire);
        };
        let mut parameters = ParameterList::new();
        let _ = parameters.push(&text, Some(&other));
        let _ = parameters.push(&text, None);
        let _ = parameters.push("X", Some(&other));
        write(Command::Mail(MailFrom::new(&ReversePath::null(), &parameters)));
        if let Ok(mailbox) = Mailbox::new(&text, &other) {
            write(Command::Rcpt(RcptTo::new(&mailbox.into(), &parameters)));
        }
        if let Ok(mailbox) = Mailbox::new(&text, "c.example") {
            prop_assert_eq!(mailbox.local_part(), &text[..]);
            prop_assert_eq!(mailbox.domain(), "c.example");
            write(Command::Mail(MailFrom::new(&mailbox.into(), &parameters)));
        }
        if let Ok(mailbox) = text.parse::<Mailbox>() {
            prop_assert_eq!(&mailbox.to_string().parse::<Mailbox>().unwrap(), &mailbox);
            write(Command::Rcpt(RcptTo::new(&mailbox.into(), &parameters)));
        }
        if let Ok(path) = text.parse::<ForwardPath>() {
            write(Command::Rcpt(RcptTo::new(&path, &parameters)));
        }
        if let Ok(name) = text.parse::<ClientName>() {
            write(Command::Ehlo(name));
        }
        if let Ok(argument) = text.parse::<Argument>() {
            write(Command::Noop(Some(argument)));
        }
        if let Ok(inquiry) = text.parse::<Inquiry>() {
            write(Command::Vrfy(inquiry));
        }
        for line in lines {
            let inner = line.strip_suffix(b"\r\n").expect("a line");
            prop_assert!(!inner.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')));
            prop_assert!(Command::parse(inner).is_ok(), "{:?}", String::from_utf8_lossy(inner));
        }
        if let Ok(line) = text.parse::<EhloLine>() {
            prop_assert!(line.to_string().bytes().all(|octet| matches!(octet, b' '..=b'~')));
        }
        if let Ok(keyword) = text.parse::<Keyword>() {
            prop_assert!(keyword.as_str().bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-'));
        }
    }

    /// docs/threats.md rows 7 and 21, for the commands and parameters of extensions.
    #[test]
    fn extensions_inject_nothing(text in hostile(), other in hostile(), secret in vec(any::<u8>(), 0..12)) {
        let mut mail = ParameterList::new();
        let mut rcpt = ParameterList::new();
        if let Ok(id) = EnvelopeId::new(&text) {
            mail.push_envelope_id(&id);
        }
        if let Ok(classes) = text.parse::<Solicitation>() {
            mail.push_solicitation(&classes);
        }
        if let Ok(mailbox) = Mailbox::new(&text, "c.example") {
            mail.push_submitter(&Submitter::Mailbox(mailbox));
        }
        for kind in ["rfc822", "utf-8", &other] {
            if let Ok(recipient) = OriginalRecipient::new(kind, &text) {
                rcpt = ParameterList::new();
                rcpt.push_original_recipient(&recipient);
                prop_assert_eq!(recipient.to_string().parse::<OriginalRecipient>(), Ok(recipient));
            }
        }
        mail.push_hold(&Hold::For(u32::MAX)).push_deliver_by(DeliverBy {
            seconds: i32::MIN,
            otherwise: TooLate::Notify,
            trace: false,
        });
        let mut attributes = Attributes::new();
        let _ = attributes.push(&text, &other);
        let _ = attributes.push("NAME", &text);
        let mut commands = vec![
            Command::Mail(MailFrom::new(&ReversePath::null(), &mail)),
            Command::Rcpt(RcptTo::new(&ForwardPath::postmaster(), &rcpt)),
            Command::XClient(attributes.clone()),
            Command::Bdat(Bdat { size: u64::MAX, last: true }),
        ];
        commands.extend(text.parse().ok().map(Command::Etrn));
        commands.extend(text.parse().ok().map(|domain| Command::Atrn(Atrn { domains: vec![domain] })));
        commands.extend(text.parse().ok().map(|url| Command::Burl(Burl { url, last: false })));
        commands.extend(text.parse().ok().map(|mechanism| {
            let initial_response = Some(Secret::from(&secret[..]));
            Command::Auth(Auth { mechanism, initial_response })
        }));
        if let Ok(mailbox) = Mailbox::parse_utf8(&text) {
            mail.push_smtp_utf8();
            commands.push(Command::Mail(MailFrom::new(&mailbox.into(), &mail)));
        }
        for command in commands {
            let mut wire = Vec::new();
            command.write(&mut wire);
            let inner = wire.strip_suffix(b"\r\n").expect("a line");
            prop_assert!(!inner.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')));
            prop_assert_eq!(Command::parse(inner), Ok(command));
        }
    }

    /// docs/threats.md row 7: the text of a reply makes lines of that reply only.
    #[test]
    fn reply_texts_stay_inside_their_reply(text in hostile(), code in 0u16..700) {
        let texts = [text.parse::<ReplyText>().ok(), Some(ReplyText::lossy(&text))];
        for text in texts.into_iter().flatten() {
            let Ok(code) = ReplyCode::try_from(code) else { continue };
            let reply = Reply::new(code, &text);
            let mut wire = Vec::new();
            reply.write(&mut wire);
            prop_assert_eq!(Reply::parse(&wire), Ok(reply));
        }
        if let Ok(refusal) = Refusal::new(code, "4.0.0", &text) {
            prop_assert!(refusal.code().number() >= 400);
        }
    }
}

/// Inputs that once were, or might have been, trouble.
#[test]
fn the_corpus_holds() {
    let corpus: &[&[u8]] = &[
        b"",
        b"MAIL FROM:<\"a@evil> ORCPT=x\"@good.example> SIZE=1",
        b"RCPT TO:<@a.example,@b.example:c@[IPv6:::1]>",
        b"RCPT TO:<postmaster>",
        b"MAIL FROM:<> X=",
        b"mail from:a@b",
        b"250-a\r\n550 b\r\n",
        b"250\r\n",
        b"220 a\r\n250-a\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n250 done\r\n221 bye\r\n",
        b"220 a\r\n502 what\r\n250 a\r\n451 no\r\n221 bye\r\n",
        b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<aa@b>\r\nDATA\r\n\r\n.\r\nQUIT\r\n",
        b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<aa@b>\r\nDATA\r\n\n.\n\r.\r\r\n.\r\nQUIT\r\n",
    ];
    let of_extensions: &[&[u8]] = &[
        b"RCPT TO:<a@b.example> ORCPT==;0",
        b"RCPT TO:<a@b.example> NOTIFY=delay ORCPT=utf-8;\\x{FC}@b.example RRVS=2014-04-03T23:01:00Z;R",
        b"MAIL FROM:<> HOLDFOR=1 HOLDUNTIL=2014-04-03T23:01:00Z",
        b"MAIL FROM:<a@b.example> RET=FULL ENVID=+2B BY=-1;NT MT-PRIORITY=-9 SOLICIT=a,b AUTH=<> SMTPUTF8",
        b"\x02\nEHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nBDAT 3\r\na\r\nRSET\r\nBDAT 1\r\nxQUIT\r\n",
        b"*\nLHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nRCPT TO:<bob@c.example>\r\nBDAT 2000 LAST\r\nxx",
        b"\x02\nEHLO a\r\nSTARTTLS\r\nEHLO a\r\nAUTH PLAIN\r\n*\r\nAUTH PLAIN\r\nAGEAYg==\r\nMAIL FROM:<>\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nEHLO a\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0EHLO a\r\n",
    ];
    for data in corpus.iter().chain(of_extensions) {
        fuzzing::parameters(data);
        fuzzing::command(data);
        fuzzing::reply(data);
        fuzzing::server(data);
        fuzzing::client(data);
    }
}
