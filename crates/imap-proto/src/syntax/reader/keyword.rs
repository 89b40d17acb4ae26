//! Words that are matched against names, case aside.

use super::Reader;
use crate::syntax::class::is_name_char;
use crate::syntax::scan;

/// A word in upper case, for `match`.
#[derive(Debug)]
pub(crate) struct Keyword {
    upper: [u8; LONGEST],
    len: usize,
}

/// Longer words are no keyword; they come out empty.
const LONGEST: usize = 32;

impl Keyword {
    /// Nothing where `word` is more than a word of ATOM-CHARs but `[`.
    pub(crate) fn new(word: &[u8]) -> Self {
        match Self::leading(word) {
            (keyword, len) if len == word.len() => keyword,
            (keyword, _) => Self { len: 0, ..keyword },
        }
    }

    /// The word at the front, and its length.
    #[inline]
    fn leading(octets: &[u8]) -> (Self, usize) {
        let mut upper = [0; LONGEST];
        let mut len = 0;
        for (to, from) in upper.as_chunks_mut().0.iter_mut().zip(octets.as_chunks().0) {
            let (word, letters) = scan::upper(*from);
            *to = word;
            len += letters;
            if letters < from.len() {
                break;
            }
        }
        while let Some(&octet) = octets.get(len)
            && is_name_char(octet)
        {
            if let Some(to) = upper.get_mut(len) {
                *to = octet.to_ascii_uppercase();
            }
            len += 1;
        }
        (Self { upper, len }, len)
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.upper.get(..self.len).unwrap_or_default()
    }
}

impl Reader<'_> {
    /// A word of ATOM-CHARs but `[`, in upper case; empty where there is none. What is matched by it is not taken back when no
    /// arm fits: remember [`offset`](Self::offset).
    #[inline]
    pub(crate) fn keyword(&mut self) -> Keyword {
        let (keyword, len) = Keyword::leading(self.rest());
        self.skip(len);
        keyword
    }

    /// The same where no `[` may touch a word: `NOOP[` is another atom than `NOOP`.
    #[inline]
    pub(crate) fn whole_keyword(&mut self) -> Keyword {
        let mut keyword = self.keyword();
        if self.peek() == Some(b'[') {
            keyword.len = 0;
        }
        keyword
    }
}
