//! The lessons: what to type, what comes back, and why.

use clap::ValueEnum;

use super::course::Expected;
use crate::service::Service;

/// A part of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// Sending a message.
    Smtp,
    /// Fetching it.
    Pop3,
    /// Reading it where it is.
    Imap,
    /// A message with an attachment, by hand.
    Mime,
}

/// A lesson of the course.
pub(super) struct Lesson {
    pub(super) topic: Topic,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    pub(super) steps: &'static [Step],
}

/// Something that a student does.
pub(super) struct Step {
    /// Its name, when it is done.
    pub(super) name: &'static str,
    /// At which door.
    pub(super) service: Service,
    /// The lines to type; nothing where one only connects.
    pub(super) typed: &'static [&'static str],
    /// By what the server's answer is known.
    pub(super) answer: Expected,
    /// What the server's answer looks like.
    pub(super) looks: &'static str,
    /// What came of it.
    pub(super) why: &'static str,
}

impl Step {
    const fn new(
        service: Service,
        name: &'static str,
        typed: &'static [&'static str],
        answer: Expected,
        looks: &'static str,
        why: &'static str,
    ) -> Self {
        Self {
            name,
            service,
            typed,
            answer,
            looks,
            why,
        }
    }
}

const fn smtp(name: &'static str, typed: &'static [&'static str], looks: &'static str, why: &'static str) -> Step {
    Step::new(Service::Smtp, name, typed, Expected::SameStart, looks, why)
}

const fn pop3(name: &'static str, typed: &'static [&'static str], looks: &'static str, why: &'static str) -> Step {
    Step::new(Service::Pop3, name, typed, Expected::Start("+OK"), looks, why)
}

const fn imap(name: &'static str, typed: &'static [&'static str], looks: &'static str, why: &'static str) -> Step {
    Step::new(Service::Imap, name, typed, Expected::TaggedOk, looks, why)
}

/// All lessons, in their order.
pub(super) const LESSONS: [Lesson; 4] = [
    Lesson {
        topic: Topic::Smtp,
        title: "SMTP: how a message is sent",
        about: "SMTP carries mail from one host to the next (RFC 5321). You are the host client.example.net, and bring a message for bob.",
        steps: &[
            smtp(
                "connected",
                &[],
                "220 example.org ESMTP service ready",
                "The server speaks first. Each of its replies begins with three digits: 2 says yes, 3 go on, 4 not now, 5 never.",
            ),
            smtp(
                "a mistake",
                &["RCPT TO:<bob@example.org>"],
                "503-5.5.1 Bad sequence of commands, and why",
                "You were to be wrong: SMTP has an order, and this server says which rule was broken. Others say 503 and no more.",
            ),
            smtp(
                "HELO",
                &["HELO client.example.net"],
                "250 example.org greets client.example.net",
                "The server now knows how your host calls itself. It has only your word for it; what it writes down beside it is your address.",
            ),
            smtp(
                "MAIL",
                &["MAIL FROM:<alice@example.net>"],
                "250 2.1.0 Sender ok",
                "This is the envelope's sender: who is told when the message cannot be delivered. Nobody has checked that you are alice.",
            ),
            smtp(
                "a stranger",
                &["RCPT TO:<nobody@example.org>"],
                "550-5.1.1 No such user here, and why",
                "Refused before the message was sent: so nobody has to send it back, and the transaction goes on.",
            ),
            smtp(
                "RCPT",
                &["RCPT TO:<bob@example.org>"],
                "250 2.1.5 Recipient ok",
                "This is the envelope's recipient. Whoever stands in the To field of the message gets nothing by that.",
            ),
            smtp(
                "DATA",
                &["DATA"],
                "354 Start mail input; end with <CRLF>.<CRLF>",
                "Now comes the message itself: a header, an empty line, a body. The server does not answer before its end.",
            ),
            smtp(
                "the message",
                &[
                    "From: Alice <alice@example.net>",
                    "To: Bob <bob@example.org>",
                    "Subject: Ketchup",
                    "",
                    "Do you like ketchup?",
                    ".",
                ],
                "250 2.6.0 Message accepted",
                "A dot alone in a line ended it. A line of the message that begins with a dot is sent with another in front. With 250 the server took the responsibility: the message is on its disk.",
            ),
            smtp(
                "QUIT",
                &["QUIT"],
                "221 2.0.0 example.org Service closing transmission channel",
                "Both sides agree that this is the end. The server hangs up, telnet says that the connection was closed.",
            ),
        ],
    },
    Lesson {
        topic: Topic::Pop3,
        title: "POP3: how mail is fetched",
        about: "POP3 empties a mailbox into a program on your machine (RFC 1939). Now you are bob; his password is hungry.",
        steps: &[
            pop3(
                "connected",
                &[],
                "+OK example.org POP3 server ready",
                "POP3 has two answers: +OK and -ERR. What follows is for people.",
            ),
            pop3(
                "USER",
                &["USER bob"],
                "+OK send PASS",
                "The server says yes to any name: else whoever asks would learn who has mail here.",
            ),
            pop3(
                "PASS",
                &["PASS hungry"],
                "+OK 2 messages",
                "The password went over the wire as it is. Here that is your own machine; elsewhere TLS comes first (STLS, or port 995).",
            ),
            pop3(
                "STAT",
                &["STAT"],
                "+OK 2 and the octets of both",
                "Two numbers for programs: how many messages, how many octets.",
            ),
            pop3(
                "LIST",
                &["LIST"],
                "+OK, a line for each message, and a dot",
                "Numbers count for this session only. A line with a dot alone ends every long answer, as it ends a message in SMTP.",
            ),
            pop3(
                "UIDL",
                &["UIDL"],
                "+OK, a line for each message, and a dot",
                "These names stay. By them a program that leaves mail on the server knows what it has fetched.",
            ),
            pop3(
                "RETR",
                &["RETR 1"],
                "+OK, the message, and a dot",
                "Above the header that was sent stand the trace fields: Return-Path, Delivered-To, Received. They were written on the way.",
            ),
            pop3(
                "DELE",
                &["DELE 1"],
                "+OK message 1 deleted",
                "Only marked: a connection that breaks now deletes nothing.",
            ),
            pop3(
                "RSET",
                &["RSET"],
                "+OK 2 messages",
                "All marks are gone again. You will need the message in the next lesson.",
            ),
            pop3(
                "QUIT",
                &["QUIT"],
                "+OK goodbye",
                "QUIT is what makes the server remove what is marked: the UPDATE state.",
            ),
        ],
    },
    Lesson {
        topic: Topic::Imap,
        title: "IMAP: how mail is read where it is",
        about: "IMAP leaves mail on the server, for several programs at once (RFC 9051). You are bob again.",
        steps: &[
            Step::new(
                Service::Imap,
                "connected",
                &[],
                Expected::Start("* OK"),
                "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 ...] example.org IMAP server ready",
                "A star begins what no command has asked for. The capabilities say what this server can do.",
            ),
            imap(
                "LOGIN",
                &["a1 LOGIN bob hungry"],
                "a1 OK [CAPABILITY ...] logged in",
                "a1 is a tag of your choice. It comes back with the result, so that a client may give several commands at once.",
            ),
            imap(
                "LIST",
                &["a2 LIST \"\" \"*\""],
                "* LIST (...) \"/\" INBOX, then a2 OK",
                "IMAP has many mailboxes. INBOX is the one into which mail is delivered, and the only one that POP3 sees.",
            ),
            imap(
                "SELECT",
                &["a3 SELECT INBOX"],
                "* 2 EXISTS and more, then a3 OK [READ-WRITE]",
                "EXISTS counts the messages. UIDVALIDITY and UIDNEXT let a client know next time what it has seen already.",
            ),
            imap(
                "FETCH",
                &["a4 FETCH 1:* (FLAGS ENVELOPE)"],
                "* 1 FETCH (...) for each message, then a4 OK",
                "What a list of messages needs, and no body: the server has read the header for you. {12} announces twelve octets, whatever is in them.",
            ),
            imap(
                "a part of a message",
                &["a5 FETCH 1 BODY[TEXT]"],
                "* 1 FETCH (BODY[TEXT] {...}, the octets, then a5 OK",
                "Only the body came. It has \\Seen now, and every other client of bob's hears of that; BODY.PEEK would have left it unseen.",
            ),
            imap(
                "SEARCH",
                &["a6 SEARCH UNSEEN"],
                "* SEARCH and numbers, then a6 OK",
                "The server looks, so that the client need not fetch.",
            ),
            imap(
                "STORE",
                &["a7 STORE 1 +FLAGS (\\Flagged)"],
                "* 1 FETCH (FLAGS (...)), then a7 OK",
                "A flag on a message, kept by the server.",
            ),
            Step::new(
                Service::Imap,
                "IDLE",
                &["a8 IDLE"],
                Expected::Start("+"),
                "+ idling",
                "Now the server speaks when something happens: send a message in another window, and * 3 EXISTS appears at once.",
            ),
            Step::new(
                Service::Imap,
                "DONE",
                &["DONE"],
                Expected::Start("a8 OK"),
                "a8 OK IDLE completed",
                "The only line of a client without a tag: it belongs to a8.",
            ),
            imap(
                "LOGOUT",
                &["a9 LOGOUT"],
                "* BYE goodbye, then a9 OK",
                "The mail stays where it is.",
            ),
        ],
    },
    Lesson {
        topic: Topic::Mime,
        title: "MIME: more than plain text",
        about: "Mail is lines of US-ASCII. MIME (RFC 2045) puts anything else into them: parts, types, and base64. You write what a mail program writes, then look at it as one does.",
        steps: &[
            smtp(
                "connected again",
                &[],
                "220 example.org ESMTP service ready",
                "SMTP knows nothing of what you will send: it carries lines.",
            ),
            smtp(
                "EHLO",
                &["EHLO client.example.net"],
                "250-example.org and a list, the last line with a blank: 250 HELP",
                "HELO's younger sister: the answer lists the extensions. A hyphen behind the code says that another line comes.",
            ),
            smtp(
                "MAIL",
                &["MAIL FROM:<alice@example.net>"],
                "250 2.1.0 Sender ok",
                "A new envelope.",
            ),
            smtp(
                "RCPT",
                &["RCPT TO:<bob@example.org>"],
                "250 2.1.5 Recipient ok",
                "For bob again.",
            ),
            smtp(
                "DATA",
                &["DATA"],
                "354 Start mail input; end with <CRLF>.<CRLF>",
                "The message has two parts: a text and a picture of a kind.",
            ),
            smtp(
                "a message with an attachment",
                &[
                    "From: Alice <alice@example.net>",
                    "To: Bob <bob@example.org>",
                    "Subject: =?UTF-8?Q?Caf=C3=A9?=",
                    "MIME-Version: 1.0",
                    "Content-Type: multipart/mixed; boundary=cut",
                    "",
                    "--cut",
                    "Content-Type: text/plain; charset=UTF-8",
                    "Content-Transfer-Encoding: quoted-printable",
                    "",
                    "See you in the caf=C3=A9.",
                    "--cut",
                    "Content-Type: application/octet-stream; name=menu",
                    "Content-Transfer-Encoding: base64",
                    "",
                    "S2V0Y2h1cCE=",
                    "--cut--",
                    ".",
                ],
                "250 2.6.0 Message accepted",
                "The boundary cuts the body into parts, each with a header of its own. S2V0Y2h1cCE= is base64: three octets in four letters. It hides nothing.",
            ),
            smtp(
                "QUIT",
                &["QUIT"],
                "221 2.0.0 and so on",
                "The server has looked at none of that.",
            ),
            Step::new(
                Service::Imap,
                "connected to IMAP",
                &[],
                Expected::Start("* OK"),
                "* OK [CAPABILITY ...]",
                "IMAP servers do look: they take messages apart for their clients.",
            ),
            imap("LOGIN", &["b1 LOGIN bob hungry"], "b1 OK", "As before."),
            imap(
                "SELECT",
                &["b2 SELECT INBOX"],
                "* 3 EXISTS and more, then b2 OK",
                "The newest message is the last one, which * stands for.",
            ),
            imap(
                "its structure",
                &["b3 FETCH * BODYSTRUCTURE"],
                "* 3 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" ...) ...)), then b3 OK",
                "The parts, their types, encodings and sizes: a client fetches what it will show, and leaves a large attachment where it is.",
            ),
            imap(
                "a part as it was sent",
                &["b4 FETCH * BODY.PEEK[2]"],
                "* 3 FETCH (BODY[2] {...}, S2V0Y2h1cCE=, then b4 OK",
                "The second part, still in base64.",
            ),
            imap(
                "a part decoded",
                &["b5 FETCH * BINARY.PEEK[2]"],
                "* 3 FETCH (BINARY[2] ~{8}, Ketchup!, then b5 OK",
                "The same without its encoding (RFC 9051). Eight octets: the encoding had made twelve of them.",
            ),
            imap(
                "LOGOUT",
                &["b6 LOGOUT"],
                "* BYE goodbye, then b6 OK",
                "You have sent, fetched, read and taken apart a message by hand.",
            ),
        ],
    },
];

/// What has come for bob before the first lesson.
pub(super) const SAMPLE: &str = "From: Carol <carol@example.net>\r\n\
To: Bob <bob@example.org>\r\n\
Subject: Welcome\r\n\
Date: Mon, 2 Feb 2026 10:00:00 +0000\r\n\
Message-ID: <welcome@example.net>\r\n\
\r\n\
Nice to have you here, Bob.\r\n";
