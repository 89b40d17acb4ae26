//! One `name=value` as it stands there: a whole parameter, or a section of one (RFC 2231 §3).

use crate::DefectKind;
use crate::sink::Sink;

use crate::lexer::{Lexer, Raw, is_space, is_token};

/// `name=value`, `name*=value`, `name*3=value`, `name*3*=value`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// The name without asterisks and number.
    pub(crate) name: &'a [u8],
    pub(crate) form: Form,
    pub(crate) value: Raw<'a>,
    /// Octets of the whole value in front of the name.
    pub(crate) offset: usize,
}

/// What the asterisks of a name say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// None.
    Plain,
    /// The value has a charset, a language, and percent signs (RFC 2231 §4).
    Extended,
    /// The value goes on in other sections (RFC 2231 §3).
    Section { number: u32, is_extended: bool },
}

/// The segments of a value, one after the other.
pub(crate) struct Segments<'a, 'd> {
    lexer: Lexer<'a, 'd>,
}

impl<'a, 'd> Segments<'a, 'd> {
    /// From `at` on, which is behind the type.
    pub(crate) fn new(input: &'a [u8], at: usize, defects: Sink<'d>) -> Self {
        let lexer = Lexer::new(input, at, defects);
        Self { lexer }
    }

    /// ```text
    /// *(";" parameter)     ; RFC 2045 §5.1
    /// ```
    ///
    /// Answers whether there is something behind the semicolons.
    fn skip_separator(&mut self) -> bool {
        let lexer = &mut self.lexer;
        lexer.skip_cfws();
        let mut semicolons = 0;
        let mut last = lexer.at;
        while lexer.peek() == Some(b';') {
            last = lexer.at;
            lexer.at += 1;
            semicolons += 1;
            lexer.skip_cfws();
        }
        let is_end = lexer.peek().is_none();
        match semicolons {
            0 if !is_end && lexer.at > 0 => lexer.report(last, DefectKind::MissingSemicolon),
            0 => {}
            1 if !is_end => {}
            _ => lexer.report(last, DefectKind::EmptyParameter),
        }
        !is_end
    }

    /// The name, with its asterisks, as far as one is there.
    fn name(&mut self) -> &'a [u8] {
        let is_name = |octet: u8| !is_space(octet) && !matches!(octet, b'=' | b';' | b'(' | b'"');
        self.lexer.skip(is_name)
    }
}

impl<'a> Iterator for Segments<'a, '_> {
    type Item = Segment<'a>;

    /// ```text
    /// parameter := attribute "=" value     ; RFC 2045 §5.1
    /// ```
    fn next(&mut self) -> Option<Segment<'a>> {
        while self.skip_separator() {
            let offset = self.lexer.at;
            let name = self.name();
            let lexer = &mut self.lexer;
            if name.is_empty() {
                lexer.report(offset, DefectKind::InvalidParameterName);
                lexer.skip_junk();
                continue;
            }
            lexer.skip_cfws();
            let value = if lexer.peek() == Some(b'=') {
                lexer.at += 1;
                lexer.skip_cfws();
                lexer.value()
            } else {
                lexer.report(offset, DefectKind::MissingEquals);
                Raw {
                    octets: b"",
                    is_quoted: true,
                    offset: lexer.at,
                }
            };
            let (name, form) = self.take_apart(name, offset);
            return Some(Segment {
                name,
                form,
                value,
                offset,
            });
        }
        None
    }
}

impl<'a> Segments<'a, '_> {
    /// ```text
    /// section := "*0" / "*" ("1"-"9") *DIGIT     ; RFC 2231 §7
    /// ```
    fn take_apart(&mut self, name: &'a [u8], offset: usize) -> (&'a [u8], Form) {
        let (base, form) = match memchr::memchr(b'*', name) {
            None => (name, Some(Form::Plain)),
            Some(star) => (&name[..star], form(&name[star + 1..])),
        };
        let is_odd = form.is_none() || base.is_empty() || !base.iter().copied().all(is_token);
        if is_odd {
            self.lexer.report(offset, DefectKind::InvalidParameterName);
        }
        match form {
            Some(form) if !base.is_empty() => (base, form),
            _ => (name, Form::Plain),
        }
    }
}

/// Behind the first asterisk.
fn form(text: &[u8]) -> Option<Form> {
    if text.is_empty() {
        return Some(Form::Extended);
    }
    let digits = text.strip_suffix(b"*");
    let number = str::from_utf8(digits.unwrap_or(text)).ok()?;
    let is_number = number.len() <= 9 && number.bytes().all(|octet| octet.is_ascii_digit());
    let number = number.parse().ok().filter(|_| is_number)?;
    let is_extended = digits.is_some();
    Some(Form::Section { number, is_extended })
}
