//! Delimiter lines and the multiparts that are open (RFC 2046 §5.1.1).

/// The octets of the longest line that can be a delimiter line, without its line end: what a line of a message may have
/// (RFC 5322 §2.1.1). Without a bound, a parser that reads a stream would have to keep any line that begins like one.
pub(super) const LONGEST: usize = 998;

/// A delimiter line that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delimiter {
    /// Which of the boundaries, counted from the outermost, the innermost with that text.
    pub(super) level: usize,
    /// The closing one, behind which nothing but the epilogue comes.
    pub(super) closes: bool,
}

/// What a line that begins with two hyphens is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Delimiter(Delimiter),
    /// It begins like a delimiter line, and goes on: RFC 2046 §5.1.1 asks readers to take it for one; since a boundary may
    /// be the beginning of another, and writers do that, programs do not.
    Alike,
    Text,
}

/// The boundaries of the multiparts whose parts may still come, outermost first.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    text: Vec<u8>,
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    /// Where in `text` the boundary begins.
    start: usize,
    /// What tells it from most others.
    fingerprint: u32,
    /// Which of the open entities is the multipart.
    multipart: usize,
}

impl Boundaries {
    pub(super) fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Adds the boundary of a multipart, which is the one at that index of the open entities.
    pub(super) fn push(&mut self, boundary: &[u8], multipart: usize) {
        self.levels.push(Level {
            start: self.text.len(),
            fingerprint: fingerprint(boundary),
            multipart,
        });
        self.text.extend_from_slice(boundary);
    }

    /// Forgets the innermost.
    pub(super) fn pop(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.text.truncate(level.start);
        }
    }

    pub(super) fn contains(&self, boundary: &[u8]) -> bool {
        let wanted = fingerprint(boundary);
        let is_alike = |(_, level): &(usize, &Level)| level.fingerprint == wanted;
        let mut alike = self.levels.iter().enumerate().filter(is_alike);
        alike.any(|(level, _)| self.at(level) == boundary)
    }

    /// Which of the open entities is the multipart of a boundary.
    pub(super) fn multipart(&self, level: usize) -> usize {
        self.levels[level].multipart
    }

    fn at(&self, level: usize) -> &[u8] {
        let end = self.levels.get(level + 1).map_or(self.text.len(), |next| next.start);
        &self.text[self.levels[level].start..end]
    }

    /// Says what a line is, which comes without its line end.
    ///
    /// ```text
    /// delimiter         := CRLF dash-boundary          ; RFC 2046 §5.1.1
    /// dash-boundary     := "--" boundary
    /// close-delimiter   := delimiter "--"
    /// transport-padding := *LWSP-char
    /// ```
    pub(super) fn judge(&self, line: &[u8]) -> Line {
        let Some(line) = line.strip_prefix(b"--") else {
            return Line::Text;
        };
        let mut verdict = Line::Text;
        for level in (0..self.levels.len()).rev() {
            let Some(rest) = line.strip_prefix(self.at(level)) else {
                continue;
            };
            let (closes, padding) = match rest.strip_prefix(b"--") {
                Some(padding) => (true, padding),
                None => (false, rest),
            };
            if padding.iter().all(|octet| matches!(octet, b' ' | b'\t' | b'\r')) {
                return Line::Delimiter(Delimiter { level, closes });
            }
            verdict = Line::Alike;
        }
        verdict
    }
}

/// FNV-1a: boundaries of one program differ in a few octets only, wherever.
fn fingerprint(boundary: &[u8]) -> u32 {
    let mix = |hash: u32, octet: &u8| (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193);
    boundary.iter().fold(0x811c_9dc5, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_exact_match_wins() {
        let mut open = Boundaries::default();
        for (multipart, boundary) in ["ham", "ham--", "hamburger", "ham"].into_iter().enumerate() {
            open.push(boundary.as_bytes(), 2 * multipart);
        }
        assert_eq!(open.multipart(3), 6);
        let found = |level, closes| Line::Delimiter(Delimiter { level, closes });
        for (line, verdict) in [
            ("--ham", found(3, false)),
            ("--ham--", found(3, true)),
            ("--ham-- \t", found(3, true)),
            ("--ham----", found(1, true)),
            ("--hamburger", found(2, false)),
            ("--hamburgers", Line::Alike),
            ("--ham -- ", Line::Alike),
            ("--Ham", Line::Text),
            ("-ham", Line::Text),
            ("--", Line::Text),
            ("", Line::Text),
        ] {
            assert_eq!(open.judge(line.as_bytes()), verdict, "{line:?}");
        }
        (0..3).for_each(|_| open.pop());
        assert_eq!(open.judge(b"--ham"), found(0, false));
        assert_eq!(open.judge(b"--hamburger"), Line::Alike);
        assert!(open.contains(b"ham") && !open.contains(b"hamburger"));
    }
}
