//! What SMTP, submission and LMTP refuse.

use mail_wire::LineFault;
use smtp_proto::phase::{Action, OutOfSequence, Phase};
use smtp_proto::server::Refused;
use smtp_proto::{CommandError, Expected, Limit, Refusal, SyntaxError, Verb};

use super::{Lesson, wrapped};

/// What explains a refusal, in lines that a terminal shows whole.
pub(crate) fn smtp(refused: &Refused<'_>) -> Option<String> {
    Some(wrapped(&lesson(refused).to_string(), WIDTH))
}

fn lesson(refused: &Refused<'_>) -> Lesson {
    match refused.fault {
        Some(fault) => of_fault(fault, refused.verb),
        None => of_refusal(refused.refusal),
    }
}

fn of_fault(fault: CommandError, verb: Option<Verb>) -> Lesson {
    match fault {
        CommandError::Line(fault) => of_line(fault),
        CommandError::Syntax(error) | CommandError::Chunk(error) => of_syntax(error, verb),
        CommandError::Sequence(error) => of_sequence(error),
        CommandError::Limit(limit) => of_limit(limit),
        CommandError::Parameter => Lesson::new(
            "MAIL and RCPT take only parameters of extensions that the answer to EHLO lists, and behind HELO none; give the command without it",
            "RFC 5321 §4.1.1.11",
        ),
        CommandError::NotOffered => Lesson::new(
            "the command exists, and this server does not do it, or not now: EHLO's answer lists what it does",
            "RFC 5321 §4.2.4",
        ),
        CommandError::NoRecipients => Lesson::new(
            "a message needs somebody to go to: give RCPT TO:<bob@example.org> until one is answered with 250, then DATA",
            "RFC 5321 §3.3",
        ),
        CommandError::BinaryNeedsChunks => Lesson::new(
            "a message that was announced as BODY=BINARYMIME may hold any octets, so a dot cannot end it: send it with BDAT and its length",
            "RFC 3030 §3",
        ),
        CommandError::NonAsciiSender => Lesson::new(
            "an address with letters beyond US-ASCII goes only with the parameter SMTPUTF8: MAIL FROM:<...> SMTPUTF8",
            "RFC 6531 §3.4",
        ),
        CommandError::NoTime | CommandError::TooSoon(_) => Lesson::new(
            "BY=seconds;R says within how many seconds the message is to be delivered, or else returned; it must be time enough",
            "RFC 2852 §4",
        ),
        CommandError::HeldTooLong => Lesson::new(
            "HOLDFOR and HOLDUNTIL ask that a message waits, no longer than the number that EHLO's answer gives behind FUTURERELEASE",
            "RFC 4865 §4",
        ),
        CommandError::AuthCancelled => Lesson::new(
            "a line of * in place of an answer gives the exchange up; AUTH begins another",
            "RFC 4954 §4",
        ),
        CommandError::AuthJunk => Lesson::new(
            "what is sent in an AUTH exchange is base64, which hides nothing: mailtool or base64(1) makes and reads it",
            "RFC 4954 §4",
        ),
        CommandError::AuthTooLong => Lesson::new("a line of an AUTH exchange has at most 12288 octets", "RFC 4954 §4"),
        CommandError::AuthRequired => Lesson::new(
            "users who send mail say who they are first: AUTH, with one of the mechanisms that EHLO's answer lists; other hosts bring mail to port 25",
            "RFC 4954 §6",
        ),
        CommandError::TlsRequired => Lesson::new(
            "the connection must be encrypted first: say STARTTLS, or use openssl s_client -starttls smtp, which says it for you",
            "RFC 3207 §4",
        ),
        CommandError::Injection => Lesson::new(
            "behind STARTTLS a client waits for 220: what came in the same breath could be somebody else's, so that it is thrown away with the connection",
            "RFC 3207 §4.2",
        ),
        CommandError::NotTrusted => Lesson::new(
            "only a proxy of this host's own may say for whom it speaks",
            "RFC 5321 §7.8",
        ),
        CommandError::Proxy(_) => Lesson::new(
            "this door is for a proxy, which says first where the client comes from",
            "RFC 5321 §3.1",
        ),
        CommandError::BareLineEnd => Lesson::new(
            "CR and LF come together or not at all, also inside a message: servers that read a lone one as a line's end can be made to see two messages in one",
            "RFC 5321 §2.3.8",
        ),
        CommandError::Timeout => Lesson::new(
            "a server waits five minutes for the next command, or for the next octets of a message, and not for ever",
            "RFC 5321 §4.5.3.2.7",
        ),
        CommandError::ShuttingDown => Lesson::new(
            "421 says that the server goes away, at any point; a client tries again later",
            "RFC 5321 §3.8",
        ),
        _ => REFUSED,
    }
}

fn of_line(fault: LineFault) -> Lesson {
    match fault {
        LineFault::BareLf => Lesson::new(
            "a line ends with CR LF; telnet sends both, nc sends LF alone, and both when it is called as nc -C",
            "RFC 5321 §2.3.8",
        ),
        LineFault::BareCr => Lesson::new(
            "a line ends with CR LF, and a CR stands nowhere else",
            "RFC 5321 §2.3.8",
        ),
        LineFault::TooLong { .. } => Lesson::new(
            "a command has at most 512 octets with its CR LF, and some more where an extension says so",
            "RFC 5321 §4.5.3.1.4",
        ),
        _ => Lesson::new("a command is a line of printable US-ASCII", "RFC 5321 §2.4"),
    }
}

fn of_syntax(error: SyntaxError, verb: Option<Verb>) -> Lesson {
    match (error.expected, verb) {
        (Expected::Command, _) => Lesson::new(
            "a line begins with a command: HELO, EHLO, MAIL, RCPT, DATA, RSET, VRFY, HELP, NOOP or QUIT; no blank stands in front of it",
            "RFC 5321 §4.1.1",
        ),
        (Expected::CommandInUse, _) => Lesson::new(
            "SEND, SOML, SAML and TURN were commands of 1982, and no server does them any more: use MAIL",
            "RFC 5321 §F.6",
        ),
        (Expected::Ascii, _) => Lesson::new(
            "an address with letters beyond US-ASCII goes only in a message whose MAIL has the parameter SMTPUTF8",
            "RFC 6531 §3.4",
        ),
        (Expected::AtMost(64), _) => Lesson::new(
            "what stands in front of the @ has at most 64 octets",
            "RFC 5321 §4.5.3.1.1",
        ),
        (Expected::Octet(b'<'), Some(Verb::Mail)) => Lesson::new(
            "MAIL FROM takes a path in angle brackets, and no blank stands between the colon and it: MAIL FROM:<alice@example.org>",
            "RFC 5321 §3.3",
        ),
        (Expected::Octet(b'<'), Some(Verb::Rcpt)) => Lesson::new(
            "RCPT TO takes a path in angle brackets, and no blank stands between the colon and it: RCPT TO:<bob@example.org>",
            "RFC 5321 §3.3",
        ),
        (
            Expected::Size
            | Expected::BodyType
            | Expected::Keyword
            | Expected::ParameterValue
            | Expected::ParameterOnce
            | Expected::NoValue,
            Some(Verb::Mail | Verb::Rcpt),
        ) => Lesson::new(
            "behind the path come parameters, each with one blank in front and once only: MAIL FROM:<alice@example.org> SIZE=1000 BODY=8BITMIME",
            "RFC 5321 §4.1.2",
        ),
        (Expected::Octet(b'@') | Expected::LocalPart | Expected::Domain | Expected::QuotedString, Some(_))
            if matches!(verb, Some(Verb::Mail | Verb::Rcpt)) =>
        {
            Lesson::new(
                "an address is a local part, @ and a domain: alice@example.org, or in quotes what has blanks: \"alice b\"@example.org",
                "RFC 5321 §4.1.2",
            )
        }
        (_, Some(verb)) => of_verb(verb),
        (_, None) => Lesson::new(
            "a command is its name, and behind one blank what it takes",
            "RFC 5321 §4.1.1",
        ),
    }
}

/// What a command looks like.
fn of_verb(verb: Verb) -> Lesson {
    match verb {
        Verb::Helo => Lesson::new(
            "HELO takes the full name of the client's host, a domain and nothing else: HELO client.example.org",
            "RFC 5321 §4.1.1.1",
        ),
        Verb::Ehlo => Lesson::new(
            "EHLO takes the full name of the client's host, or its address in brackets: EHLO client.example.org, or EHLO [192.0.2.1]",
            "RFC 5321 §4.1.1.1",
        ),
        Verb::Lhlo => Lesson::new(
            "LHLO is LMTP's EHLO and takes the name of the client's host: LHLO client.example.org",
            "RFC 2033 §4.1",
        ),
        Verb::Mail => Lesson::new(
            "MAIL says who sends the message: MAIL FROM:<alice@example.org>, or MAIL FROM:<> for a report that nobody is to answer",
            "RFC 5321 §4.1.1.2",
        ),
        Verb::Rcpt => Lesson::new(
            "RCPT says who gets the message, one recipient each: RCPT TO:<bob@example.org>",
            "RFC 5321 §4.1.1.3",
        ),
        Verb::Data => Lesson::new(
            "DATA takes nothing: the message follows behind the answer 354, up to a line that is a dot",
            "RFC 5321 §4.1.1.4",
        ),
        Verb::Rset => Lesson::new("RSET takes nothing", "RFC 5321 §4.1.1.5"),
        Verb::Vrfy => Lesson::new("VRFY takes a user's name or address: VRFY bob", "RFC 5321 §4.1.1.6"),
        Verb::Expn => Lesson::new(
            "EXPN takes the name of a mailing list: EXPN friends",
            "RFC 5321 §4.1.1.7",
        ),
        Verb::Help => Lesson::new("HELP takes a word at most: HELP MAIL", "RFC 5321 §4.1.1.8"),
        Verb::Noop => Lesson::new(
            "NOOP does nothing; what stands behind it is one string at most",
            "RFC 5321 §4.1.1.9",
        ),
        Verb::Quit => Lesson::new("QUIT takes nothing", "RFC 5321 §4.1.1.10"),
        Verb::StartTls => Lesson::new("STARTTLS takes nothing", "RFC 3207 §4"),
        Verb::Auth => Lesson::new(
            "AUTH takes a mechanism and perhaps the first response, in base64: AUTH PLAIN, and the answer to 334 in the next line",
            "RFC 4954 §4",
        ),
        Verb::Bdat => Lesson::new(
            "BDAT takes the number of octets that follow, and LAST with the last of them: BDAT 86 LAST",
            "RFC 3030 §2",
        ),
        Verb::Etrn => Lesson::new(
            "ETRN takes a domain whose mail is to be sent: ETRN example.org",
            "RFC 5321 §2.2.1",
        ),
        _ => Lesson::new(
            "a command of an extension has the form that its RFC gives it",
            "RFC 5321 §2.2.1",
        ),
    }
}

fn of_sequence(error: OutOfSequence) -> Lesson {
    match (error.phase, error.action) {
        (Phase::Rejected, _) => Lesson::new(
            "the greeting was 554: this server takes nothing from you, and waits for QUIT",
            "RFC 5321 §3.1",
        ),
        (Phase::Connected | Phase::Greeted, _) => Lesson::new(
            "a client says who it is before it sends mail: EHLO client.example.org, or HELO",
            "RFC 5321 §4.1.4",
        ),
        (_, Action::Mail) => Lesson::new(
            "a message is in hand already: MAIL begins one, and RSET gives it up",
            "RFC 5321 §4.1.4",
        ),
        (_, Action::Recipient) => Lesson::new(
            "recipients belong to a message that MAIL has begun: say MAIL FROM:<alice@example.org> first",
            "RFC 5321 §3.3",
        ),
        (Phase::Chunks, Action::Data) => Lesson::new(
            "a message that came with BDAT so far goes on with BDAT: DATA and BDAT do not mix",
            "RFC 3030 §2",
        ),
        (_, Action::Data | Action::StrayData | Action::Chunk) => Lesson::new(
            "the order is MAIL, then RCPT for each recipient, then DATA",
            "RFC 5321 §3.3",
        ),
        (_, Action::StartTls) => Lesson::new("STARTTLS is said once, before a message is begun", "RFC 3207 §4"),
        (_, Action::Authenticate) => Lesson::new(
            "AUTH is said once in a session, and not while a message is in hand",
            "RFC 4954 §4",
        ),
        _ => Lesson::new(
            "the order is EHLO, MAIL, RCPT, DATA; NOOP, VRFY, HELP and RSET go anywhere behind EHLO",
            "RFC 5321 §4.1.4",
        ),
    }
}

fn of_limit(limit: Limit) -> Lesson {
    match limit {
        Limit::Message(_) => Lesson::new(
            "EHLO's answer has the largest message behind SIZE, and MAIL FROM:<...> SIZE=octets asks before the message is sent",
            "RFC 1870 §6.1",
        ),
        Limit::Recipients(_) | Limit::RecipientDomains(_) => Lesson::new(
            "a server takes at least 100 recipients a message; send to those that it took, and to the rest in another message",
            "RFC 5321 §4.5.3.1.10",
        ),
        Limit::Errors(_) => Lesson::new(
            "whoever makes too many faults is no mail client, and is hung up on: connect again",
            "RFC 5321 §4.3.2",
        ),
        _ => Lesson::new("one connection may do only so much: connect again", "RFC 5321 §3.8"),
    }
}

/// By the enhanced code, which says what is the matter (RFC 3463).
fn of_refusal(refusal: &Refusal) -> Lesson {
    let enhanced = refusal.enhanced().to_string();
    match enhanced.as_str() {
        "5.1.1" => Lesson::new(
            "nobody here is called so; a server that took such mail would have to send it back, mostly to somebody who never sent it",
            "RFC 5321 §3.3",
        ),
        "5.7.1" => Lesson::new(
            "this host takes mail for its own users from anyone, and mail for others only from its own users: an open relay serves senders of spam",
            "RFC 5321 §7.9",
        ),
        "5.3.4" => Lesson::new(
            "EHLO's answer has the largest message behind SIZE; a longer one cannot be sent, however often",
            "RFC 1870 §6.1",
        ),
        "5.4.6" => Lesson::new(
            "each host that a message passes adds a Received field; at a hundred or so it goes round in circles",
            "RFC 5321 §6.3",
        ),
        "5.7.8" => Lesson::new(
            "name or password is wrong; which of them is not said, and each guess takes a while",
            "RFC 4954 §6",
        ),
        "5.5.2" | "5.5.4" => Lesson::new(
            "AUTH takes one of the mechanisms that EHLO's answer lists, and answers in the form that the mechanism gives them",
            "RFC 4954 §4",
        ),
        "5.5.1" => Lesson::new(
            "the command exists, and this server does not do it: EHLO's answer lists what it does",
            "RFC 5321 §4.2.4",
        ),
        "5.1.10" | "5.7.27" => Lesson::new(
            "the domain says in the DNS, by an MX record of a single dot, that it takes no mail at all",
            "RFC 7505 §3",
        ),
        "4.2.2" => Lesson::new(
            "the mailbox has no room now; 4yz says that the same may succeed later, and a client tries again for days",
            "RFC 5321 §4.5.4.1",
        ),
        "4.3.1" => Lesson::new(
            "the server's disk is full; 4yz says that the same may succeed later",
            "RFC 5321 §4.2.1",
        ),
        "4.7.0" => Lesson::new(
            "not now: who the client is cannot be found out; 4yz says that the same may succeed later",
            "RFC 4954 §6",
        ),
        "4.7.1" | "4.7.28" => Lesson::new(
            "not now: a sender who keeps a queue comes back, as mail servers do and much spam does not",
            "RFC 5321 §4.5.4.1",
        ),
        _ if refusal.is_transient() => TRY_LATER,
        _ => REFUSED,
    }
}

/// For what is not in the tables.
const TRY_LATER: Lesson = Lesson::new(
    "4yz says that the same may succeed later: a client keeps the message and tries again",
    "RFC 5321 §4.2.1",
);

/// For what is not in the tables.
const REFUSED: Lesson = Lesson::new(
    "5yz says that the same will fail again: a client gives up and tells the sender",
    "RFC 5321 §4.2.1",
);

/// Octets of a line of text: behind `501-5.5.4 `, what 80 columns hold.
const WIDTH: usize = 69;

#[cfg(test)]
mod tests {
    use mail_wire::ProxyFault;

    use super::super::tests::check;
    use super::*;

    /// All that the machine finds wrong.
    fn faults() -> Vec<CommandError> {
        let mut faults = vec![
            CommandError::Line(LineFault::BareLf),
            CommandError::Line(LineFault::BareCr),
            CommandError::Line(LineFault::TooLong { limit: 512 }),
            CommandError::Parameter,
            CommandError::NotOffered,
            CommandError::NoRecipients,
            CommandError::BinaryNeedsChunks,
            CommandError::NonAsciiSender,
            CommandError::NoTime,
            CommandError::TooSoon(1),
            CommandError::HeldTooLong,
            CommandError::AuthCancelled,
            CommandError::AuthJunk,
            CommandError::AuthTooLong,
            CommandError::AuthRequired,
            CommandError::TlsRequired,
            CommandError::Injection,
            CommandError::NotTrusted,
            CommandError::Proxy(ProxyFault::Missing),
            CommandError::BareLineEnd,
            CommandError::Timeout,
            CommandError::ShuttingDown,
        ];
        let limits = [
            Limit::Message(1),
            Limit::Recipients(1),
            Limit::RecipientDomains(1),
            Limit::Transactions(1),
            Limit::Errors(1),
            Limit::IdleCommands(1),
            Limit::Drained(1),
            Limit::Reply(1),
        ];
        faults.extend(limits.map(CommandError::Limit));
        let phases = [
            Phase::Rejected,
            Phase::Greeted,
            Phase::Ready,
            Phase::Sender,
            Phase::Recipients,
            Phase::Chunks,
        ];
        let actions = [
            Action::Hello,
            Action::Mail,
            Action::Recipient,
            Action::Data,
            Action::Chunk,
            Action::StartTls,
            Action::Authenticate,
            Action::Aside,
        ];
        for phase in phases {
            let refused = actions.iter().filter_map(|action| phase.after(*action).err());
            faults.extend(refused.map(CommandError::Sequence));
        }
        faults
    }

    /// Each octet of each command replaced by something odd, and each command cut off: what a syntax error may be.
    fn syntax_errors() -> Vec<(SyntaxError, Option<Verb>)> {
        let lines = [
            "HELO client.example.org",
            "EHLO [192.0.2.1]",
            "LHLO client.example.org",
            "MAIL FROM:<alice@example.org> SIZE=1000 BODY=8BITMIME",
            "MAIL FROM:<\"a b\"@example.org> RET=FULL BY=10;R HOLDFOR=7 MT-PRIORITY=3 SOLICIT=x",
            "RCPT TO:<bob@[192.0.2.1]> NOTIFY=NEVER ORCPT=rfc822;bob@example.org",
            "DATA",
            "RSET",
            "VRFY bob",
            "EXPN friends",
            "HELP MAIL",
            "NOOP",
            "QUIT",
            "STARTTLS",
            "AUTH PLAIN AGE=",
            "BDAT 86 LAST",
            "ETRN example.org",
            "TURN",
        ];
        let mut errors = Vec::new();
        for line in lines {
            for at in 0..=line.len() {
                for odd in ["", " ", "<", "@", "\u{1}", "é", "="] {
                    let tried = format!("{}{odd}{}", &line[..at], line.get(at + 1..).unwrap_or_default());
                    for tried in [tried.clone(), tried[..at].to_owned(), format!("{line}{odd}")] {
                        if let Err(error) = smtp_proto::Command::parse(tried.as_bytes()) {
                            errors.push((error, verb(&tried)));
                        }
                    }
                }
            }
        }
        errors
    }

    fn verb(line: &str) -> Option<Verb> {
        let name = line.split(' ').next().unwrap_or_default();
        Verb::ALL
            .into_iter()
            .find(|verb| verb.as_str().eq_ignore_ascii_case(name))
    }

    #[test]
    fn each_cause_has_a_lesson() {
        let fallbacks = [REFUSED, TRY_LATER];
        for fault in faults() {
            check(&format!("{fault:?}"), of_fault(fault, None), &fallbacks);
        }
        let errors = syntax_errors();
        assert!(errors.len() > 1000);
        for (error, verb) in errors {
            check(&format!("{error:?} {verb:?}"), of_syntax(error, verb), &fallbacks);
        }
        for verb in Verb::ALL {
            check(verb.as_str(), of_verb(verb), &fallbacks);
        }
        for refusal in [
            Refusal::no_such_user(),
            Refusal::relaying_denied(),
            Refusal::denied(),
            Refusal::mailbox_full(),
            Refusal::storage_full(),
            Refusal::message_too_large(),
            Refusal::mail_loop(),
            Refusal::not_implemented(),
            Refusal::recipient_null_mx(),
            Refusal::sender_null_mx(),
            Refusal::bad_credentials(),
            Refusal::no_such_mechanism(),
            Refusal::authentication_unavailable(),
        ] {
            check(&refusal.to_string(), of_refusal(&refusal), &fallbacks);
        }
        for lesson in fallbacks {
            check("whatever", lesson, &[]);
        }
    }
}
