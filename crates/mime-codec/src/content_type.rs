//! Content-Type (RFC 2045 §5).

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use rfc5322::{Field, FieldName, FieldWriter};

use crate::lexer::Lexer;
use crate::parameters::{self, is_valid_token};
use crate::sink::Sink;
use crate::{Defect, DefectKind, Parameter, ParameterError, Parameters};

/// The type of an entity's body, with its parameters.
///
/// Keeps the value as it came, and reads parameters when they are asked for; an ordinary value costs no allocation.
///
/// ```
/// use mime_codec::ContentType;
///
/// let mixed = ContentType::parse(b" Multipart/Mixed;\r\n boundary=\"=_the other half\"; charset=utf-8");
/// assert!(mixed.is("multipart", "mixed") && mixed.is_multipart());
/// assert_eq!(mixed.type_(), "Multipart");
/// assert_eq!(mixed.essence(), "multipart/mixed");
/// assert_eq!(mixed.boundary().as_deref(), Some(&b"=_the other half"[..]));
/// assert_eq!(mixed.charset().as_deref(), Some("utf-8"));
///
/// let menu = ContentType::parse(b"application/pdf; name*0*=utf-8''Sp%C3%A4tzle; name*1=.pdf");
/// assert_eq!(menu.param("NAME").as_deref(), Some("Spätzle.pdf"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ContentType<'a> {
    parameters: Parameters<'a>,
    /// Where type and subtype stand, if they do.
    essence: Option<Essence>,
}

impl<'a> ContentType<'a> {
    /// Reads a field's value, folded as it came.
    ///
    /// ```text
    /// content := "Content-Type" ":" type "/" subtype *(";" parameter)     ; RFC 2045 §5.1
    /// ```
    ///
    /// A value that does not begin with a type and a subtype is read as `text/plain` (RFC 2045 §5.2); its parameters
    /// are read all the same.
    pub fn parse(value: &'a [u8]) -> Self {
        Self::from_octets(Cow::Borrowed(value))
    }

    /// Reads a field's value that has no defects.
    ///
    /// # Errors
    ///
    /// The first of its [`defects`](Self::defects).
    pub fn parse_strict(value: &'a [u8]) -> Result<Self, Defect> {
        let content_type = Self::parse(value);
        match content_type.defects().first() {
            Some(defect) => Err(*defect),
            None => Ok(content_type),
        }
    }

    fn from_octets(raw: Cow<'a, [u8]>) -> Self {
        let (essence, start) = head(&raw, Sink::none());
        Self {
            parameters: Parameters::new(raw, start),
            essence,
        }
    }

    /// `text/plain` without parameters, in US-ASCII: the type of what has none (RFC 2045 §5.2).
    pub const fn default_type() -> ContentType<'static> {
        ContentType {
            parameters: Parameters::empty(),
            essence: None,
        }
    }

    /// The type as it came: `Multipart`. Compare with [`is`](Self::is).
    pub fn type_(&self) -> &str {
        self.token(|(type_, _)| type_, "text")
    }

    /// The subtype as it came: `Mixed`. Compare with [`is`](Self::is).
    pub fn subtype(&self) -> &str {
        self.token(|(_, subtype)| subtype, "plain")
    }

    fn token(&self, part: impl Fn(&Essence) -> &Range<usize>, default: &'static str) -> &str {
        str::from_utf8(self.octets(part, default)).unwrap_or(default)
    }

    fn octets(&self, part: impl Fn(&Essence) -> &Range<usize>, default: &'static str) -> &[u8] {
        let octets = self
            .essence
            .as_ref()
            .and_then(|essence| self.raw().get(part(essence).clone()));
        octets.unwrap_or(default.as_bytes())
    }

    fn is_type(&self, type_: &str) -> bool {
        self.octets(|(type_, _)| type_, "text")
            .eq_ignore_ascii_case(type_.as_bytes())
    }

    /// `type/subtype` in lower case.
    pub fn essence(&self) -> String {
        let mut essence = format!("{}/{}", self.type_(), self.subtype());
        essence.make_ascii_lowercase();
        essence
    }

    /// Whether the type is this one, in any case.
    pub fn is(&self, type_: &str, subtype: &str) -> bool {
        self.is_type(type_)
            && self
                .octets(|(_, subtype)| subtype, "plain")
                .eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// Whether the type is `text`.
    pub fn is_text(&self) -> bool {
        self.is_type("text")
    }

    /// Whether the type is `multipart`.
    pub fn is_multipart(&self) -> bool {
        self.is_type("multipart")
    }

    /// Whether no type could be read, so that it is `text/plain` by default (RFC 2045 §5.2).
    pub fn is_implicit(&self) -> bool {
        self.essence.is_none()
    }

    /// The exact octets of the boundary, without the white space at their end. An empty boundary is none.
    ///
    /// The first plain `boundary` counts; see [`Parameters`].
    pub fn boundary(&self) -> Option<Cow<'_, [u8]>> {
        self.parameters.boundary()
    }

    /// The charset's label, as it came; [`Charset::for_label`](crate::Charset::for_label) looks it up.
    pub fn charset(&self) -> Option<Cow<'_, str>> {
        self.param("charset")
    }

    /// The `name`, which some programs give in place of a file name in Content-Disposition. Not a safe one: see
    /// [`safe_file_name`](crate::safe_file_name).
    pub fn name(&self) -> Option<Cow<'_, str>> {
        self.param("name")
    }

    /// The decoded value of a parameter, its name in any case; see [`Parameters::get`].
    pub fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters.get(name)
    }

    /// All parameters, decoded, each once.
    pub fn params(&self) -> Vec<Parameter<'_>> {
        self.parameters.list()
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters<'a> {
        &self.parameters
    }

    /// The value as it came.
    pub fn raw(&self) -> &[u8] {
        self.parameters.raw()
    }

    /// What is wrong with the value, by offset from its start. Found anew with every call; of very
    /// many, some 10,000 are listed.
    pub fn defects(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        head(self.raw(), Sink::into(&mut defects));
        defects.extend(self.parameters.defects());
        if let Some(offset) = self.parameters.offset("boundary").filter(|_| !self.is_boundary_valid()) {
            let kind = DefectKind::InvalidBoundary;
            defects.push(Defect { offset, kind });
        }
        defects.sort_by_key(|defect| defect.offset);
        defects
    }

    /// ```text
    /// boundary := 0*69<bchars> bcharsnospace     ; RFC 2046 §5.1.1
    /// ```
    fn is_boundary_valid(&self) -> bool {
        let octets = self.parameters.octets("boundary").unwrap_or_default();
        let is_bchar = |octet: &u8| octet.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(octet);
        (1..=70).contains(&octets.len()) && octets.iter().all(is_bchar) && octets.last() != Some(&b' ')
    }

    /// The same with octets of its own.
    pub fn into_owned(self) -> ContentType<'static> {
        ContentType {
            parameters: self.parameters.into_owned(),
            essence: self.essence,
        }
    }
}

/// Building and writing.
impl ContentType<'static> {
    /// A type without parameters.
    ///
    /// ```
    /// use mime_codec::ContentType;
    ///
    /// let menu = ContentType::new("application", "pdf")?.with_param("name", "Crêpes & more.pdf")?;
    /// assert_eq!(
    ///     menu.to_field()?.as_str(),
    ///     "Content-Type: application/pdf; name*=utf-8''Cr%C3%AApes%20&%20more.pdf\r\n"
    /// );
    /// # Ok::<(), mime_codec::ParameterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`].
    pub fn new(type_: &str, subtype: &str) -> Result<Self, ParameterError> {
        if !is_valid_token(type_) || !is_valid_token(subtype) {
            return Err(ParameterError::Token);
        }
        Ok(Self::from_octets(Cow::Owned(
            [type_, "/", subtype].concat().into_bytes(),
        )))
    }
}

impl<'a> ContentType<'a> {
    /// Adds a parameter, encoded as RFC 2231 has it where that is needed.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`] for the name, [`ParameterError::Control`] for the value, [`ParameterError::Duplicate`].
    pub fn with_param(mut self, name: &str, value: &str) -> Result<Self, ParameterError> {
        if self.essence.is_none() {
            let raw = Cow::Owned(b"text/plain".to_vec());
            let described = Self::from_octets(raw);
            let listed = self.params();
            let all = listed.iter().map(|parameter| (parameter.name(), parameter.value()));
            return all
                .chain([(name.into(), value)])
                .try_fold(described, |whole, (name, value)| whole.with_param(&name, value));
        }
        parameters::append(&mut self.parameters, name, value)?;
        Ok(self)
    }

    /// The whole field, folded. What came in malformed goes out well formed, or not at all.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Field`] for a type longer than a line.
    pub fn to_field(&self) -> Result<Field, ParameterError> {
        let mut field = FieldWriter::new(&FieldName::CONTENT_TYPE);
        let head = [self.type_(), "/", self.subtype()].concat();
        parameters::write(&mut field, head, &self.parameters)?;
        Ok(field.finish())
    }
}

/// The value on one line, well formed; what [`to_field`](ContentType::to_field) writes, unfolded.
impl fmt::Display for ContentType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.to_field().map_err(|_| fmt::Error)?;
        f.write_str(field.value().trim_start().replace("\r\n", "").as_str())
    }
}

impl fmt::Debug for ContentType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentType")
            .field("type", &self.type_())
            .field("subtype", &self.subtype())
            .field("parameters", &self.parameters)
            .finish()
    }
}

/// What `mime` has no place for is lost: nothing, since it holds less.
impl From<&mime::Mime> for ContentType<'static> {
    fn from(mime: &mime::Mime) -> Self {
        Self::from_octets(Cow::Owned(mime.as_ref().as_bytes().to_vec()))
    }
}

/// Lost are comments, languages, defects, and the case of type and names.
///
/// # Errors
///
/// What [`mime`] refuses.
impl TryFrom<&ContentType<'_>> for mime::Mime {
    type Error = mime::FromStrError;

    fn try_from(content_type: &ContentType<'_>) -> Result<Self, Self::Error> {
        let mut text = content_type.essence();
        for parameter in content_type.params() {
            let value = parameter.value().replace('\\', r"\\").replace('"', "\\\"");
            text.push_str(&format!("; {}=\"{value}\"", parameter.name()));
        }
        text.parse()
    }
}

/// Where type and subtype stand.
type Essence = (Range<usize>, Range<usize>);

/// Type and subtype, and where the parameters begin.
fn head(value: &[u8], defects: Sink<'_>) -> (Option<Essence>, usize) {
    let mut lexer = Lexer::new(value, 0, defects);
    let essence = essence(&mut lexer);
    match essence {
        Some(_) if lexer.peek() == Some(b'(') => lexer.end_value(),
        Some(_) => {}
        None => {
            lexer.report(0, DefectKind::InvalidContentType);
            lexer.at = 0;
            lexer.skip_cfws();
            lexer.skip_junk();
        }
    }
    (essence, lexer.at)
}

/// ```text
/// type "/" subtype     ; RFC 2045 §5.1
/// ```
fn essence(lexer: &mut Lexer<'_, '_>) -> Option<Essence> {
    lexer.skip_cfws();
    let type_ = token(lexer)?;
    lexer.skip_cfws();
    if lexer.peek() != Some(b'/') {
        return None;
    }
    lexer.at += 1;
    lexer.skip_cfws();
    let subtype = token(lexer)?;
    lexer.skip_cfws();
    let ends = matches!(lexer.peek(), None | Some(b';' | b'(')) || lexer.is_at_parameter();
    ends.then_some((type_, subtype))
}

fn token(lexer: &mut Lexer<'_, '_>) -> Option<Range<usize>> {
    let start = lexer.at;
    lexer.token()?;
    Some(start..lexer.at)
}
