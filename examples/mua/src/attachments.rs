//! What a message has attached, and the text of it that people read.

use std::fmt;

use mime_codec::{Message, Part};
use serde::Serialize;

use crate::harmless;

/// One attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// From 1, as `mua save --part` wants it.
    pub part: usize,
    /// As the sender named it, made safe for a file.
    pub name: String,
    /// As in `image/png`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Octets without the transfer encoding.
    pub size: usize,
}

impl fmt::Display for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, kind) = (harmless::line(&self.name), harmless::line(&self.kind));
        write!(f, "[{}] {name} ({kind}, {} octets)", self.part, self.size)
    }
}

/// The attachments, numbered.
pub(crate) fn parts<'m>(message: &'m Message<'_>) -> impl Iterator<Item = (Attachment, Part<'m>)> {
    message.attachments().enumerate().map(|(index, part)| {
        let kind = part.content_type();
        let attachment = Attachment {
            part: index + 1,
            name: part.safe_file_name(),
            kind: format!("{}/{}", kind.type_(), kind.subtype()),
            size: part.decode().len(),
        };
        (attachment, part)
    })
}

/// The text to read: that of the message, or what its HTML says between the tags.
pub(crate) fn text(message: &Message<'_>) -> String {
    if let Some(part) = message.text_body() {
        let text = part.text().into_owned();
        return match part.content_type().is("text", "html") {
            true => without_tags(&text),
            false => text,
        };
    }
    message
        .html_body()
        .map(|part| without_tags(&part.text()))
        .unwrap_or_default()
}

/// Text without what stands between `<` and `>`, without scripts and styles, line ends where blocks end. It is a look
/// at the words and not a browser: `mua read --html` has the source.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_words(&rest[..at], &mut text);
        let tag = &rest[at + 1..];
        let name: String = tag
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect();
        let name = name.to_ascii_lowercase();
        let end = match name.as_str() {
            "script" | "style" => find_ignoring_case(tag, &format!("</{name}")).unwrap_or(tag.len()),
            _ => tag.find('>').map_or(tag.len(), |end| end + 1),
        };
        if BREAKS.contains(&name.as_str()) && !text.ends_with("\n\n") {
            text.push('\n');
        }
        rest = &tag[end..];
    }
    push_words(rest, &mut text);
    text
}

/// White space of any kind is one space.
fn push_words(html: &str, text: &mut String) {
    for piece in html.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        text.push_str(&entities(word));
        if word.len() < piece.len() && !text.ends_with([' ', '\n']) && !text.is_empty() {
            text.push(' ');
        }
    }
}

fn entities(word: &str) -> String {
    let mut text = word.to_owned();
    // The ampersand last, or what it writes would be read again.
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, c);
        }
    }
    text
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    let octets = text.as_bytes();
    octets
        .windows(what.len())
        .position(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

const BREAKS: [&str; 12] = [
    "br",
    "br/",
    "/p",
    "/div",
    "/h1",
    "/h2",
    "/h3",
    "/li",
    "/tr",
    "/table",
    "/blockquote",
    "hr",
];
