//! The pieces of a surrogate: headers made anew, and what stands between them.

use std::ops::Range;

use imap_proto::Partial;

use super::filter::FieldFilter;
use super::section::replace_nul;
use super::surrogate;

/// What a surrogate is put together of. Its headers are made before the first octet is sent.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    /// The one that is read.
    pub(super) at: usize,
    /// The header that is read, as it stands.
    header: Vec<u8>,
    /// Which of the header's fields are asked for.
    filter: Option<FieldFilter>,
    pub(super) window: Option<Partial>,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Header(Range<u64>),
    Made(Vec<u8>),
    Copy(Range<u64>),
}

impl Pieces {
    /// A range, in which headers stand.
    pub(super) fn new(
        range: Range<u64>,
        headers: Vec<Range<u64>>,
        filter: Option<FieldFilter>,
        window: Option<Partial>,
    ) -> Self {
        let mut all = Vec::new();
        let mut position = range.start;
        for header in headers {
            all.push(Piece::Copy(position..header.start));
            position = header.end;
            all.push(Piece::Header(header));
        }
        all.push(Piece::Copy(position..range.end));
        Self {
            all,
            at: 0,
            header: Vec::new(),
            filter,
            window,
        }
    }

    /// The next header that is to be read.
    pub(super) fn next_header(&mut self) -> Option<Range<u64>> {
        let is_left = |piece: &Piece| matches!(piece, Piece::Header(_));
        self.at += self.all[self.at..].iter().position(is_left)?;
        match &self.all[self.at] {
            Piece::Header(range) => Some(range.clone()),
            Piece::Made(_) | Piece::Copy(_) => None,
        }
    }

    pub(super) fn take_header(&mut self, octets: &[u8]) {
        let made = self.all.iter().map(|piece| match piece {
            Piece::Made(octets) => octets.len(),
            Piece::Copy(_) | Piece::Header(_) => 0,
        });
        let room = MADE.saturating_sub(made.sum::<usize>() + self.header.len());
        self.header.extend_from_slice(&octets[..octets.len().min(room)]);
    }

    /// Makes the header anew that was read. Of one for which there is no room, fields are left out at its end.
    pub(super) fn make_header(&mut self) {
        let mut header = core::mem::take(&mut self.header);
        if let Piece::Header(range) = &self.all[self.at]
            && (header.len() as u64) < range.end - range.start
        {
            let end = memchr::memmem::rfind(&header, b"\r\n").map_or(0, |at| at + 2);
            header.truncate(end);
            header.extend_from_slice(b"\r\n");
        }
        let mut made = surrogate::header(&header);
        if let Some(filter) = &mut self.filter {
            let mut told = Vec::new();
            filter.update(&made, &mut told);
            filter.finish(&mut told);
            made = told;
        }
        replace_nul(&mut made);
        self.all[self.at] = Piece::Made(made);
    }

    pub(super) fn len(&self) -> u64 {
        let lens = self.all.iter().map(|piece| match piece {
            Piece::Made(octets) => octets.len() as u64,
            Piece::Copy(range) | Piece::Header(range) => range.end - range.start,
        });
        lens.sum()
    }
}

/// Octets of headers that are made anew.
const MADE: usize = 1 << 20;
