//! Writing an mbox file, each message in pieces.

use memchr::memchr;

use super::{FROM, FromLine, Variant};

/// Writes messages into an mbox file.
///
/// The writer's own lines end in LF, or in CRLF if asked for; the lines of messages stay as they are. A message that does not end
/// with a line end gets one, all others are read back octet by octet (but for mboxo's quoting, see [`Variant`]).
#[derive(Debug, Clone)]
pub struct Writer {
    variant: Variant,
    line_end: &'static [u8],
    /// Octets of `From ` at the start of the line that are not written yet; `None` inside a line.
    matched: Option<usize>,
    /// Whether the last octet was no LF.
    open_line: bool,
}

impl Writer {
    /// A writer that appends messages to a file.
    pub fn new(variant: Variant) -> Self {
        Self {
            variant,
            line_end: b"\n",
            matched: Some(0),
            open_line: false,
        }
    }

    /// Ends the writer's own lines in CRLF, for files whose messages have CRLF.
    #[must_use]
    pub fn crlf(mut self) -> Self {
        self.line_end = b"\r\n";
        self
    }

    /// Begins a message. For mboxcl2 use [`start_counted`](Self::start_counted): without a Content-Length, lines of the message
    /// that begin with `From ` would split it.
    pub fn start(&mut self, line: &FromLine<'_>, output: &mut Vec<u8>) {
        line.write(output);
        output.extend_from_slice(self.line_end);
        (self.matched, self.open_line) = (Some(0), false);
    }

    /// Begins a message with a Content-Length in front of its own fields: the number of octets behind the empty line that ends
    /// its header. That line must be there.
    pub fn start_counted(&mut self, line: &FromLine<'_>, body_length: u64, output: &mut Vec<u8>) {
        self.start(line, output);
        output.extend_from_slice(format!("Content-Length: {body_length}").as_bytes());
        output.extend_from_slice(self.line_end);
    }

    /// Writes the next piece of the message.
    pub fn write(&mut self, octets: &[u8], output: &mut Vec<u8>) {
        if let Some(last) = octets.last() {
            self.open_line = *last != b'\n';
        }
        if self.variant == Variant::Mboxcl2 {
            return output.extend_from_slice(octets);
        }
        let mut at = 0;
        while at < octets.len() {
            at += match self.matched {
                None => self.line(&octets[at..], output),
                Some(matched) => self.line_start(matched, octets[at], output),
            };
        }
    }

    fn line(&mut self, rest: &[u8], output: &mut Vec<u8>) -> usize {
        let end = memchr(b'\n', rest).map(|end| end + 1);
        output.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
        if end.is_some() {
            self.matched = Some(0);
        }
        end.unwrap_or(rest.len())
    }

    fn line_start(&mut self, matched: usize, octet: u8, output: &mut Vec<u8>) -> usize {
        if octet == FROM[matched] {
            self.matched = Some(matched + 1);
            if matched + 1 == FROM.len() {
                output.push(b'>');
                self.release(output);
            }
            return 1;
        }
        // A `>` behind others can as well be put in front of `From `.
        if octet == b'>' && matched == 0 && self.variant == Variant::Mboxrd {
            output.push(octet);
            return 1;
        }
        self.release(output);
        0
    }

    fn release(&mut self, output: &mut Vec<u8>) {
        if let Some(matched) = self.matched.take() {
            output.extend_from_slice(&FROM[..matched]);
        }
    }

    /// Ends the message with the empty line that stands in front of the next one.
    pub fn end(&mut self, output: &mut Vec<u8>) {
        self.release(output);
        if std::mem::take(&mut self.open_line) {
            output.extend_from_slice(self.line_end);
        }
        output.extend_from_slice(self.line_end);
        self.matched = Some(0);
    }
}
