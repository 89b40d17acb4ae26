//! Facts out, as they come: JSON for scripts, lines for people. Nothing is collected, so that no input makes output cost memory.

use std::io::{self, Write};

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use mail_wire::Escaped;

/// For whom facts are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON on one line.
    Json,
    /// One fact a line, without what a terminal would act upon.
    Readable,
}

/// Writes one value.
pub(crate) struct Pen<'o> {
    out: &'o mut dyn Write,
    form: Form,
    open: Vec<Level>,
}

/// A value that has begun and not ended.
struct Level {
    shape: Shape,
    is_empty: bool,
    /// For people: all of it stands on one line.
    is_inline: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Values; for people `(a b)`.
    List,
    /// Values; for people one a line.
    Lines,
    /// Names that are ours, each once.
    Object,
    /// Names that are the peer's, perhaps some of them twice: pairs in JSON.
    Entries,
}

/// Scalars.
impl<'o> Pen<'o> {
    pub(crate) fn new(out: &'o mut dyn Write, form: Form) -> Self {
        let open = Vec::new();
        Self { out, form, open }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// What is written stands for nothing: NIL.
    pub(crate) fn none(&mut self) -> io::Result<()> {
        let word = if self.is_json() { "null" } else { "none" };
        self.bare(word)
    }

    pub(crate) fn boolean(&mut self, value: bool) -> io::Result<()> {
        let word = match (self.form, value) {
            (Form::Json, true) => "true",
            (Form::Json, false) => "false",
            (Form::Readable, true) => "yes",
            (Form::Readable, false) => "no",
        };
        self.bare(word)
    }

    pub(crate) fn number(&mut self, value: u64) -> io::Result<()> {
        self.bare(&value.to_string())
    }

    /// Text; where it is no UTF-8 and has no key beside which the octets could stand, an object with both.
    pub(crate) fn text(&mut self, octets: impl AsRef<[u8]>) -> io::Result<()> {
        let octets = octets.as_ref();
        if self.is_json() && str::from_utf8(octets).is_err() {
            return self.object(|pen| pen.fact("text", octets));
        }
        self.before_value()?;
        self.spell(octets)
    }

    /// A key and text; octets that are no UTF-8 stand beside it, under `KEY_b64`.
    pub(crate) fn fact(&mut self, key: &str, octets: impl AsRef<[u8]>) -> io::Result<()> {
        let octets = octets.as_ref();
        self.key(key)?;
        self.before_value()?;
        self.spell(octets)?;
        if self.is_json() && str::from_utf8(octets).is_err() {
            self.key(&format!("{key}_b64"))?;
            write!(self.out, "\"{}\"", Base64Display::new(octets, &STANDARD))?;
        }
        Ok(())
    }

    /// A name that is the peer's, in an object where it stands once, and text.
    pub(crate) fn named(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.before_key()?;
        match self.form {
            Form::Json => write!(self.out, "{}:", serde_json::json!(name))?,
            Form::Readable => write!(self.out, "{}:", Escaped(name.as_bytes()))?,
        }
        self.before_value()?;
        self.spell(text.as_bytes())
    }

    /// The first fact, which people read as a heading.
    pub(crate) fn kind(&mut self, kind: impl AsRef<[u8]>) -> io::Result<()> {
        self.heading("kind", kind)
    }

    /// The same under a key of its own.
    pub(crate) fn heading(&mut self, key: &str, value: impl AsRef<[u8]>) -> io::Result<()> {
        match self.form {
            Form::Json => self.fact(key, value),
            Form::Readable => self.spell(value.as_ref()),
        }
    }

    fn bare(&mut self, word: &str) -> io::Result<()> {
        self.before_value()?;
        self.out.write_all(word.as_bytes())
    }

    fn spell(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.is_json() {
            return Ok(serde_json::to_writer(&mut self.out, &String::from_utf8_lossy(octets))?);
        }
        let is_listed = self.open.last().is_some_and(|level| level.shape == Shape::List);
        let splits = |octet: &u8| is_listed && matches!(octet, b' ' | b'(' | b')');
        let quote = if octets.is_empty() || octets.iter().any(splits) {
            "\""
        } else {
            ""
        };
        self.out.write_all(quote.as_bytes())?;
        // Backslashes as they are: flags begin with one, and people know them so.
        for (i, piece) in octets.split(|octet| *octet == b'\\').enumerate() {
            write!(self.out, "{}{}", if i > 0 { "\\" } else { "" }, Escaped(piece))?;
        }
        self.out.write_all(quote.as_bytes())
    }
}

/// What holds others.
impl Pen<'_> {
    pub(crate) fn object(&mut self, facts: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.nest(Shape::Object, facts)
    }

    pub(crate) fn list(&mut self, values: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.nest(Shape::List, values)
    }

    /// Values that people want to read one a line.
    pub(crate) fn lines(&mut self, values: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.nest(Shape::Lines, values)
    }

    /// A list of texts under a key.
    pub(crate) fn texts<T: AsRef<[u8]>>(&mut self, key: &str, texts: impl IntoIterator<Item = T>) -> io::Result<()> {
        self.key(key)?;
        self.list(|pen| texts.into_iter().try_for_each(|text| pen.text(text)))
    }

    /// Filled with [`entry`](Self::entry).
    pub(crate) fn entries(&mut self, entries: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.nest(Shape::Entries, entries)
    }

    pub(crate) fn entry(&mut self, name: &[u8], value: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if self.is_json() {
            return self.list(|pen| {
                pen.text(name)?;
                value(pen)
            });
        }
        self.before_key()?;
        write!(self.out, "{}:", Escaped(name))?;
        value(self)
    }

    /// Its value follows.
    pub(crate) fn key(&mut self, key: &str) -> io::Result<()> {
        self.before_key()?;
        match self.form {
            Form::Json => write!(self.out, "\"{key}\":"),
            Form::Readable => write!(self.out, "{key}:"),
        }
    }

    fn nest(&mut self, shape: Shape, inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let within = self
            .open
            .last()
            .is_some_and(|outer| outer.is_inline || outer.shape == Shape::Lines);
        let is_inline = within || shape == Shape::List;
        let (begin, end) = match (self.form, shape) {
            (Form::Json, Shape::Object) => ("{", "}"),
            (Form::Json, _) => ("[", "]"),
            (Form::Readable, Shape::List | Shape::Lines | Shape::Entries) if is_inline => ("(", ")"),
            (Form::Readable, _) => ("", ""),
        };
        // For people the members of a block begin on lines of their own.
        if self.is_json() || is_inline {
            self.before_value()?;
        }
        self.out.write_all(begin.as_bytes())?;
        let is_empty = true;
        self.open.push(Level {
            shape,
            is_empty,
            is_inline,
        });
        inner(self)?;
        let is_empty = self.open.pop().is_some_and(|level| level.is_empty);
        if is_empty && !self.is_json() && !is_inline && !self.open.is_empty() {
            self.out.write_all(b" none")?;
        }
        self.out.write_all(end.as_bytes())
    }

    fn before_key(&mut self) -> io::Result<()> {
        let depth = self.open.len();
        let Some(level) = self.open.last_mut() else {
            return Ok(());
        };
        let is_first = std::mem::replace(&mut level.is_empty, false);
        match (self.form, level.is_inline) {
            (_, true) | (Form::Json, _) if is_first => Ok(()),
            (Form::Json, _) => self.out.write_all(b","),
            (Form::Readable, true) => self.out.write_all(b", "),
            (Form::Readable, false) => write!(self.out, "\n{:1$}", "", 2 * depth),
        }
    }

    fn before_value(&mut self) -> io::Result<()> {
        let depth = self.open.len();
        let Some(level) = self.open.last_mut() else {
            return Ok(());
        };
        let is_first = std::mem::replace(&mut level.is_empty, false);
        match (self.form, level.shape) {
            // The key has written what is needed.
            (Form::Json, Shape::Object) => Ok(()),
            (Form::Readable, Shape::Object | Shape::Entries) => self.out.write_all(b" "),
            (Form::Readable, Shape::Lines) if !level.is_inline => write!(self.out, "\n{:1$}- ", "", 2 * depth),
            _ if is_first => Ok(()),
            (Form::Json, _) => self.out.write_all(b","),
            (Form::Readable, _) => self.out.write_all(b" "),
        }
    }
}
