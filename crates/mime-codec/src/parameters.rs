//! Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2231).

mod segment;
mod value;
mod writer;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::Defect;
use crate::sink::Sink;

use segment::{Form, Segment, Segments};
use value::{Group, Prefer};
pub use writer::ParameterError;
pub(crate) use writer::{append, is_valid_name, is_valid_token, write};

/// The parameters behind the type in a field's value.
///
/// They are read each time they are asked for, in one pass over the value; nothing is kept but the octets.
///
/// When one parameter comes more than once, the first one counts, as it does in most mail programs. When it comes in
/// several of the forms of RFC 2231, an extended one (`name*`) counts before sections (`name*0`), and these before a
/// plain one, which is then a fallback for old readers. For `boundary` and `charset` the plain one counts, which every
/// reader sees: what filters and mail programs read differently is how attachments are smuggled past filters. Each of
/// these is a defect.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Parameters<'a> {
    /// The field's value.
    raw: Cow<'a, [u8]>,
    /// Where the parameters begin in it.
    start: usize,
}

/// One parameter, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter<'a> {
    name: &'a [u8],
    text: Cow<'a, str>,
    charset: Option<Vec<u8>>,
    language: Option<Vec<u8>>,
    offset: usize,
}

impl<'a> Parameters<'a> {
    pub(crate) fn new(raw: Cow<'a, [u8]>, start: usize) -> Self {
        Self { raw, start }
    }

    pub(crate) const fn empty() -> Self {
        Self {
            raw: Cow::Borrowed(b""),
            start: 0,
        }
    }

    /// The field's value as it came, type included.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The decoded value of a parameter, its name in any case. Borrowed when it stands there in one piece.
    ///
    /// Decoded are RFC 2231's sections, charsets and percent signs, and, as a repair, encoded words. The text holds no
    /// CR, LF or NUL: they become spaces and U+FFFD.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        if self.raw.is_empty() {
            return None;
        }
        let nobody = &mut Sink::none();
        if preference(name.as_bytes()) == Prefer::Plain
            && let Some(segment) = self.first_plain(name)?
        {
            return Some(value::meaning(&[segment], nobody).text);
        }
        let chosen = self.group(name)?.choose(preference(name.as_bytes()), nobody);
        Some(value::meaning(chosen.segments(), nobody).text)
    }

    /// The octets of a parameter, its name in any case: sections joined, quotes and percent signs undone, no charset
    /// applied.
    pub fn octets(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        if preference(name.as_bytes()) == Prefer::Plain
            && let Some(segment) = self.first_plain(name)?
        {
            return Some(segment.value.unescaped());
        }
        let nobody = &mut Sink::none();
        let chosen = self.group(name)?.choose(preference(name.as_bytes()), nobody);
        Some(value::octets(chosen.segments()))
    }

    /// All parameters, decoded, each once, in the order in which they begin.
    pub fn list(&self) -> Vec<Parameter<'_>> {
        self.decoded(Sink::none())
    }

    /// What is wrong with them, by offset in the field's value.
    pub fn defects(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        self.decoded(Sink::into(&mut defects));
        defects.sort_by_key(|defect| defect.offset);
        defects
    }

    /// The same with octets of its own.
    pub fn into_owned(self) -> Parameters<'static> {
        Parameters {
            raw: Cow::Owned(self.raw.into_owned()),
            start: self.start,
        }
    }

    /// The value's octets, to be written to.
    pub(crate) fn raw_mut(&mut self) -> &mut Vec<u8> {
        self.raw.to_mut()
    }

    /// The first plain segment of a name; the inner `None` if it has only others.
    ///
    /// This is the way of nearly every message, to its boundary and its charset: kept short.
    fn first_plain(&self, name: &str) -> Option<Option<Segment<'_>>> {
        let mut is_there = false;
        for segment in Segments::new(&self.raw, self.start, Sink::none()) {
            if segment.name.eq_ignore_ascii_case(name.as_bytes()) {
                if segment.form == Form::Plain {
                    return Some(Some(segment));
                }
                is_there = true;
            }
        }
        is_there.then_some(None)
    }

    /// The segments of one name.
    /// The segment of a value that has no more, if it is plain.
    fn only_plain(&self) -> Option<Segment<'_>> {
        let mut segments = Segments::new(&self.raw, self.start, Sink::none());
        let segment = segments.next().filter(|segment| segment.form == Form::Plain)?;
        segments.next().is_none().then_some(segment)
    }

    fn group(&self, name: &str) -> Option<Group<'_>> {
        let mut group = None;
        for segment in Segments::new(&self.raw, self.start, Sink::none()) {
            if segment.name.eq_ignore_ascii_case(name.as_bytes()) {
                group.get_or_insert_with(Group::default).add(segment, &mut Sink::none());
            }
        }
        group
    }

    fn decoded(&self, mut defects: Sink<'_>) -> Vec<Parameter<'_>> {
        let mut places = Places::default();
        let mut groups: Vec<(&[u8], usize, Group<'_>)> = Vec::new();
        // The lexer's reports come first; sorting by offset puts all in place.
        let mut found = Vec::new();
        for segment in Segments::new(&self.raw, self.start, Sink::into(&mut found)) {
            let place = places.of(segment.name, groups.iter().map(|(name, ..)| *name));
            if place == groups.len() {
                groups.push((segment.name, segment.offset, Group::default()));
            }
            groups[place].2.add(segment, &mut defects);
        }
        for defect in found {
            defects.report(defect.offset, defect.kind);
        }
        groups
            .into_iter()
            .map(|(name, offset, group)| {
                let chosen = group.choose(preference(name), &mut defects);
                let meaning = value::meaning(chosen.segments(), &mut defects);
                Parameter {
                    name,
                    text: meaning.text,
                    charset: meaning.charset,
                    language: meaning.language,
                    offset,
                }
            })
            .collect()
    }
}

/// Where each name was seen first, in any case. Few names are simply looked through; many go into a table, so that hostile
/// values stay linear.
#[derive(Default)]
struct Places(HashMap<Vec<u8>, usize>);

impl Places {
    /// Names that are looked through.
    const FEW: usize = 8;

    /// The place of a name among the others; their number if it is new, and comes next.
    fn of<'n>(&mut self, name: &[u8], others: impl ExactSizeIterator<Item = &'n [u8]>) -> usize {
        let next = others.len();
        if next <= Self::FEW {
            let place = others.enumerate().find(|(_, other)| other.eq_ignore_ascii_case(name));
            return place.map_or(next, |(place, _)| place);
        }
        if self.0.is_empty() {
            self.0 = others
                .enumerate()
                .map(|(place, name)| (name.to_ascii_lowercase(), place))
                .collect();
        }
        *self.0.entry(name.to_ascii_lowercase()).or_insert(next)
    }
}

impl Parameters<'_> {
    /// A boundary's exact octets, without the white space at their end that no line could keep.
    pub(crate) fn boundary(&self) -> Option<Cow<'_, [u8]>> {
        let boundary = match self.first_plain("boundary")? {
            Some(segment) => segment.value.unescaped(),
            None => self.octets("boundary")?,
        };
        let boundary = value::trimmed(boundary);
        Some(boundary).filter(|boundary| !boundary.is_empty())
    }

    /// Where a parameter begins.
    pub(crate) fn offset(&self, name: &str) -> Option<usize> {
        Segments::new(&self.raw, self.start, Sink::none())
            .find(|segment| segment.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|segment| segment.offset)
    }
}

impl Parameter<'_> {
    /// The name as it came, without the asterisks and numbers of RFC 2231.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.name)
    }

    /// The decoded value.
    pub fn value(&self) -> &str {
        &self.text
    }

    /// The charset that the value names (RFC 2231 §4).
    pub fn charset(&self) -> Option<&[u8]> {
        self.charset.as_deref()
    }

    /// The language that the value names (RFC 2231 §4).
    pub fn language(&self) -> Option<&[u8]> {
        self.language.as_deref()
    }

    /// Octets of the field's value in front of the parameter.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl std::fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(
                self.list()
                    .iter()
                    .map(|parameter| (parameter.name(), parameter.value())),
            )
            .finish()
    }
}

fn preference(name: &[u8]) -> Prefer {
    if name.eq_ignore_ascii_case(b"boundary") || name.eq_ignore_ascii_case(b"charset") {
        Prefer::Plain
    } else {
        Prefer::Extended
    }
}
