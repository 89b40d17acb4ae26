//! Reading the header section of a message in memory (RFC 5322 §2.1, §2.2).

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;
use mail_wire::octets::{is_ftext, is_wsp};

use crate::FieldName;

/// The header fields of a message, in order, borrowed from its octets.
///
/// Tolerant: lines end in CRLF or in LF; octets of any value may stand in a field's value; a line that is no field is
/// one [`Malformed`] item, together with its folded lines, and the fields behind it are found. Ends at the first empty
/// line. Allocates nothing, does not recurse, looks at each octet a bounded number of times.
///
/// A message may lack its header section, as those do that people type into telnet: a line without a colon that comes
/// before any field says so. Then [`end`](Self::end) is [`HeaderEnd::NoHeader`], and whoever puts fields in front of such
/// a message puts an empty line behind them.
///
/// ```
/// # use rfc5322::{FieldName, Fields, HeaderEnd};
/// let message = b"Subject: spoon\r\n and fork\r\nTo: bob@hamburger.edu\r\n\r\nHi!\r\n";
/// let mut fields = Fields::new(message);
/// let subject = fields.next().unwrap()?;
/// assert!(subject.is(&FieldName::SUBJECT));
/// assert_eq!(*subject.unfolded(), *b" spoon and fork");
/// assert_eq!(&message[fields.body()..], b"Hi!\r\n");
///
/// let mut fields = Fields::new(b"Do you like ketchup?\r\nHow about pickles?\r\n");
/// assert!(fields.next().is_none());
/// assert_eq!(fields.end(), Some(HeaderEnd::NoHeader));
/// # Ok::<(), rfc5322::Malformed<'_>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    message: &'a [u8],
    position: usize,
    progress: Progress,
}

/// What was found so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    NoFieldYet,
    Fields,
    Over(HeaderEnd),
}

/// How a header section ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderEnd {
    /// With an empty line.
    EmptyLine {
        /// Offset of the first octet behind the empty line.
        body: usize,
    },
    /// It is missing: a line without a colon came before any field. The body begins with the message's first octet,
    /// even if [`Malformed`] items were reported before that line.
    NoHeader,
    /// With the message, which has no body.
    EndOfInput {
        /// The length of the message.
        body: usize,
    },
}

impl HeaderEnd {
    /// Offset of the first octet of the body.
    pub const fn body(self) -> usize {
        match self {
            Self::EmptyLine { body } | Self::EndOfInput { body } => body,
            Self::NoHeader => 0,
        }
    }
}

impl<'a> Fields<'a> {
    /// Reads a message, or its header section alone.
    pub const fn new(message: &'a [u8]) -> Self {
        Self {
            message,
            position: 0,
            progress: Progress::NoFieldYet,
        }
    }

    /// How the header section ended; `None` until the iterator has ended.
    pub const fn end(&self) -> Option<HeaderEnd> {
        match self.progress {
            Progress::Over(end) => Some(end),
            Progress::NoFieldYet | Progress::Fields => None,
        }
    }

    /// Passes over the fields that are left, and tells where the body begins.
    pub fn body(&mut self) -> usize {
        loop {
            if let Progress::Over(end) = self.progress {
                return end.body();
            }
            self.next();
        }
    }

    fn finish(&mut self, end: HeaderEnd) {
        self.progress = Progress::Over(end);
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<RawField<'a>, Malformed<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.end().is_some() {
            return None;
        }
        let rest = &self.message[self.position..];
        if rest.is_empty() {
            self.finish(HeaderEnd::EndOfInput { body: self.position });
            return None;
        }
        if let Some(empty_line) = empty_line(rest) {
            self.finish(HeaderEnd::EmptyLine {
                body: self.position + empty_line,
            });
            return None;
        }
        if self.progress == Progress::NoFieldYet && !line(rest).contains(&b':') {
            self.finish(HeaderEnd::NoHeader);
            return None;
        }
        let item = item(&rest[..folded_lines(rest)], self.position);
        if item.is_ok() {
            self.progress = Progress::Fields;
        }
        self.position += match &item {
            Ok(field) => field.raw.len(),
            Err(malformed) => malformed.raw.len(),
        };
        Some(item)
    }
}

/// A header field as it stands in a message. Whether its value follows any grammar is not looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawField<'a> {
    /// The name, as it is written.
    pub name: &'a str,
    /// The value from behind the colon on, folded, without the line end that ends the field.
    pub value: &'a [u8],
    /// The whole field, name, colon and line ends included.
    pub raw: &'a [u8],
    /// Octets of the message before the field.
    pub offset: usize,
}

impl<'a> RawField<'a> {
    /// Takes the lines of one field apart, which stand at `offset` in their message.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for lines that are no field.
    pub fn parse(raw: &'a [u8], offset: usize) -> Result<Self, Malformed<'a>> {
        item(raw, offset)
    }

    /// Octets of the message before the value.
    pub fn value_offset(&self) -> usize {
        self.offset + FieldSplit::of(self.raw).map_or(0, |split| split.value_start)
    }

    /// Whether this is a field of that name, in any case.
    pub fn is(&self, name: &FieldName) -> bool {
        self.name.eq_ignore_ascii_case(name.as_str())
    }

    /// The value on one line; see [`unfold`].
    pub fn unfolded(&self) -> Cow<'a, [u8]> {
        unfold(self.value)
    }
}

impl fmt::Debug for RawField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawField")
            .field("name", &self.name)
            .field("value", &Escaped(self.value))
            .field("offset", &self.offset)
            .finish()
    }
}

/// A line in the header section that is no field, with the folded lines that follow it.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line at offset {offset} is no header field")]
pub struct Malformed<'a> {
    /// The lines, line ends included.
    pub raw: &'a [u8],
    /// Octets of the message before them.
    pub offset: usize,
}

impl fmt::Debug for Malformed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Malformed")
            .field("raw", &Escaped(self.raw))
            .field("offset", &self.offset)
            .finish()
    }
}

/// Removes the line ends, CRLF or LF, that stand before white space (RFC 5322 §2.2.3). Borrows if there are none.
///
/// ```
/// # use rfc5322::unfold;
/// assert_eq!(*unfold(b" one\r\n\ttwo\n three"), *b" one\ttwo three");
/// ```
pub fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let is_fold = |lf: &usize| value.get(lf + 1).copied().is_some_and(is_wsp);
    let mut folds = memchr::memchr_iter(b'\n', value).filter(is_fold).peekable();
    if folds.peek().is_none() {
        return Cow::Borrowed(value);
    }
    let mut unfolded = Vec::with_capacity(value.len());
    let mut start = 0;
    for fold in folds {
        let line = &value[start..fold];
        unfolded.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        start = fold + 1;
    }
    unfolded.extend_from_slice(&value[start..]);
    Cow::Owned(unfolded)
}

/// Takes the lines of one item apart.
///
/// ```text
/// optional-field = field-name ":" unstructured CRLF          ; RFC 5322 §3.6.8
/// obs-optional   = field-name *WSP ":" unstructured CRLF     ; RFC 5322 §4.5.8
/// ```
pub(crate) fn item(raw: &[u8], offset: usize) -> Result<RawField<'_>, Malformed<'_>> {
    let malformed = Malformed { raw, offset };
    let split = FieldSplit::of(raw).ok_or(malformed)?;
    Ok(RawField {
        name: core::str::from_utf8(&raw[..split.name_len]).map_err(|_| malformed)?,
        value: &raw[split.value_start..split.value_end],
        raw,
        offset,
    })
}

/// Where the parts of a field stand in its lines: for tables of fields, which need no hold on the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSplit {
    /// Octets of the name, which is ASCII.
    pub name_len: usize,
    /// Octets before the value, which begins behind the colon.
    pub value_start: usize,
    /// Octets before the line end that ends the field.
    pub value_end: usize,
}

impl FieldSplit {
    /// Takes the lines of one field apart. `None` if they are no field.
    pub fn of(raw: &[u8]) -> Option<Self> {
        let name_len = raw.iter().position(|&octet| !FTEXT[octet as usize])?;
        let spaces = raw[name_len..].iter().take_while(|&&octet| is_wsp(octet)).count();
        let colon = name_len + spaces;
        if name_len == 0 || raw.get(colon) != Some(&b':') {
            return None;
        }
        let line_end = match raw {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        };
        Some(Self {
            name_len,
            value_start: colon + 1,
            value_end: (raw.len() - line_end).max(colon + 1),
        })
    }
}

/// `ftext` of all octets: looked up for each octet of each name.
const FTEXT: [bool; 256] = {
    let mut classes = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        classes[octet] = is_ftext(octet as u8);
        octet += 1;
    }
    classes
};

/// The length of the empty line that `rest` begins with.
fn empty_line(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => None,
    }
}

/// The first line of `rest`, with its LF if it has one.
fn line(rest: &[u8]) -> &[u8] {
    let lf = memchr::memchr(b'\n', rest);
    &rest[..lf.map_or(rest.len(), |index| index + 1)]
}

/// The length of the first line of `rest` and of the lines that it is folded into.
fn folded_lines(rest: &[u8]) -> usize {
    let mut length = line(rest).len();
    while rest.get(length).copied().is_some_and(is_wsp) {
        length += line(&rest[length..]).len();
    }
    length
}
