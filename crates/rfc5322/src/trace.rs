//! The trace fields that hold one address: `Return-Path` (RFC 5321 §4.4) and `Delivered-To` (RFC 9228).

use alloc::format;
use alloc::string::ToString;

use crate::addr_spec::addr_spec;
use crate::cursor::Cursor;
use crate::{AddrSpec, Expected, Field, FieldName, FieldWriter, SyntaxError, unfold};

/// `Return-Path`, which the server that delivers a message puts on top: the reverse-path of MAIL. `None` is the null
/// reverse-path `<>` of a bounce.
///
/// ```
/// # use rfc5322::return_path;
/// assert_eq!(return_path(None).as_str(), "Return-Path: <>\r\n");
/// ```
pub fn return_path(reverse_path: Option<&AddrSpec>) -> Field {
    let path = reverse_path.map_or_else(|| "<>".to_string(), |mailbox| format!("<{mailbox}>"));
    one_group(&FieldName::RETURN_PATH, &path)
}

/// Reads the value of a `Return-Path` field; `None` is the null reverse-path. The angle brackets may be missing, and
/// comments and white space stand around.
///
/// ```text
/// return = "Return-Path:" path CRLF                                             ; RFC 5322 §3.6.7
/// path   = angle-addr / ([CFWS] "<" [CFWS] ">" [CFWS])
/// ```
///
/// ```
/// # use rfc5322::parse_return_path;
/// assert_eq!(parse_return_path(b" <>"), Ok(None));
/// assert_eq!(parse_return_path(b" <bob@hamburger.edu>")?.unwrap().to_string(), "bob@hamburger.edu");
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
///
/// # Errors
///
/// [`SyntaxError`] if there is no address; the offset is counted in the [unfolded](unfold) value.
pub fn parse_return_path(value: &[u8]) -> Result<Option<AddrSpec>, SyntaxError> {
    let value = unfold(value);
    let mut cursor = Cursor::new(&value);
    cursor.skip_cfws()?;
    let bracket = cursor.eat(b'<');
    cursor.skip_cfws()?;
    let is_null = bracket && cursor.peek() == Some(b'>');
    let address = if is_null { None } else { Some(addr_spec(&mut cursor)?) };
    cursor.skip_cfws()?;
    if bracket {
        cursor.require(b'>', Expected::GreaterThan)?;
        cursor.skip_cfws()?;
    }
    cursor.require_end()?;
    Ok(address)
}

/// `Delivered-To`: the mailbox that a message was delivered to, without angle brackets (RFC 9228).
///
/// ```
/// # use rfc5322::{AddrSpec, delivered_to};
/// let bob = AddrSpec::parse(b"bob@hamburger.edu")?;
/// assert_eq!(delivered_to(&bob).as_str(), "Delivered-To: bob@hamburger.edu\r\n");
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
pub fn delivered_to(mailbox: &AddrSpec) -> Field {
    one_group(&FieldName::DELIVERED_TO, &mailbox.to_string())
}

/// The address in a field that holds one, with or without angle brackets, comments and white space around it; `None` if
/// there is none, as in `<>`.
pub(crate) fn lone_address(value: &[u8]) -> Option<AddrSpec> {
    parse_return_path(value).ok().flatten()
}

fn one_group(name: &FieldName, text: &str) -> Field {
    let mut writer = FieldWriter::utf8(name);
    writer
        .group(text)
        .expect("an address is at most MAX_TOKEN octets of printable characters and spaces");
    writer.finish()
}
