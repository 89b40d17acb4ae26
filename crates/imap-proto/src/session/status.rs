//! Status responses: OK, NO, BAD, PREAUTH and BYE (RFC 9051 §7.1).

use bounded_static::ToStatic;

use crate::session::code::Code;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, Text};

/// A status response, tagged or untagged.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Status<'a> {
    /// How things stand.
    pub condition: Condition,
    /// What programs read.
    pub code: Option<Code<'a>>,
    /// What people read.
    pub text: Text<'a>,
}

/// The first word of a status response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum Condition {
    /// Tagged: the command is done. Untagged: information, or the greeting.
    Ok,
    /// Tagged: the command failed. Untagged: a warning.
    No,
    /// Tagged: the command was not understood or not expected. Untagged: the same of a command whose tag is not known.
    Bad,
    /// A greeting: the connection is authenticated already. Never tagged.
    PreAuth,
    /// The server closes the connection. Never tagged.
    Bye,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ok, Self::No, Self::Bad, Self::PreAuth, Self::Bye];

    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }

    /// Whether a tagged response may have it.
    pub const fn is_result(self) -> bool {
        matches!(self, Self::Ok | Self::No | Self::Bad)
    }
}

impl<'a> Status<'a> {
    /// A status without a code.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the text has NUL, CR or LF.
    pub fn new(condition: Condition, text: &'a str) -> Result<Self, InvalidValue> {
        Ok(Self {
            condition,
            code: None,
            text: Text::new(text)?,
        })
    }

    /// Words of the program's own.
    pub const fn fixed(condition: Condition, text: &'static str) -> Status<'static> {
        Status {
            condition,
            code: None,
            text: Text::fixed(text),
        }
    }

    /// With a code.
    #[must_use]
    pub fn with_code(mut self, code: Code<'a>) -> Self {
        self.code = Some(code);
        self
    }

    /// What follows the condition.
    ///
    /// ```text
    /// resp-text = ["[" resp-text-code "]" SP] [text]
    /// ```
    /// The text may be missing together with its space (RFC 9051 §9; RFC 3501 servers leave it out, too).
    pub(crate) fn read_behind(condition: Condition, reader: &mut Reader<'a>) -> Parse<Self> {
        if !reader.accept(b' ') {
            return Ok(Self {
                condition,
                code: None,
                text: Text::default(),
            });
        }
        let code = match reader.peek() {
            Some(b'[') => Code::read_bracketed(reader)?,
            _ => None,
        };
        if code.is_some() || looks_like_code(reader.rest()) {
            reader.accept(b' ');
        }
        Ok(Self {
            condition,
            code,
            text: Text::checked(reader.line()),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.condition.as_str());
        write_behind(self.code.as_ref(), &self.text, writer);
    }
}

/// A space and `resp-text`.
pub(crate) fn write_behind(code: Option<&Code<'_>>, text: &Text<'_>, writer: &mut Writer<'_>) {
    writer.space();
    if let Some(code) = code {
        writer.text("[");
        code.write(writer);
        writer.text("] ");
    }
    // A text that begins like a code would be taken for one. The reader takes the space away.
    if code.is_none() && looks_like_code(text.as_bytes()) {
        writer.space();
    }
    writer.raw(text.as_bytes());
}

/// Whether a text begins with `[`, or would without spaces.
fn looks_like_code(text: &[u8]) -> bool {
    text.iter().find(|octet| **octet != b' ') == Some(&b'[')
}
