//! HEADER.FIELDS and HEADER.FIELDS.NOT: some of the lines of a header (RFC 9051 §6.4.5).

use imap_proto::AString;

/// Which fields are told.
#[derive(Clone, Debug)]
pub(super) struct Names {
    names: Vec<Vec<u8>>,
    /// Whether the others are told.
    others: bool,
}

impl Names {
    pub(super) fn these(names: &[AString<'_>]) -> Self {
        let mut names: Vec<_> = names.iter().map(|name| name.as_bytes().to_ascii_lowercase()).collect();
        names.sort_unstable();
        Self { names, others: false }
    }

    pub(super) fn others(names: &[AString<'_>]) -> Self {
        Self {
            others: true,
            ..Self::these(names)
        }
    }

    /// Whether a field is told. Lines that are no field are told by neither.
    ///
    /// ```text
    /// obs-optional = field-name *WSP ":" unstructured CRLF     ; RFC 5322 §4.5.8
    /// ```
    fn has(&self, name: &[u8]) -> bool {
        let name = name.trim_ascii_end().to_ascii_lowercase();
        let is_name = !name.is_empty() && name.iter().all(|octet| matches!(octet, 33..=126));
        is_name && self.names.binary_search(&name).is_ok() != self.others
    }
}

/// Takes a header in pieces and gives out the lines of the fields that are told, as they stand, and an empty line.
#[derive(Clone, Debug)]
pub(super) struct FieldFilter {
    names: Names,
    /// Whether a body follows, which needs an empty line in front of it.
    has_body: bool,
    state: State,
    /// Whether the lines of the field are told.
    is_told: bool,
}

#[derive(Clone, Debug)]
enum State {
    /// At the start of a line; its octets so far, which may be the name of a field.
    Start(Vec<u8>),
    /// Behind the name.
    Line,
    /// Behind the empty line.
    Over,
}

impl FieldFilter {
    pub(super) const fn new(names: Names, has_body: bool) -> Self {
        Self {
            names,
            has_body,
            state: State::Start(Vec::new()),
            is_told: false,
        }
    }

    /// The same at the begin of the header.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.names.clone(), self.has_body)
    }

    pub(super) fn update(&mut self, mut octets: &[u8], out: &mut Vec<u8>) {
        while !octets.is_empty() {
            octets = match &mut self.state {
                State::Over => return,
                State::Line => self.line(octets, out),
                State::Start(_) => self.start(octets, out),
            };
        }
    }

    /// The rest of a line.
    fn line<'o>(&mut self, octets: &'o [u8], out: &mut Vec<u8>) -> &'o [u8] {
        let end = octets.iter().position(|&octet| octet == b'\n');
        let (line, rest) = octets.split_at(end.map_or(octets.len(), |lf| lf + 1));
        if self.is_told {
            out.extend_from_slice(line);
        }
        if end.is_some() {
            self.state = State::Start(Vec::new());
        }
        rest
    }

    /// The begin of a line, up to what says which it is.
    fn start<'o>(&mut self, octets: &'o [u8], out: &mut Vec<u8>) -> &'o [u8] {
        let State::Start(seen) = &mut self.state else {
            return octets;
        };
        if seen.is_empty() && matches!(octets, [b' ' | b'\t', ..]) {
            self.state = State::Line;
            return octets;
        }
        let end = octets.iter().position(|octet| matches!(octet, b':' | b'\n'));
        let (begin, rest) = octets.split_at(end.unwrap_or(octets.len()));
        let room = LONGEST.saturating_sub(seen.len());
        seen.extend_from_slice(&begin[..begin.len().min(room)]);
        self.is_told = match rest.first() {
            Some(b'\n') if matches!(seen.as_slice(), b"" | b"\r") => {
                self.state = State::Over;
                return rest;
            }
            Some(b':') => seen.len() < LONGEST && self.names.has(seen),
            Some(_) => false,
            None if begin.len() <= room => return rest,
            None => false,
        };
        if self.is_told {
            out.extend_from_slice(seen);
        }
        self.state = State::Line;
        rest
    }

    /// The header is over.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.has_body || matches!(self.state, State::Over) {
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Octets of a line that has no colon by then, and is no field (RFC 5322 §2.1.1).
const LONGEST: usize = 999;

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(names: &[&str], others: bool, header: &str, piece: usize) -> String {
        let names: Vec<_> = names.iter().map(|name| AString::try_from(*name).unwrap()).collect();
        let names = if others {
            Names::others(&names)
        } else {
            Names::these(&names)
        };
        let mut filter = FieldFilter::new(names, false);
        let mut out = Vec::new();
        header
            .as_bytes()
            .chunks(piece)
            .for_each(|piece| filter.update(piece, &mut out));
        filter.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_by_their_names() {
        let header = "A: 1\r\nb : 2\r\n 3\r\n\t4\r\nno field\r\n 5\r\nAB: 6\r\na:\r\n: 7\r\nc d: 8\r\n 9\r\n\r\n";
        for piece in 1..=header.len() {
            let only = |names: &[&str]| filtered(names, false, header, piece);
            let but = |names: &[&str]| filtered(names, true, header, piece);
            assert_eq!(only(&["a"]), "A: 1\r\na:\r\n\r\n");
            assert_eq!(only(&["B", "AB"]), "b : 2\r\n 3\r\n\t4\r\nAB: 6\r\n\r\n");
            assert_eq!(only(&["x", "", "no field", "c d"]), "\r\n");
            assert_eq!(but(&["a", "ab"]), "b : 2\r\n 3\r\n\t4\r\n\r\n");
            assert_eq!(but(&["x"]), "A: 1\r\nb : 2\r\n 3\r\n\t4\r\nAB: 6\r\na:\r\n\r\n");
        }
    }

    #[test]
    fn names_without_end() {
        let header = format!("{}: 1\r\nA: 2\r\n", "x".repeat(5_000));
        for piece in [1, 7, 998, 999, 1_000, 10_000] {
            assert_eq!(filtered(&["A"], false, &header, piece), "A: 2\r\n");
            assert_eq!(filtered(&["b"], true, &header, piece), "A: 2\r\n");
        }
    }
}
