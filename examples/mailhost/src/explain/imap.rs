//! What IMAP refuses.

use imap_proto::server::{Cause, Error, Fault, Refusal, Refused};
use imap_proto::{Code, Phase};
use mail_wire::LineFault;

use super::Lesson;

/// What explains a refusal, in one line.
pub(crate) fn imap(refused: &Refused<'_>) -> Option<String> {
    Some(lesson(refused).to_string())
}

fn lesson(refused: &Refused<'_>) -> Lesson {
    match refused.cause {
        Cause::Fault(Fault::Line(fault)) => of_line(fault),
        Cause::Fault(Fault::Syntax(error)) => of_syntax(refused.command, error.expected),
        Cause::Fault(Fault::OutOfSequence(error)) => of_sequence(refused.command, error.phase),
        Cause::Fault(Fault::Unknown) => UNKNOWN,
        Cause::Fault(_) => Lesson::new(
            "the command is one of an extension: CAPABILITY tells which there are, before and behind the login",
            "RFC 9051 §6.1.1",
        ),
        Cause::Ended(error) => of_end(error),
        Cause::Refusal(refusal) => of_refusal(refused.command, refusal),
        _ => BAD,
    }
}

fn of_line(fault: LineFault) -> Lesson {
    match fault {
        LineFault::BareLf => Lesson::new(
            "a line ends with CR LF; telnet sends both, nc sends LF alone, and both when it is called as nc -C",
            "RFC 9051 §2.2",
        ),
        _ => Lesson::new(
            "a command is a line that CR LF ends, or several with literals between them",
            "RFC 9051 §2.2",
        ),
    }
}

fn of_syntax(command: &str, expected: &str) -> Lesson {
    match expected {
        "a tag" => TAG,
        // `LOGIN bob hungry` and `NOOP` without a tag: the name was taken for one.
        "a command" => Lesson::new(
            "the first word of a line is a tag of the client's choice, and the second is the command: a1 LOGIN bob hungry",
            "RFC 9051 §2.2.1",
        ),
        "DONE" => Lesson::new(
            "while it idles, the only thing that a client says is DONE, without a tag",
            "RFC 9051 §6.3.13",
        ),
        "base64" => Lesson::new(
            "what is sent in an AUTHENTICATE exchange is base64, which hides nothing",
            "RFC 9051 §6.2.2",
        ),
        _ if command.is_empty() => TAG,
        _ => of_command(command).unwrap_or(UNKNOWN),
    }
}

/// What a command looks like.
fn of_command(command: &str) -> Option<Lesson> {
    Some(match command {
        "CAPABILITY" | "NOOP" | "LOGOUT" => Lesson::new("the command takes nothing: a1 NOOP", "RFC 9051 §6.1"),
        "STARTTLS" => Lesson::new("STARTTLS takes nothing: a1 STARTTLS", "RFC 9051 §6.2.1"),
        "AUTHENTICATE" => Lesson::new(
            "AUTHENTICATE takes a mechanism that CAPABILITY lists behind AUTH=: a1 AUTHENTICATE PLAIN",
            "RFC 9051 §6.2.2",
        ),
        "LOGIN" => Lesson::new(
            "LOGIN takes a name and a password, in quotes if they hold blanks: a1 LOGIN bob \"two words\"",
            "RFC 9051 §6.2.3",
        ),
        "ENABLE" => Lesson::new("ENABLE takes capabilities: a1 ENABLE CONDSTORE", "RFC 9051 §6.3.1"),
        "SELECT" => Lesson::new("SELECT takes a mailbox: a1 SELECT INBOX", "RFC 9051 §6.3.2"),
        "EXAMINE" => Lesson::new("EXAMINE takes a mailbox: a1 EXAMINE INBOX", "RFC 9051 §6.3.3"),
        "CREATE" => Lesson::new("CREATE takes a new name: a1 CREATE Work/2026", "RFC 9051 §6.3.4"),
        "DELETE" => Lesson::new("DELETE takes a mailbox: a1 DELETE Work/2026", "RFC 9051 §6.3.5"),
        "RENAME" => Lesson::new(
            "RENAME takes a mailbox and its new name: a1 RENAME Work Play",
            "RFC 9051 §6.3.6",
        ),
        "SUBSCRIBE" => Lesson::new("SUBSCRIBE takes a mailbox: a1 SUBSCRIBE Work", "RFC 9051 §6.3.7"),
        "UNSUBSCRIBE" => Lesson::new("UNSUBSCRIBE takes a mailbox: a1 UNSUBSCRIBE Work", "RFC 9051 §6.3.8"),
        "LIST" => Lesson::new(
            "LIST takes a reference and a pattern, in which * stands for anything and % for one level: a1 LIST \"\" \"*\"",
            "RFC 9051 §6.3.9",
        ),
        "LSUB" => Lesson::new(
            "LSUB takes a reference and a pattern: a1 LSUB \"\" \"*\"",
            "RFC 3501 §6.3.9",
        ),
        "NAMESPACE" => Lesson::new("NAMESPACE takes nothing: a1 NAMESPACE", "RFC 9051 §6.3.10"),
        "STATUS" => Lesson::new(
            "STATUS takes a mailbox and what to tell of it: a1 STATUS INBOX (MESSAGES UNSEEN)",
            "RFC 9051 §6.3.11",
        ),
        "APPEND" => Lesson::new(
            "APPEND takes a mailbox, perhaps flags and a date, and a literal: a1 APPEND INBOX (\\Seen) {310}, then, behind the server's +, 310 octets",
            "RFC 9051 §6.3.12",
        ),
        "IDLE" => Lesson::new("IDLE takes nothing; DONE ends it", "RFC 9051 §6.3.13"),
        "CLOSE" | "UNSELECT" | "CHECK" => Lesson::new("the command takes nothing: a1 CLOSE", "RFC 9051 §6.4.1"),
        "EXPUNGE" => Lesson::new(
            "EXPUNGE takes nothing, and UID EXPUNGE a set: a1 EXPUNGE, or a1 UID EXPUNGE 4:7",
            "RFC 9051 §6.4.3",
        ),
        "SEARCH" => Lesson::new(
            "SEARCH takes keys, all of which must be true: a1 SEARCH UNSEEN FROM \"alice\" SINCE 1-Feb-2026",
            "RFC 9051 §6.4.4",
        ),
        "FETCH" => Lesson::new(
            "FETCH takes messages and what to tell of them: a1 FETCH 1:3 (FLAGS BODY.PEEK[HEADER]); BODY[] is a whole message",
            "RFC 9051 §6.4.5",
        ),
        "STORE" => Lesson::new(
            "STORE takes messages, what to do, and flags: a1 STORE 1 +FLAGS (\\Deleted)",
            "RFC 9051 §6.4.6",
        ),
        "COPY" => Lesson::new("COPY takes messages and a mailbox: a1 COPY 1:3 Work", "RFC 9051 §6.4.7"),
        "MOVE" => Lesson::new("MOVE takes messages and a mailbox: a1 MOVE 1:3 Work", "RFC 9051 §6.4.8"),
        "UID" => Lesson::new(
            "UID stands in front of FETCH, STORE, COPY, MOVE, SEARCH or EXPUNGE: a1 UID FETCH 4:7 FLAGS",
            "RFC 9051 §6.4.9",
        ),
        "SORT" => Lesson::new(
            "SORT takes criteria, a charset and search keys: a1 SORT (REVERSE DATE) UTF-8 ALL",
            "RFC 5256 §3",
        ),
        "THREAD" => Lesson::new(
            "THREAD takes an algorithm, a charset and search keys: a1 THREAD REFERENCES UTF-8 ALL",
            "RFC 5256 §3",
        ),
        "ID" => Lesson::new(
            "ID takes a list of names and values, or NIL: a1 ID NIL",
            "RFC 2971 §3.1",
        ),
        "SETACL" | "GETACL" | "DELETEACL" | "LISTRIGHTS" | "MYRIGHTS" => Lesson::new(
            "rights are given by letters: a1 SETACL Work alice lrs, a1 GETACL Work",
            "RFC 4314 §3",
        ),
        "GETQUOTA" | "GETQUOTAROOT" | "SETQUOTA" => {
            Lesson::new("a1 GETQUOTAROOT INBOX tells what there is room for", "RFC 9208 §4.1")
        }
        "GETMETADATA" | "SETMETADATA" => Lesson::new(
            "annotations have names that begin with /private/ or /shared/: a1 SETMETADATA INBOX (/private/comment \"mine\")",
            "RFC 5464 §4.3",
        ),
        "NOTIFY" => Lesson::new(
            "NOTIFY says what to tell of which mailboxes: a1 NOTIFY SET (PERSONAL (MessageNew MessageExpunge))",
            "RFC 5465 §3",
        ),
        "REPLACE" => Lesson::new(
            "REPLACE takes a message and what APPEND takes: a1 REPLACE 4 Drafts {310}",
            "RFC 8508 §3.2",
        ),
        "COMPRESS" => Lesson::new("COMPRESS takes DEFLATE: a1 COMPRESS DEFLATE", "RFC 4978 §3"),
        _ => return None,
    })
}

fn of_sequence(command: &str, phase: Phase) -> Lesson {
    let needs_login = of_command(command).is_some();
    match phase {
        Phase::NotAuthenticated if needs_login => Lesson::new(
            "the session begins in the not authenticated state: say a1 LOGIN name password first",
            "RFC 9051 §6.2",
        ),
        Phase::NotAuthenticated => UNKNOWN,
        Phase::Authenticated if matches!(command, "LOGIN" | "AUTHENTICATE" | "STARTTLS") => LOGGED_IN,
        Phase::Authenticated => Lesson::new(
            "messages are read in the selected state: say a1 SELECT INBOX first",
            "RFC 9051 §6.4",
        ),
        Phase::Selected if matches!(command, "LOGIN" | "AUTHENTICATE" | "STARTTLS") => LOGGED_IN,
        Phase::Selected => Lesson::new(
            "the command goes before a mailbox is selected: UNSELECT leaves it",
            "RFC 9051 §6.3.1",
        ),
        _ => Lesson::new("the session is over", "RFC 9051 §3.4"),
    }
}

fn of_end(error: Error) -> Lesson {
    match error {
        Error::Inactive { .. } => Lesson::new(
            "a server waits half an hour for a client that is logged in: NOOP or IDLE keeps the session",
            "RFC 9051 §5.4",
        ),
        Error::FailedLogins { .. } => Lesson::new(
            "whoever guesses at passwords is hung up on: connect again",
            "RFC 9051 §11.7",
        ),
        Error::Errors { .. } => Lesson::new(
            "whoever makes so many faults in a row is no mail client: connect again",
            "RFC 9051 §7.1.5",
        ),
        Error::CommandTooLong { .. } => Lesson::new(
            "a command has some thousand octets at most; messages go in literals",
            "RFC 9051 §4.3",
        ),
        Error::LiteralTooLong { .. } => Lesson::new(
            "a literal that does not wait for the server's + has a bounded length: leave its + away and wait",
            "RFC 7888 §4",
        ),
        Error::Injection => Lesson::new(
            "behind STARTTLS a client waits for OK: what came in the same breath could be somebody else's",
            "RFC 9051 §6.2.1",
        ),
        _ => Lesson::new(
            "BYE says that the server ends the session, at any time",
            "RFC 9051 §7.1.5",
        ),
    }
}

/// By the code, which says what is the matter (RFC 5530); else by the command.
fn of_refusal(command: &str, refusal: &Refusal) -> Lesson {
    if let Some(lesson) = refusal.code().and_then(of_code) {
        return lesson;
    }
    match of_command(command) {
        Some(lesson) if !refusal.is_no() => lesson,
        _ if refusal.is_no() => NO,
        _ => BAD,
    }
}

fn of_code(code: &Code<'_>) -> Option<Lesson> {
    Some(match code {
        Code::NonExistent => Lesson::new(
            "there is no mailbox of this name that you may see; LIST \"\" \"*\" shows those that there are, and only INBOX is found in any case of its letters",
            "RFC 9051 §6.3.9",
        ),
        Code::TryCreate => Lesson::new(
            "the mailbox must be there before messages come to it: CREATE makes it, then the same command works",
            "RFC 9051 §6.3.12",
        ),
        Code::AlreadyExists => Lesson::new(
            "a name is given once; RENAME and CREATE take one that is free",
            "RFC 9051 §6.3.4",
        ),
        Code::AuthenticationFailed => Lesson::new(
            "name or password is wrong; which of them is not said, for those who guess",
            "RFC 9051 §6.2.3",
        ),
        Code::PrivacyRequired => Lesson::new(
            "a password that goes over the wire as it is can be read on the way: say STARTTLS first, or connect with openssl s_client",
            "RFC 9051 §11.1",
        ),
        Code::NoPerm => Lesson::new(
            "MYRIGHTS shows by letters what you may do with a mailbox, and EXAMINE opens it for reading only",
            "RFC 4314 §4",
        ),
        Code::Cannot => Lesson::new(
            "what you ask for cannot be done here, whoever asks, and however often",
            "RFC 5530 §3",
        ),
        Code::Limit => Lesson::new("there may be only so many of these: remove some first", "RFC 5530 §3"),
        Code::TooBig => Lesson::new(
            "APPENDLIMIT= among the capabilities says how many octets a message may have",
            "RFC 7889 §3",
        ),
        Code::OverQuota => Lesson::new(
            "GETQUOTAROOT shows what there is room for; delete and EXPUNGE something",
            "RFC 9208 §4.3",
        ),
        Code::ExpungeIssued => Lesson::new(
            "another session has removed messages: NOOP tells which, and the numbers behind them change",
            "RFC 5530 §3",
        ),
        Code::BadCharset(_) => Lesson::new("SEARCH takes CHARSET UTF-8 and those in the list", "RFC 9051 §6.4.4"),
        Code::UseAttr => Lesson::new("one mailbox each is for sent mail, drafts and so on", "RFC 6154 §3"),
        Code::BadUrl(_) => Lesson::new(
            "CATENATE takes URLs of messages on this server, seen from the mailbox",
            "RFC 4469 §3",
        ),
        Code::UnknownCte => Lesson::new(
            "BINARY takes transfer encodings off, and does not know this one: fetch BODY[...] as it is",
            "RFC 9051 §7.1",
        ),
        Code::CompressionActive => Lesson::new("COMPRESS is said once", "RFC 4978 §3"),
        Code::BadEvent(_) => Lesson::new("NOTIFY knows the events in the list", "RFC 5465 §8"),
        Code::MetadataMaxSize(_) | Code::MetadataTooMany => Lesson::new(
            "an annotation may be only so long, and a mailbox has only so many",
            "RFC 5464 §4.3",
        ),
        Code::Corruption | Code::ServerBug | Code::Unavailable => Lesson::new(
            "that is the server's fault, not yours: try later, or tell whoever runs it",
            "RFC 5530 §3",
        ),
        _ => return None,
    })
}

const TAG: Lesson = Lesson::new(
    "each command begins with a tag of the client's choice and a blank, so that answers can be told apart: a1 CAPABILITY",
    "RFC 9051 §2.2.1",
);

const UNKNOWN: Lesson = Lesson::new(
    "there is no such command: the first word of a line is a tag of the client's choice, and the second the command, as in a1 LOGIN bob hungry",
    "RFC 9051 §6",
);

const LOGGED_IN: Lesson = Lesson::new("you are logged in already; LOGOUT ends the session", "RFC 9051 §3.2");

/// For what is not in the tables.
const NO: Lesson = Lesson::new(
    "NO says that the command is well formed and could not be done",
    "RFC 9051 §7.1.2",
);

/// For what is not in the tables.
const BAD: Lesson = Lesson::new(
    "BAD says that the command makes no sense to the server",
    "RFC 9051 §7.1.3",
);

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;
    use imap_proto::{OutOfSequence, SyntaxError};

    const COMMANDS: [&str; 49] = [
        "CAPABILITY",
        "NOOP",
        "LOGOUT",
        "STARTTLS",
        "AUTHENTICATE",
        "LOGIN",
        "ENABLE",
        "SELECT",
        "EXAMINE",
        "CREATE",
        "DELETE",
        "RENAME",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "LIST",
        "LSUB",
        "NAMESPACE",
        "STATUS",
        "APPEND",
        "IDLE",
        "CLOSE",
        "UNSELECT",
        "CHECK",
        "EXPUNGE",
        "SEARCH",
        "FETCH",
        "STORE",
        "COPY",
        "MOVE",
        "UID",
        "SORT",
        "THREAD",
        "ID",
        "SETACL",
        "GETACL",
        "DELETEACL",
        "LISTRIGHTS",
        "MYRIGHTS",
        "GETQUOTA",
        "GETQUOTAROOT",
        "SETQUOTA",
        "GETMETADATA",
        "SETMETADATA",
        "NOTIFY",
        "REPLACE",
        "COMPRESS",
        "",
        "NONSENSE",
        "XLIST",
    ];

    fn causes<'a>(refusals: &'a [Refusal]) -> Vec<Cause<'a>> {
        let mut causes = vec![
            Cause::Fault(Fault::Line(LineFault::BareLf)),
            Cause::Fault(Fault::Line(LineFault::BareCr)),
            Cause::Fault(Fault::Line(LineFault::TooLong { limit: 1 })),
            Cause::Fault(Fault::Unknown),
            Cause::Fault(Fault::NotOffered),
            Cause::Ended(Error::Inactive { what: "a command" }),
            Cause::Ended(Error::FailedLogins { limit: 1 }),
            Cause::Ended(Error::Errors { limit: 1 }),
            Cause::Ended(Error::CommandTooLong { limit: 1 }),
            Cause::Ended(Error::LiteralTooLong { limit: 1 }),
            Cause::Ended(Error::Injection),
            Cause::Ended(Error::Updates { limit: 1 }),
        ];
        let expected = ["a tag", "a command", "DONE", "base64", "a space", "\")\""];
        causes.extend(expected.map(|expected| Cause::Fault(Fault::Syntax(SyntaxError::new(0, expected)))));
        causes.extend(Phase::ALL.map(|phase| Cause::Fault(Fault::OutOfSequence(OutOfSequence { phase }))));
        causes.extend(refusals.iter().map(Cause::Refusal));
        causes
    }

    #[test]
    fn each_cause_has_a_lesson() {
        let codes = [
            Code::NonExistent,
            Code::TryCreate,
            Code::AlreadyExists,
            Code::AuthenticationFailed,
            Code::PrivacyRequired,
            Code::NoPerm,
            Code::Cannot,
            Code::Limit,
            Code::TooBig,
            Code::OverQuota,
            Code::ExpungeIssued,
            Code::BadCharset(Vec::new()),
            Code::UseAttr,
            Code::UnknownCte,
            Code::CompressionActive,
            Code::MetadataTooMany,
            Code::MetadataMaxSize(1),
            Code::Corruption,
            Code::ServerBug,
            Code::Unavailable,
        ];
        let refusals: Vec<Refusal> = codes.map(|code| Refusal::fixed("no").with_code(code)).into();
        for command in COMMANDS {
            for cause in causes(&refusals) {
                for phase in Phase::ALL {
                    let found = lesson(&Refused::new(command, cause, phase));
                    check(&format!("{command} {cause:?} {phase}"), found, &[NO, BAD]);
                }
            }
        }
        let bad = Refusal::bad("no such option").unwrap();
        let known = COMMANDS.iter().filter(|command| of_command(command).is_some());
        assert_eq!(known.clone().count(), COMMANDS.len() - 3);
        known.for_each(|command| check(command, of_refusal(command, &bad), &[NO, BAD]));
        check("NO", NO, &[]);
        check("BAD", BAD, &[]);
    }
}
