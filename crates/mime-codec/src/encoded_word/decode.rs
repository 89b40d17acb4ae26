//! Text out of encoded words and what stands between them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{EncodedWord, Encoding};
use crate::lexer::is_space;
use crate::sink::Sink;
use crate::{Charset, DecodedText, DefectKind, controls};

/// Decodes pieces of a value, one behind the other.
///
/// Words of one charset that follow each other are decoded together where a character is split between them; white space
/// between two words is dropped (RFC 2047 §6.2).
pub(crate) struct WordDecoder<'d> {
    text: String,
    /// The words whose text is not written yet.
    run: Run,
    /// White space behind them.
    gap: String,
    /// What an encoded word here is, where none should be.
    misplaced: Option<DefectKind>,
    /// Runs of white space become one space.
    collapses: bool,
    defects: Sink<'d>,
}

/// Encoded words of one charset.
#[derive(Default)]
struct Run {
    charset: Option<Charset>,
    octets: Vec<u8>,
    /// Where the words but the first begin in `octets`.
    starts: Vec<usize>,
    offset: usize,
}

impl<'d> WordDecoder<'d> {
    /// `octets` is how many of text to expect.
    pub(crate) fn new(octets: usize, defects: Sink<'d>) -> Self {
        Self {
            text: String::with_capacity(octets),
            run: Run::default(),
            gap: String::new(),
            misplaced: None,
            collapses: false,
            defects,
        }
    }

    /// Encoded words are defects of this kind from here on.
    pub(crate) fn misplaced(&mut self, kind: Option<DefectKind>) {
        self.misplaced = kind;
    }

    /// Runs of white space become one space.
    pub(crate) fn collapsing(mut self) -> Self {
        self.collapses = true;
        self
    }

    /// Text that may hold encoded words; `offset` octets stand in front of it.
    pub(crate) fn feed(&mut self, octets: &[u8], offset: usize) {
        let mut done = 0;
        let mut at = 0;
        while let Some(step) = memchr::memmem::find(&octets[at..], b"=?") {
            at += step;
            let Some(word) = EncodedWord::parse(&octets[at..]) else {
                at += 1;
                continue;
            };
            let end = at + word.length;
            let is_apart = |octet: Option<&u8>| octet.is_none_or(|&octet| is_space(octet));
            if !is_apart(octets[..at].last()) || !is_apart(octets.get(end)) {
                self.defects.report(offset + at, DefectKind::EncodedWordGlued);
            }
            self.literal(&octets[done..at], offset + done);
            self.word(&word, offset + at);
            at = end;
            done = end;
        }
        self.literal(&octets[done..], offset + done);
    }

    /// The encoded word that `octets` begin with, if there is one; answers its length.
    pub(crate) fn feed_word(&mut self, octets: &[u8], offset: usize) -> Option<usize> {
        let word = EncodedWord::parse(octets)?;
        self.word(&word, offset);
        Some(word.length)
    }

    /// Text without encoded words, folded or not.
    pub(crate) fn literal(&mut self, octets: &[u8], offset: usize) {
        if octets.iter().copied().all(is_space) {
            let kept = octets.iter().filter(|octet| !matches!(octet, b'\r' | b'\n'));
            self.gap.extend(kept.map(|&octet| char::from(octet)));
            return;
        }
        self.flush();
        let unfolded = rfc5322::unfold(octets);
        let decoded = Charset::UTF_8.decode_piece(&unfolded);
        if decoded.replaced > 0 {
            self.defects.report(offset, DefectKind::RawEightBit);
        }
        let (text, had_controls) = controls::harmless(decoded.text);
        if had_controls {
            self.defects.report(offset, DefectKind::ControlInText);
        }
        if !self.collapses {
            self.text.push_str(&text);
            return;
        }
        if !text.contains('\t') && !text.contains("  ") {
            let is_again = text.starts_with(' ') && self.text.ends_with(' ');
            self.text.push_str(&text[usize::from(is_again)..]);
            return;
        }
        for c in text.chars() {
            let is_again = matches!(c, ' ' | '\t') && self.text.ends_with(' ');
            if !is_again {
                self.text.push(if c == '\t' { ' ' } else { c });
            }
        }
    }

    /// The decoded text.
    pub(crate) fn finish(mut self) -> String {
        self.flush();
        self.text
    }

    fn word(&mut self, word: &EncodedWord<'_>, offset: usize) {
        self.report(word, offset);
        let charset = Charset::for_label(word.charset);
        if charset.is_none() {
            self.defects.report(offset, DefectKind::UnknownCharset);
        }
        let charset = charset.unwrap_or(Charset::UTF_8);
        if self.run.charset == Some(charset) {
            self.gap.clear();
            self.run.starts.push(self.run.octets.len());
        } else {
            let follows = self.run.charset.is_some();
            if follows {
                self.gap.clear();
            }
            self.flush();
            self.run.charset = Some(charset);
            self.run.offset = offset;
        }
        let octets = &mut self.run.octets;
        let is_clean = match word.encoding {
            Encoding::B => b_decoded(word.text, octets),
            Encoding::Q => q_decoded(word.text, octets),
        };
        if !is_clean {
            self.defects.report(
                offset,
                match word.encoding {
                    Encoding::B => DefectKind::EncodedWordBase64,
                    Encoding::Q => DefectKind::EncodedWordQ,
                },
            );
        }
    }

    fn report(&mut self, word: &EncodedWord<'_>, offset: usize) {
        let found = [
            (word.has_space, DefectKind::EncodedWordSpace),
            (!word.is_closed, DefectKind::EncodedWordUnclosed),
            (word.length > LONGEST_WORD, DefectKind::EncodedWordOverlong),
        ];
        for (_, kind) in found.into_iter().filter(|(is_so, _)| *is_so) {
            self.defects.report(offset, kind);
        }
        if let Some(kind) = self.misplaced {
            self.defects.report(offset, kind);
        }
    }

    /// Writes the words that wait, and the white space behind them.
    fn flush(&mut self) {
        if let Some(charset) = self.run.charset.take() {
            let text = self.run.decode(charset, &mut self.defects);
            self.text.push_str(&text);
            self.run.octets.clear();
            self.run.starts.clear();
        }
        if !self.collapses {
            self.text.push_str(&self.gap);
        } else if !self.gap.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.gap.clear();
    }
}

impl Run {
    /// Each word by itself if that goes well, else all together if that goes better.
    fn decode(&self, charset: Charset, defects: &mut Sink<'_>) -> Cow<'_, str> {
        let together = charset.decode_piece(&self.octets);
        let mut best = together;
        if !self.starts.is_empty() {
            let apart = self.apart(charset);
            if best.replaced < apart.replaced {
                defects.report(self.offset, DefectKind::EncodedWordSplitCharacter);
            } else {
                best = apart;
            }
        }
        if best.replaced > 0 {
            defects.report(self.offset, DefectKind::UndecodableOctets);
        }
        let (text, had_controls) = controls::harmless(best.text);
        if had_controls {
            defects.report(self.offset, DefectKind::ControlInText);
        }
        text
    }

    fn apart(&self, charset: Charset) -> DecodedText<'static> {
        let mut text = String::with_capacity(self.octets.len());
        let mut replaced = 0;
        let mut start = 0;
        for &end in self.starts.iter().chain([&self.octets.len()]) {
            let decoded = charset.decode_piece(&self.octets[start..end]);
            text.push_str(&decoded.text);
            replaced += decoded.replaced;
            start = end;
        }
        let text = Cow::Owned(text);
        DecodedText { text, replaced }
    }
}

/// ```text
/// encoded-text of "B" = base64     ; RFC 2047 §4.1
/// ```
///
/// What is no base64 is passed over. Answers whether all was.
fn b_decoded(text: &[u8], octets: &mut Vec<u8>) -> bool {
    let before = octets.len();
    if LENIENT.decode_vec(text, octets).is_ok() {
        return text.len().is_multiple_of(4);
    }
    octets.truncate(before);
    let is_digit = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let digits = text
        .split(|&octet| octet == b'=')
        .map(|part| part.iter().copied().filter(is_digit));
    for part in digits {
        let mut part: Vec<u8> = part.collect();
        // One digit alone is less than an octet.
        if part.len() % 4 == 1 {
            part.pop();
        }
        let _is_base64 = LENIENT.decode_vec(&part, octets).is_ok();
    }
    let only_spaces = text
        .iter()
        .all(|octet| is_digit(octet) || is_space(*octet) || *octet == b'=');
    only_spaces && text.iter().filter(|octet| !is_space(**octet)).count().is_multiple_of(4)
}

/// ```text
/// encoded-text of "Q" = *("_" / "=" 2HEXDIG / printable)     ; RFC 2047 §4.2
/// ```
///
/// Answers whether all of it was.
fn q_decoded(text: &[u8], octets: &mut Vec<u8>) -> bool {
    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
    let mut rest = text;
    let mut is_clean = true;
    while let [octet, behind @ ..] = rest {
        let escaped = match (octet, behind) {
            (b'=', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        rest = if escaped.is_some() { &behind[2..] } else { behind };
        match (octet, escaped) {
            (_, Some(octet)) => octets.push(octet),
            (b'_', _) => octets.push(b' '),
            // A fold inside.
            (b'\r' | b'\n', _) => {}
            (octet, _) => {
                is_clean &= *octet != b'=';
                octets.push(*octet);
            }
        }
    }
    is_clean
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Octets of the longest word (RFC 2047 §2).
const LONGEST_WORD: usize = 75;
