//! Parameters of body parts, and the extension data that BODYSTRUCTURE adds to BODY.

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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct BodyExtension<'a> {
    /// Content-MD5. A multipart has none.
    pub md5: Option<Octets<'a>>,
    /// Content-Disposition
    pub disposition: Option<Disposition<'a>>,
    /// Content-Language: one tag each.
    pub language: Vec<Octets<'a>>,
    /// Content-Location
    pub location: Option<Octets<'a>>,
    /// What an RFC to come may add.
    pub other: Tokens<'a>,
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

    /// `body-fld-dsp = "(" string SP body-fld-param ")" / nil`
    fn read(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        if reader.accept_nil() {
            return Ok(None);
        }
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
        extension.md5 = loose::or_nothing(reader, loose::nstring)?.map(Octets::from);
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
        self.disposition = loose::or_nothing(reader, Disposition::read)?;
        if follows(reader) {
            self.language = loose::or_nothing(reader, read_language)?;
        }
        if follows(reader) {
            self.location = loose::or_nothing(reader, loose::nstring)?.map(Octets::from);
        }
        if follows(reader) {
            self.other = Tokens::read_all(reader)?;
        }
        Ok(())
    }

    /// A space, and all but the MD5.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.space();
        Disposition::write(self.disposition.as_ref(), writer);
        writer.space();
        match self.language.as_slice() {
            [] => writer.text("NIL"),
            [tag] => writer.string(tag.as_bytes()),
            tags => writer.list(tags, |writer, tag| writer.string(tag.as_bytes())),
        }
        writer.space();
        writer.nstring(self.location.as_ref());
        if !self.other.is_empty() {
            writer.space();
            self.other.write(writer);
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
    if reader.accept_nil() {
        return Ok(Vec::new());
    }
    reader.open()?;
    if reader.leniency().empty_lists && reader.accept(b')') {
        return Ok(Vec::new());
    }
    let mut params = Vec::with_capacity(2);
    loop {
        let name = loose::string(reader)?;
        reader.space()?;
        if let (Some(name), Some(value)) = (name, loose::string(reader)?) {
            put_made(&mut params, || Parameter::from((name, value)));
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
