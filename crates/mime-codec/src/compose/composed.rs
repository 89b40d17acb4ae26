//! A message that is ready to be written.

use std::fmt;
use std::io::{self, Read, Write};

use super::assembly::Segment;
use crate::TransferEncoding;
use crate::transfer::{Encoder, encoded_capacity};

/// A message, laid out: written whole, or [read](Read) piece by piece, with bodies encoded on the way.
///
/// As a [`Read`] it holds one piece of a body of at most 16 KiB, and its encoding.
pub struct Composed<'c> {
    segments: std::vec::IntoIter<Segment<'c>>,
    /// A body that has begun.
    body: Option<Body<'c>>,
    /// Octets to be given, from `given` on.
    ready: Vec<u8>,
    given: usize,
}

struct Body<'c> {
    source: Source<'c>,
    encoder: Encoder,
}

enum Source<'c> {
    Octets(io::Cursor<std::borrow::Cow<'c, [u8]>>),
    Reader(Box<dyn Read + Send + 'c>),
}

impl<'c> Composed<'c> {
    pub(super) fn new(segments: Vec<Segment<'c>>) -> Self {
        Self {
            segments: segments.into_iter(),
            body: None,
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Writes what is left of the message.
    ///
    /// # Errors
    ///
    /// Those of the writer, and of the readers that bodies come from.
    pub fn write_to(mut self, output: &mut impl Write) -> io::Result<()> {
        while self.advance()? {
            output.write_all(&self.ready)?;
            self.given = self.ready.len();
        }
        Ok(())
    }

    /// What is left of the message.
    ///
    /// # Errors
    ///
    /// Those of the readers that bodies come from; there are none without such.
    pub fn into_vec(mut self) -> io::Result<Vec<u8>> {
        let mut octets = Vec::with_capacity(self.size_hint());
        octets.extend_from_slice(&self.ready[self.given..]);
        self.ready = Vec::new();
        if self.body.is_some() {
            self.read_to_end(&mut octets)?;
            return Ok(octets);
        }
        for segment in self.segments.by_ref() {
            match segment {
                Segment::Octets(piece) => octets.extend_from_slice(&piece),
                Segment::Body(piece, encoding, is_text) => {
                    encoder(encoding, is_text).whole(&piece, &mut octets);
                }
                Segment::Reader(mut source, encoding) => {
                    encode_all(&mut source, encoder(encoding, false), &mut octets)?
                }
            }
        }
        Ok(octets)
    }

    /// About as many octets as are left, but for those of readers.
    fn size_hint(&self) -> usize {
        let sizes = self.segments.as_slice().iter().map(|segment| match segment {
            Segment::Octets(octets) => octets.len(),
            Segment::Body(octets, encoding, _) => encoded_capacity(*encoding, octets),
            Segment::Reader(..) => 0,
        });
        self.ready.len() - self.given + sizes.sum::<usize>()
    }

    /// Makes octets ready; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            if let Some(body) = &mut self.body {
                if !body.advance(&mut self.ready)? {
                    self.body = None;
                }
                continue;
            }
            match self.segments.next() {
                None => return Ok(false),
                Some(Segment::Octets(octets)) => self.ready = octets,
                Some(Segment::Body(octets, encoding, is_text)) => {
                    let source = Source::Octets(io::Cursor::new(octets));
                    self.body = Some(Body::new(source, encoder(encoding, is_text)));
                }
                Some(Segment::Reader(source, encoding)) => {
                    self.body = Some(Body::new(Source::Reader(source), encoder(encoding, false)));
                }
            }
        }
        Ok(true)
    }
}

impl<'c> Body<'c> {
    fn new(source: Source<'c>, encoder: Encoder) -> Self {
        Self { source, encoder }
    }

    /// Encodes a piece; `false` when it was the last one.
    fn advance(&mut self, output: &mut Vec<u8>) -> io::Result<bool> {
        let mut piece = [0; PIECE];
        let n = match &mut self.source {
            Source::Octets(octets) => octets.read(&mut piece)?,
            Source::Reader(reader) => reader.read(&mut piece)?,
        };
        self.encoder.update(&piece[..n], output);
        if n == 0 {
            self.encoder.finish(output);
        }
        Ok(n > 0)
    }
}

impl Read for Composed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() && !buffer.is_empty() && !self.advance()? {
            return Ok(0);
        }
        let n = (&self.ready[self.given..]).read(buffer)?;
        self.given += n;
        Ok(n)
    }
}

impl fmt::Debug for Composed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composed").finish_non_exhaustive()
    }
}

fn encoder(encoding: TransferEncoding, is_text: bool) -> Encoder {
    let encoder = Encoder::new(encoding);
    if is_text { encoder.text() } else { encoder }
}

fn encode_all(source: &mut impl Read, mut encoder: Encoder, output: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; PIECE];
    loop {
        let n = source.read(&mut piece)?;
        encoder.update(&piece[..n], output);
        if n == 0 {
            encoder.finish(output);
            return Ok(());
        }
    }
}

/// The octets of a body that are encoded at once.
const PIECE: usize = 16 * 1024;
