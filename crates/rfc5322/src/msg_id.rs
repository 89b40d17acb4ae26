//! `msg-id` (RFC 5322 §3.6.4).

use alloc::string::String;
use core::fmt;

use mail_wire::octets::is_dtext;

use crate::cursor::Cursor;
use crate::{Expected, MAX_TOKEN, SyntaxError};

/// A message identifier `<id-left@id-right>`, as `Message-ID`, `In-Reply-To` and `References` carry it.
///
/// Holds the text between the angle brackets, at most [`MAX_TOKEN`] octets of ASCII, free of white space: it can be
/// written into any header field as it stands. Compared octet by octet, as RFC 5322 §3.6.4 makes it opaque.
///
/// ```
/// # use rfc5322::MsgId;
/// let id = MsgId::parse(b" <17.spoon@bistro.example> (the first)")?;
/// assert_eq!((id.left(), id.right()), ("17.spoon", "bistro.example"));
/// assert_eq!(id.to_string(), "<17.spoon@bistro.example>");
/// assert_eq!(MsgId::new("17.spoon", "bistro.example")?, id);
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MsgId {
    text: String,
    at: usize,
}

impl MsgId {
    /// An identifier of its two sides. To make it unique is the caller's part: a clock, a counter and randomness on the
    /// left, the host's own domain on the right.
    ///
    /// # Errors
    ///
    /// What [`parse`](Self::parse) says to `<left@right>`, the offset counted there.
    pub fn new(left: &str, right: &str) -> Result<Self, SyntaxError> {
        Self::parse(["<", left, "@", right, ">"].concat().as_bytes())
    }

    /// Parses an identifier with its angle brackets; comments and folding white space may surround it. Strict: none of
    /// the obsolete forms, which have quoted strings and white space inside. Linear.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there.
    pub fn parse(input: &[u8]) -> Result<Self, SyntaxError> {
        let mut cursor = Cursor::new(input);
        cursor.skip_cfws()?;
        let id = msg_id(&mut cursor)?;
        cursor.skip_cfws()?;
        cursor.require_end()?;
        Ok(id)
    }

    /// `id-left`, before the `@`.
    pub fn left(&self) -> &str {
        &self.text[..self.at]
    }

    /// `id-right`, behind the `@`: a domain in the usual case.
    pub fn right(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The identifier without angle brackets, which are no part of it (RFC 5322 §3.6.4).
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Writes the identifier in its angle brackets.
impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.text)
    }
}

/// ```text
/// msg-id          = [CFWS] "<" id-left "@" id-right ">" [CFWS]     ; RFC 5322 §3.6.4
/// id-left         = dot-atom-text / obs-id-left
/// id-right        = dot-atom-text / no-fold-literal / obs-id-right
/// no-fold-literal = "[" *dtext "]"
/// ```
fn msg_id(cursor: &mut Cursor<'_>) -> Result<MsgId, SyntaxError> {
    cursor.require(b'<', Expected::LessThan)?;
    let start = cursor.position();
    let left = cursor.dot_atom_text(Expected::DotAtomText)?;
    cursor.require(b'@', Expected::At)?;
    if cursor.eat(b'[') {
        cursor.take_while(is_dtext);
        cursor.require(b']', Expected::ClosingBracket)?;
    } else {
        cursor.dot_atom_text(Expected::DotAtomText)?;
    }
    let text = cursor.since(start);
    cursor.require(b'>', Expected::GreaterThan)?;
    if text.len() > MAX_TOKEN {
        let expected = Expected::AtMost(MAX_TOKEN);
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(MsgId {
        text: String::from_utf8_lossy(text).into_owned(),
        at: left.len(),
    })
}
