//! The commands that carry the envelope: MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write};

use crate::command::VERB;
use crate::mailbox::{self, Length, Span};
use crate::parameter::{self, Of};
use crate::path;
use crate::scan;
use crate::{BodyType, Expected, ForwardPath, Leniency, ParameterList, Parameters, ReversePath, SyntaxError};

/// What MAIL says: where the message comes from, and its parameters. One allocation.
pub struct MailFrom {
    path: ReversePath,
}

impl MailFrom {
    /// To be sent.
    pub fn new(path: &ReversePath, parameters: &ParameterList) -> Self {
        let (text, span) = argument_text(path, path.mailbox().is_some(), parameters);
        Self {
            path: ReversePath::within(text, span),
        }
    }

    /// Where the message comes from.
    pub const fn reverse_path(&self) -> &ReversePath {
        &self.path
    }

    /// All parameters in their order.
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters(self.path.tail().trim_start_matches(' '))
    }

    /// `SIZE=`: how many octets the client thinks the message has (RFC 1870 §3). A number beyond `u64` is `u64::MAX`.
    pub fn size(&self) -> Option<u64> {
        self.parameters().size()
    }

    /// `BODY=` (RFC 6152 §3).
    pub fn body(&self) -> Option<BodyType> {
        self.parameters().body()
    }
}

/// What RCPT says: where the message goes, and the parameters. One allocation.
pub struct RcptTo {
    path: ForwardPath,
}

impl RcptTo {
    /// To be sent.
    pub fn new(path: &ForwardPath, parameters: &ParameterList) -> Self {
        let (text, span) = argument_text(path, path.mailbox().is_some(), parameters);
        Self {
            path: ForwardPath::within(text, span),
        }
    }

    /// Where the message goes.
    pub const fn forward_path(&self) -> &ForwardPath {
        &self.path
    }

    /// All parameters in their order.
    pub fn parameters(&self) -> Parameters<'_> {
        Parameters(self.path.tail().trim_start_matches(' '))
    }
}

// Equality and `Clone` regard the parameters too, which the path's own do not.
impl Clone for MailFrom {
    fn clone(&self) -> Self {
        let path = self.path.with_tail();
        Self { path }
    }
}

impl Clone for RcptTo {
    fn clone(&self) -> Self {
        let path = self.path.with_tail();
        Self { path }
    }
}

impl PartialEq for MailFrom {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.parameters().0 == other.parameters().0
    }
}

impl Eq for MailFrom {}

impl PartialEq for RcptTo {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.parameters().0 == other.parameters().0
    }
}

impl Eq for RcptTo {}

impl fmt::Display for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_argument(f, &self.path, self.parameters())
    }
}

impl fmt::Display for RcptTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_argument(f, &self.path, self.parameters())
    }
}

impl fmt::Debug for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailFrom({self})")
    }
}

impl fmt::Debug for RcptTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RcptTo({self})")
    }
}

fn write_argument(f: &mut fmt::Formatter<'_>, path: impl fmt::Display, parameters: Parameters<'_>) -> fmt::Result {
    path.fmt(f)?;
    if parameters.0.is_empty() {
        return Ok(());
    }
    write!(f, " {}", parameters.0)
}

/// Path and parameters as one text, and where in it the mailbox stands.
fn argument_text(path: impl fmt::Display, has_mailbox: bool, parameters: &ParameterList) -> (Box<str>, Span) {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_to(&mut text, &path);
    let bare = Span {
        start: 1,
        at: text.len() as u16 - 1,
        end: text.len() as u16 - 1,
    };
    let scanned = mailbox::mailbox(text.as_bytes(), 1, Length::Any);
    let span = scanned.ok().filter(|_| has_mailbox).unwrap_or(bare);
    if !parameters.is_empty() {
        text.push(' ');
        let _ = write_to(&mut text, parameters);
    }
    (text.into(), span)
}

fn write_to(text: &mut String, item: &impl fmt::Display) -> fmt::Result {
    write!(text, "{item}")
}

/// `mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF` (RFC 5321 §4.1.1.2)
pub(crate) fn mail(line: &[u8], leniency: Leniency) -> Result<MailFrom, SyntaxError> {
    let at = keyword(line, b" FROM:", Expected::From)?;
    let (text, span) = path_argument(line, at, leniency, Of::Mail)?;
    let path = ReversePath::within(text, span);
    Ok(MailFrom { path })
}

/// `rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF`
/// (RFC 5321 §4.1.1.3)
pub(crate) fn rcpt(line: &[u8], leniency: Leniency) -> Result<RcptTo, SyntaxError> {
    let at = keyword(line, b" TO:", Expected::To)?;
    let (text, span) = path_argument(line, at, leniency, Of::Rcpt)?;
    let path = ForwardPath::within(text, span);
    Ok(RcptTo { path })
}

/// The keyword behind the verb, in any case.
fn keyword(line: &[u8], keyword: &[u8], expected: Expected) -> Result<usize, SyntaxError> {
    let end = VERB + keyword.len();
    match line.get(VERB..end) {
        Some(word) if word.eq_ignore_ascii_case(keyword) => Ok(end),
        _ => Err(SyntaxError::new((VERB + 1).min(line.len()), expected)),
    }
}

/// Path and parameters, copied once; the span counts from the copy's start.
fn path_argument(line: &[u8], at: usize, leniency: Leniency, of: Of) -> Result<(Box<str>, Span), SyntaxError> {
    let start = match leniency.space_after_colon {
        true => scan::run(line, at, |octet| octet == b' '),
        false => at,
    };
    if leniency.missing_brackets && line.get(start).is_some_and(|&octet| octet != b'<') {
        return bare_argument(line, start, leniency, of);
    }
    let span = match of {
        Of::Mail => path::reverse_path(line, start, leniency)?,
        Of::Rcpt => path::forward_path(line, start, leniency)?,
    };
    parameter::parameters(line, usize::from(span.end) + 1, of)?;
    let short = u16::try_from(start).map_err(|_| SyntaxError::too_long(0, u16::MAX.into()))?;
    let span = Span {
        start: span.start - short,
        at: span.at - short,
        end: span.end - short,
    };
    Ok((scan::ascii(&line[start..])?.into(), span))
}

/// A mailbox without angle brackets; the copy gets them.
fn bare_argument(line: &[u8], start: usize, leniency: Leniency, of: Of) -> Result<(Box<str>, Span), SyntaxError> {
    let end = usize::from(mailbox::mailbox(line, start, leniency.length())?.end);
    parameter::parameters(line, end, of)?;
    let mut text = String::with_capacity(line.len() - start + 2);
    text.push('<');
    text.push_str(scan::ascii(&line[start..end])?);
    text.push('>');
    text.push_str(scan::ascii(&line[end..])?);
    let span = mailbox::mailbox(text.as_bytes(), 1, leniency.length())?;
    Ok((text.into(), span))
}
