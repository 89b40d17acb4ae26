//! What stands behind a verb: the client's name, and free text (RFC 5321 §4.1.1).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write};
use core::str::FromStr;

use crate::mailbox::{self, unescape};
use crate::scan::{self, Charset};
use crate::{Expected, Host, SyntaxError};

/// The name by which a client introduces itself.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientName(pub(crate) Box<str>);

impl ClientName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain or address literal, which it is unless [`Leniency::any_hello_name`](crate::Leniency::any_hello_name) let another pass.
    pub fn host(&self) -> Option<Host> {
        self.0.parse().ok()
    }
}

impl From<&Host> for ClientName {
    fn from(host: &Host) -> Self {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{host}");
        Self(text.into())
    }
}

impl FromStr for ClientName {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        text.parse::<Host>().map(|_| Self(text.into()))
    }
}

/// The argument of HELP and NOOP, and whom VRFY and EXPN ask about where that is ASCII: printable US-ASCII, spaces inside.
///
/// RFC 5321 §4.1.1.6 says `String`, an atom or a quoted string; §3.5.1 wants `user@host` as well, and people ask for help
/// with `MAIL FROM`. All printable text is taken, and [`unquoted`](Self::unquoted) reads the RFC's form.
///
/// ```
/// # use smtp_proto::Argument;
/// let argument: Argument = r#""Jane Smith""#.parse().unwrap();
/// assert_eq!(argument.unquoted(), "Jane Smith");
/// assert!("a\r\nQUIT".parse::<Argument>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Argument(pub(crate) Box<str>);

impl Argument {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without quotes and backslashes, when all of it is one quoted string.
    pub fn unquoted(&self) -> String {
        without_quotes(&self.0)
    }
}

impl FromStr for Argument {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        printable(text.as_bytes(), 0).map(|text| Self(text.into()))
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// What a quoted string says, when `text` is one and nothing else.
pub(crate) fn without_quotes(text: &str) -> String {
    if mailbox::quoted_string(text.as_bytes(), 0, Charset::Utf8) == Ok(text.len()) {
        return unescape(&text[1..text.len() - 1]);
    }
    String::from(text)
}

/// Printable text up to the end of the line, without spaces around it.
pub(crate) fn printable(line: &[u8], at: usize) -> Result<&str, SyntaxError> {
    let end = scan::run(line, at, |octet| matches!(octet, b' '..=b'~'));
    if end < line.len() {
        return Err(SyntaxError::new(end, Expected::PrintableAscii));
    }
    match line.get(at..) {
        None | Some([] | [b' ', ..] | [.., b' ']) => Err(SyntaxError::new(at, Expected::Argument)),
        Some(text) => scan::ascii(text),
    }
}
