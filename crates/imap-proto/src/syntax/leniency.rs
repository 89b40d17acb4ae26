//! How octets are read: what was agreed with the peer, and what of other software's mistakes is let through.

/// How octets are read.
///
/// ```
/// use imap_proto::{Reading, Response};
///
/// let line = b"* 1 FETCH (FLAGS (\\Seen) ) \r\n"; // as Exchange has it
/// assert!(Response::parse(line, Reading::LENIENT).is_ok());
/// let strict = Response::parse(line, Reading::STRICT);
/// assert!(!matches!(strict, Ok(imap_proto::Parsed::Complete { value: imap_proto::Response::Untagged(_), .. })));
/// ```
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
    /// Words and numbers without quotes where FETCH data want a string, such as `(TEXT PLAIN (CHARSET UTF-8) NIL NIL 7BIT 5 1)`: small
    /// and old servers, and an example in RFC 5259 §9.
    pub bare_strings: bool,
    /// Multiparts without parts in body structures: `(NIL "mixed" …)` (IceWarp), `("ALTERNATIVE" …)` (Gmail) and the form of a single part,
    /// `("multipart" "mixed" … "7BIT" -1)` (Exchange, GMX). They become multiparts without children.
    pub childless_multiparts: bool,
    /// `()` where the grammar has NIL or wants an element: address lists (hydroxide), parameters (mail.ru), dispositions,
    /// languages, the body of a message (Domino, for which an empty text stands then), a FETCH response. NIL for an empty list of flags or labels.
    pub empty_lists: bool,
    /// Extension data of body structures in the wrong shape: a disposition that is a string (Exchange), or has no parameters; a list where
    /// the MD5 or location should stand (GMX); NIL in a list of languages. What has no place is dropped.
    pub loose_extensions: bool,
    /// Sizes and line counts in body structures, RFC822.SIZE and BINARY.SIZE that are negative (SmarterMail, Exchange, Dovecot
    /// proxies), NIL or empty, which count as 0; in quotes; or beyond 63 bits, which become 2^63-1.
    pub loose_numbers: bool,
    /// Values that end early: ENVELOPEs without the last fields (QQ, Yahoo), and with more of them than there are; addresses of
    /// three strings, and NIL among addresses (SmarterMail); body parts without the last fields; texts without a line
    /// count, other parts with one (DavMail); message/rfc822 without envelope and body (mail.ru, Gmail; Dovecot for message/global).
    pub missing_fields: bool,
    /// NIL where body structures want a string: type and subtype (Exchange; `application/octet-stream` then), encoding (maddy; `7BIT`),
    /// a parameter's value (mail.ru; the parameter is dropped), a disposition.
    pub nil_strings: bool,
    /// Flags that are no atoms: with `]`, `%`, `*`, a backslash inside or octets above 127 (Dovecot and others keep what clients
    /// set; some servers offer Gmail's `[Gmail]` labels as flags), in quotes (InterMail). They become [`Flag::Odd`](crate::Flag::Odd) unless
    /// quotes were all that was wrong.
    pub odd_flags: bool,
    /// Backslashes in quoted strings in front of what needs none: hMailServer wrote names of STATUS so, with the backslash as
    /// hierarchy delimiter. They stand for themselves.
    pub raw_backslashes: bool,
    /// Octets above 127 that are not UTF-8 in quoted strings and texts: servers that send header fields as they came
    /// (Dovecot's ENVELOPE of raw 8-bit headers, mail.ru).
    pub raw_octets: bool,
    /// Spaces that the grammar does not have: before CRLF (Exchange, Gmail), two in place of one, behind `(` and before
    /// `)`.
    pub extra_spaces: bool,
    /// Several elements in one pair of parentheses of an extended URLFETCH response, `(BODYPARTSTRUCTURE (…) BINARY ~{5}…)`, where RFC 5524 §3.2
    /// gives each its own (Dovecot).
    pub joined_url_items: bool,
    /// Mailbox names that need quotes and have none, in LIST, LSUB and XLIST (up to CRLF) and in STATUS (up to the list): Exchange
    /// sends names with tabs so, other servers names with parentheses or spaces.
    pub unquoted_names: bool,
}

impl Leniency {
    /// The grammar and nothing else.
    pub const STRICT: Self = Self {
        bare_strings: false,
        childless_multiparts: false,
        empty_lists: false,
        loose_extensions: false,
        loose_numbers: false,
        missing_fields: false,
        nil_strings: false,
        odd_flags: false,
        raw_backslashes: false,
        raw_octets: false,
        extra_spaces: false,
        joined_url_items: false,
        unquoted_names: false,
    };

    /// All departures: for clients that talk to whatever servers there are.
    pub const ALL: Self = Self {
        bare_strings: true,
        childless_multiparts: true,
        empty_lists: true,
        loose_extensions: true,
        loose_numbers: true,
        missing_fields: true,
        nil_strings: true,
        odd_flags: true,
        raw_backslashes: true,
        raw_octets: true,
        extra_spaces: true,
        joined_url_items: true,
        unquoted_names: true,
    };
}
