//! PREVIEW: the begin of a message's text (RFC 8970 §3.3).

mod markup;

use mime_codec::{Charset, CharsetDecoder};

use super::facts::MimeFields;
use super::summary::Summary;
use markup::Markup;

/// Makes the preview of a message as its parts stream through: from the first `text/plain` that holds text, else from the first
/// `text/html` that does.
#[derive(Default)]
pub(super) struct PreviewMaker {
    plain: String,
    html: String,
    current: Option<Text>,
}

/// A text that is being read.
struct Text {
    charset: CharsetDecoder,
    /// Of HTML.
    markup: Option<Markup>,
    decoded: String,
    line: Line,
}

/// Text with each run of white space as one space.
#[derive(Default)]
struct Line {
    text: String,
    chars: usize,
    is_spaced: bool,
}

impl PreviewMaker {
    /// The body of a text that is shown with the message begins.
    pub(super) fn begin(&mut self, fields: &MimeFields, subtype: &str) {
        let is_html = subtype.eq_ignore_ascii_case("html");
        let is_wanted = if is_html {
            self.html.is_empty()
        } else {
            subtype.eq_ignore_ascii_case("plain")
        };
        let is_attachment = fields
            .disposition()
            .is_some_and(|disposition| disposition.is_attachment());
        if !is_wanted || is_attachment || !self.plain.is_empty() {
            return;
        }
        let label = fields.content_type().and_then(|content_type| {
            let charset = content_type.charset()?;
            Charset::for_label(charset.as_bytes())
        });
        self.current = Some(Text {
            charset: label.unwrap_or(Charset::US_ASCII).decoder(),
            markup: is_html.then(Markup::default),
            decoded: String::new(),
            line: Line::default(),
        });
    }

    /// Octets of it, without their transfer encoding.
    pub(super) fn text(&mut self, mut octets: &[u8]) {
        let Some(text) = &mut self.current else { return };
        while !octets.is_empty() && !text.line.is_full() {
            let (piece, rest) = octets.split_at(octets.len().min(PIECE));
            octets = rest;
            text.charset.decode(piece, &mut text.decoded);
            text.take_decoded();
        }
    }

    /// It is over, or something else is.
    pub(super) fn end(&mut self) {
        let Some(mut text) = self.current.take() else { return };
        text.charset.finish(&mut text.decoded);
        text.take_decoded();
        match text.markup {
            Some(_) => self.html = text.line.text,
            None => self.plain = text.line.text,
        }
    }

    pub(super) fn finish(self) -> String {
        if self.plain.is_empty() { self.html } else { self.plain }
    }
}

impl std::fmt::Debug for PreviewMaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreviewMaker")
            .field("plain", &self.plain)
            .field("html", &self.html)
            .finish_non_exhaustive()
    }
}

impl Text {
    fn take_decoded(&mut self) {
        for char in self.decoded.drain(..) {
            match &mut self.markup {
                Some(markup) => markup.char(char, &mut |char| self.line.push(char)),
                None => self.line.push(char),
            }
        }
    }
}

impl Line {
    const fn is_full(&self) -> bool {
        self.chars >= Summary::MAX_PREVIEW
    }

    /// Control characters and the like count as white space: none is to be seen, and some would turn the text around.
    fn push(&mut self, char: char) {
        if char.is_whitespace() || char.is_control() || is_invisible(char) {
            self.is_spaced |= char.is_whitespace() || char.is_control();
            return;
        }
        let is_spaced = std::mem::take(&mut self.is_spaced) && !self.text.is_empty();
        if self.chars + usize::from(is_spaced) >= Summary::MAX_PREVIEW {
            self.chars = Summary::MAX_PREVIEW;
            return;
        }
        if is_spaced {
            self.text.push(' ');
        }
        self.text.push(char);
        self.chars += 1 + usize::from(is_spaced);
    }
}

/// Marks that newsletters fill their previews with, byte order marks, and what changes the direction of text.
const fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Octets that are decoded at once: of a long text, little more than what is kept.
const PIECE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(message: &str) -> String {
        Summary::of(message.as_bytes()).preview().to_owned()
    }

    #[test]
    fn text_on_one_line() {
        assert_eq!(
            preview("\r\n  One\r\n\r\n two\t\u{1}three\u{200b}\r\n"),
            "One two three"
        );
        assert_eq!(
            preview(
                "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCr=EApe=\r\ns"
            ),
            "Crêpes"
        );
        assert_eq!(preview("Content-Transfer-Encoding: rot13\r\n\r\nuryyb"), "");
        assert_eq!(preview("Content-Type: image/png\r\n\r\nxxx"), "");
        assert_eq!(preview(""), "");
    }

    #[test]
    fn two_hundred_characters_at_most() {
        for word in ["ä", "ä ", "ää ", "\u{1f600}"] {
            let text = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{}", word.repeat(300));
            let preview = preview(&text);
            assert!((199..=200).contains(&preview.chars().count()), "{preview:?}");
        }
    }

    #[test]
    fn plain_text_before_html() {
        let parts = |parts: &[&str]| {
            let all: String = parts
                .iter()
                .map(|part| format!("--b\r\nContent-Type: {part}\r\n"))
                .collect();
            preview(&format!(
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n{all}--b--\r\n"
            ))
        };
        assert_eq!(parts(&["text/html\r\n\r\n<p>one", "text/plain\r\n\r\ntwo"]), "two");
        assert_eq!(parts(&["text/html\r\n\r\n<p>one", "text/plain\r\n\r\n \t"]), "one");
        assert_eq!(
            parts(&[
                "text/plain\r\nContent-Disposition: attachment\r\n\r\none",
                "text/html\r\n\r\ntwo"
            ]),
            "two"
        );
        assert_eq!(
            parts(&["message/rfc822\r\n\r\n\r\ninside", "text/calendar\r\n\r\nno"]),
            ""
        );
    }

    /// RFC 8970 §3.2: nothing can be told of what the server cannot read.
    #[test]
    fn encrypted_messages_have_none() {
        let pgp = "Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n\
            Version: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n";
        assert_eq!(preview(pgp), "");
        assert_eq!(
            preview("Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB"),
            ""
        );
    }

    #[test]
    fn html_without_its_markup() {
        let html = |html: &str| preview(&format!("Content-Type: text/html\r\n\r\n{html}"));
        assert_eq!(
            html("<html><head><title>no</title><style>p { a > b }</style></head><body><p>One</p><p>two"),
            "One two"
        );
        assert_eq!(html("a<b>c</b>d<br/>e"), "acd e");
        assert_eq!(html("x<!-- <p>no</p> -->y<script>if (a < b) '</p>'</script>z"), "xy z");
        assert_eq!(
            html("&lt;p&gt; &amp;&nbsp;&#233;&#xE9; &bogus; & &#0;&#xD800;"),
            "<p> & éé &bogus; & \u{fffd}\u{fffd}"
        );
        assert_eq!(html("<a title=\"a > b\" href='>'>link</a> 1 < 2"), "link 1 < 2");
        assert_eq!(html("<unclosed"), "");
    }
}
