//! Reads a section out of a message that lies elsewhere, without I/O.

use std::ops::Range;

use imap_proto::Partial;
use mime_codec::transfer::Decoder;

use super::filter::FieldFilter;
use super::pieces::{Piece, Pieces};

/// Makes the octets of `BODY[…]` or `BINARY[…]` out of those of the message.
///
/// It holds at most some ten KiB, whatever the message. Servers drive it like this, or let [`read`](Self::read) do it:
///
/// 1. [`step`](Self::step) says what comes next:
///    - [`Read`](SectionStep::Read): [`supply`](Self::supply) octets of the message from there, one or more;
///    - [`Output`](SectionStep::Output): send what [`output`](Self::output) holds, and [`consume`](Self::consume) it;
///    - [`Done`](SectionStep::Done): all was sent.
/// 2. again.
///
/// How many octets there will be, [`len`](Self::len) knows before the first of them, as a literal needs it: of all but HEADER.FIELDS at once,
/// of those when the header was read; if they are more than are held, it is read a second time.
///
/// ```
/// use imap_mailbox::message::{SectionStep, Summary};
/// use imap_proto::{OneOrMore, Section};
///
/// let message = b"From: Ann\r\nSubject: Lunch?\r\nX-Spam: no\r\n\r\nToday at noon?\r\n";
/// let summary = Summary::of(message);
/// let names = OneOrMore::new(vec!["SUBJECT".try_into()?])?;
/// let mut reader = summary.section(&Section::HeaderFields(None, names), None).unwrap();
/// let mut sent = Vec::new();
/// loop {
///     match reader.step() {
///         SectionStep::Read(range) => reader.supply(&message[range.start as usize..range.end as usize])?,
///         SectionStep::Output => {
///             let octets = reader.output();
///             sent.extend_from_slice(octets);
///             reader.consume(octets.len());
///         }
///         SectionStep::Done => break,
///     }
/// }
/// assert_eq!(sent, b"Subject: Lunch?\r\n\r\n");
/// assert_eq!(reader.len(), Some(19));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SectionReader {
    work: Work,
    /// What of the message is still to be read.
    unread: Range<u64>,
    /// The octets that are made, through the window that was asked for.
    made: Made,
    /// All octets that there will be, as far as that is known.
    len: Option<u64>,
}

/// What a [`SectionReader`] does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionStep {
    /// It needs octets of the message: these, or the first of them. At most 64 KiB at once.
    Read(Range<u64>),
    /// It holds octets of the section.
    Output,
    /// The section is over.
    Done,
}

/// The message is not the one that the [`Summary`](super::Summary) was made of: it is shorter, or a part of it decodes to fewer octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is not the one that was summarized")]
pub struct MessageChanged;

#[derive(Clone, Debug)]
enum Work {
    /// As they stand, but for NUL, which no literal may hold (RFC 9051 §4.3).
    Copy,
    /// As they stand.
    Verbatim,
    Decode(Box<Decoder>),
    /// Lines of the header, through this filter, which are held or counted.
    Gather(Box<Gathering>),
    /// Lines of the header, which was read before.
    Filter(FieldFilter),
    /// Headers made anew, and what stands between them.
    Surrogate(Box<Pieces>),
}

/// Lines of a header that are gathered, so that their octets are known before the first is sent.
#[derive(Clone, Debug)]
struct Gathering {
    filter: FieldFilter,
    header: Range<u64>,
    /// Octets in front of the window that was asked for.
    skip: u64,
    /// Octets in the window so far.
    count: u64,
    /// Whether they became too many to be held.
    is_counting: bool,
}

/// Octets that are made, of which a window is sent.
#[derive(Clone, Debug, Default)]
struct Made {
    octets: Vec<u8>,
    /// Octets at the front that were sent.
    sent: usize,
    /// Octets that are to be made before the window begins.
    skip: u64,
    /// Octets of the window that are not made yet.
    left: u64,
}

impl SectionReader {
    /// The octets of a range.
    pub(super) fn copy(range: Range<u64>) -> Self {
        Self::plain(Work::Copy, range)
    }

    /// The octets of a range, NULs among them.
    pub(super) fn verbatim(range: Range<u64>) -> Self {
        Self::plain(Work::Verbatim, range)
    }

    fn plain(work: Work, range: Range<u64>) -> Self {
        let len = range.end - range.start;
        Self {
            work,
            unread: range,
            made: Made::window(0, len),
            len: Some(len),
        }
    }

    /// A window on what a range decodes to.
    pub(super) fn decode(range: Range<u64>, decoder: Decoder, decoded: u64, partial: Option<Partial>) -> Self {
        let (skip, len) = within(decoded, partial);
        Self {
            work: Work::Decode(Box::new(decoder)),
            unread: range,
            made: Made::window(skip, len),
            len: Some(len),
        }
    }

    /// A window on some lines of a header.
    pub(super) fn filter(header: Range<u64>, filter: FieldFilter, partial: Option<Partial>) -> Self {
        let (skip, left) = within(u64::MAX, partial);
        let gathering = Gathering {
            filter,
            header: header.clone(),
            skip,
            count: 0,
            is_counting: false,
        };
        let mut reader = Self {
            unread: header,
            work: Work::Gather(Box::new(gathering)),
            made: Made::window(skip, left),
            len: None,
        };
        if reader.unread.is_empty() {
            // A message that has no header may need the empty line all the same.
            reader.make(&[]);
        }
        reader
    }

    /// A window on a range in which headers are made anew.
    pub(super) fn surrogate(
        range: Range<u64>,
        headers: Vec<Range<u64>>,
        filter: Option<FieldFilter>,
        window: Option<Partial>,
    ) -> Self {
        let pieces = Pieces::new(range.clone(), headers, filter, window);
        let mut reader = Self {
            work: Work::Surrogate(Box::new(pieces)),
            unread: range.start..range.start,
            made: Made::default(),
            len: None,
        };
        reader.next_piece();
        reader
    }

    /// Octets of the section; `None` while they are counted.
    pub const fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether there is no octet in the section, as far as is known.
    pub const fn is_empty(&self) -> bool {
        matches!(self.len, Some(0))
    }

    /// What comes next. Each step is told until it is done.
    pub fn step(&self) -> SectionStep {
        match self.len {
            Some(_) if self.made.sent < self.made.octets.len() => SectionStep::Output,
            Some(_) if self.made.left == 0 => SectionStep::Done,
            _ => {
                let end = self.unread.end.min(self.unread.start.saturating_add(PIECE));
                SectionStep::Read(self.unread.start..end)
            }
        }
    }

    /// Takes octets of the message, from where [`SectionStep::Read`] says; what is more than it asked for is not looked at.
    ///
    /// # Errors
    ///
    /// [`MessageChanged`] where none are given, for that is how a message ends, and where what was read makes fewer octets than the summary
    /// says. The section cannot be sent, or not to its end.
    pub fn supply(&mut self, octets: &[u8]) -> Result<(), MessageChanged> {
        let SectionStep::Read(range) = self.step() else {
            return Ok(());
        };
        let asked = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let octets = &octets[..octets.len().min(asked)];
        if octets.is_empty() {
            return Err(MessageChanged);
        }
        self.unread.start += octets.len() as u64;
        self.make(octets);
        match self.step() {
            SectionStep::Read(range) if range.is_empty() => Err(MessageChanged),
            _ => Ok(()),
        }
    }

    /// Octets of the section that were not consumed.
    pub fn output(&self) -> &[u8] {
        match self.len {
            Some(_) => &self.made.octets[self.made.sent..],
            None => &[],
        }
    }

    /// Octets at the front of the output were sent.
    pub fn consume(&mut self, octets: usize) {
        self.made.sent = (self.made.sent + octets).min(self.made.octets.len());
    }

    fn make(&mut self, octets: &[u8]) {
        let is_over = self.unread.is_empty();
        let mut fresh = Vec::new();
        match &mut self.work {
            Work::Copy => {
                fresh.extend_from_slice(octets);
                replace_nul(&mut fresh);
            }
            Work::Verbatim => fresh.extend_from_slice(octets),
            Work::Decode(decoder) => {
                decoder.update(octets, &mut fresh);
                if is_over {
                    decoder.finish(&mut fresh);
                }
            }
            Work::Gather(gathering) => lines(&mut gathering.filter, octets, is_over, &mut fresh),
            Work::Filter(filter) => lines(filter, octets, is_over, &mut fresh),
            Work::Surrogate(pieces) if self.len.is_none() => {
                pieces.take_header(octets);
                if is_over {
                    pieces.make_header();
                    self.next_piece();
                }
                return;
            }
            Work::Surrogate(_) => {
                fresh.extend_from_slice(octets);
                replace_nul(&mut fresh);
            }
        }
        let taken = self.made.take(&fresh);
        if let Work::Gather(gathering) = &mut self.work {
            gathering.count += taken;
            gathering.is_counting |= self.made.octets.len() > HELD;
            if gathering.is_counting {
                self.made.octets.clear();
            }
            if is_over || self.made.left == 0 {
                self.end_gathering();
            }
        } else if is_over && matches!(self.work, Work::Surrogate(_)) {
            self.next_piece();
        }
    }

    /// Goes on to the next piece that has to be read: first to each header, then, when all are made, to what is between them.
    fn next_piece(&mut self) {
        let Work::Surrogate(pieces) = &mut self.work else {
            return;
        };
        if self.len.is_none() {
            if let Some(header) = pieces.next_header() {
                self.unread = header;
                return;
            }
            let (skip, len) = within(pieces.len(), pieces.window);
            self.made = Made::window(skip, len);
            self.len = Some(len);
            pieces.at = 0;
        }
        while let Some(piece) = pieces.all.get_mut(pieces.at) {
            pieces.at += 1;
            match piece {
                Piece::Made(octets) => {
                    self.made.take(&core::mem::take(octets));
                }
                Piece::Copy(range) if !range.is_empty() => {
                    self.unread = range.clone();
                    return;
                }
                Piece::Copy(_) | Piece::Header(_) => {}
            }
        }
    }

    /// Has octets of the message read to where they go, where the section is nothing else. `None` where it is.
    pub(super) fn read_plain<E>(
        &mut self,
        out: &mut Vec<u8>,
        read_at: impl FnOnce(u64, &mut [u8]) -> Result<usize, E>,
    ) -> Option<Result<usize, E>> {
        let is_copy = matches!(self.work, Work::Copy);
        let (SectionStep::Read(range), true) = (self.step(), is_copy || matches!(self.work, Work::Verbatim)) else {
            return None;
        };
        let start = out.len();
        out.resize(start + usize::try_from(range.end - range.start).unwrap_or(0), 0);
        let read = read_at(range.start, &mut out[start..]);
        let octets = read.as_ref().map_or(0, |&read| read.min(out.len() - start));
        out.truncate(start + octets);
        if is_copy {
            replace_nul(&mut out[start..]);
        }
        self.unread.start += octets as u64;
        self.made.left -= octets as u64;
        Some(read.map(|_| octets))
    }

    /// The octets are counted. If they are not held, the header is read again.
    fn end_gathering(&mut self) {
        let Work::Gather(gathering) = &self.work else { return };
        self.len = Some(gathering.count);
        if gathering.is_counting {
            self.unread = gathering.header.clone();
            self.made = Made::window(gathering.skip, gathering.count);
            self.work = Work::Filter(gathering.filter.anew());
        } else {
            self.made.left = 0;
        }
    }
}

/// Lines out of a header, fit for a literal.
fn lines(filter: &mut FieldFilter, octets: &[u8], is_over: bool, fresh: &mut Vec<u8>) {
    filter.update(octets, fresh);
    if is_over {
        filter.finish(fresh);
    }
    replace_nul(fresh);
}

impl Made {
    fn window(skip: u64, left: u64) -> Self {
        Self {
            skip,
            left,
            ..Self::default()
        }
    }

    /// Keeps what of it lies in the window, and says how much that is.
    fn take(&mut self, fresh: &[u8]) -> u64 {
        self.octets.drain(..self.sent);
        self.sent = 0;
        let skipped = fresh.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        self.skip -= skipped as u64;
        let behind = &fresh[skipped..];
        let taken = behind.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.octets.extend_from_slice(&behind[..taken]);
        self.left -= taken as u64;
        taken as u64
    }
}

/// Octets in front of a window of so many octets, and in it.
fn within(octets: u64, partial: Option<Partial>) -> (u64, u64) {
    match partial {
        None => (0, octets),
        Some(partial) => {
            let skip = partial.offset.min(octets);
            (skip, partial.length.get().min(octets - skip))
        }
    }
}

/// NUL cannot stand in a literal (RFC 9051 §4.3); what takes its place is as little text.
pub(super) fn replace_nul(octets: &mut [u8]) {
    if octets.contains(&0) {
        octets
            .iter_mut()
            .filter(|octet| **octet == 0)
            .for_each(|octet| *octet = 0x80);
    }
}

/// Octets of the message that are asked for at once.
const PIECE: u64 = 64 * 1024;

/// Octets of header lines that are held.
const HELD: usize = 16 * 1024;
