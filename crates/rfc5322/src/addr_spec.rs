//! `addr-spec` (RFC 5322 §3.4.1) without comments and white space: the `Mailbox` of RFC 5321 §4.1.2.

use alloc::string::String;
use core::fmt;

use mail_wire::octets::{is_qtext_smtp, is_quoted_pair_smtp};

use crate::cursor::Cursor;
use crate::host::domain;
use crate::{Expected, Host, MAX_TOKEN, SyntaxError};

/// An address `local-part@domain`, as trace fields carry it: at most [`MAX_TOKEN`] octets, ASCII unless UTF-8 was asked
/// for.
///
/// A quoted local part keeps its quotes, so that the address stays one address wherever it is written.
///
/// ```
/// # use rfc5322::AddrSpec;
/// let odd = AddrSpec::parse(br#""a@evil> x"@hamburger.edu"#)?;
/// assert_eq!(odd.local_part(), r#""a@evil> x""#);
/// assert_eq!(odd.domain().as_str(), "hamburger.edu");
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddrSpec {
    local_part: String,
    domain: Host,
}

/// Whether `Bob` and `bob` are one mailbox, which only the host of the mailbox knows (RFC 5321 §2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalPartCase {
    /// `Bob` and `bob` are two mailboxes.
    Sensitive,
    /// `Bob` and `bob` are one mailbox; so for ASCII letters.
    Insensitive,
}

impl AddrSpec {
    /// Parses an address without angle brackets, comments or white space around it. Linear.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there.
    pub fn parse(input: &[u8]) -> Result<Self, SyntaxError> {
        let mut cursor = Cursor::new(input);
        let address = addr_spec(&mut cursor)?;
        cursor.require_end()?;
        Ok(address)
    }

    /// Parses an address as [`parse`](Self::parse) does, that may hold characters outside ASCII on both sides
    /// (RFC 6531 §3.3, RFC 6532 §3.2). A transport needs SMTPUTF8 for it.
    ///
    /// ```
    /// # use rfc5322::AddrSpec;
    /// let zoe = AddrSpec::parse_utf8("zoë@exämple.org")?;
    /// assert!(!zoe.is_ascii());
    /// assert_eq!(zoe.to_string(), "zoë@exämple.org");
    /// assert!(AddrSpec::parse("zoë@exämple.org".as_bytes()).is_err());
    /// # Ok::<(), rfc5322::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there; control characters cannot anywhere.
    pub fn parse_utf8(input: &str) -> Result<Self, SyntaxError> {
        if let Some((offset, _)) = input.char_indices().find(|(_, c)| c.is_control()) {
            let expected = Expected::LocalPart;
            return Err(SyntaxError { offset, expected });
        }
        let mut cursor = Cursor::utf8(input);
        let address = addr_spec(&mut cursor)?;
        cursor.require_end()?;
        Ok(address)
    }

    #[cfg(feature = "idna")]
    pub(crate) fn with_domain(self, domain: Host) -> Self {
        Self { domain, ..self }
    }

    /// Whether any transport takes it.
    pub fn is_ascii(&self) -> bool {
        self.local_part.is_ascii() && self.domain.as_str().is_ascii()
    }

    /// The part before the `@`, quoted if it was.
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &Host {
        &self.domain
    }

    /// Whether both are the same mailbox: the domains are equal but for case, and the local parts are equal once
    /// needless quotes and backslashes are taken off (RFC 5321 §4.1.2: `"bob"` is `bob`), in the given sense.
    ///
    /// ```
    /// # use rfc5322::{AddrSpec, LocalPartCase};
    /// let bob = AddrSpec::parse(b"bob@hamburger.edu")?;
    /// let quoted = AddrSpec::parse(br#""Bo\b"@HAMBURGER.EDU"#)?;
    /// assert!(bob.is_same_mailbox(&quoted, LocalPartCase::Insensitive));
    /// assert!(!bob.is_same_mailbox(&quoted, LocalPartCase::Sensitive));
    /// # Ok::<(), rfc5322::SyntaxError>(())
    /// ```
    pub fn is_same_mailbox(&self, other: &Self, case: LocalPartCase) -> bool {
        let fold = |octet: u8| match case {
            LocalPartCase::Sensitive => octet,
            LocalPartCase::Insensitive => octet.to_ascii_lowercase(),
        };
        self.domain == other.domain && self.unquoted().map(fold).eq(other.unquoted().map(fold))
    }

    /// The local part's octets without quotes and backslashes.
    fn unquoted(&self) -> impl Iterator<Item = u8> {
        let mut escaped = false;
        self.local_part.bytes().filter(move |&octet| {
            let syntax = !escaped && matches!(octet, b'"' | b'\\');
            escaped = syntax && octet == b'\\';
            !syntax
        })
    }
}

impl fmt::Display for AddrSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// ```text
/// Mailbox    = Local-part "@" ( Domain / address-literal )     ; RFC 5321 §4.1.2
/// Local-part = Dot-string / Quoted-string
/// ```
pub(crate) fn addr_spec(cursor: &mut Cursor<'_>) -> Result<AddrSpec, SyntaxError> {
    let start = cursor.position();
    if cursor.peek() == Some(b'"') {
        quoted_string(cursor)?;
    } else {
        cursor.dot_atom_text(Expected::LocalPart)?;
    }
    let local_part = cursor.since(start);
    cursor.require(b'@', Expected::At)?;
    let at = cursor.position();
    domain(cursor)?;
    let host = Host::checked(cursor.since(at)).map_err(|error| SyntaxError {
        offset: at + error.offset,
        ..error
    })?;
    if cursor.since(start).len() > MAX_TOKEN {
        let expected = Expected::AtMost(MAX_TOKEN);
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(AddrSpec {
        local_part: String::from_utf8_lossy(local_part).into_owned(),
        domain: host,
    })
}

/// ```text
/// Quoted-string  = DQUOTE *QcontentSMTP DQUOTE                 ; RFC 5321 §4.1.2
/// QcontentSMTP   = qtextSMTP / quoted-pairSMTP
/// ```
pub(crate) fn quoted_string(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    cursor.bump();
    loop {
        cursor.take_text(is_qtext_smtp);
        if !cursor.eat(b'\\') {
            return cursor.require(b'"', Expected::ClosingQuote);
        }
        if !cursor.peek().is_some_and(is_quoted_pair_smtp) {
            return Err(cursor.expected(Expected::ClosingQuote));
        }
        cursor.bump();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_mailboxes_and_nothing_else() {
        for good in [
            "a@b",
            "a.b+c@d.e",
            r#""a b"@c"#,
            r#""\"\\"@c"#,
            "a@[192.0.2.1]",
            r#"""@c"#,
        ] {
            let address = AddrSpec::parse(good.as_bytes());
            assert_eq!(address.map(|address| std::format!("{address}")).as_deref(), Ok(good));
        }
        for (bad, offset) in [
            ("", 0),
            ("a", 1),
            ("a@", 2),
            (".a@b", 0),
            ("a..b@c", 2),
            ("a.@c", 2),
            ("a@b.", 4),
            ("a@b c", 3),
            ("\"a@b", 4),
            ("\"a\r\n\"@b", 2),
            ("\"a\\\n\"@b", 3),
            ("a@[b", 4),
            ("a@b>", 3),
        ] {
            let offset_of = AddrSpec::parse(bad.as_bytes()).map_err(|error| error.offset);
            assert_eq!(offset_of, Err(offset), "{bad:?}");
        }
    }

    #[test]
    fn limits_hold() {
        let long = |local: usize, domain: usize| std::format!("{}@{}", "a".repeat(local), "b".repeat(domain));
        assert!(AddrSpec::parse(long(644, 255).as_bytes()).is_ok());
        assert!(AddrSpec::parse(long(645, 255).as_bytes()).is_err());
        assert!(AddrSpec::parse(long(1, 256).as_bytes()).is_err());
    }
}
