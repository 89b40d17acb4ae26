//! The trace fields that hold one address: `Return-Path` (RFC 5321 §4.4) and `Delivered-To` (RFC 9228).

use alloc::format;
use alloc::string::ToString;

use crate::addr_spec::addr_spec;
use crate::cursor::Cursor;
use crate::{AddrSpec, Field, FieldName, FieldWriter, unfold};

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
    // A quoted local part may be folded at its spaces.
    let value = unfold(value);
    let mut cursor = Cursor::new(&value);
    cursor.skip_cfws().ok()?;
    let bracket = cursor.eat(b'<');
    let address = addr_spec(&mut cursor).ok()?;
    if bracket && !cursor.eat(b'>') {
        return None;
    }
    cursor.skip_cfws().ok()?;
    cursor.rest().is_empty().then_some(address)
}

fn one_group(name: &FieldName, text: &str) -> Field {
    let mut writer = FieldWriter::new(name);
    writer
        .group(text)
        .expect("an address is at most MAX_TOKEN octets of printable ASCII and spaces");
    writer.finish()
}
