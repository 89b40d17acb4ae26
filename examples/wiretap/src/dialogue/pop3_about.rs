//! What each command of POP3 is for.

use pop3_proto::Keyword;

use crate::item::About;

pub(crate) const fn command(keyword: Keyword) -> About {
    let (what, rfc) = match keyword {
        Keyword::User => ("names the mailbox", "RFC 1939 §7"),
        Keyword::Pass => ("sends the password, for all to read", "RFC 1939 §7"),
        Keyword::Apop => ("logs in by a digest of the greeting and the password", "RFC 1939 §7"),
        Keyword::Auth => ("logs in by SASL", "RFC 5034 §4"),
        Keyword::Stat => ("asks how many messages and octets there are", "RFC 1939 §5"),
        Keyword::List => ("asks for the messages' sizes", "RFC 1939 §5"),
        Keyword::Retr => ("fetches a message, which a lone dot ends", "RFC 1939 §5"),
        Keyword::Dele => ("marks a message, which QUIT will remove", "RFC 1939 §5"),
        Keyword::Noop => ("does nothing, but gets an answer", "RFC 1939 §5"),
        Keyword::Rset => ("takes all marks away", "RFC 1939 §5"),
        Keyword::Top => ("fetches the header and some lines", "RFC 1939 §7"),
        Keyword::Uidl => (
            "asks for names that messages keep from session to session",
            "RFC 1939 §7",
        ),
        Keyword::Quit => ("ends the session; now the marked messages go", "RFC 1939 §6"),
        Keyword::Capa => ("asks what the server can do", "RFC 2449 §5"),
        Keyword::Stls => ("asks to go on inside TLS", "RFC 2595 §4"),
        Keyword::Utf8 => ("allows UTF-8", "RFC 6856 §2.1"),
        Keyword::Lang => ("chooses the language of answers", "RFC 6856 §3.2"),
        _ => ("is known to the machine", "RFC 1939 §3"),
    };
    About { what, rfc }
}
