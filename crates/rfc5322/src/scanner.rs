//! Reading the header section of a message that streams in.

use alloc::vec::Vec;

use crate::fields::{Progress, item};
use crate::{HeaderEnd, Malformed, RawField};

/// Finds the header fields of a message that arrives in chunks, cut anywhere: what [`Fields`](crate::Fields) finds in
/// the whole message, at any chunking.
///
/// Holds one field at a time, and looks at no more than its limit of octets: the memory it takes is at most twice the
/// limit. Linear.
///
/// ```
/// # use rfc5322::{HeaderEnd, HeaderScanner, Scan};
/// let chunks: [&[u8]; 3] = [b"Subject: spo", b"on\r\n\r", b"\nHi!\r\n"];
/// let mut scanner = HeaderScanner::default();
/// let mut names = Vec::new();
/// 'chunks: for mut chunk in chunks {
///     loop {
///         match scanner.scan(&mut chunk) {
///             Scan::Field(field) => names.push(field.name.to_owned()),
///             Scan::Malformed(_) => {}
///             Scan::NeedInput => break,
///             Scan::End(end) => {
///                 assert_eq!(end, HeaderEnd::EmptyLine { body: 18 });
///                 break 'chunks;
///             }
///             Scan::OverLimit => break 'chunks,
///         }
///     }
/// }
/// assert_eq!(names, ["Subject"]);
/// ```
#[derive(Debug, Clone)]
pub struct HeaderScanner {
    limit: usize,
    /// Octets of the message taken so far, `item` included.
    position: usize,
    item: Vec<u8>,
    place: Place,
    progress: Progress,
}

/// What a [`HeaderScanner`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan<'a> {
    /// A field.
    Field(RawField<'a>),
    /// A line that is no field; the ones behind it are found.
    Malformed(Malformed<'a>),
    /// The input is used up. Give more of it, or call [`finish`](HeaderScanner::finish) at the end of the message.
    NeedInput,
    /// The header section is over, and all its fields were given. Repeated on every further call.
    End(HeaderEnd),
    /// The header section is longer than the limit. The fields within it were given, but for the one that crosses it.
    /// Repeated on every further call.
    OverLimit,
}

/// Where the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a line. A field in `item` goes on there if white space follows.
    LineStart,
    /// Behind a CR that began a line; `item` holds it.
    AfterCr,
    /// Inside the first line of an item.
    InLine,
    /// Inside a line that an item is folded into.
    InFold,
    /// `item` was given away and is to be cleared.
    Given,
    /// Beyond the limit.
    OverLimit,
}

impl HeaderScanner {
    /// The limit unless another is set: 128 KiB of header section. Header sections of real messages rarely pass a tenth
    /// of it, and trace fields stand at the top.
    pub const DEFAULT_LIMIT: usize = 128 * 1024;

    /// A scanner that looks at `limit` octets of header section.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            position: 0,
            item: Vec::new(),
            place: Place::LineStart,
            progress: Progress::NoFieldYet,
        }
    }

    /// Takes octets off the front of `input` until something is found. Once the header section is over, takes no more:
    /// octets of the body that came in the same chunk are left, unless there was no header and they had to be looked at
    /// to find that out.
    pub fn scan(&mut self, input: &mut &[u8]) -> Scan<'_> {
        loop {
            if let Some(scan) = self.outcome() {
                return scan;
            }
            let Some(&octet) = input.first() else {
                return Scan::NeedInput;
            };
            match (self.place, octet) {
                (Place::LineStart, b' ' | b'\t') if !self.item.is_empty() => self.place = Place::InFold,
                (Place::LineStart, _) if !self.item.is_empty() => return self.give(),
                (Place::LineStart, b'\r') => self.take(input, 1, Place::AfterCr),
                (Place::LineStart | Place::AfterCr, b'\n') => self.take_empty_line(input),
                _ => self.take_line(input),
            }
        }
    }

    /// Says that the message has ended, and gives what is left: call until it returns [`Scan::End`] or
    /// [`Scan::OverLimit`].
    pub fn finish(&mut self) -> Scan<'_> {
        if let Some(scan) = self.outcome() {
            return scan;
        }
        let first_line_is_open = matches!(self.place, Place::InLine | Place::AfterCr);
        if first_line_is_open && self.header_is_missing() {
            return self.end(HeaderEnd::NoHeader);
        }
        if !self.item.is_empty() {
            return self.give();
        }
        self.end(HeaderEnd::EndOfInput { body: self.position })
    }

    /// How the header section ended; `None` while it goes on, or when it is over the limit.
    pub const fn header_end(&self) -> Option<HeaderEnd> {
        match self.progress {
            Progress::Over(end) => Some(end),
            Progress::NoFieldYet | Progress::Fields => None,
        }
    }

    /// Clears what was given, and repeats the end.
    fn outcome(&mut self) -> Option<Scan<'static>> {
        if self.place == Place::Given {
            self.item.clear();
            self.place = Place::LineStart;
        }
        match self.progress {
            Progress::Over(end) => Some(Scan::End(end)),
            _ if self.place == Place::OverLimit => Some(Scan::OverLimit),
            _ => None,
        }
    }

    fn take_empty_line(&mut self, input: &mut &[u8]) {
        self.take(input, 1, Place::LineStart);
        if self.place == Place::LineStart {
            self.end(HeaderEnd::EmptyLine { body: self.position });
        }
    }

    fn take_line(&mut self, input: &mut &[u8]) {
        let place = match self.place {
            Place::InFold => Place::InFold,
            _ => Place::InLine,
        };
        let Some(lf) = memchr::memchr(b'\n', input) else {
            return self.take(input, input.len(), place);
        };
        self.take(input, lf + 1, Place::LineStart);
        let first_line_is_whole = self.place == Place::LineStart && place == Place::InLine;
        if first_line_is_whole && self.header_is_missing() {
            self.end(HeaderEnd::NoHeader);
        }
    }

    /// Moves octets into the item, up to the limit.
    fn take(&mut self, input: &mut &[u8], length: usize, place: Place) {
        if length > self.limit - self.position {
            self.place = Place::OverLimit;
            self.item = Vec::new();
            return;
        }
        let (taken, rest) = input.split_at(length);
        self.item.extend_from_slice(taken);
        self.position += length;
        self.place = place;
        *input = rest;
    }

    /// Before the first field, a line without a colon says that there is no header section.
    fn header_is_missing(&self) -> bool {
        self.progress == Progress::NoFieldYet && !self.item.contains(&b':')
    }

    fn end(&mut self, end: HeaderEnd) -> Scan<'static> {
        self.item = Vec::new();
        self.progress = Progress::Over(end);
        Scan::End(end)
    }

    fn give(&mut self) -> Scan<'_> {
        self.place = Place::Given;
        match item(&self.item, self.position - self.item.len()) {
            Ok(field) => {
                self.progress = Progress::Fields;
                Scan::Field(field)
            }
            Err(malformed) => Scan::Malformed(malformed),
        }
    }
}

impl Default for HeaderScanner {
    fn default() -> Self {
        Self::new(Self::DEFAULT_LIMIT)
    }
}
