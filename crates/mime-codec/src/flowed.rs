//! `text/plain; format=flowed` (RFC 3676): paragraphs that a reader may wrap as it likes, and back.
//!
//! ```
//! use mime_codec::flowed::{DelSp, flow, unflow};
//!
//! let body = b"> Do you like \r\n> ketchup?\r\n\r\nVery much so, on \r\neverything.\r\n-- \r\nBob\r\n";
//! let paragraphs = unflow(body, DelSp::No);
//! let shown: Vec<_> = paragraphs.iter().map(|p| (p.depth, String::from_utf8_lossy(&p.text))).collect();
//! assert_eq!(shown[0], (1, "Do you like ketchup?".into()));
//! assert_eq!(shown[2], (0, "Very much so, on everything.".into()));
//! assert!(paragraphs[3].is_signature_separator());
//! assert_eq!(flow(&paragraphs, 19, DelSp::No), body);
//! ```

use std::borrow::Cow;

/// Whether the space that marks a line as flowed is no part of its text: the parameter `DelSp` (RFC 3676 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DelSp {
    /// The space stays, as between words. The default.
    #[default]
    No,
    /// The space is deleted: text without spaces can flow, too.
    Yes,
}

/// A paragraph: one logical line of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Paragraph<'a> {
    /// How often it is quoted (RFC 3676 §4.5).
    pub depth: usize,
    /// Its text, without line ends. Empty for an empty line.
    pub text: Cow<'a, [u8]>,
}

impl Paragraph<'_> {
    /// Whether it is the line `-- ` in front of a signature (RFC 3676 §4.3).
    pub fn is_signature_separator(&self) -> bool {
        *self.text == *SEPARATOR
    }

    /// The same without a borrow.
    pub fn into_owned(self) -> Paragraph<'static> {
        Paragraph {
            depth: self.depth,
            text: Cow::Owned(self.text.into_owned()),
        }
    }
}

/// The width that RFC 3676 §4.2 proposes for lines, less some room for quoting: 72.
pub const WIDTH: usize = 72;

/// Joins the lines of each paragraph (RFC 3676 §4.2). Lines end in CRLF or LF.
///
/// A flowed line in front of a line of another quote depth, or of the signature separator, ends its paragraph all the same
/// (RFC 3676 §4.5), and so does one at the end of the text.
pub fn unflow(text: &[u8], del_sp: DelSp) -> Vec<Paragraph<'_>> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut open = false;
    for line in text.split_inclusive(|&octet| octet == b'\n') {
        let line = Line::parse(line, del_sp);
        let separates = line.text == SEPARATOR && !line.flowed;
        match paragraphs.last_mut() {
            Some(last) if open && last.depth == line.depth && !separates => {
                last.text.to_mut().extend_from_slice(line.text);
            }
            _ => paragraphs.push(Paragraph {
                depth: line.depth,
                text: Cow::Borrowed(line.text),
            }),
        }
        open = line.flowed;
    }
    paragraphs
}

/// A line, its quote marks and stuffing taken off.
struct Line<'a> {
    depth: usize,
    text: &'a [u8],
    flowed: bool,
}

impl<'a> Line<'a> {
    fn parse(line: &'a [u8], del_sp: DelSp) -> Self {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let depth = line.iter().take_while(|&&octet| octet == b'>').count();
        let text = line[depth..].strip_prefix(b" ").unwrap_or(&line[depth..]);
        let flowed = text.ends_with(b" ") && text != SEPARATOR;
        let text = match del_sp {
            DelSp::Yes if flowed => &text[..text.len() - 1],
            _ => text,
        };
        Self { depth, text, flowed }
    }
}

/// Writes paragraphs as flowed lines of at most `width` characters where there is a place to break, each ending in CRLF.
///
/// [`unflow`] reads the same paragraphs back, but for what the format cannot say: spaces at the end of a paragraph are dropped,
/// and line ends inside a paragraph become spaces. Lines are counted in octets. Without [`DelSp::Yes`] a word that is longer than
/// the width stays whole; with it, it is cut, between characters if the text is UTF-8.
pub fn flow(paragraphs: &[Paragraph<'_>], width: usize, del_sp: DelSp) -> Vec<u8> {
    let mut output = Vec::new();
    for paragraph in paragraphs {
        if paragraph.is_signature_separator() {
            put_line(&mut output, paragraph.depth, SEPARATOR, b"");
            continue;
        }
        let text = one_line(&paragraph.text);
        let mut rest = &*text;
        let room = width.saturating_sub(paragraph.depth + 2).max(8);
        while rest.len() > room {
            let Some(cut) = place_to_cut(rest, room, del_sp) else {
                break;
            };
            let mark: &[u8] = if del_sp == DelSp::Yes { b" " } else { b"" };
            put_line(&mut output, paragraph.depth, &rest[..cut], mark);
            rest = &rest[cut..];
        }
        put_line(&mut output, paragraph.depth, rest, b"");
    }
    output
}

/// Text that fits into one line: no line ends, no space at its end.
fn one_line(text: &[u8]) -> Cow<'_, [u8]> {
    let end = text.iter().rposition(|octet| !matches!(octet, b' ' | b'\r' | b'\n'));
    let text = &text[..end.map_or(0, |end| end + 1)];
    if !text.contains(&b'\r') && !text.contains(&b'\n') {
        return Cow::Borrowed(text);
    }
    let space = |&octet: &u8| if matches!(octet, b'\r' | b'\n') { b' ' } else { octet };
    Cow::Owned(text.iter().map(space).collect())
}

/// The last place within `room`, or else the first behind it, where the text may be cut.
fn place_to_cut(text: &[u8], room: usize, del_sp: DelSp) -> Option<usize> {
    let is_place = |cut: &usize| text[cut - 1] == b' ' && text[..*cut] != *SEPARATOR;
    if let Some(cut) = (1..=room).rev().find(is_place) {
        return Some(cut);
    }
    match del_sp {
        DelSp::Yes => Some(character_start(text, room)),
        DelSp::No => (room + 1..text.len()).find(is_place),
    }
}

/// The place at `at`, or up to three octets before it, where no UTF-8 character is cut.
fn character_start(text: &[u8], at: usize) -> usize {
    let continues = |place: &usize| text[*place] & 0xc0 == 0x80;
    (at - 3..=at).rev().find(|place| !continues(place)).unwrap_or(at)
}

/// `quote depth, stuffing, text, mark, CRLF` (RFC 3676 §4.4).
fn put_line(output: &mut Vec<u8>, depth: usize, text: &[u8], mark: &[u8]) {
    output.resize(output.len() + depth, b'>');
    let stuff = depth > 0 || text.starts_with(b" ") || text.starts_with(b">") || text.starts_with(b"From ");
    if stuff && !(text.is_empty() && mark.is_empty()) {
        output.push(b' ');
    }
    output.extend_from_slice(text);
    output.extend_from_slice(mark);
    output.extend_from_slice(b"\r\n");
}

/// The line in front of a signature (RFC 3676 §4.3).
const SEPARATOR: &[u8] = b"-- ";
