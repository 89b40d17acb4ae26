//! Cutting the input into lines, before any grammar sees an octet.

use memchr::memchr2;

/// Finds the end of a line that arrives in pieces.
///
/// A line ends at CRLF. It remembers how far it has looked, so that each octet is examined once however small the pieces
/// are; and it never asks for more than its limit to be kept, so that a malformed line still ends at a known place.
///
/// ```
/// # use mail_wire::{Framed, LineEnds, LineFault, LineFramer};
/// let mut framer = LineFramer::new(512, LineEnds::Crlf);
/// assert_eq!(framer.next(b"NO"), Framed::Incomplete);
/// assert_eq!(framer.next(b"NOOP\r\nQUIT"), Framed::Line { content: 4, octets: 6 });
/// assert_eq!(framer.next(b"QUIT\n"), Framed::Refused { octets: 5, why: LineFault::BareLf });
/// ```
#[derive(Clone, Debug)]
pub struct LineFramer {
    limit: usize,
    ends: LineEnds,
    /// Octets at the front of the input that need no second look.
    scanned: usize,
    /// Octets of this line that were dropped already.
    dropped: usize,
    fault: Option<LineFault>,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineEnds {
    /// CRLF alone (RFC 5321 §2.3.8).
    #[default]
    Crlf,
    /// Leniency: also a bare LF, which people who type into `nc` send, and servers that forward a file's lines as they are.
    CrlfOrLf,
}

/// What [`LineFramer::next`] found at the front of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// No line end yet: call again with the same octets and more.
    Incomplete,
    /// A line: its content is the first `content` octets. Consume `octets`, which counts its end too.
    Line {
        /// Octets without the line end.
        content: usize,
        /// Octets to consume.
        octets: usize,
    },
    /// The line is too long to keep: consume `octets` and go on. It will end as [`Framed::Refused`].
    Drop {
        /// Octets to consume.
        octets: usize,
    },
    /// The line has ended and is void. Consume `octets`.
    Refused {
        /// Octets to consume.
        octets: usize,
        /// Why: the first fault in it.
        why: LineFault,
    },
}

/// Why a line is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Longer than the limit.
    #[error("line longer than {limit} octets")]
    TooLong {
        /// The limit in octets, with the line end.
        limit: usize,
    },
    /// An LF without its CR. The line ends there.
    #[error("bare LF: lines end with CRLF")]
    BareLf,
    /// A CR without its LF.
    #[error("bare CR: lines end with CRLF")]
    BareCr,
}

impl LineFramer {
    /// `limit` counts the octets of a line with its end, as RFC 5321 §4.5.3.1 does.
    pub const fn new(limit: usize, ends: LineEnds) -> Self {
        Self {
            limit,
            ends,
            scanned: 0,
            dropped: 0,
            fault: None,
        }
    }

    /// The limit, in octets with the line end.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Another limit, from the next line on or, when the line under way is not yet over it, for that one.
    pub const fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Looks at `input`, which begins with the octets not consumed so far.
    pub fn next(&mut self, input: &[u8]) -> Framed {
        while let Some(found) = memchr2(b'\r', b'\n', &input[self.scanned..]) {
            let at = self.scanned + found;
            match (input[at], input.get(at + 1)) {
                (b'\n', _) => return self.end(at, at + 1, self.ends == LineEnds::Crlf),
                (_, Some(b'\n')) => return self.end(at, at + 2, false),
                (_, Some(_)) => {
                    self.blame(at, LineFault::BareCr);
                    self.scanned = at + 1;
                }
                (_, None) => return self.wait(at),
            }
        }
        self.wait(input.len())
    }

    fn end(&mut self, content: usize, octets: usize, bare: bool) -> Framed {
        self.blame_length(octets);
        if bare {
            self.blame(content, LineFault::BareLf);
        }
        let fault = self.fault.take();
        (self.scanned, self.dropped) = (0, 0);
        match fault {
            None => Framed::Line { content, octets },
            Some(why) => Framed::Refused { octets, why },
        }
    }

    /// `scanned` octets hold no line end. A CR behind them is yet to be judged, and has room.
    fn wait(&mut self, scanned: usize) -> Framed {
        self.scanned = scanned;
        self.blame_length(scanned);
        if self.fault.is_some() && scanned > 0 {
            self.dropped = self.dropped.saturating_add(scanned);
            self.scanned = 0;
            return Framed::Drop { octets: scanned };
        }
        Framed::Incomplete
    }

    fn blame_length(&mut self, octets: usize) {
        if self.dropped.saturating_add(octets) > self.limit {
            let limit = self.limit;
            self.fault.get_or_insert(LineFault::TooLong { limit });
        }
    }

    /// The first fault counts, in the order of octets: one behind the limit comes too late.
    fn blame(&mut self, at: usize, why: LineFault) {
        self.blame_length(at);
        self.fault.get_or_insert(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// What a line is, said naively over the whole input: (content or fault) for each line.
    fn oracle(input: &[u8], limit: usize) -> Vec<Result<Vec<u8>, LineFault>> {
        let mut lines = Vec::new();
        let mut rest = input;
        while let Some(lf) = rest.iter().position(|&o| o == b'\n') {
            let (line, behind) = rest.split_at(lf + 1);
            rest = behind;
            let crlf = line.ends_with(b"\r\n");
            let content = &line[..line.len() - if crlf { 2 } else { 1 }];
            let bare_cr = content.iter().position(|&o| o == b'\r').filter(|&at| at <= limit);
            lines.push(match bare_cr {
                Some(_) => Err(LineFault::BareCr),
                None if line.len() > limit && (crlf || content.len() > limit) => Err(LineFault::TooLong { limit }),
                None if !crlf && line.len() > limit => Err(LineFault::TooLong { limit }),
                None if !crlf => Err(LineFault::BareLf),
                None => Ok(content.to_vec()),
            });
        }
        lines
    }

    fn frame(pieces: &[&[u8]], limit: usize) -> Vec<Result<Vec<u8>, LineFault>> {
        let mut framer = LineFramer::new(limit, LineEnds::Crlf);
        let (mut unread, mut lines) = (Vec::new(), Vec::new());
        for piece in pieces {
            unread.extend_from_slice(piece);
            loop {
                let used = match framer.next(&unread) {
                    Framed::Incomplete => break,
                    Framed::Drop { octets } => octets,
                    Framed::Line { content, octets } => {
                        lines.push(Ok(unread[..content].to_vec()));
                        octets
                    }
                    Framed::Refused { octets, why } => {
                        lines.push(Err(why));
                        octets
                    }
                };
                unread.drain(..used);
            }
            assert!(unread.len() <= limit + 1, "keeps no more than its limit");
        }
        lines
    }

    /// Every string over a small alphabet, at every split into two and octet by octet, with limits around its length.
    #[test]
    fn agrees_with_the_oracle_at_every_split() {
        for len in 0..=7u32 {
            for number in 0..3usize.pow(len) {
                let input: Vec<u8> = (0..len).map(|i| b"\r\nx"[number / 3usize.pow(i) % 3]).collect();
                for limit in [2, 3, 4, 100] {
                    let expected = oracle(&input, limit);
                    for cut in 0..=input.len() {
                        let (a, b) = input.split_at(cut);
                        assert_eq!(frame(&[a, b], limit), expected, "{input:?} cut at {cut}, limit {limit}");
                    }
                    let octets: Vec<&[u8]> = input.chunks(1).collect();
                    assert_eq!(
                        frame(&octets, limit),
                        expected,
                        "{input:?} octet by octet, limit {limit}"
                    );
                }
            }
        }
    }

    /// docs/threats.md row 12: fed octet by octet, each octet is examined at most three times (a CR waits for its
    /// successor), however long the line.
    #[test]
    fn each_octet_is_examined_a_bounded_number_of_times() {
        for input in [
            [b'x'; 30_000].as_slice(),
            &b"\rx".repeat(15_000),
            &b"\r".repeat(30_000),
            &b"ab\r\n".repeat(7_500),
        ] {
            let mut framer = LineFramer::new(40_000, LineEnds::Crlf);
            let (mut start, mut examined) = (0, 0);
            for end in 1..=input.len() {
                loop {
                    examined += end - start - framer.scanned;
                    start += match framer.next(&input[start..end]) {
                        Framed::Incomplete => break,
                        Framed::Drop { octets } | Framed::Line { octets, .. } | Framed::Refused { octets, .. } => {
                            octets
                        }
                    };
                }
            }
            assert!(
                examined <= 3 * input.len(),
                "{examined} looks at {} octets",
                input.len()
            );
        }
    }

    #[test]
    fn lenient_line_ends() {
        let mut framer = LineFramer::new(100, LineEnds::CrlfOrLf);
        assert_eq!(framer.next(b"a\n"), Framed::Line { content: 1, octets: 2 });
        assert_eq!(framer.next(b"a\r\n"), Framed::Line { content: 1, octets: 3 });
    }
}
