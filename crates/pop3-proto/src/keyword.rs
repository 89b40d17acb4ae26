//! The commands' keywords.

use core::fmt;

/// A command without its arguments.
///
/// ```
/// # use pop3_proto::Keyword;
/// assert_eq!(Keyword::parse(b"retr"), Some(Keyword::Retr));
/// assert_eq!(Keyword::Retr.as_str(), "RETR");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keyword {
    /// A mailbox's name (RFC 1939 §7).
    User,
    /// Its password (RFC 1939 §7).
    Pass,
    /// A name and a digest (RFC 1939 §7).
    Apop,
    /// How many messages and octets (RFC 1939 §5).
    Stat,
    /// The sizes of messages (RFC 1939 §5).
    List,
    /// A message (RFC 1939 §5).
    Retr,
    /// Marks a message as deleted (RFC 1939 §5).
    Dele,
    /// Nothing (RFC 1939 §5).
    Noop,
    /// Unmarks all messages (RFC 1939 §5).
    Rset,
    /// The top of a message (RFC 1939 §7).
    Top,
    /// The unique-ids of messages (RFC 1939 §7).
    Uidl,
    /// The end of the session (RFC 1939 §4, RFC 1939 §6).
    Quit,
    /// What the server offers (RFC 2449 §5).
    Capa,
    /// TLS on this connection (RFC 2595 §4).
    Stls,
    /// A login by a SASL mechanism (RFC 5034 §4).
    Auth,
    /// UTF-8 in names and messages (RFC 6856 §2.1).
    Utf8,
    /// The language of responses (RFC 6856 §3.2).
    Lang,
}

impl Keyword {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::User,
        Self::Pass,
        Self::Apop,
        Self::Stat,
        Self::List,
        Self::Retr,
        Self::Dele,
        Self::Noop,
        Self::Rset,
        Self::Top,
        Self::Uidl,
        Self::Quit,
        Self::Capa,
        Self::Stls,
        Self::Auth,
        Self::Utf8,
        Self::Lang,
    ];

    /// Any case is accepted (RFC 1939 §3).
    pub fn parse(octets: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|keyword| keyword.as_str().as_bytes().eq_ignore_ascii_case(octets))
    }

    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Pass => "PASS",
            Self::Apop => "APOP",
            Self::Stat => "STAT",
            Self::List => "LIST",
            Self::Retr => "RETR",
            Self::Dele => "DELE",
            Self::Noop => "NOOP",
            Self::Rset => "RSET",
            Self::Top => "TOP",
            Self::Uidl => "UIDL",
            Self::Quit => "QUIT",
            Self::Capa => "CAPA",
            Self::Stls => "STLS",
            Self::Auth => "AUTH",
            Self::Utf8 => "UTF8",
            Self::Lang => "LANG",
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
