//! Reading an mbox file that arrives in pieces.

use memchr::memchr;

use super::{FROM, Variant};
use crate::{Defect, DefectKind};

/// What stands in the file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A message begins. The line in front of it, without its end, at most 1,024 octets of it, for
    /// [`FromLine::parse`](super::FromLine::parse); empty if the file begins without one.
    Start(&'a [u8]),
    /// Octets of the message, with the line ends that the file has. How they are cut says nothing.
    Octets(&'a [u8]),
    /// The message is complete.
    End,
    /// Something is not as it should be; offsets count from the start of the file.
    Defect(Defect),
}

/// Splits an mbox file into messages, whatever their size, in less than 2 KiB.
///
/// Lines end in LF or CRLF. In mboxo and mboxrd each line that begins with `From ` starts a message, as their writers leave
/// none of these inside one. In mboxcl2 the first Content-Length of a message is trusted: where no message starts behind that
/// many octets, that is a defect, and the message goes on up to the next such line. The empty line in front of a message belongs
/// to the file, not to the message before it.
#[derive(Debug, Clone)]
pub struct Reader {
    variant: Variant,
    offset: usize,
    at: At,
    /// An empty line that belongs to the message unless the next message follows.
    blank: &'static [u8],
    /// `>` at the start of the line, and octets of `From ` behind them.
    quotes: usize,
    matched: usize,
    /// The line `From `, or in mboxcl2 the start of a header line.
    line: Vec<u8>,
    in_message: bool,
    length: Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    /// Behind a CR at the start of a line.
    Cr,
    Line,
    FromLine,
    /// In a body of which so many octets are to come.
    Counted(u64),
}

/// What is known about the body's length, in mboxcl2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// In the header, with the field's value once it was seen.
    Header(Option<u64>),
    /// The body has been read: a message should start here, behind a line end if the body has none at its end.
    Done { open_line: bool },
    /// Nothing, or nothing of use.
    Unknown,
}

impl Reader {
    /// A reader at the start of a file.
    pub fn new(variant: Variant) -> Self {
        Self {
            variant,
            offset: 0,
            at: At::LineStart,
            blank: b"",
            quotes: 0,
            matched: 0,
            line: Vec::new(),
            in_message: false,
            length: Length::Unknown,
        }
    }

    /// Takes the next piece of the file and tells what it holds.
    pub fn update(&mut self, input: &[u8], events: &mut impl FnMut(Event<'_>)) {
        let mut at = 0;
        while at < input.len() {
            let rest = &input[at..];
            let taken = match self.at {
                At::LineStart => self.line_start(rest[0], events),
                At::Cr => self.carriage_return(rest[0], events),
                At::Line => self.line(rest, events),
                At::FromLine => self.separator(rest, events),
                At::Counted(left) => self.counted(left, rest, events),
            };
            at += taken;
            self.offset += taken;
        }
    }

    /// Says that the file has ended.
    pub fn finish(&mut self, events: &mut impl FnMut(Event<'_>)) {
        match self.at {
            At::LineStart if self.quotes + self.matched > 0 => self.release(events),
            At::Cr => {
                self.release(events);
                self.put(b"\r", events);
            }
            At::FromLine => self.start(events),
            At::Counted(_) => self.defect(DefectKind::MboxContentLength, events),
            At::LineStart | At::Line => {}
        }
        if std::mem::take(&mut self.in_message) {
            events(Event::End);
        }
        *self = Self::new(self.variant);
    }

    fn line_start(&mut self, octet: u8, events: &mut impl FnMut(Event<'_>)) -> usize {
        if octet == b'>' && self.matched == 0 && self.variant == Variant::Mboxrd {
            self.quotes += 1;
            return 1;
        }
        if octet == FROM[self.matched] {
            self.matched += 1;
            if self.matched == FROM.len() {
                self.matched_from(events);
            }
            return 1;
        }
        let at_start = self.quotes + self.matched == 0;
        match octet {
            b'\r' if at_start => self.at = At::Cr,
            b'\n' if at_start => self.empty_line(b"\n", events),
            _ => {
                self.release(events);
                self.at = At::Line;
                return 0;
            }
        }
        1
    }

    fn carriage_return(&mut self, octet: u8, events: &mut impl FnMut(Event<'_>)) -> usize {
        if octet == b'\n' {
            self.at = At::LineStart;
            self.empty_line(b"\r\n", events);
            return 1;
        }
        self.release(events);
        self.put(b"\r", events);
        self.at = At::Line;
        0
    }

    /// `>*From ` was read at the start of a line.
    fn matched_from(&mut self, events: &mut impl FnMut(Event<'_>)) {
        if self.quotes > 0 {
            self.quotes -= 1;
            self.release(events);
            self.at = At::Line;
            return;
        }
        let offset = self.offset + 1 - FROM.len();
        let mut defect = |kind| events(Event::Defect(Defect { offset, kind }));
        if self.in_message && !matches!(self.length, Length::Done { .. }) && self.blank.is_empty() {
            defect(DefectKind::MboxMissingBlankLine);
        }
        if let Length::Header(Some(1..)) = self.length {
            defect(DefectKind::MboxContentLength);
        }
        self.matched = 0;
        self.blank = b"";
        if std::mem::take(&mut self.in_message) {
            events(Event::End);
        }
        self.line.clear();
        self.line.extend_from_slice(FROM);
        self.at = At::FromLine;
    }

    fn separator(&mut self, rest: &[u8], events: &mut impl FnMut(Event<'_>)) -> usize {
        let end = memchr(b'\n', rest);
        let piece = &rest[..end.unwrap_or(rest.len())];
        let room = KEPT.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        if end.is_none() {
            return rest.len();
        }
        self.start(events);
        piece.len() + 1
    }

    fn start(&mut self, events: &mut impl FnMut(Event<'_>)) {
        let line = std::mem::take(&mut self.line);
        events(Event::Start(line.strip_suffix(b"\r").unwrap_or(&line)));
        self.in_message = true;
        self.at = At::LineStart;
        self.length = match self.variant {
            Variant::Mboxcl2 => Length::Header(None),
            _ => Length::Unknown,
        };
    }

    fn empty_line(&mut self, line: &'static [u8], events: &mut impl FnMut(Event<'_>)) {
        if !self.in_message {
            return;
        }
        if let Length::Header(length) = self.length {
            self.length = Length::Unknown;
            match length {
                Some(0) => self.length = Length::Done { open_line: false },
                Some(length) => self.at = At::Counted(length),
                None => self.defect(DefectKind::MboxContentLength, events),
            }
            return events(Event::Octets(line));
        }
        if self.length == (Length::Done { open_line: true }) {
            self.length = Length::Done { open_line: false };
            return;
        }
        self.release(events);
        self.blank = line;
    }

    fn line(&mut self, rest: &[u8], events: &mut impl FnMut(Event<'_>)) -> usize {
        let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let piece = &rest[..end];
        self.put(piece, events);
        if piece.ends_with(b"\n") {
            self.header_line();
            self.at = At::LineStart;
        }
        end
    }

    /// A header line has ended: was it Content-Length?
    fn header_line(&mut self) {
        if let Length::Header(None) = self.length {
            self.length = Length::Header(content_length(&self.line));
        }
        self.line.clear();
    }

    fn counted(&mut self, left: u64, rest: &[u8], events: &mut impl FnMut(Event<'_>)) -> usize {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
        events(Event::Octets(&rest[..here]));
        self.at = match left - here as u64 {
            0 => {
                let open_line = !rest[..here].ends_with(b"\n");
                self.length = Length::Done { open_line };
                At::LineStart
            }
            left => At::Counted(left),
        };
        here
    }

    /// Octets that were held back belong to the message.
    fn release(&mut self, events: &mut impl FnMut(Event<'_>)) {
        let (blank, quotes, matched) = (self.blank, self.quotes, self.matched);
        (self.blank, self.quotes, self.matched) = (b"", 0, 0);
        self.put(blank, events);
        for start in (0..quotes).step_by(QUOTES.len()) {
            self.put(&QUOTES[..QUOTES.len().min(quotes - start)], events);
        }
        self.put(&FROM[..matched], events);
    }

    fn put(&mut self, octets: &[u8], events: &mut impl FnMut(Event<'_>)) {
        if octets.is_empty() {
            return;
        }
        if !self.in_message {
            self.defect(DefectKind::MboxFromLine, events);
            let at = self.at;
            self.start(events);
            self.at = at;
        }
        match self.length {
            Length::Done { .. } => {
                // What is put was counted up to here, or stands right here.
                self.length = Length::Unknown;
                self.defect(DefectKind::MboxContentLength, events);
            }
            Length::Header(_) => {
                let room = HEADER_KEPT.saturating_sub(self.line.len());
                self.line.extend_from_slice(&octets[..octets.len().min(room)]);
            }
            Length::Unknown => {}
        }
        events(Event::Octets(octets));
    }

    fn defect(&mut self, kind: DefectKind, events: &mut impl FnMut(Event<'_>)) {
        let offset = self.offset;
        events(Event::Defect(Defect { offset, kind }));
    }
}

/// The value of a line that is the field Content-Length.
fn content_length(line: &[u8]) -> Option<u64> {
    let colon = memchr(b':', line)?;
    let (name, value) = line.split_at(colon);
    if !name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
        return None;
    }
    std::str::from_utf8(value[1..].trim_ascii()).ok()?.parse().ok()
}

const KEPT: usize = 1024;
const HEADER_KEPT: usize = 64;
const QUOTES: [u8; 64] = [b'>'; 64];
