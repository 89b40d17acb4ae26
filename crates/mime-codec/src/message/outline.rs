//! The tree of a message's parts, drawn for people.

use std::fmt;

use mail_wire::Escaped;

use super::{Message, Part};
use crate::TransferEncoding;

impl Message<'_> {
    /// The tree of the parts, one a line, to be looked at.
    ///
    /// What the sender wrote is escaped and cut to a bounded length, so that a terminal shows it and does not act upon it. The
    /// wording is not stable; programs ask the [`parts`](Self::parts). Sizes are octets without the transfer encoding, for which
    /// bodies are decoded one after the other.
    ///
    /// ```
    /// # use mime_codec::Message;
    /// let message = Message::parse(
    ///     b"Content-Type: multipart/mixed; boundary=menu\r\n\r\n\
    ///       --menu\r\n\r\nDo you like them?\r\n\
    ///       --menu\r\nContent-Type: text/plain; charset=utf-8\r\n\
    ///       Content-Disposition: attachment; filename=menu.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    ///       Q3LDqnBlcwo=\r\n--menu--\r\n",
    /// );
    /// assert_eq!(
    ///     message.outline().to_string(),
    ///     "multipart/mixed, 2 parts, at 0\n\
    ///      ├─ text/plain (by default), 17 octets, at 56\n\
    ///      └─ text/plain; charset=utf-8, base64, attachment \"menu.txt\", 8 octets, at 85\n"
    /// );
    /// ```
    pub fn outline(&self) -> Outline<'_> {
        Outline { message: self }
    }
}

/// Shows the tree of a message's parts: what [`Message::outline`] gives.
#[derive(Clone, Copy)]
pub struct Outline<'m> {
    message: &'m Message<'m>,
}

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ends = Vec::new();
        for part in self.message.parts() {
            // The ancestors that this part lies in: no recursion, the depth is the sender's choice.
            while ends.last().is_some_and(|&end| end <= part.index()) {
                ends.pop();
            }
            branches(&ends, part.end_index(), f)?;
            writeln!(f, "{}", Line(part))?;
            ends.push(part.end_index());
        }
        Ok(())
    }
}

impl fmt::Debug for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The lines that lead to a part whose ancestors end, the outermost first, in front of the parts at the indices `ends`.
fn branches(ends: &[usize], end: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(&parent) = ends.last() else {
        return Ok(());
    };
    // An ancestor that ends where its own parent does is the last child; nothing follows under it.
    for (outer, inner) in ends.iter().zip(&ends[1..]).take(DEEPEST) {
        f.write_str(if inner == outer { "   " } else { "│  " })?;
    }
    if ends.len() > DEEPEST {
        write!(f, "(level {}) ", ends.len())?;
    }
    f.write_str(if end == parent { "└─ " } else { "├─ " })
}

/// One part, on one line.
struct Line<'m>(Part<'m>);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(part) = self;
        let content_type = part.content_type();
        write!(f, "{}", Shown(&content_type.essence()))?;
        if let Some(charset) = content_type.charset() {
            write!(f, "; charset={}", Shown(&charset))?;
        }
        if part.header().content_type().is_none_or(|found| found.is_implicit()) {
            f.write_str(" (by default)")?;
        }
        encoding(part, f)?;
        name(part, f)?;
        match part.is_leaf() {
            true => count(part.decode().len(), "octet", f)?,
            false if part.is_multipart() => count(part.children().count(), "part", f)?,
            false => {}
        }
        write!(f, ", at {}", part.offset())?;
        f.write_str(if part.is_decoded() { " (decoded)" } else { "" })
    }
}

fn encoding(part: &Part<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (
        part.transfer_encoding(),
        part.header().text("Content-Transfer-Encoding"),
    ) {
        // It says that there is none.
        (Some(TransferEncoding::SevenBit), _) | (None, None) => Ok(()),
        (Some(known), _) => write!(f, ", {}", known.as_str()),
        (None, Some(unknown)) => write!(f, ", unknown encoding {}", Quoted(unknown.trim())),
    }
}

fn name(part: &Part<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let disposition = part.content_disposition();
    let disposition = disposition.map(|disposition| disposition.type_().to_ascii_lowercase());
    let name = part.file_name();
    match (disposition, &name) {
        (Some(disposition), _) => write!(f, ", {}", Shown(&disposition))?,
        (None, Some(_)) => f.write_str(", named")?,
        (None, None) => {}
    }
    if let Some(name) = name {
        write!(f, " {}", Quoted(&name))?;
    }
    match part.content_id() {
        Some(id) => write!(f, ", id {}", Quoted(&id)),
        None => Ok(()),
    }
}

fn count(n: usize, what: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, ", {n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The sender's text, escaped, the beginning of it.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.floor_char_boundary(LONGEST);
        let more = if end < self.0.len() { "…" } else { "" };
        write!(f, "{}{more}", Escaped(&self.0.as_bytes()[..end]))
    }
}

/// The same in quotes, which it cannot leave.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.floor_char_boundary(LONGEST);
        for (i, piece) in self.0[..end].split('"').enumerate() {
            write!(f, "{}{}", if i > 0 { "\\\"" } else { "\"" }, Escaped(piece.as_bytes()))?;
        }
        f.write_str(if end < self.0.len() { "…\"" } else { "\"" })
    }
}

/// Octets of a name that are shown.
const LONGEST: usize = 100;

/// Levels that are drawn with a column of their own; what lies deeper says how deep.
const DEEPEST: usize = 30;

#[cfg(test)]
mod tests {
    use crate::{Limits, Message};

    fn outline(message: &str) -> String {
        Message::parse(message.replace('\n', "\r\n").into_bytes())
            .outline()
            .to_string()
    }

    #[test]
    fn branches_join_what_belongs_together() {
        let drawn = outline(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n\
             --b\n\nx\n--b\nContent-Type: text/html\n\n<p>\n--b--\n--a\nContent-Type: message/rfc822\n\n\
             Subject: in\n\ny\n--a--\n",
        );
        let shapes: Vec<_> = drawn
            .lines()
            .map(|line| line.split([',', ' ']).take(8).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(drawn.lines().count(), 6, "{drawn}");
        let starts = [
            "multipart/mixed",
            "├─ multipart/alternative",
            "│  ├─ text/plain",
            "│  └─ text/html",
            "└─ message/rfc822",
            "   └─ text/plain",
        ];
        for (line, start) in drawn.lines().zip(starts) {
            assert!(line.starts_with(start), "{line:?} {shapes:?}");
        }
    }

    /// `docs/threats.md` row 30.
    #[test]
    fn nothing_that_a_sender_writes_reaches_the_terminal() {
        let drawn = outline(
            "Content-Type: text/pl\u{1b}[2Jain; charset=\"\u{1b}]0;x\u{7}\"\nContent-Transfer-Encoding: \u{1b}c\n\
             Content-Disposition: attachment; filename*=utf-8''%1B%5B31m%E2%80%AEfdp%22,%20at%200%0A.exe\nContent-ID: <\u{1b}[1m@x>\n\nx\n",
        );
        assert_eq!(drawn.lines().count(), 1, "{drawn:?}");
        assert!(
            !drawn.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{drawn:?}"
        );
        assert!(drawn.contains("\\\", at 0"), "{drawn}");
    }

    #[test]
    fn long_names_and_deep_trees_make_short_lines() {
        let name = "n".repeat(100_000);
        assert!(outline(&format!("Content-Type: text/plain; name={name}\n\n")).len() < 300);
        let mut nested = String::new();
        for level in 0..1000 {
            nested += &format!("Content-Type: multipart/mixed; boundary=\"-{level}-\"\n\n---{level}-\n");
        }
        let limits = Limits::default().with_depth(2000);
        let drawn = Message::parse_within(nested.into_bytes(), &limits)
            .outline()
            .to_string();
        assert!(drawn.lines().count() > 900, "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() < 200));
    }
}
