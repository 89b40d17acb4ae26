//! Dot-stuffing (RFC 5321 §4.5.2, RFC 1939 §3): one streaming codec each way, for SMTP and POP3.
//!
//! Both run over whole blocks of ordinary text without looking at single octets: a block in which every LF follows a CR,
//! every CR is followed by an LF and no line begins with a dot passes as it is.

use alloc::vec::Vec;

/// Takes the dots out of a body that arrives in pieces, and finds its end.
///
/// The body ends at CRLF `.` CRLF and nowhere else; the CRLF in front of the dot belongs to the body, and an empty body
/// is the dot's line alone. Nothing is copied: the reader says which octets at the front of the input are body.
///
/// ```
/// # use mail_wire::{BareLineEnds, DotReader, Dots};
/// let mut reader = DotReader::new(BareLineEnds::Refuse);
/// let mut input: &[u8] = b"one\r\n..two\r\n.\r\nQUIT\r\n";
/// let mut body = Vec::new();
/// loop {
///     match reader.next(input) {
///         Dots::Body(n) => {
///             body.extend_from_slice(&input[..n]);
///             reader.consumed(n);
///             input = &input[n..];
///         }
///         Dots::Drop(n) => input = &input[n..],
///         Dots::End(n) => {
///             input = &input[n..];
///             break;
///         }
///         Dots::Incomplete | Dots::Bare => unreachable!("this input is whole and clean"),
///     }
/// }
/// assert_eq!(body, b"one\r\n.two\r\n");
/// assert_eq!(input, b"QUIT\r\n");
/// ```
#[derive(Clone, Debug)]
pub struct DotReader {
    at: At,
    bare: BareLineEnds,
    /// Octets at the front of the input that are known to be body.
    ready: usize,
}

/// What [`DotReader::next`] found at the front of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dots {
    /// Nothing can be said yet: call again with the same octets and more.
    Incomplete,
    /// The first `n` octets are body. Repeated until [`DotReader::consumed`].
    Body(usize),
    /// The first `n` octets are framing: consume them and go on.
    Drop(usize),
    /// The first `n` octets end the body: consume them; the reader is done.
    End(usize),
    /// A bare CR or LF, and these are refused. Repeated until [`DotReader::keep_bare`].
    Bare,
}

/// What to do with a CR without LF, or an LF without CR, in a body. Either way none of them ever ends a body or a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BareLineEnds {
    /// The body is void. What tells SMTP smuggling from mail (CVE-2023-51764 and its kin).
    #[default]
    Refuse,
    /// Leniency: a reader passes them on as octets of the body, as POP3 servers hold messages that came in with them; a
    /// writer makes each a CRLF, as mail user agents do with the text files that people send.
    Allow,
}

/// Where in a line the next octet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    LineStart,
    Text,
    /// Writer only: behind a CR that is not written yet.
    Cr,
}

impl DotReader {
    /// A reader at the start of a body.
    pub const fn new(bare: BareLineEnds) -> Self {
        Self {
            at: At::LineStart,
            bare,
            ready: 0,
        }
    }

    /// Looks at `input`, which begins with the octets not consumed so far.
    pub fn next(&mut self, input: &[u8]) -> Dots {
        if self.ready > 0 {
            return Dots::Body(self.ready);
        }
        if self.at == At::LineStart && input.first() == Some(&b'.') {
            return self.dot(input);
        }
        match plain_run(input) {
            (0, None) => Dots::Incomplete,
            (0, Some(Stop::Bare)) => self.bare(),
            (run, _) => self.body(&input[..run]),
        }
    }

    /// `n` octets of the body were consumed.
    ///
    /// # Panics
    ///
    /// When `n` is more than [`Dots::Body`] said: a bug of the machine that calls.
    pub const fn consumed(&mut self, n: usize) {
        assert!(n <= self.ready, "consumed more than the body's octets");
        self.ready -= n;
    }

    /// From now on bare line ends are body: the body is void already, and only its end is looked for.
    pub const fn keep_bare(&mut self) {
        self.bare = BareLineEnds::Allow;
    }

    fn body(&mut self, run: &[u8]) -> Dots {
        self.at = if run.ends_with(b"\r\n") {
            At::LineStart
        } else {
            At::Text
        };
        self.ready = run.len();
        Dots::Body(self.ready)
    }

    /// A dot that begins a line.
    fn dot(&mut self, input: &[u8]) -> Dots {
        match (input.get(1), input.get(2)) {
            (None, _) | (Some(b'\r'), None) => Dots::Incomplete,
            (Some(b'\r'), Some(b'\n')) => Dots::End(3),
            _ => {
                self.at = At::Text;
                Dots::Drop(1)
            }
        }
    }

    /// A bare CR or LF at the front.
    fn bare(&mut self) -> Dots {
        if self.bare == BareLineEnds::Refuse {
            return Dots::Bare;
        }
        self.at = At::Text;
        self.ready = 1;
        Dots::Body(1)
    }
}

/// Puts the dots into a body that is written in pieces, and ends it.
///
/// What it writes has no bare CR or LF, and CRLF `.` CRLF at its end only; a body that does not end with CRLF gets one.
///
/// ```
/// # use mail_wire::{BareLineEnds, DotWriter};
/// let (mut writer, mut wire) = (DotWriter::new(BareLineEnds::Refuse), Vec::new());
/// assert_eq!(writer.write(b"one\r\n.two", &mut wire, 4096), Ok(9));
/// assert_eq!(writer.finish(&mut wire), Ok(()));
/// assert_eq!(wire, b"one\r\n..two\r\n.\r\n");
/// ```
#[derive(Clone, Debug)]
pub struct DotWriter {
    at: At,
    bare: BareLineEnds,
    written: u64,
}

/// A bare CR or LF where these are refused, `offset` octets from the body's start. Nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bare CR or LF at octet {offset} of the body")]
pub struct BareLineEnd {
    /// Octets of the body in front of it.
    pub offset: u64,
}

impl DotWriter {
    /// A writer at the start of a body.
    pub const fn new(bare: BareLineEnds) -> Self {
        Self {
            at: At::LineStart,
            bare,
            written: 0,
        }
    }

    /// Appends the encoded form of a part of `input` to `wire`, at most `room` octets, and returns how many octets of
    /// `input` that took. Less than all means: `room` is (nearly) used up.
    ///
    /// # Errors
    ///
    /// [`BareLineEnd`], when they are refused: the body cannot be sent, and must not be ended either.
    pub fn write(&mut self, input: &[u8], wire: &mut Vec<u8>, room: usize) -> Result<usize, BareLineEnd> {
        let end = wire.len().saturating_add(room);
        let mut taken = 0;
        // No single octet becomes more than four: the CRLF that was due, and a stuffed dot or another CRLF.
        while taken < input.len() && end - wire.len() >= 4 {
            let n = self.write_some(&input[taken..], wire, end - wire.len())?;
            self.written += n as u64;
            taken += n;
        }
        Ok(taken)
    }

    /// Ends the body: its last line, if that is open, and the dot's line. At most seven octets.
    ///
    /// # Errors
    ///
    /// [`BareLineEnd`] when the body's last octet is a CR and these are refused.
    pub fn finish(self, wire: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        match self.at {
            At::LineStart => {}
            At::Cr if self.bare == BareLineEnds::Refuse => return Err(self.bare_before(1)),
            At::Cr | At::Text => wire.extend_from_slice(b"\r\n"),
        }
        wire.extend_from_slice(b".\r\n");
        Ok(())
    }

    /// Octets of the body taken so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    fn write_some(&mut self, input: &[u8], wire: &mut Vec<u8>, room: usize) -> Result<usize, BareLineEnd> {
        if self.at == At::Cr {
            return self.behind_cr(input[0], wire);
        }
        if self.at == At::LineStart && input[0] == b'.' {
            wire.extend_from_slice(b"..");
            self.at = At::Text;
            return Ok(1);
        }
        match plain_run(input).0 {
            0 => self.line_end(input[0], wire),
            run => Ok(self.copy(&input[..run.min(room)], wire)),
        }
    }

    /// Ordinary octets. A CR that the cut leaves at the end stays unwritten until its LF comes.
    fn copy(&mut self, run: &[u8], wire: &mut Vec<u8>) -> usize {
        let plain = run.strip_suffix(b"\r").unwrap_or(run);
        wire.extend_from_slice(plain);
        self.at = match run.last() {
            Some(b'\r') => At::Cr,
            Some(b'\n') => At::LineStart,
            _ => At::Text,
        };
        run.len()
    }

    /// A CR whose next octet is not known or is no LF, or a bare LF.
    fn line_end(&mut self, octet: u8, wire: &mut Vec<u8>) -> Result<usize, BareLineEnd> {
        if octet == b'\r' {
            self.at = At::Cr;
            return Ok(1);
        }
        if self.bare == BareLineEnds::Refuse {
            return Err(self.bare_before(0));
        }
        wire.extend_from_slice(b"\r\n");
        self.at = At::LineStart;
        Ok(1)
    }

    /// The octet behind a CR: its LF, or proof that the CR is bare.
    fn behind_cr(&mut self, octet: u8, wire: &mut Vec<u8>) -> Result<usize, BareLineEnd> {
        if octet != b'\n' && self.bare == BareLineEnds::Refuse {
            return Err(self.bare_before(1));
        }
        wire.extend_from_slice(b"\r\n");
        self.at = At::LineStart;
        Ok(usize::from(octet == b'\n'))
    }

    const fn bare_before(&self, octets: u64) -> BareLineEnd {
        BareLineEnd {
            offset: self.written.saturating_sub(octets),
        }
    }
}

/// Where the first CR or LF stands that is not part of a CRLF, if there is one.
///
/// ```
/// # use mail_wire::bare_line_end;
/// assert_eq!(bare_line_end(b"one\r\ntwo\nthree\r\n"), Some(8));
/// assert_eq!(bare_line_end(b"one\r\n.two\r\n"), None);
/// ```
pub fn bare_line_end(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let (run, stop) = plain_run(&octets[at..]);
        at += run;
        match stop {
            Some(Stop::Dot) => {}
            Some(Stop::Bare) => return Some(at),
            None => return (at < octets.len()).then_some(at),
        }
    }
}

/// Why a plain run ends before its input does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// A CR or LF that is not part of a CRLF.
    Bare,
    /// A dot that begins a line.
    Dot,
}

/// How many octets at the front of `input`, whose first is no dot at a line's start, are neither a bare line end nor a
/// dot at a line's start nor a CR whose next octet is unknown.
fn plain_run(input: &[u8]) -> (usize, Option<Stop>) {
    if input.first() == Some(&b'\n') {
        return (0, Some(Stop::Bare));
    }
    // The first block is looked at octet by octet: where lines are short and begin with dots, judging a whole block at
    // once would examine the octets behind each dot again and again.
    let mut at = 1;
    while at < input.len() {
        let block = BLOCK.min(input.len() - at);
        let at_once = at > 1 && block == BLOCK && is_plain(&input[at - 1..at - 1 + BLOCK], &input[at..at + BLOCK]);
        if !at_once && let Some((octet, stop)) = first_stop(&input[at - 1..at + block]) {
            return (at - 1 + octet, Some(stop));
        }
        at += block;
    }
    let open = usize::from(input.last() == Some(&b'\r'));
    (input.len() - open, None)
}

/// The first stop in a piece whose first octet is known to be no dot at a line's start.
fn first_stop(piece: &[u8]) -> Option<(usize, Stop)> {
    let mut pairs = piece.windows(2).enumerate();
    pairs.find_map(|(at, pair)| match pair {
        [b'\r', b'\n'] => None,
        [b'\r', _] => Some((at, Stop::Bare)),
        [_, b'\n'] => Some((at + 1, Stop::Bare)),
        [b'\n', b'.'] => Some((at + 1, Stop::Dot)),
        _ => None,
    })
}

/// Whether no octet of `block`, seen with the one before it, stops a run. Written without branches, so that the compiler
/// makes vector instructions of it.
fn is_plain(before: &[u8], block: &[u8]) -> bool {
    let stops = before.iter().zip(block).fold(0u8, |stops, (&before, &octet)| {
        let bare = (before == b'\r') != (octet == b'\n');
        let dot = (before == b'\n') & (octet == b'.');
        stops | u8::from(bare) | u8::from(dot)
    });
    stops == 0
}

/// Octets that are judged at once: enough to fill vector registers, few enough that a dot costs little.
const BLOCK: usize = 128;
