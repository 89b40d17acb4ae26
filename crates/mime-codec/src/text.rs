//! Unstructured text and phrases: decoded to be read, encoded to be written (RFC 2047).

use std::borrow::Cow;

use rfc5322::{Field, FieldError, FieldName, Phrase};

use crate::encoded_word::{self, WordDecoder, may_hold_word};
use crate::lexer::{Lexer, is_space};
use crate::sink::Sink;
use crate::{Charset, Defect, DefectKind, controls};

/// Decoded text, with what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a> {
    /// The text, on one line: it holds no CR, no LF and no NUL. Decoded ones become spaces and U+FFFD.
    pub text: Cow<'a, str>,
    /// By offset from the start of the field's value; of very many, some 10,000.
    pub defects: Vec<Defect>,
}

impl Text<'_> {
    /// The same with text of its own.
    pub fn into_owned(self) -> Text<'static> {
        Text {
            text: Cow::Owned(self.text.into_owned()),
            defects: self.defects,
        }
    }
}

/// Decodes the value of an unstructured field, such as Subject, folded as it came. White space at both ends is dropped.
///
/// Octets beyond ASCII outside of encoded words are read as UTF-8 (RFC 6532 §3.2); U+FFFD stands for those that are none.
/// Encoded words are decoded wherever they stand, as real mail needs it; what RFC 2047 forbids is a defect. The text has
/// at most three times as many octets as the value.
///
/// ```
/// let subject = b" Re: =?iso-8859-1?Q?Cr=EApes?=\r\n =?utf-8?B?IGF1eCBwb21tZXM=?= today";
/// assert_eq!(mime_codec::decode_text(subject).text, "Re: Crêpes aux pommes today");
/// ```
pub fn decode_text(value: &[u8]) -> Text<'_> {
    let (octets, offset) = trim(value);
    if let Some(text) = plain(octets) {
        return Text {
            text: Cow::Borrowed(text),
            defects: Vec::new(),
        };
    }
    let mut defects = Vec::new();
    let mut decoder = WordDecoder::new(octets.len(), Sink::into(&mut defects));
    decoder.feed(octets, offset);
    let text = Cow::Owned(decoder.finish());
    defects.sort_by_key(|defect| defect.offset);
    Text { text, defects }
}

/// Decodes a phrase, such as a display name: quotes and comments go, each run of white space becomes one space.
///
/// Encoded words in quoted strings are decoded, too, which is a defect. Never give it an address: encoded words are not
/// decoded in there (RFC 2047 §5).
///
/// ```
/// use mime_codec::{decode_phrase, rfc5322::Phrase};
///
/// let name = Phrase::new(br#"=?utf-8?Q?Fran=C3=A7oise?= (the cook) "Q. Public""#, 0);
/// assert_eq!(decode_phrase(&name).text, "Françoise Q. Public");
/// ```
pub fn decode_phrase<'a>(phrase: &Phrase<'a>) -> Text<'a> {
    let (octets, skipped) = trim(phrase.raw());
    if let Some(text) = plain_phrase(octets) {
        return Text {
            text: Cow::Borrowed(text),
            defects: Vec::new(),
        };
    }
    let mut found = Vec::new();
    let mut defects = Vec::new();
    let decoder = WordDecoder::new(octets.len(), Sink::into(&mut found)).collapsing();
    let offset = phrase.offset() + skipped;
    let text = words(octets, offset, decoder, &mut defects);
    for defect in &mut defects {
        defect.offset += offset;
    }
    defects.append(&mut found);
    defects.sort_by_key(|defect| defect.offset);
    let text = Cow::Owned(text);
    Text { text, defects }
}

/// Atoms with one space between, or one quoted string, that need no decoding: nearly every phrase.
fn plain_phrase(octets: &[u8]) -> Option<&str> {
    let is_quoted = octets.len() >= 2 && octets.starts_with(b"\"") && octets.ends_with(b"\"");
    let inside = if is_quoted {
        &octets[1..octets.len() - 1]
    } else {
        octets
    };
    let text = plain(inside)?;
    let is_special = |octet: &u8| matches!(octet, b'"' | b'\\' | b'\t') || (!is_quoted && *octet == b'(');
    let is_as_it_stands = !inside.iter().any(is_special) && !has_gap(inside);
    is_as_it_stands.then_some(text)
}

/// ```text
/// phrase = 1*(encoded-word / word)     ; RFC 2047 §5
/// ```
///
/// Encoded words are looked for before atoms and quotes are, since those of real mail hold quotes and spaces.
fn words(octets: &[u8], offset: usize, mut decoder: WordDecoder<'_>, defects: &mut Vec<Defect>) -> String {
    let mut lexer = Lexer::new(octets, 0, Sink::into(defects));
    while let Some(octet) = lexer.peek() {
        let start = lexer.at;
        lexer.skip_cfws();
        if lexer.at > start {
            decoder.literal(b" ", offset + start);
            continue;
        }
        if octet == b'"' {
            let raw = lexer.quoted();
            decoder.misplaced(Some(DefectKind::EncodedWordInQuotedString));
            decoder.feed(&raw.unescaped(), offset + raw.offset);
            decoder.misplaced(None);
            continue;
        }
        if let Some(length) = decoder.feed_word(&octets[start..], offset + start) {
            lexer.at += length;
            continue;
        }
        if octet == b'(' {
            let kind = DefectKind::Header(rfc5322::DefectKind::UnclosedComment);
            lexer.report(start, kind);
        }
        lexer.at += 1;
        lexer.at += atom(&octets[lexer.at..]);
        decoder.literal(&octets[start..lexer.at], offset + start);
    }
    decoder.finish()
}

/// Octets up to where something else can begin.
fn atom(octets: &[u8]) -> usize {
    let ends =
        |(at, octet): (usize, &u8)| is_space(*octet) || matches!(octet, b'"' | b'(') || octets[at..].starts_with(b"=?");
    let end = octets.iter().enumerate().position(ends);
    end.unwrap_or(octets.len())
}

/// The value of octets that need no decoding, if it is such.
fn plain(octets: &[u8]) -> Option<&str> {
    let has_folds = memchr::memchr3(b'\r', b'\n', 0, octets).is_some();
    if has_folds || may_hold_word(octets) {
        return None;
    }
    str::from_utf8(octets).ok()
}

/// Whether two spaces stand one behind the other.
fn has_gap(octets: &[u8]) -> bool {
    octets.windows(2).any(|pair| pair == b"  ")
}

/// Without white space and line ends around, and how many octets went in front.
fn trim(value: &[u8]) -> (&[u8], usize) {
    let start = value.iter().position(|&octet| !is_space(octet)).unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|&octet| !is_space(octet))
        .map_or(start, |last| last + 1);
    (&value[start..end], start)
}

/// A whole unstructured field, with encoded words where ASCII does not do, folded. Reads back as the same text.
///
/// CR, LF and NUL in the text become spaces and U+FFFD, so that it cannot begin another field.
///
/// ```
/// use mime_codec::{encode_text, rfc5322::FieldName};
///
/// let field = encode_text(&FieldName::SUBJECT, "Re: Crêpes today")?;
/// assert_eq!(field.as_str(), "Subject: Re: =?utf-8?Q?Cr=C3=AApes?= today\r\n");
/// # Ok::<(), mime_codec::rfc5322::FieldError>(())
/// ```
///
/// # Errors
///
/// [`FieldError::Overlong`] for a name that leaves no room for a value.
pub fn encode_text(name: &FieldName, text: &str) -> Result<Field, FieldError> {
    let (text, _) = controls::harmless(text.into());
    let mut line = String::with_capacity(text.len() + 16);
    let mut column = name.as_str().len() + 2;
    for piece in pieces(&text) {
        let start = line.len();
        match piece {
            Piece::Plain(plain) => line.push_str(plain),
            Piece::Encoded(encoded) => encoded_word::encode(encoded, 78_usize.saturating_sub(column), &mut line),
        }
        // What FieldWriter folds is not known here; the start of a line is all that matters.
        column += line.len() - start;
        if column > 78 {
            column = line.len() - line.rfind(' ').unwrap_or(0);
        }
    }
    Field::new(name, &line)
}

/// Text that is written as it is, or in encoded words; white space between the two is plain.
enum Piece<'a> {
    Plain(&'a str),
    Encoded(&'a str),
}

/// Cuts text so that what has to be encoded is, with the white space between two such words.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut done = 0;
    // From the first word to the last of those that need it.
    let mut run: Option<(usize, usize)> = None;
    for (start, end) in tokens(text) {
        if !needs_encoding(text, start, end) {
            if let Some((from, to)) = run.take() {
                pieces.push(Piece::Plain(&text[done..from]));
                pieces.push(Piece::Encoded(&text[from..to]));
                done = to;
            }
            continue;
        }
        run = Some((run.map_or(start, |(from, _)| from), end));
    }
    if let Some((from, to)) = run {
        pieces.push(Piece::Plain(&text[done..from]));
        pieces.push(Piece::Encoded(&text[from..to]));
        done = to;
    }
    pieces.push(Piece::Plain(&text[done..]));
    pieces
}

/// The words of a text; white space at both ends, or much of it in between, belongs to the word in front or behind.
fn tokens(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_wsp = |octet: &u8| matches!(octet, b' ' | b'\t');
    let octets = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= octets.len() {
            return None;
        }
        let start = at;
        loop {
            let word = octets[at..].iter().position(is_wsp).unwrap_or(octets.len() - at);
            at += word;
            let gap = octets[at..]
                .iter()
                .position(|octet| !is_wsp(octet))
                .unwrap_or(octets.len() - at);
            let is_end = at + gap == octets.len();
            let is_inside = start < at && !is_end && gap <= LONGEST_GAP;
            if is_inside {
                let end = at;
                at += gap;
                return Some((start, end));
            }
            at += gap;
            if is_end {
                return Some((start, at));
            }
        }
    })
}

fn needs_encoding(text: &str, start: usize, end: usize) -> bool {
    let word = &text[start..end];
    let is_printable = word.bytes().all(|octet| octet.is_ascii_graphic());
    !is_printable || may_hold_word(word.as_bytes()) || word.len() > LONGEST_PLAIN
}

/// A phrase that stands for a text, such as a display name: atoms, a quoted string, or encoded words, which a
/// [`FieldWriter`](rfc5322::FieldWriter) may fold between words. Reads back as the same text.
///
/// CR, LF and NUL in the text become spaces and U+FFFD.
///
/// ```
/// use mime_codec::encode_phrase;
///
/// assert_eq!(encode_phrase("Joe Public"), "Joe Public");
/// assert_eq!(encode_phrase("Joe Q. Public"), r#""Joe Q. Public""#);
/// assert_eq!(encode_phrase("Françoise"), "=?utf-8?Q?Fran=C3=A7oise?=");
/// ```
pub fn encode_phrase(text: &str) -> String {
    let (text, _) = controls::harmless(text.into());
    let is_atoms = |octet: u8| mail_wire::octets::is_atext(octet) || octet == b' ';
    let is_printable = |octet: &u8| octet.is_ascii_graphic() || *octet == b' ';
    let is_short = text.split(' ').all(|word| word.len() <= LONGEST_PLAIN);
    let octets = text.as_bytes();
    let is_plain = is_short && octets.iter().all(is_printable) && !may_hold_word(octets) && !has_gap(octets);
    let is_trimmed = !text.is_empty() && text.trim_matches(' ').len() == text.len();
    if is_plain && is_trimmed && text.bytes().all(is_atoms) {
        return text.into_owned();
    }
    let mut phrase = String::with_capacity(text.len() + 2);
    if is_plain {
        phrase.push('"');
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                phrase.push('\\');
            }
            phrase.push(c);
        }
        phrase.push('"');
        return phrase;
    }
    encoded_word::encode(&text, 75, &mut phrase);
    phrase
}

/// Decodes encoded words in a parameter's value, where there should be none.
pub(crate) fn repair<'a>(octets: Cow<'a, [u8]>, offset: usize, defects: &mut Sink<'_>) -> Cow<'a, str> {
    if may_hold_word(&octets) {
        let mut decoder = WordDecoder::new(octets.len(), defects.lend());
        decoder.misplaced(Some(DefectKind::EncodedWordInParameter));
        decoder.feed(&octets, offset);
        return Cow::Owned(decoder.finish());
    }
    let (text, replaced) = match octets {
        Cow::Borrowed(octets) => {
            let decoded = Charset::UTF_8.decode_piece(octets);
            (decoded.text, decoded.replaced)
        }
        Cow::Owned(octets) => {
            let decoded = Charset::UTF_8.decode_piece(&octets);
            (Cow::Owned(decoded.text.into_owned()), decoded.replaced)
        }
    };
    if replaced > 0 {
        defects.report(offset, DefectKind::RawEightBit);
    }
    let (text, had_controls) = controls::harmless(text);
    if had_controls {
        defects.report(offset, DefectKind::ControlInText);
    }
    text
}

/// Octets of the longest word that is written as it is; a line can hold 998.
const LONGEST_PLAIN: usize = 900;

/// Octets of white space that are written as they are.
const LONGEST_GAP: usize = 40;
