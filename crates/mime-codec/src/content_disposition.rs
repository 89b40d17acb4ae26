//! Content-Disposition (RFC 2183).

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use rfc5322::{Field, FieldName, FieldWriter};

use crate::lexer::Lexer;
use crate::parameters::{self, is_valid_token};
use crate::sink::Sink;
use crate::{Defect, DefectKind, Parameter, ParameterError, Parameters};

/// How an entity is presented, and the name of its file.
///
/// ```
/// use mime_codec::ContentDisposition;
///
/// let menu = ContentDisposition::parse(b" attachment; filename=\"menu.pdf\"; filename*=utf-8''men%C3%BC.pdf");
/// assert!(menu.is_attachment());
/// assert_eq!(menu.filename().as_deref(), Some("menü.pdf"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ContentDisposition<'a> {
    parameters: Parameters<'a>,
    /// Where the type stands, if it does.
    type_: Option<Range<usize>>,
}

impl<'a> ContentDisposition<'a> {
    /// Reads a field's value, folded as it came.
    ///
    /// ```text
    /// disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)     ; RFC 2183 §2
    /// ```
    pub fn parse(value: &'a [u8]) -> Self {
        Self::from_octets(Cow::Borrowed(value))
    }

    /// Reads a field's value that has no defects.
    ///
    /// # Errors
    ///
    /// The first of its [`defects`](Self::defects).
    pub fn parse_strict(value: &'a [u8]) -> Result<Self, Defect> {
        let disposition = Self::parse(value);
        match disposition.defects().first() {
            Some(defect) => Err(*defect),
            None => Ok(disposition),
        }
    }

    fn from_octets(raw: Cow<'a, [u8]>) -> Self {
        let (type_, start) = head(&raw, Sink::none());
        let parameters = Parameters::new(raw, start);
        Self { parameters, type_ }
    }

    /// The type as it came: `Attachment`; empty if there is none.
    pub fn type_(&self) -> &str {
        let octets = self.type_.clone().and_then(|range| self.raw().get(range));
        octets.and_then(|octets| str::from_utf8(octets).ok()).unwrap_or("")
    }

    /// Whether the type is this one, in any case.
    pub fn is(&self, type_: &str) -> bool {
        self.type_().eq_ignore_ascii_case(type_)
    }

    /// Whether the entity is to be shown where it stands (RFC 2183 §2.1). What has no type is neither this nor an
    /// attachment.
    pub fn is_inline(&self) -> bool {
        self.is("inline")
    }

    /// Whether the entity is to be shown apart (RFC 2183 §2.2), which goes for types that are not known, too (RFC 2183
    /// §2.8), but for `form-data`.
    pub fn is_attachment(&self) -> bool {
        self.type_.is_some() && !self.is_inline() && !self.is("form-data")
    }

    /// The decoded name that the sender suggests for the file (RFC 2183 §2.3). Never a path to write to: see
    /// [`safe_file_name`](crate::safe_file_name).
    pub fn filename(&self) -> Option<Cow<'_, str>> {
        self.param("filename")
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
        defects.sort_by_key(|defect| defect.offset);
        defects
    }

    /// The same with octets of its own.
    pub fn into_owned(self) -> ContentDisposition<'static> {
        ContentDisposition {
            parameters: self.parameters.into_owned(),
            type_: self.type_,
        }
    }

    /// Adds a parameter, encoded as RFC 2231 has it where that is needed.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`] for the name, [`ParameterError::Control`] for the value, [`ParameterError::Duplicate`].
    pub fn with_param(mut self, name: &str, value: &str) -> Result<Self, ParameterError> {
        parameters::append(&mut self.parameters, name, value)?;
        Ok(self)
    }

    /// The whole field, folded. What came in malformed goes out well formed, or not at all; a missing type becomes
    /// `attachment`.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Field`] for a type longer than a line.
    pub fn to_field(&self) -> Result<Field, ParameterError> {
        let mut field = FieldWriter::new(&FieldName::CONTENT_DISPOSITION);
        let type_ = Some(self.type_()).filter(|type_| !type_.is_empty());
        parameters::write(&mut field, type_.unwrap_or("attachment").to_owned(), &self.parameters)?;
        Ok(field.finish())
    }
}

impl ContentDisposition<'static> {
    /// A type without parameters.
    ///
    /// ```
    /// use mime_codec::ContentDisposition;
    ///
    /// let menu = ContentDisposition::new("attachment")?.with_param("filename", "the \"big\" menu.pdf")?;
    /// assert_eq!(
    ///     menu.to_field()?.as_str(),
    ///     "Content-Disposition: attachment; filename=\"the \\\"big\\\" menu.pdf\"\r\n"
    /// );
    /// # Ok::<(), mime_codec::ParameterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`].
    pub fn new(type_: &str) -> Result<Self, ParameterError> {
        if !is_valid_token(type_) {
            return Err(ParameterError::Token);
        }
        Ok(Self::from_octets(Cow::Owned(type_.as_bytes().to_vec())))
    }

    /// An attachment, with the name of its file. Control characters in the name become underscores.
    pub fn attachment(filename: &str) -> Self {
        let clean: String = filename.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
        let attachment = Self::from_octets(Cow::Borrowed(b"attachment"));
        attachment
            .with_param("filename", &clean)
            .expect("a name without control characters, once")
    }
}

impl fmt::Debug for ContentDisposition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentDisposition")
            .field("type", &self.type_())
            .field("parameters", &self.parameters)
            .finish()
    }
}

/// The type, and where the parameters begin.
fn head(value: &[u8], defects: Sink<'_>) -> (Option<Range<usize>>, usize) {
    let mut lexer = Lexer::new(value, 0, defects);
    lexer.skip_cfws();
    let start = lexer.at;
    if lexer.is_at_parameter() || lexer.token().is_none() {
        lexer.report(start, DefectKind::MissingDisposition);
        if !lexer.is_at_parameter() {
            lexer.skip_junk();
        }
        return (None, lexer.at);
    }
    let end = lexer.at;
    lexer.end_value();
    (Some(start..end), lexer.at)
}
