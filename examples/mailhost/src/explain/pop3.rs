//! What POP3 refuses.

use mail_wire::LineFault;
use pop3_proto::server::Phrase;
use pop3_proto::{Expected, Keyword, OutOfSequence, Phase};

use super::Lesson;

/// The refusal's words, and behind a semicolon what explains it, in one line. `None` for what is no refusal.
pub(crate) fn pop3(phrase: Phrase) -> Option<String> {
    let lesson = lesson(phrase)?;
    Some(format!("{phrase}; {lesson}"))
}

fn lesson(phrase: Phrase) -> Option<Lesson> {
    Some(match phrase {
        Phrase::BadLine(fault) => of_line(fault),
        Phrase::BadSyntax(error) => of_syntax(error.expected),
        Phrase::Misplaced(keyword, error) => of_sequence(keyword, error),
        Phrase::NotOffered(_) => Lesson::new(
            "the command exists and this server does not do it, or not now: CAPA lists what it does",
            "RFC 2449 §5",
        ),
        Phrase::NeedsTls(_) => Lesson::new(
            "a password that goes over the wire as it is can be read on the way: say STLS first, or connect with openssl s_client",
            "RFC 2595 §2.1",
        ),
        Phrase::AlreadySecured => Lesson::new("STLS is said once, before the login", "RFC 2595 §4"),
        Phrase::TlsBehindUtf8 => Lesson::new(
            "what was said before TLS may have been somebody else's, so that UTF8 comes behind STLS",
            "RFC 6856 §2.1",
        ),
        Phrase::Injection => Lesson::new(
            "behind STLS a client waits for +OK: what came in the same breath could be somebody else's",
            "RFC 2595 §4",
        ),
        Phrase::UnknownMechanism => Lesson::new(
            "AUTH takes a mechanism that the line SASL of CAPA's answer lists; USER and PASS are the old way",
            "RFC 5034 §4",
        ),
        Phrase::UnknownLanguage => Lesson::new("LANG alone lists the languages that there are", "RFC 6856 §3.1"),
        Phrase::NoSuchMessage { .. } => Lesson::new(
            "messages are numbered from 1, in the order of the maildrop, and LIST shows the numbers",
            "RFC 1939 §5",
        ),
        Phrase::AlreadyDeleted(_) => Lesson::new(
            "a message that DELE has marked is not to be had in this session, unless RSET takes all marks away",
            "RFC 1939 §5",
        ),
        Phrase::BadCredentials => Lesson::new(
            "USER gives the name and PASS the password; which of them is wrong is not said, for those who guess",
            "RFC 1939 §7",
        ),
        Phrase::MaildropBusy => Lesson::new(
            "one session at a time has the maildrop to itself, until its QUIT: look for another window with an open session",
            "RFC 1939 §4",
        ),
        Phrase::LoginDelay => Lesson::new(
            "the line LOGIN-DELAY of CAPA's answer says how long to wait between logins",
            "RFC 2449 §6.5",
        ),
        Phrase::Temporary => Lesson::new("SYS/TEMP: it may work later", "RFC 3206 §4"),
        Phrase::Permanent => Lesson::new("SYS/PERM: it works when a person has repaired it", "RFC 3206 §4"),
        Phrase::MessageGone => Lesson::new(
            "the maildrop is as it was at the login, and another program, by IMAP perhaps, has removed the message since",
            "RFC 1939 §8",
        ),
        Phrase::NotRemoved => Lesson::new(
            "QUIT removes what DELE has marked, and some of it is still there",
            "RFC 1939 §6",
        ),
        Phrase::NeedsUtf8 => Lesson::new(
            "the message has header fields beyond US-ASCII: say UTF8 before you log in",
            "RFC 6856 §5",
        ),
        Phrase::Cancelled => Lesson::new(
            "a line of * in place of an answer gives the exchange up; AUTH begins another",
            "RFC 5034 §4",
        ),
        Phrase::ShuttingDown => Lesson::new(
            "the server goes away; nothing that DELE has marked is removed",
            "RFC 1939 §3",
        ),
        _ => return None,
    })
}

fn of_line(fault: LineFault) -> Lesson {
    match fault {
        LineFault::BareLf => Lesson::new(
            "a line ends with CR LF; telnet sends both, nc sends LF alone, and both when it is called as nc -C",
            "RFC 1939 §3",
        ),
        LineFault::TooLong { .. } => Lesson::new("a command has at most 255 octets with its CR LF", "RFC 2449 §4"),
        _ => Lesson::new(
            "a command is a line of printable US-ASCII that CR LF ends",
            "RFC 1939 §3",
        ),
    }
}

fn of_syntax(expected: Expected) -> Lesson {
    match expected {
        Expected::Keyword => Lesson::new(
            "a line begins with a command of three or four letters: USER, PASS, STAT, LIST, RETR, DELE, NOOP, RSET, QUIT, TOP, UIDL or CAPA",
            "RFC 1939 §9",
        ),
        Expected::Argument => Lesson::new(
            "this command takes an argument behind exactly one blank: USER bob, RETR 1, TOP 1 10",
            "RFC 1939 §3",
        ),
        Expected::End => Lesson::new(
            "the command was complete before: what stands behind it, a blank too, is too much",
            "RFC 1939 §3",
        ),
        Expected::MessageNumber => Lesson::new(
            "the argument is a message's number, as LIST shows it, in decimal digits: RETR 1",
            "RFC 1939 §5",
        ),
        Expected::Number => Lesson::new(
            "TOP takes a message's number and how many lines of its body are wanted: TOP 1 10",
            "RFC 1939 §7",
        ),
        Expected::Name | Expected::Utf8Name => {
            Lesson::new("USER takes a mailbox's name, without blanks: USER bob", "RFC 1939 §7")
        }
        Expected::Password | Expected::Utf8Password => {
            Lesson::new("PASS takes the password, blanks in it included", "RFC 1939 §7")
        }
        Expected::Mechanism => Lesson::new("AUTH takes the name of a SASL mechanism: AUTH PLAIN", "RFC 5034 §4"),
        Expected::Base64 => Lesson::new(
            "what is sent in an AUTH exchange is base64, which hides nothing",
            "RFC 5034 §4",
        ),
        Expected::Digest => Lesson::new(
            "APOP takes the name and 32 digits: the MD5 of the greeting's timestamp and the password",
            "RFC 1939 §7",
        ),
        Expected::LanguageRange | Expected::LanguageTag => {
            Lesson::new("LANG takes a language: LANG en", "RFC 6856 §3.2")
        }
        _ => ORDINARY,
    }
}

fn of_sequence(keyword: Keyword, error: OutOfSequence) -> Lesson {
    match (error.phase, keyword) {
        (Phase::Authorization, Keyword::Pass) => {
            Lesson::new("PASS comes right behind USER, and nothing between", "RFC 1939 §7")
        }
        (Phase::Authorization, _) => Lesson::new(
            "the session begins in the AUTHORIZATION state: say USER and PASS first",
            "RFC 1939 §4",
        ),
        (Phase::Transaction, _) => Lesson::new(
            "whoever is logged in is in the TRANSACTION state: STAT, LIST, RETR, DELE, TOP and UIDL go there, QUIT leaves it",
            "RFC 1939 §5",
        ),
        _ => Lesson::new("the session is over", "RFC 1939 §3"),
    }
}

/// For what is not in the table.
const ORDINARY: Lesson = Lesson::new(
    "a command is a keyword, and behind one blank each what it takes",
    "RFC 1939 §3",
);

#[cfg(test)]
mod tests {
    use pop3_proto::{Command, MessageNumber, SyntaxError};

    use super::super::tests::check;
    use super::*;

    #[test]
    fn each_cause_has_a_lesson() {
        let number = MessageNumber::new(1).unwrap();
        let mut phrases = vec![
            Phrase::BadLine(LineFault::BareLf),
            Phrase::BadLine(LineFault::BareCr),
            Phrase::BadLine(LineFault::TooLong { limit: 255 }),
            Phrase::NotOffered(Keyword::Apop),
            Phrase::NeedsTls(Keyword::User),
            Phrase::AlreadySecured,
            Phrase::TlsBehindUtf8,
            Phrase::Injection,
            Phrase::UnknownMechanism,
            Phrase::UnknownLanguage,
            Phrase::NoSuchMessage { messages: u32::MAX },
            Phrase::AlreadyDeleted(number),
            Phrase::BadCredentials,
            Phrase::MaildropBusy,
            Phrase::LoginDelay,
            Phrase::Temporary,
            Phrase::Permanent,
            Phrase::MessageGone,
            Phrase::NotRemoved,
            Phrase::NeedsUtf8,
            Phrase::Cancelled,
            Phrase::ShuttingDown,
        ];
        for phase in [Phase::Authorization, Phase::Transaction, Phase::Update] {
            let misplaced = |keyword| Phrase::Misplaced(keyword, OutOfSequence { phase });
            phrases.extend([Keyword::Pass, Keyword::Retr].map(misplaced));
        }
        phrases.extend(syntax_errors().into_iter().map(Phrase::BadSyntax));
        for phrase in phrases {
            let found = lesson(phrase).unwrap_or_else(|| panic!("{phrase:?} has none"));
            check(&format!("{phrase:?}"), found, &[ORDINARY]);
            let line = pop3(phrase).unwrap();
            // `-ERR [LOGIN-DELAY] …`, with CR LF, in 512 octets (RFC 1939 §3).
            assert!(line.len() + 21 <= 512, "{line}");
        }
        check("whatever", ORDINARY, &[]);
        assert_eq!(pop3(Phrase::SendPassword), None);
    }

    /// Commands cut off, and with odd octets in each place.
    fn syntax_errors() -> Vec<SyntaxError> {
        let lines = [
            "USER bob",
            "PASS secret",
            "STAT",
            "LIST 1",
            "RETR 1",
            "DELE 1",
            "TOP 1 10",
            "UIDL 1",
            "QUIT",
            "AUTH PLAIN AGE=",
            "APOP bob c4c9334bac560ecc979e58001b3e22fb",
            "LANG en",
            "CAPA",
            "STLS",
            "UTF8",
            "RSET",
            "NOOP",
        ];
        let mut errors = Vec::new();
        for line in lines {
            for at in 0..=line.len() {
                for odd in ["", " ", "x", "0", "\u{1}", "="] {
                    let tried = format!("{}{odd}{}", &line[..at], line.get(at + 1..).unwrap_or_default());
                    for tried in [tried.clone(), tried[..at].to_owned(), format!("{line}{odd}")] {
                        errors.extend(Command::parse(tried.as_bytes()).err());
                    }
                }
            }
        }
        assert!(errors.len() > 100);
        errors
    }
}
