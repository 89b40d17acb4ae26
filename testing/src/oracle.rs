//! What the codecs do, said as simply as possible and without regard to speed.

/// Dot-unstuffing (RFC 5321 §4.5.2) of a whole input, strict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unstuffed {
    /// The body, and what stands behind its end.
    Whole {
        /// Without the stuffed dots and without the end.
        body: Vec<u8>,
        /// Octets behind the end.
        rest: Vec<u8>,
    },
    /// The end has not come yet; what is certain is all in order.
    Open,
    /// A CR or LF that is not part of a CRLF stands in front of the end.
    Bare,
}

/// See [`Unstuffed`].
pub fn unstuff(input: &[u8]) -> Unstuffed {
    let mut body = Vec::new();
    let mut rest = input;
    loop {
        let Some(line_end) = rest.windows(2).position(|pair| pair == b"\r\n") else {
            return match rest.strip_suffix(b"\r").unwrap_or(rest) {
                open if has_line_end(open) => Unstuffed::Bare,
                _ => Unstuffed::Open,
            };
        };
        let line = &rest[..line_end];
        rest = &rest[line_end + 2..];
        if line == b"." {
            let rest = rest.to_vec();
            return Unstuffed::Whole { body, rest };
        }
        if has_line_end(line) {
            return Unstuffed::Bare;
        }
        body.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        body.extend_from_slice(b"\r\n");
    }
}

/// Dot-stuffing of a whole body, whose bare CRs and LFs become CRLFs.
pub fn stuff(body: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for line in normal_lines(body) {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(&line);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

/// A body as it arrives: each line end a CRLF, the last line ended.
pub fn normalised(body: &[u8]) -> Vec<u8> {
    let lines = normal_lines(body).into_iter();
    lines.flat_map(|line| [line, b"\r\n".to_vec()].concat()).collect()
}

/// Whether `octets` hold a CR or LF outside of a CRLF.
pub fn has_bare_line_end(octets: &[u8]) -> bool {
    let mut rest = octets;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        if has_line_end(&rest[..at]) {
            return true;
        }
        rest = &rest[at + 2..];
    }
    has_line_end(rest)
}

/// Every string over `alphabet` of up to `longest` octets.
pub fn strings(alphabet: &[u8], longest: u32) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..=longest).flat_map(move |len| {
        (0..alphabet.len().pow(len)).map(move |number| {
            let digit = |place| number / alphabet.len().pow(place) % alphabet.len();
            (0..len).map(|place| alphabet[digit(place)]).collect()
        })
    })
}

fn has_line_end(octets: &[u8]) -> bool {
    octets.iter().any(|octet| matches!(octet, b'\r' | b'\n'))
}

fn normal_lines(body: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![vec![]];
    let mut octets = body.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        match octet {
            b'\r' => {
                octets.next_if_eq(&b'\n');
                lines.push(vec![]);
            }
            b'\n' => lines.push(vec![]),
            other => lines.last_mut().expect("there is always a line").push(other),
        }
    }
    lines.pop_if(|last| last.is_empty());
    lines
}
