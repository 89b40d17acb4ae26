//! Where a command or response ends: lines and literals are settled here, before any grammar sees an octet.

use mail_wire::LineFault;

/// Who wrote what is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A client: each line may announce a literal.
    Client,
    /// A server: the text of status responses and continuation requests is for people and announces nothing.
    Server,
}

/// What stands at the front of the unread octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Its end is not there yet.
    Incomplete,
    /// The first `octets` are whole, with their CRLF.
    Whole { octets: usize },
    /// The first `octets` end with the announcement of a literal. [`Framer::hold`] it, or take these octets as a fragment and
    /// [`Framer::stream`] it.
    Literal { octets: usize, announced: Announced },
    /// The line that begins at `start` does not end as lines do. `octets` are the fault's.
    Fault { octets: usize, why: LineFault },
}

/// An announced literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) len: u64,
    /// Whether the sender waits for `+`.
    pub(crate) synchronizing: bool,
}

/// Finds the end of a command or response that arrives in pieces. Octets that were examined are not examined again.
#[derive(Clone, Debug)]
pub(crate) struct Framer {
    source: Source,
    /// Where the line begins that is being looked at.
    line: usize,
    /// Octets that were examined.
    scanned: usize,
    /// Whether this line is the unit's first.
    is_first: bool,
    /// Whether a CR was found on this line that no LF follows.
    has_bare_cr: bool,
    /// Literals that were made a part of what is there of the unit.
    held: usize,
}

impl Framer {
    pub(crate) const fn new(source: Source) -> Self {
        Self {
            source,
            line: 0,
            scanned: 0,
            is_first: true,
            has_bare_cr: false,
            held: 0,
        }
    }

    /// Looks at `unread`, which begins where the unit (or the rest of it behind a streamed literal) begins.
    pub(crate) fn next(&mut self, unread: &[u8]) -> Frame {
        let Some(octets) = self.line_end(unread) else {
            return Frame::Incomplete;
        };
        let line = &unread[self.line..octets];
        let Some(content) = line.strip_suffix(b"\r\n") else {
            return Frame::Fault {
                octets,
                why: LineFault::BareLf,
            };
        };
        if self.has_bare_cr {
            return Frame::Fault {
                octets,
                why: LineFault::BareCr,
            };
        }
        let may_be_text = self.is_first && self.source == Source::Server;
        match announced(content).filter(|_| !(may_be_text && is_for_people(content))) {
            Some(announced) => {
                // Asked again, it finds the same line.
                self.scanned = octets - 1;
                Frame::Literal { octets, announced }
            }
            None => Frame::Whole { octets },
        }
    }

    /// Where the line ends with an LF, once that is there.
    fn line_end(&mut self, unread: &[u8]) -> Option<usize> {
        loop {
            let fresh = unread.get(self.scanned..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'\r', b'\n', fresh) else {
                self.scanned = self.scanned.max(unread.len());
                return None;
            };
            let at = self.scanned + found;
            match fresh[found..] {
                [b'\n', ..] => return Some(at + 1),
                [_, b'\n', ..] => return Some(at + 2),
                // What follows the CR will tell.
                [_] => {
                    self.scanned = at;
                    return None;
                }
                _ => {
                    self.has_bare_cr = true;
                    self.scanned = at + 1;
                }
            }
        }
    }

    /// The literal behind the first `octets` is a part of the unit: it has `len` octets.
    pub(crate) const fn hold(&mut self, octets: usize, len: usize) {
        self.line = octets.saturating_add(len);
        self.scanned = self.line;
        self.is_first = false;
        self.has_bare_cr = false;
        self.held += 1;
    }

    /// The octets up to the literal were taken, and the literal goes past: what follows it is the rest of the unit.
    pub(crate) const fn stream(&mut self) {
        self.line = 0;
        self.scanned = 0;
        self.is_first = false;
        self.has_bare_cr = false;
        self.held = 0;
    }

    /// `octets` of the unit were taken, all of them in front of what was examined last; the unit goes on.
    pub(crate) const fn shift(&mut self, octets: usize) {
        self.line = self.line.saturating_sub(octets);
        self.scanned = self.scanned.saturating_sub(octets);
        self.is_first = false;
        self.held = 0;
    }

    /// The unit was taken: the next one begins.
    pub(crate) const fn begin(&mut self) {
        *self = Self::new(self.source);
    }

    /// Literals that are a part of what is there of the unit.
    pub(crate) const fn held(&self) -> usize {
        self.held
    }

    /// Octets of the unit up to the end of what is known of it: past a held literal that has not arrived yet.
    pub(crate) const fn known(&self) -> usize {
        self.scanned
    }
}

/// `"{" number64 ["+"] "}"` at the end of a line (RFC 9051 §4.3).
fn announced(line: &[u8]) -> Option<Announced> {
    let inner = line.strip_suffix(b"}")?;
    let (inner, synchronizing) = match inner.strip_suffix(b"+") {
        Some(inner) => (inner, false),
        None => (inner, true),
    };
    let digits = inner.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let (head, digits) = inner.split_at(inner.len() - digits);
    if digits.is_empty() || head.last() != Some(&b'{') {
        return None;
    }
    let grown = digits.iter().try_fold(0u64, |len, digit| {
        len.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    });
    // A length that no number holds is over every limit.
    let len = grown.unwrap_or(u64::MAX);
    Some(Announced { len, synchronizing })
}

/// Whether a server's line ends in free text: a continuation request, or a status response whose code (if any) ends on the line.
fn is_for_people(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |&octet| octet == b' ');
    let (first, condition) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if first == b"+" {
        return true;
    }
    let conditions = ["OK", "NO", "BAD", "BYE", "PREAUTH"];
    let is_status = conditions
        .iter()
        .any(|name| condition.eq_ignore_ascii_case(name.as_bytes()));
    let text = words.next().unwrap_or_default();
    is_status && (text.first() != Some(&b'[') || text.contains(&b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(source: Source, input: &[u8]) -> Frame {
        Framer::new(source).next(input)
    }

    #[test]
    fn literals_are_announced_at_line_ends_only() {
        let literal = |octets, len, synchronizing| Frame::Literal {
            octets,
            announced: Announced { len, synchronizing },
        };
        assert_eq!(frame(Source::Client, b"a X {3}\r\n"), literal(9, 3, true));
        assert_eq!(frame(Source::Client, b"a X ~{3+}\r\n"), literal(11, 3, false));
        assert_eq!(frame(Source::Client, b"a X {3} \r\n"), Frame::Whole { octets: 10 });
        assert_eq!(frame(Source::Client, b"a X {}\r\n"), Frame::Whole { octets: 8 });
        assert_eq!(frame(Source::Client, b"a OK {3}\r\n"), literal(10, 3, true));
        assert_eq!(frame(Source::Server, b"a OK what {3}\r\n"), Frame::Whole { octets: 15 });
        assert_eq!(frame(Source::Server, b"* bye {3}\r\n"), Frame::Whole { octets: 11 });
        assert_eq!(frame(Source::Server, b"+ {3}\r\n"), Frame::Whole { octets: 7 });
        assert_eq!(frame(Source::Server, b"* NO [X {3}\r\n"), literal(13, 3, true));
        assert_eq!(frame(Source::Server, b"* NO [X] {3}\r\n"), Frame::Whole { octets: 14 });
        let huge = b"a X {99999999999999999999999}\r\n";
        assert_eq!(frame(Source::Client, huge), literal(huge.len(), u64::MAX, true));
    }

    #[test]
    fn line_ends_are_crlf() {
        let fault = |octets, why| Frame::Fault { octets, why };
        assert_eq!(frame(Source::Client, b"a\n"), fault(2, LineFault::BareLf));
        assert_eq!(frame(Source::Client, b"a\rb\r\n"), fault(5, LineFault::BareCr));
        assert_eq!(frame(Source::Client, b"a\r"), Frame::Incomplete);
    }
}
