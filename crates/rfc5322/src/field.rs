//! Writing a header field (RFC 5322 §2.2): its name, its folded value, its line end.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use mail_wire::octets::{is_ftext, is_vchar, is_wsp};

/// The name of a header field: one or more octets of `ftext`, at most [`FieldName::MAX`]. Compared without regard to
/// case (RFC 5322 §1.2.2).
///
/// ```
/// # use rfc5322::FieldName;
/// assert_eq!(FieldName::new("MESSAGE-id")?, FieldName::MESSAGE_ID);
/// assert!(FieldName::new("Subject: hi\r\nBcc").is_err());
/// # Ok::<(), rfc5322::FieldError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FieldName(Cow<'static, str>);

impl FieldName {
    /// The most octets of a name, 997: with its colon it fills a line (RFC 5322 §2.1.1).
    pub const MAX: usize = LINE_LIMIT - 1;

    /// `Bcc` (RFC 5322 §3.6.3)
    pub const BCC: Self = Self(Cow::Borrowed("Bcc"));
    /// `Cc` (RFC 5322 §3.6.3)
    pub const CC: Self = Self(Cow::Borrowed("Cc"));
    /// `Date` (RFC 5322 §3.6.1)
    pub const DATE: Self = Self(Cow::Borrowed("Date"));
    /// `Delivered-To` (RFC 9228)
    pub const DELIVERED_TO: Self = Self(Cow::Borrowed("Delivered-To"));
    /// `From` (RFC 5322 §3.6.2)
    pub const FROM: Self = Self(Cow::Borrowed("From"));
    /// `In-Reply-To` (RFC 5322 §3.6.4)
    pub const IN_REPLY_TO: Self = Self(Cow::Borrowed("In-Reply-To"));
    /// `Message-ID` (RFC 5322 §3.6.4)
    pub const MESSAGE_ID: Self = Self(Cow::Borrowed("Message-ID"));
    /// `Received` (RFC 5322 §3.6.7)
    pub const RECEIVED: Self = Self(Cow::Borrowed("Received"));
    /// `References` (RFC 5322 §3.6.4)
    pub const REFERENCES: Self = Self(Cow::Borrowed("References"));
    /// `Reply-To` (RFC 5322 §3.6.2)
    pub const REPLY_TO: Self = Self(Cow::Borrowed("Reply-To"));
    /// `Return-Path` (RFC 5322 §3.6.7)
    pub const RETURN_PATH: Self = Self(Cow::Borrowed("Return-Path"));
    /// `Sender` (RFC 5322 §3.6.2)
    pub const SENDER: Self = Self(Cow::Borrowed("Sender"));
    /// `Subject` (RFC 5322 §3.6.5)
    pub const SUBJECT: Self = Self(Cow::Borrowed("Subject"));
    /// `To` (RFC 5322 §3.6.3)
    pub const TO: Self = Self(Cow::Borrowed("To"));
    /// `Content-Disposition` (RFC 2183)
    pub const CONTENT_DISPOSITION: Self = Self(Cow::Borrowed("Content-Disposition"));
    /// `Content-ID` (RFC 2045 §7)
    pub const CONTENT_ID: Self = Self(Cow::Borrowed("Content-ID"));
    /// `Content-Type` (RFC 2045 §5)
    pub const CONTENT_TYPE: Self = Self(Cow::Borrowed("Content-Type"));
    /// `Comments` (RFC 5322 §3.6.5)
    pub const COMMENTS: Self = Self(Cow::Borrowed("Comments"));
    /// `Keywords` (RFC 5322 §3.6.5)
    pub const KEYWORDS: Self = Self(Cow::Borrowed("Keywords"));
    /// `List-Archive` (RFC 2369 §3.6)
    pub const LIST_ARCHIVE: Self = Self(Cow::Borrowed("List-Archive"));
    /// `List-Help` (RFC 2369 §3.1)
    pub const LIST_HELP: Self = Self(Cow::Borrowed("List-Help"));
    /// `List-Id` (RFC 2919 §3)
    pub const LIST_ID: Self = Self(Cow::Borrowed("List-Id"));
    /// `List-Owner` (RFC 2369 §3.5)
    pub const LIST_OWNER: Self = Self(Cow::Borrowed("List-Owner"));
    /// `List-Post` (RFC 2369 §3.4)
    pub const LIST_POST: Self = Self(Cow::Borrowed("List-Post"));
    /// `List-Subscribe` (RFC 2369 §3.3)
    pub const LIST_SUBSCRIBE: Self = Self(Cow::Borrowed("List-Subscribe"));
    /// `List-Unsubscribe` (RFC 2369 §3.2)
    pub const LIST_UNSUBSCRIBE: Self = Self(Cow::Borrowed("List-Unsubscribe"));
    /// `Resent-Bcc` (RFC 5322 §3.6.6)
    pub const RESENT_BCC: Self = Self(Cow::Borrowed("Resent-Bcc"));
    /// `Resent-Cc` (RFC 5322 §3.6.6)
    pub const RESENT_CC: Self = Self(Cow::Borrowed("Resent-Cc"));
    /// `Resent-Date` (RFC 5322 §3.6.6)
    pub const RESENT_DATE: Self = Self(Cow::Borrowed("Resent-Date"));
    /// `Resent-From` (RFC 5322 §3.6.6)
    pub const RESENT_FROM: Self = Self(Cow::Borrowed("Resent-From"));
    /// `Resent-Message-ID` (RFC 5322 §3.6.6)
    pub const RESENT_MESSAGE_ID: Self = Self(Cow::Borrowed("Resent-Message-ID"));
    /// `Resent-Sender` (RFC 5322 §3.6.6)
    pub const RESENT_SENDER: Self = Self(Cow::Borrowed("Resent-Sender"));
    /// `Resent-To` (RFC 5322 §3.6.6)
    pub const RESENT_TO: Self = Self(Cow::Borrowed("Resent-To"));

    /// ```text
    /// field-name = 1*ftext     ; RFC 5322 §3.6.8
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Name`] for anything else, the empty name and one beyond [`MAX`](Self::MAX) octets included.
    pub fn new(name: &str) -> Result<Self, FieldError> {
        let length = name.bytes().take_while(|&octet| is_ftext(octet)).count();
        if length == 0 || length < name.len() || length > Self::MAX {
            let offset = length.min(Self::MAX);
            return Err(FieldError::Name { offset });
        }
        Ok(Self(Cow::Owned(name.into())))
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for FieldName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FieldName {}

impl Hash for FieldName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.0.bytes() {
            state.write_u8(octet.to_ascii_lowercase());
        }
        state.write_u8(b':');
    }
}

/// Why a name or a text cannot be part of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The name is empty or too long, or holds something else than printable ASCII without the colon.
    #[error("the field name breaks the rules at offset {offset}")]
    Name {
        /// Octets before the first wrong one.
        offset: usize,
    },
    /// The text holds an octet that is neither printable ASCII nor white space; CR, LF and NUL above all.
    #[error("octet {octet:#04x} at offset {offset} cannot stand in a header field")]
    Forbidden {
        /// Octets before it.
        offset: usize,
        /// The octet itself.
        octet: u8,
    },
    /// A piece without a place to fold it is longer than a line, 998 octets, can hold (RFC 5322 §2.1.1).
    #[error("{length} octets from offset {offset} on cannot be folded into lines of 998")]
    Overlong {
        /// Octets before the piece.
        offset: usize,
        /// The octets of the piece.
        length: usize,
    },
    /// There is no text where the grammar wants some.
    #[error("a text is missing")]
    Empty,
}

/// A whole header field as it is written: folded, ending in CRLF, ASCII unless UTF-8 was asked for. Whatever it was made of, it reads back as
/// exactly one field.
///
/// ```
/// # use rfc5322::{Field, FieldError, FieldName};
/// let field = Field::new(&FieldName::SUBJECT, "Do you like ketchup?")?;
/// assert_eq!(field.as_str(), "Subject: Do you like ketchup?\r\n");
///
/// let injected = "hi\r\nBcc: mallory@example.net";
/// let refused = Field::new(&FieldName::SUBJECT, injected);
/// assert_eq!(refused, Err(FieldError::Forbidden { offset: 2, octet: b'\r' }));
/// let safe = Field::lossy(&FieldName::SUBJECT, injected)?;
/// assert_eq!(safe.as_str(), "Subject: hi  Bcc: mallory@example.net\r\n");
/// # Ok::<(), FieldError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    text: String,
    colon: usize,
}

impl Field {
    /// A field whose value is text in printable ASCII and white space, folded where it has white space. The white space
    /// inside stays as it is; at both ends it is dropped.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] and [`FieldError::Overlong`].
    pub fn new(name: &FieldName, text: &str) -> Result<Self, FieldError> {
        let mut writer = FieldWriter::new(name);
        writer.text(text)?;
        Ok(writer.finish())
    }

    /// A field whose value is text of unknown origin: a control character becomes a space, a character outside ASCII
    /// becomes `?` (to keep it is the work of encoded words, RFC 2047).
    ///
    /// # Errors
    ///
    /// [`FieldError::Overlong`].
    pub fn lossy(name: &FieldName, text: &str) -> Result<Self, FieldError> {
        let safe = |c: char| match c {
            c if c.is_control() => ' ',
            c if c.is_ascii() => c,
            _ => '?',
        };
        let text: String = text.chars().map(safe).collect();
        Self::new(name, &text)
    }

    /// The whole field with its CRLF.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole field with its CRLF.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The name of the field as it is written.
    pub fn name(&self) -> &str {
        &self.text[..self.colon]
    }

    /// The value as it is folded, from behind the colon to before the last CRLF.
    pub fn value(&self) -> &str {
        &self.text[self.colon + 1..self.text.len() - CRLF.len()]
    }
}

impl From<Field> for Vec<u8> {
    fn from(field: Field) -> Self {
        field.text.into_bytes()
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writes the value of a structured field piece by piece and folds it between the pieces.
///
/// Lines have at most 78 octets where the pieces allow it, and never more than 998 (RFC 5322 §2.1.1). A piece that is
/// refused leaves the field as it was.
///
/// ```
/// # use rfc5322::{FieldName, FieldWriter};
/// let mut field = FieldWriter::new(&FieldName::REFERENCES);
/// for number in 1..=4 {
///     field.group(&format!("<{number}.of.the.orders@bistro.example>"))?;
/// }
/// assert_eq!(
///     field.finish().as_str(),
///     "References: <1.of.the.orders@bistro.example> <2.of.the.orders@bistro.example>\r\n \
///      <3.of.the.orders@bistro.example> <4.of.the.orders@bistro.example>\r\n"
/// );
/// # Ok::<(), rfc5322::FieldError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FieldWriter {
    text: String,
    colon: usize,
    column: usize,
    charset: Charset,
}

/// What a value may hold besides white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Printable ASCII.
    Ascii,
    /// And characters outside of it (RFC 6532 §3.1).
    Utf8,
}

impl FieldWriter {
    /// Begins a field.
    pub fn new(name: &FieldName) -> Self {
        let colon = name.as_str().len();
        let mut text = String::with_capacity(LINE_GOAL + CRLF.len());
        text.push_str(name.as_str());
        text.push(':');
        Self {
            text,
            colon,
            column: colon + 1,
            charset: Charset::Ascii,
        }
    }

    /// Begins a field that may hold UTF-8 (RFC 6532 §3.1), for messages that are sent with SMTPUTF8. Characters outside
    /// ASCII stand as they are, but for control characters.
    pub fn utf8(name: &FieldName) -> Self {
        Self {
            charset: Charset::Utf8,
            ..Self::new(name)
        }
    }

    /// Adds a space and text that is never folded inside, not at its own white space either: a quoted string, a word. It
    /// moves to the next line if the current one is too full.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] and [`FieldError::Overlong`].
    pub fn token(&mut self, text: &str) -> Result<(), FieldError> {
        self.check_token(text, 0)?;
        self.checked_token(text);
        Ok(())
    }

    /// The door of [`token`](Self::token), for a token that gets so many octets of ASCII behind it.
    pub(crate) fn check_token(&self, text: &str, behind: usize) -> Result<(), FieldError> {
        check_octets(text, self.charset)?;
        let length = trim(text).len() + behind;
        if length >= LINE_LIMIT {
            return Err(FieldError::Overlong { offset: 0, length });
        }
        Ok(())
    }

    /// [`token`](Self::token) for a text that [`check_token`](Self::check_token) has let in.
    pub(crate) fn checked_token(&mut self, text: &str) {
        let text = trim(text);
        if text.is_empty() {
            return;
        }
        if self.column + 1 + text.len() > LINE_GOAL {
            self.fold();
        }
        self.push(" ", text);
    }

    /// Ends the line if what comes next, with a space in front, does not fit on it but on the next one.
    pub(crate) fn make_room(&mut self, length: usize) {
        if self.column + 1 + length > LINE_GOAL && length < LINE_GOAL {
            self.fold();
        }
    }

    /// Adds a space and text that should stay together on a line: a clause, an address. It moves to the next line whole
    /// if the current one is too full, and is folded at its own white space only if it does not fit on a line at all.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] and [`FieldError::Overlong`].
    pub fn group(&mut self, text: &str) -> Result<(), FieldError> {
        check(text, self.charset)?;
        let text = trim(text);
        let fits_on = |column: usize| column + 1 + text.len() <= LINE_GOAL;
        if !fits_on(self.column) && fits_on(0) && !text.is_empty() {
            self.fold();
        }
        self.checked_text(text);
        Ok(())
    }

    /// Adds a space and text that may be folded wherever it has white space, but for white space that a backslash
    /// quotes. White space at both ends is dropped.
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] and [`FieldError::Overlong`].
    pub fn text(&mut self, text: &str) -> Result<(), FieldError> {
        check(text, self.charset)?;
        self.checked_text(text);
        Ok(())
    }

    fn checked_text(&mut self, text: &str) {
        let text = trim(text);
        if !text.is_empty() && self.column + 1 + text.len() <= LINE_GOAL {
            return self.push(" ", text);
        }
        for (space, word) in Pieces::new(text) {
            let space = if space.is_empty() { " " } else { space };
            if self.column + space.len() + word.len() > LINE_GOAL {
                self.fold();
            }
            self.push(space, word);
        }
    }

    /// Ends the field.
    pub fn finish(mut self) -> Field {
        self.text.push_str(CRLF);
        Field {
            text: self.text,
            colon: self.colon,
        }
    }

    /// Ends the line, unless nothing stands on it yet.
    fn fold(&mut self) {
        if self.column > 0 {
            self.text.push_str(CRLF);
            self.column = 0;
        }
    }

    fn push(&mut self, space: &str, word: &str) {
        self.text.push_str(space);
        self.text.push_str(word);
        self.column += space.len() + word.len();
    }
}

/// The one door to a field's value.
fn check(text: &str, charset: Charset) -> Result<(), FieldError> {
    check_octets(text, charset)?;
    if text.len() < LINE_LIMIT {
        return Ok(());
    }
    let mut offset = text.len() - trim_start(text).len();
    for (space, word) in Pieces::new(text) {
        let length = space.len() + word.len();
        // The first piece gets a space of the writer's own.
        if space.len().max(1) + word.len() > LINE_LIMIT {
            return Err(FieldError::Overlong { offset, length });
        }
        offset += length;
    }
    Ok(())
}

fn check_octets(text: &str, charset: Charset) -> Result<(), FieldError> {
    // Nearly always; no branch for each octet, so that many can be looked at at once.
    let is_plain = |octet: u8| (octet.wrapping_sub(b' ') <= b'~' - b' ') | (octet == b'\t');
    if text.bytes().fold(true, |all, octet| all & is_plain(octet)) {
        return Ok(());
    }
    let allowed = |c: char| match u8::try_from(c) {
        Ok(octet) if octet.is_ascii() => is_vchar(octet) || is_wsp(octet),
        _ => charset == Charset::Utf8 && !c.is_control(),
    };
    match text.char_indices().find(|&(_, c)| !allowed(c)) {
        Some((offset, _)) => {
            let octet = text.as_bytes()[offset];
            Err(FieldError::Forbidden { offset, octet })
        }
        None => Ok(()),
    }
}

/// Text cut before each run of white space: pairs of white space and the word behind it, the first without white space.
/// White space at the end is no piece, since a line of white space alone is forbidden (RFC 5322 §3.2.2).
struct Pieces<'a>(&'a str);

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Self(trim(text))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let word_at = self.0.len() - trim_start(self.0).len();
        let (space, rest) = self.0.split_at(word_at);
        if rest.is_empty() {
            return None;
        }
        let is_cut = |pair: &[u8]| pair[0] != b'\\' && is_wsp(pair[1]);
        let cut = rest.as_bytes().windows(2).position(is_cut);
        let (word, rest) = rest.split_at(cut.map_or(rest.len(), |index| index + 1));
        self.0 = rest;
        Some((space, word))
    }
}

/// Text without white space at both ends.
fn trim(text: &str) -> &str {
    let text = trim_start(text);
    let behind = text.bytes().rev().take_while(|&octet| is_wsp(octet)).count();
    &text[..text.len() - behind]
}

fn trim_start(text: &str) -> &str {
    &text[text.bytes().take_while(|&octet| is_wsp(octet)).count()..]
}

const CRLF: &str = "\r\n";

/// What a line SHOULD not exceed, without its CRLF (RFC 5322 §2.1.1).
const LINE_GOAL: usize = 78;

/// What a line MUST not exceed, without its CRLF (RFC 5322 §2.1.1).
const LINE_LIMIT: usize = 998;
