//! Parameters of body parts, and the extension data that BODYSTRUCTURE adds to BODY.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::messages::body_part::is;
use crate::syntax::loose;
use crate::syntax::place::put_made;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Octets, Tokens};

/// A parameter of a Content-Type or Content-Disposition, as the server has it: neither RFC 2231 nor encoded words are decoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct Parameter<'a> {
    /// Its name.
    pub name: Octets<'a>,
    /// Its value.
    pub value: Octets<'a>,
}

/// Content-Disposition (RFC 2183 §2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct Disposition<'a> {
    /// `inline`, `attachment` or another.
    pub kind: Octets<'a>,
    /// Parameters.
    pub params: Vec<Parameter<'a>>,
}

/// `body-ext-1part` and `body-ext-mpart` (RFC 9051 §9). Servers leave out fields at the end; those are as if they were NIL.
///
/// ```
/// # use imap_proto::{BodyExtension, Disposition};
/// let mut extension = BodyExtension::default();
/// extension.disposition = Some(Disposition::new("inline"));
/// extension.set_language(vec!["en".into()]);
/// assert_eq!((extension.language().len(), extension.location()), (1, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct BodyExtension<'a> {
    /// Content-Disposition
    pub disposition: Option<Disposition<'a>>,
    /// Apart: few parts have any of it, and room for it in every part would double the table of parts. Never one that says nothing.
    rare: Option<Box<Rare<'a>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, ToStatic)]
struct Rare<'a> {
    md5: Option<Octets<'a>>,
    language: Vec<Octets<'a>>,
    location: Option<Octets<'a>>,
    other: Tokens<'a>,
}

impl<'a> Parameter<'a> {
    pub(crate) fn find<'p>(params: &'p [Self], name: &str) -> Option<&'p Octets<'a>> {
        let param = params.iter().find(|param| is(&param.name, name))?;
        Some(&param.value)
    }
}

impl<'a, T: Into<Octets<'a>>> From<(T, T)> for Parameter<'a> {
    fn from((name, value): (T, T)) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

impl<'a> Disposition<'a> {
    /// A disposition without parameters.
    pub fn new(kind: impl Into<Octets<'a>>) -> Self {
        Self {
            kind: kind.into(),
            params: Vec::new(),
        }
    }

    /// Whether this is its kind, case aside.
    pub fn is(&self, kind: &str) -> bool {
        is(&self.kind, kind)
    }

    /// The value of the first parameter of this name, case aside.
    pub fn param(&self, name: &str) -> Option<&Octets<'a>> {
        Parameter::find(&self.params, name)
    }

    /// `body-fld-dsp = "(" string SP body-fld-param ")" / nil`, where it is not NIL.
    fn read(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        let leniency = reader.leniency();
        if leniency.loose_extensions && reader.peek() != Some(b'(') {
            return Ok(loose::string(reader)?.map(Self::new));
        }
        reader.open()?;
        if leniency.empty_lists && reader.accept(b')') {
            return Ok(None);
        }
        let kind = loose::string(reader)?;
        let params = if leniency.loose_extensions && loose::ends(reader) {
            Vec::new()
        } else {
            reader.space()?;
            read_params(reader)?
        };
        reader.close()?;
        Ok(kind.map(|kind| Self {
            kind: kind.into(),
            params,
        }))
    }

    fn write(disposition: Option<&Self>, writer: &mut Writer<'_>) {
        let Some(disposition) = disposition else {
            return writer.text("NIL");
        };
        writer.text("(");
        writer.string(disposition.kind.as_bytes());
        writer.space();
        write_params(&disposition.params, writer);
        writer.text(")");
    }
}

/// What few parts have.
impl<'a> BodyExtension<'a> {
    /// Content-MD5. A multipart has none.
    pub fn md5(&self) -> Option<&Octets<'a>> {
        self.rare.as_ref()?.md5.as_ref()
    }

    /// Content-Language: one tag each.
    pub fn language(&self) -> &[Octets<'a>] {
        self.rare.as_ref().map_or(&[], |rare| &rare.language)
    }

    /// Content-Location
    pub fn location(&self) -> Option<&Octets<'a>> {
        self.rare.as_ref()?.location.as_ref()
    }

    /// What an RFC to come may add.
    pub fn other(&self) -> Option<&Tokens<'a>> {
        self.rare
            .as_ref()
            .map(|rare| &rare.other)
            .filter(|other| !other.is_empty())
    }

    /// Replaces the Content-MD5.
    pub fn set_md5(&mut self, md5: Option<Octets<'a>>) {
        self.change(|rare| rare.md5 = md5);
    }

    /// Replaces the Content-Language.
    pub fn set_language(&mut self, tags: Vec<Octets<'a>>) {
        self.change(|rare| rare.language = tags);
    }

    /// Replaces the Content-Location.
    pub fn set_location(&mut self, location: Option<Octets<'a>>) {
        self.change(|rare| rare.location = location);
    }

    /// Replaces what an RFC to come may add.
    pub fn set_other(&mut self, other: Tokens<'a>) {
        self.change(|rare| rare.other = other);
    }

    fn change(&mut self, change: impl FnOnce(&mut Rare<'a>)) {
        let rare = self.rare.get_or_insert_default();
        change(rare);
        if **rare == Rare::default() {
            self.rare = None;
        }
    }
}

impl<'a> BodyExtension<'a> {
    /// ```text
    /// body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang
    ///                  [SP body-fld-loc *(SP body-extension)]]]
    /// body-fld-md5   = nstring
    /// ```
    pub(crate) fn read_single(place: &mut Option<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        if !follows(reader) {
            return Ok(());
        }
        let extension = place.insert(Self::default());
        if !reader.accept_nil() {
            let md5 = loose::or_nothing(reader, loose::nstring)?;
            extension.set_md5(md5.map(Octets::from));
        }
        match follows(reader) {
            true => extension.read_common(reader),
            false => Ok(()),
        }
    }

    /// That of a multipart, behind its parameters.
    pub(crate) fn read_multipart(place: &mut Option<Self>, reader: &mut Reader<'a>) -> Parse<()> {
        match follows(reader) {
            true => place.insert(Self::default()).read_common(reader),
            false => Ok(()),
        }
    }

    /// What single parts and multiparts have in common.
    ///
    /// ```text
    /// body-fld-loc   = nstring
    /// body-extension = nstring / number / number64 / "(" body-extension *(SP body-extension) ")"
    /// ```
    fn read_common(&mut self, reader: &mut Reader<'a>) -> Parse<()> {
        if !reader.accept_nil() {
            self.disposition = loose::or_nothing(reader, Disposition::read)?;
        }
        if !reader.accept_next_nil() && follows(reader) {
            self.set_language(loose::or_nothing(reader, read_language)?);
        }
        if !reader.accept_next_nil() && follows(reader) {
            let location = loose::or_nothing(reader, loose::nstring)?;
            self.set_location(location.map(Octets::from));
        }
        if follows(reader) {
            self.set_other(Tokens::read_all(reader)?);
        }
        Ok(())
    }

    /// A space, and all but the MD5.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.space();
        Disposition::write(self.disposition.as_ref(), writer);
        writer.space();
        match self.language() {
            [] => writer.text("NIL"),
            [tag] => writer.string(tag.as_bytes()),
            tags => writer.list(tags, |writer, tag| writer.string(tag.as_bytes())),
        }
        writer.space();
        writer.nstring(self.location());
        if let Some(other) = self.other() {
            writer.space();
            other.write(writer);
        }
    }
}

/// The space in front of another field, unless it is one of those that stand before `)`.
fn follows(reader: &mut Reader<'_>) -> bool {
    reader.accept_plain_space() || !loose::ends(reader) && reader.accept_space()
}

/// `body-fld-lang = nstring / "(" string *(SP string) ")"`
fn read_language<'a>(reader: &mut Reader<'a>) -> Parse<Vec<Octets<'a>>> {
    if reader.peek() != Some(b'(') {
        return Ok(loose::nstring(reader)?.map(Octets::from).into_iter().collect());
    }
    let tags = match reader.leniency().empty_lists {
        true => reader.list(loose::string)?,
        false => reader.list1(loose::string)?,
    };
    Ok(tags.into_iter().flatten().map(Octets::from).collect())
}

/// ```text
/// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
/// ```
pub(crate) fn read_params<'a>(reader: &mut Reader<'a>) -> Parse<Vec<Parameter<'a>>> {
    if reader.peek() != Some(b'(') && reader.accept_nil() {
        return Ok(Vec::new());
    }
    reader.open()?;
    if reader.leniency().empty_lists && reader.accept(b')') {
        return Ok(Vec::new());
    }
    let mut params = Vec::with_capacity(2);
    loop {
        let name = loose::string(reader)?;
        if let (Some(name), Some(value)) = (name, loose::next_string(reader)?) {
            put_made(&mut params, || Parameter::from((name, value)));
        }
        if reader.accept(b')') {
            return Ok(params);
        }
        if loose::ends(reader) || !reader.accept_space() {
            reader.close()?;
            return Ok(params);
        }
    }
}

pub(crate) fn write_params(params: &[Parameter<'_>], writer: &mut Writer<'_>) {
    if params.is_empty() {
        return writer.text("NIL");
    }
    writer.text("(");
    for (i, param) in params.iter().enumerate() {
        if i > 0 {
            writer.space();
        }
        writer.string(param.name.as_bytes());
        writer.space();
        writer.string(param.value.as_bytes());
    }
    writer.text(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else what was taken back would differ from what never was.
    #[test]
    fn what_says_nothing_is_not_kept() {
        let mut extension = BodyExtension::default();
        extension.set_md5(Some("md5".into()));
        extension.set_language(alloc::vec!["en".into()]);
        extension.set_md5(None);
        assert_eq!(extension.language(), ["en".into()]);
        extension.set_language(Vec::new());
        extension.set_location(None);
        extension.set_other(Tokens::default());
        assert_eq!(extension, BodyExtension::default());
        assert!(extension.rare.is_none());
    }

    /// A table of parts begins with room for four: what the smallest allocations take in most allocators.
    #[test]
    fn four_parts_fit_in_a_kibibyte() {
        assert!(4 * size_of::<crate::BodyPart<'_>>() <= 1024);
    }
}
