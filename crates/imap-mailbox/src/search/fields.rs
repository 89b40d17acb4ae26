//! The text of header fields, as it is searched.

use std::borrow::Cow;

use mime_codec::rfc5322::{Address, AddressList};
use mime_codec::{Charset, ContentType, decode_phrase, decode_text, display_name};

/// The charset of a part that is looked into: a text, or a message that stayed a leaf, such as a delivery status. One whose charset nobody
/// knows is read as UTF-8.
pub(super) fn text_charset(content_type: &ContentType<'_>) -> Option<Charset> {
    if !content_type.is_text() && !content_type.type_().eq_ignore_ascii_case("message") {
        return None;
    }
    Some(match content_type.charset() {
        Some(label) => Charset::for_label(label.as_bytes()).unwrap_or(Charset::UTF_8),
        None => Charset::US_ASCII,
    })
}

/// Whether decoding would change nothing that matters.
pub(super) fn is_plain(value: &[u8]) -> bool {
    value.is_ascii() && !value.contains(&b'\n') && memchr::memmem::find(value, b"=?").is_none()
}

/// A field's value, decoded. Where it is folded by a tab, which means no more than a space does, also with a space there.
pub(super) fn field_text(value: &[u8]) -> Cow<'_, str> {
    let text = decode_text(value).text;
    match memchr::memmem::find(value, b"\n\t") {
        None => text,
        Some(_) => Cow::Owned(format!("{text}\n{}", text.replace('\t', " "))),
    }
}

/// A field's addresses, as the field has them and as name and address each, one in a line.
pub(super) fn address_text(value: &[u8]) -> String {
    let mut text = field_text(value).into_owned();
    text.push('\n');
    let is_simple = is_plain(value) && !value.iter().any(|octet| matches!(octet, b'"' | b'(' | b'\\'));
    if is_simple {
        return text;
    }
    let list = AddressList::parse(value);
    for address in list.iter() {
        if let Address::Group(group) = address {
            text.push_str(&decode_phrase(&group.name()).text);
            text.push('\n');
        }
    }
    for mailbox in list.mailboxes() {
        if let Some(name) = display_name(&mailbox) {
            text.push_str(&name.replace('\t', " "));
            text.push(' ');
        }
        text.push('<');
        text.push_str(&String::from_utf8_lossy(&mailbox.address()));
        text.push_str(">\n");
    }
    text
}
