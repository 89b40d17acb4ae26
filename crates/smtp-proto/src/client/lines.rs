//! A message without dots on its way into chunks: line ends, and nothing else.

use alloc::vec::Vec;

use mail_wire::{BareLineEnd, BareLineEnds, bare_line_end};

/// Copies a message that is written in pieces, for BDAT (RFC 3030 §2).
///
/// Text is what [`DotWriter`](mail_wire::DotWriter) would send, without its dots: bare line ends are refused or made CRLF,
/// and the last line is ended. What is sent may become DATA at the next hop, where a bare line end could smuggle. Binary
/// octets go as they are.
#[derive(Clone, Debug)]
pub(super) struct LineWriter {
    form: Form,
    at: At,
    written: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text(BareLineEnds),
    Binary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    LineStart,
    Text,
    /// Behind a CR that is not written yet.
    Cr,
}

impl LineWriter {
    pub(super) const fn new(form: Form) -> Self {
        Self {
            form,
            at: At::LineStart,
            written: 0,
        }
    }

    /// Octets of the message taken so far.
    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Appends all of `input` to `chunk`, which grows by at most two octets for each.
    pub(super) fn write(&mut self, input: &[u8], chunk: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        match self.form {
            Form::Binary => chunk.extend_from_slice(input),
            Form::Text(bare) => self.write_text(input, bare, chunk)?,
        }
        self.written += input.len() as u64;
        Ok(())
    }

    /// Ends the last line of a text.
    pub(super) fn finish(&self, chunk: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        match (self.form, self.at) {
            (Form::Binary, _) | (_, At::LineStart) => {}
            (Form::Text(BareLineEnds::Refuse), At::Cr) => return Err(self.bare_at(self.written, 1)),
            (Form::Text(_), At::Cr | At::Text) => chunk.extend_from_slice(b"\r\n"),
        }
        Ok(())
    }

    fn write_text(&mut self, input: &[u8], bare: BareLineEnds, chunk: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        let mut at = 0;
        while at < input.len() {
            if self.at == At::Cr {
                let whole = input[at] == b'\n';
                if !whole && bare == BareLineEnds::Refuse {
                    return Err(self.bare_at(self.written + at as u64, 1));
                }
                chunk.extend_from_slice(b"\r\n");
                self.at = At::LineStart;
                at += usize::from(whole);
                continue;
            }
            let run = bare_line_end(&input[at..]).unwrap_or(input.len() - at);
            chunk.extend_from_slice(&input[at..at + run]);
            at += run;
            match input[..at].last() {
                _ if run == 0 => {}
                Some(b'\n') => self.at = At::LineStart,
                _ => self.at = At::Text,
            }
            match input.get(at) {
                None => {}
                // Whether it is bare, the next octet tells.
                Some(b'\r') => self.at = At::Cr,
                Some(_) if bare == BareLineEnds::Refuse => return Err(self.bare_at(self.written + at as u64, 0)),
                Some(_) => {
                    chunk.extend_from_slice(b"\r\n");
                    self.at = At::LineStart;
                }
            }
            at += 1;
        }
        Ok(())
    }

    const fn bare_at(&self, octets: u64, back: u64) -> BareLineEnd {
        BareLineEnd {
            offset: octets.saturating_sub(back),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use mail_wire::DotWriter;

    /// docs/threats.md row 2: a chunked text is what DATA would have carried, at every split; or it is refused at the
    /// same octet.
    #[test]
    fn text_is_what_data_would_carry() {
        for text in strings(b"\r\nx", 7) {
            for bare in [BareLineEnds::Allow, BareLineEnds::Refuse] {
                let expected = by_dots(&text, bare);
                for cut in 0..=text.len() {
                    let (mut writer, mut chunk) = (LineWriter::new(Form::Text(bare)), vec![]);
                    let written = writer
                        .write(&text[..cut], &mut chunk)
                        .and_then(|()| writer.write(&text[cut..], &mut chunk))
                        .and_then(|()| writer.finish(&mut chunk));
                    assert_eq!(written.map(|()| chunk), expected, "{text:?} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn binary_octets_go_as_they_are() {
        let (mut writer, mut chunk) = (LineWriter::new(Form::Binary), vec![]);
        writer.write(b"\n\r\0x\r", &mut chunk).unwrap();
        writer.finish(&mut chunk).unwrap();
        assert_eq!((&chunk[..], writer.written()), (&b"\n\r\0x\r"[..], 5));
    }

    fn by_dots(text: &[u8], bare: BareLineEnds) -> Result<Vec<u8>, BareLineEnd> {
        let (mut writer, mut wire) = (DotWriter::new(bare), vec![]);
        writer.write(text, &mut wire, 4096)?;
        writer.finish(&mut wire)?;
        wire.truncate(wire.len() - 3);
        Ok(wire)
    }

    /// All strings over an alphabet up to a length.
    fn strings(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let mut all = vec![vec![]];
        let mut from = 0;
        for _ in 0..longest {
            let to = all.len();
            for at in from..to {
                for &octet in alphabet {
                    let longer = [&all[at][..], &[octet]].concat();
                    all.push(longer);
                }
            }
            from = to;
        }
        all
    }
}
