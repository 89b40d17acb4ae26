//! Reading `Received` fields that others wrote.

use core::fmt;
use core::net::IpAddr;

use mail_wire::Escaped;
use mail_wire::octets::is_wsp;

use crate::cursor::Cursor;
use crate::trace::lone_address;
use crate::{AddrSpec, DateError, DateTime, Protocol};

/// The clauses of a `Received` field, as far as they can be made out.
///
/// Tolerant: software writes into this field what it likes (RFC 5322 §3.6.7 asks for little more than words and a date),
/// so nothing is an error, and what is missing or not understood is `None`. Of a clause that comes twice the first
/// counts. Linear.
///
/// ```
/// # use rfc5322::{Protocol, ReceivedClauses};
/// let received = ReceivedClauses::parse(
///     b" from crepes.fr (mx.crepes.fr [192.0.2.7])\r\n by hamburger.edu with ESMTPS (TLS1.3)\r\n \
///       for <bob@hamburger.edu>; Tue, 1 Jul 2003 10:52:37 +0200",
/// );
/// assert_eq!(received.from.unwrap().value, b"crepes.fr");
/// assert_eq!(received.client_address(), Some([192, 0, 2, 7].into()));
/// assert_eq!(received.protocol(), Some(Protocol::Esmtps));
/// assert_eq!(received.recipient().unwrap().to_string(), "bob@hamburger.edu");
/// assert_eq!(received.date_time()?.unix_seconds(), 1_057_049_557);
/// assert_eq!(received.id, None);
/// # Ok::<(), rfc5322::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReceivedClauses<'a> {
    /// FROM: what the client called itself; its comment is what the server knew of the connection.
    pub from: Option<Clause<'a>>,
    /// BY: the host that took the message.
    pub by: Option<Clause<'a>>,
    /// VIA: the link.
    pub via: Option<Clause<'a>>,
    /// WITH: the protocol.
    pub with: Option<Clause<'a>>,
    /// ID: the host's name for the message.
    pub id: Option<Clause<'a>>,
    /// FOR: the recipient, as it was written.
    pub recipient: Option<Clause<'a>>,
    /// What stands behind the last semicolon: the date. Empty if there is none.
    pub date: &'a [u8],
}

/// A clause of a `Received` field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Clause<'a> {
    /// The word behind the keyword, and the words that follow it. Folds inside are left as they are.
    pub value: &'a [u8],
    /// The first comment behind the value, without its outer parentheses.
    pub comment: Option<&'a [u8]>,
}

impl fmt::Debug for Clause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clause")
            .field("value", &Escaped(self.value))
            .field("comment", &self.comment.map(Escaped))
            .finish()
    }
}

impl<'a> ReceivedClauses<'a> {
    /// Reads the value of a `Received` field, folded or not.
    pub fn parse(value: &'a [u8]) -> Self {
        let mut clauses = Self::default();
        let mut open = Open::None;
        let mut cursor = Cursor::new(value);
        loop {
            cursor.take_while(is_space);
            let start = cursor.position();
            match cursor.peek() {
                None => break,
                Some(b';') => {
                    cursor.bump();
                    clauses.date = cursor.rest();
                    open = Open::None;
                }
                Some(b'(') => match cursor.comment() {
                    Ok(comment) => open.comment(&mut clauses, comment),
                    // Each later parenthesis would search to the end again. The date may still be found.
                    Err(_) => {
                        clauses.date = behind_last_semicolon(&value[start..]).unwrap_or(clauses.date);
                        break;
                    }
                },
                Some(_) => {
                    word(&mut cursor);
                    open.word(&mut clauses, value, start..cursor.position());
                }
            }
        }
        clauses
    }

    /// The word behind `name` in the value of a `Received` field: a clause that is registered besides those of
    /// RFC 5321 §4.4, whose names only who asks can know.
    ///
    /// ```
    /// # use rfc5322::ReceivedClauses;
    /// let value = b" from crepes.fr (tls x) by hamburger.edu tls TLS1.3; Tue, 1 Jul 2003 10:52:37 +0200";
    /// assert_eq!(ReceivedClauses::additional(value, "TLS"), Some(&b"TLS1.3"[..]));
    /// assert_eq!(ReceivedClauses::additional(value, "x"), None);
    /// ```
    pub fn additional(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
        let mut cursor = Cursor::new(value);
        let mut is_named = false;
        loop {
            cursor.take_while(is_space);
            match cursor.peek()? {
                b';' => return None,
                b'(' => drop(cursor.comment().ok()?),
                _ => {
                    let start = cursor.position();
                    word(&mut cursor);
                    let word = cursor.since(start);
                    if is_named {
                        return Some(word);
                    }
                    is_named = name.as_bytes().eq_ignore_ascii_case(word);
                }
            }
        }
    }

    /// The address of the client, from the FROM clause's comment or, without one, from its value.
    pub fn client_address(&self) -> Option<IpAddr> {
        let from = self.from?;
        address_literal(from.comment.unwrap_or(from.value))
    }

    /// The protocol, if the WITH clause names one.
    pub fn protocol(&self) -> Option<Protocol> {
        Protocol::from_name(core::str::from_utf8(self.with?.value).ok()?)
    }

    /// The recipient, if the FOR clause holds one address.
    pub fn recipient(&self) -> Option<AddrSpec> {
        lone_address(self.recipient?.value)
    }

    /// The date, by [`DateTime::parse`].
    ///
    /// # Errors
    ///
    /// [`DateError`] if there is no date or it cannot be understood.
    pub fn date_time(&self) -> Result<DateTime, DateError> {
        DateTime::parse(self.date)
    }

    fn slot(&mut self, keyword: Keyword) -> &mut Option<Clause<'a>> {
        match keyword {
            Keyword::From => &mut self.from,
            Keyword::By => &mut self.by,
            Keyword::Via => &mut self.via,
            Keyword::With => &mut self.with,
            Keyword::Id => &mut self.id,
            Keyword::For => &mut self.recipient,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    From,
    By,
    Via,
    With,
    Id,
    For,
}

impl Keyword {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::From, "from"),
        (Self::By, "by"),
        (Self::Via, "via"),
        (Self::With, "with"),
        (Self::Id, "id"),
        (Self::For, "for"),
    ];

    fn from_word(word: &[u8]) -> Option<Self> {
        let found = Self::NAMES
            .iter()
            .find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(word));
        found.map(|&(keyword, _)| keyword)
    }
}

/// What the next word belongs to.
#[derive(Clone, Copy)]
enum Open {
    /// Nothing.
    None,
    /// A keyword was read: the next word is its value, even if it looks like a keyword.
    Keyword(Keyword),
    /// The value began at this offset and may go on.
    Value(Keyword, usize),
}

impl Open {
    fn word<'a>(&mut self, clauses: &mut ReceivedClauses<'a>, input: &'a [u8], word: core::ops::Range<usize>) {
        let end = word.end;
        let keyword = Keyword::from_word(&input[word.clone()]);
        *self = match (*self, keyword) {
            (Self::Keyword(keyword), _) => {
                *clauses.slot(keyword) = Some(Clause {
                    value: &input[word.clone()],
                    comment: None,
                });
                Self::Value(keyword, word.start)
            }
            (_, Some(keyword)) if clauses.slot(keyword).is_none() => Self::Keyword(keyword),
            (_, Some(_)) => Self::None,
            (Self::Value(keyword, start), None) => {
                *clauses.slot(keyword) = Some(Clause {
                    value: &input[start..end],
                    comment: None,
                });
                Self::Value(keyword, start)
            }
            (Self::None, None) => Self::None,
        };
    }

    /// A comment ends the value in front of it.
    fn comment<'a>(&mut self, clauses: &mut ReceivedClauses<'a>, comment: &'a [u8]) {
        let Self::Value(keyword, _) = *self else {
            return;
        };
        if let Some(clause) = clauses.slot(keyword) {
            clause.comment = Some(comment);
        }
        *self = Self::None;
    }
}

/// Passes over octets up to white space, a comment or a semicolon; these may stand in quotes.
fn word(cursor: &mut Cursor<'_>) {
    loop {
        cursor.take_while(|octet| !is_space(octet) && !matches!(octet, b'(' | b';' | b'"'));
        if !cursor.eat(b'"') {
            return;
        }
        loop {
            cursor.take_while(|octet| !matches!(octet, b'"' | b'\\'));
            let escaped = cursor.eat(b'\\');
            cursor.bump();
            if !escaped {
                break;
            }
        }
    }
}

/// The address in the last pair of brackets.
///
/// ```text
/// address-literal      = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
/// IPv6-address-literal = "IPv6:" IPv6-addr                    ; RFC 5321 §4.1.3
/// ```
fn address_literal(text: &[u8]) -> Option<IpAddr> {
    let start = text.iter().rposition(|&octet| octet == b'[')? + 1;
    let length = text[start..].iter().position(|&octet| octet == b']')?;
    let literal = core::str::from_utf8(&text[start..start + length]).ok()?;
    let address = match literal.split_at_checked("IPv6:".len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => address,
        _ => literal,
    };
    address.parse().ok()
}

fn behind_last_semicolon(text: &[u8]) -> Option<&[u8]> {
    let semicolon = text.iter().rposition(|&octet| octet == b';')?;
    Some(&text[semicolon + 1..])
}

fn is_space(octet: u8) -> bool {
    is_wsp(octet) || matches!(octet, b'\r' | b'\n')
}
