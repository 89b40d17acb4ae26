//! Writing address lists and phrases.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::octets::is_atext;

use crate::{AddrSpec, Field, FieldError, FieldName, FieldWriter};

/// What stands where a phrase does: a display name, the name of a group, a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text<'a> {
    /// Any text in printable characters. Quoted where it has to be, and where it looks like an encoded word, so that it
    /// is never decoded.
    Plain(&'a str),
    /// Atoms with white space between: encoded words (RFC 2047 §5), as mime-codec makes them.
    Encoded(&'a str),
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(text)
    }
}

impl<'a> Text<'a> {
    /// The tokens of the phrase: atoms, or one quoted string. None for the empty text.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] for encoded text that is not made of atoms.
    pub(crate) fn tokens(self) -> Result<Vec<Cow<'a, str>>, FieldError> {
        match self {
            Self::Plain("") => Ok(Vec::new()),
            Self::Plain(text) if is_phrase_of_atoms(text) => Ok(text.split(' ').map(Cow::Borrowed).collect()),
            Self::Plain(text) => Ok(Vec::from([Cow::Owned(quoted(text))])),
            Self::Encoded(text) => {
                let other = text
                    .bytes()
                    .position(|octet| !is_atext(octet) && !matches!(octet, b' ' | b'\t'));
                if let Some(offset) = other {
                    let octet = text.as_bytes()[offset];
                    return Err(FieldError::Forbidden { offset, octet });
                }
                Ok(text.split_ascii_whitespace().map(Cow::Borrowed).collect())
            }
        }
    }
}

fn is_phrase_of_atoms(text: &str) -> bool {
    let is_atom = |word: &str| {
        let is_right = |octet: u8| is_atext(octet) || !octet.is_ascii();
        !word.is_empty() && word.bytes().all(is_right)
    };
    let looks_encoded = text.as_bytes().windows(2).any(|pair| pair == b"=?");
    !looks_encoded && text.split(' ').all(is_atom)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// Writes `From`, `To` and their like: mailboxes and groups with commas between, folded between their tokens, never
/// inside of one.
///
/// What is refused leaves the field as it was.
///
/// ```
/// # use rfc5322::{AddrSpec, AddressListWriter, FieldName};
/// let bob = AddrSpec::parse(b"bob@hamburger.edu")?;
/// let alice = AddrSpec::parse(b"alice@crepes.fr")?;
/// let mut to = AddressListWriter::new(&FieldName::TO);
/// to.mailbox("Bob \"the cook\" Hamburger", &bob)?;
/// to.mailbox("", &alice)?;
/// to.group("Friends of ketchup", [("Alice", &alice), ("", &bob)])?;
/// assert_eq!(
///     to.finish().as_str(),
///     "To: \"Bob \\\"the cook\\\" Hamburger\" <bob@hamburger.edu>, alice@crepes.fr,\r\n \
///      Friends of ketchup: Alice <alice@crepes.fr>, bob@hamburger.edu;\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AddressListWriter {
    writer: FieldWriter,
    /// The last token, which may get a comma or semicolon yet.
    pending: String,
}

impl AddressListWriter {
    /// Begins a field.
    pub fn new(name: &FieldName) -> Self {
        Self::over(FieldWriter::new(name))
    }

    /// Begins a field that may hold UTF-8, as [`FieldWriter::utf8`] does.
    pub fn utf8(name: &FieldName) -> Self {
        Self::over(FieldWriter::utf8(name))
    }

    const fn over(writer: FieldWriter) -> Self {
        Self {
            writer,
            pending: String::new(),
        }
    }

    /// Adds a mailbox. An empty name is none.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] for control characters, and for characters outside ASCII unless the field holds UTF-8;
    /// [`FieldError::Overlong`] for a name or address that fits on no line.
    pub fn mailbox<'t>(&mut self, name: impl Into<Text<'t>>, address: &AddrSpec) -> Result<(), FieldError> {
        let tokens = mailbox(name.into(), address)?;
        self.check(&tokens)?;
        self.comma();
        self.tokens(&tokens);
        Ok(())
    }

    /// Adds a group.
    ///
    /// # Errors
    ///
    /// As [`mailbox`](Self::mailbox); [`FieldError::Empty`] if the name is empty.
    pub fn group<'t, T: Into<Text<'t>>>(
        &mut self,
        name: impl Into<Text<'t>>,
        members: impl IntoIterator<Item = (T, &'t AddrSpec)>,
    ) -> Result<(), FieldError> {
        let mut name = name.into().tokens()?;
        name.last_mut().ok_or(FieldError::Empty)?.to_mut().push(':');
        self.check(&name)?;
        let mut mailboxes = Vec::new();
        for (name, address) in members {
            let tokens = mailbox(name.into(), address)?;
            self.check(&tokens)?;
            mailboxes.push(tokens);
        }
        self.comma();
        self.tokens(&name);
        for (index, tokens) in mailboxes.into_iter().enumerate() {
            if index > 0 {
                self.comma();
            }
            self.tokens(&tokens);
        }
        self.pending.push(';');
        Ok(())
    }

    /// Ends the field. Without any mailbox or group its value is empty, which only `Bcc` may be (RFC 5322 §3.6.3).
    pub fn finish(mut self) -> Field {
        self.flush();
        self.writer.finish()
    }

    /// Behind each token a separator may have to stand.
    fn check(&self, tokens: &[Cow<'_, str>]) -> Result<(), FieldError> {
        tokens.iter().try_for_each(|token| self.writer.check_token(token, 1))
    }

    fn comma(&mut self) {
        if !self.pending.is_empty() {
            self.pending.push(',');
        }
    }

    /// Adds tokens that were checked, on one line if they fit on one.
    fn tokens(&mut self, tokens: &[Cow<'_, str>]) {
        self.flush();
        let length: usize = tokens.iter().map(|token| token.len() + 1).sum();
        self.writer.make_room(length);
        if let Some((last, others)) = tokens.split_last() {
            for token in others {
                self.writer.checked_token(token);
            }
            self.pending.push_str(last);
        }
    }

    fn flush(&mut self) {
        self.writer.checked_token(&self.pending);
        self.pending.clear();
    }
}

fn mailbox<'t>(name: Text<'t>, address: &AddrSpec) -> Result<Vec<Cow<'t, str>>, FieldError> {
    let mut tokens = name.tokens()?;
    let (open, close) = if tokens.is_empty() { ("", "") } else { ("<", ">") };
    tokens.push(
        [open, address.local_part(), "@", address.domain().as_str(), close]
            .concat()
            .into(),
    );
    Ok(tokens)
}
