//! What a parameter means: sections joined, percent signs and charsets decoded.

use std::borrow::Cow;

use crate::sink::Sink;
use crate::{Charset, DefectKind};

use super::segment::{Form, Segment};
use crate::lexer::{Raw, is_space};

/// All segments of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Group<'a> {
    pub(super) plain: Option<Segment<'a>>,
    pub(super) extended: Option<Segment<'a>>,
    pub(super) sections: Vec<Segment<'a>>,
}

/// Which of the forms of a parameter counts when there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefer {
    /// Extended, sections, plain: the form that says more.
    Extended,
    /// Plain, extended, sections: the form that every reader knows.
    Plain,
}

/// The segments that count.
pub(super) enum Chosen<'a> {
    One(Segment<'a>),
    Sections(Vec<Segment<'a>>),
}

impl<'a> Chosen<'a> {
    pub(super) fn segments(&self) -> &[Segment<'a>] {
        match self {
            Self::One(segment) => std::slice::from_ref(segment),
            Self::Sections(segments) => segments,
        }
    }
}

/// A decoded value with what RFC 2231 says about it.
pub(super) struct Meaning<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) charset: Option<Vec<u8>>,
    pub(super) language: Option<Vec<u8>>,
}

impl<'a> Group<'a> {
    pub(super) fn add(&mut self, segment: Segment<'a>, defects: &mut Sink<'_>) {
        let place = match segment.form {
            Form::Plain => &mut self.plain,
            Form::Extended => &mut self.extended,
            Form::Section { .. } => return self.sections.push(segment),
        };
        if place.is_some() {
            defects.report(segment.offset, DefectKind::DuplicateParameter);
            return;
        }
        *place = Some(segment);
    }

    /// The segments of the form that counts, in the order of their numbers.
    pub(super) fn choose(mut self, prefer: Prefer, defects: &mut Sink<'_>) -> Chosen<'a> {
        self.order_sections(defects);
        let forms = [self.plain, self.extended, self.sections.first().copied()];
        // Reported where the second form begins.
        let mut offsets = forms.map(|form| form.map_or(usize::MAX, |segment| segment.offset));
        offsets.sort_unstable();
        if offsets[1] < usize::MAX {
            defects.report(offsets[1], DefectKind::AmbiguousParameter);
        }
        match (prefer, self.plain, self.extended) {
            (Prefer::Plain, Some(plain), _) => Chosen::One(plain),
            (_, _, Some(extended)) => Chosen::One(extended),
            (_, Some(plain), None) if self.sections.is_empty() => Chosen::One(plain),
            _ => Chosen::Sections(self.sections),
        }
    }

    fn order_sections(&mut self, defects: &mut Sink<'_>) {
        self.sections.sort_by_key(|segment| number(segment));
        self.sections.dedup_by(|segment, kept| {
            let is_same = number(segment) == number(kept);
            if is_same {
                defects.report(segment.offset, DefectKind::DuplicateParameter);
            }
            is_same
        });
        let in_place = |(index, segment): (usize, &Segment<'_>)| number(segment) as usize == index;
        if let Some(gap) = self.sections.iter().enumerate().position(|pair| !in_place(pair)) {
            defects.report(self.sections[gap].offset, DefectKind::MissingParameterSection);
        }
    }
}

fn number(segment: &Segment<'_>) -> u32 {
    match segment.form {
        Form::Section { number, .. } => number,
        Form::Plain | Form::Extended => 0,
    }
}

fn is_extended(segment: &Segment<'_>) -> bool {
    match segment.form {
        Form::Plain => false,
        Form::Extended => true,
        Form::Section { is_extended, .. } => is_extended,
    }
}

impl<'a> Raw<'a> {
    /// Without line ends and, in quotes, without the backslashes that quote (RFC 5322 §3.2.1).
    pub(crate) fn unescaped(self) -> Cow<'a, [u8]> {
        let is_special = |octet: &u8| matches!(octet, b'\r' | b'\n') || (self.is_quoted && *octet == b'\\');
        if !self.octets.iter().any(is_special) {
            return Cow::Borrowed(self.octets);
        }
        let mut octets = Vec::with_capacity(self.octets.len());
        let mut rest = self.octets.iter();
        while let Some(octet) = rest.next() {
            match octet {
                b'\\' if self.is_quoted => octets.extend(rest.next()),
                b'\r' | b'\n' => {}
                other => octets.push(*other),
            }
        }
        Cow::Owned(octets)
    }
}

/// The octets of a value, before any charset is applied.
pub(super) fn octets<'a>(segments: &[Segment<'a>]) -> Cow<'a, [u8]> {
    if let [segment] = segments
        && !is_extended(segment)
    {
        return segment.value.unescaped();
    }
    let mut octets = Vec::new();
    let mut nobody = Sink::none();
    for (index, segment) in segments.iter().enumerate() {
        let value = segment.value.unescaped();
        let has_charset = index == 0 && is_extended(segment);
        let value = match apart(&value).filter(|_| has_charset) {
            Some((_, _, rest)) => rest,
            None => &value,
        };
        if is_extended(segment) {
            percent_decoded(value, segment.offset, &mut octets, &mut nobody);
        } else {
            octets.extend_from_slice(value);
        }
    }
    Cow::Owned(octets)
}

/// What the chosen segments say.
pub(super) fn meaning<'a>(segments: &[Segment<'a>], defects: &mut Sink<'_>) -> Meaning<'a> {
    let Some(first) = segments.first() else {
        return plain(Cow::Borrowed(b""), 0, defects);
    };
    if !segments.iter().any(is_extended) {
        return plain(octets(segments), first.value.offset, defects);
    }
    extended(segments, *first, defects)
}

fn plain<'a>(octets: Cow<'a, [u8]>, offset: usize, defects: &mut Sink<'_>) -> Meaning<'a> {
    let is_text = |octet: &u8| matches!(octet, b' '..=b'<' | b'>'..=b'~');
    let text = match octets {
        // Printable ASCII without `=`, which encoded words begin with: nothing to repair.
        Cow::Borrowed(octets) if octets.iter().all(is_text) => String::from_utf8_lossy(octets),
        octets => crate::text::repair(octets, offset, defects),
    };
    Meaning {
        text,
        charset: None,
        language: None,
    }
}

/// ```text
/// extended-initial-value := [charset] "'" [language] "'" extended-other-values     ; RFC 2231 §7
/// ```
fn extended<'a>(segments: &[Segment<'a>], first: Segment<'a>, defects: &mut Sink<'_>) -> Meaning<'a> {
    let mut charset = None;
    let mut language = None;
    let mut decoder = Run::new(Charset::UTF_8);
    for segment in segments {
        let value = segment.value.unescaped();
        if !is_extended(segment) {
            decoder.literal(&value, segment.value.offset, defects);
            continue;
        }
        if segment.value.is_quoted {
            defects.report(segment.value.offset, DefectKind::QuotedExtendedValue);
        }
        let mut rest = &*value;
        if segment.offset == first.offset {
            match apart(&value) {
                Some((label, tag, behind)) => {
                    decoder.charset = named(label, segment.value.offset, defects);
                    charset = Some(label.to_vec()).filter(|label: &Vec<u8>| !label.is_empty());
                    language = Some(tag.to_vec()).filter(|tag: &Vec<u8>| !tag.is_empty());
                    rest = behind;
                }
                None => defects.report(segment.value.offset, DefectKind::MissingParameterCharset),
            }
        }
        percent_decoded(rest, segment.value.offset, &mut decoder.octets, defects);
    }
    let offset = first.value.offset;
    let text = Cow::Owned(decoder.finish(offset, defects));
    Meaning {
        text: harmless(text, offset, defects),
        charset,
        language,
    }
}

/// Octets that one charset decodes together, since a character may be cut by the end of a section.
struct Run {
    charset: Charset,
    octets: Vec<u8>,
    text: String,
}

impl Run {
    fn new(charset: Charset) -> Self {
        let (octets, text) = (Vec::new(), String::new());
        Self { charset, octets, text }
    }

    /// Text outside the charset, in ASCII or UTF-8.
    fn literal(&mut self, octets: &[u8], offset: usize, defects: &mut Sink<'_>) {
        self.decode(offset, defects);
        let decoded = Charset::UTF_8.decode_piece(octets);
        if decoded.replaced > 0 {
            defects.report(offset, DefectKind::RawEightBit);
        }
        self.text.push_str(&decoded.text);
    }

    fn decode(&mut self, offset: usize, defects: &mut Sink<'_>) {
        let decoded = self.charset.decode_piece(&self.octets);
        if decoded.replaced > 0 {
            defects.report(offset, DefectKind::UndecodableOctets);
        }
        self.text.push_str(&decoded.text);
        self.octets.clear();
    }

    fn finish(mut self, offset: usize, defects: &mut Sink<'_>) -> String {
        self.decode(offset, defects);
        self.text
    }
}

/// Charset, language and the rest.
fn apart(value: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let first = memchr::memchr(b'\'', value)?;
    let behind = &value[first + 1..];
    let second = memchr::memchr(b'\'', behind)?;
    Some((&value[..first], &behind[..second], &behind[second + 1..]))
}

fn named(label: &[u8], offset: usize, defects: &mut Sink<'_>) -> Charset {
    if label.is_empty() {
        return Charset::UTF_8;
    }
    Charset::for_label(label).unwrap_or_else(|| {
        defects.report(offset, DefectKind::UnknownCharset);
        Charset::UTF_8
    })
}

/// ```text
/// ext-octet := "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")     ; RFC 2231 §7
/// ```
fn percent_decoded(value: &[u8], offset: usize, octets: &mut Vec<u8>, defects: &mut Sink<'_>) {
    let mut rest = value;
    let mut is_defect = false;
    while let [octet, behind @ ..] = rest {
        let escaped = match (octet, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        is_defect |= *octet == b'%' && escaped.is_none();
        octets.push(escaped.unwrap_or(*octet));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    if is_defect {
        defects.report(offset, DefectKind::InvalidPercentEncoding);
    }
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).map(|digit| digit as u8)
}

/// Decoded text can hold no line end and no NUL (`docs/threats.md` row 16).
fn harmless<'a>(text: Cow<'a, str>, offset: usize, defects: &mut Sink<'_>) -> Cow<'a, str> {
    let clean = crate::controls::harmless(text);
    if clean.1 {
        defects.report(offset, DefectKind::ControlInText);
    }
    clean.0
}

/// Without white space at the end, which a line end in a part would lose (RFC 2046 §5.1.1).
pub(super) fn trimmed(octets: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let length = octets
        .iter()
        .rposition(|&octet| !is_space(octet))
        .map_or(0, |last| last + 1);
    match octets {
        Cow::Borrowed(octets) => Cow::Borrowed(&octets[..length]),
        Cow::Owned(mut octets) => {
            octets.truncate(length);
            Cow::Owned(octets)
        }
    }
}
