//! What each command of IMAP is for.

use crate::item::About;

/// Of the command with this name, behind UID if that is there.
pub(crate) fn command(name: &[u8]) -> Option<About> {
    let name = name.to_ascii_uppercase();
    let (what, rfc) = match name.as_slice() {
        b"CAPABILITY" => ("asks what the server can do", "RFC 9051 §6.1.1"),
        b"NOOP" => ("does nothing, but hears what is new", "RFC 9051 §6.1.2"),
        b"LOGOUT" => ("ends the session", "RFC 9051 §6.1.3"),
        b"STARTTLS" => ("asks to go on inside TLS", "RFC 9051 §6.2.1"),
        b"AUTHENTICATE" => ("logs in by SASL", "RFC 9051 §6.2.2"),
        b"LOGIN" => ("sends name and password, for all to read", "RFC 9051 §6.2.3"),
        b"ENABLE" => ("switches extensions on", "RFC 9051 §6.3.1"),
        b"SELECT" => ("opens a mailbox", "RFC 9051 §6.3.2"),
        b"EXAMINE" => ("opens a mailbox to read only", "RFC 9051 §6.3.3"),
        b"CREATE" => ("makes a mailbox", "RFC 9051 §6.3.4"),
        b"DELETE" => ("removes a mailbox", "RFC 9051 §6.3.5"),
        b"RENAME" => ("renames a mailbox", "RFC 9051 §6.3.6"),
        b"SUBSCRIBE" => ("notes a mailbox as one to look at", "RFC 9051 §6.3.7"),
        b"UNSUBSCRIBE" => ("takes that note away", "RFC 9051 §6.3.8"),
        b"LIST" => ("asks which mailboxes there are", "RFC 9051 §6.3.9"),
        b"LSUB" => ("asks which mailboxes are subscribed to", "RFC 3501 §6.3.9"),
        b"NAMESPACE" => ("asks whose mailboxes begin how", "RFC 9051 §6.3.10"),
        b"STATUS" => ("asks about a mailbox without opening it", "RFC 9051 §6.3.11"),
        b"APPEND" => ("puts a message into a mailbox", "RFC 9051 §6.3.12"),
        b"IDLE" => ("waits for news, which come at once", "RFC 9051 §6.3.13"),
        b"CHECK" => ("asks for a checkpoint", "RFC 3501 §6.4.1"),
        b"CLOSE" => ("removes deleted messages, and closes the mailbox", "RFC 9051 §6.4.1"),
        b"UNSELECT" => ("closes the mailbox", "RFC 9051 §6.4.2"),
        b"EXPUNGE" => ("removes deleted messages", "RFC 9051 §6.4.3"),
        b"SEARCH" => ("looks for messages", "RFC 9051 §6.4.4"),
        b"FETCH" => ("asks for parts of messages", "RFC 9051 §6.4.5"),
        b"STORE" => ("changes flags", "RFC 9051 §6.4.6"),
        b"COPY" => ("copies messages", "RFC 9051 §6.4.7"),
        b"MOVE" => ("moves messages", "RFC 9051 §6.4.8"),
        b"SORT" => ("looks for messages, in an order", "RFC 5256 §3"),
        b"THREAD" => ("looks for conversations", "RFC 5256 §3"),
        b"ID" => ("says which program this is", "RFC 2971 §3.1"),
        b"COMPRESS" => ("asks to compress what follows", "RFC 4978 §3"),
        b"GETQUOTAROOT" => ("asks how much room there is", "RFC 9208 §4.1.3"),
        b"DONE" => ("ends IDLE", "RFC 9051 §6.3.13"),
        _ => return None,
    };
    Some(About { what, rfc })
}

pub(crate) const GREETING: About = About {
    what: "the server greets",
    rfc: "RFC 9051 §7.1.5",
};
pub(crate) const GO_AHEAD: About = About {
    what: "go on",
    rfc: "RFC 9051 §7.6",
};
pub(crate) const NO: About = About {
    what: "it failed",
    rfc: "RFC 9051 §7.1.2",
};
pub(crate) const BAD: About = About {
    what: "not understood, or not now",
    rfc: "RFC 9051 §7.1.3",
};
