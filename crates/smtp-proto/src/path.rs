//! The arguments of MAIL and RCPT: reverse-path and forward-path (RFC 5321 §4.1.2).

use alloc::boxed::Box;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::domain;
use crate::mailbox::{self, Mailbox, Span};
use crate::scan::{self, Charset, Scanned};
use crate::{Expected, Leniency, SyntaxError};

/// Where mail comes from and where word of its failure goes: a mailbox, or nothing (`<>`), as in the failure notices
/// themselves (RFC 5321 §3.6.3).
///
/// ```
/// # use smtp_proto::ReversePath;
/// let path: ReversePath = "<alice@crepes.example>".parse().unwrap();
/// assert_eq!(path.mailbox().unwrap().domain(), "crepes.example");
/// assert_eq!("<>".parse::<ReversePath>().unwrap(), ReversePath::null());
/// ```
pub struct ReversePath(Mailbox);

impl ReversePath {
    /// The null reverse-path, `<>`.
    pub fn null() -> Self {
        Self(Mailbox::within(Box::default(), Span::default()))
    }

    /// The mailbox, unless the path is null.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        is_mailbox(&self.0).then_some(&self.0)
    }

    /// Whether it is `<>`.
    pub fn is_null(&self) -> bool {
        self.mailbox().is_none()
    }

    /// The source route that stood in front of the mailbox (`@a.example,@b.example`). It is ignored everywhere else, and
    /// never written, as RFC 5321 §4.1.2 asks.
    pub fn source_route(&self) -> Option<&str> {
        source_route(&self.0)
    }

    pub(crate) fn within(text: Box<str>, span: Span) -> Self {
        Self(Mailbox::within(text, span))
    }

    /// What stands behind the path in its text.
    pub(crate) fn tail(&self) -> &str {
        tail(&self.0)
    }

    /// A copy with all that stands around the mailbox.
    pub(crate) fn with_tail(&self) -> Self {
        Self::within(self.0.text.clone(), self.0.span)
    }
}

/// Where mail goes: a mailbox, or the bare `<Postmaster>` of the server itself (RFC 5321 §4.1.1.3).
///
/// ```
/// # use smtp_proto::ForwardPath;
/// let path: ForwardPath = "<@relay.example:bob@hamburger.example>".parse().unwrap();
/// assert_eq!(path.to_string(), "<bob@hamburger.example>");
/// assert!("<postMASTER>".parse::<ForwardPath>().unwrap().is_postmaster());
/// ```
pub struct ForwardPath(Mailbox);

impl ForwardPath {
    /// The bare `<Postmaster>`, without a domain.
    pub fn postmaster() -> Self {
        let end = POSTMASTER.len() as u16 + 1;
        let span = Span { start: 1, at: end, end };
        Self(Mailbox::within("<Postmaster>".into(), span))
    }

    /// The mailbox, unless the path is the bare `<Postmaster>`.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        is_mailbox(&self.0).then_some(&self.0)
    }

    /// Whether it is `<Postmaster>`, or a mailbox whose local part is that word in any case (RFC 5321 §4.1.1.3).
    pub fn is_postmaster(&self) -> bool {
        self.mailbox()
            .is_none_or(|mailbox| mailbox.local_part().eq_ignore_ascii_case(POSTMASTER))
    }

    /// The source route that stood in front of the mailbox. See [`ReversePath::source_route`].
    pub fn source_route(&self) -> Option<&str> {
        source_route(&self.0)
    }

    pub(crate) fn within(text: Box<str>, span: Span) -> Self {
        Self(Mailbox::within(text, span))
    }

    /// What stands behind the path in its text.
    pub(crate) fn tail(&self) -> &str {
        tail(&self.0)
    }

    /// A copy with all that stands around the mailbox.
    pub(crate) fn with_tail(&self) -> Self {
        Self::within(self.0.text.clone(), self.0.span)
    }
}

fn is_mailbox(path: &Mailbox) -> bool {
    path.span.at < path.span.end
}

/// The route stands between `<` and `:`.
fn source_route(path: &Mailbox) -> Option<&str> {
    let end = usize::from(path.span.start).checked_sub(1)?;
    path.text.get(1..end).filter(|route| !route.is_empty())
}

fn tail(path: &Mailbox) -> &str {
    path.text.get(usize::from(path.span.end) + 1..).unwrap_or_default()
}

impl FromStr for ReversePath {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let span = reverse_path(text.as_bytes(), 0, Leniency::default(), Charset::Ascii)?;
        scan::end(text.as_bytes(), usize::from(span.end) + 1)?;
        Ok(Self::within(text.into(), span))
    }
}

impl FromStr for ForwardPath {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let span = forward_path(text.as_bytes(), 0, Leniency::default(), Charset::Ascii)?;
        scan::end(text.as_bytes(), usize::from(span.end) + 1)?;
        Ok(Self::within(text.into(), span))
    }
}

impl From<Mailbox> for ReversePath {
    fn from(mailbox: Mailbox) -> Self {
        Self(mailbox)
    }
}

impl From<Mailbox> for ForwardPath {
    fn from(mailbox: Mailbox) -> Self {
        Self(mailbox)
    }
}

/// What both paths do alike: equality and hash regard the mailbox alone, `Clone` copies nothing else.
macro_rules! as_its_mailbox {
    ($path:ident, $without:expr, $written:literal) => {
        impl Clone for $path {
            fn clone(&self) -> Self {
                self.mailbox()
                    .map_or_else(|| $without, |mailbox| Self(mailbox.clone()))
            }
        }

        impl PartialEq for $path {
            fn eq(&self, other: &Self) -> bool {
                self.mailbox() == other.mailbox()
            }
        }

        impl Eq for $path {}

        impl Hash for $path {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.mailbox().hash(state);
            }
        }

        impl fmt::Display for $path {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.mailbox() {
                    Some(mailbox) => write!(f, "<{mailbox}>"),
                    None => f.write_str($written),
                }
            }
        }

        impl fmt::Debug for $path {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

as_its_mailbox!(ReversePath, Self::null(), "<>");
as_its_mailbox!(ForwardPath, Self::postmaster(), "<Postmaster>");

/// `Reverse-path = Path / "<>"` (RFC 5321 §4.1.2). The path ends one octet behind the span's end.
pub(crate) fn reverse_path(
    line: &[u8],
    start: usize,
    leniency: Leniency,
    charset: Charset,
) -> Result<Span, SyntaxError> {
    if line.get(start..).is_some_and(|rest| rest.starts_with(b"<>")) {
        return no_mailbox(start + 1, start + 1);
    }
    path(line, start, leniency, charset)
}

/// `"<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path` (RFC 5321 §4.1.1.3)
pub(crate) fn forward_path(
    line: &[u8],
    start: usize,
    leniency: Leniency,
    charset: Charset,
) -> Result<Span, SyntaxError> {
    let word = line.get(start + 1..start + 1 + POSTMASTER.len());
    let bare = word.is_some_and(|word| word.eq_ignore_ascii_case(POSTMASTER.as_bytes()));
    let end = start + 1 + POSTMASTER.len();
    if bare && line[start] == b'<' && line.get(end) == Some(&b'>') {
        return no_mailbox(start + 1, end);
    }
    path(line, start, leniency, charset)
}

fn no_mailbox(start: usize, end: usize) -> Result<Span, SyntaxError> {
    let short = |position: usize| u16::try_from(position).map_err(|_| SyntaxError::too_long(start, u16::MAX.into()));
    let (start, end) = (short(start)?, short(end)?);
    Ok(Span { start, at: end, end })
}

/// `Path = "<" [ A-d-l ":" ] Mailbox ">"`
fn path(line: &[u8], start: usize, leniency: Leniency, charset: Charset) -> Result<Span, SyntaxError> {
    let inner = scan::octet(line, start, b'<', Expected::Octet(b'<'))?;
    let inner = match line.get(inner) {
        Some(b'@') => source_routes(line, inner, charset)?,
        _ => inner,
    };
    let span = mailbox::mailbox(line, inner, leniency.length(), charset)?;
    scan::octet(line, usize::from(span.end), b'>', Expected::Octet(b'>'))?;
    Ok(span)
}

/// ```text
/// A-d-l     = At-domain *( "," At-domain )      ; MUST be accepted, SHOULD be ignored
/// At-domain = "@" Domain
/// ```
fn source_routes(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let mut at = start;
    loop {
        at = scan::octet(line, at, b'@', Expected::Octet(b'@'))?;
        at = domain::domain_in(line, at, charset)?;
        match line.get(at) {
            Some(b',') => at += 1,
            _ => return scan::octet(line, at, b':', Expected::Octet(b':')),
        }
    }
}

const POSTMASTER: &str = "Postmaster";
