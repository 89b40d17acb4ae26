//! How octets are read: what was agreed with the peer, and what of other software's mistakes is let through.

/// How octets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reading {
    /// Whether mailbox names are UTF-8: behind ENABLE UTF8=ACCEPT or IMAP4rev2 (RFC 6855 §3, RFC 9051 §5.1). Otherwise they are modified
    /// UTF-7.
    pub utf8: bool,
    /// Departures from the grammar.
    pub leniency: Leniency,
}

impl Reading {
    /// The grammar and nothing else, names in modified UTF-7.
    pub const STRICT: Self = Self {
        utf8: false,
        leniency: Leniency::STRICT,
    };

    /// With all departures, names in modified UTF-7.
    pub const LENIENT: Self = Self {
        utf8: false,
        leniency: Leniency::ALL,
    };
}

/// Named departures from the grammar, each with the software that needs it. Each is off unless asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Leniency {
    /// Backslashes in quoted strings in front of what needs none: hMailServer wrote names of STATUS so, with the backslash as
    /// hierarchy delimiter. They stand for themselves.
    pub raw_backslashes: bool,
    /// Octets above 127 that are not UTF-8 in quoted strings and texts: servers that send header fields as they came
    /// (Dovecot's ENVELOPE of raw 8-bit headers, mail.ru).
    pub raw_octets: bool,
    /// Spaces that the grammar does not have: before CRLF (Exchange, Gmail), two in place of one, behind `(` and before
    /// `)`.
    pub extra_spaces: bool,
    /// Mailbox names that need quotes and have none, in LIST, LSUB and XLIST (up to CRLF) and in STATUS (up to the list): Exchange
    /// sends names with tabs so, other servers names with parentheses or spaces.
    pub unquoted_names: bool,
}

impl Leniency {
    /// The grammar and nothing else.
    pub const STRICT: Self = Self {
        raw_backslashes: false,
        raw_octets: false,
        extra_spaces: false,
        unquoted_names: false,
    };

    /// All departures: for clients that talk to whatever servers there are.
    pub const ALL: Self = Self {
        raw_backslashes: true,
        raw_octets: true,
        extra_spaces: true,
        unquoted_names: true,
    };
}
