//! Messages that are read in ranges.

use super::section::{MessageChanged, SectionReader, SectionStep};

/// Where the octets of a message are: in memory, in a file, in a row of a database.
///
/// For a file, where `read_at` is that of `std::os::unix::fs::FileExt`:
///
/// ```
/// # #[cfg(unix)] mod unix {
/// use std::os::unix::fs::FileExt;
///
/// struct Stored(std::fs::File);
///
/// impl imap_mailbox::message::Source for Stored {
///     type Error = std::io::Error;
///
///     fn read_at(&mut self, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
///         self.0.read_at(into, offset)
///     }
/// }
/// # }
/// ```
pub trait Source {
    /// What goes wrong.
    type Error;

    /// Reads octets from an offset on, as many as it likes, and says how many; 0 only at the end of the message.
    ///
    /// # Errors
    ///
    /// Whatever the store says.
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, Self::Error>;
}

/// A message in memory.
impl Source for &[u8] {
    type Error = std::convert::Infallible;

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, Self::Error> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let len = into.len().min(self.len() - start);
        into[..len].copy_from_slice(&self[start..start + len]);
        Ok(len)
    }
}

/// Why a section cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The store says so.
    #[error("the message cannot be read: {0}")]
    Source(E),
    /// The message is not the one that was summarized.
    #[error(transparent)]
    Changed(#[from] MessageChanged),
}

/// [`SectionStep`] as a loop, for stores that answer at once.
impl SectionReader {
    /// Makes [`len`](Self::len) known, reading the header where that is needed.
    ///
    /// # Errors
    ///
    /// [`ReadError`]
    pub fn measure<S: Source>(&mut self, source: &mut S) -> Result<u64, ReadError<S::Error>> {
        let mut buffer = Vec::new();
        loop {
            match self.len() {
                Some(len) => return Ok(len),
                None => self.supply_from(source, &mut buffer)?,
            }
        }
    }

    /// Adds the next octets of the section to `out`, some 64 KiB at most, and says how many; 0 at its end.
    ///
    /// # Errors
    ///
    /// [`ReadError`]
    pub fn read<S: Source>(&mut self, source: &mut S, out: &mut Vec<u8>) -> Result<usize, ReadError<S::Error>> {
        match self.read_plain(out, |offset, into| source.read_at(offset, into)) {
            Some(Ok(0)) => return Err(MessageChanged.into()),
            Some(read) => return read.map_err(ReadError::Source),
            None => {}
        }
        let mut buffer = Vec::new();
        loop {
            match self.step() {
                SectionStep::Done => return Ok(0),
                SectionStep::Read(_) => self.supply_from(source, &mut buffer)?,
                SectionStep::Output => {
                    let octets = self.output().len();
                    out.extend_from_slice(self.output());
                    self.consume(octets);
                    return Ok(octets);
                }
            }
        }
    }

    /// Adds all octets of the section to `out`.
    ///
    /// # Errors
    ///
    /// [`ReadError`]
    pub fn read_to_end<S: Source>(&mut self, source: &mut S, out: &mut Vec<u8>) -> Result<(), ReadError<S::Error>> {
        while self.read(source, out)? > 0 {}
        Ok(())
    }

    fn supply_from<S: Source>(&mut self, source: &mut S, buffer: &mut Vec<u8>) -> Result<(), ReadError<S::Error>> {
        let SectionStep::Read(range) = self.step() else {
            return Ok(());
        };
        buffer.resize(
            usize::try_from(range.end - range.start).unwrap_or(BUFFER).min(BUFFER),
            0,
        );
        let read = source.read_at(range.start, buffer).map_err(ReadError::Source)?;
        Ok(self.supply(&buffer[..read.min(buffer.len())])?)
    }
}

/// Octets that are read at once.
const BUFFER: usize = 32 * 1024;
