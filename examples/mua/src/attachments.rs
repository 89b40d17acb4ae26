//! What a message has attached, and the text of it that people read.

use std::fmt;

use mime_codec::flowed::{DelSp, unflow};
use mime_codec::{Message, Part};
use serde::Serialize;

use crate::{harmless, html};

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

/// The text to read: that of the message, its flowed lines joined, or the words of its HTML.
pub(crate) fn text(message: &Message<'_>) -> String {
    let Some(part) = message.text_body().or_else(|| message.html_body()) else {
        return String::new();
    };
    let kind = part.content_type();
    let is_flowed = kind
        .param("format")
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    match (kind.is("text", "html"), is_flowed) {
        (true, _) => html::words(&part.text()),
        (_, true) => unflowed(&part.text(), kind.param("delsp").as_deref()),
        _ => part.text().into_owned(),
    }
}

/// RFC 3676 §4: one line for each paragraph, marked as often as it is quoted.
fn unflowed(text: &str, del_sp: Option<&str>) -> String {
    let del_sp = match del_sp {
        Some(yes) if yes.eq_ignore_ascii_case("yes") => DelSp::Yes,
        _ => DelSp::No,
    };
    let paragraphs = unflow(text.as_bytes(), del_sp);
    let lines = paragraphs.iter().map(|paragraph| {
        // Deeper quotes than anybody reads cost no more than this.
        let marks = ">".repeat(paragraph.depth.min(DEEPEST));
        let space = if marks.is_empty() { "" } else { " " };
        format!("{marks}{space}{}\n", String::from_utf8_lossy(&paragraph.text))
    });
    lines.collect()
}

const DEEPEST: usize = 40;
