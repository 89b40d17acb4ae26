//! The greeting: the server's first line.

use crate::apop::Timestamp;
use crate::response::Status;
use crate::{Expected, Response, SyntaxError, Text};

/// A positive greeting, with the timestamp that offers APOP if there is one (RFC 1939 §4, RFC 2449 §3).
///
/// ```text
/// greeting = "+OK" [resp-code] *gchar [timestamp] *gchar CRLF   ;512 octets maximum
/// ```
///
/// ```
/// # use pop3_proto::Greeting;
/// let greeting = Greeting::parse(b"+OK ready <4711.17@pop.hamburger.edu>").unwrap();
/// assert_eq!(greeting.timestamp().unwrap().as_str(), "<4711.17@pop.hamburger.edu>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    text: Text,
    timestamp: Option<Timestamp>,
}

impl Greeting {
    /// A greeting that does not offer APOP.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when the text holds `<`, which begins a timestamp, or what no text can hold.
    pub fn new(text: &str) -> Result<Self, SyntaxError> {
        if let Some(offset) = text.find('<') {
            return Err(SyntaxError::new(offset, Expected::GreetingText));
        }
        Ok(Self {
            text: Text::new(text)?,
            timestamp: None,
        })
    }

    /// The same greeting offering APOP. Text that would leave no room for the timestamp is left out.
    #[must_use]
    pub fn with_timestamp(&self, timestamp: Timestamp) -> Self {
        let room = Response::MAX - "+OK  \r\n".len();
        let text = match self.text.as_bytes().len() + timestamp.as_str().len() > room {
            true => timestamp.as_str().into(),
            false => [self.text.as_bytes(), b" ", timestamp.as_str().as_bytes()].concat(),
        };
        Self {
            text: Text::part(&text),
            timestamp: Some(timestamp),
        }
    }

    /// The whole text, the timestamp included.
    pub const fn text(&self) -> &Text {
        &self.text
    }

    /// The timestamp, if there is one that is a message id of ASCII characters.
    pub const fn timestamp(&self) -> Option<&Timestamp> {
        self.timestamp.as_ref()
    }

    /// Reads a positive greeting without its CRLF. The text may follow without a space, as the grammar has it.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it does not begin with `+OK`, or holds NUL, CR or LF.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let Some((Status::Ok, rest)) = Status::split(line) else {
            return Err(SyntaxError::new(0, Expected::Status));
        };
        let text = rest.strip_prefix(b" ").unwrap_or(rest);
        let text = Text::new(text).map_err(|error| error.behind(line.len() - text.len()))?;
        let timestamp = find_timestamp(text.as_bytes());
        Ok(Self { text, timestamp })
    }

    /// The greeting as a response.
    pub fn to_response(&self) -> Response {
        Response::ok(self.text.clone())
    }
}

fn find_timestamp(text: &[u8]) -> Option<Timestamp> {
    let start = text.iter().position(|&octet| octet == b'<')?;
    let end = text[start..].iter().position(|&octet| octet == b'>')?;
    Timestamp::parse(&text[start..=start + end]).ok()
}

impl Default for Greeting {
    /// `POP3 server ready`
    fn default() -> Self {
        Self {
            text: const { Text::fixed("POP3 server ready") },
            timestamp: None,
        }
    }
}

impl TryFrom<&str> for Greeting {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        Self::new(text)
    }
}

impl core::fmt::Display for Greeting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.text.fmt(f)
    }
}
