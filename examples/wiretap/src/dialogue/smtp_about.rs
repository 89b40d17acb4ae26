//! What each command and each reply of SMTP is for.

use smtp_proto::{Class, ReplyCode, Verb};

use crate::item::About;

/// The command that a line begins with.
pub(crate) fn verb(line: &[u8]) -> Option<Verb> {
    let end = line
        .iter()
        .position(|octet| !octet.is_ascii_alphabetic())
        .unwrap_or(line.len());
    Verb::ALL
        .into_iter()
        .find(|verb| line[..end].eq_ignore_ascii_case(verb.as_str().as_bytes()))
}

pub(crate) const fn command(verb: Verb) -> Option<About> {
    let (what, rfc) = match verb {
        Verb::Ehlo => ("says who calls, and asks what the server can do", "RFC 5321 §4.1.1.1"),
        Verb::Helo => (
            "says who calls, in the old way, without extensions",
            "RFC 5321 §4.1.1.1",
        ),
        Verb::Lhlo => ("says who calls; LMTP's EHLO", "RFC 2033 §4.1"),
        Verb::Mail => (
            "begins a message, and says where reports about it go",
            "RFC 5321 §4.1.1.2",
        ),
        Verb::Rcpt => ("names one recipient", "RFC 5321 §4.1.1.3"),
        Verb::Data => ("asks to send the message, which a lone dot ends", "RFC 5321 §4.1.1.4"),
        Verb::Bdat => ("sends so many octets of the message", "RFC 3030 §2"),
        Verb::Burl => ("has the server fetch the message from elsewhere", "RFC 4468 §3"),
        Verb::Rset => ("takes the message back", "RFC 5321 §4.1.1.5"),
        Verb::Vrfy => ("asks whether a mailbox exists", "RFC 5321 §4.1.1.6"),
        Verb::Expn => ("asks who is on a list", "RFC 5321 §4.1.1.7"),
        Verb::Help => ("asks for help", "RFC 5321 §4.1.1.8"),
        Verb::Noop => ("does nothing, but gets a reply", "RFC 5321 §4.1.1.9"),
        Verb::Quit => ("ends the dialogue", "RFC 5321 §4.1.1.10"),
        Verb::StartTls => ("asks to go on inside TLS", "RFC 3207 §4"),
        Verb::Auth => ("logs in", "RFC 4954 §4"),
        Verb::Etrn => ("asks the server to send what waits for a host", "RFC 1985 §5"),
        Verb::Atrn => ("asks for what waits, over this connection", "RFC 2645 §5"),
        _ => return None,
    };
    Some(About { what, rfc })
}

pub(crate) const fn greeting() -> About {
    About {
        what: "the server greets, and names itself",
        rfc: "RFC 5321 §3.1",
    }
}

pub(crate) fn reply(code: ReplyCode) -> Option<About> {
    let (what, rfc) = match code.number() {
        221 => ("the server will close the connection", "RFC 5321 §4.2.3"),
        235 => ("logged in", "RFC 4954 §4"),
        251 => ("not local, but will be forwarded", "RFC 5321 §3.4"),
        252 => ("cannot say, but would try", "RFC 5321 §3.5.3"),
        334 => ("a challenge: the client's turn", "RFC 4954 §4"),
        354 => ("send the message now", "RFC 5321 §4.1.1.4"),
        421 => ("the server breaks off; try again later", "RFC 5321 §3.8"),
        450..=452 => ("not now; try again later", "RFC 5321 §4.2.1"),
        500 => ("not understood", "RFC 5321 §4.2.2"),
        501 => ("the argument was not understood", "RFC 5321 §4.2.2"),
        502 => ("known, but not done here", "RFC 5321 §4.2.4"),
        503 => ("not now: commands have an order", "RFC 5321 §4.1.4"),
        530 => ("log in, or begin TLS, first", "RFC 4954 §6"),
        535 => ("wrong name or password", "RFC 4954 §6"),
        550 => ("no such mailbox, or not for this client", "RFC 5321 §4.2.3"),
        554 => ("the transaction has failed", "RFC 5321 §4.2.3"),
        _ => match code.class() {
            Class::Transient => ("not now; try again later", "RFC 5321 §4.2.1"),
            Class::Permanent => ("no, and trying again will not help", "RFC 5321 §4.2.1"),
            _ => return None,
        },
    };
    Some(About { what, rfc })
}
