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
    /// Where in `text` each begins.
    starts: Vec<usize>,
}

impl Boundaries {
    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn push(&mut self, boundary: &[u8]) {
        self.starts.push(self.text.len());
        self.text.extend_from_slice(boundary);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        if let Some(&start) = self.starts.get(len) {
            self.text.truncate(start);
            self.starts.truncate(len);
        }
    }

    pub(super) fn contains(&self, boundary: &[u8]) -> bool {
        // The last octets tell boundaries apart that one program made.
        let is_alike = |open: &[u8]| open.len() == boundary.len() && open.last() == boundary.last();
        (0..self.len()).any(|level| is_alike(self.at(level)) && self.at(level) == boundary)
    }

    fn at(&self, level: usize) -> &[u8] {
        let end = self.starts.get(level + 1).copied().unwrap_or(self.text.len());
        &self.text[self.starts[level]..end]
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
        for level in (0..self.len()).rev() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_exact_match_wins() {
        let mut open = Boundaries::default();
        for boundary in ["ham", "ham--", "hamburger", "ham"] {
            open.push(boundary.as_bytes());
        }
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
        open.truncate(1);
        assert_eq!(open.judge(b"--ham"), found(0, false));
        assert_eq!(open.judge(b"--hamburger"), Line::Alike);
        assert!(open.contains(b"ham") && !open.contains(b"hamburger"));
    }
}
