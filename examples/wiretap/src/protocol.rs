//! Which protocol a connection speaks: by its port, or by its first octets.

use std::fmt;
use std::str::FromStr;

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Protocol {
    /// RFC 5321
    Smtp,
    /// RFC 6409: SMTP from users to their server.
    Submission,
    /// RFC 2033
    Lmtp,
    /// RFC 1939
    Pop3,
    /// RFC 9051
    Imap,
    /// TLS from the first octet, and inside it what the port says (RFC 8314 §3.3).
    Tls,
    /// RFC 1035 over TCP
    Dns,
}

impl Protocol {
    /// What IANA has registered the port for, or what many use it for.
    pub const fn of_port(port: u16) -> Option<Self> {
        Some(match port {
            25 | 2525 => Self::Smtp,
            587 => Self::Submission,
            24 => Self::Lmtp,
            110 => Self::Pop3,
            143 => Self::Imap,
            465 | 993 | 995 => Self::Tls,
            53 => Self::Dns,
            _ => return None,
        })
    }

    /// Its name in small letters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Lmtp => "lmtp",
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
            Self::Tls => "tls",
            Self::Dns => "dns",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProtocol;

impl fmt::Display for UnknownProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("smtp, submission, lmtp, pop3, imap, smtps, submissions, pop3s, imaps, tls and dns are known")
    }
}

impl std::error::Error for UnknownProtocol {}

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(name: &str) -> Result<Self, UnknownProtocol> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "smtp" => Self::Smtp,
            "submission" => Self::Submission,
            "lmtp" => Self::Lmtp,
            "pop3" => Self::Pop3,
            "imap" => Self::Imap,
            "tls" | "smtps" | "submissions" | "pop3s" | "imaps" => Self::Tls,
            "dns" => Self::Dns,
            _ => return Err(UnknownProtocol),
        })
    }
}

/// What the first octets say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// This.
    Is(Protocol, &'static str),
    /// More must be seen.
    NotYet,
    /// None of those that are known.
    None,
}

/// What these first octets of client and server say.
pub fn guess(client: &[u8], server: &[u8]) -> Guess {
    if client.starts_with(&[0x16, 3]) {
        return Guess::Is(Protocol::Tls, "by the client's first octets");
    }
    for (greeting, protocol) in GREETINGS {
        if server.starts_with(greeting) {
            return Guess::Is(*protocol, "by its greeting");
        }
    }
    let word: Vec<u8> = client.iter().take(4).map(u8::to_ascii_uppercase).collect();
    match word.as_slice() {
        b"EHLO" | b"HELO" => return Guess::Is(Protocol::Smtp, "by the client's greeting"),
        b"LHLO" => return Guess::Is(Protocol::Lmtp, "by the client's greeting"),
        _ => {}
    }
    // Other protocols greet with 220, too: only the client tells.
    let open = may_begin(server, GREETINGS.iter().map(|(greeting, _)| *greeting)) || server.starts_with(b"220");
    let quiet = may_begin(client, [b"EHLO".as_slice(), b"HELO", b"LHLO", &[0x16, 3]].into_iter());
    match open && quiet {
        true => Guess::NotYet,
        false => Guess::None,
    }
}

fn may_begin<'a>(octets: &[u8], mut words: impl Iterator<Item = &'a [u8]>) -> bool {
    let begins = |word: &[u8]| {
        let both = octets.len().min(word.len());
        octets[..both].eq_ignore_ascii_case(&word[..both])
    };
    words.any(begins)
}

const GREETINGS: &[(&[u8], Protocol)] = &[
    (b"+OK", Protocol::Pop3),
    (b"* OK", Protocol::Imap),
    (b"* PREAUTH", Protocol::Imap),
    (b"* BYE", Protocol::Imap),
];
