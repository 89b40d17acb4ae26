//! `Keywords` (RFC 5322 §3.6.5).

use alloc::vec::Vec;

use crate::address_judge::octet_defects;
use crate::address_lexis::{Lexis, Stop};
use crate::{Defect, DefectKind, Phrase};

/// The phrases of a `Keywords` field, undecoded. Linear.
///
/// ```text
/// keywords     = "Keywords:" phrase *("," phrase) CRLF               ; RFC 5322 §3.6.5
/// obs-phrase-list = [phrase / CFWS] *("," [phrase / CFWS])           ; RFC 5322 §4.1
/// ```
///
/// ```
/// # use rfc5322::Keywords;
/// let keywords = Keywords::parse(b" spoon, \"fork, silver\", table ware");
/// let words: Vec<_> = keywords.iter().map(|phrase| phrase.unquoted()).collect();
/// assert_eq!(words, [&b"spoon"[..], b"fork, silver", b"table ware"]);
/// ```
#[derive(Debug, Clone)]
pub struct Keywords<'a> {
    phrases: Vec<Phrase<'a>>,
    defects: Vec<Defect>,
}

impl<'a> Keywords<'a> {
    /// Reads a value as real mail has it; empty phrases are left out.
    pub fn parse(value: &'a [u8]) -> Self {
        let mut lexis = Lexis::new(value);
        let mut phrases = Vec::new();
        loop {
            let start = lexis.position;
            let mut words = lexis.words(Stop::Outside);
            let mut special = words.special;
            while let Some(offset) = lexis
                .peek()
                .map(|_| lexis.position)
                .filter(|_| lexis.peek() != Some(b','))
            {
                lexis.position += 1;
                special = special.min(offset);
                let more = lexis.words(Stop::Outside);
                words.start = if words.is_empty() { offset } else { words.start };
                words.end = if more.is_empty() { offset + 1 } else { more.end };
            }
            if special < words.end {
                lexis.defect(special, DefectKind::UnquotedSpecial);
            }
            if let Some(dot) = words.dot() {
                lexis.defect(dot, DefectKind::ObsoletePhrase);
            }
            if words.is_empty() {
                lexis.defect(start, DefectKind::ObsoleteEmptyElement);
            } else {
                phrases.push(Phrase::new(&value[words.start..words.end], words.start));
            }
            if !lexis.eat(b',') {
                break;
            }
        }
        let mut defects = lexis.defects;
        octet_defects(value, &mut defects);
        defects.sort_by_key(|defect| defect.offset);
        Self { phrases, defects }
    }

    /// Reads a value that follows the grammar without its obsolete forms.
    ///
    /// # Errors
    ///
    /// The first of the [`defects`](Self::defects) that [`parse`](Self::parse) finds.
    pub fn parse_strict(value: &'a [u8]) -> Result<Self, Defect> {
        let keywords = Self::parse(value);
        keywords.defects.first().copied().map_or(Ok(keywords), Err)
    }

    /// The phrases, in order.
    pub fn iter(&self) -> core::slice::Iter<'_, Phrase<'a>> {
        self.phrases.iter()
    }

    /// What is wrong with the value, by offset.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }
}

impl<'l, 'a> IntoIterator for &'l Keywords<'a> {
    type Item = &'l Phrase<'a>;
    type IntoIter = core::slice::Iter<'l, Phrase<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
